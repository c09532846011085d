//! What the books add up to: how each instruction stands and how often money has moved.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::line::{Card, Entry, Event};
use crate::message::Fen;

/// How an instruction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its bytes arrived and were dropped: nothing of it is on the books.
    Dropped,
    /// Executed at least once.
    Paid,
    /// An errand was done.
    Done,
    /// Refused for good.
    Refused,
    /// Taken, not decided.
    InHand,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The sender's serial.
    pub serial: String,
    /// The business date it was sent on.
    pub business_date: Date,
    /// The payee's account, as first received.
    pub account: String,
    /// The amount, as first received.
    pub fen: Fen,
    /// How it stands.
    pub status: Status,
    /// How often its bytes arrived.
    pub received: u32,
    /// How often the money moved, or the errand was done.
    pub executed: u32,
    /// How many orders for it are taken and not decided.
    pub in_hand: u32,
    /// Its place in the order of arrival, from 1; the bank's own serial is made from it.
    pub place: u64,
}

/// Everything the bank knows, by serial and by (account, fen).
#[derive(Debug, Default)]
pub struct Books {
    by_serial: BTreeMap<(String, Date), Standing>,
    by_pair: BTreeMap<(String, Fen), u32>,
    cards: BTreeMap<String, Card>,
}

impl Books {
    /// The instruction with this serial, sent on `date`; without a date the latest one.
    pub fn find(&self, serial: &str, date: Option<Date>) -> Option<&Standing> {
        match date {
            Some(date) => self.by_serial.get(&(serial.to_owned(), date)),
            None => {
                let days = (serial.to_owned(), Date::MIN)..=(serial.to_owned(), Date::MAX);
                self.by_serial.range(days).next_back().map(|(_, standing)| standing)
            }
        }
    }

    /// An instruction with another serial than this one: the last that was paid, if any.
    pub fn another(&self, serial: &str) -> Option<&Standing> {
        self.by_serial
            .values()
            .filter(|standing| standing.serial != serial && standing.status == Status::Paid)
            .max_by_key(|standing| standing.place)
    }

    /// How often money has moved to `account` in this amount.
    pub fn executed(&self, account: &str, fen: Fen) -> u32 {
        self.by_pair.get(&(account.to_owned(), fen)).copied().unwrap_or_default()
    }

    /// How a card stands, once an errand was about it.
    pub fn card(&self, number: &str) -> Option<&Card> {
        self.cards.get(number)
    }

    /// The place that the next unknown instruction will have.
    pub fn next_place(&self) -> u64 {
        u64::try_from(self.by_serial.len()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// All instructions, by serial and date.
    pub fn all(&self) -> impl Iterator<Item = &Standing> {
        self.by_serial.values()
    }

    pub(super) fn apply(&mut self, entry: &Entry) {
        let place = self.next_place();
        let key = (entry.serial.clone(), entry.business_date);
        let standing = self.by_serial.entry(key).or_insert_with(|| Standing {
            serial: entry.serial.clone(),
            business_date: entry.business_date,
            account: entry.account.clone(),
            fen: entry.fen,
            status: Status::Dropped,
            received: 0,
            executed: 0,
            in_hand: 0,
            place,
        });
        match &entry.event {
            Event::Received { .. } => standing.received = standing.received.saturating_add(1),
            Event::Executed { .. } => {
                standing.status = Status::Paid;
                standing.executed = standing.executed.saturating_add(1);
                standing.in_hand = standing.in_hand.saturating_sub(1);
                let pair = self.by_pair.entry((entry.account.clone(), entry.fen)).or_default();
                *pair = pair.saturating_add(1);
            }
            Event::Refused => {
                standing.status = Status::Refused;
                standing.in_hand = 0;
            }
            Event::InHand => {
                standing.status = Status::InHand;
                standing.in_hand = standing.in_hand.saturating_add(1);
            }
            Event::DuplicateRefused => {}
            Event::Done { operation: _, card } => {
                standing.status = Status::Done;
                standing.in_hand = 0;
                standing.executed = standing.executed.saturating_add(1);
                if let Some(card) = card {
                    self.cards.insert(entry.account.clone(), card.clone());
                }
            }
        }
    }
}
