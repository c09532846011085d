//! `[seals.NAME]`: how messages are sealed as a whole, where the seal stands, and whose keys make it.

use crate::adapter::compile::shelf::Shelf;
use crate::adapter::compile::tables::{algorithm, key_setting};
use crate::adapter::fault::Sink;
use crate::adapter::notation::reader::{Node, Text};
use crate::adapter::plan::{KeyOf, SealAlgorithm, SealKey, SealPlan, SealSide, SettingDef};
use crate::adapter::seal;
use crate::lang::Phrase;

/// The identifier that GB/T 35276 sets where no other is agreed on.
const USER_ID: &str = "1234567812345678";

/// A seal as both sides make it.
pub(super) struct SealDef {
    /// As we make it.
    own: SealPlan,
    /// The bank's key, where it is another.
    bank: Option<usize>,
}

impl SealDef {
    /// The seal of messages that this side writes; none where the bank's key is needed and not named.
    pub(super) fn of(&self, bank_writes: bool) -> Option<SealPlan> {
        let shared = (!self.own.algorithm.has_pairs()).then_some(self.own.key);
        let key = if bank_writes { self.bank.or(shared)? } else { self.own.key };
        Some(SealPlan { key, ..self.own.clone() })
    }

    /// Which settings are its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = (usize, KeyOf)> {
        let algorithm = self.own.algorithm;
        let bank = self.bank.map(|index| (index, KeyOf::Seal(algorithm, SealKey::Bank)));
        [(self.own.key, KeyOf::Seal(algorithm, SealKey::Own))].into_iter().chain(bank)
    }
}

/// Reads one.
pub(super) fn read<'a>(
    sink: &Sink<'a>,
    name: &Text<'a>,
    node: &Node<'a>,
    settings: &Shelf<'a, SettingDef>,
) -> Option<SealDef> {
    let table = node.table()?;
    let algorithm = algorithm(sink, &table, &SealAlgorithm::ALL, SealAlgorithm::name);
    let setting = |text: Text<'a>, whose| {
        let public = whose == SealKey::Bank && algorithm.is_some_and(SealAlgorithm::has_pairs);
        key_setting(sink, settings, &text, public, algorithm.map(|algorithm| KeyOf::Seal(algorithm, whose)))
    };
    let own = table.need_text("key").and_then(|text| setting(text, SealKey::Own));
    let bank = table.text("bank_key").map(|text| setting(text, SealKey::Bank));
    let user_id = match algorithm {
        Some(algorithm) if !algorithm.has_user_id() => None,
        Some(_) | None => table.text("user_id"),
    };
    let (before, after) = (table.text("before"), table.text("after"));
    let place = match (&before, &after) {
        (Some(text), None) => Some((text, SealSide::Before)),
        (None, Some(text)) => Some((text, SealSide::After)),
        (Some(text), Some(_)) => {
            sink.report(&text.at, Phrase::new("adapter-fault-seal-two-places"));
            None
        }
        (None, None) => {
            sink.report(&name.at, Phrase::new("adapter-fault-seal-no-place"));
            None
        }
    };
    let place = place.and_then(|(text, side)| {
        let place = seal::parse(side, text.value);
        if place.is_none() {
            sink.report(&text.at, Phrase::new("adapter-fault-seal-place"));
        }
        place
    });
    table.close();
    let bank = match bank {
        Some(index) => Some(index?),
        None => None,
    };
    let user_id = user_id.map_or(USER_ID, |text| text.value).to_owned();
    let own = SealPlan { name: name.value.to_owned(), algorithm: algorithm?, key: own?, user_id, place: place? };
    Some(SealDef { own, bank })
}
