//! The payment resource: what the north sees of a message.

use jiff::Timestamp;
use serde::Serialize;

use crate::journal::Message;
use crate::life::State;

/// A payment as answers show it. Absent values are `null`, so that the shape never changes.
#[derive(Debug, Serialize)]
pub struct Payment<'a> {
    /// UUID version 7.
    pub id: String,
    /// The caller's idempotency key.
    pub key: &'a str,
    /// Paying bank.
    pub bank: &'a str,
    /// Our serial at the bank.
    pub serial: Option<&'a str>,
    /// The bank's own serial.
    pub bank_serial: Option<&'a str>,
    /// One of the thirteen states.
    pub state: &'static str,
    /// ISO 20022 payment status.
    pub iso_status: &'static str,
    /// Stable reason code.
    pub reason: Option<&'a str>,
    /// Fen.
    pub amount: i64,
    /// RFC 3339.
    pub accepted_at: Timestamp,
    /// RFC 3339.
    pub sent_at: Option<Timestamp>,
    /// RFC 3339.
    pub settled_at: Option<Timestamp>,
}

impl<'a> Payment<'a> {
    /// The message as it stands.
    pub fn of(message: &'a Message) -> Payment<'a> {
        Payment {
            id: message.id.to_string(),
            key: &message.key,
            bank: &message.bank,
            serial: message.serial(),
            bank_serial: message.bank_serial.as_deref(),
            state: message.state.as_str(),
            iso_status: message.state.iso_status(),
            reason: message.reason.as_deref(),
            amount: message.fen,
            accepted_at: message.accepted_at,
            sent_at: message.sent_at(),
            settled_at: message.settled_at,
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
    /// Now.
    pub at: Timestamp,
}

/// The body that will be replayed for ever, made before the commit that stores it.
pub fn settled(message: &Message, settled: &Settled<'_>) -> Vec<u8> {
    // What was unknown before is no reason for a success: the row forgets it too.
    let before = message.reason.as_deref().filter(|_| settled.state != State::Succeeded);
    body(&Payment {
        state: settled.state.as_str(),
        iso_status: settled.state.iso_status(),
        reason: settled.reason.or(before),
        bank_serial: settled.bank_serial.or(message.bank_serial.as_deref()),
        settled_at: Some(settled.at),
        ..Payment::of(message)
    })
}

/// The body of an answer that shows the message as it stands.
pub fn current(message: &Message) -> Vec<u8> {
    body(&Payment::of(message))
}

fn body(payment: &Payment<'_>) -> Vec<u8> {
    // A struct of strings, numbers and times always has a JSON form.
    serde_json::to_vec(payment).unwrap_or_default()
}
