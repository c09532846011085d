//! What stands in the writer's queue, and how doing it can end.

use jiff::Timestamp;

use super::seal::Sealed;
use super::types::{
    Advanced, Change, Claim, Claimed, JournalError, MessageId, NewDelivery, Refusal, Response, RuleSwitch,
};
use crate::life::BankPolicy;

/// A verb's work, with its bodies already sealed.
#[derive(Debug)]
pub(super) enum Work {
    Claim {
        claim: Box<Claim>,
        request: Sealed,
        then: SealedThen,
    },
    Intend {
        id: MessageId,
        at: Timestamp,
        fence: u64,
        dated_today: bool,
        policy: BankPolicy,
        first: Option<(NewDelivery, SealedWire)>,
    },
    Advance {
        change: Box<Change>,
        answer: Option<Sealed>,
        response: Option<(Response, Sealed)>,
    },
    Refuse(Refusal),
    Switch(RuleSwitch),
}

/// The bodies that go with what follows a claim.
#[derive(Debug)]
pub(super) enum SealedThen {
    Nothing,
    Send(SealedWire),
    Enter(Sealed),
}

/// The exact bytes of a delivery, sealed, and their plain SHA-256.
#[derive(Debug)]
pub(super) struct SealedWire {
    pub(super) sealed: Sealed,
    pub(super) digest: [u8; 32],
}

/// What a verb answers.
#[derive(Debug)]
pub(super) enum Outcome {
    Claimed(Claimed),
    Advanced(Box<Advanced>),
    Done,
}

/// Why a verb's work was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// Refused before anything was written: the others of the group go on.
    Refused(JournalError),
    /// Refused after something was written: the group is rolled back and done again without it.
    Undo(JournalError),
    /// The store is busy: nobody's work was done.
    Busy(String),
    /// The store has failed.
    Storage(String),
    /// The store has failed in the commit, and may hold the change all the same.
    InDoubt(String),
}

impl Fault {
    /// What our own statements can only meet in a store that is damaged or that somebody else has written to: no work of
    /// the group is to blame, so taking one out and trying again would never end.
    pub(super) fn of_store(error: &rusqlite::Error) -> Fault {
        Fault::Storage(error.to_string())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig) => Fault::Undo(JournalError::Malformed("value")),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Busy(error.to_string()),
            _ => Fault::Storage(error.to_string()),
        }
    }
}

impl From<crate::life::Illegal> for Fault {
    fn from(illegal: crate::life::Illegal) -> Fault {
        Fault::Refused(JournalError::Illegal(illegal))
    }
}
