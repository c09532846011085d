//! Keys of seals, as settings say them: PEM for those that come in pairs, else the text itself.
//!
//! One's own half is a private key in PKCS#8. The other side's is a public key (SubjectPublicKeyInfo) or a certificate (X.509), of
//! which only the key is used: whether it is trusted is decided by whoever configures it, and no date is looked at. A
//! private key will do there as well, so that a simulated bank can be given what it needs in one setting.

use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::adapter::plan::{SealAlgorithm, SealKey};

/// Whether a setting's text is a key of this algorithm, for this half.
pub(crate) fn takes(algorithm: SealAlgorithm, half: SealKey, text: &str) -> bool {
    match (algorithm, half) {
        (SealAlgorithm::HmacSha256 | SealAlgorithm::HmacSm3, _) => !text.is_empty(),
        (SealAlgorithm::RsaSha256, SealKey::Own) => rsa_pair(text).is_some(),
        (SealAlgorithm::RsaSha256, SealKey::Bank) => rsa_public(text).is_some(),
        (SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der, SealKey::Own) => sm2_secret(text).is_some(),
        (SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der, SealKey::Bank) => sm2_public(text).is_some(),
    }
}

/// An RSA key of 2,048 bits or more.
pub(super) fn rsa_pair(pem: &str) -> Option<RsaKeyPair> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok().filter(|pair| pair.public_modulus_len() >= 256)
}

/// An RSA public key, as the library takes it: its short form, or SubjectPublicKeyInfo.
pub(super) fn rsa_public(pem: &str) -> Option<Vec<u8>> {
    if let Some(pair) = rsa_pair(pem) {
        return Some(pair.public_key().as_ref().to_vec());
    }
    let der = public_info(pem)?;
    let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
    let long = matches!(info.parsed(), Ok(PublicKey::RSA(key)) if key.key_size() >= 2_048);
    long.then_some(der)
}

pub(super) fn sm2_secret(pem: &str) -> Option<sm2::SecretKey> {
    sm2::SecretKey::from_pkcs8_pem(pem.trim()).ok()
}

pub(super) fn sm2_public(pem: &str) -> Option<sm2::PublicKey> {
    match sm2_secret(pem) {
        Some(secret) => Some(secret.public_key()),
        None => sm2::PublicKey::from_public_key_der(&public_info(pem)?).ok(),
    }
}

/// The SubjectPublicKeyInfo of a public key or of a certificate.
fn public_info(pem: &str) -> Option<Vec<u8>> {
    if let Ok(info) = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()) {
        return Some(info.as_ref().to_vec());
    }
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&certificate).ok()?;
    Some(parsed.public_key().raw.to_vec())
}
