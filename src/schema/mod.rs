//! The published description of the north side: JSON Schema for each operation and OpenAPI 3.1, made from the dictionary.
//!
//! Nothing is written twice: fields, titles, codes, forms and lengths come from [`crate::message::dictionary`] and the
//! forms beside each value's check, states from [`crate::life`], problem codes from the table of problems. `schemas/`
//! holds what [`write_all`] writes, and a test proves it fresh. What a form cannot say (check digits, real dates) is in
//! [`SEMANTIC_CODES`]: a body may satisfy the schema and still be refused with one of them.

mod description;
mod fields;
mod openapi;

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::message::Operation;

pub use description::description;
pub use fields::json_schema;
pub use openapi::openapi;

/// Codes of rules that the schemas cannot (fully) express: a body may satisfy its schema and be refused with these alone.
/// A body refused with any other code violates its schema, and a body that violates its schema is refused.
/// `number-not-whole` is among them because JSON Schema takes `1.0` for an integer.
pub const SEMANTIC_CODES: &[&str] = &[
    "card-check-digit",
    "cnaps-check-digit",
    "day-calendar",
    "document-birth-date",
    "document-check-digit",
    "member-repeated",
    "number-not-whole",
];

/// The JSON Schema dialect of every schema.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Every published document with its file name.
pub fn documents() -> Vec<(String, Value)> {
    let schemas = Operation::ALL.map(|operation| (format!("{}.schema.json", operation.name()), json_schema(operation)));
    schemas
        .into_iter()
        .chain([("adapter.description.schema.json".to_owned(), description()), ("openapi.json".to_owned(), openapi())])
        .collect()
}

/// A document as it is stored: two blanks of indentation, a line feed at the end.
pub fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// Writes every document into `folder`, which is made if it is not there, and says which files it wrote.
///
/// # Errors
/// The first folder or file that cannot be written.
pub fn write_all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let write = |(name, document): (String, Value)| {
        let path = folder.join(name);
        std::fs::write(&path, text(&document))?;
        Ok(path)
    };
    documents().into_iter().map(write).collect()
}
