//! 推行进度: the plan's three targets (二、目标任务), for the county and by insurance kind, township and bank.
//!
//! A recipient is a person and an insurance kind that was paid in the scope. New is who applied, or has received, since the
//! county's first month (R09); everybody else is existing. On the card means paid to an account that a bank told of as this
//! person's social security card, that was entered as one, or that the register of recipients names; another bank card is not
//! counted, whatever it is called. People retired from public institutions are outside of the targets (R12).

use std::collections::BTreeMap;

use super::books::{Books, Paid};
use super::recipients::Recipients;
use super::table::{Bars, Cell, Column, Table};
use crate::county::County;
use crate::lang::Phrase;

/// Part and whole.
#[derive(Clone, Copy, Debug, Default)]
struct Reach {
    part: i64,
    whole: i64,
}

impl Reach {
    fn add(&mut self, part: i64, whole: i64) {
        self.part = self.part.saturating_add(part);
        self.whole = self.whole.saturating_add(whole);
    }
}

/// Whom a row is about, in the order of the rows: everybody, a fund, a township, a bank.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    All,
    Fund(String),
    Township(Option<String>),
    Bank(String),
}

impl Group {
    fn cells(&self) -> [Cell; 2] {
        let text = |text: &String| Cell::Text(text.clone());
        match self {
            Group::All => [Cell::Words(Phrase::new("report-by-all")), Cell::Nothing],
            Group::Fund(fund) => [Cell::Words(Phrase::new("report-by-fund")), text(fund)],
            Group::Township(township) => {
                let unknown = || Cell::Words(Phrase::new("report-unregistered"));
                [Cell::Words(Phrase::new("report-by-township")), township.as_ref().map_or_else(unknown, text)]
            }
            Group::Bank(bank) => [Cell::Words(Phrase::new("report-by-bank")), text(bank)],
        }
    }
}

/// The three, and what stands beside them.
#[derive(Default)]
struct Sums {
    new_use: BTreeMap<Group, Reach>,
    existing_use: BTreeMap<Group, Reach>,
    existing_paid: BTreeMap<Group, Reach>,
    institutional: u64,
    exceptions: u64,
    other_cards: u64,
}

/// A table for each target.
pub(super) fn tables(books: &Books, county: &County, recipients: &Recipients) -> Vec<Table> {
    let sums = sums(books, county, recipients);
    let targets = county.targets;
    let notes = [
        Phrase::new("report-rollout-outside").with("count", sums.institutional),
        Phrase::new("report-rollout-exceptions").with("count", sums.exceptions),
        Phrase::new("report-rollout-other-cards").with("count", sums.other_cards),
    ];
    let new = Phrase::new("report-new-use");
    let existing = Phrase::new("report-existing-use");
    let paid = Phrase::new("report-existing-paid");
    let mut tables = vec![
        table("new-card-use", new, &sums.new_use, targets.new_use, people),
        table("existing-card-use", existing, &sums.existing_use, targets.existing_use, people),
        table("existing-paid-amount", paid, &sums.existing_paid, targets.existing_paid, Cell::Money),
    ];
    if let Some(last) = tables.last_mut() {
        last.notes.extend(notes);
    }
    tables
}

fn people(number: i64) -> Cell {
    u64::try_from(number).map_or(Cell::Nothing, Cell::Count)
}

fn sums(books: &Books, county: &County, recipients: &Recipients) -> Sums {
    let mut sums = Sums::default();
    for ((person, fund), paid) in &books.paid {
        if county.institutional_funds.contains(fund) {
            sums.institutional = sums.institutional.saturating_add(1);
            continue;
        }
        let known = recipients.of(person);
        let mine = |account: &str| is_card_of(books, recipients, person, account);
        let on_card = mine(&paid.account);
        if !on_card && paid.called_card {
            sums.other_cards = sums.other_cards.saturating_add(1);
        }
        if !on_card && books.registers.payout(person).is_some_and(|payout| payout.exception) {
            sums.exceptions = sums.exceptions.saturating_add(1);
        }
        let since = known.and_then(|known| known.since.as_ref()).or_else(|| books.applied.get(person));
        let newly = since.is_some_and(|since| *since >= county.new_recipients_from);
        let (part, whole) = money(paid, mine);
        let mut groups = vec![Group::All, Group::Fund(fund.clone()), Group::Bank(paid.bank.clone())];
        if !recipients.is_empty() {
            groups.push(Group::Township(known.and_then(|known| known.township.clone())));
        }
        for group in groups {
            let used = if newly { &mut sums.new_use } else { &mut sums.existing_use };
            used.entry(group.clone()).or_default().add(i64::from(on_card), 1);
            if !newly {
                sums.existing_paid.entry(group).or_default().add(part, whole);
            }
        }
    }
    sums
}

fn money(paid: &Paid, mine: impl Fn(&str) -> bool) -> (i64, i64) {
    paid.fen.iter().fold((0, 0), |(part, whole), (account, fen)| {
        let part = if mine(account) { i64::saturating_add(part, *fen) } else { part };
        (part, i64::saturating_add(whole, *fen))
    })
}

/// Whether an account is known to be this person's social security card.
fn is_card_of(books: &Books, recipients: &Recipients, person: &str, account: &str) -> bool {
    let told = books.registers.card(account).is_some_and(|card| card.holder == person);
    let entered = books.registers.payout(person).is_some_and(|payout| payout.on_card && payout.account == account);
    told || entered || recipients.of(person).is_some_and(|known| known.card.as_deref() == Some(account))
}

fn table(
    name: &'static str,
    title: Phrase,
    groups: &BTreeMap<Group, Reach>,
    target: u8,
    show: impl Fn(i64) -> Cell,
) -> Table {
    let columns = vec![
        Column::new("by", Phrase::new("report-col-by")),
        Column::new("group", Phrase::new("report-col-group")),
        Column::new("numerator", Phrase::new("report-col-on-card")),
        Column::new("denominator", Phrase::new("report-col-all")),
        Column::new("share", Phrase::new("report-col-share")),
        Column::new("target", Phrase::new("report-col-target")),
        Column::new("reached", Phrase::new("report-col-reached")),
    ];
    let all = Reach::default();
    let total = (!groups.contains_key(&Group::All)).then_some((&Group::All, &all));
    let rows = total.into_iter().chain(groups).map(|(group, reach)| {
        let [by, name] = group.cells();
        let enough =
            i128::from(reach.part).saturating_mul(100) >= i128::from(reach.whole).saturating_mul(target.into());
        let reached = if reach.whole > 0 { Cell::Flag(enough) } else { Cell::Nothing };
        let share = Cell::Share { part: reach.part, whole: reach.whole };
        vec![by, name, show(reach.part), show(reach.whole), share, Cell::Text(format!("≥ {target} %")), reached]
    });
    let rows = rows.collect();
    Table {
        name,
        title,
        columns,
        rows,
        notes: Vec::new(),
        bars: Some(Bars { labels: &[0, 1], value: 4, target: Some(target) }),
    }
}
