//! Stops new sends to a bank that does not answer, so that its trouble does not fill the gateway with unknowns. Never
//! stops a query: asking is how an unknown ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Delivery, Unknown, Unsent};

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRule {
    /// So many deliveries without an answer, one after the other, open it.
    pub failures: u32,
    /// First back-off; doubled each time the trial fails.
    pub back_off: Duration,
    /// Longest back-off.
    pub back_off_max: Duration,
}

impl Default for BreakerRule {
    fn default() -> Self {
        Self { failures: 8, back_off: Duration::from_secs(1), back_off_max: Duration::from_mins(1) }
    }
}

pub(super) struct Breaker {
    rule: BreakerRule,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    open: Option<Open>,
    /// Trials so far: each has a number of its own.
    trials: u64,
}

struct Open {
    until: Instant,
    back_off: Duration,
    /// The number of the trial under way.
    trial: Option<u64>,
}

/// The one send that tries the bank while the breaker is open. Dropped unused, it lets another one try. One that is left
/// over from an earlier opening says nothing about this one.
pub(super) struct Trial {
    breaker: Arc<Breaker>,
    number: u64,
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(open) = &mut self.breaker.state().open
            && open.trial == Some(self.number)
        {
            open.trial = None;
        }
    }
}

impl Breaker {
    pub(super) fn new(rule: BreakerRule) -> Self {
        Self { rule, state: Mutex::new(State::default()) }
    }

    /// Lets a send through, as a trial if the back-off is over; else says how long to wait.
    pub(super) fn admit(self: &Arc<Self>, now: Instant) -> Result<Option<Trial>, Duration> {
        let mut state = self.state();
        let number = state.trials.saturating_add(1);
        match &mut state.open {
            None => Ok(None),
            Some(open) if now >= open.until && open.trial.is_none() => {
                open.trial = Some(number);
                state.trials = number;
                Ok(Some(Trial { breaker: self.clone(), number }))
            }
            // A trial under way: look again after the shortest back-off.
            Some(open) if now >= open.until => Err(self.rule.back_off),
            Some(open) => Err(open.until.saturating_duration_since(now)),
        }
    }

    pub(super) fn open_for(&self, now: Instant) -> Option<Duration> {
        self.state().open.as_ref().map(|open| open.until.saturating_duration_since(now))
    }

    /// Learns from a delivery. An answer closes the breaker, whoever asked.
    pub(super) fn report(&self, delivery: &Delivery, trial: Option<Trial>, now: Instant) {
        match sign(delivery) {
            Sign::Alive => {
                let mut state = self.state();
                *state = State { trials: state.trials, ..State::default() };
            }
            Sign::Neither => {}
            Sign::Dead => {
                let mut state = self.state();
                state.failures = state.failures.saturating_add(1);
                let back_off = match &state.open {
                    Some(open) if open.trial.is_some() && open.trial == trial.as_ref().map(|trial| trial.number) => {
                        Some((open.back_off * 2).min(self.rule.back_off_max))
                    }
                    // A query, or a send that was under way when the breaker opened, says nothing new.
                    Some(_) => None,
                    None if state.failures >= self.rule.failures => Some(self.rule.back_off),
                    None => None,
                };
                if let Some(back_off) = back_off {
                    let until = now + back_off;
                    state.open = Some(Open { until, back_off, trial: None });
                }
            }
        }
        // Outside the lock: dropping a trial takes it again.
        drop(trial);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Sign {
    Alive,
    Neither,
    Dead,
}

fn sign(delivery: &Delivery) -> Sign {
    match delivery {
        Delivery::Answered(_) => Sign::Alive,
        Delivery::NotSent(cause) => match cause {
            Unsent::Resolve | Unsent::Connect | Unsent::ConnectTimeout | Unsent::Handshake => Sign::Dead,
            Unsent::Closed | Unsent::NotLoopback | Unsent::Target => Sign::Neither,
        },
        Delivery::Unknown(cause) => match cause {
            Unknown::Write | Unknown::WriteTimeout | Unknown::Silence | Unknown::Cut => Sign::Dead,
            Unknown::TooLong | Unknown::Frame | Unknown::Http | Unknown::Status(_) => Sign::Neither,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Delivery = Delivery::Unknown(Unknown::Silence);

    fn answered() -> Delivery {
        Delivery::Answered(Vec::new())
    }

    fn breaker() -> (Arc<Breaker>, BreakerRule) {
        let rule = BreakerRule { failures: 3, back_off: Duration::from_secs(1), back_off_max: Duration::from_secs(3) };
        (Arc::new(Breaker::new(rule)), rule)
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_closes_it() {
        let (breaker, rule) = breaker();
        let now = Instant::now();
        for _ in 0..2 {
            breaker.report(&SILENCE, None, now);
        }
        breaker.report(&answered(), None, now);
        for _ in 0..2 {
            breaker.report(&SILENCE, None, now);
        }
        assert!(breaker.admit(now).is_ok(), "not in a row");
        breaker.report(&Delivery::Unknown(Unknown::Status(500)), None, now);
        assert!(breaker.admit(now).is_ok(), "a bank that says 500 is there");
        breaker.report(&Delivery::NotSent(Unsent::Connect), None, now);
        assert_eq!(breaker.admit(now).err(), Some(rule.back_off));
        breaker.report(&answered(), None, now);
        assert!(breaker.admit(now).is_ok_and(|trial| trial.is_none()), "a query was answered");
    }

    #[test]
    fn one_trial_at_a_time_and_the_back_off_doubles_to_its_limit() {
        let (breaker, rule) = breaker();
        let mut now = Instant::now();
        for _ in 0..3 {
            breaker.report(&SILENCE, None, now);
        }
        for expected in [2, 3, 3] {
            now += rule.back_off_max;
            let trial = breaker.admit(now).unwrap();
            assert!(trial.is_some());
            assert!(breaker.admit(now).is_err(), "only one");
            breaker.report(&SILENCE, trial, now);
            assert_eq!(breaker.admit(now).err(), Some(Duration::from_secs(expected)));
        }
        now += rule.back_off_max;
        drop(breaker.admit(now).unwrap());
        assert!(breaker.admit(now).is_ok_and(|trial| trial.is_some()), "an unused trial is given back");
    }

    #[test]
    fn a_trial_of_an_earlier_opening_says_nothing_of_this_one() {
        let (breaker, rule) = breaker();
        let mut now = Instant::now();
        let fail = |now| (0..3).for_each(|_| breaker.report(&SILENCE, None, now));
        fail(now);
        now += rule.back_off;
        let old = breaker.admit(now).unwrap();
        assert!(old.is_some());
        // A query is answered, and then the bank falls silent again.
        breaker.report(&answered(), None, now);
        fail(now);
        now += rule.back_off;
        let new = breaker.admit(now).unwrap();
        assert!(new.is_some());
        breaker.report(&SILENCE, old, now);
        assert_eq!(breaker.admit(now).err(), Some(rule.back_off), "the new trial is still under way");
        assert_eq!(breaker.open_for(now), Some(Duration::ZERO), "and nothing was doubled");
        drop(new);
        assert!(breaker.admit(now).is_ok_and(|trial| trial.is_some()));
    }
}
