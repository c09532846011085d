//! kuimen (夔门): a TLS gateway and message translator between a county's social insurance system and its banks.
//!
//! Modules in reading order; arrows point one way, from the bottom of this list to its top.

pub mod lang;
pub mod redact;
pub mod message;
pub mod clock;
pub mod life;
pub mod schema;
pub mod adapter;
pub mod tls;
pub mod link;
pub mod journal;
pub mod gateway;
pub mod front;
pub mod simulator;
pub mod config;
pub mod telemetry;
pub mod cli;
