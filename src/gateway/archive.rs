//! Adapters as they were: each one ever used is kept under its digest, so that a message keeps the one it was encoded with.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::adapter::load::FileSet;
use crate::journal::make_durably;

/// The folder `adapters/<digest>/` of a data directory.
pub struct Archive {
    root: PathBuf,
}

impl Archive {
    /// The archive of a data directory.
    pub fn of(data_dir: &Path) -> Archive {
        Archive { root: data_dir.join("adapters") }
    }

    /// Keeps the files of an adapter under its digest. Writing is atomic: a folder with the final name is whole.
    pub fn keep(&self, id: &str, digest: &str, files: &FileSet) -> io::Result<()> {
        let folder = self.root.join(digest);
        if folder.is_dir() {
            return Ok(());
        }
        make_durably(&self.root)?;
        let draft = self.root.join(format!(".{digest}.draft"));
        if draft.exists() {
            fs::remove_dir_all(&draft)?;
        }
        let inner = draft.join(id);
        fs::create_dir_all(&inner)?;
        for (name, text) in files.texts() {
            let mut file = fs::File::create(inner.join(name))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
        }
        fs::File::open(&inner)?.sync_all()?;
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, &folder)?;
        fs::File::open(&self.root)?.sync_all()
    }

    /// Every kept adapter: digest, and the folder named by the adapter's id inside it.
    pub fn folders(&self) -> io::Result<BTreeMap<String, PathBuf>> {
        let mut found = BTreeMap::new();
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let Ok(digest) = entry.file_name().into_string() else { continue };
            if digest.starts_with('.') || !entry.file_type()?.is_dir() {
                continue;
            }
            for inner in fs::read_dir(entry.path())? {
                found.insert(digest.clone(), inner?.path());
            }
        }
        Ok(found)
    }
}
