//! Everything that can happen to a message: a closed list.

use std::fmt;

/// What an answer to a send, a late answer or a line of a file says, once the adapter has read it and the gateway has
/// compared serial, account and amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Paid, the right amount to the right account.
    Yes,
    /// Paid, but another amount or another payee.
    Different,
    /// Refused, by a code that the bank documents as final.
    No,
    /// The bank has it and has not finished.
    InHand,
    /// The bank knows the serial, and no more can be told: it has seen it before, or shows our payment with a result that
    /// nobody has listed.
    Known,
    /// Anything else.
    Unclear,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 6] =
        [Verdict::Yes, Verdict::Different, Verdict::No, Verdict::InHand, Verdict::Known, Verdict::Unclear];

    const fn name(self) -> &'static str {
        match self {
            Verdict::Yes => "yes",
            Verdict::Different => "different",
            Verdict::No => "no",
            Verdict::InHand => "in-hand",
            Verdict::Known => "known",
            Verdict::Unclear => "unclear",
        }
    }
}

/// How a status query ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queried {
    /// The bank answered about the payment.
    Answered(Verdict),
    /// The bank's authoritative query does not know the serial, looked for over the original date and a day around it.
    NotFound,
    /// No answer: time-out, refused connection, unreadable reply.
    Failed,
}

/// Why the outcome of a send is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No answer within the bank's own time-out.
    TimedOut,
    /// The connection broke after at least one byte may have left.
    Cut,
    /// The answer's length, charset, layout or seal is wrong.
    Unreadable,
    /// The answer is about something else.
    NotOurs,
    /// Our own fault after the send began.
    Internal,
}

impl Cause {
    /// The stable name, used as a reason.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::TimedOut => "timed-out",
            Cause::Cut => "cut",
            Cause::Unreadable => "unreadable",
            Cause::NotOurs => "not-ours",
            Cause::Internal => "internal",
        }
    }
}

/// What two people decided about a message that machines could not settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Adjudication {
    /// It was paid.
    Succeeded,
    /// It was not paid and will not be.
    Failed,
    /// It never reached the bank: send it again.
    Absent,
}

/// Two different people who stand for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoPeople {
    first: String,
    second: String,
}

impl TwoPeople {
    /// Both names, or nothing when either is empty or both are the same person.
    pub fn new(first: impl Into<String>, second: impl Into<String>) -> Option<TwoPeople> {
        let (first, second) = (first.into(), second.into());
        let same = first.trim().eq_ignore_ascii_case(second.trim());
        (!same && !first.trim().is_empty() && !second.trim().is_empty()).then_some(TwoPeople { first, second })
    }

    /// Who proposed.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// Who agreed.
    pub fn second(&self) -> &str {
        &self.second
    }
}

/// What can happen to a message after its key was taken. Refusal before that and the winning of the key are not events:
/// they make the record (REJECTED evidence, or ACCEPTED).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The rules let it pass.
    Released,
    /// The rules want people to look at it.
    Hold,
    /// Two people let a held message go.
    Approved(TwoPeople),
    /// Two people withdrew it.
    Cancelled(TwoPeople),
    /// The intent is being written: serial and exact bytes. `fence` is the sender's; a lower one than the record's
    /// belongs to a sender that has been replaced.
    Intended {
        /// The sender's fence number.
        fence: u64,
        /// The bytes bear the bank's business date of this moment.
        dated_today: bool,
    },
    /// The connection was not made; not one byte was written.
    ConnectFailed,
    /// The bank answered the send.
    Answered(Verdict),
    /// The send ended without an answer that can be trusted.
    SendUnknown(Cause),
    /// The message is in flight and nobody has it in hand: the process that had it is gone, or its task is.
    Restarted,
    /// A status query starts: its time has come.
    QueryDue,
    /// A status query starts: somebody wants to know now. It does not push the timetable on.
    QueryAsked,
    /// A status query ended.
    Queried(Queried),
    /// The not-found answers are enough to believe that the bank never had it.
    AbsenceProved,
    /// An answer to an earlier send came after all.
    LateAnswer(Verdict),
    /// Bytes that nobody waited for, read as an answer in a dialect that echoes nothing: nobody can know whose they are.
    Overheard(Verdict),
    /// A line of a return or reconciliation file is about it.
    FileLine(Verdict),
    /// It has waited as long as the policy lets it.
    HorizonPassed,
    /// It moves no money, and doing it twice does no harm: the same bytes are sent again under the same serial.
    Repeat,
    /// An entry of the agency's own register takes effect; no bank is asked.
    Entered,
    /// The bank offers no safe way on: no query, or no refusal of repeated serials and its query finds nothing.
    DeadEnd,
    /// The business day ended before it could be sent.
    BusinessDayOver,
    /// The adapter cannot carry the value of this field, although it could at the claim; or it is not there any more.
    CannotEncode {
        /// Canonical field name, never its value.
        field: String,
    },
    /// Two people settled it with evidence.
    Adjudicated(Adjudication, TwoPeople),
    /// Money came back after it was paid (退票).
    Returned {
        /// How much came back; positive.
        fen: i64,
    },
    /// The bank took its own entry back (冲账).
    Reversed {
        /// How much was taken back; positive.
        fen: i64,
    },
    /// Two people explained a contradiction; the first outcome stays.
    Corrected(TwoPeople),
}

impl Event {
    /// The stable name written to the chain and to the count of refused transitions.
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Released => "released",
            Event::Hold => "hold",
            Event::Approved(_) => "approved",
            Event::Cancelled(_) => "cancelled",
            Event::Intended { .. } => "intended",
            Event::ConnectFailed => "connect-failed",
            Event::Answered(_) => "answered",
            Event::SendUnknown(_) => "send-unknown",
            Event::Restarted => "restarted",
            Event::QueryDue => "query-due",
            Event::QueryAsked => "query-asked",
            Event::Queried(_) => "queried",
            Event::AbsenceProved => "absence-proved",
            Event::LateAnswer(_) => "late-answer",
            Event::Overheard(_) => "overheard",
            Event::FileLine(_) => "file-line",
            Event::HorizonPassed => "horizon-passed",
            Event::Repeat => "repeat",
            Event::Entered => "entered",
            Event::DeadEnd => "dead-end",
            Event::BusinessDayOver => "business-day-over",
            Event::CannotEncode { .. } => "cannot-encode",
            Event::Adjudicated(..) => "adjudicated",
            Event::Returned { .. } => "returned",
            Event::Reversed { .. } => "reversed",
            Event::Corrected(_) => "corrected",
        }
    }

    /// What the event says, beyond its name.
    pub const fn detail(&self) -> Option<&'static str> {
        match self {
            Event::Answered(verdict)
            | Event::LateAnswer(verdict)
            | Event::Overheard(verdict)
            | Event::FileLine(verdict) => Some(verdict.name()),
            Event::Queried(Queried::Answered(verdict)) => Some(verdict.name()),
            Event::Queried(Queried::NotFound) => Some("not-found"),
            Event::Queried(Queried::Failed) => Some("failed"),
            Event::SendUnknown(cause) => Some(cause.name()),
            Event::Adjudicated(Adjudication::Succeeded, _) => Some("succeeded"),
            Event::Adjudicated(Adjudication::Failed, _) => Some("failed"),
            Event::Adjudicated(Adjudication::Absent, _) => Some("absent"),
            Event::Released
            | Event::Hold
            | Event::Approved(_)
            | Event::Cancelled(_)
            | Event::Intended { .. }
            | Event::ConnectFailed
            | Event::Restarted
            | Event::QueryDue
            | Event::QueryAsked
            | Event::AbsenceProved
            | Event::HorizonPassed
            | Event::Repeat
            | Event::Entered
            | Event::DeadEnd
            | Event::BusinessDayOver
            | Event::CannotEncode { .. }
            | Event::Returned { .. }
            | Event::Reversed { .. }
            | Event::Corrected(_) => None,
        }
    }

    /// The two people behind the event, where it needs them.
    pub const fn people(&self) -> Option<&TwoPeople> {
        match self {
            Event::Approved(people)
            | Event::Cancelled(people)
            | Event::Adjudicated(_, people)
            | Event::Corrected(people) => Some(people),
            Event::Released
            | Event::Hold
            | Event::Intended { .. }
            | Event::ConnectFailed
            | Event::Answered(_)
            | Event::SendUnknown(_)
            | Event::Restarted
            | Event::QueryDue
            | Event::QueryAsked
            | Event::Queried(_)
            | Event::AbsenceProved
            | Event::LateAnswer(_)
            | Event::Overheard(_)
            | Event::FileLine(_)
            | Event::HorizonPassed
            | Event::Repeat
            | Event::Entered
            | Event::DeadEnd
            | Event::BusinessDayOver
            | Event::CannotEncode { .. }
            | Event::Returned { .. }
            | Event::Reversed { .. } => None,
        }
    }
}

/// A fact that is linked to a message and never changes its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// An answer contradicts what stands; people must look.
    Conflict,
    /// Money came back.
    Returned,
    /// The bank reversed its entry.
    Reversed,
    /// Two people explained a conflict.
    Correction,
}

impl FactKind {
    /// All of them.
    pub const ALL: [FactKind; 4] = [FactKind::Conflict, FactKind::Returned, FactKind::Reversed, FactKind::Correction];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            FactKind::Conflict => "CONFLICT",
            FactKind::Returned => "RETURNED",
            FactKind::Reversed => "REVERSED",
            FactKind::Correction => "CORRECTION",
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
