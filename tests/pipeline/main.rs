//! The gateway as `kuimen serve` puts it together, between a client and a simulated bank that misbehaves as told: mutual
//! TLS and real sockets on both sides, a real journal on disk. One case a test; each looks at what the client was told, how
//! the message ends, how often the bank's own books say that money moved, and what the journal keeps as evidence.
//!
//! Policy time runs faster by the clock's factor; nothing sleeps through it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "whatever goes wrong must fail the test, in helpers too"
)]

mod answers;
mod asking;
mod eighth;
mod errands;
mod followed;
mod interrupted;
mod keys;
mod place;
mod published;
mod reported;
mod ruled;
mod sending;
mod stopping;
mod telling;
