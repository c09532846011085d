//! The two sides of a TLS connection: the listener that demands a client certificate, and the client towards a bank.
//!
//! No session resumption on either side: a resumed session would skip the certificate check, so a revoked party could
//! stay connected for the life of a ticket. Links keep their connections instead.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion, version};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::identity::Anchors;
use super::{PeerIdentity, TlsError, pem};

/// Which protocol versions a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Versions {
    /// TLS 1.3 only.
    #[default]
    Tls13,
    /// TLS 1.2 with forward secrecy and AEAD, or 1.3: for a bank that has not moved yet.
    Tls12AndTls13,
}

impl Versions {
    fn list(self) -> &'static [&'static SupportedProtocolVersion] {
        static ONLY_13: &[&SupportedProtocolVersion] = &[&version::TLS13];
        static BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
        match self {
            Self::Tls13 => ONLY_13,
            Self::Tls12AndTls13 => BOTH,
        }
    }
}

/// The files of a listener.
#[derive(Debug, Clone)]
pub struct ServerFiles {
    /// Our certificate, leaf first (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
    /// The authorities that may issue client certificates (PEM); each issues them directly.
    pub client_ca: PathBuf,
    /// Revocation lists of those authorities (PEM). With a list, an outdated list refuses everyone.
    pub client_crl: Option<PathBuf>,
    /// Protocol versions.
    pub versions: Versions,
    /// Protocols offered by ALPN, best first; empty for a socket that is not HTTP.
    pub alpn: &'static [&'static [u8]],
}

impl ServerFiles {
    /// All files, to be watched for changes.
    pub fn paths(&self) -> Vec<PathBuf> {
        [Some(&self.certificate), Some(&self.key), Some(&self.client_ca), self.client_crl.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Reads and checks the files.
    ///
    /// # Errors
    /// A file is missing, holds no usable section, or the pieces do not fit together.
    pub fn load(&self) -> Result<ServerTls, TlsError> {
        let anchors = Anchors::read(&self.client_ca)?;
        let crls = self.client_crl.as_deref().map(pem::revocation_lists).transpose()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(store(&anchors, &self.client_ca)?), provider.clone());
        if let Some(crls) = crls {
            builder = builder.with_crls(crls).enforce_revocation_expiration();
        }
        let crl_path = self.client_crl.as_deref().unwrap_or(&self.client_ca);
        let verifier = builder.build().map_err(|error| TlsError::material(crl_path, &error))?;

        let chain = pem::certificates(&self.certificate)?;
        let not_after = chain.first().and_then(super::identity::not_after);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions.list())
            .map_err(|error| TlsError::material(&self.certificate, &error))?
            .with_client_cert_verifier(verifier.clone())
            .with_single_cert(chain, pem::private_key(&self.key)?)
            .map_err(|error| TlsError::material(&self.certificate, &error))?;
        config.alpn_protocols = self.alpn.iter().map(|name| name.to_vec()).collect();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(ServerTls { config: Arc::new(config), verifier, anchors, not_after })
    }
}

/// A listener's configuration with the means to look at a peer again after a reload.
#[derive(Debug)]
pub struct ServerTls {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// When our own certificate ends, in Unix seconds.
    pub not_after: Option<i64>,
    verifier: Arc<dyn ClientCertVerifier>,
    anchors: Anchors,
}

impl ServerTls {
    /// Who stands at the other end of a finished handshake; `None` if the chain is not *leaf, directly under one of our
    /// authorities*.
    pub fn peer(&self, chain: &[CertificateDer<'_>]) -> Option<PeerIdentity> {
        self.anchors.identify(chain)
    }

    /// Whether the certificate would still be accepted now: not expired, not revoked since the connection was made, its
    /// authority still trusted.
    pub fn still_valid(&self, leaf: &CertificateDer<'_>) -> bool {
        self.verifier.verify_client_cert(leaf, &[], UnixTime::now()).is_ok()
    }
}

/// The files of a link to a bank.
#[derive(Debug, Clone)]
pub struct ClientFiles {
    /// The authorities that may issue the bank's certificate (PEM).
    pub server_ca: PathBuf,
    /// Revocation lists of those authorities (PEM).
    pub server_crl: Option<PathBuf>,
    /// Our certificate and key for mutual TLS (PEM).
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Protocol versions.
    pub versions: Versions,
}

impl ClientFiles {
    /// All files, to be watched for changes.
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut all = vec![self.server_ca.clone()];
        all.extend(self.server_crl.clone());
        if let Some((certificate, key)) = &self.identity {
            all.extend([certificate.clone(), key.clone()]);
        }
        all
    }

    /// Reads and checks the files.
    ///
    /// # Errors
    /// A file is missing, holds no usable section, or the pieces do not fit together.
    pub fn load(&self) -> Result<ClientTls, TlsError> {
        let anchors = Anchors::read(&self.server_ca)?;
        let crls = self.server_crl.as_deref().map(pem::revocation_lists).transpose()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut builder =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store(&anchors, &self.server_ca)?), provider.clone());
        if let Some(crls) = crls {
            builder = builder.with_crls(crls).enforce_revocation_expiration();
        }
        let crl_path = self.server_crl.as_deref().unwrap_or(&self.server_ca);
        let verifier = builder.build().map_err(|error| TlsError::material(crl_path, &error))?;
        let wants = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(self.versions.list())
            .map_err(|error| TlsError::material(&self.server_ca, &error))?
            .with_webpki_verifier(verifier);
        let mut not_after = None;
        let mut config = match &self.identity {
            None => wants.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = pem::certificates(certificate)?;
                not_after = chain.first().and_then(super::identity::not_after);
                wants
                    .with_client_auth_cert(chain, pem::private_key(key)?)
                    .map_err(|error| TlsError::material(certificate, &error))?
            }
        };
        config.resumption = Resumption::disabled();
        Ok(ClientTls { config: Arc::new(config), not_after })
    }
}

/// The configuration of a link.
#[derive(Debug)]
pub struct ClientTls {
    /// For the connector.
    pub config: Arc<ClientConfig>,
    /// When our own certificate ends, in Unix seconds; `None` without one.
    pub not_after: Option<i64>,
}

fn store(anchors: &Anchors, path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in anchors.certificates() {
        store.add(certificate.clone()).map_err(|error| TlsError::material(path, &error))?;
    }
    Ok(store)
}
