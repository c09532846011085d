//! What a bank's interface and contract allow. The figures come from the adapter and the configuration.

use std::time::Duration;

use crate::clock::Clock;

/// The facts about one bank that the table needs. Its durations are compared with stored times as they are: whoever
/// builds one from policy durations puts it on the clock, once, with [`BankPolicy::on`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankPolicy {
    /// The bank has a status query that can be trusted to find a payment by our serial.
    pub has_query: bool,
    /// The bank refuses a serial that it has seen before. Without it nothing is ever sent again by itself.
    pub refuses_duplicate_serial: bool,
    /// What is asked for moves no money and is so, or becomes so, however often it is asked for: an answer that never came
    /// is got by asking again.
    pub repeatable: bool,
    /// The same bytes may be sent again: neither a fresh time nor a fresh seal is needed.
    pub resends_same_bytes: bool,
    /// The bank wants today's date in a request, so what was not sent today may not be sent tomorrow.
    pub wants_todays_date: bool,
    /// How long a message that never reached the bank may wait to be sent, from its acceptance.
    pub retry_horizon: Duration,
    /// How long after the first attempt the same serial may be sent again; shorter than the time for which the bank
    /// remembers serials.
    pub resend_horizon: Duration,
    /// How long after the first attempt an open outcome is looked for before people take over.
    pub resolve_horizon: Duration,
    /// How many times the bank must have said "not found".
    pub absent_needed: u32,
    /// How far apart the first and the last of these must be.
    pub absent_spread: Duration,
    /// How often the same serial may be sent again.
    pub resends_allowed: u32,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl BankPolicy {
    /// The careful policy: no query, no repeat. Everything that is not certain goes to people.
    pub const CAREFUL: BankPolicy = BankPolicy {
        has_query: false,
        refuses_duplicate_serial: false,
        repeatable: false,
        resends_same_bytes: false,
        wants_todays_date: false,
        retry_horizon: HOUR.saturating_mul(24),
        resend_horizon: HOUR.saturating_mul(24),
        resolve_horizon: HOUR.saturating_mul(72),
        absent_needed: 3,
        absent_spread: Duration::from_secs(600),
        resends_allowed: 2,
    };

    /// The same policy with its durations shortened by the clock's factor.
    #[must_use]
    pub fn on(mut self, clock: Clock) -> BankPolicy {
        self.retry_horizon = clock.policy(self.retry_horizon);
        self.resend_horizon = clock.policy(self.resend_horizon);
        self.resolve_horizon = clock.policy(self.resolve_horizon);
        self.absent_spread = clock.policy(self.absent_spread);
        self
    }

    /// Whether the gateway may send the same bytes under the same serial again without asking people.
    pub const fn may_resend(&self) -> bool {
        self.has_query && self.refuses_duplicate_serial && self.resends_same_bytes
    }
}
