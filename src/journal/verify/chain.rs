//! The walk along the chain, with bodies and facts beside it: all three stand in the order of the records, so one pass
//! with little memory compares them.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Rows};

use super::report::{Report, Violation};
use crate::journal::chain::{Head, link};
use crate::journal::keys::Keys;
use crate::journal::record::{RULE_SWITCHED, field, fields, unhex};
use crate::journal::types::{BodyKind, MessageId};
use crate::life::State;

/// What the chain says last of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) seq: i64,
    pub(super) state: State,
    pub(super) row: [u8; 32],
}

pub(super) type Tails = HashMap<[u8; 16], Tail>;

/// Checks every record and gives the last word on every message.
pub(super) fn walk(connection: &Connection, keys: &Keys, report: &mut Report) -> Result<Tails, rusqlite::Error> {
    let mut tails = Tails::new();
    let mut head = Head::EMPTY;
    let mut records = connection.prepare("SELECT seq, record, hash FROM chain ORDER BY seq")?;
    let mut bodies = connection.prepare("SELECT slot, sealed FROM body ORDER BY slot")?;
    let mut facts = connection.prepare("SELECT seq, message, kind, fen FROM fact ORDER BY seq")?;
    let mut bodies: Beside<'_, Body> = Beside::new(bodies.query([])?)?;
    let mut facts: Beside<'_, Fact> = Beside::new(facts.query([])?)?;
    let mut rows = records.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, hash): (i64, [u8; 32]) = (row.get(0)?, row.get(2)?);
        let text = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        report.records = report.records.saturating_add(1);
        if seq != head.seq.saturating_add(1) || link(&head.hash, text) != hash {
            report.find(Violation::Chain(seq));
        }
        head = Head { seq, hash };
        if field(text, "event") == Some(RULE_SWITCHED) {
            continue;
        }
        let Some(record) = Read::of(text) else {
            report.find(Violation::Record(seq));
            continue;
        };
        if record.state != State::Rejected {
            follow(&mut tails, seq, &record, report);
        }
        while let Some((slot, body)) = bodies.take_while(|slot| slot < BodyKind::Request.slot(seq.saturating_add(1)))? {
            report.bodies = report.bodies.saturating_add(1);
            if !record.has_body(keys, slot.wrapping_sub(BodyKind::Request.slot(seq)), body.sealed) {
                report.find(Violation::Body(seq));
            }
        }
        let mut found = None;
        while let Some((at, fact)) = facts.take_while(|at| at <= seq)? {
            found = (at == seq).then_some((fact.message, fact.kind, fact.fen));
        }
        let said = record.fact.map(|(kind, fen)| (record.id, kind.to_owned(), fen));
        if found != said {
            report.find(Violation::Fact(seq));
        }
    }
    if bodies.take_while(|_| true)?.is_some() {
        report.find(Violation::Body(head.seq.saturating_add(1)));
    }
    if facts.take_while(|_| true)?.is_some() {
        report.find(Violation::Fact(head.seq.saturating_add(1)));
    }
    check_head(connection, keys, head, report)?;
    Ok(tails)
}

fn check_head(connection: &Connection, keys: &Keys, head: Head, report: &mut Report) -> Result<(), rusqlite::Error> {
    let stored: Option<(i64, [u8; 32], [u8; 32])> = connection
        .query_row("SELECT seq, hash, mac FROM head", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let right = match stored {
        Some((seq, hash, mac)) => Head { seq, hash } == head && head.mac(keys) == mac,
        None => head == Head::EMPTY,
    };
    if !right {
        report.find(Violation::Head);
    }
    Ok(())
}

/// One record against what was known of its message.
fn follow(tails: &mut Tails, seq: i64, record: &Read<'_>, report: &mut Report) {
    let before = tails.insert(record.id, Tail { seq, state: record.state, row: record.row });
    match (before, record.from) {
        (None, None) => {
            if let Some((bank, fen)) = record.claim {
                let sums = report.banks.entry(bank.to_owned()).or_default();
                sums.instructed = sums.instructed.saturating_add(i128::from(fen));
            } else {
                report.find(Violation::Record(seq));
            }
        }
        (Some(before), Some((prior, from))) => {
            if before.seq != prior || before.state != from {
                report.find(Violation::Transition(seq));
            }
            if from.is_terminal() && record.state != from {
                report.find(Violation::OutcomeChanged(seq));
            }
        }
        (None, Some(_)) | (Some(_), None) => report.find(Violation::Transition(seq)),
    }
}

/// A record, read.
struct Read<'a> {
    id: [u8; 16],
    state: State,
    from: Option<(i64, State)>,
    row: [u8; 32],
    claim: Option<(&'a str, i64)>,
    fact: Option<(&'a str, i64)>,
    bodies: [Option<&'a str>; 4],
}

impl<'a> Read<'a> {
    fn of(text: &'a str) -> Option<Read<'a>> {
        let (mut id, mut state, mut from, mut prior, mut row) = (None, None, None, None, None);
        let (mut bank, mut fen, mut fact, mut fact_fen) = (None, None, None, None);
        let mut bodies = [None; 4];
        for (name, value) in fields(text) {
            match name {
                "id" => id = Some(unhex(value)?),
                "state" => state = Some(value.parse().ok()?),
                "from" => from = Some(value.parse::<State>().ok()?),
                "prior" => prior = Some(value.parse::<i64>().ok()?),
                "row" => row = Some(unhex(value)?),
                "bank" => bank = Some(value),
                "fen" => fen = Some(value.parse::<i64>().ok()?),
                "fact" => fact = Some(value),
                "fact-fen" => fact_fen = Some(value.parse::<i64>().ok()?),
                other => {
                    let mut kinds = BodyKind::ALL.iter().zip(bodies.iter_mut());
                    if let Some((_, digest)) = kinds.find(|(kind, _)| kind.name() == other) {
                        *digest = Some(value);
                    }
                }
            }
        }
        let state = state?;
        // Evidence of a refusal has no row.
        let row = if state == State::Rejected { [0; 32] } else { row? };
        Some(Read {
            id: id?,
            state,
            from: prior.zip(from),
            row,
            claim: bank.zip(fen),
            fact: fact.zip(fact_fen),
            bodies,
        })
    }

    /// Whether the body at this place opens and is what the record says.
    fn has_body(&self, keys: &Keys, place: i64, sealed: Vec<u8>) -> bool {
        let place = usize::try_from(place).ok();
        let known = place.and_then(|place| Some((*BodyKind::ALL.get(place)?, (*self.bodies.get(place)?)?)));
        let Some((kind, digest)) = known else { return false };
        let id = MessageId(self.id);
        keys.open(id, kind, sealed).is_ok_and(|plain| unhex(digest) == Some(keys.body_digest(id, kind, &plain)))
    }
}

/// A row that stands beside a record.
trait Standing: Sized {
    fn read(row: &rusqlite::Row<'_>) -> Result<(i64, Self), rusqlite::Error>;
}

struct Body {
    sealed: Vec<u8>,
}

impl Standing for Body {
    fn read(row: &rusqlite::Row<'_>) -> Result<(i64, Body), rusqlite::Error> {
        Ok((row.get(0)?, Body { sealed: row.get(1)? }))
    }
}

struct Fact {
    message: [u8; 16],
    kind: String,
    fen: i64,
}

impl Standing for Fact {
    fn read(row: &rusqlite::Row<'_>) -> Result<(i64, Fact), rusqlite::Error> {
        Ok((row.get(0)?, Fact { message: row.get(1)?, kind: row.get(2)?, fen: row.get(3)? }))
    }
}

/// A second table walked in step with the chain.
struct Beside<'s, T> {
    rows: Rows<'s>,
    next: Option<(i64, T)>,
}

impl<'s, T: Standing> Beside<'s, T> {
    fn new(mut rows: Rows<'s>) -> Result<Beside<'s, T>, rusqlite::Error> {
        let next = rows.next()?.map(T::read).transpose()?;
        Ok(Beside { rows, next })
    }

    fn take_while(&mut self, wanted: impl Fn(i64) -> bool) -> Result<Option<(i64, T)>, rusqlite::Error> {
        if !self.next.as_ref().is_some_and(|(at, _)| wanted(*at)) {
            return Ok(None);
        }
        let following = self.rows.next()?.map(T::read).transpose()?;
        Ok(std::mem::replace(&mut self.next, following))
    }
}
