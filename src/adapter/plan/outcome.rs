//! What a reply means: rules in order, each reachable, all others unknown.

use super::Source;
use crate::message::Occurrence;

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
