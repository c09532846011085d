//! What the front calls. The gateway implements it; a test puts something small in its place.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::{Answer, Key};
use crate::lang::Lang;
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

/// The work behind the routes. Each future runs to its end on its own, whether or not the caller still listens.
pub trait Service: Send + Sync + 'static {
    /// `POST /v1/payments`: one payment; `wait` is how long the caller wants to wait for a final answer.
    fn pay(
        self: Arc<Self>,
        caller: Caller,
        key: Key,
        body: Bytes,
        wait: Option<Duration>,
    ) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments/{id}`.
    fn payment(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/payments`.
    fn payments(self: Arc<Self>, caller: Caller, listing: Listing) -> BoxFuture<'static, Answer>;

    /// `POST /v1/payments/{id}/query`: ask the bank now.
    fn query(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer>;

    /// `GET /v1/health`: no personal data, nothing about payments.
    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer>;
}
