//! An XML template, read: the expected element first, then the others that may stand there.
//!
//! The reader below gives well-formed XML or a fault; here it is held to the template. One pass, a stack as deep as the
//! template, nothing looked up by name beyond the children of one element.

use std::borrow::Cow;

use crate::adapter::charset::Charset;
use crate::adapter::convert::{self, Spelling};
use crate::adapter::plan::{Content, Source, ValuePlan, XmlLayout, XmlNode};
use crate::adapter::runtime::Refusal;
use crate::adapter::xml::{Attributes, Event, Limits, Reader, Span, XmlFault};
use crate::lang::Phrase;

use super::Context;
use super::offset::Offsets;
use super::record::RecordReader;
use super::taken::Taken;
use super::trace::{Kind, Piece, Trace};

/// Reads `text` (the decoded `bytes`, which begin at `base` of the layer) into `taken`.
pub(super) fn read<'p, 't, T: Trace>(
    source: XmlSource<'p, 't>,
    layout: &'p XmlLayout,
    taken: &mut Taken<'p, 't>,
    trace: &mut T,
) -> Result<(), Refusal> {
    let offsets = Offsets::new(source.charset, source.bytes, source.text);
    let mut walk = Walk { source, layout, taken, trace, offsets, open: Vec::with_capacity(16), seen: Vec::new() };
    walk.document()
}

/// One document.
#[derive(Clone, Copy)]
pub(super) struct XmlSource<'p, 't> {
    pub(super) context: &'p Context<'p>,
    pub(super) charset: Charset,
    pub(super) bytes: &'t [u8],
    pub(super) text: &'t str,
    pub(super) base: usize,
}

struct Walk<'w, 'p, 't, T> {
    source: XmlSource<'p, 't>,
    layout: &'p XmlLayout,
    taken: &'w mut Taken<'p, 't>,
    trace: &'w mut T,
    offsets: Offsets<'t>,
    open: Vec<Open<'p>>,
    /// Which children were seen, for the open elements whose children come in any order.
    seen: Vec<bool>,
}

/// An element that is open.
struct Open<'p> {
    node: &'p XmlNode,
    /// The child that is expected next (an index into `node.children`).
    next: usize,
    /// The expected child is a group and stood there already.
    again: bool,
    /// Where its marks begin in `Walk::seen`.
    marks: usize,
    /// Its text was read.
    filled: bool,
}

/// What to do with an element.
enum Found<'p> {
    Node(&'p XmlNode),
    Skip,
}

impl<'p, 't, T: Trace> Walk<'_, 'p, 't, T> {
    fn document(&mut self) -> Result<(), Refusal> {
        // The message is as long as the adapter allows, and no longer: that was seen to before.
        let limits = Limits { bytes: self.source.text.len(), ..Limits::default() };
        let mut reader = Reader::new(self.source.text, &limits);
        loop {
            match reader.next().map_err(|fault| self.malformed(fault))? {
                Event::Declaration { encoding } => self.declaration(encoding)?,
                Event::Start { name, attributes, at } => match self.find(name, &attributes, at)? {
                    Found::Node(node) => self.enter(node, attributes, at)?,
                    Found::Skip => self.skip(&mut reader)?,
                },
                Event::Text { value, plain, at } => self.text(value, plain, at)?,
                Event::End { at, .. } => self.leave(at)?,
                Event::Eof => return Ok(()),
            }
        }
    }

    fn malformed(&mut self, fault: XmlFault) -> Refusal {
        self.refuse(fault.at, Phrase::new("adapter-xml").with("fault", fault.kind.code())).coded("xml")
    }

    /// A refusal at an offset of the text, naming the path of open elements.
    fn refuse(&mut self, at: usize, rule: Phrase) -> Refusal {
        let at = self.source.base.saturating_add(self.offsets.of(at));
        let path: Vec<_> = self.open.iter().map(|open| path_name(open.node)).collect();
        let refusal = Refusal::undecodable(at, rule);
        if path.is_empty() { refusal } else { refusal.in_field(&path.join("/")) }
    }

    fn declaration(&mut self, encoding: Option<&str>) -> Result<(), Refusal> {
        let accepted = &self.source.context.adapter.wire.declared;
        let known = encoding.is_none_or(|label| accepted.iter().any(|known| known.eq_ignore_ascii_case(label)));
        if known { Ok(()) } else { Err(self.refuse(0, Phrase::new("adapter-xml-encoding"))) }
    }

    /// Which element of the template the start tag is.
    fn find(&mut self, name: &str, attributes: &Attributes<'t>, at: Span) -> Result<Found<'p>, Refusal> {
        let layout = self.layout;
        let called = |node: &XmlNode, name: &str| called(node, name) && marked(node, attributes);
        let Some(open) = self.open.last_mut() else {
            let root = layout.nodes.first().filter(|root| called(root, name));
            return root.map(Found::Node).ok_or_else(|| self.refuse(at.start, Phrase::new("adapter-xml-unexpected")));
        };
        let node = open.node;
        let child = |index: usize| node.children.get(index).and_then(|child| layout.nodes.get(*child));
        if node.any_order {
            let marks = self.seen.get_mut(open.marks..).unwrap_or_default();
            // What was written next is tried first; most parties keep an order even where none is asked for.
            let count = node.children.len();
            let order = (open.next..count).chain(0..open.next.min(count));
            for index in order {
                let Some(candidate) = child(index).filter(|candidate| called(candidate, name)) else { continue };
                let Some(mark) = marks.get_mut(index) else { continue };
                if *mark && !candidate.each {
                    return Err(self.refuse(at.start, Phrase::new("adapter-xml-repeated")));
                }
                *mark = true;
                open.next = if candidate.each { index } else { index.saturating_add(1) };
                return Ok(Found::Node(candidate));
            }
        } else {
            let (mut index, mut again) = (open.next, open.again);
            while let Some(candidate) = child(index) {
                if called(candidate, name) {
                    open.next = if candidate.each { index } else { index.saturating_add(1) };
                    open.again = candidate.each;
                    return Ok(Found::Node(candidate));
                }
                if !(candidate.optional || again) {
                    break;
                }
                index = index.saturating_add(1);
                again = false;
            }
            let known = (0..node.children.len()).filter_map(child).any(|candidate| called(candidate, name));
            if known {
                return Err(self.refuse(at.start, Phrase::new("adapter-xml-order")));
            }
        }
        if node.skip_others {
            return Ok(Found::Skip);
        }
        Err(self.refuse(at.start, Phrase::new("adapter-xml-unexpected")))
    }

    /// Passes over an element that the template does not know, and everything in it.
    fn skip(&mut self, reader: &mut Reader<'t>) -> Result<(), Refusal> {
        let mut depth = 1_usize;
        while depth > 0 {
            match reader.next().map_err(|fault| self.malformed(fault))? {
                Event::Start { .. } => depth = depth.saturating_add(1),
                Event::End { .. } => depth = depth.saturating_sub(1),
                Event::Declaration { .. } | Event::Text { .. } => {}
                Event::Eof => return Ok(()),
            }
        }
        Ok(())
    }

    fn enter(&mut self, node: &'p XmlNode, attributes: Attributes<'t>, at: Span) -> Result<(), Refusal> {
        let marks = self.seen.len();
        if node.any_order {
            self.seen.resize(marks.saturating_add(node.children.len()), false);
        }
        self.open.push(Open { node, next: 0, again: false, marks, filled: false });
        if node.each {
            let at = self.source.base.saturating_add(self.offsets.of(at.start));
            self.taken.open_item(at);
        }
        if attributes.clone().next().is_some() || !node.attributes.is_empty() {
            self.attributes(node, attributes, at)?;
        }
        Ok(())
    }

    fn attributes(&mut self, node: &'p XmlNode, attributes: Attributes<'t>, at: Span) -> Result<(), Refusal> {
        for (name, _) in &node.attributes {
            if attributes.get(name).is_none() {
                return Err(self.refuse(at.start, Phrase::new("adapter-xml-attribute")));
            }
        }
        for attribute in attributes {
            let Some((_, content)) = node.attributes.iter().find(|(name, _)| name == attribute.name) else {
                if node.skip_others {
                    continue;
                }
                return Err(self.refuse(attribute.at.start, Phrase::new("adapter-xml-unexpected")));
            };
            // The span ends with the quote; between it and the name lies the value, escaped as it may be.
            let inside = self.inside(attribute.at);
            self.content(content, attribute.value, true, inside, attribute.name)?;
        }
        Ok(())
    }

    /// The range between the quotes of an attribute.
    fn inside(&self, at: Span) -> Span {
        let written = self.source.text.get(at.start..at.end).unwrap_or_default();
        let open = written.find(['"', '\'']).map_or(written.len(), |quote| quote.saturating_add(1));
        Span { start: at.start.saturating_add(open).min(at.end), end: at.end.saturating_sub(1) }
    }

    fn text(&mut self, value: Cow<'t, str>, plain: bool, at: Span) -> Result<(), Refusal> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let node = open.node;
        open.filled = true;
        if matches!(node.content, Content::Children) {
            if value.bytes().all(is_blank) {
                return Ok(());
            }
            return Err(self.refuse(at.start, Phrase::new("adapter-xml-text")));
        }
        let name = node.name.as_str();
        let value = if node.trim { trim(value) } else { value };
        self.content(&node.content, value, plain, at, name)
    }

    fn content(
        &mut self,
        content: &'p Content,
        text: Cow<'t, str>,
        plain: bool,
        at: Span,
        name: &str,
    ) -> Result<(), Refusal> {
        let blank = text.bytes().all(is_blank);
        match content {
            Content::Children => {}
            Content::Literal(literal) => {
                if *literal != text {
                    return Err(self.refuse(at.start, Phrase::new("adapter-literal-differs")).in_field(name));
                }
                self.told(at, name, Some(&text), Kind::Literal);
            }
            Content::Skip(example) => self.told(at, name, Some(&text), Kind::Skip(example)),
            Content::Value(value) => {
                self.told(at, name, Some(&text), Kind::Value(value));
                if !blank {
                    self.value(value, text, plain, at)?;
                }
            }
            Content::Record(_) if blank => {}
            Content::Record(layout) => self.record(layout, text, plain, at)?,
        }
        Ok(())
    }

    fn value(&mut self, value: &'p ValuePlan, text: Cow<'t, str>, plain: bool, at: Span) -> Result<(), Refusal> {
        let words = matches!(value.source, Source::BankText | Source::Local(_));
        // A comment or a CDATA section inside a number: what a person sees there may be another number.
        if !plain && convert::is_number(&value.source) {
            return Err(self.refuse(at.start, Phrase::new("adapter-xml-broken-number")));
        }
        let clean = if words { Ok(()) } else { convert::clean(&value.source, &text) };
        let offset = if matches!(value.source, Source::ItemCount | Source::ItemSum) {
            self.source.base.saturating_add(self.offsets.of(at.start))
        } else {
            0
        };
        let taken = clean.and_then(|()| self.taken.take(value, text, Spelling::Exact, offset));
        taken.map_err(|rule| self.refuse(at.start, rule))
    }

    /// A record in an element's text. Its widths are bytes of the charset, so the text becomes bytes again.
    fn record(
        &mut self,
        layout: &'p crate::adapter::plan::RecordLayout,
        text: Cow<'t, str>,
        plain: bool,
        at: Span,
    ) -> Result<(), Refusal> {
        let (start, end) = (self.offsets.of(at.start), self.offsets.of(at.end));
        let written = self.source.bytes.get(start..end).unwrap_or_default();
        let mut bytes = Vec::with_capacity(written.len());
        let unmappable = self.source.charset.encode_into(&text, &mut bytes);
        if unmappable.is_err() {
            return Err(
                self.refuse(at.start, Phrase::new("adapter-charset").with("charset", self.source.charset.name()))
            );
        }
        // Without references and comments the record stands there byte for byte, and its offsets are the message's.
        let same = plain && bytes == written;
        let base = self.source.base.saturating_add(start);
        let mut silent = super::trace::NoTrace;
        let context = self.source.context;
        let charset = self.source.charset;
        let read = if same {
            let keep: fn(Cow<'_, str>) -> Cow<'t, str> = |text| Cow::Owned(text.into_owned());
            let (at, stood) = (0, None);
            let trace = &mut *self.trace;
            RecordReader { context, charset, bytes: &bytes, base, keep, trace, at, stood }.record(layout, self.taken)
        } else {
            let keep: fn(Cow<'_, str>) -> Cow<'t, str> = |text| Cow::Owned(text.into_owned());
            let (at, stood) = (0, None);
            let trace = &mut silent;
            RecordReader { context, charset, bytes: &bytes, base, keep, trace, at, stood }.record(layout, self.taken)
        };
        read.map_err(|refusal| if same { refusal } else { Refusal { at: Some(base), ..refusal } })
    }

    fn leave(&mut self, at: Span) -> Result<(), Refusal> {
        let Some(open) = self.open.last() else {
            return Ok(());
        };
        let (node, filled, next, again, marks) = (open.node, open.filled, open.next, open.again, open.marks);
        if !filled && !matches!(node.content, Content::Children) {
            let empty = Span { start: at.start, end: at.start };
            self.content(&node.content, Cow::Borrowed(""), true, empty, &node.name)?;
        }
        let layout = self.layout;
        let missing = node.children.iter().enumerate().any(|(index, child)| {
            let optional = layout.nodes.get(*child).is_none_or(|child| child.optional);
            let there = if node.any_order {
                self.seen.get(marks.saturating_add(index)).copied().unwrap_or(false)
            } else {
                index < next || (index == next && again)
            };
            !optional && !there
        });
        if missing {
            return Err(self.refuse(at.start, Phrase::new("adapter-xml-missing")));
        }
        if node.any_order {
            self.seen.truncate(marks);
        }
        if node.each {
            self.taken.close_item();
        }
        self.open.pop();
        Ok(())
    }

    fn told(&mut self, at: Span, field: &str, text: Option<&str>, kind: Kind<'_>) {
        if T::ON && at.start < at.end {
            let start = self.source.base.saturating_add(self.offsets.of(at.start));
            let end = self.source.base.saturating_add(self.offsets.of(at.end));
            let (picture, spelling) = (None, Spelling::Exact);
            self.trace.piece(Piece { start, end, field, picture, text, kind, spelling });
        }
    }
}

/// The name of an element for people, with what tells it from its siblings.
fn path_name(node: &XmlNode) -> Cow<'_, str> {
    match node.mark() {
        Some((_, text)) => Cow::Owned(format!("{}[{text}]", node.name)),
        None => Cow::Borrowed(&node.name),
    }
}

fn called(node: &XmlNode, name: &str) -> bool {
    node.name == name || node.also.iter().any(|also| also == name)
}

/// Whether the attribute that tells the element from its siblings says what it should.
fn marked(node: &XmlNode, attributes: &Attributes<'_>) -> bool {
    node.mark().is_none_or(|(name, text)| attributes.get(name).is_some_and(|found| found == text))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    let blank = [' ', '\t', '\n', '\r'];
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(blank).to_owned()),
    }
}
