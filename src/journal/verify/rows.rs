//! Every row against the last word of the chain, and the sums.

use rusqlite::Connection;

use super::chain::Tails;
use super::report::{Report, Violation};
use crate::journal::row::{self, SELECT};
use crate::journal::types::MessageId;

/// Compares all messages; what is left of the tails has no row.
pub(super) fn compare(connection: &Connection, tails: &mut Tails, report: &mut Report) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY m.id"))?;
    let mut rows = statement.query([])?;
    let mut buffer = Vec::with_capacity(1024);
    while let Some(row) = rows.next()? {
        let message = row::message(row)?;
        report.messages = report.messages.saturating_add(1);
        report.banks.entry(message.bank.clone()).or_default().add(message.state, message.fen);
        match tails.remove(message.id.as_bytes()) {
            None => report.find(Violation::RowUnknown(message.id)),
            Some(tail) => {
                let same = tail.seq == message.marks.last
                    && tail.state == message.state
                    && tail.row == row::digest(&message, &mut buffer);
                if !same {
                    report.find(Violation::Row(message.id));
                }
            }
        }
    }
    for id in tails.keys() {
        report.find(Violation::RowMissing(MessageId(*id)));
    }
    let unequal = report.banks.iter().filter(|(_, sums)| sums.instructed != sums.accounted());
    let unequal: Vec<String> = unequal.map(|(bank, _)| bank.clone()).collect();
    for bank in unequal {
        report.find(Violation::Sum(bank));
    }
    let mut statement = connection
        .prepare("SELECT id FROM delivery WHERE id NOT IN (SELECT delivery FROM message WHERE delivery IS NOT NULL)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        report.find(Violation::DeliveryUnknown(row.get(0)?));
    }
    Ok(())
}
