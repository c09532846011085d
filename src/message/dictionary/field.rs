//! The table of fields.

use super::codes::{
    ACCOUNT_KINDS, CARD_KINDS, CHANGES, CHANNELS, CHOICES, DOCUMENTS, FINANCIAL_STATUSES, GENERATIONS, HARDSHIPS,
    KINDS, LOSSES, MEETINGS, ORIGINALS, SOCIAL_STATUSES,
};
use super::{FieldDef, Sensitivity, Type};

/// Declares the enum and its table from one list, so that no field can stand in one and not in the other.
macro_rules! fields {
    ($($variant:ident($name:literal, $zh:literal, $en:literal, $ty:expr, $max:literal)$(.$more:ident($value:expr))*;)+) => {
        /// A field of the canonical language, in schema order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`: ", $en)] $variant,)+
        }

        impl Field {
            /// How many fields there are.
            pub const COUNT: usize = [$($name),+].len();

            /// All fields in schema order.
            pub const ALL: [Field; Field::COUNT] = [$(Field::$variant),+];
        }

        /// The row of `field`.
        pub fn def(field: Field) -> &'static FieldDef {
            match field {
                $(Field::$variant => {
                    static ROW: FieldDef = row(Field::$variant, $name, $zh, $en, $ty, $max)$(.$more($value))*;
                    &ROW
                })+
            }
        }
    };
}

fields! {
    PayeeName("payee.name", "领待人员姓名（户名）", "recipient's name", Type::Text, 60)
        .jinbao("AAC003").iso20022("Cdtr/Nm").masked(Sensitivity::Name);
    PayeeIdType("payee.id_type", "证件类型", "kind of identity document", Type::Code(DOCUMENTS), 19)
        .jinbao("AAC058").iso20022("Cdtr/Id/PrvtId/Othr/SchmeNm/Prtry");
    PayeeId("payee.id", "证件号码", "number of the identity document", Type::Document(Field::PayeeIdType), 18)
        .jinbao("AAC147").iso20022("Cdtr/Id/PrvtId/Othr/Id").masked(Sensitivity::Identity);
    PayeeAccount("payee.account", "银行账号", "account number", Type::Account(Field::PayeeAccountKind), 32)
        .jinbao("AAE010").iso20022("CdtrAcct/Id/Othr/Id").masked(Sensitivity::Account);
    PayeeAccountKind("payee.account_kind", "账号类别", "kind of account", Type::Code(ACCOUNT_KINDS), 7)
        .iso20022("CdtrAcct/Tp/Prtry");
    PayeeBank("payee.bank", "收款开户行联行号", "payee's bank (CNAPS)", Type::Cnaps, 12)
        .jinbao("AAE008").iso20022("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId");
    Amount("amount", "支付金额（分）", "amount in fen", Type::Fen, 16).jinbao("AAE019").iso20022("Amt/InstdAmt");
    Fund("fund", "险种类型", "insurance kind", Type::Fund, 8).jinbao("AAE140").iso20022("Purp/Prtry");
    Kind("kind", "支付类别", "kind of payment", Type::Code(KINDS), 7).iso20022("PmtInf/PmtTpInf/CtgyPurp/Prtry");
    Period("period", "所属期", "benefit month", Type::Period, 6).jinbao("AAE002");
    Order("order", "支付单号", "payment order", Type::Text, 32).jinbao("AAZ031").iso20022("PmtId/EndToEndId");
    Bank("bank", "代发银行", "paying bank", Type::BankId, 16);
    Purpose("purpose", "用途", "purpose", Type::Text, 60).iso20022("RmtInf/Ustrd").masked(Sensitivity::Text);

    HolderName("holder.name", "持卡人姓名", "card holder's name", Type::Text, 60)
        .jinbao("AAC003").masked(Sensitivity::Name);
    HolderIdType("holder.id_type", "持卡人证件类型", "kind of the holder's document", Type::Code(DOCUMENTS), 19)
        .jinbao("AAC058");
    HolderId("holder.id", "社会保障号码", "social security number", Type::Document(Field::HolderIdType), 18)
        .jinbao("AAC002").masked(Sensitivity::Identity);
    CardNumber("card.number", "社会保障卡卡号", "card number", Type::CardNumber, 9)
        .jinbao("AAZ500").masked(Sensitivity::Account);
    CardRegion("card.region", "发卡地行政区划", "division that issued the card", Type::Region, 6).jinbao("AAB301");
    CardCode("card.code", "卡识别码", "identification code", Type::CardCode, 32)
        .jinbao("AAZ501").masked(Sensitivity::Account);
    CardAccount("card.account", "金融账号（银行卡号）", "bank card number", Type::BankCard, 19)
        .jinbao("AAE010A").masked(Sensitivity::Account);
    CardKind("card.kind", "制卡类别", "why the card is made", Type::Code(CARD_KINDS), 14);
    CardGeneration("card.generation", "卡规范版本", "generation", Type::Code(GENERATIONS), 1).jinbao("AAZ508");
    CardIssuedOn("card.issued_on", "发卡日期", "day of issue", Type::Date, 10).jinbao("AAZ503");
    CardSocialExpiry("card.social_expiry", "社会保障功能有效期", "end of the social side", Type::Date, 10);
    CardFinancialExpiry("card.financial_expiry", "金融功能有效期", "end of the bank's side", Type::Date, 10);
    CardOutlet("card.outlet", "制卡网点", "outlet", Type::Text, 20);
    CardFee("card.fee", "向持卡人收取的费用（分）", "fee taken from the holder in fen", Type::Fee, 16);
    CardSocialStatus("card.social_status", "卡应用状态", "social status", Type::Code(SOCIAL_STATUSES), 12)
        .jinbao("AAZ502");
    CardFinancialStatus("card.financial_status", "金融账户状态", "financial status", Type::Code(FINANCIAL_STATUSES), 8);
    LossKind("loss.kind", "挂失类型", "kind of loss report", Type::Code(LOSSES), 7);
    LossReason("loss.reason", "原因", "reason for the report", Type::Text, 60).masked(Sensitivity::Text);
    MeetingKind("meeting.kind", "见面方式", "how bank and holder met", Type::Code(MEETINGS), 10);
    MeetingOn("meeting.on", "见面日期", "day of the meeting", Type::Date, 10);
    MeetingOutlet("meeting.outlet", "办理网点", "outlet of the meeting", Type::Text, 20);
    MeetingClerk("meeting.clerk", "经办人员", "clerk who met the holder", Type::Text, 32);
    MeetingOriginals("meeting.originals", "原件核验", "whether originals were seen", Type::Code(ORIGINALS), 8);
    MeetingHardship("meeting.hardship", "上门服务原因", "reason for the home visit", Type::Code(HARDSHIPS), 10);
    MeetingWith("meeting.with", "到场人", "whom the clerk met", Type::Code(CHOICES), 8);
    ChangeKind("change.kind", "变更类别", "why the account is entered", Type::Code(CHANGES), 11);
    ChangeChannel("change.channel", "办理渠道", "channel", Type::Code(CHANNELS), 7);
    ChangeEffective("change.effective", "生效月份", "first month paid to the new account", Type::Period, 6);
    ChangeChoice("change.choice", "意愿", "whose wish it is", Type::Code(CHOICES), 8);
    ChangeEvidence("change.evidence", "凭证编号", "number of the evidence", Type::Text, 40);
    ChangeException("change.exception", "特殊情况说明", "why an exception is made", Type::Text, 60)
        .masked(Sensitivity::Text);
    FormerAccount("former.account", "原银行账号", "account until now", Type::Account(Field::FormerAccountKind), 32)
        .jinbao("AAE010").masked(Sensitivity::Account);
    FormerAccountKind("former.account_kind", "原账号类别", "kind of the account until now", Type::Code(ACCOUNT_KINDS), 7);
    FormerBank("former.bank", "原开户行联行号", "bank until now (CNAPS)", Type::Cnaps, 12).jinbao("AAE008");
    ReturnedSerial("returned.serial", "原交易流水号", "our serial of the payment", Type::Text, 40);
    ReturnedOn("returned.on", "退票日期", "day on which the money came back", Type::Date, 10);
    ReturnedReason("returned.reason", "退票原因", "the bank's reason for the return", Type::Text, 60)
        .jinbao("AAE357").masked(Sensitivity::Text);
}

/// The fields that hold numbers of identity documents.
pub const DOCUMENT_NUMBERS: [Field; 2] = [Field::PayeeId, Field::HolderId];

impl Field {
    /// The place in schema order, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The path: `payee.name`.
    pub fn name(self) -> &'static str {
        def(self).name
    }

    /// The field `name` of `group`, or one that stands alone.
    pub fn from_place(group: Option<&str>, name: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.stands_at(group, name))
    }

    /// Whether it is the field `name` of `group`. Asked for every member of every message, so nothing is taken apart.
    pub(super) fn stands_at(self, group: Option<&str>, name: &str) -> bool {
        let path = self.name();
        match group {
            None => path == name && !name.contains('.'),
            Some(group) => path.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')) == Some(name),
        }
    }

    /// The field of a path.
    pub fn from_name(name: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.name() == name)
    }
}

const fn row(field: Field, name: &'static str, zh: &'static str, en: &'static str, ty: Type, max: usize) -> FieldDef {
    FieldDef { field, name, zh, en, jinbao: None, iso20022: None, ty, max, sensitivity: Sensitivity::Open }
}

impl FieldDef {
    const fn jinbao(self, code: &'static str) -> FieldDef {
        FieldDef { jinbao: Some(code), ..self }
    }

    const fn iso20022(self, path: &'static str) -> FieldDef {
        FieldDef { iso20022: Some(path), ..self }
    }

    const fn masked(self, sensitivity: Sensitivity) -> FieldDef {
        FieldDef { sensitivity, ..self }
    }
}
