//! From a client certificate to the party that holds it.
//!
//! A party is pinned to the authority that issued its certificate and to one subject alternative name (DNS or URI); the
//! common name decides nothing. The chain must be *leaf, directly under one of our authorities*: whatever else a client
//! presents must be byte for byte one of those authorities. So the issuer's name can only mean the anchor that verified
//! the signature, and no cross-signed intermediate can borrow it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest;
use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{TlsError, pem};

/// A subject alternative name that can stand for a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum San {
    /// `dns:agency.example`; compared without regard to ASCII case.
    Dns(String),
    /// `uri:urn:example:agency`; compared exactly.
    Uri(String),
}

impl San {
    /// Reads `dns:…` or `uri:…`; `None` for anything else, for an empty name and for a wildcard.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        if name.is_empty() || name.contains('*') || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        match kind {
            "dns" => Some(Self::Dns(name.to_ascii_lowercase())),
            "uri" => Some(Self::Uri(name.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(out, "dns:{name}"),
            Self::Uri(name) => write!(out, "uri:{name}"),
        }
    }
}

/// What a verified client certificate says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity {
    /// SHA-256 of the authority's certificate.
    pub issuer: [u8; 32],
    /// SHA-256 of the certificate itself, for the log.
    pub fingerprint: [u8; 32],
    /// Its alternative names of the kinds that can stand for a party.
    pub names: BTreeSet<San>,
    /// The end of its validity, in Unix seconds.
    pub not_after: i64,
}

/// Somebody on the north side: which certificate it holds and what it may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The name that the journal keeps: part of every idempotency key.
    pub id: String,
    /// The alternative name in its certificate.
    pub san: San,
    /// SHA-256 of the authority that must have issued it; `None` where there is only one authority.
    pub issuer: Option<[u8; 32]>,
    /// Banks it may pay through; `*` is every bank.
    pub banks: BTreeSet<String>,
    /// Operations it may ask for; `*` is every operation.
    pub operations: BTreeSet<String>,
}

impl Party {
    /// Whether the party may pay through this bank.
    pub fn may_reach(&self, bank: &str) -> bool {
        self.banks.contains(bank) || self.banks.contains("*")
    }

    /// Whether the party may ask for this operation, e.g. `payment.pay`.
    pub fn may_ask(&self, operation: &str) -> bool {
        self.operations.contains(operation) || self.operations.contains("*")
    }

    fn holds(&self, peer: &PeerIdentity) -> bool {
        peer.names.contains(&self.san) && self.issuer.is_none_or(|issuer| issuer == peer.issuer)
    }
}

/// All parties of a gateway.
#[derive(Debug, Clone, Default)]
pub struct Parties(Vec<Arc<Party>>);

impl Parties {
    /// Parties as configured. Two entries that one certificate could satisfy are caught by the configuration; should one
    /// certificate carry the names of two parties, it is nobody's.
    pub fn new(list: impl IntoIterator<Item = Party>) -> Self {
        Self(list.into_iter().map(Arc::new).collect())
    }

    /// The one party that holds this certificate.
    pub fn identify(&self, peer: &PeerIdentity) -> Option<Arc<Party>> {
        let mut holders = self.0.iter().filter(|party| party.holds(peer));
        match (holders.next(), holders.next()) {
            (Some(party), None) => Some(party.clone()),
            (None | Some(_), _) => None,
        }
    }
}

/// The authorities of one side, told apart by subject name.
#[derive(Debug)]
pub(super) struct Anchors(Vec<Anchor>);

#[derive(Debug)]
struct Anchor {
    certificate: CertificateDer<'static>,
    subject: Vec<u8>,
    fingerprint: [u8; 32],
}

impl Anchors {
    pub(super) fn read(path: &Path) -> Result<Self, TlsError> {
        let mut anchors: Vec<Anchor> = Vec::new();
        for certificate in pem::certificates(path)? {
            let subject = match X509Certificate::from_der(&certificate) {
                Ok((_, parsed)) => parsed.subject().as_raw().to_vec(),
                Err(error) => return Err(TlsError::material(path, &error)),
            };
            if anchors.iter().any(|other| other.subject == subject) {
                return Err(TlsError::TwinAnchors { path: path.to_owned() });
            }
            anchors.push(Anchor { fingerprint: sha256(&certificate), subject, certificate });
        }
        Ok(Self(anchors))
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.0.iter().map(|anchor| &anchor.certificate)
    }

    pub(super) fn identify(&self, chain: &[CertificateDer<'_>]) -> Option<PeerIdentity> {
        let (leaf, rest) = chain.split_first()?;
        if !rest.iter().all(|extra| self.certificates().any(|anchor| anchor == extra)) {
            return None;
        }
        let (_, parsed) = X509Certificate::from_der(leaf).ok()?;
        let issuer = self.0.iter().find(|anchor| anchor.subject == parsed.issuer().as_raw())?;
        let mut names = BTreeSet::new();
        if let Some(extension) = parsed.subject_alternative_name().ok()? {
            for name in &extension.value.general_names {
                if let GeneralName::DNSName(dns) = name {
                    names.insert(San::Dns(dns.to_ascii_lowercase()));
                } else if let GeneralName::URI(uri) = name {
                    names.insert(San::Uri((*uri).to_owned()));
                }
            }
        }
        Some(PeerIdentity {
            issuer: issuer.fingerprint,
            fingerprint: sha256(leaf),
            names,
            not_after: parsed.validity().not_after.timestamp(),
        })
    }
}

/// The end of a certificate's validity in Unix seconds; `None` if it cannot be read.
pub(super) fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}
