//! Value types: what a single value must be like, apart from the message it stands in.

mod fen;

pub use fen::Fen;
