//! The clock, and rounds in which the two sides take turns.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread: what other processes take of the machine is not counted.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

pub(crate) fn timed(work: impl FnOnce()) -> f64 {
    let start = now();
    work();
    (now() - start).as_secs_f64()
}

/// CPU seconds of one round, plan and hard-coded.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub(crate) plan: f64,
    pub(crate) hand: f64,
}

/// The rounds of one row.
#[derive(Clone, Default)]
pub(crate) struct Rounds {
    pub(crate) rounds: Vec<Round>,
    /// Messages in one round, on each side.
    pub(crate) messages: usize,
}

/// A row as it is shown.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// Microseconds for one message, median of the rounds.
    pub(crate) plan_us: f64,
    pub(crate) hand_us: f64,
    /// Throughput of the plan in parts of the throughput of the hard-coded translator: median, least, most.
    pub(crate) ratio: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Rounds {
    pub(crate) fn figures(&self) -> Figures {
        let each = |pick: fn(&Round) -> f64| {
            let mut all: Vec<f64> = self.rounds.iter().map(pick).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let ratios = each(|round| round.hand / round.plan);
        let per = 1e6 / self.messages as f64;
        Figures {
            plan_us: median(&each(|round| round.plan)) * per,
            hand_us: median(&each(|round| round.hand)) * per,
            ratio: median(&ratios),
            least: ratios[0],
            most: ratios[ratios.len() - 1],
        }
    }

    /// Round by round the sum of several rows.
    pub(crate) fn sum(rows: &[&Rounds]) -> Rounds {
        let mut sum = rows[0].clone();
        for row in &rows[1..] {
            sum.messages += row.messages;
            for (total, round) in sum.rounds.iter_mut().zip(&row.rounds) {
                total.plan += round.plan;
                total.hand += round.hand;
            }
        }
        sum
    }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
