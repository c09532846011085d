//! The thirteen states of a message.

use std::fmt;
use std::str::FromStr;

/// Where a message stands. Names are stored and shown exactly as [`State::as_str`] gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Refused before a key was taken; only evidence is kept. Terminal.
    Rejected,
    /// The key is taken, durably; nothing has been decided yet.
    Accepted,
    /// Waits for two people.
    Held,
    /// May be sent.
    Ready,
    /// The intent is durable; bytes may be on their way.
    Sending,
    /// The bank said that it has it, not that it paid.
    Acked,
    /// Bytes may have reached the bank and no trusted answer came back.
    Unknown,
    /// The bank is being asked.
    Querying,
    /// Shown, by repeated authoritative answers, not to have reached the bank.
    Absent,
    /// Only people or a reconciliation file can move it.
    Manual,
    /// Paid. Terminal.
    Succeeded,
    /// Refused by the bank, for certain. Terminal.
    Failed,
    /// Withdrawn before anything was sent. Terminal.
    Cancelled,
}

impl State {
    /// Every state, in the order of a message's life.
    pub const ALL: [State; 13] = [
        State::Rejected,
        State::Accepted,
        State::Held,
        State::Ready,
        State::Sending,
        State::Acked,
        State::Unknown,
        State::Querying,
        State::Absent,
        State::Manual,
        State::Succeeded,
        State::Failed,
        State::Cancelled,
    ];

    /// The stored and published name.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Rejected => "REJECTED",
            State::Accepted => "ACCEPTED",
            State::Held => "HELD",
            State::Ready => "READY",
            State::Sending => "SENDING",
            State::Acked => "ACKED",
            State::Unknown => "UNKNOWN",
            State::Querying => "QUERYING",
            State::Absent => "ABSENT",
            State::Manual => "MANUAL",
            State::Succeeded => "SUCCEEDED",
            State::Failed => "FAILED",
            State::Cancelled => "CANCELLED",
        }
    }

    /// The ISO 20022 payment status (ExternalPaymentTransactionStatus1Code) that comes nearest without promising more
    /// than is known: *received* before anything was sent, *settlement in process* while bytes leave, *pending* while
    /// the outcome is open, and *settled* or *rejected* only for an outcome that is final.
    pub const fn iso_status(self) -> &'static str {
        match self {
            State::Accepted | State::Held | State::Ready => "RCVD",
            State::Sending => "ACSP",
            State::Acked | State::Unknown | State::Querying | State::Absent | State::Manual => "PDNG",
            State::Succeeded => "ACSC",
            State::Failed | State::Rejected | State::Cancelled => "RJCT",
        }
    }

    /// Whether the outcome is final: it is written once and never changed.
    pub const fn is_terminal(self) -> bool {
        match self {
            State::Rejected | State::Succeeded | State::Failed | State::Cancelled => true,
            State::Accepted
            | State::Held
            | State::Ready
            | State::Sending
            | State::Acked
            | State::Unknown
            | State::Querying
            | State::Absent
            | State::Manual => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is not one of the thirteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a state")]
pub struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<State, UnknownState> {
        State::ALL.into_iter().find(|state| state.as_str() == name).ok_or(UnknownState)
    }
}
