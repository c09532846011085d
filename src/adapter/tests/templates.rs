use super::plans::*;
use super::*;
use crate::adapter::charset::Charset;
use crate::adapter::plan::*;
use crate::adapter::runtime::Ours;
use crate::message::{Occurrence, Reply};

const OURS: &str =
    "<rd><iSeqno>1</iSeqno><RecAccNo>6217001234567890123</RecAccNo><PayAmt>1234.50</PayAmt><Result>7</Result></rd>";
const OTHER: &str = "<rd><iSeqno>2</iSeqno><PayAmt>1.00</PayAmt><Result>6</Result></rd>";

fn reply(inner: &str) -> String {
    format!("<CMS><fSeqno>0000000042</fSeqno><RetCode>0</RetCode>{inner}</CMS>")
}

fn read(text: &str) -> Result<Answered, Refusal> {
    let (adapter, item, settings) = (web(), payment(123_450), settings());
    let mut bytes = Vec::new();
    Charset::GbkJava.encode_into(text, &mut bytes).expect("a test within the charset");
    adapter.decode_reply_message(pay(&adapter), &bytes, &expected(&item, &settings))
}

#[test]
fn a_template_is_written_on_one_line() {
    let adapter = web();
    let mut first = payment(123_450);
    first.set_text(Field::PayeeName, "A&B <三>");
    let mut second = payment(1);
    second.clear(Field::Purpose);
    let (items, settings) = ([first, second], settings());
    let message = adapter.encode_request_message(pay(&adapter), &outgoing(&items, &settings)).expect("a message");
    let text = Charset::GbkJava.decode(message.get(75..).expect("behind the seal")).expect("GBK").into_owned();
    let wanted = "<?xml version=\"1.0\" encoding=\"GBK\"?><CMS><fSeqno>0000000042</fSeqno><TotalNum>2</TotalNum><TotalAmt>123451</TotalAmt>\
        <rd><iSeqno>1</iSeqno><RecAccNo>6217001234567890123</RecAccNo><RecAccName>A&amp;B &lt;三&gt;</RecAccName><PayAmt>123450</PayAmt><Memo>养老金</Memo></rd>\
        <rd><iSeqno>2</iSeqno><RecAccNo>6217001234567890123</RecAccNo><RecAccName>张三</RecAccName><PayAmt>1</PayAmt></rd></CMS>";
    assert_eq!(text, wanted);
    let incoming = adapter.decode_request_message(pay(&adapter), &message, &settings).expect("it reads");
    assert_eq!(incoming.items[0].text(Field::PayeeName), Some("A&B <三>"));
    assert_eq!(incoming.items[1].text(Field::Purpose), None);
}

#[test]
fn our_item_is_found_among_others() {
    for inner in [OURS.to_owned(), format!("{OURS}{OTHER}"), format!("{OTHER}{OURS}")] {
        let answered = read(&reply(&inner)).expect(&inner);
        assert_eq!((answered.reply.occurrence, answered.correlation), (Occurrence::Yes, Ours::Yes), "{inner}");
    }
    refused(read(&reply(OTHER)), "cannot-decode", Some(52), "only another's item");
    refused(read(&reply(&format!("{OURS}{OURS}"))), "cannot-decode", Some(52 + OURS.len()), "ours twice");
    let none = read(&reply("")).expect("the message as a whole was refused");
    assert_eq!(none.reply.occurrence, Occurrence::Unknown);
}

#[test]
fn deviations_that_the_template_allows() {
    let rows = [
        ("another order", format!("<CMS>{OURS}<RetCode>0</RetCode><fSeqno>0000000042</fSeqno></CMS>")),
        ("another name", reply(&OURS.replace("PayAmt", "Amt"))),
        ("elements nobody knows", reply(&format!("<New><a x=\"1\">b</a><rd/></New>{OURS}<More/>"))),
        ("blanks around a trimmed value", reply(&OURS.replace(">7<", ">\n 7  <"))),
        ("white space between elements", reply(&OURS.replace("><", ">\r\n  <"))),
        ("a known declaration", format!("<?xml version=\"1.0\" encoding=\"gb2312\"?>{}", reply(OURS))),
        ("a comment between elements", reply(&format!("<!-- x -->{OURS}"))),
        ("no account", reply(&OURS.replace("<RecAccNo>6217001234567890123</RecAccNo>", ""))),
        ("an empty account", reply(&OURS.replace(">6217001234567890123<", "><"))),
    ];
    for (about, text) in rows {
        let answered = read(&text).unwrap_or_else(|refusal| panic!("{about}: {refusal:?}"));
        assert_eq!(answered.reply.occurrence, Occurrence::Yes, "{about}");
        assert_eq!(answered.correlation, Ours::Yes, "{about}");
    }
}

#[test]
fn deviations_that_it_does_not_allow() {
    let at = |text: &str, needle: &str| text.find(needle).expect("the needle");
    let row = |about: &'static str, from: &str, to: &str, code: &'static str, needle: &str| {
        let text = reply(OURS).replace(from, to);
        let place = at(&text, needle);
        (about, text, code, place)
    };
    let rows = [
        row("a comment inside an amount", "1234.50", "1<!-- -->234.50", "cannot-decode", "1<!--"),
        row("CDATA inside an amount", "1234.50", "<![CDATA[1234.50]]>", "cannot-decode", "<![CDATA"),
        row("one decimal", "1234.50", "1234.5", "cannot-decode", "1234.5<"),
        row("a sign", "1234.50", "+1234.50", "cannot-decode", "+1234"),
        row("a number spelled longer", "<iSeqno>1", "<iSeqno>01", "cannot-decode", "01</iSeqno"),
        row("an element twice", "<Result>7", "<Result>6</Result><Result>7", "cannot-decode", "<Result>7"),
        row(
            "order inside the group",
            "<iSeqno>1</iSeqno>",
            "<Result>7</Result><iSeqno>1</iSeqno>",
            "cannot-decode",
            "<Result>7",
        ),
        row("text between elements", "<RetCode>", "x<RetCode>", "cannot-decode", "x<RetCode>"),
        row(
            "an unknown declaration",
            "<CMS>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CMS>",
            "cannot-decode",
            "<?xml",
        ),
        row("another root", "CMS", "cms", "cannot-decode", "<cms>"),
        row("a document type", "<CMS>", "<!DOCTYPE CMS><CMS>", "xml", "<!DOCTYPE"),
        row("a missing element", "<RetCode>0</RetCode>", "", "cannot-decode", "</CMS>"),
        row("an element inside a value", "1234.50", "<b>1234.50</b>", "cannot-decode", "<b>"),
        row("an attribute nobody knows", "<fSeqno>", "<fSeqno a=\"1\">", "cannot-decode", "a=\"1\""),
        row("a blank inside a serial", "0000000042", " 0000000042", "cannot-decode", " 0000"),
    ];
    for (about, text, code, place) in rows {
        refused(read(&text), code, Some(place), about);
    }
    let text = reply(OURS);
    for cut in 0..text.len() {
        assert!(read(text.get(..cut).expect("ASCII")).is_err(), "prefix of {cut}");
    }
}

#[test]
fn offsets_are_bytes_of_the_wire() {
    let text = reply(&format!("<Bank>重庆</Bank>{}", OURS.replace("1234.50", "x")));
    let gbk = text.find(">x<").expect("the place") + 1 - 2; // two characters, three bytes in UTF-8, two in GBK
    refused(read(&text), "cannot-decode", Some(gbk), "behind two characters");
    let mut bytes = b"<CMS><fSeqno>".to_vec();
    bytes.extend_from_slice(b"\xD5</fSeqno></CMS>");
    let (adapter, item, settings) = (web(), payment(1), settings());
    let cut = adapter.decode_reply_message(pay(&adapter), &bytes, &expected(&item, &settings));
    refused(cut, "charset", Some(13), "half a character");
}

#[test]
fn echoes_decide_whose_answer_it_is() {
    let rows = [
        ("another serial", "0000000042", "0000000043", Ours::No("serial".to_owned())),
        ("no serial", "0000000042", "", Ours::No("serial".to_owned())),
        ("another amount", "1234.50", "1234.51", Ours::Differs("amount".to_owned())),
        ("another account", "6217001234567890123", "6217001234567890124", Ours::Differs("payee.account".to_owned())),
    ];
    for (about, from, to, ours) in rows {
        assert_eq!(read(&reply(OURS).replace(from, to)).expect(about).correlation, ours, "{about}");
    }
}

#[test]
fn a_reply_is_written_as_it_is_read() {
    let (adapter, item, settings) = (web(), payment(123_450), settings());
    let mut wanted = Reply::new(Occurrence::No);
    wanted.bank_code = Some("6".to_owned());
    wanted.bank_text = Some("余额<不足> ".to_owned());
    wanted.serial = Some("0000000042".to_owned());
    wanted.amount = Some(Fen::new(123_450));
    wanted.account = Some(ACCOUNT.to_owned());
    wanted.details = vec![("RetCode".to_owned(), "0".to_owned())];
    let bytes = adapter.encode_reply(pay(&adapter), &wanted, &expected(&item, &settings)).expect("a reply");
    let answered = adapter.decode_reply(pay(&adapter), &bytes, &expected(&item, &settings)).expect("it reads");
    assert_eq!(answered.reply, wanted);
    let mut brief = Reply::new(Occurrence::Yes);
    brief.bank_code = Some("7".to_owned());
    let bytes = adapter.encode_reply(pay(&adapter), &brief, &expected(&item, &settings)).expect("a reply");
    let answered = adapter.decode_reply(pay(&adapter), &bytes, &expected(&item, &settings)).expect("it reads");
    assert_eq!(answered.reply.occurrence, Occurrence::Yes, "the line's rule needs RetCode, which it supplies");
}

/// A record inside an element's text, and a value in an attribute.
fn nested() -> Adapter {
    let record = layout(vec![part(
        "line",
        vec![
            field("TEXT", Picture::G(10), plain(Source::BankText)),
            field("CODE", Picture::X(4), plain(Source::BankCode)),
            field("BAR", Picture::X(1), is("|")),
        ],
    )]);
    let data = XmlNode {
        attributes: vec![("name".to_owned(), is("X")), ("seq".to_owned(), plain(Source::Serial))],
        ..leaf("data", Content::Record(Box::new(record)))
    };
    let mut adapter = web();
    let plan = adapter.operations.get_mut(&Operation::PaymentPay).expect("the operation");
    plan.reply.layout = Layout::Xml(XmlLayout::new(None, vec![parent("ap", &[1]), data], Charset::GbkJava));
    plan.outcome = vec![by_code(&[("0000", Occurrence::Yes)])];
    adapter
}

fn read_nested(text: &str) -> Result<Answered, Refusal> {
    let (adapter, item, settings) = (nested(), payment(1), settings());
    let mut bytes = Vec::new();
    Charset::GbkJava.encode_into(text, &mut bytes).expect("a test within the charset");
    adapter.decode_reply_message(pay(&adapter), &bytes, &expected(&item, &settings))
}

#[test]
fn a_record_stands_in_an_elements_text() {
    let (adapter, item, settings) = (nested(), payment(1), settings());
    let mut wanted = Reply::new(Occurrence::Yes);
    wanted.bank_code = Some("0000".to_owned());
    wanted.bank_text = Some("成功&".to_owned());
    wanted.serial = Some("0000000042".to_owned());
    let bytes = adapter.encode_reply_message(pay(&adapter), &wanted, &expected(&item, &settings)).expect("a reply");
    let text = "<ap><data name=\"X\" seq=\"0000000042\">成功&amp;     0000|</data></ap>";
    assert_eq!(Charset::GbkJava.decode(&bytes).expect("GBK"), text);
    let answered = read_nested(text).expect("it reads");
    assert_eq!(answered.reply, wanted);
    let plain = "<ap><data name=\"X\" seq=\"0000000042\">成功      0000|</data></ap>";
    assert!(read_nested(plain).is_ok());
    let place = plain.find("0000|").expect("the code") - 2;
    refused(read_nested(&plain.replace("0|<", "0/<")), "cannot-decode", Some(place + 4), "its bar");
    refused(read_nested(&plain.replace("0|<", "0|x<")), "trailing-data", Some(place + 5), "one byte more");
    refused(read_nested(&plain.replace("0|<", "0<")), "cannot-decode", Some(place + 4), "one byte less");
    refused(read_nested(&plain.replace("\"X\"", "\"Y\"")), "cannot-decode", Some(16), "another attribute");
    refused(read_nested(&plain.replace(" name=\"X\"", "")), "cannot-decode", Some(4), "no attribute");
}

#[test]
fn counts_and_sums_of_a_request_are_held_to_its_items() {
    let mut adapter = web();
    adapter.operations.get_mut(&Operation::PaymentPay).expect("the operation").request.seal = None;
    let (items, settings) = ([payment(123_450), payment(1)], settings());
    let message = adapter.encode_request_message(pay(&adapter), &outgoing(&items, &settings)).expect("a message");
    let read = |from: &str, to: &str| {
        let text = Charset::GbkJava.decode(&message).expect("GBK").replacen(from, to, 1);
        let mut bytes = Vec::new();
        Charset::GbkJava.encode_into(&text, &mut bytes).expect("GBK");
        let at = text.find(to).expect("what was put in");
        (adapter.decode_request_message(pay(&adapter), &bytes, &settings).map(|_| ()), at)
    };
    assert_eq!(read("<CMS>", "<CMS>").0, Ok(()));
    for (from, to, offset, about) in [
        (">2</TotalNum>", ">3</TotalNum>", 1, "another count"),
        (">123451<", ">123452<", 1, "another sum"),
        ("<PayAmt>1<", "<PayAmt>2<", 0, "another amount"),
        (">2</iSeqno>", ">3</iSeqno>", 0, "another number"),
    ] {
        let (result, at) = read(from, to);
        let refusal = result.expect_err(about);
        assert_eq!(refusal.code, "cannot-decode", "{about}");
        if offset > 0 {
            assert_eq!(refusal.at, Some(at + offset), "{about}");
        }
    }
}
