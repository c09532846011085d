//! The context of a translation: what a message needs besides its own fields, as a JSON document.
//!
//! ```json
//! { "serial": "0000000018", "sent_at": "2022-03-01T09:30:00+08:00", "business_date": "2022-03-01", "item_number": 1,
//!   "settings": { "institution": "653001" },
//!   "original": { "serial": "0000000017", "sent_at": "2022-03-01T09:00:00+08:00", "business_date": "2022-03-01" } }
//! ```
//!
//! Every member may be left out; which ones a translation needs depends on the adapter, which says what it lacks.
//! Strict like every canonical document: no unknown or repeated member, no `null`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::json;

use super::json::{self, Node};
use super::problem::Problem;
use super::rules;
use super::shape::Shape;
use crate::lang::Phrase;

#[cfg(test)]
mod tests;

/// Most characters of a serial.
const SERIAL_MAX: usize = 64;
/// Most characters of a setting's name or value.
const SETTING_MAX: usize = 256;
/// China Standard Time, the one zone that banks and the county write times in.
const CHINA: Offset = Offset::constant(8);

/// What a translation needs besides the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Our serial of this sending; of the query itself, for a query.
    pub serial: Option<String>,
    /// When it is sent.
    pub sent_at: Option<Timestamp>,
    /// The bank's business date it is sent on.
    pub business_date: Option<Date>,
    /// The item's number in a sending of several, from 1.
    pub item_number: Option<u32>,
    /// The link's settings: contract numbers, payer account, institution codes.
    pub settings: BTreeMap<String, String>,
    /// The payment that a query asks about.
    pub original: Option<OriginalContext>,
}

/// How the payment that is asked about was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginalContext {
    /// Our serial.
    pub serial: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// The business date it was sent on.
    pub business_date: Option<Date>,
    /// The bank's own serial, where the bank gave one.
    pub bank_serial: Option<String>,
}

impl Context {
    /// Reads a context.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the document.
    pub fn decode(bytes: &[u8]) -> Result<Context, Vec<Problem>> {
        let root = json::parse(bytes).map_err(|problem| vec![problem])?;
        let mut shape = Shape::default();
        let mut context = Context::default();
        for member in shape.object(root, "") {
            match member.name.as_ref() {
                "serial" => context.serial = serial(&mut shape, member.value, "serial"),
                "sent_at" => context.sent_at = time(&mut shape, member.value, "sent_at"),
                "business_date" => context.business_date = date(&mut shape, member.value, "business_date"),
                "item_number" => context.item_number = item_number(&mut shape, &member.value),
                "settings" => context.settings = settings(&mut shape, member.value),
                "original" => context.original = Some(original(&mut shape, member.value)),
                _ => shape.unknown(&member, ""),
            }
        }
        shape.finish(context)
    }

    /// Writes the context: times at +08:00, dates with hyphens.
    pub fn encode(&self) -> String {
        let mut root = serde_json::Map::new();
        let common = (&self.serial, self.sent_at, self.business_date);
        put_common(&mut root, common);
        if let Some(number) = self.item_number {
            root.insert("item_number".into(), json!(number));
        }
        if !self.settings.is_empty() {
            root.insert("settings".into(), json!(self.settings));
        }
        if let Some(original) = &self.original {
            let mut inner = serde_json::Map::new();
            put_common(&mut inner, (&original.serial, original.sent_at, original.business_date));
            if let Some(serial) = &original.bank_serial {
                inner.insert("bank_serial".into(), json!(serial));
            }
            root.insert("original".into(), inner.into());
        }
        serde_json::Value::Object(root).to_string()
    }
}

fn put_common(
    object: &mut serde_json::Map<String, serde_json::Value>,
    (serial, sent_at, business_date): (&Option<String>, Option<Timestamp>, Option<Date>),
) {
    if let Some(serial) = serial {
        object.insert("serial".into(), json!(serial));
    }
    if let Some(sent_at) = sent_at {
        object.insert("sent_at".into(), json!(sent_at.display_with_offset(CHINA).to_string()));
    }
    if let Some(date) = business_date {
        object.insert("business_date".into(), json!(date.to_string()));
    }
}

fn original(shape: &mut Shape, node: Node<'_>) -> OriginalContext {
    let mut original = OriginalContext::default();
    for member in shape.object(node, "original") {
        match member.name.as_ref() {
            "serial" => original.serial = serial(shape, member.value, "original.serial"),
            "sent_at" => original.sent_at = time(shape, member.value, "original.sent_at"),
            "business_date" => original.business_date = date(shape, member.value, "original.business_date"),
            "bank_serial" => original.bank_serial = serial(shape, member.value, "original.bank_serial"),
            _ => shape.unknown(&member, "original"),
        }
    }
    original
}

fn settings(shape: &mut Shape, node: Node<'_>) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for member in shape.object(node, "settings") {
        let name = member.name.into_owned();
        let at = member.at;
        let named = shape.accept(rules::free_text(&name, SETTING_MAX), "settings", at);
        let at = member.value.at;
        let value = shape.text(member.value, "settings").filter(|value| {
            // A setting may be empty, where a bank wants an empty field.
            value.is_empty() || shape.accept(rules::free_text(value, SETTING_MAX), "settings", at).is_some()
        });
        if let (Some(()), Some(value)) = (named, value) {
            settings.insert(name, value.into_owned());
        }
    }
    settings
}

fn serial(shape: &mut Shape, node: Node<'_>, path: &str) -> Option<String> {
    let at = node.at;
    let text = shape.text(node, path)?;
    shape.accept(rules::free_text(&text, SERIAL_MAX).map(|()| text.into_owned()), path, at)
}

fn item_number(shape: &mut Shape, node: &Node<'_>) -> Option<u32> {
    let number = shape.integer(node, "item_number")?;
    let number = u32::try_from(number).ok().filter(|number| *number > 0);
    let rule = || Problem::new("number-out-of-range", Phrase::new("message-item-number"));
    shape.accept(number.ok_or_else(rule), "item_number", node.at)
}

fn time(shape: &mut Shape, node: Node<'_>, path: &str) -> Option<Timestamp> {
    let at = node.at;
    let text = shape.text(node, path)?;
    let rule = || Problem::new("time-form", Phrase::new("message-time-form"));
    shape.accept(parse_time(&text).ok_or_else(rule), path, at)
}

fn date(shape: &mut Shape, node: Node<'_>, path: &str) -> Option<Date> {
    let at = node.at;
    let text = shape.text(node, path)?;
    let rule = || Problem::new("date-form", Phrase::new("message-date-form"));
    shape.accept(parse_date(&text).ok_or_else(rule), path, at)
}

/// A time of RFC 3339: date, `T`, time with seconds, up to nine decimals, `Z` or an offset. The form is checked here,
/// because the library also takes other spellings and turns a 60th second into the 59th.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once('T')?;
    let clock = rest.get(..8)?;
    let zone = match rest.get(8..)?.strip_prefix('.') {
        None => rest.get(8..)?,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            let decimals = fraction.len() - zone.len();
            (1..=9).contains(&decimals).then_some(zone)?
        }
    };
    let zone_is_sound = zone == "Z" || (zone.starts_with(['+', '-']) && has_form(zone.get(1..)?, "00:00"));
    let form_is_sound = has_form(date, "0000-00-00") && has_form(clock, "00:00:00") && zone_is_sound;
    (form_is_sound && clock.get(6..)? < "60").then(|| text.parse().ok()).flatten()
}

/// A date, `2022-03-01` or `20220301`, that the calendar has.
pub fn parse_date(text: &str) -> Option<Date> {
    let digits = if has_form(text, "0000-00-00") { text.replace('-', "") } else { text.to_owned() };
    if !has_form(&digits, "00000000") {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    Date::new(part(0, 4)?, i8::try_from(part(4, 6)?).ok()?, i8::try_from(part(6, 8)?).ok()?).ok()
}

/// Whether `text` is `form` with any digit for each `0`.
fn has_form(text: &str, form: &str) -> bool {
    let fits = |(byte, like): (u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { byte == like };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}
