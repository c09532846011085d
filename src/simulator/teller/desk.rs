//! The counter for everything that moves no money: cards, accounts, lists.
//!
//! An errand is done once for each serial; what is already so is done too ("already so" is success). Some are pending
//! at the bank first ("the social side is done, the bank's side still has to be") and done when they are asked for again. A card that nobody
//! has asked about yet stands as chance says, the same at every look.

use super::words::{Exchange, Say};
use super::{Doing, Teller, fresh, sent_on};
use crate::adapter::plan::OperationPlan;
use crate::adapter::runtime::{Incoming, Wire};
use crate::message::{Fen, Field, Operation, Record};
use crate::simulator::ledger::{Books, Card, Entry, Event, LedgerError, Standing, Status};
use crate::simulator::misbehaviour::Misbehaviour;

/// Of a thousand cards and accounts, those that the bank does not know.
const UNKNOWN: u32 = 20;
/// Of a thousand cards that it knows, those whose financial side is not active yet.
const INACTIVE: u32 = 250;

impl Teller {
    pub(super) fn errand(
        &self,
        plan: &OperationPlan,
        incoming: &Incoming<'static>,
        wire: &Wire,
    ) -> Result<Doing, LedgerError> {
        let ([item], Some(serial)) = (incoming.items.as_slice(), &incoming.serial) else {
            return Ok(Doing::Unreadable);
        };
        let Some(about) = subject(item) else { return Ok(Doing::Unreadable) };
        let sha256 = data_encoding::HEXLOWER.encode(&wire.digest());
        let sent_on = sent_on(incoming);
        let ((say, answers, fault, chance, standing), upto) = self.ledger.decide(|books| {
            let known = books.find(serial, self.adapter.serial.per_day.then_some(sent_on));
            let times = known.map_or(0, |standing| standing.received).saturating_add(1);
            let (fault, chance) = self.strikes(plan, about, Fen::ZERO, times);
            let business_date = known.map_or(sent_on, |standing| standing.business_date);
            let entry = |event| Entry {
                serial: serial.clone(),
                business_date,
                account: about.to_owned(),
                fen: Fen::ZERO,
                event,
            };
            let card = self.card(books, about);
            let (say, event) = match fault {
                Some(Misbehaviour::CloseUnexecuted) => (Say::Nothing, None),
                _ => self.attend(plan.operation, known, (about, item), card.as_ref()),
            };
            let answers = answers(card.as_ref(), item);
            let entries: Vec<Entry> =
                [Some(Event::Received { sha256 }), event].into_iter().flatten().map(entry).collect();
            let standing = known.cloned().unwrap_or_else(|| fresh(books, serial, business_date, about, Fen::ZERO));
            (entries, (say, answers, fault, chance, standing))
        })?;
        self.count(fault);
        let doing = self.put(Exchange { plan, incoming, say, answers, fault, chance, about: Some(standing) });
        self.ledger.sync(upto)?;
        Ok(doing)
    }

    /// What is done, and what is said.
    fn attend(
        &self,
        operation: Operation,
        known: Option<&Standing>,
        (about, item): (&str, &Record<'_>),
        card: Option<&Card>,
    ) -> (Say, Option<Event>) {
        let status = known.map_or(Status::Dropped, |standing| standing.status);
        match status {
            Status::Done | Status::Refused if self.refuses_duplicates && self.says_duplicate(operation) => {
                return (Say::Duplicate, Some(Event::DuplicateRefused));
            }
            Status::Done => return (Say::Yes, None),
            Status::Refused => return (Say::No, None),
            Status::Dropped | Status::InHand | Status::Paid => {}
        }
        let done = |card: Option<Card>| match self.pends(operation, known, about) {
            true if status == Status::InHand => (Say::InHand, None),
            true => (Say::InHand, Some(Event::InHand)),
            false => (Say::Yes, Some(Event::Done { operation: operation.name().to_owned(), card })),
        };
        let refused = || {
            let refuses = self.can(operation, |answers| !answers.no.is_empty());
            if refuses { (Say::No, Some(Event::Refused)) } else { done(None) }
        };
        let Some(card) = card else { return refused() };
        match operation {
            Operation::CardReportLoss if card.social != "cancelled" => {
                let for_now = item.text(Field::LossKind) == Some("for-now");
                let social = if for_now { "lost-for-now" } else { "lost" };
                done(Some(Card { social: social.into(), financial: "lost".into() }))
            }
            Operation::CardReleaseLoss if card.social != "cancelled" => {
                done(Some(Card { social: "active".into(), financial: "active".into() }))
            }
            Operation::CardReportLoss | Operation::CardReleaseLoss => refused(),
            Operation::CardCancel => done(Some(Card { social: "cancelled".into(), financial: "closed".into() })),
            Operation::PaymentPay
            | Operation::PaymentQuery
            | Operation::PaymentReturned
            | Operation::CardCheck
            | Operation::CardIssued
            | Operation::CardApply
            | Operation::CardQuery
            | Operation::CardActivated
            | Operation::ActivationList
            | Operation::AccountVerify
            | Operation::AccountChange => done(None),
        }
    }

    /// Whether the bank's side of it still has to be done; at the latest it is when it was asked for often enough.
    fn pends(&self, operation: Operation, known: Option<&Standing>, about: &str) -> bool {
        let mut chance = self.chance("pending", about, Fen::ZERO);
        let held = chance.happens(self.manners.holds);
        let asked = known.map_or(0, |standing| standing.received);
        held && asked <= chance.below(self.manners.patience)
            && self.can(operation, |answers| !answers.in_hand.is_empty())
    }

    /// How a card (or account) stands; `None` for one that the bank does not know.
    fn card(&self, books: &Books, about: &str) -> Option<Card> {
        if let Some(card) = books.card(about) {
            return Some(card.clone());
        }
        let mut chance = self.chance("card", about, Fen::ZERO);
        if chance.happens(UNKNOWN) {
            return None;
        }
        let financial = if chance.happens(INACTIVE) { "inactive" } else { "active" };
        Some(Card { social: "active".into(), financial: financial.into() })
    }

    fn says_duplicate(&self, operation: Operation) -> bool {
        self.can(operation, |answers| answers.duplicate.is_some())
    }
}

/// What an errand is about: a card, an account, or a person.
fn subject<'a>(item: &'a Record<'_>) -> Option<&'a str> {
    let fields = [Field::CardNumber, Field::PayeeAccount, Field::HolderId];
    fields.into_iter().find_map(|field| item.text(field))
}

/// What is said of a card that was asked about.
fn answers(card: Option<&Card>, item: &Record<'_>) -> Record<'static> {
    let mut answers = Record::new();
    if let Some(card) = card {
        answers.set_text(Field::CardSocialStatus, card.social.clone());
        answers.set_text(Field::CardFinancialStatus, card.financial.clone());
        answers.set_text(Field::CardIssuedOn, "2022-03-15");
        answers.set_text(Field::CardSocialExpiry, "2032-03-15");
        answers.set_text(Field::CardFinancialExpiry, "2027-03-15");
        if let Some(account) = item.text(Field::CardAccount) {
            answers.set_text(Field::CardAccount, account.to_owned());
        }
    }
    answers
}

#[cfg(test)]
mod tests;
