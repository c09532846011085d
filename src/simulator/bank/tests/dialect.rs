//! A small dialect of fixed records, once over TCP and once over HTTP, written as a plan because these tests are about
//! banks and not about the notation.

use std::collections::BTreeMap;

use crate::adapter::charset::Charset;
use crate::adapter::plan::*;
use crate::message::{Field, Occurrence, Operation};

const DAY: [DatePart; 3] = [DatePart::Year, DatePart::Month, DatePart::Day];

fn field(name: &str, picture: Picture, content: Content) -> RecordField {
    let right = matches!(picture, Picture::Nine { .. });
    let fill = if right { b'0' } else { b' ' };
    RecordField { name: name.to_owned(), zh: name.to_owned(), picture, right, fill, content }
}

fn from(source: Source) -> Content {
    Content::Value(ValuePlan { source, conversion: Conversion::Plain })
}

fn nine(digits: usize) -> Picture {
    Picture::Nine { digits, scale: 0 }
}

fn code(text: &str) -> RecordField {
    field("TRCODE", Picture::X(4), Content::Literal(text.to_owned()))
}

fn message(fields: Vec<RecordField>) -> MessagePlan {
    let parts = vec![RecordPart::Fields { name: "all".to_owned(), fields }];
    let layout = Layout::Record(RecordLayout::new(parts, Vec::new(), None));
    MessagePlan { charset: Charset::GbkJava, layout, seal: None }
}

fn day(name: &str, source: Source) -> RecordField {
    let conversion = Conversion::Date(DAY.to_vec());
    field(name, nine(8), Content::Value(ValuePlan { source, conversion }))
}

fn account() -> RecordField {
    field("ACCT", Picture::X(19), from(Source::Field(Field::PayeeAccount)))
}

fn amount() -> RecordField {
    field("AMOUNT", Picture::Nine { digits: 15, scale: 2 }, from(Source::Field(Field::Amount)))
}

fn verdict(occurrence: Occurrence) -> Verdict {
    Verdict {
        occurrence,
        not_found: false,
        duplicate: false,
        reason: None,
        zh: "例".to_owned(),
        en: "example".to_owned(),
        invented: true,
        source: "invented".to_owned(),
    }
}

fn operation(
    operation: Operation,
    transport: Transport,
    request: Vec<RecordField>,
    reply: Vec<RecordField>,
) -> OperationPlan {
    let codes = [
        ("0000", verdict(Occurrence::Yes)),
        ("1001", verdict(Occurrence::No)),
        ("2001", verdict(Occurrence::InHand)),
        ("3001", Verdict { duplicate: true, ..verdict(Occurrence::Unknown) }),
        ("3002", Verdict { not_found: true, ..verdict(Occurrence::Unknown) }),
    ];
    let codes = codes.map(|(code, verdict)| (code.to_owned(), verdict)).to_vec();
    OperationPlan {
        operation,
        source: None,
        bank_initiates: false,
        request: message(request),
        reply: message(reply),
        transport,
        correlation: Correlation::Echo(vec![Source::Serial]),
        outcome: vec![OutcomeRule { when: Vec::new(), then: OutcomeThen::Table { by: Source::BankCode, codes } }],
        locals: Vec::new(),
        absent: Vec::new(),
    }
}

/// Four digits of length before the body.
pub(super) fn tcp() -> Transport {
    let header = vec![field("LENGTH", nine(4), from(Source::FrameLength))];
    let frame = FramePlan::Prefix { header, header_len: 4, counts_all: false };
    Transport::Tcp { request: frame.clone(), reply: frame }
}

/// The same records as the body of a POST, answered in Base64.
pub(super) fn http() -> Transport {
    Transport::Http(HttpPlan {
        method: "POST".to_owned(),
        target: vec![TargetPart::Literal("/pay?x=1".to_owned())],
        content_type: "text/plain".to_owned(),
        form: Vec::new(),
        reply_prefix: "reqData=".to_owned(),
        reply_prefix_optional: true,
        reply_base64: true,
    })
}

pub(super) fn adapter(transport: fn() -> Transport) -> Adapter {
    let frames = match transport() {
        Transport::Tcp { request, reply } => Some((request, reply)),
        Transport::Http(_) => None,
    };
    let serial = || field("SERIAL", nine(10), from(Source::Serial));
    let answer = || field("CODE", Picture::X(4), from(Source::BankCode));
    let pay = operation(
        Operation::PaymentPay,
        transport(),
        vec![code("0100"), day("DATE", Source::BusinessDate), serial(), account(), amount()],
        vec![
            code("0110"),
            serial(),
            answer(),
            field("TEXT", Picture::G(20), from(Source::BankText)),
            field("BANKSN", Picture::X(8), from(Source::BankSerial)),
        ],
    );
    let original = || field("ORIG", nine(10), from(Source::OriginalSerial));
    let query = operation(
        Operation::PaymentQuery,
        transport(),
        vec![code("0200"), serial(), original(), day("ORIGDAY", Source::OriginalBusinessDate)],
        vec![code("0210"), serial(), answer(), original()],
    );
    Adapter {
        id: "some".to_owned(),
        digest: String::new(),
        party: Party {
            zh: "某银行".to_owned(),
            en: "some bank".to_owned(),
            cnaps: "102100099996".to_owned(),
            evidence: "invented".to_owned(),
            example: true,
        },
        wire: WirePlan {
            charset: Charset::GbkJava,
            reply_charset: Charset::GbkJava,
            declared: Vec::new(),
            max: 4096,
            one_request: false,
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
        query: QueryRule { supported: true, authoritative: true, own_serial: true },
        delivery: DeliveryRule { answer_seconds: 1, items: 1, resend_hours: 1, unknown_hours: 1, today_only: true },
        settings: Vec::new(),
        operations: BTreeMap::from([(Operation::PaymentPay, pay), (Operation::PaymentQuery, query)]),
        invented: Vec::new(),
    }
}
