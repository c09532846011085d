//! What came back, in the words of the state table. Pure.
//!
//! Anything that is not clearly ours and clearly final is *unknown*: a cut or unreadable answer, an unlisted code, an
//! echo of somebody else's serial.

use jiff::Timestamp;
use jiff::civil::Date;

use super::bank::Pinned;
use super::draft::{Panicked, guarded, no_such_operation};
use super::resource;
use crate::adapter::plan::{OutcomeRule, OutcomeThen};
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
    match understood(pinned, asked, message, record, &bytes, at) {
        Understood::Ours(judged) => {
            Outcome::of((Event::Answered(judged.verdict), Evidence { answer: Some(bytes), ..judged.evidence }))
        }
        Understood::Anothers(_) => Outcome::misplaced(Event::SendUnknown(Cause::NotOurs), bytes),
        Understood::Not(refusal) => {
            tracing::warn!(id = %message.id, code = refusal.code, at = refusal.at, "an answer cannot be read");
            unknown(Cause::Unreadable, "unreadable", Some(bytes))
        }
        Understood::Panicked => unknown(Cause::Internal, "internal", Some(bytes)),
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
    match understood(pinned, asked, message, record, &bytes, at) {
        Understood::Ours(Judged { verdict, not_found, evidence }) => {
            let found = if not_found { Queried::NotFound } else { Queried::Answered(verdict) };
            Outcome::of((Event::Queried(found), Evidence { answer: Some(bytes), ..evidence }))
        }
        Understood::Anothers(_) => Outcome::misplaced(Event::Queried(Queried::Failed), bytes),
        Understood::Not(_) => failed("query-unreadable", Some(bytes)),
        Understood::Panicked => failed("internal", Some(bytes)),
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
    match understood(pinned, asked, message, record, bytes, at) {
        Understood::Ours(judged) => {
            Late::Ours(judged.verdict, Evidence { answer: Some(bytes.to_vec()), ..judged.evidence })
        }
        Understood::Anothers(serial) => Late::Anothers(serial),
        Understood::Not(_) | Understood::Panicked => Late::Unreadable,
    }
}

/// Bytes read as the answer to an exchange: the one place where an answer becomes a verdict.
enum Understood {
    /// It is about our payment.
    Ours(Judged),
    /// It is about something else; our serial, if it names one.
    Anothers(Option<String>),
    /// It cannot be read.
    Not(Refusal),
    /// Our fault.
    Panicked,
}

/// What an answer says of our payment. The bytes are added to the evidence by whoever owns them.
struct Judged {
    verdict: Verdict,
    /// The bank does not know our serial. Only a query asks that.
    not_found: bool,
    evidence: Evidence,
}

fn understood(
    pinned: &Pinned,
    asked: Asked<'_>,
    message: &Message,
    record: &Record<'_>,
    bytes: &[u8],
    at: Timestamp,
) -> Understood {
    let answered = match read(pinned, asked, message, record, bytes) {
        Ok(Ok(answered)) => answered,
        Ok(Err(refusal)) => return Understood::Not(refusal),
        Err(Panicked) => return Understood::Panicked,
    };
    let Some(verdict) = verdict(&answered) else { return Understood::Anothers(answered.reply.serial) };
    let not_found = not_found(&answered);
    let listed = |code: &str| pinned.plan(asked.operation).is_some_and(|plan| lists(&plan.outcome, code));
    Understood::Ours(Judged { verdict, not_found, evidence: evidence(message, answered.reply, listed, at) })
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
        (Ours::Yes | Ours::Differs(_), Occurrence::Unknown) if answered.known => Some(Verdict::Known),
        (Ours::Yes | Ours::Differs(_), Occurrence::Unknown) => Some(Verdict::Unclear),
        (Ours::Differs(_), Occurrence::Yes) => Some(Verdict::Different),
        // "Refused" or "in hand" for another amount or account says nothing about ours, but that the bank has our serial.
        (Ours::Differs(_), Occurrence::No | Occurrence::InHand) => Some(Verdict::Known),
        (Ours::Yes, Occurrence::Yes) => Some(Verdict::Yes),
        (Ours::Yes, Occurrence::No) => Some(Verdict::No),
        (Ours::Yes, Occurrence::InHand) => Some(Verdict::InHand),
    }
}

/// Whether the bank says that it does not know our serial. A "not found" that shows another amount or account is no word
/// about ours, and one that shows our payment contradicts itself.
fn not_found(answered: &Answered) -> bool {
    answered.reply.not_found && !answered.known && answered.correlation == Ours::Yes
}

fn evidence(message: &Message, reply: Reply, listed: impl Fn(&str) -> bool, at: Timestamp) -> Evidence {
    let reason = reply.reason.or(reply.bank_code).map(|code| reason(code, listed));
    let bank_serial = reply.bank_serial.filter(|serial| is_clean(serial, SERIAL_MAX));
    let ends = match reply.occurrence {
        Occurrence::Yes => Some(State::Succeeded),
        Occurrence::No => Some(State::Failed),
        Occurrence::InHand | Occurrence::Unknown => None,
    };
    let response = ends.map(|state| {
        let settled = resource::Settled {
            state,
            reason: reason.as_deref(),
            bank_serial: bank_serial.as_deref(),
            answers: &reply.answers,
            at,
        };
        Response { state, status: 200, body: resource::settled(message, &settled) }
    });
    Evidence { reason, bank_serial, response, ..Evidence::default() }
}

/// Stands for a code that may not be shown.
const UNLISTED: &str = "unlisted-code";
/// A code that nobody has listed is shown only if it is shorter than every telephone, account and identity number.
const CODE_MAX: usize = 10;
/// The longest code that a list may hold, and the longest serial that a bank may give.
const SERIAL_MAX: usize = 64;

/// What may stand as a reason: in the row, in the chain for ever, in answers. A bank can put anything into the element of
/// its code, a person's name or account among it; the bytes themselves are sealed.
fn reason(code: String, listed: impl Fn(&str) -> bool) -> String {
    let short =
        code.len() <= CODE_MAX && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let shown = is_clean(&code, SERIAL_MAX) && (short || listed(&code));
    if shown { code } else { UNLISTED.to_owned() }
}

/// Visible ASCII only, and some of it: the journal takes nothing else, and an answer must never be lost over it.
fn is_clean(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the adapter knows this code.
fn lists(rules: &[OutcomeRule], code: &str) -> bool {
    rules.iter().any(|rule| match &rule.then {
        OutcomeThen::Table { by: _, codes } => {
            codes.iter().any(|(of, verdict)| of == code || verdict.reason.as_deref() == Some(code))
        }
        OutcomeThen::Verdict(verdict) => verdict.reason.as_deref() == Some(code),
    })
}

fn because(reason: &str, answer: Option<Vec<u8>>) -> Evidence {
    Evidence { reason: Some(reason.to_owned()), answer, ..Evidence::default() }
}

#[cfg(test)]
mod tests;
