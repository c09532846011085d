//! What the county knows of its people, as files beside the journal, and the report with which a demonstration ends.
//!
//! `county.toml` and `recipients.csv` stay in the data directory, so that `kuimen report` can be tried on what was played.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::civil::Date;

use super::{COUNTY, Trouble, lives};
use crate::county::County;
use crate::journal::Keys;
use crate::journal::export::Export;
use crate::message::Field;
use crate::report::{self, Books, Kind, Recipient, Recipients, Report, Scope};
use crate::simulator::county::{Demand, is_registered, township};
use crate::simulator::people::Person;

/// The register of recipients: those of the month receive since long ago, and of the others only the township is known.
pub(super) fn recipients(seed: u64, month: &[Demand], people: &[Person]) -> Vec<(String, Recipient)> {
    let mut known = Vec::new();
    for demand in month {
        let text = |field| demand.record.text(field).unwrap_or_default().to_owned();
        let id = text(Field::PayeeId);
        let township = Some(township(seed, &id).to_owned());
        let card = text(Field::PayeeAccountKind) == "card" && is_registered(seed, &id);
        let card = card.then(|| text(Field::PayeeAccount));
        known.push((id, Recipient { township, since: Some("201901".to_owned()), card }));
    }
    for person in people {
        let township = Some(township(seed, person.id()).to_owned());
        known.push((person.id().to_owned(), Recipient { township, ..Recipient::default() }));
    }
    // A person who is paid twice in the month is registered once.
    known.sort_by(|(one, _), (other, _)| one.cmp(other));
    known.dedup_by(|(one, _), (other, _)| one == other);
    known
}

/// Writes both registers.
pub(super) fn keep(dir: &Path, recipients: Vec<(String, Recipient)>) -> Result<Recipients, Trouble> {
    let text = Recipients::to_csv(recipients);
    for (name, content) in [("county.toml", COUNTY), ("recipients.csv", text.as_str())] {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(dir.join(name))?;
        file.write_all(content.as_bytes())?;
    }
    // What was just written has unique people and months in order.
    Ok(Recipients::parse(text.as_bytes()).unwrap_or_default())
}

/// The three targets, as the closed directory has them.
pub(super) fn report(
    dir: &Path,
    keys: &Keys,
    county: &County,
    recipients: &Recipients,
    from: Date,
) -> Result<Report, Trouble> {
    let scope = Scope { from, as_of: lives::today() };
    let books = Books::read(&Export::open(dir)?, keys, scope)?;
    Ok(report::report(Kind::Rollout, &books, county, recipients))
}
