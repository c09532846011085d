//! What is wrong with an adapter folder: every fault at once, each with its place and the rule that it breaks.
//!
//! A fault points into a file: line and column (both from 1, the column in characters) and a byte span, so that people get
//! the line with a caret below it and programs get numbers. Its code is stable; its words come from the catalogue.
//! Deliberately not here: the rules themselves (`compile`), and faults of messages (`Refusal`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use crate::adapter::load::FileSet;
use crate::lang::{Lang, Phrase};

/// The catalogue keys of faults begin with this; the rest of the key is the fault's code.
const KEY_PREFIX: &str = "adapter-fault-";

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// File inside the adapter folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The bytes of the file that are meant.
    pub span: Range<usize>,
    /// Stable code in kebab case, for programs.
    pub code: &'static str,
    /// The rule, for people.
    pub rule: Phrase,
}

/// All faults of one adapter folder, in the order of file and position; never empty.
#[derive(Clone)]
pub struct Faults {
    /// The adapter's id (the folder's name).
    pub adapter: String,
    /// Contents of the files, for the lines that are shown.
    pub sources: BTreeMap<String, String>,
    /// The faults.
    pub faults: Vec<Fault>,
}

impl Faults {
    /// The faults as text: the place, the line, a caret below the spot, the rule.
    pub fn render(&self, lang: Lang) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(160);
        let mut out = String::new();
        for fault in &self.faults {
            let source = self.sources.get(&fault.file).cloned().unwrap_or_default();
            let shown = LabeledSpan::new_with_span(Some(fault.rule.text(lang)), fault.span.clone());
            let diagnostic = MietteDiagnostic::new(format!(
                "{}/{}:{}:{}: {}",
                self.adapter, fault.file, fault.line, fault.column, fault.code
            ))
            .with_label(shown);
            let name = format!("{}/{}", self.adapter, fault.file);
            let report = Report::from(diagnostic).with_source_code(NamedSource::new(name, source));
            if handler.render_report(&mut out, report.as_ref()).is_err() {
                out.push_str(&fault.rule.text(lang));
            }
            out.push('\n');
        }
        out
    }

    /// The faults as data: `file line column code zh en`, one object each.
    pub fn to_json(&self) -> serde_json::Value {
        self.faults
            .iter()
            .map(|fault| {
                serde_json::json!({
                    "adapter": self.adapter, "file": fault.file, "line": fault.line, "column": fault.column,
                    "code": fault.code, "zh": fault.rule.text(Lang::Zh), "en": fault.rule.text(Lang::En),
                })
            })
            .collect()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Faults {}

/// A place in a file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At<'a> {
    /// The file.
    pub(crate) file: &'a str,
    /// Bytes.
    pub(crate) span: Range<usize>,
}

impl<'a> At<'a> {
    /// The beginning of `file`.
    pub(crate) fn start(file: &'a str) -> At<'a> {
        At { file, span: 0..0 }
    }
}

/// Where faults are gathered while a folder is read.
pub(crate) struct Sink<'a> {
    files: &'a FileSet,
    faults: RefCell<Vec<Fault>>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(files: &'a FileSet) -> Sink<'a> {
        Sink { files, faults: RefCell::default() }
    }

    /// Reports a broken rule. The code is the catalogue key without its prefix.
    pub(crate) fn report(&self, at: &At<'_>, rule: Phrase) {
        let text = self.files.text(at.file).unwrap_or_default();
        let (line, column) = position(text, at.span.start);
        let code = rule.key().strip_prefix(KEY_PREFIX).unwrap_or(rule.key());
        let fault = Fault { file: at.file.to_owned(), line, column, span: at.span.clone(), code, rule };
        let mut faults = self.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    /// Whether there is none so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, at: &At<'_>) -> usize {
        position(self.files.text(at.file).unwrap_or_default(), at.span.start).0
    }

    /// All faults, ordered.
    pub(crate) fn into_faults(self, adapter: &str) -> Faults {
        let mut faults = self.faults.into_inner();
        faults.sort_by(|a, b| (&a.file, a.span.start, a.code).cmp(&(&b.file, b.span.start, b.code)));
        Faults { adapter: adapter.to_owned(), sources: self.files.texts().clone(), faults }
    }
}

/// Line and column (characters), both from 1, of a byte offset.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        assert_eq!(position("甲乙\n丙丁x", 0), (1, 1));
        assert_eq!(position("甲乙\n丙丁x", 3), (1, 2));
        assert_eq!(position("甲乙\n丙丁x", 7), (2, 1));
        assert_eq!(position("甲乙\n丙丁x", 13), (2, 3));
        assert_eq!(position("甲乙\n丙丁x", 99), (2, 4));
    }

    #[test]
    fn a_rendered_fault_has_its_line_a_caret_under_the_spot_and_both_languages() {
        let text = "[wire]\ncharset = \"甲\"\n";
        let unknown = || Phrase::new("adapter-fault-unknown-charset").with("known", "a | b");
        let files = FileSet::of([("adapter.toml", text)]);
        let sink = Sink::new(&files);
        sink.report(&At { file: "adapter.toml", span: 17..22 }, unknown());
        let faults = sink.into_faults("b1");
        let shown = faults.render(Lang::En);
        assert!(shown.contains("b1/adapter.toml:2:11: unknown-charset"), "{shown}");
        assert!(shown.contains("charset = \"甲\""), "{shown}");
        assert!(shown.contains(&unknown().text(Lang::En)), "{shown}");
        let json = faults.to_json();
        assert_eq!(json[0]["line"], 2);
        assert_eq!(json[0]["column"], 11);
        assert_eq!(json[0]["code"], "unknown-charset");
        assert_ne!(json[0]["zh"], json[0]["en"]);
    }
}
