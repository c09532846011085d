//! Every planted fault is found, and under its own name.

use super::*;
use crate::simulator::ledger::Entry;

struct Run {
    acknowledged: Vec<Acknowledged>,
    exported: Vec<Exported>,
    lines: Vec<Line>,
}

impl Run {
    /// One message of `fen` 100 × its number in each of these states; those that are paid are in the books.
    fn of(states: &[State]) -> Run {
        let mut run = Run { acknowledged: Vec::new(), exported: Vec::new(), lines: Vec::new() };
        for (n, state) in (1_i64..).zip(states) {
            let (id, bank, fen) = (format!("id{n}"), "some".to_owned(), Fen::new(n * 100));
            run.acknowledged.push(Acknowledged { id: id.clone(), bank: bank.clone(), fen });
            run.exported.push(Exported { id, bank, serial: Some(n.to_string()), state: *state, fen });
            if *state == State::Succeeded {
                run.execute(n, n * 100);
            }
        }
        run
    }

    fn execute(&mut self, n: i64, fen: i64) {
        let entry = Entry {
            serial: n.to_string(),
            business_date: jiff::civil::date(2022, 3, 1),
            account: format!("79{n}"),
            fen: Fen::new(fen),
            event: Event::Executed { times: 1 },
        };
        self.lines.push(Line { n: u64::try_from(self.lines.len()).unwrap() + 1, entry });
    }

    fn balance(&self) -> Accounts {
        let balance =
            balance(&self.acknowledged, &self.exported, &BTreeMap::from([("some".to_owned(), self.lines.clone())]));
        assert_eq!(balance.banks.get("some"), Some(&balance.total));
        balance.total
    }
}

const ALL: [State; 12] = [
    State::Accepted,
    State::Held,
    State::Ready,
    State::Sending,
    State::Acked,
    State::Unknown,
    State::Querying,
    State::Absent,
    State::Manual,
    State::Succeeded,
    State::Failed,
    State::Cancelled,
];

#[test]
fn every_state_has_its_place_and_a_sound_run_is_clean() {
    let accounts = Run::of(&ALL).balance();
    let want = Accounts {
        accepted: 12,
        succeeded: 1,
        failed: 1,
        cancelled: 1,
        held: 1,
        unknown: 3,
        manual: 1,
        open: 7,
        fen_instructed: 7_800,
        fen_accounted: 7_800,
        fen_succeeded: 1_000,
        fen_executed: 1_000,
        ..Accounts::default()
    };
    assert_eq!(accounts, want);
    assert!(accounts.is_clean());
    assert_eq!(accounts.to_json().get("fen_accounted"), Some(&json!(7_800)));
}

#[test]
fn an_open_message_may_have_been_paid() {
    let mut run = Run::of(&[State::Unknown, State::Manual, State::Sending]);
    (1..=3).for_each(|n| run.execute(n, n * 100));
    assert!(run.balance().is_clean());
}

#[test]
fn a_double_is_found_by_serial_and_by_account_and_amount() {
    let mut run = Run::of(&[State::Succeeded]);
    run.execute(1, 100);
    assert_eq!((run.balance().doubled, run.balance().is_clean()), (1, false));

    // The same money under another serial that the export knows too.
    let mut run = Run::of(&[State::Succeeded, State::Unknown]);
    run.execute(2, 100);
    run.lines[1].entry.account = "791".to_owned();
    assert_eq!(run.balance().doubled, 1);

    // The same serial on another day is another payment.
    let mut run = Run::of(&[State::Succeeded, State::Succeeded]);
    run.exported[1].serial = Some("1".to_owned());
    run.lines[1].entry.serial = "1".to_owned();
    run.lines[1].entry.business_date = jiff::civil::date(2022, 3, 2);
    assert!(run.balance().is_clean(), "{:?}", run.balance());
}

#[test]
fn a_loss_is_found_at_the_gateway_and_at_the_bank() {
    let mut run = Run::of(&[State::Succeeded, State::Failed]);
    run.exported.pop();
    assert_eq!((run.balance().lost, run.balance().is_clean()), (1, false));

    let mut run = Run::of(&[State::Succeeded, State::Failed]);
    run.lines.clear();
    assert_eq!((run.balance().lost, run.balance().is_clean()), (1, false));

    let mut run = Run::of(&[State::Succeeded]);
    run.exported[0].state = State::Rejected;
    assert_eq!(run.balance().lost, 1);

    let run = Run::of(&[State::Succeeded]);
    let unwritten = balance(&run.acknowledged, &run.exported, &BTreeMap::new());
    assert_eq!(unwritten.total.lost, 1, "a bank without books executed nothing");
}

#[test]
fn two_successes_need_two_executions() {
    let mut run = Run::of(&[State::Succeeded, State::Succeeded]);
    run.exported[1].serial = Some("1".to_owned());
    let accounts = run.balance();
    assert_eq!((accounts.lost, accounts.stray), (1, 1), "{accounts:?}");
}

#[test]
fn money_that_moved_for_a_message_that_says_it_did_not_is_found() {
    for state in [State::Failed, State::Cancelled, State::Held] {
        let mut run = Run::of(&[state]);
        run.execute(1, 100);
        assert_eq!((run.balance().contradicted, run.balance().is_clean()), (1, false), "{state}");
    }
    let mut run = Run::of(&[State::Failed]);
    run.execute(77, 100);
    assert_eq!((run.balance().stray, run.balance().is_clean()), (1, false));
}

#[test]
fn one_fen_is_found_wherever_it_is_off() {
    let mut run = Run::of(&[State::Succeeded]);
    run.exported[0].fen = Fen::new(101);
    let accounts = run.balance();
    assert_eq!((accounts.fen_instructed, accounts.fen_accounted), (100, 101));
    assert!(!accounts.is_clean());

    let mut run = Run::of(&[State::Succeeded]);
    run.lines[0].entry.fen = Fen::new(99);
    let accounts = run.balance();
    assert_eq!((accounts.fen_succeeded, accounts.fen_executed), (100, 99));
    assert!(!accounts.is_clean());

    let mut run = Run::of(&[State::Failed]);
    run.acknowledged[0].fen = Fen::new(99);
    assert!(!run.balance().is_clean());
}

#[test]
fn a_message_that_nobody_was_told_of_shows_as_a_difference() {
    let mut run = Run::of(&[State::Succeeded, State::Failed]);
    run.acknowledged.pop();
    let accounts = run.balance();
    assert_eq!((accounts.accepted, accounts.succeeded, accounts.failed), (1, 1, 1));
    assert!(!accounts.is_clean());
}

#[test]
fn banks_are_kept_apart_and_add_up() {
    let mut run = Run::of(&[State::Succeeded, State::Succeeded]);
    run.exported[1].bank = "other".to_owned();
    run.acknowledged[1].bank = "other".to_owned();
    let second = vec![run.lines.pop().unwrap()];
    let books = BTreeMap::from([("some".to_owned(), run.lines.clone()), ("other".to_owned(), second)]);
    let balance = balance(&run.acknowledged, &run.exported, &books);
    assert!(balance.total.is_clean() && balance.banks.values().all(Accounts::is_clean));
    assert_eq!(balance.banks.values().map(|bank| bank.fen_executed).collect::<Vec<_>>(), [200, 100]);
    assert_eq!(balance.total.fen_executed, 300);
}
