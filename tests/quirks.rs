//! Each of the forty quirks of bank interfaces has its proof, and the proof is there: `docs/quirks.md` names samples, which
//! the checks translate both ways, and tests. A proof that vanishes, or a number that nobody proves, is found here.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the page: number and what is said.
fn rows() -> Vec<(usize, String)> {
    let page = std::fs::read_to_string(root().join("docs/quirks.md")).expect("the page");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.splitn(3, " | ");
        Some((cells.next()?.parse().ok()?, cells.nth(1)?.to_owned()))
    };
    page.lines().filter_map(row).collect()
}

/// What stands between backticks.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Every one of these quirks is proved by something that is there, or says why it does not apply.
fn proved(numbers: std::ops::RangeInclusive<usize>) {
    let rows = rows();
    for number in numbers {
        let of: Vec<&String> = rows.iter().filter(|(own, _)| *own == number).map(|(_, text)| text).collect();
        let [text] = of.as_slice() else { panic!("quirk {number} stands {} times", of.len()) };
        if let Some(reason) = text.strip_prefix("does not apply: ") {
            assert!(reason.len() > 20, "quirk {number} says no reason");
            continue;
        }
        assert!(named(text).next().is_some(), "quirk {number} names no proof");
        for proof in named(text) {
            match proof.split_once("::") {
                Some((file, test)) => {
                    let source = std::fs::read_to_string(root().join(file)).unwrap_or_default();
                    let stands = source.contains(&format!("fn {test}()"));
                    assert!(stands, "quirk {number}: no test {test} in {file}");
                }
                None => {
                    let mut parts = proof.splitn(2, '/');
                    let (bank, case) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                    let folder = root().join("adapters").join(bank).join("samples").join(case);
                    assert!(folder.join("note.md").is_file(), "quirk {number}: no sample {proof}");
                }
            }
        }
    }
}

#[test]
fn quirks_1_to_13_of_frames_charsets_and_shapes() {
    proved(1..=13);
}

#[test]
fn quirks_14_to_19_of_files() {
    proved(14..=19);
}

#[test]
fn quirks_20_to_29_of_values_and_outcomes() {
    proved(20..=29);
}

#[test]
fn quirks_30_to_40_of_what_happens_around() {
    proved(30..=40);
}

#[test]
fn there_are_forty() {
    assert_eq!(rows().into_iter().map(|(number, _)| number).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
}
