//! One line for each rule; what passes and what the rule does not look at.

use super::*;

fn sample() -> Record<'static> {
    let mut record = Record::new();
    for (field, text) in [
        (Field::PayeeName, "张三"),
        (Field::PayeeIdType, "resident"),
        (Field::PayeeId, "11010519491231002X"),
        (Field::PayeeAccount, "6217001234567890122"),
        (Field::PayeeAccountKind, "card"),
        (Field::PayeeBank, "314653000011"),
        (Field::Fund, "110"),
        (Field::Kind, "regular"),
        (Field::Period, "202203"),
        (Field::Order, "FJ202203000001"),
        (Field::Bank, "rural"),
        (Field::Purpose, "养老金"),
    ] {
        record.set_text(field, text);
    }
    record.set_fen(Field::Amount, Fen::new(123_450));
    record
}

#[test]
fn each_rule_has_its_code() {
    assert_eq!(validate(&sample()), []);
    for (field, text, code) in [
        (Field::PayeeName, "", "text-empty"),
        (Field::PayeeName, "张\t三", "text-character"),
        (Field::PayeeName, "张三 ", "text-blank-end"),
        (Field::PayeeIdType, "passport", "code-unknown"),
        (Field::PayeeId, "11010519491231002", "document-form"),
        (Field::PayeeId, "11010519491331002X", "document-birth-date"),
        (Field::PayeeId, "110105194912310021", "document-check-digit"),
        (Field::PayeeAccount, "621700123456789012A", "card-form"),
        (Field::PayeeAccount, "6217001234567890127", "card-check-digit"),
        (Field::PayeeAccountKind, "passbook", "code-unknown"),
        (Field::PayeeBank, "31465300001", "cnaps-form"),
        (Field::PayeeBank, "314653000012", "cnaps-check-digit"),
        (Field::Fund, "养老", "fund-form"),
        (Field::Kind, "REGULAR", "code-unknown"),
        (Field::Period, "202213", "period-form"),
        (Field::Bank, "RURAL", "bank-form"),
    ] {
        let mut record = sample();
        record.set_text(field, text);
        let problems = validate(&record);
        assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [code], "{field:?} {text}");
        assert_eq!(problems[0].field.as_deref(), Some(field.name()));
    }
    for (field, most) in [(Field::PayeeName, 60), (Field::Order, 32), (Field::Purpose, 60)] {
        let mut record = sample();
        record.set_text(field, "民".repeat(most));
        assert_eq!(validate(&record), [], "{field:?}");
        record.set_text(field, "民".repeat(most + 1));
        assert_eq!(validate(&record)[0].code, "text-too-long", "{field:?}");
    }
}

#[test]
fn amounts_are_positive_and_exact_in_any_json() {
    for (fen, code) in [
        (1, None),
        (9_007_199_254_740_991, None),
        (0, Some("amount-not-positive")),
        (-1, Some("amount-not-positive")),
        (9_007_199_254_740_992, Some("amount-too-large")),
    ] {
        let mut record = sample();
        record.set_fen(Field::Amount, Fen::new(fen));
        assert_eq!(validate(&record).first().map(|problem| problem.code), code, "{fen}");
    }
}

#[test]
fn accounts_are_not_held_to_the_rules_of_cards() {
    let mut record = sample();
    record.set_text(Field::PayeeAccountKind, "account");
    record.set_text(Field::PayeeAccount, "31-450001040012345");
    assert_eq!(validate(&record), []);
    record.set_text(Field::PayeeAccount, "31 450001040012345");
    assert_eq!(validate(&record)[0].code, "account-form");
}

#[test]
fn a_value_of_the_wrong_kind_is_refused() {
    let mut record = sample();
    record.set_text(Field::Amount, "123450");
    record.set_fen(Field::Order, Fen::new(1));
    let found = validate(&record).into_iter().map(|problem| (problem.code, problem.field)).collect::<Vec<_>>();
    assert_eq!(found, [("type-wrong", Some("amount".into())), ("type-wrong", Some("order".into()))]);
}

#[test]
fn operations_require_what_the_dictionary_says() {
    let lacking = |operation, record: &Record<'_>| missing(operation, record).collect::<Vec<_>>();
    assert_eq!(lacking(Operation::PaymentPay, &sample()), []);
    let fields = Operation::PaymentPay.fields();
    let all_but_two = fields.filter(|field| ![Field::PayeeBank, Field::Purpose].contains(field));
    assert_eq!(lacking(Operation::PaymentPay, &Record::new()), all_but_two.collect::<Vec<_>>());
    assert_eq!(lacking(Operation::PaymentQuery, &Record::new()), [Field::PayeeAccount, Field::Amount]);

    let mut query = Record::new();
    query.set_fen(Field::Amount, Fen::new(1));
    query.set_text(Field::PayeeAccount, "1");
    query.set_text(Field::PayeeId, "11010519491231002X");
    assert_eq!(lacking(Operation::PaymentQuery, &query), [Field::PayeeIdType], "a number requires its type");
}

#[test]
fn only_the_final_x_is_normalised() {
    for (kind, number, canonical) in [
        ("resident", "11010519491231002x", "11010519491231002X"),
        ("resident-15", "110105491231002", "110105491231002"),
        ("passport", "11010519491231002x", "11010519491231002x"),
    ] {
        let mut record = sample();
        record.set_text(Field::PayeeIdType, kind);
        record.set_text(Field::PayeeId, number);
        normalise(&mut record);
        assert_eq!(record.text(Field::PayeeId), Some(canonical), "{kind}");
    }
}

#[test]
fn cards_and_days_have_forms_of_their_own() {
    for (field, text, code) in [
        (Field::HolderId, "110105194912310021", None),
        (Field::CardNumber, "B00000019", None),
        (Field::CardNumber, "B0000019", Some("card-number-form")),
        (Field::CardCode, "500236D156000005AB0123456789ABCD", None),
        (Field::CardCode, "500236d156000005ab0123456789abcd", Some("card-code-form")),
        (Field::CardRegion, "50023", Some("region-form")),
        (Field::CardAccount, "6217001234567890127", Some("card-check-digit")),
        (Field::CardIssuedOn, "2022-02-29", Some("day-calendar")),
        (Field::CardIssuedOn, "20220228", Some("day-form")),
        (Field::CardSocialStatus, "1", Some("code-unknown")),
    ] {
        let mut record = Record::new();
        record.set_text(field, text);
        assert_eq!(validate(&record).first().map(|problem| problem.code), code, "{field:?} {text}");
    }
    // The holder's number is held to the holder's type, not to that of somebody else in the message.
    let mut record = sample();
    record.set_text(Field::HolderIdType, "resident");
    record.set_text(Field::HolderId, "110105194912310021");
    let found = validate(&record).into_iter().map(|problem| (problem.code, problem.field)).collect::<Vec<_>>();
    assert_eq!(found, [("document-check-digit", Some("holder.id".into()))]);
    for (fen, code) in [(0, None), (2000, None), (-1, Some("fee-negative")), (i64::MAX, Some("amount-too-large"))] {
        let mut record = Record::new();
        record.set_fen(Field::CardFee, Fen::new(fen));
        assert_eq!(validate(&record).first().map(|problem| problem.code), code, "{fen}");
    }
}
