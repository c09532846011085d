//! What a value may refer to where it stands, and what has been referred to.
//!
//! One [`Scope`] per message. It resolves the value grammar to a [`ValuePlan`], checks that the source exists on this side
//! and that the conversion fits it, and keeps a list of every value for the proofs over the whole message.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use crate::adapter::charset::Charset;
use crate::adapter::compile::conversion;
use crate::adapter::compile::shelf::Shelf;
use crate::adapter::compile::tables::Tables;
use crate::adapter::fault::{At, Sink};
use crate::adapter::notation::reader::Text;
use crate::adapter::notation::value::{self, Step, ValueText, Word};
use crate::adapter::plan::{Conversion, SerialRule, Source, ValuePlan};
use crate::lang::Phrase;
use crate::message::{Field, Operation};

/// On which side a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A request, its HTTP target or a form field.
    Request,
    /// A reply.
    Reply,
    /// A frame header, which is read before any message.
    Header,
}

/// Where in its message a value stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// In a group that repeats.
    pub(super) grouped: bool,
    /// In something that may be missing.
    pub(super) optional: bool,
    /// In this variant only.
    pub(super) variant: Option<usize>,
    /// In a record, where a MAC has neighbours to cover.
    pub(super) record: bool,
}

/// A value that a message carries.
#[derive(Debug, Clone)]
pub(super) struct Use<'a> {
    pub(super) plan: ValuePlan,
    pub(super) at: At<'a>,
    pub(super) spot: Spot,
}

/// What a value turns out to be.
#[derive(Debug)]
pub(super) enum Resolved {
    /// A value.
    Value(ValuePlan),
    /// A constant: a literal under a name.
    Literal(String),
}

/// The surroundings of the values of one message.
pub(super) struct Scope<'s, 'a> {
    pub(super) sink: &'s Sink<'a>,
    pub(super) tables: &'s Tables<'a>,
    pub(super) serial: &'s SerialRule,
    pub(super) constants: &'s Shelf<'a, String>,
    pub(super) locals: &'s RefCell<Vec<String>>,
    pub(super) operation: Operation,
    pub(super) side: Side,
    /// A delivery may carry more than one payment.
    pub(super) many: bool,
    pub(super) charset: Charset,
    pub(super) uses: RefCell<Vec<Use<'a>>>,
    /// Something of the message could not be read: it is not accused of lacking what may stand there.
    pub(super) broken: Cell<bool>,
}

impl<'a> Scope<'_, 'a> {
    /// Resolves the value that a whole text holds.
    pub(super) fn resolve_text(&self, text: &Text<'a>, spot: Spot) -> Option<Resolved> {
        self.resolve(text, &Word { text: text.value, range: 0..text.value.len() }, spot)
    }

    /// Resolves the value that stands at `word` of `text`.
    pub(super) fn resolve(&self, text: &Text<'a>, word: &Word<'_>, spot: Spot) -> Option<Resolved> {
        let resolved = self.resolve_parsed(text, word, spot);
        self.broken.set(self.broken.get() || resolved.is_none());
        resolved
    }

    fn resolve_parsed(&self, text: &Text<'a>, word: &Word<'_>, spot: Spot) -> Option<Resolved> {
        let parsed = match value::parse(word.text, word.range.start) {
            Ok(parsed) => parsed,
            Err((range, rule)) => {
                self.sink.report(&text.part(range), rule);
                return None;
            }
        };
        let report = |range: &Range<usize>, rule: Phrase| {
            self.sink.report(&text.part(range.clone()), rule);
        };
        if let Some(name) = parsed.source.text.strip_prefix("constant.") {
            let Some((_, constant)) = self.constants.take(name) else {
                report(&parsed.source.range, Phrase::new("adapter-fault-unknown-constant").with("name", name));
                return None;
            };
            if let Some(step) = parsed.steps.first() {
                report(&step.name.range, Phrase::new("adapter-fault-conversion-unfit"));
            }
            return Some(Resolved::Literal(constant.value.clone()));
        }
        let (source, steps) = self.source(&parsed, spot, &report)?;
        let conversion = self.conversion(&source, steps, &parsed, &report)?;
        let plan = ValuePlan { source, conversion };
        self.uses.borrow_mut().push(Use { plan: plan.clone(), at: text.part(parsed.source.range), spot });
        Some(Resolved::Value(plan))
    }

    fn conversion(
        &self,
        source: &Source,
        steps: &[Step<'_>],
        parsed: &ValueText<'_>,
        report: &dyn Fn(&Range<usize>, Phrase),
    ) -> Option<Conversion> {
        let [step] = steps else {
            if let Some(second) = steps.get(1) {
                report(&second.name.range, Phrase::new("adapter-fault-conversion-unfit"));
                return None;
            }
            if matches!(source, Source::SentAt | Source::OriginalSentAt) {
                report(&parsed.source.range, Phrase::new("adapter-fault-instant-needs-date"));
                return None;
            }
            return Some(Conversion::Plain);
        };
        conversion::read(self.tables, source, step).map_err(|(range, rule)| report(&range, rule)).ok()
    }

    /// The source of a value and the steps that are left for conversion.
    fn source<'v>(
        &self,
        parsed: &'v ValueText<'v>,
        spot: Spot,
        report: &dyn Fn(&Range<usize>, Phrase),
    ) -> Option<(Source, &'v [Step<'v>])> {
        let word = &parsed.source;
        let steps = parsed.steps.as_slice();
        if word.text == "items" {
            let (step, rest) = steps.split_first().map_or((None, steps), |(step, rest)| (Some(step), rest));
            let source = match step.map(|step| (step.name.text, step.rest.text)) {
                Some(("count", "")) => Source::ItemCount,
                Some(("sum", "amount")) => Source::ItemSum,
                Some(_) | None => {
                    let range = step.map_or(&word.range, |step| &step.name.range);
                    report(range, Phrase::new("adapter-fault-items-what"));
                    return None;
                }
            };
            return self.here(&source, word, report).then_some((source, rest));
        }
        let source = match self.lookup(word.text) {
            Ok(source) => source,
            Err(rule) => {
                report(&word.range, rule);
                return None;
            }
        };
        let of_item = word.text.starts_with("item.");
        if of_item && !spot.grouped {
            report(&word.range, Phrase::new("adapter-fault-not-in-group"));
            return None;
        }
        if matches!(source, Source::Field(_)) && !of_item && (spot.grouped || self.many) {
            report(&word.range, Phrase::new("adapter-fault-single-in-group"));
            return None;
        }
        if matches!(source, Source::Mac(_)) && !spot.record {
            report(&word.range, Phrase::new("adapter-fault-source-not-here"));
            return None;
        }
        self.here(&source, word, report).then_some((source, steps))
    }

    /// Whether a source exists on this side, for this operation; a fault if not.
    fn here(&self, source: &Source, word: &Word<'_>, report: &dyn Fn(&Range<usize>, Phrase)) -> bool {
        let query = self.operation.asks_about().is_some();
        let here = match source {
            Source::Setting(_) => true,
            Source::FrameLength => self.side == Side::Header,
            Source::Field(field) => self.has(*field),
            Source::ItemNumber | Source::ItemCount | Source::ItemSum | Source::Serial => self.side != Side::Header,
            Source::Mac(_) | Source::SentAt | Source::BusinessDate => self.side != Side::Header,
            Source::OriginalSerial
            | Source::OriginalSentAt
            | Source::OriginalBusinessDate
            | Source::OriginalBankSerial => self.side != Side::Header && query,
            Source::BankCode | Source::BankText | Source::BankSerial | Source::Local(_) => self.side == Side::Reply,
        };
        if !here {
            report(&word.range, Phrase::new("adapter-fault-source-not-here"));
        }
        here
    }

    /// Whether the operation's messages say `field` on this side.
    fn has(&self, field: Field) -> bool {
        match self.side {
            Side::Header => false,
            Side::Request => self.operation.has(field),
            Side::Reply => self.operation.has(field) || self.operation.def().answers.contains(&field),
        }
    }

    /// The source of a name.
    pub(super) fn lookup(&self, name: &str) -> Result<Source, Phrase> {
        let unknown = || Phrase::new("adapter-fault-unknown-source");
        let fixed = match name {
            "item.number" => Some(Source::ItemNumber),
            "serial" => Some(Source::Serial),
            "sent_at" => Some(Source::SentAt),
            "business_date" => Some(Source::BusinessDate),
            "original.serial" => Some(Source::OriginalSerial),
            "original.sent_at" => Some(Source::OriginalSentAt),
            "original.business_date" => Some(Source::OriginalBusinessDate),
            "original.bank_serial" => Some(Source::OriginalBankSerial),
            "bank_code" => Some(Source::BankCode),
            "bank_text" => Some(Source::BankText),
            "bank_serial" => Some(Source::BankSerial),
            "frame.length" => Some(Source::FrameLength),
            _ => None,
        };
        if let Some(source) = fixed {
            return Ok(source);
        }
        if let Some(name) = name.strip_prefix("setting.") {
            let rule = || Phrase::new("adapter-fault-unknown-setting");
            return self.tables.settings.take(name).map(|(index, _)| Source::Setting(index)).ok_or_else(rule);
        }
        if let Some(name) = name.strip_prefix("mac.") {
            let found = self.tables.macs.take(name);
            let rule = || Phrase::new("adapter-fault-unknown-mac").with("name", name);
            return found.map(|(_, mac)| Source::Mac(Box::new(mac.value.clone()))).ok_or_else(rule);
        }
        if let Some(name) = name.strip_prefix("local.") {
            if name.is_empty() || self.side != Side::Reply {
                return Err(Phrase::new("adapter-fault-source-not-here"));
            }
            let mut locals = self.locals.borrow_mut();
            let known = locals.iter().position(|local| local == name);
            return Ok(Source::Local(known.unwrap_or_else(|| {
                locals.push(name.to_owned());
                locals.len() - 1
            })));
        }
        Field::from_name(name.strip_prefix("item.").unwrap_or(name)).map(Source::Field).ok_or_else(unknown)
    }
}
