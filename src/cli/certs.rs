//! `kuimen certs dev`: an authority and certificates for development. Never for production: the keys lie side by side.

use serde_json::json;

use super::arguments::{Certs, CertsAction};
use super::{Exit, Screen};
use crate::adapter::builtin;
use crate::lang::Phrase;
use crate::tls;

/// Writes the folder; an existing file is an error and nothing is overwritten.
pub(crate) fn run(screen: &Screen, command: &Certs) -> Exit {
    let CertsAction::Dev { dir, bank } = &command.action;
    let built_in: Vec<String> = builtin::file_sets().into_keys().collect();
    let banks: Vec<&str> = if bank.is_empty() { &built_in } else { bank }.iter().map(String::as_str).collect();
    match tls::dev::write(dir, &banks) {
        Ok(house) => {
            let done = Phrase::new("cli-certs-written").with("dir", house.dir.display());
            screen.result(|lang| done.text(lang), || json!({ "dir": house.dir, "banks": banks }));
            Exit::Ok
        }
        Err(error) => screen.fail(Exit::Io, "not-written", &Phrase::new("cli-not-written").with("cause", error)),
    }
}
