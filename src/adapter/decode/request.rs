//! A request, read: the payments it carries and what was fixed when it was sent.

use std::borrow::Cow;

use crate::adapter::runtime::{Incoming, Refusal};
use crate::lang::Phrase;
use crate::message::Record;

use super::taken::{Scope, Taken};

/// The request that was read. Items are numbered from 1 in the order they stand.
pub(super) fn incoming(mut taken: Taken<'_, '_>) -> Result<Incoming<'static>, Refusal> {
    let items = std::mem::take(&mut taken.items);
    for (index, item) in items.iter().enumerate() {
        let expected = u64::try_from(index).ok().and_then(|index| index.checked_add(1));
        if item.number.is_some() && item.number != expected {
            return Err(Refusal::undecodable(item.at, Phrase::new("adapter-item-order")).in_field("item.number"));
        }
    }
    let own = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    let Taken { head, sent_at, business_date, original_sent_at, original_business_date, settings, .. } = taken;
    let items = if items.is_empty() { vec![head.record.into_owned()] } else { merge(&head, items)? };
    Ok(Incoming {
        serial: own(head.serial),
        sent_at: sent_at.instant(),
        business_date: business_date.day(),
        settings: settings.into_iter().map(own).collect(),
        items,
        original_serial: own(head.original_serial),
        original_sent_at: original_sent_at.instant(),
        original_business_date: original_business_date.day(),
        original_bank_serial: own(head.original_bank_serial),
    })
}

/// Items, each with what the message says about all of them.
fn merge(head: &Scope<'_, '_>, items: Vec<Scope<'_, '_>>) -> Result<Vec<Record<'static>>, Refusal> {
    let mut records = Vec::with_capacity(items.len());
    for item in items {
        let mut record = item.record.into_owned();
        for (field, value) in head.record.iter() {
            match record.get(field) {
                Some(known) if known != value => {
                    let rule = Phrase::new("adapter-contradiction");
                    return Err(Refusal::undecodable(item.at, rule).in_field(field.name()));
                }
                Some(_) => {}
                None => record.set(field, owned(value)),
            }
        }
        records.push(record);
    }
    Ok(records)
}

fn owned(value: &crate::message::Value<'_>) -> crate::message::Value<'static> {
    match value {
        crate::message::Value::Text(text) => crate::message::Value::Text(Cow::Owned(text.clone().into_owned())),
        crate::message::Value::Fen(fen) => crate::message::Value::Fen(*fen),
    }
}
