//! An XML template, written: one line, elements in template order.

use crate::adapter::charset::Charset;
use crate::adapter::convert;
use crate::adapter::plan::{Content, RecordLayout, Source, Step, ValuePlan, XmlLayout, XmlNode};
use crate::adapter::runtime::Refusal;
use crate::adapter::width::all_fields;
use crate::adapter::xml::{escape_attribute, escape_text};
use crate::lang::Phrase;

use super::given::Given;
use super::record::{RecordWriter, missing};

/// Appends the document.
pub(super) fn write(given: &Given<'_>, charset: Charset, layout: &XmlLayout, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if layout.steps.is_empty() {
        let rule = Phrase::new("adapter-unmappable").with("charset", charset.name());
        return Err(Refusal::unencodable("xml", rule));
    }
    let mut writer = XmlWriter { given, charset, layout, text: String::new(), escaped: String::new() };
    writer.steps(out, &layout.steps, None)
}

struct XmlWriter<'g, 'a> {
    given: &'g Given<'a>,
    charset: Charset,
    layout: &'g XmlLayout,
    text: String,
    escaped: String,
}

/// What an element and everything in it has to say.
#[derive(Clone, Copy, Default)]
struct Said {
    /// It has places for values.
    places: bool,
    /// There is a value for at least one.
    values: bool,
}

impl<'g> XmlWriter<'g, '_> {
    fn steps(&mut self, out: &mut Vec<u8>, steps: &'g [Step], item: Option<usize>) -> Result<(), Refusal> {
        steps.iter().try_for_each(|step| match step {
            Step::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Step::Value { node, attribute } => {
                let Some(node) = self.layout.nodes.get(*node) else { return Ok(()) };
                match attribute.map(|at| node.attributes.get(at)) {
                    None => self.content(out, &node.content, item, Place::Text(node)),
                    Some(Some((name, content))) => self.content(out, content, item, Place::Attribute(name)),
                    Some(None) => Ok(()),
                }
            }
            Step::Element { node, steps } => {
                let Some(node) = self.layout.nodes.get(*node) else { return Ok(()) };
                if !node.each {
                    return self.element(out, node, steps, item);
                }
                (0..self.given.items()).try_for_each(|index| self.element(out, node, steps, Some(index)))
            }
        })
    }

    /// An element that is written if it has something to say.
    fn element(
        &mut self,
        out: &mut Vec<u8>,
        node: &'g XmlNode,
        steps: &'g [Step],
        item: Option<usize>,
    ) -> Result<(), Refusal> {
        if node.optional {
            let said = self.said(node, item)?;
            if said.places && !said.values {
                return Ok(());
            }
        }
        self.steps(out, steps, item)
    }

    fn content(
        &mut self,
        out: &mut Vec<u8>,
        content: &'g Content,
        item: Option<usize>,
        place: Place<'_>,
    ) -> Result<(), Refusal> {
        match content {
            // What never changes is in the steps already.
            Content::Children | Content::Literal(_) | Content::Skip(_) => Ok(()),
            Content::Value(value) => self.value(out, value, item, place),
            Content::Record(layout) => {
                let mut record = Vec::new();
                RecordWriter::new(self.given, self.charset).record(&mut record, layout)?;
                let text = self.charset.decode(&record);
                let named = |rule| Refusal::unencodable(place.name(), rule);
                let text = text.map_err(|_| named(Phrase::new("adapter-not-text")))?;
                escape(self.charset, &text, &mut self.escaped, place, out).map_err(named)
            }
        }
    }

    fn value(
        &mut self,
        out: &mut Vec<u8>,
        value: &'g ValuePlan,
        item: Option<usize>,
        place: Place<'_>,
    ) -> Result<(), Refusal> {
        let given = self.given;
        let named = |rule| Refusal::unencodable(given.name(&value.source), rule);
        let Some(datum) = given.datum(&value.source, item)? else {
            // An empty element is read as no value, so none is written as an empty element.
            let allowed = given.may_be_empty(&value.source);
            return if allowed { Ok(()) } else { Err(missing(&given.name(&value.source))) };
        };
        let text = convert::write(datum, &value.conversion, given.record(item), &mut self.text).map_err(named)?;
        readable(&value.source, text, place).map_err(named)?;
        escape(self.charset, text, &mut self.escaped, place, out).map_err(named)
    }

    /// Looks for values in an element, its attributes and its children.
    fn said(&self, node: &XmlNode, item: Option<usize>) -> Result<Said, Refusal> {
        let mut said = Said::default();
        let contents = node.attributes.iter().map(|(_, content)| content).chain([&node.content]);
        for content in contents {
            match content {
                Content::Value(value) => self.look(&value.source, item, &mut said)?,
                Content::Record(layout) => {
                    for source in record_sources(layout) {
                        self.look(source, item, &mut said)?;
                    }
                }
                Content::Literal(_) | Content::Skip(_) | Content::Children => {}
            }
        }
        for child in node.children.iter().filter_map(|child| self.layout.nodes.get(*child)) {
            let inner = self.said(child, if child.each { Some(0) } else { item })?;
            said = Said { places: said.places || inner.places, values: said.values || inner.values };
        }
        Ok(said)
    }

    fn look(&self, source: &Source, item: Option<usize>, said: &mut Said) -> Result<(), Refusal> {
        said.places = true;
        said.values = said.values || self.given.datum(source, item)?.is_some();
        Ok(())
    }
}

fn record_sources(layout: &RecordLayout) -> impl Iterator<Item = &Source> {
    all_fields(layout).filter_map(|field| match &field.content {
        Content::Value(value) => Some(&value.source),
        Content::Literal(_) | Content::Skip(_) | Content::Children | Content::Record(_) => None,
    })
}

/// Where a text goes.
#[derive(Clone, Copy)]
pub(super) enum Place<'n> {
    Text(&'n XmlNode),
    Attribute(&'n str),
}

impl Place<'_> {
    fn name(&self) -> &str {
        match self {
            Place::Text(node) => &node.name,
            Place::Attribute(name) => name,
        }
    }
}

/// Refuses what would not be read back as it is: control characters, blanks only, blanks that trimming takes away.
fn readable(source: &Source, text: &str, place: Place<'_>) -> Result<(), Phrase> {
    let words = matches!(source, Source::BankText | Source::Local(_));
    if !words {
        convert::clean(source, text)?;
    }
    let blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r');
    let trimmed = text.trim_matches(blank);
    let trims = matches!(place, Place::Text(node) if node.trim) && trimmed.len() != text.len();
    if trims || (trimmed.is_empty() && !text.is_empty()) {
        return Err(Phrase::new("adapter-blank-at-the-end"));
    }
    Ok(())
}

/// Appends `text`, escaped where it has to be.
pub(super) fn escape(
    charset: Charset,
    text: &str,
    escaped: &mut String,
    place: Place<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Phrase> {
    // Nothing to escape and nothing that XML cannot carry: neither control characters nor, behind the lead byte EF, U+FFFE.
    let special = text.bytes().fold(false, |special, byte| {
        special | (byte < b' ') | (byte == 0xEF) | matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
    });
    let unmappable = |_| Phrase::new("adapter-unmappable").with("charset", charset.name());
    if !special {
        return charset.encode_into(text, out).map_err(unmappable);
    }
    escaped.clear();
    let done = match place {
        Place::Text(_) => escape_text(text, escaped),
        Place::Attribute(_) => escape_attribute(text, escaped),
    };
    done.map_err(|_| Phrase::new("adapter-control-character"))?;
    charset.encode_into(escaped, out).map_err(unmappable)
}
