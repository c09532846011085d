//! The checked plan: what an adapter folder becomes once it has been read, proved and compiled.
//!
//! Only data, resolved as far as it can be before the first message: no names are looked up and nothing is parsed while
//! running. `notation` and `compile` build it, `encode`, `decode` and `explain` run it.
//! What is deliberately not here: clocks, sockets, stores, logs, and the name of any bank.

use std::collections::BTreeMap;

use crate::adapter::charset::Charset;
use crate::message::{Field, Occurrence, Operation};

/// One party's interface, compiled and checked.
#[derive(Debug)]
pub struct Adapter {
    /// The folder's name, e.g. the `bank` of a payment.
    pub id: String,
    /// SHA-256 over file names and contents, samples excluded; lower-case hex.
    pub digest: String,
    /// Who it is.
    pub party: Party,
    /// How its messages travel.
    pub wire: WirePlan,
    /// The rule for our serial.
    pub serial: SerialRule,
    /// What its status query can do.
    pub query: QueryRule,
    /// Time-outs and horizons.
    pub delivery: DeliveryRule,
    /// Settings that a link must supply; `Source::Setting` indexes this list.
    pub settings: Vec<SettingDef>,
    /// The compiled operations.
    pub operations: BTreeMap<Operation, OperationPlan>,
    /// Where codes marked `invented` stand (file:line), so that `serve` can refuse them.
    pub invented: Vec<Invented>,
}

impl Adapter {
    /// Method, content type and reply wrapping over HTTP: the same for every operation. `None` over TCP.
    pub fn http(&self) -> Option<&HttpPlan> {
        self.operations.values().find_map(|operation| match &operation.transport {
            Transport::Http(http) => Some(http),
            Transport::Tcp { .. } => None,
        })
    }
}

/// Names and evidence of a party.
#[derive(Debug)]
pub struct Party {
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// CNAPS number of the head office, 12 digits.
    pub cnaps: String,
    /// What the adapter is modelled on.
    pub evidence: String,
    /// Not a real bank.
    pub example: bool,
}

/// A code table entry (or outcome rule) that nobody has seen at a bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invented {
    /// File inside the adapter folder.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is invented, e.g. `codes.result.E000001`.
    pub what: String,
}

/// Transport, charset, framing.
#[derive(Debug)]
pub struct WirePlan {
    /// Charset of requests.
    pub charset: Charset,
    /// Charset of replies.
    pub reply_charset: Charset,
    /// Encoding labels accepted in an XML declaration, compared without case.
    pub declared: Vec<String>,
    /// Longest message in bytes, frame included.
    pub max: usize,
    /// One request per connection, closed after one answer.
    pub one_request: bool,
    /// Frames of requests and replies over TCP; `None` over HTTP.
    pub frames: Option<(FramePlan, FramePlan)>,
}

/// The two ways bytes travel.
#[derive(Debug)]
pub enum Transport {
    /// Bare TCP (TLS below it), with a frame each way.
    Tcp {
        /// Frame of requests.
        request: FramePlan,
        /// Frame of replies.
        reply: FramePlan,
    },
    /// HTTP/1.1.
    Http(HttpPlan),
}

/// Where a message begins and ends on a stream.
#[derive(Debug, Clone)]
pub enum FramePlan {
    /// A header with the length in it.
    Prefix {
        /// The header, with exactly one `Source::FrameLength` field.
        header: Vec<RecordField>,
        /// Sum of the header's widths, bytes.
        header_len: usize,
        /// The number counts header and body (else body only).
        counts_all: bool,
    },
    /// Until the peer closes.
    ToEnd,
    /// Always this many bytes.
    Fixed(usize),
    /// Until LF, which is part of the frame.
    Line,
}

/// An HTTP dialect.
#[derive(Debug)]
pub struct HttpPlan {
    /// e.g. `POST`.
    pub method: String,
    /// Request target: literals and values, values percent-encoded.
    pub target: Vec<TargetPart>,
    /// `Content-Type` of the request.
    pub content_type: String,
    /// Ordered form fields; empty: the body is the message itself.
    pub form: Vec<FormField>,
    /// Text that may or must stand before the answer's message.
    pub reply_prefix: String,
    /// The prefix may be missing.
    pub reply_prefix_optional: bool,
    /// The answer's message is Base64.
    pub reply_base64: bool,
}

/// A piece of a request target.
#[derive(Debug, Clone)]
pub enum TargetPart {
    /// As it stands.
    Literal(String),
    /// A value.
    Value(ValuePlan),
}

/// One field of a form body.
#[derive(Debug)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub content: FormContent,
}

/// What a form field holds.
#[derive(Debug)]
pub enum FormContent {
    /// Always this text.
    Literal(String),
    /// A value.
    Value(ValuePlan),
    /// The (sealed) message bytes, percent-encoded.
    Message,
}

/// How our serial is made.
#[derive(Debug, Clone)]
pub struct SerialRule {
    /// Free characters.
    pub width: usize,
    /// Digits only (`9(n)`), else upper-case base32.
    pub digits: bool,
    /// Keyed HMAC of the payment (else a counter lane with one owner).
    pub wide: bool,
    /// Unique per business date only (else for ever).
    pub per_day: bool,
    /// The bank refuses a serial it has seen.
    pub refuses_duplicates: bool,
    /// For how many days it remembers.
    pub window_days: u32,
}

/// What a status query can prove.
#[derive(Debug, Clone)]
pub struct QueryRule {
    /// There is one.
    pub supported: bool,
    /// Its "not found" is evidence.
    pub authoritative: bool,
    /// It carries a serial of its own.
    pub own_serial: bool,
}

/// Time-outs and horizons.
#[derive(Debug, Clone)]
pub struct DeliveryRule {
    /// The bank's own answer time-out, real seconds.
    pub answer_seconds: u64,
    /// Most payments in one delivery.
    pub items: usize,
    /// Policy hours in which an automatic resend is allowed.
    pub resend_hours: u64,
    /// Policy hours after which an open message goes to people.
    pub unknown_hours: u64,
    /// No resend after the business day.
    pub today_only: bool,
}

/// A setting the link must supply.
#[derive(Debug, Clone)]
pub struct SettingDef {
    /// Its name, without `setting.`.
    pub name: String,
    /// Its picture.
    pub picture: Picture,
    /// Chinese title.
    pub zh: String,
    /// English title.
    pub en: String,
    /// Never shown, never logged, never inline in a configuration.
    pub secret: bool,
    /// Value used by demo and simulation.
    pub demo: Option<String>,
}

/// One operation, both directions.
#[derive(Debug)]
pub struct OperationPlan {
    /// Which.
    pub operation: Operation,
    /// The bank sends the request and we answer.
    pub bank_initiates: bool,
    /// Our request.
    pub request: MessagePlan,
    /// The bank's reply.
    pub reply: MessagePlan,
    /// How the bytes travel; an operation's own, because constants in an HTTP form or target differ by operation.
    pub transport: Transport,
    /// How a reply is known to be ours.
    pub correlation: Correlation,
    /// First rule that holds decides; none: unknown.
    pub outcome: Vec<OutcomeRule>,
    /// Names of `local.…` values; `Source::Local` indexes this list.
    pub locals: Vec<String>,
    /// Canonical fields that the dialect has no place for, with the reason.
    pub absent: Vec<(Field, String)>,
}

/// How a reply is known to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correlation {
    /// Nothing is echoed: one request per connection.
    Connection,
    /// These values must be echoed and equal.
    Echo(Vec<Source>),
}

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

/// A value: where from, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePlan {
    /// Where from.
    pub source: Source,
    /// How.
    pub conversion: Conversion,
}

/// Where a value comes from (and goes to, when read).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A canonical field; of the item where inside a repeated group, else of the one payment.
    Field(Field),
    /// `item.number`, from 1.
    ItemNumber,
    /// `items | count`.
    ItemCount,
    /// `items | sum amount`.
    ItemSum,
    /// `serial`.
    Serial,
    /// `sent_at`.
    SentAt,
    /// `business_date`.
    BusinessDate,
    /// `original.serial`.
    OriginalSerial,
    /// `original.sent_at`.
    OriginalSentAt,
    /// `original.business_date`.
    OriginalBusinessDate,
    /// `original.bank_serial`.
    OriginalBankSerial,
    /// Index into `Adapter::settings`.
    Setting(usize),
    /// `bank_code`.
    BankCode,
    /// `bank_text`.
    BankText,
    /// `bank_serial`.
    BankSerial,
    /// Index into `OperationPlan::locals`.
    Local(usize),
    /// `frame.length`.
    FrameLength,
    /// `mac.NAME`.
    Mac(Box<MacPlan>),
}

/// How a value stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// As it is. For an amount in a picture with a scale: the digits of the fen.
    Plain,
    /// Digits of the fen.
    Fen,
    /// `1234.50`.
    Yuan,
    /// An instant or a date.
    Date(Vec<DatePart>),
    /// One-to-one table: (canonical, bank).
    Map(Vec<(String, String)>),
    /// Part `index` (from 0) of a split.
    Part {
        /// The split.
        split: SplitPlan,
        /// Which part, from 0.
        index: usize,
    },
}

/// A piece of a date pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatePart {
    /// `yyyy`
    Year,
    /// `MM`
    Month,
    /// `dd`
    Day,
    /// `HH`
    Hour,
    /// `mm`
    Minute,
    /// `ss`
    Second,
    /// `SSS`
    Millisecond,
    /// Anything else.
    Literal(char),
}

/// One value over several fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPlan {
    /// The value that is split.
    pub of: Field,
    /// The field whose code chooses.
    pub on: Field,
    /// (code, widths of the parts in bytes): `Exact(0)` is an empty part.
    pub cases: Vec<(String, Vec<PartWidth>)>,
}

/// The width of a part of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartWidth {
    /// Exactly so many bytes.
    Exact(usize),
    /// The rest, at most so many bytes (only the last part, only in a case whose other parts are empty).
    Rest(usize),
}

/// A MAC over named fields of the same record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MacPlan {
    /// Its name.
    pub name: String,
    /// Names of the covered fields, in this order.
    pub over: Vec<String>,
    /// Text between two fields.
    pub join: String,
    /// ASCII characters that stay; others are dropped. Empty: all stay.
    pub keep: String,
    /// Runs of spaces become one.
    pub collapse: bool,
    /// Index of the key in `Adapter::settings`.
    pub key: usize,
}

/// A seal around the whole message.
#[derive(Debug, Clone)]
pub struct SealPlan {
    /// Its name.
    pub name: String,
    /// Index of the key in `Adapter::settings`.
    pub key: usize,
}

/// An XML message: nodes in template (written) order; node 0 is the root.
#[derive(Debug)]
pub struct XmlLayout {
    /// `<?xml version="1.0" encoding="…"?>` as written in the template, if it has one; read: optional either way.
    pub declaration: Option<String>,
    /// All elements; children are indices into this list.
    pub nodes: Vec<XmlNode>,
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

/// One outcome rule.
#[derive(Debug, Clone)]
pub struct OutcomeRule {
    /// All must hold.
    pub when: Vec<(Source, Condition)>,
    /// What follows.
    pub then: OutcomeThen,
}

/// What a rule decides.
#[derive(Debug, Clone)]
pub enum OutcomeThen {
    /// This.
    Verdict(Verdict),
    /// The table's entry for this value; none: unknown.
    Table {
        /// The value that is looked up.
        by: Source,
        /// The table.
        codes: Vec<(String, Verdict)>,
    },
}

/// A condition on one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Equal; an absent value is not.
    Is(String),
    /// Different, or absent.
    Not(String),
    /// Holds this text.
    Contains(String),
    /// One of these.
    Any(Vec<String>),
    /// There at all, or not.
    Present(bool),
}

/// What a code means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Did the payment happen?
    pub occurrence: Occurrence,
    /// Queries: no trace of the payment (`occurrence` is unknown).
    pub not_found: bool,
    /// It says that this serial was seen before (`occurrence` is unknown): look, do not fail.
    pub duplicate: bool,
    /// ISO 20022 external reason code, e.g. `AC04`.
    pub reason: Option<String>,
    /// Chinese meaning.
    pub zh: String,
    /// English meaning.
    pub en: String,
    /// Nobody has seen it at a bank.
    pub invented: bool,
    /// seen: …, peer: …, inferred: …, invented.
    pub source: String,
}
