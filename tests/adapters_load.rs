//! Every adapter that is shipped loads and passes its check; what the check is for is found.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

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
