//! The SM4 MAC: cipher block chaining from zero over the message, filled with zero bytes to whole blocks; the code is the last
//! block (GB/T 15852.1 and ISO/IEC 9797-1, algorithm 1 with padding 1). The cipher is that of GB/T 32907.
//!
//! As with every MAC of this kind, codes of messages of different lengths must not be at an attacker's choice; the records
//! it is used in have fields of their own for that.

use data_encoding::HEXLOWER_PERMISSIVE;
use sm4::Sm4;
use sm4::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

/// Bytes of a block, of a key and of a code.
const BLOCK: usize = 16;

/// The key that thirty-two hexadecimal digits say.
pub(crate) fn key(text: &str) -> Option<Zeroizing<[u8; BLOCK]>> {
    let mut key = Zeroizing::new([0; BLOCK]);
    let length = HEXLOWER_PERMISSIVE.decode_len(text.len()).ok().filter(|length| *length == BLOCK)?;
    (HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), key.as_mut_slice()) == Ok(length)).then_some(key)
}

/// The code of `message`. An empty message is one block of zeros, so that its code depends on the key as well.
pub(crate) fn code(key: &[u8; BLOCK], message: &[u8]) -> [u8; BLOCK] {
    let cipher = Sm4::new(&(*key).into());
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

    #[test]
    fn one_block_is_the_cipher_of_the_standard() {
        // GB/T 32907, example 1: the key is the plain block.
        let digits = "0123456789abcdeffedcba9876543210";
        let plain = key(digits).expect("digits");
        assert_eq!(code(&plain, plain.as_slice()), *key("681edf34d206965e86b3e94f536e4246").expect("digits"));
    }

    #[test]
    fn a_message_is_filled_with_zeros_and_chained() {
        let secret = key("0123456789ABCDEFfedcba9876543210").expect("digits");
        let first = code(&secret, &[7; BLOCK]);
        let mut second = first;
        second[0] ^= 9;
        assert_eq!(code(&secret, &[&[7; BLOCK][..], &[9]].concat()), code(&secret, &second));
        assert_eq!(code(&secret, &[]), code(&secret, &[0; BLOCK]));
    }

    #[test]
    fn a_key_is_thirty_two_digits() {
        for wrong in ["", "0123456789abcdef", "0123456789abcdeffedcba987654321g", "0123456789abcdeffedcba98765432100"] {
            assert!(key(wrong).is_none(), "{wrong}");
        }
    }
}
