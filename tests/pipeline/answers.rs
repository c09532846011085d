//! What the bank answers to a payment, and what becomes of it.

use std::time::Duration;

use kuimen::journal::BodyKind;
use kuimen::life::State;
use kuimen::simulator::Misbehaviour;

use super::place::{ANSWER, Place, STRICT, Setup, script};

#[tokio::test(flavor = "multi_thread")]
async fn a_good_answer_ends_it_at_once() {
    for bank in ["abc", "icbc", "crcb"] {
        let place = Setup::of(bank).start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.says(), (200, "SUCCEEDED".to_owned()), "{bank}");
        assert_eq!(answer.text("iso_status"), "ACSC", "{bank}");
        let message = place.find(&answer.id()).await;
        assert_eq!((message.state, place.books(&message)), (State::Succeeded, (1, 1)), "{bank}");
        assert_eq!(place.history(&answer.id()).await, ["claimed", "answered yes"], "{bank}");
        assert_eq!(answer.text("serial"), message.serial().unwrap_or_default(), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_refusal_is_final_and_has_a_reason() {
    for bank in ["abc", "icbc", "crcb"] {
        let place = Setup { manners: STRICT, ..Setup::of(bank) }.start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.says(), (200, "FAILED".to_owned()), "{bank}");
        assert_eq!(answer.text("iso_status"), "RJCT", "{bank}");
        let reason = answer.text("reason");
        assert!(["AC04", "MS03", "DS02"].contains(&reason.as_str()), "{bank}: {reason}");
        let message = place.find(&answer.id()).await;
        assert_eq!((message.state, message.reason.as_deref()), (State::Failed, Some(reason.as_str())), "{bank}");
        assert_eq!(place.books(&message), (1, 0), "{bank}");
    }
}

/// A payment whose answer is spoiled so that nothing can be told from it: unknown, asked about, and found paid once.
async fn unknown_then_asked(bank: &'static str, fault: Misbehaviour, reason: &[&str]) -> Place {
    let place = Setup::of(bank).first(fault).start().await;
    // Answered before anybody asks the bank: the wait ends at the first durable outcome or by itself.
    let answer = place.offer(&place.payment(), 5).await;
    assert_eq!(answer.status, 202, "{bank} {fault:?} {answer:?}");
    let id = answer.id();
    assert_eq!(answer.header("location"), Some(format!("/v1/payments/{id}").as_str()));
    let message = place.until(&id, State::Succeeded).await;
    assert_eq!(place.books(&message), (1, 1), "{bank} {fault:?}");
    assert_eq!(place.struck(fault), 1);
    let timeline = place.timeline(&id).await;
    assert_eq!(timeline[1].event, "send-unknown", "{bank} {fault:?}");
    assert_eq!(timeline[1].state, "UNKNOWN", "{bank} {fault:?}");
    let why = timeline[1].reason.as_deref().unwrap_or_default();
    assert!(reason.contains(&why), "{bank} {fault:?}: {why}");
    let history = place.history(&id).await;
    assert_eq!(history[history.len() - 2..], ["query-due", "queried yes"], "{bank} {fault:?}");
    assert!(!history.iter().any(|word| word == "intended"), "{bank} {fault:?}: never sent again");
    let again = place.offer(&place.payment(), 5).await;
    assert_eq!((again.says(), again.header("idempotent-replayed")), ((200, "SUCCEEDED".to_owned()), Some("true")));
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_then_silent() {
    for bank in ["abc", "icbc"] {
        unknown_then_asked(bank, Misbehaviour::Silence, &["no-answer"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_the_deadline_is_not_waited_for() {
    for bank in ["abc", "icbc"] {
        unknown_then_asked(bank, Misbehaviour::Late, &["no-answer"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer() {
    for bank in ["abc", "icbc"] {
        unknown_then_asked(bank, Misbehaviour::Cut, &["answer-cut"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_length() {
    // One digit more than is there: the rest never comes. One less: the message in the frame is not whole.
    unknown_then_asked("abc", Misbehaviour::WrongLength, &["answer-cut", "unreadable"]).await;
    unknown_then_asked("icbc", Misbehaviour::WrongLength, &["unreadable"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_of_no_charset() {
    for bank in ["abc", "icbc"] {
        let place = unknown_then_asked(bank, Misbehaviour::WrongCharset, &["unreadable"]).await;
        drop(place);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_code() {
    for bank in ["abc", "icbc"] {
        let place = Setup::of(bank).first(Misbehaviour::UnlistedCode).start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.status, 202, "{bank}");
        let message = place.until(&answer.id(), State::Succeeded).await;
        assert_eq!(place.books(&message), (1, 1), "{bank}");
        let history = place.history(&answer.id()).await;
        // Our item stands in an answer of one of them: it has it, whatever became of it.
        let said = if bank == "icbc" { "answered known" } else { "answered unclear" };
        assert_eq!(history[1], said, "{bank}: {history:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_about_goes_to_people() {
    for fault in [
        Misbehaviour::Silence,
        Misbehaviour::Cut,
        Misbehaviour::WrongLength,
        Misbehaviour::UnlistedCode,
        Misbehaviour::CloseUnexecuted,
    ] {
        let place = Setup::of("crcb").first(fault).start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.status, 202, "{fault:?}");
        let message = place.until(&answer.id(), State::Manual).await;
        assert_eq!(message.reason.as_deref(), Some("dead-end"), "{fault:?}");
        let executed = u32::from(fault != Misbehaviour::CloseUnexecuted);
        assert_eq!(place.books(&message), (1, executed), "{fault:?}");
        let asked = place.caller("agency").await.query(&answer.id()).await;
        assert_eq!(asked.says(), (409, "query-not-possible".to_owned()), "{fault:?}");
        // And there it stays: policy time for many resends passes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(place.books(&place.find(&answer.id()).await), (1, executed), "{fault:?}");
        assert_eq!(place.offer(&place.payment(), 1).await.says(), (202, "MANUAL".to_owned()), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answer_twice_is_one() {
    for bank in ["abc", "icbc", "crcb"] {
        let place = Setup::of(bank).first(Misbehaviour::Twice).start().await;
        let payments = place.payments(3);
        let first = place.offer(&payments[0], 5).await;
        assert_eq!(first.says(), (200, "SUCCEEDED".to_owned()), "{bank}");
        for payment in &payments[1..] {
            assert_eq!(place.offer(payment, 5).await.says(), (200, "SUCCEEDED".to_owned()), "{bank}");
        }
        if bank != "icbc" {
            // A bank that closes with its answer is not listened to any longer.
            super::place::until("surplus", || place.link().counts().surplus == 3).await;
        }
        let message = place.find(&first.id()).await;
        assert_eq!((place.books(&message), message.conflict), ((1, 1), false), "{bank}");
        assert_eq!(place.history(&first.id()).await, ["claimed", "answered yes"], "{bank}");
        assert_eq!(place.executed(), 3, "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_that_contradicts_is_a_conflict_and_the_first_stands() {
    for (bank, manners, state, executed) in [
        ("abc", super::place::PLAIN, State::Succeeded, 1),
        ("abc", STRICT, State::Failed, 0),
        ("crcb", super::place::PLAIN, State::Succeeded, 1),
        ("crcb", STRICT, State::Failed, 0),
    ] {
        let place = Setup { manners, ..Setup::of(bank) }.first(Misbehaviour::Contradicts).start().await;
        let answer = place.offer(&place.payment(), 5).await;
        assert_eq!(answer.says(), (200, state.to_string()), "{bank}");
        // No other request is needed to see it.
        let message = place.until_true(&answer.id(), |message| message.conflict).await;
        assert_eq!((message.state, place.books(&message)), (state, (1, executed)), "{bank}");
        assert_eq!(message.reason.as_deref().unwrap_or_default(), answer.text("reason"), "{bank}");
        let last = place.timeline(&answer.id()).await.pop().expect("a record");
        let said = if state == State::Succeeded { "no" } else { "yes" };
        // A dialect that echoes nothing cannot say whose answer it is: there it is only overheard.
        let event = if bank == "crcb" { "overheard" } else { "late-answer" };
        assert_eq!((last.event.as_str(), last.detail.as_deref()), (event, Some(said)), "{bank}");
        assert_eq!((last.fact.as_deref(), last.state), (Some("CONFLICT"), state.to_string()), "{bank}");
        // The bytes are kept, and the first answer north is what is given for ever.
        let kept = place.gateway().gateway.journal().body(message.id, BodyKind::Answer).await.expect("a journal");
        assert!(kept.is_some_and(|bytes| !bytes.is_empty()), "{bank}");
        let again = place.offer(&place.payment(), 5).await;
        assert_eq!((again.status, &again.body), (200, &answer.body), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_messages_answer_is_never_applied() {
    for bank in ["abc", "icbc"] {
        // The first payment is answered well, as nothing else has been paid yet; the second gets the first one's answer.
        let place = Setup::of(bank).first(Misbehaviour::Another).start().await;
        let payments = place.payments(2);
        let first = place.offer(&payments[0], 5).await;
        assert_eq!(first.says(), (200, "SUCCEEDED".to_owned()), "{bank}");
        let second = place.offer(&payments[1], 5).await;
        assert_eq!(second.status, 202, "{bank}: {second:?}");
        let timeline = place.timeline(&second.id()).await;
        assert_eq!(
            (timeline[1].event.as_str(), timeline[1].detail.as_deref()),
            ("send-unknown", Some("not-ours")),
            "{bank}"
        );
        assert_eq!(timeline[1].reason.as_deref(), Some("not-ours"), "{bank}: not the other one's code");
        let message = place.until(&second.id(), State::Succeeded).await;
        assert_eq!(place.books(&message), (1, 1), "{bank}");
        let history = place.history(&second.id()).await;
        assert_eq!(history.last().map(String::as_str), Some("queried yes"), "{bank}: by asking, {history:?}");
        let first = place.find(&first.id()).await;
        assert_ne!(first.bank_serial, message.bank_serial, "{bank}");
        // Placed where it belongs, it says nothing new.
        assert_eq!((first.state, first.conflict), (State::Succeeded, false), "{bank}");
        assert_eq!(place.history(&first.id.to_string()).await, ["claimed", "answered yes"], "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_anothers_place_reaches_the_one_it_is_about() {
    // Paid, but the answer is lost, and no query is answered for a long while.
    let silence = vec![Some(Misbehaviour::Silence); 50];
    let place =
        Setup { faults: script([Some(Misbehaviour::Silence), None], silence), ..Setup::of("abc") }.start().await;
    let payment = place.payment();
    let first = place.offer(&payment, 0).await;
    place.until(&first.id(), State::Unknown).await;
    let message = place.find(&first.id()).await;
    assert_eq!(place.books(&message), (1, 1));
    // Then the lost answer comes where another was due, while a query is under way.
    place.until(&first.id(), State::Querying).await;
    let stray = kuimen::link::Stray {
        behind: kuimen::link::Mark { subject: *message.id.as_bytes(), exchange: 3 },
        bytes: answer_to(message.serial().expect("a serial"), "0000"),
    };
    place.link().misplaced(stray);
    let message = place.until(&first.id(), State::Succeeded).await;
    let history = place.history(&first.id()).await;
    assert_eq!(history.last().map(String::as_str), Some("late-answer yes"), "{history:?}");
    assert_eq!((place.books(&message), message.conflict), ((1, 1), false));
    // The query has not ended, and yet there is a final answer to give.
    assert_eq!(place.offer(&payment, 5).await.says(), (200, "SUCCEEDED".to_owned()), "a stored answer like any other");
    let answer = place.get(&format!("/v1/payments/{}", first.id())).await;
    assert_eq!(answer.says(), (200, "SUCCEEDED".to_owned()));
    // What is about nobody here changes nothing.
    for serial in ["AAAAAAAAAAAAAAAA", ""] {
        let behind = kuimen::link::Mark { subject: *message.id.as_bytes(), exchange: 0 };
        place.link().misplaced(kuimen::link::Stray { behind, bytes: answer_to(serial, "KM01") });
    }
    tokio::time::sleep(ANSWER).await;
    assert_eq!(place.find(&first.id()).await, message);
}

/// A payment's answer in the dialect of `abc`, put together by hand.
fn answer_to(serial: &str, code: &str) -> Vec<u8> {
    let body = format!(
        "<ap><CCTransCode>CFRT21</CCTransCode><ReqSeqNo>{serial}</ReqSeqNo><RespSource>0</RespSource>\
         <RespCode>{code}</RespCode><RespInfo>x</RespInfo><RxtInfo>x</RxtInfo></ap>"
    );
    [format!("0{:<6}", body.len()).as_bytes(), body.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_what_became_of_a_payment_and_wakes_whoever_waits() {
    let place = Setup::of("abc").start().await;
    let payments = place.payments(2);
    let first = place.offer(&payments[0], 5).await;
    let feed = place.get("/v1/events").await.json();
    let told = feed["events"].as_array().expect("a list");
    assert_eq!(told.len(), 1, "{feed}");
    let seen = (told[0]["event"].as_str(), told[0]["what"].as_str(), told[0]["message"]["id"].as_str());
    assert_eq!(seen, (Some("settled"), Some("SUCCEEDED"), Some(first.id().as_str())));
    let next = feed["next"].as_i64().expect("a position");
    assert!(told[0]["seq"].as_i64().is_some_and(|seq| seq <= next));
    let nothing = place.get(&format!("/v1/events?after={next}")).await.json();
    assert_eq!((nothing["events"].as_array().map(Vec::len), nothing["next"].as_i64()), (Some(0), Some(next)));
    // Somebody waits, and something happens.
    let mut waiting = place.caller("agency").await;
    let waits = tokio::spawn(async move { waiting.get(&format!("/v1/events?after={next}&wait=20")).await.json() });
    tokio::time::sleep(super::place::LOOK * 10).await;
    assert!(!waits.is_finished());
    let second = place.offer(&payments[1], 5).await;
    let news =
        tokio::time::timeout(std::time::Duration::from_secs(10), waits).await.expect("woken").expect("an answer");
    assert_eq!(news["events"][0]["message"]["id"], second.id(), "{news}");
    // Nobody hears of another party's payments, and a bad position is no position.
    let others = place.caller("other").await.get("/v1/events").await.json();
    assert_eq!(others["events"].as_array().map(Vec::len), Some(0));
    assert!(others["next"].as_i64().is_some_and(|next| next > 0));
    for bad in ["after=-1", "after=x", "after=1&after=2", "limit=", "nothing=1", "after=99999999999999999999"] {
        assert_eq!(
            place.get(&format!("/v1/events?{bad}")).await.says(),
            (400, "request-malformed".to_owned()),
            "{bad}"
        );
    }
}
