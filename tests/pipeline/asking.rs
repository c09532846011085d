//! Asking the bank: what its answers prove, and what they do not.

use kuimen::life::State;
use kuimen::simulator::{Manners, Misbehaviour};

use super::place::{Place, Setup, script};

fn count(history: &[String], word: &str) -> usize {
    history.iter().filter(|known| *known == word).count()
}

/// A payment that the bank got and whose answer is lost, with these faults in the queries that follow.
async fn lost_answer(bank: &'static str, queries: impl IntoIterator<Item = Option<Misbehaviour>>) -> (Place, String) {
    let place = Setup { faults: script([Some(Misbehaviour::Cut)], queries), ..Setup::of(bank) }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.status, 202, "{bank}");
    (place, answer.id())
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_too_early_is_no_proof() {
    for bank in ["abc", "icbc"] {
        let (place, id) = lost_answer(bank, [Some(Misbehaviour::Denies); 2]).await;
        let message = place.until(&id, State::Succeeded).await;
        let history = place.history(&id).await;
        assert_eq!(count(&history, "queried not-found"), 2, "{bank}: {history:?}");
        assert_eq!(count(&history, "absence-proved"), 0, "{bank}: {history:?}");
        assert_eq!(place.books(&message), (1, 1), "{bank}: never sent again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn absence_needs_three_denials_and_ten_minutes() {
    for bank in ["abc", "icbc"] {
        let dropped = [Some(Misbehaviour::CloseUnexecuted)];
        let place = Setup { faults: script(dropped, []), ..Setup::of(bank) }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.status, 202, "{bank}");
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!(place.books(&message), (2, 1), "{bank}: the same serial again, executed once");
        let timeline = place.timeline(&answer.id()).await;
        let proved = timeline.iter().position(|entry| entry.event == "absence-proved").expect("proof");
        let denials: Vec<_> =
            timeline[..proved].iter().filter(|entry| entry.detail.as_deref() == Some("not-found")).collect();
        assert!(denials.len() >= 3, "{bank}: {denials:?}");
        let spread = denials[denials.len() - 1].at.duration_since(denials[0].at);
        // Ten policy minutes on this clock.
        assert!(spread >= jiff::SignedDuration::from_millis(500), "{bank}: {spread:?}");
        let sent: Vec<_> = timeline.iter().filter(|entry| entry.event == "intended").collect();
        assert_eq!(sent.len(), 1, "{bank}: sent again once, after the proof");
        // The bank says that the bytes were the same.
        let seen = place.bank().ledger().path().to_owned();
        let lines = kuimen::simulator::ledger::read(&seen).expect("books");
        let sent = kuimen::simulator::ledger::sent_lines(bank, &lines);
        let mut sent: Vec<&str> = sent.lines().collect();
        sent.dedup();
        assert_eq!(sent.len(), 1, "{bank}: {sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_for_long_enough_leads_to_a_refused_repeat_and_one_execution() {
    // The bank has it and denies it long enough for a repeat: its own check of serials is the last line of defence.
    let (place, id) = lost_answer("abc", [Some(Misbehaviour::Denies); 5]).await;
    let message = place.until(&id, State::Succeeded).await;
    let history = place.history(&id).await;
    assert_eq!(place.books(&message), (2, 1), "{history:?}");
    assert_eq!(count(&history, "answered known"), 1, "a repeated serial is looked at, not failed: {history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_after_the_bank_knew_the_serial_is_a_contradiction_for_people() {
    // It refused the repeat because it had seen the serial, and goes on denying: nothing is sent a third time.
    for bank in ["abc", "icbc"] {
        let (place, id) = lost_answer(bank, [Some(Misbehaviour::Denies); 40]).await;
        let message = place.until(&id, State::Manual).await;
        let history = place.history(&id).await;
        assert_eq!(place.books(&message), (2, 1), "{bank}: {history:?}");
        assert_eq!(count(&history, "absence-proved"), 1, "{bank}: {history:?}");
        let end = ["intended", "answered known", "query-due", "queried not-found"];
        assert_eq!(history[history.len() - 4..], end, "{bank}: {history:?}");
        assert_eq!(message.reason.as_deref(), Some("denied-after-acknowledged"), "{bank}");
        assert!(message.delivery.is_some_and(|delivery| delivery.view.acknowledged), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_would_execute_again_is_never_sent_the_same_twice() {
    // The adapter claims no check of serials, so the bank's word "not found" could be followed by nothing but people.
    let mut files = kuimen::adapter::builtin::file_sets().remove("abc").expect("a built-in adapter").texts().clone();
    let main = files.get_mut("adapter.toml").expect("the main file");
    *main = main.replace("refuses_duplicates = true", "refuses_duplicates = false");
    let files = Some(kuimen::adapter::load::FileSet::of(files));
    let faults = script([Some(Misbehaviour::CloseUnexecuted)], []);
    let place = Setup { faults, files, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    let message = place.until(&answer.id(), State::Manual).await;
    assert_eq!((place.books(&message), message.reason.as_deref()), ((1, 0), Some("dead-end")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_fails_changes_nothing() {
    for (bank, faults) in [
        ("abc", [Misbehaviour::Cut, Misbehaviour::WrongCharset, Misbehaviour::WrongLength, Misbehaviour::UnlistedCode]),
        ("icbc", [Misbehaviour::Status500, Misbehaviour::CloseUnexecuted, Misbehaviour::Silence, Misbehaviour::Cut]),
    ] {
        let (place, id) = lost_answer(bank, faults.map(Some)).await;
        let message = place.until(&id, State::Succeeded).await;
        let timeline = place.timeline(&id).await;
        let asked: Vec<_> = timeline.iter().filter(|entry| entry.event == "queried").collect();
        assert_eq!(asked.len(), 5, "{bank}");
        assert!(asked[..4].iter().all(|entry| entry.state == "UNKNOWN"), "{bank}: {asked:?}");
        assert_eq!(place.books(&message), (1, 1), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_another_query_is_not_taken() {
    for bank in ["abc", "icbc"] {
        let another = [Some(Misbehaviour::Another); 2];
        let place = Setup { faults: script([Some(Misbehaviour::CloseUnexecuted)], another), ..Setup::of(bank) };
        let mut place = place.start().await;
        let payments = place.payments(2);
        let first = place.offer(&payments[0], 5).await;
        // Found in the end, so there is something to mix the second one's query up with.
        place.until(&first.id(), State::Succeeded).await;
        assert!(place.close_gateway().await);
        place.open_gateway().await;
        let second = place.offer(&payments[1], 5).await;
        assert_eq!(second.status, 202, "{bank}");
        let message = place.until(&second.id(), State::Succeeded).await;
        let timeline = place.timeline(&second.id()).await;
        let mixed: Vec<_> = timeline.iter().filter(|entry| entry.reason.as_deref() == Some("not-ours")).collect();
        assert_eq!(mixed.len(), 2, "{bank}: {timeline:?}");
        assert!(mixed.iter().all(|entry| entry.state == "UNKNOWN"), "{bank}");
        assert_eq!(place.books(&message), (2, 1), "{bank}: the other one's \"paid\" was not believed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_answered_twice_with_different_outcomes_is_a_conflict() {
    let (place, id) = lost_answer("abc", [Some(Misbehaviour::Contradicts)]).await;
    let message = place.until_true(&id, |message| message.conflict).await;
    assert_eq!((message.state, place.books(&message)), (State::Succeeded, (1, 1)));
    let last = place.timeline(&id).await.pop().expect("a record");
    assert_eq!((last.event.as_str(), last.detail.as_deref()), ("queried", Some("no")));
    assert_eq!(last.fact.as_deref(), Some("CONFLICT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_hand_is_asked_about_until_it_is_decided() {
    for (bank, later, state, executed) in
        [("abc", 0, State::Succeeded, 1), ("abc", 1_000, State::Failed, 0), ("icbc", 1_000, State::Failed, 0)]
    {
        let manners = Manners { refuses: 0, holds: 1_000, refuses_later: later, patience: 3 };
        let place = Setup { manners, ..Setup::of(bank) }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.says(), (202, "ACKED".to_owned()), "{bank}");
        let message = place.until(&answer.id(), state).await;
        assert_eq!(place.books(&message), (1, executed), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_nobody_gives_goes_to_people_at_the_horizon() {
    // Three days on this clock are a good two seconds.
    let silence = vec![Some(Misbehaviour::CloseUnexecuted); 10_000];
    let faults = script([Some(Misbehaviour::Cut)], silence);
    let place = Setup { faults, factor: 120_000, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    let message = place.until(&answer.id(), State::Manual).await;
    assert_eq!((place.books(&message), message.reason.as_deref()), ((1, 1), Some("horizon-passed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_wants_to_know_gets_the_bank_asked() {
    // Policy time stands nearly still: only the wish to know asks.
    let place = Setup { factor: 1, ..Setup::of("abc") }.first(Misbehaviour::Cut).start().await;
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.says(), (202, "UNKNOWN".to_owned()));
    let asked = place.caller("agency").await.query(&answer.id()).await;
    assert_eq!(asked.says(), (200, "SUCCEEDED".to_owned()));
    assert_eq!(place.books(&place.find(&answer.id()).await), (1, 1));
    let again = place.caller("agency").await.query(&answer.id()).await;
    assert_eq!(again.says(), (200, "SUCCEEDED".to_owned()), "final: as it stands");
    let history = place.history(&answer.id()).await;
    assert_eq!(count(&history, "query-asked"), 1, "{history:?}");
    let others = place.caller("other").await.query(&answer.id()).await;
    assert_eq!(others.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_again_at_once_is_told_to_wait() {
    // Nothing moves by itself here: real time, and a bank that never has it.
    let faults = script([Some(Misbehaviour::Silence)], [Some(Misbehaviour::Denies); 9]);
    let place = Setup { faults, factor: 1, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.payment(), 5).await;
    place.until(&answer.id(), State::Unknown).await;
    let mut caller = place.caller("agency").await;
    let first = caller.query(&answer.id()).await;
    assert_eq!(first.says(), (202, "UNKNOWN".to_owned()), "{first:?}");
    assert_eq!(first.header("location"), Some(format!("/v1/payments/{}", answer.id()).as_str()));
    let again = caller.query(&answer.id()).await;
    assert_eq!(again.says(), (429, "too-many-requests".to_owned()), "{again:?}");
    assert!(again.header("retry-after").is_some() && again.header("kuimen-accepted").is_none());
    let history = place.history(&answer.id()).await;
    assert_eq!(count(&history, "query-asked"), 1, "{history:?}");
    let message = place.find(&answer.id()).await;
    assert_eq!(message.delivery.map(|delivery| delivery.view.rung), Some(0), "the timetable is where it was");
}
