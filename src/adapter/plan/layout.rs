//! What a message looks like: records and element trees, and what stands in each place.

use super::{SealPlan, ValuePlan};
use crate::adapter::charset::Charset;

/// One direction of one operation.
#[derive(Debug)]
pub struct MessagePlan {
    /// Charset of the text.
    pub charset: Charset,
    /// Record or XML.
    pub layout: Layout,
    /// Seal around the message, before framing.
    pub seal: Option<SealPlan>,
}

/// The two media.
#[derive(Debug)]
pub enum Layout {
    /// A sequence of parts.
    Record(RecordLayout),
    /// An element tree.
    Xml(XmlLayout),
}

/// A record message.
#[derive(Debug, Clone)]
pub struct RecordLayout {
    /// In order.
    pub parts: Vec<RecordPart>,
    /// The variants, if one of the parts is `RecordPart::Variant`: (value, fields); `None` is `*`.
    pub variants: Vec<(Option<String>, Vec<RecordField>)>,
    /// The name of the field that chooses; it is the first field of every variant, with the same picture.
    pub variant_on: Option<String>,
    /// Whether any field is a MAC: only then is it remembered where fields stand.
    pub(in crate::adapter) has_mac: bool,
}

/// A piece of a record message.
#[derive(Debug, Clone)]
pub enum RecordPart {
    /// Literal bytes, compared when read.
    Literal {
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Fields one after the other.
    Fields {
        /// The part's name.
        name: String,
        /// Its fields.
        fields: Vec<RecordField>,
    },
    /// A group, repeated.
    Repeat {
        /// The part's name.
        name: String,
        /// How often; `None`: once per item.
        times: Option<usize>,
        /// Its fields.
        fields: Vec<RecordField>,
    },
    /// Fields with a delimiter between them.
    Delimited {
        /// The part's name.
        name: String,
        /// The delimiter, ASCII.
        delimiter: u8,
        /// There is one after the last field too.
        trailing: bool,
        /// Its fields.
        fields: Vec<RecordField>,
    },
    /// Fields of which a bitmap in front of them says which are there (ISO 8583): eight bytes, sixteen where a bit above 64 is set.
    Bitmap {
        /// The part's name.
        name: String,
        /// Its fields, by rising bit.
        fields: Vec<RecordField>,
        /// For each field its bit, from 2, and whether it may be missing.
        bits: Vec<(u8, bool)>,
    },
    /// The chosen variant's fields.
    Variant,
}

/// One field of a record.
#[derive(Debug, Clone)]
pub struct RecordField {
    /// The bank's name for it.
    pub name: String,
    /// Chinese title.
    pub zh: String,
    /// Its picture.
    pub picture: Picture,
    /// Blanks or zeros go to the left.
    pub right: bool,
    /// Fill byte.
    pub fill: u8,
    /// What it holds.
    pub content: Content,
}

/// The COBOL picture of a field; widths are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// `X(n)`: text.
    X(usize),
    /// `9(n)` or `9(n)V99`: digits, of which the last `scale` follow an implied point.
    Nine {
        /// All digits.
        digits: usize,
        /// Digits after the implied point (0 or 2).
        scale: usize,
    },
    /// `G(n)`: text that may hold multi-byte characters.
    G(usize),
    /// `LLVAR(n)`, `LLLVAR(n)`: length digits, then at most n bytes.
    Var {
        /// 2 or 3.
        prefix: usize,
        /// Most bytes.
        max: usize,
    },
    /// `BCD(n)`: digits, two in a byte; of an odd number the first half byte is zero.
    Bcd {
        /// All digits.
        digits: usize,
    },
    /// `S9(n)`: a sign of its own, then digits.
    Signed {
        /// Digits, without the sign.
        digits: usize,
        /// The sign of what is not negative.
        plus: u8,
        /// The sign of what is.
        minus: u8,
    },
    /// `B(n)`: raw bytes, or an unsigned number.
    B {
        /// How many.
        bytes: usize,
        /// As a number.
        number: Option<ByteOrder>,
    },
}

/// Order of the bytes of a binary number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Most significant first.
    Big,
    /// Least significant first.
    Little,
}

/// What a field, an element's text or an attribute holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Written, and compared when read.
    Literal(String),
    /// Not looked at when read; the simulator writes the text.
    Skip(String),
    /// A value.
    Value(ValuePlan),
    /// Nothing but children (XML only).
    Children,
    /// A record in the element's text (XML only).
    Record(Box<RecordLayout>),
}

/// An XML message: nodes in template (written) order; node 0 is the root.
#[derive(Debug)]
pub struct XmlLayout {
    /// `<?xml version="1.0" encoding="…"?>` as written in the template, if it has one; read: optional either way.
    pub declaration: Option<String>,
    /// All elements; children are indices into this list.
    pub nodes: Vec<XmlNode>,
    /// How it is written, made from all of the above.
    pub(in crate::adapter) steps: Vec<Step>,
}

/// A step of writing a template.
#[derive(Debug)]
pub(in crate::adapter) enum Step {
    /// Markup and literal texts, in the charset of the message.
    Bytes(Vec<u8>),
    /// The value or the record in a node's text, or in one of its attributes.
    Value {
        /// Index into `XmlLayout::nodes`.
        node: usize,
        /// Index into `XmlNode::attributes`.
        attribute: Option<usize>,
    },
    /// An element that may be left out or stands once per item.
    Element {
        /// Index into `XmlLayout::nodes`.
        node: usize,
        /// How one of it is written.
        steps: Vec<Step>,
    },
}

/// One element of a template.
#[derive(Debug)]
pub struct XmlNode {
    /// The name that is written.
    pub name: String,
    /// Other names accepted when read.
    pub also: Vec<String>,
    /// Attributes, in written order.
    pub attributes: Vec<(String, Content)>,
    /// The attribute whose text tells it from siblings of the same name.
    pub by: Option<usize>,
    /// What stands inside.
    pub content: Content,
    /// Indices of child elements, in written order.
    pub children: Vec<usize>,
    /// Once per item.
    pub each: bool,
    /// May be missing.
    pub optional: bool,
    /// Children in any order.
    pub any_order: bool,
    /// Other children are skipped.
    pub skip_others: bool,
    /// Blanks around the value are not part of it.
    pub trim: bool,
}

impl XmlNode {
    /// The name and text of the attribute that tells it from siblings of the same name.
    pub fn mark(&self) -> Option<(&str, &str)> {
        match self.attributes.get(self.by?)? {
            (name, Content::Literal(text)) => Some((name, text)),
            (_, Content::Children | Content::Skip(_) | Content::Value(_) | Content::Record(_)) => None,
        }
    }
}
