//! The one source of time.
//!
//! Three kinds of time never mix: *wall* time is written down (UTC, microseconds), *monotonic* time measures time-outs,
//! and *policy* time is what rules wait for (query timetable, back-off, horizons). Policy durations pass through
//! [`Clock::policy`], which shortens them by a factor so that a demonstration can live through a day in seconds.
//! Deadlines of sockets are real seconds and never come through here. Nothing that decides order or uniqueness reads
//! the wall clock; it is evidence, and the input of the business date.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// The clock of one process.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    factor: NonZeroU32,
}

impl Clock {
    /// A clock whose policy time runs at the speed of the wall.
    pub const REAL: Clock = Clock { factor: NonZeroU32::MIN };

    /// A clock whose policy time runs `factor` times faster than the wall.
    pub const fn with_factor(factor: NonZeroU32) -> Clock {
        Clock { factor }
    }

    /// How many times faster than the wall policy time runs; 1 in production.
    pub const fn factor(&self) -> NonZeroU32 {
        self.factor
    }

    /// Wall time, cut to microseconds, the precision that is stored.
    pub fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// A point on the monotonic clock, for time-outs only.
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// The real duration of a policy duration: shortened by the factor.
    pub fn policy(&self, duration: Duration) -> Duration {
        duration.checked_div(self.factor.get()).unwrap_or(duration)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::REAL
    }
}

/// China Standard Time. It has had no daylight saving since 1991, so a fixed offset is exact.
const CHINA: Offset = jiff::tz::offset(8);

/// The business date of an instant: the date at UTC+8, and the following day from `cut_over` on.
///
/// A bank that closes its books at 23:30 has `cut_over` 23:30; midnight means that the civil date is the business date.
/// At the end of the calendar (year 9999) the date stays on its last day.
pub fn business_date(at: Timestamp, cut_over: Time) -> Date {
    let local = CHINA.to_datetime(at);
    let date = local.date();
    if cut_over != Time::midnight() && local.time() >= cut_over { date.tomorrow().unwrap_or(date) } else { date }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_business_date_is_china_time_and_turns_at_the_cut_over() {
        let cut = jiff::civil::time(23, 30, 0, 0);
        for (instant, cut_over, want) in [
            ("2022-03-15T15:59:59Z", Time::midnight(), "2022-03-15"),
            ("2022-03-15T16:00:00Z", Time::midnight(), "2022-03-16"),
            ("2022-03-15T15:29:59Z", cut, "2022-03-15"),
            ("2022-03-15T15:30:00Z", cut, "2022-03-16"),
            ("2022-03-15T16:00:00Z", cut, "2022-03-16"),
            ("2022-12-31T15:30:00Z", cut, "2023-01-01"),
            ("2024-02-28T15:30:00Z", cut, "2024-02-29"),
        ] {
            assert_eq!(business_date(at(instant), cut_over).to_string(), want, "{instant} {cut_over}");
        }
    }

    #[test]
    fn policy_time_is_shortened_and_the_wall_is_not() {
        let fast = Clock::with_factor(NonZeroU32::new(600).unwrap());
        assert_eq!(fast.policy(Duration::from_secs(600)), Duration::from_secs(1));
        assert_eq!(Clock::REAL.policy(Duration::from_secs(600)), Duration::from_secs(600));
        let gap = fast.now().duration_since(Clock::REAL.now()).abs();
        assert!(gap < jiff::SignedDuration::from_secs(1), "{gap:?}");
    }

    #[test]
    fn stored_precision_is_kept_exactly() {
        let now = Clock::REAL.now();
        assert_eq!(Timestamp::from_microsecond(now.as_microsecond()).unwrap(), now);
    }
}
