//! The seal around a whole message: `KM-SEAL-1`, a blank, 64 hexadecimal digits, LF, then the message bytes as they are.
//!
//! An invented stand-in for a vendor's signer, so that everything around signing (order, keys, refusal) is real.
//! It covers raw bytes and is checked before a single one of them is read as anything else.

use aws_lc_rs::hmac;

use crate::adapter::runtime::Refusal;
use crate::lang::Phrase;

const MARK: &[u8] = b"KM-SEAL-1 ";
const DIGITS: usize = 64;

/// Bytes that stand before the message.
pub(crate) const LENGTH: usize = MARK.len() + DIGITS + 1;

/// Keeps the seal's place in front of a message that is to be written.
pub(crate) fn reserve(out: &mut Vec<u8>) {
    out.resize(out.len().saturating_add(LENGTH), 0);
}

/// Fills in the seal whose place was kept at the start of `sealed`.
pub(crate) fn fill_in(sealed: &mut [u8], key: &str) {
    let Some((place, message)) = sealed.split_at_mut_checked(LENGTH) else {
        return;
    };
    let seal = seal(message, key);
    place.iter_mut().zip(seal).for_each(|(to, from)| *to = from);
}

/// The message inside `sealed`, whose seal has been checked. `base` is the offset of `sealed` in its layer.
///
/// # Errors
/// `seal`, at the place that is wrong: the mark, the digits or what follows them.
pub(crate) fn open<'b>(sealed: &'b [u8], key: &str, base: usize) -> Result<&'b [u8], Refusal> {
    let refused = |at: usize, rule| Refusal::undecodable(base.saturating_add(at), rule).coded("seal");
    if !sealed.starts_with(MARK) {
        return Err(refused(0, Phrase::new("adapter-seal-missing")));
    }
    let Some((place, message)) = sealed.split_at_checked(LENGTH) else {
        return Err(refused(sealed.len(), Phrase::new("adapter-seal-missing")));
    };
    // The comparison is of the library and takes the same time wherever the two differ.
    let digits = place.get(MARK.len()..MARK.len() + DIGITS).unwrap_or_default();
    let lower = digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let tag = data_encoding::HEXLOWER.decode(digits).ok().filter(|_| lower && place.ends_with(b"\n"));
    let tag = tag.ok_or_else(|| refused(MARK.len(), Phrase::new("adapter-seal-missing")))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hmac::verify(&key, message, &tag).map_err(|_| refused(MARK.len(), Phrase::new("adapter-seal-wrong")))?;
    Ok(message)
}

fn seal(message: &[u8], key: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, message);
    let mut seal = MARK.to_vec();
    seal.extend_from_slice(data_encoding::HEXLOWER.encode(tag.as_ref()).as_bytes());
    seal.push(b'\n');
    seal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(message: &[u8], key: &str) -> Vec<u8> {
        let mut out = Vec::new();
        reserve(&mut out);
        out.extend_from_slice(message);
        fill_in(&mut out, key);
        out
    }

    #[test]
    fn a_seal_opens_with_its_key_only() {
        let bytes = sealed(b"<CMS/>", "k1");
        assert_eq!(open(&bytes, "k1", 0), Ok(&b"<CMS/>"[..]));
        let refusal = open(&bytes, "k2", 5).expect_err("another key");
        assert_eq!((refusal.code, refusal.at), ("seal", Some(15)));
    }

    #[test]
    fn any_changed_byte_and_every_prefix_is_refused() {
        let bytes = sealed("<a>张三</a>".as_bytes(), "k1");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert!(open(&changed, "k1", 0).is_err(), "byte {at}");
            assert!(open(&bytes[..at], "k1", 0).is_err(), "prefix {at}");
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        // HMAC-SHA-256 of RFC 4231, test case 2.
        let bytes = sealed(b"what do ya want for nothing?", "Jefe");
        let text = String::from_utf8(bytes).expect("ASCII");
        let seal = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(text, format!("KM-SEAL-1 {seal}\nwhat do ya want for nothing?"));
    }
}
