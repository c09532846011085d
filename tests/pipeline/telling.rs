//! What banks begin: told once or many times, taken down once, answered the same.

use jiff::civil::date;
use kuimen::adapter::runtime::{Answered, Wire};
use kuimen::life::State;
use kuimen::message::{Fen, Field, Occurrence, Operation, Record};
use kuimen::simulator::{Caller, Notice};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::place::{Place, Setup};

/// Every bank that calls.
const CALLING: [&str; 6] = ["abc", "ccb", "crcb", "ctgb", "icbc", "psbc"];

fn holder() -> Record<'static> {
    let mut record = Record::new();
    for (field, text) in [
        (Field::HolderName, "张三"),
        (Field::HolderIdType, "resident"),
        (Field::HolderId, "11010519491231002X"),
        (Field::CardKind, "first"),
    ] {
        record.set_text(field, text);
    }
    record
}

fn issued() -> Record<'static> {
    let mut record = holder();
    for (field, text) in [
        (Field::CardNumber, "B00000019"),
        (Field::CardRegion, "500236"),
        (Field::CardGeneration, "3"),
        (Field::CardIssuedOn, "2022-03-15"),
        (Field::CardOutlet, "永安支行"),
    ] {
        record.set_text(field, text);
    }
    record.set_fen(Field::CardFee, Fen::ZERO);
    record
}

fn returned(serial: &str, fen: i64) -> Record<'static> {
    let mut record = Record::new();
    record.set_text(Field::ReturnedSerial, serial.to_owned());
    record.set_text(Field::ReturnedOn, "2022-03-17");
    record.set_fen(Field::Amount, Fen::new(fen));
    record
}

fn notice<'a>(operation: Operation, record: &'a Record<'a>, serial: &'a str) -> Notice<'a> {
    let at = "2022-03-15T01:30:00Z".parse().expect("a time");
    Notice { operation, record, serial, at, date: date(2022, 3, 15) }
}

/// A serial as wide as the bank's own, so that every dialect carries it.
fn serial(caller: &Caller, n: u32) -> String {
    let width = caller.adapter.full_width_serial().len();
    format!("{n:0width$}")
}

async fn tell(caller: &Caller, operation: Operation, record: &Record<'static>, n: u32) -> Answered {
    caller.tell(notice(operation, record, &serial(caller, n))).await.expect("an answer")
}

async fn events(place: &Place) -> Vec<Value> {
    let events = place.get("/v1/events?limit=1000").await.json();
    events["events"].as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_told_of_once_however_often_it_is_told() {
    for bank in CALLING {
        let place = Setup::of(bank).start().await;
        let caller = place.calling_as("bank-caller");
        let told = serial(&caller, 7);
        let record = issued();
        let wire = caller.wire(notice(Operation::CardIssued, &record, &told)).expect("a notice");
        let answered = tell(&caller, Operation::CardIssued, &record, 7).await;
        assert_eq!(answered.reply.occurrence, Occurrence::Yes, "{bank}");
        let first = caller.send(&wire).await.expect("an answer");
        let (left, right) = tokio::join!(caller.send(&wire), caller.send(&wire));
        assert_eq!((left.as_ref(), right.as_ref()), (Some(&first), Some(&first)), "{bank}");

        let mut other = issued();
        other.set_text(Field::CardNumber, "B00000027");
        let refused = tell(&caller, Operation::CardIssued, &other, 7).await;
        assert_eq!(refused.reply.occurrence, Occurrence::Unknown, "{bank}: the serial belongs to another card");

        let events = events(&place).await;
        assert_eq!(events.len(), 1, "{bank}: {events:?}");
        let [event] = events.as_slice() else { panic!("one event") };
        assert_eq!((&event["event"], &event["operation"]), (&json!("entered"), &json!("card.issued")), "{bank}");
        assert_eq!(event["body"]["card"]["number"], "B00000019", "{bank}");
        assert_eq!(event["body"]["bank"], bank);
        assert_eq!(event["message"]["key"], format!("2022-03-15:{told}"), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_notice_that_banks_begin_is_taken_by_every_bank_that_calls() {
    for bank in CALLING {
        let place = Setup::of(bank).start().await;
        let caller = place.calling_as("bank-caller");
        let mut activated = issued();
        for field in [Field::CardKind, Field::CardGeneration, Field::CardIssuedOn, Field::CardOutlet, Field::CardFee] {
            activated.clear(field);
        }
        activated.set_text(Field::CardAccount, "6217001234567890122");
        for (operation, record, n) in [
            (Operation::CardCheck, holder(), 1),
            (Operation::CardIssued, issued(), 2),
            (Operation::CardActivated, activated, 3),
        ] {
            let answered = tell(&caller, operation, &record, n).await;
            assert_eq!(answered.reply.occurrence, Occurrence::Yes, "{bank} {}", operation.name());
        }
        assert_eq!(events(&place).await.len(), 3, "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_card_is_not_made_another_first_one() {
    for told_of_before in [false, true] {
        let mut place = Setup::of("crcb").start().await;
        let caller = place.calling_as("bank-caller");
        if told_of_before {
            assert_eq!(tell(&caller, Operation::CardCheck, &holder(), 1).await.reply.occurrence, Occurrence::Yes);
        }
        tell(&caller, Operation::CardIssued, &issued(), 2).await;
        assert_eq!(tell(&caller, Operation::CardCheck, &holder(), 3).await.reply.occurrence, Occurrence::No);
        let mut another = holder();
        another.set_text(Field::CardKind, "replacement");
        assert_eq!(tell(&caller, Operation::CardCheck, &another, 4).await.reply.occurrence, Occurrence::Yes);
        // The knowledge is the journal's: the next process has it, too.
        assert!(place.close_gateway().await);
        place.open_gateway().await;
        let caller = place.calling_as("bank-caller");
        assert_eq!(tell(&caller, Operation::CardCheck, &holder(), 5).await.reply.occurrence, Occurrence::No);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_back_is_linked_to_its_payment_once() {
    for bank in ["abc", "psbc"] {
        let place = Setup::of(bank).start().await;
        let caller = place.calling_as("bank-caller");
        let paid = place.offer(&place.payment(), 5).await;
        let id = paid.id();
        let before = place.until(&id, State::Succeeded).await;
        let own = before.serial().expect("a serial").to_owned();
        let mut back = returned(&own, before.fen);
        // Where serials are of a day, the day of the return is later than that of the payment.
        let days = before.delivery.as_ref().map(|delivery| delivery.business_date.tomorrow());
        back.set_text(Field::ReturnedOn, days.expect("a delivery").expect("a day").to_string());
        for n in [1, 1, 2] {
            let answered = tell(&caller, Operation::PaymentReturned, &back, n).await;
            assert_eq!(answered.reply.occurrence, Occurrence::Yes, "{bank} {n}");
        }
        let message = place.find(&id).await;
        assert_eq!((message.state, message.given_back), (State::Succeeded, before.fen), "{bank}");
        let facts = events(&place).await.into_iter().filter(|event| event["event"] == "fact").collect::<Vec<_>>();
        assert_eq!(facts.len(), 1, "{bank}: {facts:?}");
        assert_eq!((&facts[0]["what"], &facts[0]["message"]["id"]), (&json!("RETURNED"), &json!(id)), "{bank}");

        let strangers = [returned(&own, before.fen - 1), returned(&serial(&caller, 99), before.fen)];
        for (n, record) in (3..).zip(&strangers) {
            let answered = tell(&caller, Operation::PaymentReturned, record, n).await;
            assert_eq!(answered.reply.occurrence, Occurrence::No, "{bank} {n}");
        }
        assert_eq!(place.find(&id).await.given_back, before.fen, "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_let_in_at_a_bank_s_door() {
    let mut place = Setup::of("abc").start().await;
    let record = issued();
    for name in ["agency", "outsider"] {
        let caller = place.calling_as(name);
        assert!(caller.tell(notice(Operation::CardIssued, &record, &serial(&caller, 1))).await.is_none(), "{name}");
    }
    // And the bank is nobody at the agency's door.
    assert_eq!(place.caller("bank-caller").await.get("/v1/payments").await.says(), (403, "party-unknown".to_owned()));
    // What is meant for another customer of the bank is not taken, however well it reads.
    let mut caller = place.calling_as("bank-caller");
    caller.settings.0[0] = Some("9999999999999".to_owned());
    assert!(caller.tell(notice(Operation::CardIssued, &record, &serial(&caller, 1))).await.is_none());
    assert!(place.close_gateway().await);
    let refusals = place.refusals();
    assert!(refusals.contains(&("abc".to_owned(), "unreadable".to_owned())), "{refusals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_not_answered_and_what_breaks_a_rule_is_refused() {
    let mut place = Setup::of("icbc").start().await;
    let caller = place.calling_as("bank-caller");
    assert_eq!(caller.send(&Wire { target: Some(b"/nowhere".to_vec()), body: b"reqData=x".to_vec() }).await, None);
    let mut wrong = issued();
    wrong.set_text(Field::HolderId, "110105194912310021");
    assert_eq!(tell(&caller, Operation::CardIssued, &wrong, 1).await.reply.occurrence, Occurrence::No);
    // The serial is free again: what was refused took nothing.
    assert_eq!(tell(&caller, Operation::CardIssued, &issued(), 1).await.reply.occurrence, Occurrence::Yes);
    assert!(place.close_gateway().await);
    let refusals = place.refusals();
    for code in ["unreadable", "document-check-digit"] {
        assert!(refusals.contains(&("icbc".to_owned(), code.to_owned())), "{refusals:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_cannot_write_answers_nothing() {
    for bank in ["abc", "icbc"] {
        let place = Setup::of(bank).start().await;
        let caller = place.calling_as("bank-caller");
        place.gateway().gateway.journal().close().await.expect("a closed journal");
        let record = issued();
        assert!(caller.tell(notice(Operation::CardIssued, &record, &serial(&caller, 1))).await.is_none(), "{bank}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_in_order_closes_the_doors() {
    let mut place = Setup::of("abc").start().await;
    let door = place.gateway().doors["abc"];
    let mut idle = tokio::net::TcpStream::connect(door).await.expect("an open door");
    assert!(place.close_gateway().await);
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or_default(), 0);
    assert!(tokio::net::TcpStream::connect(door).await.is_err());
}
