//! Ends and beginnings: a drain, a restart, a client that goes, an adapter that changes.

use std::time::Duration;

use kuimen::adapter::builtin;
use kuimen::adapter::load::FileSet;
use kuimen::journal::export::Export;
use kuimen::life::State;
use kuimen::simulator::Misbehaviour;
use tokio::io::AsyncWriteExt as _;

use super::place::{ANSWER, Setup, until};

#[tokio::test(flavor = "multi_thread")]
async fn an_ending_gateway_finishes_what_is_at_the_bank() {
    let late = ANSWER / 2;
    let mut place = Setup { late, answer: ANSWER * 10, ..Setup::of("abc") }.first(Misbehaviour::Late).start().await;
    let payment = place.payment();
    let mut caller = place.caller("agency").await;
    let asking = {
        let payment = payment.clone();
        tokio::spawn(async move { caller.offer(&payment, 5).await })
    };
    until("at the bank", || place.received() == 1).await;
    let ending = place.let_go();
    assert!(ending.stop().await, "everything was finished");
    let answer = asking.await.expect("a client");
    assert_eq!(answer.says(), (200, "SUCCEEDED".to_owned()), "who was waiting still gets the answer");
    place.open_gateway().await;
    let again = place.offer(&payment, 0).await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
    assert_eq!((place.received(), place.executed()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ending_gateway_cannot_finish_is_found_at_the_next_start() {
    // Policy time stands nearly still, so that nobody asks before the end.
    let mut place = Setup { factor: 1, ..Setup::of("abc") }.first(Misbehaviour::Silence).start().await;
    let payment = place.payment();
    let answer = place.offer(&payment, 0).await;
    assert_eq!(answer.says(), (202, "SENDING".to_owned()));
    until("at the bank", || place.received() == 1).await;
    assert!(place.close_gateway().await);
    let exported = export(&place.data());
    assert_eq!(exported, [(answer.id(), State::Unknown)]);
    place.setup.factor = super::place::FACTOR;
    place.open_gateway().await;
    let message = place.until(&answer.id(), State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1), "asked about, not sent again");
    assert_eq!(place.offer(&payment, 0).await.says(), (200, "SUCCEEDED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ending_gateway_takes_nothing_new() {
    let mut place = Setup { answer: ANSWER * 2, ..Setup::of("abc") }.first(Misbehaviour::Silence).start().await;
    let payments = place.payments(2);
    let mut caller = place.caller("agency").await;
    place.offer(&payments[0], 0).await;
    until("at the bank", || place.received() == 1).await;
    let ending = tokio::spawn(place.let_go().stop());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let request = hyper::Request::get("/v1/payments").header("host", "gateway");
    let request = request.body(http_body_util::Full::default()).expect("a request");
    assert!(caller.send(request).await.is_none_or(|answer| answer.status == 503), "the connection is over");
    assert!(place.try_caller("agency").await.is_none(), "nobody listens");
    assert!(ending.await.expect("an end"));
    assert_eq!(export(&place.data()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_loses_only_the_answer() {
    let late = ANSWER / 2;
    let place = Setup { late, answer: ANSWER * 10, ..Setup::of("abc") }.first(Misbehaviour::Late).start().await;
    let payment = place.payment();
    let mut stream = place.raw().await;
    let request = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\nprefer: wait=5\r\n\
         idempotency-key: \"{}\"\r\ncontent-length: {}\r\n\r\n{}",
        payment.key,
        payment.body.len(),
        payment.body
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    stream.flush().await.expect("written");
    until("at the bank", || place.received() == 1).await;
    drop(stream);
    let listed = place.get(&format!("/v1/payments?key={}", payment.key)).await.json();
    let id = listed["payments"][0]["id"].as_str().expect("an id").to_owned();
    let message = place.until(&id, State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1));
    let again = place.offer(&payment, 0).await;
    assert_eq!((again.says(), again.header("idempotent-replayed")), ((200, "SUCCEEDED".to_owned()), Some("true")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_waits_is_sent_after_a_restart() {
    for bank in ["abc", "crcb"] {
        let mut place = Setup::of(bank).start().await;
        place.close_bank().await;
        let payment = place.payment();
        let answer = place.offer(&payment, 5).await;
        assert_eq!(answer.says(), (202, "READY".to_owned()), "{bank}");
        assert!(place.close_gateway().await, "{bank}");
        assert_eq!(export(&place.data()), [(answer.id(), State::Ready)], "{bank}");
        place.open_bank().await;
        place.open_gateway().await;
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!((place.books(&message), place.received()), ((1, 1), 1), "{bank}");
        let shown = answer.text("serial");
        assert_eq!(message.serial(), Some(shown.as_str()), "{bank}: the serial of the first try");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_read_by_the_adapter_that_wrote_it() {
    let first = builtin::file_sets().remove("abc").expect("a built-in adapter");
    let mut place = Setup { factor: 1, ..Setup::of("abc") }.first(Misbehaviour::Silence).start().await;
    let payments = place.payments(2);
    let old = place.offer(&payments[0], 5).await;
    assert_eq!(old.says(), (202, "UNKNOWN".to_owned()));
    assert!(place.close_gateway().await);
    // The new adapter has another word for "paid" in its queries. The bank still speaks as before.
    let mut texts = first.texts().clone();
    let query = texts.get_mut("payment.query.toml").expect("the query");
    assert!(query.contains("\"local.first\" = \"0000\", bank_code = \"0000\""));
    *query = query.replace(
        "\"local.first\" = \"0000\", bank_code = \"0000\"",
        "\"local.first\" = \"0001\", bank_code = \"0001\"",
    );
    place.setup.files = Some(FileSet::of(texts));
    place.setup.factor = super::place::FACTOR;
    place.open_gateway().await;
    let message = place.until(&old.id(), State::Succeeded).await;
    assert_eq!((message.adapter.as_str(), place.books(&message)), (first.digest().as_str(), (1, 1)));
    let history = place.history(&old.id()).await;
    assert_eq!(history.last().map(String::as_str), Some("queried yes"));
    // A new payment is the new adapter's, and to it the old word means nothing.
    let new = place.offer(&payments[1], 5).await;
    assert_eq!(new.status, 202);
    let message = place.find(&new.id()).await;
    assert_ne!(message.adapter, first.digest());
    let seen = |history: &[String]| history.iter().any(|word| word == "queried unclear");
    let begun = std::time::Instant::now();
    while !seen(&place.history(&new.id()).await) {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(super::place::LOOK).await;
    }
    assert!(!place.find(&new.id()).await.state.is_terminal());
}

fn export(dir: &std::path::Path) -> Vec<(String, State)> {
    let mut rows = Vec::new();
    let export = Export::open(dir).expect("a journal");
    let read = export.each(|message| {
        rows.push((message.id.to_string(), message.state));
        Ok::<(), kuimen::journal::Unreadable>(())
    });
    read.expect("a journal that can be read");
    rows
}
