//! May this request become a message? Pure: no store, no clock, no socket, and free to refuse.
//!
//! The order is that of the contract: who asks, what the bytes say, what the bank can carry. The last step is a dry
//! encode with a serial of full width, so that a value the bank cannot carry is found while the key is still free.

use std::sync::Arc;

use jiff::Timestamp;

use super::bank::Bank;
use super::draft::Panicked;
use super::{Gateway, draft};
use crate::adapter::runtime::Refusal;
use crate::lang::Phrase;
use crate::message::{Fen, Field, Operation, Problem, Record, north};
use crate::tls::Party;

/// Who asks, as the certificate says, and under which key.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The party of its certificate; its id is part of the key.
    pub party: &'a Party,
    /// The idempotency key, already checked for form.
    pub key: &'a str,
    /// What it asks for.
    pub operation: Operation,
}

/// A request that may be claimed.
pub struct Admitted<'a> {
    /// What it says.
    pub record: Record<'a>,
    /// Where it goes.
    pub bank: Arc<Bank>,
    /// How much moves, in fen: 0 for what moves no money.
    pub fen: i64,
}

impl Admitted<'_> {
    /// The same, for a task that outlives the request.
    pub fn into_owned(self) -> Admitted<'static> {
        Admitted { record: self.record.into_owned(), bank: self.bank, fen: self.fen }
    }
}

/// Why a request cannot become a message. Its key stays free.
#[derive(Debug)]
pub enum NotAdmitted {
    /// The caller may not ask this bank.
    Forbidden,
    /// The request is bad: every problem that was found.
    Bad(Vec<Problem>),
    /// Our own fault.
    Broken,
}

/// Admits a message, or says everything that is wrong with it.
pub fn admit<'a>(
    gateway: &Gateway,
    caller: &Caller<'_>,
    body: &'a [u8],
    at: Timestamp,
) -> Result<Admitted<'a>, NotAdmitted> {
    let operation = caller.operation;
    let record = north::decode(operation, body).map_err(NotAdmitted::Bad)?;
    let bad = |problem: Problem| Err(NotAdmitted::Bad(vec![problem]));
    let fen = if operation.is_payment() { record.fen(Field::Amount).map(Fen::get) } else { Some(0) };
    let (Some(name), Some(fen)) = (record.text(Field::Bank), fen) else {
        // The decoder has proved that both are there; without them there is nothing to go on with.
        return Err(NotAdmitted::Broken);
    };
    if !caller.party.may_reach(name) || !caller.party.may_ask(operation.name()) {
        return Err(NotAdmitted::Forbidden);
    }
    let Some(bank) = gateway.bank(name) else {
        return bad(Problem::new("unknown-bank", Phrase::new("gateway-unknown-bank")).in_field("bank"));
    };
    if operation.is_entry() {
        return Ok(Admitted { fen, bank: Arc::clone(bank), record });
    }
    if bank.current.plan(operation).is_none() {
        return bad(Problem::new("not-supported", Phrase::new("gateway-not-supported")).in_field("bank"));
    }
    match draft::dry_encode(bank, operation, &record, at) {
        Ok(Ok(())) => Ok(Admitted { fen, bank: Arc::clone(bank), record }),
        Ok(Err(refusal)) => bad(cannot_encode(refusal)),
        Err(Panicked) => Err(NotAdmitted::Broken),
    }
}

/// The bank cannot carry a value: the field is named, the value is not.
fn cannot_encode(refusal: Refusal) -> Problem {
    let problem = Problem::new("cannot-encode", refusal.rule);
    match refusal.field {
        Some(field) => problem.in_field(field),
        None => problem,
    }
}
