//! The journal: the durable truth of what was accepted, sent and answered.
//!
//! [`Journal`] is the trait with few verbs; SQLite is the engine of one machine. A verb answers only when its change
//! is on stable storage. Sealing and digests are made in the caller's task before a request is queued; the state table
//! ([`crate::life`]) runs inside the writer's transaction, on the row just read.
//!
//! The happy path of a payment makes two commits: [`Journal::claim`] with the delivery inside, and
//! [`Journal::advance`] with the result and the final answer.
//!
//! Deliberately not here: a verb that deletes, and a verb that changes an outcome.

mod apply;
mod chain;
pub mod export;
mod feed;
mod fingerprint;
mod keys;
mod lock;
pub mod manifest;
mod open;
mod put;
mod reader;
mod readonly;
mod record;
mod row;
mod schema;
mod seal;
mod serial;
mod sqlite;
mod statements;
#[cfg(test)]
mod tests;
mod types;
pub mod verify;
mod work;
mod writer;

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::watch;

use crate::life::State;

pub(crate) use chain::sha256;
pub use keys::{KeyError, Keys};
pub(crate) use lock::make_durably;
pub use open::{OpenError, Settings};
pub use readonly::Unreadable;
pub use serial::{SERIAL_RULE_VERSION, SerialOf, narrow_serial};
pub use sqlite::{SqliteJournal, default_key_file};
pub use types::{
    Advanced, BodyKind, Change, Claim, Claimed, DeliveryRow, Entry, Evidence, Feed, Filter, Fingerprint, Happening,
    Intent, JournalError, LaneMark, Message, MessageId, NewDelivery, Refusal, Response, RuleSwitch, Tally, Then, What,
};

/// The answer of a verb, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// What every engine offers. All writing verbs are durable when they answer; a dropped future does not undo the write.
pub trait Journal: Send + Sync {
    /// Takes the key (org, operation, key), and with [`Then`] goes on to HELD, READY or SENDING in the same commit.
    /// Exactly one of any number of equal claims wins.
    fn claim(&self, claim: Claim) -> Later<'_, Claimed>;

    /// READY or ABSENT to SENDING. Write the bytes only after this has answered.
    fn intend(&self, intent: Intent) -> Later<'_, Advanced>;

    /// Applies one event by the table of [`crate::life`], with its evidence.
    fn advance(&self, change: Change) -> Later<'_, Advanced>;

    /// Writes evidence of a message that was refused before its key was taken: digests only. Above the rate cap the
    /// evidence is counted and dropped.
    fn refuse(&self, refusal: Refusal) -> Later<'_, ()>;

    /// Writes down that a rule of the county has another severity, and who decided so.
    fn switch(&self, switch: RuleSwitch) -> Later<'_, ()>;

    /// A payment of the same benefit that was not refused, failed or cancelled.
    fn find_twin(&self, twin: [u8; 32]) -> Later<'_, Option<MessageId>>;

    /// One message.
    fn find(&self, id: MessageId) -> Later<'_, Option<Message>>;

    /// One message by the key it took.
    fn find_key(&self, org: &str, operation: &str, key: &str) -> Later<'_, Option<Message>>;

    /// The message that was sent under a serial of ours. `scope` is what the serial is unique within.
    fn find_serial(&self, bank: &str, scope: &str, serial: &str) -> Later<'_, Option<Message>>;

    /// A page of messages, oldest first, after the given one.
    fn list(&self, filter: Filter, after: Option<MessageId>, limit: u32) -> Later<'_, Vec<Message>>;

    /// Messages of one bank in these states that have to be looked at by `now`: of each state the longest overdue, at most
    /// `limit`. One bank's crowd never hides another's messages.
    fn due(&self, bank: &str, states: &'static [State], now: Timestamp, limit: u32) -> Later<'_, Vec<Message>>;

    /// What happened behind position `after` of the chain, oldest first, at most `limit`. Fewer, or none, do not mean that
    /// there is no more: go on at [`Feed::upto`] until that no longer moves.
    fn feed(&self, after: i64, limit: usize) -> Later<'_, Feed>;

    /// The end of the chain as it grows: when it moves there may be news.
    fn end(&self) -> watch::Receiver<i64>;

    /// How many messages and how many fen stand where, for each bank and state that has any. Reads every message once.
    fn tally(&self) -> Later<'_, Vec<Tally>>;

    /// The newest body of a kind, opened. `None` when there never was one or it has been pruned.
    fn body(&self, id: MessageId, kind: BodyKind) -> Later<'_, Option<Vec<u8>>>;

    /// What happened to a message, oldest first.
    fn timeline(&self, id: MessageId) -> Later<'_, Vec<Entry>>;

    /// Takes the next number of a narrow lane: above every number that was ever stored with an intent, and never twice
    /// in the life of this process. Store it as [`NewDelivery::lane`].
    fn lane_next(&self, bank: &str, date: Date, shard: u8) -> Later<'_, u64>;

    /// The highest number stored with an intent on a lane; 0 when there is none.
    fn lane_high_water(&self, bank: &str, date: Date, shard: u8) -> Later<'_, u64>;

    /// What the previous process left in flight, as recovery found it at opening: SENDING has become UNKNOWN, QUERYING
    /// its state before. Query each once before its bank's lane opens. Answers once; empty afterwards.
    fn recovered(&self) -> Vec<Message>;

    /// The fence of this process: higher than that of every process before it.
    fn fence(&self) -> u64;

    /// Why nothing more is written, once storage has failed. The process should end with exit code 74.
    fn failure(&self) -> Option<String>;

    /// Finishes what is queued, checkpoints, and writes the manifest of the whole data directory. Stop everything else
    /// that writes below it first.
    fn close(&self) -> Later<'_, ()>;
}
