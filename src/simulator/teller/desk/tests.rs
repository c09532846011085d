//! Every built-in dialect that has errands: what the bank says is what it did, and it does it once.

use std::sync::Arc;

use crate::adapter::builtin;
use crate::adapter::plan::Adapter;
use crate::adapter::runtime::{Expected, Ours, Outgoing};
use crate::message::{Field, Occurrence, Operation, Record, Reply};
use crate::simulator::Manners;
use crate::simulator::ledger::{Books, Ledger};
use crate::simulator::misbehaviour::FaultPlan;
use crate::simulator::teller::{Doing, Teller};

struct Desk {
    teller: Teller,
    _dir: tempfile::TempDir,
}

fn desks(refuses_duplicates: bool) -> Vec<Desk> {
    let adapters = builtin::load_all().expect("sound adapters").into_values();
    let served = adapters.filter(|adapter| adapter.operations.contains_key(&Operation::CardReportLoss));
    let open = |adapter: Arc<Adapter>| {
        let dir = tempfile::tempdir().expect("folder");
        let ledger = Ledger::open(dir.path(), &adapter.id).expect("books");
        let settings = adapter.demo_settings();
        let chances = (1, FaultPlan::none(), Manners::default());
        Desk { teller: Teller::new(adapter, settings, ledger, chances, Some(refuses_duplicates)), _dir: dir }
    };
    let desks: Vec<Desk> = served.map(open).collect();
    assert!(!desks.is_empty());
    desks
}

/// A card that the bank knows.
fn card() -> Record<'static> {
    let mut record = Record::new();
    for (field, text) in [
        (Field::Bank, "b1"),
        (Field::HolderName, "张三"),
        (Field::HolderIdType, "resident"),
        (Field::HolderId, "11010519491231002X"),
        (Field::CardNumber, "B00000019"),
        (Field::LossKind, "for-now"),
    ] {
        record.set_text(field, text);
    }
    record
}

impl Desk {
    /// Does an errand under the n-th serial.
    fn errand(&self, operation: Operation, n: usize, record: &Record<'static>) -> Reply {
        let adapter = &self.teller.adapter;
        let plan = &adapter.operations[&operation];
        let serial = format!("{n:0width$}", width = adapter.full_width_serial().len());
        let said = operation.fields().filter_map(|field| Some((field, record.get(field)?.clone())));
        let mut item = Record::new();
        said.for_each(|(field, value)| item.set(field, value));
        let (sent_at, business_date) = ("2022-03-01T01:30:00Z".parse().expect("a time"), jiff::civil::date(2022, 3, 1));
        let settings = &self.teller.settings;
        let items = std::slice::from_ref(&item);
        let outgoing = Outgoing { serial: &serial, sent_at, business_date, settings, items, original: None };
        let wire = adapter.encode_request(plan, &outgoing).expect("an errand that the dialect carries");
        let Doing::Answer(bytes) = self.teller.serve(&wire).expect("books") else {
            panic!("{}: no answer", adapter.id)
        };
        let expected =
            Expected { serial: &serial, item: &item, item_number: 1, sent_at, business_date, original: None, settings };
        let answered = adapter.decode_reply(plan, &bytes, &expected).expect("a readable answer");
        assert_eq!(answered.correlation, Ours::Yes, "{}", adapter.id);
        answered.reply
    }

    fn done(&self) -> u32 {
        self.teller.ledger.look(|books: &Books| books.all().map(|standing| standing.executed).sum())
    }
}

#[test]
fn what_was_ordered_shows_when_the_card_is_asked_about() {
    for desk in desks(false) {
        let social = |n| {
            let reply = desk.errand(Operation::CardQuery, n, &card());
            assert_eq!(reply.occurrence, Occurrence::Yes);
            reply.answers.text(Field::CardSocialStatus).map(str::to_owned)
        };
        assert_eq!(social(1).as_deref(), Some("active"));
        for (n, operation, kind, shows) in [
            (2, Operation::CardReportLoss, "for-now", "lost-for-now"),
            (3, Operation::CardReportLoss, "formal", "lost"),
            (4, Operation::CardReleaseLoss, "formal", "active"),
            (5, Operation::CardCancel, "formal", "cancelled"),
        ] {
            let mut record = card();
            record.set_text(Field::LossKind, kind);
            assert_eq!(desk.errand(operation, n, &record).occurrence, Occurrence::Yes, "{n}");
            assert_eq!(social(n + 10).as_deref(), Some(shows), "{n}");
        }
        let after = desk.errand(Operation::CardReportLoss, 30, &card());
        assert_eq!(after.occurrence, Occurrence::No, "a cancelled card cannot be lost");
    }
}

#[test]
fn an_errand_is_done_once_for_each_serial() {
    for refuses_duplicates in [false, true] {
        for desk in desks(refuses_duplicates) {
            for _ in 0..3 {
                desk.errand(Operation::CardCancel, 1, &card());
            }
            assert_eq!(desk.done(), 1);
            assert_eq!(
                desk.errand(Operation::CardCancel, 2, &card()).occurrence,
                Occurrence::Yes,
                "already so is success"
            );
            assert_eq!(desk.done(), 2);
        }
    }
}

#[test]
fn a_card_that_the_bank_does_not_know_is_refused() {
    for desk in desks(false) {
        let known = (0..400).filter(|number| {
            let mut record = card();
            record.set_text(Field::CardNumber, format!("A{number:08}"));
            desk.errand(Operation::CardQuery, *number, &record).occurrence == Occurrence::Yes
        });
        let known = known.count();
        assert!((380..400).contains(&known), "{known} of 400");
    }
}
