//! Record messages: parts in order, fields in order, and the proof that every byte belongs to exactly one field.
//!
//! A record is a sequence, so its bytes are covered by construction. What can be wrong is what the author believes about
//! offsets: a field may say `at = 7` and a part `size = 163`, and both must agree with the widths before them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::adapter::compile::field;
use crate::adapter::compile::scope::{Scope, Spot};
use crate::adapter::convert::may_be_empty;
use crate::adapter::fault::At;
use crate::adapter::notation::reader::{Node, Table, Text};
use crate::adapter::plan::{Content, Picture, RecordField, RecordLayout, RecordPart, Source};
use crate::lang::Phrase;

/// The records of one message by name, each to be used by a part, a variant or an element. Behind them stand those that
/// the operations share, under names of their own.
pub(super) struct Records<'a> {
    entries: Vec<(Text<'a>, Node<'a>)>,
    used: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Records<'a> {
    pub(super) fn read(scope: &Scope<'_, 'a>, message: &Table<'a>) -> Records<'a> {
        let entries = message.table("records").map(|table| table.entries()).unwrap_or_default();
        for (key, _) in entries.iter().filter(|(key, _)| scope.tables.records.has(key.value)) {
            scope.sink.report(&key.at, Phrase::new("adapter-fault-record-shared").with("name", key.value));
        }
        Records { entries, used: RefCell::default() }
    }

    fn take(&self, scope: &Scope<'_, 'a>, name: &str) -> Option<Node<'a>> {
        let Some((key, node)) = self.entries.iter().find(|(key, _)| key.value == name) else {
            return scope.tables.records.take(name).map(|(_, shared)| shared.value.clone());
        };
        self.used.borrow_mut().insert(key.value);
        Some(node.clone())
    }

    /// Reports records that nothing refers to.
    pub(super) fn report_unused(&self, scope: &Scope<'_, 'a>, variants: bool) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.used.borrow().contains(key.value)) {
            let rule = if variants {
                Phrase::new("adapter-fault-unreachable-variant")
            } else {
                Phrase::new("adapter-fault-unused")
            };
            scope.sink.report(&key.at, rule.with("name", key.value));
        }
    }
}

/// The record that stands in an element's text.
pub(super) fn embedded<'a>(
    scope: &Scope<'_, 'a>,
    records: &Records<'a>,
    name: &str,
    at: &At<'a>,
    spot: Spot,
) -> Option<RecordLayout> {
    let Some(node) = records.take(scope, name) else {
        scope.sink.report(at, Phrase::new("adapter-fault-unknown-part").with("name", name));
        return None;
    };
    let part = part(scope, name, &node, Spot { record: true, ..spot }, at)?;
    Some(RecordLayout::new(vec![part], Vec::new(), None))
}

/// A whole record message.
pub(super) fn layout<'a>(scope: &Scope<'_, 'a>, message: &Table<'a>, records: &Records<'a>) -> Option<RecordLayout> {
    let sink = scope.sink;
    let spot = Spot { record: true, ..Spot::default() };
    let mut parts: Vec<(At<'a>, RecordPart)> = Vec::new();
    let mut variants = None;
    for node in message.need("parts")?.list()? {
        let Some(text) = node.text() else { continue };
        let part = if let Some(node) = records.take(scope, text.value) {
            part(scope, text.value, &node, spot, &text.at)
        } else if text.value == "variant" {
            variants = self::variants(scope, message, records);
            Some(RecordPart::Variant)
        } else if is_name(text.value) {
            sink.report(&text.at, Phrase::new("adapter-fault-unknown-part").with("name", text.value));
            None
        } else {
            literal(scope, &text)
        };
        scope.broken.set(scope.broken.get() || part.is_none());
        parts.extend(part.map(|part| (text.at, part)));
    }
    // Asked for here too, so that they are known keys where no part is a variant.
    if variants.is_none() && !parts.iter().any(|(_, part)| matches!(part, RecordPart::Variant)) {
        for key in ["on", "variants"] {
            if let Some(node) = message.get(key) {
                sink.report(&node.at, Phrase::new("adapter-fault-variants-without-part"));
            }
        }
    }
    check_order(scope, &parts);
    let (variant_on, variants) = variants.unwrap_or_default();
    Some(RecordLayout::new(parts.into_iter().map(|(_, part)| part).collect(), variants, variant_on))
}

/// Two or more characters that make an identifier name a part; everything else is literal bytes.
fn is_name(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn literal<'a>(scope: &Scope<'_, 'a>, text: &Text<'a>) -> Option<RecordPart> {
    let mut bytes = Vec::new();
    if text.value.is_empty() || scope.charset.encode_into(text.value, &mut bytes).is_err() {
        scope.sink.report(&text.at, Phrase::new("adapter-fault-unmappable"));
        return None;
    }
    Some(RecordPart::Literal { bytes })
}

fn part<'a>(scope: &Scope<'_, 'a>, name: &str, node: &Node<'a>, spot: Spot, at: &At<'a>) -> Option<RecordPart> {
    let sink = scope.sink;
    let name = name.to_owned();
    if node.is_list() {
        return Some(RecordPart::Fields { name, fields: fields(scope, node, spot, None)?.fields });
    }
    let table = node.table()?;
    let list = table.need("fields");
    let size = table.get("size").and_then(|node| Some((node.number()?, node.at)));
    let repeat = table.get("repeat");
    let delimited = table.text("delimited");
    let trailing = table.flag("trailing");
    let bitmap = table.flag("bitmap");
    table.close();
    let list = list?;
    if bitmap {
        if repeat.is_some() || delimited.is_some() || size.is_some() || spot.grouped {
            sink.report(at, Phrase::new("adapter-fault-bitmap-alone"));
        }
        return self::bitmap(scope, name, &list, spot);
    }
    let part = match (repeat, delimited) {
        (Some(repeat), None) => {
            let grouped = Spot { grouped: true, ..spot };
            let times = if repeat.is_text() {
                let text = repeat.text()?;
                if text.value != "items" {
                    sink.report(&text.at, Phrase::new("adapter-fault-repeat-what"));
                }
                None
            } else {
                Some(repeat.number()?)
            };
            let before = scope.uses.borrow().len();
            let row = fields(scope, &list, grouped, None)?;
            check_size(scope, size, &row);
            let about_item = |source: &Source| matches!(source, Source::Field(_) | Source::ItemNumber);
            let uses = scope.uses.borrow();
            if times.is_none() && !uses.iter().skip(before).any(|used| about_item(&used.plan.source)) {
                sink.report(&repeat.at, Phrase::new("adapter-fault-repeat-without-items"));
            }
            RecordPart::Repeat { name, times, fields: row.fields }
        }
        (None, Some(delimiter)) => {
            let [byte] = delimiter.value.as_bytes() else {
                sink.report(&delimiter.at, Phrase::new("adapter-fault-delimiter"));
                return None;
            };
            let fields = fields(scope, &list, spot, Some(*byte))?.fields;
            RecordPart::Delimited { name, delimiter: *byte, trailing, fields }
        }
        (Some(_), Some(delimiter)) => {
            sink.report(&delimiter.at, Phrase::new("adapter-fault-delimiter"));
            return None;
        }
        (None, None) => {
            let row = fields(scope, &list, spot, None)?;
            check_size(scope, size, &row);
            RecordPart::Fields { name, fields: row.fields }
        }
    };
    if spot.grouped && matches!(part, RecordPart::Repeat { .. }) {
        sink.report(at, Phrase::new("adapter-fault-repeat-order"));
    }
    Some(part)
}

/// Fields that a bitmap in front of them announces.
fn bitmap<'a>(scope: &Scope<'_, 'a>, name: String, list: &Node<'a>, spot: Spot) -> Option<RecordPart> {
    let row = rows(scope, list, spot, None)?;
    let mut bits = Vec::new();
    for (field, bit) in row.fields.iter().zip(&row.bits) {
        let Some((bit, at)) = bit else {
            scope.sink.report(&list.at, Phrase::new("adapter-fault-bit-missing").with("name", &field.name));
            continue;
        };
        // 1 says that a second bitmap follows, 65 would say that of a third.
        let number = u8::try_from(*bit).ok().filter(|bit| (2..=128).contains(bit) && *bit != 65);
        let rises = bits.last().is_none_or(|(before, _)| number > Some(*before));
        let Some(number) = number.filter(|_| rises) else {
            scope.sink.report(at, Phrase::new("adapter-fault-bit-number"));
            continue;
        };
        let may_be_missing = match &field.content {
            Content::Value(plan) => may_be_empty(scope.operation, &plan.source),
            Content::Skip(_) => true,
            Content::Literal(_) | Content::Children | Content::Record(_) => false,
        };
        bits.push((number, may_be_missing));
    }
    (bits.len() == row.fields.len()).then_some(RecordPart::Bitmap { name, fields: row.fields, bits })
}

fn check_size(scope: &Scope<'_, '_>, size: Option<(usize, At<'_>)>, row: &Row<'_>) {
    if let Some((size, at)) = size
        && row.whole
        && row.width != Some(size)
    {
        let sum = row.width.map_or_else(|| "?".to_owned(), |sum| sum.to_string());
        scope.sink.report(&at, Phrase::new("adapter-fault-size-mismatch").with("size", size).with("sum", sum));
    }
}

/// Fields one after the other.
pub(super) struct Row<'a> {
    pub(super) fields: Vec<RecordField>,
    /// The sum of their widths; `None` where one varies.
    pub(super) width: Option<usize>,
    /// Every field could be read.
    pub(super) whole: bool,
    /// The bit that each field names, with its place; only fields behind a bitmap have one.
    bits: Vec<Option<(usize, At<'a>)>>,
}

/// Reads fields that stand one after the other, whatever they say.
pub(super) fn fields<'a>(scope: &Scope<'_, 'a>, list: &Node<'a>, spot: Spot, delimiter: Option<u8>) -> Option<Row<'a>> {
    let row = rows(scope, list, spot, delimiter)?;
    for (_, at) in row.bits.iter().flatten() {
        scope.sink.report(at, Phrase::new("adapter-fault-bit-without-bitmap"));
    }
    Some(row)
}

/// Reads fields.
fn rows<'a>(scope: &Scope<'_, 'a>, list: &Node<'a>, spot: Spot, delimiter: Option<u8>) -> Option<Row<'a>> {
    let sink = scope.sink;
    let mut fields: Vec<RecordField> = Vec::new();
    let mut offset = Some(0);
    let mut macs = Vec::new();
    let mut bits = Vec::new();
    let mut whole = true;
    for node in list.list()? {
        let Some(table) = node.table() else { continue };
        let declared = table.get("at").and_then(|node| Some((node.number()?, node.at)));
        let name = table.text("name");
        let bit = table.get("bit").and_then(|node| Some((node.number()?, node.at)));
        let field = field::read(scope, &table, spot);
        let content = ["is", "from", "skip"].into_iter().find_map(|key| table.get(key));
        let content_at = content.map_or_else(|| table.at.clone(), |node| node.at);
        table.close();
        if let Some((declared, at)) = declared.filter(|_| whole) {
            check_offset(scope, declared, offset.filter(|_| delimiter.is_none()), &at);
        }
        let Some(field) = field else {
            whole = false;
            scope.broken.set(true);
            continue;
        };
        offset = offset.and_then(|offset| Some(offset + field.picture.width()?));
        if let Some(name) = name.filter(|_| fields.iter().any(|before| before.name == field.name)) {
            sink.report(&name.at, Phrase::new("adapter-fault-duplicate-field").with("name", name.value));
        }
        if let (Some(delimiter), Content::Literal(text) | Content::Skip(text)) = (delimiter, &field.content)
            && text.bytes().any(|byte| byte == delimiter)
        {
            sink.report(&content_at, Phrase::new("adapter-fault-literal-delimiter"));
        }
        if let Content::Value(plan) = &field.content
            && let Source::Mac(mac) = &plan.source
        {
            macs.push((mac.clone(), field.name.clone(), content_at.clone()));
        }
        if let (Some(_), Picture::Bcd { .. } | Picture::Signed { .. }) = (delimiter, field.picture) {
            sink.report(&content_at, Phrase::new("adapter-fault-packed-delimited"));
        }
        bits.push(bit);
        fields.push(field);
    }
    for (mac, own, at) in macs {
        for covered in &mac.over {
            let plain = |field: &RecordField| field.name == *covered && !matches!(field.picture, Picture::Bcd { .. });
            if *covered == own || whole && !fields.iter().any(plain) {
                sink.report(&at, Phrase::new("adapter-fault-mac-field").with("name", covered));
            }
        }
    }
    Some(Row { fields, width: offset, whole, bits })
}

/// A declared offset must be the computed one.
fn check_offset(scope: &Scope<'_, '_>, declared: usize, computed: Option<usize>, at: &At<'_>) {
    let Some(computed) = computed else {
        scope.sink.report(at, Phrase::new("adapter-fault-offset-varies"));
        return;
    };
    let rule = match declared.cmp(&computed) {
        std::cmp::Ordering::Equal => return,
        std::cmp::Ordering::Greater => Phrase::new("adapter-fault-gap"),
        std::cmp::Ordering::Less => Phrase::new("adapter-fault-overlap"),
    };
    scope.sink.report(at, rule.with("declared", declared).with("computed", computed));
}

/// The variants: the name of the choosing field and each variant's fields.
#[expect(clippy::type_complexity, reason = "the two lists of `RecordLayout`, in its order")]
fn variants<'a>(
    scope: &Scope<'_, 'a>,
    message: &Table<'a>,
    records: &Records<'a>,
) -> Option<(Option<String>, Vec<(Option<String>, Vec<RecordField>)>)> {
    let sink = scope.sink;
    let on = message.need_text("on");
    let table = message.need("variants")?.table()?;
    let mut variants: Vec<(Option<String>, Vec<RecordField>)> = Vec::new();
    let mut first = None;
    let on = on?;
    for (index, (value, node)) in table.entries().into_iter().enumerate() {
        let Some(name) = node.text() else { continue };
        let Some(record) = records.take(scope, name.value) else {
            sink.report(&name.at, Phrase::new("adapter-fault-unknown-part").with("name", name.value));
            continue;
        };
        let spot = Spot { record: true, variant: Some(index), ..Spot::default() };
        let Some(Row { fields, .. }) = fields(scope, &record, spot, None) else { continue };
        let star = value.value == "*";
        if let Some(chooser) = fields.first() {
            if chooser.name != on.value {
                sink.report(&name.at, Phrase::new("adapter-fault-discriminator-not-first").with("name", on.value));
            } else if *first.get_or_insert(chooser.picture) != chooser.picture {
                sink.report(&name.at, Phrase::new("adapter-fault-discriminator-differs").with("name", on.value));
            }
            let literal = match &chooser.content {
                Content::Literal(text) => Some(text.as_str()),
                Content::Skip(_) | Content::Value(_) | Content::Children | Content::Record(_) => None,
            };
            let excluded = literal.is_some_and(|literal| star || literal != value.value);
            let too_wide =
                scope.charset.encoded_len(value.value).map_or(true, |width| width > chooser.picture.longest());
            if !star && (too_wide || excluded) {
                sink.report(&value.at, Phrase::new("adapter-fault-unreachable-variant").with("name", value.value));
            }
        }
        variants.push(((!star).then(|| value.value.to_owned()), fields));
    }
    if !variants.iter().any(|(value, _)| value.is_none()) {
        sink.report(&table.at, Phrase::new("adapter-fault-variants-without-star"));
    }
    // `*` is what is left, wherever it stands in the file.
    variants.sort_by_key(|(value, _)| value.is_none());
    Some((Some(on.value.to_owned()), variants))
}

/// Where a group or an open last field ends must be plain from the bytes before it.
fn check_order<'a>(scope: &Scope<'_, 'a>, parts: &[(At<'a>, RecordPart)]) {
    let counted = scope.uses.borrow().iter().any(|used| used.plan.source == Source::ItemCount);
    let mut groups = 0;
    for (index, (at, part)) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        match part {
            RecordPart::Delimited { trailing: false, .. } if !last => {
                scope.sink.report(at, Phrase::new("adapter-fault-delimited-not-last"));
            }
            RecordPart::Repeat { times: None, .. } => {
                groups += 1;
                if groups > 1 || (!last && !counted) {
                    scope.sink.report(at, Phrase::new("adapter-fault-repeat-order"));
                }
            }
            RecordPart::Literal { .. }
            | RecordPart::Fields { .. }
            | RecordPart::Repeat { .. }
            | RecordPart::Delimited { .. }
            | RecordPart::Bitmap { .. }
            | RecordPart::Variant => {}
        }
    }
}
