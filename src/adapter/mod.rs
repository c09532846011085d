//! What one party's interface description means: knows no clock, socket, store or log.

pub mod charset;
pub mod xml;
