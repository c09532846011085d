//! Strict JSON (RFC 8259) with the byte offset of everything: the one reader behind every canonical JSON document.
//!
//! Stricter than the standard where the standard is loose: a name may occur once in an object, text is UTF-8 without
//! byte order mark, a lone surrogate is refused, and size, depth and members are bounded. Numbers stay as written,
//! because money must not pass through a floating point number. Deliberately absent: writing, which `serde_json` does.

use std::borrow::Cow;

use super::problem::Problem;
use crate::lang::Phrase;

#[cfg(test)]
mod tests;

/// Most bytes of a document.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most arrays and objects inside each other.
pub const MAX_DEPTH: usize = 16;
/// Most members of one object.
pub const MAX_MEMBERS: usize = 128;

/// A value and the offset of its first byte.
#[derive(Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// Byte offset in the document.
    pub at: usize,
    /// The value.
    pub value: Json<'a>,
}

/// A JSON value.
#[derive(Debug, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(&'a str),
    /// A string, borrowed where it had no escapes.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object, members in the order they were written, repeated names included.
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Byte offset of the name's opening quote.
    pub at: usize,
    /// The name.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: Node<'a>,
}

/// Reads one document. Repeated names are left in, so that a caller can report them together with what else is wrong;
/// [`repeated`] finds them.
///
/// # Errors
/// The first thing that is not JSON, with its offset.
pub fn parse(bytes: &[u8]) -> Result<Node<'_>, Problem> {
    if bytes.len() > MAX_BYTES {
        let rule = Phrase::new("message-json-too-large").with("max", MAX_BYTES);
        return Err(Problem::new("json-too-large", rule).at(MAX_BYTES));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Problem::new("json-not-utf8", Phrase::new("message-json-not-utf8")).at(error.valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        return Err(Problem::new("json-byte-order-mark", Phrase::new("message-json-byte-order-mark")).at(0));
    }
    let mut parser = Parser { text, at: 0 };
    parser.blank();
    let root = parser.value(0)?;
    parser.blank();
    if parser.peek().is_some() {
        return Err(parser.fault(Phrase::new("message-json-after-end")));
    }
    Ok(root)
}

/// The offsets of names that occurred before in the same object.
pub fn repeated<'m>(members: &'m [Member<'_>]) -> impl Iterator<Item = usize> + 'm {
    let seen_before = |at: usize, name: &str| members.iter().take(at).any(|earlier| earlier.name == name);
    members.iter().enumerate().filter(move |(at, member)| seen_before(*at, &member.name)).map(|(_, member)| member.at)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A syntax fault at the current byte; at the end of the document that is what is wrong with it.
    fn fault(&self, rule: Phrase) -> Problem {
        let rule = if self.peek().is_none() { Phrase::new("message-json-ends-early") } else { rule };
        Problem::new("json-syntax", rule).at(self.at)
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Problem> {
        let at = self.at;
        let value = match self.peek() {
            Some(b'{') => Json::Object(self.object(depth)?),
            Some(b'[') => Json::Array(self.array(depth)?),
            Some(b'"') => Json::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            _ => self.word()?,
        };
        Ok(Node { at, value })
    }

    fn word(&mut self) -> Result<Json<'a>, Problem> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (word, value) in [("true", Json::Bool(true)), ("false", Json::Bool(false)), ("null", Json::Null)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.fault(Phrase::new("message-json-value-expected")))
    }

    fn descend(&mut self, depth: usize) -> Result<(), Problem> {
        if depth >= MAX_DEPTH {
            let rule = Phrase::new("message-json-too-deep").with("max", MAX_DEPTH);
            return Err(Problem::new("json-too-deep", rule).at(self.at));
        }
        self.at += 1;
        self.blank();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node<'a>>, Problem> {
        self.descend(depth)?;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.take(b']') {
                return Ok(items);
            }
            self.comma()?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'a>>, Problem> {
        self.descend(depth)?;
        let mut members = Vec::new();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            if members.len() == MAX_MEMBERS {
                let rule = Phrase::new("message-json-too-many-members").with("max", MAX_MEMBERS);
                return Err(Problem::new("json-too-many-members", rule).at(self.at));
            }
            members.push(self.member(depth)?);
            self.blank();
            if self.take(b'}') {
                return Ok(members);
            }
            self.comma()?;
        }
    }

    fn member(&mut self, depth: usize) -> Result<Member<'a>, Problem> {
        let at = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.fault(Phrase::new("message-json-name-expected")));
        }
        let name = self.string()?;
        self.blank();
        if !self.take(b':') {
            return Err(self.fault(Phrase::new("message-json-colon-expected")));
        }
        self.blank();
        Ok(Member { at, name, value: self.value(depth + 1)? })
    }

    fn comma(&mut self) -> Result<(), Problem> {
        if !self.take(b',') {
            return Err(self.fault(Phrase::new("message-json-comma-expected")));
        }
        self.blank();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Problem> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == from { Err(self.fault(Phrase::new("message-json-digit-expected"))) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<&'a str, Problem> {
        let from = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.fault(Phrase::new("message-json-leading-zero")));
            }
        } else {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(self.text.get(from..self.at).unwrap_or_default())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Problem> {
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            let run = self.text.get(from..self.at).unwrap_or_default();
            if text.is_empty() {
                text = Cow::Borrowed(run)
            } else {
                text.to_mut().push_str(run)
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.to_mut().push(self.escape()?),
                _ => return Err(self.fault(Phrase::new("message-json-control-in-text"))),
            }
        }
    }

    /// Reads an escape; on a fault the offset is that of its backslash.
    fn escape(&mut self) -> Result<char, Problem> {
        let from = self.at;
        let fault = |end: usize| Problem::new("json-syntax", Phrase::new("message-json-escape")).at(end);
        let letter = self.text.as_bytes().get(from + 1).copied();
        self.at += 2;
        let plain = match letter {
            Some(b'u') => return self.surrogates(from),
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(fault(from)),
        };
        Ok(plain)
    }

    /// The rest of `\uXXXX`, with the second half where the first is a high surrogate.
    fn surrogates(&mut self, from: usize) -> Result<char, Problem> {
        let high = self.hex(from)?;
        let mut code = high;
        if (0xd800..0xdc00).contains(&high) && self.take(b'\\') && self.take(b'u') {
            let low = self.hex(from)?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        // Half a pair is no character: `from_u32` refuses it.
        char::from_u32(code)
            .ok_or_else(|| Problem::new("json-lone-surrogate", Phrase::new("message-json-lone-surrogate")).at(from))
    }

    fn hex(&mut self, from: usize) -> Result<u32, Problem> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        code.ok_or_else(|| Problem::new("json-syntax", Phrase::new("message-json-escape")).at(from))
    }
}
