//! The north listener: HTTPS with client certificates for the agency's systems.
//!
//! A connection is accepted by our own loop, so that every phase of it has a limit: handshake, header, body, idleness,
//! a peer that does not read. A request passes the strict layer ([`strict`]), is routed, its body is read, and only then
//! does it reach the [`Service`]; from there on the work no longer depends on the caller's connection. The front knows
//! parties, HTTP and problem documents. It does not know messages, banks or the journal.

mod answer;
mod connection;
mod count;
mod events;
mod follow;
mod key;
mod messages;
mod paths;
mod problems;
mod routes;
mod service;
mod stall;
mod strict;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use answer::Answer;
pub use key::{BadKey, Key};
pub use paths::OFFERED;
pub use problems::Code;
pub use service::{Caller, Listing, Offer, Service, Shelf, Since, Told, TurnedAway};

use crate::tls::{Live, Parties, ServerTls};
use count::Counts;

/// Protocols that the listener offers by ALPN, best first.
pub const ALPN: &[&[u8]] = &[b"h2", b"http/1.1"];

/// What a client may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open connections, handshakes included.
    pub connections: usize,
    /// Open connections of one party.
    pub connections_per_party: usize,
    /// TLS handshakes under way, over all addresses.
    pub handshakes: usize,
    /// TLS handshakes under way from one address.
    pub handshakes_per_address: usize,
    /// Requests under way, over all parties.
    pub requests: usize,
    /// Requests of one party in a second; as many again may come in a burst.
    pub requests_per_second: u32,
    /// Event streams of one party.
    pub feeds_per_party: usize,
    /// Requests under way on one HTTP/2 connection.
    pub streams: u32,
    /// Until the TLS handshake is done.
    pub handshake: Duration,
    /// Until a request's header is read, and how long a connection may be without a request.
    pub header: Duration,
    /// Longest header in bytes.
    pub header_bytes: usize,
    /// Until a request's body is read.
    pub body: Duration,
    /// Longest body in bytes.
    pub body_bytes: usize,
    /// How long a client may leave an answer unread.
    pub stall: Duration,
    /// How long a drain waits for requests and work under way.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connections: 1024,
            connections_per_party: 512,
            handshakes: 256,
            handshakes_per_address: 64,
            requests: 4_096,
            requests_per_second: 2_000,
            feeds_per_party: 8,
            streams: 64,
            handshake: seconds(10),
            header: seconds(30),
            header_bytes: 16 * 1024,
            body: seconds(10),
            body_bytes: crate::message::json::MAX_BYTES,
            stall: seconds(20),
            drain: seconds(90),
        }
    }
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every request was answered and all work is done.
    Clean,
    /// The limit passed first; so many connections and pieces of work were left.
    CutOff {
        /// Connections still open.
        connections: usize,
        /// Pieces of work still running.
        work: usize,
    },
}

/// The listener.
pub struct Front {
    tls: Arc<Live<ServerTls>>,
    parties: Parties,
    routes: routes::Routes,
    limits: Limits,
    open: Counts<String>,
    shaking: Counts<IpAddr>,
}

impl Front {
    /// A front that is not listening yet.
    pub fn new(tls: Arc<Live<ServerTls>>, parties: Parties, service: Arc<dyn Service>, limits: Limits) -> Arc<Self> {
        let routes = routes::Routes::new(service, limits);
        Arc::new(Self { tls, parties, routes, limits, open: Counts::default(), shaking: Counts::default() })
    }

    /// Serves until told to stop, then drains: no new connection, no new request on an old one, and a bounded wait for
    /// what is under way.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) -> Drained {
        let connections = TaskTracker::new();
        let room = Arc::new(Semaphore::new(self.limits.connections));
        while let Some(Ok(permit)) = stop.run_until_cancelled(room.clone().acquire_owned()).await {
            let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
            match accepted {
                Ok((socket, address)) => {
                    // Whoever connects and says nothing must not keep everybody else out.
                    let (all, each) = (self.limits.handshakes, self.limits.handshakes_per_address);
                    let Some(shaking) = self.shaking.enter(count::origin(address.ip()), each, all) else {
                        tracing::debug!(%address, "too many handshakes");
                        continue;
                    };
                    let front = self.clone();
                    let stop = stop.clone();
                    connections.spawn(async move {
                        connection::serve(front, socket, (address, shaking), stop).await;
                        drop(permit);
                    });
                }
                // Mostly out of descriptors: taking a breath lets connections end.
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(listener);
        connections.close();
        let work = self.routes.work();
        work.close();
        let done = async {
            connections.wait().await;
            work.wait().await;
        };
        match tokio::time::timeout(self.limits.drain, done).await {
            Ok(()) => Drained::Clean,
            Err(_) => Drained::CutOff { connections: connections.len(), work: work.len() },
        }
    }
}

#[cfg(test)]
mod tests;
