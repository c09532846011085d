//! Tests of the journal as a whole.

mod contract;
mod engine;
mod fixture;
mod tamper;
