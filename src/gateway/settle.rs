//! What came back, in the words of the state table. Pure.
//!
//! Anything that is not clearly ours and clearly final is *unknown*: a cut or unreadable answer, an unlisted code, an
//! echo of somebody else's serial.

use jiff::Timestamp;
use jiff::civil::Date;

use super::bank::Pinned;
use super::draft::{Panicked, guarded, no_such_operation};
use super::resource;
use crate::adapter::runtime::{Answered, Expected, Original, Ours, Refusal};
use crate::journal::{Evidence, Message, Response};
use crate::life::{Cause, Event, Queried, State, Verdict};
use crate::link::{Delivery, Unknown};
use crate::message::{Occurrence, Operation, Record, Reply};

/// What was asked of the bank.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The exchange.
    pub operation: Operation,
    /// The request's own serial.
    pub serial: &'a str,
    /// The time that stands in the request.
    pub sent_at: Timestamp,
    /// The business date that stands in the request.
    pub business_date: Date,
}

/// What an exchange came to.
pub(crate) struct Outcome {
    /// What happened.
    pub event: Event,
    /// What goes with it.
    pub evidence: Evidence,
    /// The answer, where it is about something else: nothing of it counts here, and it belongs elsewhere.
    pub misplaced: Option<Vec<u8>>,
}

impl Outcome {
    fn of((event, evidence): (Event, Evidence)) -> Outcome {
        Outcome { event, evidence, misplaced: None }
    }

    /// Of an answer about something else: not a word of it is taken over, neither a code nor a serial of the bank's.
    fn misplaced(event: Event, bytes: Vec<u8>) -> Outcome {
        let evidence = because(Cause::NotOurs.name(), Some(bytes.clone()));
        Outcome { event, evidence, misplaced: Some(bytes) }
    }
}

/// What a payment's delivery came to.
pub(crate) fn sent(
    pinned: &Pinned,
    asked: Asked<'_>,
    message: &Message,
    record: &Record<'_>,
    delivered: Delivery,
    at: Timestamp,
) -> Outcome {
    let unknown = |cause, reason, answer| Outcome::of((Event::SendUnknown(cause), because(reason, answer)));
    let bytes = match delivered {
        Delivery::Answered(bytes) => bytes,
        Delivery::NotSent(cause) => return Outcome::of((Event::ConnectFailed, because(cause.code(), None))),
        Delivery::Unknown(cause) => return unknown(unanswered(cause), cause.code(), None),
    };
    match read(pinned, asked, message, record, &bytes) {
        Ok(Ok(answered)) => match verdict(&answered) {
            Some(verdict) => Outcome::of((Event::Answered(verdict), evidence(message, answered.reply, bytes, at))),
            None => Outcome::misplaced(Event::SendUnknown(Cause::NotOurs), bytes),
        },
        Ok(Err(refusal)) => {
            tracing::warn!(id = %message.id, code = refusal.code, at = refusal.at, "an answer cannot be read");
            unknown(Cause::Unreadable, "unreadable", Some(bytes))
        }
        Err(Panicked) => unknown(Cause::Internal, "internal", Some(bytes)),
    }
}

/// Why there was no answer, in the words of the state table.
fn unanswered(cause: Unknown) -> Cause {
    match cause {
        Unknown::Silence | Unknown::WriteTimeout => Cause::TimedOut,
        Unknown::Write | Unknown::Cut => Cause::Cut,
        Unknown::TooLong | Unknown::Frame | Unknown::Http | Unknown::Status(_) => Cause::Unreadable,
    }
}

/// What a query came to.
pub(crate) fn queried(
    pinned: &Pinned,
    asked: Asked<'_>,
    message: &Message,
    record: &Record<'_>,
    delivered: Delivery,
    at: Timestamp,
) -> Outcome {
    let failed = |reason: &str, answer| Outcome::of((Event::Queried(Queried::Failed), because(reason, answer)));
    let bytes = match delivered {
        Delivery::Answered(bytes) => bytes,
        Delivery::NotSent(cause) => return failed(cause.code(), None),
        Delivery::Unknown(cause) => return failed(cause.code(), None),
    };
    match read(pinned, asked, message, record, &bytes) {
        Ok(Ok(answered)) => {
            let found = match verdict(&answered) {
                Some(Verdict::Unclear) if answered.reply.not_found => Queried::NotFound,
                Some(verdict) => Queried::Answered(verdict),
                None => return Outcome::misplaced(Event::Queried(Queried::Failed), bytes),
            };
            Outcome::of((Event::Queried(found), evidence(message, answered.reply, bytes, at)))
        }
        Ok(Err(_)) => failed("query-unreadable", Some(bytes)),
        Err(Panicked) => failed("internal", Some(bytes)),
    }
}

/// What an answer that nobody waited for says of a message, read as the answer to `asked`.
pub(crate) enum Late {
    /// It is about it.
    Ours(Verdict, Evidence),
    /// It is about something else; our serial, if it names one.
    Anothers(Option<String>),
    /// It is no such answer.
    Unreadable,
}

/// Reads an answer that nobody waited for.
pub(crate) fn late(
    pinned: &Pinned,
    asked: Asked<'_>,
    message: &Message,
    record: &Record<'_>,
    bytes: &[u8],
    at: Timestamp,
) -> Late {
    match read(pinned, asked, message, record, bytes) {
        Ok(Ok(answered)) => match verdict(&answered) {
            Some(verdict) => Late::Ours(verdict, evidence(message, answered.reply, bytes.to_vec(), at)),
            None => Late::Anothers(answered.reply.serial),
        },
        Ok(Err(_)) | Err(Panicked) => Late::Unreadable,
    }
}

fn read(
    pinned: &Pinned,
    asked: Asked<'_>,
    message: &Message,
    record: &Record<'_>,
    bytes: &[u8],
) -> Result<Result<Answered, Refusal>, Panicked> {
    let original = message.delivery.as_ref().map(|delivery| Original {
        serial: &delivery.serial,
        sent_at: delivery.view.intended_at,
        business_date: delivery.business_date,
        bank_serial: message.bank_serial.as_deref(),
    });
    let expected = Expected {
        serial: asked.serial,
        sent_at: asked.sent_at,
        business_date: asked.business_date,
        item: record,
        item_number: 1,
        original,
        settings: &pinned.settings,
    };
    guarded(|| {
        let plan = pinned.plan(asked.operation).ok_or_else(no_such_operation)?;
        pinned.adapter.decode_reply(plan, bytes, &expected)
    })
}

/// The verdict of an answer; `None` when it is about something else.
fn verdict(answered: &Answered) -> Option<Verdict> {
    match (&answered.correlation, answered.reply.occurrence) {
        (Ours::No(_), _) => None,
        (Ours::Yes | Ours::Differs(_), Occurrence::Unknown) => Some(Verdict::Unclear),
        (Ours::Differs(_), Occurrence::Yes) => Some(Verdict::Different),
        // "Refused" or "in hand" for another amount or account says nothing about ours.
        (Ours::Differs(_), Occurrence::No | Occurrence::InHand) => Some(Verdict::Unclear),
        (Ours::Yes, Occurrence::Yes) => Some(Verdict::Yes),
        (Ours::Yes, Occurrence::No) => Some(Verdict::No),
        (Ours::Yes, Occurrence::InHand) => Some(Verdict::InHand),
    }
}

fn evidence(message: &Message, reply: Reply, bytes: Vec<u8>, at: Timestamp) -> Evidence {
    let reason = reply.reason.or(reply.bank_code);
    let bank_serial = reply.bank_serial;
    let ends = match reply.occurrence {
        Occurrence::Yes => Some(State::Succeeded),
        Occurrence::No => Some(State::Failed),
        Occurrence::InHand | Occurrence::Unknown => None,
    };
    let response = ends.map(|state| {
        let settled = resource::Settled { state, reason: reason.as_deref(), bank_serial: bank_serial.as_deref(), at };
        Response { state, status: 200, body: resource::settled(message, &settled) }
    });
    Evidence { reason, bank_serial, answer: Some(bytes), response, ..Evidence::default() }
}

fn because(reason: &str, answer: Option<Vec<u8>>) -> Evidence {
    Evidence { reason: Some(reason.to_owned()), answer, ..Evidence::default() }
}
