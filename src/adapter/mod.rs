//! What one party's interface description means: knows no clock, socket, store or log.
//!
//! In reading order: [`load`] (a folder becomes a checked adapter), [`fault`] (all that is wrong with one), `notation` and
//! `compile` (how), [`plan`] (the result) and [`runtime`] (what goes in and comes out when it runs); then what runs it,
//! both ways: frames, HTTP, seals, records, XML, outcomes.

pub mod answers;
pub mod builtin;
pub mod carried;
pub mod charset;
pub mod check;
mod compile;
mod convert;
mod decode;
pub mod describe;
mod encode;
pub mod explain;
pub mod fault;
mod frame;
mod http;
pub mod load;
mod mac;
pub mod manual;
mod naming;
mod notation;
pub(crate) mod outcome;
pub mod plan;
pub mod runtime;
mod seal;
#[cfg(test)]
mod tests;
mod width;
pub mod xml;

pub use frame::{BadFrame, Direction, FrameCursor, FrameProgress};
