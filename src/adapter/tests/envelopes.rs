use data_encoding::BASE64;

use super::plans::*;
use super::*;
use crate::adapter::frame::{Direction, FrameProgress};
use crate::adapter::plan::*;
use crate::message::Occurrence;

fn read(adapter: &Adapter, wire: &Wire) -> Result<(), Refusal> {
    adapter.decode_request(pay(adapter), wire, &settings()).map(|_| ())
}

#[test]
fn a_form_has_these_bytes() {
    let wire = encode(&web(), &[payment(123_450)]).expect("a request");
    let target = wire.target.as_deref().map(String::from_utf8_lossy).expect("a target");
    assert_eq!(target, "/pay?PackageID=0000000042&SendTime=20220315102030456");
    let body = String::from_utf8(wire.body).expect("ASCII");
    assert!(body.starts_with("Version=0.0.1.0&GroupCIS=380000&reqData=KM-SEAL-1%20"), "{body}");
    assert!(body.contains("%0A%3C%3Fxml%20version%3D%221.0%22%20encoding%3D%22GBK%22%3F%3E%3CCMS%3E"), "{body}");
    assert!(body.contains("%D5%C5%C8%FD"), "GBK, upper case");
}

#[test]
fn a_form_is_read_back_and_nothing_else_is() {
    let adapter = web();
    let wire = encode(&adapter, &[payment(123_450), payment(2)]).expect("a request");
    let incoming = adapter.decode_request(pay(&adapter), &wire, &settings()).expect("it reads");
    assert_eq!(incoming.sent_at, Some(sent_at()));
    assert_eq!(incoming.items.len(), 2);
    for cut in 0..wire.body.len() {
        let short = Wire { body: wire.body[..cut].to_vec(), ..wire.clone() };
        assert!(read(&adapter, &short).is_err(), "prefix of {cut}");
    }
    let changed = |from: &str, to: &str| {
        let body = String::from_utf8(wire.body.clone()).expect("ASCII").replacen(from, to, 1);
        Wire { body: body.into_bytes(), ..wire.clone() }
    };
    refused(read(&adapter, &changed("0.0.1.0", "0.0.1.1")), "http", Some(8), "another version");
    refused(read(&adapter, &changed("Version", "version")), "http", Some(0), "another name");
    refused(read(&adapter, &changed("%20", "+")), "http", Some(49), "a plus for a blank");
    refused(read(&adapter, &changed("%0A", "%0a")), "http", Some(116), "lower-case digits");
    refused(read(&adapter, &changed("0.0.1.0", "0%2E0.1.0")), "http", Some(9), "an escape that is not needed");
    refused(read(&adapter, &changed("123450", "123451")), "seal", Some(10), "a changed amount");
    let mut extra = wire.clone();
    extra.body.extend_from_slice(b"&x=1");
    refused(read(&adapter, &extra), "trailing-data", Some(wire.body.len()), "one field more");
    let target = Wire { target: Some(b"/pay?PackageID=0000000043&SendTime=20220315102030456".to_vec()), ..wire };
    refused(read(&adapter, &target), "cannot-decode", Some(124), "target and message contradict each other");
}

#[test]
fn the_seal_needs_its_key() {
    let adapter = web();
    let wire = encode(&adapter, &[payment(1)]).expect("a request");
    let other = Settings(vec![Some("380000".to_owned()), Some("another".to_owned())]);
    refused(adapter.decode_request(pay(&adapter), &wire, &other), "seal", Some(10), "another key");
    let none = adapter.decode_request(pay(&adapter), &wire, &Settings::default());
    refused(none, "missing-setting", None, "no key");
    let items = [payment(1)];
    let unsealed = adapter.encode_request(pay(&adapter), &outgoing(&items, &Settings(vec![Some("380000".to_owned())])));
    refused(unsealed, "missing-setting", None, "no key to seal with");
}

fn xml(serial: &str) -> Vec<u8> {
    format!("<CMS><fSeqno>{serial}</fSeqno><RetCode>0</RetCode><rd><iSeqno>1</iSeqno><PayAmt>1234.50</PayAmt><Result>7</Result></rd></CMS>")
        .into_bytes()
}

#[test]
fn an_answer_comes_in_base64_with_or_without_its_prefix() {
    let adapter = web();
    let plain = BASE64.encode(&xml("0000000042"));
    let (head, tail) = plain.split_at(76);
    for body in
        [plain.clone(), format!("reqData={plain}"), format!("reqData={head}\r\n{tail}\r\n"), format!("{head}\n{tail}")]
    {
        let answered = decode_reply(&adapter, body.as_bytes()).expect(&body);
        assert_eq!(answered.reply.occurrence, Occurrence::Yes);
    }
    let (short, rest) = plain.split_at(74);
    let rows = [
        (String::new(), 0, "nothing"),
        ("reqData=".to_owned(), 8, "nothing behind the prefix"),
        (format!("reqData={short}\n{rest}"), 82, "a line that ends inside a group"),
        (format!("{head}\n\n{tail}"), 77, "an empty line"),
        (format!(" {plain}"), 0, "a blank"),
        (plain.replacen('P', "-", 1), 0, "another alphabet"),
        (format!("reqdata={plain}"), 6, "another prefix"),
    ];
    for (body, at, about) in rows {
        refused(decode_reply(&adapter, body.as_bytes()), "http", Some(at), about);
    }
    for cut in 0..plain.len() {
        assert!(decode_reply(&adapter, &plain.as_bytes()[..cut]).is_err(), "prefix of {cut}");
    }
}

#[test]
fn a_message_is_read_without_what_is_around_it() {
    let adapter = web();
    let (items, settings) = ([payment(5)], settings());
    let message = adapter.encode_request_message(pay(&adapter), &outgoing(&items, &settings)).expect("a message");
    assert!(message.starts_with(b"KM-SEAL-1 "));
    let incoming = adapter.decode_request_message(pay(&adapter), &message, &settings).expect("it reads");
    assert_eq!(incoming.items[0].fen(Field::Amount), Some(Fen::new(5)));
    let answered =
        adapter.decode_reply_message(pay(&adapter), &xml("0000000042"), &expected(&payment(123_450), &settings));
    assert_eq!(answered.expect("it reads").reply.occurrence, Occurrence::Yes);
}

fn with_frame(frame: FramePlan) -> Adapter {
    let mut adapter = fixed();
    set_frames(&mut adapter, frame.clone(), frame);
    adapter
}

#[test]
fn other_frames_end_where_they_say() {
    let line = with_frame(FramePlan::Line);
    let wire = encode(&line, &[payment(1)]).expect("a line");
    assert_eq!(wire.body.last(), Some(&b'\n'));
    assert!(read(&line, &wire).is_ok());
    let cursor = line.frame_reader(Direction::Request);
    assert_eq!(cursor.need(b"abc"), Ok(FrameProgress::More(1)));
    assert_eq!(cursor.need(b"abc\ndef"), Ok(FrameProgress::Complete(4)));
    assert!(cursor.need(&[b'x'; 9999]).is_err(), "a line without end");
    let twice = Wire { target: None, body: [wire.body.as_slice(), b"x\n"].concat() };
    refused(read(&line, &twice), "frame", Some(wire.body.len()), "bytes behind the line");

    let size = wire.body.len() - 1;
    let exact = with_frame(FramePlan::Fixed(size));
    let wire = encode(&exact, &[payment(1)]).expect("it has this size");
    assert!(read(&exact, &wire).is_ok());
    assert_eq!(exact.frame_reader(Direction::Request).need(b"abc"), Ok(FrameProgress::More(size - 3)));
    assert!(encode(&with_frame(FramePlan::Fixed(size + 1)), &[payment(1)]).is_err());

    let tag = with_frame(FramePlan::EndTag("</TX>".to_owned()));
    let cursor = tag.frame_reader(Direction::Request);
    assert_eq!(cursor.need(b"<TX>abc</TX"), Ok(FrameProgress::More(1)));
    assert_eq!(cursor.need(b"<TX>abc</TX>\n"), Ok(FrameProgress::Complete(12)));
    assert!(cursor.need(&[b'x'; 9999]).is_err(), "a message without end");
    assert!(encode(&tag, &[payment(1)]).is_err(), "a message that does not end so");

    let end = with_frame(FramePlan::ToEnd);
    let cursor = end.frame_reader(Direction::Request);
    assert_eq!(cursor.need(b"abc"), Ok(FrameProgress::ToEnd));
    assert!(cursor.need(&[b'x'; 10_000]).is_err(), "more than the adapter allows");
}

#[test]
fn a_message_longer_than_the_adapter_allows_is_not_written() {
    let mut adapter = fixed();
    adapter.wire.max = 90;
    let refusal = encode(&adapter, &[payment(1)]).expect_err("91 bytes");
    assert_eq!((refusal.code, refusal.field.as_deref()), ("cannot-encode", Some("frame.length")));
    let mut small = web();
    small.wire.max = 100;
    refused(decode_reply(&small, &[b'x'; 101]), "frame", Some(100), "nor read");
    let wire = Wire { target: None, body: vec![b'x'; 101] };
    refused(read(&small, &wire), "frame", Some(100), "in neither direction");
}
