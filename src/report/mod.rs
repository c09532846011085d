//! Reports of the county's plan: how far the move to the card has come, first exchanges for the card centre, issuance by
//! outlet, and whom a bank should help to activate a card.
//!
//! [`Books`] reads a journal once; each report is a pure function of the books, the county and a [`Scope`], and gives
//! [`Report`], a few tables without any form. Text, JSON, `.xlsx` and SVG are forms of the same tables.
//!
//! Deliberately not here: anything that the journal or the register of recipients does not say. Who is not registered counts
//! where the report says so, and is counted in a note.

mod activation;
mod books;
mod first_cards;
mod outlets;
mod recipients;
mod rollout;
mod svg;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod xlsx;

use jiff::civil::Date;

pub use books::{Books, Issued, Paid};
pub use recipients::{Recipient, Recipients};
pub use svg::svg;
pub use table::{Bars, Cell, Column, Report, Table};
pub use text::{json, words};
pub use xlsx::{SheetError, xlsx};

use crate::county::County;

/// The reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 推行进度: the plan's three targets.
    Rollout,
    /// 首次换领核对表.
    FirstCards,
    /// 网点制卡情况.
    Outlets,
    /// 引导激活名单.
    Activation,
}

/// Which days are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The first day of payments and issues that count.
    pub from: Date,
    /// The last day of anything that counts (UTC+8).
    pub as_of: Date,
}

impl Scope {
    /// Whether a day counts.
    pub fn has(self, day: Date) -> bool {
        (self.from..=self.as_of).contains(&day)
    }
}

/// Makes a report.
pub fn report(kind: Kind, books: &Books, county: &County, recipients: &Recipients) -> Report {
    let (name, tables) = match kind {
        Kind::Rollout => ("rollout", rollout::tables(books, county, recipients)),
        Kind::FirstCards => ("first-cards", first_cards::tables(books)),
        Kind::Outlets => ("outlets", outlets::tables(books, county)),
        Kind::Activation => ("activation", activation::tables(books)),
    };
    Report { name, county: county.name.clone(), scope: books.scope, simulation: books.simulation, tables }
}
