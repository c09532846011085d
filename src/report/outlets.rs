//! 网点制卡情况: how many cards each outlet made in the scope, beside the register of outlets (四（一）, R02). An outlet that made
//! cards and is not registered is listed as such; one that is registered and made none is listed too.

use std::collections::BTreeMap;

use super::books::Books;
use super::table::{Bars, Cell, Column, Table, count};
use crate::county::{County, Outlet};
use crate::lang::Phrase;

/// What an outlet made.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    cards: usize,
    first: usize,
}

/// By bank, and outlet by outlet.
pub(super) fn tables(books: &Books, county: &County) -> Vec<Table> {
    let day = books.scope.as_of;
    let mut made: BTreeMap<(&str, &str), Made> = BTreeMap::new();
    for outlet in county.outlets.iter().filter(|outlet| county.has_outlet(&outlet.bank, &outlet.name, day)) {
        made.entry((&outlet.bank, &outlet.name)).or_default();
    }
    for issued in &books.issued {
        let outlet = made.entry((&issued.bank, &issued.outlet)).or_default();
        outlet.cards = outlet.cards.saturating_add(1);
        outlet.first = outlet.first.saturating_add(usize::from(issued.is_first()));
    }
    let known = |bank: &str, name: &str| {
        let is = |outlet: &&Outlet| outlet.bank == bank && outlet.name == name;
        county.outlets.iter().find(is).filter(|_| county.has_outlet(bank, name, day))
    };
    vec![banks(&made, known), each(&made, known)]
}

fn banks<'a>(made: &BTreeMap<(&'a str, &'a str), Made>, known: impl Fn(&str, &str) -> Option<&'a Outlet>) -> Table {
    let mut banks: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for ((bank, name), outlet) in made {
        let register = known(bank, name);
        let [registered, rural, unknown, cards, first] = banks.entry(bank).or_default();
        *registered = registered.saturating_add(usize::from(register.is_some()));
        *rural = rural.saturating_add(usize::from(register.is_some_and(|outlet| outlet.rural)));
        *unknown = unknown.saturating_add(usize::from(register.is_none()));
        *cards = cards.saturating_add(outlet.cards);
        *first = first.saturating_add(outlet.first);
    }
    let row = |(bank, sums): (&str, [usize; 5])| {
        let mut row = vec![Cell::Text(bank.to_owned())];
        row.extend(sums.map(count));
        row
    };
    Table {
        name: "outlets-by-bank",
        title: Phrase::new("report-outlets-banks"),
        columns: vec![
            Column::new("bank", Phrase::new("report-col-bank")),
            Column::new("registered", Phrase::new("report-col-registered")),
            Column::new("rural", Phrase::new("report-col-rural")),
            Column::new("unknown", Phrase::new("report-col-unknown")),
            Column::new("cards", Phrase::new("report-col-cards")),
            Column::new("first", Phrase::new("report-col-first")),
        ],
        rows: banks.into_iter().map(row).collect(),
        notes: Vec::new(),
        bars: Some(Bars { labels: &[0], value: 4, target: None }),
    }
}

fn each<'a>(made: &BTreeMap<(&'a str, &'a str), Made>, known: impl Fn(&str, &str) -> Option<&'a Outlet>) -> Table {
    let row = |((bank, name), outlet): (&(&str, &str), &Made)| {
        let register = known(bank, name);
        vec![
            Cell::Text((*bank).to_owned()),
            Cell::Text((*name).to_owned()),
            Cell::Flag(register.is_some()),
            register.map_or(Cell::Nothing, |outlet| Cell::Flag(outlet.rural)),
            count(outlet.cards),
            count(outlet.first),
        ]
    };
    Table {
        name: "outlets",
        title: Phrase::new("report-outlets-each"),
        columns: vec![
            Column::new("bank", Phrase::new("report-col-bank")),
            Column::new("outlet", Phrase::new("report-col-outlet")),
            Column::new("registered", Phrase::new("report-col-registered")),
            Column::new("rural", Phrase::new("report-col-rural")),
            Column::new("cards", Phrase::new("report-col-cards")),
            Column::new("first", Phrase::new("report-col-first")),
        ],
        rows: made.iter().map(row).collect(),
        notes: vec![Phrase::new("report-outlets-note")],
        bars: None,
    }
}
