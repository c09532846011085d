//! What a bank's answer says in canonical terms, whatever format it came in.

use std::fmt;

use super::value::Fen;
use crate::redact;

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
            details: Vec::new(),
        }
    }
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
            .field("details", &self.details.len())
            .finish()
    }
}
