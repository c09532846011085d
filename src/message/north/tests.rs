//! Requests in and out: strictness with positions, everything at once, and round trips.

use super::*;
use crate::lang::Lang;
use crate::message::fingerprint::canonical_fields;
use crate::message::value::{Fen, account};
use proptest::prelude::*;

const SAMPLE: &str = r#"{"payee":{"name":"张三","id_type":"resident","id":"11010519491231002X","account":"6217001234567890122","account_kind":"card","bank":"314653000011"},"amount":123450,"fund":"110","kind":"regular","period":"202203","order":"FJ202203000001","bank":"rural","purpose":"养老金"}"#;

fn pay(body: &str) -> Result<Record<'_>, Vec<Problem>> {
    decode(Operation::PaymentPay, body.as_bytes())
}

/// Code and field of every problem of the sample with `from` replaced by `to`.
fn problems(from: &str, to: &str) -> Vec<(&'static str, Option<String>)> {
    assert!(SAMPLE.contains(from), "{from}");
    let body = SAMPLE.replacen(from, to, 1);
    pay(&body).unwrap_err().into_iter().map(|problem| (problem.code, problem.field)).collect()
}

#[test]
fn the_sample_is_read_borrowed_and_written_back() {
    let record = pay(SAMPLE).unwrap();
    assert_eq!(record.text(Field::PayeeName), Some("张三"));
    assert_eq!(record.fen(Field::Amount), Some(Fen::new(123_450)));
    assert!(record.iter().map(|(field, _)| field).eq(Operation::PaymentPay.fields()));
    assert!(record.iter().all(|(_, value)| !matches!(value, Value::Text(std::borrow::Cow::Owned(_)))));
    assert_eq!(encode(&record), SAMPLE);
}

#[test]
fn each_deviation_is_refused_at_its_field() {
    for (from, to, code, field) in [
        ("123450", "123450.0", "number-not-whole", Some("amount")),
        ("123450", "1.2345e5", "number-not-whole", Some("amount")),
        ("123450", "12345E1", "number-not-whole", Some("amount")),
        ("123450", "\"123450\"", "type-wrong", Some("amount")),
        ("123450", "null", "type-wrong", Some("amount")),
        ("123450", "-123450", "amount-not-positive", Some("amount")),
        ("123450", "-0", "amount-not-positive", Some("amount")),
        ("123450", "0", "amount-not-positive", Some("amount")),
        ("123450", "9007199254740992", "amount-too-large", Some("amount")),
        ("123450", "99999999999999999999", "number-too-large", Some("amount")),
        ("123450", "１２３４５０", "json-syntax", None),
        ("123450", "0123450", "json-syntax", None),
        ("123450", "/* fen */ 123450", "json-syntax", None),
        ("\"202203\"", "202203", "type-wrong", Some("period")),
        ("\"张三\"", "null", "type-wrong", Some("payee.name")),
        ("\"张三\"", "[\"张三\"]", "type-wrong", Some("payee.name")),
        ("\"张三\"", "\"\"", "text-empty", Some("payee.name")),
        ("\"张三\"", "\"\\ud800\"", "json-lone-surrogate", None),
        ("\"fund\":\"110\"", "\"Fund\":\"110\",\"fund\":\"110\"", "member-unknown", None),
        ("\"fund\":\"110\"", "\"payee.name\":\"110\",\"fund\":\"110\"", "member-unknown", None),
        ("\"fund\":\"110\"", "\"name\":\"110\",\"fund\":\"110\"", "member-unknown", None),
        ("\"id_type\"", "\"nickname\":1,\"id_type\"", "member-unknown", Some("payee")),
        ("\"fund\":\"110\"", "\"fund\":\"110\",\"fund\":\"110\"", "member-repeated", None),
        ("\"id_type\"", "\"name\":\"李四\",\"id_type\"", "member-repeated", Some("payee")),
        ("\"fund\":\"110\",", "", "field-missing", Some("fund")),
        ("\"name\":\"张三\",", "", "field-missing", Some("payee.name")),
        ("002X", "0021", "document-check-digit", Some("payee.id")),
    ] {
        assert_eq!(problems(from, to), [(code, field.map(str::to_owned))], "{from} -> {to}");
    }
}

#[test]
fn positions_are_those_of_the_value_or_name() {
    let body = r#"{"payee":{"name":"张三","x":1},"amount":1.5}"#;
    let found = pay(body).unwrap_err();
    let at = |code: &str| found.iter().find(|problem| problem.code == code).and_then(|problem| problem.at);
    assert_eq!(at("member-unknown"), body.find("\"x\""));
    assert_eq!(at("number-not-whole"), body.find("1.5"));
    let missing = |field: &str| {
        found.iter().find(|problem| problem.field.as_deref() == Some(field)).and_then(|problem| problem.at)
    };
    assert_eq!(missing("payee.account"), body.find("{\"name"), "a missing field is missed where it should stand");
    assert_eq!(missing("fund"), Some(0));
}

#[test]
fn everything_is_reported_at_once_in_the_order_of_the_document() {
    let body =
        SAMPLE.replace("002X", "0021").replace("0122", "0127").replace("123450", "0").replace("202203\"", "13\"");
    let found = pay(&body).unwrap_err();
    let fields = found.iter().filter_map(|problem| problem.field.as_deref()).collect::<Vec<_>>();
    assert_eq!(fields, ["payee.id", "payee.account", "amount", "period"]);
    assert!(found.iter().map(|problem| problem.at).is_sorted());
}

#[test]
fn a_body_that_is_no_object_says_so_and_lacks_everything() {
    for body in ["[]", "1", "\"x\"", "null"] {
        let found = pay(body).unwrap_err();
        assert_eq!((found[0].code, found[0].field.as_deref()), ("type-wrong", None), "{body}");
    }
    let found = pay(r#"{"payee":"张三"}"#).unwrap_err();
    assert!(found.iter().any(|problem| problem.code == "type-wrong" && problem.field.as_deref() == Some("payee")));
}

#[test]
fn no_problem_repeats_what_was_written() {
    let hostile = SAMPLE
        .replace("张三", "SECRET\\u0000")
        .replace("\"id\"", "\"SECRETname\":\"SECRET\",\"id\"")
        .replace("11010519491231002X", "SECRET")
        .replace("6217001234567890122", "SECRET")
        .replace("314653000011", "SECRET")
        .replace("202203\"", "SECRET\"")
        .replace("regular", "SECRET");
    let found = pay(&hostile).unwrap_err();
    assert!(found.len() > 6);
    for problem in found {
        let shown = format!("{problem:?} {} {}", problem.text(Lang::Zh), problem.text(Lang::En));
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}

#[test]
fn a_query_needs_account_and_amount_only() {
    let query = |body: &'static str| decode(Operation::PaymentQuery, body.as_bytes());
    let record = query(r#"{"payee":{"account":"6217001234567890122"},"amount":1}"#).unwrap();
    assert_eq!(record.iter().count(), 2);
    let found = query("{}").unwrap_err();
    let fields = found.iter().filter_map(|problem| problem.field.as_deref()).collect::<Vec<_>>();
    assert_eq!(fields, ["payee.account", "amount"]);
    assert!(query(SAMPLE).is_ok(), "the payment itself is its own query");
    let number_alone = query(r#"{"payee":{"account":"1","id":"11010519491231002X"},"amount":1}"#).unwrap_err();
    assert_eq!(number_alone[0].field.as_deref(), Some("payee.id_type"));
}

#[test]
fn a_small_x_is_emitted_as_the_capital() {
    assert_eq!(encode(&pay(&SAMPLE.replace("002X", "002x")).unwrap()), SAMPLE);
}

fn card() -> impl Strategy<Value = String> {
    "62[0-9]{10,16}"
        .prop_map(|body| (0..10).map(|check| format!("{body}{check}")).find(|card| account::luhn(card)).unwrap())
}

fn sound_record() -> impl Strategy<Value = Record<'static>> {
    // Hangul and precomposed Latin letters stay as they are in normal form C.
    let text = "[一-龥𠮷·A-Za-z0-9\"\\\\/<>&éê]{1,30}";
    let account =
        prop_oneof![card().prop_map(|card| (card, "card")), "[0-9-]{5,32}".prop_map(|text| (text, "account"))];
    let bank = prop_oneof![Just("314653000011"), Just("102100099996")];
    let kind = prop_oneof![Just("regular"), Just("arrears"), Just("one-off")];
    let order = "[0-9A-Za-z]{1,32}";
    (text, account, prop::option::of(bank), 1..=Fen::MAX_PAYMENT.get(), kind, order, prop::option::of(text)).prop_map(
        |(name, (account, account_kind), bank, fen, kind, order, purpose)| {
            let mut record = Record::new();
            record.set_text(Field::PayeeName, name);
            record.set_text(Field::PayeeIdType, "resident");
            record.set_text(Field::PayeeId, "11010519491231002X");
            record.set_text(Field::PayeeAccount, account);
            record.set_text(Field::PayeeAccountKind, account_kind);
            record.set_fen(Field::Amount, Fen::new(fen));
            record.set_text(Field::Fund, "110");
            record.set_text(Field::Kind, kind);
            record.set_text(Field::Period, "202203");
            record.set_text(Field::Order, order);
            record.set_text(Field::Bank, "rural");
            if let Some(bank) = bank {
                record.set_text(Field::PayeeBank, bank);
            }
            if let Some(purpose) = purpose {
                record.set_text(Field::Purpose, purpose);
            }
            record
        },
    )
}

/// The same members in the opposite order with blanks between.
fn reordered(value: &serde_json::Value) -> String {
    let serde_json::Value::Object(members) = value else { return value.to_string() };
    let members = members.iter().rev().map(|(name, value)| format!("\n \"{name}\" :\t{}", reordered(value)));
    format!("{{{}\r\n}}", members.collect::<Vec<_>>().join(" ,"))
}

proptest! {
    #[test]
    fn records_survive_writing_and_reading(record in sound_record()) {
        let written = encode(&record);
        let read = pay(&written).map_err(|problems| TestCaseError::fail(format!("{problems:?} in {written}")))?;
        prop_assert_eq!(&read, &record);
        prop_assert_eq!(encode(&read), written);
    }

    #[test]
    fn fingerprints_do_not_see_order_or_blanks(record in sound_record()) {
        let other = reordered(&serde_json::Value::Object(object(&record)));
        let read = pay(&other).unwrap();
        prop_assert_eq!(
            canonical_fields(&read),
            canonical_fields(&record)
        );
    }

    #[test]
    fn fingerprints_see_every_field(record in sound_record(), at in 0..Field::COUNT) {
        let field = Field::ALL[at];
        let mut changed = record.clone();
        match record.get(field) {
            Some(Value::Fen(fen)) => changed.set_fen(field, fen.checked_add(Fen::new(1)).unwrap()),
            Some(Value::Text(text)) => changed.set_text(field, format!("{text}1")),
            None => changed.set_text(field, "1"),
        }
        let fields = |record: &Record<'_>| canonical_fields(record);
        prop_assert_ne!(fields(&changed), fields(&record));
        changed.clear(field);
        prop_assert!(changed == record || fields(&changed) != fields(&record), "leaving a field out is a change");
    }

    #[test]
    fn any_change_of_a_byte_ends_in_an_answer(at in 0..SAMPLE.len(), byte in any::<u8>()) {
        let mut body = SAMPLE.as_bytes().to_vec();
        body[at] = byte;
        if let Err(problems) = decode(Operation::PaymentPay, &body) {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.at.is_some_and(|at| at <= body.len())));
        }
    }

    #[test]
    fn every_prefix_is_refused(cut in 0..SAMPLE.len()) {
        prop_assert!(decode(Operation::PaymentPay, &SAMPLE.as_bytes()[..cut]).is_err());
    }
}

#[test]
fn names_are_compared_in_one_normal_form() {
    let fields = |name: &'static str| {
        let mut record = Record::new();
        record.set_text(Field::PayeeName, name);
        canonical_fields(&record)
    };
    assert_eq!(fields("Zoe\u{301}"), fields("Zo\u{e9}"));
    assert_eq!(fields("Zo\u{e9}"), [("payee.name", "Zo\u{e9}".to_owned())]);
    assert_ne!(fields("张三"), fields("张 三"));
}

#[test]
fn each_operation_has_its_own_members() {
    let query =
        r#"{"holder":{"id_type":"resident","id":"11010519491231002X"},"card":{"number":"B00000019"},"bank":"b1"}"#;
    let record = decode(Operation::CardQuery, query.as_bytes()).unwrap();
    assert_eq!(record.text(Field::HolderId), Some("11010519491231002X"));
    let found = |operation: Operation, body: &str| {
        let problems = decode(operation, body.as_bytes()).unwrap_err();
        problems.into_iter().map(|problem| (problem.code, problem.field)).collect::<Vec<_>>()
    };
    // Members of another operation are unknown here, groups and all.
    let other = query.replacen("\"bank\"", "\"payee\":{\"name\":\"张三\"},\"amount\":1,\"bank\"", 1);
    assert_eq!(found(Operation::CardQuery, &other), [("member-unknown", None), ("member-unknown", None)]);
    let status = query.replacen("\"number\"", "\"social_status\":\"active\",\"number\"", 1);
    assert_eq!(found(Operation::CardQuery, &status), [("member-unknown", Some("card".into()))]);
    // What is missing is missed where its group stands, or at the beginning where the group is missing too.
    let problems = decode(Operation::CardReportLoss, query.as_bytes()).unwrap_err();
    let places = problems.iter().map(|problem| (problem.field.as_deref(), problem.at)).collect::<Vec<_>>();
    assert_eq!(places, [(Some("loss.kind"), Some(0)), (Some("holder.name"), Some(10))]);
}
