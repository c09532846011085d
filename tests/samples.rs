//! The samples beside the adapters: assembled anew by an independent script, and the same to the byte as what is committed.

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_samples_are_what_the_independent_script_assembles() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/assemble.py");
    let run = Command::new("python3").arg("-B").arg(script).arg("--check").output();
    let run = run.expect("python3 is needed to assemble the samples");
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8(run.stdout).expect("text");
    let compared: usize = said.split(' ').next().and_then(|count| count.parse().ok()).expect("a count of files");
    assert!(compared > 500, "only {compared} files were compared");
}
