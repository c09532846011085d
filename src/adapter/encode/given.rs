//! What there is to write: the value of every source, for a request of ours and for a bank's reply.

use std::borrow::Cow;

use crate::adapter::convert::{self, Datum};
use crate::adapter::naming::source_name;
use crate::adapter::outcome;
use crate::adapter::plan::{Adapter, OperationPlan, OutcomeRule, Source, ValuePlan};
use crate::adapter::runtime::{Expected, Outgoing, Refusal, Settings};
use crate::lang::Phrase;
use crate::message::dictionary::{Type, def};
use crate::message::value::date;
use crate::message::{Fen, Field, Record, Reply, Value};

/// The values of one message, by source.
pub(super) struct Given<'a> {
    pub(super) adapter: &'a Adapter,
    pub(super) plan: &'a OperationPlan,
    side: Side<'a>,
}

enum Side<'a> {
    Request(&'a Outgoing<'a>),
    Reply { reply: &'a Reply, expected: &'a Expected<'a>, assumed: Vec<(&'a Source, &'a str)> },
}

impl<'a> Given<'a> {
    pub(super) fn request(adapter: &'a Adapter, plan: &'a OperationPlan, outgoing: &'a Outgoing<'a>) -> Given<'a> {
        Given { adapter, plan, side: Side::Request(outgoing) }
    }

    /// A reply: what it does not say itself but its verdict rests on is taken from the rule that gives this verdict.
    pub(super) fn reply(
        adapter: &'a Adapter,
        plan: &'a OperationPlan,
        reply: &'a Reply,
        expected: &'a Expected<'a>,
    ) -> Given<'a> {
        let rules: &'a [OutcomeRule] = &plan.outcome;
        let assumed = outcome::assumptions(rules, reply, |source| said(plan, reply, expected, source));
        Given { adapter, plan, side: Side::Reply { reply, expected, assumed } }
    }

    pub(super) fn settings(&self) -> &'a Settings {
        match &self.side {
            Side::Request(outgoing) => outgoing.settings,
            Side::Reply { expected, .. } => expected.settings,
        }
    }

    /// How many payments it is about.
    pub(super) fn items(&self) -> usize {
        match &self.side {
            Side::Request(outgoing) => outgoing.items.len(),
            Side::Reply { .. } => 1,
        }
    }

    /// The payment in a repeated group (`Some`), or the only one.
    pub(super) fn record(&self, item: Option<usize>) -> Option<&'a Record<'a>> {
        match (&self.side, item) {
            (Side::Request(outgoing), Some(index)) => outgoing.items.get(index),
            (Side::Request(outgoing), None) => match outgoing.items {
                [only] => Some(only),
                _ => None,
            },
            (Side::Reply { expected, .. }, _) => Some(expected.item),
        }
    }

    /// The name that people know a source by.
    pub(super) fn name(&self, source: &Source) -> String {
        source_name(self.adapter, self.plan, source).into_owned()
    }

    /// Whether `source` may be written empty where it has no value.
    pub(super) fn may_be_empty(&self, source: &Source) -> bool {
        convert::may_be_empty(self.plan.operation, source)
    }

    /// The value of `source`; `None` where there is none.
    pub(super) fn datum(&self, source: &Source, item: Option<usize>) -> Result<Option<Datum<'a>>, Refusal> {
        match &self.side {
            Side::Request(outgoing) => self.of_request(outgoing, source, item),
            Side::Reply { reply, expected, assumed } => {
                if let Some(datum) = said(self.plan, reply, expected, source) {
                    return Ok(Some(datum));
                }
                let assumed = assumed.iter().find(|(of, _)| *of == source);
                Ok(assumed.map(|(_, text)| Datum::Text(text)))
            }
        }
    }

    /// The text of a value outside any message: in a target or a form field.
    pub(super) fn text(&self, value: &ValuePlan) -> Result<String, Refusal> {
        let named = |rule| Refusal::unencodable(self.name(&value.source), rule);
        let datum = self.datum(&value.source, None)?.ok_or_else(|| named(Phrase::new("adapter-value-missing")))?;
        let mut buffer = String::new();
        let text = convert::write(datum, &value.conversion, self.record(None), &mut buffer).map_err(named)?;
        convert::clean(&value.source, text).map_err(named)?;
        Ok(text.to_owned())
    }

    fn of_request(
        &self,
        outgoing: &'a Outgoing<'a>,
        source: &Source,
        item: Option<usize>,
    ) -> Result<Option<Datum<'a>>, Refusal> {
        let original = outgoing.original.as_ref();
        Ok(match source {
            Source::Field(field) => {
                let record = self.record(item);
                let record =
                    record.ok_or_else(|| Refusal::unencodable(field.name(), Phrase::new("adapter-one-payment")))?;
                record.get(*field).map(|value| of_value(*field, value)).transpose()?
            }
            Source::ItemNumber => item.and_then(|index| u64::try_from(index).ok()?.checked_add(1)).map(Datum::Number),
            Source::ItemCount => u64::try_from(outgoing.items.len()).ok().map(Datum::Number),
            Source::ItemSum => {
                let amounts = outgoing.items.iter().map(|item| item.fen(Field::Amount));
                let sum = amounts.collect::<Option<Vec<_>>>().and_then(Fen::checked_sum);
                let unfit = || Refusal::unencodable("items | sum amount", Phrase::new("adapter-sum-unfit"));
                Some(Datum::Fen(sum.ok_or_else(unfit)?))
            }
            Source::Serial => Some(Datum::Text(outgoing.serial)),
            Source::SentAt => Some(Datum::Instant(outgoing.sent_at)),
            Source::BusinessDate => Some(Datum::Day(outgoing.business_date)),
            Source::OriginalSerial => original.map(|original| Datum::Text(original.serial)),
            Source::OriginalSentAt => original.map(|original| Datum::Instant(original.sent_at)),
            Source::OriginalBusinessDate => original.map(|original| Datum::Day(original.business_date)),
            Source::OriginalBankSerial => original.and_then(|original| original.bank_serial).map(Datum::Text),
            Source::Setting(index) => Some(Datum::Text(setting(self.adapter, outgoing.settings, *index)?)),
            Source::BankCode
            | Source::BankText
            | Source::BankSerial
            | Source::Local(_)
            | Source::FrameLength
            | Source::Mac(_) => None,
        })
    }
}

fn of_value<'a>(field: Field, value: &'a Value<'a>) -> Result<Datum<'a>, Refusal> {
    Ok(match value {
        Value::Text(text) if def(field).ty == Type::Date => {
            let day = date::read(text);
            Datum::Day(day.map_err(|_| Refusal::unencodable(field.name(), Phrase::new("message-day-form")))?)
        }
        Value::Text(text) => Datum::Text(text),
        Value::Fen(fen) => Datum::Fen(*fen),
    })
}

/// A setting that must be there.
pub(in crate::adapter) fn setting<'a>(
    adapter: &Adapter,
    settings: &'a Settings,
    index: usize,
) -> Result<&'a str, Refusal> {
    settings.0.get(index).and_then(Option::as_deref).ok_or_else(|| {
        let name = adapter.settings.get(index).map_or_else(String::new, |def| format!("setting.{}", def.name));
        Refusal::unencodable(name, Phrase::new("adapter-setting-missing")).coded("missing-setting")
    })
}

/// What the reply itself, or what it echoes, says of `source`.
fn said<'a>(plan: &OperationPlan, reply: &'a Reply, expected: &'a Expected<'a>, source: &Source) -> Option<Datum<'a>> {
    let text = |value: &'a Option<String>| value.as_deref().map(Datum::Text);
    let original = expected.original.as_ref();
    match source {
        Source::Field(Field::Amount) => reply.amount.or(expected.item.fen(Field::Amount)).map(Datum::Fen),
        Source::Field(Field::PayeeAccount) => {
            text(&reply.account).or_else(|| expected.item.text(Field::PayeeAccount).map(Datum::Text))
        }
        Source::Field(field) => {
            // What was asked for is in the answer or nowhere; anything else is an echo.
            let echo = || expected.item.get(*field).filter(|_| !plan.operation.def().answers.contains(field));
            of_value(*field, reply.answers.get(*field).or_else(echo)?).ok()
        }
        Source::ItemNumber => u64::try_from(expected.item_number).ok().map(Datum::Number),
        Source::ItemCount => Some(Datum::Number(1)),
        Source::ItemSum => reply.amount.or(expected.item.fen(Field::Amount)).map(Datum::Fen),
        Source::Serial => Some(Datum::Text(reply.serial.as_deref().unwrap_or(expected.serial))),
        Source::SentAt => Some(Datum::Instant(expected.sent_at)),
        Source::BusinessDate => Some(Datum::Day(expected.business_date)),
        Source::OriginalSerial => original.map(|original| Datum::Text(original.serial)),
        Source::OriginalSentAt => original.map(|original| Datum::Instant(original.sent_at)),
        Source::OriginalBusinessDate => original.map(|original| Datum::Day(original.business_date)),
        Source::OriginalBankSerial => original.and_then(|original| original.bank_serial).map(Datum::Text),
        Source::Setting(index) => expected.settings.0.get(*index).and_then(Option::as_deref).map(Datum::Text),
        Source::BankCode => text(&reply.bank_code),
        Source::BankText => text(&reply.bank_text),
        Source::BankSerial => text(&reply.bank_serial),
        Source::Local(index) => {
            let name = plan.locals.get(*index)?;
            reply.details.iter().find(|(of, _)| of == name).map(|(_, value)| Datum::Text(value))
        }
        Source::FrameLength | Source::Mac(_) => None,
    }
}

/// A datum as the outcome rules see it.
pub(super) fn as_text(datum: Datum<'_>) -> Option<Cow<'_, str>> {
    match datum {
        Datum::Text(text) => Some(Cow::Borrowed(text)),
        Datum::Fen(fen) => Some(Cow::Owned(fen.to_string())),
        Datum::Number(number) => Some(Cow::Owned(number.to_string())),
        Datum::Instant(_) | Datum::Day(_) => None,
    }
}
