//! Translation, end to end, over plans built by hand: what the compiler makes of a folder is its own tests' business.

mod conversions;
mod envelopes;
mod explained;
mod outcomes;
mod plans;
mod records;
mod templates;

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::{Adapter, OperationPlan};
use super::runtime::{Answered, Expected, Original, Outgoing, Refusal, Settings, Wire};
use crate::message::{Fen, Field, Operation, Record};

pub(super) const ACCOUNT: &str = "6217001234567890123";
pub(super) const NAME: &str = "张三";

/// 2022-03-15 10:20:30.456 at +08:00.
pub(super) fn sent_at() -> Timestamp {
    "2022-03-15T02:20:30.456Z".parse().expect("a timestamp")
}

pub(super) fn business_date() -> Date {
    Date::new(2022, 3, 15).expect("a date")
}

/// A payment of `fen` to the usual recipient.
pub(super) fn payment(fen: i64) -> Record<'static> {
    let mut record = Record::new();
    record.set_text(Field::PayeeName, NAME);
    record.set_text(Field::PayeeIdType, "resident");
    record.set_text(Field::PayeeId, "11010519491231002X");
    record.set_text(Field::PayeeAccount, ACCOUNT);
    record.set_text(Field::PayeeAccountKind, "card");
    record.set_fen(Field::Amount, Fen::new(fen));
    record.set_text(Field::Kind, "regular");
    record.set_text(Field::Purpose, "养老金");
    record
}

pub(super) fn settings() -> Settings {
    Settings(vec![Some("380000".to_owned()), Some("key-of-the-test".to_owned())])
}

pub(super) fn pay(adapter: &Adapter) -> &OperationPlan {
    adapter.operations.get(&Operation::PaymentPay).expect("the operation")
}

pub(super) fn outgoing<'a>(items: &'a [Record<'a>], settings: &'a Settings) -> Outgoing<'a> {
    Outgoing {
        serial: "0000000042",
        sent_at: sent_at(),
        business_date: business_date(),
        settings,
        items,
        original: None,
    }
}

pub(super) fn expected<'a>(item: &'a Record<'a>, settings: &'a Settings) -> Expected<'a> {
    Expected {
        serial: "0000000042",
        item,
        item_number: 1,
        sent_at: sent_at(),
        business_date: business_date(),
        original: None::<Original<'a>>,
        settings,
    }
}

pub(super) fn encode(adapter: &Adapter, items: &[Record<'_>]) -> Result<Wire, Refusal> {
    let settings = settings();
    adapter.encode_request(pay(adapter), &outgoing(items, &settings))
}

pub(super) fn decode_reply(adapter: &Adapter, bytes: &[u8]) -> Result<Answered, Refusal> {
    let (item, settings) = (payment(123_450), settings());
    adapter.decode_reply(pay(adapter), bytes, &expected(&item, &settings))
}

/// The message must be refused with this code at this offset.
#[track_caller]
pub(super) fn refused<T>(result: Result<T, Refusal>, code: &str, at: Option<usize>, about: &str) {
    let Err(refusal) = result else { panic!("{about}: was accepted") };
    assert_eq!((refusal.code, refusal.at), (code, at), "{about}: {refusal:?}");
}
