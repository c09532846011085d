//! A journal in a temporary directory, and messages to put into it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::journal::{
    Change, Claim, Claimed, Evidence, Intent, Journal, Keys, Message, MessageId, NewDelivery, Response, SerialOf,
    Settings, SqliteJournal, Then, default_key_file,
};
use crate::life::{BankPolicy, Event, State};
use crate::message::Operation;

pub(super) const POLICY: BankPolicy =
    BankPolicy { has_query: true, refuses_duplicate_serial: true, resends_same_bytes: true, ..BankPolicy::CAREFUL };

pub(in crate::journal) fn settings(dir: &Path) -> Settings {
    Settings { dir: dir.to_owned(), clock: Clock::REAL, simulation: false, max_pages: None }
}

pub(in crate::journal) fn keys(dir: &Path) -> Arc<Keys> {
    let path = default_key_file(dir);
    Arc::new(if path.exists() { Keys::load_private(&path).unwrap() } else { Keys::create(&path).unwrap() })
}

pub(super) fn open(dir: &Path) -> SqliteJournal {
    SqliteJournal::open(settings(dir), keys(dir)).unwrap()
}

pub(super) fn now() -> Timestamp {
    Clock::REAL.now()
}

pub(super) fn claim(keys: &Keys, key: &str, then: Then) -> Claim {
    claim_of(keys, key, 123_450, then)
}

pub(super) fn claim_of(keys: &Keys, key: &str, fen: i64, then: Then) -> Claim {
    let fields = [("payee.name", "张三".to_owned()), ("amount", fen.to_string())];
    Claim {
        id: MessageId::new(),
        org: "fengjie".to_owned(),
        operation: Operation::PaymentPay,
        key: key.to_owned(),
        fingerprint: keys.fingerprint("payment.pay", &fields),
        raw_digest: [7; 32],
        bank: "b1".to_owned(),
        twin: None,
        findings: Vec::new(),
        order: Some(format!("order-{key}")),
        fen,
        adapter: "ab".repeat(32),
        at: now(),
        request: format!("{{\"amount\":{fen}}}").into_bytes(),
        then,
    }
}

pub(super) fn delivery(keys: &Keys, key: &str) -> NewDelivery {
    let of = SerialOf { bank: "b1", org: "fengjie", operation: "payment.pay", key, line: 0, salt: 0 };
    let serial = keys.wide_serial(&of, 16).unwrap();
    let bytes = format!("<CMS><fSeqno>{serial}</fSeqno></CMS>").into_bytes();
    let business_date = jiff::civil::date(2022, 3, 15);
    NewDelivery { serial, scope: String::new(), salt: 0, lane: None, business_date, bytes }
}

pub(super) fn sent(keys: &Keys, key: &str) -> Claim {
    claim(keys, key, Then::Send(delivery(keys, key)))
}

pub(super) fn change(id: MessageId, event: Event) -> Change {
    Change { id, at: now(), event, policy: POLICY, evidence: Evidence::default() }
}

pub(super) fn intent(journal: &dyn Journal, id: MessageId, delivery: Option<NewDelivery>) -> Intent {
    Intent { id, at: now(), fence: journal.fence(), dated_today: true, delivery, policy: POLICY }
}

pub(super) fn response(state: State) -> Response {
    Response { state, status: 200, body: format!("{{\"state\":\"{state}\"}}").into_bytes() }
}

/// The message of a claim that must win.
pub(super) async fn won(journal: &impl Journal, claim: Claim) -> Message {
    match journal.claim(claim).await.unwrap() {
        Claimed::Won(message) => *message,
        lost @ (Claimed::Same(_) | Claimed::Different { .. } | Claimed::SerialTaken) => panic!("{lost:?}"),
    }
}
