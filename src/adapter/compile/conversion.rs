//! Conversions: which there are, and which source each fits.

use std::ops::Range;

use crate::adapter::compile::tables::Tables;
use crate::adapter::notation::value::{Broken, Step};
use crate::adapter::plan::{Conversion, DatePart, Source};
use crate::lang::Phrase;
use crate::message::Field;
use crate::message::dictionary::{Type, def};

/// What kind of value a source gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A canonical field that is text.
    Field(Field),
    /// Money.
    Amount,
    /// A moment.
    Instant,
    /// A date.
    Date,
    /// A whole number.
    Number,
    /// Our serial.
    Serial,
    /// Text whose letters nobody declares: settings, the bank's words.
    Text,
    /// Raw bytes.
    Bytes,
}

/// The kind of a source.
pub(super) fn kind(source: &Source) -> Kind {
    match source {
        Source::ItemSum => Kind::Amount,
        Source::Field(field) if def(*field).ty.is_money() => Kind::Amount,
        Source::Field(field) if def(*field).ty == Type::Date => Kind::Date,
        Source::Field(field) => Kind::Field(*field),
        Source::ItemNumber | Source::ItemCount | Source::FrameLength => Kind::Number,
        Source::Serial | Source::OriginalSerial => Kind::Serial,
        Source::SentAt | Source::OriginalSentAt => Kind::Instant,
        Source::BusinessDate | Source::OriginalBusinessDate => Kind::Date,
        Source::Setting(_)
        | Source::OriginalBankSerial
        | Source::BankCode
        | Source::BankText
        | Source::BankSerial
        | Source::Local(_) => Kind::Text,
        Source::Mac(_) => Kind::Bytes,
    }
}

/// Reads one conversion of `source`.
pub(super) fn read(tables: &Tables<'_>, source: &Source, step: &Step<'_>) -> Result<Conversion, Broken> {
    let kind = kind(source);
    let unfit = || (step.name.range.clone(), Phrase::new("adapter-fault-conversion-unfit"));
    let bare = |conversion: Conversion| {
        if step.rest.text.is_empty() {
            Ok(conversion)
        } else {
            Err((step.rest.range.clone(), Phrase::new("adapter-fault-conversion-arguments")))
        }
    };
    match step.name.text {
        "fen" if kind == Kind::Amount => bare(Conversion::Fen),
        "yuan" if kind == Kind::Amount => bare(Conversion::Yuan),
        "date" if matches!(kind, Kind::Instant | Kind::Date) => {
            date(step.rest.text, kind, step.rest.range.clone()).map(Conversion::Date)
        }
        "map" => match kind {
            Kind::Field(field) => map(tables, field, step).map(Conversion::Map),
            Kind::Amount | Kind::Instant | Kind::Date | Kind::Number | Kind::Serial | Kind::Text | Kind::Bytes => {
                Err(unfit())
            }
        },
        "part" => part(tables, source, step),
        "fen" | "yuan" | "date" => Err(unfit()),
        name => Err((step.name.range.clone(), Phrase::new("adapter-fault-unknown-conversion").with("name", name))),
    }
}

fn map(tables: &Tables<'_>, field: Field, step: &Step<'_>) -> Result<Vec<(String, String)>, Broken> {
    let name = step.rest.text;
    let Some((_, named)) = tables.maps.take(name) else {
        return Err((place(step), Phrase::new("adapter-fault-unknown-map").with("name", name)));
    };
    if let Type::Code(known) = def(field).ty
        && named.value.iter().any(|(code, _)| !known.iter().any(|entry| entry.code == code))
    {
        return Err((place(step), Phrase::new("adapter-fault-unknown-code").with("field", field.name())));
    }
    Ok(named.value.clone())
}

fn part(tables: &Tables<'_>, source: &Source, step: &Step<'_>) -> Result<Conversion, Broken> {
    let Some((name, number)) = step.rest.text.split_once(' ') else {
        return Err((place(step), Phrase::new("adapter-fault-conversion-arguments")));
    };
    let Some((_, named)) = tables.splits.take(name) else {
        return Err((place(step), Phrase::new("adapter-fault-unknown-split").with("name", name)));
    };
    let split = &named.value;
    let parts = split.cases.first().map_or(0, |(_, widths)| widths.len());
    let index = number.trim().parse::<usize>().ok().filter(|number| (1..=parts).contains(number));
    let Some(index) = index else {
        return Err((place(step), Phrase::new("adapter-fault-split-no-part").with("parts", parts)));
    };
    if *source != Source::Field(split.of) {
        return Err((step.name.range.clone(), Phrase::new("adapter-fault-conversion-unfit")));
    }
    Ok(Conversion::Part { split: split.clone(), index: index - 1 })
}

/// Where a step's arguments stand; the step's name where it has none.
fn place(step: &Step<'_>) -> Range<usize> {
    if step.rest.text.is_empty() { step.name.range.clone() } else { step.rest.range.clone() }
}

/// Reads a date pattern. A date must be whole (year, month, day); an instant may be spread over several fields.
fn date(pattern: &str, kind: Kind, range: Range<usize>) -> Result<Vec<DatePart>, Broken> {
    let words = [
        ("yyyy", DatePart::Year),
        ("MM", DatePart::Month),
        ("dd", DatePart::Day),
        ("HH", DatePart::Hour),
        ("mm", DatePart::Minute),
        ("SSS", DatePart::Millisecond),
        ("ss", DatePart::Second),
    ];
    let broken = || (range.clone(), Phrase::new("adapter-fault-date-pattern"));
    let mut parts: Vec<DatePart> = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let word = words.iter().find_map(|(word, part)| Some((rest.strip_prefix(word)?, part)));
        match word {
            Some((after, part)) => {
                if parts.contains(part) {
                    return Err(broken());
                }
                parts.push(part.clone());
                rest = after;
            }
            None if first.is_ascii_alphabetic() && first != 'T' && first != 'Z' => return Err(broken()),
            None => {
                parts.push(DatePart::Literal(first));
                rest = rest.strip_prefix(first).unwrap_or_default();
            }
        }
    }
    let has = |part: DatePart| parts.contains(&part);
    let whole = has(DatePart::Year) && has(DatePart::Month) && has(DatePart::Day);
    let timed = [DatePart::Hour, DatePart::Minute, DatePart::Second, DatePart::Millisecond].into_iter().any(has);
    match kind {
        Kind::Date if !whole || timed => Err(broken()),
        Kind::Date | Kind::Instant if whole || timed => Ok(parts),
        Kind::Date
        | Kind::Instant
        | Kind::Field(_)
        | Kind::Amount
        | Kind::Number
        | Kind::Serial
        | Kind::Text
        | Kind::Bytes => Err(broken()),
    }
}

/// The bytes that a date takes on the wire, and whether all of them are digits.
pub(super) fn date_width(parts: &[DatePart]) -> (usize, bool) {
    let digits = parts.iter().all(|part| !matches!(part, DatePart::Literal(literal) if !literal.is_ascii_digit()));
    let width = parts
        .iter()
        .map(|part| match part {
            DatePart::Year => 4,
            DatePart::Month | DatePart::Day | DatePart::Hour | DatePart::Minute | DatePart::Second => 2,
            DatePart::Millisecond => 3,
            DatePart::Literal(literal) => literal.len_utf8(),
        })
        .sum();
    (width, digits)
}
