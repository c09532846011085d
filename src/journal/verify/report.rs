//! What a verification found.

use std::collections::BTreeMap;

use crate::journal::manifest::Difference;
use crate::journal::types::MessageId;
use crate::lang::Phrase;
use crate::life::State;

/// The result of a verification.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The directory was closed in order and has a manifest.
    pub closed: bool,
    /// Messages in the journal.
    pub messages: u64,
    /// Records in the chain.
    pub records: u64,
    /// Bodies that were opened and compared.
    pub bodies: u64,
    /// Promised messages that were looked for.
    pub acked: u64,
    /// Sent serials that were looked for.
    pub sent: u64,
    /// Sums by bank.
    pub banks: BTreeMap<String, Sums>,
    /// What is wrong: the first thousand findings.
    pub violations: Vec<Violation>,
    /// How many findings there were in all.
    pub found: u64,
}

const SHOWN: usize = 1_000;

impl Report {
    /// Whether everything is as it should be.
    pub fn is_clean(&self) -> bool {
        self.found == 0
    }

    pub(super) fn find(&mut self, violation: Violation) {
        self.found = self.found.saturating_add(1);
        if self.violations.len() < SHOWN {
            self.violations.push(violation);
        }
    }
}

/// Amounts of one bank, in fen. Instructed is summed over the chain, the others over the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the sum of the messages in the state that it is named after")]
pub struct Sums {
    pub instructed: i128,
    pub succeeded: i128,
    pub failed: i128,
    pub cancelled: i128,
    pub held: i128,
    pub manual: i128,
    /// Everything that has no outcome and waits neither for an approval nor for a decision.
    pub open: i128,
}

impl Sums {
    pub(super) fn add(&mut self, state: State, fen: i64) {
        let sum = match state {
            State::Succeeded => &mut self.succeeded,
            State::Failed => &mut self.failed,
            State::Cancelled => &mut self.cancelled,
            State::Held => &mut self.held,
            State::Manual => &mut self.manual,
            State::Accepted
            | State::Ready
            | State::Sending
            | State::Acked
            | State::Unknown
            | State::Querying
            | State::Absent => &mut self.open,
            // No row has it: what was refused is evidence and owes nothing.
            State::Rejected => return,
        };
        *sum = sum.saturating_add(i128::from(fen));
    }

    /// The sum over all states.
    pub fn accounted(&self) -> i128 {
        [self.succeeded, self.failed, self.cancelled, self.held, self.manual, self.open]
            .into_iter()
            .fold(0, i128::saturating_add)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The key file is not one.
    Key,
    /// The directory is not as it was closed.
    Manifest(Difference),
    /// The database contradicts itself or cannot be read to its end.
    Damaged(String),
    /// A record does not follow the one before it.
    Chain(i64),
    /// The chain does not end at an authentic head.
    Head,
    /// A record cannot be understood.
    Record(i64),
    /// A record takes a message from a state that it was not in.
    Transition(i64),
    /// A record changes an outcome.
    OutcomeChanged(i64),
    /// A message's row is not what its last record says.
    Row(MessageId),
    /// A message has records and no row.
    RowMissing(MessageId),
    /// A message has a row and no record.
    RowUnknown(MessageId),
    /// A delivery belongs to no message.
    DeliveryUnknown(i64),
    /// A body is not what its record says.
    Body(i64),
    /// A fact is not what its record says.
    Fact(i64),
    /// The sums of a bank do not agree.
    Sum(String),
    /// A promised message is not there.
    AckedMissing(String),
    /// A bank saw a serial that has no intent.
    SentWithoutIntent(String),
    /// A bank saw other bytes than were intended.
    SentOtherBytes(String),
}

impl Violation {
    /// What to tell people.
    pub fn phrase(&self) -> Phrase {
        match self {
            Violation::Key => Phrase::new("journal-key-form"),
            Violation::Manifest(Difference::Manifest) => Phrase::new("journal-manifest-damaged"),
            Violation::Manifest(Difference::Missing(file)) => Phrase::new("journal-file-missing").with("file", file),
            Violation::Manifest(Difference::Changed(file)) => Phrase::new("journal-file-changed").with("file", file),
            Violation::Manifest(Difference::Added(file)) => Phrase::new("journal-file-added").with("file", file),
            Violation::Damaged(cause) => Phrase::new("journal-damaged").with("cause", cause),
            Violation::Chain(seq) => Phrase::new("journal-chain-broken").with("record", seq),
            Violation::Head => Phrase::new("journal-head-wrong"),
            Violation::Record(seq) => Phrase::new("journal-record-unreadable").with("record", seq),
            Violation::Transition(seq) => Phrase::new("journal-transition-wrong").with("record", seq),
            Violation::OutcomeChanged(seq) => Phrase::new("journal-outcome-changed").with("record", seq),
            Violation::Row(id) => Phrase::new("journal-row-differs").with("id", id),
            Violation::RowMissing(id) => Phrase::new("journal-row-missing").with("id", id),
            Violation::RowUnknown(id) => Phrase::new("journal-row-unknown").with("id", id),
            Violation::DeliveryUnknown(number) => Phrase::new("journal-delivery-unknown").with("number", number),
            Violation::Body(seq) => Phrase::new("journal-body-differs").with("record", seq),
            Violation::Fact(seq) => Phrase::new("journal-fact-differs").with("record", seq),
            Violation::Sum(bank) => Phrase::new("journal-sum-differs").with("bank", bank),
            Violation::AckedMissing(id) => Phrase::new("journal-acked-missing").with("id", id),
            Violation::SentWithoutIntent(line) => Phrase::new("journal-sent-without-intent").with("line", line),
            Violation::SentOtherBytes(line) => Phrase::new("journal-sent-other-bytes").with("line", line),
        }
    }
}
