//! Tests of the journal as a whole.

mod contract;
mod crash;
mod engine;
mod fixture;
mod tamper;
