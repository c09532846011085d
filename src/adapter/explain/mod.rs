//! What every byte of a message is: the reader's own account of reading it, laid out as rows.
//!
//! The rows of a layer cover its bytes once and in order: values, literals, markup. Personal data is masked, in the raw
//! column too, unless the caller reveals it (and keeps the audit of that). Where a message is refused, the rows go up to
//! the fault and the fault says why. Deliberately absent: a second parser. What is told here is what decoding does.

mod markup;
mod mask;
mod render;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

pub use render::render;

use crate::adapter::charset::Charset;
use crate::adapter::convert::{self, Spelling};
use crate::adapter::decode::trace::{Kind, Piece, Trace};
use crate::adapter::decode::{Bytes, Context, watch};
use crate::adapter::naming::source_name;
use crate::adapter::plan::{Adapter, OperationPlan, ValuePlan};
use crate::adapter::runtime::{Refusal, Settings, Wire};
use crate::lang::Lang;
use mask::Shown;

/// Every byte of a message, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// In order: layer by layer, byte by byte.
    pub rows: Vec<Row>,
    /// Why the message is refused, if it is; its offset counts in the layer of the last row read.
    pub fault: Option<Refusal>,
    /// The layer that the fault is in.
    pub fault_layer: Option<String>,
}

/// A range of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// `target`, `wire` (the frame or HTTP body), or what the wire wraps: a form field's name, `message` in Base64.
    pub layer: String,
    /// First byte in the layer.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// The bank's name for it; empty for markup and separators.
    pub field: String,
    /// The picture of a record's field; else `element`, `text`, `literal`, `value`, `skip`, `seal`, `layer`.
    pub picture: String,
    /// The bytes as text, control characters escaped; in hexadecimal after `0x` where they are not text.
    pub raw: String,
    /// What stands there without fill and escapes; money in yuan.
    pub value: Option<String>,
    /// Where it belongs in canonical terms, and its canonical spelling where that is another one.
    pub canonical: Option<String>,
    /// Something in the row is hidden.
    pub masked: bool,
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Explanation", 2)?;
        out.serialize_field("rows", &self.rows)?;
        let fault = self.fault.as_ref().map(|fault| {
            serde_json::json!({
                "code": fault.code,
                "layer": self.fault_layer,
                "field": fault.field,
                "at": fault.at,
                "zh": fault.rule.text(Lang::Zh),
                "en": fault.rule.text(Lang::En),
            })
        });
        out.serialize_field("fault", &fault)?;
        out.end()
    }
}

impl Adapter {
    /// Explains a request, its target and envelope included. `reveal` shows personal data.
    pub fn explain_request(&self, plan: &OperationPlan, wire: &Wire, settings: &Settings, reveal: bool) -> Explanation {
        let context = Context { adapter: self, plan, settings };
        explain(&context, plan.request.charset, Bytes::Request(wire), reveal)
    }

    /// Explains a reply, its envelope included. Nothing that was sent is needed, so nothing is compared with it.
    pub fn explain_reply(&self, plan: &OperationPlan, bytes: &[u8], settings: &Settings, reveal: bool) -> Explanation {
        let context = Context { adapter: self, plan, settings };
        explain(&context, plan.reply.charset, Bytes::Reply(bytes), reveal)
    }

    /// Explains the message of a request alone, without frame or form.
    pub fn explain_request_message(
        &self,
        plan: &OperationPlan,
        bytes: &[u8],
        settings: &Settings,
        reveal: bool,
    ) -> Explanation {
        let context = Context { adapter: self, plan, settings };
        explain(&context, plan.request.charset, Bytes::RequestMessage(bytes), reveal)
    }

    /// Explains the message of a reply alone, without frame, prefix or Base64.
    pub fn explain_reply_message(
        &self,
        plan: &OperationPlan,
        bytes: &[u8],
        settings: &Settings,
        reveal: bool,
    ) -> Explanation {
        let context = Context { adapter: self, plan, settings };
        explain(&context, plan.reply.charset, Bytes::ReplyMessage(bytes), reveal)
    }
}

fn explain(context: &Context<'_>, charset: Charset, bytes: Bytes<'_>, reveal: bool) -> Explanation {
    let mut listener =
        Listener { context, charset, reveal, layer: String::new(), bytes: Vec::new(), at: 0, rows: vec![] };
    let fault = watch(context, bytes, &mut listener).err();
    listener.finish(fault)
}

/// Turns what the reader tells into rows.
struct Listener<'x, 'p> {
    context: &'x Context<'p>,
    charset: Charset,
    reveal: bool,
    layer: String,
    bytes: Vec<u8>,
    /// Everything before this offset has its row.
    at: usize,
    rows: Vec<Row>,
}

impl Trace for Listener<'_, '_> {
    const ON: bool = true;

    fn layer(&mut self, name: &str, bytes: &[u8]) {
        self.fill(self.bytes.len());
        name.clone_into(&mut self.layer);
        self.bytes = bytes.to_vec();
        self.at = 0;
    }

    fn piece(&mut self, piece: Piece<'_>) {
        self.fill(piece.start);
        if self.at != piece.start {
            return;
        }
        let raw = self.bytes.get(piece.start..piece.end).unwrap_or_default();
        let shown = mask::show(self.context, self.charset, &piece, raw, self.reveal);
        let canonical = match piece.kind {
            Kind::Value(value) => Some(self.canonical(value, &piece, &shown)),
            Kind::Wrapping if !piece.field.is_empty() && piece.field != "seal" => Some("…".to_owned()),
            Kind::Literal | Kind::Skip(_) | Kind::Wrapping => None,
        };
        let Shown { raw, value, masked } = shown;
        let picture = match (piece.picture, piece.kind) {
            (Some(picture), _) => picture.to_string(),
            (None, Kind::Literal) => "literal".to_owned(),
            (None, Kind::Skip(_)) => "skip".to_owned(),
            (None, Kind::Value(_)) => "value".to_owned(),
            (None, Kind::Wrapping) if piece.field == "seal" => "seal".to_owned(),
            (None, Kind::Wrapping) => "layer".to_owned(),
        };
        let value = value.map(|text| self.value(&piece, text));
        self.rows.push(Row {
            layer: self.layer.clone(),
            start: piece.start,
            end: piece.end,
            field: piece.field.to_owned(),
            picture,
            raw,
            value,
            canonical,
            masked,
        });
        self.at = piece.end;
    }
}

impl Listener<'_, '_> {
    /// The value column: money as people read it, everything else as it stands.
    fn value(&self, piece: &Piece<'_>, shown: String) -> String {
        let Kind::Value(value) = piece.kind else {
            return shown;
        };
        money(value, piece.text, piece.spelling).map_or(shown, |fen| fen.grouped_yuan())
    }

    /// The canonical name, and the canonical value where it is spelled differently and may be seen.
    fn canonical(&self, value: &ValuePlan, piece: &Piece<'_>, shown: &Shown) -> String {
        let name = source_name(self.context.adapter, self.context.plan, &value.source);
        let text = piece.text.unwrap_or_default();
        let canonical = match money(value, piece.text, piece.spelling) {
            Some(fen) => Some(fen.to_string()),
            None if convert::is_number(&value.source) => {
                convert::read_number(text, piece.spelling).ok().map(|number| number.to_string())
            }
            None => convert::read_text(text.into(), &value.conversion).ok().map(|text| text.into_owned()),
        };
        match canonical.filter(|canonical| canonical != text && !shown.masked) {
            Some(canonical) => format!("{name} = {canonical}"),
            None => name.into_owned(),
        }
    }

    /// Rows for everything between what was told before and `to`: markup and what the template passes over.
    fn fill(&mut self, to: usize) {
        let to = to.min(self.bytes.len());
        if self.at >= to {
            return;
        }
        let gap = self.bytes.get(self.at..to).unwrap_or_default();
        for piece in markup::split(self.charset, gap) {
            let (raw, masked) = mask::markup(&piece, self.reveal);
            self.rows.push(Row {
                layer: self.layer.clone(),
                start: self.at.saturating_add(piece.start),
                end: self.at.saturating_add(piece.end),
                field: String::new(),
                picture: if piece.tag { "element" } else { "text" }.to_owned(),
                raw,
                value: None,
                canonical: None,
                masked,
            });
        }
        self.at = to;
    }

    fn finish(mut self, fault: Option<Refusal>) -> Explanation {
        let Some(refusal) = &fault else {
            self.fill(self.bytes.len());
            return Explanation { rows: self.rows, fault: None, fault_layer: None };
        };
        // Nothing behind the fault is claimed to be understood.
        let end = refusal.at.unwrap_or(self.at).min(self.bytes.len());
        let layer = self.layer.clone();
        while let Some(row) = self.rows.pop_if(|row| row.layer == layer && row.end > end) {
            self.at = row.start;
        }
        self.fill(end);
        Explanation { rows: self.rows, fault, fault_layer: Some(layer) }
    }
}

fn money(value: &ValuePlan, text: Option<&str>, spelling: Spelling) -> Option<crate::message::Fen> {
    if !convert::is_money(&value.source) {
        return None;
    }
    convert::read_money(text?, &value.conversion, spelling).ok()
}
