//! The county's rules on their way through the gateway: what is held, what is told, what goes on.

use jiff::civil::date;
use kuimen::life::State;
use kuimen::message::{Fen, Field, Occurrence, Operation, Record};
use kuimen::simulator::Notice;
use serde_json::{Value, json};

use super::place::{Offer, Place, Setup, the_county};

const ID: &str = "11010519491231002X";
const CARD: &str = "6217001234567890122";

async fn start() -> Place {
    Setup { county: Some(the_county()), ..Setup::of("abc") }.start().await
}

/// An account change of this person to this card; `more` changes members.
fn change(key: u32, more: &[(&str, Value)]) -> Offer {
    let body = json!({
        "payee": { "name": "张三", "id_type": "resident", "id": ID, "account": CARD, "account_kind": "card" },
        "change": { "kind": "change", "channel": "counter", "effective": "202204", "choice": "self" },
        "bank": "abc",
    });
    let offer = Offer { path: "/v1/accounts/change", key: format!("change-{key:020}"), body: body.to_string() };
    more.iter().fold(offer, |offer, (pointer, value)| offer.with(pointer, value.clone()))
}

fn holder(more: &[(Field, &str)]) -> Record<'static> {
    let mut record = Record::new();
    let base = [
        (Field::HolderName, "张三"),
        (Field::HolderIdType, "resident"),
        (Field::HolderId, ID),
        (Field::CardNumber, "B00000019"),
        (Field::CardAccount, CARD),
    ];
    for (field, text) in base.iter().chain(more) {
        record.set_text(*field, (*text).to_owned());
    }
    record
}

const MET: [(Field, &str); 5] = [
    (Field::MeetingKind, "counter"),
    (Field::MeetingOn, "2022-03-16"),
    (Field::MeetingOutlet, "某支行"),
    (Field::MeetingClerk, "王五"),
    (Field::MeetingOriginals, "seen"),
];

async fn tell(place: &Place, operation: Operation, record: &Record<'static>, n: u32) {
    let caller = place.calling_as("bank-caller");
    let width = caller.adapter.full_width_serial().len();
    let serial = format!("{n:0width$}");
    let at = "2022-03-16T01:30:00Z".parse().expect("a time");
    let answered = caller.tell(Notice { operation, record, serial: &serial, at, date: date(2022, 3, 16) }).await;
    // Whatever a rule finds in it, it has happened and is taken down.
    assert_eq!(answered.expect("an answer").reply.occurrence, Occurrence::Yes);
}

/// The findings of the last event: rules and severities.
async fn findings(place: &Place) -> Vec<String> {
    let events = place.get("/v1/events?limit=1000").await.json();
    let last = events["events"].as_array().and_then(|events| events.last().cloned()).unwrap_or_default();
    let found = last["findings"].as_array().cloned().unwrap_or_default();
    let word = |finding: &Value| {
        assert!(finding["zh"].is_string() && finding["en"].is_string(), "{finding}");
        format!("{} {}", finding["rule"].as_str().unwrap_or_default(), finding["severity"].as_str().unwrap_or_default())
    };
    found.iter().map(word).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_until_the_card_is_activated_face_to_face() {
    let mut place = start().await;
    let early = place.offer(&change(1, &[]), 0).await;
    assert_eq!((early.says(), early.text("reason")), ((202, "HELD".to_owned()), "R11".to_owned()), "{early:?}");
    assert_eq!(findings(&place).await, ["R11 hold"]);

    tell(&place, Operation::CardActivated, &holder(&[]), 1).await;
    assert_eq!(findings(&place).await, ["R06 hold"]);
    assert_eq!(
        place.offer(&change(2, &[]), 0).await.text("reason"),
        "R11",
        "activated without a meeting is not enough"
    );

    tell(&place, Operation::CardActivated, &holder(&MET), 2).await;
    assert_eq!(findings(&place).await, [""; 0]);
    assert_eq!(place.offer(&change(3, &[]), 0).await.says(), (200, "SUCCEEDED".to_owned()));

    // The registers are the journal's: the next process knows the same.
    assert!(place.close_gateway().await);
    place.open_gateway().await;
    assert_eq!(place.offer(&change(4, &[]), 0).await.says(), (200, "SUCCEEDED".to_owned()));
    let held = place.find(&early.id()).await;
    assert_eq!((held.state, place.received()), (State::Held, 0), "what waits for people waits");
    assert_eq!(place.offer(&change(1, &[]), 0).await.id(), early.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_made_to_travel() {
    let place = start().await;
    let old = [("/payee/account", json!("31650001040099999")), ("/payee/account_kind", json!("account"))];
    let apply = [("/change/kind", json!("application"))];
    let bare = place.offer(&change(1, &[&old[..], &apply].concat()), 0).await;
    assert_eq!(bare.text("reason"), "R09");
    let special = [("/change/exception", json!("异地居住"))];
    let entered = place.offer(&change(2, &[&old[..], &apply, &special].concat()), 0).await;
    assert_eq!(entered.says(), (200, "SUCCEEDED".to_owned()));
    assert_eq!(findings(&place).await, ["R08 notice"]);
    // And is paid there, with a mark.
    let mut payment = place.payment();
    for (pointer, value) in old.iter().chain(&[("/payee/id", json!(ID)), ("/payee/id_type", json!("resident"))]) {
        payment = payment.with(pointer, value.clone());
    }
    let paid = place.offer(&payment, 5).await;
    assert_eq!(paid.says(), (200, "SUCCEEDED".to_owned()), "{paid:?}");
    let claimed = place.timeline(&paid.id()).await;
    assert_eq!(claimed[0].event, "claimed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_benefit_under_another_key_waits_for_people() {
    let place = start().await;
    let payment = place.payment();
    assert_eq!(place.offer(&payment, 5).await.says(), (200, "SUCCEEDED".to_owned()));
    let twin = Offer { key: "another-key-of-the-same-0001".to_owned(), ..payment.with("/amount", 77.into()) };
    let held = place.offer(&twin, 5).await;
    assert_eq!((held.says(), held.text("reason")), ((202, "HELD".to_owned()), "H01".to_owned()));
    assert_eq!((place.received(), findings(&place).await), (1, vec!["H01 hold".to_owned()]));
    let next_month = payment.with("/period", "202212".into());
    let next_month = Offer { key: "another-key-of-the-same-0002".to_owned(), ..next_month };
    assert_eq!(
        place.offer(&next_month, 5).await.says(),
        (200, "SUCCEEDED".to_owned()),
        "another month is another benefit"
    );

    // At the same moment under many keys: one is paid.
    let crowd = (0..8).map(|n| Offer { key: format!("crowd-key-{n:020}"), ..payment.with("/period", "202301".into()) });
    let answers = futures_util::future::join_all(crowd.map(|offer| {
        let place = &place;
        async move { place.offer(&offer, 5).await.text("state") }
    }));
    let mut states = answers.await;
    states.sort();
    assert_eq!(states, [vec!["HELD".to_owned(); 7], vec!["SUCCEEDED".to_owned()]].concat());
    assert_eq!(place.executed(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_failed_is_no_twin() {
    let manners = super::place::STRICT;
    let place = Setup { county: Some(the_county()), manners, ..Setup::of("abc") }.start().await;
    let payment = place.payment();
    assert_eq!(place.offer(&payment, 5).await.says(), (200, "FAILED".to_owned()));
    let again = Offer { key: "second-payment-key-000001".to_owned(), ..payment };
    assert_eq!(place.offer(&again, 5).await.says(), (200, "FAILED".to_owned()), "it went to the bank");
    assert_eq!(place.received(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bank_tells_is_marked_and_stops_nothing() {
    let place = start().await;
    let mut issued = holder(&[
        (Field::CardKind, "first-exchange"),
        (Field::CardRegion, "500236"),
        (Field::CardGeneration, "2"),
        (Field::CardIssuedOn, "2022-03-15"),
        (Field::CardOutlet, "没有登记的网点"),
    ]);
    issued.set_fen(Field::CardFee, Fen::new(2_000));
    tell(&place, Operation::CardIssued, &issued, 1).await;
    assert_eq!(findings(&place).await, ["R02 notice", "R03 notice", "R04 notice"]);
    let registered = the_county().outlets.into_iter().find(|outlet| outlet.bank == "abc").expect("an outlet").name;
    issued.set_text(Field::CardOutlet, registered);
    issued.set_text(Field::CardGeneration, "3");
    issued.set_fen(Field::CardFee, Fen::ZERO);
    tell(&place, Operation::CardIssued, &issued, 2).await;
    assert_eq!(findings(&place).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switched_rule_is_journaled_with_both_names_and_may_refuse() {
    let mut county = the_county();
    let by = kuimen::life::TwoPeople::new("经办甲", "复核乙").expect("two people");
    let severity = kuimen::county::Severity::Refuse;
    let switch = kuimen::county::Switch { severity, since: date(2022, 1, 1), by, reason: "试点".to_owned() };
    county.switches.insert("R11", switch);
    let mut place = Setup { county: Some(county), ..Setup::of("abc") }.start().await;
    let refused = place.offer(&change(1, &[]), 0).await;
    assert_eq!((refused.says(), refused.header("kuimen-accepted")), ((422, "county-rule".to_owned()), Some("no")));
    assert_eq!(refused.json()["errors"][0]["code"], "county-rule", "{refused:?}");
    assert!(place.close_gateway().await);
    let journal = rusqlite::Connection::open(place.data().join("gateway/journal.sqlite")).expect("a journal");
    let sql = "SELECT record FROM chain WHERE record LIKE '%event=rule-switched%'";
    let record: String = journal.query_row(sql, [], |row| row.get(0)).expect("a record");
    for line in ["rule=R11", "severity=refuse", "since=2022-01-01", "first=经办甲", "second=复核乙"] {
        assert!(record.lines().any(|said| said == line), "{record}");
    }
    drop(journal);
    let keys = kuimen::journal::default_key_file(&place.data());
    let dir = place.data();
    let report = kuimen::journal::verify::verify(&dir, &keys, Default::default()).expect("a journal");
    assert!(report.violations.is_empty(), "{:?}", report.violations);
}
