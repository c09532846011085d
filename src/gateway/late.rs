//! Answers that nobody waited for: the second answer to a payment, one that comes after its exchange was given up, one
//! that came in another's place.
//!
//! Each is read as the answer to the exchange that its connection carried last. Where the dialect echoes our serial and
//! the echo is another's, the message with that serial is looked up and the answer is read once more against it. Then the
//! state table decides: an equal answer changes nothing, an open message gets its outcome, a contradiction of what is
//! final becomes a CONFLICT for people. What belongs to no message of ours is logged and forgotten.
//! In a dialect that echoes nothing anything in the right layout would pass for ours. There such bytes settle nothing:
//! they are kept, and can only contradict what is final.
//! The main path never waits for any of this.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;

use super::bank::Pinned;
use super::settle::{self, Asked, Late};
use super::{Bank, Gateway};
use crate::adapter::plan::Correlation;
use crate::journal::{Change, Evidence, JournalError, Message, MessageId};
use crate::life::{Event, FactKind, Queried, State, Verdict};
use crate::link::Stray;
use crate::message::Operation;

/// Between two looks whether a message whose own exchange is under way is still in hand. Real time: a socket is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Answers of one bank that are being placed at one time. While so many wait, the link keeps a few more and drops the rest.
const AT_ONCE: usize = 64;

/// Starts a task per bank that places what comes.
pub(super) fn start(gateway: &Arc<Gateway>) {
    for bank in gateway.banks.values() {
        let Some(strays) = bank.link.strays() else { continue };
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        gateway.work.clone().spawn(async move { take_up(&gateway, &bank, strays).await });
    }
}

async fn take_up(gateway: &Arc<Gateway>, bank: &Arc<Bank>, mut strays: Receiver<Stray>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
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
            drop(place);
        });
    }
}

/// The number of a payment's own exchange; its queries are counted from 1.
const PAYMENT: u32 = 0;

/// The exchange that an answer is the answer to.
#[derive(Clone, Copy)]
struct Place {
    id: MessageId,
    exchange: u32,
}

/// Bytes read as the answer to one exchange.
enum Read {
    /// They are the answer to it.
    Ours(Box<Change>),
    /// They are about something else; our serial, if they name one.
    Anothers(Option<String>),
    /// They are no such answer, or nothing can be done with one.
    Not,
}

impl Gateway {
    async fn place(&self, bank: &Bank, stray: &Stray) -> Result<(), JournalError> {
        match self.find_place(bank, stray).await? {
            Some(place) => self.note_late(bank, place, &stray.bytes).await,
            None => {
                tracing::warn!(bank = %bank.id, bytes = stray.bytes.len(), "an answer belongs to no message of ours");
                Ok(())
            }
        }
    }

    async fn find_place(&self, bank: &Bank, stray: &Stray) -> Result<Option<Place>, JournalError> {
        let Some(behind) = self.journal.find(MessageId(stray.behind.subject)).await? else { return Ok(None) };
        let (id, exchange, bytes) = (behind.id, stray.behind.exchange, stray.bytes.as_slice());
        let mut read = self.read_late(bank, &behind, exchange, bytes).await?;
        if let Read::Ours(_) = read {
            return Ok(Some(Place { id, exchange }));
        }
        if exchange != PAYMENT {
            // Perhaps it is the answer to a payment that came before the query on the same connection.
            read = self.read_late(bank, &behind, PAYMENT, bytes).await?;
        }
        let serial = match read {
            Read::Ours(_) => return Ok(Some(Place { id, exchange: PAYMENT })),
            Read::Anothers(Some(serial)) => serial,
            Read::Anothers(None) | Read::Not => return Ok(None),
        };
        for scope in self.scopes(bank) {
            let Some(message) = self.journal.find_serial(&bank.id, &scope, &serial).await? else { continue };
            if let Read::Ours(_) = self.read_late(bank, &message, PAYMENT, bytes).await? {
                return Ok(Some(Place { id: message.id, exchange: PAYMENT }));
            }
        }
        Ok(None)
    }

    /// Within what a serial that comes back today may be unique: for ever, or on one of the last two days. Whichever of
    /// them the message's own adapter wants, which need not be the one in force.
    fn scopes(&self, bank: &Bank) -> [String; 3] {
        let today = bank.business_date(self.clock.now());
        let yesterday = today.yesterday().map_or_else(|_| String::new(), |date| date.to_string());
        [String::new(), today.to_string(), yesterday]
    }

    /// Reads bytes as the answer to one exchange about a message.
    async fn read_late(
        &self,
        bank: &Bank,
        message: &Message,
        exchange: u32,
        bytes: &[u8],
    ) -> Result<Read, JournalError> {
        let (Some(record), Some(pinned)) = (self.record(message).await?, bank.pinned(&message.adapter)) else {
            return Ok(Read::Not);
        };
        let at = self.clock.now();
        let read = self
            .asked(bank, &pinned, message, exchange, |asked| settle::late(&pinned, asked, message, &record, bytes, at));
        Ok(match read {
            // A query that says nothing leaves everything as it is, and a newer one may be under way.
            Some(Late::Ours(Verdict::Unclear, _)) if exchange != PAYMENT => Read::Not,
            Some(Late::Ours(verdict, evidence)) => {
                let operation = if exchange == PAYMENT { message.operation } else { Operation::PaymentQuery };
                let mute = pinned.plan(operation).is_none_or(|plan| plan.correlation == Correlation::Connection);
                let event = match (mute, exchange) {
                    (true, _) => Event::Overheard(verdict),
                    (false, PAYMENT) => Event::LateAnswer(verdict),
                    (false, _) => Event::Queried(Queried::Answered(verdict)),
                };
                Read::Ours(Box::new(Change {
                    id: message.id,
                    at,
                    event,
                    policy: pinned.policy(message.operation),
                    evidence,
                }))
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
            return Some(look(Asked { operation: message.operation, serial, sent_at, business_date }));
        }
        // When a query was asked is not kept; its serial, which is its own, tells its answer from others.
        let serial = self.query_serial(bank, pinned, message, exchange)?;
        Some(look(Asked { operation: Operation::PaymentQuery, serial: &serial, sent_at, business_date }))
    }

    /// Lets the state table decide, once the message's own exchange is written down. Only then are the bytes read for good:
    /// the answer north bears the time at which it was written.
    async fn note_late(&self, bank: &Bank, place: Place, bytes: &[u8]) -> Result<(), JournalError> {
        loop {
            let stands = self.journal.find(place.id).await?.ok_or(JournalError::NotFound)?;
            if stands.state == State::Sending {
                self.leave_sending(bank, place.id).await?;
                continue;
            }
            let Read::Ours(change) = self.read_late(bank, &stands, place.exchange, bytes).await? else { return Ok(()) };
            match self.write_down(*change).await {
                Ok(advanced) => {
                    let state = advanced.message.state;
                    if advanced.step.fact == Some(FactKind::Conflict) {
                        tracing::error!(id = %place.id, bank = %bank.id, %state, "a second answer contradicts the first");
                    } else {
                        tracing::info!(id = %place.id, bank = %bank.id, %state, "an answer that nobody waited for");
                    }
                    return Ok(());
                }
                // Sent again between the look and the writing.
                Err(JournalError::Illegal(illegal)) if illegal.state == State::Sending => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until whoever sends the message has written down how that ended. If nobody does, says so in his place.
    async fn leave_sending(&self, bank: &Bank, id: MessageId) -> Result<(), JournalError> {
        let Some(hand) = self.handled.take(id) else {
            tokio::time::sleep(LOOK_EVERY).await;
            return Ok(());
        };
        let stands = self.journal.find(hand.id()).await?.ok_or(JournalError::NotFound)?;
        if stands.state == State::Sending {
            let change = self.change(bank, &stands, Event::Restarted, Evidence::default());
            self.journal.advance(change).await?;
        }
        Ok(())
    }
}
