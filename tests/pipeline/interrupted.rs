//! In flight and in nobody's hand: an outcome that could not be written at once, and messages whose task is gone.

use std::time::{Duration, Instant};

use kuimen::journal::{BodyKind, Change, Evidence, Intent, Message};
use kuimen::life::{BankPolicy, Event, State};
use kuimen::link::{BreakerRule, Mark, Stray};
use kuimen::simulator::Misbehaviour;

use super::place::{ANSWER, FACTOR, Place, Setup, script, until};

const CAN_ASK: BankPolicy = BankPolicy { has_query: true, ..BankPolicy::CAREFUL };

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_written_down_as_soon_as_the_journal_can_write_again() {
    // A bank that cannot be asked: an answer that is lost here is lost for good.
    let late = ANSWER / 2;
    let place = Setup { late, answer: ANSWER * 10, ..Setup::of("crcb") }.first(Misbehaviour::Late).start().await;
    let payment = place.payment();
    let answer = place.offer(&payment, 0).await;
    assert_eq!(answer.says(), (202, "SENDING".to_owned()));
    let file = place.data().join("gateway").join("journal.sqlite");
    assert!(file.exists(), "{file:?}");
    // Somebody looks into the journal with another program and holds its lock for longer than the writer waits.
    let held = tokio::task::spawn_blocking(move || {
        let other = rusqlite::Connection::open(file).expect("the journal's file");
        other.busy_timeout(Duration::from_secs(5)).expect("a time-out");
        other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        std::thread::sleep(Duration::from_secs(6));
        other.execute_batch("ROLLBACK").expect("an end");
    });
    held.await.expect("the other program");
    let message = place.until(&answer.id(), State::Succeeded).await;
    assert_eq!((place.books(&message), message.delivery.map(|delivery| delivery.view.queries)), ((1, 1), Some(0)));
    assert_eq!(place.history(&answer.id()).await, ["claimed", "answered yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sending_in_nobodys_hand_is_asked_about() {
    let mut place = Setup::of("abc").start().await;
    place.close_bank().await;
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.says(), (202, "READY".to_owned()));
    let id = place.find(&answer.id()).await.id;
    let journal = std::sync::Arc::clone(place.gateway().gateway.journal());
    // An intent whose task ends here, without a byte and without an outcome.
    let begun = Instant::now();
    let intent =
        || Intent { id, at: now(), fence: journal.fence(), dated_today: true, delivery: None, policy: CAN_ASK };
    while journal.intend(intent()).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the resolver is quicker each time");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    place.open_bank().await;
    let message = place.until(&answer.id(), State::Succeeded).await;
    let history = place.history(&answer.id()).await;
    assert!(history.contains(&"restarted".to_owned()), "{history:?}");
    assert!(history.contains(&"queried not-found".to_owned()), "asked first: {history:?}");
    assert_eq!(place.books(&message), (1, 1), "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_querying_in_nobodys_hand_is_asked_about_again() {
    let faults = script([Some(Misbehaviour::Cut)], [Some(Misbehaviour::Silence)]);
    let place = Setup { faults, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    let id = place.find(&answer.id()).await.id;
    let journal = std::sync::Arc::clone(place.gateway().gateway.journal());
    let change = || Change { id, at: now(), event: Event::QueryDue, policy: CAN_ASK, evidence: Evidence::default() };
    let begun = Instant::now();
    while journal.advance(change()).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(10), "never between two queries");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let message = place.until(&answer.id(), State::Succeeded).await;
    let history = place.history(&answer.id()).await;
    assert!(history.contains(&"restarted".to_owned()), "{history:?}");
    assert_eq!(place.books(&message), (1, 1), "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_cannot_be_sent_does_not_hide_what_has_to_be_asked_about() {
    let long = Duration::from_mins(10);
    let breaker = BreakerRule { failures: 1, back_off: long, back_off_max: long };
    let mut place = Setup { breaker, factor: 1, ..Setup::of("abc") }.first(Misbehaviour::Cut).start().await;
    let payments = place.payments(301);
    let first = place.offer(&payments[0], 5).await;
    assert_eq!(first.says(), (202, "UNKNOWN".to_owned()));
    let mut caller = place.caller("agency").await;
    for payment in &payments[1..] {
        assert_eq!(caller.offer(payment, 0).await.says(), (202, "READY".to_owned()), "the breaker is open");
    }
    drop(caller);
    place.close_bank().await;
    assert!(place.close_gateway().await);
    place.setup.factor = FACTOR;
    place.open_gateway().await;
    let link = place.link();
    until("an open breaker", || link.open_for().is_some()).await;
    place.open_bank().await;
    // Only the answer to this question closes the breaker within ten minutes.
    let message = place.until(&first.id(), State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1));
    until("all are sent", || place.executed() == 301).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ending_gateway_does_not_wait_for_the_answer_to_a_question() {
    let silence = vec![Some(Misbehaviour::Silence); 10];
    let faults = script([Some(Misbehaviour::Cut)], silence);
    let mut place = Setup { faults, answer: ANSWER * 50, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    place.until(&answer.id(), State::Querying).await;
    let begun = Instant::now();
    assert!(place.close_gateway().await, "everything was finished");
    assert!(begun.elapsed() < ANSWER * 20, "{:?}", begun.elapsed());
    place.setup.answer = ANSWER;
    place.open_gateway().await;
    let message = place.until(&answer.id(), State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1));
    let history = place.history(&answer.id()).await;
    assert!(!history.contains(&"restarted".to_owned()), "it ended in order: {history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_answer_limit_is_waited_for_at_the_end() {
    let place = Setup { answer: Duration::from_mins(10), ..Setup::of("icbc") }.start().await;
    assert!(place.gateway().gateway.longest_delivery() >= Duration::from_mins(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_overheard_at_a_bank_that_echoes_nothing_settles_nothing() {
    let place = Setup::of("crcb").first(Misbehaviour::UnlistedCode).start().await;
    let answer = place.offer(&place.payment(), 5).await;
    let before = place.until(&answer.id(), State::Manual).await;
    for sample in ["declined", "accepted"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/crcb/samples/payment.pay");
        let bytes = std::fs::read(root.join(sample).join("reply.wire")).expect("a sample");
        place.link().misplaced(Stray { behind: Mark { subject: *before.id.as_bytes(), exchange: 0 }, bytes });
    }
    let heard = |history: &[String]| history.iter().filter(|word| word.starts_with("overheard")).count();
    let begun = Instant::now();
    while heard(&place.history(&answer.id()).await) < 2 {
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", place.history(&answer.id()).await);
        tokio::time::sleep(super::place::LOOK).await;
    }
    let after = place.find(&answer.id()).await;
    assert_eq!((after.state, after.conflict, &after.reason), (State::Manual, false, &before.reason));
    assert_eq!((after.bank_serial, after.settled_at), (before.bank_serial, None));
    let kept = place.gateway().gateway.journal().body(after.id, BodyKind::Answer).await.expect("a journal");
    assert!(kept.is_some(), "it is evidence");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_judged_by_the_adapter_that_wrote_it() {
    // The adapter it was sent with claims no check of serials; the one in force does. Nothing may be sent again.
    let (place, message) = sent_by_another(|_| ()).await;
    assert_eq!((place.books(&message), message.reason.as_deref()), ((1, 0), Some("dead-end")));
    let history = place.history(&message.id.to_string()).await;
    assert!(history.contains(&"queried not-found".to_owned()), "asked all the same: {history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_adapter_is_gone_goes_to_people() {
    let (place, message) = sent_by_another(|place| {
        std::fs::remove_dir_all(place.data().join("adapters")).expect("the archive goes");
    })
    .await;
    assert_eq!((place.books(&message), message.reason.as_deref()), ((1, 0), Some("dead-end")));
    let history = place.history(&message.id.to_string()).await;
    assert!(!history.contains(&"query-due".to_owned()), "nobody can read the answer: {history:?}");
}

/// A payment that the bank dropped, sent with an adapter that claims no check of serials, after a start with the built-in
/// one that does.
async fn sent_by_another(between: impl FnOnce(&Place)) -> (Place, Message) {
    let mut files = kuimen::adapter::builtin::file_sets().remove("abc").expect("a built-in adapter").texts().clone();
    let main = files.get_mut("adapter.toml").expect("the main file");
    *main = main.replace("refuses_duplicates = true", "refuses_duplicates = false");
    let files = Some(kuimen::adapter::load::FileSet::of(files));
    let faults = script([Some(Misbehaviour::CloseUnexecuted)], []);
    let mut place = Setup { faults, files, factor: 1, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.says(), (202, "UNKNOWN".to_owned()));
    assert!(place.close_gateway().await);
    between(&place);
    (place.setup.files, place.setup.factor) = (None, FACTOR);
    place.open_gateway().await;
    let message = place.until(&answer.id(), State::Manual).await;
    (place, message)
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
