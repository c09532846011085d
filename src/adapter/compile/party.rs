//! `adapter.toml` without its tables: who the party is, how its messages travel, serials, queries, horizons.

use crate::adapter::charset::Charset;
use crate::adapter::compile::source_label;
use crate::adapter::fault::Sink;
use crate::adapter::notation::picture;
use crate::adapter::notation::reader::{Table, Text};
use crate::adapter::plan::{DeliveryRule, Invented, Party, Picture, QueryRule, SerialRule};
use crate::lang::Phrase;
use crate::message::value::cnaps::{check_digit, is_cnaps};

/// Free characters that a keyed serial needs: 80 bits, so that two never meet by chance.
const WIDE: usize = 16;
/// What a counter serial needs: shard 1, counter 6, check 1. A million payments of one bank in one day are more than enough.
const NARROW: usize = 8;

/// Reads `[party]` and the deviations.
pub(super) fn party<'a>(sink: &Sink<'a>, root: &Table<'a>) -> Option<Party> {
    for node in root.get("deviations").and_then(|node| node.list()).unwrap_or_default() {
        let Some(table) = node.table() else { continue };
        table.need_text("date");
        let _ = table.need("what").and_then(|node| bilingual(&node.table()?));
        if let Some(source) = table.need_text("source") {
            source_label(sink, &source);
        }
        table.text("sample");
        table.close();
    }
    let table = root.need("party")?.table()?;
    let name = table.need("name").and_then(|node| bilingual(&node.table()?));
    let cnaps = table.need_text("cnaps");
    let evidence = table.need_text("evidence");
    let example = table.flag("example");
    table.close();
    let cnaps = cnaps?;
    if !(is_cnaps(cnaps.value) && check_digit(cnaps.value)) {
        sink.report(&cnaps.at, Phrase::new("adapter-fault-cnaps"));
    }
    let (zh, en) = name?;
    Some(Party { zh, en, cnaps: cnaps.value.to_owned(), evidence: evidence?.value.to_owned(), example })
}

fn bilingual(table: &Table<'_>) -> Option<(String, String)> {
    let zh = table.need_text("zh");
    let en = table.need_text("en");
    Some((zh?.value.to_owned(), en?.value.to_owned()))
}

/// A charset by name, or a fault.
pub(super) fn charset<'a>(sink: &Sink<'a>, text: &Text<'a>) -> Option<Charset> {
    let found = Charset::from_name(text.value);
    if found.is_none() {
        let known: Vec<&str> = Charset::ALL.into_iter().map(Charset::name).collect();
        sink.report(&text.at, Phrase::new("adapter-fault-unknown-charset").with("known", known.join(" | ")));
    }
    found
}

/// Reads `[serial]`.
pub(super) fn serial<'a>(sink: &Sink<'a>, root: &Table<'a>, invented: &mut Vec<Invented>) -> Option<SerialRule> {
    let table = root.need("serial")?.table()?;
    let text = table.need_text("picture");
    let wide = table.choice("rule", &[("wide", true), ("narrow", false)], None);
    let per_day = table.choice("scope", &[("ever", false), ("day", true)], None);
    let refuses_duplicates = table.need("refuses_duplicates").and_then(|node| node.flag());
    let window = table.get("window_days");
    let window_days = window.as_ref().and_then(|node| node.number());
    if refuses_duplicates == Some(true) && window.is_none() {
        table.need("window_days");
    }
    if let Some(source) = table.need_text("source")
        && source_label(sink, &source)
    {
        invented.push(noted(sink, &source, "serial"));
    }
    table.close();
    let text = text?;
    let (width, digits) = match picture::parse(text.value) {
        Some(Picture::X(width)) => (width, false),
        Some(Picture::Nine { digits, scale: 0 }) => (digits, true),
        Some(
            Picture::Nine { .. }
            | Picture::Bcd { .. }
            | Picture::Signed { .. }
            | Picture::G(_)
            | Picture::Var { .. }
            | Picture::B { .. },
        )
        | None => {
            sink.report(&text.at, Phrase::new("adapter-fault-picture-syntax"));
            return None;
        }
    };
    let wide = wide?;
    let least = if wide { WIDE } else { NARROW };
    if width < least {
        let rule = Phrase::new("adapter-fault-serial-too-narrow");
        sink.report(&text.at, rule.with("width", width).with("least", least));
    }
    let window_days = u32::try_from(window_days.unwrap_or(0)).ok()?;
    Some(SerialRule { width, digits, wide, per_day: per_day?, refuses_duplicates: refuses_duplicates?, window_days })
}

/// An entry that nobody has seen at a bank.
pub(super) fn noted<'a>(sink: &Sink<'a>, source: &Text<'a>, what: &str) -> Invented {
    Invented { file: source.at.file.to_owned(), line: sink.line(&source.at), what: what.to_owned() }
}

/// Reads `[query]`.
pub(super) fn query<'a>(sink: &Sink<'a>, root: &Table<'a>, invented: &mut Vec<Invented>) -> Option<QueryRule> {
    let table = root.need("query")?.table()?;
    let supported = table.need("supported").and_then(|node| node.flag());
    let authoritative = table.flag("authoritative");
    let own_serial = table.flag("own_serial");
    if let Some(source) = table.text("source")
        && source_label(sink, &source)
    {
        invented.push(noted(sink, &source, "query"));
    }
    table.close();
    Some(QueryRule { supported: supported?, authoritative, own_serial })
}

/// Reads `[delivery]`.
pub(super) fn delivery<'a>(sink: &Sink<'a>, root: &Table<'a>, serial: Option<&SerialRule>) -> Option<DeliveryRule> {
    let table = root.need("delivery")?.table()?;
    let needed = |key: &str| table.need(key).and_then(|node| node.number());
    let answer_seconds = needed("answer_seconds");
    let items = table.get("items").map_or(Some(1), |node| node.number());
    let resend_hours = needed("resend_hours");
    let unknown_hours = needed("unknown_hours");
    let today_only = table.flag("today_only");
    let resend_at = table.get("resend_hours").map_or_else(|| table.at.clone(), |node| node.at);
    for (key, value) in [("answer_seconds", answer_seconds), ("items", items)] {
        if value == Some(0) {
            sink.report(&table.key_at(key), Phrase::new("adapter-fault-zero"));
        }
    }
    table.close();
    let hours = |hours: Option<usize>| hours.and_then(|hours| u64::try_from(hours).ok());
    let resend_hours = hours(resend_hours)?;
    // Behind its window the bank has forgotten the serial: a resend would pay again.
    if let Some(serial) = serial
        && serial.refuses_duplicates
        && resend_hours >= u64::from(serial.window_days) * 24
    {
        sink.report(&resend_at, Phrase::new("adapter-fault-resend-beyond-window").with("days", serial.window_days));
    }
    Some(DeliveryRule {
        answer_seconds: hours(answer_seconds)?,
        items: items?,
        resend_hours,
        unknown_hours: hours(unknown_hours)?,
        today_only,
    })
}
