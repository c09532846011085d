//! The hash chain and its head.
//!
//! `hash(n) = SHA-256(0x01 ‖ hash(n-1) ‖ length of the record in 8 bytes ‖ record)`, with 32 zero bytes before the first
//! record. The head (newest number and hash) is authenticated with a key, so that a chain that somebody shortened or
//! made anew does not pass even where there is no manifest.

use aws_lc_rs::{digest, hmac};

use super::keys::{Keys, part, tag};

pub(super) const GENESIS: [u8; 32] = [0; 32];

/// The end of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) hash: [u8; 32],
}

impl Head {
    pub(super) const EMPTY: Head = Head { seq: 0, hash: GENESIS };

    /// The end after one more record.
    pub(super) fn after(&self, record: &str) -> Head {
        Head { seq: self.seq.saturating_add(1), hash: link(&self.hash, record) }
    }

    pub(super) fn mac(&self, keys: &Keys) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&keys.head);
        part(&mut context, &self.seq.to_be_bytes());
        part(&mut context, &self.hash);
        tag(&context.sign())
    }
}

/// The hash of a record that follows `before`.
pub(super) fn link(before: &[u8; 32], record: &str) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&[1]);
    context.update(before);
    context.update(&u64::try_from(record.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(record.as_bytes());
    array(&context.finish())
}

/// SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(&digest::digest(&digest::SHA256, bytes))
}

fn array(digest: &digest::Digest) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_the_documented_hash() {
        let mut input = vec![1];
        input.extend_from_slice(&GENESIS);
        input.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 2]);
        input.extend_from_slice(b"ab");
        assert_eq!(link(&GENESIS, "ab"), sha256(&input));
        let first = Head::EMPTY.after("ab");
        assert_eq!(first.seq, 1);
        assert_ne!(first.after("ab").hash, first.hash, "an equal record links differently");
    }
}
