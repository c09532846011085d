//! From notation to plan: every name resolved, every rule of the notation proved, all faults gathered.
//!
//! In reading order: [`party`], [`wire`] and [`tables`] (`adapter.toml`), [`operation`] (one operation's file), [`record`]
//! with [`field`] and [`template`] (the two media), [`scope`] with [`conversion`] (values), [`outcome`], [`proofs`].

mod conversion;
mod field;
mod operation;
mod outcome;
mod party;
mod proofs;
mod record;
mod scope;
mod seal;
mod shelf;
mod tables;
mod template;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::adapter::charset::Charset;
use crate::adapter::fault::{At, Sink};
use crate::adapter::load::{FileSet, MAIN_FILE};
use crate::adapter::notation::reader::{self, Table, Text};
use crate::adapter::notation::template as xml_template;
use crate::adapter::plan::{Adapter, Picture, WirePlan};
use crate::lang::Phrase;
use crate::message::Operation;

/// Compiles a set of files. `None`, or an adapter beside reported faults, means that it must not be used.
pub(super) fn adapter<'a>(id: &str, files: &'a FileSet, sink: &'a Sink<'a>) -> Option<Adapter> {
    let Some((main_file, main_text)) = files.named(MAIN_FILE) else {
        sink.report(&At::start(MAIN_FILE), Phrase::new("adapter-fault-no-main-file"));
        return None;
    };
    let mut documents = BTreeMap::new();
    let mut templates = BTreeMap::new();
    for (file, text) in files.texts() {
        if file.ends_with(".xml") {
            templates.insert(file.as_str(), xml_template::read(sink, file, text));
        } else if file != MAIN_FILE {
            let operation = file.strip_suffix(".toml").and_then(Operation::from_name);
            match operation {
                Some(operation) => {
                    documents.extend(reader::parse(sink, file, text).map(|document| (operation, (file, document))));
                }
                None => sink.report(&At::start(file), Phrase::new("adapter-fault-unknown-file")),
            }
        }
    }
    let main = reader::parse(sink, main_file, main_text)?;
    build(id, files, sink, main_file, &main, &documents, &templates)
}

type Document<'a> = toml::Spanned<toml::de::DeTable<'a>>;

fn build<'a>(
    id: &str,
    files: &'a FileSet,
    sink: &'a Sink<'a>,
    main_file: &'a str,
    main: &'a Document<'a>,
    documents: &'a BTreeMap<Operation, (&'a String, Document<'a>)>,
    templates: &'a BTreeMap<&'a str, Option<xml_template::Template>>,
) -> Option<Adapter> {
    let root = Table::root(sink, main_file, main.get_ref());
    let mut invented = Vec::new();
    let party = party::party(sink, &root);
    let wire = wire::wire(sink, &root);
    let serial = party::serial(sink, &root, &mut invented);
    let query = party::query(sink, &root, &mut invented);
    let delivery = party::delivery(sink, &root, serial.as_ref());
    let charset = wire.as_ref().map_or(Charset::Utf8, |wire| wire.charset);
    let tables = tables::Tables::read(sink, &root, charset);
    let http = root.get("http");
    let frame = root.get("frame");
    check_transport(sink, &root, wire.as_ref().map(|wire| wire.http), http.is_some(), frame.is_some());
    check_query(sink, &root, query.as_ref(), documents);
    if !documents.contains_key(&Operation::PaymentPay) && !files.texts().contains_key("payment.pay.toml") {
        sink.report(&At::start(main_file), Phrase::new("adapter-fault-no-operation"));
    }
    let (wire, serial, delivery) = (wire?, serial?, delivery?);
    let constants = shelf::Shelf(Vec::new());
    let locals = RefCell::default();
    let header = scope::Scope {
        sink,
        tables: &tables,
        serial: &serial,
        constants: &constants,
        locals: &locals,
        operation: Operation::PaymentPay,
        side: scope::Side::Header,
        many: false,
        charset: wire.charset,
        uses: RefCell::default(),
        broken: Cell::new(false),
    };
    let frames = if wire.http { None } else { wire::frames(&header, &root, wire.max) };
    root.close();
    drop(header);
    let house = operation::House {
        sink,
        tables: &tables,
        serial: &serial,
        wire: &wire,
        frames: frames.as_ref(),
        many: delivery.items > 1,
        main,
        main_file,
        templates,
        named: RefCell::default(),
    };
    let mut operations = BTreeMap::new();
    for (operation, (file, document)) in documents {
        let plan = operation::compile(&house, *operation, file, document);
        operations.extend(plan.map(|plan| (*operation, plan)));
    }
    for name in templates.keys().filter(|name| !house.named.borrow().contains(name)) {
        sink.report(&At::start(name), Phrase::new("adapter-fault-unknown-file"));
    }
    // An operation that could not be read uses things that nobody saw: then nothing is called unused.
    if operations.len() == documents.len() && sink.is_clean() {
        tables.report_unused(sink);
    }
    drop(house);
    invented.extend(tables.invented.borrow_mut().drain(..));
    invented.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Some(Adapter {
        id: id.to_owned(),
        digest: files.digest(),
        party: party?,
        wire: WirePlan {
            charset: wire.charset,
            reply_charset: wire.reply_charset,
            declared: wire.declared,
            max: wire.max,
            one_request: wire.one_request,
            frames,
        },
        serial,
        query: query?,
        delivery,
        settings: tables.into_settings(),
        operations,
        invented,
    })
}

/// The section of one transport must be there and that of the other must not.
fn check_transport(sink: &Sink<'_>, root: &Table<'_>, is_http: Option<bool>, http: bool, frame: bool) {
    if is_http == Some(true) && frame {
        sink.report(&root.key_at("frame"), Phrase::new("adapter-fault-frame-on-http"));
    }
    if is_http == Some(false) && http {
        sink.report(&root.key_at("http"), Phrase::new("adapter-fault-http-on-tcp"));
    }
    if is_http == Some(true) && !http {
        root.need("http");
    }
}

/// A query that is announced has a file, and the other way round.
fn check_query(
    sink: &Sink<'_>,
    root: &Table<'_>,
    query: Option<&crate::adapter::plan::QueryRule>,
    documents: &BTreeMap<Operation, (&String, Document<'_>)>,
) {
    let Some(query) = query else { return };
    let file = documents.contains_key(&Operation::PaymentQuery);
    if query.supported != file {
        let at = root.table("query").map_or_else(|| root.at.clone(), |table| table.key_at("supported"));
        let rule = if file {
            Phrase::new("adapter-fault-query-not-supported")
        } else {
            Phrase::new("adapter-fault-query-without-file")
        };
        sink.report(&at, rule);
    }
}

/// Checks a source label; says whether it is `invented`.
fn source_label(sink: &Sink<'_>, text: &Text<'_>) -> bool {
    let invented = text.value == "invented" || text.value.starts_with("invented: ");
    let known = ["seen: ", "peer: ", "inferred: "]
        .iter()
        .any(|label| text.value.strip_prefix(label).is_some_and(|rest| !rest.trim().is_empty()));
    if !invented && !known {
        sink.report(&text.at, Phrase::new("adapter-fault-source-label"));
    }
    invented
}

/// Whether a text can stand in a picture: short enough, mappable, digits where only digits may be.
pub(super) fn fits(picture: Picture, text: &str, charset: Charset) -> bool {
    let digits = !matches!(picture, Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. })
        || text.bytes().all(|byte| byte.is_ascii_digit());
    digits && charset.encoded_len(text).is_ok_and(|length| length <= picture.longest())
}
