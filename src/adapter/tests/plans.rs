//! Adapters built by hand.

use std::collections::BTreeMap;

use super::super::charset::Charset;
use super::super::plan::*;
use super::super::seal;
use crate::message::{Field, Occurrence, Operation};

pub(super) fn value(source: Source, conversion: Conversion) -> Content {
    Content::Value(ValuePlan { source, conversion })
}

pub(super) fn plain(source: Source) -> Content {
    value(source, Conversion::Plain)
}

pub(super) fn of(field: Field) -> Content {
    plain(Source::Field(field))
}

pub(super) fn is(text: &str) -> Content {
    Content::Literal(text.to_owned())
}

pub(super) fn skip(text: &str) -> Content {
    Content::Skip(text.to_owned())
}

/// A field with the usual justification and fill of its picture.
pub(super) fn field(name: &str, picture: Picture, content: Content) -> RecordField {
    let right = matches!(picture, Picture::Nine { .. });
    let fill = if right { b'0' } else { b' ' };
    RecordField { name: name.to_owned(), zh: String::new(), picture, right, fill, content }
}

pub(super) fn filled(name: &str, picture: Picture, right: bool, fill: u8, content: Content) -> RecordField {
    RecordField { right, fill, ..field(name, picture, content) }
}

pub(super) fn nine(digits: usize) -> Picture {
    Picture::Nine { digits, scale: 0 }
}

pub(super) fn verdict(occurrence: Occurrence) -> Verdict {
    Verdict {
        occurrence,
        not_found: false,
        duplicate: false,
        reason: None,
        zh: String::new(),
        en: String::new(),
        invented: false,
        source: "seen: test".to_owned(),
    }
}

pub(super) fn by_code(codes: &[(&str, Occurrence)]) -> OutcomeRule {
    let codes = codes.iter().map(|(code, occurrence)| ((*code).to_owned(), verdict(*occurrence))).collect();
    OutcomeRule { when: vec![], then: OutcomeThen::Table { by: Source::BankCode, codes } }
}

pub(super) fn part(name: &str, fields: Vec<RecordField>) -> RecordPart {
    RecordPart::Fields { name: name.to_owned(), fields }
}

pub(super) fn bar() -> RecordPart {
    RecordPart::Literal { bytes: b"|".to_vec() }
}

pub(super) fn layout(parts: Vec<RecordPart>) -> RecordLayout {
    RecordLayout::new(parts, vec![], None)
}

pub(super) fn message(charset: Charset, layout: Layout) -> MessagePlan {
    MessagePlan { charset, layout, seal: None }
}

pub(super) fn operation(request: MessagePlan, reply: MessagePlan) -> OperationPlan {
    OperationPlan {
        operation: Operation::PaymentPay,
        source: None,
        bank_initiates: false,
        transport: Transport::Tcp { request: FramePlan::ToEnd, reply: FramePlan::ToEnd },
        request,
        reply,
        correlation: Correlation::Connection,
        outcome: vec![by_code(&[
            ("AAAAAAA", Occurrence::Yes),
            ("E000001", Occurrence::No),
            ("W000001", Occurrence::InHand),
        ])],
        locals: vec!["RetCode".to_owned(), "WaitFlag".to_owned()],
        absent: vec![],
    }
}

/// The frames of a bank over TCP, in both places that know them.
pub(super) fn set_frames(adapter: &mut Adapter, request: FramePlan, reply: FramePlan) {
    adapter.wire.frames = Some((request.clone(), reply.clone()));
    for plan in adapter.operations.values_mut() {
        plan.transport = Transport::Tcp { request: request.clone(), reply: reply.clone() };
    }
}

pub(super) fn adapter(charset: Charset, transport: Transport, mut plan: OperationPlan) -> Adapter {
    let frames = match &transport {
        Transport::Tcp { request, reply } => Some((request.clone(), reply.clone())),
        Transport::Http(_) => None,
    };
    plan.transport = transport;
    let setting = |name: &str, secret| SettingDef {
        name: name.to_owned(),
        picture: Picture::X(64),
        zh: String::new(),
        en: String::new(),
        secret,
        key_of: None,
        demo: None,
    };
    Adapter {
        id: "bank".to_owned(),
        digest: String::new(),
        party: Party {
            zh: String::new(),
            en: String::new(),
            cnaps: String::new(),
            evidence: String::new(),
            example: true,
        },
        wire: WirePlan {
            charset,
            reply_charset: charset,
            declared: vec!["GBK".to_owned(), "GB2312".to_owned()],
            max: 9999,
            one_request: true,
            frames,
        },
        serial: SerialRule {
            width: 10,
            digits: true,
            wide: false,
            per_day: true,
            refuses_duplicates: true,
            window_days: 1,
        },
        query: QueryRule { supported: false, authoritative: false, own_serial: false },
        delivery: DeliveryRule { answer_seconds: 60, items: 2, resend_hours: 1, unknown_hours: 1, today_only: false },
        settings: vec![setting("institution", false), setting("seal_key", true)],
        operations: BTreeMap::from([(Operation::PaymentPay, plan)]),
        invented: vec![],
    }
}

/// A frame whose header is six digits that count themselves.
pub(super) fn counted() -> FramePlan {
    let header = vec![field("LENGTH", nine(6), plain(Source::FrameLength))];
    FramePlan::Prefix { header, header_len: 6, counts_all: true }
}

/// A frame with a flag and a length to the left, filled with blanks, that does not count the header.
pub(super) fn flagged() -> FramePlan {
    let header =
        vec![field("FLAG", Picture::X(1), is("0")), filled("LENGTH", nine(6), false, b' ', plain(Source::FrameLength))];
    FramePlan::Prefix { header, header_len: 7, counts_all: false }
}

/// A fixed-width bank: 6 + `|` + 2032 + institution 6 + `|` + date 8, serial 10, amount 15, account 19, name G(20) + `|`.
pub(super) fn fixed() -> Adapter {
    let head = vec![field("TRCODE", Picture::X(4), is("2032")), field("INST", nine(6), plain(Source::Setting(0)))];
    let body = vec![
        field("DATE", nine(8), plain(Source::BusinessDate)),
        field("SERIAL", nine(10), plain(Source::Serial)),
        field("AMOUNT", Picture::Nine { digits: 15, scale: 2 }, of(Field::Amount)),
        filled("ACCT", Picture::X(19), true, b'0', of(Field::PayeeAccount)),
        field("NAME", Picture::G(20), of(Field::PayeeName)),
    ];
    let request = layout(vec![bar(), part("head", head), bar(), part("body", body), bar()]);
    let mark = || field("MARKID", Picture::X(7), plain(Source::BankCode));
    let success = vec![
        mark(),
        field("SERIAL", nine(10), plain(Source::Serial)),
        field("TELLER", Picture::X(15), plain(Source::BankSerial)),
        field("NOTE", Picture::X(4), skip("OK")),
        field("AMOUNT", Picture::Nine { digits: 15, scale: 2 }, of(Field::Amount)),
    ];
    let other = vec![mark(), field("INFO", Picture::G(60), plain(Source::BankText))];
    let reply = RecordLayout::new(
        vec![bar(), RecordPart::Variant, bar()],
        vec![(Some("AAAAAAA".to_owned()), success), (None, other)],
        Some("MARKID".to_owned()),
    );
    let plan =
        operation(message(Charset::GbkJava, Layout::Record(request)), message(Charset::GbkJava, Layout::Record(reply)));
    adapter(Charset::GbkJava, Transport::Tcp { request: counted(), reply: counted() }, plan)
}

/// A bank whose request is `request` with nothing around it.
pub(super) fn bare(request: RecordLayout) -> Adapter {
    let reply = layout(vec![part("reply", vec![field("CODE", Picture::X(7), plain(Source::BankCode))])]);
    let plan =
        operation(message(Charset::GbkJava, Layout::Record(request)), message(Charset::GbkJava, Layout::Record(reply)));
    adapter(Charset::GbkJava, Transport::Tcp { request: FramePlan::ToEnd, reply: FramePlan::ToEnd }, plan)
}

/// An element without children.
pub(super) fn leaf(name: &str, content: Content) -> XmlNode {
    XmlNode {
        name: name.to_owned(),
        also: vec![],
        attributes: vec![],
        content,
        children: vec![],
        each: false,
        optional: false,
        any_order: false,
        skip_others: false,
        trim: false,
        by: None,
    }
}

/// An element with children.
pub(super) fn parent(name: &str, children: &[usize]) -> XmlNode {
    XmlNode { children: children.to_vec(), ..leaf(name, Content::Children) }
}

fn amount(conversion: Conversion) -> Content {
    value(Source::Field(Field::Amount), conversion)
}

/// An XML bank over HTTP: sealed, form-encoded requests with a group per item; Base64 answers.
pub(super) fn web() -> Adapter {
    let request = XmlLayout::new(
        Some("<?xml version=\"1.0\" encoding=\"GBK\"?>".to_owned()),
        vec![
            parent("CMS", &[1, 2, 3, 4]),
            leaf("fSeqno", plain(Source::Serial)),
            leaf("TotalNum", plain(Source::ItemCount)),
            leaf("TotalAmt", value(Source::ItemSum, Conversion::Fen)),
            XmlNode { each: true, ..parent("rd", &[5, 6, 7, 8, 9]) },
            leaf("iSeqno", plain(Source::ItemNumber)),
            leaf("RecAccNo", of(Field::PayeeAccount)),
            leaf("RecAccName", of(Field::PayeeName)),
            leaf("PayAmt", amount(Conversion::Fen)),
            XmlNode { optional: true, ..leaf("Memo", of(Field::Purpose)) },
        ],
        Charset::GbkJava,
    );
    let reply = XmlLayout::new(
        Some("<?xml version=\"1.0\" encoding=\"GBK\"?>".to_owned()),
        vec![
            XmlNode { any_order: true, skip_others: true, ..parent("CMS", &[1, 2, 3]) },
            leaf("fSeqno", plain(Source::Serial)),
            leaf("RetCode", plain(Source::Local(0))),
            XmlNode { each: true, optional: true, skip_others: true, ..parent("rd", &[4, 5, 6, 7, 8]) },
            leaf("iSeqno", plain(Source::ItemNumber)),
            XmlNode { optional: true, ..leaf("RecAccNo", of(Field::PayeeAccount)) },
            XmlNode { also: vec!["Amt".to_owned()], ..leaf("PayAmt", amount(Conversion::Yuan)) },
            XmlNode { trim: true, ..leaf("Result", plain(Source::BankCode)) },
            XmlNode { optional: true, ..leaf("Msg", plain(Source::BankText)) },
        ],
        Charset::GbkJava,
    );
    let http = HttpPlan {
        method: "POST".to_owned(),
        target: vec![
            TargetPart::Literal("/pay?PackageID=".to_owned()),
            TargetPart::Value(ValuePlan { source: Source::Serial, conversion: Conversion::Plain }),
            TargetPart::Literal("&SendTime=".to_owned()),
            TargetPart::Value(ValuePlan { source: Source::SentAt, conversion: Conversion::Date(pattern("yMdHmsS")) }),
        ],
        content_type: "application/x-www-form-urlencoded".to_owned(),
        form: vec![
            FormField { name: "Version".to_owned(), content: FormContent::Literal("0.0.1.0".to_owned()) },
            FormField {
                name: "GroupCIS".to_owned(),
                content: FormContent::Value(ValuePlan { source: Source::Setting(0), conversion: Conversion::Plain }),
            },
            FormField { name: "reqData".to_owned(), content: FormContent::Message },
        ],
        reply_prefix: "reqData=".to_owned(),
        reply_prefix_optional: true,
        reply_base64: true,
    };
    let mut request = message(Charset::GbkJava, Layout::Xml(request));
    request.seal = Some(SealPlan {
        name: "stand-in".to_owned(),
        algorithm: SealAlgorithm::HmacSha256,
        key: 1,
        user_id: String::new(),
        place: seal::parse(SealSide::Before, "KM-SEAL-1 {hex}\n").expect("a place"),
    });
    let mut plan = operation(request, message(Charset::GbkJava, Layout::Xml(reply)));
    plan.correlation = Correlation::Echo(vec![Source::Serial]);
    plan.outcome = vec![OutcomeRule {
        when: vec![(Source::Local(0), Condition::Is("0".to_owned()))],
        ..by_code(&[("7", Occurrence::Yes), ("6", Occurrence::No), ("0", Occurrence::InHand)])
    }];
    adapter(Charset::GbkJava, Transport::Http(http), plan)
}

/// A pattern by one letter per part.
pub(super) fn pattern(letters: &str) -> Vec<DatePart> {
    letters
        .chars()
        .map(|letter| match letter {
            'y' => DatePart::Year,
            'M' => DatePart::Month,
            'd' => DatePart::Day,
            'H' => DatePart::Hour,
            'm' => DatePart::Minute,
            's' => DatePart::Second,
            'S' => DatePart::Millisecond,
            other => DatePart::Literal(other),
        })
        .collect()
}
