//! What the front calls. The gateway implements it; a test puts something small in its place.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::{Answer, Code, Key};
use crate::lang::{Lang, Phrase};
use crate::tls::Party;

/// Who asks, and in which language to answer.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The party of the client certificate.
    pub party: Arc<Party>,
    /// From `Accept-Language`.
    pub lang: Lang,
}

/// Which payments to list, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Only this bank.
    pub bank: Option<String>,
    /// Only the payment with this idempotency key.
    pub key: Option<String>,
    /// Only this payment order.
    pub order: Option<String>,
    /// Only this state, e.g. `UNKNOWN`.
    pub state: Option<String>,
    /// Only payments after this id.
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

/// A payment that is refused before it was read as one: what was wrong, and what there was.
#[derive(Debug, Clone)]
pub struct TurnedAway {
    /// What was wrong.
    pub code: Code,
    /// In words.
    pub detail: Option<Phrase>,
    /// Its idempotency keys, of which there should be one.
    pub keys: Vec<String>,
    /// Its body, where it was read.
    pub body: Option<Bytes>,
}

/// The work behind the routes. The routes run each future to its end, whether or not the caller still listens.
pub trait Service: Send + Sync + 'static {
    /// `POST /v1/payments`: one payment; `wait` is how long the caller wants to wait for a final answer.
    fn pay(
        self: Arc<Self>,
        caller: Caller,
        key: Key,
        body: Bytes,
        wait: Option<Duration>,
    ) -> BoxFuture<'static, Answer>;

    /// `POST /v1/payments`, refused: what was accepted under its key before is answered all the same, and a refusal says
    /// what it knows of the key.
    fn turn_away(self: Arc<Self>, caller: Caller, refused: TurnedAway) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments/{id}`.
    fn payment(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments`.
    fn payments(self: Arc<Self>, caller: Caller, listing: Listing) -> BoxFuture<'static, Answer>;

    /// `POST /v1/payments/{id}/query`: ask the bank now.
    fn query(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/events`: what happened, in order.
    fn events(self: Arc<Self>, caller: Caller, since: Since) -> BoxFuture<'static, Answer>;

    /// `GET /v1/health`: no personal data, nothing about payments.
    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer>;
}
