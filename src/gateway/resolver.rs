//! Looks after every open message that nobody has in hand: sends what waits, asks about what is unknown, sends again what
//! provably never arrived, and hands the rest to people.
//!
//! Which step is right is asked of the state table itself, with the message as stored; the journal asks it once more when
//! the step is written. So the resolver holds no rule of its own, only the order in which it tries the rules.
//!
//! Each bank has two loops of its own, one that sends and one that asks, each with its own list of what is due and its own
//! hands. Whatever one bank does to them, the other banks' loops do not notice, and a crowd that waits to be sent does not
//! hide what has to be asked about. Asking has half of a link's slots at most, so that questions never stop payments.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::handled::Hand;
use super::send::{carry_over, mark};
use super::settle::{self, Asked, Outcome};
use super::{Bank, Gateway};
use crate::journal::{BodyKind, Change, Evidence, JournalError, Message, MessageId};
use crate::life::{self, Event, Queried, State};
use crate::link::{Purpose, Stray};
use crate::message::{Operation, Record, north};

/// Messages of one state taken up in one round, beside those that are in hand or at rest.
const ROUND: usize = 256;
/// Policy time between two looks at what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Real time between two looks, at least: the journal is not asked more often however fast policy time runs.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// Policy time for which a message is left alone after a look that could do nothing for it.
const REST: Duration = Duration::from_secs(60);

/// Between two questions about one message that somebody wants answered now. Policy time.
const ASKING_REST: Duration = Duration::from_secs(5);

/// What was asked about a moment ago.
#[derive(Default)]
pub(super) struct JustAsked(Mutex<HashMap<MessageId, Instant>>);

impl JustAsked {
    /// Whether nobody asked about it within `rest`; then this is the question that counts.
    fn first(&self, id: MessageId, rest: Duration) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| at.elapsed() < rest);
        if asked.contains_key(&id) {
            return false;
        }
        asked.insert(id, Instant::now());
        true
    }
}

/// What came of a wish to know.
#[derive(Debug)]
pub enum AskedNow {
    /// As it stands after asking.
    Stands(Box<Message>),
    /// Somebody is working on it at this moment.
    InHand,
    /// There is no query for it, or it is past asking.
    NotPossible,
    /// It was asked about a moment ago.
    TooSoon,
}

/// What came of a look at a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// A step was taken.
    Moved,
    /// There is one, and no slot for it at this moment.
    Later,
    /// Nothing can be done for it now.
    Stuck,
}

/// What a loop is for.
#[derive(Clone, Copy)]
enum Errand {
    Send,
    Ask,
}

impl Errand {
    const fn states(self) -> &'static [State] {
        match self {
            Errand::Send => &[State::Accepted, State::Ready, State::Absent],
            Errand::Ask => &[State::Unknown, State::Acked, State::Sending, State::Querying],
        }
    }

    fn hands(self, bank: &Bank) -> usize {
        match self {
            Errand::Send => bank.link.capacity(),
            Errand::Ask => bank.link.capacity().div_ceil(2),
        }
    }
}

/// Starts the loops of every configured bank. They run until the gateway closes.
pub(super) fn start(gateway: &Arc<Gateway>) {
    for bank in gateway.banks.values() {
        for errand in [Errand::Send, Errand::Ask] {
            let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
            gateway.work.clone().spawn(async move { run(&gateway, &bank, errand).await });
        }
    }
}

async fn run(gateway: &Arc<Gateway>, bank: &Arc<Bank>, errand: Errand) {
    let hands = Arc::new(Semaphore::new(errand.hands(bank)));
    let resting = Resting::default();
    let pause = gateway.clock.policy(LOOK_EVERY).max(LOOK_AT_MOST_EVERY);
    loop {
        tokio::select! {
            () = gateway.closing.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        bank.link.look_around();
        // What is in hand or at rest stays listed, and must not hide anything else.
        let hidden = resting.wake().saturating_add(bank.link.capacity().saturating_mul(2));
        let limit = u32::try_from(ROUND.saturating_add(hidden)).unwrap_or(u32::MAX);
        let due = match gateway.journal.due(&bank.id, errand.states(), gateway.clock.now(), limit).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(bank = %bank.id, %error, "what is due cannot be read");
                continue;
            }
        };
        for message in due.into_iter().filter(|message| !resting.has(message.id)) {
            let permit = tokio::select! {
                () = gateway.closing.cancelled() => return,
                permit = Arc::clone(&hands).acquire_owned() => permit,
            };
            let Ok(permit) = permit else { return };
            let Some(hand) = gateway.handled.take(message.id) else { continue };
            let (gateway, bank, resting) = (Arc::clone(gateway), Arc::clone(bank), resting.clone());
            gateway.work.clone().spawn(async move {
                let id = hand.id();
                if Box::pin(look_after(&gateway, &bank, hand)).await == Looked::Stuck {
                    resting.rest(id, gateway.clock.policy(REST));
                }
                drop(permit);
            });
        }
    }
}

/// Messages that the last look could do nothing for, and until when they are left alone.
#[derive(Clone, Default)]
struct Resting(Arc<Mutex<HashMap<MessageId, Instant>>>);

impl Resting {
    fn rest(&self, id: MessageId, for_how_long: Duration) {
        let until = Instant::now() + for_how_long;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, until);
    }

    fn has(&self, id: MessageId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }

    /// Forgets those whose time is over; says how many are left.
    fn wake(&self) -> usize {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        resting.retain(|_, until| *until > now);
        resting.len()
    }
}

/// Takes the next step of one message.
pub(super) async fn look_after(gateway: &Gateway, bank: &Bank, hand: Hand) -> Looked {
    // Read again with the message in hand: between the list and now another task may have moved it.
    let outcome = match gateway.journal.find(hand.id()).await {
        Ok(Some(message)) => gateway.step(bank, message).await,
        Ok(None) => Ok(Looked::Stuck),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(looked) => return looked,
        Err(JournalError::Illegal(illegal)) => tracing::error!(id = %hand.id(), %illegal, "refused by the table"),
        Err(error) => tracing::warn!(id = %hand.id(), %error, "not resolved"),
    }
    Looked::Stuck
}

impl Gateway {
    async fn step(&self, bank: &Bank, message: Message) -> Result<Looked, JournalError> {
        match message.state {
            State::Accepted => self.note(bank, &message, Event::Released).await,
            State::Ready | State::Absent => self.step_to_send(bank, message).await,
            State::Unknown => {
                self.first_of(
                    bank,
                    message,
                    [Event::DeadEnd, Event::AbsenceProved, Event::HorizonPassed, Event::Repeat],
                )
                .await
            }
            State::Acked => self.first_of(bank, message, [Event::HorizonPassed, Event::Repeat]).await,
            // Whoever sends or asks has the message in hand from before the intent until the outcome is written. It is in
            // our hand now, so that task is gone and nothing will be written by it any more.
            State::Sending | State::Querying => {
                let interrupted = self.change(bank, &message, Event::Restarted, Evidence::default());
                self.journal.advance(interrupted).await.map(|_| Looked::Moved)
            }
            State::Held | State::Manual => Ok(Looked::Stuck),
            State::Rejected | State::Succeeded | State::Failed | State::Cancelled => Ok(Looked::Stuck),
        }
    }

    /// Notes the first of these events that the table takes now; if it takes none, asks the bank, where it can.
    async fn first_of(
        &self,
        bank: &Bank,
        message: Message,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<Looked, JournalError> {
        for event in events {
            if self.allows(bank, &message, &event) {
                return self.note(bank, &message, event).await;
            }
        }
        self.ask(bank, message, Event::QueryDue).await
    }

    async fn step_to_send(&self, bank: &Bank, message: Message) -> Result<Looked, JournalError> {
        for event in [Event::DeadEnd, Event::BusinessDayOver, Event::HorizonPassed] {
            let stale = !matches!(event, Event::BusinessDayOver) || self.day_is_over(bank, &message);
            if stale && self.allows(bank, &message, &event) {
                return self.note(bank, &message, event).await;
            }
        }
        if !bank.lane_is_open() || self.closing.is_cancelled() {
            return Ok(Looked::Later);
        }
        let Ok(slot) = bank.link.try_slot(Purpose::Send) else { return Ok(Looked::Later) };
        match self.record(&message).await? {
            Some(record) => self.send(bank, slot, message, &record).await.map(|_| Looked::Moved),
            None => Ok(Looked::Stuck),
        }
    }

    /// Asks the bank what became of it. The intent to ask is durable first, so that a query has its number. A gateway that
    /// closes does not wait for the answer: asking again costs nothing.
    pub(super) async fn ask(&self, bank: &Bank, message: Message, why: Event) -> Result<Looked, JournalError> {
        if !self.allows(bank, &message, &why) {
            return Ok(Looked::Stuck);
        }
        let (Some(record), Some(pinned)) = (self.record(&message).await?, bank.pinned(&message.adapter)) else {
            return Ok(Looked::Stuck);
        };
        let slot = tokio::select! {
            biased;
            () = self.closing.cancelled() => return Ok(Looked::Later),
            slot = bank.link.slot(Purpose::Query) => slot,
        };
        let Ok(slot) = slot else { return Ok(Looked::Later) };
        let asking = self.change(bank, &message, why, Evidence::default());
        let message = self.journal.advance(asking).await?.message;
        let at = self.clock.now();
        let mark = mark(&message, message.delivery.as_ref().map_or(0, |delivery| delivery.view.queries));
        let unanswered = |reason: &str| Outcome {
            event: Event::Queried(Queried::Failed),
            evidence: Evidence { reason: Some(reason.to_owned()), ..Evidence::default() },
            misplaced: None,
        };
        let mut answered_at = at;
        let Outcome { event, evidence, misplaced } = match self.draft_query(bank, &pinned, &message, &record, at) {
            Ok((serial, wire)) => {
                let delivered = tokio::select! {
                    biased;
                    delivered = carry_over(bank, &pinned, slot, wire, mark) => Some(delivered),
                    () = self.closing.cancelled() => None,
                };
                answered_at = self.clock.now();
                let business_date = bank.business_date(at);
                let asked = Asked { operation: Operation::PaymentQuery, serial: &serial, sent_at: at, business_date };
                match delivered {
                    Some(delivered) => settle::queried(&pinned, asked, &message, &record, delivered, answered_at),
                    None => unanswered("closing"),
                }
            }
            Err(fault) => {
                tracing::error!(id = %message.id, ?fault, "the query cannot be encoded");
                unanswered("internal")
            }
        };
        let change =
            Change { id: message.id, at: answered_at, event, policy: pinned.policy(message.operation), evidence };
        self.write_down(change).await?;
        if let Some(bytes) = misplaced {
            bank.link.misplaced(Stray { behind: mark, bytes });
        }
        Ok(Looked::Moved)
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
            if !self.allows(bank, &message, &Event::QueryAsked) {
                return Ok(AskedNow::NotPossible);
            }
            if !self.asked.first(message.id, self.clock.policy(ASKING_REST)) {
                return Ok(AskedNow::TooSoon);
            }
            self.ask(bank, message, Event::QueryAsked).await?;
        }
        let message = self.journal.find(hand.id()).await?.ok_or(JournalError::NotFound)?;
        Ok(AskedNow::Stands(Box::new(message)))
    }

    /// The canonical request of a stored message; `None` when its body has been pruned or cannot be read any more.
    pub(super) async fn record(&self, message: &Message) -> Result<Option<Record<'static>>, JournalError> {
        let Some(body) = self.journal.body(message.id, BodyKind::Request).await? else {
            return Ok(None);
        };
        Ok(north::decode(message.operation, &body).ok().map(Record::into_owned))
    }

    /// Whether the day is over whose date its bytes bear, or would bear if it had been sent at once.
    fn day_is_over(&self, bank: &Bank, message: &Message) -> bool {
        let accepted = || bank.business_date(message.accepted_at);
        let day = message.delivery.as_ref().map_or_else(accepted, |delivery| delivery.business_date);
        bank.business_date(self.clock.now()) > day
    }

    /// Whether the table would take this step now.
    fn allows(&self, bank: &Bank, message: &Message, event: &Event) -> bool {
        let delivery = message.delivery.as_ref().map(|delivery| &delivery.view);
        let policy = bank.policy(message, self.clock);
        life::advance(&message.view(), delivery, event, &policy, self.clock.now()).is_ok()
    }

    async fn note(&self, bank: &Bank, message: &Message, event: Event) -> Result<Looked, JournalError> {
        let evidence = Evidence { reason: Some(event.name().to_owned()), ..Evidence::default() };
        self.journal.advance(self.change(bank, message, event, evidence)).await.map(|_| Looked::Moved)
    }

    pub(super) fn change(&self, bank: &Bank, message: &Message, event: Event, evidence: Evidence) -> Change {
        let policy = bank.policy(message, self.clock);
        Change { id: message.id, at: self.clock.now(), event, policy, evidence }
    }
}
