//! What two requests under one key are compared by: every field that was said, in schema order, in canonical spelling.
//!
//! White space and the order of members are gone by then; names and purposes are compared in Unicode normal form C, so
//! that two systems that compose characters differently still mean the same payment. Keying and hashing belong to the
//! journal.

use unicode_normalization::UnicodeNormalization;

use super::record::{Record, Value};

/// The fields of `record` with their values as they are compared: text in normal form C without blanks at its ends,
/// money as decimal fen. A field that was not said is not in the list.
pub fn canonical_fields(record: &Record<'_>) -> Vec<(&'static str, String)> {
    record.iter().map(|(field, value)| (field.name(), canonical(value))).collect()
}

fn canonical(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.trim().nfc().collect(),
        Value::Fen(fen) => fen.to_string(),
    }
}
