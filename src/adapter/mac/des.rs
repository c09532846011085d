//! The DES MAC of old bank interfaces: cipher block chaining from zero over the message, filled with zero bytes to whole
//! blocks; the code is the last block (FIPS PUB 113; ANSI X9.9; ISO/IEC 9797-1, algorithm 1 with padding 1).
//!
//! DES is broken: whoever owns a day of hardware owns the key. It is here because such banks exist, only to be spoken
//! to; a gateway uses it only where its configuration says so. Triple DES and key exchange are not here.

use data_encoding::HEXLOWER_PERMISSIVE;
use des::Des;
use des::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

/// Bytes of a block, of a key and of a code.
const BLOCK: usize = 8;

/// The key that sixteen hexadecimal digits say. Its parity bits are not looked at.
pub(crate) fn key(text: &str) -> Option<Zeroizing<[u8; BLOCK]>> {
    let mut key = Zeroizing::new([0; BLOCK]);
    let length = HEXLOWER_PERMISSIVE.decode_len(text.len()).ok().filter(|length| *length == BLOCK)?;
    (HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), key.as_mut_slice()) == Ok(length)).then_some(key)
}

/// The code of `message`. An empty message is one block of zeros, so that its code depends on the key as well.
pub(crate) fn code(key: &[u8; BLOCK], message: &[u8]) -> [u8; BLOCK] {
    let cipher = Des::new(&(*key).into());
    let mut state = [0; BLOCK];
    let nothing: &[u8] = &[0; BLOCK];
    for block in if message.is_empty() { nothing } else { message }.chunks(BLOCK) {
        state.iter_mut().zip(block).for_each(|(to, from)| *to ^= from);
        let mut whole = state.into();
        cipher.encrypt_block(&mut whole);
        state = whole.into();
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> [u8; BLOCK] {
        *key(text).expect("sixteen digits")
    }

    #[test]
    fn one_block_is_the_cipher_of_the_standard() {
        // NBS Special Publication 500-20: key, plain block, cipher block.
        for (key, plain, cipher) in [
            ("0101010101010101", "8000000000000000", "95f8a5e5dd31d900"),
            ("0101010101010101", "0000000000000001", "166b40b44aba4bd6"),
            ("8001010101010101", "0000000000000000", "95a8d72813daa94d"),
            ("7ca110454a1a6e57", "01a1d6d039776742", "690f5b0d9a26939b"),
        ] {
            assert_eq!(code(&hex(key), &hex(plain)), hex(cipher), "{key} {plain}");
        }
    }

    #[test]
    fn blocks_are_chained_and_filled_with_zeros() {
        // FIPS PUB 113, appendix 2; the text is 28 bytes, so the last block holds four zeros.
        let (key, text) = (hex("0123456789abcdef"), b"7654321 Now is the time for ");
        assert_eq!(code(&key, text), hex("f1d30f6849312ca4"));
        assert_eq!(code(&key, b"7654321 Now is the time for \0\0\0\0"), hex("f1d30f6849312ca4"));
        assert_ne!(code(&key, b""), [0; BLOCK]);
    }

    #[test]
    fn a_key_is_sixteen_hexadecimal_digits() {
        assert_eq!(key("0123456789ABCDEF"), key("0123456789abcdef"));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef00", "0123456789abcdeg", "０"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
