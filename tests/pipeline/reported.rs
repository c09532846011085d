//! `kuimen report` on a directory that a gateway is using: what banks told, what was changed, paid and came back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use jiff::{Timestamp, civil::Date, tz::Offset};
use kuimen::message::{Fen, Field, Occurrence, Operation, Record, north};
use kuimen::report::{Recipient, Recipients};
use kuimen::simulator::Notice;
use kuimen::simulator::people::{Life, people};
use serde_json::{Value, json};

use super::place::{Offer, Place, Setup, county_file, the_county};

/// Notices that the bank has told, each under a serial of its own.
struct Told(u32);

impl Told {
    async fn tell(&mut self, place: &Place, operation: Operation, record: &Record<'static>) {
        self.0 += 1;
        let caller = place.calling_as("bank-caller");
        let serial = format!("{:0width$}", self.0, width = caller.adapter.full_width_serial().len());
        let notice = Notice { operation, record, serial: &serial, at: Timestamp::now(), date: today() };
        assert_eq!(caller.tell(notice).await.expect("an answer").reply.occurrence, Occurrence::Yes);
    }
}

fn today() -> Date {
    Offset::constant(8).to_datetime(Timestamp::now()).date()
}

fn report(kind: &str, place: &Place, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuimen"));
    command.args(["--lang", "en", "--json", "report", kind, "--dir"]).arg(place.data());
    command.arg("--county").arg(county_file()).args(more);
    command.output().expect("the program runs")
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn offer(path: &'static str, key: String, record: &Record<'_>) -> Offer {
    Offer { path, key, body: north::encode(record) }
}

fn string(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

/// The county's row of a target: numerator, denominator, share, reached.
fn county_row(document: &Value, target: usize) -> Value {
    let row = &document["tables"][target]["rows"][0];
    json!([row["numerator"], row["denominator"], row["share"]["percent"], row["reached"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_say_what_was_told_changed_paid_and_came_back() {
    let place = Setup { county: Some(the_county()), ..Setup::of("abc") }.start().await;
    let mut told = Told(0);
    let banks = ["abc", "whose-agreement-ended"].map(str::to_owned);
    let with_cards: Vec<_> =
        people(7, 16, &banks, |_, _| "演示永安支行".to_owned()).into_iter().filter(|one| one.bank == "abc").collect();
    for person in &with_cards {
        told.tell(&place, Operation::CardIssued, &person.issued(today())).await;
        told.tell(&place, Operation::CardActivated, &person.activated(today())).await;
        let change = offer("/v1/accounts/change", format!("change-{:020}", person.number), &person.change());
        place.offer(&change, 0).await;
        if let Some(pension) = person.pension("103100000026") {
            let paid = place.offer(&offer("/v1/payments", format!("pay-{:020}", person.number), &pension), 10).await;
            assert_eq!(paid.says(), (200, "SUCCEEDED".to_owned()), "{person:?}");
        }
    }
    // Others, of whom nobody has told anything; the first is registered, and the money of one comes back.
    let mut others = Vec::new();
    for payment in place.payments(10) {
        let body: Value = serde_json::from_str(&payment.body).expect("a body");
        let paid = place.offer(&payment, 10).await;
        assert_eq!(paid.says(), (200, "SUCCEEDED".to_owned()));
        let [id, account] = ["id", "account"].map(|member| body["payee"][member].as_str().expect("text").to_owned());
        others.push((id, account, paid.id()));
    }
    let paid: BTreeSet<String> = others.iter().map(|(id, ..)| id.clone()).collect();
    let once = |of: &&(String, String, String)| others.iter().filter(|(id, ..)| *id == of.0).count() == 1;
    let (.., back) = others.iter().skip(1).find(once).expect("somebody is paid once");
    let last = place.find(back).await;
    let mut returned = Record::new();
    returned.set_text(Field::ReturnedSerial, last.serial().expect("it was sent").to_owned());
    returned.set_text(Field::ReturnedOn, today().to_string());
    returned.set_fen(Field::Amount, Fen::new(last.fen));
    told.tell(&place, Operation::PaymentReturned, &returned).await;
    place.until_true(&last.id.to_string(), |message| message.given_back == last.fen).await;

    let (registered, card, _) = others.first().cloned().expect("ten");
    let file = |name: &str| place.data().join("..").join(name);
    let known = Recipient { township: Some("演示乡".to_owned()), since: None, card: Some(card) };
    fs::write(file("recipients.csv"), Recipients::to_csv([(registered, known)])).expect("a file");

    let [csv, xlsx, svg] = ["recipients.csv", "rollout.xlsx", "rollout.svg"].map(file);
    let more = ["--recipients", string(&csv), "--xlsx", string(&xlsx), "--svg", string(&svg)];
    let output = report("rollout", &place, &more);
    assert!(output.status.success(), "{output:?}");
    let rollout = document(&output);
    assert_eq!((&rollout["note"], &rollout["as_of"]), (&json!("演示数据"), &json!(today().to_string())));
    assert_eq!(county_row(&rollout, 0), json!([3, 4, "75.00", false]), "one lives far away and keeps the account");
    // Six who moved to the card, and the one who is registered; of the ten payments one came back.
    let existing = 6 + paid.len() - 1;
    assert_eq!(county_row(&rollout, 1).as_array().expect("a row")[..2], [json!(7), json!(existing)]);
    assert!(fs::read(&xlsx).expect("a workbook").starts_with(b"PK"));
    assert!(fs::read_to_string(&svg).expect("a picture").contains("演示数据"));
    // Without the register the card of the registered one is nobody's.
    let unregistered = document(&report("rollout", &place, &[]));
    assert_eq!(county_row(&unregistered, 1).as_array().expect("a row")[..2], [json!(6), json!(existing)]);

    let activation = report("activation", &place, &[]);
    let said = String::from_utf8(activation.stdout).expect("text");
    let list = with_cards.iter().find(|one| one.life == Life::Unmet).expect("a life");
    assert!(!said.contains(list.id()), "nobody is named unless it is asked for");
    let revealed = document(&report("activation", &place, &["--reveal"]));
    let rows = revealed["tables"][0]["rows"].as_array().expect("rows").clone();
    let named: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(named, [list.id()], "whoever was activated without a meeting, and nobody else");
    // A day on which nothing had happened yet.
    let before = report("rollout", &place, &["--from", "2022-01-01", "--as-of", "2022-06-30"]);
    assert_eq!(county_row(&document(&before), 1), json!([0, 0, null, null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_of_recipients_that_is_wrong_names_its_lines() {
    let place = Setup::of("abc").start().await;
    let csv = place.data().join("../recipients.csv");
    fs::write(&csv, "id,township,since,card\nA,甲镇,2022-01,\n,乙镇,,\n").expect("a file");
    let output = report("rollout", &place, &["--recipients", string(&csv)]);
    assert_eq!(output.status.code(), Some(65));
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("line 2") && said.contains("line 3"), "{said}");
    let missing = report("rollout", &place, &["--recipients", "/nowhere/recipients.csv"]);
    assert_eq!(missing.status.code(), Some(66));
    let backwards = report("rollout", &place, &["--from", "2022-02-01", "--as-of", "2022-01-01"]);
    assert_eq!(backwards.status.code(), Some(64));
}
