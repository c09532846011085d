//! Conversions: a canonical value as the text that stands on the wire, and back.
//!
//! Every conversion reads what it writes, and reads nothing else: a number has one spelling (leading zeros belong to
//! pictures, not to numbers), a date has all its digits, a table has one entry each way.
//! Deliberately absent: pictures, fill and charsets (that is the record's business) and escaping (the XML's).

mod moment;
mod split;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use moment::Moment;
pub(crate) use split::{Part, join};

use crate::adapter::plan::{Conversion, Source};
use crate::lang::Phrase;
use crate::message::dictionary::def;
use crate::message::{Fen, Operation, Record};

/// A canonical value on its way to the wire.
#[derive(Clone, Copy)]
pub(crate) enum Datum<'a> {
    /// Text, codes, numbers that are names.
    Text(&'a str),
    /// Money.
    Fen(Fen),
    /// A count or a number.
    Number(u64),
    /// An instant; shown at +08:00.
    Instant(Timestamp),
    /// A day.
    Day(Date),
}

/// The text of `datum` on the wire; borrowed from it, or written to `buffer`.
///
/// # Errors
/// The rule that forbids it.
pub(crate) fn write<'v>(
    datum: Datum<'v>,
    conversion: &'v Conversion,
    record: Option<&'v Record<'_>>,
    buffer: &'v mut String,
) -> Result<&'v str, Phrase> {
    buffer.clear();
    match (datum, conversion) {
        (Datum::Text(text), Conversion::Plain) => return Ok(text),
        (Datum::Text(text), Conversion::Map(table)) => {
            let entry = table.iter().find(|(canonical, _)| canonical == text);
            return entry.map(|(_, bank)| bank.as_str()).ok_or_else(|| Phrase::new("adapter-value-not-in-map"));
        }
        (Datum::Text(text), Conversion::Part { split, index }) => return split::part(split, *index, text, record),
        (Datum::Fen(fen), Conversion::Plain | Conversion::Fen) => match u64::try_from(fen.get()) {
            Ok(digits) => number(buffer, digits),
            Err(_) => return Err(Phrase::new("adapter-amount-negative")),
        },
        (Datum::Fen(fen), Conversion::Yuan) => match u64::try_from(fen.get()) {
            Ok(digits) => {
                number(buffer, digits / 100);
                buffer.push('.');
                padded(buffer, digits % 100, 2);
            }
            Err(_) => return Err(Phrase::new("adapter-amount-negative")),
        },
        (Datum::Number(digits), Conversion::Plain) => number(buffer, digits),
        (Datum::Instant(instant), Conversion::Date(pattern)) => Moment::of_instant(instant).write(pattern, buffer)?,
        (Datum::Day(day), Conversion::Date(pattern)) => Moment::of_day(day).write(pattern, buffer)?,
        (Datum::Day(day), Conversion::Plain) => Moment::of_day(day).write(moment::BASIC, buffer)?,
        (Datum::Text(_) | Datum::Number(_), _) | (Datum::Fen(_), _) | (Datum::Instant(_) | Datum::Day(_), _) => {
            return Err(Phrase::new("adapter-conversion-unfit"));
        }
    }
    Ok(buffer)
}

/// Appends the digits of `value`.
pub(crate) fn number(buffer: &mut String, value: u64) {
    padded(buffer, value, 1);
}

/// Appends `value` with at least `width` digits, of 1 to 20.
///
/// By hand, because a message has dozens of numbers and the standard formatter is made for more than digits.
fn padded(buffer: &mut String, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let (mut rest, mut used) = (value, 0_usize);
    for place in digits.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *place = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
        rest /= 10;
        used = used.saturating_add(1);
    }
    let written = digits.get(digits.len().saturating_sub(used)..).unwrap_or_default();
    buffer.push_str(std::str::from_utf8(written).unwrap_or_default());
}

/// How the number got its digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As text: one spelling only, without leading zeros.
    Exact,
    /// In a picture that fills with zeros.
    Filled,
}

/// Reads a whole number of fen.
pub(crate) fn read_fen(text: &str, spelling: Spelling) -> Result<Fen, Phrase> {
    one_spelling(text, spelling)?;
    Fen::parse_fen(text).ok_or_else(|| Phrase::new("adapter-not-fen"))
}

/// Reads yuan with exactly two decimals.
pub(crate) fn read_yuan(text: &str) -> Result<Fen, Phrase> {
    one_spelling(text.split('.').next().unwrap_or_default(), Spelling::Exact)
        .and_then(|()| Fen::parse_yuan(text).ok_or_else(|| Phrase::new("adapter-not-yuan")))
        .map_err(|_| Phrase::new("adapter-not-yuan"))
}

/// Reads a count or a number.
pub(crate) fn read_number(text: &str, spelling: Spelling) -> Result<u64, Phrase> {
    one_spelling(text, spelling)?;
    text.parse().map_err(|_| Phrase::new("adapter-not-a-number"))
}

fn one_spelling(text: &str, spelling: Spelling) -> Result<(), Phrase> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (spelling == Spelling::Exact && text.len() > 1 && text.starts_with('0')) {
        return Err(Phrase::new("adapter-not-a-number"));
    }
    Ok(())
}

/// Reads money as the conversion spells it.
pub(crate) fn read_money(text: &str, conversion: &Conversion, spelling: Spelling) -> Result<Fen, Phrase> {
    match conversion {
        Conversion::Plain | Conversion::Fen => read_fen(text, spelling),
        Conversion::Yuan => read_yuan(text),
        Conversion::Date(_) | Conversion::Map(_) | Conversion::Part { .. } => {
            Err(Phrase::new("adapter-conversion-unfit"))
        }
    }
}

/// Reads a date as the conversion spells it.
pub(crate) fn read_moment(text: &str, conversion: &Conversion) -> Result<Moment, Phrase> {
    match conversion {
        Conversion::Plain => Moment::read(moment::BASIC, text),
        Conversion::Date(pattern) => Moment::read(pattern, text),
        Conversion::Fen | Conversion::Yuan | Conversion::Map(_) | Conversion::Part { .. } => {
            Err(Phrase::new("adapter-conversion-unfit"))
        }
    }
}

/// Reads a text that is written as it is, or through a table.
pub(crate) fn read_text<'t>(text: Cow<'t, str>, conversion: &Conversion) -> Result<Cow<'t, str>, Phrase> {
    match conversion {
        Conversion::Plain => Ok(text),
        Conversion::Map(table) => {
            let entry = table.iter().find(|(_, bank)| *bank == text);
            let (canonical, _) = entry.ok_or_else(|| Phrase::new("adapter-value-not-in-map"))?;
            Ok(Cow::Owned(canonical.clone()))
        }
        Conversion::Fen | Conversion::Yuan | Conversion::Date(_) | Conversion::Part { .. } => {
            Err(Phrase::new("adapter-conversion-unfit"))
        }
    }
}

/// Whether `source` is money.
pub(crate) fn is_money(source: &Source) -> bool {
    *source == Source::ItemSum || matches!(source, Source::Field(field) if def(*field).ty.is_money())
}

/// Whether `source` is a number that is counted with.
pub(crate) fn is_number(source: &Source) -> bool {
    is_money(source) || matches!(source, Source::ItemNumber | Source::ItemCount | Source::FrameLength)
}

/// Whether a missing value of `source` may be written as an empty one: only where the operation lets it be missing,
/// because an empty value is read back as none.
pub(crate) fn may_be_empty(operation: Operation, source: &Source) -> bool {
    match source {
        Source::Field(field) => !operation.requires(*field),
        Source::BankCode | Source::BankText | Source::BankSerial | Source::OriginalBankSerial | Source::Local(_) => {
            true
        }
        Source::ItemNumber
        | Source::ItemCount
        | Source::ItemSum
        | Source::Serial
        | Source::SentAt
        | Source::BusinessDate
        | Source::OriginalSerial
        | Source::OriginalSentAt
        | Source::OriginalBusinessDate
        | Source::Setting(_)
        | Source::FrameLength
        | Source::Mac(_) => false,
    }
}

/// What no text on a wire may hold: control characters, and, but for the bank's own words, blanks at its ends (they could
/// not be told from fill).
pub(crate) fn clean(source: &Source, text: &str) -> Result<(), Phrase> {
    let words = matches!(source, Source::BankText | Source::Local(_));
    let (first, last) = (text.as_bytes().first(), text.as_bytes().last());
    if !words && (first == Some(&b' ') || last == Some(&b' ')) {
        return Err(Phrase::new("adapter-blank-at-the-end"));
    }
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7F) {
        return Err(Phrase::new("adapter-control-character"));
    }
    Ok(())
}
