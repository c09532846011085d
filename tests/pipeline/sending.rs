//! Getting a payment onto the wire: nothing sent, the breaker, the slots.

use std::time::Duration;

use kuimen::journal::Message;
use kuimen::life::State;
use kuimen::link::BreakerRule;
use kuimen::simulator::{FaultPlan, Misbehaviour, Script};

use super::place::{ANSWER, Setup, until};

fn connections(faults: Vec<Option<Misbehaviour>>) -> FaultPlan {
    FaultPlan::script(Script { connections: faults, ..Script::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_not_sent_and_tried_again() {
    for bank in ["abc", "icbc", "crcb"] {
        let faults = connections(vec![Some(Misbehaviour::RefuseConnection); 3]);
        let place = Setup { faults, ..Setup::of(bank) }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.says(), (202, "READY".to_owned()), "{bank}");
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!(place.books(&message), (1, 1), "{bank}");
        let history = place.history(&answer.id()).await;
        let tries = ["connect-failed", "intended"].repeat(3);
        assert_eq!(history, [vec!["claimed"], tries, vec!["answered yes"]].concat(), "{bank}");
        let delivery = message.delivery.as_ref().expect("a delivery");
        assert_eq!((delivery.view.attempts, delivery.view.resends), (4, 0), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_is_not_there_gets_it_when_it_comes_back() {
    let mut place = Setup::of("crcb").start().await;
    place.close_bank().await;
    let payment = place.payment();
    let answer = place.offer(&payment, 5).await;
    assert_eq!(answer.says(), (202, "READY".to_owned()));
    let tried = |message: &Message| {
        message.state == State::Ready && message.delivery.as_ref().is_some_and(|delivery| delivery.view.attempts >= 3)
    };
    place.until_true(&answer.id(), tried).await;
    assert_eq!(place.timeline(&answer.id()).await[1].reason.as_deref(), Some("connect-refused"));
    place.open_bank().await;
    let message = place.until(&answer.id(), State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1));
    let again = place.offer(&payment, 0).await;
    assert_eq!((again.says(), again.id()), ((200, "SUCCEEDED".to_owned()), answer.id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_after_the_handshake_is_unknown() {
    // A byte may have left: this is not "not sent", however it looks from here.
    for (bank, state) in [("abc", State::Succeeded), ("crcb", State::Manual)] {
        let faults = connections(vec![Some(Misbehaviour::CloseUnread)]);
        let place = Setup { faults, ..Setup::of(bank) }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.status, 202, "{bank}");
        let history = place.history(&answer.id()).await;
        assert_eq!(history[1], "send-unknown cut", "{bank}: {history:?}");
        place.until(&answer.id(), state).await;
        assert_eq!(place.executed(), u32::from(state == State::Succeeded), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_breaker_opens_holds_new_payments_and_closes() {
    let rule =
        BreakerRule { failures: 3, back_off: Duration::from_millis(300), back_off_max: Duration::from_millis(300) };
    let mut place = Setup { breaker: rule, ..Setup::of("abc") }.start().await;
    place.close_bank().await;
    let payments = place.payments(6);
    let mut ids = Vec::new();
    for payment in &payments[..2] {
        ids.push(place.offer(payment, 0).await.id());
    }
    let link = place.link();
    until("an open breaker", || link.open_for().is_some()).await;
    // While it is open, payments are taken and wait; the bank is tried by one at a time.
    for payment in &payments[2..] {
        let answer = place.offer(payment, 0).await;
        assert_eq!(answer.says(), (202, "READY".to_owned()));
        ids.push(answer.id());
    }
    let untouched = place.find(&ids[5]).await;
    assert!(untouched.delivery.is_none() || untouched.delivery.is_some_and(|delivery| delivery.view.attempts < 3));
    place.open_bank().await;
    for id in &ids {
        let message = place.until(id, State::Succeeded).await;
        assert_eq!(place.books(&message), (1, 1));
    }
    assert_eq!(link.open_for(), None);
    assert_eq!((place.received(), place.executed()), (6, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_breaker_does_not_stop_questions() {
    let rule = BreakerRule { failures: 1, back_off: Duration::from_mins(5), back_off_max: Duration::from_mins(5) };
    let place = Setup { breaker: rule, ..Setup::of("abc") }.first(Misbehaviour::Cut).start().await;
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.status, 202);
    let message = place.until(&answer.id(), State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1));
    assert_eq!(place.link().open_for(), None, "an answer to a question closes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_bound_what_a_bank_gets_at_once() {
    // Each payment holds its slot until the answer's deadline.
    let place = Setup { connections: 2, ..Setup::of("crcb") }.first(Misbehaviour::Silence).start().await;
    let payments = place.payments(4);
    let mut ids = Vec::new();
    for payment in &payments {
        ids.push(place.offer(payment, 0).await.id());
    }
    until("two at the bank", || place.received() == 2).await;
    let mut states = Vec::new();
    for id in &ids {
        states.push(place.find(id).await.state);
    }
    let waiting = states.iter().filter(|state| **state == State::Ready).count();
    let sending = states.iter().filter(|state| **state == State::Sending).count();
    assert_eq!((sending, waiting), (2, 2), "{states:?}");
    tokio::time::sleep(ANSWER / 4).await;
    assert_eq!(place.received(), 2, "no third before a slot is free");
    for id in &ids {
        let message = place.until(id, State::Manual).await;
        assert_eq!(place.books(&message), (1, 1));
    }
    assert_eq!(place.link().counts().connected, 4);
}
