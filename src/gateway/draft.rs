//! From a payment or an errand to a serial and the exact bytes that will carry it.
//!
//! Translation is guarded: a panic in it is our fault and concerns one message, never the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use jiff::civil::Date;

use super::Gateway;
use super::bank::{Bank, Pinned};
use crate::adapter::runtime::{Original, Outgoing, Refusal, Wire};
use crate::journal::{JournalError, LaneMark, Message, NewDelivery, SerialOf, narrow_serial};
use crate::lang::Phrase;
use crate::message::{Operation, Record};

/// The shard of the one owner of an embedded journal.
const SHARD: u8 = 1;

/// How many serials are derived for a payment before it is given up: each belonged to another payment. One collision in
/// 80 bits is already a rarity.
pub(super) const SALTS: u8 = 8;

/// A translation panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Why there is no draft.
#[derive(Debug)]
pub(crate) enum NoDraft {
    /// The adapter cannot carry it.
    Refused(Refusal),
    /// The translation panicked.
    Panicked,
    /// The journal gives no number for the lane.
    Journal(JournalError),
    /// The rule for serials has none for this payment: the lane's day is full.
    NoSerial,
}

/// A payment, encoded, not yet durable.
pub(crate) struct Draft {
    /// What the journal needs.
    pub delivery: NewDelivery,
    /// What the link needs.
    pub wire: Wire,
}

/// Whose message it is, and of what operation: what its serials are derived from.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// Organisation.
    pub org: &'a str,
    /// Idempotency key.
    pub key: &'a str,
    /// What is asked of the bank.
    pub operation: Operation,
}

impl<'a> Owner<'a> {
    /// What the serial of the payment, and of every query about it, is derived from.
    fn serial_of(&self, bank: &'a Bank, salt: u8) -> SerialOf<'a> {
        let operation = self.operation.name();
        SerialOf { bank: &bank.id, org: self.org, operation, key: self.key, line: 0, salt }
    }
}

impl Gateway {
    /// Encodes a message under a fresh serial.
    pub(super) async fn draft(
        &self,
        bank: &Bank,
        pinned: &Pinned,
        owner: Owner<'_>,
        record: &Record<'_>,
        salt: u8,
        at: Timestamp,
    ) -> Result<Draft, NoDraft> {
        let business_date = bank.business_date(at);
        let rule = &pinned.adapter.serial;
        let (serial, lane) = if rule.wide {
            let serial = self.keys.wide_serial(&owner.serial_of(bank, salt), rule.width);
            (serial.ok_or(NoDraft::NoSerial)?, None)
        } else {
            let number = self.journal.lane_next(&bank.id, business_date, SHARD).await.map_err(NoDraft::Journal)?;
            (
                narrow_serial(SHARD, number, rule.width).ok_or(NoDraft::NoSerial)?,
                Some(LaneMark { shard: SHARD, number }),
            )
        };
        let wire = guarded(|| encode(pinned, owner.operation, &serial, at, business_date, record, None))
            .map_err(|Panicked| NoDraft::Panicked)?
            .map_err(NoDraft::Refused)?;
        let scope = if rule.per_day { business_date.to_string() } else { String::new() };
        let delivery = NewDelivery { serial, scope, salt, lane, business_date, bytes: joined(&wire) };
        Ok(Draft { delivery, wire })
    }

    /// The serial of the query with this number about a payment.
    pub(super) fn query_serial(&self, bank: &Bank, pinned: &Pinned, message: &Message, number: u32) -> Option<String> {
        let owner = Owner { org: &message.org, key: &message.key, operation: message.operation };
        let salt = message.delivery.as_ref()?.salt;
        let rule = &pinned.adapter.serial;
        self.keys.query_serial(&owner.serial_of(bank, salt), number, rule.width, rule.digits)
    }

    /// Encodes the query of a payment, with the query's own serial.
    pub(super) fn draft_query(
        &self,
        bank: &Bank,
        pinned: &Pinned,
        message: &Message,
        record: &Record<'_>,
        at: Timestamp,
    ) -> Result<(String, Wire), NoDraft> {
        let Some(delivery) = &message.delivery else {
            return Err(NoDraft::NoSerial);
        };
        let serial = self.query_serial(bank, pinned, message, delivery.view.queries).ok_or(NoDraft::NoSerial)?;
        let original = Original {
            serial: &delivery.serial,
            sent_at: delivery.view.intended_at,
            business_date: delivery.business_date,
            bank_serial: message.bank_serial.as_deref(),
        };
        let date = bank.business_date(at);
        guarded(|| encode(pinned, Operation::PaymentQuery, &serial, at, date, record, Some(original)))
            .map_err(|Panicked| NoDraft::Panicked)?
            .map_err(NoDraft::Refused)
            .map(|wire| (serial, wire))
    }
}

/// Whether the bank can carry the message, with the widest serial there is.
pub(crate) fn dry_encode(
    bank: &Bank,
    operation: Operation,
    record: &Record<'_>,
    at: Timestamp,
) -> Result<Result<(), Refusal>, Panicked> {
    let serial = bank.current.adapter.full_width_serial();
    let date = bank.business_date(at);
    guarded(|| encode(&bank.current, operation, &serial, at, date, record, None).map(drop))
}

fn encode(
    pinned: &Pinned,
    operation: Operation,
    serial: &str,
    sent_at: Timestamp,
    business_date: Date,
    record: &Record<'_>,
    original: Option<Original<'_>>,
) -> Result<Wire, Refusal> {
    let plan = pinned.plan(operation).ok_or_else(no_such_operation)?;
    let items = std::slice::from_ref(record);
    let outgoing = Outgoing { serial, sent_at, business_date, settings: &pinned.settings, items, original };
    pinned.adapter.encode_request(plan, &outgoing)
}

/// The adapter has no such exchange. Admission has looked for it, so only an adapter that changed underneath says this.
pub(crate) fn no_such_operation() -> Refusal {
    Refusal { code: "not-supported", field: None, at: None, rule: Phrase::new("gateway-not-supported") }
}

/// Runs a translation; a panic in it becomes a value.
pub(crate) fn guarded<T>(translate: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(translate)).map_err(|_| {
        tracing::error!("a translation panicked");
        Panicked
    })
}

/// The bytes whose digest is the intent's: the target and a line feed before the body where there is a target.
pub(crate) fn joined(wire: &Wire) -> Vec<u8> {
    match &wire.target {
        Some(target) => [target.as_slice(), b"\n", wire.body.as_slice()].concat(),
        None => wire.body.clone(),
    }
}

/// The wire that [`joined`] was made of.
pub(crate) fn parted(bytes: Vec<u8>, has_target: bool) -> Wire {
    if has_target && let Some(end) = memchr::memchr(b'\n', &bytes) {
        let (target, rest) = bytes.split_at(end);
        return Wire { target: Some(target.to_vec()), body: rest.get(1..).unwrap_or_default().to_vec() };
    }
    Wire { target: None, body: bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_joined_comes_apart_as_it_was() {
        for wire in [
            Wire { target: None, body: b"a\nb".to_vec() },
            Wire { target: Some(b"/x?y=1".to_vec()), body: b"a\nb".to_vec() },
            Wire { target: Some(b"/".to_vec()), body: Vec::new() },
        ] {
            assert_eq!(parted(joined(&wire), wire.target.is_some()), wire);
        }
    }

    #[test]
    fn a_panic_is_a_value() {
        assert_eq!(guarded(|| 7), Ok(7));
        assert_eq!(guarded(|| -> u8 { std::panic::resume_unwind(Box::new("x")) }), Err(Panicked));
    }
}
