use proptest::prelude::*;

use super::plans::*;
use super::*;
use crate::adapter::charset::Charset;
use crate::adapter::frame::{Direction, FrameProgress};
use crate::adapter::plan::*;
use crate::adapter::runtime::Ours;
use crate::message::{Occurrence, Reply};

const REQUEST: &str = "000100|2032380000|202203150000000042000000000123450621700123456789012";

fn request() -> Vec<u8> {
    let mut bytes = REQUEST.as_bytes().to_vec();
    bytes.extend_from_slice(b"3\xD5\xC5\xC8\xFD                |");
    let length = format!("{:06}", bytes.len());
    bytes[..6].copy_from_slice(length.as_bytes());
    bytes
}

fn accepted() -> Vec<u8> {
    b"000059|AAAAAAA0000000042T1             OK  000000000123450|".to_vec()
}

#[test]
fn a_fixed_record_has_these_bytes() {
    let wire = encode(&fixed(), &[payment(123_450)]).expect("a request");
    assert_eq!(wire.body, request());
    assert_eq!(wire.target, None);
}

#[test]
fn a_fixed_record_is_read_back() {
    let adapter = fixed();
    let wire = encode(&adapter, &[payment(123_450)]).expect("a request");
    let incoming = adapter.decode_request(pay(&adapter), &wire, &settings()).expect("it reads");
    assert_eq!(incoming.serial.as_deref(), Some("0000000042"));
    assert_eq!(incoming.business_date, Some(business_date()));
    assert_eq!(incoming.settings, [Some("380000".to_owned())]);
    let [item] = incoming.items.as_slice() else { panic!("one item") };
    assert_eq!(item.text(Field::PayeeName), Some(NAME));
    assert_eq!(item.text(Field::PayeeAccount), Some(ACCOUNT));
    assert_eq!(item.fen(Field::Amount), Some(Fen::new(123_450)));
}

#[test]
fn every_prefix_and_every_extra_byte_is_refused() {
    let adapter = fixed();
    let whole = request();
    for cut in 0..whole.len() {
        let wire = Wire { target: None, body: whole[..cut].to_vec() };
        let refusal = adapter.decode_request(pay(&adapter), &wire, &settings()).expect_err("a prefix");
        assert_eq!(refusal.code, "frame", "prefix {cut}");
        assert!(decode_reply(&adapter, &accepted()[..cut.min(58)]).is_err(), "prefix {cut}");
    }
    let mut longer = whole;
    longer.push(b'|');
    let wire = Wire { target: None, body: longer };
    refused(adapter.decode_request(pay(&adapter), &wire, &settings()), "frame", Some(0), "an extra byte");
}

#[test]
fn a_length_field_that_lies_is_refused() {
    let adapter = fixed();
    for delta in -3_i64..=3 {
        let mut bytes = accepted();
        let length = format!("{:06}", 59 + delta);
        bytes[..6].copy_from_slice(length.as_bytes());
        match delta {
            0 => assert!(decode_reply(&adapter, &bytes).is_ok()),
            _ => refused(decode_reply(&adapter, &bytes), "frame", Some(0), &format!("length {delta:+}")),
        }
    }
    for (length, at) in [("00005x", 5), (" 00059", 0), ("00 059", 2), ("+00059", 0), ("000000", 0), ("000005", 0)] {
        let mut bytes = accepted();
        bytes[..6].copy_from_slice(length.as_bytes());
        refused(decode_reply(&adapter, &bytes), "frame", Some(at), length);
    }
}

/// The field `at` of an accepted answer is overwritten; the refusal must stand there.
#[test]
fn a_reply_is_held_to_its_plan() {
    let rows: &[(usize, &[u8], &str, usize, &str)] = &[
        (6, b"/", "cannot-decode", 6, "bar"),
        (14, b"x", "cannot-decode", 14, "serial is not digits"),
        (24, b"\x81\x20", "charset", 24, "half a character"),
        (24, b"T\x00", "cannot-decode", 24, "a control character instead of fill"),
        (24, b" T", "cannot-decode", 24, "a blank before the value"),
        (43, b" ", "cannot-decode", 43, "a blank in a number"),
        (58, b"x", "cannot-decode", 58, "last bar"),
    ];
    let adapter = fixed();
    for (at, bytes, code, place, about) in rows {
        let mut reply = accepted();
        reply[*at..at + bytes.len()].copy_from_slice(bytes);
        refused(decode_reply(&adapter, &reply), code, Some(*place), about);
    }
}

#[test]
fn an_accepted_reply_says_what_it_says() {
    let answered = decode_reply(&fixed(), &accepted()).expect("it reads");
    assert_eq!(answered.correlation, Ours::Yes);
    let reply = answered.reply;
    assert_eq!(reply.occurrence, Occurrence::Yes);
    assert_eq!(reply.bank_serial.as_deref(), Some("T1"));
    assert_eq!(reply.amount, Some(Fen::new(123_450)));
    assert_eq!(reply.serial.as_deref(), Some("0000000042"));
}

#[test]
fn another_payments_answer_is_not_ours() {
    let mut other = accepted();
    other[23] = b'3';
    let answered = decode_reply(&fixed(), &other).expect("it reads");
    assert_eq!(answered.correlation, Ours::No("serial".to_owned()));
    let mut smaller = accepted();
    smaller[57] = b'1';
    let answered = decode_reply(&fixed(), &smaller).expect("it reads");
    assert_eq!(answered.correlation, Ours::Differs("amount".to_owned()));
}

#[test]
fn a_declared_echo_must_be_there() {
    let mut adapter = fixed();
    let plan = adapter.operations.get_mut(&Operation::PaymentPay).expect("the operation");
    plan.correlation = Correlation::Echo(vec![Source::Serial]);
    let answered = decode_reply(&adapter, &accepted()).expect("it reads");
    assert_eq!(answered.correlation, Ours::Yes);
    let declined = declined(&adapter);
    let answered = decode_reply(&adapter, &declined).expect("it reads");
    assert_eq!(answered.correlation, Ours::No("serial".to_owned()), "this variant echoes nothing");
}

fn declined(adapter: &Adapter) -> Vec<u8> {
    let mut reply = Reply::new(Occurrence::No);
    reply.bank_code = Some("E000001".to_owned());
    reply.bank_text = Some("余额不足".to_owned());
    let (item, settings) = (payment(123_450), settings());
    adapter.encode_reply(pay(adapter), &reply, &expected(&item, &settings)).expect("a reply")
}

#[test]
fn the_other_variant_is_chosen_by_the_code() {
    let adapter = fixed();
    let bytes = declined(&adapter);
    assert_eq!(bytes.len(), 6 + 1 + 67 + 1);
    let answered = decode_reply(&adapter, &bytes).expect("it reads");
    assert_eq!(answered.reply.occurrence, Occurrence::No);
    assert_eq!(answered.reply.bank_text.as_deref(), Some("余额不足"));
}

#[test]
fn a_reply_without_a_code_gets_one_from_the_first_rule_that_means_it() {
    let adapter = fixed();
    let (item, settings) = (payment(123_450), settings());
    for occurrence in [Occurrence::Yes, Occurrence::No, Occurrence::InHand] {
        let mut reply = Reply::new(occurrence);
        reply.bank_serial = Some("T1".to_owned());
        let bytes = adapter.encode_reply(pay(&adapter), &reply, &expected(&item, &settings)).expect("a reply");
        let answered = decode_reply(&adapter, &bytes).expect("it reads");
        assert_eq!(answered.reply.occurrence, occurrence);
    }
    let reply = Reply::new(Occurrence::Unknown);
    let none = adapter.encode_reply(pay(&adapter), &reply, &expected(&item, &settings));
    refused(none, "cannot-encode", None, "no rule says unknown, so there is no code to choose a variant by");
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let change = |field: Field, text: &str| {
        let mut record = payment(123_450);
        record.set_text(field, text.to_owned());
        record
    };
    let mut nameless = payment(1);
    nameless.clear(Field::PayeeName);
    let rows = [
        (change(Field::PayeeAccount, "0217001234567890123"), "payee.account", "begins like its fill"),
        (change(Field::PayeeAccount, "62170012345678901234"), "payee.account", "too long"),
        (change(Field::PayeeAccount, "621700 "), "payee.account", "ends in a blank"),
        (change(Field::PayeeName, "阿卜杜热合曼·阿卜杜热西提"), "payee.name", "26 bytes in 20"),
        (change(Field::PayeeName, "张䶮"), "payee.name", "not in the charset"),
        (change(Field::PayeeName, "张三 "), "payee.name", "ends like its fill"),
        (change(Field::PayeeName, "张\n三"), "payee.name", "a control character"),
        (nameless, "payee.name", "missing"),
        (payment(1_000_000_000_000_000), "amount", "16 digits in 15"),
        (payment(-1), "amount", "negative"),
    ];
    for (record, field, about) in rows {
        let refusal = encode(&fixed(), &[record]).expect_err(about);
        assert_eq!(
            (refusal.code, refusal.field.as_deref(), refusal.at),
            ("cannot-encode", Some(field), None),
            "{about}"
        );
    }
    let refusal = encode(&fixed(), &[payment(1), payment(2)]).expect_err("two payments");
    assert_eq!(refusal.code, "cannot-encode");
    let none = Settings(vec![]);
    let items = [payment(1)];
    let adapter = fixed();
    let refusal = adapter.encode_request(pay(&adapter), &outgoing(&items, &none)).expect_err("no setting");
    assert_eq!((refusal.code, refusal.field.as_deref()), ("missing-setting", Some("setting.institution")));
}

#[test]
fn a_short_serial_is_not_padded_into_another() {
    let adapter = fixed();
    let (items, settings) = ([payment(1)], settings());
    let mut out = outgoing(&items, &settings);
    out.serial = "42";
    let refusal = adapter.encode_request(pay(&adapter), &out).expect_err("zeros would become part of it");
    assert_eq!(refusal.field.as_deref(), Some("serial"));
    let full = adapter.full_width_serial();
    out.serial = &full;
    assert!(adapter.encode_request(pay(&adapter), &out).is_ok());
}

#[test]
fn a_stream_is_cut_where_its_header_says() {
    let mut adapter = fixed();
    let cursor = adapter.frame_reader(Direction::Reply);
    assert_eq!(cursor.need(b""), Ok(FrameProgress::More(6)));
    assert_eq!(cursor.need(b"0000"), Ok(FrameProgress::More(2)));
    assert_eq!(cursor.need(b"000059"), Ok(FrameProgress::More(53)));
    assert_eq!(cursor.need(&accepted()), Ok(FrameProgress::Complete(59)));
    let twice = [accepted(), accepted()].concat();
    assert_eq!(cursor.need(&twice), Ok(FrameProgress::Complete(59)), "the second belongs to somebody else");
    assert_eq!(cursor.need(b"010000").expect_err("over the bound").at, 0);
    assert_eq!(cursor.need(b"00x059").expect_err("not digits").at, 2);
    set_frames(&mut adapter, flagged(), flagged());
    let cursor = adapter.frame_reader(Direction::Reply);
    assert_eq!(cursor.need(b"012    "), Ok(FrameProgress::More(12)));
    assert_eq!(cursor.need(b"112    ").expect_err("another flag").at, 0);
    for (header, at) in [("0 12   ", 1), ("0      ", 1), ("012  3 ", 3), ("0012   ", 1)] {
        assert_eq!(cursor.need(header.as_bytes()).expect_err(header).at, at, "{header}");
    }
}

#[test]
fn a_flagged_frame_does_not_count_its_header() {
    let mut adapter = fixed();
    set_frames(&mut adapter, flagged(), flagged());
    let wire = encode(&adapter, &[payment(1)]).expect("a request");
    assert!(wire.body.starts_with(b"085    |2032"), "{}", String::from_utf8_lossy(&wire.body));
    assert_eq!(wire.body.len(), 85 + 7);
    assert!(adapter.decode_request(pay(&adapter), &wire, &settings()).is_ok());
}

fn one(field: RecordField) -> Adapter {
    let amount = super::plans::field("AMOUNT", nine(9), of(Field::Amount));
    bare(layout(vec![part("body", vec![field, amount])]))
}

fn round_trip(adapter: &Adapter, item: &Record<'_>) -> Result<Record<'static>, Refusal> {
    let wire = encode(adapter, std::slice::from_ref(item))?;
    let mut incoming = adapter.decode_request(pay(adapter), &wire, &settings())?;
    for cut in 0..wire.body.len() {
        let cut = Wire { target: None, body: wire.body[..cut].to_vec() };
        assert!(adapter.decode_request(pay(adapter), &cut, &settings()).is_err(), "every prefix is refused");
    }
    Ok(incoming.items.remove(0))
}

proptest! {
    /// Whatever is written is read back as it was; whatever cannot be read back is not written.
    #[test]
    fn texts_survive_every_picture(text in "[ 0-9A-Za-z张三䶮韡·|€]{0,12}", right: bool, fill in prop::sample::select(vec![b' ', b'0', 0])) {
        let pictures = [Picture::X(12), Picture::G(16), Picture::Var { prefix: 2, max: 14 }, Picture::Var { prefix: 3, max: 30 }];
        for picture in pictures {
            let adapter = one(filled("NAME", picture, right, fill, of(Field::PayeeName)));
            let mut item = payment(7);
            item.set_text(Field::PayeeName, text.clone());
            match round_trip(&adapter, &item) {
                Ok(read) => prop_assert_eq!(read.text(Field::PayeeName).unwrap_or_default(), text.as_str()),
                Err(refusal) => prop_assert_eq!(refusal.code, "cannot-encode"),
            }
        }
    }

    #[test]
    fn amounts_survive_every_picture(fen in 0_i64..=99_999_999_999) {
        let pictures = [
            (Picture::Nine { digits: 9, scale: 2 }, Conversion::Plain, true, b'0'),
            (nine(11), Conversion::Fen, true, b'0'),
            (nine(11), Conversion::Fen, false, b' '),
            (Picture::X(12), Conversion::Yuan, true, b' '),
            (Picture::X(12), Conversion::Yuan, true, b'0'),
            (Picture::B { bytes: 4, number: Some(ByteOrder::Big) }, Conversion::Fen, false, 0),
            (Picture::B { bytes: 5, number: Some(ByteOrder::Little) }, Conversion::Fen, false, 0),
        ];
        for (picture, conversion, right, fill) in pictures {
            let content = value(Source::Field(Field::Amount), conversion);
            let adapter = bare(layout(vec![part("body", vec![filled("AMOUNT", picture, right, fill, content)])]));
            match round_trip(&adapter, &payment(fen)) {
                Ok(read) => prop_assert_eq!(read.fen(Field::Amount), Some(Fen::new(fen))),
                Err(refusal) => prop_assert_eq!(refusal.code, "cannot-encode"),
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..130)) {
        for adapter in [fixed(), delimited(true), delimited(false), grouped(), web()] {
            let wire = Wire { target: None, body: bytes.clone() };
            let _ = adapter.decode_request(pay(&adapter), &wire, &settings());
            let _ = decode_reply(&adapter, &bytes);
        }
    }
}

fn delimited(trailing: bool) -> Adapter {
    let fields = vec![
        field("NAME", Picture::G(20), of(Field::PayeeName)),
        field("ACCT", Picture::X(19), of(Field::PayeeAccount)),
        field("AMOUNT", nine(12), of(Field::Amount)),
    ];
    bare(layout(vec![RecordPart::Delimited { name: "line".to_owned(), delimiter: b'|', trailing, fields }]))
}

#[test]
fn delimiters_inside_characters_are_no_delimiters() {
    for trailing in [true, false] {
        let adapter = delimited(trailing);
        let mut item = payment(123_450);
        item.set_text(Field::PayeeName, "韡珅"); // both end in the byte of the bar
        let wire = encode(&adapter, &[item]).expect("a line");
        let end: &[u8] = if trailing { b"|" } else { b"" };
        assert_eq!(wire.body, [b"\xED\x7C\xAB\x7C|6217001234567890123|123450", end].concat());
        let incoming = adapter.decode_request(pay(&adapter), &wire, &settings()).expect("it reads");
        assert_eq!(incoming.items[0].text(Field::PayeeName), Some("韡珅"));
    }
    let mut item = payment(1);
    item.set_text(Field::PayeeName, "A|B");
    let refusal = encode(&delimited(true), &[item]).expect_err("a bar in a name");
    assert_eq!(refusal.field.as_deref(), Some("payee.name"));
}

#[test]
fn delimited_lines_are_held_to_their_fields() {
    let read = |adapter: &Adapter, line: &[u8]| {
        let wire = Wire { target: None, body: line.to_vec() };
        adapter.decode_request(pay(adapter), &wire, &settings())
    };
    let (with, without) = (delimited(true), delimited(false));
    // A name cut in the middle of a character swallows the bar behind it.
    refused(read(&with, b"\xD5\xC5\xC8|6217|1|"), "cannot-decode", Some(2), "cut character");
    refused(read(&with, b"A|6217|1"), "cannot-decode", Some(8), "no last bar");
    refused(read(&with, b"A|6217|1||"), "trailing-data", Some(9), "one bar more");
    refused(read(&without, b"A|6217|1|"), "cannot-decode", Some(0), "one bar more");
    refused(read(&without, b"A|6217|1.0"), "cannot-decode", Some(8), "not digits");
    refused(read(&without, b"A|6217|0001"), "cannot-decode", Some(7), "zeros before a number");
    refused(read(&without, b"123456789012345678901|6217|1"), "cannot-decode", Some(20), "too long");
}

/// A counted group behind a header with count and sum, then a trailer.
fn grouped() -> Adapter {
    let head = vec![
        field("COUNT", nine(3), plain(Source::ItemCount)),
        field("SUM", nine(12), value(Source::ItemSum, Conversion::Fen)),
    ];
    let item = vec![
        field("NO", nine(2), plain(Source::ItemNumber)),
        field("ACCT", Picture::Var { prefix: 2, max: 32 }, of(Field::PayeeAccount)),
        field("AMOUNT", nine(9), of(Field::Amount)),
    ];
    bare(layout(vec![
        part("head", head),
        RecordPart::Repeat { name: "items".to_owned(), times: None, fields: item },
        part("tail", vec![field("END", Picture::X(3), is("END"))]),
    ]))
}

#[test]
fn groups_are_counted_and_summed() {
    let adapter = grouped();
    let wire = encode(&adapter, &[payment(100), payment(250)]).expect("two items");
    let text = "00200000000035001196217001234567890123000000100".to_owned() + "02196217001234567890123000000250END";
    assert_eq!(String::from_utf8_lossy(&wire.body), text);
    let incoming = adapter.decode_request(pay(&adapter), &wire, &settings()).expect("it reads");
    assert_eq!(incoming.items.iter().map(|item| item.fen(Field::Amount)).collect::<Vec<_>>().len(), 2);
    let read = |at: usize, with: &[u8]| {
        let mut body = wire.body.clone();
        body[at..at + with.len()].copy_from_slice(with);
        adapter.decode_request(pay(&adapter), &Wire { target: None, body }, &settings())
    };
    refused(read(14, b"1"), "cannot-decode", Some(3), "another sum");
    refused(read(2, b"3"), "cannot-decode", Some(79), "one more than there are");
    refused(read(2, b"1"), "cannot-decode", Some(47), "one less: the trailer is not there");
    refused(read(15, b"02"), "cannot-decode", Some(15), "numbers out of order");
    refused(read(17, b"1x"), "cannot-decode", Some(18), "a length that is none");
    refused(read(17, b"99"), "cannot-decode", Some(17), "a length over its bound");
}

#[test]
fn a_value_split_over_two_fields_is_put_together() {
    let split = SplitPlan {
        of: Field::PayeeAccount,
        on: Field::PayeeAccountKind,
        cases: vec![
            ("card".to_owned(), vec![PartWidth::Exact(0), PartWidth::Rest(32)]),
            ("account".to_owned(), vec![PartWidth::Exact(2), PartWidth::Exact(15)]),
        ],
    };
    let part_of = |index| value(Source::Field(Field::PayeeAccount), Conversion::Part { split: split.clone(), index });
    let adapter = bare(layout(vec![part(
        "body",
        vec![
            field("PROV", Picture::X(2), part_of(0)),
            field("ACCT", Picture::X(32), part_of(1)),
            field("AMOUNT", nine(9), of(Field::Amount)),
        ],
    )]));
    let item = |kind: &'static str, account: &'static str| {
        let mut item = payment(1);
        item.set_text(Field::PayeeAccountKind, kind);
        item.set_text(Field::PayeeAccount, account);
        item
    };
    for (kind, account, bytes) in
        [("card", ACCOUNT, "  6217001234567890123 "), ("account", "31123456789012345", "31123456789012345 ")]
    {
        let wire = encode(&adapter, &[item(kind, account)]).expect(kind);
        assert!(wire.body.starts_with(bytes.as_bytes()), "{kind}");
        let read = adapter.decode_request(pay(&adapter), &wire, &settings()).expect(kind);
        assert_eq!(read.items[0].text(Field::PayeeAccount), Some(account));
        assert_eq!(read.items[0].text(Field::PayeeAccountKind), Some(kind));
    }
    for (kind, account) in [("account", "311234567890123456"), ("account", "3112345678901234"), ("other", ACCOUNT)] {
        let refusal = encode(&adapter, &[item(kind, account)]).expect_err(account);
        assert_eq!(refusal.field.as_deref(), Some("payee.account"), "{kind} {account}");
    }
    let wire = encode(&adapter, &[item("account", "31123456789012345")]).expect("an account");
    let mut body = wire.body;
    body[16] = b' ';
    let refusal = adapter.decode_request(pay(&adapter), &Wire { target: None, body }, &settings());
    refused(refusal, "cannot-decode", Some(0), "14 digits fit no case");
}

fn sealed_record(picture: Picture) -> Adapter {
    let plan = MacPlan {
        name: "body".to_owned(),
        algorithm: MacAlgorithm::StandInHmacSha256,
        over: vec!["NAME".to_owned(), "AMOUNT".to_owned()],
        join: " ".to_owned(),
        keep: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ".to_owned(),
        collapse: true,
        key: 1,
    };
    bare(layout(vec![part(
        "body",
        vec![
            field("MAC", picture, plain(Source::Mac(Box::new(plan)))),
            field("NAME", Picture::X(20), of(Field::PayeeName)),
            field("AMOUNT", nine(9), of(Field::Amount)),
            field("NOTE", Picture::X(2), skip("ZZ")),
        ],
    )]))
}

#[test]
fn a_mac_covers_its_fields_and_no_others() {
    for (picture, width) in [(Picture::B { bytes: 8, number: None }, 8), (Picture::X(16), 16)] {
        let adapter = sealed_record(picture);
        let mut item = payment(100);
        item.set_text(Field::PayeeName, "LI  SI-x");
        let wire = encode(&adapter, &[item]).expect("a record");
        let read = |at: usize, byte: u8| {
            let mut body = wire.body.clone();
            body[at] = byte;
            adapter.decode_request(pay(&adapter), &Wire { target: None, body }, &settings())
        };
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"key-of-the-test");
        let tag = aws_lc_rs::hmac::sign(&key, b"LI SI 000000100");
        let hex = data_encoding::HEXLOWER.encode(tag.as_ref());
        let code = if width == 8 { &tag.as_ref()[..8] } else { &hex.as_bytes()[..16] };
        assert_eq!(&wire.body[..width], code);
        assert!(read(width + 29, b'Y').is_ok(), "the note is not covered");
        refused(read(0, b'!'), "mac", Some(0), "another code");
        refused(read(width, b'M'), "mac", Some(0), "another name");
        refused(read(width + 28, b'1'), "mac", Some(0), "another amount");
        let other = Settings(vec![None, Some("another key".to_owned())]);
        refused(adapter.decode_request(pay(&adapter), &wire, &other), "mac", Some(0), "another key");
        let none = adapter.decode_request(pay(&adapter), &wire, &Settings::default());
        refused(none, "missing-setting", None, "no key");
    }
}

#[test]
fn charsets_are_told_apart() {
    assert_eq!(Charset::GbkJava.name(), "gbk-java");
    let mut adapter = fixed();
    adapter.operations.get_mut(&Operation::PaymentPay).expect("the operation").request.charset = Charset::Gb18030;
    let mut item = payment(1);
    item.set_text(Field::PayeeName, "张㛃"); // four bytes, two of them ASCII digits
    let wire = encode(&adapter, &[item]).expect("it has a place there");
    let incoming = adapter.decode_request(pay(&adapter), &wire, &settings()).expect("it reads");
    assert_eq!(incoming.items[0].text(Field::PayeeName), Some("张㛃"));
}
