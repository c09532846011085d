//! The table: which event leads from which state where, and what else changes in the same commit.
//!
//! Every pair of state and event that is not written here is refused. Guards compare stored times with the given one,
//! never with a clock.
//!
//! Some places go beyond the plain list of transitions, always towards less risk:
//! * an answer to a query that comes after something else moved the message counts as a late answer;
//! * a late refusal after the same serial was sent twice settles nothing: the first attempt may have paid, so the state
//!   stays and the bank is asked at once;
//! * a late answer that says "paid, but differently" goes to people, from whatever open state;
//! * an answer that only shows that the bank knows the serial takes a message out of ABSENT: it is asked about again;
//! * what was overheard in a dialect that echoes nothing settles nothing; it can only contradict what is final;
//! * what two people released and can still not be sent (its adapter is gone, its date has passed) goes back to people.

use jiff::{SignedDuration, Timestamp};

use super::event::{Adjudication, Event, FactKind, Queried, Verdict};
use super::policy::BankPolicy;
use super::state::State;
use super::view::{DeliveryView, Due, Illegal, MessageView, Step, Why};

/// The one table. Pure; an event that the table does not list for the state is refused.
pub fn advance(
    message: &MessageView,
    delivery: Option<&DeliveryView>,
    event: &Event,
    policy: &BankPolicy,
    now: Timestamp,
) -> Result<Step, Illegal> {
    use State::{
        Absent, Accepted, Acked, Cancelled, Failed, Held, Manual, Querying, Ready, Sending, Succeeded, Unknown,
    };

    let row = Row { message, delivery: delivery.copied(), event };
    let state = message.state;
    match event {
        Event::Released => row.from(&[Accepted])?.to(Ready, Due::Stalled),
        Event::Hold => row.from(&[Accepted])?.to(Held, Due::Never),
        Event::Approved(_) => row.from(&[Held])?.to(Ready, Due::Now),
        Event::Cancelled(_) => {
            row.from(&[Accepted, Held, Ready])?.guard(!row.may_have_reached(), "never sent")?.to(Cancelled, Due::Never)
        }
        Event::CannotEncode { .. } if state == Absent => row.not_released().to(Manual, Due::Never),
        Event::CannotEncode { .. } => row.from(&[Accepted, Ready])?.to(Held, Due::Never),
        Event::BusinessDayOver => row
            .from(&[Ready, Absent])?
            .guard(policy.wants_todays_date, "wants today's date")?
            .not_released()
            .to(Manual, Due::Never),

        Event::Intended { fence, dated_today } => {
            row.from(&[Ready, Absent])?
                .guard(*fence >= message.fence, "top fence")?
                .guard(*dated_today || !policy.wants_todays_date, "bears today's date")?;
            let delivery = match (state, row.delivery) {
                (Absent, Some(before)) => {
                    let again = policy.may_resend()
                        && !before.acknowledged
                        && !elapsed(before.intended_at, policy.resend_horizon, now);
                    row.guard(before.released || again, "resend allowed")?;
                    attempt(DeliveryView { resends: before.resends.saturating_add(1), ..before })
                }
                (_, Some(before)) => attempt(before),
                (Ready, None) => DeliveryView::first(now),
                (_, None) => return Err(row.refuse(Why::Guard("delivery"))),
            };
            Ok(Step { delivery: Some(delivery), ..row.to(Sending, Due::Stalled)? })
        }

        Event::ConnectFailed => {
            let delivery = row.from(&[Sending])?.needs_delivery()?;
            let back_off = Due::BackOff(delivery.attempts);
            row.to(if delivery.may_have_reached { Absent } else { Ready }, back_off)
        }
        Event::SendUnknown(_) => row.from(&[Sending])?.reached(false)?.to_unknown(policy),
        Event::Answered(verdict) if state.is_terminal() => row.settled(*verdict),
        Event::Answered(verdict) => {
            let row = row.from(&[Sending])?.reached(shows_knowledge(*verdict))?;
            match verdict {
                Verdict::Yes => row.to(Succeeded, Due::Never),
                Verdict::Different => row.to_conflict(),
                // The first attempt of a payment may have paid; what can be repeated is as the newest answer says.
                Verdict::No if row.attempts() >= 2 && !policy.repeatable => row.to_unknown(policy),
                Verdict::No => row.to(Failed, Due::Never),
                Verdict::InHand => row.to_acked(policy),
                Verdict::Known | Verdict::Unclear => row.to_unknown(policy),
            }
        }
        Event::Restarted => match state {
            Sending => row.reached(false)?.to_unknown_now(),
            Querying => row.back(policy, Due::Now),
            State::Rejected
            | Accepted
            | Held
            | Ready
            | Acked
            | Unknown
            | Absent
            | Manual
            | Succeeded
            | Failed
            | Cancelled => Err(row.refuse(Why::NotListed)),
        },

        Event::QueryDue | Event::QueryAsked => {
            let by_timetable = u32::from(matches!(event, Event::QueryDue));
            let delivery =
                row.from(&[Acked, Unknown, Manual])?.guard(policy.has_query, "has a query")?.needs_delivery()?;
            let delivery = DeliveryView {
                queries: delivery.queries.saturating_add(1),
                rung: delivery.rung.saturating_add(by_timetable),
                ..delivery
            };
            Ok(Step { before_query: Some(state), delivery: Some(delivery), ..row.to(Querying, Due::Stalled)? })
        }
        Event::Queried(queried) => match (state, queried) {
            (Querying, Queried::Answered(verdict)) => {
                let row = row.known(shows_knowledge(*verdict));
                match verdict {
                    Verdict::Yes => row.to(Succeeded, Due::Never),
                    Verdict::Different => row.to_conflict(),
                    Verdict::No => row.to(Failed, Due::Never),
                    Verdict::InHand => row.to_acked(policy),
                    Verdict::Known | Verdict::Unclear => row.back(policy, Due::Never),
                }
            }
            (Querying, Queried::Failed) => row.back(policy, Due::Never),
            (Querying, Queried::NotFound) => {
                let delivery = row.needs_delivery()?;
                if delivery.acknowledged {
                    return row.to(Manual, Due::Never);
                }
                let delivery = DeliveryView {
                    absent_count: delivery.absent_count.saturating_add(1),
                    first_absent_at: delivery.first_absent_at.or(Some(now)),
                    last_absent_at: Some(now),
                    ..delivery
                };
                Row { delivery: Some(delivery), ..row }.to_unknown(policy)
            }
            (_, Queried::Answered(verdict)) if state.is_terminal() => row.settled(*verdict),
            (_, Queried::NotFound | Queried::Failed) if state.is_terminal() => row.noted(),
            (_, Queried::Answered(verdict)) => row.from(&OPEN_AT_BANK)?.late(*verdict, true, policy),
            (_, Queried::NotFound | Queried::Failed) => row.from(&OPEN_AT_BANK)?.noted(),
        },

        Event::AbsenceProved => {
            let delivery = row.from(&[Unknown])?.needs_delivery()?;
            let spread = spread(&delivery, policy);
            row.guard(!delivery.acknowledged, "never acknowledged")?
                .guard(delivery.absent_count >= policy.absent_needed, "not found often enough")?
                .guard(spread, "not found over long enough")?
                .guard(policy.may_resend(), "resend allowed")?
                .guard(!elapsed(delivery.intended_at, policy.resend_horizon, now), "resend horizon")?
                .guard(delivery.resends < policy.resends_allowed, "resends left")?
                .to(Absent, Due::Now)
        }
        Event::LateAnswer(verdict) if state.is_terminal() => row.settled(*verdict),
        Event::LateAnswer(verdict) => row.from(&OPEN_OR_ASKED)?.late(*verdict, false, policy),
        Event::Overheard(verdict) if state.is_terminal() => row.settled(*verdict),
        Event::Overheard(_) => row.from(&OPEN_OR_ASKED)?.noted(),
        Event::FileLine(verdict) if state.is_terminal() => row.settled(*verdict),
        Event::FileLine(verdict) => row.from(&OPEN_OR_ASKED)?.late(*verdict, true, policy),

        Event::HorizonPassed => {
            row.from(&[Ready, Unknown, Absent, Acked])?;
            let passed = match (state, row.delivery) {
                (Ready, _) => elapsed(message.accepted_at, policy.retry_horizon, now),
                (Absent, Some(delivery)) => {
                    !delivery.released && elapsed(delivery.intended_at, policy.resend_horizon, now)
                }
                (_, Some(delivery)) => elapsed(delivery.intended_at, policy.resolve_horizon, now),
                (_, None) => false,
            };
            row.guard(passed, "horizon passed")?.to(Manual, Due::Never)
        }
        Event::Repeat => {
            let delivery = row.from(&[Unknown, Acked])?.needs_delivery()?;
            row.guard(policy.repeatable, "repeatable")?
                .guard(!elapsed(delivery.intended_at, policy.resolve_horizon, now), "resolve horizon")?
                .to(Ready, Due::Now)
        }
        Event::Entered => {
            row.from(&[Accepted, Ready])?.guard(row.delivery.is_none(), "never sent")?.to(Succeeded, Due::Never)
        }
        Event::DeadEnd => {
            let delivery = row.from(&[Unknown, Absent])?.needs_delivery()?;
            // Where nothing is ever sent again, asking still finds what did arrive; it ends when the answer is always "not found".
            let missing = delivery.absent_count >= policy.absent_needed && spread(&delivery, policy);
            let stuck = !policy.refuses_duplicate_serial && (state == Absent || missing);
            row.guard(!policy.has_query || stuck, "no query, or no duplicate check and nothing found")?
                .guard(!policy.repeatable, "not repeatable")?
                .guard(!delivery.released, "not released by people")?
                .to(Manual, Due::Never)
        }
        Event::Adjudicated(adjudication, _) => {
            row.from(&[Manual])?;
            match adjudication {
                Adjudication::Succeeded => row.to(Succeeded, Due::Never),
                Adjudication::Failed => row.to(Failed, Due::Never),
                Adjudication::Absent => {
                    let delivery = DeliveryView { released: true, ..row.needs_delivery()? };
                    Ok(Step { delivery: Some(delivery), ..row.to(Absent, Due::Now)? })
                }
            }
        }

        Event::Returned { fen } => row.from(&[Succeeded])?.given_back(*fen, FactKind::Returned),
        Event::Reversed { fen } => row.from(&[Succeeded])?.given_back(*fen, FactKind::Reversed),
        Event::Corrected(_) => {
            row.guard(message.conflict, "conflict open")?;
            Ok(Step { fact: Some(FactKind::Correction), no_op: false, ..row.noted()? })
        }
    }
}

/// Open states in which the bank may know more than we do and no query is running.
const OPEN_AT_BANK: [State; 4] = [State::Acked, State::Unknown, State::Absent, State::Manual];
const OPEN_OR_ASKED: [State; 5] = [State::Acked, State::Unknown, State::Querying, State::Absent, State::Manual];

/// Whether such an answer proves that the bank knows the delivery.
const fn shows_knowledge(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Yes | Verdict::Different | Verdict::InHand | Verdict::Known => true,
        // A bank need not keep what it refused.
        Verdict::No | Verdict::Unclear => false,
    }
}

/// One more intent under the same serial: what was counted about the attempts before it starts anew.
fn attempt(before: DeliveryView) -> DeliveryView {
    DeliveryView {
        attempts: before.attempts.saturating_add(1),
        absent_count: 0,
        first_absent_at: None,
        last_absent_at: None,
        rung: 0,
        ..before
    }
}

/// Whether the first and the last "not found" lie far enough apart.
fn spread(delivery: &DeliveryView, policy: &BankPolicy) -> bool {
    match (delivery.first_absent_at, delivery.last_absent_at) {
        (Some(first), Some(last)) => elapsed(first, policy.absent_spread, last),
        (None, _) | (_, None) => false,
    }
}

/// When a horizon that counts from `since` will have passed.
fn horizon(since: Timestamp, wait: std::time::Duration) -> Due {
    let end = SignedDuration::try_from(wait).ok().and_then(|wait| since.checked_add(wait).ok());
    end.map_or(Due::Query(u32::MAX), Due::At)
}

/// Whether at least `wait` lies between two stored times. A clock that ran backwards counts as no time at all.
fn elapsed(since: Timestamp, wait: std::time::Duration, until: Timestamp) -> bool {
    SignedDuration::try_from(wait).is_ok_and(|wait| until.duration_since(since) >= wait)
}

/// One look-up in the table: the message, and the delivery as it will be.
#[derive(Clone, Copy)]
struct Row<'a> {
    message: &'a MessageView,
    delivery: Option<DeliveryView>,
    event: &'a Event,
}

impl<'a> Row<'a> {
    fn refuse(&self, why: Why) -> Illegal {
        Illegal { state: self.message.state, event: self.event.name(), why }
    }

    fn from(self, states: &[State]) -> Result<Row<'a>, Illegal> {
        if states.contains(&self.message.state) { Ok(self) } else { Err(self.refuse(Why::NotListed)) }
    }

    fn guard(self, holds: bool, name: &'static str) -> Result<Row<'a>, Illegal> {
        if holds { Ok(self) } else { Err(self.refuse(Why::Guard(name))) }
    }

    fn needs_delivery(&self) -> Result<DeliveryView, Illegal> {
        self.delivery.ok_or_else(|| self.refuse(Why::Guard("delivery")))
    }

    fn attempts(&self) -> u32 {
        self.delivery.map_or(0, |delivery| delivery.attempts)
    }

    fn may_have_reached(&self) -> bool {
        self.delivery.is_some_and(|delivery| delivery.may_have_reached)
    }

    /// The attempt ended and may have reached the bank.
    fn reached(self, acknowledged: bool) -> Result<Row<'a>, Illegal> {
        let delivery = DeliveryView { may_have_reached: true, released: false, ..self.needs_delivery()? };
        Ok(Row { delivery: Some(delivery), ..self }.known(acknowledged))
    }

    /// What the bank has shown to know was never absent, whatever it said before.
    fn known(mut self, acknowledged: bool) -> Row<'a> {
        if let Some(delivery) = self.delivery.as_mut().filter(|_| acknowledged) {
            *delivery = DeliveryView {
                acknowledged: true,
                absent_count: 0,
                first_absent_at: None,
                last_absent_at: None,
                ..*delivery
            };
        }
        self
    }

    fn not_released(mut self) -> Row<'a> {
        if let Some(delivery) = &mut self.delivery {
            delivery.released = false;
        }
        self
    }

    #[expect(clippy::unnecessary_wraps, reason = "every row of the table ends in a Result")]
    fn to(self, state: State, due: Due) -> Result<Step, Illegal> {
        Ok(Step { state, before_query: None, delivery: self.delivery, fact: None, due, no_op: false })
    }

    /// Nothing changes but the evidence.
    fn noted(self) -> Result<Step, Illegal> {
        Ok(Step { before_query: self.message.before_query, no_op: true, ..self.to(self.message.state, Due::Keep)? })
    }

    /// A bank that cannot be asked leaves nothing to wait for.
    fn query_due(&self, policy: &BankPolicy) -> Due {
        let rung = self.delivery.map_or(0, |delivery| delivery.rung);
        match (policy.has_query, policy.repeatable) {
            (true, _) => Due::Query(rung),
            // Asking again is sending again, at the same pace.
            (false, true) => Due::Query(self.attempts().saturating_sub(1)),
            (false, false) => Due::Now,
        }
    }

    fn to_unknown(self, policy: &BankPolicy) -> Result<Step, Illegal> {
        self.to(State::Unknown, self.query_due(policy))
    }

    fn to_unknown_now(self) -> Result<Step, Illegal> {
        self.to(State::Unknown, Due::Now)
    }

    /// In hand at a bank that cannot be asked: only a file or the horizon moves it.
    fn to_acked(self, policy: &BankPolicy) -> Result<Step, Illegal> {
        let due = match (policy.has_query || policy.repeatable, self.delivery) {
            (true, _) | (false, None) => self.query_due(policy),
            (false, Some(delivery)) => horizon(delivery.intended_at, policy.resolve_horizon),
        };
        self.to(State::Acked, due)
    }

    fn to_conflict(self) -> Result<Step, Illegal> {
        Ok(Step { fact: Some(FactKind::Conflict), ..self.to(State::Manual, Due::Never)? })
    }

    /// The query ends without news: back to where it was asked from.
    fn back(self, policy: &BankPolicy, due: Due) -> Result<Step, Illegal> {
        let before = self.message.before_query.unwrap_or(State::Unknown);
        let due = match (before, due) {
            (State::Manual, _) => Due::Never,
            (_, Due::Never) => self.query_due(policy),
            (_, given) => given,
        };
        self.to(before, due)
    }

    /// An answer outside its exchange, for a message that is open. `authoritative`: it speaks about the payment, not
    /// about one attempt.
    fn late(self, verdict: Verdict, authoritative: bool, policy: &BankPolicy) -> Result<Step, Illegal> {
        let row = self.known(shows_knowledge(verdict));
        match verdict {
            Verdict::Yes => row.to(State::Succeeded, Due::Never),
            Verdict::Different => row.to_conflict(),
            Verdict::No if authoritative || row.attempts() < 2 => row.to(State::Failed, Due::Never),
            Verdict::No => {
                let asks = matches!(row.message.state, State::Acked | State::Unknown);
                let step = row.noted()?;
                Ok(if asks { Step { due: Due::Now, ..step } } else { step })
            }
            Verdict::InHand => row.to_acked(policy),
            // It may not be sent again, whoever released it: that was decided on other evidence.
            Verdict::Known if row.message.state == State::Absent => row.not_released().to_unknown_now(),
            Verdict::Known => Ok(Step { no_op: false, ..row.noted()? }),
            Verdict::Unclear => row.noted(),
        }
    }

    /// An answer about a message whose outcome is final: equal and empty ones change nothing, others are conflicts.
    fn settled(self, verdict: Verdict) -> Result<Step, Illegal> {
        let contradicts = match (self.message.state, verdict) {
            (_, Verdict::Unclear) => false,
            (State::Succeeded, Verdict::Yes | Verdict::InHand | Verdict::Known) => false,
            (State::Failed, Verdict::No | Verdict::Known) => false,
            (_, Verdict::Yes | Verdict::Different | Verdict::No | Verdict::InHand | Verdict::Known) => true,
        };
        let step = self.noted()?;
        Ok(if contradicts { Step { fact: Some(FactKind::Conflict), no_op: false, ..step } } else { step })
    }

    fn given_back(self, fen: i64, kind: FactKind) -> Result<Step, Illegal> {
        let total = self.message.given_back.checked_add(fen);
        self.guard(fen > 0, "positive amount")?
            .guard(total.is_some_and(|total| total <= self.message.fen), "not more than was paid")?;
        Ok(Step { fact: Some(kind), no_op: false, ..self.noted()? })
    }
}
