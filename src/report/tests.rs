//! Books written by hand, and what each report has to say of them.

use jiff::civil::{Date, date};

use super::table::Cell;
use super::*;
use crate::county::Outlet;
use crate::lang::Lang;
use crate::message::{Fen, Field, Operation, Record};

const SCOPE: Scope = Scope { from: date(2022, 1, 1), as_of: date(2022, 6, 30) };

fn county() -> County {
    let outlet = |bank: &str, name: &str, rural: bool, until: Option<Date>| Outlet {
        bank: bank.to_owned(),
        name: name.to_owned(),
        rural,
        from: date(2022, 3, 1),
        until,
    };
    County {
        name: "某县".to_owned(),
        new_recipients_from: "202201".to_owned(),
        institutional_funds: ["120".to_owned()].into(),
        outlets: vec![
            outlet("one", "甲网点", false, None),
            outlet("one", "乙网点", true, None),
            outlet("two", "丙网点", true, Some(date(2022, 5, 1))),
        ],
        ..County::default()
    }
}

fn record(fields: &[(Field, &str)]) -> Record<'static> {
    let mut record = Record::new();
    for (field, text) in fields {
        record.set_text(*field, (*text).to_owned());
    }
    record
}

impl Books {
    fn pay(&mut self, person: &str, fund: &str, (bank, account, kind): (&str, &str, &str), fen: i64, given_back: i64) {
        let mut payment = record(&[
            (Field::PayeeId, person),
            (Field::Fund, fund),
            (Field::Bank, bank),
            (Field::PayeeAccount, account),
            (Field::PayeeAccountKind, kind),
        ]);
        payment.set_fen(Field::Amount, Fen::new(fen));
        self.enter(Operation::PaymentPay, &payment, given_back);
    }

    fn issue(&mut self, holder: &str, (bank, outlet, on): (&str, &str, &str), kind: &str, fee: i64) {
        let mut card = record(&[
            (Field::HolderName, "张三"),
            (Field::HolderId, holder),
            (Field::Bank, bank),
            (Field::CardOutlet, outlet),
            (Field::CardIssuedOn, on),
            (Field::CardKind, kind),
            (Field::CardGeneration, "3"),
            (Field::CardNumber, "A00000001"),
        ]);
        card.set_text(Field::CardAccount, format!("card-of-{holder}"));
        card.set_fen(Field::CardFee, Fen::new(fee));
        self.enter(Operation::CardIssued, &card, 0);
    }

    fn activate(&mut self, holder: &str, bank: &str, met: bool) {
        let mut card = record(&[(Field::HolderId, holder), (Field::Bank, bank)]);
        card.set_text(Field::CardAccount, format!("card-of-{holder}"));
        for (field, text) in [
            (Field::MeetingKind, "counter"),
            (Field::MeetingOn, "2022-03-16"),
            (Field::MeetingOutlet, "甲网点"),
            (Field::MeetingClerk, "王五"),
            (Field::MeetingOriginals, "seen"),
        ] {
            if met {
                card.set_text(field, text.to_owned());
            }
        }
        self.enter(Operation::CardActivated, &card, 0);
    }

    fn change(&mut self, person: &str, bank: &str, account: &str, more: &[(Field, &str)]) {
        let mut change = record(&[(Field::PayeeId, person), (Field::Bank, bank), (Field::PayeeAccount, account)]);
        for (field, text) in more {
            change.set_text(*field, (*text).to_owned());
        }
        self.enter(Operation::AccountChange, &change, 0);
    }
}

/// The row of a table whose first cells read so, in English.
fn row<'a>(report: &'a Report, table: &str, begins: &[&str]) -> Option<&'a [Cell]> {
    let table = report.tables.iter().find(|it| it.name == table)?;
    let reads = |row: &&Vec<Cell>| begins.iter().zip(*row).all(|(said, cell)| cell.text(Lang::En, true) == *said);
    table.rows.iter().find(reads).map(Vec::as_slice)
}

fn texts(cells: Option<&[Cell]>) -> Vec<String> {
    cells.unwrap_or_default().iter().map(|cell| cell.text(Lang::En, false)).collect()
}

#[test]
fn a_share_is_rounded_down_and_says_nothing_of_nobody() {
    let share = |part, whole| Cell::Share { part, whole }.text(Lang::En, false);
    assert_eq!(share(59_999, 100_000), "59.99 %");
    assert_eq!(share(2, 3), "66.66 %");
    assert_eq!(share(3, 3), "100.00 %");
    assert_eq!(share(0, 0), "—");
    assert_eq!(share(i64::MAX, i64::MAX), "100.00 %");
}

fn rolled_out() -> Books {
    let mut books = Books::new(SCOPE);
    // New: one on the card that the bank told of, one elsewhere with a reason.
    books.issue("new-1", ("one", "甲网点", "2022-03-02"), "first", 0);
    books.change(
        "new-1",
        "one",
        "card-of-new-1",
        &[(Field::ChangeKind, "application"), (Field::ChangeEffective, "202203"), (Field::PayeeAccountKind, "card")],
    );
    books.pay("new-1", "110", ("one", "card-of-new-1", "card"), 1_000, 0);
    books.change(
        "new-2",
        "two",
        "old",
        &[(Field::ChangeKind, "application"), (Field::ChangeEffective, "202202"), (Field::ChangeException, "异地居住")],
    );
    books.pay("new-2", "110", ("two", "old", "account"), 1_000, 0);
    // Existing: moved in between; registered; a bank card that is nobody's social security card; somebody else's card.
    books.pay("old-1", "110", ("two", "passbook", "account"), 700, 0);
    books.issue("old-1", ("one", "甲网点", "2022-04-02"), "first-exchange", 0);
    books.pay("old-1", "110", ("one", "card-of-old-1", "card"), 500, 200);
    books.pay("old-2", "410", ("two", "6217", "card"), 900, 0);
    books.pay("old-3", "110", ("two", "6218", "card"), 400, 0);
    books.pay("old-4", "110", ("one", "card-of-old-1", "card"), 100, 0);
    // Came back as a whole; retired from a public institution.
    books.pay("old-5", "110", ("one", "x", "account"), 50, 50);
    books.pay("old-6", "120", ("one", "y", "account"), 5_000, 0);
    books
}

#[test]
fn the_three_targets_count_who_is_on_the_card_and_what_was_paid_to_it() {
    let register = "id,township,since,card\nold-2,甲镇,201901,6217\nold-3,乙镇,,\n";
    let recipients = Recipients::parse(register.as_bytes()).expect("a register");
    let made = report(Kind::Rollout, &rolled_out(), &county(), &recipients);
    let read = |table, begins: &[&str]| texts(row(&made, table, begins)).split_off(2);
    assert_eq!(read("new-card-use", &["the county"]), ["1", "2", "50.00 %", "≥ 95 %", "no"]);
    assert_eq!(read("new-card-use", &["bank", "one"]), ["1", "1", "100.00 %", "≥ 95 %", "yes"]);
    assert_eq!(read("existing-card-use", &["the county"]), ["2", "4", "50.00 %", "≥ 60 %", "no"]);
    assert_eq!(read("existing-card-use", &["fund", "410"])[..3], ["1", "1", "100.00 %"]);
    assert_eq!(read("existing-card-use", &["township", "甲镇"])[..2], ["1", "1"]);
    assert_eq!(read("existing-card-use", &["township", "not registered"])[..2], ["1", "2"]);
    // 700 to the passbook, 300 left of the 500 on the card, 900, 400 and 100.
    assert_eq!(read("existing-paid-amount", &["the county"])[..3], ["12.00", "24.00", "50.00 %"]);
    let notes: Vec<_> =
        made.tables.iter().flat_map(|table| &table.notes).map(|note| note.args()[0].1.as_str()).collect();
    assert_eq!(notes, ["1", "1", "2"], "institutional, special cases, cards that are not known as theirs");
    let fund = row(&made, "existing-card-use", &["fund", "120"]);
    assert_eq!(fund, None, "outside of the targets");
}

#[test]
fn without_anybody_a_target_is_neither_reached_nor_missed() {
    let made = report(Kind::Rollout, &Books::new(SCOPE), &county(), &Recipients::default());
    for table in &made.tables {
        assert_eq!(
            texts(table.rows.first().map(Vec::as_slice)).split_off(4),
            ["—", table.rows[0][5].text(Lang::En, false).as_str(), "—"]
        );
    }
}

#[test]
fn the_target_is_the_countys_own() {
    let mut county = county();
    county.targets.new_use = 50;
    let made = report(Kind::Rollout, &rolled_out(), &county, &Recipients::default());
    assert_eq!(texts(row(&made, "new-card-use", &["the county"])).split_off(5), ["≥ 50 %", "yes"]);
}

fn issued() -> Books {
    let mut books = Books::new(SCOPE);
    books.issue("a", ("one", "甲网点", "2022-03-02"), "first", 0);
    books.issue("b", ("one", "甲网点", "2022-03-31"), "first-exchange", 2_000);
    books.issue("c", ("one", "甲网点", "2022-04-01"), "replacement", 1_500);
    books.issue("d", ("two", "丙网点", "2022-04-02"), "first-exchange", 0);
    books.issue("e", ("two", "丁网点", "2021-12-31"), "first", 0);
    books
}

#[test]
fn first_cards_are_summed_by_bank_and_month_and_a_fee_is_seen() {
    let made = report(Kind::FirstCards, &issued(), &county(), &Recipients::default());
    let sums: Vec<_> = made.tables[0].rows.iter().map(|row| texts(Some(row))).collect();
    assert_eq!(sums, [["one", "202203", "2", "1", "20.00"], ["two", "202204", "1", "0", "0.00"]]);
    assert_eq!(made.tables[1].rows.len(), 3, "no replacement, and nothing before the scope");
    let hidden = words(&made, Lang::Zh, false);
    assert!(!hidden.contains("张三") && words(&made, Lang::Zh, true).contains("张三"), "{hidden}");
}

#[test]
fn every_registered_outlet_is_listed_and_so_is_one_that_is_not() {
    let made = report(Kind::Outlets, &issued(), &county(), &Recipients::default());
    let banks: Vec<_> = made.tables[0].rows.iter().map(|row| texts(Some(row))).collect();
    assert_eq!(banks, [["one", "2", "1", "0", "3", "2"], ["two", "0", "0", "1", "1", "1"]]);
    assert_eq!(texts(row(&made, "outlets", &["one", "乙网点"])), ["one", "乙网点", "yes", "yes", "0", "0"]);
    // Its registration ended before the last day.
    assert_eq!(texts(row(&made, "outlets", &["two", "丙网点"])), ["two", "丙网点", "no", "—", "1", "1"]);
}

#[test]
fn the_cards_bank_helps_where_it_pays_and_a_meeting_without_evidence_is_no_activation() {
    let mut books = issued();
    books.activate("a", "one", true);
    books.activate("b", "one", false);
    books.pay("b", "110", ("one", "passbook", "account"), 100, 0);
    books.pay("c", "110", ("two", "passbook", "account"), 100, 0);
    books.change("d", "two", "passbook", &[(Field::ChangeKind, "change")]);
    let made = report(Kind::Activation, &books, &county(), &Recipients::default());
    let said: Vec<_> = made.tables[0]
        .rows
        .iter()
        .map(|row| (row[3].text(Lang::En, true), row[1].text(Lang::En, true), row[7].text(Lang::En, true)))
        .collect();
    let said: Vec<_> = said.iter().map(|(id, pays, stands)| (id.as_str(), pays.as_str(), stands.as_str())).collect();
    let (same, other, unknown) = ("the card's bank", "another bank (their own choice)", "no payment seen");
    assert_eq!(
        said,
        [
            ("b", same, "activated without evidence of a meeting"),
            ("c", other, "not activated"),
            ("d", same, "not activated"),
            ("e", unknown, "not activated"),
        ]
    );
}

#[test]
fn a_faulty_register_is_refused_with_every_line() {
    let bad = b"\xef\xbb\xbfid,township,since,card\n1,,2022-1,\n,x,,\n2,,,\n2,,,\n3,,\n4,\xff,,\n5,,,\n";
    let problems = Recipients::parse(bad).expect_err("faults");
    let said: Vec<_> = problems
        .iter()
        .map(|problem| (problem.text(Lang::En), problem.field.as_deref().unwrap_or_default().to_owned()))
        .collect();
    let begins =
        ["line 2: the month", "line 3: the social", "line 5: the person", "line 6: the number", "line 7: the number"];
    assert_eq!(said.len(), begins.len(), "{said:?}");
    for ((text, _), begin) in said.iter().zip(begins) {
        assert!(text.starts_with(begin), "{text}: {begin}");
    }
    assert_eq!(said[0].1, "since");
    let heads = Recipients::parse(b"township,id,since,card\n").expect_err("the columns are in another order");
    assert!(heads[0].text(Lang::Zh).contains("id,township,since,card"));
}

#[test]
fn a_register_that_was_written_is_read_again() {
    let known = Recipient { township: Some("甲镇, \"东\"".to_owned()), since: None, card: Some("6217".to_owned()) };
    let text = Recipients::to_csv([("1".to_owned(), known.clone())]);
    assert_eq!(Recipients::parse(text.as_bytes()).expect("a register").of("1"), Some(&known), "{text}");
}

#[test]
fn json_has_a_member_for_each_column_and_numbers_as_they_are() {
    let mut made = report(Kind::Rollout, &rolled_out(), &county(), &Recipients::default());
    let document = json(&made, Lang::En, false);
    let first = &document["tables"][2]["rows"][0];
    assert_eq!(first["numerator"], 300);
    assert_eq!(first["denominator"], 2_400);
    assert_eq!(first["share"]["percent"], "12.50");
    assert_eq!((&document["from"], &document["as_of"]), (&"2022-01-01".into(), &"2022-06-30".into()));
    assert_eq!(document.get("note"), None);
    made.simulation = true;
    assert_eq!(json(&made, Lang::En, false)["note"], "演示数据");
    assert!(words(&made, Lang::En, false).contains("演示数据"));
}

#[test]
fn a_workbook_keeps_every_digit_as_another_reader_sees_it() {
    use calamine::{Data, Reader as _, Xlsx};

    let mut books = Books::new(SCOPE);
    books.issue("11010519491231002X", ("one", "甲网点", "2022-03-02"), "first", 2_000);
    books.issue("110105194912310011", ("one", "甲网点", "2022-03-03"), "first", 0);
    for lang in Lang::ALL {
        for kind in [Kind::Rollout, Kind::FirstCards, Kind::Outlets, Kind::Activation] {
            let made = report(kind, &books, &county(), &Recipients::default());
            let bytes = xlsx(&made, lang, true).expect("a workbook");
            let mut book = Xlsx::new(std::io::Cursor::new(bytes)).expect("another reader takes it");
            assert_eq!(book.sheet_names().len(), made.tables.len());
            if kind != Kind::FirstCards {
                continue;
            }
            let sums = book.worksheet_range_at(0).expect("a sheet").expect("readable");
            assert_eq!(sums.get_value((3, 2)), Some(&Data::Float(2.0)), "counts are numbers");
            assert_eq!(sums.get_value((3, 4)), Some(&Data::String("20.00".to_owned())), "money is text");
            let cards = book.worksheet_range_at(1).expect("a sheet").expect("readable");
            let ids = [3, 4].map(|row| cards.get_value((row, 4)).cloned());
            assert_eq!(ids, ["11010519491231002X", "110105194912310011"].map(|id| Some(Data::String(id.to_owned()))));
        }
    }
}

#[test]
fn a_picture_is_well_formed_and_its_bars_are_as_long_as_the_shares() {
    let mut county = county();
    county.name = "<某县> & 某镇".to_owned();
    let made = report(Kind::Rollout, &rolled_out(), &county, &Recipients::default());
    let picture = svg(&made, Lang::En).expect("a picture");
    let mut reader = quick_xml::Reader::from_str(&picture);
    let mut widths = Vec::new();
    loop {
        let event = reader.read_event().expect("well-formed");
        if let quick_xml::events::Event::Empty(element) = &event
            && element.name().as_ref() == "rect"
        {
            let width = element.try_get_attribute("width").expect("attributes").expect("a width");
            widths.push(width.value.parse::<i64>().expect("a number"));
        } else if matches!(event, quick_xml::events::Event::Eof) {
            break;
        }
    }
    let rows: usize = made.tables.iter().map(|table| table.rows.len()).sum();
    assert_eq!(widths.len(), rows);
    // The county's new recipients: half of 480.
    assert_eq!(widths[0], 240);
    assert!(picture.contains("&lt;某县&gt; &amp; 某镇") && !picture.contains("<某县>"));
    let none = report(Kind::Activation, &rolled_out(), &county, &Recipients::default());
    assert_eq!(svg(&none, Lang::En), None);
}
