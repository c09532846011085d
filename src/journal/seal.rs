//! Sealed bodies: compressed when that helps, encrypted, bound to their row, and keyed digests for the chain.
//!
//! A sealed body is: key id (1 byte), flags (1 byte, bit 0: compressed with LZ4), nonce (12 bytes), ciphertext, tag
//! (16 bytes). AES-256-GCM; the associated data binds message, kind, key id and flags, so that a body moved to another
//! row does not open. Runs in the caller's task, never on the writer's thread.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use aws_lc_rs::hmac;

use super::keys::{Keys, tag};
use super::types::{BodyKind, JournalError, MessageId};

const HEAD: usize = 2 + NONCE_LEN;
const TAG: usize = 16;
const COMPRESSED: u8 = 1;

/// Below this size compression costs more than it saves.
const WORTH_COMPRESSING: usize = 512;

/// No body that the gateway accepts or reads is larger; a larger claim in a compressed one is damage.
const LARGEST: usize = 64 << 20;

impl BodyKind {
    /// Every kind.
    pub const ALL: [BodyKind; 4] = [BodyKind::Request, BodyKind::Wire, BodyKind::Answer, BodyKind::Response];

    pub(super) const fn code(self) -> u8 {
        match self {
            BodyKind::Request => 0,
            BodyKind::Wire => 1,
            BodyKind::Answer => 2,
            BodyKind::Response => 3,
        }
    }

    /// The name of its digest in the chain.
    pub(super) const fn name(self) -> &'static str {
        match self {
            BodyKind::Request => "request",
            BodyKind::Wire => "wire",
            BodyKind::Answer => "answer",
            BodyKind::Response => "response",
        }
    }

    /// Where a body stands that came with the chain record `seq`.
    pub(super) const fn slot(self, seq: i64) -> i64 {
        seq.saturating_mul(4).saturating_add(self.code() as i64)
    }
}

/// A body ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    pub(super) kind: BodyKind,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: [u8; 32],
}

impl Keys {
    /// The keyed digest of a body that the chain carries.
    pub(super) fn body_digest(&self, id: MessageId, kind: BodyKind, plain: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.body);
        context.update(id.as_bytes());
        context.update(&[kind.code()]);
        context.update(plain);
        tag(&context.sign())
    }

    pub(super) fn seal(&self, id: MessageId, kind: BodyKind, plain: &[u8]) -> Result<Sealed, JournalError> {
        let digest = self.body_digest(id, kind, plain);
        let (key_id, key) = self.data.last().ok_or(JournalError::Sealed)?;
        let compressed = (plain.len() >= WORTH_COMPRESSING)
            .then(|| lz4_flex::block::compress_prepend_size(plain))
            .filter(|compressed| compressed.len() < plain.len());
        let flags = if compressed.is_some() { COMPRESSED } else { 0 };
        let text = compressed.as_deref().unwrap_or(plain);
        let mut bytes = Vec::with_capacity(HEAD + text.len() + TAG);
        bytes.extend_from_slice(&[*key_id, flags]);
        bytes.extend_from_slice(&[0; NONCE_LEN]);
        bytes.extend_from_slice(text);
        let (head, rest) = bytes.split_at_mut(HEAD);
        let (nonce, tag) = key
            .seal_in_place_separate_tag(Aad::from(identity(id, kind, *key_id, flags)), rest)
            .map_err(|_| JournalError::Sealed)?;
        if let Some(place) = head.get_mut(2..) {
            place.copy_from_slice(nonce.as_ref());
        }
        bytes.extend_from_slice(tag.as_ref());
        Ok(Sealed { kind, bytes, digest })
    }

    pub(super) fn open(&self, id: MessageId, kind: BodyKind, mut sealed: Vec<u8>) -> Result<Vec<u8>, JournalError> {
        let (head, text) = sealed.split_at_mut_checked(HEAD).ok_or(JournalError::Sealed)?;
        let &mut [key_id, flags, ref nonce @ ..] = head else { return Err(JournalError::Sealed) };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| JournalError::Sealed)?;
        let (_, key) = self.data.iter().find(|(id, _)| *id == key_id).ok_or(JournalError::Sealed)?;
        let plain = key
            .open_in_place(nonce, Aad::from(identity(id, kind, key_id, flags)), text)
            .map_err(|_| JournalError::Sealed)?;
        if flags & COMPRESSED == 0 {
            return Ok(plain.to_vec());
        }
        let (size, _) = lz4_flex::block::uncompressed_size(plain).map_err(|_| JournalError::Sealed)?;
        if size > LARGEST {
            return Err(JournalError::Sealed);
        }
        lz4_flex::block::decompress_size_prepended(plain).map_err(|_| JournalError::Sealed)
    }
}

/// What the seal binds a body to.
fn identity(id: MessageId, kind: BodyKind, key_id: u8, flags: u8) -> [u8; 20] {
    let mut identity = [0; 20];
    let (row, rest) = identity.split_at_mut(16);
    row.copy_from_slice(id.as_bytes());
    rest.copy_from_slice(&[1, kind.code(), key_id, flags]);
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("k")).unwrap();
        (folder, keys)
    }

    #[test]
    fn bodies_open_only_in_their_own_row() {
        let (_folder, keys) = keys();
        let (id, other) = (MessageId::new(), MessageId::new());
        for plain in [Vec::new(), b"<ap/>".to_vec(), b"<PayAmt>1234.50</PayAmt>".repeat(200)] {
            let sealed = keys.seal(id, BodyKind::Wire, &plain).unwrap();
            assert_eq!(keys.open(id, BodyKind::Wire, sealed.bytes.clone()).unwrap(), plain);
            assert_eq!(keys.open(other, BodyKind::Wire, sealed.bytes.clone()), Err(JournalError::Sealed));
            assert_eq!(keys.open(id, BodyKind::Answer, sealed.bytes.clone()), Err(JournalError::Sealed));
            for at in 0..sealed.bytes.len() {
                let mut bad = sealed.bytes.clone();
                bad[at] ^= 1;
                assert_eq!(keys.open(id, BodyKind::Wire, bad), Err(JournalError::Sealed), "byte {at}");
                assert_eq!(keys.open(id, BodyKind::Wire, sealed.bytes[..at].to_vec()), Err(JournalError::Sealed));
            }
        }
    }

    #[test]
    fn long_bodies_shrink_and_no_plain_byte_shows() {
        let (_folder, keys) = keys();
        let plain = b"<RecAccNo>6217000011112222</RecAccNo>".repeat(50);
        let sealed = keys.seal(MessageId::new(), BodyKind::Request, &plain).unwrap();
        assert!(sealed.bytes.len() < plain.len() / 4, "{}", sealed.bytes.len());
        assert!(!sealed.bytes.windows(8).any(|window| window == b"62170000"));
        let again = keys.seal(MessageId::new(), BodyKind::Request, &plain).unwrap();
        assert_ne!(sealed.bytes[..HEAD], again.bytes[..HEAD], "a nonce is never used twice");
    }
}
