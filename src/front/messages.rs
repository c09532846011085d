//! The gateway behind the routes: every outcome becomes an HTTP answer here and nowhere else.
//!
//! The table is the idempotency contract's. No 5xx once a send may have begun: generic clients read one as "try again
//! with a new key".

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::LOCATION;

use super::{Answer, Caller, Code, Key, Listing, Offer, Service, Shelf, Since, Told, TurnedAway, events, paths};
use crate::gateway::admit;
use crate::gateway::{AskedNow, Gateway, Outcome, UnderKey, Why, resource};
use crate::journal::{BodyKind, Filter, Message, MessageId};
use crate::lang::Lang;
use crate::life::State;
use crate::message::{Operation, Problem};

/// How long a first request waits for a final answer unless it says otherwise.
const WAIT: Duration = Duration::from_secs(2);
/// Messages in one page.
const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1_000;

impl Service for Gateway {
    fn take(
        self: Arc<Self>,
        caller: Caller,
        operation: Operation,
        key: Key,
        body: Bytes,
        wait: Option<Duration>,
    ) -> BoxFuture<'static, Answer> {
        async move {
            let wait = wait.unwrap_or(WAIT);
            let asking = admit::Caller { party: &caller.party, key: key.as_str(), operation };
            let outcome = self.accept(asking, &body, wait).await;
            answer(&self, operation, outcome, caller.lang).await
        }
        .boxed()
    }

    fn turned_away(self: Arc<Self>, request: TurnedAway) -> BoxFuture<'static, Answer> {
        async move { turned_away(&self, request).await }.boxed()
    }

    fn read(self: Arc<Self>, caller: Caller, shelf: Shelf, id: String) -> BoxFuture<'static, Answer> {
        async move {
            match own(&self, &caller, shelf, &id).await {
                // What was asked for stands in the stored answer alone.
                Ok(message) if !message.operation.is_payment() && message.state.is_terminal() => {
                    show(&self, &message, caller.lang).await
                }
                Ok(message) => Answer::json(StatusCode::OK, resource::current(&message)),
                Err(code) => code.answer(caller.lang),
            }
        }
        .boxed()
    }

    fn list(self: Arc<Self>, caller: Caller, listing: Listing) -> BoxFuture<'static, Answer> {
        async move { list(&self, &caller, listing).await.unwrap_or_else(|code| code.answer(caller.lang)) }.boxed()
    }

    fn query(self: Arc<Self>, caller: Caller, id: String) -> BoxFuture<'static, Answer> {
        async move {
            let message = match own(&self, &caller, Shelf::Payments, &id).await {
                Ok(message) => message,
                Err(code) => return code.answer(caller.lang),
            };
            match self.ask_now(&message).await {
                Ok(AskedNow::Stands(message)) => live(&message),
                Ok(AskedNow::InHand) => {
                    Code::InProgress.answer(caller.lang).header(LOCATION, paths::of(message.operation, message.id))
                }
                Ok(AskedNow::TooSoon) => Code::TooMany.answer(caller.lang),
                Ok(AskedNow::NotPossible) => Code::NoQuery.answer(caller.lang),
                // A send may have begun, so this is no error: it stands where it stood.
                Err(_) => live(&message),
            }
        }
        .boxed()
    }

    fn events(self: Arc<Self>, caller: Caller, since: Since) -> BoxFuture<'static, Result<Told, Code>> {
        async move { events::tell(&self, &caller, since).await }.boxed()
    }

    fn health(self: Arc<Self>) -> BoxFuture<'static, Answer> {
        async move {
            let sound = self.journal().failure().is_none();
            let status = if sound { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            Answer::json(status, serde_json::json!({ "status": if sound { "ok" } else { "stopped" } }).to_string())
        }
        .boxed()
    }
}

async fn answer(gateway: &Gateway, operation: Operation, outcome: Outcome, lang: Lang) -> Answer {
    match outcome {
        Outcome::Refused(why, under) => about_the_key(refusal(why, lang), operation, under),
        // Neither "yes" nor "no" would be true.
        Outcome::InDoubt => Code::Internal.answer(lang),
        Outcome::Handled(stand) => match (stored(&stand.message), stand.response) {
            (Some(status), Some(body)) => Answer::json(status, body),
            (_, _) => show(gateway, &stand.message, lang).await,
        },
        Outcome::Repeated(message) => show(gateway, &message, lang).await.replayed(),
        Outcome::InProgress(id) => Code::InProgress.answer(lang).header(LOCATION, paths::of(operation, id)),
        Outcome::KeyReused { field } => {
            let problem = field.map(|field| {
                let phrase = crate::lang::Phrase::new("gateway-key-reused").with("field", &field);
                Problem::new(Code::KeyReused.name(), phrase).in_field(field)
            });
            Code::KeyReused.document(lang, None, problem.as_slice())
        }
    }
}

/// A refusal of the front's own. The evidence has the code for a reason.
async fn turned_away(gateway: &Gateway, request: TurnedAway) -> Answer {
    let TurnedAway { party, lang, code, detail, offer } = request;
    let document = code.document(lang, detail.as_ref(), &[]);
    // Who is nobody here, or is no longer trusted, is told nothing about keys.
    let org = party.as_deref().filter(|_| code != Code::Certificate).map(|party| party.id.as_str());
    let (document, body) = match (org, offer) {
        (Some(org), Some(Offer { operation, keys, body })) => {
            let keys: Vec<&str> = keys.iter().map(Key::as_str).collect();
            match gateway.turned_away(org, operation, &keys, body.as_deref()).await {
                Ok(outcome) => return answer(gateway, operation, outcome, lang).await,
                Err(under) => (about_the_key(document, operation, under), body),
            }
        }
        (_, offer) => (document, offer.and_then(|offer| offer.body)),
    };
    if code.is_refusal() {
        let org = party.map(|party| party.id.clone()).unwrap_or_default();
        gateway.note_refusal(&org, body.as_deref().unwrap_or_default(), code.name()).await;
    }
    document
}

/// What `Kuimen-Accepted` says: `no` only where somebody looked and found nothing, and nothing where nobody knows.
fn about_the_key(answer: Answer, operation: Operation, under: UnderKey) -> Answer {
    match under {
        UnderKey::Nothing => answer.accepted(false),
        UnderKey::Message(id) => answer.accepted(true).header(LOCATION, paths::of(operation, id)),
        UnderKey::Unknown => answer,
    }
}

/// A final message answers with the status and the bytes that were stored when it ended, for ever the same.
async fn show(gateway: &Gateway, message: &Message, lang: Lang) -> Answer {
    let Some(status) = stored(message) else { return live(message) };
    match gateway.journal().body(message.id, BodyKind::Response).await {
        Ok(Some(body)) => Answer::json(status, body),
        Ok(None) => {
            let pruned = http::HeaderName::from_static("kuimen-body");
            Answer::json(status, resource::current(message)).header(pruned, "pruned")
        }
        // Other bytes than the stored ones would be another answer.
        Err(_) => about_the_key(Code::Unavailable.answer(lang), message.operation, UnderKey::Message(message.id)),
    }
}

/// A message as it stands: final, or to be looked at again.
fn live(message: &Message) -> Answer {
    let status = if message.state.is_terminal() { StatusCode::OK } else { StatusCode::ACCEPTED };
    Answer::json(status, resource::current(message)).header(LOCATION, paths::of(message.operation, message.id))
}

/// The status of a stored final answer.
fn stored(message: &Message) -> Option<StatusCode> {
    message.status.and_then(|status| StatusCode::from_u16(status).ok())
}

fn refusal(why: Why, lang: Lang) -> Answer {
    let problems = match why {
        Why::Forbidden => return Code::Bank.answer(lang),
        Why::NotNow => return Code::Unavailable.answer(lang),
        Why::Broken => return Code::Internal.answer(lang),
        Why::Bad(problems) => problems,
    };
    // The code that the first of the problems stands for.
    let code = match problems.first().map(|problem| problem.code) {
        Some("cannot-encode") => Code::CannotEncode,
        Some("unknown-bank") => Code::Bank,
        Some("not-supported") => Code::NotSupported,
        Some("county-rule") => Code::CountyRule,
        Some("json-too-large") => Code::BodySize,
        Some(code) if code.starts_with("json-") || code.starts_with("member-") => Code::MessageMalformed,
        Some(_) | None => Code::MessageInvalid,
    };
    code.document(lang, None, &problems)
}

/// The message, if it is the caller's own: another party's is not there.
async fn own(gateway: &Gateway, caller: &Caller, shelf: Shelf, id: &str) -> Result<Message, Code> {
    let id: MessageId = id.parse().map_err(|_| Code::NotFound)?;
    let found = gateway.journal().find(id).await.map_err(|_| Code::Unavailable)?;
    let stands = |message: &Message| shelf == Shelf::All || message.operation.is_payment();
    found.filter(|message| message.org == caller.party.id && stands(message)).ok_or(Code::NotFound)
}

async fn list(gateway: &Gateway, caller: &Caller, listing: Listing) -> Result<Answer, Code> {
    let state = listing.state.map(|state| state.parse::<State>()).transpose().map_err(|_| Code::Request)?;
    let after = listing.after.map(|id| id.parse::<MessageId>()).transpose().map_err(|_| Code::Request)?;
    let limit = listing.limit.map_or(PAGE, |limit| u32::try_from(limit).unwrap_or(PAGE_MAX)).clamp(1, PAGE_MAX);
    let (operation, name) = match listing.shelf {
        Shelf::Payments => (Some(Operation::PaymentPay), "payments"),
        Shelf::All => (listing.operation, "messages"),
    };
    let filter = Filter {
        org: Some(caller.party.id.clone()),
        operation,
        key: listing.key,
        order: listing.order,
        state,
        bank: listing.bank,
    };
    let page = gateway.journal().list(filter, after, limit).await.map_err(|_| Code::Unavailable)?;
    let whole = u32::try_from(page.len()).is_ok_and(|length| length == limit);
    let next = page.last().filter(|_| whole).map(|message| message.id.to_string());
    let shown: Vec<resource::Shown<'_>> = page.iter().map(resource::Shown::of).collect();
    let body = serde_json::json!({ name: shown, "next": next });
    Ok(Answer::json(StatusCode::OK, body.to_string()))
}
