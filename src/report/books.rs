//! What a journal says of payments, cards and accounts, read once, oldest message first.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::Scope;
use crate::clock;
use crate::county::Registers;
use crate::journal::export::Export;
use crate::journal::{BodyKind, Keys, Message, Unreadable};
use crate::life::State;
use crate::message::{Fen, Field, Operation, Record, north};

/// What is known at the end of a [`Scope`].
#[derive(Debug)]
pub struct Books {
    /// The days that were looked at.
    pub scope: Scope,
    /// 演示数据: the directory is marked as simulation.
    pub simulation: bool,
    /// Cards and accounts.
    pub registers: Registers,
    /// What was paid in the scope, by social security number and insurance kind.
    pub paid: BTreeMap<(String, String), Paid>,
    /// Cards issued in the scope, in the order in which banks told of them.
    pub issued: Vec<Issued>,
    /// Cards of any day, as the banks told of them first, by account.
    pub cards: HashMap<String, Issued>,
    /// Since which month whoever applied receives, by social security number.
    pub applied: HashMap<String, String>,
}

/// What somebody was paid of one insurance kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// The bank that paid last.
    pub bank: String,
    /// The account it was paid to last.
    pub account: String,
    /// Whether that account was called a card.
    pub called_card: bool,
    /// Fen by account, without what came back.
    pub fen: BTreeMap<String, i64>,
}

/// A card that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issued {
    /// The bank.
    pub bank: String,
    /// The outlet, as the bank spells it.
    pub outlet: String,
    /// The day of issue.
    pub on: Option<Date>,
    /// `first`, `first-exchange`, …
    pub kind: String,
    /// `2` or `3`.
    pub generation: String,
    /// What was taken from the holder, in fen.
    pub fee: i64,
    /// The holder's name.
    pub name: String,
    /// The holder's social security number.
    pub holder: String,
    /// The card's number.
    pub number: String,
    /// The card's account, where it was told.
    pub account: Option<String>,
}

impl Books {
    /// Nothing yet.
    pub fn new(scope: Scope) -> Books {
        Books {
            scope,
            simulation: false,
            registers: Registers::default(),
            paid: BTreeMap::new(),
            issued: Vec::new(),
            cards: HashMap::new(),
            applied: HashMap::new(),
        }
    }

    /// Reads a journal, closed or in use.
    ///
    /// # Errors
    /// It cannot be read. A body that was pruned is none: its message is left out.
    pub fn read(journal: &Export, keys: &Keys, scope: Scope) -> Result<Books, Unreadable> {
        let mut books = Books { simulation: journal.is_simulation()?, ..Books::new(scope) };
        journal.each(|message| {
            if books.wants(message)
                && let Some(body) = journal.body(keys, message.id, BodyKind::Request)?
                && let Ok(record) = north::decode(message.operation, &body)
            {
                books.enter(message.operation, &record, message.given_back);
            }
            Ok::<(), Unreadable>(())
        })?;
        Ok(books)
    }

    /// Whether a message counts: what was paid, and what has been entered, by the end of the scope.
    fn wants(&self, message: &Message) -> bool {
        let day = |at: Timestamp| clock::business_date(at, Time::midnight());
        let entered = match message.operation {
            Operation::PaymentPay => message.settled_at.map(day).is_some_and(|day| self.scope.has(day)),
            Operation::CardIssued | Operation::CardActivated | Operation::AccountChange => {
                day(message.accepted_at) <= self.scope.as_of
            }
            Operation::PaymentQuery
            | Operation::PaymentReturned
            | Operation::CardCheck
            | Operation::CardApply
            | Operation::CardQuery
            | Operation::CardReportLoss
            | Operation::CardReleaseLoss
            | Operation::CardCancel
            | Operation::ActivationList
            | Operation::AccountVerify => false,
        };
        entered && message.state == State::Succeeded
    }

    /// Takes in one message that is final; `given_back` of a payment came back.
    pub fn enter(&mut self, operation: Operation, record: &Record<'_>, given_back: i64) {
        self.registers.enter(operation, record);
        let text = |field| record.text(field).unwrap_or_default().to_owned();
        if operation == Operation::PaymentPay {
            let fen = record.fen(Field::Amount).map_or(0, Fen::get).saturating_sub(given_back);
            // Money that came back as a whole was not received.
            if fen <= 0 {
                return;
            }
            let paid = self.paid.entry((text(Field::PayeeId), text(Field::Fund))).or_default();
            (paid.bank, paid.account) = (text(Field::Bank), text(Field::PayeeAccount));
            paid.called_card = record.text(Field::PayeeAccountKind) == Some("card");
            let sum = paid.fen.entry(paid.account.clone()).or_default();
            *sum = sum.saturating_add(fen);
        } else if operation == Operation::CardIssued {
            let issued = Issued {
                bank: text(Field::Bank),
                outlet: text(Field::CardOutlet),
                on: record.text(Field::CardIssuedOn).and_then(|day| day.parse().ok()),
                kind: text(Field::CardKind),
                generation: text(Field::CardGeneration),
                fee: record.fen(Field::CardFee).map_or(0, Fen::get),
                name: text(Field::HolderName),
                holder: text(Field::HolderId),
                number: text(Field::CardNumber),
                account: record.text(Field::CardAccount).map(str::to_owned),
            };
            if let Some(account) = &issued.account {
                self.cards.entry(account.clone()).or_insert_with(|| issued.clone());
            }
            if issued.on.is_some_and(|day| self.scope.has(day)) {
                self.issued.push(issued);
            }
        } else if operation == Operation::AccountChange && record.text(Field::ChangeKind) == Some("application") {
            self.applied.entry(text(Field::PayeeId)).or_insert_with(|| text(Field::ChangeEffective));
        }
    }
}

impl Issued {
    /// 首次申领 and 首次换领, which are free.
    pub fn is_first(&self) -> bool {
        matches!(self.kind.as_str(), "first" | "first-exchange")
    }
}
