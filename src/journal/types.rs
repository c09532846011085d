//! What goes into the journal's verbs and what comes out of them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::life::{BankPolicy, DeliveryView, Event, FactKind, Illegal, MessageView, State, Step, TwoPeople};
use crate::message::Operation;

/// The identity of a message: a UUID version 7, so that messages sort by the time of their acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub(crate) [u8; 16]);

impl MessageId {
    /// A new identity.
    #[expect(clippy::new_without_default, reason = "every call gives another value")]
    pub fn new() -> MessageId {
        MessageId(*uuid::Uuid::now_v7().as_bytes())
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&uuid::Uuid::from_bytes(self.0).as_hyphenated(), f)
    }
}

/// Text that is not a message identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message id")]
pub struct NotAnId;

impl FromStr for MessageId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<MessageId, NotAnId> {
        uuid::Uuid::try_parse(text).map(|id| MessageId(*id.as_bytes())).map_err(|_| NotAnId)
    }
}

/// Keyed digests of the canonical fields, made with the install secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    pub(crate) version: u8,
    pub(crate) whole: [u8; 32],
    pub(crate) fields: Vec<(&'static str, [u8; 8])>,
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint(v{}, {} fields)", self.version, self.fields.len())
    }
}

/// A request for a key.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Identity of the new message, should the claim win.
    pub id: MessageId,
    /// Organisation, from the caller's certificate.
    pub org: String,
    /// What it asks for.
    pub operation: Operation,
    /// The caller's idempotency key, already checked for form.
    pub key: String,
    /// Digests of the canonical fields.
    pub fingerprint: Fingerprint,
    /// SHA-256 of the raw request, as evidence; it decides nothing.
    pub raw_digest: [u8; 32],
    /// Paying bank.
    pub bank: String,
    /// The agency's own document number.
    pub order: Option<String>,
    /// Amount in fen; positive.
    pub fen: i64,
    /// Digest of the adapter that the message is pinned to (64 hexadecimal digits).
    pub adapter: String,
    /// What it shares with payments of the same benefit, where the county's rules ask: a keyed digest.
    pub twin: Option<[u8; 32]>,
    /// What the county's rules found: rule and severity.
    pub findings: Vec<(&'static str, &'static str)>,
    /// Now.
    pub at: Timestamp,
    /// The canonical request, to be sealed.
    pub request: Vec<u8>,
    /// How far to go in the same commit.
    pub then: Then,
}

/// What follows a won claim in the same commit.
#[derive(Clone, Debug)]
pub enum Then {
    /// Nothing: ACCEPTED.
    Wait,
    /// A rule wants people to look: HELD, with the rule's code.
    Hold(String),
    /// READY; a slot on the link is not at hand.
    Release,
    /// READY and SENDING: a slot is held, and the bytes follow the commit.
    Send(NewDelivery),
    /// SUCCEEDED: what a bank tells, or an entry of the agency's own register. The response is what is answered now and
    /// whenever it is told again.
    Enter(Response),
}

/// The sending of a message for the first time.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Our serial.
    pub serial: String,
    /// Within what the serial is unique at the bank: empty for ever, a date for a daily one.
    pub scope: String,
    /// Number of times the wide serial had to be derived anew because another payment had it; 0 normally.
    pub salt: u8,
    /// The narrow lane and number that the serial was made of.
    pub lane: Option<LaneMark>,
    /// The bank's business date, fixed here for ever.
    pub business_date: Date,
    /// The exact bytes, to be sealed: for HTTP the request target, a line feed and the body; else the framed message.
    /// Their SHA-256 is the intent's digest.
    pub bytes: Vec<u8>,
}

/// A number on a narrow serial lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneMark {
    /// Shard digit.
    pub shard: u8,
    /// Counter within bank, business date and shard.
    pub number: u64,
}

/// How a claim ended.
#[derive(Clone, Debug)]
pub enum Claimed {
    /// The key is ours; the message is durable.
    Won(Box<Message>),
    /// The key was taken before by an equal request.
    Same(Box<Message>),
    /// The key was taken before by another request.
    Different {
        /// The message that has the key.
        id: MessageId,
        /// The first canonical field that differs.
        field: String,
    },
    /// Another payment has this serial: derive it with the next salt and claim again. Nothing was written.
    SerialTaken,
}

/// The move of a message to SENDING.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Which message.
    pub id: MessageId,
    /// Now.
    pub at: Timestamp,
    /// The sender's fence, [`crate::journal::Journal::fence`].
    pub fence: u64,
    /// The bytes bear the bank's business date of this moment.
    pub dated_today: bool,
    /// Serial and bytes for a message that has never been encoded; `None` to send what is stored again, byte for byte.
    pub delivery: Option<NewDelivery>,
    /// The bank's policy.
    pub policy: BankPolicy,
}

/// One event and its evidence.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which message.
    pub id: MessageId,
    /// Now.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// The bank's policy.
    pub policy: BankPolicy,
    /// What goes with it.
    pub evidence: Evidence,
}

/// What is written beside a transition.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Stable reason code for people: a bank's code, a rule, a cause. Never a person's data.
    pub reason: Option<String>,
    /// The bank's own serial.
    pub bank_serial: Option<String>,
    /// The bytes that were answered, or the file line, to be sealed.
    pub answer: Option<Vec<u8>>,
    /// SHA-256 of the file that a line came from, or of what people decided on.
    pub digest: Option<[u8; 32]>,
    /// The final answer north; stored for ever when the message ends in the state that it tells.
    pub response: Option<Response>,
    /// Look again at this time rather than by the table.
    pub due: Option<Timestamp>,
}

/// A final answer north: replayed byte for byte.
#[derive(Clone, Debug)]
pub struct Response {
    /// The state that the body tells; it is stored only if the message ends there.
    pub state: State,
    /// HTTP status.
    pub status: u16,
    /// Body, to be sealed.
    pub body: Vec<u8>,
}

/// A message refused before its key was taken.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Identity of the evidence.
    pub id: MessageId,
    /// Organisation, when known.
    pub org: String,
    /// SHA-256 of the raw request.
    pub raw_digest: [u8; 32],
    /// Stable code of the problem.
    pub code: String,
    /// Now.
    pub at: Timestamp,
}

/// What an event led to.
#[derive(Clone, Debug)]
pub struct Advanced {
    /// The message as it stands now.
    pub message: Message,
    /// The step that was taken.
    pub step: Step,
    /// The offered response was stored.
    pub response_stored: bool,
}

/// A message as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Identity.
    pub id: MessageId,
    /// Organisation that sent it.
    pub org: String,
    /// What it asks for.
    pub operation: Operation,
    /// The caller's key.
    pub key: String,
    /// Paying bank.
    pub bank: String,
    /// The agency's document number.
    pub order: Option<String>,
    /// Amount in fen.
    pub fen: i64,
    /// Where it stands.
    pub state: State,
    /// Where it stood before the running query.
    pub before_query: Option<State>,
    /// Stable reason code.
    pub reason: Option<String>,
    /// The bank's own serial.
    pub bank_serial: Option<String>,
    /// Digest of the adapter it is pinned to.
    pub adapter: String,
    /// When the key was taken.
    pub accepted_at: Timestamp,
    /// When the outcome became final.
    pub settled_at: Option<Timestamp>,
    /// When it has to be looked at.
    pub due_at: Option<Timestamp>,
    /// HTTP status of the final answer, whose body is [`BodyKind::Response`].
    pub status: Option<u16>,
    /// Fence of the last sender.
    pub fence: u64,
    /// What came back of it, in fen.
    pub given_back: i64,
    /// A contradiction waits for people.
    pub conflict: bool,
    /// What it shares with payments of the same benefit.
    pub twin: Option<[u8; 32]>,
    /// Its delivery, once there was an intent.
    pub delivery: Option<DeliveryRow>,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) marks: Marks,
}

/// Where the records of a message stand in the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) claim: i64,
    pub(crate) answer: Option<i64>,
    pub(crate) response: Option<i64>,
    pub(crate) last: i64,
}

impl Message {
    /// What the state table needs to know.
    pub fn view(&self) -> MessageView {
        MessageView {
            state: self.state,
            before_query: self.before_query,
            fence: self.fence,
            accepted_at: self.accepted_at,
            fen: self.fen,
            given_back: self.given_back,
            conflict: self.conflict,
        }
    }

    /// When the first intent was written; a repeat sends the same bytes and does not change it.
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.delivery.as_ref().map(|delivery| delivery.view.intended_at)
    }

    /// `None` when the request of this fingerprint is the one that took the key, else the first canonical field that
    /// differs.
    pub fn differs_from(&self, fingerprint: &Fingerprint) -> Option<String> {
        fingerprint.differs_from(&self.fingerprint)
    }

    /// Our serial, once there was an intent.
    pub fn serial(&self) -> Option<&str> {
        self.delivery.as_ref().map(|delivery| delivery.serial.as_str())
    }
}

/// A delivery as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    pub(crate) number: i64,
    /// Our serial.
    pub serial: String,
    /// Within what it is unique.
    pub scope: String,
    /// Version of the rule that made it.
    pub serial_rule: u8,
    /// Salt of a wide serial.
    pub salt: u8,
    /// The bank's business date.
    pub business_date: Date,
    /// SHA-256 of the exact bytes.
    pub digest: [u8; 32],
    /// Attempts and what is known of them.
    pub view: DeliveryView,
    pub(crate) intent: i64,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BodyKind {
    /// The canonical request.
    Request,
    /// The exact bytes to the bank.
    Wire,
    /// The newest answer or file line.
    Answer,
    /// The final answer north.
    Response,
}

/// Which messages to list. Absent members do not restrict.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Organisation; a caller from the north is always restricted to its own.
    pub org: Option<String>,
    /// What was asked for.
    pub operation: Option<Operation>,
    /// The caller's key.
    pub key: Option<String>,
    /// The agency's document number.
    pub order: Option<String>,
    /// State.
    pub state: Option<State>,
    /// Paying bank.
    pub bank: Option<String>,
}

/// What stands in one state at one bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Paying bank.
    pub bank: String,
    /// The state.
    pub state: State,
    /// How many messages.
    pub messages: u64,
    /// Their amounts in fen, added up.
    pub fen: i64,
}

/// One line of a message's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the chain.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What happened, a stable name.
    pub event: String,
    /// The event's own detail.
    pub detail: Option<String>,
    /// The state after it.
    pub state: String,
    /// Reason code.
    pub reason: Option<String>,
    /// The two people behind it.
    pub people: Option<(String, String)>,
    /// Kind of a linked fact.
    pub fact: Option<String>,
}

/// Something that happened and that the agency wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Position in the chain: rises with time, never used twice.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// What the county's rules found: rule and severity.
    pub findings: Vec<(String, String)>,
    /// The message as it stands now.
    pub message: Message,
}

/// What can happen to a message that the agency wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A bank told it, or it was entered in the register: it was final at once.
    Entered,
    /// It came to its outcome.
    Settled(State),
    /// People have to look at it.
    Waiting(State),
    /// A fact was linked to it.
    Fact(FactKind),
}

/// Part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// Where to go on.
    pub upto: i64,
}

/// Why a verb did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Storage has failed once; nothing more is written by this process.
    #[error("storage has failed: {0}")]
    Unhealthy(String),
    /// Storage has failed in the commit itself: whether the change holds, the next start will see. Whoever is told "no"
    /// about it may be told a lie.
    #[error("storage has failed in a commit: {0}")]
    InDoubt(String),
    /// Storage is busy or the queue has ended; nothing was written.
    #[error("the journal is not available: {0}")]
    Unavailable(String),
    /// The table does not allow the event now.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// There is no such message.
    #[error("no such message")]
    NotFound,
    /// Another payment has this serial; nothing was written.
    #[error("the serial belongs to another payment")]
    SerialTaken,
    /// A message that has a serial and bytes keeps them: send what is stored.
    #[error("the message already has its serial and bytes")]
    AlreadyEncoded,
    /// A message that has no serial and bytes yet cannot be sent again.
    #[error("the message has no serial and bytes yet")]
    NotEncoded,
    /// A stored body does not open with the keys at hand.
    #[error("a stored body cannot be opened")]
    Sealed,
    /// A value that the journal does not take: a line break or control character in a code, a negative amount.
    #[error("the journal does not take this {0}")]
    Malformed(&'static str),
}

/// A rule of the county that two people gave another severity, as it is in force from a start on.
#[derive(Clone, Debug)]
pub struct RuleSwitch {
    /// The rule.
    pub rule: &'static str,
    /// Its severity now.
    pub severity: &'static str,
    /// Since when.
    pub since: Date,
    /// Who decided it.
    pub people: TwoPeople,
    /// Now.
    pub at: Timestamp,
}
