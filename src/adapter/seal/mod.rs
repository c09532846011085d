//! The seal of a whole message: [`place`] says where it stands, [`keys`] what a setting's text is as a key, and this how it is
//! made and checked.
//!
//! It covers raw bytes, and is checked before a single one of them is read as anything else; what is then read is exactly
//! what was covered. Keys are read when they are used: nothing but the settings keeps a secret.

mod keys;
mod place;
#[cfg(test)]
mod tests;

use ::hmac::{Hmac, KeyInit as _, Mac as _};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use aws_lc_rs::{hmac, rand};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

use crate::adapter::plan::{SealAlgorithm, SealPlan};
use crate::adapter::runtime::Refusal;
use crate::lang::Phrase;

pub(crate) use keys::takes;
pub(crate) use place::parse;

/// Puts the seal of the message that begins at `start` of `out` where it belongs.
///
/// # Errors
/// The key cannot make one: what is wrong with it, never a part of it.
pub(crate) fn put(plan: &SealPlan, key: &str, out: &mut Vec<u8>, start: usize) -> Result<(), Phrase> {
    let code = code(plan, key, out.get(start..).unwrap_or_default()).ok_or_else(|| Phrase::new("adapter-seal-key"))?;
    plan.place.put(&code, out, start);
    Ok(())
}

/// What is sealed in `sealed`, and the bytes before it, once its seal has been checked. `base` is the offset of `sealed`
/// in its layer.
///
/// # Errors
/// `seal`, at the place that is wrong: what stands around the code, or the code.
pub(crate) fn open<'b>(
    plan: &SealPlan,
    key: &str,
    sealed: &'b [u8],
    base: usize,
) -> Result<(&'b [u8], usize), Refusal> {
    let refused = |at: usize, rule| Refusal::undecodable(base.saturating_add(at), rule).coded("seal");
    let found = plan.place.find(sealed).map_err(|at| refused(at, Phrase::new("adapter-seal-missing")))?;
    if !is_code(plan, key, found.message, &found.code) {
        return Err(refused(found.code_at, Phrase::new("adapter-seal-wrong")));
    }
    Ok((found.message, found.message_at))
}

/// The code over `message`, or none if `key` cannot make one.
fn code(plan: &SealPlan, key: &str, message: &[u8]) -> Option<Vec<u8>> {
    match plan.algorithm {
        SealAlgorithm::HmacSha256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            Some(hmac::sign(&key, message).as_ref().to_vec())
        }
        SealAlgorithm::HmacSm3 => hmac_sm3(key, message),
        SealAlgorithm::RsaSha256 => {
            let pair = keys::rsa_pair(key)?;
            let mut code = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut code).ok()?;
            Some(code)
        }
        SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der => {
            let signature: Signature =
                SigningKey::new(&plan.user_id, &keys::sm2_secret(key)?).ok()?.try_sign(message).ok()?;
            let der = plan.algorithm == SealAlgorithm::Sm2Sm3Der;
            Some(if der { signature.to_der().as_bytes().to_vec() } else { signature.to_vec() })
        }
    }
}

/// Whether `code` is the code over `message`. Comparisons of HMACs take the same time wherever the two differ.
fn is_code(plan: &SealPlan, key: &str, message: &[u8], code: &[u8]) -> bool {
    let checked = match plan.algorithm {
        SealAlgorithm::HmacSha256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            hmac::verify(&key, message, code).ok()
        }
        SealAlgorithm::HmacSm3 => hmac_with_sm3(key, message).and_then(|mac| mac.verify_slice(code).ok()),
        SealAlgorithm::RsaSha256 => keys::rsa_public(key)
            .and_then(|public| UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(message, code).ok()),
        SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der => keys::sm2_public(key).and_then(|public| {
            let der = plan.algorithm == SealAlgorithm::Sm2Sm3Der;
            let signature = if der { Signature::from_der(code) } else { Signature::from_slice(code) }.ok()?;
            VerifyingKey::new(&plan.user_id, public).ok()?.verify(message, &signature).ok()
        }),
    };
    checked.is_some()
}

/// HMAC with SM3.
pub(crate) fn hmac_sm3(key: &str, message: &[u8]) -> Option<Vec<u8>> {
    Some(hmac_with_sm3(key, message)?.finalize().into_bytes().to_vec())
}

fn hmac_with_sm3(key: &str, message: &[u8]) -> Option<Hmac<sm3::Sm3>> {
    let mut mac = Hmac::<sm3::Sm3>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(message);
    Some(mac)
}
