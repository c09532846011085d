//! Banks made from their adapters, and everything a demonstration needs around them.
//!
//! In reading order: [`ledger`] (the bank's own books: what arrived, what was executed), [`Misbehaviour`] (what goes wrong
//! and how often), `teller` (one request: read, decide, write down, find words), [`Bank`] (sockets around it), [`Caller`] (the bank begins),
//! [`county`] (invented people and what they are paid), [`people`] (their cards), [`accounts`] (client, gateway and banks held against each other).
//! A simulated bank never shares a line of judgement with the gateway: it decides by a rule of its own and writes to its
//! own books, so that the two can be held against each other.

pub mod accounts;
mod bank;
mod caller;
mod chance;
pub mod county;
pub mod ledger;
mod misbehaviour;
pub mod people;
mod spoil;
mod teller;

pub use bank::{Bank, Options, RunningBank, StartError};
pub use caller::{Caller, Notice};
pub use misbehaviour::{FaultPlan, Misbehaviour, Script};
pub use teller::Manners;
