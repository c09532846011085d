//! One record of the chain: canonical text, one `name=value` a line, in the order of writing.
//!
//! Text, so that an operator can read the chain with any SQLite client. Values hold no line break, which the verbs check
//! before anything is queued, so the text can be read in one way only.

use std::fmt::{self, Write};

use data_encoding::HEXLOWER;

use super::types::MessageId;

/// The event of a record that concerns no message: a rule of the county has another severity.
pub(super) const RULE_SWITCHED: &str = "rule-switched";

/// A record being written. One buffer serves many records.
#[derive(Debug, Default)]
pub(super) struct Record {
    text: String,
}

impl Record {
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn put(&mut self, name: &str, value: impl fmt::Display) -> &mut Record {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{name}={value}");
        self
    }

    pub(super) fn put_if<T: fmt::Display>(&mut self, name: &str, value: Option<T>) -> &mut Record {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    pub(super) fn id(&mut self, id: MessageId) -> &mut Record {
        self.hex("id", id.as_bytes())
    }

    pub(super) fn hex(&mut self, name: &str, bytes: &[u8]) -> &mut Record {
        self.text.push_str(name);
        self.text.push('=');
        HEXLOWER.encode_append(bytes, &mut self.text);
        self.text.push('\n');
        self
    }
}

/// The value of the first line with this name.
pub(super) fn field<'a>(record: &'a str, name: &str) -> Option<&'a str> {
    fields(record).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// All lines, in order. A line without `=` is not a record's.
pub(super) fn fields(record: &str) -> impl Iterator<Item = (&str, &str)> {
    record.lines().filter_map(|line| line.split_once('='))
}

/// Reads hexadecimal digits of a known length.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let fits = HEXLOWER.decode_len(text.len()).ok()? == N;
    (fits && HEXLOWER.decode_mut(text.as_bytes(), &mut bytes).ok()? == N).then_some(bytes)
}

/// Reads a time: microseconds since 1970.
pub(super) fn time(text: &str) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(text.parse().ok()?).ok()
}

/// Whether a value may stand in a record: no control character, no line or paragraph separator.
pub(super) fn fits(value: &str) -> bool {
    !value.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_read() {
        let mut record = Record::default();
        record.put("event", "claimed").hex("row", &[0xab; 3]).put_if("reason", None::<&str>).put("x", "a=b");
        assert_eq!(record.text(), "event=claimed\nrow=ababab\nx=a=b\n");
        assert_eq!(field(record.text(), "x"), Some("a=b"));
        assert_eq!(field(record.text(), "reason"), None);
        assert_eq!(unhex::<3>("ababab"), Some([0xab; 3]));
        assert_eq!(unhex::<3>("abab"), None);
        assert_eq!(unhex::<3>("ABABAB"), None);
    }

    #[test]
    fn a_value_cannot_make_a_line_of_its_own() {
        assert!(fits("AB01 户名不符"));
        for bad in ["a\nstate=SUCCEEDED", "a\r", "\u{0}", "\u{1b}[2J", "a\u{2028}b", "\u{85}"] {
            assert!(!fits(bad), "{bad:?}");
        }
    }
}
