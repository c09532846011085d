//! `kuimen schema export`: JSON Schema and OpenAPI, written from the dictionary.

use serde_json::json;

use super::arguments::{Schema, SchemaAction};
use super::{Exit, Screen};
use crate::lang::Phrase;
use crate::schema;

/// Writes every schema; files that are there are replaced.
pub(crate) fn run(screen: &Screen, command: &Schema) -> Exit {
    let SchemaAction::Export { dir } = &command.action;
    match schema::write_all(dir) {
        Ok(files) => {
            let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            screen.result(|_| names.join("\n"), || json!({ "files": names }));
            Exit::Ok
        }
        Err(error) => screen.fail(Exit::Io, "not-written", &Phrase::new("cli-not-written").with("cause", error)),
    }
}
