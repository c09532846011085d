//! Why a document was refused, and where: one kind per rule, so that callers and tests can tell them apart.

use std::fmt;

/// A refusal: the rule that was broken and the byte where the reader saw it. It never carries the document's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlFault {
    /// Byte offset into the document given to the reader.
    pub at: usize,
    /// The rule.
    pub kind: XmlFaultKind,
}

impl XmlFault {
    pub(super) fn new(at: usize, kind: XmlFaultKind) -> Self {
        Self { at, kind }
    }
}

impl fmt::Display for XmlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind.code(), self.at)
    }
}

impl std::error::Error for XmlFault {}

/// Declares the kinds once, so that the list of all of them and their codes cannot drift apart.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $code:literal,)+) => {
        /// The rules of the reader. [`code`](Self::code) is stable; the order is not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum XmlFaultKind { $($(#[$doc])* $kind,)+ }

        impl XmlFaultKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The stable code of the rule, as it appears in problems and logs.
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)+ }
            }
        }
    };
}

kinds! {
    /// No element in the document.
    Empty = "xml-empty",
    /// More bytes than [`Limits::bytes`](super::Limits::bytes).
    TooLarge = "xml-too-large",
    /// Elements nested deeper than [`Limits::depth`](super::Limits::depth).
    TooDeep = "xml-too-deep",
    /// More attributes on one element than [`Limits::attributes`](super::Limits::attributes).
    TooManyAttributes = "xml-too-many-attributes",
    /// More namespace declarations in scope than [`Limits::namespaces`](super::Limits::namespaces).
    TooManyNamespaces = "xml-too-many-namespaces",
    /// More pieces of markup and text than [`Limits::events`](super::Limits::events).
    TooManyEvents = "xml-too-many-events",
    /// A name longer than [`Limits::name`](super::Limits::name).
    NameTooLong = "xml-name-too-long",
    /// A text node or attribute value longer than [`Limits::text`](super::Limits::text).
    TextTooLong = "xml-text-too-long",
    /// U+FEFF at the start: whoever decoded the bytes has to cut it.
    ByteOrderMark = "xml-byte-order-mark",
    /// A document type declaration; refused at its first byte, nothing of it is read.
    Doctype = "xml-doctype",
    /// `<!` that opens no comment, CDATA section or document type declaration (2.4, 2.5, 2.7).
    BadMarkup = "xml-bad-markup",
    /// An XML declaration that is malformed or not at the very start (2.8, 4.3.3).
    BadDeclaration = "xml-bad-declaration",
    /// A processing instruction with a bad or reserved target (2.6).
    BadPi = "xml-bad-pi",
    /// `--` inside a comment (2.5).
    BadComment = "xml-bad-comment",
    /// A character outside production Char (2.2), written out or referenced.
    BadCharacter = "xml-bad-character",
    /// `&` that starts no well-formed reference (4.1).
    BadReference = "xml-bad-reference",
    /// A reference to an entity other than the five predefined ones (4.6).
    UnknownEntity = "xml-unknown-entity",
    /// `]]>` in character data (2.4).
    CdataEndInText = "xml-cdata-end-in-text",
    /// `<` in an attribute value (3.1).
    LessThanInAttribute = "xml-less-than-in-attribute",
    /// A name that is not a QName (XML 2.3, Namespaces 4).
    BadName = "xml-bad-name",
    /// A tag in which something other than `name="value"`, separated by white space, follows the element's name (3.1).
    BadTag = "xml-bad-tag",
    /// The same attribute twice, literally or by namespace and local name (XML 3.1, Namespaces 6.3).
    DuplicateAttribute = "xml-duplicate-attribute",
    /// A prefix without a declaration in scope (Namespaces 5).
    UndeclaredPrefix = "xml-undeclared-prefix",
    /// A forbidden namespace declaration: a reserved prefix or name, or a prefix undeclared (Namespaces 3, 5).
    BadNamespace = "xml-bad-namespace",
    /// An end tag that does not close the innermost open element (3).
    MismatchedEnd = "xml-mismatched-end",
    /// The document ends inside an element, a tag, a comment, a CDATA section or a processing instruction.
    Unclosed = "xml-unclosed",
    /// A second root element (2.1).
    SecondRoot = "xml-second-root",
    /// Character data outside the root element (2.1).
    TextOutsideRoot = "xml-text-outside-root",
}
