//! The strict XML layer: a pull reader that accepts exactly the well-formed documents it can bound, and the writer's
//! escaping.
//!
//! `quick-xml` cuts the input into tokens and is used here only. It is no well-formedness checker (it lets control
//! characters, several roots, text outside the root, bad names and undeclared prefixes through), so everything it
//! hands over is checked here against XML 1.0, fifth edition, and Namespaces in XML 1.0, in the one pass.
//!
//! Deliberately not here: document types, in any form (so no entities beyond the five and no external anything);
//! charsets (the input is decoded already, the declared encoding is only reported); schemas; trees.

mod declaration;
mod escape;
mod fault;
mod name;
mod namespace;
mod reader;
mod tag;
mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use escape::{escape_attribute, escape_text};
pub use fault::{XmlFault, XmlFaultKind};
pub use reader::Reader;
pub use tag::{Attribute, Attributes};

/// What a document may cost. Reading stops at the first bound that is passed, before the excess is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole document.
    pub bytes: usize,
    /// Elements open at the same time; the root counts as one.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Namespace declarations in scope at the same time.
    pub namespaces: usize,
    /// Bytes of one name, prefix included: elements, attributes, targets of processing instructions.
    pub name: usize,
    /// Bytes of one text node as handed out, and of one attribute value as it stands in the document.
    pub text: usize,
    /// Tokens of the whole document: tags, pieces of text, references, CDATA sections, comments, instructions.
    pub events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            depth: 32,
            attributes: 64,
            namespaces: 16,
            name: 128,
            text: 64 << 10,
            // A full mebibyte of the shortest fields met in practice (a tag pair, a value, a line feed in 35 bytes)
            // makes 120,000; one of nothing but tags would make 262,144 and more.
            events: 1 << 17,
        }
    }
}

/// A byte range of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

/// A step through a document. Comments and processing instructions are checked and skipped.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// The XML declaration; at most once, first.
    Declaration {
        /// The encoding it names, as written.
        encoding: Option<&'a str>,
    },
    /// A start tag, or the first half of an empty-element tag.
    Start {
        /// The element's name, prefix included.
        name: &'a str,
        /// Its attributes.
        attributes: Attributes<'a>,
        /// The tag.
        at: Span,
    },
    /// An end tag, or the second half of an empty-element tag (then with the span of that tag).
    End {
        /// The element's name, prefix included.
        name: &'a str,
        /// The tag.
        at: Span,
    },
    /// All character data between two tags, never empty: white space between elements comes as text too.
    Text {
        /// References resolved, line ends normalised.
        value: Cow<'a, str>,
        /// Whether it is plain character data. False when a CDATA section, a comment or a processing instruction lies
        /// between the same two tags: what a person sees there may differ from the value.
        plain: bool,
        /// From the first piece to the last, comments included.
        at: Span,
    },
    /// The end of a complete document; from here on the reader keeps saying so.
    Eof,
}
