//! The manifest: written when a directory is closed in order, removed before it is used again.
//!
//! One line per file below the data directory: its SHA-256, its size, its path; then a keyed digest over these lines. A
//! directory with a manifest has not been touched since it was closed, or [`check`] says where.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::{digest, hmac};
use data_encoding::HEXLOWER;

use super::keys::Keys;
use super::lock::sync;

const NAME: &str = "manifest";
const TITLE: &str = "kuimen manifest 1";

/// Something that is not as it was when the directory was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The manifest itself is damaged or was made with another key.
    Manifest,
    /// A file is missing.
    Missing(String),
    /// A file has another content.
    Changed(String),
    /// A file has come in below one of the program's own folders.
    Added(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Manifest => f.write_str("its manifest is damaged, or was made with another key"),
            Difference::Missing(name) => write!(f, "{name} is missing"),
            Difference::Changed(name) => write!(f, "{name} was changed"),
            Difference::Added(name) => write!(f, "{name} was added"),
        }
    }
}

/// Writes the manifest durably. Nothing below the directory may be written any more.
pub fn write(dir: &Path, keys: &Keys) -> io::Result<()> {
    let mut text = format!("{TITLE}\n");
    for (name, path) in files(dir)? {
        let (digest, size) = digest_of(&path)?;
        text.push_str(&format!("{digest} {size} {name}\n"));
    }
    let mac = hmac::sign(&keys.manifest, text.as_bytes());
    text.push_str(&format!("hmac {}\n", HEXLOWER.encode(mac.as_ref())));
    let new = dir.join("manifest.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, dir.join(NAME))?;
    sync(dir)
}

/// Removes the manifest durably; true when there was one.
pub(super) fn remove(dir: &Path) -> io::Result<bool> {
    let mut found = false;
    for name in [NAME, "manifest.new"] {
        match fs::remove_file(dir.join(name)) {
            Ok(()) => found |= name == NAME,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    sync(dir)?;
    Ok(found)
}

/// Whether the directory says that it is closed.
pub fn is_closed(dir: &Path) -> bool {
    dir.join(NAME).exists()
}

/// Compares the journal of a closed directory with the manifest, and nothing else below it: what a start needs to know.
///
/// A process that was killed while it started has left SQLite's two files beside the database; they say nothing as long as
/// the log is empty.
pub(super) fn check_journal(dir: &Path, keys: &Keys) -> io::Result<Option<Difference>> {
    let harmless = |name: &str| match name.strip_prefix("gateway/journal.sqlite") {
        Some("-shm") => Ok(true),
        Some("-wal") => fs::metadata(dir.join(name)).map(|log| log.len() == 0),
        Some(_) | None => Ok(false),
    };
    for difference in compare(dir, keys, |name| name.starts_with("gateway/"))? {
        match &difference {
            Difference::Added(name) if harmless(name)? => {}
            Difference::Manifest | Difference::Missing(_) | Difference::Changed(_) | Difference::Added(_) => {
                return Ok(Some(difference));
            }
        }
    }
    Ok(None)
}

/// Compares a closed directory with its manifest. An error means that a file could not be read.
pub fn check(dir: &Path, keys: &Keys) -> io::Result<Vec<Difference>> {
    compare(dir, keys, |_| true)
}

fn compare(dir: &Path, keys: &Keys, among: impl Fn(&str) -> bool) -> io::Result<Vec<Difference>> {
    let bytes = fs::read(dir.join(NAME))?;
    let Some(listed) = authentic(&bytes, keys) else { return Ok(vec![Difference::Manifest]) };
    let mut differences = Vec::new();
    let mut present = files(dir)?;
    present.retain(|(name, _)| among(name));
    for line in listed.lines().skip(1) {
        let mut words = line.splitn(3, ' ');
        let (Some(digest), Some(size), Some(name)) = (words.next(), words.next(), words.next()) else {
            return Ok(vec![Difference::Manifest]);
        };
        if !among(name) {
            continue;
        }
        match present.iter().position(|(known, _)| known == name) {
            None => differences.push(Difference::Missing(name.to_owned())),
            Some(at) => {
                let (_, path) = present.swap_remove(at);
                let (found, length) = digest_of(&path)?;
                if found != digest || length.to_string() != size {
                    differences.push(Difference::Changed(name.to_owned()));
                }
            }
        }
    }
    // A file beside the folders is somebody's note; one within them would be read as ours.
    differences
        .extend(present.into_iter().filter(|(name, _)| name.contains('/')).map(|(name, _)| Difference::Added(name)));
    Ok(differences)
}

/// The listed part, if the keyed digest at the end is right.
fn authentic<'a>(bytes: &'a [u8], keys: &Keys) -> Option<&'a str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (listed, mac) = text.strip_suffix('\n')?.rsplit_once("\nhmac ")?;
    let end = listed.len().checked_add(1)?;
    let signed = text.get(..end)?;
    let mac = HEXLOWER.decode(mac.as_bytes()).ok()?;
    hmac::verify(&keys.manifest, signed.as_bytes(), &mac).ok()?;
    (listed.lines().next() == Some(TITLE)).then_some(listed)
}

/// Every file below a directory but the manifest, by its path with `/`, in order.
fn files(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), dir.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().filter(|name| !name.contains('\n'));
            let name = name.ok_or_else(|| io::Error::other("a file name that is not plain text"))?;
            let name = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((format!("{name}/"), entry.path()));
            } else if kind.is_file() && name != NAME && name != "manifest.new" {
                found.push((name, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn digest_of(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut context = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0_u64;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((HEXLOWER.encode(context.finish().as_ref()), size));
        }
        context.update(buffer.get(..read).unwrap_or_default());
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_directory_shows_every_change() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::create(&folder.path().join("keys/journal.key")).unwrap();
        let dir = folder.path().join("data");
        fs::create_dir_all(dir.join("banks/b1")).unwrap();
        let ledger = dir.join("banks/b1/ledger.log");
        fs::write(&ledger, "line\n").unwrap();
        fs::write(dir.join("banks/b1/empty"), "").unwrap();
        write(&dir, &keys).unwrap();
        assert_eq!(check(&dir, &keys).unwrap(), []);

        fs::write(dir.join("note.txt"), "mine").unwrap();
        assert_eq!(check(&dir, &keys).unwrap(), [], "a note beside the folders is not ours");
        fs::write(dir.join("banks/b1/more"), "").unwrap();
        assert_eq!(check(&dir, &keys).unwrap(), [Difference::Added("banks/b1/more".to_owned())]);
        fs::remove_file(dir.join("banks/b1/more")).unwrap();

        fs::write(&ledger, "lime\n").unwrap();
        assert_eq!(check(&dir, &keys).unwrap(), [Difference::Changed("banks/b1/ledger.log".to_owned())]);
        fs::write(&ledger, "line\n").unwrap();
        fs::remove_file(dir.join("banks/b1/empty")).unwrap();
        assert_eq!(check(&dir, &keys).unwrap(), [Difference::Missing("banks/b1/empty".to_owned())]);

        let other = Keys::create(&folder.path().join("other.key")).unwrap();
        assert_eq!(check(&dir, &other).unwrap(), [Difference::Manifest]);
        assert!(remove(&dir).unwrap());
        assert!(!remove(&dir).unwrap());
        assert!(!is_closed(&dir));
    }
}
