//! Opening: the directory, the lock, the database with every setting read back, the marks, and recovery.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::apply::Writer;
use super::chain::{Head, link};
use super::keys::Keys;
use super::schema::{SCHEMA, SCHEMA_VERSION};
use super::statements::Statements;
use super::types::{Message, MessageId};
use super::work::Fault;
use super::{lock, manifest, writer};
use crate::clock::Clock;

/// The first SQLite without the fault that can corrupt a log that two connections reset at once.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How much of the chain's end is checked at every start.
const TAIL: i64 = 10_000;

/// Above this many pages (256 MiB) a start after a crash leaves the check of every page to `kuimen verify`.
const QUICK_CHECK_PAGES: i64 = 65_536;

/// How to open a journal.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data directory; the journal lives in `gateway/journal.sqlite` below it.
    pub dir: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// This process simulates: policy time runs faster or invented codes are allowed. Marks the directory for ever.
    pub simulation: bool,
    /// The most pages of 4 KiB that the database may have; a write beyond it is a full disk.
    pub max_pages: Option<u32>,
}

/// Why a journal was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the directory.
    #[error("another process has this data directory open")]
    Locked,
    /// The directory is on a file system whose locks and syncs cannot be trusted.
    #[error("the data directory is on a remote file system ({0})")]
    Remote(String),
    /// The directory was used for simulation and real payments must not join them.
    #[error("the data directory is marked as simulation")]
    Simulation,
    /// The file was written by another version of the schema.
    #[error("the journal has schema version {found}, this program knows {SCHEMA_VERSION}")]
    Schema {
        /// What the file says.
        found: String,
    },
    /// The SQLite in this program is older than what is safe.
    #[error("SQLite {0} is too old")]
    SqliteVersion(String),
    /// A setting of the database did not take.
    #[error("the setting {name} reads back as {found}")]
    Pragma {
        /// The pragma.
        name: &'static str,
        /// What it reads back as.
        found: String,
    },
    /// The journal contradicts itself.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// The file system.
    #[error("the data directory: {0}")]
    Io(#[from] io::Error),
    /// The database.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> OpenError {
        match fault {
            Fault::Refused(error) | Fault::Undo(error) => OpenError::Damaged(error.to_string()),
            Fault::Busy(cause) | Fault::Storage(cause) | Fault::InDoubt(cause) => OpenError::Damaged(cause),
        }
    }
}

/// The folder of the journal below a data directory.
pub(super) fn folder(dir: &Path) -> PathBuf {
    dir.join("gateway")
}

/// The file of the journal below a data directory.
pub(super) fn file(dir: &Path) -> PathBuf {
    folder(dir).join("journal.sqlite")
}

/// A directory that is ours: locked, and as it was left.
pub(super) struct Directory {
    pub(super) lock: File,
    /// The last process closed it in order.
    pub(super) was_closed: bool,
}

/// Takes the directory. What the last process closed in order is held against its manifest, which stays until the journal
/// is accepted: a start that is refused leaves the directory as closed as it was.
pub(super) fn directory(settings: &Settings, keys: &Keys) -> Result<Directory, OpenError> {
    let folder = folder(&settings.dir);
    lock::make_durably(&folder)?;
    if let Some(kind) = lock::remote_file_system(&folder) {
        return Err(OpenError::Remote(kind));
    }
    let lock = lock::take(&folder)?.ok_or(OpenError::Locked)?;
    let was_closed = manifest::is_closed(&settings.dir);
    if was_closed && let Some(difference) = manifest::check_journal(&settings.dir, keys)? {
        return Err(OpenError::Damaged(format!("it was closed in order and is no longer as it was: {difference}")));
    }
    Ok(Directory { lock, was_closed })
}

/// Opens the writer's connection and brings the schema and the settings into order.
pub(super) fn connect(settings: &Settings, was_closed: bool) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::SqliteVersion(rusqlite::version().to_owned()));
    }
    let path = file(&settings.dir);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags)?;
    configure(&connection, settings)?;
    let known: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if known == 0 {
        create(&connection, settings)?;
    }
    lock::sync(&folder(&settings.dir))?;
    marks(&connection, settings)?;
    if !was_closed {
        quick_check(&connection)?;
    }
    Ok(connection)
}

/// The settings, and what each must read back as.
const PRAGMAS: [(&str, &str, &str); 11] = [
    ("page_size", "4096", "4096"),
    ("busy_timeout", "5000", "5000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("recursive_triggers", "ON", "1"),
    ("wal_autocheckpoint", "1000", "1000"),
    ("mmap_size", "0", "0"),
    ("cache_size", "-65536", "-65536"),
];

fn configure(connection: &Connection, settings: &Settings) -> Result<(), OpenError> {
    for (name, value, _) in PRAGMAS {
        connection.pragma_update(None, name, value)?;
    }
    for (name, _, want) in PRAGMAS {
        let found = read_back(connection, name)?;
        if found != want {
            return Err(OpenError::Pragma { name, found });
        }
    }
    if let Some(pages) = settings.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

pub(super) fn read_back(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    connection.pragma_query_value(None, name, |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(value) => value.to_string(),
            text @ (ValueRef::Text(_) | ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_)) => {
                text.as_str()?.to_owned()
            }
        })
    })
}

fn create(connection: &Connection, settings: &Settings) -> Result<(), OpenError> {
    let installation = MessageId::new().to_string();
    let schema = SCHEMA_VERSION.to_string();
    let simulation = if settings.simulation { "yes" } else { "no" };
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(SCHEMA)?;
    for (name, value) in [("schema", schema.as_str()), ("installation", &installation), ("simulation", simulation)] {
        transaction.execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", [name, value])?;
    }
    transaction.commit()?;
    Ok(())
}

fn marks(connection: &Connection, settings: &Settings) -> Result<(), OpenError> {
    let mark = |name: &str| -> rusqlite::Result<Option<String>> {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()
    };
    let found = mark("schema")?.unwrap_or_default();
    if found != SCHEMA_VERSION.to_string() {
        return Err(OpenError::Schema { found });
    }
    match (mark("simulation")?.as_deref(), settings.simulation) {
        (Some("yes"), false) => Err(OpenError::Simulation),
        (Some("no"), true) => {
            connection.execute("UPDATE meta SET value = 'yes' WHERE name = 'simulation'", [])?;
            Ok(())
        }
        (Some("yes"), true) | (Some("no"), false) => Ok(()),
        (_, _) => Err(OpenError::Damaged("the simulation mark is missing".to_owned())),
    }
}

fn quick_check(connection: &Connection) -> Result<(), OpenError> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages > QUICK_CHECK_PAGES {
        return Ok(());
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged(found)) }
}

/// The end of the chain, after a check that the last records link up to the authenticated head.
pub(super) fn head(connection: &Connection, keys: &Keys) -> Result<Head, OpenError> {
    let damaged = |what: &str| OpenError::Damaged(what.to_owned());
    let stored = connection
        .query_row("SELECT seq, hash, mac FROM head", [], |row| {
            Ok((Head { seq: row.get(0)?, hash: row.get(1)? }, row.get::<_, [u8; 32]>(2)?))
        })
        .optional()?;
    let last: i64 = connection.query_row("SELECT coalesce(max(seq), 0) FROM chain", [], |row| row.get(0))?;
    let Some((head, mac)) = stored else {
        return if last == 0 { Ok(Head::EMPTY) } else { Err(damaged("the chain has no head")) };
    };
    if head.mac(keys) != mac {
        return Err(damaged("the head of the chain was not made with this key"));
    }
    if last != head.seq {
        return Err(damaged("the chain does not end at its head"));
    }
    let first = (head.seq - TAIL).max(0);
    let mut statement = connection.prepare("SELECT seq, record, hash FROM chain WHERE seq >= ?1 ORDER BY seq")?;
    let mut rows = statement.query([first])?;
    let mut before: Option<Head> = (first == 0).then_some(Head::EMPTY);
    while let Some(row) = rows.next()? {
        let (seq, hash): (i64, [u8; 32]) = (row.get(0)?, row.get(2)?);
        if let Some(before) = before {
            let record = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            if before.seq + 1 != seq || link(&before.hash, record) != hash {
                return Err(damaged("a record of the chain does not follow the one before it"));
            }
        }
        before = Some(Head { seq, hash });
    }
    if before == Some(head) { Ok(head) } else { Err(damaged("the chain does not end at its head")) }
}

/// Enters this process as the owner and gives its fence: one more than that of any process before it.
pub(super) fn own(connection: &Connection, at: Timestamp) -> Result<u64, OpenError> {
    let fence: i64 = connection.query_row(
        "INSERT INTO owner (one, boot, process, fence, opened_at) VALUES (1, ?1, ?2, 1, ?3) \
         ON CONFLICT (one) DO UPDATE SET boot = excluded.boot, process = excluded.process, fence = fence + 1, \
         opened_at = excluded.opened_at RETURNING fence",
        params![lock::boot_id(), std::process::id(), at.as_microsecond()],
        |row| row.get(0),
    )?;
    u64::try_from(fence).map_err(|_| OpenError::Damaged("the owner's fence".to_owned()))
}

/// Prepares the writer.
pub(super) fn writer<'c>(
    connection: &'c Connection,
    keys: Arc<Keys>,
    clock: Clock,
    head: Head,
    fence: u64,
) -> Result<Writer<'c>, OpenError> {
    let next: i64 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM delivery", [], |row| row.get(0))?;
    Ok(Writer::new(Statements::prepare(connection)?, keys, clock, fence, head, next))
}

/// Ends what the previous process left in flight, in one commit: SENDING becomes UNKNOWN, QUERYING what it was before,
/// and what waited to be sent is looked at soon. Sends nothing.
pub(super) fn recover(connection: &Connection, writer: &mut Writer<'_>) -> Result<Vec<Message>, OpenError> {
    let at = writer.clock.now();
    let in_flight: Vec<[u8; 16]> = connection
        .prepare("SELECT id FROM message WHERE state IN ('SENDING', 'QUERYING') ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let before = writer.head;
    writer.statements.begin.execute([])?;
    let mut recovered = Vec::with_capacity(in_flight.len());
    for id in in_flight {
        recovered.push(writer.restart(MessageId(id), at)?);
    }
    connection.execute(
        "UPDATE message SET due_at = ?1 WHERE due_at > ?1 AND state IN ('ACCEPTED', 'READY', 'ABSENT')",
        [at.as_microsecond()],
    )?;
    writer::finish(writer, before)?;
    Ok(recovered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_reads_back_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            Settings { dir: folder.path().to_owned(), clock: Clock::REAL, simulation: false, max_pages: None };
        lock::make_durably(&super::folder(folder.path())).unwrap();
        let connection = connect(&settings, true).unwrap();
        let read: Vec<String> = PRAGMAS.iter().map(|(name, _, _)| read_back(&connection, name).unwrap()).collect();
        assert_eq!(read, ["4096", "5000", "wal", "2", "1", "0", "1", "1", "1000", "0", "-65536"]);
        assert!(rusqlite::version_number() >= OLDEST_SQLITE);

        let memory = Connection::open_in_memory().unwrap();
        let refused = configure(&memory, &settings).unwrap_err();
        assert!(matches!(refused, OpenError::Pragma { name: "journal_mode", .. }), "{refused}");
    }
}
