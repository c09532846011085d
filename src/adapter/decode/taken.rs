//! What was read so far: one slot per source, for the message and for each item of a repeated group.

use std::borrow::Cow;

use crate::adapter::convert::{self, Moment, Part, Spelling};
use crate::adapter::plan::{Conversion, Source, ValuePlan};
use crate::adapter::runtime::Refusal;
use crate::lang::Phrase;
use crate::message::dictionary::{Type, def};
use crate::message::{Fen, Field, Record};

/// The values of the message outside repeated groups, or of one item.
#[derive(Clone, Default)]
pub(super) struct Scope<'p, 't> {
    pub(super) record: Record<'t>,
    pub(super) number: Option<u64>,
    pub(super) serial: Option<Cow<'t, str>>,
    pub(super) original_serial: Option<Cow<'t, str>>,
    pub(super) original_bank_serial: Option<Cow<'t, str>>,
    pub(super) bank_code: Option<Cow<'t, str>>,
    pub(super) bank_text: Option<Cow<'t, str>>,
    pub(super) bank_serial: Option<Cow<'t, str>>,
    pub(super) locals: Vec<Option<Cow<'t, str>>>,
    parts: Vec<Part<'p, 't>>,
    /// Where it begins.
    pub(super) at: usize,
}

/// Everything that was read.
#[derive(Clone, Default)]
pub(super) struct Taken<'p, 't> {
    pub(super) head: Scope<'p, 't>,
    pub(super) items: Vec<Scope<'p, 't>>,
    in_item: bool,
    pub(super) sent_at: Moment,
    pub(super) business_date: Moment,
    pub(super) original_sent_at: Moment,
    pub(super) original_business_date: Moment,
    pub(super) settings: Vec<Option<Cow<'t, str>>>,
    /// With the offset where they stood.
    pub(super) count: Option<(u64, usize)>,
    sum: Option<(Fen, usize)>,
}

impl<'p, 't> Taken<'p, 't> {
    /// From here on values belong to a new item, which begins at `at`.
    pub(super) fn open_item(&mut self, at: usize) {
        self.items.push(Scope { at, ..Scope::default() });
        self.in_item = true;
    }

    /// From here on values belong to the message again.
    pub(super) fn close_item(&mut self) {
        self.in_item = false;
    }

    /// Takes the value that stands as `text` at offset `at`; an empty text is no value.
    ///
    /// # Errors
    /// It cannot be read, or it contradicts what was read before.
    pub(super) fn take(
        &mut self,
        value: &'p ValuePlan,
        text: Cow<'t, str>,
        spelling: Spelling,
        at: usize,
    ) -> Result<(), Phrase> {
        if text.is_empty() {
            return Ok(());
        }
        let conversion = &value.conversion;
        match &value.source {
            Source::ItemCount => {
                let count = convert::read_number(&text, spelling)?;
                return once_at(&mut self.count, count, at);
            }
            Source::ItemSum => {
                let sum = convert::read_money(&text, conversion, spelling)?;
                return once_at(&mut self.sum, sum, at);
            }
            Source::SentAt => return merge(&mut self.sent_at, &text, conversion),
            Source::BusinessDate => return merge(&mut self.business_date, &text, conversion),
            Source::OriginalSentAt => return merge(&mut self.original_sent_at, &text, conversion),
            Source::OriginalBusinessDate => return merge(&mut self.original_business_date, &text, conversion),
            Source::Setting(index) => {
                return once_in(&mut self.settings, *index, convert::read_text(text, conversion)?);
            }
            Source::FrameLength | Source::Mac(_) => return Ok(()),
            Source::Field(_)
            | Source::ItemNumber
            | Source::Serial
            | Source::OriginalSerial
            | Source::OriginalBankSerial
            | Source::BankCode
            | Source::BankText
            | Source::BankSerial
            | Source::Local(_) => {}
        }
        let scope = match self.items.last_mut() {
            Some(item) if self.in_item => item,
            Some(_) | None => &mut self.head,
        };
        scope.take(value, text, spelling)
    }

    /// Puts split values together, and holds counts and sums to the items.
    ///
    /// # Errors
    /// Parts that fit no case, or a count or sum that is not that of the items.
    pub(super) fn complete(&mut self) -> Result<(), Refusal> {
        for scope in self.items.iter_mut().chain([&mut self.head]) {
            if !scope.parts.is_empty() {
                convert::join(&scope.parts, &mut scope.record)
                    .map_err(|(field, rule)| Refusal::undecodable(scope.at, rule).in_field(field.name()))?;
            }
        }
        let scopes = if self.items.is_empty() { std::slice::from_ref(&self.head) } else { &self.items };
        if let Some((count, at)) = self.count
            && usize::try_from(count) != Ok(scopes.len())
        {
            let rule = Phrase::new("adapter-count-differs");
            return Err(Refusal::undecodable(at, rule).in_field("items | count"));
        }
        if let Some((sum, at)) = self.sum {
            let amounts: Vec<_> = scopes.iter().filter_map(|scope| scope.record.fen(Field::Amount)).collect();
            // An answer may repeat the total and no amounts: then there is nothing to compare it with.
            let comparable = !amounts.is_empty();
            let whole = amounts.len() == scopes.len();
            if comparable && !(whole && Fen::checked_sum(amounts) == Some(sum)) {
                let rule = Phrase::new("adapter-sum-differs");
                return Err(Refusal::undecodable(at, rule).in_field("items | sum amount"));
            }
        }
        Ok(())
    }
}

impl<'p, 't> Scope<'p, 't> {
    fn take(&mut self, value: &'p ValuePlan, text: Cow<'t, str>, spelling: Spelling) -> Result<(), Phrase> {
        let conversion = &value.conversion;
        if let Conversion::Part { split, index } = conversion {
            self.parts.push(Part { split, index: *index, text });
            return Ok(());
        }
        let target = match &value.source {
            Source::Field(field) if def(*field).ty.is_money() => {
                let fen = convert::read_money(&text, conversion, spelling)?;
                if self.record.fen(*field).is_some_and(|known| known != fen) {
                    return Err(contradiction());
                }
                self.record.set_fen(*field, fen);
                return Ok(());
            }
            Source::Field(field) => {
                let text = if def(*field).ty == Type::Date {
                    let day = convert::read_moment(&text, conversion)?.day();
                    Cow::Owned(day.ok_or_else(|| Phrase::new("adapter-not-a-date"))?.to_string())
                } else {
                    convert::read_text(text, conversion)?
                };
                if self.record.text(*field).is_some_and(|known| known != text) {
                    return Err(contradiction());
                }
                self.record.set_text(*field, text);
                return Ok(());
            }
            Source::ItemNumber => {
                let number = convert::read_number(&text, spelling)?;
                return once(&mut self.number, number);
            }
            Source::Serial => &mut self.serial,
            Source::OriginalSerial => &mut self.original_serial,
            Source::OriginalBankSerial => &mut self.original_bank_serial,
            Source::BankCode => &mut self.bank_code,
            Source::BankText => &mut self.bank_text,
            Source::BankSerial => &mut self.bank_serial,
            Source::Local(index) => return once_in(&mut self.locals, *index, convert::read_text(text, conversion)?),
            Source::ItemCount
            | Source::ItemSum
            | Source::SentAt
            | Source::BusinessDate
            | Source::OriginalSentAt
            | Source::OriginalBusinessDate
            | Source::Setting(_)
            | Source::FrameLength
            | Source::Mac(_) => return Ok(()),
        };
        once(target, convert::read_text(text, conversion)?)
    }
}

fn contradiction() -> Phrase {
    Phrase::new("adapter-contradiction")
}

fn once<T: PartialEq>(slot: &mut Option<T>, value: T) -> Result<(), Phrase> {
    match slot {
        Some(known) if *known != value => Err(contradiction()),
        Some(_) => Ok(()),
        None => {
            *slot = Some(value);
            Ok(())
        }
    }
}

fn once_at<T: PartialEq>(slot: &mut Option<(T, usize)>, value: T, at: usize) -> Result<(), Phrase> {
    match slot {
        Some((known, _)) if *known != value => Err(contradiction()),
        Some(_) => Ok(()),
        None => {
            *slot = Some((value, at));
            Ok(())
        }
    }
}

fn merge(moment: &mut Moment, text: &str, conversion: &Conversion) -> Result<(), Phrase> {
    let read = convert::read_moment(text, conversion)?;
    if moment.merge(read) { Ok(()) } else { Err(contradiction()) }
}

/// Puts an indexed value into its place. Plans index what they list, so this list grows no longer than theirs.
fn once_in<T: PartialEq>(list: &mut Vec<Option<T>>, index: usize, value: T) -> Result<(), Phrase> {
    if list.len() <= index {
        list.resize_with(index.saturating_add(1), || None);
    }
    match list.get_mut(index) {
        Some(slot) => once(slot, value),
        None => Ok(()),
    }
}
