//! What goes into the table and what comes out of it.

use jiff::Timestamp;

use super::event::FactKind;
use super::state::State;

/// What the table needs to know of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// Where it stands.
    pub state: State,
    /// Where it stood before the query that is running; set exactly while QUERYING.
    pub before_query: Option<State>,
    /// The highest fence that has been seen for it.
    pub fence: u64,
    /// When its key was taken.
    pub accepted_at: Timestamp,
    /// What it pays, in fen.
    pub fen: i64,
    /// What has come back of it, in fen, by returns and reversals.
    pub given_back: i64,
    /// An answer contradicted what stands and nobody has explained it yet.
    pub conflict: bool,
}

/// What the table needs to know of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    /// When the first intent was written.
    pub intended_at: Timestamp,
    /// How many intents there were: 1 is the first send.
    pub attempts: u32,
    /// How many of them followed ABSENT.
    pub resends: u32,
    /// An attempt that has ended may have reached the bank.
    pub may_have_reached: bool,
    /// The bank has shown that it knows the serial.
    pub acknowledged: bool,
    /// Two people released it for another send.
    pub released: bool,
    /// "Not found" answers since the last attempt.
    pub absent_count: u32,
    /// When the first of them came.
    pub first_absent_at: Option<Timestamp>,
    /// When the last of them came.
    pub last_absent_at: Option<Timestamp>,
    /// Queries so far; the number of the query that is running, counted from 1.
    pub queries: u32,
    /// Position on the query timetable since the last attempt.
    pub rung: u32,
}

impl DeliveryView {
    /// A delivery whose first intent is being written.
    pub const fn first(at: Timestamp) -> DeliveryView {
        DeliveryView {
            intended_at: at,
            attempts: 1,
            resends: 0,
            may_have_reached: false,
            acknowledged: false,
            released: false,
            absent_count: 0,
            first_absent_at: None,
            last_absent_at: None,
            queries: 0,
            rung: 0,
        }
    }
}

/// When the resolver has to look at a message again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// As before.
    Keep,
    /// Never by itself.
    Never,
    /// At once.
    Now,
    /// When whoever has it in hand should long have moved it on. Until then, and as long as it is in hand, it is left alone.
    Stalled,
    /// After the back-off for this many attempts.
    BackOff(u32),
    /// After the waiting time of this rung of the query timetable.
    Query(u32),
    /// At this time: nothing can be done for it before.
    At(Timestamp),
}

/// What follows from an event: the new values, to be written in one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state after it.
    pub state: State,
    /// The state to return to from QUERYING.
    pub before_query: Option<State>,
    /// The delivery after it, when there is one.
    pub delivery: Option<DeliveryView>,
    /// A fact to be linked.
    pub fact: Option<FactKind>,
    /// When to look again.
    pub due: Due,
    /// Nothing changes but the evidence: an equal or empty answer to what is settled.
    pub no_op: bool,
}

/// Why a pair was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The table has no such row.
    NotListed,
    /// The row's guard, named here, does not hold.
    Guard(&'static str),
}

/// An event that may not happen to this message now. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not allowed in {state} ({why:?})")]
pub struct Illegal {
    /// Where the message stands.
    pub state: State,
    /// The event's stable name.
    pub event: &'static str,
    /// What is missing.
    pub why: Why,
}
