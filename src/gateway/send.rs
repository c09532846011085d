//! Intent, then bytes: the first send, the next try after a connection that was not made, and the resend of the same
//! bytes after proven absence.

use std::time::Duration;

use jiff::civil::Date;

use super::draft::{NoDraft, Owner, SALTS, parted};
use super::settle::{self, Asked, Outcome};
use super::{Bank, Gateway, Pinned};
use crate::adapter::runtime::Wire;
use crate::journal::{Advanced, BodyKind, Change, Evidence, Intent, JournalError, Message};
use crate::life::Event;
use crate::link::{Delivery, Mark, Outbound, Purpose, Slot, Stray, Transport};
use crate::message::Record;

/// How long a freshly accepted message waits for a slot before it is left to the resolver. Real time: a caller waits.
const SLOT_PATIENCE: Duration = Duration::from_secs(2);
/// Between two tries to write down what came of a delivery. Real time, doubled each time.
const WRITE_AGAIN: Duration = Duration::from_millis(100);
const WRITE_AGAIN_AT_MOST: Duration = Duration::from_secs(5);
/// How often it is tried once the gateway is closing.
const WRITES_WHILE_CLOSING: u32 = 6;

/// How a message stands after what was done with it.
#[derive(Debug)]
pub struct Stand {
    /// The message.
    pub message: Message,
    /// The final answer north, where this very step has stored it: its bytes are at hand and need not be read again.
    pub response: Option<Vec<u8>>,
}

impl Stand {
    /// A message whose answer, if there is one, is in the journal.
    pub(super) fn of(message: Message) -> Stand {
        Stand { message, response: None }
    }
}

impl Gateway {
    /// Sends a READY message as soon as a slot is free; leaves it READY if that takes too long or the lane is closed.
    pub(super) async fn send_when_free(
        &self,
        bank: &Bank,
        message: Message,
        record: &Record<'_>,
    ) -> Result<Stand, JournalError> {
        if !bank.lane_is_open() {
            return Ok(Stand::of(message));
        }
        let waiting = tokio::time::timeout(SLOT_PATIENCE, bank.link.slot(Purpose::Send));
        let slot = tokio::select! {
            slot = waiting => slot.ok().and_then(Result::ok),
            () = self.closing.cancelled() => None,
        };
        match slot {
            Some(slot) => self.send(bank, slot, message, record).await,
            None => Ok(Stand::of(message)),
        }
    }

    /// Writes the intent of a READY or ABSENT message and delivers it.
    pub(super) async fn send(
        &self,
        bank: &Bank,
        slot: Slot,
        message: Message,
        record: &Record<'_>,
    ) -> Result<Stand, JournalError> {
        let (fence, policy) = (self.journal.fence(), bank.policy(&message, self.clock));
        let intent = |delivery, date: Date| {
            let at = self.clock.now();
            let dated_today = bank.business_date(at) == date;
            Intent { id: message.id, at, fence, dated_today, delivery, policy }
        };
        let Some(pinned) = bank.pinned(&message.adapter) else {
            return self.hold(bank, &message, "adapter").await;
        };
        if let Some(delivery) = &message.delivery {
            let Some(bytes) = self.journal.body(message.id, BodyKind::Wire).await? else {
                return Err(JournalError::Sealed);
            };
            let has_target = matches!(pinned.transport, Transport::Http { .. });
            let advanced = self.journal.intend(intent(None, delivery.business_date)).await?;
            return self.deliver(bank, &pinned, slot, advanced.message, record, parted(bytes, has_target)).await;
        }
        let owner = Owner { org: &message.org, key: &message.key, operation: message.operation };
        for salt in 0..SALTS {
            let draft = match self.draft(bank, &pinned, owner, record, salt, self.clock.now()).await {
                Ok(draft) => draft,
                Err(NoDraft::Refused(refusal)) => {
                    return self.hold(bank, &message, refusal.field.as_deref().unwrap_or("adapter")).await;
                }
                Err(NoDraft::Panicked | NoDraft::NoSerial) => return self.hold(bank, &message, "adapter").await,
                Err(NoDraft::Journal(error)) => return Err(error),
            };
            let date = draft.delivery.business_date;
            match self.journal.intend(intent(Some(draft.delivery), date)).await {
                Ok(advanced) => return self.deliver(bank, &pinned, slot, advanced.message, record, draft.wire).await,
                Err(JournalError::SerialTaken) => {}
                Err(error) => return Err(error),
            }
        }
        Err(JournalError::SerialTaken)
    }

    /// Delivers a SENDING message and writes down what came of it.
    pub(super) async fn deliver(
        &self,
        bank: &Bank,
        pinned: &Pinned,
        slot: Slot,
        message: Message,
        record: &Record<'_>,
        wire: Wire,
    ) -> Result<Stand, JournalError> {
        let mark = mark(&message, 0);
        let delivered = carry_over(bank, pinned, slot, wire, mark).await;
        if let Delivery::NotSent(cause) = &delivered {
            tracing::info!(id = %message.id, bank = %bank.id, cause = cause.code(), "not sent");
        }
        let at = self.clock.now();
        let Some(delivery) = message.delivery.clone() else { return Err(JournalError::NotFound) };
        let asked = Asked {
            operation: message.operation,
            serial: &delivery.serial,
            sent_at: delivery.view.intended_at,
            business_date: delivery.business_date,
        };
        let Outcome { event, evidence, misplaced } = settle::sent(pinned, asked, &message, record, delivered, at);
        let response = evidence.response.as_ref().map(|response| response.body.clone());
        let policy = pinned.policy(message.operation);
        let advanced = self.write_down(Change { id: message.id, at, event, policy, evidence }).await?;
        if let Some(bytes) = misplaced {
            bank.link.misplaced(Stray { behind: mark, bytes });
        }
        Ok(Stand { message: advanced.message, response: response.filter(|_| advanced.response_stored) })
    }

    /// Writes down what came of bytes that have left, with the message still in hand: as long as the journal only says that
    /// it cannot write at the moment, it is asked again. An answer that was read once is not read again.
    ///
    /// # Errors
    /// Storage has failed, or the gateway is closing and has waited long enough: the next start finds the message in flight.
    pub(super) async fn write_down(&self, change: Change) -> Result<Advanced, JournalError> {
        let (mut pause, mut tries_left) = (WRITE_AGAIN, WRITES_WHILE_CLOSING);
        loop {
            match self.journal.advance(change.clone()).await {
                Err(JournalError::Unavailable(cause)) if tries_left > 0 => {
                    tracing::error!(id = %change.id, cause, "what came of a delivery cannot be written down yet");
                }
                ended => return ended,
            }
            if self.closing.is_cancelled() {
                tries_left -= 1;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(WRITE_AGAIN_AT_MOST);
        }
    }

    /// The adapter can no longer carry it: people look at it, nothing is sent.
    async fn hold(&self, bank: &Bank, message: &Message, field: &str) -> Result<Stand, JournalError> {
        let change = Change {
            id: message.id,
            at: self.clock.now(),
            event: Event::CannotEncode { field: field.to_owned() },
            policy: bank.policy(message, self.clock),
            evidence: Evidence { reason: Some(format!("cannot-encode {field}")), ..Evidence::default() },
        };
        Ok(Stand::of(self.journal.advance(change).await?.message))
    }
}

/// What the link knows an exchange by: 0 is the payment's own, the others are its queries by their number.
pub(super) fn mark(message: &Message, exchange: u32) -> Mark {
    Mark { subject: *message.id.as_bytes(), exchange }
}

/// Hands the bytes to the link.
pub(super) async fn carry_over(bank: &Bank, pinned: &Pinned, slot: Slot, wire: Wire, mark: Mark) -> Delivery {
    let target = wire.target.as_deref();
    let outbound = Outbound { transport: &pinned.transport, target, body: wire.body.into(), mark };
    bank.link.deliver(slot, outbound).await
}
