//! 首次换领核对表: first cards and first exchanges of the scope, by bank, as the card centre settles their cost with the banks
//! (三（三）). They are free for the holder; a fee is shown as 违规收费 (R03).

use std::collections::BTreeMap;

use super::books::{Books, Issued};
use super::table::{Cell, Column, Table, count};
use crate::lang::Phrase;
use crate::redact::Sensitivity;

/// Sums by bank and month, and card by card.
pub(super) fn tables(books: &Books) -> Vec<Table> {
    let mut first: Vec<&Issued> = books.issued.iter().filter(|issued| issued.is_first()).collect();
    first.sort_by_key(|issued| (&issued.bank, issued.on, &issued.outlet, &issued.number));
    vec![sums(&first), cards(&first)]
}

fn month(issued: &Issued) -> String {
    issued.on.map_or_else(String::new, |day| format!("{:04}{:02}", day.year(), day.month()))
}

fn sums(first: &[&Issued]) -> Table {
    let mut months: BTreeMap<(&str, String), Vec<&Issued>> = BTreeMap::new();
    for issued in first {
        months.entry((&issued.bank, month(issued))).or_default().push(issued);
    }
    let rows = months.into_iter().map(|((bank, month), cards)| {
        let charged = cards.iter().filter(|card| card.fee > 0);
        let fees = cards.iter().fold(0_i64, |sum, card| sum.saturating_add(card.fee));
        let (cards, charged) = (count(cards.len()), count(charged.count()));
        vec![Cell::Text(bank.to_owned()), Cell::Text(month), cards, charged, Cell::Money(fees)]
    });
    Table {
        name: "first-cards-by-month",
        title: Phrase::new("report-first-sums"),
        columns: vec![
            Column::new("bank", Phrase::new("report-col-bank")),
            Column::new("month", Phrase::new("report-col-month")),
            Column::new("cards", Phrase::new("report-col-cards")),
            Column::new("charged", Phrase::new("report-col-charged")),
            Column::new("fees", Phrase::new("report-col-fees")),
        ],
        rows: rows.collect(),
        notes: Vec::new(),
        bars: None,
    }
}

fn cards(first: &[&Issued]) -> Table {
    let rows = first.iter().map(|issued| {
        vec![
            Cell::Text(issued.bank.clone()),
            issued.on.map_or(Cell::Nothing, Cell::Day),
            Cell::Text(issued.outlet.clone()),
            Cell::Private(issued.name.clone(), Sensitivity::Name),
            Cell::Private(issued.holder.clone(), Sensitivity::Identity),
            Cell::Private(issued.number.clone(), Sensitivity::Account),
            Cell::Text(issued.kind.clone()),
            Cell::Text(issued.generation.clone()),
            Cell::Money(issued.fee),
        ]
    });
    Table {
        name: "first-cards",
        title: Phrase::new("report-first-cards"),
        columns: vec![
            Column::new("bank", Phrase::new("report-col-bank")),
            Column::new("issued_on", Phrase::new("report-col-issued-on")),
            Column::new("outlet", Phrase::new("report-col-outlet")),
            Column::new("name", Phrase::new("report-col-name")),
            Column::new("id", Phrase::new("report-col-id")),
            Column::new("number", Phrase::new("report-col-number")),
            Column::new("kind", Phrase::new("report-col-kind")),
            Column::new("generation", Phrase::new("report-col-generation")),
            Column::new("fee", Phrase::new("report-col-fees")),
        ],
        rows: rows.collect(),
        notes: vec![Phrase::new("report-first-note")],
        bars: None,
    }
}
