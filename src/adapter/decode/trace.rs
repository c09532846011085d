//! What a reader tells while it reads, so that one and the same reader decodes and explains.

use crate::adapter::convert::Spelling;
use crate::adapter::plan::{Picture, ValuePlan};

/// Somebody who watches a message being read.
pub(in crate::adapter) trait Trace {
    /// Nobody watches: nothing is prepared to be told.
    const ON: bool;

    /// The bytes that follow are of this layer.
    fn layer(&mut self, name: &str, bytes: &[u8]);

    /// A range of the layer was understood. Ranges come in order and never overlap; gaps are markup.
    fn piece(&mut self, piece: Piece<'_>);
}

/// A range that was understood.
pub(in crate::adapter) struct Piece<'x> {
    /// First byte in the layer.
    pub(in crate::adapter) start: usize,
    /// Behind the last byte.
    pub(in crate::adapter) end: usize,
    /// The bank's name for it.
    pub(in crate::adapter) field: &'x str,
    /// Its picture, in records.
    pub(in crate::adapter) picture: Option<Picture>,
    /// What stands there, without fill and escapes.
    pub(in crate::adapter) text: Option<&'x str>,
    /// What it is to us.
    pub(in crate::adapter) kind: Kind<'x>,
    /// How a number stands there.
    pub(in crate::adapter) spelling: Spelling,
}

/// What a range is to us.
#[derive(Clone, Copy)]
pub(in crate::adapter) enum Kind<'x> {
    /// Compared with the plan: the same in every message.
    Literal,
    /// Not looked at; the text is the plan's own example.
    Skip(&'x str),
    /// A value.
    Value(&'x ValuePlan),
    /// A seal, or another layer in disguise.
    Wrapping,
}

/// Nobody watches.
pub(in crate::adapter) struct NoTrace;

impl Trace for NoTrace {
    const ON: bool = false;

    fn layer(&mut self, _: &str, _: &[u8]) {}

    fn piece(&mut self, _: Piece<'_>) {}
}
