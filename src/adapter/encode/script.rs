//! A template's nodes as the steps of writing it, made once when the plan is: whatever stands in every message is put
//! together and encoded here, so that writing copies it.

use crate::adapter::charset::Charset;
use crate::adapter::plan::{Content, Step, XmlLayout, XmlNode};
use crate::lang::Phrase;

use super::xml::{Place, escape};

impl XmlLayout {
    /// A layout whose root is the first of `nodes`, to be written in `charset`.
    ///
    /// Where the charset lacks a character of the template there are no steps: compiling reports the place, so no adapter
    /// comes of it, and writing is refused.
    pub(in crate::adapter) fn new(declaration: Option<String>, nodes: Vec<XmlNode>, charset: Charset) -> XmlLayout {
        let mut script = Script { nodes: &nodes, charset, steps: Vec::new(), bytes: Vec::new() };
        let done = script.markup(declaration.as_deref().unwrap_or_default()).and_then(|()| script.node(0));
        let steps = if done.is_ok() { script.finish() } else { Vec::new() };
        XmlLayout { declaration, nodes, steps }
    }
}

struct Script<'n> {
    nodes: &'n [XmlNode],
    charset: Charset,
    steps: Vec<Step>,
    /// Bytes since the last step.
    bytes: Vec<u8>,
}

impl Script<'_> {
    fn finish(mut self) -> Vec<Step> {
        self.flush();
        self.steps
    }

    fn flush(&mut self) {
        if !self.bytes.is_empty() {
            self.steps.push(Step::Bytes(std::mem::take(&mut self.bytes)));
        }
    }

    fn markup(&mut self, text: &str) -> Result<(), Phrase> {
        self.charset.encode_into(text, &mut self.bytes).map_err(|_| Phrase::new("adapter-unmappable"))
    }

    /// An element and everything in it: steps of its own where it may be missing or stand several times.
    fn node(&mut self, index: usize) -> Result<(), Phrase> {
        let Some(node) = self.nodes.get(index) else { return Ok(()) };
        if !(node.each || node.optional) {
            return self.element(index, node);
        }
        let mut own = Script { nodes: self.nodes, charset: self.charset, steps: Vec::new(), bytes: Vec::new() };
        own.element(index, node)?;
        let steps = own.finish();
        self.flush();
        self.steps.push(Step::Element { node: index, steps });
        Ok(())
    }

    fn element(&mut self, index: usize, node: &XmlNode) -> Result<(), Phrase> {
        self.markup("<")?;
        self.markup(&node.name)?;
        for (at, (name, content)) in node.attributes.iter().enumerate() {
            self.markup(" ")?;
            self.markup(name)?;
            self.markup("=\"")?;
            self.content(content, index, Some(at), Place::Attribute(name))?;
            self.markup("\"")?;
        }
        self.markup(">")?;
        self.content(&node.content, index, None, Place::Text(node))?;
        node.children.iter().try_for_each(|child| self.node(*child))?;
        self.markup("</")?;
        self.markup(&node.name)?;
        self.markup(">")
    }

    fn content(
        &mut self,
        content: &Content,
        node: usize,
        attribute: Option<usize>,
        place: Place<'_>,
    ) -> Result<(), Phrase> {
        match content {
            Content::Children => {}
            Content::Literal(text) | Content::Skip(text) => {
                escape(self.charset, text, &mut String::new(), place, &mut self.bytes)?;
            }
            Content::Value(_) | Content::Record(_) => {
                self.flush();
                self.steps.push(Step::Value { node, attribute });
            }
        }
        Ok(())
    }
}
