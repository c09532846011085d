//! Every built-in dialect: what the bank says is read as what the bank did.

use super::*;
use crate::adapter::builtin;
use crate::adapter::runtime::{Answered, Expected, Original, Ours, Outgoing};
use crate::message::{Occurrence, Record};
use crate::simulator::county::{self, PayingBank};

const DAY: Date = jiff::civil::date(2022, 3, 1);

struct Counter {
    teller: Teller,
    demands: Vec<Record<'static>>,
    _dir: tempfile::TempDir,
}

fn counters(faults: &FaultPlan, manners: Manners, refuses_duplicates: Option<bool>) -> Vec<Counter> {
    let adapters = builtin::load_all().expect("sound adapters");
    assert!(!adapters.is_empty());
    let open = |adapter: Arc<Adapter>| {
        let dir = tempfile::tempdir().expect("folder");
        let ledger = Ledger::open(dir.path(), &adapter.id).expect("books");
        let bank = PayingBank { id: adapter.id.clone(), cnaps: adapter.party.cnaps.clone() };
        let demands = county::month(1, 60, &[bank]).into_iter().map(|demand| demand.record).collect();
        let settings = adapter.demo_settings();
        let teller = Teller::new(adapter, settings, ledger, (1, faults.clone(), manners), refuses_duplicates);
        Counter { teller, demands, _dir: dir }
    };
    adapters.into_values().map(open).collect()
}

impl Counter {
    /// A serial of full width, the n-th.
    fn serial(&self, n: usize) -> String {
        format!("{n:0width$}", width = self.teller.adapter.full_width_serial().len())
    }

    fn ask(&self, operation: Operation, n: usize) -> (Doing, Option<Answered>) {
        let (own, queried) = (self.serial(n), self.serial(n + 5_000));
        let plan = &self.teller.adapter.operations[&operation];
        let original = Original { serial: &own, sent_at: at(), business_date: DAY, bank_serial: None };
        let original = (operation == Operation::PaymentQuery).then_some(original);
        let serial = if original.is_some() { &queried } else { &own };
        let item = &self.demands[n];
        let settings = &self.teller.settings;
        let outgoing = Outgoing {
            serial,
            sent_at: at(),
            business_date: DAY,
            settings,
            items: std::slice::from_ref(item),
            original: original.clone(),
        };
        let wire = self.teller.adapter.encode_request(plan, &outgoing).expect("the county fits every dialect");
        let doing = self.teller.serve(&wire).expect("books");
        let expected = Expected { serial, item, item_number: 1, sent_at: at(), business_date: DAY, original, settings };
        let bytes = if let Doing::Answer(bytes) = &doing { Some(bytes) } else { None };
        let answered = bytes.and_then(|bytes| self.teller.adapter.decode_reply(plan, bytes, &expected).ok());
        (doing, answered)
    }

    /// What the answer says; it must be ours.
    fn says(&self, operation: Operation, n: usize) -> Occurrence {
        let (doing, answered) = self.ask(operation, n);
        let id = &self.teller.adapter.id;
        let answered = answered.unwrap_or_else(|| panic!("{id}: {doing:?} cannot be read"));
        assert_eq!(answered.correlation, Ours::Yes, "{id}");
        answered.reply.occurrence
    }

    fn executed(&self, n: usize) -> u32 {
        let find = |books: &Books| books.find(&self.serial(n), None).map_or(0, |standing| standing.executed);
        self.teller.ledger.look(find)
    }

    /// How this dialect says at once that it has paid: some never say more than "accepted".
    fn paid(&self) -> Occurrence {
        let says = self.teller.can(Operation::PaymentPay, |answers| !answers.yes.is_empty());
        if says { Occurrence::Yes } else { Occurrence::InHand }
    }

    fn has_query(&self) -> bool {
        self.teller.adapter.operations.contains_key(&Operation::PaymentQuery)
    }
}

fn at() -> Timestamp {
    "2022-03-01T01:30:00Z".parse().expect("a time")
}

fn plain() -> Manners {
    Manners { refuses: 0, holds: 0, refuses_later: 0, patience: 1 }
}

#[test]
fn paid_is_read_as_paid() {
    for counter in counters(&FaultPlan::none(), plain(), None) {
        for n in 0..counter.demands.len() {
            assert_eq!(counter.says(Operation::PaymentPay, n), counter.paid());
            assert_eq!(counter.executed(n), 1);
        }
        assert!(counter.paid() == Occurrence::Yes || counter.has_query(), "nobody would ever know");
        if counter.has_query() {
            assert_eq!(counter.says(Operation::PaymentQuery, 7), Occurrence::Yes);
        }
    }
}

#[test]
fn refused_is_read_as_refused() {
    for counter in counters(&FaultPlan::none(), Manners { refuses: 1000, ..plain() }, None) {
        for n in 0..20 {
            assert_eq!(counter.says(Operation::PaymentPay, n), Occurrence::No);
            assert_eq!(counter.executed(n), 0);
            if counter.has_query() {
                assert_eq!(counter.says(Operation::PaymentQuery, n), Occurrence::No);
            }
        }
    }
}

#[test]
fn in_hand_is_read_as_in_hand_until_it_is_decided() {
    for (refuses_later, want) in [(0, Occurrence::Yes), (1000, Occurrence::No)] {
        let manners = Manners { refuses: 0, holds: 1000, refuses_later, patience: 3 };
        let counters = counters(&FaultPlan::none(), manners, None);
        let holding: Vec<_> = counters.into_iter().filter(|counter| counter.teller.can_hold()).collect();
        assert!(!holding.is_empty());
        for counter in holding {
            for n in 0..20 {
                assert_eq!(counter.says(Operation::PaymentPay, n), Occurrence::InHand);
                assert_eq!(counter.executed(n), 0);
                let answers = [(); 3].map(|()| counter.says(Operation::PaymentQuery, n));
                assert_eq!(answers[2], want);
                assert!(answers.iter().all(|answer| [want, Occurrence::InHand].contains(answer)), "{answers:?}");
                assert_eq!(counter.executed(n), u32::from(want == Occurrence::Yes));
            }
        }
    }
}

#[test]
fn a_bank_that_cannot_be_asked_or_cannot_say_so_holds_nothing() {
    let without = counters(&FaultPlan::none(), Manners { holds: 1000, ..plain() }, None);
    for counter in without.into_iter().filter(|counter| !counter.teller.can_hold()) {
        assert_eq!(counter.says(Operation::PaymentPay, 0), Occurrence::Yes);
    }
}

#[test]
fn never_seen_and_seen_before_are_read_as_such() {
    for counter in counters(&FaultPlan::none(), plain(), None) {
        if counter.has_query() {
            let (_, answered) = counter.ask(Operation::PaymentQuery, 3);
            assert!(answered.is_some_and(|answered| answered.reply.not_found), "{}", counter.teller.adapter.id);
        }
        counter.says(Operation::PaymentPay, 3);
        let (doing, answered) = counter.ask(Operation::PaymentPay, 3);
        if counter.teller.adapter.serial.refuses_duplicates {
            let reply = answered.map(|answered| (answered.reply.occurrence, answered.reply.not_found));
            assert_eq!(reply, Some((Occurrence::Unknown, false)), "{doing:?}");
            assert_eq!(counter.executed(3), 1);
        } else {
            assert_eq!(counter.executed(3), 2, "a blind resend doubles");
        }
    }
}

#[test]
fn a_bank_told_not_to_refuse_executes_again() {
    for counter in counters(&FaultPlan::none(), plain(), Some(false)) {
        assert_eq!([(); 2].map(|()| counter.says(Operation::PaymentPay, 0)), [counter.paid(); 2]);
        assert_eq!(counter.executed(0), 2);
    }
}

#[test]
fn spoiled_answers_are_never_read_as_an_outcome() {
    for fault in [Misbehaviour::UnlistedCode, Misbehaviour::WrongLength, Misbehaviour::Another] {
        for counter in counters(&FaultPlan::only(fault, 10_000), plain(), None) {
            counter.ask(Operation::PaymentPay, 0);
            for n in 1..20 {
                let (doing, answered) = counter.ask(Operation::PaymentPay, n);
                let echoes =
                    counter.teller.adapter.operations[&Operation::PaymentPay].correlation != Correlation::Connection;
                let trusted = answered.filter(|answered| answered.correlation == Ours::Yes);
                let outcome = trusted.map(|answered| answered.reply.occurrence);
                if fault == Misbehaviour::Another && !echoes {
                    assert_eq!(outcome, Some(Occurrence::Yes), "the fault does not fit this dialect");
                } else {
                    assert!(matches!(outcome, None | Some(Occurrence::Unknown)), "{fault:?} {doing:?} {outcome:?}");
                }
                assert_eq!(counter.executed(n), 1, "what the bank says changes nothing about what it did");
            }
        }
    }
}

#[test]
fn the_same_seed_does_the_same_in_any_order() {
    let manners = Manners { refuses: 200, holds: 200, refuses_later: 500, patience: 3 };
    let first = counters(&FaultPlan::many(), manners, None);
    let second = counters(&FaultPlan::many(), manners, None);
    for (first, second) in first.iter().zip(&second) {
        let forwards: Vec<_> = (0..60).map(|n| kind(&first.ask(Operation::PaymentPay, n).0)).collect();
        let mut backwards: Vec<_> = (0..60).rev().map(|n| kind(&second.ask(Operation::PaymentPay, n).0)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        assert!((0..60).all(|n| first.executed(n) == second.executed(n)));
        assert_eq!(first.teller.struck(), second.teller.struck());
    }
}

/// The kind of a doing: the bank's own serials depend on the order of arrival, and so do the bytes.
fn kind(doing: &Doing) -> std::mem::Discriminant<Doing> {
    std::mem::discriminant(doing)
}
