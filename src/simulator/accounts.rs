//! What became of the money: the client's own list, the gateway's export and the banks' books, held against each other.
//!
//! Three witnesses that share nothing: *instructed* is what the client got a 2xx for, *accounted* is what the export
//! says, *executed* is what the banks wrote down. Pure arithmetic over the three; reading them is the caller's work.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::ledger::{Event, Line};
use crate::life::State;
use crate::message::Fen;

/// A 2xx that the client got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The message's id.
    pub id: String,
    /// The paying bank.
    pub bank: String,
    /// The amount the client asked for.
    pub fen: Fen,
}

/// A row of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The message's id.
    pub id: String,
    /// The paying bank.
    pub bank: String,
    /// The serial it was sent with, if one was given out.
    pub serial: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Its amount.
    pub fen: Fen,
}

/// The accounts of one bank, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// 2xx answers.
    pub accepted: u64,
    /// Paid.
    pub succeeded: u64,
    /// Refused by the bank.
    pub failed: u64,
    /// Withdrawn before sending.
    pub cancelled: u64,
    /// Waiting for two people.
    pub held: u64,
    /// Nobody can tell yet; a part of `open`.
    pub unknown: u64,
    /// Only people can go on.
    pub manual: u64,
    /// Neither terminal nor held nor with people.
    pub open: u64,
    /// Executions beyond the first, by serial or by (account, fen), whichever shows more.
    pub doubled: u64,
    /// Acknowledged and not in the export, or said to be paid and not executed by the bank.
    pub lost: u64,
    /// Said to be refused, withdrawn or held, and executed by the bank all the same.
    pub contradicted: u64,
    /// Executed by the bank and in no export.
    pub stray: u64,
    /// Sum that the client asked for, over its 2xx answers.
    pub fen_instructed: i64,
    /// Sum of the export, refused requests left out.
    pub fen_accounted: i64,
    /// Sum that the export says was paid.
    pub fen_succeeded: i64,
    /// Sum of the bank's executions for messages that the export says were paid.
    pub fen_executed: i64,
}

impl Accounts {
    /// Nothing doubled, lost, contradicted or stray, and no fen off anywhere.
    pub fn is_clean(&self) -> bool {
        let terms = [self.succeeded, self.failed, self.cancelled, self.held, self.manual, self.open];
        let settled = terms.into_iter().fold(0, u64::saturating_add);
        [self.doubled, self.lost, self.contradicted, self.stray] == [0; 4]
            && self.accepted == settled
            && self.fen_instructed == self.fen_accounted
            && self.fen_succeeded == self.fen_executed
    }

    /// The members of the published result.
    pub fn to_json(&self) -> serde_json::Map<String, Value> {
        let members = [
            ("accepted", json!(self.accepted)),
            ("succeeded", json!(self.succeeded)),
            ("failed", json!(self.failed)),
            ("cancelled", json!(self.cancelled)),
            ("held", json!(self.held)),
            ("unknown", json!(self.unknown)),
            ("manual", json!(self.manual)),
            ("open", json!(self.open)),
            ("doubled", json!(self.doubled)),
            ("lost", json!(self.lost)),
            ("contradicted", json!(self.contradicted)),
            ("stray", json!(self.stray)),
            ("fen_instructed", json!(self.fen_instructed)),
            ("fen_accounted", json!(self.fen_accounted)),
            ("fen_succeeded", json!(self.fen_succeeded)),
            ("fen_executed", json!(self.fen_executed)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn count(&mut self, state: State) {
        let counter = match state {
            State::Succeeded => &mut self.succeeded,
            State::Failed => &mut self.failed,
            State::Cancelled => &mut self.cancelled,
            State::Held => &mut self.held,
            State::Manual => &mut self.manual,
            State::Unknown | State::Querying | State::Absent => {
                self.unknown = self.unknown.saturating_add(1);
                &mut self.open
            }
            State::Accepted | State::Ready | State::Sending | State::Acked => &mut self.open,
            // No 2xx is ever given for a refused request: the row is evidence, not a payment.
            State::Rejected => return,
        };
        *counter = counter.saturating_add(1);
    }

    fn add(&mut self, other: &Accounts) {
        let counts = [
            (&mut self.accepted, other.accepted),
            (&mut self.succeeded, other.succeeded),
            (&mut self.failed, other.failed),
            (&mut self.cancelled, other.cancelled),
            (&mut self.held, other.held),
            (&mut self.unknown, other.unknown),
            (&mut self.manual, other.manual),
            (&mut self.open, other.open),
            (&mut self.doubled, other.doubled),
            (&mut self.lost, other.lost),
            (&mut self.contradicted, other.contradicted),
            (&mut self.stray, other.stray),
        ];
        counts.into_iter().for_each(|(sum, one)| *sum = sum.saturating_add(one));
        let sums = [
            (&mut self.fen_instructed, other.fen_instructed),
            (&mut self.fen_accounted, other.fen_accounted),
            (&mut self.fen_succeeded, other.fen_succeeded),
            (&mut self.fen_executed, other.fen_executed),
        ];
        sums.into_iter().for_each(|(sum, one)| *sum = sum.saturating_add(one));
    }
}

/// The accounts of a whole run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balance {
    /// All banks together.
    pub total: Accounts,
    /// Each bank that any of the three witnesses names.
    pub banks: BTreeMap<String, Accounts>,
}

/// Holds the client's list, the export and each bank's books against each other.
pub fn balance(acknowledged: &[Acknowledged], exported: &[Exported], ledgers: &BTreeMap<String, Vec<Line>>) -> Balance {
    let mut banks: BTreeMap<String, Accounts> = BTreeMap::new();
    let rows: BTreeMap<&str, &Exported> = exported.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut claimed = BTreeSet::new();
    for answer in acknowledged {
        let accounts = banks.entry(answer.bank.clone()).or_default();
        accounts.fen_instructed = accounts.fen_instructed.saturating_add(answer.fen.get());
        // A repeated key gets a second 2xx with the same id: one message, but money that the client believes in twice.
        if claimed.insert(answer.id.as_str()) {
            accounts.accepted = accounts.accepted.saturating_add(1);
            match rows.get(answer.id.as_str()) {
                Some(row) if row.state != State::Rejected => accounts.count(row.state),
                Some(_) | None => accounts.lost = accounts.lost.saturating_add(1),
            }
        }
    }
    for row in exported.iter().filter(|row| row.state != State::Rejected) {
        let accounts = banks.entry(row.bank.clone()).or_default();
        accounts.fen_accounted = accounts.fen_accounted.saturating_add(row.fen.get());
        if !claimed.contains(row.id.as_str()) {
            // In the export without a 2xx: it shows as a difference in the terms, which is what it is.
            accounts.count(row.state);
        }
    }
    for (bank, lines) in ledgers {
        let own: Vec<&Exported> = exported.iter().filter(|row| &row.bank == bank).collect();
        hold_against_books(banks.entry(bank.clone()).or_default(), &own, lines);
    }
    for bank in rows.values().map(|row| &row.bank).filter(|bank| !ledgers.contains_key(*bank)).collect::<BTreeSet<_>>()
    {
        let own: Vec<&Exported> = exported.iter().filter(|row| &row.bank == bank).collect();
        hold_against_books(banks.entry(bank.clone()).or_default(), &own, &[]);
    }
    let mut total = Accounts::default();
    banks.values().for_each(|accounts| total.add(accounts));
    Balance { total, banks }
}

/// Matches each row that says *paid* to one execution of its own, and looks for executions that nothing explains.
fn hold_against_books(accounts: &mut Accounts, rows: &[&Exported], lines: &[Line]) {
    let mut by_serial: BTreeMap<&str, Vec<Fen>> = BTreeMap::new();
    let mut by_pair: BTreeMap<(&str, Fen), u64> = BTreeMap::new();
    let mut by_day: BTreeMap<_, u64> = BTreeMap::new();
    for entry in lines.iter().map(|line| &line.entry) {
        if let Event::Executed { .. } = entry.event {
            by_serial.entry(&entry.serial).or_default().push(entry.fen);
            let times = by_pair.entry((&entry.account, entry.fen)).or_default();
            *times = times.saturating_add(1);
            let times = by_day.entry((&entry.serial, entry.business_date)).or_insert(0_u64);
            *times = times.saturating_add(1);
        }
    }
    let beyond_first = |times: u64| times.saturating_sub(1);
    let pairs = by_pair.into_values().map(beyond_first).fold(0, u64::saturating_add);
    let serials = by_day.into_values().map(beyond_first).fold(0, u64::saturating_add);
    accounts.doubled = accounts.doubled.saturating_add(pairs.max(serials));

    let increase = |counter: &mut u64| *counter = counter.saturating_add(1);
    let known: BTreeSet<&str> = rows.iter().filter_map(|row| row.serial.as_deref()).collect();
    for row in rows.iter().filter(|row| row.state == State::Succeeded) {
        accounts.fen_succeeded = accounts.fen_succeeded.saturating_add(row.fen.get());
        // A serial may come again on another business date; the same amount is preferred, so that a wrong one shows.
        let executions = row.serial.as_deref().and_then(|serial| by_serial.get_mut(serial));
        let taken = executions.and_then(|fen| {
            let at = fen.iter().position(|fen| *fen == row.fen).unwrap_or_default();
            (at < fen.len()).then(|| fen.remove(at))
        });
        match taken {
            Some(fen) => accounts.fen_executed = accounts.fen_executed.saturating_add(fen.get()),
            None => increase(&mut accounts.lost),
        }
    }
    for row in rows {
        let executions = row.serial.as_deref().and_then(|serial| by_serial.get(serial));
        let moved = executions.is_some_and(|fen| fen.contains(&row.fen));
        match row.state {
            State::Failed | State::Cancelled | State::Held | State::Rejected if moved => {
                increase(&mut accounts.contradicted);
            }
            State::Rejected
            | State::Accepted
            | State::Held
            | State::Ready
            | State::Sending
            | State::Acked
            | State::Unknown
            | State::Querying
            | State::Absent
            | State::Manual
            | State::Succeeded
            | State::Failed
            | State::Cancelled => {}
        }
    }
    for _ in by_serial.keys().filter(|serial| !known.contains(*serial)) {
        increase(&mut accounts.stray);
    }
}

#[cfg(test)]
mod tests;
