//! A record, read: parts in order, every byte accounted for, MACs checked last.

use std::borrow::Cow;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::adapter::charset::Charset;
use crate::adapter::convert::{self, Spelling};
use crate::adapter::encode::{bit_of, setting};
use crate::adapter::mac;
use crate::adapter::plan::{Content, Picture, RecordField, RecordLayout, RecordPart, Source, ValuePlan};
use crate::adapter::runtime::Refusal;
use crate::adapter::width::is_mac;
use crate::lang::Phrase;

use super::Context;
use super::field::{self, Wrong};
use super::taken::Taken;
use super::trace::{Kind, Piece, Trace};

/// Reads one record.
pub(super) struct RecordReader<'r, 'p, 'b, 't, T> {
    pub(super) context: &'r Context<'p>,
    pub(super) charset: Charset,
    /// The record and nothing else.
    pub(super) bytes: &'b [u8],
    /// Offset of `bytes` in the layer.
    pub(super) base: usize,
    /// How a text is kept: borrowed from `bytes`, or copied where `bytes` do not live long enough.
    pub(super) keep: fn(Cow<'b, str>) -> Cow<'t, str>,
    pub(super) trace: &'r mut T,
    /// Offset in `bytes` of what is read next.
    pub(super) at: usize,
    /// Where fields stand, if a MAC covers some.
    pub(super) stood: Option<Vec<mac::Stood<'p>>>,
}

impl<'p, 'b, 't, T: Trace> RecordReader<'_, 'p, 'b, 't, T> {
    /// Reads the whole record.
    pub(super) fn record(&mut self, layout: &'p RecordLayout, taken: &mut Taken<'p, 't>) -> Result<(), Refusal> {
        self.stood = layout.has_mac.then(Vec::new);
        for (index, part) in layout.parts.iter().enumerate() {
            let after = layout.parts.get(index.saturating_add(1)..).unwrap_or_default();
            match part {
                RecordPart::Literal { bytes } => self.literal(bytes)?,
                RecordPart::Fields { fields, .. } => self.fields(fields, taken)?,
                RecordPart::Repeat { times: Some(times), fields, .. } => {
                    (0..*times).try_for_each(|_| self.fields(fields, taken))?;
                }
                RecordPart::Repeat { times: None, fields, .. } => self.items(fields, after, taken)?,
                RecordPart::Delimited { delimiter, trailing, fields, .. } => {
                    self.delimited(*delimiter, *trailing, fields, after, taken)?;
                }
                RecordPart::Bitmap { fields, bits, .. } => self.bitmap(fields, bits, taken)?,
                RecordPart::Variant => {
                    let fields = self.variant(layout)?;
                    self.fields(fields, taken)?;
                }
            }
        }
        if self.at < self.bytes.len() {
            return Err(self.refuse(0, Phrase::new("adapter-trailing-data")).coded("trailing-data"));
        }
        self.macs()
    }

    /// Reads fields one after the other.
    pub(super) fn fields(&mut self, fields: &'p [RecordField], taken: &mut Taken<'p, 't>) -> Result<(), Refusal> {
        fields.iter().try_for_each(|field| {
            let length = field::extent(field, self.rest()).map_err(|wrong| self.wrong(field, wrong))?;
            self.field(field, length, taken)
        })
    }

    /// Reads the fields that the bitmap announces. A field that nobody knows has no known end, so it cannot be skipped.
    fn bitmap(
        &mut self,
        fields: &'p [RecordField],
        bits: &[(u8, bool)],
        taken: &mut Taken<'p, 't>,
    ) -> Result<(), Refusal> {
        let wide = self.rest().first().is_some_and(|byte| byte & 0x80 != 0);
        let length = if wide { 16 } else { 8 };
        let Some(raw) = self.rest().get(..length) else {
            return Err(self.refuse(self.rest().len(), Phrase::new("adapter-cut")));
        };
        let map = raw.iter().fold(0_u128, |map, byte| map << 8 | u128::from(*byte)) << (128 - length * 8);
        for bit in 2..=128 {
            let known = bits.iter().find(|(own, _)| *own == bit);
            match (map & bit_of(bit) != 0, known) {
                (true, None) => return Err(self.refuse(0, Phrase::new("adapter-bit-unknown").with("bit", bit))),
                (false, Some((_, false))) => {
                    return Err(self.refuse(0, Phrase::new("adapter-bit-missing").with("bit", bit)));
                }
                (true, Some(_)) | (false, Some((_, true)) | None) => {}
            }
        }
        // Sixteen bytes of which the last eight say nothing are a second spelling of the same.
        if wide && map.trailing_zeros() >= 64 {
            return Err(self.refuse(0, Phrase::new("adapter-bitmap-wide")));
        }
        self.told(length, "BITMAP", None, None, Kind::Wrapping, Spelling::Exact);
        self.at = self.at.saturating_add(length);
        for (field, _) in fields.iter().zip(bits).filter(|(_, (bit, _))| map & bit_of(*bit) != 0) {
            let length = field::extent(field, self.rest()).map_err(|wrong| self.wrong(field, wrong))?;
            self.field(field, length, taken)?;
        }
        Ok(())
    }

    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn refuse(&self, within: usize, rule: Phrase) -> Refusal {
        Refusal::undecodable(self.base.saturating_add(self.at).saturating_add(within), rule)
    }

    fn wrong(&self, field: &RecordField, (within, rule): Wrong) -> Refusal {
        let charset = rule.key() == "adapter-charset";
        let refusal = self.refuse(within, rule).in_field(&field.name);
        if charset { refusal.coded("charset") } else { refusal }
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), Refusal> {
        let rest = self.rest();
        if !rest.starts_with(literal) {
            let same = rest.iter().zip(literal).take_while(|(is, wanted)| is == wanted).count();
            let rule = if same == rest.len() { "adapter-cut" } else { "adapter-literal-differs" };
            return Err(match rule {
                "adapter-cut" => self.refuse(same, Phrase::new("adapter-cut")),
                _ => self.refuse(same, Phrase::new("adapter-literal-differs")),
            });
        }
        self.told(literal.len(), "", None, None, Kind::Literal, Spelling::Exact);
        self.at = self.at.saturating_add(literal.len());
        Ok(())
    }

    /// Reads the field in the next `length` bytes.
    fn field(&mut self, field: &'p RecordField, length: usize, taken: &mut Taken<'p, 't>) -> Result<(), Refusal> {
        let raw = self.rest().get(..length).unwrap_or_default();
        let kind = match &field.content {
            Content::Literal(text) => {
                field::compare(field, raw, text, self.charset).map_err(|rule| self.wrong(field, (0, rule)))?;
                Kind::Literal
            }
            Content::Skip(text) => Kind::Skip(text),
            Content::Value(value) => {
                if !matches!(value.source, Source::Mac(_)) {
                    self.value(field, value, raw, taken)?;
                }
                Kind::Value(value)
            }
            Content::Children | Content::Record(_) => {
                return Err(self.wrong(field, (0, Phrase::new("adapter-conversion-unfit"))));
            }
        };
        if let Some(stood) = &mut self.stood {
            stood.push(mac::Stood { field, start: self.at, end: self.at.saturating_add(length) });
        }
        if T::ON {
            let text = field::text(field, raw, self.charset).ok();
            self.told(length, &field.name, Some(field.picture), text.as_deref(), kind, field::spelling(field));
        }
        self.at = self.at.saturating_add(length);
        Ok(())
    }

    fn value(
        &mut self,
        field: &RecordField,
        value: &'p ValuePlan,
        raw: &'b [u8],
        taken: &mut Taken<'p, 't>,
    ) -> Result<(), Refusal> {
        let text = field::text(field, raw, self.charset).map_err(|wrong| self.wrong(field, wrong))?;
        self.take(field, value, text, field::spelling(field), taken)
    }

    fn take(
        &mut self,
        field: &RecordField,
        value: &'p ValuePlan,
        text: Cow<'b, str>,
        spelling: Spelling,
        taken: &mut Taken<'p, 't>,
    ) -> Result<(), Refusal> {
        convert::clean(&value.source, &text).map_err(|rule| self.wrong(field, (0, rule)))?;
        let at = self.base.saturating_add(self.at);
        taken.take(value, (self.keep)(text), spelling, at).map_err(|rule| self.wrong(field, (0, rule)))
    }

    /// A group, once per item: as many as were counted before, else as many as there is room for.
    fn items(
        &mut self,
        fields: &'p [RecordField],
        after: &[RecordPart],
        taken: &mut Taken<'p, 't>,
    ) -> Result<(), Refusal> {
        let tail: usize = after.iter().map(least).sum();
        let mut number = 0_u64;
        loop {
            let more = match taken.count {
                Some((count, _)) => number < count,
                None => self.rest().len() > tail,
            };
            if !more {
                return Ok(());
            }
            let before = self.at;
            taken.open_item(self.base.saturating_add(self.at));
            self.fields(fields, taken)?;
            taken.close_item();
            if self.at == before {
                return Err(self.refuse(0, Phrase::new("adapter-cut")));
            }
            number = number.saturating_add(1);
        }
    }

    fn variant(&mut self, layout: &'p RecordLayout) -> Result<&'p [RecordField], Refusal> {
        let unfit = |reader: &Self| reader.refuse(0, Phrase::new("adapter-no-variant"));
        let first = layout.variants.first().and_then(|(_, fields)| fields.first()).ok_or_else(|| unfit(self))?;
        let length = field::extent(first, self.rest()).map_err(|wrong| self.wrong(first, wrong))?;
        let raw = self.rest().get(..length).unwrap_or_default();
        let text = field::text(first, raw, self.charset).map_err(|wrong| self.wrong(first, wrong))?;
        let chosen = layout.variants.iter().find(|(of, _)| of.as_deref() == Some(text.as_ref()));
        let chosen = chosen.or_else(|| layout.variants.iter().find(|(of, _)| of.is_none()));
        chosen.map(|(_, fields)| fields.as_slice()).ok_or_else(|| unfit(self).in_field(&first.name))
    }

    fn delimited(
        &mut self,
        delimiter: u8,
        trailing: bool,
        fields: &'p [RecordField],
        after: &'p [RecordPart],
        taken: &mut Taken<'p, 't>,
    ) -> Result<(), Refusal> {
        let part = self.part(after);
        let delimiters = self.charset.split(part, delimiter).count().saturating_sub(1);
        let wanted = if trailing { fields.len() } else { fields.len().saturating_sub(1) };
        if delimiters < wanted {
            // A name cut in the middle of a character swallows the delimiter behind it: point there.
            let place = self.charset.swallowed(part, delimiter);
            return Err(self.refuse(place.unwrap_or(part.len()), Phrase::new("adapter-delimiter-missing")));
        }
        if !trailing && delimiters > wanted {
            return Err(self.refuse(0, Phrase::new("adapter-delimiter-extra")));
        }
        for (index, (field, raw)) in fields.iter().zip(self.charset.split(part, delimiter)).enumerate() {
            self.between(field, raw, taken)?;
            if index < wanted {
                self.literal(&[delimiter])?;
            }
        }
        Ok(())
    }

    /// The bytes of a delimited part: up to the literal that follows, or all there are.
    fn part(&self, after: &[RecordPart]) -> &'b [u8] {
        let rest = self.rest();
        match after.first() {
            Some(RecordPart::Literal { bytes }) => {
                let first = bytes.first().copied().unwrap_or_default();
                self.charset.split(rest, first).next().unwrap_or(rest)
            }
            Some(
                RecordPart::Fields { .. }
                | RecordPart::Repeat { .. }
                | RecordPart::Delimited { .. }
                | RecordPart::Bitmap { .. }
                | RecordPart::Variant,
            )
            | None => rest,
        }
    }

    fn between(&mut self, field: &'p RecordField, raw: &'b [u8], taken: &mut Taken<'p, 't>) -> Result<(), Refusal> {
        let max = field.picture.longest();
        if raw.len() > max {
            return Err(self.wrong(field, (max, Phrase::new("adapter-too-long").with("max", max))));
        }
        let kind = match &field.content {
            Content::Skip(text) => Kind::Skip(text),
            Content::Literal(_) => Kind::Literal,
            Content::Value(value) => Kind::Value(value),
            Content::Children | Content::Record(_) => Kind::Wrapping,
        };
        if !matches!(kind, Kind::Skip(_)) && !is_mac(field) {
            let text = field::decode(self.charset, raw, 0).map_err(|wrong| self.wrong(field, wrong))?;
            let digits = matches!(field.picture, Picture::Nine { .. });
            if digits && let Some(at) = text.bytes().position(|byte| !byte.is_ascii_digit()) {
                return Err(self.wrong(field, (at, Phrase::new("adapter-not-digits"))));
            }
            match &field.content {
                Content::Literal(literal) if *literal != text => {
                    return Err(self.wrong(field, (0, Phrase::new("adapter-literal-differs"))));
                }
                Content::Value(value) => self.take(field, value, text, Spelling::Exact, taken)?,
                Content::Literal(_) | Content::Skip(_) | Content::Children | Content::Record(_) => {}
            }
        }
        if let Some(stood) = &mut self.stood {
            stood.push(mac::Stood { field, start: self.at, end: self.at.saturating_add(raw.len()) });
        }
        if T::ON {
            let text = field::decode(self.charset, raw, 0).ok();
            self.told(raw.len(), &field.name, Some(field.picture), text.as_deref(), kind, Spelling::Exact);
        }
        self.at = self.at.saturating_add(raw.len());
        Ok(())
    }

    fn told(
        &mut self,
        length: usize,
        field: &str,
        picture: Option<Picture>,
        text: Option<&str>,
        kind: Kind<'_>,
        spelling: Spelling,
    ) {
        if T::ON {
            let start = self.base.saturating_add(self.at);
            let end = start.saturating_add(length);
            self.trace.piece(Piece { start, end, field, picture, text, kind, spelling });
        }
    }

    fn macs(&self) -> Result<(), Refusal> {
        let stood = self.stood.as_deref().unwrap_or_default();
        for place in stood.iter().filter(|place| is_mac(place.field)) {
            let Content::Value(ValuePlan { source: Source::Mac(plan), .. }) = &place.field.content else {
                continue;
            };
            let refused = |rule| {
                let at = self.base.saturating_add(place.start);
                Refusal::undecodable(at, rule).coded("mac").in_field(&place.field.name)
            };
            let key = setting(self.context.adapter, self.context.settings, plan.key)?;
            let code = mac::code(plan, place.field.picture, key, stood, self.bytes, self.charset).map_err(refused)?;
            let raw = self.bytes.get(place.start..place.end).unwrap_or_default();
            verify_slices_are_equal(&code, raw).map_err(|_| refused(Phrase::new("adapter-mac-wrong")))?;
        }
        Ok(())
    }
}

/// Fewest bytes of a part.
fn least(part: &RecordPart) -> usize {
    match part {
        RecordPart::Literal { bytes } => bytes.len(),
        RecordPart::Fields { fields, .. } => fields.iter().map(|field| field.picture.least()).sum(),
        RecordPart::Bitmap { .. } => 8,
        RecordPart::Repeat { .. } | RecordPart::Delimited { .. } | RecordPart::Variant => 0,
    }
}
