//! `kuimen adapter …`: what bank engineers do with adapter folders.

use std::path::{Path, PathBuf};

use super::arguments::{Adapter, AdapterAction, Shared};
use super::{Exit, Screen, shelf};
use crate::adapter::{carried, check};
use crate::lang::Phrase;

/// Where the adapters of a checkout lie, when no folder is named.
const HERE: &str = "adapters";

/// Runs the action.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Adapter) -> Exit {
    match &command.action {
        AdapterAction::Check { dirs } => check(screen, shared, dirs),
        AdapterAction::Operations => operations(screen, shared),
    }
}

/// The table of operations by bank.
fn operations(screen: &Screen, shared: &Shared) -> Exit {
    let shelf = match shelf::all(screen, shared.adapters.as_deref()) {
        Ok(shelf) => shelf,
        Err(exit) => return exit,
    };
    let adapters = shelf.into_iter().map(|(id, shelved)| (id, shelved.adapter)).collect();
    screen.result(|_| carried::markdown(&adapters), || carried::json(&adapters));
    Exit::Ok
}

/// Exit 0 without findings, 1 with all of them, 66 when there is nothing to look at.
fn check(screen: &Screen, shared: &Shared, dirs: &[PathBuf]) -> Exit {
    let parent = shared.adapters.as_deref().unwrap_or_else(|| Path::new(HERE));
    let folders = if dirs.is_empty() { below(parent) } else { Ok(dirs.to_vec()) };
    let folders = match folders {
        Ok(folders) => folders,
        Err(error) => {
            let phrase = Phrase::new("cli-input-unreadable").with("file", parent.display()).with("cause", error);
            return screen.fail(Exit::NoInput, "no-input", &phrase);
        }
    };
    let report = check::check(&folders);
    screen.result(|lang| report.render(lang), || report.to_json());
    if report.is_clean() { Exit::Ok } else { Exit::Found }
}

fn below(parent: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(parent)? {
        let path = entry?.path();
        if path.join("adapter.toml").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}
