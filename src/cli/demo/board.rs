//! What a demonstration shows while it runs: a bar of what was instructed and a table of where everything stands, drawn
//! anew a few times a second from the journal itself.
//!
//! Only on a terminal; nothing is drawn into a file or beside JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use crate::cli::Screen;
use crate::cli::running::Running;
use crate::journal::{Journal, Tally};
use crate::lang::{Lang, Phrase};
use crate::life::State;
use crate::message::Fen;
use crate::tls::dev::House;

/// Between two drawings.
const REDRAW: Duration = Duration::from_millis(250);

/// The live table; taken down by [`Board::finish`].
pub(crate) struct Board {
    bar: ProgressBar,
    /// The line above the table, which says what is going on.
    headline: Arc<Mutex<Phrase>>,
    drawing: Option<JoinHandle<()>>,
}

impl Board {
    /// A board for so many payments, redrawn until it is taken down.
    pub(crate) fn put_up(screen: &Screen, payments: usize, running: &Running) -> Board {
        let length = u64::try_from(payments).unwrap_or(u64::MAX);
        let bar = if screen.lively() { ProgressBar::new(length) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}\n{msg}") {
            bar.set_style(style);
        }
        let headline = Arc::new(Mutex::new(Phrase::new("cli-demo-instructing")));
        let drawing = screen.lively().then(|| {
            let draw = draw(bar.clone(), Arc::clone(&headline), Arc::clone(running.gateway.journal()), screen.lang());
            tokio::spawn(draw)
        });
        Board { bar, headline, drawing }
    }

    /// The bar that counts payments which have their answer.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// All payments are instructed; what is left is for the banks to say.
    pub(crate) fn settling(&self) {
        self.say(Phrase::new("cli-demo-settling"));
    }

    /// Stays up until Ctrl-C, with a line that can be pasted into another terminal.
    pub(crate) async fn stay(&self, screen: &Screen, running: &Running, house: &House, dir: &Path) {
        let (certificate, key) = house.leaf("agency");
        let command = format!(
            "curl --cacert {} --cert {} --key {} 'https://localhost:{}/v1/payments?limit=3'",
            house.ca().display(),
            certificate.display(),
            key.display(),
            running.address.port(),
        );
        // Written past the bar, so that the line stays whole and can be copied while the table below it is redrawn.
        self.bar.suspend(|| {
            screen.note(&Phrase::new("cli-demo-stays").with("dir", dir.display()).with("command", command))
        });
        self.say(Phrase::new("cli-demo-up"));
        // Without a signal handler there is nothing to wait for, and the demonstration ends.
        let _ = tokio::signal::ctrl_c().await;
    }

    /// Takes the board down.
    pub(crate) fn finish(self) {
        if let Some(drawing) = self.drawing {
            drawing.abort();
        }
        self.bar.finish_and_clear();
    }

    fn say(&self, phrase: Phrase) {
        *self.headline.lock().unwrap_or_else(PoisonError::into_inner) = phrase;
    }
}

async fn draw(bar: ProgressBar, headline: Arc<Mutex<Phrase>>, journal: Arc<dyn Journal>, lang: Lang) {
    loop {
        if let Ok(tally) = journal.tally().await {
            let headline = headline.lock().unwrap_or_else(PoisonError::into_inner).text(lang);
            bar.set_message(format!("{headline}\n{}", table(&tally, lang)));
        }
        tokio::time::sleep(REDRAW).await;
    }
}

/// What stands where at one bank, by what it means to whoever waits for the money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line {
    waiting: u64,
    in_hand: u64,
    unknown: u64,
    people: u64,
    failed: u64,
    succeeded: u64,
    fen_succeeded: i64,
}

impl Line {
    fn add(&mut self, row: &Tally) {
        let column = match row.state {
            State::Accepted | State::Ready | State::Absent => &mut self.waiting,
            State::Sending | State::Acked => &mut self.in_hand,
            State::Unknown | State::Querying => &mut self.unknown,
            State::Held | State::Manual => &mut self.people,
            State::Failed | State::Cancelled | State::Rejected => &mut self.failed,
            State::Succeeded => {
                self.fen_succeeded = self.fen_succeeded.saturating_add(row.fen);
                &mut self.succeeded
            }
        };
        *column = column.saturating_add(row.messages);
    }

    fn cells(&self, name: &str) -> [String; 8] {
        let counts = [self.waiting, self.in_hand, self.unknown, self.people, self.failed, self.succeeded];
        let [waiting, in_hand, unknown, people, failed, succeeded] = counts.map(|count| count.to_string());
        let paid = Fen::new(self.fen_succeeded).yuan();
        [name.to_owned(), waiting, in_hand, unknown, people, failed, succeeded, paid]
    }
}

fn lines(tally: &[Tally]) -> BTreeMap<&str, Line> {
    let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
    for row in tally {
        lines.entry(&row.bank).or_default().add(row);
    }
    lines
}

fn table(tally: &[Tally], lang: Lang) -> Table {
    let mut table = Table::new();
    let heads = [
        Phrase::new("cli-demo-col-bank"),
        Phrase::new("cli-demo-col-waiting"),
        Phrase::new("cli-demo-col-in-hand"),
        Phrase::new("cli-demo-col-unknown"),
        Phrase::new("cli-demo-col-manual"),
        Phrase::new("cli-demo-col-failed"),
        Phrase::new("cli-demo-col-succeeded"),
        Phrase::new("cli-demo-col-paid"),
    ];
    table.set_header(heads.map(|head| head.text(lang)));
    for (bank, line) in lines(tally) {
        table.add_row(line.cells(bank));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_stands_in_one_column() {
        let tally: Vec<Tally> =
            State::ALL.into_iter().map(|state| Tally { bank: "b1".to_owned(), state, messages: 1, fen: 100 }).collect();
        let mut lines = lines(&tally);
        let line = lines.remove("b1").expect("a line");
        let want = Line { waiting: 3, in_hand: 2, unknown: 2, people: 2, failed: 3, succeeded: 1, fen_succeeded: 100 };
        assert_eq!(line, want);
        assert!(lines.is_empty());
        assert!(table(&tally, Lang::Zh).to_string().contains("1.00"));
    }
}
