//! From a folder to a checked adapter: reading the files, the digest, settings of a link.
//!
//! Only `load` and `load_all` touch the disk; everything else works on a [`FileSet`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest;

use crate::adapter::compile;
use crate::adapter::fault::{At, Fault, Faults, Sink};
use crate::adapter::plan::{Adapter, KeyOf, MacAlgorithm, OperationPlan, Picture, SettingDef};
use crate::adapter::runtime::Settings;
use crate::lang::Phrase;
use crate::message::Operation;

/// The name of the file that every adapter has.
pub(crate) const MAIN_FILE: &str = "adapter.toml";

/// The notation files of one adapter folder: name to contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    texts: BTreeMap<String, String>,
    /// Files that are not UTF-8, with the offset of the first byte that is not.
    unreadable: BTreeMap<String, usize>,
}

impl FileSet {
    /// A set made in memory.
    pub fn of<N: Into<String>, T: Into<String>>(files: impl IntoIterator<Item = (N, T)>) -> FileSet {
        let texts = files.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        FileSet { texts, unreadable: BTreeMap::new() }
    }

    /// Reads the `.toml` and `.xml` files of a folder. Samples, notes and sub-folders are not part of it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(folder: &Path) -> std::io::Result<FileSet> {
        let mut set = FileSet::default();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let notation = path.extension().is_some_and(|extension| extension == "toml" || extension == "xml");
            let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| notation && path.is_file())
            else {
                continue;
            };
            match String::from_utf8(std::fs::read(&path)?) {
                Ok(text) => {
                    set.texts.insert(name.to_owned(), text);
                }
                Err(error) => {
                    set.unreadable.insert(name.to_owned(), error.utf8_error().valid_up_to());
                }
            }
        }
        Ok(set)
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The file's own name, borrowed from the set, and its text.
    pub(crate) fn named(&self, name: &str) -> Option<(&str, &str)> {
        self.texts.get_key_value(name).map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// All texts by name.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// SHA-256 over names and contents in the order of the names, lower-case hex. Each is preceded by its length, so that
    /// no two sets run together to the same bytes.
    pub fn digest(&self) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for (name, text) in &self.texts {
            for piece in [name, text] {
                context.update(&u64::try_from(piece.len()).unwrap_or(u64::MAX).to_be_bytes());
                context.update(piece.as_bytes());
            }
        }
        data_encoding::HEXLOWER.encode(context.finish().as_ref())
    }
}

impl Adapter {
    /// Reads and compiles the adapter of a folder; the folder's name is its id.
    ///
    /// # Errors
    /// Every fault of the folder.
    pub fn load(folder: &Path) -> Result<Arc<Adapter>, Faults> {
        let id = folder
            .canonicalize()
            .ok()
            .as_deref()
            .unwrap_or(folder)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let files = FileSet::read(folder)
            .map_err(|error| lone(&id, Phrase::new("adapter-fault-unreadable-folder").with("why", error)))?;
        Adapter::compile(&id, &files).map(Arc::new)
    }

    /// Loads every folder below `parent` that holds an `adapter.toml`.
    ///
    /// # Errors
    /// The faults of all folders together; they name `adapter/file`.
    pub fn load_all(parent: &Path) -> Result<BTreeMap<String, Arc<Adapter>>, Faults> {
        let entries = std::fs::read_dir(parent)
            .map_err(|error| lone("", Phrase::new("adapter-fault-unreadable-folder").with("why", error)))?;
        let mut folders: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        folders.retain(|folder| folder.join(MAIN_FILE).is_file());
        folders.sort();
        let mut adapters = BTreeMap::new();
        let mut all = Faults { adapter: String::new(), sources: BTreeMap::new(), faults: Vec::new() };
        for folder in &folders {
            match Adapter::load(folder) {
                Ok(adapter) => {
                    adapters.insert(adapter.id.clone(), adapter);
                }
                Err(faults) => {
                    let name = |file: &str| format!("{}/{file}", faults.adapter);
                    all.sources.extend(faults.sources.iter().map(|(file, text)| (name(file), text.clone())));
                    all.faults
                        .extend(faults.faults.iter().map(|fault| Fault { file: name(&fault.file), ..fault.clone() }));
                }
            }
        }
        if all.faults.is_empty() { Ok(adapters) } else { Err(all) }
    }

    /// Compiles a set of files; touches no disk.
    ///
    /// # Errors
    /// Every fault of the set.
    pub fn compile(id: &str, files: &FileSet) -> Result<Adapter, Faults> {
        let sink = Sink::new(files);
        for (file, offset) in &files.unreadable {
            let rule = Phrase::new("adapter-fault-not-utf8").with("offset", offset);
            sink.report(&At { file, span: 0..0 }, rule);
        }
        let adapter = compile::adapter(id, files, &sink);
        match adapter.filter(|_| sink.is_clean()) {
            Some(adapter) => Ok(adapter),
            None => Err(sink.into_faults(id)),
        }
    }

    /// The plan of an operation, if the adapter has it.
    pub fn operation(&self, operation: Operation) -> Option<&OperationPlan> {
        self.operations.get(&operation)
    }

    /// The algorithms of its MACs that a gateway uses only where its configuration says so.
    pub fn legacy(&self) -> impl Iterator<Item = MacAlgorithm> {
        let mac_of = |setting: &SettingDef| match setting.key_of {
            Some(KeyOf::Mac(algorithm)) => Some(algorithm),
            Some(KeyOf::Seal(..)) | None => None,
        };
        self.settings.iter().filter_map(mac_of).filter(|algorithm| algorithm.is_legacy())
    }

    /// The settings of a link in the plan's order, each taken from `supply` by its name.
    ///
    /// # Errors
    /// Every setting that is missing, does not fit its picture or is no key of its MAC, as (name, rule). The value is never part of it.
    pub fn settings_from(&self, supply: impl Fn(&str) -> Option<String>) -> Result<Settings, Vec<(String, Phrase)>> {
        let mut values = Vec::new();
        let mut wrong = Vec::new();
        for setting in &self.settings {
            let value = supply(&setting.name);
            match &value {
                None => wrong.push((setting.name.clone(), Phrase::new("adapter-setting-missing"))),
                Some(text) => {
                    if !fits(setting.picture, text, self) {
                        let room = setting.picture.longest();
                        wrong.push((setting.name.clone(), Phrase::new("adapter-setting-unfit").with("room", room)));
                    } else if let Some(key_of) = setting.key_of.filter(|key_of| !key_of.takes(text)) {
                        let rule = Phrase::new("adapter-mac-key").with("algorithm", key_of.name());
                        wrong.push((setting.name.clone(), rule));
                    }
                }
            }
            values.push(value);
        }
        if wrong.is_empty() { Ok(Settings(values)) } else { Err(wrong) }
    }

    /// The settings that demo and simulation use.
    pub fn demo_settings(&self) -> Settings {
        Settings(self.settings.iter().map(|setting| setting.demo.clone()).collect())
    }
}

/// Whether a setting's value fits its picture.
fn fits(picture: Picture, text: &str, adapter: &Adapter) -> bool {
    compile::fits(picture, text, adapter.wire.charset)
}

fn lone(id: &str, rule: Phrase) -> Faults {
    let files = FileSet::default();
    let sink = Sink::new(&files);
    sink.report(&At::start(MAIN_FILE), rule);
    sink.into_faults(id)
}
