//! What one party's interface description means: knows no clock, socket, store or log.
//!
//! In reading order: [`plan`] (an adapter folder once it is compiled and checked) and [`runtime`] (what goes in and comes
//! out when it runs); then what runs it, both ways: frames, HTTP, seals, records, XML, outcomes.

pub mod charset;
mod convert;
mod decode;
mod encode;
mod frame;
mod http;
mod mac;
mod naming;
mod outcome;
pub mod plan;
pub mod runtime;
mod seal;
mod width;
pub mod xml;

pub use frame::{BadFrame, Direction, FrameCursor, FrameProgress};
