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
