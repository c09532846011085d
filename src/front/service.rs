//! What the front calls. The gateway implements it; a test puts something small in its place.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Answer, Code, Key};
use crate::lang::{Lang, Phrase};
use crate::message::Operation;
use crate::tls::Party;

/// Who asks, and in which language to answer.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The party of the client certificate.
    pub party: Arc<Party>,
    /// From `Accept-Language`.
    pub lang: Lang,
}

/// Which messages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shelf {
    /// Payments only.
    #[default]
    Payments,
    /// Payments, errands and entries.
    All,
}

/// Which messages to list, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Among which.
    pub shelf: Shelf,
    /// Only this operation.
    pub operation: Option<Operation>,
    /// Only this bank.
    pub bank: Option<String>,
    /// Only messages with this idempotency key: one for each operation.
    pub key: Option<String>,
    /// Only this payment order.
    pub order: Option<String>,
    /// Only this state, e.g. `UNKNOWN`.
    pub state: Option<String>,
    /// Only messages after this id.
    pub after: Option<String>,
    /// At most so many; the service has its own ceiling.
    pub limit: Option<usize>,
}

/// What happened since, and how long to wait for news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Since {
    /// The last position that was seen; 0 for everything.
    pub after: i64,
    /// At most so many; the service has its own ceiling.
    pub limit: Option<usize>,
    /// How long to wait while there is none.
    pub wait: Duration,
}

/// What happened since.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// Each an object with `seq`, its position, and `event`, its kind.
    pub events: Vec<Value>,
    /// The position to go on from.
    pub next: i64,
}

/// A request that the front refuses.
#[derive(Debug)]
pub struct TurnedAway {
    /// The party of the client certificate, if it stands for one.
    pub party: Option<Arc<Party>>,
    /// From `Accept-Language`.
    pub lang: Lang,
    /// Why.
    pub code: Code,
    /// More about it.
    pub detail: Option<Phrase>,
    /// What it offered, if it was a POST to one of [`super::OFFERED`].
    pub offer: Option<Offer>,
}

/// A message that was not read as one.
#[derive(Debug)]
pub struct Offer {
    /// What its path takes.
    pub operation: Operation,
    /// The well-formed keys of the request: none, one, or more than the one that is allowed.
    pub keys: Vec<Key>,
    /// Its body, if it was read.
    pub body: Option<Bytes>,
}

/// The work behind the routes. The front runs each future to its end, whether or not the caller still listens.
pub trait Service: Send + Sync + 'static {
    /// A POST to one of [`super::OFFERED`]: one message; `wait` is how long the caller wants to wait for a final answer.
    fn take(
        self: Arc<Self>,
        caller: Caller,
        operation: Operation,
        key: Key,
        body: Bytes,
        wait: Option<Duration>,
    ) -> BoxFuture<'static, Answer>;

    /// A request that goes no further than the front, and what it is answered: the repeat of an accepted message is
    /// answered as a repeat all the same, any other offer is told what is under its key, and evidence is left.
    fn turned_away(self: Arc<Self>, request: TurnedAway) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments/{id}`, `GET /v1/messages/{id}`.
    fn read(self: Arc<Self>, caller: Caller, shelf: Shelf, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments`, `GET /v1/messages`.
    fn list(self: Arc<Self>, caller: Caller, listing: Listing) -> BoxFuture<'static, Answer>;

    /// `POST /v1/payments/{id}/query`: ask the bank now.
    fn query(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/events`: what happened, in order.
    fn events(self: Arc<Self>, caller: Caller, since: Since) -> BoxFuture<'static, Result<Told, Code>>;

    /// `GET /v1/health`: no personal data, nothing about payments.
    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer>;
}
