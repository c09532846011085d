//! Certificates for development, the demo and tests: an authority of our own and leaves under it (P-256, at most 90
//! days). Never for production: the authority's key lies beside the certificates.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, RevocationReason,
    RevokedCertParams, SanType, SerialNumber,
};

use super::TlsError;

/// The longest life of a development certificate.
pub const MAX_DAYS: u64 = 90;

const DAY: Duration = Duration::from_hours(24);

/// What a leaf is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It stands at the client end of a connection.
    Client,
    /// It stands at the server end.
    Server,
}

/// A leaf to be made.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    /// File name without extension, and the common name.
    pub name: &'a str,
    /// What it is for.
    pub usage: Use,
    /// DNS names and IP addresses in its alternative names.
    pub hosts: &'a [&'a str],
    /// URI in its alternative names.
    pub uri: Option<&'a str>,
    /// First moment of validity.
    pub not_before: SystemTime,
    /// Days of validity, at most [`MAX_DAYS`].
    pub days: u64,
}

impl<'a> Leaf<'a> {
    /// A leaf that is valid now for [`MAX_DAYS`].
    pub fn now(name: &'a str, usage: Use, hosts: &'a [&'a str]) -> Self {
        // One hour back: a peer whose clock is a little slow still accepts it.
        let not_before = SystemTime::now() - Duration::from_hours(1);
        Self { name, usage, hosts, uri: None, not_before, days: MAX_DAYS }
    }
}

/// A certificate with its key.
pub struct Issued {
    /// The certificate (PEM).
    pub certificate: String,
    /// Its private key (PEM, PKCS #8).
    pub key: zeroize::Zeroizing<String>,
    /// Its serial number, for a revocation list.
    pub serial: SerialNumber,
}

/// An authority that lives in memory.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority.
    ///
    /// # Errors
    /// The generator refuses (no randomness, a bad name).
    pub fn new(name: &str) -> Result<Self, TlsError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let start = SystemTime::now() - Duration::from_hours(1);
        params.not_before = start.into();
        params.not_after = (start + DAY * 366).into();
        params.serial_number = Some(serial());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, key)? })
    }

    /// The authority's certificate (PEM).
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// Issues a leaf.
    ///
    /// # Errors
    /// The generator refuses (a bad host name).
    pub fn issue(&self, leaf: &Leaf<'_>) -> Result<Issued, TlsError> {
        let hosts: Vec<String> = leaf.hosts.iter().map(|&host| host.to_owned()).collect();
        let mut params = CertificateParams::new(hosts)?;
        if let Some(uri) = leaf.uri {
            params.subject_alt_names.push(SanType::URI(uri.try_into()?));
        }
        params.distinguished_name.push(DnType::CommonName, leaf.name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match leaf.usage {
            Use::Client => ExtendedKeyUsagePurpose::ClientAuth,
            Use::Server => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        params.not_before = leaf.not_before.into();
        // One second less than whole days: the last second counts as valid (RFC 5280, 4.1.2.5).
        params.not_after = (leaf.not_before + DAY * u32::try_from(leaf.days.min(MAX_DAYS)).unwrap_or(0)
            - Duration::from_secs(1))
        .into();
        let serial = serial();
        params.serial_number = Some(serial.clone());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued { certificate: certificate.pem(), key: zeroize::Zeroizing::new(key.serialize_pem()), serial })
    }

    /// A revocation list (PEM) with these serial numbers, to be renewed before `next_update`.
    ///
    /// # Errors
    /// The generator refuses.
    pub fn revoke(&self, serials: &[SerialNumber], next_update: SystemTime) -> Result<String, TlsError> {
        let now = SystemTime::now() - Duration::from_mins(1);
        let params = CertificateRevocationListParams {
            this_update: (now - Duration::from_hours(1)).into(),
            next_update: next_update.into(),
            crl_number: serial(),
            issuing_distribution_point: None,
            revoked_certs: serials
                .iter()
                .map(|serial| RevokedCertParams {
                    serial_number: serial.clone(),
                    revocation_time: now.into(),
                    reason_code: Some(RevocationReason::KeyCompromise),
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer)?.pem()?)
    }
}

/// The certificates of a development house, as files in one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// The directory.
    pub dir: PathBuf,
}

impl House {
    /// The authority of all of them.
    pub fn ca(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// The certificate and key of one leaf: `agency`, `gateway`, `gateway-client`, the id of a bank, or [`caller`] of one.
    pub fn leaf(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.dir.join(format!("{name}.pem")), self.dir.join(format!("{name}.key")))
    }
}

/// The name of the leaf with which a bank calls; `dns:<bank>.localhost` stands in it.
pub fn caller(bank: &str) -> String {
    format!("{bank}-caller")
}

/// Writes an authority and leaves for one agency, the gateway (its listener and its client end towards banks) and each
/// bank (its listener, and its own client) into `dir`. The agency's name is `urn:kuimen:party:agency`; every server answers to its own name, `localhost`
/// and the loopback addresses. The key of the authority is thrown away: to renew, write everything anew.
///
/// # Errors
/// The generator refuses a bank's name, or a file cannot be written. Nothing is overwritten: an existing file is an error.
pub fn write(dir: &Path, banks: &[&str]) -> Result<House, TlsError> {
    fs::create_dir_all(dir).map_err(|source| TlsError::file(dir, source))?;
    let house = House { dir: dir.to_owned() };
    let authority = Authority::new("kuimen development CA")?;
    let mut agency = Leaf::now("agency", Use::Client, &["agency.localhost"]);
    agency.uri = Some("urn:kuimen:party:agency");
    save(&house, &agency, &authority.issue(&agency)?)?;
    for name in ["gateway"].iter().chain(banks) {
        let hosts = [name, "localhost", "127.0.0.1", "::1"];
        let leaf = Leaf::now(name, Use::Server, &hosts);
        save(&house, &leaf, &authority.issue(&leaf)?)?;
    }
    for bank in banks {
        let (name, host) = (caller(bank), format!("{bank}.localhost"));
        let hosts = [host.as_str()];
        let leaf = Leaf::now(&name, Use::Client, &hosts);
        save(&house, &leaf, &authority.issue(&leaf)?)?;
    }
    let client = Leaf::now("gateway-client", Use::Client, &["gateway-client.localhost"]);
    save(&house, &client, &authority.issue(&client)?)?;
    put(&house.ca(), authority.certificate().as_bytes(), 0o644)?;
    Ok(house)
}

fn save(house: &House, leaf: &Leaf<'_>, issued: &Issued) -> Result<(), TlsError> {
    let (certificate, key) = house.leaf(leaf.name);
    put(&key, issued.key.as_bytes(), 0o600)?;
    put(&certificate, issued.certificate.as_bytes(), 0o644)
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<(), TlsError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|source| TlsError::file(path, source))
}

fn serial() -> SerialNumber {
    // The top bit stays clear: a serial number is a positive integer of at most 20 bytes.
    let mut bytes = uuid::Uuid::now_v7().into_bytes();
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    SerialNumber::from_slice(&bytes)
}
