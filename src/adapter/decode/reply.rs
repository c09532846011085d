//! A reply, judged: which item is ours, whether the answer is ours at all, and what it means.

use std::borrow::Cow;

use crate::adapter::naming::source_name;
use crate::adapter::outcome;
use crate::adapter::plan::{Correlation, Source, Verdict};
use crate::adapter::runtime::{Answered, Expected, Ours, Refusal};
use crate::lang::Phrase;
use crate::message::dictionary::def;
use crate::message::{Fen, Field, Occurrence, Record, Reply};

use super::Context;
use super::taken::{Scope, Taken};

/// What the reply says about the payment in `expected`.
pub(super) fn judge(
    context: &Context<'_>,
    taken: &Taken<'_, '_>,
    expected: &Expected<'_>,
) -> Result<Answered, Refusal> {
    let answer = Answer { context, taken, item: choose(taken, expected)?, expected };
    let verdict = outcome::decide(&context.plan.outcome, |source| answer.seen(source));
    let known = answer.known(verdict);
    Ok(Answered { reply: answer.reply(verdict), correlation: answer.correlation(), known })
}

/// The item that is ours: by its number, else by an echoed serial; the only one where items carry neither.
fn choose<'x, 'p, 't>(taken: &'x Taken<'p, 't>, expected: &Expected<'_>) -> Result<Option<&'x Scope<'p, 't>>, Refusal> {
    let Some(first) = taken.items.first() else {
        return Ok(None);
    };
    let numbered = taken.items.iter().any(|item| item.number.is_some());
    let original = expected.original.as_ref().map(|original| original.serial);
    let named = taken.items.iter().any(|item| item.serial.is_some() || item.original_serial.is_some());
    let ours = |item: &&Scope<'_, '_>| {
        if numbered {
            item.number.is_some_and(|number| usize::try_from(number) == Ok(expected.item_number))
        } else if named {
            item.serial.as_deref().is_none_or(|serial| serial == expected.serial)
                && item.original_serial.as_deref().is_none_or(|serial| Some(serial) == original)
                && (item.serial.is_some() || item.original_serial.is_some())
        } else {
            true
        }
    };
    let mut matching = taken.items.iter().filter(ours);
    match (matching.next(), matching.next()) {
        (Some(only), None) => Ok(Some(only)),
        (None, _) => Err(Refusal::undecodable(first.at, Phrase::new("adapter-item-missing")).in_field("item.number")),
        (Some(_), Some(second)) => {
            Err(Refusal::undecodable(second.at, Phrase::new("adapter-item-twice")).in_field("item.number"))
        }
    }
}

struct Answer<'x, 'p, 't> {
    context: &'x Context<'p>,
    taken: &'x Taken<'p, 't>,
    item: Option<&'x Scope<'p, 't>>,
    expected: &'x Expected<'x>,
}

impl<'x, 't> Answer<'x, '_, 't> {
    /// A value of our item, else of the message.
    fn text(&self, pick: impl Fn(&'x Scope<'x, 't>) -> Option<&'x str>) -> Option<&'x str>
    where
        't: 'x,
    {
        self.item.and_then(&pick).or_else(|| pick(&self.taken.head))
    }

    /// The value of `source` as the outcome rules see it.
    fn seen(&self, source: &Source) -> Option<Cow<'x, str>> {
        let text = match source {
            Source::BankCode => self.text(|scope| scope.bank_code.as_deref()),
            Source::BankText => self.text(|scope| scope.bank_text.as_deref()),
            Source::BankSerial => self.text(|scope| scope.bank_serial.as_deref()),
            Source::Serial => self.text(|scope| scope.serial.as_deref()),
            Source::OriginalSerial => self.text(|scope| scope.original_serial.as_deref()),
            Source::OriginalBankSerial => self.text(|scope| scope.original_bank_serial.as_deref()),
            Source::Local(index) => self.text(|scope| scope.locals.get(*index)?.as_deref()),
            Source::Setting(index) => self.taken.settings.get(*index).and_then(Option::as_deref),
            Source::ItemSum => return self.fen(Field::Amount).map(|fen| Cow::Owned(fen.to_string())),
            Source::Field(field) if def(*field).ty.is_money() => {
                return self.fen(*field).map(|fen| Cow::Owned(fen.to_string()));
            }
            Source::Field(field) => self.text(|scope| scope.record.text(*field)),
            Source::ItemNumber => {
                return self.item.and_then(|item| item.number).map(|number| Cow::Owned(number.to_string()));
            }
            Source::ItemCount => return self.taken.count.map(|(count, _)| Cow::Owned(count.to_string())),
            Source::SentAt
            | Source::BusinessDate
            | Source::OriginalSentAt
            | Source::OriginalBusinessDate
            | Source::FrameLength
            | Source::Mac(_) => None,
        };
        text.map(Cow::Borrowed)
    }

    fn fen(&self, field: Field) -> Option<Fen> {
        let of = |scope: &Scope<'_, '_>| scope.record.fen(field);
        self.item.and_then(of).or_else(|| of(&self.taken.head))
    }

    fn reply(&self, verdict: Option<&Verdict>) -> Reply {
        let owned = |source: &Source| self.seen(source).map(Cow::into_owned);
        let locals = self.context.plan.locals.iter().enumerate();
        Reply {
            occurrence: verdict.map_or(Occurrence::Unknown, |verdict| verdict.occurrence),
            not_found: verdict.is_some_and(|verdict| verdict.not_found),
            bank_code: owned(&Source::BankCode),
            bank_text: owned(&Source::BankText),
            reason: verdict.and_then(|verdict| verdict.reason.clone()),
            bank_serial: owned(&Source::BankSerial),
            amount: self.fen(Field::Amount),
            account: owned(&Source::Field(Field::PayeeAccount)),
            serial: owned(&Source::Serial),
            answers: self.answers(),
            details: locals.filter_map(|(index, name)| Some((name.clone(), owned(&Source::Local(index))?))).collect(),
        }
    }

    /// The fields that the operation asks for and the reply says.
    fn answers(&self) -> Record<'static> {
        let mut answers = Record::new();
        for field in self.context.plan.operation.def().answers {
            if let Some(fen) = self.fen(*field) {
                answers.set_fen(*field, fen);
            } else if let Some(text) = self.text(|scope| scope.record.text(*field)) {
                answers.set_text(*field, text.to_owned());
            }
        }
        answers
    }

    /// Whether the bank shows that it knows the payment. That the serial of a query was seen before says nothing of the
    /// payment that was asked about.
    fn known(&self, verdict: Option<&Verdict>) -> bool {
        let Expected { serial, original, .. } = self.expected;
        let about_payment = original.as_ref().is_none_or(|original| original.serial == *serial);
        let missing = verdict.is_some_and(|verdict| verdict.not_found);
        let repeated = about_payment && verdict.is_some_and(|verdict| verdict.duplicate);
        !missing && (self.item.is_some() || repeated)
    }

    /// Whether the answer is ours. Declared echoes must be there and equal; what identifies a message and is echoed
    /// without being declared must be equal too; money and payee must not differ.
    fn correlation(&self) -> Ours {
        let no = |source: &Source| Ours::No(source_name(self.context.adapter, self.context.plan, source).into_owned());
        if let Correlation::Echo(sources) = &self.context.plan.correlation
            && let Some(source) = sources.iter().find(|source| self.echo(source) != Some(true))
        {
            return no(source);
        }
        for source in [Source::Serial, Source::OriginalSerial, Source::ItemNumber] {
            if self.echo(&source) == Some(false) {
                return no(&source);
            }
        }
        let settings = (0..self.taken.settings.len()).map(Source::Setting);
        if let Some(source) = settings.into_iter().find(|source| self.echo(source) == Some(false)) {
            return no(&source);
        }
        for field in [Field::Amount, Field::PayeeAccount] {
            if self.echo(&Source::Field(field)) == Some(false) {
                return Ours::Differs(field.name().to_owned());
            }
        }
        Ours::Yes
    }

    /// Whether `source` is as it was sent; `None` where the reply does not say or nothing was sent to compare with.
    fn echo(&self, source: &Source) -> Option<bool> {
        let expected = self.expected;
        let original = expected.original.as_ref();
        let sent = match source {
            Source::Serial => Some(expected.serial),
            Source::OriginalSerial => Some(original?.serial),
            Source::OriginalBankSerial => Some(original?.bank_serial?),
            Source::Setting(index) => Some(expected.settings.0.get(*index)?.as_deref()?),
            Source::Field(field) if def(*field).ty.is_money() => {
                return Some(self.fen(*field)? == expected.item.fen(*field)?);
            }
            Source::Field(field) => Some(expected.item.text(*field)?),
            Source::ItemNumber => {
                let number = self.item.and_then(|item| item.number)?;
                return Some(usize::try_from(number) == Ok(expected.item_number));
            }
            Source::SentAt => return self.moment(self.taken.sent_at, |of| of.agrees_instant(expected.sent_at)),
            Source::BusinessDate => {
                return self.moment(self.taken.business_date, |of| of.agrees_day(expected.business_date));
            }
            Source::OriginalSentAt => {
                let sent = original?.sent_at;
                return self.moment(self.taken.original_sent_at, |of| of.agrees_instant(sent));
            }
            Source::OriginalBusinessDate => {
                let sent = original?.business_date;
                return self.moment(self.taken.original_business_date, |of| of.agrees_day(sent));
            }
            Source::ItemCount
            | Source::ItemSum
            | Source::BankCode
            | Source::BankText
            | Source::BankSerial
            | Source::Local(_)
            | Source::FrameLength
            | Source::Mac(_) => None,
        };
        Some(self.seen(source)? == sent?)
    }

    fn moment(
        &self,
        read: crate::adapter::convert::Moment,
        agrees: impl Fn(&crate::adapter::convert::Moment) -> bool,
    ) -> Option<bool> {
        (!read.is_empty()).then(|| agrees(&read))
    }
}
