//! Whoever stands at the other end of a connection, looked at again after a reload.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls_pki_types::CertificateDer;

use super::{Live, PeerIdentity, ServerTls};

/// The certificate at the other end.
#[derive(Debug)]
pub struct Peer {
    leaf: CertificateDer<'static>,
    not_after: i64,
    checked: Mutex<Arc<ServerTls>>,
}

impl Peer {
    /// The peer of a finished handshake and what its certificate says; `None` if the chain is not *leaf, directly under
    /// one of our authorities*.
    pub fn of(tls: Arc<ServerTls>, chain: &[CertificateDer<'_>]) -> Option<(Peer, PeerIdentity)> {
        let identity = tls.peer(chain)?;
        let leaf = chain.first()?.clone().into_owned();
        Some((Peer { leaf, not_after: identity.not_after, checked: Mutex::new(tls) }, identity))
    }

    /// Whether the certificate may still speak: not past its end and, after a reload, not revoked.
    pub fn still_good(&self, live: &Live<ServerTls>) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
        if i64::try_from(now).is_ok_and(|now| now > self.not_after) {
            return false;
        }
        let current = live.get();
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&checked, &current) {
            if !current.still_valid(&self.leaf) {
                return false;
            }
            *checked = current;
        }
        true
    }
}
