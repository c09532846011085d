//! kuimen (夔门): a TLS gateway and message translator between a county's social insurance system and its banks.
//!
//! Modules in reading order; arrows point one way, from the bottom of this list to its top.

pub mod adapter;
pub mod cli;
pub mod clock;
pub mod config;
pub mod county;
pub mod front;
pub mod gateway;
pub mod inbound;
pub mod journal;
pub mod lang;
pub mod life;
pub mod link;
pub mod message;
pub mod redact;
pub mod report;
pub mod schema;
pub mod simulator;
pub mod telemetry;
pub mod tls;
