//! What the three hard-coded translators have in common: the checks that every dialect makes of every value, written once
//! as a programmer would write them who knows the three banks and no fourth.
//!
//! The layers below are the product's own: XML reader, escaping and charset tables. What is above them is not.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use kuimen::adapter::charset::Charset;
use kuimen::adapter::plan::Adapter;
use kuimen::adapter::runtime::{Answered, Expected, Incoming, Outgoing, Settings, Wire};
use kuimen::adapter::xml::{Attributes, Event, Limits, Reader, escape_text};
use kuimen::message::Fen;

/// All three speak this one.
pub(crate) const GBK: Charset = Charset::GbkJava;

/// Why a translator gives up: a word for whoever debugs the reference, which has no words for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Bad(pub(crate) &'static str);

pub(crate) type Done<T> = Result<T, Bad>;

/// A translator for one bank's payments.
pub(crate) trait ByHand {
    /// Canonical payment to wire request.
    fn write_request(&self, outgoing: &Outgoing<'_>) -> Done<Wire>;
    /// Wire request to canonical payment.
    fn read_request(&self, wire: &Wire, settings: &Settings) -> Done<Incoming<'static>>;
    /// Wire reply to canonical reply.
    fn read_reply(&self, bytes: &[u8], expected: &Expected<'_>) -> Done<Answered>;

    /// The message inside everything that is around it, so that it can be spoilt where the wrapping would not tell.
    fn peel_request(&self, wire: &Wire) -> Vec<u8>;
    /// A message wrapped up again, lengths and seals in order.
    fn wrap_request(&self, wire: &Wire, message: &[u8], keys: &Settings) -> Wire;
    fn peel_reply(&self, bytes: &[u8]) -> Vec<u8>;
    fn wrap_reply(&self, message: &[u8]) -> Vec<u8>;
}

/// The place of a setting in a link's list, looked up once.
pub(crate) fn place(adapter: &Adapter, name: &str) -> usize {
    adapter.settings.iter().position(|def| def.name == name).unwrap_or_else(|| panic!("no setting {name}"))
}

pub(crate) fn setting(settings: &Settings, at: usize) -> Done<&str> {
    settings.0.get(at).and_then(Option::as_deref).ok_or(Bad("setting"))
}

pub(crate) fn need<T>(value: Option<T>) -> Done<T> {
    value.ok_or(Bad("missing"))
}

pub(crate) fn ensure(holds: bool, rule: &'static str) -> Done<()> {
    if holds { Ok(()) } else { Err(Bad(rule)) }
}

/// No blank at either end, no control character.
pub(crate) fn clean(text: &str) -> Done<()> {
    let bytes = text.as_bytes();
    ensure(bytes.first() != Some(&b' ') && bytes.last() != Some(&b' '), "blank at an end")?;
    no_control(text)
}

pub(crate) fn no_control(text: &str) -> Done<()> {
    ensure(!text.bytes().any(|byte| byte < 0x20 || byte == 0x7F), "control character")
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Appends `value` with at least `width` digits.
pub(crate) fn digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut place = [b'0'; 20];
    let mut at = place.len();
    while value > 0 {
        at -= 1;
        place[at] = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
    out.extend_from_slice(&place[at.min(place.len() - width)..]);
}

/// Money is never negative on a wire.
pub(crate) fn fen(amount: Fen) -> Done<u64> {
    u64::try_from(amount.get()).map_err(|_| Bad("amount"))
}

/// A whole number without zeros before it.
pub(crate) fn number(text: &str) -> Done<u64> {
    ensure(is_digits(text) && (text.len() == 1 || !text.starts_with('0')), "number")?;
    text.parse().map_err(|_| Bad("number"))
}

const CHINA: Offset = Offset::constant(8);

pub(crate) fn in_china(instant: Timestamp) -> DateTime {
    CHINA.to_datetime(instant)
}

pub(crate) fn instant(day: Option<Date>, time: Option<Time>) -> Option<Timestamp> {
    TimeZone::fixed(CHINA).to_timestamp(day?.to_datetime(time?)).ok()
}

/// `yyyyMMdd`.
pub(crate) fn put_date(out: &mut Vec<u8>, date: Date) -> Done<()> {
    digits(out, u64::try_from(date.year()).map_err(|_| Bad("year"))?, 4);
    digits(out, u64::try_from(date.month()).unwrap_or_default(), 2);
    digits(out, u64::try_from(date.day()).unwrap_or_default(), 2);
    Ok(())
}

/// `HHmmss`.
pub(crate) fn put_time(out: &mut Vec<u8>, time: Time) {
    for part in [time.hour(), time.minute(), time.second()] {
        digits(out, u64::try_from(part).unwrap_or_default(), 2);
    }
}

/// `SSS`.
pub(crate) fn put_millisecond(out: &mut Vec<u8>, time: Time) {
    digits(out, u64::try_from(time.millisecond()).unwrap_or_default(), 3);
}

fn piece(text: &str, at: usize, width: usize) -> Done<i16> {
    let digits = text.get(at..at + width).filter(|digits| is_digits(digits));
    digits.and_then(|digits| digits.parse().ok()).ok_or(Bad("date"))
}

fn short(text: &str, at: usize) -> Done<i8> {
    i8::try_from(piece(text, at, 2)?).map_err(|_| Bad("date"))
}

/// `yyyyMMdd`.
pub(crate) fn date(text: &str) -> Done<Date> {
    ensure(text.len() == 8, "date")?;
    Date::new(piece(text, 0, 4)?, short(text, 4)?, short(text, 6)?).map_err(|_| Bad("date"))
}

/// `HHmmss`, or `HHmmssSSS` with `milliseconds`.
pub(crate) fn time(text: &str, milliseconds: bool) -> Done<Time> {
    ensure(text.len() == if milliseconds { 9 } else { 6 }, "time")?;
    let nanoseconds = if milliseconds { i32::from(piece(text, 6, 3)?) * 1_000_000 } else { 0 };
    Time::new(short(text, 0)?, short(text, 2)?, short(text, 4)?, nanoseconds).map_err(|_| Bad("time"))
}

/// Keeps a value; a second one must be the same.
pub(crate) fn once<T: PartialEq>(slot: &mut Option<T>, value: T) -> Done<()> {
    match slot {
        Some(known) => ensure(*known == value, "contradiction"),
        None => {
            *slot = Some(value);
            Ok(())
        }
    }
}

/// A text that is there.
pub(crate) fn filled(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(text).filter(|text| !text.is_empty())
}

/// Appends a value as character data.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) -> Done<()> {
    clean(text)?;
    if text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'&' | b'<' | b'>')) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    if !text.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'>')) {
        return GBK.encode_into(text, out).map_err(|_| Bad("unmappable"));
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    escape_text(text, &mut escaped).map_err(|_| Bad("control character"))?;
    GBK.encode_into(&escaped, out).map_err(|_| Bad("unmappable"))
}

pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Walks over a document by recursive descent.
pub(crate) struct Document<'t> {
    reader: Reader<'t>,
    /// Labels of an encoding that a declaration may name.
    labels: &'static [&'static str],
}

/// What stands next inside an element.
pub(crate) enum Next<'t> {
    Start(&'t str, Attributes<'t>),
    End,
}

/// Character data, and whether nothing but character data was there.
pub(crate) struct Said<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) plain: bool,
}

impl<'t> Document<'t> {
    pub(crate) fn new(text: &'t str, labels: &'static [&'static str]) -> Document<'t> {
        let limits = Limits { bytes: text.len(), ..Limits::default() };
        Document { reader: Reader::new(text, &limits), labels }
    }

    fn event(&mut self) -> Done<Event<'t>> {
        self.reader.next().map_err(|_| Bad("xml"))
    }

    /// The next tag; nothing but blanks before it.
    pub(crate) fn next(&mut self) -> Done<Next<'t>> {
        loop {
            match self.event()? {
                Event::Start { name, attributes, .. } => return Ok(Next::Start(name, attributes)),
                Event::End { .. } => return Ok(Next::End),
                Event::Text { value, .. } => ensure(is_blank(&value), "text between elements")?,
                Event::Declaration { encoding } => {
                    let known = |label: &str| self.labels.iter().any(|known| known.eq_ignore_ascii_case(label));
                    ensure(encoding.is_none_or(known), "encoding")?;
                }
                Event::Eof => return Err(Bad("no element")),
            }
        }
    }

    /// Exactly this start tag, without attributes.
    pub(crate) fn open(&mut self, name: &str) -> Done<()> {
        match self.next()? {
            Next::Start(found, mut attributes) => ensure(found == name && attributes.next().is_none(), "element"),
            Next::End => Err(Bad("element missing")),
        }
    }

    /// An end tag.
    pub(crate) fn close(&mut self) -> Done<()> {
        match self.next()? {
            Next::End => Ok(()),
            Next::Start(..) => Err(Bad("element")),
        }
    }

    /// The text of the element that was just opened, up to its end.
    pub(crate) fn said(&mut self, mut attributes: Attributes<'t>) -> Done<Said<'t>> {
        ensure(attributes.next().is_none(), "attribute")?;
        let mut said = Said { text: Cow::Borrowed(""), plain: true };
        match self.event()? {
            Event::Text { value, plain, .. } => said = Said { text: value, plain },
            Event::End { .. } => return Ok(said),
            Event::Start { .. } | Event::Declaration { .. } | Event::Eof => return Err(Bad("element")),
        }
        match self.event()? {
            Event::End { .. } => Ok(said),
            Event::Start { .. } | Event::Declaration { .. } | Event::Text { .. } | Event::Eof => Err(Bad("element")),
        }
    }

    /// An element that always says the same.
    pub(crate) fn literal(&mut self, name: &str, text: &str) -> Done<()> {
        ensure(self.raw(name)?.text == text, "literal")
    }

    /// An element that never says anything.
    pub(crate) fn empty(&mut self, name: &str) -> Done<()> {
        ensure(is_blank(&self.raw(name)?.text), "literal")
    }

    fn raw(&mut self, name: &str) -> Done<Said<'t>> {
        match self.next()? {
            Next::Start(found, attributes) if found == name => self.said(attributes),
            Next::Start(..) | Next::End => Err(Bad("element missing")),
        }
    }

    /// The value of exactly this element; `None` where it is blank.
    pub(crate) fn value(&mut self, name: &str) -> Done<Option<Cow<'t, str>>> {
        let said = self.raw(name)?;
        value(said)
    }

    /// The number of exactly this element.
    pub(crate) fn count(&mut self, name: &str) -> Done<Option<Cow<'t, str>>> {
        let said = self.raw(name)?;
        counted(said)
    }

    /// Passes over the element that was just opened.
    pub(crate) fn skip(&mut self) -> Done<()> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.event()? {
                Event::Start { .. } => depth += 1,
                Event::End { .. } => depth -= 1,
                Event::Declaration { .. } | Event::Text { .. } => {}
                Event::Eof => return Err(Bad("element")),
            }
        }
        Ok(())
    }

    /// The end of the document, which alone proves that it was well-formed.
    pub(crate) fn end(&mut self) -> Done<()> {
        match self.event()? {
            Event::Eof => Ok(()),
            Event::Start { .. } | Event::End { .. } | Event::Text { .. } | Event::Declaration { .. } => {
                Err(Bad("after the root"))
            }
        }
    }
}

/// A value that identifies or names.
pub(crate) fn value(said: Said<'_>) -> Done<Option<Cow<'_, str>>> {
    if is_blank(&said.text) {
        return Ok(None);
    }
    clean(&said.text)?;
    Ok(Some(said.text))
}

/// The same for what is counted with: a comment inside a number may show people another one.
pub(crate) fn counted(said: Said<'_>) -> Done<Option<Cow<'_, str>>> {
    let plain = said.plain;
    let value = value(said)?;
    ensure(plain || value.is_none(), "broken number")?;
    Ok(value)
}

/// The bank's own words, which may look as they like.
pub(crate) fn words(said: Said<'_>) -> Option<Cow<'_, str>> {
    Some(said.text).filter(|text| !is_blank(text))
}

/// The same with the blanks around them taken away.
pub(crate) fn trimmed(said: Said<'_>) -> Option<Cow<'_, str>> {
    let blank = [' ', '\t', '\n', '\r'];
    let text = match said.text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(blank).to_owned()),
    };
    filled(text)
}
