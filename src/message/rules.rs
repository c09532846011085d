//! Validation: what every value of a record must be, beyond the form it was written in.
//!
//! Pure and without a clock: nothing here knows today's date, a bank, or what was paid before. A record that passes may
//! still be one that a bank cannot carry; that is for its adapter to say.

use super::dictionary::{self, Code, Field, FieldDef, Operation, Type};
use super::problem::Problem;
use super::record::{Record, Value};
use super::value::{Document, Fen, account, card, cnaps, date, document, period, text, token};
use crate::lang::Phrase;

#[cfg(test)]
mod tests;

/// Checks every value that `record` has; says nothing about values it lacks (see [`missing`]). At most one problem for
/// each field, in schema order, without positions.
pub fn validate(record: &Record<'_>) -> Vec<Problem> {
    record.iter().filter_map(|(field, value)| check(record, dictionary::def(field), value).err()).collect()
}

/// The fields that `operation` requires and `record` lacks. A document number without its type cannot be checked, so
/// the number requires the type.
pub fn missing(operation: Operation, record: &Record<'_>) -> impl Iterator<Item = Field> {
    let alone = dictionary::DOCUMENT_NUMBERS.into_iter().filter(|number| record.get(*number).is_some());
    let kinds = alone.filter_map(|number| dictionary::def(number).ty.depends_on());
    let needed = operation.def().required.iter().copied().chain(kinds);
    let mut missing: Vec<Field> = needed.filter(|field| record.get(*field).is_none()).collect();
    missing.sort_unstable();
    missing.dedup();
    missing.into_iter()
}

/// The problem of a field that must be there and is not.
pub fn field_missing(path: &str) -> Problem {
    Problem::new("field-missing", Phrase::new("message-field-missing")).in_field(path)
}

/// Brings values that have two spellings to the canonical one. There is one such rule: the final small `x` of an
/// identity number becomes `X`.
pub(super) fn normalise(record: &mut Record<'_>) {
    for field in dictionary::DOCUMENT_NUMBERS {
        let kind = dictionary::def(field).ty.depends_on().and_then(|kind| record.text(kind));
        let document = kind.and_then(Document::from_code);
        let number = record.text(field);
        if let Some(number) = document.zip(number).and_then(|(document, number)| document.with_capital_x(number)) {
            record.set_text(field, number);
        }
    }
}

fn check(record: &Record<'_>, def: &FieldDef, value: &Value<'_>) -> Result<(), Problem> {
    match (def.ty, value) {
        (ty, Value::Fen(fen)) if ty.is_money() => money(ty, *fen),
        (_, Value::Fen(_)) => Err(Problem::new("type-wrong", Phrase::new("message-type-text"))),
        (ty, Value::Text(value)) => text(record, ty, def.max, value),
    }
    .map_err(|problem| problem.in_field(def.name))
}

/// Checks money of type `ty`.
pub(super) fn money(ty: Type, fen: Fen) -> Result<(), Problem> {
    if ty == Type::Fee && fen < Fen::ZERO {
        return Err(Problem::new("fee-negative", Phrase::new("message-fee-negative")));
    }
    if ty == Type::Fee && fen == Fen::ZERO { Ok(()) } else { amount(fen) }
}

/// Checks an amount: more than nothing, at most [`Fen::MAX_PAYMENT`].
pub(super) fn amount(fen: Fen) -> Result<(), Problem> {
    if !fen.is_positive() {
        return Err(Problem::new("amount-not-positive", Phrase::new("message-amount-not-positive")));
    }
    if fen > Fen::MAX_PAYMENT {
        return Err(amount_too_large());
    }
    Ok(())
}

/// The problem of an amount beyond [`Fen::MAX_PAYMENT`].
pub(super) fn amount_too_large() -> Problem {
    Problem::new("amount-too-large", Phrase::new("message-amount-too-large").with("max", Fen::MAX_PAYMENT))
}

fn text(record: &Record<'_>, ty: Type, max: usize, value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        return Err(Problem::new("text-empty", Phrase::new("message-text-empty")));
    }
    match ty {
        Type::Text => free_text(value, max),
        Type::Code(codes) => code(codes, value),
        Type::Document(kind) => number_of_document(record.text(kind), value),
        Type::Account(kind) => account_number(record.text(kind), value),
        Type::BankCard => card_number(value),
        Type::Cnaps => bank_number(value),
        Type::Fund => require(token::is_fund(value), || Problem::new("fund-form", Phrase::new("message-fund-form"))),
        Type::Period => {
            require(period::is_period(value), || Problem::new("period-form", Phrase::new("message-period-form")))
        }
        Type::BankId => require(token::is_bank(value), || Problem::new("bank-form", Phrase::new("message-bank-form"))),
        Type::Date => day(value),
        Type::Region => {
            require(card::is_region(value), || Problem::new("region-form", Phrase::new("message-region-form")))
        }
        Type::CardNumber => require(card::is_number(value), || {
            Problem::new("card-number-form", Phrase::new("message-card-number-form"))
        }),
        Type::CardCode => {
            require(card::is_code(value), || Problem::new("card-code-form", Phrase::new("message-card-code-form")))
        }
        Type::Fen | Type::Fee => Err(Problem::new("type-wrong", Phrase::new("message-type-integer"))),
    }
}

fn require(holds: bool, problem: impl FnOnce() -> Problem) -> Result<(), Problem> {
    if holds { Ok(()) } else { Err(problem()) }
}

/// Checks a free text of at most `max` characters.
pub(super) fn free_text(value: &str, max: usize) -> Result<(), Problem> {
    text::check(value, max).map_err(|fault| match fault {
        text::Fault::Empty => Problem::new("text-empty", Phrase::new("message-text-empty")),
        text::Fault::TooLong => Problem::new("text-too-long", Phrase::new("message-text-too-long").with("max", max)),
        text::Fault::Character => Problem::new("text-character", Phrase::new("message-text-character")),
        text::Fault::BlankEnd => Problem::new("text-blank-end", Phrase::new("message-text-blank-end")),
    })
}

fn code(codes: &[Code], value: &str) -> Result<(), Problem> {
    require(codes.iter().any(|code| code.code == value), || {
        let known = codes.iter().map(|code| code.code).collect::<Vec<_>>().join(", ");
        Problem::new("code-unknown", Phrase::new("message-code-unknown").with("known", known))
    })
}

/// A number whose type is missing or unknown is not checked: the type's own problem says so.
fn number_of_document(kind: Option<&str>, value: &str) -> Result<(), Problem> {
    let Some(document) = kind.and_then(Document::from_code) else {
        return Ok(());
    };
    document.check(value).map_err(|fault| match fault {
        document::Fault::Form => Problem::new("document-form", form_of(document)),
        document::Fault::BirthDate => Problem::new("document-birth-date", Phrase::new("message-document-birth-date")),
        document::Fault::CheckDigit => {
            Problem::new("document-check-digit", Phrase::new("message-document-check-digit"))
        }
    })
}

fn form_of(document: Document) -> Phrase {
    match document {
        Document::Resident => Phrase::new("message-document-form-resident"),
        Document::Resident15 => Phrase::new("message-document-form-resident-15"),
        Document::Hmt => Phrase::new("message-document-form-hmt"),
        Document::PermanentResidence => Phrase::new("message-document-form-permanent-residence"),
    }
}

/// Only what is said to be a card is held to a card's rules.
fn account_number(kind: Option<&str>, value: &str) -> Result<(), Problem> {
    if kind != Some("card") {
        return require(account::is_account(value), || {
            Problem::new("account-form", Phrase::new("message-account-form"))
        });
    }
    card_number(value)
}

fn card_number(value: &str) -> Result<(), Problem> {
    require(account::is_card(value), || Problem::new("card-form", Phrase::new("message-card-form")))?;
    require(account::luhn(value), || Problem::new("card-check-digit", Phrase::new("message-card-check-digit")))
}

fn day(value: &str) -> Result<(), Problem> {
    date::read(value).map(|_| ()).map_err(|fault| match fault {
        date::Fault::Form => Problem::new("day-form", Phrase::new("message-day-form")),
        date::Fault::Calendar => Problem::new("day-calendar", Phrase::new("message-day-calendar")),
    })
}

fn bank_number(value: &str) -> Result<(), Problem> {
    require(cnaps::is_cnaps(value), || Problem::new("cnaps-form", Phrase::new("message-cnaps-form")))?;
    require(cnaps::check_digit(value), || Problem::new("cnaps-check-digit", Phrase::new("message-cnaps-check-digit")))
}
