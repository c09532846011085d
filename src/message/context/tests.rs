//! Contexts in and out, times and dates above all.

use super::*;

const FULL: &str = r#"{"serial":"0000000018","sent_at":"2022-03-01T09:30:00+08:00","business_date":"2022-03-01","item_number":1,"settings":{"empty":"","institution":"653001"},"original":{"serial":"0000000017","sent_at":"2022-02-28T23:59:59.5+08:00","business_date":"2022-02-28","bank_serial":"B1"}}"#;

#[test]
fn a_full_context_survives() {
    let context = Context::decode(FULL.as_bytes()).unwrap();
    assert_eq!(context.sent_at, "2022-03-01T01:30:00Z".parse().ok());
    assert_eq!(context.business_date, Date::new(2022, 3, 1).ok());
    assert_eq!(context.settings.get("institution").map(String::as_str), Some("653001"));
    assert_eq!(context.original.as_ref().and_then(|original| original.bank_serial.as_deref()), Some("B1"));
    assert_eq!(context.encode(), FULL);
    assert_eq!(Context::decode(b"{}"), Ok(Context::default()));
    assert_eq!(Context::default().encode(), "{}");
}

#[test]
fn other_spellings_are_brought_to_one() {
    let body = r#"{"sent_at":"2022-03-01T01:30:00Z","business_date":"20220301"}"#;
    let canonical = r#"{"sent_at":"2022-03-01T09:30:00+08:00","business_date":"2022-03-01"}"#;
    assert_eq!(Context::decode(body.as_bytes()).unwrap().encode(), canonical);
}

#[test]
fn contexts_are_read_strictly() {
    for (body, code, field) in [
        (r#"{"serial":18}"#, "type-wrong", Some("serial")),
        (r#"{"serial":""}"#, "text-empty", Some("serial")),
        (r#"{"sent_at":"2022-03-01T09:30:00"}"#, "time-form", Some("sent_at")),
        (r#"{"business_date":"2022-3-1"}"#, "date-form", Some("business_date")),
        (r#"{"item_number":0}"#, "number-out-of-range", Some("item_number")),
        (r#"{"item_number":1.0}"#, "number-not-whole", Some("item_number")),
        (r#"{"item_number":4294967296}"#, "number-out-of-range", Some("item_number")),
        (r#"{"settings":{"a":1}}"#, "type-wrong", Some("settings")),
        (r#"{"settings":{"a":"1","a":"1"}}"#, "member-repeated", Some("settings")),
        (r#"{"settings":{"a":"1\n"}}"#, "text-character", Some("settings")),
        (r#"{"settings":{"":"1"}}"#, "text-empty", Some("settings")),
        (r#"{"original":{"serials":"1"}}"#, "member-unknown", Some("original")),
        (r#"{"original":[]}"#, "type-wrong", Some("original")),
        (r#"{"clock":"now"}"#, "member-unknown", None),
    ] {
        let found = Context::decode(body.as_bytes()).unwrap_err();
        let found = found.iter().map(|problem| (problem.code, problem.field.as_deref())).collect::<Vec<_>>();
        assert_eq!(found, [(code, field)], "{body}");
    }
}

#[test]
fn times_have_one_form() {
    for (text, utc) in [
        ("2022-03-01T09:30:00+08:00", "2022-03-01T01:30:00Z"),
        ("2022-03-01T01:30:00Z", "2022-03-01T01:30:00Z"),
        ("2022-03-01T01:30:00.123456789-00:30", "2022-03-01T02:00:00.123456789Z"),
        ("2024-02-29T00:00:00+08:00", "2024-02-28T16:00:00Z"),
    ] {
        assert_eq!(parse_time(text), utc.parse().ok(), "{text}");
    }
    for bad in [
        "",
        "2022-03-01",
        "2022-03-01T09:30:00",
        "2022-03-01 09:30:00+08:00",
        "2022-03-01t09:30:00+08:00",
        "2022-03-01T09:30+08:00",
        "2022-03-01T9:30:00+08:00",
        "2022-03-01T09:30:60+08:00",
        "2022-03-01T24:00:00+08:00",
        "2022-02-29T09:30:00+08:00",
        "2022-03-01T09:30:00+0800",
        "2022-03-01T09:30:00+08",
        "2022-03-01T09:30:00+08:00[Asia/Shanghai]",
        "2022-03-01T09:30:00.+08:00",
        "2022-03-01T09:30:00.1234567890Z",
        "2022-03-01T09:30:00Ｚ",
        "+2022-03-01T09:30:00Z",
    ] {
        assert_eq!(parse_time(bad), None, "{bad}");
    }
}

#[test]
fn dates_are_real() {
    assert_eq!(parse_date("2024-02-29"), Date::new(2024, 2, 29).ok());
    assert_eq!(parse_date("20240229"), Date::new(2024, 2, 29).ok());
    for bad in ["", "2023-02-29", "2022-0301", "2022031", " 20220301", "+2022031", "2022/03/01", "２０２２０３０１"]
    {
        assert_eq!(parse_date(bad), None, "{bad}");
    }
}
