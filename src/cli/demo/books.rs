//! The end of a demonstration: promises, export and ledgers, held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::Trouble;
use super::lives::Heard;
use crate::county::{RULES, Rule};
use crate::journal::Journal;
use crate::journal::export::Export;
use crate::life::State;
use crate::message::Fen;
use crate::simulator::accounts::{Acknowledged, Balance, Exported, balance as accounts};
use crate::simulator::ledger::{self, Ledger};

/// Reads the closed directory as anybody could, and balances it with what the agency was promised.
pub(crate) fn balance(dir: &Path, banks: &[&str], promised: &[Acknowledged]) -> Result<Balance, Trouble> {
    let mut exported = Vec::new();
    Export::open(dir)?.each(|message| {
        if !message.operation.is_payment() {
            return Ok(());
        }
        exported.push(Exported {
            id: message.id.to_string(),
            bank: message.bank.clone(),
            serial: message.serial().map(str::to_owned),
            state: message.state,
            fen: Fen::new(message.fen),
        });
        Ok::<(), Trouble>(())
    })?;
    let mut ledgers = BTreeMap::new();
    for bank in banks {
        ledgers.insert((*bank).to_owned(), ledger::read(&Ledger::path_of(dir, bank))?);
    }
    Ok(accounts(promised, &exported, &ledgers))
}

/// What moved no money, and what the rules found.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Errands and entries with a 2xx.
    pub asked: u64,
    /// Of them: done.
    pub done: u64,
    /// Refused by the bank.
    pub failed: u64,
    /// Held by a rule, or beyond what the program may decide.
    pub people: u64,
    /// Not at an end.
    pub open: u64,
    /// Promised and not in the export, or told by a bank, answered yes and not there.
    pub lost: u64,
    /// Notices of banks that were answered yes.
    pub told: u64,
    /// Never answered, or refused for good.
    pub unheard: u64,
    /// What banks told came back, in fen.
    pub fen_returned: i64,
    /// What the export says came back.
    pub fen_given_back: i64,
    /// Payments offered again under another key.
    pub twins: u64,
    /// Payments to those who moved to the card, with a 2xx.
    pub pensions: u64,
    /// How often each rule found something.
    pub findings: BTreeMap<String, u64>,
}

impl Beside {
    /// Nothing lost, nothing unheard, no fen off, and every rule has shown itself.
    pub(crate) fn is_clean(&self) -> bool {
        let terms = [self.done, self.failed, self.people, self.open].into_iter().fold(0, u64::saturating_add);
        // Without banks that call there are no cards; and of a few twins the originals may all have failed.
        let must_show = |rule: &&Rule| if rule.clause.is_some() { self.told > 0 } else { self.twins >= 10 };
        let shown = |rule: &Rule| self.findings.get(rule.id).is_some_and(|times| *times > 0);
        let shown = RULES.iter().filter(must_show).all(shown);
        self.lost == 0 && self.unheard == 0 && self.asked == terms && self.fen_returned == self.fen_given_back && shown
    }

    /// The members of the published result.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "asked": self.asked,
            "done": self.done,
            "failed": self.failed,
            "people": self.people,
            "open": self.open,
            "lost": self.lost,
            "told": self.told,
            "unheard": self.unheard,
            "fen_returned": self.fen_returned,
            "fen_given_back": self.fen_given_back,
            "twins": self.twins,
            "pensions": self.pensions,
            "findings": self.findings,
        })
    }
}

/// Counts what the rules found, as the feed tells it.
pub(crate) async fn findings(journal: &dyn Journal) -> BTreeMap<String, u64> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let mut after = 0;
    while let Ok(feed) = journal.feed(after, 1_000).await
        && feed.upto > after
    {
        after = feed.upto;
        for (rule, _) in feed.happenings.into_iter().flat_map(|happening| happening.findings) {
            let times = found.entry(rule).or_default();
            *times = times.saturating_add(1);
        }
    }
    found
}

/// Holds what everybody was told against the export.
pub(crate) fn beside(
    dir: &Path,
    heard: Heard,
    fen_returned: i64,
    findings: BTreeMap<String, u64>,
    twins: u64,
) -> Result<Beside, Trouble> {
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let mut beside = Beside {
        asked: count(heard.promised.len()),
        told: count(heard.taken.len()),
        unheard: heard.unheard,
        pensions: count(heard.paid.len()),
        fen_returned,
        twins,
        findings,
        ..Beside::default()
    };
    let mut promised: BTreeSet<String> = heard.promised.into_iter().map(|(id, _)| id).collect();
    let mut taken: BTreeSet<(String, String)> = heard.taken.into_iter().collect();
    Export::open(dir)?.each(|message| {
        beside.fen_given_back = beside.fen_given_back.saturating_add(message.given_back);
        if message.operation.is_payment() {
            return Ok(());
        }
        taken.remove(&(message.org.clone(), message.key.clone()));
        if promised.remove(&message.id.to_string()) {
            let column = match message.state {
                State::Succeeded => &mut beside.done,
                State::Failed | State::Cancelled | State::Rejected => &mut beside.failed,
                State::Held | State::Manual => &mut beside.people,
                State::Accepted
                | State::Ready
                | State::Sending
                | State::Acked
                | State::Unknown
                | State::Querying
                | State::Absent => &mut beside.open,
            };
            *column = column.saturating_add(1);
        }
        Ok::<(), Trouble>(())
    })?;
    beside.lost = count(promised.len().saturating_add(taken.len()));
    Ok(beside)
}
