//! The inside of a start tag: the element's name and its attributes.

use std::borrow::Cow;

use super::fault::{XmlFault, XmlFaultKind};
use super::name::{QName, is_space, qname};
use super::value::attribute_value;
use super::{Limits, Span};

/// One attribute of a start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name, prefix included.
    pub name: &'a str,
    /// Its value, normalised (3.3.3) with references resolved.
    pub value: Cow<'a, str>,
    /// From the first byte of the name to behind the closing quote.
    pub at: Span,
}

/// The attributes of a start tag in document order, namespace declarations included.
///
/// The reader has checked the tag already; values are normalised when asked for, so an unread attribute costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Attributes<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(cursor: Cursor<'a>) -> Self {
        Self { cursor }
    }

    /// The value of the attribute called `name`, prefix included.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.clone().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        // The reader went over this tag with the same cursor before it handed the event out: there is no fault left.
        let raw = self.cursor.next().ok().flatten()?;
        Some(Attribute { name: raw.name, value: attribute_value(raw.value), at: raw.at })
    }
}

/// An attribute as it stands in the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawAttribute<'a> {
    pub(super) name: &'a str,
    /// Where the name has its colon.
    pub(super) colon: Option<usize>,
    /// What lies between the quotes, unchecked.
    pub(super) value: &'a str,
    pub(super) at: Span,
}

impl<'a> RawAttribute<'a> {
    /// Prefix (empty when there is none) and local name.
    pub(super) fn split(&self) -> (&'a str, &'a str) {
        match self.colon {
            Some(_) => self.name.split_once(':').unwrap_or(("", self.name)),
            None => ("", self.name),
        }
    }

    /// Offset of the value's first byte: it ends right before the closing quote.
    pub(super) fn value_at(&self) -> usize {
        self.at.end - 1 - self.value.len()
    }
}

/// Walks over the attributes of a tag, checking the grammar of the tag (3.1) but not the values.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor<'a> {
    /// What is left of the tag, without `>` or `/>`.
    rest: &'a str,
    /// Offset of `rest` in the document.
    at: usize,
    /// Longest name allowed; checked here so that a long name is not walked over twice.
    longest: usize,
}

impl<'a> Cursor<'a> {
    /// Reads the element's name at the head of `tag`; `at` is the offset of `tag` in the document.
    pub(super) fn open(tag: &'a str, at: usize, limits: &Limits) -> Result<(&'a str, Option<usize>, Self), XmlFault> {
        let mut cursor = Self { rest: tag, at, longest: limits.name };
        let (name, colon) = cursor.name()?;
        Ok((name, colon, cursor))
    }

    /// The next attribute, or `None` at the end of the tag.
    pub(super) fn next(&mut self) -> Result<Option<RawAttribute<'a>>, XmlFault> {
        let spaced = self.skip_space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        if !spaced {
            return Err(XmlFault::new(self.at, XmlFaultKind::BadTag));
        }
        let start = self.at;
        let (name, colon) = self.name()?;
        self.skip_space();
        self.expect(b'=')?;
        self.skip_space();
        let quote = match self.rest.as_bytes().first() {
            Some(&quote @ (b'"' | b'\'')) => quote,
            _ => return Err(XmlFault::new(self.at, XmlFaultKind::BadTag)),
        };
        self.skip(1);
        let Some(end) = memchr::memchr(quote, self.rest.as_bytes()) else {
            return Err(XmlFault::new(self.at, XmlFaultKind::BadTag));
        };
        let value = self.skip(end);
        self.skip(1);
        Ok(Some(RawAttribute { name, colon, value, at: Span { start, end: self.at } }))
    }

    fn name(&mut self) -> Result<(&'a str, Option<usize>), XmlFault> {
        let QName { len, colon } =
            qname(self.rest).map_err(|bad| XmlFault::new(self.at + bad, XmlFaultKind::BadName))?;
        if len > self.longest {
            return Err(XmlFault::new(self.at, XmlFaultKind::NameTooLong));
        }
        Ok((self.skip(len), colon))
    }

    fn expect(&mut self, byte: u8) -> Result<(), XmlFault> {
        if self.rest.as_bytes().first() != Some(&byte) {
            return Err(XmlFault::new(self.at, XmlFaultKind::BadTag));
        }
        self.skip(1);
        Ok(())
    }

    fn skip_space(&mut self) -> bool {
        let space = self.rest.bytes().take_while(|b| is_space(*b)).count();
        self.skip(space);
        space > 0
    }

    /// Moves over `len` bytes, which end at a character boundary, and returns them.
    fn skip(&mut self, len: usize) -> &'a str {
        let (skipped, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.at += skipped.len();
        skipped
    }
}
