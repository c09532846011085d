//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};
use serde_json::{Value, json};

use crate::lang::{Lang, Phrase};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// First byte and length.
    pub span: (usize, usize),
    /// The rule that is broken.
    pub rule: Phrase,
    /// The line may hold a secret: it is not shown.
    hidden: bool,
}

impl ConfigFault {
    /// A fault at a place in `text`.
    pub(super) fn at(text: &str, span: (usize, usize), rule: Phrase) -> Self {
        let before = text.get(..span.0).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()).saturating_add(1);
        Self { line, column, span, rule, hidden: false }
    }

    pub(super) fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// All faults of a file, in the order of their places.
#[derive(Debug, Clone)]
pub struct Faults {
    file: PathBuf,
    text: Arc<str>,
    /// The faults.
    pub list: Vec<ConfigFault>,
}

impl Faults {
    pub(super) fn new(file: &Path, text: &str, mut list: Vec<ConfigFault>) -> Self {
        list.sort_by_key(|fault| fault.span.0);
        Self { file: file.to_owned(), text: text.into(), list }
    }

    /// For a person: each fault with its rule and a pointer into the text.
    pub fn render(&self, lang: Lang) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
        let name = self.file.display().to_string();
        let mut out = String::new();
        for fault in &self.list {
            let rule = fault.rule.text(lang);
            if fault.hidden || self.text.is_empty() {
                out.push_str(&format!("  × {rule}\n   ╭─[{name}:{}:{}]\n   ╰────\n", fault.line, fault.column));
                continue;
            }
            let report = Report { rule, span: fault.span, source: self.line(name.clone(), fault) };
            // Only writing to a string could fail.
            let _ = handler.render_report(&mut out, &report);
        }
        out
    }

    /// The one line of the text that a fault points into. Its neighbours are not shown: they may hold secrets.
    fn line(&self, name: String, fault: &ConfigFault) -> Line {
        let start = self.text.get(..fault.span.0).and_then(|it| it.rfind('\n')).map_or(0, |it| it.saturating_add(1));
        let rest = self.text.get(start..).unwrap_or_default();
        let text = rest.split('\n').next().unwrap_or_default().to_owned();
        Line { name, text, start, number: fault.line, column: fault.column.saturating_sub(1) }
    }

    /// For a program.
    pub fn json(&self, lang: Lang) -> Value {
        let list = self.list.iter().map(|fault| {
            json!({
                "file": self.file.display().to_string(),
                "line": fault.line,
                "column": fault.column,
                "code": fault.rule.key(),
                "detail": fault.rule.text(lang),
            })
        });
        Value::Array(list.collect())
    }
}

/// One line out of a file, at its place.
#[derive(Debug)]
struct Line {
    name: String,
    text: String,
    start: usize,
    number: usize,
    column: usize,
}

impl SourceCode for Line {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let span = SourceSpan::from((self.start, self.text.len()));
        let line = self.number.saturating_sub(1);
        let text = self.text.as_bytes();
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), text, span, line, self.column, 1)))
    }
}

#[derive(Debug)]
struct Report {
    rule: String,
    span: (usize, usize),
    source: Line,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.rule)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new(None, self.span.0, self.span.1))))
    }
}
