//! A broken algorithm is off unless the configuration of its link names it, and its key is a key before anything is sent.

#![expect(clippy::expect_used, reason = "a test fails by panicking, in helpers too")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kuimen::adapter::plan::Adapter;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

/// The shipped adapters that need a legacy algorithm.
fn legacy() -> BTreeMap<String, Arc<Adapter>> {
    let mut adapters = Adapter::load_all(&shipped()).expect("adapters without faults");
    adapters.retain(|_, adapter| adapter.legacy().next().is_some());
    assert!(!adapters.is_empty(), "nothing to test with");
    adapters
}

/// Exit code and words of `kuimen config check` for one bank with `line` in its table.
fn checked(adapter: &Adapter, line: &str) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut text = format!(
        "allow_invented = true\n[data]\ndirectory = \"data\"\nkey = \"kuimen.key\"\n[adapters]\ndirectory = {:?}\n\
         [listen]\naddress = \"127.0.0.1:0\"\ncertificate = \"c\"\nkey = \"k\"\nclient_ca = \"ca\"\n\
         [[party]]\nid = \"agency\"\nsan = \"dns:agency.test\"\nbanks = [\"*\"]\noperations = [\"*\"]\n\
         [bank.{}]\naddress = \"127.0.0.1:1\"\nsecurity = \"front-end\"\n{line}\n[bank.{}.settings]\n",
        shipped(),
        adapter.id,
        adapter.id,
    );
    for setting in &adapter.settings {
        let value = setting.demo.as_deref().expect("a value for demonstrations");
        let file = format!("{}.value", setting.name);
        std::fs::write(dir.path().join(&file), value).expect("a value");
        let _ = writeln!(text, "{} = {{ file = {file:?} }}", setting.name);
    }
    let file = dir.path().join("kuimen.toml");
    std::fs::write(&file, text).expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kuimen"));
    let run = command.args(["--lang", "en", "config", "check"]).arg(&file).output().expect("kuimen runs");
    let said = [run.stdout, run.stderr].concat();
    (run.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_legacy_algorithm_is_off_unless_the_configuration_names_it() {
    for adapter in legacy().values() {
        let name = adapter.legacy().next().expect("one").name();
        let (code, said) = checked(adapter, "");
        assert!(code == Some(78) && said.contains(name), "{}: {code:?} {said}", adapter.id);
        let (code, said) = checked(adapter, &format!("legacy = [{name:?}]"));
        assert_eq!(code, Some(0), "{}: {said}", adapter.id);
    }
}

#[test]
fn a_key_that_is_none_is_refused_before_anything_is_sent() {
    for adapter in legacy().values() {
        let good = |name: &str| adapter.settings.iter().find(|setting| setting.name == name)?.demo.clone();
        assert!(adapter.settings_from(good).is_ok());
        let keys: Vec<&str> =
            adapter.settings.iter().filter(|setting| setting.key_of.is_some()).map(|key| key.name.as_str()).collect();
        let bad = |name: &str| if keys.contains(&name) { Some("not sixteen".to_owned()) } else { good(name) };
        let wrong = adapter.settings_from(bad).err().expect("no key");
        let named: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(named, keys, "{}", adapter.id);
    }
}
