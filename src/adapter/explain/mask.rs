//! What of a row may be seen. What nobody has classified is hidden: an interface has places for notes and names.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::adapter::charset::Charset;
use crate::adapter::decode::Context;
use crate::adapter::decode::trace::{Kind, Piece};
use crate::adapter::plan::{Picture, Source, ValuePlan};
use crate::message::dictionary::def;
use crate::redact::Sensitivity;

use super::markup::Markup;

/// A row's raw bytes and value as they may be seen.
pub(super) struct Shown {
    pub(super) raw: String,
    pub(super) value: Option<String>,
    pub(super) masked: bool,
}

/// A piece that was understood.
pub(super) fn show(context: &Context<'_>, charset: Charset, piece: &Piece<'_>, raw: &[u8], reveal: bool) -> Shown {
    let wrapped = matches!(piece.kind, Kind::Wrapping) && !piece.field.is_empty() && piece.field != "seal";
    if wrapped && !reveal {
        // The same bytes in another coat; the layer below shows what may be seen.
        return Shown { raw: "…".to_owned(), value: None, masked: true };
    }
    let text = piece.text.unwrap_or_default();
    let value = piece.text.filter(|text| !text.is_empty());
    let written = charset.decode(raw).ok();
    // Bytes that are no text stay bytes, also where they happen to be characters.
    let bytes = matches!(piece.picture, Some(Picture::B { .. } | Picture::Bcd { .. }));
    let plain = written.as_deref().filter(|_| !bytes).map_or_else(|| hexadecimal(raw), printable);
    let class = class(context, piece, text);
    let hidden = match class {
        Some(class) => class.mask(text),
        None => Cow::Owned("*".repeat(text.chars().count())),
    };
    if reveal || hidden == text {
        let raw_only = matches!(piece.picture, Some(Picture::B { .. }));
        let value = value.filter(|_| !raw_only).map(printable);
        return Shown { raw: plain, value, masked: false };
    }
    // Fill and length stay visible; the value inside the raw bytes becomes its mask.
    let inside = written.as_deref().filter(|written| !text.is_empty() && written.contains(text));
    let raw = match inside {
        Some(written) => printable(&written.replacen(text, &hidden, 1)),
        None => "*".repeat(raw.len()),
    };
    Shown { raw, value: value.map(|_| hidden.into_owned()), masked: true }
}

/// How sensitive a piece is; `None` is a secret.
fn class(context: &Context<'_>, piece: &Piece<'_>, text: &str) -> Option<Sensitivity> {
    Some(match piece.kind {
        Kind::Literal | Kind::Wrapping => Sensitivity::Open,
        Kind::Skip(example) if example == text => Sensitivity::Open,
        Kind::Skip(_) => Sensitivity::Text,
        Kind::Value(ValuePlan { source, .. }) => match source {
            Source::Field(field) => def(*field).sensitivity,
            Source::Setting(index) => {
                let secret = context.adapter.settings.get(*index).is_none_or(|setting| setting.secret);
                return (!secret).then_some(Sensitivity::Open);
            }
            Source::BankText => Sensitivity::Text,
            // Codes and flags are short; names, accounts and notes are not, or are not ASCII.
            Source::Local(_) if text.len() <= 8 && text.is_ascii() => Sensitivity::Open,
            Source::Local(_) => Sensitivity::Text,
            Source::ItemNumber
            | Source::ItemCount
            | Source::ItemSum
            | Source::Serial
            | Source::SentAt
            | Source::BusinessDate
            | Source::OriginalSerial
            | Source::OriginalSentAt
            | Source::OriginalBusinessDate
            | Source::OriginalBankSerial
            | Source::BankCode
            | Source::BankSerial
            | Source::FrameLength
            | Source::Mac(_) => Sensitivity::Open,
        },
    })
}

/// Markup, and text that the template passes over: names of elements are shown, what stands in and between them is not.
pub(super) fn markup(piece: &Markup, reveal: bool) -> (String, bool) {
    let Some(text) = &piece.text else {
        return if reveal { (hexadecimal(&piece.bytes), false) } else { ("*".repeat(piece.bytes.len()), true) };
    };
    if reveal || text.trim().is_empty() || text.starts_with("<?xml ") {
        return (printable(text), false);
    }
    let hidden = if !piece.tag || text.starts_with("<!") || text.starts_with("<?") {
        "*".repeat(text.chars().count())
    } else {
        quoted(text)
    };
    (printable(&hidden), hidden != *text)
}

/// Hides what stands between quotes. A piece that begins with a quote closes a value that has its own row.
fn quoted(tag: &str) -> String {
    let mut inside: Option<char> = None;
    let mut first = true;
    let hide = |character: char| {
        let is_first = std::mem::take(&mut first);
        match (character, inside) {
            ('"' | '\'', None) if !is_first => inside = Some(character),
            (character, Some(quote)) if character == quote => inside = None,
            (_, Some(_)) => return '*',
            (_, None) => {}
        }
        character
    };
    tag.chars().map(hide).collect()
}

/// Text that cannot break a line or a terminal.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            let _ = write!(shown, "{}", character.escape_default()); // writing to a String cannot fail
        } else {
            shown.push(character);
        }
    }
    shown
}

fn hexadecimal(bytes: &[u8]) -> String {
    format!("0x{}", data_encoding::HEXLOWER.encode(bytes))
}
