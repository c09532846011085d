use data_encoding::BASE64;

use super::plans::*;
use super::*;
use crate::adapter::explain::{Explanation, render};
use crate::lang::Lang;
use crate::message::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Rows cover each layer once and in order, up to `end` in the last layer.
#[track_caller]
fn covered(explanation: &Explanation, layers: &[(&str, usize)]) {
    let mut rows = explanation.rows.iter().peekable();
    for (layer, length) in layers {
        let mut at = 0;
        while let Some(row) = rows.next_if(|row| row.layer == *layer) {
            assert_eq!(row.start, at, "{layer}: {row:?}");
            assert!(row.end > row.start, "{layer}: {row:?}");
            at = row.end;
        }
        assert_eq!(at, *length, "{layer}");
    }
    assert_eq!(rows.next(), None);
}

#[test]
fn every_byte_of_a_record_has_its_row() {
    let adapter = fixed();
    let wire = encode(&adapter, &[payment(123_450)]).expect("a request");
    let explanation = adapter.explain_request(pay(&adapter), &wire, &settings(), false);
    assert_eq!(explanation.fault, None);
    covered(&explanation, &[("wire", wire.body.len())]);
    let row = |name: &str| explanation.rows.iter().find(|row| row.field == name).expect(name);
    let amount = row("AMOUNT");
    assert_eq!((amount.picture.as_str(), amount.raw.as_str()), ("9(13)V99", "000000000123450"));
    assert_eq!(amount.value.as_deref(), Some("1,234.50"));
    assert_eq!(amount.canonical.as_deref(), Some("amount = 123450"));
    let account = row("ACCT");
    assert_eq!((account.raw.as_str(), account.masked), ("621700*********0123", true));
    assert_eq!(row("NAME").value.as_deref(), Some("张*"));
    assert_eq!(row("LENGTH").canonical.as_deref(), Some("frame.length = 91"));
    assert_eq!(row("TRCODE").canonical, None);
}

#[test]
fn personal_data_is_shown_only_when_revealed() {
    for adapter in [fixed(), web()] {
        let wire = encode(&adapter, &[payment(123_450)]).expect("a request");
        let shown = |reveal| {
            let explanation = adapter.explain_request(pay(&adapter), &wire, &settings(), reveal);
            format!("{}{}", render(&explanation, Lang::En), serde_json::to_string(&explanation).expect("JSON"))
        };
        let (masked, open) = (shown(false), shown(true));
        for secret in [NAME, ACCOUNT, "%D5%C5%C8%FD"] {
            assert!(!masked.contains(secret), "{masked}");
        }
        assert!(open.contains(NAME) && open.contains(ACCOUNT));
    }
}

#[test]
fn what_a_template_passes_over_is_hidden() {
    let adapter = web();
    let text =
        "<CMS><fSeqno>0000000042</fSeqno><Note who=\"Wang Wu\">6217001234567890999</Note><RetCode>0</RetCode></CMS>";
    let body = BASE64.encode(text.as_bytes());
    let explanation = adapter.explain_reply(pay(&adapter), body.as_bytes(), &settings(), false);
    assert_eq!(explanation.fault, None);
    covered(&explanation, &[("wire", body.len()), ("message", text.len())]);
    let shown = render(&explanation, Lang::Zh);
    assert!(!shown.contains("Wang") && !shown.contains("0999") && shown.contains("<Note who="), "{shown}");
}

#[test]
fn every_byte_of_every_layer_has_its_row() {
    let adapter = web();
    let wire = encode(&adapter, &[payment(123_450), payment(7)]).expect("a request");
    let (items, keys) = ([payment(123_450), payment(7)], settings());
    let message = adapter.encode_request_message(pay(&adapter), &outgoing(&items, &keys)).expect("a message");
    for reveal in [true, false] {
        let explanation = adapter.explain_request(pay(&adapter), &wire, &keys, reveal);
        assert_eq!(explanation.fault, None);
        let target = wire.target.as_ref().map_or(0, Vec::len);
        covered(&explanation, &[("target", target), ("wire", wire.body.len()), ("reqData", message.len())]);
        if reveal {
            let raw: String =
                explanation.rows.iter().filter(|row| row.layer == "wire").map(|row| row.raw.as_str()).collect();
            assert_eq!(raw.as_bytes(), wire.body, "the raw column is the message");
        }
    }
}

#[test]
fn a_fault_ends_the_rows_where_it_is() {
    let adapter = fixed();
    let mut wire = encode(&adapter, &[payment(123_450)]).expect("a request");
    wire.body[40] = b'x';
    let explanation = adapter.explain_request(pay(&adapter), &wire, &settings(), false);
    let fault = explanation.fault.clone().expect("a fault");
    assert_eq!((fault.at, fault.field.as_deref()), (Some(40), Some("AMOUNT")));
    covered(&explanation, &[("wire", 40)]);
    let shown = render(&explanation, Lang::En);
    assert!(shown.ends_with("fault (cannot-decode): wire byte 40, AMOUNT: digits only\n"), "{shown}");
    let cut = Wire { target: None, body: wire.body[..3].to_vec() };
    let explanation = adapter.explain_request(pay(&adapter), &cut, &settings(), false);
    assert_eq!(explanation.fault.as_ref().and_then(|fault| fault.at), Some(3));
    covered(&explanation, &[("wire", 3)]);
    let mut xml = "<CMS><fSeqno>0000000042</fSeqno>".to_owned();
    let good = xml.len();
    xml.push_str("<RetCode>\u{1}</RetCode></CMS>");
    let explanation = adapter_reply(&xml);
    covered(&explanation, &[("wire", BASE64.encode(xml.as_bytes()).len()), ("message", good + 9)]);
}

fn adapter_reply(xml: &str) -> Explanation {
    let adapter = web();
    adapter.explain_reply(pay(&adapter), BASE64.encode(xml.as_bytes()).as_bytes(), &settings(), false)
}

#[test]
fn columns_line_up_whatever_the_script() {
    let adapter = fixed();
    let wire = encode(&adapter, &[payment(123_450)]).expect("a request");
    let shown = render(&adapter.explain_request(pay(&adapter), &wire, &settings(), true), Lang::Zh);
    let column = |line: &str, needle: &str| {
        use unicode_width::UnicodeWidthStr as _;
        line.split(needle).next().map(|before| before.width())
    };
    let line = |needle: &str| shown.lines().find(|line| line.contains(needle)).expect(needle);
    assert_eq!(column(line("NAME"), "payee.name"), column(line("ACCT"), "payee.account"), "{shown}");
    assert!(line("DATE").trim_start().starts_with("18–25"), "{shown}");
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Rows of every layer follow each other without a gap, those of the wire to its last byte.
#[track_caller]
fn whole(explanation: &Explanation, length: usize, about: &str) {
    assert_eq!(explanation.fault, None, "{about}");
    let mut ends = std::collections::BTreeMap::new();
    for row in &explanation.rows {
        let end = ends.entry(row.layer.as_str()).or_insert(0);
        assert_eq!((row.start, row.start < row.end), (*end, true), "{about}: {row:?}");
        *end = row.end;
        // Bytes are bytes, also where they happen to be characters.
        let bytes = row.picture.starts_with("B(") || row.picture.starts_with("BCD(");
        assert!(!bytes || row.masked || row.raw.starts_with("0x"), "{about}: {row:?}");
    }
    assert_eq!(ends.get("wire"), Some(&length), "{about}");
}

#[test]
fn every_byte_of_every_sample_has_its_row() {
    let mut explained = 0;
    for bank in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")) {
        let adapter = Adapter::load(&bank).expect("an adapter without faults");
        for operation in folders(&bank.join("samples")) {
            let name = operation.file_name().and_then(|name| name.to_str()).and_then(Operation::from_name);
            let plan = adapter.operation(name.expect("an operation")).expect("its plan");
            for case in folders(&operation).iter().filter(|case| !case.join("problem.json").exists()) {
                let about = case.display().to_string();
                let context = Context::decode(&fs::read(case.join("context.json")).expect("a context")).expect("sound");
                let settings = adapter.settings_from(|name| context.settings.get(name).cloned()).expect("settings");
                for file in ["request.wire", "request.also.wire"] {
                    let Ok(body) = fs::read(case.join(file)) else { continue };
                    let wire = Wire { target: fs::read(case.join("request.target")).ok(), body };
                    whole(&adapter.explain_request(plan, &wire, &settings, false), wire.body.len(), &about);
                    explained += 1;
                }
                for file in ["reply.wire", "reply.also.wire"] {
                    let Ok(bytes) = fs::read(case.join(file)) else { continue };
                    whole(&adapter.explain_reply(plan, &bytes, &settings, false), bytes.len(), &about);
                    explained += 1;
                }
            }
        }
    }
    assert!(explained > 60, "only {explained} messages");
}
