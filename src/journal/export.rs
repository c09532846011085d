//! Every message of a journal, as the north sees it. Read-only.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::json;

use super::readonly::{Unreadable, connect};
use super::row::{self, SELECT};
use super::types::{BodyKind, JournalError, Message, MessageId};
use super::{Keys, reader};

/// A journal opened for export: one moment of it, however long the export takes.
#[derive(Debug)]
pub struct Export {
    connection: Connection,
}

impl Export {
    /// Opens the journal of a data directory, closed or in use.
    pub fn open(dir: &Path) -> Result<Export, Unreadable> {
        let connection = connect(dir)?;
        connection.execute_batch("BEGIN")?;
        Ok(Export { connection })
    }

    /// Whether the directory is marked as simulation: everything in it is invented.
    pub fn is_simulation(&self) -> Result<bool, Unreadable> {
        let sql = "SELECT value FROM meta WHERE name = 'simulation'";
        let mark: Option<String> = self.connection.query_row(sql, [], |row| row.get(0)).optional()?;
        Ok(mark.as_deref() == Some("yes"))
    }

    /// The newest body of a kind, opened. `None` when there never was one or it has been pruned.
    pub fn body(&self, keys: &Keys, id: MessageId, kind: BodyKind) -> Result<Option<Vec<u8>>, JournalError> {
        reader::body(&self.connection, keys, id, kind)
    }

    /// Calls `each` with every message, oldest first, until it fails.
    pub fn each<E: From<Unreadable>>(&self, mut each: impl FnMut(&Message) -> Result<(), E>) -> Result<(), E> {
        let unreadable = |error: rusqlite::Error| E::from(Unreadable::from(error));
        let mut statement = self.connection.prepare(&format!("{SELECT} ORDER BY m.id")).map_err(unreadable)?;
        let mut rows = statement.query([]).map_err(unreadable)?;
        while let Some(row) = rows.next().map_err(unreadable)? {
            each(&row::message(row).map_err(unreadable)?)?;
        }
        Ok(())
    }
}

/// One line of NDJSON: the resource of the north, the amount called `fen`. What moves no money has neither an amount nor a
/// payment status.
pub fn line(message: &Message) -> String {
    let mut resource = json!({
        "id": message.id.to_string(),
        "key": message.key,
        "operation": message.operation.name(),
        "bank": message.bank,
        "serial": message.serial(),
        "bank_serial": message.bank_serial,
        "state": message.state.as_str(),
        "iso_status": message.state.iso_status(),
        "reason": message.reason,
        "fen": message.fen,
        "accepted_at": message.accepted_at.to_string(),
        "sent_at": message.sent_at().map(|at| at.to_string()),
        "settled_at": message.settled_at.map(|at| at.to_string()),
    });
    if let Some(members) = resource.as_object_mut().filter(|_| !message.operation.is_payment()) {
        members.retain(|name, _| name != "iso_status" && name != "fen");
    }
    resource.to_string()
}
