//! What banks and the agency have told, as far as rules and reports ask: cards, and the accounts that benefits go to.
//!
//! A view: it is made by entering the messages of the journal, oldest first, and holds nothing that they do not say.

use std::collections::{HashMap, HashSet};

use crate::message::{Field, Operation, Record};

/// Cards and payout accounts.
#[derive(Debug, Default)]
pub struct Registers {
    holders: HashSet<String>,
    cards: HashMap<String, Card>,
    payouts: HashMap<String, Payout>,
}

/// The bank's side of a card, by its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The bank that told of it.
    pub bank: String,
    /// The holder's social security number.
    pub holder: String,
    /// Whether its financial function was activated, and with evidence of a meeting.
    pub activated: Option<bool>,
}

/// The account that somebody's benefits go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// The paying bank.
    pub bank: String,
    /// The account.
    pub account: String,
    /// Whether it is a card.
    pub on_card: bool,
    /// Whether it was entered with a reason for an exception (异地居住, 行动不便, …).
    pub exception: bool,
    /// The first month paid to it.
    pub effective: String,
}

impl Registers {
    /// Takes in a message that is final.
    pub fn enter(&mut self, operation: Operation, record: &Record<'_>) {
        match operation {
            Operation::CardIssued | Operation::CardActivated => self.enter_card(operation, record),
            Operation::AccountChange => self.enter_payout(record),
            Operation::PaymentPay
            | Operation::PaymentQuery
            | Operation::PaymentReturned
            | Operation::CardCheck
            | Operation::CardApply
            | Operation::CardQuery
            | Operation::CardReportLoss
            | Operation::CardReleaseLoss
            | Operation::CardCancel
            | Operation::ActivationList
            | Operation::AccountVerify => {}
        }
    }

    fn enter_card(&mut self, operation: Operation, record: &Record<'_>) {
        let (Some(holder), Some(bank)) = (record.text(Field::HolderId), record.text(Field::Bank)) else { return };
        self.holders.insert(holder.to_owned());
        let Some(account) = record.text(Field::CardAccount) else { return };
        let card = self.cards.entry(account.to_owned()).or_insert_with(|| Card {
            bank: bank.to_owned(),
            holder: holder.to_owned(),
            activated: None,
        });
        if operation == Operation::CardActivated {
            let met = met(record);
            // Evidence that came once is not undone by a notice without.
            card.activated = Some(met || card.activated == Some(true));
        }
    }

    fn enter_payout(&mut self, record: &Record<'_>) {
        let text = |field| record.text(field).unwrap_or_default().to_owned();
        let payout = Payout {
            bank: text(Field::Bank),
            account: text(Field::PayeeAccount),
            on_card: record.text(Field::PayeeAccountKind) == Some("card"),
            exception: record.text(Field::ChangeException).is_some(),
            effective: text(Field::ChangeEffective),
        };
        self.payouts.insert(text(Field::PayeeId), payout);
    }

    /// Whether a bank has told of a card for this social security number.
    pub fn has_card(&self, holder: &str) -> bool {
        self.holders.contains(holder)
    }

    /// The card with this account.
    pub fn card(&self, account: &str) -> Option<&Card> {
        self.cards.get(account)
    }

    /// Where this person's benefits go.
    pub fn payout(&self, person: &str) -> Option<&Payout> {
        self.payouts.get(person)
    }
}

/// Whether an activation names its meeting: how, where, who, and that originals were seen.
pub(super) fn met(record: &Record<'_>) -> bool {
    let said = [Field::MeetingKind, Field::MeetingOn, Field::MeetingOutlet, Field::MeetingClerk];
    said.into_iter().all(|field| record.text(field).is_some()) && record.text(Field::MeetingOriginals) == Some("seen")
}
