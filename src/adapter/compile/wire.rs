//! How messages travel: `[wire]`, `[frame]`, `[http]`.

use crate::adapter::charset::Charset;
use crate::adapter::compile::conversion::{Kind, kind};
use crate::adapter::compile::party::charset;
use crate::adapter::compile::record;
use crate::adapter::compile::scope::{Resolved, Scope, Spot};
use crate::adapter::fault::Sink;
use crate::adapter::notation::reader::{Node, Table, Text};
use crate::adapter::notation::value::{Piece, pieces};
use crate::adapter::plan::{
    Content, Conversion, FormContent, FormField, FramePlan, HttpPlan, Picture, RecordField, Source, TargetPart,
    ValuePlan,
};
use crate::lang::Phrase;

/// `[wire]` without the transport's own section.
pub(super) struct Wire {
    pub(super) charset: Charset,
    pub(super) reply_charset: Charset,
    pub(super) declared: Vec<String>,
    pub(super) max: usize,
    pub(super) one_request: bool,
    pub(super) http: bool,
}

/// Reads `[wire]`.
pub(super) fn wire<'a>(sink: &Sink<'a>, root: &Table<'a>) -> Option<Wire> {
    let table = root.need("wire")?.table()?;
    let request = table.need_text("charset").and_then(|text| charset(sink, &text));
    let reply = table.text("reply_charset").map(|text| charset(sink, &text));
    let http = table.choice("transport", &[("tcp", false), ("http", true)], None);
    let one_request = table.choice("connection", &[("one-request", true), ("kept", false)], None);
    let max = table.need("max").and_then(|node| node.number());
    let declared = table.get("declared").and_then(|node| node.list()).unwrap_or_default();
    table.close();
    let charset = request?;
    Some(Wire {
        charset,
        reply_charset: reply.unwrap_or(Some(charset))?,
        declared: declared.iter().filter_map(Node::text).map(|text| text.value.to_owned()).collect(),
        max: max?,
        one_request: one_request?,
        http: http?,
    })
}

/// Reads the section of the transport. The HTTP target and form are compiled once per operation, because constants differ;
/// see `http`.
pub(super) fn frames<'a>(scope: &Scope<'_, 'a>, root: &Table<'a>, max: usize) -> Option<(FramePlan, FramePlan)> {
    let table = root.need("frame")?.table()?;
    let sides = (table.get("request"), table.get("reply"));
    let plans = match sides {
        (None, None) => {
            let plan = frame(scope, &table, max)?;
            Some((plan.clone(), plan))
        }
        (request, reply) => {
            for (key, node) in [("request", &request), ("reply", &reply)] {
                if node.is_none() {
                    table.need(key);
                }
            }
            let one = |node: Option<Node<'a>>| {
                let table = node?.table()?;
                let plan = frame(scope, &table, max);
                table.close();
                plan
            };
            let (request, reply) = (one(request), one(reply));
            Some((request?, reply?))
        }
    };
    table.close();
    plans
}

fn frame<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>, max: usize) -> Option<FramePlan> {
    let kinds = [("prefix", 0), ("to-end", 1), ("fixed", 2), ("line", 3), ("end-tag", 4)];
    match table.choice("kind", &kinds, None)? {
        0 => prefix(scope, table, max),
        1 => Some(FramePlan::ToEnd),
        2 => {
            let size = table.need("size")?;
            let bytes = size.number()?;
            if bytes == 0 || bytes > max {
                scope.sink.report(&size.at, Phrase::new("adapter-fault-frame-size").with("max", max));
            }
            Some(FramePlan::Fixed(bytes))
        }
        3 => Some(FramePlan::Line),
        _ => {
            let tag = table.need("tag")?.text()?;
            let name = tag.value.strip_prefix("</").and_then(|rest| rest.strip_suffix('>'));
            let is_tag =
                name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            if !is_tag {
                scope.sink.report(&tag.at, Phrase::new("adapter-fault-end-tag"));
            }
            Some(FramePlan::EndTag(tag.value.to_owned()))
        }
    }
}

fn prefix<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>, max: usize) -> Option<FramePlan> {
    let sink = scope.sink;
    let header = table.need("header");
    let counts = table.choice("counts", &[("all", true), ("body", false)], None);
    let header = header?;
    let record::Row { fields, width, whole, .. } = record::fields(scope, &header, Spot::default(), None)?;
    let Some(header_len) = width.filter(|_| whole) else {
        if whole {
            sink.report(&header.at, Phrase::new("adapter-fault-frame-header-varies"));
        }
        return None;
    };
    let lengths: Vec<&RecordField> = fields.iter().filter(|field| is_length(field)).collect();
    let [length] = lengths.as_slice() else {
        sink.report(&header.at, Phrase::new("adapter-fault-frame-length").with("found", lengths.len()));
        return None;
    };
    let counts_all = counts?;
    let most = if counts_all { max } else { max.saturating_sub(header_len) };
    if largest(length.picture).is_some_and(|largest| largest < most) {
        sink.report(&header.at, Phrase::new("adapter-fault-frame-length-narrow").with("max", most));
    }
    Some(FramePlan::Prefix { header: fields, header_len, counts_all })
}

fn is_length(field: &RecordField) -> bool {
    matches!(&field.content, Content::Value(ValuePlan { source: Source::FrameLength, conversion: _ }))
}

/// The largest number that a picture holds; `None` where that is beyond any length.
fn largest(picture: Picture) -> Option<usize> {
    match picture {
        Picture::X(digits) | Picture::Nine { digits, scale: _ } => {
            10_usize.checked_pow(u32::try_from(digits).ok()?).map(|power| power - 1)
        }
        Picture::B { bytes, number: _ } => 256_usize.checked_pow(u32::try_from(bytes).ok()?).map(|power| power - 1),
        Picture::Bcd { digits } => 10_usize.checked_pow(u32::try_from(digits).ok()?).map(|power| power - 1),
        Picture::G(_) | Picture::Signed { .. } | Picture::Var { .. } => Some(0),
    }
}

/// Reads `[http]` for one operation.
pub(super) fn http<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>) -> Option<HttpPlan> {
    let sink = scope.sink;
    let method = table.need_text("method");
    let target = table.need_text("target");
    let content_type = table.need_text("content_type");
    let reply = table.table("reply");
    let form_node = table.get("form");
    let form = form_node.as_ref().and_then(|node| node.list()).unwrap_or_default();
    let form: Vec<FormField> = form.iter().filter_map(|node| form_field(scope, &node.table()?)).collect();
    let bodies = form.iter().filter(|field| matches!(field.content, FormContent::Message)).count();
    if let Some(node) = form_node.filter(|_| bodies != 1) {
        sink.report(&node.at, Phrase::new("adapter-fault-form-body").with("found", bodies));
    }
    let target = target.and_then(|target| self::target(scope, &target));
    let (mut reply_prefix, mut reply_prefix_optional, mut reply_base64) = (String::new(), false, false);
    if let Some(reply) = reply {
        reply_prefix = reply.text("prefix").map(|text| text.value.to_owned()).unwrap_or_default();
        reply_prefix_optional = reply.flag("prefix_optional");
        reply_base64 = reply.choice("encoding", &[("plain", false), ("base64", true)], Some(false)).unwrap_or(false);
        reply.close();
    }
    let method = method?;
    if !["POST", "PUT", "GET"].contains(&method.value) {
        sink.report(&method.at, Phrase::new("adapter-fault-not-one-of").with("allowed", "POST | PUT | GET"));
    }
    Some(HttpPlan {
        method: method.value.to_owned(),
        target: target?,
        content_type: content_type?.value.to_owned(),
        form,
        reply_prefix,
        reply_prefix_optional,
        reply_base64,
    })
}

fn form_field<'a>(scope: &Scope<'_, 'a>, table: &Table<'a>) -> Option<FormField> {
    let name = table.need_text("name");
    let is = table.text("is");
    let from = table.text("from");
    let body = table.flag("body");
    let count = usize::from(is.is_some()) + usize::from(from.is_some()) + usize::from(body);
    if count != 1 {
        scope.sink.report(&table.at, Phrase::new("adapter-fault-one-content"));
        return None;
    }
    let content = match (is, from) {
        (Some(is), _) => FormContent::Literal(is.value.to_owned()),
        (None, Some(from)) => match scope.resolve_text(&from, Spot::default())? {
            Resolved::Value(plan) => {
                open_value(scope, &plan, &from);
                FormContent::Value(plan)
            }
            Resolved::Literal(text) => FormContent::Literal(text),
        },
        (None, None) => FormContent::Message,
    };
    Some(FormField { name: name?.value.to_owned(), content })
}

/// Reads a request target: text with values in braces.
fn target<'a>(scope: &Scope<'_, 'a>, text: &Text<'a>) -> Option<Vec<TargetPart>> {
    let found = match pieces(text.value) {
        Ok(found) => found,
        Err((range, rule)) => {
            scope.sink.report(&text.part(range), rule);
            return None;
        }
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let mut parts = Vec::new();
    for piece in found {
        match piece {
            Piece::Literal(word) => {
                if !plain(word.text) || (word.range.start == 0 && !word.text.starts_with('/')) {
                    scope.sink.report(&text.part(word.range.clone()), Phrase::new("adapter-fault-target"));
                }
                parts.push(TargetPart::Literal(word.text.to_owned()));
            }
            Piece::Braces(word) => match scope.resolve(text, &word, Spot::default())? {
                Resolved::Literal(text) => parts.push(TargetPart::Literal(text)),
                Resolved::Value(plan) => {
                    // Targets are written to access logs on the way.
                    if let Source::Setting(index) = plan.source
                        && scope.tables.settings.0.get(index).is_some_and(|setting| setting.value.secret)
                    {
                        scope
                            .sink
                            .report(&text.part(word.range.clone()), Phrase::new("adapter-fault-secret-in-target"));
                    }
                    open_value(scope, &plan, text);
                    parts.push(TargetPart::Value(plan));
                }
            },
        }
    }
    Some(parts)
}

/// Outside a picture an amount needs a conversion.
fn open_value<'a>(scope: &Scope<'_, 'a>, plan: &ValuePlan, text: &Text<'a>) {
    if kind(&plan.source) == Kind::Amount && plan.conversion == Conversion::Plain {
        scope.sink.report(&text.at, Phrase::new("adapter-fault-amount-needs-conversion"));
    }
}
