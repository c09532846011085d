//! After a crash: what was in flight is unknown until the bank has been asked, and nothing new goes to a bank before that.
//!
//! Opening the journal has already turned SENDING into UNKNOWN and QUERYING into the state before it. Here each of these
//! messages is asked about once, bank by bank, and then the bank's lane opens. A bank that does not answer opens its lane
//! too: its messages stay unknown and on the timetable, and new payments cannot collide with them. Recovery never sends.

use std::collections::HashMap;
use std::sync::Arc;

use super::handled::Hand;
use super::{Bank, Gateway, resolver};

/// Takes what was in flight in hand, before anybody else can, and starts a task per bank that asks about it and opens the
/// lane.
pub(crate) fn start(gateway: &Arc<Gateway>) {
    let mut in_flight: HashMap<String, Vec<Hand>> = HashMap::new();
    for message in gateway.journal.recovered() {
        in_flight.entry(message.bank).or_default().extend(gateway.handled.take(message.id));
    }
    for bank in gateway.banks.values() {
        let found = in_flight.remove(&bank.id).unwrap_or_default();
        if found.is_empty() {
            bank.open_lane();
            continue;
        }
        tracing::info!(bank = %bank.id, messages = found.len(), "asking about what was in flight");
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        gateway.work.clone().spawn(async move {
            ask_about(&gateway, &bank, found).await;
            if !gateway.closing.is_cancelled() {
                bank.open_lane();
            }
        });
    }
    for (bank, messages) in in_flight {
        tracing::error!(bank, messages = messages.len(), "messages of a bank that is not configured stay as they are");
    }
}

async fn ask_about(gateway: &Arc<Gateway>, bank: &Arc<Bank>, hands: Vec<Hand>) {
    let asking = tokio_util::task::TaskTracker::new();
    for hand in hands {
        let (gateway, bank) = (Arc::clone(gateway), Arc::clone(bank));
        asking.spawn(async move { Box::pin(resolver::look_after(&gateway, &bank, hand)).await });
    }
    asking.close();
    asking.wait().await;
}
