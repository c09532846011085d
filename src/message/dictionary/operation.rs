//! The table of operations.

use super::{Field, GROUPS, Group, def};

/// Who speaks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The agency asks a bank.
    Agency,
    /// A bank tells the agency.
    Bank,
    /// Either.
    Either,
    /// The agency tells its own register; no bank is asked.
    Register,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct OperationDef {
    /// The operation.
    pub operation: Operation,
    /// Its name: `payment.pay`.
    pub name: &'static str,
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// Who speaks first.
    pub side: Side,
    /// What a message must say.
    pub required: &'static [Field],
    /// What it may say besides.
    pub optional: &'static [Field],
    /// What a reply says beyond the outcome: that is what was asked for.
    pub answers: &'static [Field],
}

/// Declares the enum and its table from one list.
macro_rules! operations {
    ($($variant:ident $name:literal $zh:literal $en:literal $side:ident
        [$($required:ident)*] [$($optional:ident)*] $(-> [$($answer:ident)*])?;)+) => {
        /// One canonical business exchange.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $(#[doc = concat!("`", $name, "`: ", $en)] $variant,)+
        }

        impl Operation {
            /// All operations.
            pub const ALL: [Operation; [$($name),+].len()] = [$(Operation::$variant),+];

            /// The row of the operation.
            pub fn def(self) -> &'static OperationDef {
                match self {
                    $(Operation::$variant => {
                        static ROW: OperationDef = OperationDef {
                            operation: Operation::$variant,
                            name: $name,
                            zh: $zh,
                            en: $en,
                            side: Side::$side,
                            required: &[$(Field::$required),*],
                            optional: &[$(Field::$optional),*],
                            answers: &[$($(Field::$answer),*)?],
                        };
                        &ROW
                    })+
                }
            }
        }
    };
}

// A query describes a payment that exists: its account and amount are what the bank's answer is compared with, so they
// are required, and everything else may be left out.
operations! {
    PaymentPay "payment.pay" "发放一笔待遇" "pay one benefit to one recipient" Agency
        [PayeeName PayeeIdType PayeeId PayeeAccount PayeeAccountKind Amount Fund Kind Period Order Bank]
        [PayeeBank Purpose];
    PaymentQuery "payment.query" "查询一笔发放的结果" "ask for the outcome of one payment by its original serial" Agency
        [PayeeAccount Amount]
        [PayeeName PayeeIdType PayeeId PayeeAccountKind PayeeBank Fund Kind Period Order Bank Purpose];
    PaymentReturned "payment.returned" "成功后退票" "money that came back after it was paid" Bank
        [Amount Bank ReturnedSerial ReturnedOn]
        [PayeeName PayeeAccount PayeeAccountKind ReturnedReason];
    CardCheck "card.check" "制卡资格核验" "ask whether a card may be made for a person" Bank
        [Bank HolderName HolderIdType HolderId CardKind]
        [CardOutlet];
    CardIssued "card.issued" "制卡回盘" "a card was made" Bank
        [Bank HolderName HolderIdType HolderId CardNumber CardRegion CardKind CardGeneration CardIssuedOn CardOutlet]
        [CardCode CardAccount CardSocialExpiry CardFinancialExpiry CardFee];
    CardApply "card.apply" "申请制卡" "ask the bank to make a card" Agency
        [Bank HolderName HolderIdType HolderId CardKind]
        [CardOutlet];
    CardQuery "card.query" "卡状态查询" "ask for the social and the financial status of a card" Agency
        [Bank HolderIdType HolderId CardNumber]
        [HolderName CardRegion CardAccount]
        -> [CardAccount CardIssuedOn CardSocialExpiry CardFinancialExpiry CardSocialStatus CardFinancialStatus];
    CardReportLoss "card.report-loss" "挂失" "report a card lost" Either
        [Bank HolderName HolderIdType HolderId CardNumber LossKind]
        [CardRegion CardAccount LossReason];
    CardReleaseLoss "card.release-loss" "解除挂失" "take back a report of loss" Either
        [Bank HolderName HolderIdType HolderId CardNumber]
        [CardRegion CardAccount LossReason];
    CardCancel "card.cancel" "注销" "cancel a card" Either
        [Bank HolderName HolderIdType HolderId CardNumber]
        [CardRegion CardAccount LossReason];
    CardActivated "card.activated" "金融功能激活" "the financial function of a card was activated" Bank
        [Bank HolderName HolderIdType HolderId CardNumber CardAccount]
        [CardRegion CardCode CardFinancialExpiry MeetingKind MeetingOn MeetingOutlet MeetingClerk MeetingOriginals
         MeetingHardship MeetingWith];
    ActivationList "activation.list" "引导激活名单" "people whose bank should help them to activate their card" Agency
        [Bank HolderName HolderIdType HolderId CardNumber]
        [CardRegion CardAccount];
    AccountVerify "account.verify" "账户核验" "ask whether name, document and account belong together" Agency
        [Bank PayeeName PayeeIdType PayeeId PayeeAccount PayeeAccountKind]
        [PayeeBank];
    AccountChange "account.change" "银行账户变更" "enter the account that benefits go to" Register
        [Bank PayeeName PayeeIdType PayeeId PayeeAccount PayeeAccountKind ChangeKind ChangeChannel ChangeEffective
         ChangeChoice]
        [PayeeBank Fund CardNumber CardRegion ChangeEvidence ChangeException FormerAccount FormerAccountKind FormerBank];
}

impl Operation {
    /// `payment.pay`, `payment.query`.
    pub fn name(self) -> &'static str {
        self.def().name
    }

    /// The operation of a name.
    pub fn from_name(name: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// The operation of the message that this one asks about.
    pub const fn asks_about(self) -> Option<Operation> {
        if matches!(self, Operation::PaymentQuery) { Some(Operation::PaymentPay) } else { None }
    }

    /// Whether it moves money, or asks about money that was moved.
    pub const fn is_payment(self) -> bool {
        matches!(self, Operation::PaymentPay | Operation::PaymentQuery)
    }

    /// Whether it is entered in the agency's own register, and no bank is asked.
    pub const fn is_entry(self) -> bool {
        matches!(self, Operation::AccountChange)
    }

    /// Whether asking a bank for it twice leaves things as asking once does.
    pub const fn is_repeatable(self) -> bool {
        match self {
            Operation::CardQuery
            | Operation::CardReportLoss
            | Operation::CardReleaseLoss
            | Operation::CardCancel
            | Operation::ActivationList
            | Operation::AccountVerify => true,
            // A second application may make a second card.
            Operation::CardApply | Operation::PaymentPay | Operation::PaymentQuery => false,
            // These never leave for a bank.
            Operation::PaymentReturned
            | Operation::CardCheck
            | Operation::CardIssued
            | Operation::CardActivated
            | Operation::AccountChange => false,
        }
    }

    /// Whether a message must say `field`.
    pub fn requires(self, field: Field) -> bool {
        self.def().required.contains(&field)
    }

    /// Whether a message may say `field`.
    pub fn has(self, field: Field) -> bool {
        self.requires(field) || self.def().optional.contains(&field)
    }

    /// The field that `name` of `group` is in a message, if the operation has it.
    pub fn field_at(self, group: Option<&str>, name: &str) -> Option<Field> {
        let row = self.def();
        row.required.iter().chain(row.optional).copied().find(|field| field.stands_at(group, name))
    }

    /// The group of a name, if a message may have it.
    pub fn group_at(self, name: &str) -> Option<&'static Group> {
        let row = self.def();
        let mut fields = row.required.iter().chain(row.optional);
        GROUPS
            .iter()
            .find(|group| group.name == name)
            .filter(|group| fields.any(|field| def(*field).place().0 == Some(group.name)))
    }

    /// The groups that a message may have, in schema order.
    pub fn groups(self) -> impl Iterator<Item = &'static Group> {
        GROUPS.iter().filter(move |group| self.fields().any(|field| def(field).place().0 == Some(group.name)))
    }

    /// Every field that a message may say, in schema order.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }
}
