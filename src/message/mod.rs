//! The canonical language: what a message says before any bank's format is involved.
//!
//! In reading order: [`value`] (fen, identity documents, account numbers, bank numbers, periods), [`dictionary`] (every
//! field with its titles, codes, type, length and sensitivity), [`record`] (one message as a flat row of borrowed
//! values), [`problem`] (what is wrong and where), [`rules`] (validation), [`json`] (the strict reader) with [`north`]
//! (requests), [`reply`] (what a bank's answer said) and [`context`] (what a translation needs besides),
//! [`fingerprint`] (what equal keys are compared by), [`iso`] (reasons of failure).
//! No bank is in here, no clock, no socket, no store.

pub mod context;
pub mod dictionary;
pub mod fingerprint;
pub mod iso;
pub mod json;
pub mod north;
pub mod problem;
pub mod record;
pub mod reply;
pub mod rules;
mod shape;
pub mod value;

pub use context::Context;
pub use dictionary::{Field, FieldDef, Operation, Sensitivity, Type};
pub use problem::Problem;
pub use record::{Record, Value};
pub use reply::{Occurrence, Reply};
pub use rules::validate;
pub use value::Fen;
