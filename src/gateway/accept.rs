//! The main path: one message from the north, once: a payment, an errand that moves no money, an entry of the register.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::admit::{Admitted, Caller, NotAdmitted, admit};
use super::draft::{Draft, NoDraft, Owner, SALTS};
use super::handled::Hand;
use super::judged::Judged;
use super::repeat::{Found, OwnedKey, UnderKey};
use super::send::Stand;
use super::{Bank, Gateway, resource};
use crate::adapter::runtime::Wire;
use crate::journal::{Claim, Claimed, JournalError, Message, MessageId, Response, Then, sha256};
use crate::life::State;
use crate::link::{Purpose, Slot};
use crate::message::{Operation, Problem, Record, fingerprint, north};

/// Pieces of work in hand above which nothing new is taken up: what waits holds memory, and its callers are gone.
const WORK_AT_MOST: usize = 20_000;

/// What a request came to.
#[derive(Debug)]
pub enum Outcome {
    /// Refused, and nothing was taken by this request.
    Refused(Why, UnderKey),
    /// Storage failed in the middle of the claim's commit: the next start may find the payment, or may not.
    InDoubt,
    /// Ours now: as it stands after the wait.
    Handled(Box<Stand>),
    /// Seen before: as it stands.
    Repeated(Box<Message>),
    /// Seen before, and in hand at this moment.
    InProgress(MessageId),
    /// The key belongs to another request.
    KeyReused {
        /// The first canonical field that differs, where one can be named.
        field: Option<String>,
    },
}

/// Why a request was refused.
#[derive(Debug)]
pub enum Why {
    /// The caller may not ask this bank.
    Forbidden,
    /// It is bad.
    Bad(Vec<Problem>),
    /// Nothing can be accepted at the moment.
    NotNow,
    /// Our fault.
    Broken,
}

impl Gateway {
    /// Accepts a message and carries it as far as it goes within `wait`. The claim and all that follows run in a task of
    /// their own: dropping this future loses the answer, never the message.
    pub async fn accept(self: &Arc<Self>, caller: Caller<'_>, body: &[u8], wait: Duration) -> Outcome {
        let at = self.clock.now();
        let org = &caller.party.id;
        let found = self.find_key(org, caller.operation, caller.key).await;
        let under = found.under_key();
        let free = match found {
            Found::Message(message) => return self.repeat(org, body, *message).await,
            Found::Nothing(hand) => hand,
            Found::Unreadable => return Outcome::Refused(Why::NotNow, under),
        };
        if self.closing.is_cancelled() || self.work.len() >= WORK_AT_MOST {
            return Outcome::Refused(Why::NotNow, under);
        }
        let admitted = match admit(self, &caller, body, at) {
            Ok(admitted) => admitted.into_owned(),
            Err(refusal) => return Outcome::Refused(self.not_admitted(org, body, refusal).await, under),
        };
        let judged = match self.judged(org, caller.operation, &admitted.record, at).await {
            Ok(judged) => judged,
            Err(error) => {
                tracing::warn!(%error, "the county's rules cannot be asked");
                return Outcome::Refused(Why::NotNow, under);
            }
        };
        let problems = judged.problems();
        if !problems.is_empty() {
            return Outcome::Refused(self.not_admitted(org, body, NotAdmitted::Bad(problems)).await, under);
        }
        let request = Request {
            org: org.clone(),
            operation: caller.operation,
            key: caller.key.to_owned(),
            fingerprinted: fingerprint::canonical_fields(&admitted.record),
            raw_digest: sha256(body),
            admitted,
            judged,
            at,
        };
        let (tell, told) = oneshot::channel();
        let gateway = Arc::clone(self);
        let work = self.work.spawn(Box::pin(gateway.take(request, free, tell)));
        match told.await {
            Ok(Ok(accepted)) => self.stand_after(wait, accepted, work).await,
            Ok(Err(NotTaken::Same(message))) => self.as_it_stands(*message).await,
            Ok(Err(NotTaken::Different(field))) => self.key_reused(org, body, Some(field)).await,
            Ok(Err(NotTaken::Because(outcome))) => outcome,
            // The task broke before it could say anything.
            Err(_) => match self.find_key(org, caller.operation, caller.key).await {
                Found::Message(message) => self.as_it_stands(*message).await,
                nothing @ (Found::Nothing(_) | Found::Unreadable) => Outcome::Refused(Why::Broken, nothing.under_key()),
            },
        }
    }

    /// Claims the key, says how that ended, and carries what was won: to an outcome, or to a state that the resolver
    /// takes up.
    async fn take(self: Arc<Self>, request: Request, free: Hand<OwnedKey>, tell: Tell) -> Option<Stand> {
        let claimed = self.claim(&request).await;
        drop(free);
        let (hand, message, ready) = match claimed {
            Ok(won) => won,
            Err(not_taken) => {
                // Nobody hears it if the caller has gone.
                drop(tell.send(Err(not_taken)));
                return None;
            }
        };
        drop(tell.send(Ok(message.clone())));
        if message.state == State::Succeeded {
            self.enter(request.operation, &request.admitted.record);
        }
        let Admitted { record, bank, .. } = request.admitted;
        Some(self.carry(Carried { hand, message, record, bank, ready }).await)
    }

    /// One durable commit: the key is ours, and where bytes are ready, so is the intent to send them.
    async fn claim(&self, request: &Request) -> Result<Won, NotTaken> {
        for salt in 0..SALTS {
            let Some(hand) = self.handled.take(MessageId::new()) else { break };
            let (then, ready) = self.first_step(request, hand.id(), salt).await?;
            match self.journal.claim(request.claim(self, hand.id(), then)).await {
                Ok(Claimed::Won(message)) => return Ok((hand, *message, ready)),
                Ok(Claimed::Same(message)) => return Err(NotTaken::Same(message)),
                Ok(Claimed::Different { field, .. }) => return Err(NotTaken::Different(field)),
                Ok(Claimed::SerialTaken) => {}
                Err(error) => return Err(self.not_now(&error)),
            }
        }
        Err(NotTaken::Because(Outcome::Refused(Why::Broken, UnderKey::Nothing)))
    }

    /// What a rule holds waits for people; what is only entered is final at once. With a slot at hand, claim and intent share a commit; without one, or with the lane still closed, the message
    /// waits as READY.
    async fn first_step(
        &self,
        request: &Request,
        id: MessageId,
        salt: u8,
    ) -> Result<(Then, Option<(Slot, Wire)>), NotTaken> {
        let bank = &request.admitted.bank;
        if let Some(rule) = request.judged.held_by() {
            return Ok((Then::Hold(rule.to_owned()), None));
        }
        if request.operation.is_entry() {
            let body = resource::entered(id, &request.key, request.operation, &bank.id, request.at);
            return Ok((Then::Enter(Response { state: State::Succeeded, status: 200, body }), None));
        }
        let Some(slot) = bank.lane_is_open().then(|| bank.link.try_slot(Purpose::Send).ok()).flatten() else {
            return Ok((Then::Release, None));
        };
        let owner = Owner { org: &request.org, key: &request.key, operation: request.operation };
        match self.draft(bank, &bank.current, owner, &request.admitted.record, salt, request.at).await {
            Ok(Draft { delivery, wire }) => Ok((Then::Send(delivery), Some((slot, wire)))),
            Err(NoDraft::Journal(error)) => Err(self.not_now(&error)),
            // The dry encode has just accepted these values.
            Err(NoDraft::Refused(_) | NoDraft::Panicked | NoDraft::NoSerial) => {
                Err(NotTaken::Because(Outcome::Refused(Why::Broken, UnderKey::Nothing)))
            }
        }
    }

    /// Answers with how the message stands when the wait is over.
    async fn stand_after(&self, wait: Duration, accepted: Message, work: Work) -> Outcome {
        if let Ok(Ok(Some(stand))) = tokio::time::timeout(wait, work).await {
            return Outcome::Handled(Box::new(stand));
        }
        let found = self.journal.find(accepted.id).await.ok().flatten();
        Outcome::Handled(Box::new(Stand::of(found.unwrap_or(accepted))))
    }

    async fn carry(&self, carried: Carried) -> Stand {
        let Carried { hand, message, record, bank, ready } = carried;
        let before = message.clone();
        let sent = match ready {
            Some((slot, wire)) => self.deliver(&bank, &bank.current, slot, message, &record, wire).await,
            // Entered, or waiting for people.
            None if message.state != State::Ready => Ok(Stand::of(message)),
            None => self.send_when_free(&bank, message, &record).await,
        };
        drop(hand);
        sent.unwrap_or_else(|error| {
            tracing::error!(id = %before.id, %error, "the journal did not take what happened");
            Stand::of(before)
        })
    }

    async fn not_admitted(&self, org: &str, body: &[u8], refusal: NotAdmitted) -> Why {
        let (code, why) = match refusal {
            NotAdmitted::Forbidden => ("forbidden", Why::Forbidden),
            NotAdmitted::Broken => ("internal", Why::Broken),
            NotAdmitted::Bad(problems) => {
                (problems.first().map_or("internal", |problem| problem.code), Why::Bad(problems))
            }
        };
        self.note_refusal(org, body, code).await;
        why
    }

    /// The journal did not take the claim.
    fn not_now(&self, error: &JournalError) -> NotTaken {
        tracing::warn!(%error, "nothing is accepted");
        if matches!(error, JournalError::InDoubt(_)) {
            return NotTaken::Because(Outcome::InDoubt);
        }
        let under = if self.journal.failure().is_none() { UnderKey::Nothing } else { UnderKey::Unknown };
        NotTaken::Because(Outcome::Refused(Why::NotNow, under))
    }
}

/// An admitted request, on its way to a claim.
struct Request {
    org: String,
    operation: Operation,
    key: String,
    fingerprinted: Vec<(&'static str, String)>,
    raw_digest: [u8; 32],
    admitted: Admitted<'static>,
    judged: Judged,
    at: Timestamp,
}

impl Request {
    fn claim(&self, gateway: &Gateway, id: MessageId, then: Then) -> Claim {
        let Admitted { record, bank, fen } = &self.admitted;
        Claim {
            id,
            org: self.org.clone(),
            operation: self.operation,
            key: self.key.clone(),
            fingerprint: gateway.keys.fingerprint(self.operation.name(), &self.fingerprinted),
            raw_digest: self.raw_digest,
            bank: bank.id.clone(),
            order: record.text(crate::message::Field::Order).map(str::to_owned),
            fen: *fen,
            twin: self.judged.twin,
            findings: self.judged.findings(),
            adapter: bank.current.adapter.digest.clone(),
            at: self.at,
            request: north::encode(record).into_bytes(),
            then,
        }
    }
}

/// Why a claim did not win.
enum NotTaken {
    /// The key was taken before by an equal request.
    Same(Box<Message>),
    /// The key was taken before by a request that differs in this field.
    Different(String),
    /// Another reason.
    Because(Outcome),
}

type Tell = oneshot::Sender<Result<Message, NotTaken>>;
type Work = tokio::task::JoinHandle<Option<Stand>>;
type Won = (Hand, Message, Option<(Slot, Wire)>);

/// A claimed message on its way.
struct Carried {
    hand: Hand,
    message: Message,
    record: Record<'static>,
    bank: Arc<Bank>,
    /// The slot and the bytes, where the intent is already durable.
    ready: Option<(Slot, Wire)>,
}
