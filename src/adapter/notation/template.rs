//! XML templates as trees with places. The `k:` prefix needs no declaration here and never reaches the wire.
//!
//! The strict XML layer reads them, so a template is held to the same rules as a message.

use std::ops::Range;

use crate::adapter::fault::{At, Sink};
use crate::adapter::notation::reader::Text;
use crate::adapter::xml::{Event, Limits, Reader, Span};
use crate::lang::Phrase;

/// Declares `k:` around the document, so that authors need not.
const OPENING: &str = "<k:template xmlns:k=\"kuimen\">";
const CLOSING: &str = "</k:template>";

/// A text with its bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) value: String,
    pub(crate) span: Range<usize>,
}

impl Placed {
    /// The text with its file.
    pub(crate) fn text<'a>(&'a self, file: &'a str) -> Text<'a> {
        Text::bare(&self.value, At { file, span: self.span.clone() })
    }
}

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// Its name; the span is that of the name in the start tag.
    pub(crate) name: Placed,
    /// Names and values in order.
    pub(crate) attributes: Vec<(Placed, Placed)>,
    /// All character data between its tags, blanks included.
    pub(crate) text: Option<Placed>,
    /// In order.
    pub(crate) children: Vec<Element>,
}

/// One template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The XML declaration as written.
    pub(crate) declaration: Option<Placed>,
    /// The encoding it names.
    pub(crate) encoding: Option<String>,
    /// The root.
    pub(crate) root: Element,
}

/// Reads a template; what is not well-formed is a fault.
pub(crate) fn read(sink: &Sink<'_>, file: &str, text: &str) -> Option<Template> {
    let report = |offset: usize, rule: Phrase| {
        let start = offset.min(text.len());
        let end = text.get(start..).and_then(|rest| rest.chars().next()).map_or(start, |next| start + next.len_utf8());
        sink.report(&At { file, span: start..end }, rule);
    };
    let (declaration, encoding, body) = match declaration(text) {
        Ok(found) => found,
        Err(at) => {
            report(at, Phrase::new("adapter-fault-template").with("rule", "xml-bad-declaration"));
            return None;
        }
    };
    let lead = text.len() - body.len();
    let wrapped = format!("{OPENING}{body}{CLOSING}");
    let mut reader = Reader::new(&wrapped, &Limits::default());
    let place = |at: Span| -> Range<usize> {
        let shift = |offset: usize| (offset + lead).saturating_sub(OPENING.len()).min(text.len());
        shift(at.start)..shift(at.end)
    };
    let mut open: Vec<Element> = Vec::new();
    loop {
        let event = match reader.next() {
            Ok(event) => event,
            Err(fault) => {
                let at = place(Span { start: fault.at, end: fault.at }).start;
                report(at, Phrase::new("adapter-fault-template").with("rule", fault.kind.code()));
                return None;
            }
        };
        match event {
            Event::Declaration { .. } => {}
            Event::Start { name, attributes, at } => {
                let start = place(at).start + 1;
                let name = Placed { value: name.to_owned(), span: start..start + name.len() };
                let attributes = attributes
                    .filter(|attribute| !open.is_empty() || attribute.name != "xmlns:k")
                    .map(|attribute| {
                        let span = place(attribute.at);
                        let key = Placed {
                            value: attribute.name.to_owned(),
                            span: span.start..span.start + attribute.name.len(),
                        };
                        let quoted = attribute.value.len() + 1;
                        let value = Placed {
                            value: attribute.value.into_owned(),
                            span: span.end.saturating_sub(quoted)..span.end.saturating_sub(1),
                        };
                        (key, value)
                    })
                    .collect();
                open.push(Element { name, attributes, text: None, children: Vec::new() });
            }
            Event::Text { value, plain: _, at } => {
                let span = place(at);
                if let Some(element) = open.last_mut() {
                    add_text(element, &value, span);
                }
            }
            Event::End { .. } => {
                let Some(element) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return finish(element, declaration, encoding, &report),
                }
            }
            Event::Eof => return None,
        }
    }
}

fn add_text(element: &mut Element, value: &str, span: Range<usize>) {
    match &mut element.text {
        // Blanks between children are layout; only text that says something is kept, with the place of the first.
        Some(text) if value.trim().is_empty() && !text.value.is_empty() => {}
        Some(text) if text.value.trim().is_empty() => *text = Placed { value: value.to_owned(), span },
        Some(text) => text.value.push_str(value),
        None => element.text = Some(Placed { value: value.to_owned(), span }),
    }
}

fn finish(
    mut wrapper: Element,
    declaration: Option<Placed>,
    encoding: Option<String>,
    report: &dyn Fn(usize, Phrase),
) -> Option<Template> {
    let rule = |rule: &str| Phrase::new("adapter-fault-template").with("rule", rule);
    if let Some(text) = wrapper.text.filter(|text| !text.value.trim().is_empty()) {
        let blanks = text.value.len() - text.value.trim_start().len();
        report(text.span.start + blanks, rule("xml-text-outside-root"));
        return None;
    }
    if let Some(second) = wrapper.children.get(1) {
        report(second.name.span.start, rule("xml-second-root"));
        return None;
    }
    let Some(root) = wrapper.children.pop() else {
        report(0, rule("xml-empty"));
        return None;
    };
    Some(Template { declaration, encoding, root })
}

/// Cuts the XML declaration off: what it says about the message is data, what it says about this file does not matter.
fn declaration(text: &str) -> Result<(Option<Placed>, Option<String>, &str), usize> {
    if !text.starts_with("<?xml") {
        return Ok((None, None, text));
    }
    let (inside, rest) = text.split_once("?>").ok_or(0_usize)?;
    let value = format!("{inside}?>");
    // The XML layer judges it, in front of a document that has nothing else to be judged.
    let probe = format!("{value}<a/>");
    let mut reader = Reader::new(&probe, &Limits::default());
    let encoding = match reader.next().map_err(|fault| fault.at)? {
        Event::Declaration { encoding } => encoding.map(str::to_owned),
        Event::Start { .. } | Event::End { .. } | Event::Text { .. } | Event::Eof => None,
    };
    let span = 0..value.len();
    Ok((Some(Placed { value, span }), encoding, rest))
}
