//! What a bank's answer says in canonical terms, whatever format it came in.
//!
//! As JSON, members in this order and absent ones left out:
//!
//! ```json
//! { "occurrence": "YES", "not_found": true, "bank_code": "…", "bank_text": "…", "reason": "AC04",
//!   "bank_serial": "…", "amount": 123450, "account": "…", "serial": "…",
//!   "card": { "social_status": "active" }, "details": { "…": "…" } }
//! ```
//!
//! Between `serial` and `details` stand the fields that the operation asks for, as they stand in requests.
//! `not_found` is written only where it is true. Texts are as the bank wrote them, also empty or with odd characters:
//! a bank's answer is evidence, and evidence is not tidied.

use std::borrow::Cow;
use std::fmt;

use serde_json::json;

use super::json::{self, Node};
use super::north;
use super::problem::Problem;
use super::record::Record;
use super::shape::Shape;
use super::value::Fen;
use crate::lang::Phrase;
use crate::redact;

#[cfg(test)]
mod tests;

/// Whether the payment happened, by what the bank said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurrence {
    /// It happened.
    Yes,
    /// It did not happen and will not.
    No,
    /// The bank has it and has not finished.
    InHand,
    /// Nobody can tell from this answer; every code that is not listed says this.
    Unknown,
}

impl Occurrence {
    /// All four.
    pub const ALL: [Occurrence; 4] = [Occurrence::Yes, Occurrence::No, Occurrence::InHand, Occurrence::Unknown];

    /// The name in canonical replies: `YES`, `NO`, `IN_HAND`, `UNKNOWN`.
    pub fn name(self) -> &'static str {
        match self {
            Occurrence::Yes => "YES",
            Occurrence::No => "NO",
            Occurrence::InHand => "IN_HAND",
            Occurrence::Unknown => "UNKNOWN",
        }
    }

    /// The occurrence of a name.
    pub fn from_name(name: &str) -> Option<Occurrence> {
        Occurrence::ALL.into_iter().find(|occurrence| occurrence.name() == name)
    }
}

/// What an adapter yields from a bank's reply. `None` where the dialect does not say.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// Whether the payment happened.
    pub occurrence: Occurrence,
    /// The bank's query says it has never seen the serial. Then `occurrence` is `Unknown`: absence is evidence to be
    /// counted, not a refusal.
    pub not_found: bool,
    /// The bank's own result code.
    pub bank_code: Option<String>,
    /// The bank's own words.
    pub bank_text: Option<String>,
    /// ISO 20022 external reason code that the adapter gives for this bank code, e.g. `AC04`.
    pub reason: Option<String>,
    /// The bank's own serial.
    pub bank_serial: Option<String>,
    /// The amount the bank echoed.
    pub amount: Option<Fen>,
    /// The account the bank echoed.
    pub account: Option<String>,
    /// Our serial as the bank echoed it.
    pub serial: Option<String>,
    /// What the operation asks for: the fields that its row in the dictionary lists as answers.
    pub answers: Record<'static>,
    /// Whatever else the adapter names, in its order.
    pub details: Vec<(String, String)>,
}

impl Reply {
    /// A reply that says nothing but `occurrence`.
    pub fn new(occurrence: Occurrence) -> Reply {
        Reply {
            occurrence,
            not_found: false,
            bank_code: None,
            bank_text: None,
            reason: None,
            bank_serial: None,
            amount: None,
            account: None,
            serial: None,
            answers: Record::new(),
            details: Vec::new(),
        }
    }

    /// Writes the canonical JSON of the reply.
    pub fn encode(&self) -> String {
        let mut root = serde_json::Map::new();
        let mut put = |name: &str, value: Option<serde_json::Value>| {
            if let Some(value) = value {
                root.insert(name.to_owned(), value);
            }
        };
        let text = |text: &Option<String>| text.as_deref().map(serde_json::Value::from);
        put("occurrence", Some(json!(self.occurrence.name())));
        put("not_found", self.not_found.then_some(json!(true)));
        put("bank_code", text(&self.bank_code));
        put("bank_text", text(&self.bank_text));
        put("reason", text(&self.reason));
        put("bank_serial", text(&self.bank_serial));
        put("amount", self.amount.map(|fen| json!(fen.get())));
        put("account", text(&self.account));
        put("serial", text(&self.serial));
        root.extend(north::object(&self.answers));
        if !self.details.is_empty() {
            let details = self.details.iter().map(|(name, value)| (name.clone(), json!(value)));
            root.insert("details".into(), serde_json::Value::Object(details.collect()));
        }
        serde_json::Value::Object(root).to_string()
    }

    /// Reads the canonical JSON of a reply.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the document.
    pub fn decode(bytes: &[u8]) -> Result<Reply, Vec<Problem>> {
        let root = json::parse(bytes).map_err(|problem| vec![problem])?;
        let start = root.at;
        let mut shape = Shape::default();
        let mut reply = Reply::new(Occurrence::Unknown);
        let mut said = false;
        for member in shape.object(root, "") {
            match member.name.as_ref() {
                "occurrence" => {
                    said = true;
                    let at = member.value.at;
                    let name = shape.text(member.value, "occurrence");
                    let known = name.and_then(|name| shape.accept(occurrence(&name), "occurrence", at));
                    reply.occurrence = known.unwrap_or(Occurrence::Unknown);
                }
                "not_found" => reply.not_found = shape.boolean(&member.value, "not_found").unwrap_or_default(),
                "bank_code" => reply.bank_code = text(&mut shape, member.value, "bank_code"),
                "bank_text" => reply.bank_text = text(&mut shape, member.value, "bank_text"),
                "reason" => reply.reason = text(&mut shape, member.value, "reason"),
                "bank_serial" => reply.bank_serial = text(&mut shape, member.value, "bank_serial"),
                "amount" => reply.amount = shape.integer(&member.value, "amount").map(Fen::new),
                "account" => reply.account = text(&mut shape, member.value, "account"),
                "serial" => reply.serial = text(&mut shape, member.value, "serial"),
                "details" => {
                    for detail in shape.object(member.value, "details") {
                        let value = shape.text(detail.value, "details");
                        reply.details.extend(value.map(|value| (detail.name.into_owned(), value.into_owned())));
                    }
                }
                _ => north::answer(&mut shape, &mut reply.answers, member),
            }
        }
        if !said {
            shape.missing("occurrence", start);
        }
        shape.finish(reply)
    }
}

fn text(shape: &mut Shape, node: Node<'_>, path: &str) -> Option<String> {
    shape.text(node, path).map(Cow::into_owned)
}

fn occurrence(name: &str) -> Result<Occurrence, Problem> {
    Occurrence::from_name(name).ok_or_else(|| {
        let known = Occurrence::ALL.map(Occurrence::name).join(", ");
        Problem::new("code-unknown", Phrase::new("message-code-unknown").with("known", known))
    })
}

impl fmt::Debug for Reply {
    /// Masked: the account as accounts are, free text and details by their length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("occurrence", &self.occurrence)
            .field("not_found", &self.not_found)
            .field("bank_code", &self.bank_code)
            .field("bank_text_len", &self.bank_text.as_ref().map(String::len))
            .field("reason", &self.reason)
            .field("bank_serial", &self.bank_serial)
            .field("amount", &self.amount)
            .field("account", &self.account.as_deref().map(redact::account))
            .field("serial", &self.serial)
            .field("answers", &self.answers)
            .field("details", &self.details.len())
            .finish()
    }
}
