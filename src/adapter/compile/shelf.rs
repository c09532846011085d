//! Things of an adapter that have a name of their own and must each be used by something.

use std::cell::Cell;

use crate::adapter::fault::{At, Sink};
use crate::adapter::notation::reader::Text;
use crate::lang::Phrase;

/// A thing under its name, with the place of the name.
pub(super) struct Named<'a, T> {
    pub(super) name: &'a str,
    pub(super) at: At<'a>,
    pub(super) value: T,
    used: Cell<bool>,
}

impl<'a, T> Named<'a, T> {
    pub(super) fn new(key: &Text<'a>, value: T) -> Named<'a, T> {
        Named { name: key.value, at: key.at.clone(), value, used: Cell::new(false) }
    }
}

/// All things of one kind, in the order of the file.
pub(super) struct Shelf<'a, T>(pub(super) Vec<Named<'a, T>>);

impl<'a, T> Shelf<'a, T> {
    /// Finds a thing by name and notes that it is used. Its index is its place in the file's order.
    pub(super) fn take(&self, name: &str) -> Option<(usize, &Named<'a, T>)> {
        let found = self.0.iter().enumerate().find(|(_, named)| named.name == name);
        if let Some((_, named)) = found {
            named.used.set(true);
        }
        found
    }

    /// Whether there is a thing of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|named| named.name == name)
    }

    /// Reports everything that was never taken.
    pub(super) fn report_unused(&self, sink: &Sink<'_>) {
        for named in self.0.iter().filter(|named| !named.used.get()) {
            sink.report(&named.at, Phrase::new("adapter-fault-unused").with("name", named.name));
        }
    }
}
