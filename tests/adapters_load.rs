//! Every adapter that is shipped loads without a fault.

use std::path::Path;

use kuimen::adapter::plan::Adapter;

#[test]
fn every_shipped_adapter_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters");
    let adapters = Adapter::load_all(&folder).unwrap_or_else(|faults| panic!("{faults}"));
    let folders = std::fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(adapters.len(), folders);
    for adapter in adapters.values() {
        assert_eq!(adapter.digest.len(), 64);
        assert!(!adapter.invented.is_empty(), "{}: nothing at all is invented?", adapter.id);
        assert!(adapter.demo_settings().0.iter().all(Option::is_some), "{}: a setting without demo value", adapter.id);
    }
}
