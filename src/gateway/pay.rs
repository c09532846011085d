//! The main path: one payment from the north, once.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use jiff::Timestamp;

use super::admit::{Admitted, Caller, NotAdmitted, admit};
use super::draft::{Draft, NoDraft, Owner};
use super::handled::Hand;
use super::send::Stand;
use super::{Bank, Gateway};
use crate::adapter::runtime::Wire;
use crate::journal::{Claim, Claimed, JournalError, Message, MessageId, Then};
use crate::link::{Purpose, Slot};
use crate::message::{Operation, Problem, Record, fingerprint, north};

/// How often a wide serial is derived anew when another payment has it. One collision in 80 bits is already a rarity.
const SALTS: u8 = 8;

/// What a request came to.
#[derive(Debug)]
pub enum Outcome {
    /// Not allowed; no key taken.
    Forbidden,
    /// Bad; no key taken.
    Bad(Vec<Problem>),
    /// Nothing can be accepted at the moment; no key taken.
    NotNow,
    /// Our fault; no key taken.
    Broken,
    /// Ours now: as it stands after the wait.
    Handled(Box<Stand>),
    /// Seen before: as it stands.
    Repeated(Box<Message>),
    /// Seen before, and in hand at this moment.
    InProgress(MessageId),
    /// The key belongs to another request; the first canonical field that differs.
    KeyReused {
        /// Its name.
        field: String,
    },
}

impl Gateway {
    /// Accepts a payment and carries it as far as it goes within `wait`. Once the claim is durable the work goes on by
    /// itself: dropping this future loses the answer, never the payment.
    pub async fn pay(self: &Arc<Self>, caller: Caller<'_>, body: &[u8], wait: Duration) -> Outcome {
        let at = self.clock.now();
        if self.journal.failure().is_some() || self.closing.is_cancelled() {
            return Outcome::NotNow;
        }
        let admitted = match admit(self, &caller, body, at) {
            Ok(admitted) => admitted,
            Err(refusal) => return self.not_admitted(&caller, body, at, refusal).await,
        };
        let mut salt = 0;
        loop {
            let Some(hand) = self.handled.take(MessageId::new()) else { return Outcome::Broken };
            let (then, ready) = match self.first_step(&caller, &admitted, salt, at).await {
                Ok(step) => step,
                Err(outcome) => return outcome,
            };
            match self.journal.claim(self.claim(&caller, &admitted, body, hand.id(), then, at)).await {
                Ok(Claimed::Won(message)) => {
                    let record = admitted.record.into_owned();
                    return self
                        .carry_for(wait, Carried { hand, message: *message, record, bank: admitted.bank, ready })
                        .await;
                }
                // What is final is answered at once, even while a query that came too late is still under way.
                Ok(Claimed::Same(message)) if !message.state.is_terminal() && self.handled.has(message.id) => {
                    return Outcome::InProgress(message.id);
                }
                Ok(Claimed::Same(message)) => return Outcome::Repeated(message),
                Ok(Claimed::Different { field, .. }) => return Outcome::KeyReused { field },
                Ok(Claimed::SerialTaken) if salt < SALTS => salt = salt.saturating_add(1),
                Ok(Claimed::SerialTaken) => return Outcome::Broken,
                Err(error) => return not_now(&error),
            }
        }
    }

    /// With a slot at hand, claim and intent share a commit; without one, or with the lane still closed, the message
    /// waits as READY.
    async fn first_step(
        &self,
        caller: &Caller<'_>,
        admitted: &Admitted<'_>,
        salt: u8,
        at: Timestamp,
    ) -> Result<(Then, Option<(Slot, Wire)>), Outcome> {
        let bank = &admitted.bank;
        let Some(slot) = bank.lane_is_open().then(|| bank.link.try_slot(Purpose::Send).ok()).flatten() else {
            return Ok((Then::Release, None));
        };
        let owner = Owner { org: &caller.party.id, key: caller.key };
        match self.draft(bank, &bank.current, owner, &admitted.record, salt, at).await {
            Ok(Draft { delivery, wire }) => Ok((Then::Send(delivery), Some((slot, wire)))),
            Err(NoDraft::Journal(error)) => Err(not_now(&error)),
            // The dry encode has just accepted these values.
            Err(NoDraft::Refused(_) | NoDraft::Panicked | NoDraft::NoSerial) => Err(Outcome::Broken),
        }
    }

    fn claim(
        &self,
        caller: &Caller<'_>,
        admitted: &Admitted<'_>,
        body: &[u8],
        id: MessageId,
        then: Then,
        at: Timestamp,
    ) -> Claim {
        let operation = Operation::PaymentPay;
        let fields = fingerprint::canonical_fields(&admitted.record);
        Claim {
            id,
            org: caller.party.id.clone(),
            operation: operation.name(),
            key: caller.key.to_owned(),
            fingerprint: self.keys.fingerprint(operation.name(), &fields),
            raw_digest: sha256(body),
            bank: admitted.bank.id.clone(),
            order: admitted.record.text(crate::message::Field::Order).map(str::to_owned),
            fen: admitted.fen,
            adapter: admitted.bank.current.adapter.digest.clone(),
            at,
            request: north::encode(&admitted.record).into_bytes(),
            then,
        }
    }

    /// Carries the message in a task of its own and answers with how it stands when the wait is over.
    async fn carry_for(self: &Arc<Self>, wait: Duration, carried: Carried) -> Outcome {
        let id = carried.hand.id();
        let accepted = carried.message.clone();
        let gateway = Arc::clone(self);
        let work = self.work.spawn(async move { gateway.carry(carried).await });
        match tokio::time::timeout(wait, work).await {
            Ok(Ok(stand)) => Outcome::Handled(Box::new(stand)),
            Ok(Err(_)) | Err(_) => {
                let found = self.journal.find(id).await.ok().flatten();
                Outcome::Handled(Box::new(Stand::of(found.unwrap_or(accepted))))
            }
        }
    }

    /// From the claim to an outcome, or to a state that the resolver takes up.
    async fn carry(self: Arc<Self>, carried: Carried) -> Stand {
        let Carried { hand, message, record, bank, ready } = carried;
        let before = message.clone();
        let sent = match ready {
            Some((slot, wire)) => self.deliver(&bank, &bank.current, slot, message, &record, wire).await,
            None => self.send_when_free(&bank, message, &record).await,
        };
        drop(hand);
        sent.unwrap_or_else(|error| {
            tracing::error!(id = %before.id, %error, "the journal did not take what happened");
            Stand::of(before)
        })
    }

    async fn not_admitted(&self, caller: &Caller<'_>, body: &[u8], at: Timestamp, refusal: NotAdmitted) -> Outcome {
        let (code, outcome) = match refusal {
            NotAdmitted::Forbidden => ("forbidden", Outcome::Forbidden),
            NotAdmitted::Broken => ("internal", Outcome::Broken),
            NotAdmitted::Bad(problems) => {
                (problems.first().map_or("internal", |problem| problem.code), Outcome::Bad(problems))
            }
        };
        let evidence = crate::journal::Refusal {
            id: MessageId::new(),
            org: caller.party.id.clone(),
            raw_digest: sha256(body),
            code: code.to_owned(),
            at,
        };
        if let Err(error) = self.journal.refuse(evidence).await {
            tracing::warn!(%error, "the evidence of a refusal was not written");
        }
        outcome
    }
}

/// A claimed message on its way.
struct Carried {
    hand: Hand,
    message: Message,
    record: Record<'static>,
    bank: Arc<Bank>,
    /// The slot and the bytes, where the intent is already durable.
    ready: Option<(Slot, Wire)>,
}

fn not_now(error: &JournalError) -> Outcome {
    tracing::warn!(%error, "nothing is accepted");
    Outcome::NotNow
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}
