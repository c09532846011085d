//! Namespaces in XML 1.0: which prefixes are in scope, and which declarations are allowed.

use std::borrow::Cow;

use super::fault::{XmlFault, XmlFaultKind};
use super::tag::RawAttribute;
use super::value::attribute_value;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The declarations in scope, innermost last.
#[derive(Debug, Default)]
pub(super) struct Namespaces<'a> {
    bindings: Vec<Binding<'a>>,
}

#[derive(Debug)]
struct Binding<'a> {
    /// Empty for the default namespace.
    prefix: &'a str,
    /// Empty only for a default namespace that was taken back.
    name: Cow<'a, str>,
}

impl<'a> Namespaces<'a> {
    /// How many declarations are in scope: what [`close`](Self::close) gets when the element ends.
    pub(super) fn mark(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets what the element that began at `mark` declared.
    pub(super) fn close(&mut self, mark: usize) {
        self.bindings.truncate(mark);
    }

    /// Takes `attribute` in if it is a declaration.
    pub(super) fn declare(&mut self, attribute: &RawAttribute<'a>, most: usize) -> Result<(), XmlFault> {
        let prefix = match attribute.split() {
            ("xmlns", prefix) => prefix,
            ("", "xmlns") => "",
            _ => return Ok(()),
        };
        let name = attribute_value(attribute.value);
        // Section 3: `xml` may be declared, but only as what it is; nothing else may be bound to the two reserved names;
        // `xmlns` may not be declared at all; a prefix cannot be taken back (only the default can).
        let allowed = match prefix {
            "xml" => name == XML,
            "xmlns" => false,
            "" => name != XML && name != XMLNS,
            _ => name != XML && name != XMLNS && !name.is_empty(),
        };
        if !allowed {
            return Err(XmlFault::new(attribute.at.start, XmlFaultKind::BadNamespace));
        }
        if self.bindings.len() >= most {
            return Err(XmlFault::new(attribute.at.start, XmlFaultKind::TooManyNamespaces));
        }
        self.bindings.push(Binding { prefix, name });
        Ok(())
    }

    /// The namespace a prefix stands for; `None` when it is not declared.
    pub(super) fn resolve(&self, prefix: &str) -> Option<&str> {
        match prefix {
            "xml" => Some(XML),
            "xmlns" => Some(XMLNS),
            _ => self.bindings.iter().rev().find(|binding| binding.prefix == prefix).map(|binding| &*binding.name),
        }
    }

    /// Checks a tag's names once its own declarations are in: prefixes are declared, and no two attributes have the
    /// same namespace and local name. `seen` are the tag's attributes.
    pub(super) fn check(
        &self,
        element: (&str, Option<usize>, usize),
        seen: &[RawAttribute<'a>],
    ) -> Result<(), XmlFault> {
        let (name, colon, at) = element;
        if let Some((prefix, _)) = colon.and_then(|_| name.split_once(':')) {
            // The prefix xmlns is for declarations; an element must not have it.
            if prefix == "xmlns" || self.resolve(prefix).is_none() {
                return Err(XmlFault::new(at, XmlFaultKind::UndeclaredPrefix));
            }
        }
        let prefixed = || seen.iter().enumerate().filter(|(_, attribute)| attribute.colon.is_some());
        for (index, attribute) in prefixed() {
            let (prefix, local) = attribute.split();
            let Some(namespace) = self.resolve(prefix) else {
                return Err(XmlFault::new(attribute.at.start, XmlFaultKind::UndeclaredPrefix));
            };
            let twin = prefixed().take_while(|(earlier, _)| *earlier < index).any(|(_, earlier)| {
                let (prefix, other) = earlier.split();
                other == local && self.resolve(prefix) == Some(namespace)
            });
            if twin {
                return Err(XmlFault::new(attribute.at.start, XmlFaultKind::DuplicateAttribute));
            }
        }
        Ok(())
    }
}
