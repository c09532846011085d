//! An eighth bank, of a kind that no other adapter has (ISO 8583: bitmaps, packed digits, signs), added by data alone.

use std::path::{Path, PathBuf};

use kuimen::adapter::check::check;
use kuimen::lang::Lang;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eighth/isobank")
}

#[test]
fn it_passes_the_check_that_every_bank_passes() {
    let report = check(&[folder()]);
    assert!(report.is_clean(), "{}", report.render(Lang::En));
    let [adapter] = report.adapters.as_slice() else { panic!("one adapter") };
    assert!(adapter.counts.samples >= 27 && adapter.counts.prefixes > 3_000, "{:?}", adapter.counts);
    assert!(adapter.counts.generated > 300, "{:?}", adapter.counts);
}

#[test]
fn nothing_but_data_knows_it() {
    fn look(folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("isobank"), "{} knows it", path.display());
            }
        }
    }
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let only = |name: &str| [".toml", ".json", ".md", ".wire"].iter().any(|end| name.ends_with(end));
    fn all(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { all(&path, found) } else { found.push(path.display().to_string()) }
        }
    }
    let mut files = Vec::new();
    all(&folder(), &mut files);
    assert!(files.len() > 100 && files.iter().all(|name| only(name)));
}
