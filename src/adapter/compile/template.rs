//! XML messages: a template's tree to the plan's nodes, with the proofs that reading it back is never ambiguous.

use crate::adapter::compile::conversion::{Kind, kind};
use crate::adapter::compile::record::{self, Records};
use crate::adapter::compile::scope::{Resolved, Scope, Spot};
use crate::adapter::fault::At;
use crate::adapter::notation::reader::Text;
use crate::adapter::notation::template::{Element, Placed, Template};
use crate::adapter::notation::value::{Piece, pieces};
use crate::adapter::plan::{Content, Conversion, ValuePlan, XmlLayout, XmlNode};
use crate::lang::Phrase;

/// What compiles one template.
pub(super) struct Compiler<'c, 's, 'a> {
    pub(super) scope: &'c Scope<'s, 'a>,
    pub(super) records: &'c Records<'a>,
    pub(super) file: &'a str,
    pub(super) nodes: Vec<XmlNode>,
}

/// Compiles a template. `declared` are the encodings that a declaration may name.
pub(super) fn layout<'a>(
    scope: &Scope<'_, 'a>,
    records: &Records<'a>,
    file: &'a str,
    template: &'a Template,
    declared: &[String],
) -> XmlLayout {
    let mut compiler = Compiler { scope, records, file, nodes: Vec::new() };
    compiler.element(&template.root, Spot::default(), true);
    if let (Some(encoding), Some(declaration)) = (&template.encoding, &template.declaration)
        && !declared.iter().any(|label| label.eq_ignore_ascii_case(encoding))
    {
        let rule = Phrase::new("adapter-fault-encoding-not-declared").with("encoding", encoding);
        scope.sink.report(&compiler.at(declaration), rule);
    }
    let declaration = template.declaration.as_ref().map(|declaration| declaration.value.clone());
    XmlLayout::new(declaration, compiler.nodes, scope.charset)
}

impl<'a> Compiler<'_, '_, 'a> {
    fn at(&self, placed: &Placed) -> At<'a> {
        At { file: self.file, span: placed.span.clone() }
    }

    fn report(&self, placed: &Placed, rule: Phrase) {
        self.scope.sink.report(&self.at(placed), rule);
    }

    /// Compiles an element and what is below it; gives its index.
    fn element(&mut self, element: &'a Element, mut spot: Spot, root: bool) -> usize {
        if element.name.value.starts_with("k:") {
            self.report(
                &element.name,
                Phrase::new("adapter-fault-directive-unknown").with("name", &element.name.value),
            );
        }
        let mut node = XmlNode {
            name: element.name.value.clone(),
            also: Vec::new(),
            attributes: Vec::new(),
            by: None,
            content: Content::Children,
            children: Vec::new(),
            each: false,
            optional: false,
            any_order: false,
            skip_others: false,
            trim: false,
        };
        for (name, value) in &element.attributes {
            if name.value.starts_with("k:") {
                self.directive(&mut node, element, name, value, root);
            }
        }
        if node.each && spot.grouped {
            self.report(&element.name, Phrase::new("adapter-fault-repeat-order"));
        }
        for name in std::iter::once(&element.name).chain(element.attributes.iter().map(|(name, _)| name)) {
            if self.scope.charset.encoded_len(&name.value).is_err() {
                self.report(name, Phrase::new("adapter-fault-unmappable"));
            }
        }
        spot.grouped |= node.each;
        spot.optional |= node.optional;
        let index = self.nodes.len();
        for (name, value) in element.attributes.iter().filter(|(name, _)| !name.value.starts_with("k:")) {
            let text = value.text(self.file);
            let content = self.content(&text, spot, true).unwrap_or(Content::Literal(String::new()));
            node.attributes.push((name.value.clone(), content));
        }
        if let Some((_, by)) = element.attributes.iter().find(|(name, _)| name.value == "k:by") {
            node.by = node.attributes.iter().position(|(name, content)| {
                *name == by.value && matches!(content, Content::Literal(text) if !text.is_empty())
            });
            if node.by.is_none() {
                self.report(by, Phrase::new("adapter-fault-by-no-literal").with("name", &by.value));
            }
        }
        let says = element.text.as_ref().filter(|text| !text.value.trim().is_empty());
        if let Some(text) = says {
            if element.children.is_empty() {
                let trimmed = trimmed(text);
                node.content = self.content_of(text, &trimmed, spot).unwrap_or(Content::Literal(String::new()));
            } else {
                self.report(text, Phrase::new("adapter-fault-mixed-content"));
            }
        }
        self.nodes.push(node);
        let children: Vec<usize> = element.children.iter().map(|child| self.element(child, spot, false)).collect();
        self.siblings(element, &children);
        if let Some(node) = self.nodes.get_mut(index) {
            node.children = children;
        }
        index
    }

    fn content_of(&self, whole: &'a Placed, trimmed: &std::ops::Range<usize>, spot: Spot) -> Option<Content> {
        let value = whole.value.get(trimmed.clone()).unwrap_or_default();
        let exact = whole.value.len() == whole.span.len();
        let span =
            if exact { whole.span.start + trimmed.start..whole.span.start + trimmed.end } else { whole.span.clone() };
        self.content(&Text::bare(value, At { file: self.file, span }), spot, false)
    }

    /// What a text or an attribute holds: one literal or one value, never both.
    fn content(&self, text: &Text<'a>, spot: Spot, attribute: bool) -> Option<Content> {
        let sink = self.scope.sink;
        let found = match pieces(text.value) {
            Ok(found) => found,
            Err((range, rule)) => {
                sink.report(&text.part(range), rule);
                return None;
            }
        };
        let literal = |literal: String| {
            if self.scope.charset.encoded_len(&literal).is_err() {
                sink.report(&text.at, Phrase::new("adapter-fault-unmappable"));
            }
            Some(Content::Literal(literal))
        };
        let word = match found.as_slice() {
            [] => return literal(String::new()),
            [Piece::Literal(word)] => return literal(word.text.to_owned()),
            [Piece::Braces(word)] => word,
            _ => {
                sink.report(&text.at, Phrase::new("adapter-fault-mixed-value"));
                return None;
            }
        };
        if let Some(skipped) = word.text.strip_prefix("skip ").or_else(|| (word.text == "skip").then_some("")) {
            if self.scope.charset.encoded_len(skipped).is_err() {
                sink.report(&text.at, Phrase::new("adapter-fault-unmappable"));
            }
            return Some(Content::Skip(skipped.to_owned()));
        }
        if let Some(name) = word.text.strip_prefix("record ").filter(|_| !attribute) {
            let at = text.part(word.range.start + 7..word.range.end);
            let layout = record::embedded(self.scope, self.records, name.trim(), &at, spot)?;
            return Some(Content::Record(Box::new(layout)));
        }
        match self.scope.resolve(text, word, spot)? {
            Resolved::Literal(text) => literal(text),
            Resolved::Value(plan) => {
                self.check(&plan, &text.part(word.range.clone()));
                Some(Content::Value(plan))
            }
        }
    }

    /// XML has no picture that would say what an amount is written in.
    fn check(&self, plan: &ValuePlan, at: &At<'a>) {
        if kind(&plan.source) == Kind::Amount && plan.conversion == Conversion::Plain {
            self.scope.sink.report(at, Phrase::new("adapter-fault-amount-needs-conversion"));
        }
    }

    fn directive(&self, node: &mut XmlNode, element: &Element, name: &Placed, value: &Placed, root: bool) {
        let leaf = element.children.is_empty();
        let (wanted, placed): (&[&str], bool) = match name.value.as_str() {
            "k:each" => (&["items"], !root),
            "k:optional" => (&["yes"], !root),
            "k:names" => (&[], true),
            "k:order" => (&["any"], !leaf),
            "k:others" => (&["skip"], !leaf),
            "k:trim" => (&["yes"], leaf),
            // Its value is the name of an attribute, which is looked at when they are all read.
            "k:by" if root => (&[], false),
            "k:by" => return,
            _ => {
                self.report(name, Phrase::new("adapter-fault-directive-unknown").with("name", &name.value));
                return;
            }
        };
        if !placed {
            self.report(name, Phrase::new("adapter-fault-directive-misplaced").with("name", &name.value));
        }
        let names: Vec<&str> = value.value.split_ascii_whitespace().collect();
        let named = name.value == "k:names" && names.len() >= 2 && names.first() == Some(&node.name.as_str());
        if !(named || wanted.contains(&value.value.as_str())) {
            self.report(value, Phrase::new("adapter-fault-directive-value").with("name", &name.value));
            return;
        }
        match name.value.as_str() {
            "k:each" => node.each = true,
            "k:optional" => node.optional = true,
            "k:order" => node.any_order = true,
            "k:others" => node.skip_others = true,
            "k:trim" => node.trim = true,
            _ => node.also = names.iter().skip(1).map(|name| (*name).to_owned()).collect(),
        }
    }

    /// A name read below one element must mean one thing.
    fn siblings(&self, element: &Element, children: &[usize]) {
        let all = |index: &usize| -> Vec<&str> {
            let node = self.nodes.get(*index);
            node.map(|node| std::iter::once(&node.name).chain(&node.also).map(String::as_str).collect())
                .unwrap_or_default()
        };
        for (position, (child, index)) in element.children.iter().zip(children).enumerate() {
            let names = all(index);
            for (earlier, before) in children.iter().take(position).map(|earlier| (*earlier, all(earlier))) {
                let Some(same) = names.iter().find(|name| before.contains(name)) else { continue };
                if self.told_apart(*index, earlier) {
                    continue;
                }
                let plain = before.first() == names.first();
                let rule = if plain {
                    Phrase::new("adapter-fault-duplicate-sibling")
                } else {
                    Phrase::new("adapter-fault-ambiguous-alternative")
                };
                self.report(&child.name, rule.with("name", same));
            }
        }
    }
}

impl Compiler<'_, '_, '_> {
    /// Whether the same attribute says one thing here and another there.
    fn told_apart(&self, one: usize, other: usize) -> bool {
        let mark = |index| self.nodes.get(index).and_then(XmlNode::mark);
        matches!((mark(one), mark(other)), (Some((name, text)), Some((same, differs))) if name == same && text != differs)
    }
}

fn trimmed(text: &Placed) -> std::ops::Range<usize> {
    let value = text.value.as_str();
    let start = value.len() - value.trim_start().len();
    start..start + value.trim().len()
}
