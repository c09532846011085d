//! Looks after every open message that nobody has in hand: sends what waits, asks about what is unknown, sends again what
//! provably never arrived, and hands the rest to people.
//!
//! Which step is right is asked of the state table itself, with the message as stored; the journal asks it once more when
//! the step is written. So the resolver holds no rule of its own, only the order in which it tries the rules.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::handled::Hand;
use super::send::{carry_over, mark};
use super::settle::{self, Asked, Outcome};
use super::{Bank, Gateway};
use crate::journal::{BodyKind, Change, Evidence, JournalError, Message};
use crate::life::{self, Event, Queried, State};
use crate::link::{Purpose, Stray};
use crate::message::{Operation, Record, north};

/// Messages taken up in one round.
const ROUND: u32 = 256;
/// Messages in the resolver's hands at one time, over all banks. A sick bank is held back by its own link's slots.
const IN_HANDS: usize = 512;
/// Policy time between two looks at what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Real time between two looks, at least: the journal is not asked more often however fast policy time runs.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(20);

/// What came of a wish to know.
#[derive(Debug)]
pub enum AskedNow {
    /// As it stands after asking.
    Stands(Box<Message>),
    /// Somebody is working on it at this moment.
    InHand,
    /// There is no query for it, or it is past asking.
    NotPossible,
}

/// Runs until the gateway closes.
pub(crate) async fn run(gateway: &Arc<Gateway>) {
    let hands = Arc::new(Semaphore::new(IN_HANDS));
    let pause = gateway.clock.policy(LOOK_EVERY).max(LOOK_AT_MOST_EVERY);
    loop {
        tokio::select! {
            () = gateway.closing.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        gateway.banks.values().for_each(|bank| bank.link.look_around());
        match gateway.journal.due(gateway.clock.now(), ROUND).await {
            Ok(due) => take_up(gateway, &hands, due).await,
            Err(error) => tracing::warn!(%error, "what is due cannot be read"),
        }
    }
}

async fn take_up(gateway: &Arc<Gateway>, hands: &Arc<Semaphore>, due: Vec<Message>) {
    for message in due {
        let Some(bank) = gateway.bank(&message.bank) else { continue };
        let Some(hand) = gateway.handled.take(message.id) else { continue };
        let Ok(permit) = Arc::clone(hands).acquire_owned().await else { return };
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        gateway.work.clone().spawn(async move {
            look_after(&gateway, &bank, hand).await;
            drop(permit);
        });
    }
}

/// Takes the next step of one message.
pub(crate) async fn look_after(gateway: &Gateway, bank: &Bank, hand: Hand) {
    // Read again with the message in hand: between the list and now another task may have moved it.
    let outcome = match gateway.journal.find(hand.id()).await {
        Ok(Some(message)) => gateway.step(bank, message).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => {}
        Err(JournalError::Illegal(illegal)) => tracing::error!(id = %hand.id(), %illegal, "refused by the table"),
        Err(error) => tracing::warn!(id = %hand.id(), %error, "not resolved"),
    }
}

impl Gateway {
    async fn step(&self, bank: &Bank, message: Message) -> Result<(), JournalError> {
        match message.state {
            State::Accepted => self.note(bank, &message, Event::Released).await,
            State::Ready | State::Absent => self.step_to_send(bank, message).await,
            State::Unknown => {
                for event in [Event::DeadEnd, Event::AbsenceProved, Event::HorizonPassed] {
                    if self.allows(bank, &message, &event) {
                        return self.note(bank, &message, event).await;
                    }
                }
                self.ask(bank, message).await
            }
            State::Acked => {
                if self.allows(bank, &message, &Event::HorizonPassed) {
                    return self.note(bank, &message, Event::HorizonPassed).await;
                }
                self.ask(bank, message).await
            }
            // Nobody has it in hand, so the process that was asking or sending is gone: that is recovery's work.
            State::Sending | State::Querying => Ok(()),
            State::Held | State::Manual => Ok(()),
            State::Rejected | State::Succeeded | State::Failed | State::Cancelled => Ok(()),
        }
    }

    async fn step_to_send(&self, bank: &Bank, message: Message) -> Result<(), JournalError> {
        for event in [Event::DeadEnd, Event::BusinessDayOver, Event::HorizonPassed] {
            let stale = !matches!(event, Event::BusinessDayOver) || self.day_is_over(bank, &message);
            if stale && self.allows(bank, &message, &event) {
                return self.note(bank, &message, event).await;
            }
        }
        if !bank.lane_is_open() || self.closing.is_cancelled() {
            return Ok(());
        }
        let Ok(slot) = bank.link.try_slot(Purpose::Send) else { return Ok(()) };
        match self.record(&message).await? {
            Some(record) => self.send(bank, slot, message, &record).await.map(drop),
            None => Ok(()),
        }
    }

    /// Asks the bank what became of it. The intent to ask is durable first, so that a query has its number.
    pub(super) async fn ask(&self, bank: &Bank, message: Message) -> Result<(), JournalError> {
        if !self.allows(bank, &message, &Event::QueryDue) {
            return Ok(());
        }
        let (Some(record), Some(pinned)) = (self.record(&message).await?, bank.pinned(&message.adapter)) else {
            return Ok(());
        };
        let Ok(slot) = bank.link.slot(Purpose::Query).await else { return Ok(()) };
        let asking = self.change(bank, &message, Event::QueryDue, Evidence::default());
        let message = self.journal.advance(asking).await?.message;
        let at = self.clock.now();
        let mark = mark(&message, message.delivery.as_ref().map_or(0, |delivery| delivery.view.queries));
        let Outcome { event, evidence, misplaced } = match self.draft_query(bank, &pinned, &message, &record, at) {
            Ok((serial, wire)) => {
                let delivered = carry_over(bank, &pinned, slot, wire, mark).await;
                let business_date = bank.business_date(at);
                let asked = Asked { operation: Operation::PaymentQuery, serial: &serial, sent_at: at, business_date };
                settle::queried(&pinned, asked, &message, &record, delivered, self.clock.now())
            }
            Err(fault) => {
                tracing::error!(id = %message.id, ?fault, "the query cannot be encoded");
                let event = Event::Queried(Queried::Failed);
                Outcome { event, evidence: Evidence::default(), misplaced: None }
            }
        };
        let change = self.change(bank, &message, event, evidence);
        self.journal.advance(change).await?;
        if let Some(bytes) = misplaced {
            bank.link.misplaced(Stray { behind: mark, bytes });
        }
        Ok(())
    }

    /// Asks about one message at once, because somebody wants to know. Never sends.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub async fn ask_now(&self, message: &Message) -> Result<AskedNow, JournalError> {
        let Some(bank) = self.bank(&message.bank) else { return Ok(AskedNow::NotPossible) };
        let Some(hand) = self.handled.take(message.id) else { return Ok(AskedNow::InHand) };
        let Some(message) = self.journal.find(hand.id()).await? else { return Err(JournalError::NotFound) };
        if !message.state.is_terminal() {
            if !self.allows(bank, &message, &Event::QueryDue) {
                return Ok(AskedNow::NotPossible);
            }
            self.ask(bank, message).await?;
        }
        let message = self.journal.find(hand.id()).await?.ok_or(JournalError::NotFound)?;
        Ok(AskedNow::Stands(Box::new(message)))
    }

    /// The canonical request of a stored message; `None` when its body has been pruned or cannot be read any more.
    pub(super) async fn record(&self, message: &Message) -> Result<Option<Record<'static>>, JournalError> {
        let Some(body) = self.journal.body(message.id, BodyKind::Request).await? else {
            return Ok(None);
        };
        Ok(north::decode(Operation::PaymentPay, &body).ok().map(Record::into_owned))
    }

    fn day_is_over(&self, bank: &Bank, message: &Message) -> bool {
        bank.business_date(self.clock.now()) > bank.business_date(message.accepted_at)
    }

    /// Whether the table would take this step now.
    fn allows(&self, bank: &Bank, message: &Message, event: &Event) -> bool {
        let delivery = message.delivery.as_ref().map(|delivery| &delivery.view);
        life::advance(&message.view(), delivery, event, &bank.policy, self.clock.now()).is_ok()
    }

    async fn note(&self, bank: &Bank, message: &Message, event: Event) -> Result<(), JournalError> {
        let evidence = Evidence { reason: Some(event.name().to_owned()), ..Evidence::default() };
        self.journal.advance(self.change(bank, message, event, evidence)).await.map(drop)
    }

    fn change(&self, bank: &Bank, message: &Message, event: Event, evidence: Evidence) -> Change {
        Change { id: message.id, at: self.clock.now(), event, policy: bank.policy, evidence }
    }
}
