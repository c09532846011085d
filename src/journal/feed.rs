//! What the agency wants to hear of, in order: a view of the chain, so that it costs a payment nothing and cannot differ from
//! what was written.
//!
//! Positions are those of the chain: whoever remembers the last one it has seen misses nothing and hears nothing twice.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::reader;
use super::record::{self, fields, unhex};
use super::types::{Feed, Happening, JournalError, MessageId, What};
use crate::life::{FactKind, State};

/// Records that one look reads at most, so that a long stretch without news does not hold a reader.
const LOOK: u32 = 4_096;

/// What happened behind `after`, at most `limit`.
pub(super) fn read(connection: &Connection, after: i64, limit: usize) -> Result<Feed, JournalError> {
    let mut records =
        connection.prepare_cached("SELECT seq, record FROM chain WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = records.query(params![after, LOOK])?;
    let mut feed = Feed { happenings: Vec::new(), upto: after };
    while feed.happenings.len() < limit
        && let Some(row) = rows.next()?
    {
        let seq: i64 = row.get(0)?;
        let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some((at, id, what)) = news(text)
            && let Some(message) = reader::find(connection, id)?
        {
            let findings = record::field(text, "findings").unwrap_or_default().split(',');
            let findings = findings
                .filter_map(|it| it.split_once(':'))
                .map(|(rule, severity)| (rule.to_owned(), severity.to_owned()));
            feed.happenings.push(Happening { seq, at, what, findings: findings.collect(), message });
        }
        feed.upto = seq;
    }
    Ok(feed)
}

/// What a record says that is worth hearing.
fn news(record: &str) -> Option<(Timestamp, MessageId, What)> {
    let (mut at, mut id, mut then, mut fact) = (None, None, None, None);
    let (mut from, mut state): (Option<State>, Option<State>) = (None, None);
    for (name, value) in fields(record) {
        match name {
            "at" => at = record::time(value),
            "id" => id = unhex(value).map(MessageId),
            "from" => from = value.parse().ok(),
            "state" => state = value.parse().ok(),
            "then" => then = Some(value),
            "fact" => fact = FactKind::ALL.into_iter().find(|kind| kind.as_str() == value),
            _ => {}
        }
    }
    let state = state?;
    let moved = from != Some(state);
    let what = match fact {
        Some(fact) => What::Fact(fact),
        None if then == Some("entered") => What::Entered,
        None if moved && matches!(state, State::Succeeded | State::Failed | State::Cancelled) => What::Settled(state),
        None if moved && matches!(state, State::Held | State::Manual) => What::Waiting(state),
        None => return None,
    };
    Some((at?, id?, what))
}
