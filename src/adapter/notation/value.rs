//! The value grammar: `source | conversion`, and texts with such values in braces. Only the grammar; names mean nothing here.

use std::ops::Range;

use crate::lang::Phrase;

/// A word and where it stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) range: Range<usize>,
}

/// One step after the source: its name and the rest of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step<'a> {
    pub(crate) name: Word<'a>,
    /// Everything after the name, trimmed; empty where there is nothing.
    pub(crate) rest: Word<'a>,
}

/// `source | step | step`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueText<'a> {
    pub(crate) source: Word<'a>,
    pub(crate) steps: Vec<Step<'a>>,
}

/// What does not follow the grammar: where, and the rule.
pub(crate) type Broken = (Range<usize>, Phrase);

/// Reads `source | conversion`. `base` is the offset of `text` in the text that the ranges are to refer to.
pub(crate) fn parse(text: &str, base: usize) -> Result<ValueText<'_>, Broken> {
    let mut at = 0;
    let mut words = Vec::new();
    for piece in text.split('|') {
        words.push(trimmed(piece, base + at));
        at += piece.len() + 1;
    }
    let mut words = words.into_iter();
    let whole = base..base + text.len();
    let source = words.next().filter(|word| !word.text.is_empty());
    let Some(source) = source.filter(|word| word.text.bytes().all(|byte| !byte.is_ascii_whitespace())) else {
        return Err((whole, Phrase::new("adapter-fault-value-syntax")));
    };
    let mut steps = Vec::new();
    for word in words {
        if word.text.is_empty() {
            return Err((whole, Phrase::new("adapter-fault-value-syntax")));
        }
        let length = word.text.find(' ').unwrap_or(word.text.len());
        let (name, rest) = word.text.split_at_checked(length).unwrap_or((word.text, ""));
        let start = word.range.start;
        steps.push(Step {
            name: Word { text: name, range: start..start + length },
            rest: trimmed(rest, start + length),
        });
    }
    Ok(ValueText { source, steps })
}

fn trimmed(text: &str, base: usize) -> Word<'_> {
    let lead = text.len() - text.trim_start().len();
    let text = text.trim();
    Word { text, range: base + lead..base + lead + text.len() }
}

/// A piece of a text with values in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Literal(Word<'a>),
    /// What stands between braces.
    Braces(Word<'a>),
}

/// Splits a text with `{…}` in it.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Broken> {
    let broken = |at: usize| (at..at + 1, Phrase::new("adapter-fault-braces"));
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while let Some(mark) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at_checked(mark).unwrap_or((rest, ""));
        if !before.is_empty() {
            pieces.push(Piece::Literal(Word { text: before, range: at..at + mark }));
        }
        let inner = from.strip_prefix('{').ok_or_else(|| broken(at + mark))?;
        let (inside, after) = inner.split_once('}').ok_or_else(|| broken(at + mark))?;
        if let Some(second) = inside.find('{') {
            return Err(broken(at + mark + 1 + second));
        }
        let start = at + mark + 1;
        pieces.push(Piece::Braces(Word { text: inside, range: start..start + inside.len() }));
        at = start + inside.len() + 1;
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(Word { text: rest, range: at..at + rest.len() }));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_a_source_and_steps_with_their_places() {
        let value = parse("items | sum amount | fen", 10).unwrap();
        assert_eq!(value.source, Word { text: "items", range: 10..15 });
        assert_eq!(value.steps[0].name, Word { text: "sum", range: 18..21 });
        assert_eq!(value.steps[0].rest, Word { text: "amount", range: 22..28 });
        assert_eq!(value.steps[1].name, Word { text: "fen", range: 31..34 });
        assert_eq!(value.steps[1].rest.text, "");
        let date = parse("sent_at | date yyyy-MM-dd HH:mm", 0).unwrap();
        assert_eq!(date.steps[0].rest.text, "yyyy-MM-dd HH:mm");
        for bad in ["", " ", "| fen", "amount |", "amount | | fen", "two words"] {
            assert!(parse(bad, 0).is_err(), "{bad}");
        }
    }

    #[test]
    fn braces_are_found_and_must_match() {
        let found = pieces("a={x}&b={y | z}!").unwrap();
        assert_eq!(found.len(), 5);
        assert_eq!(found[3], Piece::Braces(Word { text: "y | z", range: 9..14 }));
        assert_eq!(pieces("").unwrap(), []);
        assert_eq!(pieces("a{b").unwrap_err().0, 1..2);
        assert_eq!(pieces("ab}").unwrap_err().0, 2..3);
        assert_eq!(pieces("{a{b}}").unwrap_err().0, 2..3);
    }
}
