//! `kuimen adapter …`: what bank engineers do with adapter folders.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::{Adapter as Command, AdapterAction, Shared};
use super::{Exit, Screen, shelf};
use crate::adapter::plan::Adapter;
use crate::adapter::{carried, check, describe, manual};
use crate::lang::Phrase;

/// Where the adapters of a checkout lie, when no folder is named.
const HERE: &str = "adapters";

/// Runs the action.
pub(crate) fn run(screen: &Screen, shared: &Shared, command: &Command) -> Exit {
    match &command.action {
        AdapterAction::Check { dirs } => check(screen, shared, dirs),
        AdapterAction::Manual { adapter, html } => manual(screen, shared, adapter, *html),
        AdapterAction::Describe { adapter } => described(screen, shared, adapter),
        AdapterAction::Operations => operations(screen, shared),
    }
}

/// The manual, on standard output.
fn manual(screen: &Screen, shared: &Shared, path: &Path, html: bool) -> Exit {
    let (adapter, folder) = match find(screen, shared, path) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let form = if html { manual::Form::Html } else { manual::Form::Markdown };
    let write = |lang| manual::manual(&adapter, folder.as_deref(), lang, form);
    screen.result(write, || serde_json::json!(describe::describe(&adapter)));
    Exit::Ok
}

/// The description; always JSON, because it is for programs.
fn described(screen: &Screen, shared: &Shared, path: &Path) -> Exit {
    let (adapter, _) = match find(screen, shared, path) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let document = serde_json::json!(describe::describe(&adapter));
    screen.result(|_| format!("{document:#}\n"), || document.clone());
    Exit::Ok
}

/// An adapter by its folder, or by its name among the built-in ones; the folder has the samples.
fn find(screen: &Screen, shared: &Shared, path: &Path) -> Result<(Arc<Adapter>, Option<PathBuf>), Exit> {
    if path.join("adapter.toml").is_file() {
        let adapter = Adapter::load(path).map_err(|faults| shelf::show(screen, &faults))?;
        return Ok((adapter, Some(path.to_owned())));
    }
    let name = path.to_string_lossy();
    let shelved = shelf::one(screen, shared.adapters.as_deref(), &name)?;
    let beside = shared.adapters.as_deref().unwrap_or_else(|| Path::new(HERE)).join(path);
    Ok((shelved.adapter, beside.is_dir().then_some(beside)))
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
