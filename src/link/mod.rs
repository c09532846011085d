//! Bytes to a bank and back.
//!
//! A delivery ends in exactly one of three ways, and the difference between the first and the third is money: *not sent*
//! is said only where no byte of the request can have left this process; from the first application byte on, whatever is
//! not a whole answer is *unknown*. A link knows how a bank is reached, not what is said: framing is given to it, and an
//! answer is bytes. No retries live here, no journal, no clock but the monotonic one.

mod breaker;
mod connection;
mod delivery;
mod frame;
mod http;
mod stray;
mod tcp;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use breaker::BreakerRule;
pub use delivery::{Delivery, NoSlot, Purpose, Unknown, Unsent};
pub use frame::{BadFrame, FrameProgress, FrameReader, Framing, ReadError, read_frame, resume_frame};
pub use stray::{Mark, Stray};

use crate::tls::{ClientTls, Live};
use breaker::{Breaker, Trial};
use connection::{Checked, Connection};
use stray::{Behind, Found, Replies};

/// How one bank is reached.
pub struct Target {
    /// `host:port`.
    pub address: String,
    /// The name that the bank's certificate must bear, and the HTTP `Host`.
    pub server_name: String,
    /// What protects the connection.
    pub security: Security,
    /// Keep a connection for the next request. Never for a dialect that echoes nothing: there one connection carries one
    /// request, so that no late answer can be taken for another's.
    pub reuse: bool,
    /// Most connections, and so most deliveries, at one time.
    pub max_connections: usize,
    /// Time limits.
    pub deadlines: Deadlines,
    /// Longest answer in bytes.
    pub max_answer: usize,
    /// When to stop sending to a bank that does not answer.
    pub breaker: BreakerRule,
}

/// What protects a connection to a bank.
#[derive(Clone)]
pub enum Security {
    /// TLS with a certificate on both sides.
    Mutual(Arc<Live<ClientTls>>),
    /// TLS with the bank's certificate only.
    Server(Arc<Live<ClientTls>>),
    /// No TLS: a vendor's own client on this machine carries it on. Only a loopback address is ever connected to.
    FrontEnd,
}

/// Time limits of a delivery: real seconds on the monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Name look-up, TCP connect and TLS handshake together.
    pub connect: Duration,
    /// Until the last byte of the request is handed to the operating system.
    pub write: Duration,
    /// From then on, until the last byte of the answer. Over HTTP the two follow each other as one limit.
    pub answer: Duration,
    /// How long an unused connection is kept.
    pub idle: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(5), write: seconds(5), answer: seconds(60), idle: seconds(30) }
    }
}

/// How a message travels on a connection.
#[derive(Clone)]
pub enum Transport {
    /// Frames on the bare stream.
    Tcp {
        /// Where an answer ends.
        framing: Framing,
    },
    /// One HTTP/1.1 exchange.
    Http {
        /// e.g. `POST`.
        method: ::http::Method,
        /// The request's `Content-Type`.
        content_type: ::http::HeaderValue,
    },
}

/// A request ready to leave.
pub struct Outbound<'a> {
    /// How it travels.
    pub transport: &'a Transport,
    /// The HTTP request target in origin form; not looked at on a bare stream.
    pub target: Option<&'a [u8]>,
    /// The framed message, or the HTTP body.
    pub body: bytes::Bytes,
    /// What the delivery is known by, should an answer come that nobody waits for.
    pub mark: Mark,
}

/// What a link has seen since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections made.
    pub connected: u64,
    /// Deliveries on a connection that was kept.
    pub reused: u64,
    /// Connections given up because bytes stood after the one answer that was due: a second or late answer.
    pub surplus: u64,
}

#[derive(Default)]
struct Counters {
    connected: AtomicU64,
    reused: AtomicU64,
    surplus: AtomicU64,
}

/// One bank's link.
pub struct Link {
    target: Target,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    breaker: Arc<Breaker>,
    closed: CancellationToken,
    counters: Counters,
    strays: mpsc::Sender<Stray>,
    taken_up: Mutex<Option<mpsc::Receiver<Stray>>>,
    /// As many connections may be read to their end as may carry deliveries.
    gathering: Arc<Semaphore>,
}

/// The right to one delivery. Taken before the intent is made durable, so that no intent waits for a connection.
pub struct Slot {
    // Given back when the slot is dropped.
    _permit: OwnedSemaphorePermit,
    trial: Option<Trial>,
}

impl Link {
    /// A link that has not connected yet.
    pub fn new(target: Target) -> Arc<Self> {
        let (strays, taken_up) = mpsc::channel(stray::QUEUE);
        Arc::new(Self {
            strays,
            taken_up: Mutex::new(Some(taken_up)),
            gathering: Arc::new(Semaphore::new(target.max_connections.max(1))),
            slots: Arc::new(Semaphore::new(target.max_connections.max(1))),
            idle: Mutex::new(Vec::new()),
            breaker: Arc::new(Breaker::new(target.breaker)),
            closed: CancellationToken::new(),
            counters: Counters::default(),
            target,
        })
    }

    /// A slot, if one is free now.
    ///
    /// # Errors
    /// None is free, the breaker is open, or the link is closed.
    pub fn try_slot(&self, purpose: Purpose) -> Result<Slot, NoSlot> {
        let permit = self.slots.clone().try_acquire_owned().map_err(|error| match error {
            TryAcquireError::Closed => NoSlot::Closed,
            TryAcquireError::NoPermits => NoSlot::Busy,
        })?;
        self.admit(permit, purpose)
    }

    /// A slot, in the order of asking.
    ///
    /// # Errors
    /// The breaker is open or the link is closed.
    pub async fn slot(&self, purpose: Purpose) -> Result<Slot, NoSlot> {
        let permit = self.slots.clone().acquire_owned().await.map_err(|_| NoSlot::Closed)?;
        self.admit(permit, purpose)
    }

    fn admit(&self, permit: OwnedSemaphorePermit, purpose: Purpose) -> Result<Slot, NoSlot> {
        let trial = match purpose {
            Purpose::Query => None,
            Purpose::Send => self.breaker.admit(Instant::now()).map_err(|again_in| NoSlot::Open { again_in })?,
        };
        Ok(Slot { _permit: permit, trial })
    }

    /// How long the breaker keeps new sends away; `None` while it is closed.
    pub fn open_for(&self) -> Option<Duration> {
        self.breaker.open_for(Instant::now())
    }

    /// The answers that nobody waited for, as they come; once only. Until somebody takes them a few are kept.
    pub fn strays(&self) -> Option<mpsc::Receiver<Stray>> {
        self.taken_up.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Takes in an answer that was awaited and turned out to be about something else.
    pub fn misplaced(&self, stray: Stray) {
        if self.strays.try_send(stray).is_err() {
            tracing::warn!("an answer about something else is dropped: too many of them, or nobody takes them");
        }
    }

    /// Looks at the connections that are not in use: one that is closed or too old is given up, and bytes that stand on one
    /// are handed up. Without it an answer that nobody waits for would show only at the connection's next use.
    pub fn look_around(&self) {
        let mut idle = self.idle();
        let kept = std::mem::take(&mut *idle);
        idle.extend(kept.into_iter().filter_map(|kept| self.fit(kept)));
    }

    /// Most deliveries at one time.
    pub fn capacity(&self) -> usize {
        self.target.max_connections.max(1)
    }

    /// The longest that one delivery can take.
    pub fn longest_delivery(&self) -> Duration {
        let Deadlines { connect, write, answer, idle: _ } = self.target.deadlines;
        connect.saturating_add(write).saturating_add(answer)
    }

    /// What the link has seen.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connected: read(&self.counters.connected),
            reused: read(&self.counters.reused),
            surplus: read(&self.counters.surplus),
        }
    }

    /// Gives out no more slots and drops the connections that are not in use. Deliveries under way go on.
    pub fn close(&self) {
        self.closed.cancel();
        self.slots.close();
        self.idle().clear();
    }

    /// Sends one request and waits for its answer.
    pub async fn deliver(&self, slot: Slot, outbound: Outbound<'_>) -> Delivery {
        let delivery = self.exchange(outbound).await;
        self.breaker.report(&delivery, slot.trial, Instant::now());
        delivery
    }

    async fn exchange(&self, outbound: Outbound<'_>) -> Delivery {
        if self.closed.is_cancelled() {
            return Delivery::NotSent(Unsent::Closed);
        }
        let request = match http::prepare(&self.target, &outbound) {
            Ok(request) => request,
            Err(unsent) => return Delivery::NotSent(unsent),
        };
        let mut connection = match self.connection().await {
            Ok(connection) => connection,
            Err(unsent) => return Delivery::NotSent(unsent),
        };
        let replies = match outbound.transport {
            Transport::Tcp { framing } => Replies::Framed(framing.clone()),
            Transport::Http { .. } => Replies::Http,
        };
        connection.carries(Behind { mark: outbound.mark, replies });
        // From here on a byte may have left: nothing below may say `NotSent`.
        let (answer, after) = match (outbound.transport, request) {
            (Transport::Http { .. }, Some(request)) => http::exchange(connection, request, &self.target).await,
            (Transport::Tcp { framing }, _) => tcp::exchange(connection, &outbound.body, framing, &self.target).await,
            // `prepare` makes a request for every HTTP delivery.
            (Transport::Http { .. }, None) => (Err(Unknown::Http), tcp::After::Drop),
        };
        match after {
            tcp::After::Keep(connection) if self.target.reuse => self.keep(connection),
            tcp::After::Keep(mut connection) => connection.farewell(),
            tcp::After::Surplus(found) => self.surplus(found),
            tcp::After::Drop => {}
        }
        match answer {
            Ok(bytes) => Delivery::Answered(bytes),
            Err(unknown) => Delivery::Unknown(unknown),
        }
    }

    /// A connection on which nothing is pending: a kept one that is still open and silent, or a new one.
    async fn connection(&self) -> Result<Connection, Unsent> {
        while let Some(kept) = self.take() {
            if let Some(kept) = self.fit(kept) {
                count(&self.counters.reused);
                return Ok(kept);
            }
        }
        let fresh = connection::connect(&self.target).await?;
        count(&self.counters.connected);
        Ok(fresh)
    }

    /// A kept connection, if it may carry the next request.
    fn fit(&self, mut kept: Connection) -> Option<Connection> {
        match kept.check() {
            Checked::Silent => {
                let fresh = kept.idle_since().elapsed() < self.target.deadlines.idle;
                (fresh && kept.made_with(&self.target.security)).then_some(kept)
            }
            Checked::Surplus(byte) => {
                self.surplus(Found::on(kept, vec![byte]));
                None
            }
            Checked::Closed => None,
        }
    }

    /// Bytes were found that were not due: they are read to their end aside, and the connection is not used again.
    fn surplus(&self, found: Found) {
        count(&self.counters.surplus);
        let Ok(permit) = Arc::clone(&self.gathering).try_acquire_owned() else { return };
        let (strays, max) = (self.strays.clone(), self.target.max_answer);
        tokio::spawn(async move {
            stray::gather(found, max, &strays).await;
            drop(permit);
        });
    }

    fn take(&self) -> Option<Connection> {
        self.idle().pop()
    }

    fn keep(&self, mut connection: Connection) {
        connection.rest();
        let mut idle = self.idle();
        if !self.closed.is_cancelled() && idle.len() < self.target.max_connections {
            idle.push(connection);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
