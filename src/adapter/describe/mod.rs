//! The whole checked plan as one document: what `adapter describe --json` prints and the manual is made from.
//!
//! Its shape is published and frozen (`schemas/adapter.description.schema.json`): members are added, never changed. Values of
//! settings are not in it, and neither are demonstration values of secrets.

mod layout;

use serde::Serialize;

use super::naming::source_name;
use super::plan::{
    Adapter, Condition, Correlation, FormContent, FramePlan, OperationPlan, OutcomeThen, TargetPart, Transport, Verdict,
};
pub use layout::{Content, Element, Field, Message, Part};

/// The version of the document's shape.
pub const SHAPE: &str = "kuimen-adapter-1";

/// An adapter, described.
#[derive(Debug, Serialize)]
pub struct Description {
    /// [`SHAPE`].
    pub shape: &'static str,
    /// The folder's name.
    pub id: String,
    /// SHA-256 of its files.
    pub digest: String,
    /// Who it is.
    pub party: Party,
    /// How bytes travel.
    pub wire: Wire,
    /// The rule of our serial.
    pub serial: Serial,
    /// What a query can prove.
    pub query: Query,
    /// Time-outs and horizons.
    pub delivery: Delivery,
    /// What a link must supply.
    pub settings: Vec<Setting>,
    /// Every operation.
    pub operations: Vec<Operation>,
    /// What nobody has seen at a bank.
    pub invented: Vec<Invented>,
}

/// Names and evidence.
#[derive(Debug, Serialize)]
pub struct Party {
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// CNAPS number.
    pub cnaps: String,
    /// What it is modelled on.
    pub evidence: String,
    /// Not a real bank.
    pub example: bool,
}

/// Transport, charset, framing.
#[derive(Debug, Serialize)]
pub struct Wire {
    /// `tcp` or `http`.
    pub transport: &'static str,
    /// Charset of requests.
    pub charset: &'static str,
    /// Charset of replies.
    pub reply_charset: &'static str,
    /// Encoding labels accepted in an XML declaration.
    pub declared: Vec<String>,
    /// Longest message in bytes, frame included.
    pub max_bytes: usize,
    /// One request on a connection.
    pub one_request: bool,
    /// Frames over TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frames: Option<Frames>,
    /// Method, target, form and answer over HTTP, as the first operation has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
}

/// Frames of both directions.
#[derive(Debug, Serialize)]
pub struct Frames {
    /// Of requests.
    pub request: Frame,
    /// Of replies.
    pub reply: Frame,
}

/// One frame.
#[derive(Debug, Serialize)]
pub struct Frame {
    /// `prefix`, `to-end`, `fixed`, `line`, `end-tag`.
    pub kind: &'static str,
    /// The header of a prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<Field>,
    /// Whether the length counts the header too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_header: Option<bool>,
    /// Bytes of a fixed frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// The end tag that ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// HTTP around messages.
#[derive(Debug, Serialize)]
pub struct Http {
    /// Method.
    pub method: String,
    /// Request target, values in braces.
    pub target: String,
    /// Content type of requests.
    pub content_type: String,
    /// Form fields in order, values in braces; empty where the body is the message.
    pub form: Vec<(String, String)>,
    /// Text before the answer's message.
    pub reply_prefix: String,
    /// The prefix may be missing.
    pub reply_prefix_optional: bool,
    /// The answer's message is Base64.
    pub reply_base64: bool,
}

/// The rule of our serial.
#[derive(Debug, Serialize)]
pub struct Serial {
    /// `X(16)`, `9(8)`.
    pub picture: String,
    /// `wide` or `narrow`.
    pub rule: &'static str,
    /// `ever` or `day`.
    pub scope: &'static str,
    /// The bank refuses one it has seen.
    pub refuses_duplicates: bool,
    /// For how many days.
    pub window_days: u32,
}

/// What a status query can prove.
#[derive(Debug, Serialize)]
pub struct Query {
    /// There is one.
    pub supported: bool,
    /// Its "not found" counts.
    pub authoritative: bool,
    /// It has a serial of its own.
    pub own_serial: bool,
}

/// Time-outs and horizons.
#[derive(Debug, Serialize)]
pub struct Delivery {
    /// The bank's own time-out.
    pub answer_seconds: u64,
    /// Payments in one delivery.
    pub items: usize,
    /// Hours in which the same bytes may be sent again.
    pub resend_hours: u64,
    /// Hours after which people look.
    pub unknown_hours: u64,
    /// Not after the business day.
    pub today_only: bool,
}

/// A setting that a link supplies.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// Name.
    pub name: String,
    /// Picture.
    pub picture: String,
    /// Chinese title.
    pub zh: String,
    /// English title.
    pub en: String,
    /// Never shown.
    pub secret: bool,
}

/// One operation, both directions.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// `payment.pay`.
    pub operation: &'static str,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// `agency` or `bank`.
    pub initiator: &'static str,
    /// What its form rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The request.
    pub request: Message,
    /// The reply.
    pub reply: Message,
    /// Values that must come back; empty where only the connection tells.
    pub correlate: Vec<String>,
    /// What a reply means: the first rule that holds.
    pub outcome: Vec<Rule>,
    /// Canonical fields that the dialect has no place for, with the reason.
    pub absent: Vec<(&'static str, String)>,
}

/// A rule of outcomes.
#[derive(Debug, Serialize)]
pub struct Rule {
    /// All of these hold: value, condition, text.
    pub when: Vec<(String, &'static str, String)>,
    /// The value that a table is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What follows: one meaning, or the table's.
    pub means: Vec<Meaning>,
}

/// What a code, or a rule, means.
#[derive(Debug, Serialize)]
pub struct Meaning {
    /// The code; none where the rule itself decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// `YES`, `NO`, `IN_HAND`, `UNKNOWN`.
    pub occurrence: &'static str,
    /// There is no trace of the payment.
    pub not_found: bool,
    /// The serial was seen before.
    pub duplicate: bool,
    /// ISO 20022 reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// seen: …, peer: …, inferred: …, invented.
    pub source: String,
}

/// What nobody has seen at a bank.
#[derive(Debug, Serialize)]
pub struct Invented {
    /// File.
    pub file: String,
    /// Line.
    pub line: usize,
    /// What.
    pub what: String,
}

/// Describes a checked adapter.
pub fn describe(adapter: &Adapter) -> Description {
    let operations = adapter.operations.values().map(|plan| operation(adapter, plan)).collect();
    let serial = &adapter.serial;
    let kind = if serial.digits { "9" } else { "X" };
    Description {
        shape: SHAPE,
        id: adapter.id.clone(),
        digest: adapter.digest.clone(),
        party: Party {
            zh: adapter.party.zh.clone(),
            en: adapter.party.en.clone(),
            cnaps: adapter.party.cnaps.clone(),
            evidence: adapter.party.evidence.clone(),
            example: adapter.party.example,
        },
        wire: wire(adapter),
        serial: Serial {
            picture: format!("{kind}({})", serial.width),
            rule: if serial.wide { "wide" } else { "narrow" },
            scope: if serial.per_day { "day" } else { "ever" },
            refuses_duplicates: serial.refuses_duplicates,
            window_days: serial.window_days,
        },
        query: Query {
            supported: adapter.query.supported,
            authoritative: adapter.query.authoritative,
            own_serial: adapter.query.own_serial,
        },
        delivery: Delivery {
            answer_seconds: adapter.delivery.answer_seconds,
            items: adapter.delivery.items,
            resend_hours: adapter.delivery.resend_hours,
            unknown_hours: adapter.delivery.unknown_hours,
            today_only: adapter.delivery.today_only,
        },
        settings: adapter.settings.iter().map(setting).collect(),
        operations,
        invented: adapter
            .invented
            .iter()
            .map(|it| Invented { file: it.file.clone(), line: it.line, what: it.what.clone() })
            .collect(),
    }
}

fn setting(setting: &super::plan::SettingDef) -> Setting {
    Setting {
        name: setting.name.clone(),
        picture: setting.picture.to_string(),
        zh: setting.zh.clone(),
        en: setting.en.clone(),
        secret: setting.secret,
    }
}

fn wire(adapter: &Adapter) -> Wire {
    let plan = &adapter.wire;
    let first = adapter.operations.values().next();
    let frames = plan.frames.as_ref().zip(first).map(|((request, reply), first)| Frames {
        request: frame(adapter, first, request),
        reply: frame(adapter, first, reply),
    });
    Wire {
        transport: if frames.is_some() { "tcp" } else { "http" },
        charset: plan.charset.name(),
        reply_charset: plan.reply_charset.name(),
        declared: plan.declared.clone(),
        max_bytes: plan.max,
        one_request: plan.one_request,
        frames,
        http: first.and_then(|first| http(adapter, first)),
    }
}

fn frame(adapter: &Adapter, plan: &OperationPlan, frame: &FramePlan) -> Frame {
    let plain = |kind| Frame { kind, header: Vec::new(), counts_header: None, bytes: None, tag: None };
    match frame {
        FramePlan::Prefix { header, counts_all, .. } => Frame {
            header: layout::fields(adapter, plan, header, Some(0)),
            counts_header: Some(*counts_all),
            ..plain("prefix")
        },
        FramePlan::ToEnd => plain("to-end"),
        FramePlan::Fixed(bytes) => Frame { bytes: Some(*bytes), ..plain("fixed") },
        FramePlan::Line => plain("line"),
        FramePlan::EndTag(tag) => Frame { tag: Some(tag.clone()), ..plain("end-tag") },
    }
}

fn http(adapter: &Adapter, plan: &OperationPlan) -> Option<Http> {
    let Transport::Http(http) = &plan.transport else { return None };
    let value = |value| format!("{{{}}}", layout::value(adapter, plan, value));
    let target = http.target.iter().map(|part| match part {
        TargetPart::Literal(text) => text.clone(),
        TargetPart::Value(plan) => value(plan),
    });
    let form = http.form.iter().map(|field| {
        let content = match &field.content {
            FormContent::Literal(text) => text.clone(),
            FormContent::Value(plan) => value(plan),
            FormContent::Message => "{message}".to_owned(),
        };
        (field.name.clone(), content)
    });
    Some(Http {
        method: http.method.clone(),
        target: target.collect(),
        content_type: http.content_type.clone(),
        form: form.collect(),
        reply_prefix: http.reply_prefix.clone(),
        reply_prefix_optional: http.reply_prefix_optional,
        reply_base64: http.reply_base64,
    })
}

fn operation(adapter: &Adapter, plan: &OperationPlan) -> Operation {
    let def = plan.operation.def();
    let name = |source: &super::plan::Source| source_name(adapter, plan, source).into_owned();
    let rule = |rule: &super::plan::OutcomeRule| {
        let when = rule.when.iter().map(|(source, condition)| {
            let (kind, text) = match condition {
                Condition::Is(text) => ("is", text.clone()),
                Condition::Not(text) => ("not", text.clone()),
                Condition::Contains(text) => ("contains", text.clone()),
                Condition::Any(texts) => ("any", texts.join(" ")),
                Condition::Present(there) => ("present", there.to_string()),
            };
            (name(source), kind, text)
        });
        let (by, means) = match &rule.then {
            OutcomeThen::Verdict(verdict) => (None, vec![meaning(None, verdict)]),
            OutcomeThen::Table { by, codes } => {
                let entry = |(code, verdict): &(String, Verdict)| meaning(Some(code.clone()), verdict);
                (Some(name(by)), codes.iter().map(entry).collect())
            }
        };
        Rule { when: when.collect(), by, means }
    };
    Operation {
        operation: def.name,
        zh: def.zh,
        en: def.en,
        initiator: if plan.bank_initiates { "bank" } else { "agency" },
        source: plan.source.clone(),
        request: layout::message(adapter, plan, &plan.request),
        reply: layout::message(adapter, plan, &plan.reply),
        correlate: match &plan.correlation {
            Correlation::Connection => Vec::new(),
            Correlation::Echo(sources) => sources.iter().map(name).collect(),
        },
        outcome: plan.outcome.iter().map(rule).collect(),
        absent: plan.absent.iter().map(|(field, reason)| (field.name(), reason.clone())).collect(),
    }
}

fn meaning(code: Option<String>, verdict: &Verdict) -> Meaning {
    Meaning {
        code,
        occurrence: verdict.occurrence.name(),
        not_found: verdict.not_found,
        duplicate: verdict.duplicate,
        reason: verdict.reason.clone(),
        zh: verdict.zh.clone(),
        en: verdict.en.clone(),
        source: verdict.source.clone(),
    }
}
