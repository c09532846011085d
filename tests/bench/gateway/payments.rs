//! What is sent: an invented county's payments, as the agency writes them and as the bank gets them.

use std::sync::Arc;

use jiff::Timestamp;
use kuimen::adapter::builtin;
use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Outgoing, Settings, Wire};
use kuimen::message::{Operation, Record, north};
use kuimen::simulator::county::{self, PayingBank};

/// The bank of the benchmark: its dialect is a whole HTTP exchange on a kept connection, and has the largest messages.
pub(crate) const BANK: &str = "icbc";

/// So many different payments are made; after the last comes the first again, under another key.
const COUNT: u32 = 4_096;

pub(crate) fn adapter() -> Arc<Adapter> {
    builtin::load_all().expect("adapters without faults").remove(BANK).expect("the benchmark's bank")
}

/// One payment in all its forms.
pub(crate) struct Payment {
    pub(crate) record: Record<'static>,
    /// As the agency sends it.
    pub(crate) north: String,
    /// As the bank gets it, under a serial of its own.
    pub(crate) wire: Wire,
}

/// The county's payments.
pub(crate) fn all(adapter: &Adapter, settings: &Settings) -> Vec<Payment> {
    let bank = PayingBank { id: adapter.id.clone(), cnaps: adapter.party.cnaps.clone() };
    let plan = adapter.operation(Operation::PaymentPay).expect("the bank pays");
    let demands = county::month(1, COUNT, &[bank]).into_iter().enumerate();
    demands
        .map(|(number, demand)| {
            let serial = format!("{number:016}");
            let at = Timestamp::now();
            let outgoing = Outgoing {
                serial: &serial,
                sent_at: at,
                business_date: kuimen::clock::business_date(at, jiff::civil::Time::midnight()),
                settings,
                items: std::slice::from_ref(&demand.record),
                original: None,
            };
            let wire = adapter.encode_request(plan, &outgoing).expect("the county's payments can be encoded");
            Payment { north: north::encode(&demand.record), record: demand.record, wire }
        })
        .collect()
}
