//! What a report says, and nothing of how it looks.

use jiff::civil::Date;

use super::Scope;
use crate::lang::{Lang, Phrase};
use crate::message::Fen;
use crate::redact::Sensitivity;

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// `rollout`, `first-cards`, `outlets`, `activation`.
    pub name: &'static str,
    /// The county.
    pub county: String,
    /// The days it looks at.
    pub scope: Scope,
    /// 演示数据: the directory is marked as simulation.
    pub simulation: bool,
    /// Its tables.
    pub tables: Vec<Table>,
}

/// A table of it.
#[derive(Clone, Debug)]
pub struct Table {
    /// For programs.
    pub name: &'static str,
    /// For people; at most 31 characters, as sheets of a workbook want it.
    pub title: Phrase,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, as long as the columns.
    pub rows: Vec<Vec<Cell>>,
    /// What has to be known to read it rightly.
    pub notes: Vec<Phrase>,
    /// How to draw it, where that makes sense.
    pub bars: Option<Bars>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub head: Phrase,
}

impl Column {
    pub(super) fn new(name: &'static str, head: Phrase) -> Column {
        Column { name, head }
    }
}

/// A bar for each row.
#[derive(Clone, Copy, Debug)]
pub struct Bars {
    /// The columns that name it.
    pub labels: &'static [usize],
    /// The column whose value it shows.
    pub value: usize,
    /// Per cent to be reached; then values are [`Cell::Share`], else [`Cell::Count`].
    pub target: Option<u8>,
}

/// What stands in a field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A code or a name that is nobody's.
    Text(String),
    /// Words.
    Words(Phrase),
    /// Something about a person, masked unless asked for.
    Private(String, Sensitivity),
    /// How many.
    Count(u64),
    /// Fen.
    Money(i64),
    /// A part of a whole; nothing can be said where the whole is 0.
    Share {
        /// The numerator.
        part: i64,
        /// The denominator.
        whole: i64,
    },
    /// A day.
    Day(Date),
    /// Yes or no.
    Flag(bool),
    /// Not known, or it makes no sense here.
    Nothing,
}

impl Cell {
    /// Hundredths of a per cent of a share, rounded down: a target that is not reached never looks reached.
    pub(super) fn per_10000(&self) -> Option<i64> {
        let Cell::Share { part, whole } = self else { return None };
        let scaled = i128::from(*part).checked_mul(10_000)?.checked_div(i128::from(*whole))?;
        i64::try_from(scaled).ok()
    }

    /// As people read it.
    pub(super) fn text(&self, lang: Lang, reveal: bool) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Words(phrase) => phrase.text(lang),
            Cell::Private(value, _) if reveal => value.clone(),
            Cell::Private(value, sensitivity) => sensitivity.mask(value).into_owned(),
            Cell::Count(count) => count.to_string(),
            Cell::Money(fen) => Fen::new(*fen).grouped_yuan(),
            Cell::Share { .. } => self.per_10000().map_or_else(|| "—".to_owned(), |share| format!("{} %", two(share))),
            Cell::Day(day) => day.to_string(),
            Cell::Flag(true) => Phrase::new("report-yes").text(lang),
            Cell::Flag(false) => Phrase::new("report-no").text(lang),
            Cell::Nothing => "—".to_owned(),
        }
    }
}

/// A number of hundredths with its decimals: `6250` is `62.50`.
pub(super) fn two(hundredths: i64) -> String {
    Fen::new(hundredths).yuan()
}

/// How many there are.
pub(super) fn count(length: usize) -> Cell {
    Cell::Count(u64::try_from(length).unwrap_or(u64::MAX))
}
