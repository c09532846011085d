//! The keys of one installation. They live in a file of their own, outside the database.
//!
//! The file is text: a title line, `secret` (32 bytes in hexadecimal, from which every other key but the data keys is
//! derived) and one `data N` line for each data key. The last data key seals; the others only open.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use super::lock::make_durably;

const TITLE: &str = "kuimen journal key 1";

/// Every key that the journal uses. `Debug` shows none of them.
pub struct Keys {
    pub(super) fingerprint: hmac::Key,
    pub(super) body: hmac::Key,
    pub(super) head: hmac::Key,
    pub(super) manifest: hmac::Key,
    pub(super) serial: hmac::Key,
    pub(super) data: Vec<(u8, RandomizedNonceKey)>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Why keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key file: {0}")]
    Io(#[from] io::Error),
    /// The file is not a key file.
    #[error("the key file is not a journal key file")]
    Form,
    /// Others than the owner may read the file.
    #[error("the key file may be read by others than its owner")]
    Exposed,
    /// The system gave no random bytes.
    #[error("no random bytes")]
    Random,
}

impl Keys {
    /// Makes new keys in a new file that only its owner can read, durably. An existing file is left alone and refused.
    pub fn create(path: &Path) -> Result<Keys, KeyError> {
        let secret = random()?;
        let data = random()?;
        let text = Zeroizing::new(format!(
            "{TITLE}\nsecret {}\ndata 1 {}\n",
            HEXLOWER.encode(secret.as_slice()),
            HEXLOWER.encode(data.as_slice())
        ));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_durably(folder)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Keys::parse(&text)
    }

    /// Reads a key file.
    pub fn load(path: &Path) -> Result<Keys, KeyError> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        Keys::parse(&text)
    }

    /// Reads a key file that must not be readable by its group or by others: what a gateway uses.
    pub fn load_private(path: &Path) -> Result<Keys, KeyError> {
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Exposed);
        }
        Keys::load(path)
    }

    fn parse(text: &str) -> Result<Keys, KeyError> {
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(KeyError::Form);
        }
        let mut secret = None;
        let mut data = Vec::new();
        for line in lines {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("secret"), Some(hex), None, None) if secret.is_none() => secret = Some(bytes(hex)?),
                (Some("data"), Some(id), Some(hex), None) => {
                    let id = id.parse().map_err(|_| KeyError::Form)?;
                    let key = RandomizedNonceKey::new(&AES_256_GCM, bytes(hex)?.as_slice());
                    data.push((id, key.map_err(|_| KeyError::Form)?));
                }
                _ => return Err(KeyError::Form),
            }
        }
        match secret {
            Some(secret) if !data.is_empty() => Ok(Keys::derive(&secret, data)),
            _ => Err(KeyError::Form),
        }
    }

    fn derive(secret: &[u8; 32], data: Vec<(u8, RandomizedNonceKey)>) -> Keys {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let key = |purpose: &str| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, purpose.as_bytes()).as_ref());
        Keys {
            fingerprint: key("kuimen fingerprint 1"),
            body: key("kuimen body 1"),
            head: key("kuimen head 1"),
            manifest: key("kuimen manifest 1"),
            serial: key("kuimen serial 1"),
            data,
        }
    }
}

fn random() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
    Ok(bytes)
}

fn bytes(hex: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let bytes = Zeroizing::new(HEXLOWER.decode(hex.as_bytes()).map_err(|_| KeyError::Form)?);
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyError::Form)?))
}

/// The tag of an HMAC-SHA-256 as an array.
pub(super) fn tag(tag: &hmac::Tag) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// Feeds one part, led by its length, so that parts cannot run into one another.
pub(super) fn part(context: &mut hmac::Context, bytes: &[u8]) {
    context.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/journal.key");
        let made = Keys::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Keys::load_private(&path).unwrap();
        assert_eq!(hmac::sign(&made.head, b"x").as_ref(), hmac::sign(&read.head, b"x").as_ref());
        assert_ne!(hmac::sign(&made.head, b"x").as_ref(), hmac::sign(&read.body, b"x").as_ref());
        assert!(matches!(Keys::create(&path), Err(KeyError::Io(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keys::load_private(&path), Err(KeyError::Exposed)));
        assert!(!format!("{made:?}").contains(|c: char| c.is_ascii_digit()));
    }

    #[test]
    fn anything_else_is_not_a_key_file() {
        let hex = "ab".repeat(32);
        for text in [
            String::new(),
            format!("{TITLE}\n"),
            format!("{TITLE}\nsecret {hex}\n"),
            format!("{TITLE}\ndata 1 {hex}\n"),
            format!("{TITLE}\nsecret {hex}\nsecret {hex}\ndata 1 {hex}\n"),
            format!("{TITLE}\nsecret {hex}\ndata 1 {}\n", "ab".repeat(31)),
            format!("{TITLE}\nsecret {hex}\ndata x {hex}\n"),
            format!("kuimen journal key 2\nsecret {hex}\ndata 1 {hex}\n"),
        ] {
            assert!(matches!(Keys::parse(&text), Err(KeyError::Form)), "{text}");
        }
    }
}
