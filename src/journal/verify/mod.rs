//! Proof that a data directory is what the journal made it: the manifest, every page, the chain, every row against the
//! chain, bodies, facts, sums; and, when told, what callers were promised and what banks were sent. Read-only.

mod chain;
mod report;
mod rows;

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::keys::{KeyError, Keys};
use super::readonly::{Unreadable, connect};
use super::types::MessageId;
use super::{manifest, record};

pub use report::{Report, Sums, Violation};

/// Lists to compare with, each the text of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claims<'a> {
    /// Message identities that callers were given with a 2xx, one a line.
    pub acked: Option<&'a str>,
    /// What banks saw: `bank`, `business_date`, `serial`, `sha256` (hexadecimal) with tabs between, one a line.
    pub sent: Option<&'a str>,
}

/// Checks the directory with the keys in `key`. An error means that nothing could be checked; what is wrong but
/// readable is in the report.
pub fn verify(dir: &Path, key: &Path, claims: Claims<'_>) -> Result<Report, Unreadable> {
    let mut report = Report { closed: manifest::is_closed(dir), ..Report::default() };
    let keys = match Keys::load(key) {
        Ok(keys) => keys,
        Err(KeyError::Form) => {
            report.find(Violation::Key);
            return Ok(report);
        }
        Err(error) => return Err(error.into()),
    };
    if report.closed {
        for difference in manifest::check(dir, &keys)? {
            report.find(Violation::Manifest(difference));
        }
    }
    let checked = connect(dir).and_then(|connection| Ok(database(&connection, &keys, claims, &mut report)?));
    match checked {
        Ok(()) => Ok(report),
        Err(Unreadable::Database(error)) if damaged(&error) || !report.is_clean() => {
            report.find(Violation::Damaged(error.to_string()));
            Ok(report)
        }
        Err(Unreadable::NoJournal) if !report.is_clean() => Ok(report),
        Err(error) => Err(error),
    }
}

/// Whether an error says that the file is wrong rather than that it cannot be reached.
fn damaged(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => true,
        Some(_) => false,
        None => true,
    }
}

fn database(
    connection: &Connection,
    keys: &Keys,
    claims: Claims<'_>,
    report: &mut Report,
) -> Result<(), rusqlite::Error> {
    connection.execute_batch("BEGIN")?;
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let mut faults = statement.query([])?;
    while let Some(fault) = faults.next()? {
        let fault: String = fault.get(0)?;
        if fault != "ok" {
            report.find(Violation::Damaged(fault));
        }
    }
    let mut tails = chain::walk(connection, keys, report)?;
    rows::compare(connection, &mut tails, report)?;
    if let Some(acked) = claims.acked {
        check_acked(connection, acked, report)?;
    }
    if let Some(sent) = claims.sent {
        check_sent(connection, sent, report)?;
    }
    Ok(())
}

/// Nothing that was promised is missing.
fn check_acked(connection: &Connection, acked: &str, report: &mut Report) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare("SELECT 1 FROM message WHERE id = ?1")?;
    for line in acked.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let found = match line.parse::<MessageId>() {
            Ok(id) => statement.exists([id.as_bytes()])?,
            Err(_) => false,
        };
        report.acked = report.acked.saturating_add(1);
        if !found {
            report.find(Violation::AckedMissing(line.to_owned()));
        }
    }
    Ok(())
}

/// Nothing was sent without an intent of the same bytes.
fn check_sent(connection: &Connection, sent: &str, report: &mut Report) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT digest FROM delivery WHERE bank = ?1 AND serial = ?3 AND business_date = ?2 \
         AND serial_scope IN ('', ?2, (SELECT max(serial_scope) FROM delivery WHERE bank = ?1 AND serial = ?3))",
    )?;
    for line in sent.lines().filter(|line| !line.trim().is_empty()) {
        report.sent = report.sent.saturating_add(1);
        let mut words = line.trim_end().split('\t');
        let (bank, date, serial, digest) = (words.next(), words.next(), words.next(), words.next());
        let wanted = digest.and_then(|digest| record::unhex::<32>(&digest.to_ascii_lowercase()));
        let found: Option<[u8; 32]> = statement.query_row(params![bank, date, serial], |row| row.get(0)).optional()?;
        match (found, wanted) {
            (Some(found), Some(wanted)) if found == wanted => {}
            (Some(_), _) => report.find(Violation::SentOtherBytes(line.to_owned())),
            (None, _) => report.find(Violation::SentWithoutIntent(line.to_owned())),
        }
    }
    Ok(())
}
