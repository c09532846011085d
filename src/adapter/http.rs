//! What HTTP puts around a message: a target and form fields going out, a prefix and Base64 coming back.
//!
//! Escaping has one spelling here: unreserved characters (RFC 3986, 2.3) stand for themselves and every other byte is
//! `%` and two upper-case digits. What is read is held to the same. Values are percent-encoded bytes of the party's
//! charset, never of UTF-8 by habit. Deliberately absent: sockets, headers, status codes.

use std::borrow::Cow;
use std::ops::Range;

use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::adapter::charset::Charset;
use crate::adapter::plan::{FormContent, HttpPlan, TargetPart, ValuePlan};
use crate::adapter::runtime::{Refusal, Wire};
use crate::lang::Phrase;

/// Everything but `A-Z a-z 0-9 - . _ ~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Target and body of a request around `message`.
pub(crate) fn request(
    http: &HttpPlan,
    text: impl Fn(&ValuePlan) -> Result<String, Refusal>,
    message: Vec<u8>,
    charset: Charset,
) -> Result<Wire, Refusal> {
    let bytes = |text: &str, out: &mut Vec<u8>| {
        let mut raw = Vec::with_capacity(text.len());
        let rule = || Phrase::new("adapter-unmappable").with("charset", charset.name());
        charset.encode_into(text, &mut raw).map_err(|_| Refusal::unencodable("http", rule()))?;
        escape(&raw, out);
        Ok::<(), Refusal>(())
    };
    let mut target = Vec::new();
    for part in &http.target {
        match part {
            TargetPart::Literal(literal) => target.extend_from_slice(literal.as_bytes()),
            TargetPart::Value(value) => bytes(&text(value)?, &mut target)?,
        }
    }
    if http.form.is_empty() {
        return Ok(Wire { target: Some(target), body: message });
    }
    let mut body = Vec::with_capacity(message.len().saturating_mul(2).saturating_add(256));
    for (index, field) in http.form.iter().enumerate() {
        if index > 0 {
            body.push(b'&');
        }
        bytes(&field.name, &mut body)?;
        body.push(b'=');
        match &field.content {
            FormContent::Literal(literal) => bytes(literal, &mut body)?,
            FormContent::Value(value) => bytes(&text(value)?, &mut body)?,
            FormContent::Message => escape(&message, &mut body),
        }
    }
    Ok(Wire { target: Some(target), body })
}

/// The body of an answer around `message`.
pub(crate) fn reply(http: &HttpPlan, message: Vec<u8>) -> Vec<u8> {
    let mut body = http.reply_prefix.as_bytes().to_vec();
    if http.reply_base64 {
        body.extend_from_slice(BASE64.encode(&message).as_bytes());
    } else {
        body.extend_from_slice(&message);
    }
    body
}

/// Appends `bytes`, percent-encoded.
fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for piece in percent_encode(bytes, RESERVED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// A refusal of what is around the message.
pub(crate) fn refused(at: usize, rule: Phrase) -> Refusal {
    Refusal::undecodable(at, rule).coded("http")
}

/// Undoes percent-encoding. `base` is the offset of `raw`.
pub(crate) fn unescape(raw: &[u8], base: usize) -> Result<Cow<'_, [u8]>, Refusal> {
    let stands = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if raw.iter().all(stands) {
        return Ok(Cow::Borrowed(raw));
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let at = base.saturating_add(raw.len().saturating_sub(rest.len()));
        match rest {
            [] => return Ok(Cow::Owned(bytes)),
            [b'%', high, low, after @ ..] => {
                let byte = digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low);
                let byte = byte.filter(|byte| !stands(byte));
                bytes.push(byte.ok_or_else(|| refused(at, Phrase::new("adapter-http-escape")))?);
                rest = after;
            }
            [byte, after @ ..] if stands(byte) => {
                bytes.push(*byte);
                rest = after;
            }
            _ => return Err(refused(at, Phrase::new("adapter-http-escape"))),
        }
    }
}

/// The value of every form field, as ranges of `body`, in the plan's order.
pub(crate) fn form(http: &HttpPlan, body: &[u8]) -> Result<Vec<Range<usize>>, Refusal> {
    let mut ranges = Vec::with_capacity(http.form.len());
    let mut at = 0;
    for (index, field) in http.form.iter().enumerate() {
        let mut name = Vec::new();
        if index > 0 {
            name.push(b'&');
        }
        escape(field.name.as_bytes(), &mut name);
        name.push(b'=');
        let rest = body.get(at..).unwrap_or_default();
        if !rest.starts_with(&name) {
            let rule = Phrase::new("adapter-http-form").with("name", &field.name);
            return Err(refused(at, rule).in_field(&field.name));
        }
        let start = at.saturating_add(name.len());
        let value = body.get(start..).unwrap_or_default();
        let end = start.saturating_add(memchr::memchr(b'&', value).unwrap_or(value.len()));
        ranges.push(start..end);
        at = end;
    }
    if at != body.len() {
        return Err(refused(at, Phrase::new("adapter-trailing-data")).coded("trailing-data"));
    }
    Ok(ranges)
}

/// The message in the body of an answer, and where it begins in the body.
pub(crate) fn open_reply<'b>(http: &HttpPlan, body: &'b [u8]) -> Result<(Cow<'b, [u8]>, usize), Refusal> {
    let prefix = http.reply_prefix.as_bytes();
    let (inner, base) = match body.strip_prefix(prefix) {
        Some(inner) => (inner, prefix.len()),
        None if http.reply_prefix_optional => (body, 0),
        None => return Err(refused(0, Phrase::new("adapter-http-prefix").with("prefix", &http.reply_prefix))),
    };
    if !http.reply_base64 {
        return Ok((Cow::Borrowed(inner), base));
    }
    Ok((Cow::Owned(base64(inner, base)?), base))
}

/// Standard Base64 with padding, canonical. MIME encoders break lines, so CR LF or LF may stand behind a whole group of
/// four digits; nothing else may.
fn base64(text: &[u8], base: usize) -> Result<Vec<u8>, Refusal> {
    let wrong = |at: usize| refused(base.saturating_add(at), Phrase::new("adapter-http-base64"));
    let mut digits = Vec::with_capacity(text.len());
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(line) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let whole = line.get(..end).unwrap_or_default();
        let ended = end < line.len();
        let inner = whole.strip_suffix(b"\r").filter(|_| ended).unwrap_or(whole);
        if ended && (inner.is_empty() || inner.len() % 4 != 0) {
            return Err(wrong(at.saturating_add(inner.len())));
        }
        places.push((digits.len(), at));
        digits.extend_from_slice(inner);
        at = at.saturating_add(end).saturating_add(usize::from(ended));
    }
    if digits.is_empty() {
        return Err(wrong(0));
    }
    BASE64.decode(&digits).map_err(|error| {
        // The library looks at the length first; people look for the first byte that is no digit.
        let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let position = digits.iter().position(|byte| !digit(byte)).unwrap_or(error.position);
        let line = places.iter().rev().find(|(first, _)| *first <= position);
        wrong(line.map_or(position, |(first, at)| position.saturating_sub(*first).saturating_add(*at)))
    })
}
