//! Messages, described: the parts and fields of records, the elements of trees.

use serde::Serialize;

use crate::adapter::naming::source_name;
use crate::adapter::plan::{
    self, Adapter, Conversion, DatePart, Layout, MessagePlan, OperationPlan, Picture, RecordField, RecordLayout,
    RecordPart, ValuePlan, XmlLayout,
};

/// One direction of an operation.
#[derive(Debug, Serialize)]
pub struct Message {
    /// Charset of its text.
    pub charset: &'static str,
    /// The seal around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// How it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal_algorithm: Option<&'static str>,
    /// Where it stands: text with `{message}` and one of `{hex}`, `{HEX}`, `{base64}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal_place: Option<String>,
    /// A record: its parts in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// A tree: the declaration that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// A tree: its elements in written order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<Element>,
}

/// A part of a record.
#[derive(Debug, Serialize)]
pub struct Part {
    /// `literal`, `fields`, `items`, `repeat`, `delimited`, `bitmap`, `variant`.
    pub kind: &'static str,
    /// Its name; for a variant the value that chooses it, `*` for all others.
    pub name: String,
    /// How often, or with which delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Its fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug, Serialize)]
pub struct Field {
    /// The bit that announces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit: Option<u8>,
    /// The bank's name.
    pub name: String,
    /// Chinese title.
    pub zh: String,
    /// Picture.
    pub picture: String,
    /// Where it begins in its part, bytes from 0; none behind a field of varying width.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// Its bytes; none where they vary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// `left` or `right`: where the value stands.
    pub justify: &'static str,
    /// The byte around it, two hexadecimal digits.
    pub fill: String,
    /// What stands in it.
    pub content: Content,
}

/// What stands in a place.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Always this text.
    Literal {
        /// The text.
        text: String,
    },
    /// Whatever; not looked at.
    Skip {
        /// What a simulated bank writes.
        text: String,
    },
    /// A value.
    Value {
        /// Where from, and how written: `amount | fen`.
        value: String,
        /// The canonical title of its field.
        #[serde(skip_serializing_if = "Option::is_none")]
        zh: Option<&'static str>,
        /// How a MAC is made, or which part of a split value stands here.
        #[serde(skip_serializing_if = "Option::is_none")]
        how: Option<String>,
        /// Canonical code and the bank's, where it is mapped.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        map: Vec<(String, String)>,
    },
    /// Nothing but other elements.
    Children,
    /// A record in an element's text.
    Record {
        /// Its parts.
        parts: Vec<Part>,
    },
}

/// An element of a tree.
#[derive(Debug, Serialize)]
pub struct Element {
    /// How deep it stands; the root is 0.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Other names by which it is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, Content)>,
    /// What stands inside.
    pub content: Content,
    /// It may be missing.
    pub optional: bool,
    /// Once per item.
    pub each: bool,
    /// Its children come in any order.
    pub any_order: bool,
    /// Other children are skipped.
    pub skip_others: bool,
    /// Blanks around its value are not part of it.
    pub trim: bool,
}

pub(super) fn message(adapter: &Adapter, plan: &OperationPlan, message: &MessagePlan) -> Message {
    let (parts, declaration, elements) = match &message.layout {
        Layout::Record(layout) => (parts(adapter, plan, layout), None, Vec::new()),
        Layout::Xml(layout) => (Vec::new(), layout.declaration.clone(), elements(adapter, plan, layout)),
    };
    let seal = message.seal.as_ref();
    Message {
        charset: message.charset.name(),
        seal: seal.map(|seal| seal.name.clone()),
        seal_algorithm: seal.map(|seal| seal.algorithm.name()),
        seal_place: seal.map(|seal| seal.place.template()),
        parts,
        declaration,
        elements,
    }
}

fn parts(adapter: &Adapter, plan: &OperationPlan, layout: &RecordLayout) -> Vec<Part> {
    let described = |own: &[RecordField]| fields(adapter, plan, own, Some(0));
    let mut parts = Vec::new();
    for part in &layout.parts {
        let (kind, name, how, fields) = match part {
            RecordPart::Literal { bytes } => ("literal", String::from_utf8_lossy(bytes).into_owned(), None, Vec::new()),
            RecordPart::Fields { name, fields } => ("fields", name.clone(), None, described(fields)),
            RecordPart::Repeat { name, times: None, fields } => ("items", name.clone(), None, described(fields)),
            RecordPart::Repeat { name, times: Some(times), fields } => {
                ("repeat", name.clone(), Some(times.to_string()), described(fields))
            }
            RecordPart::Delimited { name, delimiter, trailing, fields: own } => {
                let how = format!("{}{}", char::from(*delimiter), if *trailing { " (trailing)" } else { "" });
                ("delimited", name.clone(), Some(how), fields(adapter, plan, own, None))
            }
            RecordPart::Bitmap { name, fields: own, bits } => {
                let mut described = fields(adapter, plan, own, None);
                for (field, (bit, _)) in described.iter_mut().zip(bits) {
                    field.bit = Some(*bit);
                }
                ("bitmap", name.clone(), None, described)
            }
            RecordPart::Variant => {
                for (value, own) in &layout.variants {
                    let name = value.clone().unwrap_or_else(|| "*".to_owned());
                    let how = layout.variant_on.clone();
                    parts.push(Part { kind: "variant", name, how, fields: described(own) });
                }
                continue;
            }
        };
        parts.push(Part { kind, name, how, fields });
    }
    parts
}

pub(super) fn fields(
    adapter: &Adapter,
    plan: &OperationPlan,
    fields: &[RecordField],
    mut offset: Option<usize>,
) -> Vec<Field> {
    let mut described = Vec::with_capacity(fields.len());
    for field in fields {
        let bytes = field.picture.width();
        described.push(Field {
            bit: None,
            name: field.name.clone(),
            zh: field.zh.clone(),
            picture: picture(field.picture),
            offset,
            bytes,
            justify: if field.right { "right" } else { "left" },
            fill: format!("{:02x}", field.fill),
            content: content(adapter, plan, &field.content),
        });
        offset = offset.zip(bytes).map(|(offset, bytes)| offset.saturating_add(bytes));
    }
    described
}

/// The picture, with what the notation says beside it.
fn picture(picture: Picture) -> String {
    match picture {
        Picture::Signed { plus, minus, .. } => format!("{picture} {}{}", char::from(plus), char::from(minus)),
        Picture::B { number: Some(plan::ByteOrder::Big), .. } => format!("{picture} big"),
        Picture::B { number: Some(plan::ByteOrder::Little), .. } => format!("{picture} little"),
        Picture::X(_)
        | Picture::G(_)
        | Picture::Nine { .. }
        | Picture::Bcd { .. }
        | Picture::Var { .. }
        | Picture::B { number: None, .. } => picture.to_string(),
    }
}

fn content(adapter: &Adapter, plan: &OperationPlan, content: &plan::Content) -> Content {
    match content {
        plan::Content::Literal(text) => Content::Literal { text: text.clone() },
        plan::Content::Skip(text) => Content::Skip { text: text.clone() },
        plan::Content::Value(value) => {
            let zh = if let plan::Source::Field(field) = &value.source {
                Some(crate::message::dictionary::def(*field).zh)
            } else {
                None
            };
            let map = if let Conversion::Map(pairs) = &value.conversion { pairs.clone() } else { Vec::new() };
            Content::Value { value: self::value(adapter, plan, value), zh, how: how(value), map }
        }
        plan::Content::Children => Content::Children,
        plan::Content::Record(layout) => Content::Record { parts: parts(adapter, plan, layout) },
    }
}

/// Where a value comes from and how it is written.
pub(super) fn value(adapter: &Adapter, plan: &OperationPlan, value: &ValuePlan) -> String {
    let name = source_name(adapter, plan, &value.source);
    match &value.conversion {
        Conversion::Plain => name.into_owned(),
        Conversion::Fen => format!("{name} | fen"),
        Conversion::Yuan => format!("{name} | yuan"),
        Conversion::Date(parts) => format!("{name} | date {}", parts.iter().map(date).collect::<String>()),
        Conversion::Map(_) => format!("{name} | map"),
        Conversion::Part { index, .. } => format!("{name} | part {}", index.saturating_add(1)),
    }
}

/// What a name alone does not say: the making of a MAC, the cases of a split.
fn how(value: &ValuePlan) -> Option<String> {
    if let plan::Source::Mac(mac) = &value.source {
        let keep = if mac.keep.is_empty() { String::new() } else { format!("; kept: {}", mac.keep) };
        let collapse = if mac.collapse { "; runs of blanks become one" } else { "" };
        let joined = format!("{} over {} joined by \"{}\"", mac.algorithm.name(), mac.over.join(", "), mac.join);
        return Some(format!("{joined}{keep}{collapse}"));
    }
    let Conversion::Part { split, index } = &value.conversion else { return None };
    let case = |(code, widths): &(String, Vec<plan::PartWidth>)| {
        let width = match widths.get(*index) {
            Some(plan::PartWidth::Exact(bytes)) => format!("{bytes} bytes"),
            Some(plan::PartWidth::Rest(bytes)) => format!("the rest, at most {bytes} bytes"),
            None => "nothing".to_owned(),
        };
        format!("{code}: {width}")
    };
    let cases: Vec<String> = split.cases.iter().map(case).collect();
    Some(format!("by {}: {}", split.on.name(), cases.join("; ")))
}

fn date(part: &DatePart) -> String {
    match part {
        DatePart::Year => "yyyy".to_owned(),
        DatePart::Month => "MM".to_owned(),
        DatePart::Day => "dd".to_owned(),
        DatePart::Hour => "HH".to_owned(),
        DatePart::Minute => "mm".to_owned(),
        DatePart::Second => "ss".to_owned(),
        DatePart::Millisecond => "SSS".to_owned(),
        DatePart::Literal(letter) => letter.to_string(),
    }
}

fn elements(adapter: &Adapter, plan: &OperationPlan, layout: &XmlLayout) -> Vec<Element> {
    let mut elements = Vec::with_capacity(layout.nodes.len());
    let mut waiting = vec![(0_usize, 0_usize)];
    while let Some((index, depth)) = waiting.pop() {
        let Some(node) = layout.nodes.get(index) else { continue };
        let attribute = |(name, of): &(String, plan::Content)| (name.clone(), content(adapter, plan, of));
        elements.push(Element {
            depth,
            name: node.name.clone(),
            also: node.also.clone(),
            attributes: node.attributes.iter().map(attribute).collect(),
            content: content(adapter, plan, &node.content),
            optional: node.optional,
            each: node.each,
            any_order: node.any_order,
            skip_others: node.skip_others,
            trim: node.trim,
        });
        waiting.extend(node.children.iter().rev().map(|child| (*child, depth.saturating_add(1))));
    }
    elements
}
