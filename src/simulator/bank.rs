//! A bank that runs: its listener, its connections, its end.

mod http;
pub(super) mod tcp;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ledger::{Ledger, LedgerError};
use super::misbehaviour::{FaultPlan, Misbehaviour};
use super::teller::{Doing, Manners, Teller};
use crate::adapter::plan::Adapter;
use crate::adapter::runtime::{Settings, Wire};

/// Longest time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How a bank is to run.
#[derive(Clone)]
pub struct Options {
    /// Where it listens; port 0 takes any.
    pub listen: SocketAddr,
    /// Its books are in `banks/<bank>/ledger.log` under this.
    pub data_dir: PathBuf,
    /// Its certificate, and whose client certificates it takes.
    pub tls: Arc<ServerConfig>,
    /// Seed of its decisions and faults.
    pub seed: u64,
    /// What goes wrong, and how often.
    pub faults: FaultPlan,
    /// How it treats payments.
    pub manners: Manners,
    /// Whether it refuses serials it has seen; the adapter's word if `None`. A bank that does not executes again.
    pub refuses_duplicates: Option<bool>,
    /// How long a late answer takes: longer than the client waits.
    pub late: Duration,
}

impl Options {
    /// A bank without faults on a free loopback port.
    pub fn new(data_dir: PathBuf, tls: Arc<ServerConfig>) -> Options {
        Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir,
            tls,
            seed: 1,
            faults: FaultPlan::none(),
            manners: Manners::default(),
            refuses_duplicates: None,
            late: Duration::from_secs(30),
        }
    }
}

/// Why a bank does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its books cannot be opened.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// A bank made from an adapter.
#[derive(Debug)]
pub struct Bank;

/// A bank that is up.
pub struct RunningBank {
    /// Where it listens.
    pub address: SocketAddr,
    counter: Arc<Counter>,
    tasks: TaskTracker,
}

/// What all connections share.
struct Counter {
    teller: Teller,
    late: Duration,
    stop: CancellationToken,
}

impl Bank {
    /// Opens the books and the doors.
    ///
    /// # Errors
    /// The books or the address cannot be had.
    pub async fn start(adapter: Arc<Adapter>, settings: Settings, options: Options) -> Result<RunningBank, StartError> {
        let ledger = Ledger::open(&options.data_dir, &adapter.id)?;
        let listen_error = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let rules = (options.seed, options.faults, options.manners);
        let teller = Teller::new(adapter, settings, ledger, rules, options.refuses_duplicates);
        let counter = Arc::new(Counter { teller, late: options.late, stop: CancellationToken::new() });
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, TlsAcceptor::from(options.tls), counter.clone(), tasks.clone()));
        Ok(RunningBank { address, counter, tasks })
    }
}

impl RunningBank {
    /// Its books.
    pub fn ledger(&self) -> &Ledger {
        &self.counter.teller.ledger
    }

    /// How often each fault has struck.
    pub fn struck(&self) -> BTreeMap<Misbehaviour, u64> {
        self.counter.teller.struck()
    }

    /// Closes the doors. What was begun is finished and written; what waits to be late or silent is cut off.
    pub async fn stop(self) {
        self.counter.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Counter {
    /// Serves a request away from the threads that sockets need; `None` when the books cannot be written, and then the
    /// connection closes without a word.
    async fn serve(self: &Arc<Self>, wire: Wire) -> Doing {
        let counter = self.clone();
        match tokio::task::spawn_blocking(move || counter.teller.serve(&wire)).await {
            Ok(Ok(doing)) => doing,
            Ok(Err(error)) => {
                tracing::error!(bank = self.teller.ledger.bank(), %error, "the books are closed");
                Doing::Close
            }
            Err(_) => Doing::Close,
        }
    }

    /// Waits, unless the bank closes first.
    async fn wait(&self, what: impl Future<Output = ()>) -> Option<()> {
        self.stop.run_until_cancelled(what).await
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, counter: Arc<Counter>, tasks: TaskTracker) {
    while let Some(accepted) = counter.stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(connection(stream, acceptor.clone(), counter.clone()));
            }
            // Out of descriptors, or a peer that was gone at once: neither is a reason to close the bank, nor to spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, counter: Arc<Counter>) {
    let fault = counter.teller.connected();
    if fault == Some(Misbehaviour::RefuseConnection) {
        return;
    }
    // A small answer must not wait for the acknowledgement of an earlier one.
    let _ = stream.set_nodelay(true);
    let shaken = counter.stop.run_until_cancelled(tokio::time::timeout(HANDSHAKE, acceptor.accept(stream))).await;
    let Some(Ok(Ok(stream))) = shaken else { return };
    if fault == Some(Misbehaviour::CloseUnread) {
        return;
    }
    match counter.teller.adapter.wire.frames {
        Some(_) => tcp::serve(stream, &counter).await,
        None => http::serve(stream, &counter).await,
    }
}

#[cfg(test)]
mod tests;
