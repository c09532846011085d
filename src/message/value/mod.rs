//! Value types: what a single value must be like, apart from the message it stands in.
//!
//! Each kind has its form as a regular expression for the published schemas beside the code that checks it; a test
//! holds the two against each other. What a form cannot say (check digits, real dates) is in the code only.

pub mod account;
pub mod card;
pub mod cnaps;
pub mod date;
pub mod document;
mod fen;
pub mod period;
pub mod text;
pub mod token;

pub use document::Document;
pub use fen::Fen;

/// Whether `text` has between `least` and `most` characters, all of them such.
fn all(text: &str, least: usize, most: usize, such: impl Fn(u8) -> bool) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(such)
}
