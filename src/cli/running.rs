//! A gateway with its journal and its listener, put together from parts: what `serve` and `demo` have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::adapter::load::FileSet;
use crate::adapter::plan::Adapter;
use crate::adapter::runtime::Settings;
use crate::clock::Clock;
use crate::county::County;
use crate::front::{Drained, Front, Limits, Service};
use crate::gateway::archive::Archive;
use crate::gateway::{Bank, Gateway, Pinned};
use crate::inbound::Inbound;
use crate::journal::{self, Journal, Keys, OpenError, SqliteJournal};
use crate::link::{Link, Target};
use crate::tls::{Live, POLL, Parties, Party, San, ServerTls};

/// How long work in hand may take to finish when the gateway ends, beyond the time that a bank may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One bank to be reached.
pub struct BankParts {
    /// Its adapter.
    pub adapter: Arc<Adapter>,
    /// The files it was compiled from, to be archived.
    pub files: FileSet,
    /// The link's settings, in the adapter's order.
    pub settings: Settings,
    /// Where and how.
    pub target: Target,
    /// From this time of day on, the business date is tomorrow's.
    pub cut_over: Time,
    /// Where it calls, if it does.
    pub calls: Option<CallsParts>,
}

/// Where a bank calls.
#[derive(Clone)]
pub struct CallsParts {
    /// Where to listen; port 0 picks one.
    pub listen: SocketAddr,
    /// The listener's certificates, and whose client certificates it takes.
    pub tls: Arc<Live<ServerTls>>,
    /// The alternative name in the bank's certificate.
    pub caller: San,
}

/// Everything a gateway is made of.
pub struct Parts {
    /// The data directory.
    pub data_dir: PathBuf,
    /// Seals, serials, fingerprints.
    pub keys: Arc<Keys>,
    /// Where to listen; port 0 picks one.
    pub listen: SocketAddr,
    /// The listener's certificates.
    pub tls: Arc<Live<ServerTls>>,
    /// Who may call.
    pub parties: Parties,
    /// The paying banks.
    pub banks: Vec<BankParts>,
    /// The county whose rules are asked; none without.
    pub county: Option<County>,
    /// Time.
    pub clock: Clock,
    /// Marks the data directory for ever.
    pub simulation: bool,
    /// What a client may cost.
    pub limits: Limits,
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The archive of adapters, or the listening socket.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// An adapter whose HTTP method or content type no request can carry.
    #[error("the adapter {0} cannot be put on a link")]
    Transport(String),
}

/// A gateway at work.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The gateway itself.
    pub gateway: Arc<Gateway>,
    /// Where each bank calls that does.
    pub doors: BTreeMap<String, SocketAddr>,
    stop: CancellationToken,
    front: Option<JoinHandle<Drained>>,
    inbound: TaskTracker,
}

impl Running {
    /// Opens the journal, archives the adapters, starts recovery and listens.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(parts: Parts) -> Result<Running, StartError> {
        let settings = journal::Settings {
            dir: parts.data_dir.clone(),
            clock: parts.clock,
            simulation: parts.simulation,
            max_pages: None,
        };
        let keys = Arc::clone(&parts.keys);
        let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(settings, keys)).await;
        let journal = opened.map_err(std::io::Error::other)??;
        let archive = Archive::of(&parts.data_dir);
        let mut banks = Vec::with_capacity(parts.banks.len());
        let mut calls = Vec::new();
        for bank in parts.banks {
            calls.extend(bank.calls.clone().map(|its| (bank.adapter.id.clone(), its)));
            banks.push(put_up(bank, &archive, parts.clock)?);
        }
        let gateway = Gateway::new(Arc::new(journal) as Arc<dyn Journal>, parts.keys, banks, parts.county, parts.clock);
        gateway.start();

        let stop = CancellationToken::new();
        tokio::spawn(Arc::clone(&parts.tls).watch("listener".to_owned(), POLL, stop.clone()));
        let listener = TcpListener::bind(parts.listen).await?;
        let address = listener.local_addr()?;
        let service = Arc::clone(&gateway) as Arc<dyn Service>;
        let front = Front::new(parts.tls, parts.parties, service, parts.limits);
        let front = Some(tokio::spawn(front.serve(listener, stop.clone())));
        let inbound = TaskTracker::new();
        let mut doors = BTreeMap::new();
        for (id, CallsParts { listen, tls, caller }) in calls {
            let Some(bank) = gateway.bank(&id).cloned() else { continue };
            tokio::spawn(Arc::clone(&tls).watch(format!("{id} calls"), POLL, stop.clone()));
            let listener = TcpListener::bind(listen).await?;
            doors.insert(id.clone(), listener.local_addr()?);
            let nothing = BTreeSet::new();
            let party = Party { id, san: caller, issuer: None, banks: nothing.clone(), operations: nothing };
            let door = Inbound::new(Arc::clone(&gateway), bank, tls, Parties::new([party]));
            inbound.spawn(door.serve(listener, stop.clone()));
        }
        Ok(Running { address, gateway, doors, stop, front, inbound })
    }

    /// Stops listening and finishes what is in hand, so that no bank is written to any more. Whatever could not be
    /// finished is in the journal and is found at the next start. Says whether everything was finished.
    pub async fn finish(&mut self) -> bool {
        self.stop.cancel();
        let answered = match self.front.take() {
            Some(front) => matches!(front.await, Ok(Drained::Clean)),
            None => true,
        };
        self.inbound.close();
        self.inbound.wait().await;
        let patience = self.gateway.longest_delivery().saturating_add(PATIENCE);
        self.gateway.drain(patience).await && answered
    }

    /// Finishes, and closes the journal with its manifest. Says whether both went well.
    pub async fn stop(mut self) -> bool {
        let finished = self.finish().await;
        let closed = self.gateway.journal().close().await;
        if let Err(error) = &closed {
            tracing::error!(%error, "the journal was not closed");
        }
        finished && closed.is_ok()
    }
}

/// A bank with its current adapter and every archived one of the same name.
fn put_up(parts: BankParts, archive: &Archive, clock: Clock) -> Result<Bank, StartError> {
    let BankParts { adapter, files, settings, target, cut_over, calls: _ } = parts;
    let id = adapter.id.clone();
    archive.keep(&id, &adapter.digest, &files)?;
    let named: Vec<(String, Option<String>)> =
        adapter.settings.iter().map(|setting| setting.name.clone()).zip(settings.0.iter().cloned()).collect();
    let current = Pinned::new(adapter.clone(), settings, clock).ok_or_else(|| StartError::Transport(id.clone()))?;
    let bank = Bank::new(id.clone(), current, Link::new(target), cut_over);
    for (digest, folder) in archive.folders()? {
        if digest == adapter.digest || folder.file_name().is_none_or(|name| name != id.as_str()) {
            continue;
        }
        let older = match Adapter::load(&folder) {
            Ok(older) => older,
            Err(_) => {
                tracing::error!(bank = %id, digest, "an archived adapter does not load; its messages wait");
                continue;
            }
        };
        let of_name = |name: &str| named.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone());
        let settings = Settings(older.settings.iter().map(|setting| of_name(&setting.name)).collect());
        if let Some(pinned) = Pinned::new(older, settings, clock) {
            bank.remember(pinned);
        }
    }
    Ok(bank)
}
