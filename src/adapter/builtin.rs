//! The adapters that come inside the program, so that a single file can run a demonstration.
//!
//! They are the folders under `adapters/`, notation files only, as they were when the program was built. A folder given on
//! the command line or in the configuration takes their place; no Rust knows any of their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_embed::RustEmbed;

use crate::adapter::fault::Faults;
use crate::adapter::load::FileSet;
use crate::adapter::plan::Adapter;

#[derive(RustEmbed)]
#[folder = "adapters/"]
#[include = "*/*.toml"]
#[include = "*/*.xml"]
#[exclude = "*/samples/*"]
struct Folders;

/// The notation files of every built-in adapter, by id.
pub fn file_sets() -> BTreeMap<String, FileSet> {
    let mut texts: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in Folders::iter() {
        let Some((id, name)) = path.split_once('/') else { continue };
        let Some(file) = Folders::get(&path) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        texts.entry(id.to_owned()).or_default().push((name.to_owned(), text));
    }
    texts.into_iter().map(|(id, files)| (id, FileSet::of(files))).collect()
}

/// The built-in adapters, compiled.
///
/// # Errors
/// The faults of the first adapter that has any; a test proves that none has.
pub fn load_all() -> Result<BTreeMap<String, Arc<Adapter>>, Faults> {
    file_sets()
        .into_iter()
        .map(|(id, files)| Adapter::compile(&id, &files).map(|adapter| (id, Arc::new(adapter))))
        .collect()
}
