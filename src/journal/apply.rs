//! What each verb writes, inside a transaction that the writer opens and commits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::chain::Head;
use super::keys::Keys;
use super::record::{RULE_SWITCHED, Record};
use super::row;
use super::seal::Sealed;
use super::serial::SERIAL_RULE_VERSION;
use super::statements::Statements;
use super::types::{
    Advanced, Change, Claim, Claimed, DeliveryRow, JournalError, Marks, Message, MessageId, NewDelivery, Refusal,
    Response, RuleSwitch, Then,
};
use super::work::{Fault, Outcome, SealedThen, SealedWire, Work};
use crate::clock::Clock;
use crate::life::timetable::{self, Jitter};
use crate::life::{BankPolicy, DeliveryView, Due, Event, FactKind, Queried, State, Step, Verdict, advance};

/// How much refusal evidence is kept in a second.
const REFUSALS_A_SECOND: u32 = 50;

/// How long a message may stand where somebody should be moving it before the resolver looks. Policy time.
const STALLED: Duration = Duration::from_secs(60);

/// The state of the writer beside the database.
pub(super) struct Writer<'c> {
    pub(super) statements: Statements<'c>,
    pub(super) keys: Arc<Keys>,
    pub(super) clock: Clock,
    pub(super) fence: u64,
    pub(super) head: Head,
    pub(super) next_delivery: i64,
    pub(super) record: Record,
    pub(super) buffer: Vec<u8>,
    refusals: Refusals,
}

struct Refusals {
    since: Instant,
    kept: u32,
    dropped: u64,
}

impl<'c> Writer<'c> {
    pub(super) fn new(
        statements: Statements<'c>,
        keys: Arc<Keys>,
        clock: Clock,
        fence: u64,
        head: Head,
        next_delivery: i64,
    ) -> Writer<'c> {
        let refusals = Refusals { since: clock.instant(), kept: 0, dropped: 0 };
        Writer {
            statements,
            keys,
            clock,
            fence,
            head,
            next_delivery,
            record: Record::default(),
            buffer: Vec::with_capacity(1024),
            refusals,
        }
    }

    pub(super) fn apply(&mut self, work: &Work) -> Result<Outcome, Fault> {
        match work {
            Work::Claim { claim, request, then } => self.claim(claim, request, then).map(Outcome::Claimed),
            Work::Intend { id, at, fence, dated_today, policy, first } => self
                .intend(*id, *at, (*fence, *dated_today), policy, first.as_ref())
                .map(|it| Outcome::Advanced(Box::new(it))),
            Work::Advance { change, answer, response } => {
                self.advance(change, answer.as_ref(), response.as_ref()).map(|it| Outcome::Advanced(Box::new(it)))
            }
            Work::Refuse(refusal) => self.refuse(refusal).map(|()| Outcome::Done),
            Work::Switch(switch) => self.switch(switch).map(|()| Outcome::Done),
        }
    }

    fn claim(&mut self, claim: &Claim, request: &Sealed, sealed: &SealedThen) -> Result<Claimed, Fault> {
        let seq = self.head.seq.saturating_add(1);
        let mut message = accepted(claim, seq);
        let (step, then) = self.follow(&message, claim)?;
        message.state = step.state;
        message.due_at = self.due(step.due, claim.at, None);
        let first = match (&claim.then, sealed) {
            (Then::Send(delivery), SealedThen::Send(wire)) => Some((delivery, wire)),
            (Then::Send(_) | Then::Wait | Then::Hold(_) | Then::Release | Then::Enter(_), _) => None,
        };
        match &claim.then {
            Then::Hold(reason) => message.reason = Some(reason.clone()),
            Then::Send(_) => message.fence = self.fence,
            // The row begins as accepted and ends in the same commit.
            Then::Enter(_) => message.state = State::Accepted,
            Then::Wait | Then::Release => {}
        }
        if let (Some((delivery, wire)), Some(view)) = (first, step.delivery) {
            message.delivery = Some(self.delivery_row(delivery, wire.digest, view, seq));
        }
        if self.insert(&message)? == 0 {
            return self.taken(claim);
        }
        if let (Some((delivery, wire)), Some(row)) = (first, &message.delivery) {
            self.insert_delivery(&message.bank, delivery, row)?;
            self.insert_body(seq, &wire.sealed)?;
        }
        self.insert_body(seq, request)?;
        let entered = match (&claim.then, sealed) {
            (Then::Enter(response), SealedThen::Enter(body)) => Some((response, body)),
            _ => None,
        };
        if let Some((response, body)) = entered {
            self.take(&mut message, &step, seq, claim.at, None);
            (message.status, message.marks.response) = (Some(response.status), Some(seq));
            self.insert_body(seq, body)?;
            self.update(&message)?;
        }

        let row = row::digest(&message, &mut self.buffer);
        self.record.clear();
        self.record.put("at", claim.at.as_microsecond()).put("event", "claimed").put("then", then).id(claim.id);
        self.record.put("state", message.state).put("bank", &claim.bank).put("fen", claim.fen);
        self.record.put_if("reason", message.reason.as_deref()).hex("raw", &claim.raw_digest);
        if !claim.findings.is_empty() {
            let findings: Vec<String> =
                claim.findings.iter().map(|(rule, severity)| format!("{rule}:{severity}")).collect();
            self.record.put("findings", findings.join(","));
        }
        self.record.hex(request.kind.name(), &request.digest);
        if let Some((_, body)) = entered {
            self.record.hex(body.kind.name(), &body.digest);
        }
        if let (Some((_, wire)), Some(delivery)) = (first, &message.delivery) {
            self.record.hex(wire.sealed.kind.name(), &wire.sealed.digest);
            self.record.put("serial", &delivery.serial).put("attempt", 1).hex("digest", &wire.digest);
        }
        self.record.hex("row", &row);
        self.append()?;
        Ok(Claimed::Won(Box::new(message)))
    }

    /// Runs the table from ACCEPTED as far as the claim wants to go in its own commit.
    fn follow(&self, message: &Message, claim: &Claim) -> Result<(Step, &'static str), Fault> {
        let (events, name): (&[Event], _) = match &claim.then {
            Then::Wait => (&[], "wait"),
            Then::Hold(_) => (&[Event::Hold], "hold"),
            Then::Release => (&[Event::Released], "released"),
            Then::Enter(_) => (&[Event::Entered], "entered"),
            Then::Send(_) => {
                (&[Event::Released, Event::Intended { fence: self.fence, dated_today: true }], "released intended")
            }
        };
        let mut view = message.view();
        let mut step = Step {
            state: State::Accepted,
            before_query: None,
            delivery: None,
            fact: None,
            due: Due::Stalled,
            no_op: false,
        };
        for event in events {
            step = advance(&view, None, event, &BankPolicy::CAREFUL, claim.at)?;
            view.state = step.state;
        }
        Ok((step, name))
    }

    fn taken(&mut self, claim: &Claim) -> Result<Claimed, Fault> {
        let holder = self
            .statements
            .find_key
            .query_row(params![claim.org, claim.operation.name(), claim.key], row::message)
            .optional()?
            // The identity, not the key, is taken: a caller used one identity twice.
            .ok_or(Fault::Refused(JournalError::Malformed("id")))?;
        Ok(match claim.fingerprint.differs_from(&holder.fingerprint) {
            None => Claimed::Same(Box::new(holder)),
            Some(field) => Claimed::Different { id: holder.id, field },
        })
    }

    fn intend(
        &mut self,
        id: MessageId,
        at: Timestamp,
        (fence, dated_today): (u64, bool),
        policy: &BankPolicy,
        first: Option<&(NewDelivery, SealedWire)>,
    ) -> Result<Advanced, Fault> {
        let mut message = self.read(id)?;
        match (&message.delivery, first) {
            (Some(_), Some(_)) => return Err(Fault::Refused(JournalError::AlreadyEncoded)),
            (None, None) => return Err(Fault::Refused(JournalError::NotEncoded)),
            (Some(_), None) | (None, Some(_)) => {}
        }
        if fence > self.fence {
            return Err(Fault::Refused(JournalError::Malformed("fence")));
        }
        let event = Event::Intended { fence, dated_today };
        let before = message.delivery.as_ref().map(|delivery| delivery.view);
        let step = advance(&message.view(), before.as_ref(), &event, policy, at)?;
        let seq = self.head.seq.saturating_add(1);
        let (from, prior) = (message.state, message.marks.last);
        message.fence = fence;
        self.take(&mut message, &step, seq, at, None);
        match (first, &mut message.delivery, step.delivery) {
            (Some((delivery, wire)), place, Some(view)) => {
                let row = self.delivery_row(delivery, wire.digest, view, seq);
                self.insert_delivery(&message.bank, delivery, &row)?;
                self.insert_body(seq, &wire.sealed)?;
                *place = Some(row);
            }
            (None, Some(row), Some(_)) => self.update_delivery(row.number, &row.view)?,
            _ => return Err(Fault::Refused(JournalError::NotEncoded)),
        }
        let attempt = step.delivery.map(|delivery| delivery.attempts);
        let serial = message.serial().unwrap_or_default().to_owned();
        self.start_record(&message, &event, (from, prior), at);
        self.record.put("serial", serial).put_if("attempt", attempt).put("fence", fence);
        if let Some((_, wire)) = first {
            self.record.hex(wire.sealed.kind.name(), &wire.sealed.digest).hex("digest", &wire.digest);
        }
        self.finish(&message)?;
        Ok(Advanced { message, step, response_stored: false })
    }

    fn advance(
        &mut self,
        change: &Change,
        answer: Option<&Sealed>,
        response: Option<&(Response, Sealed)>,
    ) -> Result<Advanced, Fault> {
        let mut message = self.read(change.id)?;
        let (from, prior) = (message.state, message.marks.last);
        let before = message.delivery.as_ref().map(|delivery| delivery.view);
        let step = advance(&message.view(), before.as_ref(), &change.event, &change.policy, change.at)?;
        if from.is_terminal() && step.no_op {
            return Ok(Advanced { message, step, response_stored: false });
        }
        let seq = self.head.seq.saturating_add(1);
        self.take(&mut message, &step, seq, change.at, change.evidence.due);
        // Nobody knows whose words were overheard: they are kept, and say nothing of this message.
        if !from.is_terminal() && !matches!(change.event, Event::Overheard(_)) {
            evidence(&mut message, change);
        }
        let fact = step.fact.map(|kind| (kind, given_back(&change.event)));
        match fact {
            Some((FactKind::Conflict, _)) => message.conflict = true,
            Some((FactKind::Correction, _)) => message.conflict = false,
            Some((FactKind::Returned | FactKind::Reversed, fen)) => {
                message.given_back = message.given_back.saturating_add(fen);
            }
            None => {}
        }
        let final_now = !from.is_terminal() && step.state.is_terminal();
        let response = response.filter(|(response, _)| final_now && response.state == step.state);
        if let Some((response, sealed)) = response {
            message.status = Some(response.status);
            message.marks.response = Some(seq);
            self.insert_body(seq, sealed)?;
        }
        if let Some(answer) = answer {
            message.marks.answer = Some(seq);
            self.insert_body(seq, answer)?;
        }
        if let (Some(row), true) = (&message.delivery, step.delivery != before) {
            self.update_delivery(row.number, &row.view)?;
        }
        if let Some((kind, fen)) = fact {
            let fact = params![seq, change.id.as_bytes(), kind.as_str(), -fen, change.at.as_microsecond()];
            self.statements.insert_fact.execute(fact)?;
        }
        self.start_record(&message, &change.event, (from, prior), change.at);
        self.record.put_if("reason", change.evidence.reason.as_deref());
        if let Event::CannotEncode { field } = &change.event {
            self.record.put("field", field);
        }
        if let Some(people) = change.event.people() {
            self.record.put("first", people.first()).put("second", people.second());
        }
        if let Some((kind, fen)) = fact {
            self.record.put("fact", kind).put("fact-fen", -fen);
        }
        if let Some(digest) = &change.evidence.digest {
            self.record.hex("evidence", digest);
        }
        for sealed in answer.into_iter().chain(response.map(|(_, sealed)| sealed)) {
            self.record.hex(sealed.kind.name(), &sealed.digest);
        }
        self.finish(&message)?;
        Ok(Advanced { message, step, response_stored: response.is_some() })
    }

    fn refuse(&mut self, refusal: &Refusal) -> Result<(), Fault> {
        let now = self.clock.instant();
        if now.duration_since(self.refusals.since) >= Duration::from_secs(1) {
            self.refusals.since = now;
            self.refusals.kept = 0;
        }
        if self.refusals.kept >= REFUSALS_A_SECOND {
            self.refusals.dropped = self.refusals.dropped.saturating_add(1);
            return Ok(());
        }
        self.refusals.kept = self.refusals.kept.saturating_add(1);
        self.record.clear();
        self.record.put("at", refusal.at.as_microsecond()).put("event", "refused").id(refusal.id);
        self.record.put("state", State::Rejected).put("org", &refusal.org).put("reason", &refusal.code);
        self.record.hex("raw", &refusal.raw_digest);
        let dropped = std::mem::take(&mut self.refusals.dropped);
        self.record.put_if("dropped", (dropped > 0).then_some(dropped));
        self.append()
    }

    fn switch(&mut self, switch: &RuleSwitch) -> Result<(), Fault> {
        self.record.clear();
        self.record.put("at", switch.at.as_microsecond()).put("event", RULE_SWITCHED).put("rule", switch.rule);
        self.record.put("severity", switch.severity).put("since", switch.since);
        self.record.put("first", switch.people.first()).put("second", switch.people.second());
        self.append()
    }

    /// Restart: what was in flight is in flight no more.
    pub(super) fn restart(&mut self, id: MessageId, at: Timestamp) -> Result<Message, Fault> {
        let change = Change {
            id,
            at,
            event: Event::Restarted,
            policy: BankPolicy::CAREFUL,
            evidence: super::types::Evidence::default(),
        };
        Ok(self.advance(&change, None, None)?.message)
    }

    fn read(&mut self, id: MessageId) -> Result<Message, Fault> {
        let found = self.statements.find.query_row([id.as_bytes()], row::message).optional()?;
        found.ok_or(Fault::Refused(JournalError::NotFound))
    }

    /// The step's values into the row.
    fn take(&self, message: &mut Message, step: &Step, seq: i64, at: Timestamp, due: Option<Timestamp>) {
        if step.due != Due::Keep || due.is_some() {
            message.due_at = self.due(step.due, at, due);
        }
        if step.state.is_terminal() && !message.state.is_terminal() {
            message.settled_at = Some(at);
        }
        message.state = step.state;
        message.before_query = step.before_query;
        message.marks.last = seq;
        if let (Some(row), Some(view)) = (&mut message.delivery, step.delivery) {
            row.view = view;
        }
    }

    fn due(&self, due: Due, at: Timestamp, given: Option<Timestamp>) -> Option<Timestamp> {
        let jitter = || Jitter::per_mille(fastrand::i16(-Jitter::LIMIT..=Jitter::LIMIT));
        let wait = match due {
            Due::Keep | Due::Never => return given.filter(|_| due == Due::Keep),
            Due::At(time) => return given.or(Some(time)),
            Due::Now => Duration::ZERO,
            Due::Stalled => STALLED,
            Due::BackOff(attempts) => timetable::back_off(attempts, jitter()),
            Due::Query(rung) => timetable::query(rung, jitter()),
        };
        given.or_else(|| at.checked_add(self.clock.policy(wait)).ok())
    }

    fn delivery_row(&self, new: &NewDelivery, digest: [u8; 32], view: DeliveryView, seq: i64) -> DeliveryRow {
        DeliveryRow {
            number: self.next_delivery,
            serial: new.serial.clone(),
            scope: new.scope.clone(),
            serial_rule: SERIAL_RULE_VERSION,
            salt: new.salt,
            business_date: new.business_date,
            digest,
            view,
            intent: seq,
        }
    }

    /// `from`: the state before, and the record that led to it.
    fn start_record(&mut self, message: &Message, event: &Event, from: (State, i64), at: Timestamp) {
        self.record.clear();
        self.record.put("at", at.as_microsecond()).put("event", event.name()).put_if("detail", event.detail());
        self.record.id(message.id).put("prior", from.1).put("from", from.0).put("state", message.state);
    }
}

fn accepted(claim: &Claim, seq: i64) -> Message {
    Message {
        id: claim.id,
        org: claim.org.clone(),
        operation: claim.operation,
        key: claim.key.clone(),
        bank: claim.bank.clone(),
        order: claim.order.clone(),
        fen: claim.fen,
        state: State::Accepted,
        before_query: None,
        reason: None,
        bank_serial: None,
        adapter: claim.adapter.clone(),
        accepted_at: claim.at,
        settled_at: None,
        due_at: None,
        status: None,
        fence: 0,
        given_back: 0,
        conflict: false,
        twin: claim.twin,
        delivery: None,
        fingerprint: claim.fingerprint.to_stored(),
        marks: Marks { claim: seq, answer: None, response: None, last: seq },
    }
}

/// Reason and bank serial, while the outcome is open or becoming final.
fn evidence(message: &mut Message, change: &Change) {
    if let Some(serial) = &change.evidence.bank_serial {
        message.bank_serial = Some(serial.clone());
    }
    match (&change.evidence.reason, message.state) {
        // A bank's code tells people what it said, not why they have to look.
        (_, State::Manual) if contradiction(&change.event).is_some() => {
            message.reason = contradiction(&change.event).map(str::to_owned);
        }
        (Some(reason), _) => message.reason = Some(reason.clone()),
        (None, State::Succeeded) => message.reason = None,
        (None, State::Unknown) => {
            if let Some(cause) = change.event.detail() {
                message.reason = Some(cause.to_owned());
            }
        }
        (None, _) => {}
    }
}

/// How what the bank says contradicts what we know, where that is why people have to look.
const fn contradiction(event: &Event) -> Option<&'static str> {
    if matches!(event, Event::Queried(Queried::NotFound)) {
        return Some("denied-after-acknowledged");
    }
    let (Event::Answered(verdict)
    | Event::LateAnswer(verdict)
    | Event::FileLine(verdict)
    | Event::Queried(Queried::Answered(verdict))) = event
    else {
        return None;
    };
    if matches!(verdict, Verdict::Different) { Some("paid-differently") } else { None }
}

/// What an event says came back; 0 for all others.
fn given_back(event: &Event) -> i64 {
    if let Event::Returned { fen } | Event::Reversed { fen } = event { *fen } else { 0 }
}
