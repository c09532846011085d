//! A record, written: parts in order, each field by its picture, MACs last.

use crate::adapter::charset::Charset;
use crate::adapter::convert::{self, Datum};
use crate::adapter::mac;
use crate::adapter::plan::{Content, Picture, RecordField, RecordLayout, RecordPart, Source, ValuePlan};
use crate::adapter::runtime::Refusal;
use crate::adapter::width::is_mac;
use crate::lang::Phrase;

use super::given::{Given, as_text, setting};
use super::picture::{self, Written};

/// Writes records of one message.
pub(super) struct RecordWriter<'g, 'a> {
    given: &'g Given<'a>,
    charset: Charset,
    /// What `frame.length` says, in the header of a frame.
    frame_length: Option<u64>,
    buffer: String,
    stood: Vec<mac::Stood<'g>>,
    keep_stood: bool,
}

impl<'g, 'a> RecordWriter<'g, 'a> {
    pub(super) fn new(given: &'g Given<'a>, charset: Charset) -> RecordWriter<'g, 'a> {
        RecordWriter { given, charset, frame_length: None, buffer: String::new(), stood: Vec::new(), keep_stood: false }
    }

    /// Appends the header of a frame whose length is `length`.
    pub(super) fn header(&mut self, out: &mut Vec<u8>, fields: &'g [RecordField], length: u64) -> Result<(), Refusal> {
        self.frame_length = Some(length);
        fields.iter().try_for_each(|field| self.field(out, field, None))
    }

    /// Appends a record.
    pub(super) fn record(&mut self, out: &mut Vec<u8>, layout: &'g RecordLayout) -> Result<(), Refusal> {
        self.keep_stood = layout.has_mac;
        self.stood.clear();
        for part in &layout.parts {
            match part {
                RecordPart::Literal { bytes } => out.extend_from_slice(bytes),
                RecordPart::Fields { fields, .. } => {
                    fields.iter().try_for_each(|field| self.field(out, field, None))?;
                }
                RecordPart::Repeat { times, fields, .. } => {
                    for index in 0..times.unwrap_or(self.given.items()) {
                        let item = times.is_none().then_some(index);
                        fields.iter().try_for_each(|field| self.field(out, field, item))?;
                    }
                }
                RecordPart::Delimited { delimiter, trailing, fields, .. } => {
                    self.delimited(out, *delimiter, *trailing, fields)?;
                }
                RecordPart::Bitmap { fields, bits, .. } => self.bitmap(out, fields, bits)?,
                RecordPart::Variant => {
                    let fields = self.variant(layout)?;
                    fields.iter().try_for_each(|field| self.field(out, field, None))?;
                }
            }
        }
        self.macs(out)
    }

    /// Which fields there are, and then they.
    fn bitmap(&mut self, out: &mut Vec<u8>, fields: &'g [RecordField], bits: &[(u8, bool)]) -> Result<(), Refusal> {
        let mut present = Vec::with_capacity(fields.len());
        let mut map = 0_u128;
        for (field, (bit, may_be_missing)) in fields.iter().zip(bits) {
            if *may_be_missing && !self.says(field)? {
                continue;
            }
            map |= bit_of(*bit);
            present.push(field);
        }
        // The first bit says that sixteen bytes stand here and not eight.
        let wide = map.trailing_zeros() < 64;
        let map = if wide { map | bit_of(1) } else { map };
        let bytes = map.to_be_bytes();
        out.extend_from_slice(bytes.get(..if wide { 16 } else { 8 }).unwrap_or_default());
        present.into_iter().try_for_each(|field| self.field(out, field, None))
    }

    /// Whether there is anything to write into a field that may be missing.
    fn says(&mut self, field: &RecordField) -> Result<bool, Refusal> {
        let Content::Value(value) = &field.content else { return Ok(true) };
        let given = self.given;
        let Some(datum) = given.datum(&value.source, None)? else { return Ok(false) };
        let text = convert::write(datum, &value.conversion, given.record(None), &mut self.buffer);
        text.map(|text| !text.is_empty()).map_err(|rule| Refusal::unencodable(given.name(&value.source), rule))
    }

    /// The fields of the variant that the discriminator's value chooses.
    fn variant(&mut self, layout: &'g RecordLayout) -> Result<&'g [RecordField], Refusal> {
        let first = layout.variants.first().and_then(|(_, fields)| fields.first());
        let unfit = || Refusal::unencodable("variant", Phrase::new("adapter-no-variant"));
        let value = match first.map(|field| &field.content) {
            Some(Content::Value(value)) => value,
            Some(Content::Literal(_) | Content::Skip(_) | Content::Children | Content::Record(_)) | None => {
                return Err(unfit());
            }
        };
        let name = self.given.name(&value.source);
        let datum = self.given.datum(&value.source, None)?;
        let text = datum.and_then(as_text).ok_or_else(|| missing(&name))?;
        let chosen = layout.variants.iter().find(|(of, _)| of.as_deref() == Some(text.as_ref()));
        let chosen = chosen.or_else(|| layout.variants.iter().find(|(of, _)| of.is_none()));
        chosen.map(|(_, fields)| fields.as_slice()).ok_or_else(|| unfit().in_field(&name))
    }

    fn field(&mut self, out: &mut Vec<u8>, field: &'g RecordField, item: Option<usize>) -> Result<(), Refusal> {
        let start = out.len();
        match &field.content {
            Content::Literal(text) | Content::Skip(text) => {
                picture::put(out, self.charset, field, text, Written::Literal)
                    .map_err(|rule| Refusal::unencodable(&field.name, rule))?;
            }
            Content::Value(value) => self.value(out, field, value, item)?,
            Content::Children | Content::Record(_) => {
                return Err(Refusal::unencodable(&field.name, Phrase::new("adapter-conversion-unfit")));
            }
        }
        if self.keep_stood {
            self.stood.push(mac::Stood { field, start, end: out.len() });
        }
        Ok(())
    }

    fn value(
        &mut self,
        out: &mut Vec<u8>,
        field: &RecordField,
        value: &ValuePlan,
        item: Option<usize>,
    ) -> Result<(), Refusal> {
        let given = self.given;
        let named = |rule| Refusal::unencodable(given.name(&value.source), rule);
        if matches!(value.source, Source::Mac(_)) {
            // Its place is kept; what it covers may still follow.
            let width = field.picture.width().ok_or_else(|| named(Phrase::new("adapter-conversion-unfit")))?;
            out.resize(out.len().saturating_add(width), 0);
            return Ok(());
        }
        let datum = if value.source == Source::FrameLength {
            self.frame_length.map(Datum::Number)
        } else {
            given.datum(&value.source, item)?
        };
        let Some(datum) = datum else {
            if !given.may_be_empty(&value.source) {
                return Err(missing(&given.name(&value.source)));
            }
            return picture::put_empty(out, field).map_err(named);
        };
        let record = given.record(item);
        let text = convert::write(datum, &value.conversion, record, &mut self.buffer).map_err(named)?;
        if text.is_empty() {
            return picture::put_empty(out, field).map_err(named);
        }
        let written = written(field.picture, datum);
        convert::clean(&value.source, text).map_err(named)?;
        picture::put(out, self.charset, field, text, written).map_err(named)
    }

    fn delimited(
        &mut self,
        out: &mut Vec<u8>,
        delimiter: u8,
        trailing: bool,
        fields: &'g [RecordField],
    ) -> Result<(), Refusal> {
        let last = fields.len().saturating_sub(1);
        for (index, field) in fields.iter().enumerate() {
            let start = out.len();
            self.between(out, delimiter, field)?;
            if self.keep_stood {
                self.stood.push(mac::Stood { field, start, end: out.len() });
            }
            if index < last || trailing {
                out.push(delimiter);
            }
        }
        Ok(())
    }

    /// One field between delimiters: nothing is padded, nothing may look like a delimiter.
    fn between(&mut self, out: &mut Vec<u8>, delimiter: u8, field: &'g RecordField) -> Result<(), Refusal> {
        let given = self.given;
        let (name, text) = match &field.content {
            Content::Literal(text) | Content::Skip(text) => (None, text.as_str()),
            Content::Value(value) => {
                if matches!(value.source, Source::Mac(_)) {
                    return self.value(out, field, value, None);
                }
                let named = |rule| Refusal::unencodable(given.name(&value.source), rule);
                let Some(datum) = given.datum(&value.source, None)? else {
                    let allowed = given.may_be_empty(&value.source);
                    return if allowed { Ok(()) } else { Err(missing(&given.name(&value.source))) };
                };
                let text =
                    convert::write(datum, &value.conversion, given.record(None), &mut self.buffer).map_err(named)?;
                convert::clean(&value.source, text).map_err(named)?;
                (Some(&value.source), text)
            }
            Content::Children | Content::Record(_) => (None, ""),
        };
        let named = |rule| {
            let name = name.map_or_else(|| field.name.clone(), |source| given.name(source));
            Refusal::unencodable(name, rule)
        };
        if text.contains(char::from(delimiter)) {
            return Err(named(Phrase::new("adapter-holds-delimiter")));
        }
        if matches!(field.picture, Picture::Nine { .. }) && !text.is_empty() && !picture::is_digits(text) {
            return Err(named(Phrase::new("adapter-not-digits")));
        }
        let start = out.len();
        let unmappable = |_| named(Phrase::new("adapter-unmappable").with("charset", self.charset.name()));
        self.charset.encode_into(text, out).map_err(unmappable)?;
        let max = field.picture.longest();
        if out.len().saturating_sub(start) > max {
            return Err(named(Phrase::new("adapter-too-long").with("max", max)));
        }
        Ok(())
    }

    fn macs(&mut self, out: &mut [u8]) -> Result<(), Refusal> {
        for place in self.stood.iter().filter(|stood| is_mac(stood.field)) {
            let Content::Value(ValuePlan { source: Source::Mac(plan), .. }) = &place.field.content else {
                continue;
            };
            let key = setting(self.given.adapter, self.given.settings(), plan.key)?;
            let named = |rule| Refusal::unencodable(&place.field.name, rule);
            let code = mac::code(plan, place.field.picture, key, &self.stood, out, self.charset).map_err(named)?;
            if let Some(bytes) = out.get_mut(place.start..place.end).filter(|bytes| bytes.len() == code.len()) {
                bytes.copy_from_slice(&code);
            }
        }
        Ok(())
    }
}

fn written(picture: Picture, datum: Datum<'_>) -> Written {
    match (picture, datum) {
        (
            Picture::Nine { .. } | Picture::Bcd { .. } | Picture::Signed { .. } | Picture::B { .. },
            Datum::Fen(_) | Datum::Number(_),
        ) => Written::Number,
        (Picture::X(_) | Picture::G(_) | Picture::Var { .. }, _)
        | (_, Datum::Text(_) | Datum::Instant(_) | Datum::Day(_)) => Written::Text,
    }
}

/// Bit `number` of a bitmap, from 1, the most significant first.
pub(in crate::adapter) const fn bit_of(number: u8) -> u128 {
    (1 << 127) >> (number.saturating_sub(1) & 127)
}

/// A value that must be there is not.
pub(super) fn missing(name: &str) -> Refusal {
    Refusal::unencodable(name, Phrase::new("adapter-value-missing"))
}
