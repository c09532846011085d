//! The cards that banks have told of, by their holder: a view of the journal, made when it is first asked for.
//!
//! It answers one question, whether a person has a card already; nothing rests on it that the journal does not say.

use std::collections::HashSet;

use tokio::sync::{Mutex, OnceCell};

use super::Gateway;
use crate::journal::{BodyKind, Filter, JournalError};
use crate::message::{Field, Operation, Record, north};

/// Messages read at one time while the view is made.
const PAGE: u32 = 1_000;

/// Who has a card.
#[derive(Default)]
pub(super) struct Cards {
    holders: OnceCell<Mutex<HashSet<String>>>,
}

impl Cards {
    /// Whether a bank has told of a card for this social security number.
    pub(super) async fn has(&self, gateway: &Gateway, holder: &str) -> Result<bool, JournalError> {
        let holders = self.holders.get_or_try_init(|| gateway.holders()).await?;
        Ok(holders.lock().await.contains(holder))
    }

    /// A card was issued just now.
    pub(super) async fn note(&self, record: &Record<'_>) {
        if let (Some(holders), Some(holder)) = (self.holders.get(), record.text(Field::HolderId)) {
            holders.lock().await.insert(holder.to_owned());
        }
    }
}

impl Gateway {
    async fn holders(&self) -> Result<Mutex<HashSet<String>>, JournalError> {
        let mut holders = HashSet::new();
        for bank in self.banks.keys() {
            let mut after = None;
            loop {
                let filter =
                    Filter { org: Some(bank.clone()), operation: Some(Operation::CardIssued), ..Filter::default() };
                let page = self.journal.list(filter, after, PAGE).await?;
                after = page.last().map(|message| message.id);
                for message in &page {
                    let body = self.journal.body(message.id, BodyKind::Request).await?.unwrap_or_default();
                    let record = north::decode(Operation::CardIssued, &body).ok();
                    holders.extend(record.and_then(|record| record.text(Field::HolderId).map(str::to_owned)));
                }
                if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                    break;
                }
            }
        }
        Ok(Mutex::new(holders))
    }
}
