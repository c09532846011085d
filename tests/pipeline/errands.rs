//! What moves no money: cards and accounts, asked of a bank or entered in the register.

use kuimen::life::State;
use kuimen::simulator::{Manners, Misbehaviour};
use serde_json::json;

use super::place::{Offer, PLAIN, Place, Setup, script};

const LOSS: &str = "/v1/cards/report-loss";
const QUERY: &str = "/v1/cards/query";

/// An account that somebody wants his benefit on.
fn change(place: &Place) -> Offer {
    let body = json!({
        "payee": {
            "name": "张三", "id_type": "resident", "id": "11010519491231002X",
            "account": "6217001234567890122", "account_kind": "card",
        },
        "change": { "kind": "change", "channel": "counter", "effective": "202204", "choice": "self" },
        "bank": place.setup.bank,
    });
    Offer { path: "/v1/accounts/change", key: "change-of-account-0001".to_owned(), body: body.to_string() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_errand_is_done_and_shows_when_the_card_is_asked_about() {
    let place = Setup::of("abc").start().await;
    let lost = place.offer(&place.errand(LOSS, 19), 5).await;
    assert_eq!(lost.says(), (200, "SUCCEEDED".to_owned()), "{lost:?}");
    assert_eq!((lost.text("operation").as_str(), &lost.json()["answers"]), ("card.report-loss", &json!({})));
    assert!(lost.json().get("amount").is_none() && lost.json().get("iso_status").is_none(), "{lost:?}");
    let asked = place.offer(&place.errand(QUERY, 19), 5).await;
    assert_eq!(asked.json()["answers"]["card"]["social_status"], "lost", "{asked:?}");
    assert_eq!(asked.json()["answers"]["card"]["financial_status"], "lost");

    // What was asked for is read again later, and repeated, in the same bytes.
    let read = place.get(&format!("/v1/messages/{}", asked.id())).await;
    assert_eq!((read.status, &read.body), (200, &asked.body));
    let again = place.offer(&place.errand(QUERY, 19), 5).await;
    assert_eq!((&again.body, again.header("idempotent-replayed")), (&asked.body, Some("true")));
    assert_eq!(place.received(), 2);

    // It is no payment.
    assert_eq!(place.get(&format!("/v1/payments/{}", lost.id())).await.status, 404);
    assert_eq!(place.caller("agency").await.query(&lost.id()).await.status, 404);
    assert_eq!(place.get("/v1/payments").await.json()["payments"], json!([]));
    let listed = |answer: super::place::Answer| -> Vec<String> {
        let messages = answer.json()["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(|message| message["id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(listed(place.get("/v1/messages").await), [lost.id(), asked.id()]);
    assert_eq!(listed(place.get("/v1/messages?operation=card.query").await), [asked.id()]);
    assert!(listed(place.get("/v1/messages?operation=payment.pay").await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_errand_whose_answer_never_came_is_sent_again_under_its_serial() {
    for fault in [Misbehaviour::Silence, Misbehaviour::Cut, Misbehaviour::UnlistedCode, Misbehaviour::CloseUnexecuted] {
        let place = Setup::of("abc").first(fault).start().await;
        let answer = place.offer(&place.errand(LOSS, 19), 5).await;
        assert_eq!(answer.status, 202, "{fault:?}");
        let location = format!("/v1/messages/{}", answer.id());
        assert_eq!(answer.header("location"), Some(location.as_str()), "{fault:?}");
        let serial = answer.text("serial");
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!(message.serial(), Some(serial.as_str()), "{fault:?}");
        assert_eq!(place.books(&message), (2, 1), "{fault:?}: twice there, done once");
        let history = place.history(&answer.id()).await;
        assert!(history.iter().any(|word| word.starts_with("repeat")), "{fault:?}: {history:?}");
        let read = place.get(&location).await;
        assert_eq!((read.text("state").as_str(), &read.json()["answers"]), ("SUCCEEDED", &json!({})), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_at_the_bank_is_asked_for_until_it_is_done() {
    let manners = Manners { holds: 1_000, patience: 1, ..PLAIN };
    let place = Setup { manners, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.errand(LOSS, 19), 0).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let message = place.until(&answer.id(), State::Succeeded).await;
    let (received, done) = place.books(&message);
    assert!(received > 1 && done == 1, "{received} {done}");
    let history = place.history(&answer.id()).await;
    assert_eq!(history[1], "answered in-hand", "{history:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_errand_that_nobody_ever_answers_goes_to_people() {
    let faults = script(vec![Some(Misbehaviour::Silence); 1_000], []);
    // Three days are a few seconds.
    let place = Setup { faults, factor: 100_000, ..Setup::of("abc") }.start().await;
    let answer = place.offer(&place.errand(LOSS, 19), 0).await;
    let message = place.until(&answer.id(), State::Manual).await;
    assert_eq!(message.reason.as_deref(), Some("horizon-passed"));
    assert!(place.books(&message).0 > 1, "it was asked for more than once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_does_not_have_it_says_so_and_the_key_is_free() {
    let place = Setup::of("abc").start().await;
    let apply = place.errand(LOSS, 19).body.replace("\"number\":\"B00000019\"", "\"kind\":\"first\"");
    let mut apply: serde_json::Value = serde_json::from_str(&apply).expect("JSON");
    apply.as_object_mut().expect("an object").remove("loss");
    let apply = Offer { path: "/v1/cards/apply", key: "card-apply-000000000001".to_owned(), body: apply.to_string() };
    let answer = place.offer(&apply, 5).await;
    assert_eq!(
        (answer.says(), answer.header("kuimen-accepted")),
        ((422, "not-supported".to_owned()), Some("no")),
        "{answer:?}"
    );
    assert_eq!(answer.json()["errors"][0]["field"], "bank");
    assert_eq!(place.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_message_of_each_operation() {
    let place = Setup::of("abc").start().await;
    let lost = place.errand(LOSS, 19);
    let asked = Offer { key: lost.key.clone(), ..place.errand(QUERY, 19) };
    let (first, second) = (place.offer(&lost, 5).await, place.offer(&asked, 5).await);
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!((first.id(), first.text("serial")), (second.id(), second.text("serial")));
    let other = lost.with("/card/number", "B00000027".into());
    assert_eq!(place.offer(&other, 5).await.says(), (422, "idempotency-key-reused".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_the_register_is_final_at_once_and_no_bank_hears_of_it() {
    let mut place = Setup::of("abc").start().await;
    let change = change(&place);
    let entered = place.offer(&change, 0).await;
    assert_eq!(entered.says(), (200, "SUCCEEDED".to_owned()), "{entered:?}");
    assert_eq!((entered.json()["serial"].is_null(), place.received()), (true, 0));
    assert_eq!(place.get(&format!("/v1/messages/{}", entered.id())).await.body, entered.body);
    assert_eq!(place.offer(&change, 0).await.body, entered.body);
    let other = change.with("/change/effective", "202205".into());
    assert_eq!(place.offer(&other, 0).await.says(), (422, "idempotency-key-reused".to_owned()));
    let events = place.get("/v1/events").await.json();
    assert_eq!(
        (&events["events"][0]["event"], &events["events"][0]["body"]["change"]["kind"]),
        (&json!("entered"), &json!("change"))
    );
    // It is on disk: another process finds the same.
    assert!(place.close_gateway().await);
    place.open_gateway().await;
    assert_eq!(place.offer(&change, 0).await.body, entered.body);
}
