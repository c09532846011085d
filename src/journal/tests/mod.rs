//! Tests of the journal as a whole.

mod contract;
mod crash;
mod engine;
pub(super) mod fixture;
mod tamper;
