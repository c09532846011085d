//! The gateway: the life of one message, from the north's bytes to the bank and back.
//!
//! ```text
//!  north bytes ─ admit ─┤claim├─ encode ─┤intent├─ deliver ─ decode ─┤settle├─ north bytes
//!                pure     durable           durable                    durable
//! ```
//!
//! [`accept`] is the main path; read it first. [`admit`] may refuse freely and knows no store. After the claim nothing may
//! be forgotten: every path ends in [`settle`], or in a state that [`resolver`] finds again; whatever is in flight while
//! nobody has it in hand is such a state. `send` writes the intent and delivers; `resolver` asks banks about what is
//! unknown, sends again what provably never arrived, and hands the rest to people; `late` places answers that nobody
//! waited for; [`told`] takes what banks begin; [`recovery`] asks about what a previous process left in flight, before a bank's lane opens.
//!
//! A claim and an intent share one commit when a slot on the link is at hand; otherwise the message is READY until one is.
//! Deliberately not here: HTTP (`front`), sockets (`link`), the state table (`life`), storage (`journal`).

mod accept;
pub mod admit;
pub mod archive;
mod bank;
mod draft;
mod handled;
mod judged;
mod late;
mod recovery;
mod repeat;
mod resolver;
pub mod resource;
mod send;
mod settle;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use accept::{Outcome, Why};
pub use bank::{Bank, Pinned, framing, policy};
pub use repeat::UnderKey;
pub use resolver::AskedNow;
pub use send::Stand;
pub use told::Told;

use crate::clock::Clock;
use crate::county::County;
use crate::journal::Journal;
use crate::journal::Keys;
use handled::Handled;

/// The gateway of one process.
pub struct Gateway {
    journal: Arc<dyn Journal>,
    keys: Arc<Keys>,
    banks: BTreeMap<String, Arc<Bank>>,
    clock: Clock,
    handled: Handled,
    claiming: Handled<repeat::OwnedKey>,
    work: TaskTracker,
    closing: CancellationToken,
    asked: resolver::JustAsked,
    county: Option<County>,
    registers: judged::Kept,
}

impl Gateway {
    /// A gateway over an open journal. Every bank's lane is closed until [`Gateway::start`] has looked at what the
    /// previous process left. Without a county none of its rules is asked.
    pub fn new(
        journal: Arc<dyn Journal>,
        keys: Arc<Keys>,
        banks: Vec<Bank>,
        county: Option<County>,
        clock: Clock,
    ) -> Arc<Gateway> {
        Arc::new(Gateway {
            journal,
            keys,
            banks: banks.into_iter().map(|bank| (bank.id.clone(), Arc::new(bank))).collect(),
            clock,
            handled: Handled::default(),
            claiming: Handled::default(),
            work: TaskTracker::new(),
            closing: CancellationToken::new(),
            asked: resolver::JustAsked::default(),
            county,
            registers: judged::Kept::default(),
        })
    }

    /// Starts recovery, the resolver, and the reading of answers that nobody waits for. Recovery has its messages in hand
    /// before the resolver looks for the first time.
    pub fn start(self: &Arc<Self>) {
        recovery::start(self);
        late::start(self);
        resolver::start(self);
        if let Some(county) = self.county.clone() {
            let gateway = Arc::clone(self);
            self.work.spawn(async move { gateway.announce(&county).await });
        }
    }

    /// A paying bank.
    pub fn bank(&self, id: &str) -> Option<&Arc<Bank>> {
        self.banks.get(id)
    }

    /// The banks by id.
    pub fn banks(&self) -> impl Iterator<Item = &Arc<Bank>> {
        self.banks.values()
    }

    /// The journal.
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// How long a drain has to be given so that every payment that is at a bank gets its answer: as long as the slowest
    /// bank may take. Queries are not waited for; they are asked again.
    pub fn longest_delivery(&self) -> Duration {
        self.banks.values().map(|bank| bank.link.longest_delivery()).max().unwrap_or_default()
    }

    /// Stops taking up work and waits, at most `patience`, for what is in hand. Whatever is not finished by then is in
    /// the journal and is found at the next start.
    pub async fn drain(&self, patience: Duration) -> bool {
        self.closing.cancel();
        self.work.close();
        tokio::time::timeout(patience, self.work.wait()).await.is_ok()
    }
}
