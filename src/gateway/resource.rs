//! What the north sees of a message: one resource for payments and for errands, each with what it has.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::journal::{Message, MessageId};
use crate::life::State;
use crate::message::{Operation, Record, north};

/// A message as answers show it. What is not known yet is `null`, so that the shape of each kind never changes; what a
/// kind does not have is not there at all.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    /// UUID version 7.
    pub id: String,
    /// The caller's idempotency key.
    pub key: &'a str,
    /// `payment.pay`, `card.query`.
    pub operation: &'static str,
    /// The bank that it is for.
    pub bank: &'a str,
    /// Our serial at the bank.
    pub serial: Option<&'a str>,
    /// The bank's own serial.
    pub bank_serial: Option<&'a str>,
    /// One of the thirteen states.
    pub state: &'static str,
    /// ISO 20022 payment status; payments only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso_status: Option<&'static str>,
    /// Stable reason code.
    pub reason: Option<&'a str>,
    /// Fen; payments only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// RFC 3339.
    pub accepted_at: Timestamp,
    /// RFC 3339.
    pub sent_at: Option<Timestamp>,
    /// RFC 3339.
    pub settled_at: Option<Timestamp>,
    /// What the bank said of what was asked for; only in the final answer to an errand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Map<String, Value>>,
}

impl<'a> Shown<'a> {
    /// The message as it stands.
    pub fn of(message: &'a Message) -> Shown<'a> {
        let payment = message.operation.is_payment();
        Shown {
            id: message.id.to_string(),
            key: &message.key,
            operation: message.operation.name(),
            bank: &message.bank,
            serial: message.serial(),
            bank_serial: message.bank_serial.as_deref(),
            state: message.state.as_str(),
            iso_status: payment.then(|| message.state.iso_status()),
            reason: message.reason.as_deref(),
            amount: payment.then_some(message.fen),
            accepted_at: message.accepted_at,
            sent_at: message.sent_at(),
            settled_at: message.settled_at,
            answers: None,
        }
    }
}

/// How a message is about to end.
pub struct Settled<'a> {
    /// The final state.
    pub state: State,
    /// Its reason.
    pub reason: Option<&'a str>,
    /// The bank's own serial, where this answer gave one.
    pub bank_serial: Option<&'a str>,
    /// What the answer said of what was asked for.
    pub answers: &'a Record<'static>,
    /// Now.
    pub at: Timestamp,
}

/// The body that will be replayed for ever, made before the commit that stores it.
pub fn settled(message: &Message, settled: &Settled<'_>) -> Vec<u8> {
    // What was unknown before is no reason for a success: the row forgets it too.
    let before = message.reason.as_deref().filter(|_| settled.state != State::Succeeded);
    let payment = message.operation.is_payment();
    body(&Shown {
        state: settled.state.as_str(),
        iso_status: payment.then(|| settled.state.iso_status()),
        reason: settled.reason.or(before),
        bank_serial: settled.bank_serial.or(message.bank_serial.as_deref()),
        settled_at: Some(settled.at),
        answers: (!payment).then(|| north::object(settled.answers)),
        ..Shown::of(message)
    })
}

/// The final body of an entry of the register, which no bank is asked about.
pub fn entered(id: MessageId, key: &str, operation: Operation, bank: &str, at: Timestamp) -> Vec<u8> {
    body(&Shown {
        id: id.to_string(),
        key,
        operation: operation.name(),
        bank,
        serial: None,
        bank_serial: None,
        state: State::Succeeded.as_str(),
        iso_status: None,
        reason: None,
        amount: None,
        accepted_at: at,
        sent_at: None,
        settled_at: Some(at),
        answers: Some(Map::new()),
    })
}

/// The body of an answer that shows the message as it stands.
pub fn current(message: &Message) -> Vec<u8> {
    body(&Shown::of(message))
}

fn body(shown: &Shown<'_>) -> Vec<u8> {
    // A struct of strings, numbers and times always has a JSON form.
    serde_json::to_vec(shown).unwrap_or_default()
}
