//! The dictionary: every field of the canonical language with its names, type, length and sensitivity.
//!
//! One table, from which validation, the north formats, the schemas and the adapter compiler all read. The 金保 codes are
//! those of the national social insurance dictionary as they are commonly used; provinces differ, so an adapter maps
//! codes for its own peer and never relies on these. The ISO 20022 paths are those of `pain.001.001.09` below
//! `CdtTrfTxInf` (or `PmtInf` where that is said).

use super::value::Fen;
pub use crate::redact::Sensitivity;

/// One canonical business exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Pay one benefit to one recipient.
    PaymentPay,
    /// Ask for the outcome of one payment by its original serial.
    PaymentQuery,
}

impl Operation {
    /// All operations.
    pub const ALL: [Operation; 2] = [Operation::PaymentPay, Operation::PaymentQuery];

    /// `payment.pay`, `payment.query`.
    pub fn name(self) -> &'static str {
        match self {
            Operation::PaymentPay => "payment.pay",
            Operation::PaymentQuery => "payment.query",
        }
    }

    /// The operation of a name.
    pub fn from_name(name: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Whether a request must say `field`. A query describes a payment that exists: its account and amount are what the
    /// bank's answer is compared with, so they are required, and everything else may be left out.
    pub fn requires(self, field: Field) -> bool {
        match self {
            Operation::PaymentPay => def(field).required,
            Operation::PaymentQuery => matches!(field, Field::PayeeAccount | Field::Amount),
        }
    }
}

/// A field of the canonical language, in schema order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// `payee.name`
    PayeeName,
    /// `payee.id_type`
    PayeeIdType,
    /// `payee.id`
    PayeeId,
    /// `payee.account`
    PayeeAccount,
    /// `payee.account_kind`
    PayeeAccountKind,
    /// `payee.bank`
    PayeeBank,
    /// `amount`
    Amount,
    /// `fund`
    Fund,
    /// `kind`
    Kind,
    /// `period`
    Period,
    /// `order`
    Order,
    /// `bank`
    Bank,
    /// `purpose`
    Purpose,
}

impl Field {
    /// How many fields there are.
    pub const COUNT: usize = 13;

    /// All fields in schema order.
    pub const ALL: [Field; Field::COUNT] = [
        Field::PayeeName,
        Field::PayeeIdType,
        Field::PayeeId,
        Field::PayeeAccount,
        Field::PayeeAccountKind,
        Field::PayeeBank,
        Field::Amount,
        Field::Fund,
        Field::Kind,
        Field::Period,
        Field::Order,
        Field::Bank,
        Field::Purpose,
    ];

    /// The place in schema order, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The path: `payee.name`.
    pub fn name(self) -> &'static str {
        def(self).name
    }

    /// The field of a path.
    pub fn from_name(name: &str) -> Option<Field> {
        DEFS.iter().find(|def| def.name == name).map(|def| def.field)
    }
}

/// What a value of a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text in any script: no control characters, no blanks at its ends.
    Text,
    /// One of a closed set.
    Code(&'static [Code]),
    /// The number of an identity document, by `payee.id_type`.
    Document,
    /// A card or account number, by `payee.account_kind`.
    Account,
    /// A CNAPS bank number: 12 digits, the last a check digit.
    Cnaps,
    /// Money in whole fen, more than nothing, at most [`Fen::MAX_PAYMENT`].
    Fen,
    /// The code of an insurance kind (AAE140): digits and capital letters. Which codes exist is the county's business.
    Fund,
    /// A month, `yyyymm`.
    Period,
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
    /// Its path in canonical messages.
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
    /// Whether `payment.pay` must say it; see [`Operation::requires`].
    pub required: bool,
    /// How it is masked.
    pub sensitivity: Sensitivity,
}

/// The row of `field`.
pub fn def(field: Field) -> &'static FieldDef {
    let [name, id_type, id, account, account_kind, payee_bank, amount, fund, kind, period, order, bank, purpose] =
        &DEFS;
    match field {
        Field::PayeeName => name,
        Field::PayeeIdType => id_type,
        Field::PayeeId => id,
        Field::PayeeAccount => account,
        Field::PayeeAccountKind => account_kind,
        Field::PayeeBank => payee_bank,
        Field::Amount => amount,
        Field::Fund => fund,
        Field::Kind => kind,
        Field::Period => period,
        Field::Order => order,
        Field::Bank => bank,
        Field::Purpose => purpose,
    }
}

/// Identity documents. The 金保 values of AAC058 are given where they are in common use; none is known to us for the
/// residence permit of Hong Kong, Macao and Taiwan residents. Both resident forms are the same document there.
pub const DOCUMENTS: &[Code] = &[
    Code { code: "resident", zh: "居民身份证", en: "resident identity card", jinbao: Some("01") },
    Code {
        code: "resident-15",
        zh: "居民身份证（15位旧号）",
        en: "resident identity card, 15 digits",
        jinbao: Some("01"),
    },
    Code {
        code: "hmt", zh: "港澳台居民居住证", en: "residence permit, Hong Kong, Macao, Taiwan", jinbao: None
    },
    Code {
        code: "permanent-residence",
        zh: "外国人永久居留身份证",
        en: "foreign permanent residence",
        jinbao: Some("07"),
    },
];

/// Kinds of account numbers.
pub const ACCOUNT_KINDS: &[Code] = &[
    Code { code: "card", zh: "银行卡", en: "bank card", jinbao: None },
    Code { code: "account", zh: "银行账户（存折等）", en: "bank account or passbook", jinbao: None },
];

/// Kinds of payment (支付类别).
pub const KINDS: &[Code] = &[
    Code { code: "regular", zh: "定期", en: "regular", jinbao: None },
    Code { code: "arrears", zh: "补发", en: "arrears", jinbao: None },
    Code { code: "one-off", zh: "一次性", en: "one-off", jinbao: None },
];

const fn row(field: Field, name: &'static str, zh: &'static str, en: &'static str, ty: Type, max: usize) -> FieldDef {
    let sensitivity = Sensitivity::Open;
    FieldDef { field, name, zh, en, jinbao: None, iso20022: None, ty, max, required: true, sensitivity }
}

static DEFS: [FieldDef; Field::COUNT] = [
    FieldDef {
        jinbao: Some("AAC003"),
        iso20022: Some("Cdtr/Nm"),
        sensitivity: Sensitivity::Name,
        ..row(Field::PayeeName, "payee.name", "领待人员姓名（户名）", "recipient's name", Type::Text, 60)
    },
    FieldDef {
        jinbao: Some("AAC058"),
        iso20022: Some("Cdtr/Id/PrvtId/Othr/SchmeNm/Prtry"),
        ..row(Field::PayeeIdType, "payee.id_type", "证件类型", "kind of identity document", Type::Code(DOCUMENTS), 19)
    },
    FieldDef {
        jinbao: Some("AAC147"),
        iso20022: Some("Cdtr/Id/PrvtId/Othr/Id"),
        sensitivity: Sensitivity::Identity,
        ..row(Field::PayeeId, "payee.id", "证件号码", "number of the identity document", Type::Document, 18)
    },
    FieldDef {
        jinbao: Some("AAE010"),
        iso20022: Some("CdtrAcct/Id/Othr/Id"),
        sensitivity: Sensitivity::Account,
        ..row(Field::PayeeAccount, "payee.account", "银行账号", "account number", Type::Account, 32)
    },
    FieldDef {
        iso20022: Some("CdtrAcct/Tp/Prtry"),
        ..row(
            Field::PayeeAccountKind,
            "payee.account_kind",
            "账号类别",
            "kind of account",
            Type::Code(ACCOUNT_KINDS),
            7,
        )
    },
    FieldDef {
        jinbao: Some("AAE008"),
        iso20022: Some("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
        required: false,
        ..row(Field::PayeeBank, "payee.bank", "收款开户行联行号", "payee's bank (CNAPS)", Type::Cnaps, 12)
    },
    FieldDef {
        jinbao: Some("AAE019"),
        iso20022: Some("Amt/InstdAmt"),
        ..row(Field::Amount, "amount", "支付金额（分）", "amount in fen", Type::Fen, 16)
    },
    FieldDef {
        jinbao: Some("AAE140"),
        iso20022: Some("Purp/Prtry"),
        ..row(Field::Fund, "fund", "险种类型", "insurance kind", Type::Fund, 8)
    },
    FieldDef {
        iso20022: Some("PmtInf/PmtTpInf/CtgyPurp/Prtry"),
        ..row(Field::Kind, "kind", "支付类别", "kind of payment", Type::Code(KINDS), 7)
    },
    FieldDef { jinbao: Some("AAE002"), ..row(Field::Period, "period", "所属期", "benefit month", Type::Period, 6) },
    FieldDef {
        jinbao: Some("AAZ031"),
        iso20022: Some("PmtId/EndToEndId"),
        ..row(Field::Order, "order", "支付单号", "payment order", Type::Text, 32)
    },
    row(Field::Bank, "bank", "代发银行", "paying bank", Type::BankId, 16),
    FieldDef {
        iso20022: Some("RmtInf/Ustrd"),
        required: false,
        sensitivity: Sensitivity::Text,
        ..row(Field::Purpose, "purpose", "用途", "purpose", Type::Text, 60)
    },
];

impl Type {
    /// The largest amount, for the one type that has one.
    pub fn largest(self) -> Option<Fen> {
        match self {
            Type::Fen => Some(Fen::MAX_PAYMENT),
            Type::Text
            | Type::Code(_)
            | Type::Document
            | Type::Account
            | Type::Cnaps
            | Type::Fund
            | Type::Period
            | Type::BankId => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn rows_stand_in_schema_order_under_their_own_field() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field.index(), at);
            assert_eq!(def(field).field, field);
            assert_eq!(DEFS[at].field, field);
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
        assert_eq!(Field::from_name("payee"), None);
    }

    #[test]
    fn names_and_titles_are_unique_and_codes_fit() {
        let names: HashSet<_> = DEFS.iter().flat_map(|def| [def.name, def.zh, def.en]).collect();
        assert_eq!(names.len(), Field::COUNT * 3 - 1, "`purpose` is its own English title");
        for def in &DEFS {
            if let Type::Code(codes) = def.ty {
                assert!(codes.iter().all(|code| code.code.len() <= def.max), "{}", def.name);
            }
        }
    }

    #[test]
    fn operations_have_names() {
        for operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
        }
        assert!(Operation::PaymentPay.requires(Field::Order) && !Operation::PaymentPay.requires(Field::Purpose));
        assert!(Operation::PaymentQuery.requires(Field::Amount) && !Operation::PaymentQuery.requires(Field::Order));
    }
}
