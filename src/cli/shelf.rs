//! The adapters a command works with: the built-in ones, or those of `--adapters DIR`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Exit, Screen};
use crate::adapter::builtin;
use crate::adapter::fault::Faults;
use crate::adapter::load::FileSet;
use crate::adapter::plan::Adapter;
use crate::lang::Phrase;

/// An adapter with the files it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Shelved {
    /// The plan.
    pub adapter: Arc<Adapter>,
    /// Its files, to be archived where messages are pinned to it.
    pub files: FileSet,
}

/// All adapters by id.
pub(crate) fn all(screen: &Screen, folder: Option<&Path>) -> Result<BTreeMap<String, Shelved>, Exit> {
    let sets = match folder {
        None => builtin::file_sets(),
        Some(folder) => read(folder).map_err(|error| {
            let phrase = Phrase::new("cli-input-unreadable").with("file", folder.display()).with("cause", error);
            screen.fail(Exit::NoInput, "no-input", &phrase)
        })?,
    };
    let mut shelf = BTreeMap::new();
    let mut worst = None;
    for (id, files) in sets {
        match Adapter::compile(&id, &files) {
            Ok(adapter) => {
                shelf.insert(id, Shelved { adapter: Arc::new(adapter), files });
            }
            Err(faults) => worst = Some(show(screen, &faults)),
        }
    }
    worst.map_or(Ok(shelf), Err)
}

/// One adapter by its id.
pub(crate) fn one(screen: &Screen, folder: Option<&Path>, id: &str) -> Result<Shelved, Exit> {
    let mut shelf = all(screen, folder)?;
    match shelf.remove(id) {
        Some(shelved) => Ok(shelved),
        None => {
            let known = shelf.into_keys().collect::<Vec<_>>().join(", ");
            let phrase = Phrase::new("cli-no-such-adapter").with("adapter", id).with("known", known);
            Err(screen.fail(Exit::Usage, "no-such-adapter", &phrase))
        }
    }
}

/// The notation files of every folder below `parent` that holds an adapter.
pub(crate) fn read(parent: &Path) -> std::io::Result<BTreeMap<String, FileSet>> {
    let mut sets = BTreeMap::new();
    for entry in std::fs::read_dir(parent)? {
        let path = entry?.path();
        if path.join("adapter.toml").is_file()
            && let Some(id) = path.file_name().and_then(|name| name.to_str())
        {
            sets.insert(id.to_owned(), FileSet::read(&path)?);
        }
    }
    Ok(sets)
}

/// Shows every fault of an adapter.
pub(crate) fn show(screen: &Screen, faults: &Faults) -> Exit {
    screen.result(|lang| faults.render(lang), || serde_json::json!({ "faults": faults.to_json() }));
    Exit::Data
}
