//! The routes: from a request that passed the strict layer to the service and back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use matchit::Router;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::count::Pace;
use super::strict::{self, Refused};
use super::{Answer, Caller, Code, Limits, Service, TurnedAway};
use crate::lang::Lang;
use crate::message::Operation;
use crate::tls::Party;

#[derive(Debug, Clone, Copy)]
enum Route {
    Payments,
    Payment,
    Query,
    Events,
    Health,
}

pub(super) struct Routes {
    router: Router<Route>,
    service: Arc<dyn Service>,
    work: TaskTracker,
    pace: Pace,
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
            ("/v1/events", Route::Events),
            ("/v1/health", Route::Health),
        ] {
            // The paths do not overlap; a test asks for each.
            drop(router.insert(path, route));
        }
        let work = TaskTracker::new();
        let pace = Pace::new(limits.requests_per_second);
        Self { router, service, work, pace, body_bytes: limits.body_bytes, body_time: limits.body }
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
        let path = match strict::check(parts) {
            Ok(path) => path,
            Err(refused) => {
                // Its body cannot be trusted, and it may have been meant as a payment.
                let keys = strict::keys(&parts.headers);
                let Some(party) = party.filter(|_| !keys.is_empty()) else { return Err(refused) };
                return Ok(self.turn_away(Caller { party, lang }, refused, keys, None).await);
            }
        };
        let Some(party) = party else { return Err(plain(Code::PartyUnknown)) };
        if !self.pace.allows(&party.id, Instant::now()) {
            return Err(plain(Code::TooMany));
        }
        let Ok(found) = self.router.at(&path) else { return Err(plain(Code::NotFound)) };
        let id = found.params.get("id").map(str::to_owned);
        if id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(plain(Code::NotFound));
        }
        let route = *found.value;
        let listed = matches!((route, &parts.method), (Route::Payments | Route::Events, &Method::GET));
        if parts.uri.query().is_some() && !listed {
            return Err(plain(Code::Request));
        }
        let post = parts.method == Method::POST;
        let caller = Caller { party, lang };
        let service = self.service.clone();
        Ok(match (route, id) {
            (Route::Payments, _) if post => self.pay(parts, body, caller).await,
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
            (Route::Events, _) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                let since = strict::since(parts.uri.query())?;
                self.run(service.events(caller, since), lang).await
            }
            (Route::Health, _) if !post => self.run(service.health(), lang).await,
            (Route::Payments | Route::Payment | Route::Query | Route::Events | Route::Health, _) => {
                return Err(plain(Code::Method));
            }
        })
    }

    /// Takes a payment. A request that is refused here may still repeat one that was accepted, so whoever refuses looks
    /// its key up first.
    async fn pay(&self, parts: &Parts, body: Incoming, caller: Caller) -> Answer {
        let asked = allow(&caller.party, &[Operation::PaymentPay])
            .and_then(|()| strict::key(&parts.headers))
            .and_then(|key| strict::json(&parts.headers).map(|()| key));
        let read = self.read(parts, body).await;
        let (refused, body) = match (asked, read) {
            (Ok(key), Ok(body)) => {
                let (service, wait) = (Arc::clone(&self.service), strict::wait(&parts.headers));
                let work = service.pay(caller.clone(), key, body.clone(), wait);
                if let Some(answer) = self.detached(work).await {
                    return answer;
                }
                (plain(Code::Internal), Some(body))
            }
            (Err(refused), read) => (refused, read.ok()),
            (Ok(_), Err(refused)) => (refused, None),
        };
        self.turn_away(caller, refused, strict::keys(&parts.headers), body).await
    }

    async fn turn_away(&self, caller: Caller, refused: Refused, keys: Vec<String>, body: Option<Bytes>) -> Answer {
        let (Refused { code, detail, close }, lang) = (refused, caller.lang);
        let refused = TurnedAway { code, detail, keys, body };
        // Nothing is known of the key if even this breaks, and nothing is said of it.
        let answer = self.detached(Arc::clone(&self.service).turn_away(caller, refused)).await;
        let answer = answer.unwrap_or_else(|| Code::Internal.answer(lang));
        if close { answer.closing() } else { answer }
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
