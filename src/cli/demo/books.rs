//! The end of a demonstration: promises, export and ledgers, held against each other.

use std::collections::BTreeMap;
use std::path::Path;

use super::Trouble;
use crate::journal::export::Export;
use crate::message::Fen;
use crate::simulator::accounts::{Acknowledged, Balance, Exported, balance as accounts};
use crate::simulator::ledger::{self, Ledger};

/// Reads the closed directory as anybody could, and balances it with what the agency was promised.
pub(crate) fn balance(dir: &Path, banks: &[&str], promised: &[Acknowledged]) -> Result<Balance, Trouble> {
    let mut exported = Vec::new();
    Export::open(dir)?.each(|message| {
        exported.push(Exported {
            id: message.id.to_string(),
            bank: message.bank.clone(),
            serial: message.serial().map(str::to_owned),
            state: message.state,
            fen: Fen::new(message.fen),
        });
        Ok::<(), Trouble>(())
    })?;
    let mut ledgers = BTreeMap::new();
    for bank in banks {
        ledgers.insert((*bank).to_owned(), ledger::read(&Ledger::path_of(dir, bank))?);
    }
    Ok(accounts(promised, &exported, &ledgers))
}
