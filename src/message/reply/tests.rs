//! Canonical replies in and out.

use super::*;
use proptest::prelude::*;

use crate::message::Field;

const FULL: &str = r#"{"occurrence":"UNKNOWN","not_found":true,"bank_code":"0389","bank_text":"无此流水","reason":"AC01","bank_serial":"B1","amount":123450,"account":"6217001234567890122","serial":"0000000018","details":{"z":"1","a":""}}"#;

#[test]
fn a_full_reply_survives_in_its_order() {
    let reply = Reply::decode(FULL.as_bytes()).unwrap();
    assert_eq!(reply.occurrence, Occurrence::Unknown);
    assert!(reply.not_found);
    assert_eq!(reply.amount, Some(Fen::new(123_450)));
    assert_eq!(reply.details, [("z".into(), "1".into()), ("a".into(), String::new())]);
    assert_eq!(reply.encode(), FULL);
}

#[test]
fn what_is_absent_is_not_written() {
    assert_eq!(Reply::new(Occurrence::InHand).encode(), r#"{"occurrence":"IN_HAND"}"#);
    assert_eq!(Reply::decode(br#"{"occurrence":"IN_HAND","not_found":false}"#), Ok(Reply::new(Occurrence::InHand)));
}

#[test]
fn replies_are_read_strictly() {
    for (body, code, field) in [
        ("{}", "field-missing", Some("occurrence")),
        (r#"{"occurrence":"MAYBE"}"#, "code-unknown", Some("occurrence")),
        (r#"{"occurrence":"yes"}"#, "code-unknown", Some("occurrence")),
        (r#"{"occurrence":1}"#, "type-wrong", Some("occurrence")),
        (r#"{"occurrence":"YES","not_found":"true"}"#, "type-wrong", Some("not_found")),
        (r#"{"occurrence":"YES","amount":1.0}"#, "number-not-whole", Some("amount")),
        (r#"{"occurrence":"YES","serial":18}"#, "type-wrong", Some("serial")),
        (r#"{"occurrence":"YES","occurrence":"NO"}"#, "member-repeated", None),
        (r#"{"occurrence":"YES","details":{"a":1}}"#, "type-wrong", Some("details")),
        (r#"{"occurrence":"YES","details":{"a":"1","a":"2"}}"#, "member-repeated", Some("details")),
        (r#"{"occurrence":"YES","state":"1"}"#, "member-unknown", None),
        (r#"{"occurrence":"YES","bank_code":null}"#, "type-wrong", Some("bank_code")),
    ] {
        let found = Reply::decode(body.as_bytes()).unwrap_err();
        let found = found.iter().map(|problem| (problem.code, problem.field.as_deref())).collect::<Vec<_>>();
        assert_eq!(found, [(code, field)], "{body}");
    }
}

#[test]
fn debug_output_is_masked() {
    let shown = format!("{:?}", Reply::decode(FULL.as_bytes()).unwrap());
    assert!(!shown.contains("6217001234567890122") && !shown.contains("无此流水"), "{shown}");
}

proptest! {
    #[test]
    fn replies_survive_writing_and_reading(
        (occurrence, not_found) in (prop::sample::select(Occurrence::ALL.to_vec()), any::<bool>()),
        texts in prop::array::uniform6(prop::option::of(any::<String>())),
        amount in prop::option::of(any::<i64>()),
        details in prop::collection::btree_map(any::<String>(), any::<String>(), 0..4),
    ) {
        let [bank_code, bank_text, reason, bank_serial, account, serial] = texts;
        let amount = amount.map(Fen::new);
        let details = details.into_iter().collect();
        let mut answers = Record::new();
        if let Some(text) = &bank_text {
            answers.set_text(Field::CardSocialStatus, text.clone());
        }
        let reply = Reply {
            occurrence,
            not_found,
            bank_code,
            bank_text,
            reason,
            bank_serial,
            amount,
            account,
            serial,
            answers,
            details,
        };
        prop_assert_eq!(Reply::decode(reply.encode().as_bytes()), Ok(reply));
    }
}
