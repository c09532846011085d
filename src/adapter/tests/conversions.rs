use proptest::prelude::*;

use super::plans::pattern;
use super::*;
use crate::adapter::convert::{Datum, Spelling, read_fen, read_moment, read_number, read_text, read_yuan, write};
use crate::adapter::plan::Conversion;

fn written(datum: Datum<'_>, conversion: &Conversion) -> Option<String> {
    let mut buffer = String::new();
    write(datum, conversion, None, &mut buffer).ok().map(str::to_owned)
}

#[test]
fn an_instant_is_shown_at_eight_hours_east() {
    let midnight = "2022-03-14T16:00:00Z".parse().expect("a timestamp");
    let rows = [
        (sent_at(), "yMd", "20220315"),
        (sent_at(), "HmsS", "102030456"),
        (sent_at(), "y-M-d H:m:s", "2022-03-15 10:20:30"),
        (midnight, "yMdHms", "20220315000000"),
    ];
    for (instant, letters, text) in rows {
        let conversion = Conversion::Date(pattern(letters));
        assert_eq!(written(Datum::Instant(instant), &conversion).as_deref(), Some(text));
        assert!(read_moment(text, &conversion).expect(text).agrees_instant(instant), "{text}");
    }
    assert_eq!(written(Datum::Day(business_date()), &Conversion::Plain).as_deref(), Some("20220315"));
    assert_eq!(written(Datum::Day(business_date()), &Conversion::Date(pattern("H"))), None, "a day has no hour");
}

#[test]
fn pieces_of_an_instant_come_together() {
    let mut moment = read_moment("20220315", &Conversion::Date(pattern("yMd"))).expect("a day");
    assert_eq!((moment.instant(), moment.day()), (None, Some(business_date())));
    assert!(moment.merge(read_moment("102030456", &Conversion::Date(pattern("HmsS"))).expect("a time")));
    assert_eq!(moment.instant(), Some(sent_at()));
    assert!(!moment.merge(read_moment("11", &Conversion::Date(pattern("H"))).expect("an hour")), "contradiction");
}

#[test]
fn dates_have_all_their_digits_and_exist() {
    let day = Conversion::Plain;
    for bad in ["", "2022315", " 2022315", "+2022315", "20220230", "20221301", "20220100", "202203150", "２0220315"] {
        assert!(read_moment(bad, &day).is_err(), "{bad}");
    }
    let time = Conversion::Date(pattern("Hms"));
    for bad in ["240000", "236000", "235960", "95959", "12:00:00"] {
        assert!(read_moment(bad, &time).is_err(), "{bad}");
    }
    assert!(read_moment("20200229", &day).is_ok() && read_moment("20210229", &day).is_err());
}

#[test]
fn numbers_have_one_spelling() {
    for bad in ["", "-1", "+1", "1.0", " 1", "1 ", "１", "0x1", "1e3", "99999999999999999999"] {
        for spelling in [Spelling::Exact, Spelling::Filled] {
            assert!(read_number(bad, spelling).is_err() && read_fen(bad, spelling).is_err(), "{bad}");
        }
    }
    assert!(read_number("007", Spelling::Exact).is_err());
    assert_eq!(read_number("007", Spelling::Filled), Ok(7));
    assert_eq!(read_number("0", Spelling::Exact), Ok(0));
    for bad in ["", "1", "1.", "1.0", "1.005", ".50", "-1.00", "+1.00", "01.00", "00.50", "1,000.00", "1.０0", " 1.00"]
    {
        assert!(read_yuan(bad).is_err(), "{bad}");
    }
    assert_eq!(read_yuan("0.50"), Ok(Fen::new(50)));
}

#[test]
fn tables_are_read_both_ways_and_no_other() {
    let table = Conversion::Map(vec![("regular".to_owned(), "1".to_owned()), ("arrears".to_owned(), "2".to_owned())]);
    assert_eq!(written(Datum::Text("arrears"), &table).as_deref(), Some("2"));
    assert_eq!(read_text("2".into(), &table).as_deref(), Ok("arrears"));
    assert_eq!(written(Datum::Text("one-off"), &table), None);
    assert!(read_text("3".into(), &table).is_err() && read_text("regular".into(), &table).is_err());
}

proptest! {
    #[test]
    fn amounts_are_read_as_written(fen in 0..=i64::MAX) {
        let fen = Fen::new(fen);
        let digits = written(Datum::Fen(fen), &Conversion::Fen).expect("digits");
        prop_assert_eq!(read_fen(&digits, Spelling::Exact), Ok(fen));
        let yuan = written(Datum::Fen(fen), &Conversion::Yuan).expect("yuan");
        prop_assert_eq!(&yuan, &fen.yuan());
        prop_assert_eq!(read_yuan(&yuan), Ok(fen));
    }

    #[test]
    fn instants_are_read_as_written(millis in -62_000_000_000_000_i64..=253_000_000_000_000) {
        let instant = Timestamp::from_millisecond(millis).expect("in range");
        let conversion = Conversion::Date(pattern("yMdHmsS"));
        if let Some(text) = written(Datum::Instant(instant), &conversion) {
            prop_assert_eq!(text.len(), 17);
            prop_assert_eq!(read_moment(&text, &conversion).expect("it reads").instant(), Some(instant));
        }
    }
}
