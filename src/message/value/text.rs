//! Free text: names, purposes, order numbers.
//!
//! Text is passed on as it came: not trimmed, not normalised, because the spelling a bank holds may be the odd one.
//! Private use characters are allowed for the same reason (systems of the GBK time still store some surnames there).
//! What no spelling needs is refused: control characters, line and paragraph separators, invisible and bidirectional
//! marks, noncharacters, and U+FFFD, which is what an earlier decoder leaves where it lost something.

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is empty. A field that says nothing is left out.
    Empty,
    /// More characters (Unicode scalar values) than allowed.
    TooLong,
    /// A character that no spelling needs.
    Character,
    /// A blank at the beginning or the end.
    BlankEnd,
}

/// The characters that are refused, as they stand in a bracket expression.
macro_rules! refused {
    () => {
        concat!(
            r"\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069",
            r"\ufdd0-\ufdef\ufeff\ufffd-\uffff"
        )
    };
}

/// The blanks of Unicode's `White_Space` that are not refused anyway, the full-width one (U+3000) among them.
macro_rules! blanks {
    () => {
        r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
    };
}

/// Form of a text as a regular expression that any engine reads (no look-around); lengths are given beside it.
pub const PATTERN: &str =
    concat!("^[^", blanks!(), refused!(), "]([^", refused!(), "]*[^", blanks!(), refused!(), "])?$");

/// Checks a text of at most `max` characters.
///
/// # Errors
/// The first rule that is broken.
pub fn check(text: &str, max: usize) -> Result<(), Fault> {
    if text.is_empty() {
        Err(Fault::Empty)
    } else if text.chars().nth(max).is_some() {
        Err(Fault::TooLong)
    } else if text.chars().any(is_refused) {
        Err(Fault::Character)
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        Err(Fault::BlankEnd)
    } else {
        Ok(())
    }
}

fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fffd}'..='\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_have_them_pass() {
        for name in ["张三", "阿卜杜热合曼·阿卜杜热西提", "䶮", "\u{e863}", "𠮷", "O'Neill Ann", "凉\u{fe00}"]
        {
            assert_eq!(check(name, 60), Ok(()), "{name}");
        }
        assert_eq!(check(&"䶮".repeat(60), 60), Ok(()), "characters are counted, not bytes");
    }

    #[test]
    fn each_rule_refuses() {
        for (text, fault) in [
            ("", Fault::Empty),
            ("1234567", Fault::TooLong),
            ("𠮷𠮷𠮷𠮷𠮷𠮷𠮷", Fault::TooLong),
            ("张\n三", Fault::Character),
            ("张\0三", Fault::Character),
            ("张\u{85}三", Fault::Character),
            ("张\u{202e}三", Fault::Character),
            ("张\u{2028}三", Fault::Character),
            ("\u{feff}张三", Fault::Character),
            ("张\u{fffd}", Fault::Character),
            (" 张三", Fault::BlankEnd),
            ("张三 ", Fault::BlankEnd),
            ("张三\u{3000}", Fault::BlankEnd),
            ("\u{a0}张三", Fault::BlankEnd),
            (" ", Fault::BlankEnd),
        ] {
            assert_eq!(check(text, 6), Err(fault), "{text:?}");
        }
    }
}
