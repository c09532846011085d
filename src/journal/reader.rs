//! Readers: connections of their own, read-only, lent to blocking tasks.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params, params_from_iter};

use super::keys::Keys;
use super::record::{self, field};
use super::row::{self, SELECT};
use super::types::{BodyKind, Entry, Filter, JournalError, Message, MessageId, Tally};
use crate::life::State;
use crate::message::Operation;

/// The read-only side of a journal.
pub(super) struct Readers {
    path: PathBuf,
    keys: Arc<Keys>,
    idle: Mutex<Idle>,
    returned: Condvar,
}

#[derive(Default)]
struct Idle {
    connections: Vec<Connection>,
    lent: usize,
    closed: bool,
}

/// The most connections that are kept for the next reader.
const KEPT: usize = 8;

/// How long closing waits for readers.
const PATIENCE: Duration = Duration::from_secs(10);

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> JournalError {
        JournalError::Unavailable(error.to_string())
    }
}

impl Readers {
    pub(super) fn new(path: PathBuf, keys: Arc<Keys>) -> Readers {
        Readers { path, keys, idle: Mutex::default(), returned: Condvar::new() }
    }

    /// Does some reading on the blocking threads.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection, &Keys) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || readers.with(work));
        task.await.map_err(|error| JournalError::Unavailable(error.to_string()))?
    }

    fn with<T>(&self, work: impl FnOnce(&Connection, &Keys) -> Result<T, JournalError>) -> Result<T, JournalError> {
        let lent = self.lend()?;
        let connection = match lent.map_or_else(|| self.open(), Ok) {
            Ok(connection) => connection,
            Err(error) => {
                self.give_back(None);
                return Err(error);
            }
        };
        let answer = work(&connection, &self.keys);
        self.give_back(Some(connection));
        answer
    }

    fn lend(&self) -> Result<Option<Connection>, JournalError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.closed {
            return Err(JournalError::Unavailable("closed".to_owned()));
        }
        idle.lent += 1;
        Ok(idle.connections.pop())
    }

    fn give_back(&self, connection: Option<Connection>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !idle.closed && idle.connections.len() < KEPT {
            idle.connections.extend(connection);
        } else {
            drop(connection);
        }
        idle.lent = idle.lent.saturating_sub(1);
        self.returned.notify_all();
    }

    fn open(&self) -> Result<Connection, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.pragma_update(None, "busy_timeout", 5_000)?;
        connection.pragma_update(None, "query_only", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        Ok(connection)
    }

    /// Lets nobody in any more and waits for those inside.
    pub(super) fn close(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.closed = true;
        idle.connections.clear();
        let waited = self.returned.wait_timeout_while(idle, PATIENCE, |idle| idle.lent > 0);
        drop(waited);
    }
}

pub(super) fn find(connection: &Connection, id: MessageId) -> Result<Option<Message>, JournalError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE m.id = ?1"))?;
    Ok(statement.query_row([id.as_bytes()], row::message).optional()?)
}

pub(super) fn find_key(
    connection: &Connection,
    (org, operation, key): (&str, &str, &str),
) -> Result<Option<Message>, JournalError> {
    let sql = format!("{SELECT} WHERE m.org = ?1 AND m.operation = ?2 AND m.key = ?3");
    Ok(connection.prepare_cached(&sql)?.query_row([org, operation, key], row::message).optional()?)
}

pub(super) fn find_twin(connection: &Connection, twin: &[u8; 32]) -> Result<Option<MessageId>, JournalError> {
    let sql = "SELECT id FROM message WHERE twin = ?1 AND state NOT IN ('FAILED', 'CANCELLED') LIMIT 1";
    let id = connection.prepare_cached(sql)?.query_row([twin], |row| row.get(0)).optional()?;
    Ok(id.map(MessageId))
}

pub(super) fn find_serial(
    connection: &Connection,
    (bank, scope, serial): (&str, &str, &str),
) -> Result<Option<Message>, JournalError> {
    let sql = format!("{SELECT} WHERE d.bank = ?1 AND d.serial_scope = ?2 AND d.serial = ?3");
    Ok(connection.prepare_cached(&sql)?.query_row([bank, scope, serial], row::message).optional()?)
}

pub(super) fn list(
    connection: &Connection,
    filter: &Filter,
    after: Option<MessageId>,
    limit: u32,
) -> Result<Vec<Message>, JournalError> {
    let (sql, values) = page(filter, after, limit);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), row::message)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn page(filter: &Filter, after: Option<MessageId>, limit: u32) -> (String, Vec<Value>) {
    // A key is found by its index, which begins with the organisation and the operation; the states that need attention by
    // theirs, which SQLite uses only where the state is written out.
    let operations = filter.operation.map_or(Operation::ALL.to_vec(), |operation| vec![operation]);
    let by_operation =
        format!("m.operation IN ({})", quoted(&operations.into_iter().map(Operation::name).collect::<Vec<_>>()));
    let by_key = format!("{by_operation} AND m.key = ?");
    let by_state = filter.state.map(|state| format!("m.state = {}", quoted(&[state.as_str()])));
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    let mut sql = format!("{SELECT} WHERE 1");
    let mut values: Vec<Value> = Vec::new();
    for (condition, value) in [
        ("m.org = ?", text(&filter.org)),
        (by_key.as_str(), text(&filter.key)),
        ("m.document = ?", text(&filter.order)),
        ("m.bank = ?", text(&filter.bank)),
        ("m.id > ?", after.map(|id| Value::Blob(id.as_bytes().to_vec()))),
    ] {
        if let Some(value) = value {
            sql.extend([" AND ", condition]);
            values.push(value);
        }
    }
    // The index of what is no payment is used only where its condition stands in the question.
    let by_operation = filter.operation.map(|operation| {
        let payments = operation == Operation::PaymentPay;
        if payments { by_operation } else { format!("{by_operation} AND m.operation <> 'payment.pay'") }
    });
    for condition in [by_state, by_operation].into_iter().flatten() {
        sql.extend([" AND ", &condition]);
    }
    sql.push_str(" ORDER BY m.id LIMIT ?");
    values.push(Value::Integer(limit.into()));
    (sql, values)
}

/// Names of our own as a list in SQL.
fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// A look-up by index for each state, so that a crowd in one state neither hides the others nor has to be sorted.
pub(super) fn due(
    connection: &Connection,
    bank: &str,
    states: &[State],
    now: i64,
    limit: u32,
) -> Result<Vec<Message>, JournalError> {
    let sql = format!("{SELECT} WHERE m.bank = ?1 AND m.state = ?2 AND m.due_at <= ?3 ORDER BY m.due_at LIMIT ?4");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut due = Vec::new();
    for state in states {
        let rows = statement.query_map(params![bank, state.as_str(), now, limit], row::message)?;
        for message in rows {
            due.push(message?);
        }
    }
    Ok(due)
}

pub(super) fn tally(connection: &Connection) -> Result<Vec<Tally>, JournalError> {
    let sql = "SELECT bank, state, count(*), sum(fen) FROM message GROUP BY bank, state ORDER BY bank, state";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let state = row::state(row, 1)?.ok_or_else(|| row::damaged(1))?;
        let messages = u64::try_from(row.get::<_, i64>(2)?).map_err(|_| row::damaged(2))?;
        Ok(Tally { bank: row.get(0)?, state, messages, fen: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn body(
    connection: &Connection,
    keys: &Keys,
    id: MessageId,
    kind: BodyKind,
) -> Result<Option<Vec<u8>>, JournalError> {
    let Some(message) = find(connection, id)? else { return Err(JournalError::NotFound) };
    let seq = match kind {
        BodyKind::Request => Some(message.marks.claim),
        BodyKind::Wire => message.delivery.as_ref().map(|delivery| delivery.intent),
        BodyKind::Answer => message.marks.answer,
        BodyKind::Response => message.marks.response,
    };
    let Some(seq) = seq else { return Ok(None) };
    let mut statement = connection.prepare_cached("SELECT sealed FROM body WHERE slot = ?1")?;
    let sealed: Option<Vec<u8>> = statement.query_row([kind.slot(seq)], |row| row.get(0)).optional()?;
    sealed.map(|sealed| keys.open(id, kind, sealed)).transpose()
}

pub(super) fn lane_high_water(connection: &Connection, bank: &str, date: &str, shard: u8) -> Result<u64, JournalError> {
    let sql = "SELECT high_water FROM lane WHERE bank = ?1 AND date = ?2 AND shard = ?3";
    let found: Option<i64> =
        connection.prepare_cached(sql)?.query_row(params![bank, date, shard], |row| row.get(0)).optional()?;
    Ok(found.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
}

/// The records of one message. The chain has no index by message, which would cost every payment: each record names the
/// one before it of the same message.
pub(super) fn timeline(connection: &Connection, id: MessageId) -> Result<Vec<Entry>, JournalError> {
    let Some(message) = find(connection, id)? else { return Err(JournalError::NotFound) };
    let mut statement = connection.prepare_cached("SELECT record FROM chain WHERE seq = ?1")?;
    let mut entries = Vec::new();
    let mut next = Some(message.marks.last);
    while let Some(seq) = next {
        let record: String = statement.query_row([seq], |row| row.get(0))?;
        entries.push(entry(seq, &record)?);
        let prior = field(&record, "prior").and_then(|prior| prior.parse().ok());
        next = prior.filter(|prior| *prior < seq);
    }
    entries.reverse();
    Ok(entries)
}

fn entry(seq: i64, text: &str) -> Result<Entry, JournalError> {
    let owned = |name: &str| field(text, name).map(str::to_owned);
    let at = field(text, "at").and_then(record::time).ok_or(JournalError::Malformed("record"))?;
    Ok(Entry {
        seq,
        at,
        event: owned("event").unwrap_or_default(),
        detail: owned("detail"),
        state: owned("state").unwrap_or_default(),
        reason: owned("reason"),
        people: owned("first").zip(owned("second")),
        fact: owned("fact"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::schema::SCHEMA;
    use crate::life::State;

    #[test]
    fn what_people_look_for_is_found_by_an_index() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let org = Some("o".to_owned());
        for (filter, index) in [
            (
                Filter { org: org.clone(), key: Some("k".into()), ..Filter::default() },
                "message_key (org=? AND operation=? AND key=?",
            ),
            (Filter { org: org.clone(), order: Some("f".into()), ..Filter::default() }, "message_document (document=?"),
            (
                Filter { org: org.clone(), state: Some(State::Manual), ..Filter::default() },
                "message_attention (state=?",
            ),
            (Filter { org, state: Some(State::Unknown), ..Filter::default() }, "message_attention (state=?"),
        ] {
            let (sql, values) = page(&filter, Some(MessageId::new()), 10);
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let steps: Vec<_> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().any(|step| step.contains(index)), "{filter:?}: {steps:?}");
        }
    }
}
