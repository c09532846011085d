//! The routes: from a request that passed the strict layer to the service and back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use matchit::Router;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::strict::{self, Refused};
use super::{Answer, Caller, Code, Limits, Service};
use crate::lang::Lang;
use crate::message::Operation;
use crate::tls::Party;

#[derive(Debug, Clone, Copy)]
enum Route {
    Payments,
    Payment,
    Query,
    Health,
}

pub(super) struct Routes {
    router: Router<Route>,
    service: Arc<dyn Service>,
    work: TaskTracker,
    body_bytes: usize,
    body_time: Duration,
}

impl Routes {
    pub(super) fn new(service: Arc<dyn Service>, limits: Limits) -> Self {
        let mut router = Router::new();
        for (path, route) in [
            ("/v1/payments", Route::Payments),
            ("/v1/payments/{id}", Route::Payment),
            ("/v1/payments/{id}/query", Route::Query),
            ("/v1/health", Route::Health),
        ] {
            // The four paths do not overlap; a test asks for each.
            drop(router.insert(path, route));
        }
        let work = TaskTracker::new();
        Self { router, service, work, body_bytes: limits.body_bytes, body_time: limits.body }
    }

    /// The work that goes on whether or not somebody waits for its answer.
    pub(super) fn work(&self) -> &TaskTracker {
        &self.work
    }

    /// Answers one request of a connection; `party` is `None` if the certificate stands for nobody.
    pub(super) async fn answer(&self, request: Request<Incoming>, party: Option<Arc<Party>>) -> Answer {
        let (parts, body) = request.into_parts();
        let lang = strict::lang(&parts.headers);
        match self.route(&parts, body, party, lang).await {
            Ok(answer) => answer,
            Err(Refused { code, detail, close }) => {
                let answer = code.document(lang, detail.as_ref(), &[]);
                if close { answer.closing() } else { answer }
            }
        }
    }

    async fn route(
        &self,
        parts: &Parts,
        body: Incoming,
        party: Option<Arc<Party>>,
        lang: Lang,
    ) -> Result<Answer, Refused> {
        let path = strict::check(parts)?;
        let Some(party) = party else { return Err(plain(Code::PartyUnknown)) };
        let Ok(found) = self.router.at(&path) else { return Err(plain(Code::NotFound)) };
        let id = found.params.get("id").map(str::to_owned);
        if id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(plain(Code::NotFound));
        }
        let route = *found.value;
        if parts.uri.query().is_some() && !matches!((route, &parts.method), (Route::Payments, &Method::GET)) {
            return Err(plain(Code::Request));
        }
        let post = parts.method == Method::POST;
        let caller = Caller { party, lang };
        let service = self.service.clone();
        Ok(match (route, id) {
            (Route::Payments, _) if post => {
                allow(&caller.party, &[Operation::PaymentPay])?;
                let key = strict::key(&parts.headers)?;
                strict::json(&parts.headers)?;
                let body = self.read(parts, body).await?;
                let wait = strict::wait(&parts.headers);
                self.detached(service.pay(caller, key, body, wait)).await.unwrap_or_else(|| {
                    // Nobody knows how far it came. A 5xx would invite a new key, so it is said as it is.
                    Answer::json(StatusCode::ACCEPTED, r#"{"state":"UNKNOWN"}"#)
                })
            }
            (Route::Query, Some(id)) if post => {
                allow(&caller.party, &[Operation::PaymentQuery])?;
                if !self.read(parts, body).await?.is_empty() {
                    return Err(plain(Code::Request));
                }
                self.run(service.query(caller, id), lang).await
            }
            (Route::Payments, _) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                let listing = strict::listing(parts.uri.query())?;
                self.run(service.payments(caller, listing), lang).await
            }
            (Route::Payment, Some(id)) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                self.run(service.payment(caller, id), lang).await
            }
            (Route::Health, _) if !post => self.run(service.health(), lang).await,
            (Route::Payments | Route::Payment | Route::Query | Route::Health, _) => return Err(plain(Code::Method)),
        })
    }

    /// Runs work to its end, also if the caller goes away meanwhile; `None` if it broke.
    async fn detached(&self, work: BoxFuture<'static, Answer>) -> Option<Answer> {
        self.work.spawn(work).await.ok()
    }

    async fn run(&self, work: BoxFuture<'static, Answer>, lang: Lang) -> Answer {
        self.detached(work).await.unwrap_or_else(|| Code::Internal.answer(lang))
    }

    /// Reads a body within its limits. A client that breaks one is not read on.
    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, Refused> {
        let close = |code| Refused { code, detail: None, close: true };
        if strict::length(&parts.headers)
            .is_some_and(|length| usize::try_from(length).is_ok_and(|it| it > self.body_bytes))
        {
            return Err(close(Code::BodySize));
        }
        match timeout(self.body_time, Limited::new(body, self.body_bytes).collect()).await {
            Err(_) => Err(close(Code::BodyTime)),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(close(Code::BodySize)),
            Ok(Err(_)) => Err(close(Code::Request)),
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
        }
    }
}

fn plain(code: Code) -> Refused {
    Refused { code, detail: None, close: false }
}

/// The party may ask for one of these.
fn allow(party: &Party, operations: &[Operation]) -> Result<(), Refused> {
    if operations.iter().any(|operation| party.may_ask(operation.name())) {
        Ok(())
    } else {
        Err(plain(Code::Operation))
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
