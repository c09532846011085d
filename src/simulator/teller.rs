//! What the bank does with one request: read it, decide, write it down, and only then find words for it.
//!
//! Every decision is a pure function of the seed, the payee's account, the amount and how often the request came, so a
//! run can be repeated whatever the order in which connections are served. Sockets are not here.

mod desk;
mod words;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::chance::Chance;
use super::ledger::{Books, Entry, Event, Ledger, LedgerError, Standing, Status};
use super::misbehaviour::{FaultPlan, Misbehaviour, Turn};
use crate::adapter::answers::Answers;
use crate::adapter::plan::{Adapter, Correlation, OperationPlan};
use crate::adapter::runtime::{Incoming, Settings, Wire};
use crate::clock::{self, Clock};
use crate::message::{Fen, Field, Operation, Record};
use words::{Exchange, Say};

/// How the bank treats payments when nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// Refused at once, in a thousand.
    pub refuses: u32,
    /// Taken in hand first, in a thousand; never where the dialect has no query or no word for it.
    pub holds: u32,
    /// Of those in hand, refused in the end, in a thousand.
    pub refuses_later: u32,
    /// At which query, at the latest, something in hand is decided.
    pub patience: u32,
}

impl Default for Manners {
    fn default() -> Manners {
        Manners { refuses: 30, holds: 60, refuses_later: 200, patience: 3 }
    }
}

/// What the connection is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doing {
    /// Send this.
    Answer(Vec<u8>),
    /// Send this after the client has given up.
    Late(Vec<u8>),
    /// Send this, and then that.
    Twice(Vec<u8>, Vec<u8>),
    /// Send so many bytes of this, then close.
    Cut(Vec<u8>, usize),
    /// Send this, then close.
    Last(Vec<u8>),
    /// Say nothing and stay.
    Silence,
    /// HTTP status 500.
    Failure,
    /// Close without a word.
    Close,
    /// The request cannot be read: close, over HTTP with status 400.
    Unreadable,
}

/// The bank without its sockets.
pub(super) struct Teller {
    pub(super) adapter: Arc<Adapter>,
    pub(super) settings: Settings,
    pub(super) ledger: Ledger,
    answers: BTreeMap<Operation, Answers>,
    seed: u64,
    faults: FaultPlan,
    manners: Manners,
    refuses_duplicates: bool,
    queries: Mutex<BTreeMap<String, u32>>,
    connections: AtomicU64,
    struck: Mutex<BTreeMap<Misbehaviour, u64>>,
}

impl Teller {
    pub(super) fn new(
        adapter: Arc<Adapter>,
        settings: Settings,
        ledger: Ledger,
        (seed, faults, manners): (u64, FaultPlan, Manners),
        refuses_duplicates: Option<bool>,
    ) -> Teller {
        let answers = adapter.operations.iter().map(|(operation, plan)| (*operation, Answers::of(plan))).collect();
        Teller {
            answers,
            ledger,
            settings,
            seed,
            faults,
            manners,
            refuses_duplicates: refuses_duplicates.unwrap_or(adapter.serial.refuses_duplicates),
            queries: Mutex::default(),
            connections: AtomicU64::new(0),
            struck: Mutex::default(),
            adapter,
        }
    }

    /// The fault that strikes a new connection.
    pub(super) fn connected(&self) -> Option<Misbehaviour> {
        let n = self.connections.fetch_add(1, Ordering::Relaxed);
        let mut chance = Chance::new(self.seed, &["connection", self.ledger.bank(), &n.to_string()]);
        let turn = Turn::Connection(u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1));
        let fault = self.faults.strikes(turn, &mut chance, Misbehaviour::is_of_connection);
        self.count(fault);
        fault
    }

    /// How often each fault has struck.
    pub(super) fn struck(&self) -> BTreeMap<Misbehaviour, u64> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Serves one request. Blocks on the disk: what it did is durable when it returns.
    ///
    /// # Errors
    /// The books cannot be written. Nothing may be answered any more.
    pub(super) fn serve(&self, wire: &Wire) -> Result<Doing, LedgerError> {
        let plans = self.adapter.operations.values().filter(|plan| !plan.bank_initiates);
        let read = |plan| Some((plan, self.adapter.decode_request(plan, wire, &self.settings).ok()?));
        let Some((plan, incoming)) = plans.into_iter().find_map(read) else {
            return Ok(Doing::Unreadable);
        };
        if plan.operation.asks_about().is_some() {
            self.query(plan, &incoming)
        } else if plan.operation == Operation::PaymentPay {
            self.pay(plan, &incoming, wire)
        } else {
            self.errand(plan, &incoming, wire)
        }
    }

    fn pay(&self, plan: &OperationPlan, incoming: &Incoming<'static>, wire: &Wire) -> Result<Doing, LedgerError> {
        let ([item], Some(serial)) = (incoming.items.as_slice(), &incoming.serial) else {
            return Ok(Doing::Unreadable);
        };
        let (Some(account), Some(fen)) = (item.text(Field::PayeeAccount), item.fen(Field::Amount)) else {
            return Ok(Doing::Unreadable);
        };
        let sha256 = data_encoding::HEXLOWER.encode(&wire.digest());
        let sent_on = sent_on(incoming);
        let ((say, fault, chance, about), upto) = self.ledger.decide(|books| {
            let known = books.find(serial, self.adapter.serial.per_day.then_some(sent_on));
            let times = known.map_or(0, |standing| standing.received).saturating_add(1);
            let (fault, chance) = self.strikes(plan, account, fen, times);
            let business_date = known.map_or(sent_on, |standing| standing.business_date);
            let entry =
                |event| Entry { serial: serial.clone(), business_date, account: account.to_owned(), fen, event };
            let (say, event) = match fault {
                Some(Misbehaviour::CloseUnexecuted) => (Say::Nothing, None),
                _ => self.judge(known, account, fen),
            };
            let entries: Vec<Entry> =
                [Some(Event::Received { sha256 }), event].into_iter().flatten().map(entry).collect();
            let about = known.cloned().unwrap_or_else(|| fresh(books, serial, business_date, account, fen));
            (entries, (say, fault, chance, about))
        })?;
        self.count(fault);
        let answers = Record::new();
        let doing = self.put(Exchange { plan, incoming, say, answers, fault, chance, about: Some(about) });
        self.ledger.sync(upto)?;
        Ok(doing)
    }

    /// What is done with an instruction, and what is said.
    fn judge(&self, known: Option<&Standing>, account: &str, fen: Fen) -> (Say, Option<Event>) {
        let executed = |times: u32| (Say::Yes, Some(Event::Executed { times: times.saturating_add(1) }));
        let status = known.map_or(Status::Dropped, |standing| standing.status);
        if status != Status::Dropped && self.refuses_duplicates {
            return (Say::Duplicate, Some(Event::DuplicateRefused));
        }
        match status {
            // A serial that an errand had is no payment's.
            Status::Done => (Say::No, None),
            Status::Paid => executed(known.map_or(0, |standing| standing.executed)),
            Status::Refused => (Say::No, Some(Event::Refused)),
            Status::InHand => (Say::InHand, Some(Event::InHand)),
            Status::Dropped => {
                let mut chance = self.chance("decide", account, fen);
                let (refuses, holds) = (chance.happens(self.manners.refuses), chance.happens(self.manners.holds));
                if refuses && self.can(Operation::PaymentPay, |answers| !answers.no.is_empty()) {
                    (Say::No, Some(Event::Refused))
                } else if holds && self.can_hold() {
                    (Say::InHand, Some(Event::InHand))
                } else {
                    executed(0)
                }
            }
        }
    }

    fn query(&self, plan: &OperationPlan, incoming: &Incoming<'static>) -> Result<Doing, LedgerError> {
        let Some(serial) = &incoming.original_serial else {
            return Ok(Doing::Unreadable);
        };
        let date = incoming.original_business_date.filter(|_| self.adapter.serial.per_day);
        let times = {
            let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
            let times = queries.entry(serial.clone()).or_default();
            *times = times.saturating_add(1);
            *times
        };
        let ((say, fault, chance, about), upto) = self.ledger.decide(|books| {
            let known = books.find(serial, date);
            let (account, fen) =
                known.map_or((serial.as_str(), Fen::ZERO), |known| (known.account.as_str(), known.fen));
            let (fault, chance) = self.strikes(plan, account, fen, times);
            let about = known.cloned();
            let (say, entries) = match known {
                _ if fault == Some(Misbehaviour::CloseUnexecuted) => (Say::Nothing, Vec::new()),
                _ if fault == Some(Misbehaviour::Denies) => (Say::NotFound, Vec::new()),
                None => (Say::NotFound, Vec::new()),
                Some(known) => self.report(known, times),
            };
            (entries, (say, fault, chance, about))
        })?;
        self.count(fault);
        let doing = self.put(Exchange { plan, incoming, say, answers: Record::new(), fault, chance, about });
        self.ledger.sync(upto)?;
        Ok(doing)
    }

    /// What is said of an instruction when somebody asks, and what asking moves along.
    fn report(&self, known: &Standing, times: u32) -> (Say, Vec<Entry>) {
        match known.status {
            Status::Dropped | Status::Done => (Say::NotFound, Vec::new()),
            Status::Paid => (Say::Yes, Vec::new()),
            Status::Refused => (Say::No, Vec::new()),
            Status::InHand => {
                let mut chance = self.chance("settle", &known.account, known.fen);
                let refused = chance.happens(self.manners.refuses_later)
                    && self.can(Operation::PaymentQuery, |answers| !answers.no.is_empty());
                if times <= chance.below(self.manners.patience) {
                    return (Say::InHand, Vec::new());
                }
                let entry = |event| Entry {
                    serial: known.serial.clone(),
                    business_date: known.business_date,
                    account: known.account.clone(),
                    fen: known.fen,
                    event,
                };
                if refused {
                    return (Say::No, vec![entry(Event::Refused)]);
                }
                let from = known.executed.saturating_add(1);
                let orders = from..from.saturating_add(known.in_hand);
                (Say::Yes, orders.map(|times| entry(Event::Executed { times })).collect())
            }
        }
    }

    fn strikes(&self, plan: &OperationPlan, account: &str, fen: Fen, times: u32) -> (Option<Misbehaviour>, Chance) {
        let words = ["fault", plan.operation.name(), account, &fen.to_string(), &times.to_string()];
        let mut chance = Chance::new(self.seed, &words);
        let turn = if plan.operation.asks_about().is_some() { Turn::Query(times) } else { Turn::Payment(times) };
        let fault = self.faults.strikes(turn, &mut chance, |fault| match fault {
            Misbehaviour::Another => plan.correlation != Correlation::Connection,
            Misbehaviour::Status500 => self.adapter.wire.frames.is_none(),
            Misbehaviour::Denies => matches!(turn, Turn::Query(_)),
            Misbehaviour::RefuseConnection | Misbehaviour::CloseUnread => false,
            Misbehaviour::Silence
            | Misbehaviour::Late
            | Misbehaviour::Twice
            | Misbehaviour::Cut
            | Misbehaviour::WrongLength
            | Misbehaviour::WrongCharset
            | Misbehaviour::UnlistedCode
            | Misbehaviour::Contradicts
            | Misbehaviour::CloseUnexecuted => true,
        });
        (fault, chance)
    }

    fn chance(&self, what: &str, account: &str, fen: Fen) -> Chance {
        Chance::new(self.seed, &[what, account, &fen.to_string()])
    }

    fn can(&self, operation: Operation, what: impl Fn(&Answers) -> bool) -> bool {
        self.answers.get(&operation).is_some_and(what)
    }

    fn can_hold(&self) -> bool {
        self.adapter.query.supported
            && self.can(Operation::PaymentPay, |answers| !answers.in_hand.is_empty())
            && self.can(Operation::PaymentQuery, |answers| !answers.yes.is_empty() && !answers.in_hand.is_empty())
    }

    fn count(&self, fault: Option<Misbehaviour>) {
        if let Some(fault) = fault {
            let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
            let times = struck.entry(fault).or_default();
            *times = times.saturating_add(1);
        }
    }
}

fn fresh(books: &Books, serial: &str, business_date: Date, account: &str, fen: Fen) -> Standing {
    Standing {
        serial: serial.to_owned(),
        business_date,
        account: account.to_owned(),
        fen,
        status: Status::Dropped,
        received: 0,
        executed: 0,
        in_hand: 0,
        place: books.next_place(),
    }
}

/// The business date of a request: as it says, else the day it was sent, else today, at UTC+8.
fn sent_on(incoming: &Incoming<'_>) -> Date {
    let day = |at: Timestamp| clock::business_date(at, Time::midnight());
    incoming.business_date.unwrap_or_else(|| day(incoming.sent_at.unwrap_or_else(|| Clock::REAL.now())))
}

#[cfg(test)]
mod tests;
