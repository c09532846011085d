//! The routes: from a request that passed the strict layer to the service and back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use matchit::Router;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::count::{Counts, Pace};
use super::follow::{self, Feed};
use super::strict::{self, Refused};
use super::{Answer, Caller, Code, Limits, OFFERED, Offer, Service, Shelf, Told, TurnedAway, paths};
use crate::lang::Lang;
use crate::message::Operation;
use crate::tls::Party;

#[derive(Debug, Clone, Copy)]
enum Route {
    /// Takes a message of this operation.
    Take(Operation),
    /// Takes payments, and lists them.
    Payments,
    Messages,
    One(Shelf),
    Query,
    Events,
    Health,
}

/// What a request is answered.
pub(super) enum Replied {
    /// One answer.
    Whole(Answer),
    /// What happens, as it happens.
    Feed(Feed),
}

/// A request's place among those under way.
type Place = Arc<OwnedSemaphorePermit>;

pub(super) struct Routes {
    router: Router<Route>,
    service: Arc<dyn Service>,
    work: TaskTracker,
    pace: Pace,
    room: Arc<Semaphore>,
    following: Counts<String>,
    feeds_per_party: usize,
    body_bytes: usize,
    body_time: Duration,
}

impl Routes {
    pub(super) fn new(service: Arc<dyn Service>, limits: Limits) -> Self {
        let mut router = Router::new();
        let taking = OFFERED.into_iter().map(|(path, operation)| {
            let payments = operation == Operation::PaymentPay;
            (path, if payments { Route::Payments } else { Route::Take(operation) })
        });
        let looking = [
            ("/v1/payments/{id}", Route::One(Shelf::Payments)),
            ("/v1/payments/{id}/query", Route::Query),
            ("/v1/messages", Route::Messages),
            ("/v1/messages/{id}", Route::One(Shelf::All)),
            ("/v1/events", Route::Events),
            ("/v1/health", Route::Health),
        ];
        for (path, route) in taking.chain(looking) {
            // The paths do not overlap; a test asks for each.
            drop(router.insert(path, route));
        }
        let work = TaskTracker::new();
        let (pace, room) = (Pace::new(limits.requests_per_second), Arc::new(Semaphore::new(limits.requests)));
        let following = Counts::default();
        let (feeds_per_party, body_bytes, body_time) = (limits.feeds_per_party, limits.body_bytes, limits.body);
        Self { router, service, work, pace, room, following, feeds_per_party, body_bytes, body_time }
    }

    /// The work that goes on whether or not somebody waits for its answer.
    pub(super) fn work(&self) -> &TaskTracker {
        &self.work
    }

    /// Answers one request of a connection; `party` is `None` if the certificate stands for nobody.
    pub(super) async fn answer(&self, request: Request<Incoming>, party: Option<Arc<Party>>) -> Replied {
        let (parts, body) = request.into_parts();
        match self.route(&parts, body, party.clone()).await {
            Ok(replied) => replied,
            Err(refused) => Replied::Whole(self.turn_away(&parts, party, refused).await),
        }
    }

    /// Answers a request that is refused. What offers a message may be the repeat of one, and what is forbidden leaves
    /// evidence: both are for the service to say. Who comes too fast, or when there is no room, is not looked after.
    pub(super) async fn turn_away(&self, parts: &Parts, party: Option<Arc<Party>>, refused: Refused) -> Answer {
        let Refused { code, detail, close, body } = refused;
        let lang = strict::lang(&parts.headers);
        let heard = code.is_refusal() || code == Code::Internal;
        let path = strict::path(parts.uri.path()).filter(|_| heard && parts.method == Method::POST);
        let offered = path.as_deref().and_then(paths::offered_at);
        let offer = offered.map(|operation| Offer { operation, keys: strict::keys(&parts.headers), body });
        let document = code.document(lang, detail.as_ref(), &[]);
        let answer = if offer.is_some() || code.status() == StatusCode::FORBIDDEN {
            let request = TurnedAway { party, lang, code, detail, offer };
            self.detached(self.service.clone().turned_away(request), ()).await.unwrap_or(document)
        } else {
            document
        };
        if close { answer.closing() } else { answer }
    }

    async fn route(&self, parts: &Parts, body: Incoming, party: Option<Arc<Party>>) -> Result<Replied, Refused> {
        let path = strict::check(parts)?;
        let Some(party) = party else { return Err(Refused::plain(Code::PartyUnknown)) };
        if !self.pace.allows(&party.id, Instant::now()) {
            return Err(Refused::plain(Code::TooMany));
        }
        // Before a body is read: what is under way holds memory.
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return Err(Refused::plain(Code::Unavailable));
        };
        let place = Arc::new(place);
        let Ok(found) = self.router.at(&path) else { return Err(Refused::plain(Code::NotFound)) };
        let id = found.params.get("id").map(str::to_owned);
        if id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(Refused::plain(Code::NotFound));
        }
        let route = *found.value;
        let listed =
            matches!((route, &parts.method), (Route::Payments | Route::Messages | Route::Events, &Method::GET));
        if parts.uri.query().is_some() && !listed {
            return Err(Refused::plain(Code::Request));
        }
        let post = parts.method == Method::POST;
        let lang = strict::lang(&parts.headers);
        let caller = Caller { party, lang };
        let service = self.service.clone();
        if matches!((route, &parts.method), (Route::Events, &Method::GET)) && follow::is_wanted(&parts.headers) {
            return self.feed(parts, caller).map(Replied::Feed);
        }
        Ok(Replied::Whole(match (route, id) {
            (Route::Payments, _) if post => self.take(parts, body, caller, Operation::PaymentPay, place).await?,
            (Route::Take(operation), _) if post => self.take(parts, body, caller, operation, place).await?,
            (Route::Query, Some(id)) if post => {
                allow(&caller.party, &[Operation::PaymentQuery])?;
                if !self.read(parts, body).await?.is_empty() {
                    return Err(Refused::plain(Code::Request));
                }
                // Asking has no effect that a look at the payment could not tell.
                match self.detached(service.clone().query(caller.clone(), id.clone()), Arc::clone(&place)).await {
                    Some(answer) => answer,
                    None => self.run(service.read(caller, Shelf::Payments, id), lang, place).await,
                }
            }
            (Route::Payments | Route::Messages, _) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                let shelf = if matches!(route, Route::Payments) { Shelf::Payments } else { Shelf::All };
                let listing = strict::listing(shelf, parts.uri.query())?;
                self.run(service.list(caller, listing), lang, place).await
            }
            (Route::One(shelf), Some(id)) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                self.run(service.read(caller, shelf, id), lang, place).await
            }
            (Route::Events, _) if !post => {
                allow(&caller.party, &Operation::ALL)?;
                let since = strict::since(parts.uri.query())?;
                let told = async move {
                    match service.events(caller, since).await {
                        Ok(Told { events, next }) => {
                            Answer::json(StatusCode::OK, json!({ "events": events, "next": next }).to_string())
                        }
                        Err(code) => code.answer(lang),
                    }
                };
                self.run(told.boxed(), lang, place).await
            }
            (Route::Health, _) if !post => self.run(service.health(), lang, place).await,
            (
                Route::Take(_)
                | Route::Payments
                | Route::Messages
                | Route::One(_)
                | Route::Query
                | Route::Events
                | Route::Health,
                _,
            ) => return Err(Refused::plain(Code::Method)),
        }))
    }

    /// A stream of events. It holds no place among the requests: how many there are is counted by themselves.
    fn feed(&self, parts: &Parts, caller: Caller) -> Result<Feed, Refused> {
        allow(&caller.party, &Operation::ALL)?;
        let since = follow::resumed(&parts.headers, strict::since(parts.uri.query())?)?;
        let seat = self.following.enter(caller.party.id.clone(), self.feeds_per_party, usize::MAX);
        let seat = seat.ok_or_else(|| Refused::plain(Code::TooMany))?;
        Ok(Feed { service: Arc::clone(&self.service), caller, since, seat })
    }

    /// A message. The body is read before the request is refused: it may be the repeat of one that was accepted.
    async fn take(
        &self,
        parts: &Parts,
        body: Incoming,
        caller: Caller,
        operation: Operation,
        place: Place,
    ) -> Result<Answer, Refused> {
        let wanted = allow(&caller.party, &[operation])
            .and_then(|()| strict::key(&parts.headers))
            .and_then(|key| strict::json(&parts.headers).map(|()| key));
        let (key, body) = match (wanted, self.read(parts, body).await) {
            (Ok(key), Ok(body)) => (key, body),
            (Err(refused), Ok(body)) => return Err(Refused { body: Some(body), ..refused }),
            (Err(refused), Err(_)) => return Err(Refused { close: true, ..refused }),
            (Ok(_), Err(unread)) => return Err(unread),
        };
        let wait = strict::wait(&parts.headers);
        let taken = self.service.clone().take(caller, operation, key, body.clone(), wait);
        let taken = self.detached(taken, place).await;
        // It broke, and nobody here knows how far it came: the key will tell.
        taken.ok_or_else(|| Refused { body: Some(body), ..Refused::plain(Code::Internal) })
    }

    /// Runs work to its end, also if the caller goes away meanwhile, and keeps its place until then; `None` if it broke.
    async fn detached(&self, work: BoxFuture<'static, Answer>, place: impl Send + 'static) -> Option<Answer> {
        let placed = async move {
            let answer = work.await;
            drop(place);
            answer
        };
        self.work.spawn(placed).await.ok()
    }

    async fn run(&self, work: BoxFuture<'static, Answer>, lang: Lang, place: Place) -> Answer {
        self.detached(work, place).await.unwrap_or_else(|| Code::Internal.answer(lang))
    }

    /// Reads a body within its limits. A client that breaks one is not read on.
    async fn read(&self, parts: &Parts, body: Incoming) -> Result<Bytes, Refused> {
        if strict::length(&parts.headers)
            .is_some_and(|length| usize::try_from(length).is_ok_and(|it| it > self.body_bytes))
        {
            return Err(Refused::closing(Code::BodySize));
        }
        match timeout(self.body_time, Limited::new(body, self.body_bytes).collect()).await {
            Err(_) => Err(Refused::closing(Code::BodyTime)),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::closing(Code::BodySize)),
            Ok(Err(_)) => Err(Refused::closing(Code::Request)),
            Ok(Ok(collected)) => Ok(collected.to_bytes()),
        }
    }
}

/// The party may ask for one of these.
fn allow(party: &Party, operations: &[Operation]) -> Result<(), Refused> {
    if operations.iter().any(|operation| party.may_ask(operation.name())) {
        Ok(())
    } else {
        Err(Refused::plain(Code::Operation))
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
