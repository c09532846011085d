//! 引导激活名单: holders of cards whose financial function was not activated face to face (R06). Where the card's bank is the
//! bank that pays, that bank helps (四（三）2（1）); elsewhere the choice is the recipient's own (2（2）), and nobody may press
//! anybody.

use super::books::{Books, Issued};
use super::table::{Cell, Column, Table};
use crate::lang::Phrase;
use crate::redact::Sensitivity;

/// Where a holder is paid, in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pays {
    Same,
    Other,
    Unknown,
}

/// One list, by the bank that made the card.
pub(super) fn tables(books: &Books) -> Vec<Table> {
    let mut waiting: Vec<(&Issued, Option<bool>, Pays)> = Vec::new();
    for (account, issued) in &books.cards {
        let activated = books.registers.card(account).and_then(|card| card.activated);
        if activated != Some(true) {
            waiting.push((issued, activated, pays(books, issued)));
        }
    }
    waiting.sort_by_key(|(issued, _, pays)| (&issued.bank, *pays, issued.on, &issued.number));
    let row = |(issued, activated, pays): (&Issued, Option<bool>, Pays)| {
        let pays = match pays {
            Pays::Same => Phrase::new("report-pays-same"),
            Pays::Other => Phrase::new("report-pays-other"),
            Pays::Unknown => Phrase::new("report-pays-unknown"),
        };
        let stands = match activated {
            Some(_) => Phrase::new("report-activated-unmet"),
            None => Phrase::new("report-not-activated"),
        };
        vec![
            Cell::Text(issued.bank.clone()),
            Cell::Words(pays),
            Cell::Private(issued.name.clone(), Sensitivity::Name),
            Cell::Private(issued.holder.clone(), Sensitivity::Identity),
            Cell::Private(issued.number.clone(), Sensitivity::Account),
            Cell::Text(issued.outlet.clone()),
            issued.on.map_or(Cell::Nothing, Cell::Day),
            Cell::Words(stands),
        ]
    };
    vec![Table {
        name: "activation",
        title: Phrase::new("report-activation"),
        columns: vec![
            Column::new("bank", Phrase::new("report-col-bank")),
            Column::new("pays", Phrase::new("report-col-pays")),
            Column::new("name", Phrase::new("report-col-name")),
            Column::new("id", Phrase::new("report-col-id")),
            Column::new("number", Phrase::new("report-col-number")),
            Column::new("outlet", Phrase::new("report-col-outlet")),
            Column::new("issued_on", Phrase::new("report-col-issued-on")),
            Column::new("stands", Phrase::new("report-col-stands")),
        ],
        rows: waiting.into_iter().map(row).collect(),
        notes: vec![Phrase::new("report-activation-note")],
        bars: None,
    }]
}

fn pays(books: &Books, issued: &Issued) -> Pays {
    let entered = books.registers.payout(&issued.holder).map(|payout| payout.bank.as_str());
    let of = (issued.holder.clone(), String::new());
    let mut last = books.paid.range(of..).take_while(|((person, _), _)| *person == issued.holder);
    match entered.or_else(|| last.next().map(|(_, paid)| paid.bank.as_str())) {
        Some(bank) if bank == issued.bank => Pays::Same,
        Some(_) => Pays::Other,
        None => Pays::Unknown,
    }
}
