//! The dictionary: every field of the canonical language with its names, type, length and sensitivity, and every
//! operation with the fields it may and must say.
//!
//! Two tables, [`field`] and [`operation`], from which validation, the north formats, the schemas, the county's rules and
//! the adapter compiler all read. The 金保 codes are those of the national social insurance dictionary as they are
//! commonly used; provinces differ, so an adapter maps codes for its own peer and never relies on these. The ISO 20022
//! paths are those of `pain.001.001.09` below `CdtTrfTxInf` (or `PmtInf` where that is said).

mod codes;
mod field;
mod operation;
#[cfg(test)]
mod tests;

pub use codes::{ACCOUNT_KINDS, CHOICES, DOCUMENTS, KINDS};
pub use field::{DOCUMENT_NUMBERS, Field, def};
pub use operation::{Operation, OperationDef, Side};

use super::value::Fen;
pub use crate::redact::Sensitivity;

/// What a value of a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text in any script: no control characters, no blanks at its ends.
    Text,
    /// One of a closed set.
    Code(&'static [Code]),
    /// The number of an identity document, by the field that says its type.
    Document(Field),
    /// A card or account number, by the field that says its kind.
    Account(Field),
    /// The number of a bank card: an account number that always has its Luhn digit.
    BankCard,
    /// A CNAPS bank number: 12 digits, the last a check digit.
    Cnaps,
    /// Money in whole fen, more than nothing, at most [`Fen::MAX_PAYMENT`].
    Fen,
    /// A fee in whole fen, from nothing to [`Fen::MAX_PAYMENT`].
    Fee,
    /// The code of an insurance kind (AAE140): digits and capital letters. Which codes exist is the county's business.
    Fund,
    /// A month, `yyyymm`.
    Period,
    /// A day, `yyyy-mm-dd`.
    Date,
    /// A division of the country (AAB301): six digits.
    Region,
    /// The number of a social security card (AAZ500): nine digits, or a letter and eight digits.
    CardNumber,
    /// The identification code of a social security card (AAZ501): 32 hexadecimal digits, the first six its region.
    CardCode,
    /// The id of a paying bank: small letters, digits, hyphens, 2 to 16. Whether it exists is the gateway's business.
    BankId,
}

/// One value of a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The canonical code.
    pub code: &'static str,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// The value in the 金保 dictionary, where it is known.
    pub jinbao: Option<&'static str>,
}

/// One row of the dictionary.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// The field.
    pub field: Field,
    /// Its path in canonical messages: `amount`, or `payee.name` where it stands in a group.
    pub name: &'static str,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// Code in the 金保 dictionary.
    pub jinbao: Option<&'static str>,
    /// Path in ISO 20022 `pain.001`.
    pub iso20022: Option<&'static str>,
    /// What a value looks like.
    pub ty: Type,
    /// Most characters of a text; most digits of an amount.
    pub max: usize,
    /// How it is masked.
    pub sensitivity: Sensitivity,
}

impl FieldDef {
    /// The group and the name inside it: `payee` and `name`; no group for a field that stands alone.
    pub fn place(&self) -> (Option<&'static str>, &'static str) {
        match self.name.split_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, self.name),
        }
    }
}

/// A group of fields: an object inside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its member name.
    pub name: &'static str,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
}

/// Every group, in schema order.
pub const GROUPS: &[Group] = &[
    Group { name: "payee", zh: "领待人员", en: "recipient" },
    Group { name: "holder", zh: "持卡人", en: "card holder" },
    Group { name: "card", zh: "社会保障卡", en: "social security card" },
    Group { name: "loss", zh: "挂失", en: "report of loss" },
    Group { name: "meeting", zh: "见面激活", en: "meeting at which a card was activated" },
    Group { name: "change", zh: "账户变更", en: "change of the payout account" },
    Group { name: "former", zh: "原账户", en: "payout account until now" },
    Group { name: "returned", zh: "退票", en: "payment that came back" },
];

impl Type {
    /// The largest amount, for the types that have one.
    pub fn largest(self) -> Option<Fen> {
        self.is_money().then_some(Fen::MAX_PAYMENT)
    }

    /// Whether a value is money, an integer in messages.
    pub const fn is_money(self) -> bool {
        match self {
            Type::Fen | Type::Fee => true,
            Type::Text
            | Type::Code(_)
            | Type::Document(_)
            | Type::Account(_)
            | Type::BankCard
            | Type::Cnaps
            | Type::Fund
            | Type::Period
            | Type::Date
            | Type::Region
            | Type::CardNumber
            | Type::CardCode
            | Type::BankId => false,
        }
    }

    /// The field that says of what kind a value is, for the types that depend on one.
    pub const fn depends_on(self) -> Option<Field> {
        match self {
            Type::Document(kind) | Type::Account(kind) => Some(kind),
            Type::Text
            | Type::Code(_)
            | Type::BankCard
            | Type::Cnaps
            | Type::Fen
            | Type::Fee
            | Type::Fund
            | Type::Period
            | Type::Date
            | Type::Region
            | Type::CardNumber
            | Type::CardCode
            | Type::BankId => None,
        }
    }
}
