//! A simulated bank's books: an append-only file that says what the bank received and what it executed.
//!
//! It is the demo's only witness of money that does not come from the gateway, so it is kept by rules of its own: a line
//! is written before any answer (or misbehaviour) leaves, it is never rewritten, and it carries its own check sum:
//! eight hexadecimal digits of the CRC-32 of the JSON that follows, a blank, one JSON object, LF. Lines that belong
//! together are one write call. Opening cuts a torn last line off, because nothing was answered on its strength; a wrong
//! line anywhere else means that the file was changed, and the books stay closed.

mod line;
mod state;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use line::{Card, Entry, Event, Line};
pub use state::{Books, Standing, Status};

/// Why the books cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be read, written or synced.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A complete line is not what was written.
    #[error("{}:{line}: the line was changed", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
    },
    /// An earlier write failed, so nobody knows what the file holds: no answer leaves any more.
    #[error("{}: closed after a failed write", path.display())]
    Closed {
        /// Which file.
        path: PathBuf,
    },
}

/// The books of one bank, open for writing.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    bank: String,
    inner: Mutex<Inner>,
    /// A second handle of the same file, so that a sync never waits for the lock of the writers.
    syncing: Mutex<Synced>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    books: Books,
    /// Lines written so far.
    written: u64,
    broken: bool,
}

#[derive(Debug)]
struct Synced {
    file: File,
    /// Lines known to be on disk.
    lines: u64,
}

/// A promise to be kept before an answer leaves: see [`Ledger::sync`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Upto(u64);

impl Ledger {
    /// The books of `bank` under the data directory `dir`: `dir/banks/<bank>/ledger.log`.
    pub fn path_of(dir: &Path, bank: &str) -> PathBuf {
        dir.join("banks").join(bank).join("ledger.log")
    }

    /// Opens or begins the books of `bank` under `dir`.
    ///
    /// # Errors
    /// The file cannot be opened, or a complete line in it was changed.
    pub fn open(dir: &Path, bank: &str) -> Result<Ledger, LedgerError> {
        let path = Ledger::path_of(dir, bank);
        let file_error = |source| LedgerError::File { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(file_error)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(file_error)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(file_error)?;
        let (lines, sound) = line::parse(&bytes).map_err(|line| LedgerError::Changed { path: path.clone(), line })?;
        if sound < bytes.len() {
            file.set_len(u64::try_from(sound).unwrap_or(u64::MAX)).map_err(file_error)?;
            file.seek(SeekFrom::End(0)).map_err(file_error)?;
        }
        file.sync_all().map_err(file_error)?;
        if let Some(folder) = path.parent() {
            // The name of a new file is durable only when its folder is.
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(file_error)?;
        }
        let written = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let mut books = Books::default();
        lines.iter().for_each(|line| books.apply(&line.entry));
        let second = file.try_clone().map_err(file_error)?;
        Ok(Ledger {
            bank: bank.to_owned(),
            inner: Mutex::new(Inner { file, books, written, broken: false }),
            syncing: Mutex::new(Synced { file: second, lines: written }),
            path,
        })
    }

    /// Whose books these are.
    pub fn bank(&self) -> &str {
        &self.bank
    }

    /// Where they lie.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at the books, decides, and writes what was decided, with nobody in between. The lines are one write call.
    /// What was written (or merely seen) counts only once [`sync`](Self::sync) has returned.
    ///
    /// # Errors
    /// The write failed, or an earlier one did.
    pub fn decide<T>(&self, decide: impl FnOnce(&Books) -> (Vec<Entry>, T)) -> Result<(T, Upto), LedgerError> {
        let mut inner = self.lock();
        if inner.broken {
            return Err(LedgerError::Closed { path: self.path.clone() });
        }
        let (entries, decided) = decide(&inner.books);
        if !entries.is_empty() {
            let first = inner.written.saturating_add(1);
            let bytes: Vec<u8> = (first..).zip(&entries).flat_map(|(n, entry)| line::write(n, entry)).collect();
            if let Err(source) = append(&mut inner.file, &bytes) {
                inner.broken = true;
                return Err(LedgerError::File { path: self.path.clone(), source });
            }
            inner.written = inner.written.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
            entries.iter().for_each(|entry| inner.books.apply(entry));
        }
        Ok((decided, Upto(inner.written)))
    }

    /// Returns when everything up to `upto` is on disk. Blocks; callers that come together share one sync.
    ///
    /// # Errors
    /// The sync failed: the books are closed, because what a failed sync left behind cannot be known.
    pub fn sync(&self, upto: Upto) -> Result<(), LedgerError> {
        let mut synced = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        if synced.lines >= upto.0 {
            return Ok(());
        }
        let written = {
            let inner = self.lock();
            if inner.broken {
                return Err(LedgerError::Closed { path: self.path.clone() });
            }
            inner.written
        };
        if let Err(source) = synced.file.sync_data() {
            self.lock().broken = true;
            return Err(LedgerError::File { path: self.path.clone(), source });
        }
        synced.lines = written;
        Ok(())
    }

    /// What the books say now.
    pub fn look<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.lock().books)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One write call; a short one is an error, because the rest would be a second call.
fn append(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    match file.write(bytes)? {
        written if written == bytes.len() => Ok(()),
        _ => Err(io::Error::from(io::ErrorKind::WriteZero)),
    }
}

/// All complete lines of a ledger file, read without touching it. A torn last line is left out.
///
/// # Errors
/// The file cannot be read, or a complete line in it was changed.
pub fn read(path: &Path) -> Result<Vec<Line>, LedgerError> {
    let bytes = fs::read(path).map_err(|source| LedgerError::File { path: path.to_owned(), source })?;
    let (lines, _) = line::parse(&bytes).map_err(|line| LedgerError::Changed { path: path.to_owned(), line })?;
    Ok(lines)
}

/// What a bank saw of payments, as `verify --sent` wants it: bank, business date, serial and SHA-256 of the wire with a
/// TAB between them, a line per receipt.
pub fn sent_lines(bank: &str, lines: &[Line]) -> String {
    let mut text = String::new();
    for entry in lines.iter().map(|line| &line.entry) {
        if let Event::Received { sha256 } = &entry.event {
            text.push_str(&format!("{bank}\t{}\t{}\t{sha256}\n", entry.business_date, entry.serial));
        }
    }
    text
}

#[cfg(test)]
mod tests;
