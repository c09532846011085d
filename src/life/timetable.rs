//! When to ask again and when to try again. Policy time: pass the result through the clock.

use std::time::Duration;

/// Seconds to wait before query 0, 1, 2 …; after the last one, hourly.
const QUERY_SECONDS: [u64; 7] = [5, 15, 60, 300, 900, 1_800, 3_600];
const HOURLY: Duration = Duration::from_secs(3_600);

/// Seconds to wait before a send is tried again after a connection that was not made.
const BACK_OFF_SECONDS: [u64; 5] = [1, 2, 5, 15, 30];
const SLOWEST_BACK_OFF: Duration = Duration::from_secs(60);

/// A shift of a waiting time, in per mille, so that many messages do not ask at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(i16);

impl Jitter {
    /// No shift.
    pub const NONE: Jitter = Jitter(0);
    /// The furthest shift either way: 20 %.
    pub const LIMIT: i16 = 200;

    /// A shift of `per_mille`, held within 20 % either way.
    pub const fn per_mille(per_mille: i16) -> Jitter {
        if per_mille > Self::LIMIT {
            Jitter(Self::LIMIT)
        } else if per_mille < -Self::LIMIT {
            Jitter(-Self::LIMIT)
        } else {
            Jitter(per_mille)
        }
    }

    fn apply(self, duration: Duration) -> Duration {
        let scale = u32::try_from(1_000_i32.saturating_add(i32::from(self.0))).unwrap_or(1_000);
        duration.saturating_mul(scale).checked_div(1_000).unwrap_or(duration)
    }
}

/// How long to wait before the query on `rung` (0 is the first).
pub fn query(rung: u32, jitter: Jitter) -> Duration {
    jitter.apply(rung_of(&QUERY_SECONDS, rung, HOURLY))
}

/// How long to wait before sending again when `attempts` attempts found no connection (1 or more).
pub fn back_off(attempts: u32, jitter: Jitter) -> Duration {
    jitter.apply(rung_of(&BACK_OFF_SECONDS, attempts.saturating_sub(1), SLOWEST_BACK_OFF))
}

fn rung_of(ladder: &[u64], rung: u32, after: Duration) -> Duration {
    usize::try_from(rung).ok().and_then(|rung| ladder.get(rung)).map_or(after, |seconds| Duration::from_secs(*seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_follow_the_published_ladder() {
        let seconds: Vec<u64> = (0..10).map(|rung| query(rung, Jitter::NONE).as_secs()).collect();
        assert_eq!(seconds, [5, 15, 60, 300, 900, 1800, 3600, 3600, 3600, 3600]);
        assert_eq!(query(u32::MAX, Jitter::NONE).as_secs(), 3600);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        assert_eq!(query(2, Jitter::per_mille(200)), Duration::from_secs(72));
        assert_eq!(query(2, Jitter::per_mille(-200)), Duration::from_secs(48));
        assert_eq!(query(2, Jitter::per_mille(i16::MAX)), Duration::from_secs(72));
        assert_eq!(query(2, Jitter::per_mille(i16::MIN)), Duration::from_secs(48));
    }

    #[test]
    fn back_off_grows_and_stops_growing() {
        let seconds: Vec<u64> = (1..8).map(|attempts| back_off(attempts, Jitter::NONE).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 5, 15, 30, 60, 60]);
    }
}
