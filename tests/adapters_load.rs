//! Every adapter that is shipped loads and passes its check; what the check is for is found.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use kuimen::adapter::carried;
use kuimen::adapter::check::{CheckReport, Severity, check};
use kuimen::adapter::plan::Adapter;
use kuimen::lang::Lang;

/// A change to the bytes of a file.
type Edit = Box<dyn Fn(Vec<u8>) -> Vec<u8>>;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

#[test]
fn every_shipped_adapter_loads() {
    let adapters = Adapter::load_all(&shipped()).unwrap_or_else(|faults| panic!("{faults}"));
    let folders = std::fs::read_dir(shipped()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(adapters.len(), folders);
    for adapter in adapters.values() {
        assert_eq!(adapter.digest.len(), 64);
        assert!(!adapter.invented.is_empty(), "{}: nothing at all is invented?", adapter.id);
        assert!(adapter.demo_settings().0.iter().all(Option::is_some), "{}: a setting without demo value", adapter.id);
    }
}

#[test]
fn every_shipped_adapter_passes_its_check() {
    let report = check(&[shipped()]);
    println!("{}", report.render(Lang::En));
    assert!(report.is_clean(), "{}", report.render(Lang::En));
    for adapter in &report.adapters {
        assert!(adapter.counts.samples > 10 && adapter.counts.prefixes > 1000, "{}", adapter.id);
        assert!(adapter.counts.generated > 100, "{}: {:?}", adapter.id, adapter.counts);
    }
}

/// A copy of a shipped adapter in which one file was changed.
fn changed(adapter: &str, file: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> CheckReport {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
            if path.is_dir() { copy(&path, &to) } else { std::fs::copy(&path, &to).map(drop).unwrap() }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join(adapter);
    copy(&shipped().join(adapter), &to);
    let bytes = std::fs::read(to.join(file)).unwrap();
    std::fs::write(to.join(file), change(bytes)).unwrap();
    check(&[to])
}

fn replaced(find: &'static str, with: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(find), "{find}");
        text.replacen(find, with, 1).into_bytes()
    }
}

#[test]
fn the_check_finds_what_samples_contradict() {
    let sample = "samples/payment.pay/accepted";
    let rows: [(&str, String, Edit, &str); 6] = [
        (
            "crcb",
            format!("{sample}/request.wire"),
            Box::new(|mut bytes| {
                bytes[30] ^= 1;
                bytes
            }),
            "bytes-differ",
        ),
        ("crcb", format!("{sample}/request.json"), Box::new(replaced("123450", "123451")), "differs"),
        ("crcb", format!("{sample}/reply.json"), Box::new(replaced("\"YES\"", "\"NO\"")), "reply-differs"),
        (
            "crcb",
            format!("{sample}/reply.wire"),
            Box::new(|mut bytes| {
                bytes.pop();
                bytes
            }),
            "refused",
        ),
        (
            "crcb",
            "samples/payment.pay/bad-request-amount/problem.json".into(),
            Box::new(replaced("cannot-decode", "frame")),
            "refused-otherwise",
        ),
        (
            "crcb",
            "samples/payment.pay/bad-request-amount/problem.json".into(),
            Box::new(replaced("\"request\"", "\"reply\"")),
            "refused-otherwise",
        ),
    ];
    for (adapter, file, change, code) in rows {
        let report = changed(adapter, &file, change);
        let codes: Vec<_> = report.adapters[0].findings.iter().map(|finding| finding.code()).collect();
        assert!(codes.contains(&code) && !report.is_clean(), "{file}: {code} is not among {codes:?}");
    }
}

#[test]
fn a_class_of_outcome_without_sample_is_a_warning() {
    let report =
        changed("crcb", "adapter.toml", replaced("[codes.result]", "[codes.result]\nZZ = { occurred = \"in-hand\" }"));
    let warnings: Vec<_> = report.adapters[0].findings.iter().filter(|one| one.severity == Severity::Warning).collect();
    assert!(
        warnings.iter().any(|one| one.code() == "sample-missing" && one.rule.text(Lang::En).contains("IN_HAND")),
        "{warnings:?}"
    );
    assert!(report.is_clean());
}

#[test]
fn the_committed_table_of_operations_is_fresh() {
    let adapters = Adapter::load_all(&shipped()).unwrap_or_else(|faults| panic!("{faults}"));
    for (id, adapter) in &adapters {
        for plan in adapter.operations.values() {
            assert!(plan.source.is_some(), "{id}: on what does {} rest?", plan.operation.name());
        }
    }
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    assert_eq!(
        std::fs::read_to_string(committed).unwrap_or_default(),
        carried::markdown(&adapters),
        "stale: run `cargo run -- adapter operations > docs/operations.md`"
    );
}

/// Words that would give a bank away: names, ids, CNAPS numbers, constants and result codes of the shipped adapters, and the
/// first digits of the banks' cards, which are public.
fn words_of_banks() -> Vec<String> {
    let adapters = Adapter::load_all(&shipped()).unwrap_or_else(|faults| panic!("{faults}"));
    let mut words: Vec<String> = Vec::new();
    for (id, adapter) in adapters {
        words.extend([id.clone(), adapter.party.zh.clone(), adapter.party.en.clone(), adapter.party.cnaps.clone()]);
        for operation in adapter.operations.keys() {
            let text = std::fs::read_to_string(shipped().join(&id).join(format!("{}.toml", operation.name()))).unwrap();
            let table: toml::Table = text.parse().unwrap();
            let constants = table.get("constants").and_then(|it| it.as_table()).cloned().unwrap_or_default();
            words.extend(constants.values().filter_map(|value| value.as_str().map(str::to_owned)));
        }
        let main: toml::Table =
            std::fs::read_to_string(shipped().join(&id).join("adapter.toml")).unwrap().parse().unwrap();
        let tables = main.get("codes").and_then(|it| it.as_table()).cloned().unwrap_or_default();
        words.extend(tables.values().filter_map(|table| table.as_table()).flat_map(|table| table.keys().cloned()));
    }
    words.extend(["622848", "621700", "621226", "622202", "621799", "622188", "622867"].map(str::to_owned));
    // Short codes are everybody's, years and rows of zeros too.
    let least = |word: &str| if word.bytes().all(|byte| byte.is_ascii_digit()) { 5 } else { 3 };
    words.retain(|word| word.len() >= least(word) && word.bytes().any(|byte| byte != b'0'));
    words
}

#[test]
fn no_bank_is_known_to_the_program() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let of_tests = path.file_name().is_some_and(|name| name == "tests" || name == "tests.rs");
            if path.is_dir() && !of_tests {
                sources(&path, found);
            } else if !of_tests && path.is_file() {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let words = words_of_banks();
    assert!(files.len() > 150 && words.len() > 100, "{} {}", files.len(), words.len());
    let joins = |character: Option<char>| character.is_some_and(|it| it.is_ascii_alphanumeric() || it == '_');
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in &words {
            let digits = word.len() == 6 && word.starts_with("62");
            let alone = |(at, found): (usize, &str)| {
                let (before, rest) = text.split_at(at);
                let (before, after) = (before.chars().next_back(), rest.chars().nth(found.chars().count()));
                !joins(before) && (digits || !joins(after))
            };
            assert!(!text.match_indices(word.as_str()).any(alone), "{} knows {word}", file.display());
        }
    }
}
