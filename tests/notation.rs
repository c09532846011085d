//! The examples of `docs/notation.md`: read from the page, compiled, and translated both ways.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a sample that cannot be read must fail the test, in helpers too"
)]

use std::collections::BTreeMap;

use kuimen::adapter::charset::Charset;
use kuimen::adapter::load::FileSet;
use kuimen::adapter::plan::{Adapter, OperationPlan};
use kuimen::adapter::runtime::{Expected, Ours, Outgoing, Settings, Wire};
use kuimen::message::context::Context;
use kuimen::message::{Field, Operation, Record, Reply, north};

/// The fenced blocks of the page that have a file name.
fn blocks() -> BTreeMap<String, String> {
    let page = include_str!("../docs/notation.md");
    let mut blocks = BTreeMap::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let name = info.split(' ').find_map(|word| word.strip_prefix("file="));
                open = Some((name.unwrap_or_default().to_owned(), String::new()));
            }
            (Some((name, text)), Some("")) => {
                if !name.is_empty() {
                    assert_eq!(blocks.insert(name.clone(), text.clone()), None, "{name} stands on the page twice");
                }
                open = None;
            }
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// One example: its party, what is translated, and the bytes of its samples by file name.
struct Example {
    name: String,
    adapter: Adapter,
    settings: Settings,
    files: BTreeMap<String, String>,
}

impl Example {
    fn plan(&self) -> &OperationPlan {
        self.adapter.operation(Operation::PaymentPay).expect("payment.pay")
    }

    /// The text of a sample as bytes of `charset`; `⟨…⟩` is hex, the line end of the block is not part of it.
    fn wire(&self, file: &str, charset: Charset) -> Vec<u8> {
        let text = self.files[file].strip_suffix('\n').expect("a line");
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('⟨') {
            charset.encode_into(before, &mut bytes).expect("mappable");
            let (hex, after) = after.split_once('⟩').expect("closed");
            bytes.extend(data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex"));
            rest = after;
        }
        charset.encode_into(rest, &mut bytes).expect("mappable");
        bytes
    }

    fn reply(&self, file: &str) -> Reply {
        Reply::decode(self.files[file].as_bytes()).expect(file)
    }
}

/// All examples of the page.
fn examples() -> Vec<Example> {
    let blocks = blocks();
    let context = Context::decode(blocks["context.json"].as_bytes()).expect("context.json");
    let mut folders: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for (name, text) in &blocks {
        if let Some((folder, file)) = name.split_once('/') {
            folders.entry(folder).or_default().insert(file.to_owned(), text.clone());
        }
    }
    let compiled = folders.into_iter().map(|(name, files)| {
        let notation = files.iter().filter(|(file, _)| file.ends_with(".toml") || file.ends_with(".xml"));
        let notation = notation.map(|(file, text)| {
            let shared = if file == "adapter.toml" { blocks["shared"].as_str() } else { "" };
            (file.clone(), format!("{shared}{text}"))
        });
        let adapter = Adapter::compile(name, &FileSet::of(notation));
        let adapter = adapter.unwrap_or_else(|faults| panic!("{name}: {:#?}", faults.faults));
        let settings = adapter.settings_from(|name| context.settings.get(name).cloned()).expect("settings");
        Example { name: name.to_owned(), adapter, settings, files }
    });
    compiled.collect()
}

struct Given {
    body: String,
    context: Context,
}

impl Given {
    fn new() -> Given {
        let blocks = blocks();
        let context = Context::decode(blocks["context.json"].as_bytes()).expect("context.json");
        Given { body: blocks["request.json"].clone(), context }
    }

    fn record(&self) -> Record<'_> {
        north::decode(Operation::PaymentPay, self.body.as_bytes()).expect("request.json")
    }

    fn outgoing<'a>(&'a self, items: &'a [Record<'a>], settings: &'a Settings) -> Outgoing<'a> {
        Outgoing {
            serial: self.context.serial.as_deref().expect("serial"),
            sent_at: self.context.sent_at.expect("sent_at"),
            business_date: self.context.business_date.expect("business_date"),
            settings,
            items,
            original: None,
        }
    }

    fn expected<'a>(&'a self, item: &'a Record<'a>, settings: &'a Settings) -> Expected<'a> {
        Expected {
            serial: self.context.serial.as_deref().expect("serial"),
            item,
            item_number: 1,
            sent_at: self.context.sent_at.expect("sent_at"),
            business_date: self.context.business_date.expect("business_date"),
            original: None,
            settings,
        }
    }
}

#[test]
fn the_page_has_an_example_of_every_shape() {
    let names: Vec<String> = examples().into_iter().map(|example| example.name).collect();
    assert_eq!(names, ["caller", "lines", "moving", "stream", "tree"]);
}

#[test]
fn requests_are_written_as_shown_and_read_back() {
    let given = Given::new();
    for example in examples() {
        let items = [given.record()];
        let shown = example.wire("request.wire", example.adapter.wire.charset);
        let outgoing = given.outgoing(&items, &example.settings);
        let wire = example.adapter.encode_request(example.plan(), &outgoing).expect(&example.name);
        assert_eq!(String::from_utf8_lossy(&wire.body), String::from_utf8_lossy(&shown), "{}", example.name);
        assert_eq!(wire.body, shown, "{}", example.name);

        let shown = Wire { target: None, body: shown };
        let read = example.adapter.decode_request(example.plan(), &shown, &example.settings).expect(&example.name);
        assert_eq!(read.serial.as_deref(), Some(outgoing.serial), "{}", example.name);
        let [item] = read.items.as_slice() else { panic!("{}: {} payments", example.name, read.items.len()) };
        for field in Field::ALL {
            let absent = example.plan().absent.iter().any(|(absent, _)| *absent == field);
            let wanted = items[0].get(field).filter(|_| !absent);
            assert_eq!(item.get(field), wanted, "{}: {}", example.name, field.name());
        }
    }
}

#[test]
fn replies_are_read_as_shown_and_written_back() {
    let given = Given::new();
    for example in examples() {
        let item = given.record();
        let expected = given.expected(&item, &example.settings);
        for (file, json, written) in [
            ("reply.wire", "reply.json", true),
            ("refused.wire", "refused.json", true),
            ("reply.also.wire", "reply.json", false),
        ] {
            if !example.files.contains_key(file) {
                continue;
            }
            let shown = example.wire(file, example.adapter.wire.reply_charset);
            let what = format!("{}/{file}", example.name);
            let read = example.adapter.decode_reply(example.plan(), &shown, &expected).expect(&what);
            assert_eq!(read.correlation, Ours::Yes, "{what}");
            assert_eq!(read.reply.encode(), example.reply(json).encode(), "{what}");
            if written {
                let bytes = example.adapter.encode_reply(example.plan(), &example.reply(json), &expected).expect(&what);
                assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&shown), "{what}");
                assert_eq!(bytes, shown, "{what}");
            }
        }
    }
}

#[test]
fn no_prefix_of_a_sample_is_taken_for_a_message() {
    let given = Given::new();
    for example in examples() {
        let item = given.record();
        let request = example.wire("request.wire", example.adapter.wire.charset);
        for length in 0..request.len() {
            let cut = Wire { target: None, body: request[..length].to_vec() };
            let read = example.adapter.decode_request(example.plan(), &cut, &example.settings);
            assert!(read.is_err(), "{}: {length} bytes of the request", example.name);
        }
        let reply = example.wire("reply.wire", example.adapter.wire.reply_charset);
        for length in 0..reply.len() {
            let read = example.adapter.decode_reply(
                example.plan(),
                &reply[..length],
                &given.expected(&item, &example.settings),
            );
            assert!(read.is_err(), "{}: {length} bytes of the reply", example.name);
        }
    }
}
