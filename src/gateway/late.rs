//! Answers that nobody waited for: the second answer to a payment, one that comes after its exchange was given up, one
//! that came in another's place.
//!
//! Each is read as the answer to the exchange that its connection carried last. Where the dialect echoes our serial and
//! the echo is another's, the message with that serial is looked up and the answer is read once more against it. Then the
//! state table decides: an equal answer changes nothing, an open message gets its outcome, a contradiction of what is
//! final becomes a CONFLICT for people. What belongs to no message of ours is logged and forgotten.
//! The main path never waits for any of this.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use super::bank::Pinned;
use super::settle::{self, Asked, Late};
use super::{Bank, Gateway};
use crate::journal::{Change, Evidence, JournalError, Message, MessageId};
use crate::life::{Event, FactKind, Queried, State, Verdict};
use crate::link::Stray;
use crate::message::Operation;

/// Between two looks at a message whose own exchange is not written down yet. Real time: a socket is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Longer than any bank's answer time-out.
const PATIENCE: Duration = Duration::from_mins(15);

/// Starts a task per bank that places what comes.
pub(super) fn start(gateway: &Arc<Gateway>) {
    for bank in gateway.banks.values() {
        let Some(strays) = bank.link.strays() else { continue };
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        gateway.work.clone().spawn(async move { take_up(&gateway, &bank, strays).await });
    }
}

async fn take_up(gateway: &Arc<Gateway>, bank: &Arc<Bank>, mut strays: Receiver<Stray>) {
    loop {
        let stray = tokio::select! {
            biased;
            stray = strays.recv() => stray,
            () = gateway.closing.cancelled() => strays.try_recv().ok(),
        };
        let Some(stray) = stray else { return };
        // Each in a task of its own: one may have to wait until its message's own exchange is written down.
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        gateway.work.clone().spawn(async move {
            if let Err(error) = gateway.place(&bank, &stray).await {
                tracing::error!(bank = %bank.id, %error, "an answer that nobody waited for was not written down");
            }
        });
    }
}

/// The number of a payment's own exchange; its queries are counted from 1.
const PAYMENT: u32 = 0;

/// Bytes read as the answer to one exchange.
enum Read {
    /// They are the answer to it.
    Ours(Box<Placed>),
    /// They are about something else; our serial, if they name one.
    Anothers(Option<String>),
    /// They are no such answer, or nothing can be done with one.
    Not,
}

/// What an answer says of a message.
struct Placed {
    message: Message,
    event: Event,
    evidence: Evidence,
}

impl Gateway {
    async fn place(&self, bank: &Bank, stray: &Stray) -> Result<(), JournalError> {
        match self.find_place(bank, stray).await? {
            Some(placed) => self.note_late(bank, placed).await,
            None => {
                tracing::warn!(bank = %bank.id, bytes = stray.bytes.len(), "an answer belongs to no message of ours");
                Ok(())
            }
        }
    }

    async fn find_place(&self, bank: &Bank, stray: &Stray) -> Result<Option<Placed>, JournalError> {
        let Some(behind) = self.journal.find(MessageId(stray.behind.subject)).await? else { return Ok(None) };
        let (exchange, bytes) = (stray.behind.exchange, stray.bytes.as_slice());
        let mut read = self.read_late(bank, behind.clone(), exchange, bytes).await?;
        if exchange != PAYMENT && !matches!(read, Read::Ours(_)) {
            // Perhaps it is the answer to a payment that came before the query on the same connection.
            read = self.read_late(bank, behind, PAYMENT, bytes).await?;
        }
        let serial = match read {
            Read::Ours(placed) => return Ok(Some(*placed)),
            Read::Anothers(Some(serial)) => serial,
            Read::Anothers(None) | Read::Not => return Ok(None),
        };
        for scope in self.scopes(bank) {
            let Some(message) = self.journal.find_serial(&bank.id, &scope, &serial).await? else { continue };
            if let Read::Ours(placed) = self.read_late(bank, message, PAYMENT, bytes).await? {
                return Ok(Some(*placed));
            }
        }
        Ok(None)
    }

    /// Within what a serial that comes back today may be unique: for ever, or on one of the last two days.
    fn scopes(&self, bank: &Bank) -> Vec<String> {
        if !bank.current.adapter.serial.per_day {
            return vec![String::new()];
        }
        let today = bank.business_date(self.clock.now());
        [Some(today), today.yesterday().ok()].into_iter().flatten().map(|date| date.to_string()).collect()
    }

    /// Reads bytes as the answer to one exchange about a message.
    async fn read_late(
        &self,
        bank: &Bank,
        message: Message,
        exchange: u32,
        bytes: &[u8],
    ) -> Result<Read, JournalError> {
        let (Some(record), Some(pinned)) = (self.record(&message).await?, bank.pinned(&message.adapter)) else {
            return Ok(Read::Not);
        };
        let at = self.clock.now();
        let read = self.asked(bank, &pinned, &message, exchange, |asked| {
            settle::late(&pinned, asked, &message, &record, bytes, at)
        });
        Ok(match read {
            // A query that says nothing leaves everything as it is, and a newer one may be under way.
            Some(Late::Ours(Verdict::Unclear, _)) if exchange != PAYMENT => Read::Not,
            Some(Late::Ours(verdict, evidence)) => {
                let event = if exchange == PAYMENT {
                    Event::LateAnswer(verdict)
                } else {
                    Event::Queried(Queried::Answered(verdict))
                };
                Read::Ours(Box::new(Placed { message, event, evidence }))
            }
            Some(Late::Anothers(serial)) => Read::Anothers(serial),
            Some(Late::Unreadable) | None => Read::Not,
        })
    }

    /// Looks at what was asked in an exchange about a message.
    fn asked<T>(
        &self,
        bank: &Bank,
        pinned: &Pinned,
        message: &Message,
        exchange: u32,
        look: impl FnOnce(Asked<'_>) -> T,
    ) -> Option<T> {
        let delivery = message.delivery.as_ref()?;
        let (sent_at, business_date) = (delivery.view.intended_at, delivery.business_date);
        if exchange == PAYMENT {
            let serial = &delivery.serial;
            return Some(look(Asked { operation: Operation::PaymentPay, serial, sent_at, business_date }));
        }
        // When a query was asked is not kept; its serial, which is its own, tells its answer from others.
        let serial = self.query_serial(bank, pinned, message, exchange)?;
        Some(look(Asked { operation: Operation::PaymentQuery, serial: &serial, sent_at, business_date }))
    }

    /// Lets the state table decide, once the message's own exchange is written down.
    async fn note_late(&self, bank: &Bank, placed: Placed) -> Result<(), JournalError> {
        let Placed { message, event, evidence } = placed;
        let begun = Instant::now();
        loop {
            let stands = self.journal.find(message.id).await?.ok_or(JournalError::NotFound)?;
            if stands.state == State::Sending && begun.elapsed() < PATIENCE {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            let (at, event, evidence) = (self.clock.now(), event.clone(), evidence.clone());
            let change = Change { id: message.id, at, event, policy: bank.policy, evidence };
            match self.journal.advance(change).await {
                Ok(advanced) if advanced.step.fact == Some(FactKind::Conflict) => {
                    let state = advanced.message.state;
                    tracing::error!(id = %message.id, bank = %bank.id, %state, "a second answer contradicts the first");
                    return Ok(());
                }
                Ok(advanced) => {
                    let state = advanced.message.state;
                    tracing::info!(id = %message.id, bank = %bank.id, %state, "an answer that nobody waited for");
                    return Ok(());
                }
                // Sent again between the look and the writing.
                Err(JournalError::Illegal(illegal))
                    if illegal.state == State::Sending && begun.elapsed() < PATIENCE => {}
                Err(error) => return Err(error),
            }
        }
    }
}
