//! The checked plan: what an adapter folder becomes once it has been read, proved and compiled.
//!
//! Only data, resolved as far as it can be before the first message: no names are looked up and nothing is parsed while
//! running. `notation` and `compile` build it, `encode`, `decode` and `explain` run it.
//! In reading order: the adapter as a whole here, then [`wire`] (bytes on a stream), [`layout`] (messages), [`value`] (what
//! stands in them), [`outcome`] (what replies mean).
//! What is deliberately not here: clocks, sockets, stores, logs, and the name of any bank.

mod layout;
mod outcome;
mod seal;
mod value;
mod wire;

use std::collections::BTreeMap;

use crate::adapter::charset::Charset;
use crate::message::{Field, Operation};

pub(in crate::adapter) use layout::Step;
pub use layout::{
    ByteOrder, Content, Layout, MessagePlan, Picture, RecordField, RecordLayout, RecordPart, XmlLayout, XmlNode,
};
pub use outcome::{Condition, OutcomeRule, OutcomeThen, Verdict};
pub use seal::{SealAlgorithm, SealKey, SealPlace, SealPlan, SealSide, SealSpelling};
pub use value::{Conversion, DatePart, MacAlgorithm, MacPlan, PartWidth, Source, SplitPlan, ValuePlan};
pub use wire::{FormContent, FormField, FramePlan, HttpPlan, TargetPart, Transport};

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
    /// The MAC or the seal whose key it is.
    pub key_of: Option<KeyOf>,
    /// Value used by demo and simulation.
    pub demo: Option<String>,
}

/// What a setting is the key of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOf {
    /// Of a MAC.
    Mac(MacAlgorithm),
    /// Of a seal.
    Seal(SealAlgorithm, SealKey),
}

impl KeyOf {
    /// The algorithm's name in the notation.
    pub const fn name(self) -> &'static str {
        match self {
            KeyOf::Mac(algorithm) => algorithm.name(),
            KeyOf::Seal(algorithm, _) => algorithm.name(),
        }
    }

    /// Whether a setting's text is such a key.
    pub fn takes(self, text: &str) -> bool {
        match self {
            KeyOf::Mac(algorithm) => algorithm.takes(text),
            KeyOf::Seal(algorithm, whose) => crate::adapter::seal::takes(algorithm, whose, text),
        }
    }
}

/// One operation, both directions.
#[derive(Debug)]
pub struct OperationPlan {
    /// Which.
    pub operation: Operation,
    /// What it rests on: `seen: …`, `peer: …`, `inferred: …`, `invented: …`.
    pub source: Option<String>,
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
