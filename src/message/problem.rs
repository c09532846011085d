//! What is wrong with a message: a stable code, where, and which rule; never the offending value.

use crate::lang::{Lang, Phrase};

/// One thing that is wrong with an input.
///
/// It never holds the offending value, nor the name of a member that the language does not know (a name or an identity
/// number can stand there too): a problem goes into answers and logs, and those carry no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable code in kebab case, for programs.
    pub code: &'static str,
    /// Path of the field, like `payee.id`; `None` where the whole input is meant.
    pub field: Option<String>,
    /// Byte offset in the input, where it is known.
    pub at: Option<usize>,
    /// The rule that was broken, for people.
    pub rule: Phrase,
}

impl Problem {
    /// A problem with the whole input.
    pub fn new(code: &'static str, rule: Phrase) -> Problem {
        Problem { code, field: None, at: None, rule }
    }

    /// Names the field.
    #[must_use]
    pub fn in_field(mut self, path: impl Into<String>) -> Problem {
        self.field = Some(path.into());
        self
    }

    /// Gives the byte offset.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Problem {
        self.at = Some(offset);
        self
    }

    /// The rule in words.
    pub fn text(&self, lang: Lang) -> String {
        self.rule.text(lang)
    }
}

/// Every code that this part of the house gives, in alphabetical order: the published table. Codes are never given
/// another meaning; a rule that changes gets a new one.
pub const CODES: &[&str] = &[
    "account-form",
    "amount-not-positive",
    "amount-too-large",
    "bank-form",
    "card-check-digit",
    "card-code-form",
    "card-form",
    "card-number-form",
    "cnaps-check-digit",
    "cnaps-form",
    "code-unknown",
    "date-form",
    "day-calendar",
    "day-form",
    "document-birth-date",
    "document-check-digit",
    "document-form",
    "fee-negative",
    "field-missing",
    "fund-form",
    "json-byte-order-mark",
    "json-lone-surrogate",
    "json-not-utf8",
    "json-syntax",
    "json-too-deep",
    "json-too-large",
    "json-too-many-members",
    "member-repeated",
    "member-unknown",
    "number-not-whole",
    "number-out-of-range",
    "number-too-large",
    "period-form",
    "region-form",
    "text-blank-end",
    "text-character",
    "text-empty",
    "text-too-long",
    "time-form",
    "type-wrong",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The sources of the modules that make problems.
    const SOURCES: [&str; 4] =
        [include_str!("json.rs"), include_str!("rules.rs"), include_str!("shape.rs"), include_str!("context.rs")];

    #[test]
    fn the_published_codes_are_those_that_are_given() {
        let given = SOURCES
            .iter()
            .flat_map(|source| source.split("Problem::new(").skip(1))
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .collect::<BTreeSet<_>>();
        assert_eq!(given.into_iter().collect::<Vec<_>>(), CODES);
    }
}
