//! One operation: its constants, both messages, how a reply is told to be ours, what it means.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;

use crate::adapter::compile::outcome;
use crate::adapter::compile::party::noted;
use crate::adapter::compile::proofs;
use crate::adapter::compile::record::{self, Records};
use crate::adapter::compile::scope::{Scope, Side};
use crate::adapter::compile::shelf::{Named, Shelf};
use crate::adapter::compile::source_label;
use crate::adapter::compile::tables::Tables;
use crate::adapter::compile::template;
use crate::adapter::compile::wire::{self, Wire};
use crate::adapter::fault::{At, Sink};
use crate::adapter::notation::reader::Table;
use crate::adapter::notation::template::Template;
use crate::adapter::plan::{Correlation, FramePlan, Layout, MessagePlan, OperationPlan, SerialRule, Source, Transport};
use crate::lang::Phrase;
use crate::message::{Field, Operation};

/// What all operations of an adapter share.
pub(super) struct House<'a> {
    pub(super) sink: &'a Sink<'a>,
    pub(super) tables: &'a Tables<'a>,
    pub(super) serial: &'a SerialRule,
    pub(super) wire: &'a Wire,
    /// Frames of requests and replies; `None` over HTTP, or when they are faulty.
    pub(super) frames: Option<&'a (FramePlan, FramePlan)>,
    pub(super) many: bool,
    /// `[http]` is read once per operation.
    pub(super) main: &'a Spanned<DeTable<'a>>,
    pub(super) main_file: &'a str,
    pub(super) templates: &'a BTreeMap<&'a str, Option<Template>>,
    pub(super) named: RefCell<Vec<&'a str>>,
}

/// Compiles the file of one operation.
pub(super) fn compile<'a>(
    house: &House<'a>,
    operation: Operation,
    file: &'a str,
    document: &'a Spanned<DeTable<'a>>,
) -> Option<OperationPlan> {
    let sink = house.sink;
    let root = Table::root(sink, file, document.get_ref());
    let constants = constants(&root);
    let source = root.text("source");
    if let Some(source) = &source
        && source_label(sink, source)
    {
        house.tables.invented.borrow_mut().push(noted(sink, source, operation.name()));
    }
    let locals = RefCell::default();
    let absent = absent(sink, &root);
    let scope = |side: Side| Scope {
        sink,
        tables: house.tables,
        serial: house.serial,
        constants: &constants,
        locals: &locals,
        operation,
        side,
        many: house.many && operation.is_payment(),
        charset: if side == Side::Reply { house.wire.reply_charset } else { house.wire.charset },
        uses: RefCell::default(),
        broken: Cell::new(false),
    };
    let (request_scope, reply_scope) = (scope(Side::Request), scope(Side::Reply));
    let transport = if house.wire.http {
        let main = Table::root(sink, house.main_file, house.main.get_ref());
        main.table("http").and_then(|table| {
            let plan = wire::http(&request_scope, &table);
            table.close();
            plan.map(Transport::Http)
        })
    } else {
        house.frames.map(|(request, reply)| Transport::Tcp { request: request.clone(), reply: reply.clone() })
    };
    let request = root.need("request").and_then(|node| node.table());
    let reply = root.need("reply").and_then(|node| node.table());
    root.close();
    let (request, reply) = (request?, reply?);
    let initiators = [("agency", false), ("bank", true)];
    let bank_initiates = request.choice("initiator", &initiators, Some(false)).unwrap_or(false);
    let request_plan = message(house, &request_scope, &request, bank_initiates);
    let reply_plan = message(house, &reply_scope, &reply, !bank_initiates);
    let outcome = outcome::rules(&reply_scope, &reply, operation.name());
    let correlation = correlation(house, &reply_scope, &reply);
    proofs::request(&request_scope, &request.at, &absent);
    request.close();
    reply.close();
    if !request_scope.broken.get() {
        constants.report_unused(sink);
    }
    Some(OperationPlan {
        operation,
        source: source.map(|source| source.value.to_owned()),
        bank_initiates,
        request: request_plan?,
        reply: reply_plan?,
        transport: transport?,
        correlation: correlation?,
        outcome,
        locals: locals.into_inner(),
        absent: absent.into_iter().map(|(field, reason, _)| (field, reason)).collect(),
    })
}

fn constants<'a>(root: &Table<'a>) -> Shelf<'a, String> {
    let entries = root.table("constants").map(|table| table.entries()).unwrap_or_default();
    let read = entries.into_iter().filter_map(|(key, node)| Some(Named::new(&key, node.text()?.value.to_owned())));
    Shelf(read.collect())
}

fn absent<'a>(sink: &Sink<'a>, root: &Table<'a>) -> Vec<(Field, String, At<'a>)> {
    let mut absent = Vec::new();
    for (name, node) in root.table("absent").map(|table| table.entries()).unwrap_or_default() {
        let Some(reason) = node.text() else { continue };
        let Some(field) = Field::from_name(name.value) else {
            sink.report(&name.at, Phrase::new("adapter-fault-unknown-field"));
            continue;
        };
        if reason.value.trim().is_empty() {
            sink.report(&reason.at, Phrase::new("adapter-fault-absent-reason-empty"));
        }
        absent.push((field, reason.value.to_owned(), name.at));
    }
    absent
}

/// One direction: XML or records, and its seal, made with the key of the side that writes it.
fn message<'a>(house: &House<'a>, scope: &Scope<'_, 'a>, table: &Table<'a>, bank_writes: bool) -> Option<MessagePlan> {
    let records = Records::read(scope, table);
    let seal = table.text("seal").map(|name| {
        let found = house.tables.seals.take(name.value);
        if found.is_none() {
            scope.sink.report(&name.at, Phrase::new("adapter-fault-unknown-seal").with("name", name.value));
        }
        let sealing = found.and_then(|(_, seal)| seal.value.of(bank_writes));
        if found.is_some() && sealing.is_none() {
            scope.sink.report(&name.at, Phrase::new("adapter-fault-seal-bank-key"));
        }
        sealing
    });
    let layout = match table.text("xml") {
        Some(file) => {
            if let Some(parts) = table.get("parts") {
                scope.sink.report(&parts.at, Phrase::new("adapter-fault-two-layouts"));
            }
            xml(house, scope, &records, file.value, &file.at).map(Layout::Xml)
        }
        None => record::layout(scope, table, &records).map(Layout::Record),
    };
    if layout.is_none() {
        scope.broken.set(true);
    }
    let variants = matches!(&layout, Some(Layout::Record(layout)) if layout.variant_on.is_some());
    if !scope.broken.get() {
        records.report_unused(scope, variants);
    }
    if house.many && scope.side == Side::Request && scope.operation == Operation::PaymentPay {
        let grouped = scope.uses.borrow().iter().any(|used| used.spot.grouped);
        if !grouped && layout.is_some() {
            scope.sink.report(&table.at, Phrase::new("adapter-fault-items-without-group"));
        }
    }
    Some(MessagePlan { charset: scope.charset, layout: layout?, seal: seal.flatten() })
}

fn xml<'a>(
    house: &House<'a>,
    scope: &Scope<'_, 'a>,
    records: &Records<'a>,
    name: &str,
    at: &At<'a>,
) -> Option<crate::adapter::plan::XmlLayout> {
    let Some((file, template)) = house.templates.get_key_value(name) else {
        scope.sink.report(at, Phrase::new("adapter-fault-template-missing").with("name", name));
        return None;
    };
    house.named.borrow_mut().push(file);
    Some(template::layout(scope, records, file, template.as_ref()?, &house.wire.declared))
}

/// How the reply is known to be ours.
fn correlation<'a>(house: &House<'a>, scope: &Scope<'_, 'a>, table: &Table<'a>) -> Option<Correlation> {
    let node = table.need("correlate")?;
    if node.is_text() {
        let text = node.text()?;
        if text.value != "connection" {
            scope.sink.report(&text.at, Phrase::new("adapter-fault-not-one-of").with("allowed", "connection"));
        } else if !house.wire.one_request {
            scope.sink.report(&text.at, Phrase::new("adapter-fault-correlation-kept"));
        }
        return Some(Correlation::Connection);
    }
    let mut sources = Vec::new();
    for node in node.list()? {
        let Some(name) = node.text() else { continue };
        let Some(source) = outcome::read_source(scope, &name) else { continue };
        let ours = matches!(source, Source::Serial | Source::OriginalSerial | Source::Field(_) | Source::ItemNumber);
        if !ours {
            scope.sink.report(&name.at, Phrase::new("adapter-fault-correlation-not-ours"));
        } else if !proofs::always_read(scope, &source) {
            let rule = Phrase::new("adapter-fault-correlation-optional");
            scope.sink.report(&name.at, rule.with("name", name.value));
        }
        sources.push(source);
    }
    if node.list().is_some_and(|list| list.is_empty()) {
        scope.sink.report(&node.at, Phrase::new("adapter-fault-correlation-empty"));
    }
    Some(Correlation::Echo(sources))
}
