//! Masks for personal data, the same in logs, lists, dumps and debug output.
//!
//! A mask keeps what people need to tell two rows apart and nothing more: an account shows its first 6 and last 4
//! characters, an identity number its first 4 and last 4, a name its first character. A value too short to hide its
//! middle shows nothing. Deliberately absent: the audited reveal, which never passes through here.

use std::borrow::Cow;
use std::fmt;

/// How sensitive a value is, and with that how it is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Says nothing about a person: codes, periods, bank numbers, amounts without their payee.
    Open,
    /// Free text that may say something about a person: shown by its length only.
    Text,
    /// A person's name.
    Name,
    /// The number of an identity document.
    Identity,
    /// A card or account number.
    Account,
}

impl Sensitivity {
    /// The name of the class, as schemas and adapter descriptions print it.
    pub fn name(self) -> &'static str {
        match self {
            Sensitivity::Open => "open",
            Sensitivity::Text => "text",
            Sensitivity::Name => "name",
            Sensitivity::Identity => "identity",
            Sensitivity::Account => "account",
        }
    }

    /// `value` as it may be shown.
    pub fn mask(self, value: &str) -> Cow<'_, str> {
        match self {
            Sensitivity::Open => Cow::Borrowed(value),
            Sensitivity::Text => Cow::Owned(stars(value.chars().count())),
            Sensitivity::Name => Cow::Owned(name(value)),
            Sensitivity::Identity => Cow::Owned(identity(value)),
            Sensitivity::Account => Cow::Owned(account(value)),
        }
    }
}

/// A card or account number: the first 6 and last 4 characters, `*` for each one between.
pub fn account(value: &str) -> String {
    keep_ends(value, 6, 4)
}

/// The number of an identity document: the first 4 and last 4 characters, `*` for each one between.
pub fn identity(value: &str) -> String {
    keep_ends(value, 4, 4)
}

/// A name: its first character, `*` for each other one. A name of one character is all hidden.
pub fn name(value: &str) -> String {
    let mut characters = value.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(_)) => format!("{}{}", visible(first), stars(characters.count())),
        (first, _) => stars(first.iter().len()),
    }
}

/// Ends are shown only where at least three characters stay hidden; a shorter value is all hidden.
fn keep_ends(value: &str, head: usize, tail: usize) -> String {
    let length = value.chars().count();
    if length < head + tail + 3 {
        return stars(length);
    }
    let hidden = head..length - tail;
    value.chars().enumerate().map(|(at, c)| if hidden.contains(&at) { '*' } else { visible(c) }).collect()
}

/// A mask goes into logs, so a character that could break a line or a terminal is hidden even where it would be shown.
fn visible(c: char) -> char {
    let breaks_lines = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let turns_direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if breaks_lines || turns_direction { '*' } else { c }
}

fn stars(count: usize) -> String {
    "*".repeat(count)
}

/// A personal value on its way into a log or an error: it can be held and compared, and prints its mask.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked<T> {
    class: Sensitivity,
    value: T,
}

impl<T: AsRef<str>> Masked<T> {
    /// Wraps `value`, which is printed as `class` says from here on.
    pub fn new(class: Sensitivity, value: T) -> Masked<T> {
        Masked { class, value }
    }

    /// The value itself. Only bytes to a bank and an audited reveal have reason to call this.
    pub fn reveal(&self) -> &str {
        self.value.as_ref()
    }
}

impl<T: AsRef<str>> fmt::Display for Masked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.class.mask(self.value.as_ref()))
    }
}

impl<T: AsRef<str>> fmt::Debug for Masked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_keep_what_the_rule_says() {
        assert_eq!(account("6217001234567890123"), "621700*********0123");
        assert_eq!(account("1234567890"), "**********");
        assert_eq!(account("123456789012"), "************");
        assert_eq!(identity("11010519491231002X"), "1101**********002X");
        assert_eq!(identity("110105491231002"), "1101*******1002");
        assert_eq!(identity("1234567890"), "**********");
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("阿卜杜热合曼·阿卜杜热西提"), "阿************");
        assert_eq!(name("王"), "*");
        assert_eq!(name(""), "");
        assert_eq!(Sensitivity::Text.mask("工伤 张三"), "*****");
        assert_eq!(Sensitivity::Open.mask("110"), "110");
    }

    #[test]
    fn a_wrapped_value_prints_its_mask_only() {
        let masked = Masked::new(Sensitivity::Identity, "11010519491231002X");
        assert_eq!(format!("{masked} {masked:?}"), "1101**********002X \"1101**********002X\"");
        assert_eq!(masked.reveal(), "11010519491231002X");
    }

    #[test]
    fn a_mask_cannot_break_a_log_line() {
        assert_eq!(name("\u{1b}[31m"), "*****");
        assert_eq!(account("\n\r\u{202e}4567890123456"), "***456******3456");
    }

    proptest! {
        /// Every character is either itself at one of the two ends, or a star.
        #[test]
        fn the_middle_is_never_shown(value in "\\PC{0,40}") {
            for (class, head, tail) in [
                (Sensitivity::Text, 0, 0),
                (Sensitivity::Name, 1, 0),
                (Sensitivity::Identity, 4, 4),
                (Sensitivity::Account, 6, 4),
            ] {
                let original = value.chars().collect::<Vec<_>>();
                let masked = class.mask(&value).chars().collect::<Vec<_>>();
                prop_assert_eq!(original.len(), masked.len());
                let hidden = masked.iter().filter(|c| **c == '*').count();
                prop_assert!(original.len() < 2 || hidden > 0, "something is always hidden");
                for (at, c) in masked.iter().enumerate() {
                    let at_an_end = at < head || at >= original.len() - tail.min(original.len());
                    prop_assert!(*c == '*' || (at_an_end && *c == original[at]));
                }
            }
        }
    }
}
