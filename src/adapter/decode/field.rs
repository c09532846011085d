//! One field of a record, read: the bytes of its picture, and the text without fill.

use std::borrow::Cow;

use crate::adapter::charset::Charset;
use crate::adapter::convert::{Spelling, read_number};
use crate::adapter::encode;
use crate::adapter::plan::{ByteOrder, Picture, RecordField};
use crate::lang::Phrase;

/// How many bytes into the field, and what is wrong there.
pub(in crate::adapter) type Wrong = (usize, Phrase);

/// How many bytes the field at the start of `rest` takes, its length digits included.
pub(super) fn extent(field: &RecordField, rest: &[u8]) -> Result<usize, Wrong> {
    let cut = || (rest.len(), Phrase::new("adapter-cut"));
    let length = match field.picture {
        Picture::Var { prefix, max } => {
            let digits = rest.get(..prefix).ok_or_else(cut)?;
            if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
                return Err((at, Phrase::new("adapter-not-digits")));
            }
            let number = digits.iter().fold(0_usize, |sum, byte| {
                sum.saturating_mul(10).saturating_add(usize::from(byte.saturating_sub(b'0')))
            });
            if number > max {
                return Err((0, Phrase::new("adapter-too-long").with("max", max)));
            }
            prefix.saturating_add(number)
        }
        Picture::X(_)
        | Picture::G(_)
        | Picture::Nine { .. }
        | Picture::Bcd { .. }
        | Picture::Signed { .. }
        | Picture::B { .. } => field.picture.least(),
    };
    if rest.len() < length { Err(cut()) } else { Ok(length) }
}

/// The text in `raw` (exactly the field's bytes), without fill; empty where the field says nothing.
pub(in crate::adapter) fn text<'b>(
    field: &RecordField,
    raw: &'b [u8],
    charset: Charset,
) -> Result<Cow<'b, str>, Wrong> {
    match field.picture {
        // Decoded first, stripped after: a fill byte can be the second half of a character.
        Picture::X(_) | Picture::G(_) => Ok(strip(decode(charset, raw, 0)?, field)),
        Picture::Nine { .. } => {
            let digits = strip_digits(field, raw);
            let offset = if field.right { raw.len().saturating_sub(digits.len()) } else { 0 };
            if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
                return Err((offset.saturating_add(at), Phrase::new("adapter-not-digits")));
            }
            decode(charset, digits, offset)
        }
        Picture::Bcd { digits } => unpack(raw, digits).map(Cow::Owned),
        Picture::Signed { plus, minus, .. } => signed(raw, (plus, minus)).map(Cow::Owned),
        Picture::Var { prefix, .. } => decode(charset, raw.get(prefix..).unwrap_or_default(), prefix),
        Picture::B { number: None, .. } => decode(charset, raw, 0),
        Picture::B { number: Some(order), .. } => {
            let number = binary(raw, order).ok_or_else(|| (0, Phrase::new("adapter-not-a-number")))?;
            Ok(Cow::Owned(number.to_string()))
        }
    }
}

/// How the digits of a number stand in this field.
pub(super) fn spelling(field: &RecordField) -> Spelling {
    match field.picture {
        Picture::Nine { .. } | Picture::Bcd { .. } if field.right && field.fill == b'0' => Spelling::Filled,
        Picture::Nine { .. }
        | Picture::Bcd { .. }
        | Picture::Signed { .. }
        | Picture::X(_)
        | Picture::G(_)
        | Picture::Var { .. }
        | Picture::B { .. } => Spelling::Exact,
    }
}

/// The number in a field.
pub(in crate::adapter) fn number(field: &RecordField, raw: &[u8], charset: Charset) -> Result<u64, Wrong> {
    let text = text(field, raw, charset)?;
    read_number(&text, spelling(field)).map_err(|rule| (0, rule))
}

/// Compares a field with the text that must stand in it.
pub(in crate::adapter) fn compare(
    field: &RecordField,
    raw: &[u8],
    literal: &str,
    charset: Charset,
) -> Result<(), Phrase> {
    // A literal that fills its field, the usual case, needs no copy.
    if literal.is_ascii() && raw == literal.as_bytes() && !matches!(field.picture, Picture::Var { .. }) {
        return Ok(());
    }
    let mut expected = Vec::with_capacity(raw.len());
    if encode::literal(&mut expected, charset, field, literal).is_err() || expected != raw {
        return Err(Phrase::new("adapter-literal-differs"));
    }
    Ok(())
}

/// The text of `bytes`, which stand `offset` bytes into the field.
pub(super) fn decode(charset: Charset, bytes: &[u8], offset: usize) -> Result<Cow<'_, str>, Wrong> {
    charset.decode(bytes).map_err(|error| {
        (offset.saturating_add(error.at), Phrase::new("adapter-charset").with("charset", charset.name()))
    })
}

fn strip<'b>(text: Cow<'b, str>, field: &RecordField) -> Cow<'b, str> {
    let fill = char::from(field.fill);
    match text {
        Cow::Borrowed(text) if field.right => Cow::Borrowed(text.trim_start_matches(fill)),
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(fill)),
        Cow::Owned(mut text) => {
            if field.right {
                let kept = text.trim_start_matches(fill).len();
                text.drain(..text.len().saturating_sub(kept));
            } else {
                text.truncate(text.trim_end_matches(fill).len());
            }
            Cow::Owned(text)
        }
    }
}

/// Digits are stripped of fill only where the fill is not a digit itself.
fn strip_digits<'b>(field: &RecordField, raw: &'b [u8]) -> &'b [u8] {
    if field.fill.is_ascii_digit() {
        return raw;
    }
    let filled = |byte: &&u8| **byte == field.fill;
    if field.right {
        let blank = raw.iter().take_while(filled).count();
        raw.get(blank..).unwrap_or_default()
    } else {
        let blank = raw.iter().rev().take_while(filled).count();
        raw.get(..raw.len().saturating_sub(blank)).unwrap_or_default()
    }
}

/// Digits that stand two in a byte; what is beyond their number must be zero.
fn unpack(raw: &[u8], digits: usize) -> Result<String, Wrong> {
    let hex = data_encoding::HEXLOWER.encode(raw);
    if let Some(at) = hex.bytes().position(|half| !half.is_ascii_digit()) {
        return Err((at / 2, Phrase::new("adapter-not-digits")));
    }
    let (beyond, text) = hex.split_at_checked(hex.len().saturating_sub(digits)).unwrap_or_default();
    if beyond.bytes().any(|half| half != b'0') {
        return Err((0, Phrase::new("adapter-not-digits")));
    }
    Ok(text.to_owned())
}

/// A number in its one spelling: without leading zeros, with a sign only if it is negative.
fn signed(raw: &[u8], (plus, minus): (u8, u8)) -> Result<String, Wrong> {
    let wrong = |at: usize| (at, Phrase::new("adapter-not-a-number"));
    let (sign, digits) = raw.split_first().ok_or_else(|| wrong(0))?;
    if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
        return Err((at.saturating_add(1), Phrase::new("adapter-not-digits")));
    }
    let text: String = digits.iter().skip_while(|byte| **byte == b'0').map(|byte| char::from(*byte)).collect();
    match (*sign == minus, *sign == plus, text.is_empty()) {
        (true, _, false) => Ok(format!("-{text}")),
        (_, true, false) => Ok(text),
        (_, true, true) => Ok("0".to_owned()),
        _ => Err(wrong(0)),
    }
}

fn binary(raw: &[u8], order: ByteOrder) -> Option<u64> {
    let fold = |sum: u64, byte: &u8| sum.checked_mul(256)?.checked_add(u64::from(*byte));
    match order {
        ByteOrder::Big => raw.iter().try_fold(0, fold),
        ByteOrder::Little => raw.iter().rev().try_fold(0, fold),
    }
}
