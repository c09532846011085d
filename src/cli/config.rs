//! `kuimen config check`: reads a configuration with its adapters and starts nothing.

use serde_json::json;

use super::arguments::{Config, ConfigAction};
use super::{Exit, Screen, serve};
use crate::config;
use crate::lang::Phrase;

/// Every fault at once, as `serve` would find it.
pub(crate) fn run(screen: &Screen, command: &Config) -> Exit {
    let ConfigAction::Check { file } = &command.action;
    let config = match config::Config::load(file) {
        Ok(config) => config,
        Err(faults) => return serve::show(screen, &faults),
    };
    match serve::banks(screen, &config) {
        Ok(banks) => {
            let fine = Phrase::new("cli-config-fine").with("banks", banks.len());
            let ids: Vec<&String> = banks.keys().collect();
            screen.result(|lang| fine.text(lang), || json!({ "faults": [], "banks": ids }));
            Exit::Ok
        }
        Err(exit) => exit,
    }
}
