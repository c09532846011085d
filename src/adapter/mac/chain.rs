//! MACs by a block cipher: cipher block chaining from zero over the message, filled with zero bytes to whole blocks; the code
//! is the last block (ISO/IEC 9797-1 and GB/T 15852.1, algorithm 1 with padding 1). With DES it is the MAC of old
//! bank interfaces (FIPS PUB 113; ANSI X9.9), with SM4 that of newer ones.
//!
//! DES is broken: whoever owns a day of hardware owns the key. It is here because such banks exist, only to be spoken
//! to; a gateway uses it only where its configuration says so. Triple DES and key exchange are not here. With any cipher,
//! codes of messages of different lengths must not be at an attacker's choice: the records they stand in are of one layout.

use data_encoding::HEXLOWER_PERMISSIVE;
use des::cipher::{Block, BlockCipherEncrypt, KeyInit};
use zeroize::Zeroizing;

/// The cipher under the key that hexadecimal digits say, both cases, exactly as many as it takes. Parity bits of a DES key are
/// not looked at.
pub(crate) fn cipher<C: KeyInit>(digits: &str) -> Option<C> {
    let key = Zeroizing::new(HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?);
    C::new_from_slice(&key).ok()
}

/// The code of `message`. An empty message is one block of zeros, so that its code depends on the key as well.
pub(crate) fn code<C: BlockCipherEncrypt>(cipher: &C, message: &[u8]) -> Vec<u8> {
    let mut state = Block::<C>::default();
    let nothing = Block::<C>::default();
    let size = state.len();
    for block in if message.is_empty() { &nothing } else { message }.chunks(size) {
        state.iter_mut().zip(block).for_each(|(to, from)| *to ^= from);
        cipher.encrypt_block(&mut state);
    }
    state.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use des::Des;
    use sm4::Sm4;

    fn hex(text: &str) -> Vec<u8> {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).expect("digits")
    }

    fn by<C: KeyInit + BlockCipherEncrypt>(key: &str, message: &[u8]) -> Vec<u8> {
        code(&cipher::<C>(key).expect("a key"), message)
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
            assert_eq!(by::<Des>(key, &hex(plain)), hex(cipher), "{key} {plain}");
        }
        // GB/T 32907, example 1: the key is the plain block.
        let plain = "0123456789abcdeffedcba9876543210";
        assert_eq!(by::<Sm4>(plain, &hex(plain)), hex("681edf34d206965e86b3e94f536e4246"));
    }

    #[test]
    fn blocks_are_chained_and_filled_with_zeros() {
        // FIPS PUB 113, appendix 2; the text is 28 bytes, so the last block holds four zeros.
        let (key, text) = ("0123456789abcdef", b"7654321 Now is the time for ");
        assert_eq!(by::<Des>(key, text), hex("f1d30f6849312ca4"));
        assert_eq!(by::<Des>(key, b"7654321 Now is the time for \0\0\0\0"), hex("f1d30f6849312ca4"));
        assert_ne!(by::<Des>(key, b""), [0; 8]);
        let key = "0123456789ABCDEFfedcba9876543210";
        let mut second = by::<Sm4>(key, &[7; 16]);
        second[0] ^= 9;
        assert_eq!(by::<Sm4>(key, &[&[7; 16][..], &[9]].concat()), by::<Sm4>(key, &second));
        assert_ne!(by::<Sm4>(key, b""), [0; 16]);
    }

    #[test]
    fn a_key_is_as_many_hexadecimal_digits_as_the_cipher_takes() {
        assert_eq!(by::<Des>("0123456789ABCDEF", b"x"), by::<Des>("0123456789abcdef", b"x"));
        let long = "0123456789abcdeffedcba9876543210";
        assert!(cipher::<Sm4>(long).is_some() && cipher::<Des>(long).is_none());
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef00", "0123456789abcdeg", "０"] {
            assert!(cipher::<Des>(wrong).is_none() && cipher::<Sm4>(wrong).is_none(), "{wrong}");
        }
    }
}
