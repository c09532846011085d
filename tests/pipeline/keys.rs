//! The idempotency contract, as a client meets it.

use std::collections::BTreeSet;

use kuimen::life::State;
use kuimen::simulator::Misbehaviour;
use serde_json::json;

use super::place::{ANSWER, Offer, STRICT, Setup};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_get_the_stored_answer_byte_for_byte() {
    for (manners, state) in [(super::place::PLAIN, "SUCCEEDED"), (STRICT, "FAILED")] {
        let mut place = Setup { manners, ..Setup::of("abc") }.start().await;
        let payment = place.payment();
        let first = place.offer(&payment, 5).await;
        assert_eq!(first.says(), (200, state.to_owned()));
        assert_eq!(first.header("idempotent-replayed"), None);
        // Order and spaces of the JSON are not the payment's.
        let value: serde_json::Value = serde_json::from_str(&payment.body).expect("JSON");
        let spaced = Offer { body: serde_json::to_string_pretty(&value).expect("JSON"), ..payment.clone() };
        for offered in [&payment, &spaced] {
            let again = place.offer(offered, 5).await;
            assert_eq!((again.status, &again.body), (200, &first.body));
            assert_eq!(again.header("idempotent-replayed"), Some("true"));
        }
        // And after a restart.
        assert!(place.close_gateway().await);
        place.open_gateway().await;
        let again = place.offer(&payment, 5).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(place.received(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_refused_and_names_the_field() {
    let place = Setup::of("abc").start().await;
    let payment = place.payment();
    let first = place.offer(&payment, 5).await;
    let other = payment.with("/amount", json!(123));
    let refused = place.offer(&other, 5).await;
    assert_eq!(refused.says(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(refused.json()["errors"][0]["field"], "amount");
    assert!(!String::from_utf8_lossy(&refused.body).contains("123"), "never a value");
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(place.offer(&payment, 5).await.body, first.body, "the first one stands");
    assert_eq!((place.received(), place.executed()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_equal_requests_is_one_payment() {
    const CLIENTS: usize = 64;
    let place = Setup::of("abc").start().await;
    let payment = place.payment();
    let mut callers = Vec::new();
    for _ in 0..CLIENTS {
        callers.push(place.caller("agency").await);
    }
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let mut storm = tokio::task::JoinSet::new();
    for mut caller in callers {
        let (payment, start) = (payment.clone(), start.clone());
        storm.spawn(async move {
            start.wait().await;
            let mut tries = 0;
            loop {
                let answer = caller.offer(&payment, 5).await;
                tries += 1;
                match answer.status {
                    200 | 202 => return (answer.id(), tries, answer.header("idempotent-replayed").is_some()),
                    409 => {
                        assert_eq!(answer.text("code"), "in-progress");
                        assert!(answer.header("retry-after").is_some());
                        let id = answer.header("location").and_then(|at| at.rsplit('/').next()).map(str::to_owned);
                        assert!(id.is_some_and(|id| !id.is_empty()));
                        tokio::time::sleep(super::place::LOOK).await;
                    }
                    status => panic!("{status}: {answer:?}"),
                }
            }
        });
    }
    let answers = storm.join_all().await;
    assert_eq!(answers.len(), CLIENTS);
    let ids: BTreeSet<&String> = answers.iter().map(|(id, _, _)| id).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(answers.iter().filter(|(_, _, replayed)| !replayed).count(), 1, "one of them was first");
    let message = place.find(&answers[0].0).await;
    assert_eq!((message.state, place.books(&message)), (State::Succeeded, (1, 1)));
    assert_eq!(place.received(), 1);
    let listed = place.get(&format!("/v1/payments?key={}", payment.key)).await.json();
    assert_eq!(listed["payments"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_proper_key_takes_nothing() {
    let place = Setup::of("abc").start().await;
    let payment = place.payment();
    let mut caller = place.caller("agency").await;
    let none = caller.post(&[], &payment.body).await;
    assert_eq!(none.says(), (400, "idempotency-key-missing".to_owned()));
    for bad in
        ["", "\"\"", "short", "\"nineteen-characters\"", "\"with a space in its middle\"", "\"half-quoted-0123456789"]
    {
        let answer = caller.post(&[("idempotency-key", bad)], &payment.body).await;
        assert_eq!(answer.says(), (400, "idempotency-key-malformed".to_owned()), "{bad}");
        assert_eq!(answer.header("kuimen-accepted"), Some("no"), "{bad}");
    }
    let key = payment.key.as_str();
    let two =
        caller.post(&[("idempotency-key", key), ("idempotency-key", "another-key-0123456789")], &payment.body).await;
    assert_eq!(two.says(), (400, "idempotency-key-malformed".to_owned()));
    assert_eq!(place.get("/v1/payments").await.json()["payments"].as_array().map(Vec::len), Some(0));
    assert_eq!(place.received(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_here_gets_nothing() {
    let place = Setup::of("abc").start().await;
    let payment = place.payment();
    let stranger = place.caller("stranger").await.offer(&payment, 0).await;
    assert_eq!(stranger.says(), (403, "party-unknown".to_owned()));
    let reader = place.caller("reader").await.offer(&payment, 0).await;
    assert_eq!(reader.says(), (403, "operation-not-allowed".to_owned()));
    // Another authority: the handshake itself is refused. Over TLS 1.3 a client learns of it at its first exchange.
    if let Some(mut outsider) = place.try_caller("outsider").await {
        let request = hyper::Request::get("/v1/payments").header("host", "gateway");
        let request = request.body(http_body_util::Full::default()).expect("a request");
        assert!(outsider.send(request).await.is_none());
    }
    assert_eq!(place.received(), 0);
    assert_eq!(place.offer(&payment, 5).await.says(), (200, "SUCCEEDED".to_owned()), "the key was free");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_partys_equal_key_is_another_key() {
    let place = Setup::of("abc").start().await;
    let payments = place.payments(2);
    let theirs = Offer { key: payments[0].key.clone(), ..payments[1].clone() };
    let first = place.offer(&payments[0], 5).await;
    let second = place.caller("other").await.offer(&theirs, 5).await;
    assert_eq!((second.says(), second.header("idempotent-replayed")), ((200, "SUCCEEDED".to_owned()), None));
    assert_ne!(first.id(), second.id());
    let (one, two) = (place.find(&first.id()).await, place.find(&second.id()).await);
    assert_ne!(one.serial(), two.serial());
    assert_eq!((place.books(&one), place.books(&two), place.received()), ((1, 1), (1, 1), 2));
    // And each sees only its own.
    let mut other = place.caller("other").await;
    assert_eq!(other.get(&format!("/v1/payments/{}", first.id())).await.says(), (404, "not-found".to_owned()));
    let listed = other.get("/v1/payments").await.json();
    assert_eq!(listed["payments"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["payments"][0]["id"], second.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_the_bank_cannot_carry_leaves_the_key_free() {
    // Right-justified with zeros: an account that begins with a zero could not be read back.
    let place = Setup::of("crcb").start().await;
    let good = place.payment();
    let bad = good.with("/payee/account", json!("0123456789")).with("/payee/account_kind", json!("account"));
    let refused = place.offer(&bad, 5).await;
    assert_eq!(refused.says(), (422, "cannot-encode".to_owned()), "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["field"], "payee.account");
    assert_eq!(refused.header("kuimen-accepted"), Some("no"));
    assert!(!String::from_utf8_lossy(&refused.body).contains("0123456789"), "never a value");
    assert_eq!(place.received(), 0);
    let answer = place.offer(&good, 5).await;
    assert_eq!((answer.says(), answer.header("idempotent-replayed")), ((200, "SUCCEEDED".to_owned()), None));
    let message = place.find(&answer.id()).await;
    assert_eq!((place.books(&message), place.received()), ((1, 1), 1));
    // A bad value is as free, and so is a body that is no message.
    let other = Offer { key: "a-key-of-its-own-0000001".to_owned(), ..place.payments(2).remove(1) };
    assert_eq!(place.offer(&other.with("/amount", json!(0)), 0).await.says(), (422, "message-invalid".to_owned()));
    let torn = Offer { body: other.body.trim_end_matches('}').to_owned(), ..other.clone() };
    assert_eq!(place.offer(&torn, 0).await.says(), (400, "message-malformed".to_owned()));
    assert_eq!(
        place.offer(&other.with("/bank", json!("nobank")), 0).await.says(),
        (403, "bank-not-allowed".to_owned())
    );
    assert_eq!(place.offer(&other, 5).await.says(), (200, "SUCCEEDED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_is_the_callers_choice_and_202_becomes_200() {
    // The bank answers, but only after a while.
    let late = ANSWER / 2;
    let place = Setup { late, answer: ANSWER * 10, ..Setup::of("abc") }.first(Misbehaviour::Late).start().await;
    let payments = place.payments(3);
    let mut caller = place.caller("agency").await;
    let hurried = caller.offer(&payments[0], 0).await;
    assert_eq!(hurried.says(), (202, "SENDING".to_owned()));
    assert_eq!(hurried.header("location"), Some(format!("/v1/payments/{}", hurried.id()).as_str()));
    // In hand at this moment.
    let again = caller.offer(&payments[0], 5).await;
    assert_eq!(again.says(), (409, "in-progress".to_owned()));
    assert_eq!(again.header("location"), hurried.header("location"));
    let patient = caller.offer(&payments[1], 5).await;
    assert_eq!(patient.says(), (200, "SUCCEEDED".to_owned()));
    // Without a preference, and with one that is none, it waits two seconds.
    let key = format!("\"{}\"", payments[2].key);
    let usual =
        caller.post(&[("idempotency-key", &key), ("prefer", "respond-async, wait=soon")], &payments[2].body).await;
    assert_eq!(usual.says(), (200, "SUCCEEDED".to_owned()));
    place.until(&hurried.id(), State::Succeeded).await;
    let settled = caller.offer(&payments[0], 0).await;
    assert_eq!((settled.says(), settled.id()), ((200, "SUCCEEDED".to_owned()), hurried.id()));
    assert_eq!(settled.header("idempotent-replayed"), Some("true"));
    let resource = caller.get(&format!("/v1/payments/{}", hurried.id())).await;
    assert_eq!((resource.status, resource.json()), (200, settled.json()));
    assert_eq!((place.received(), place.executed()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resource_says_where_a_payment_stands() {
    let place = Setup::of("crcb").first(Misbehaviour::Silence).start().await;
    let payment = place.payment();
    let answer = place.offer(&payment, 0).await;
    let path = format!("/v1/payments/{}", answer.id());
    let message = place.until(&answer.id(), State::Manual).await;
    let resource = place.get(&path).await;
    assert_eq!(resource.says(), (200, "MANUAL".to_owned()));
    let value = resource.json();
    assert_eq!((value["id"].as_str(), value["key"].as_str()), (Some(answer.id().as_str()), Some(payment.key.as_str())));
    assert_eq!((value["amount"].as_i64(), value["bank"].as_str()), (Some(message.fen), Some("crcb")));
    assert_eq!((value["serial"].as_str(), value["reason"].as_str()), (message.serial(), Some("dead-end")));
    assert!(value["settled_at"].is_null() && value["sent_at"].is_string());
    for missing in ["/v1/payments/0190f3a0-7e5c-7000-8000-0123456789ab", "/v1/payments/nothing", "/v1/other"] {
        assert_eq!(place.get(missing).await.says(), (404, "not-found".to_owned()), "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_key_answers_whatever_has_changed_since() {
    let mut place = Setup::of("abc").start().await;
    let to_cards = place.payments(20).into_iter().filter(|payment| payment.body.contains("\"account_kind\":\"card\""));
    let payments: Vec<Offer> = to_cards.take(2).collect();
    let first = place.offer(&payments[0], 5).await;
    assert_eq!(first.says(), (200, "SUCCEEDED".to_owned()));
    // The bank's interface has become narrower: no card fits into it any more.
    assert!(place.close_gateway().await);
    let mut files = kuimen::adapter::builtin::file_sets().remove("abc").expect("a built-in adapter").texts().clone();
    let main = files.get_mut("adapter.toml").expect("the main file");
    *main = main.replace("card    = [\"\", \"X(32)\"]", "card    = [\"\", \"X(14)\"]");
    place.setup.files = Some(kuimen::adapter::load::FileSet::of(files));
    place.open_gateway().await;
    let other = place.offer(&payments[1], 5).await;
    assert_eq!(other.says(), (422, "cannot-encode".to_owned()), "{other:?}");
    assert_eq!(other.header("kuimen-accepted"), Some("no"));
    let again = place.offer(&payments[0], 5).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "{again:?}");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    // Another body under the key is still another request, whatever the interface can carry.
    let differs = place.offer(&payments[0].with("/amount", json!(1)), 5).await;
    assert_eq!(differs.says(), (422, "idempotency-key-reused".to_owned()));
    // A request that is wrong in itself says what is under its key, and nothing about free keys.
    let mut caller = place.caller("agency").await;
    let torn = Offer { body: payments[0].body.trim_end_matches('}').to_owned(), ..payments[0].clone() };
    let refused = caller.offer(&torn, 0).await;
    assert_eq!(refused.says(), (422, "idempotency-key-reused".to_owned()), "{refused:?}");
    let two = [("idempotency-key", payments[0].key.as_str()), ("idempotency-key", "another-key-0123456789")];
    let refused = caller.post(&two, &payments[0].body).await;
    assert_eq!((refused.status, refused.header("kuimen-accepted")), (400, Some("yes")), "{refused:?}");
    assert_eq!(place.received(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_key_is_answered_for_ever_whatever_would_be_refused_today() {
    let mut place = Setup::of("abc").start().await;
    let payments = place.payments(2);
    let (paid, fresh) = (&payments[0], &payments[1]);
    let first = place.offer(paid, 5).await;
    assert_eq!(first.says(), (200, "SUCCEEDED".to_owned()));
    let json = "application/json";
    for (what, agency, configured, media, refused) in [
        ("it may pay no more", ("payment.query", "*"), true, json, (403, "operation-not-allowed")),
        ("not through this bank", ("*", "elsewhere"), true, json, (403, "bank-not-allowed")),
        ("the bank is gone", ("*", "*"), false, json, (403, "bank-not-allowed")),
        ("a wrong header", ("*", "*"), true, "text/json", (415, "unsupported-media-type")),
    ] {
        assert!(place.close_gateway().await, "{what}");
        (place.setup.agency, place.setup.configured) = (agency, configured);
        place.open_gateway().await;
        let mut caller = place.caller("agency").await;
        let again = caller.offer_as(&paid.key, media, &paid.body).await;
        assert_eq!((again.status, &again.body), (200, &first.body), "{what}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{what}");
        assert_eq!(again.header("kuimen-accepted"), None, "{what}");
        // Another request under that key is another request, not a forbidden one.
        let other = paid.with("/amount", json!(123));
        let reused = caller.offer_as(&paid.key, media, &other.body).await;
        assert_eq!(reused.says(), (422, "idempotency-key-reused".to_owned()), "{what}");
        assert_eq!(
            (reused.json()["errors"][0]["field"].as_str(), reused.header("kuimen-accepted")),
            (Some("amount"), None)
        );
        // And what was never accepted is refused with a free key.
        let new = caller.offer_as(&fresh.key, media, &fresh.body).await;
        assert_eq!(new.says(), (refused.0, refused.1.to_owned()), "{what}");
        assert_eq!(new.header("kuimen-accepted"), Some("no"), "{what}");
    }
    // A body that today's rules refuse is told that the key is taken, not that it is free.
    let mut caller = place.caller("agency").await;
    let bad = caller.offer_as(&paid.key, json, &paid.with("/amount", json!(0)).body).await;
    assert_eq!(bad.says(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!((bad.json()["errors"][0]["field"].as_str(), bad.header("kuimen-accepted")), (Some("amount"), None));
    // So is what cannot be compared because it was not read.
    let long = caller.offer_as(&paid.key, "application/json", &"x".repeat(70_000)).await;
    assert_eq!((long.status, long.header("kuimen-accepted")), (413, Some("yes")));
    assert_eq!(long.header("location"), Some(format!("/v1/payments/{}", first.id()).as_str()));
    let mut caller = place.caller("agency").await;
    let key = format!("\"{}\"", paid.key);
    let two =
        caller.post(&[("idempotency-key", "another-key-0123456789"), ("idempotency-key", &key)], &paid.body).await;
    assert_eq!(
        (two.says(), two.header("kuimen-accepted")),
        ((400, "idempotency-key-malformed".to_owned()), Some("yes"))
    );
    assert_eq!((place.received(), place.executed()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_look_says_neither_yes_nor_no() {
    let place = Setup::of("abc").start().await;
    let payments = place.payments(2);
    let first = place.offer(&payments[0], 5).await;
    assert_eq!(first.status, 200);
    // Nothing can be read or written from here on.
    place.gateway().gateway.journal().close().await.expect("a closed journal");
    let mut caller = place.caller("agency").await;
    for payment in &payments {
        let answer = caller.offer(payment, 0).await;
        assert_eq!((answer.says(), answer.header("kuimen-accepted")), ((503, "unavailable".to_owned()), None));
        assert!(answer.header("retry-after").is_some());
        let refused = caller.offer_as(&payment.key, "text/json", &payment.body).await;
        assert_eq!((refused.status, refused.header("kuimen-accepted")), (415, None));
    }
    for answer in [
        caller.get(&format!("/v1/payments/{}", first.id())).await,
        caller.query(&first.id()).await,
        caller.get("/v1/payments").await,
    ] {
        assert_eq!((answer.says(), answer.header("kuimen-accepted")), ((503, "unavailable".to_owned()), None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_takes_no_number() {
    const REPEATS: usize = 16;
    let place = Setup::of("psbc").start().await;
    let payment = place.payment();
    let mut storm = tokio::task::JoinSet::new();
    for _ in 0..REPEATS {
        let (mut caller, payment) = (place.caller("agency").await, payment.clone());
        storm.spawn(async move { caller.offer(&payment, 5).await });
    }
    for answer in storm.join_all().await {
        assert!([200, 202, 409].contains(&answer.status), "{answer:?}");
    }
    let id = place.get(&format!("/v1/payments?key={}", payment.key)).await.json()["payments"][0]["id"].clone();
    let message = place.until(id.as_str().expect("an id"), State::Succeeded).await;
    assert_eq!(place.offer(&payment, 0).await.says(), (200, "SUCCEEDED".to_owned()));
    let date = message.delivery.as_ref().expect("a delivery").business_date;
    let next = place.gateway().gateway.journal().lane_next("psbc", date, 1).await.expect("a number");
    assert_eq!(next, 2, "one payment, one number");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_leave_evidence() {
    let mut place = Setup::of("abc").start().await;
    let payments = place.payments(2);
    let payment = &payments[1];
    place.offer(&payments[0], 5).await;
    let mut caller = place.caller("agency").await;
    let other = payments[0].with("/amount", json!(123));
    assert_eq!(caller.offer(&other, 0).await.status, 422);
    assert_eq!(caller.offer(&payment.with("/bank", json!("nobank")), 0).await.status, 403);
    assert_eq!(caller.offer_as(&payment.key, "text/json", &payment.body).await.status, 415);
    assert_eq!(caller.offer_as("short", "application/json", &payment.body).await.status, 400);
    assert_eq!(caller.offer_as(&payment.key, "application/json", "{").await.status, 400);
    assert_eq!(caller.offer_as(&payment.key, "application/json", &"x".repeat(70_000)).await.status, 413);
    assert_eq!(place.caller("reader").await.offer(payment, 0).await.status, 403);
    assert_eq!(place.caller("stranger").await.get("/v1/payments").await.status, 403);
    // Not evidence: where nothing was offered and nobody was forbidden anything.
    assert_eq!(place.get("/v1/payments?page=1").await.status, 400);
    assert_eq!(place.get("/v1/payments/nothing").await.status, 404);
    assert!(place.close_gateway().await);
    let mut reasons = place.refusals();
    reasons.sort();
    let known = |org: &str, code: &str| (org.to_owned(), code.to_owned());
    let mut wanted = vec![
        known("", "party-unknown"),
        known("agency", "body-too-large"),
        known("agency", "idempotency-key-malformed"),
        known("agency", "idempotency-key-reused"),
        known("agency", "json-syntax"),
        known("agency", "unknown-bank"),
        known("agency", "unsupported-media-type"),
        known("reader", "operation-not-allowed"),
    ];
    wanted.sort();
    assert_eq!(reasons, wanted);
}
