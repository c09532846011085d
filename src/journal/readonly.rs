//! Opening a data directory without changing it: for `kuimen verify` and `kuimen export`.

use std::fmt::Write;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::manifest;
use super::open::file;

/// Why a directory could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is no journal.
    #[error("there is no journal in this directory")]
    NoJournal,
    /// A file cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The key file cannot be read.
    #[error("{0}")]
    Key(#[from] super::KeyError),
    /// The database cannot be read.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A body cannot be opened.
    #[error("{0}")]
    Body(#[from] super::JournalError),
}

/// A read-only connection. A closed directory is opened as immutable, so that not even the files beside the database
/// come into being.
pub(super) fn connect(dir: &Path) -> Result<Connection, Unreadable> {
    let path = file(dir);
    if !path.is_file() {
        return Err(Unreadable::NoJournal);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let path = path.canonicalize()?;
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    if manifest::is_closed(dir) {
        uri.push_str("?immutable=1");
    }
    let connection = Connection::open_with_flags(uri, flags)?;
    connection.pragma_update(None, "busy_timeout", 5_000)?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "cell_size_check", "ON")?;
    Ok(connection)
}
