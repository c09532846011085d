//! The event feed: what happened, in order, for whoever asks again from where it stopped.
//!
//! A party hears of its own messages, and of what the banks that it may reach have told.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use super::{Caller, Code, Since, Told};
use crate::county;
use crate::gateway::{Gateway, resource};
use crate::journal::{BodyKind, Happening, What};
use crate::lang::Lang;

/// Events in one answer.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1_000;

/// Answers with what happened since, and waits for news while there is none.
pub(super) async fn tell(gateway: &Gateway, caller: &Caller, since: Since) -> Result<Told, Code> {
    let limit = since.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let mut end = gateway.journal().end();
    let patience = Instant::now().checked_add(since.wait).unwrap_or_else(Instant::now);
    let (mut after, mut told) = (since.after, Vec::new());
    loop {
        // Seen before the look, so that what comes during it is news.
        end.mark_unchanged();
        let feed =
            gateway.journal().feed(after, limit.saturating_sub(told.len())).await.map_err(|_| Code::Unavailable)?;
        for happening in &feed.happenings {
            if concerns(caller, happening) {
                told.push(event(gateway, happening).await?);
            }
        }
        let moved = feed.upto > after;
        after = feed.upto;
        if told.len() >= limit || (!moved && !told.is_empty()) {
            break;
        }
        if !moved && (since.wait == Duration::ZERO || !matches!(timeout_at(patience, end.changed()).await, Ok(Ok(()))))
        {
            break;
        }
    }
    Ok(Told { events: told, next: after })
}

fn concerns(caller: &Caller, happening: &Happening) -> bool {
    let message = &happening.message;
    let by_bank = message.org == message.bank;
    let allowed = caller.party.may_reach(&message.bank) && caller.party.may_ask(message.operation.name());
    if by_bank { allowed } else { message.org == caller.party.id }
}

async fn event(gateway: &Gateway, happening: &Happening) -> Result<Value, Code> {
    let Happening { seq, at, what, findings, message } = happening;
    let (name, state) = match what {
        What::Entered => ("entered", None),
        What::Settled(state) => ("settled", Some(state.as_str())),
        What::Waiting(state) => ("waiting", Some(state.as_str())),
        What::Fact(fact) => ("fact", Some(fact.as_str())),
    };
    let mut event = Map::new();
    event.insert("seq".into(), json!(seq));
    event.insert("at".into(), json!(at));
    event.insert("event".into(), json!(name));
    if let Some(state) = state {
        event.insert("what".into(), json!(state));
    }
    event.insert("operation".into(), json!(message.operation.name()));
    if !findings.is_empty() {
        let found = |(id, severity): &(String, String)| {
            let mut finding = json!({ "rule": id, "severity": severity });
            if let (Some(rule), Some(members)) = (county::rule(id), finding.as_object_mut()) {
                members.insert("zh".into(), rule.reason().text(Lang::Zh).into());
                members.insert("en".into(), rule.reason().text(Lang::En).into());
            }
            finding
        };
        event.insert("findings".into(), findings.iter().map(found).collect());
    }
    event.insert("message".into(), json!(resource::Shown::of(message)));
    if *what == What::Entered {
        let body = gateway.journal().body(message.id, BodyKind::Request).await.map_err(|_| Code::Unavailable)?;
        let said: Option<Value> = body.and_then(|body| serde_json::from_slice(&body).ok());
        event.insert("body".into(), said.unwrap_or(Value::Null));
    }
    Ok(Value::Object(event))
}
