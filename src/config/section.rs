//! A table of the file as it is being read: every key is asked for by name, and what nobody asked for is a fault.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigFault;
use crate::lang::Phrase;

/// Where faults are gathered.
pub(super) struct Sheet<'t> {
    pub(super) text: &'t str,
    pub(super) faults: RefCell<Vec<ConfigFault>>,
}

impl Sheet<'_> {
    pub(super) fn fault(&self, span: Range<usize>, rule: Phrase) {
        let span = (span.start, span.end.saturating_sub(span.start));
        self.faults.borrow_mut().push(ConfigFault::at(self.text, span, rule));
    }

    /// A fault on a line that may hold a secret.
    pub(super) fn hidden_fault(&self, span: Range<usize>, rule: Phrase) {
        let span = (span.start, span.end.saturating_sub(span.start));
        self.faults.borrow_mut().push(ConfigFault::at(self.text, span, rule).hidden());
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// One table.
pub(super) struct Section<'t> {
    sheet: &'t Sheet<'t>,
    table: Option<&'t DeTable<'t>>,
    pub(super) span: Range<usize>,
    taken: RefCell<BTreeSet<String>>,
}

impl<'t> Section<'t> {
    pub(super) fn new(sheet: &'t Sheet<'t>, table: Option<&'t DeTable<'t>>, span: Range<usize>) -> Self {
        Self { sheet, table, span, taken: RefCell::default() }
    }

    pub(super) fn fault(&self, span: Range<usize>, rule: Phrase) {
        self.sheet.fault(span, rule);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.taken.borrow_mut().insert(key.to_owned());
        self.table?.get(key)
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, wanted: &'static str) {
        let rule = match wanted {
            "text" => Phrase::new("front-config-not-text"),
            "number" => Phrase::new("front-config-not-number"),
            "flag" => Phrase::new("front-config-not-flag"),
            "list" => Phrase::new("front-config-not-list"),
            _ => Phrase::new("front-config-not-table"),
        };
        self.sheet.fault(value.span(), rule);
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<At<String>> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().map(|text| At { value: text.to_owned(), span: value.span() });
        if text.is_none() {
            self.wrong(value, "text");
        }
        text
    }

    /// A text that must be there and not empty.
    pub(super) fn need(&self, key: &str) -> Option<At<String>> {
        if !self.has(key) {
            self.fault(self.span.clone(), Phrase::new("front-config-missing").with("key", key));
        }
        let text = self.text(key)?;
        if text.value.is_empty() {
            self.fault(text.span.clone(), Phrase::new("front-config-empty"));
            return None;
        }
        Some(text)
    }

    /// A text in a form of its own.
    pub(super) fn form<T>(
        &self,
        text: Option<At<String>>,
        parse: impl FnOnce(&str) -> Option<T>,
        rule: Phrase,
    ) -> Option<T> {
        let text = text?;
        let parsed = parse(&text.value);
        if parsed.is_none() {
            self.fault(text.span, rule);
        }
        parsed
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, key: &str, bounds: Range<u64>) -> Option<u64> {
        let value = self.value(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong(value, "number");
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|it| bounds.contains(it));
        if number.is_none() {
            let last = bounds.end.saturating_sub(1);
            let rule = Phrase::new("front-config-number-range").with("first", bounds.start).with("last", last);
            self.fault(value.span(), rule);
        }
        number
    }

    /// True or false; absent is false.
    pub(super) fn flag(&self, key: &str) -> bool {
        let Some(value) = self.value(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(value, "flag");
        }
        flag.unwrap_or_default()
    }

    /// A list of texts that must be there and not empty.
    pub(super) fn texts(&self, key: &str) -> Vec<At<String>> {
        let Some(value) = self.value(key) else {
            self.fault(self.span.clone(), Phrase::new("front-config-missing").with("key", key));
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(value, "list");
            return Vec::new();
        };
        if list.is_empty() {
            self.fault(value.span(), Phrase::new("front-config-empty"));
        }
        let text = |entry: &Spanned<DeValue<'_>>| {
            let text = entry.get_ref().as_str().map(|text| At { value: text.to_owned(), span: entry.span() });
            if text.is_none() {
                self.wrong(entry, "text");
            }
            text
        };
        list.iter().filter_map(text).collect()
    }

    /// A table; an absent one reads as empty, and is at the place of the table around it.
    pub(super) fn table(&self, key: &str) -> Section<'t> {
        let Some(value) = self.value(key) else { return Section::new(self.sheet, None, self.span.clone()) };
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, "table");
        }
        Section::new(self.sheet, table, value.span())
    }

    /// All tables of a list, as `[[key]]` writes them.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'t>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(value, "list");
            return Vec::new();
        };
        let section = |entry: &'t Spanned<DeValue<'t>>| {
            let table = entry.get_ref().as_table();
            if table.is_none() {
                self.wrong(entry, "table");
            }
            Section::new(self.sheet, table, entry.span())
        };
        list.iter().map(section).collect()
    }

    /// Every entry, whatever its name; for tables whose keys are names of somebody else.
    pub(super) fn entries(&self) -> Vec<(At<String>, &'t Spanned<DeValue<'t>>)> {
        let entry = |(key, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            self.taken.borrow_mut().insert(name.to_string());
            (At { value: name.to_string(), span: key.span() }, value)
        };
        self.table.into_iter().flat_map(|table| table.iter()).map(entry).collect()
    }

    /// The place of a value, or of the table where it should stand.
    pub(super) fn place(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    pub(super) fn hidden_fault(&self, span: Range<usize>, rule: Phrase) {
        self.sheet.hidden_fault(span, rule);
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn unknown(&self) {
        let taken = self.taken.borrow();
        for (key, _) in self.table.into_iter().flat_map(|table| table.iter()) {
            if !taken.contains(key.get_ref().as_ref()) {
                // The key is what the file's author wrote, not a value.
                let rule = Phrase::new("front-config-unknown-key").with("key", key.get_ref());
                self.sheet.fault(key.span(), rule);
            }
        }
    }
}
