//! The verdicts against a table written by hand, and what of an answer may be kept.

use super::*;
use crate::adapter::builtin;
use crate::adapter::plan::Adapter;
use crate::clock::Clock;
use crate::journal::{DeliveryRow, MessageId};
use crate::life::DeliveryView;
use crate::link::Unsent;
use crate::message::Field;
use crate::simulator::county::{self, PayingBank};

const SERIAL: &str = "A2B3C4D5E6F7A2B3";

#[test]
fn every_answer_has_the_verdict_that_is_written_here() {
    let correlations = [Ours::Yes, Ours::Differs("amount".to_owned()), Ours::No("serial".to_owned())];
    let kinds = [
        (Occurrence::Yes, false),
        (Occurrence::No, false),
        (Occurrence::InHand, false),
        (Occurrence::Unknown, true),
        (Occurrence::Unknown, false),
    ];
    use Verdict as V;
    let expected = [
        // paid              refused         in hand            known           anything else
        [Some(V::Yes), Some(V::No), Some(V::InHand), Some(V::Known), Some(V::Unclear)],
        [Some(V::Different), Some(V::Known), Some(V::Known), Some(V::Known), Some(V::Unclear)],
        [None; 5],
    ];
    for (correlation, row) in correlations.into_iter().zip(expected) {
        for ((occurrence, known), expected) in kinds.into_iter().zip(row) {
            let answered = Answered { reply: Reply::new(occurrence), correlation: correlation.clone(), known };
            assert_eq!(verdict(&answered), expected, "{correlation:?} {occurrence:?} {known}");
        }
    }
}

#[test]
fn every_end_of_a_delivery_is_a_word_of_the_table() {
    let place = Place::new();
    let (at, asked) = (place.at, place.pay());
    let sent = |delivered| sent(&place.pinned, asked, &place.message, &place.record, delivered, at).event;
    let queried = |delivered| queried(&place.pinned, place.query(), &place.message, &place.record, delivered, at).event;
    let failed = Event::Queried(Queried::Failed);
    for (unknown, cause) in [
        (Unknown::Silence, Cause::TimedOut),
        (Unknown::WriteTimeout, Cause::TimedOut),
        (Unknown::Write, Cause::Cut),
        (Unknown::Cut, Cause::Cut),
        (Unknown::TooLong, Cause::Unreadable),
        (Unknown::Frame, Cause::Unreadable),
        (Unknown::Http, Cause::Unreadable),
        (Unknown::Status(500), Cause::Unreadable),
    ] {
        assert_eq!(sent(Delivery::Unknown(unknown)), Event::SendUnknown(cause));
        assert_eq!(queried(Delivery::Unknown(unknown)), failed);
    }
    for unsent in [Unsent::Connect, Unsent::Handshake, Unsent::Closed] {
        assert_eq!(sent(Delivery::NotSent(unsent)), Event::ConnectFailed);
        assert_eq!(queried(Delivery::NotSent(unsent)), failed);
    }
    let answered = |code| Delivery::Answered(paid(SERIAL, code, ""));
    for (code, verdict) in [
        ("0000", Verdict::Yes),
        ("KM02", Verdict::Known),
        ("9999", Verdict::Unclear),
        // A payment's answer cannot say that the payment is missing.
        ("KM03", Verdict::Unclear),
    ] {
        assert_eq!(sent(answered(code)), Event::Answered(verdict), "{code}");
    }
    assert_eq!(sent(Delivery::Answered(b"nothing like it".to_vec())), Event::SendUnknown(Cause::Unreadable));
    assert_eq!(queried(Delivery::Answered(b"nothing like it".to_vec())), failed);
}

#[test]
fn of_anothers_answer_not_a_word_is_taken_over() {
    let place = Place::new();
    let bytes = paid("ZZZZZZZZZZZZZZZZ", "0000", "<HostSeqNo>7</HostSeqNo>");
    let delivered = Delivery::Answered(bytes.clone());
    let Outcome { event, evidence, misplaced } =
        sent(&place.pinned, place.pay(), &place.message, &place.record, delivered, place.at);
    assert_eq!((event, misplaced), (Event::SendUnknown(Cause::NotOurs), Some(bytes.clone())));
    assert_eq!((evidence.reason.as_deref(), evidence.bank_serial), (Some("not-ours"), None));
    assert_eq!((evidence.answer, evidence.response.is_none()), (Some(bytes), true));
}

#[test]
fn a_not_found_counts_only_where_nothing_speaks_against_it() {
    let missing = Reply { not_found: true, ..Reply::new(Occurrence::Unknown) };
    let differs = Ours::Differs("amount".to_owned());
    for (correlation, known, expected) in
        [(Ours::Yes, false, true), (Ours::Yes, true, false), (differs.clone(), false, false), (differs, true, false)]
    {
        let answered = Answered { reply: missing.clone(), correlation, known };
        assert_eq!(not_found(&answered), expected, "{answered:?}");
    }
    let place = Place::new();
    for (code, found) in [
        ("KM03", Queried::NotFound),
        // Known as the number of a payment; of a query it would say nothing.
        ("KM02", Queried::Answered(Verdict::Unclear)),
        ("9999", Queried::Answered(Verdict::Unclear)),
    ] {
        let delivered = Delivery::Answered(asked_about(code));
        let Outcome { event, .. } =
            queried(&place.pinned, place.query(), &place.message, &place.record, delivered, place.at);
        assert_eq!(event, Event::Queried(found), "{code}");
    }
}

#[test]
fn only_a_listed_code_or_a_short_token_is_shown() {
    let listed = |code: &str| code == "KDTX0000-LISTED-IN-FULL" || code == "户名不符";
    for (code, shown) in [
        ("0000", "0000"),
        ("AAAAAAA", "AAAAAAA"),
        ("KM02", "KM02"),
        ("E-1_2.3", "E-1_2.3"),
        ("KDTX0000-LISTED-IN-FULL", "KDTX0000-LISTED-IN-FULL"),
        ("KDTX0000-NOT-LISTED", UNLISTED),
        // Telephone, account, identity number.
        ("13812345678", UNLISTED),
        ("6228480402564890018", UNLISTED),
        ("500236196001011234", UNLISTED),
        ("户名不符:张三", UNLISTED),
        ("户名不符", UNLISTED),
        ("\n0000\n", UNLISTED),
        ("00 00", UNLISTED),
        ("a=b", UNLISTED),
        ("", UNLISTED),
    ] {
        assert_eq!(reason(code.to_owned(), listed), shown, "{code:?}");
    }
}

#[test]
fn what_the_journal_would_not_take_never_reaches_it() {
    let place = Place::new();
    for dirty in ["\n0000\n", "00\u{1}", "户名不符 6228480402564890018"] {
        let mut reply = Reply::new(Occurrence::Yes);
        (reply.bank_code, reply.bank_serial) = (Some(dirty.to_owned()), Some(format!("77{dirty}")));
        let kept = evidence(&place.message, reply, |_| true, place.at);
        assert_eq!((kept.reason.as_deref(), kept.bank_serial), (Some(UNLISTED), None), "{dirty:?}");
        let body = String::from_utf8(kept.response.expect("a final answer").body).expect("JSON");
        assert!(body.contains(UNLISTED) && !body.contains("6228") && !body.contains("\\n"), "{body}");
    }
    let mut reply = Reply::new(Occurrence::Yes);
    (reply.bank_code, reply.bank_serial) = (Some("0000".to_owned()), Some("HV/2022-03".to_owned()));
    let kept = evidence(&place.message, reply, |_| false, place.at);
    assert_eq!((kept.reason.as_deref(), kept.bank_serial.as_deref()), (Some("0000"), Some("HV/2022-03")));
}

#[test]
fn a_success_has_no_reason_left_over_from_before() {
    let place = Place::new();
    let before = Message { reason: Some("no-answer".to_owned()), ..place.message.clone() };
    for (occurrence, reason) in [(Occurrence::Yes, serde_json::Value::Null), (Occurrence::No, "no-answer".into())] {
        let kept = evidence(&before, Reply::new(occurrence), |_| false, place.at);
        let body: serde_json::Value = serde_json::from_slice(&kept.response.expect("final").body).expect("JSON");
        assert_eq!(body["reason"], reason, "{occurrence:?}");
    }
}

/// A payment through the built-in `abc`, sent under [`SERIAL`].
struct Place {
    pinned: Pinned,
    message: Message,
    record: Record<'static>,
    at: Timestamp,
}

impl Place {
    fn new() -> Place {
        let files = builtin::file_sets().remove("abc").expect("a built-in adapter");
        let adapter = Adapter::compile("abc", &files).map(std::sync::Arc::new).expect("it compiles");
        let bank = PayingBank { id: "abc".to_owned(), cnaps: adapter.party.cnaps.clone() };
        let demand = county::month(5, 1, &[bank]).into_iter().next().expect("a payment");
        let settings = adapter.demo_settings();
        let at: Timestamp = "2022-03-15T01:00:00Z".parse().expect("a time");
        let delivery = DeliveryRow {
            number: 1,
            serial: SERIAL.to_owned(),
            scope: String::new(),
            serial_rule: 1,
            salt: 0,
            business_date: jiff::civil::date(2022, 3, 15),
            digest: [0; 32],
            view: DeliveryView::first(at),
            intent: 1,
        };
        let message = Message {
            id: MessageId::new(),
            org: "agency".to_owned(),
            operation: Operation::PaymentPay,
            key: demand.key,
            bank: "abc".to_owned(),
            order: None,
            fen: demand.record.fen(Field::Amount).map_or(0, crate::message::Fen::get),
            state: State::Sending,
            before_query: None,
            reason: None,
            bank_serial: None,
            adapter: adapter.digest.clone(),
            accepted_at: at,
            settled_at: None,
            due_at: None,
            status: None,
            fence: 1,
            given_back: 0,
            conflict: false,
            twin: None,
            delivery: Some(delivery),
            fingerprint: Vec::new(),
            marks: Default::default(),
        };
        let pinned = Pinned::new(adapter, settings, Clock::REAL).expect("a link can carry it");
        Place { pinned, message, record: demand.record.into_owned(), at }
    }

    fn asked(&self, operation: Operation, serial: &'static str) -> Asked<'static> {
        Asked { operation, serial, sent_at: self.at, business_date: jiff::civil::date(2022, 3, 15) }
    }

    fn pay(&self) -> Asked<'static> {
        self.asked(Operation::PaymentPay, SERIAL)
    }

    fn query(&self) -> Asked<'static> {
        self.asked(Operation::PaymentQuery, QUERY)
    }
}

const QUERY: &str = "Q2B3C4D5E6F7A2B3";

/// A payment's answer, put together by hand.
fn paid(serial: &str, code: &str, extra: &str) -> Vec<u8> {
    framed(&format!(
        "<ap><CCTransCode>CFRT21</CCTransCode><ReqSeqNo>{serial}</ReqSeqNo><RespSource>0</RespSource>\
         <RespCode>{code}</RespCode><RespInfo>x</RespInfo><RxtInfo>x</RxtInfo>{extra}</ap>"
    ))
}

/// The answer to a query about a payment.
fn asked_about(code: &str) -> Vec<u8> {
    framed(&format!(
        "<ap><CCTransCode>CQRT04</CCTransCode><ReqSeqNo>{QUERY}</ReqSeqNo><RespCode>{code}</RespCode></ap>"
    ))
}

fn framed(body: &str) -> Vec<u8> {
    [format!("0{:<6}", body.len()).as_bytes(), body.as_bytes()].concat()
}
