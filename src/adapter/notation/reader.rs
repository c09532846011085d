//! TOML with places: typed access to tables, in which every key is either asked for or a fault.
//!
//! Walked by hand over the parser's own spanned tables, because deriving a reader loses the spans.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::adapter::fault::{At, Sink};
use crate::lang::Phrase;

/// A text with its place.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a> {
    /// What it says.
    pub(crate) value: &'a str,
    /// Where it stands, quotes included.
    pub(crate) at: At<'a>,
    /// Bytes before the first byte of `value` (the quote), if the text stands in the file letter by letter.
    lead: Option<usize>,
}

impl<'a> Text<'a> {
    /// A text that stands in the file as it is, without quotes.
    pub(crate) fn bare(value: &'a str, at: At<'a>) -> Text<'a> {
        let lead = (at.span.len() == value.len()).then_some(0);
        Text { value, at, lead }
    }

    /// The place of a part of the text; the whole text where it holds escapes.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> At<'a> {
        let Some(lead) = self.lead else { return self.at.clone() };
        let start = self.at.span.start + lead;
        At { file: self.at.file, span: start + range.start..start + range.end }
    }
}

/// A value of a document.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    sink: &'a Sink<'a>,
    value: &'a DeValue<'a>,
    /// Where it stands.
    pub(crate) at: At<'a>,
}

impl<'a> Node<'a> {
    fn new(sink: &'a Sink<'a>, file: &'a str, value: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        Node { sink, value: value.get_ref(), at: At { file, span: value.span() } }
    }

    fn wrong(&self, wanted: &str) {
        let found = self.value.type_str();
        self.sink.report(&self.at, Phrase::new("adapter-fault-wrong-type").with("wanted", wanted).with("found", found));
    }

    /// Whether it is a text.
    pub(crate) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// A text, or a fault.
    pub(crate) fn text(&self) -> Option<Text<'a>> {
        let Some(value) = self.value.as_str() else {
            self.wrong("string");
            return None;
        };
        let lead = (self.at.span.len() == value.len() + 2).then_some(1);
        Some(Text { value, at: self.at.clone(), lead })
    }

    /// A whole number that is not negative, or a fault.
    pub(crate) fn number(&self) -> Option<usize> {
        let number = self
            .value
            .as_integer()
            .and_then(|integer| usize::from_str_radix(integer.as_str(), integer.radix()).ok())
            .filter(|number| *number <= 1_000_000_000);
        if number.is_none() {
            self.wrong("integer");
        }
        number
    }

    /// `true` or `false`, or a fault.
    pub(crate) fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong("boolean");
        }
        flag
    }

    /// A list, or a fault.
    pub(crate) fn list(&self) -> Option<Vec<Node<'a>>> {
        let Some(list) = self.value.as_array() else {
            self.wrong("array");
            return None;
        };
        Some(list.iter().map(|value| Node::new(self.sink, self.at.file, value)).collect())
    }

    /// A table, or a fault.
    pub(crate) fn table(&self) -> Option<Table<'a>> {
        let Some(map) = self.value.as_table() else {
            self.wrong("table");
            return None;
        };
        Some(Table { sink: self.sink, map, at: self.at.clone(), asked: RefCell::default() })
    }
}

/// A table whose keys must all be asked for before it is closed.
pub(crate) struct Table<'a> {
    sink: &'a Sink<'a>,
    map: &'a DeTable<'a>,
    /// Where it begins (its header or its brace).
    pub(crate) at: At<'a>,
    asked: RefCell<Vec<String>>,
}

impl<'a> Table<'a> {
    /// The root of a document.
    pub(crate) fn root(sink: &'a Sink<'a>, file: &'a str, map: &'a DeTable<'a>) -> Table<'a> {
        Table { sink, map, at: At::start(file), asked: RefCell::default() }
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.asked.borrow_mut().push(key.to_owned());
        self.map.get(key).map(|value| Node::new(self.sink, self.at.file, value))
    }

    /// Where `key` stands; the table if it does not.
    pub(crate) fn key_at(&self, key: &str) -> At<'a> {
        let span = self.map.get_key_value(key).map_or(self.at.span.clone(), |(key, _)| key.span());
        At { file: self.at.file, span }
    }

    /// The value of `key`, or a fault.
    pub(crate) fn need(&self, key: &str) -> Option<Node<'a>> {
        let node = self.get(key);
        if node.is_none() {
            self.sink.report(&self.at, Phrase::new("adapter-fault-missing-key").with("key", key));
        }
        node
    }

    /// The text of `key`, which must be there.
    pub(crate) fn need_text(&self, key: &str) -> Option<Text<'a>> {
        self.need(key)?.text()
    }

    /// The text of `key`.
    pub(crate) fn text(&self, key: &str) -> Option<Text<'a>> {
        self.get(key)?.text()
    }

    /// The flag of `key`; absent is `false`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(|node| node.flag()).unwrap_or(false)
    }

    /// The sub-table of `key`.
    pub(crate) fn table(&self, key: &str) -> Option<Table<'a>> {
        self.get(key)?.table()
    }

    /// One of a closed set of words. `default` holds where the key is absent; without it the key must be there.
    pub(crate) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)], default: Option<T>) -> Option<T> {
        let node = match default {
            Some(_) => self.get(key),
            None => self.need(key),
        };
        let Some(node) = node else { return default };
        let text = node.text()?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
        if found.is_none() {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let rule = Phrase::new("adapter-fault-not-one-of").with("allowed", allowed.join(" | "));
            self.sink.report(&text.at, rule);
        }
        found
    }

    /// All entries in the order of the file, where the keys are names of the adapter's own.
    pub(crate) fn entries(&self) -> Vec<(Text<'a>, Node<'a>)> {
        let file = self.at.file;
        let mut entries: Vec<_> = self
            .map
            .iter()
            .map(|(key, value)| {
                let name: &'a str = key.get_ref();
                let at = At { file, span: key.span() };
                let lead = match at.span.len().checked_sub(name.len()) {
                    Some(0) => Some(0),
                    Some(2) => Some(1),
                    Some(_) | None => None,
                };
                (Text { value: name, at, lead }, Node::new(self.sink, file, value))
            })
            .collect();
        entries.sort_by_key(|(key, _)| key.at.span.start);
        self.asked.borrow_mut().extend(entries.iter().map(|(key, _)| key.value.to_owned()));
        entries
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn close(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.map {
            let name: &str = key.get_ref();
            if !asked.iter().any(|asked| asked == name) {
                let at = At { file: self.at.file, span: key.span() };
                self.sink.report(&at, Phrase::new("adapter-fault-unknown-key").with("key", name));
            }
        }
    }
}

/// Parses a document; what the parser finds wrong becomes faults.
pub(crate) fn parse<'a>(sink: &Sink<'_>, file: &str, text: &'a str) -> Option<Spanned<DeTable<'a>>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = At { file, span: error.span().unwrap_or(0..0) };
        let rule = if error.message().contains("duplicate key") {
            Phrase::new("adapter-fault-duplicate-key")
        } else {
            Phrase::new("adapter-fault-toml").with("why", error.message())
        };
        sink.report(&at, rule);
    }
    errors.is_empty().then_some(table)
}
