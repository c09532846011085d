//! One field of a record, written: a text cut to nothing, padded to its picture, or refused.

use crate::adapter::charset::Charset;
use crate::adapter::plan::{ByteOrder, Picture, RecordField};
use crate::lang::Phrase;

/// What kind of text is being written, because not every ambiguity matters to each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A text that must be told apart from its fill.
    Text,
    /// A number: zeros before it are fill and nothing else.
    Number,
    /// A literal, which is compared as bytes: nothing can be mistaken.
    Literal,
}

/// Appends `text` as `field` wants it.
///
/// # Errors
/// The rule that forbids it; `out` then holds part of the field and must be thrown away.
pub(super) fn put(
    out: &mut Vec<u8>,
    charset: Charset,
    field: &RecordField,
    text: &str,
    written: Written,
) -> Result<(), Phrase> {
    match field.picture {
        Picture::X(width) | Picture::G(width) => {
            if written == Written::Text {
                unmistakable(field, text)?;
            }
            padded(out, charset, field, text, width)
        }
        Picture::Nine { digits, .. } => {
            let empty_literal = written == Written::Literal && text.is_empty();
            if !empty_literal && !is_digits(text) {
                return Err(Phrase::new("adapter-not-digits"));
            }
            // A text of digits is not a number: zeros before it would become part of it.
            if written == Written::Text && field.fill.is_ascii_digit() && text.len() != digits {
                return Err(Phrase::new("adapter-not-all-digits").with("digits", digits));
            }
            padded(out, charset, field, text, digits)
        }
        Picture::Bcd { digits } => packed(out, text, digits, written),
        Picture::Signed { digits, plus, minus } => signed(out, text, digits, (plus, minus)),
        Picture::Var { prefix, max } => variable(out, charset, text, prefix, max),
        Picture::B { bytes, number: None } => {
            let length = append(out, charset, text)?;
            let fits = length == bytes || (written == Written::Literal && length == 0);
            if !fits {
                return Err(Phrase::new("adapter-not-all-bytes").with("bytes", bytes));
            }
            let blank = bytes.saturating_sub(length);
            out.resize(out.len().saturating_add(blank), field.fill);
            Ok(())
        }
        Picture::B { bytes, number: Some(order) } => binary(out, text, bytes, order),
    }
}

/// Appends the field without a value: all fill.
///
/// # Errors
/// The picture has no way to say nothing (digits, a number).
pub(super) fn put_empty(out: &mut Vec<u8>, field: &RecordField) -> Result<(), Phrase> {
    match field.picture {
        Picture::X(width) | Picture::G(width) => out.resize(out.len().saturating_add(width), field.fill),
        Picture::Nine { digits, .. } if !field.fill.is_ascii_digit() => {
            out.resize(out.len().saturating_add(digits), field.fill);
        }
        Picture::Var { prefix, .. } => out.resize(out.len().saturating_add(prefix), b'0'),
        Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. } | Picture::B { .. } => {
            return Err(Phrase::new("adapter-value-missing"));
        }
    }
    Ok(())
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The fill must not be mistaken for the value, nor the value for fill.
fn unmistakable(field: &RecordField, text: &str) -> Result<(), Phrase> {
    let edge = if field.right { text.as_bytes().first() } else { text.as_bytes().last() };
    if edge == Some(&field.fill) {
        return Err(Phrase::new("adapter-like-fill"));
    }
    Ok(())
}

fn append(out: &mut Vec<u8>, charset: Charset, text: &str) -> Result<usize, Phrase> {
    let before = out.len();
    charset.encode_into(text, out).map_err(|_| Phrase::new("adapter-unmappable").with("charset", charset.name()))?;
    Ok(out.len().saturating_sub(before))
}

fn padded(out: &mut Vec<u8>, charset: Charset, field: &RecordField, text: &str, width: usize) -> Result<(), Phrase> {
    let start = out.len();
    let length = append(out, charset, text)?;
    let Some(blank) = width.checked_sub(length) else {
        return Err(too_long(width));
    };
    if blank == 0 {
        return Ok(());
    }
    out.resize(out.len().saturating_add(blank), field.fill);
    if field.right
        && let Some(written) = out.get_mut(start..)
    {
        written.rotate_right(blank);
    }
    Ok(())
}

/// Digits, two in a byte. A text of digits is not a number: zeros before it would become part of it.
fn packed(out: &mut Vec<u8>, text: &str, digits: usize, written: Written) -> Result<(), Phrase> {
    let empty_literal = written == Written::Literal && text.is_empty();
    if !empty_literal && !is_digits(text) {
        return Err(Phrase::new("adapter-not-digits"));
    }
    if text.len() > digits {
        return Err(too_long(digits));
    }
    if written == Written::Text && text.len() != digits {
        return Err(Phrase::new("adapter-not-all-digits").with("digits", digits));
    }
    let halves = digits.div_ceil(2).saturating_mul(2);
    let padded = format!("{text:0>halves$}");
    let bytes = data_encoding::HEXLOWER.decode(padded.as_bytes()).map_err(|_| Phrase::new("adapter-not-digits"))?;
    out.extend_from_slice(&bytes);
    Ok(())
}

/// A sign and digits. Nothing is zero and not negative.
fn signed(out: &mut Vec<u8>, text: &str, digits: usize, (plus, minus): (u8, u8)) -> Result<(), Phrase> {
    let (sign, number) = text.strip_prefix('-').map_or((plus, text), |number| (minus, number));
    let zero = number.bytes().all(|byte| byte == b'0');
    if !is_digits(number) || (sign == minus && zero) {
        return Err(Phrase::new("adapter-not-digits"));
    }
    if number.len() > digits {
        return Err(too_long(digits));
    }
    out.push(sign);
    out.extend_from_slice(format!("{number:0>digits$}").as_bytes());
    Ok(())
}

fn too_long(max: usize) -> Phrase {
    Phrase::new("adapter-too-long").with("max", max)
}

fn variable(out: &mut Vec<u8>, charset: Charset, text: &str, prefix: usize, max: usize) -> Result<(), Phrase> {
    let start = out.len();
    out.resize(start.saturating_add(prefix), b'0');
    let length = append(out, charset, text)?;
    let digits = format!("{length:0prefix$}");
    if length > max || digits.len() != prefix {
        return Err(too_long(max));
    }
    if let Some(written) = out.get_mut(start..start.saturating_add(prefix)) {
        written.copy_from_slice(digits.as_bytes());
    }
    Ok(())
}

fn binary(out: &mut Vec<u8>, text: &str, bytes: usize, order: ByteOrder) -> Result<(), Phrase> {
    let number: u64 = text.parse().map_err(|_| Phrase::new("adapter-not-digits"))?;
    let all = number.to_be_bytes();
    let cut = all.len().checked_sub(bytes).ok_or_else(|| too_long(all.len()))?;
    let (zeros, digits) = all.split_at_checked(cut).unwrap_or((&[], &all));
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(too_long(bytes));
    }
    match order {
        ByteOrder::Big => out.extend_from_slice(digits),
        ByteOrder::Little => out.extend(digits.iter().rev()),
    }
    Ok(())
}
