//! `kuimen report`: reads a data directory, closed or in use, and changes nothing in it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::arguments::{Report, ReportKind, ReportOf};
use super::{Exit, Screen, serve};
use crate::clock;
use crate::config;
use crate::journal::export::Export;
use crate::journal::{Keys, Unreadable, default_key_file};
use crate::lang::Phrase;
use crate::report::{Books, Kind, Recipients, Scope, json, report, svg, words, xlsx};

/// The tables on standard output, and in files where they are asked for.
pub(crate) fn run(screen: &Screen, command: &Report) -> Exit {
    let (kind, of) = match &command.kind {
        ReportKind::Rollout(of) => (Kind::Rollout, of),
        ReportKind::FirstCards(of) => (Kind::FirstCards, of),
        ReportKind::Outlets(of) => (Kind::Outlets, of),
        ReportKind::Activation(of) => (Kind::Activation, of),
    };
    match made(screen, kind, of) {
        Ok(()) => Exit::Ok,
        Err(exit) => exit,
    }
}

fn made(screen: &Screen, kind: Kind, of: &ReportOf) -> Result<(), Exit> {
    let county = config::county::load(&of.county).map_err(|faults| serve::show(screen, &faults))?;
    let recipients =
        of.recipients.as_deref().map_or_else(|| Ok(Recipients::default()), |file| recipients(screen, file))?;
    let scope = scope(of);
    if scope.from > scope.as_of {
        return Err(screen.fail(Exit::Usage, "usage", &Phrase::new("cli-report-days")));
    }
    let books = read(of, scope).map_err(|error| no_input(screen, &of.dir, error))?;
    let report = report(kind, &books, &county, &recipients);
    let lang = screen.lang();
    if let Some(file) = &of.svg {
        let Some(picture) = svg(&report, lang) else {
            return Err(screen.fail(Exit::Usage, "usage", &Phrase::new("cli-report-no-picture")));
        };
        put(screen, file, picture.as_bytes())?;
    }
    if let Some(file) = &of.xlsx {
        let bytes = xlsx(&report, lang, of.reveal).map_err(|error| no_output(screen, file, error))?;
        put(screen, file, &bytes)?;
    }
    screen.result(|lang| words(&report, lang, of.reveal), || json(&report, lang, of.reveal));
    Ok(())
}

fn scope(of: &ReportOf) -> Scope {
    let as_of = of.as_of.unwrap_or_else(|| clock::business_date(Timestamp::now(), Time::midnight()));
    let from = of.from.unwrap_or_else(|| Date::new(as_of.year(), 1, 1).unwrap_or(as_of));
    Scope { from, as_of }
}

fn read(of: &ReportOf, scope: Scope) -> Result<Books, Unreadable> {
    let journal = Export::open(&of.dir)?;
    let keys = Keys::load(&of.key.clone().unwrap_or_else(|| default_key_file(&of.dir)))?;
    Books::read(&journal, &keys, scope)
}

fn recipients(screen: &Screen, file: &Path) -> Result<Recipients, Exit> {
    let bytes = fs::read(file).map_err(|error| no_input(screen, file, error))?;
    Recipients::parse(&bytes).map_err(|problems| screen.problems(Exit::Data, &problems))
}

/// Writes a file that only its owner can read: it may name people. It is whole or not there.
fn put(screen: &Screen, file: &Path, bytes: &[u8]) -> Result<(), Exit> {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .and_then(|mut out| out.write_all(bytes).and_then(|()| out.sync_all()))
        .and_then(|()| fs::rename(part, file));
    written.map_err(|error| no_output(screen, file, error))
}

fn no_input(screen: &Screen, file: &Path, error: impl std::fmt::Display) -> Exit {
    let phrase = Phrase::new("cli-input-unreadable").with("file", file.display()).with("cause", error);
    screen.fail(Exit::NoInput, "no-input", &phrase)
}

fn no_output(screen: &Screen, file: &Path, error: impl std::fmt::Display) -> Exit {
    let phrase = Phrase::new("cli-output-unwritable").with("file", file.display()).with("cause", error);
    screen.fail(Exit::Io, "no-output", &phrase)
}
