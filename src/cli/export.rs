//! `kuimen export`: the messages of a data directory, oldest first. Read-only.

use std::io::{self, BufWriter, Write as _};

use super::arguments::Export;
use super::{Exit, Screen};
use crate::journal::Unreadable;
use crate::journal::export;
use crate::lang::Phrase;

/// Why an export ended early.
enum Ended {
    Unreadable(Unreadable),
    Output(io::Error),
}

impl From<Unreadable> for Ended {
    fn from(error: Unreadable) -> Ended {
        Ended::Unreadable(error)
    }
}

/// One JSON object a line, whether `--ndjson` says so or not: there is no other form yet.
pub(crate) fn run(screen: &Screen, command: &Export) -> Exit {
    let unreadable = |error: Unreadable| {
        let phrase = Phrase::new("cli-input-unreadable").with("file", command.dir.display()).with("cause", error);
        screen.fail(Exit::NoInput, "no-input", &phrase)
    };
    let journal = match export::Export::open(&command.dir) {
        Ok(journal) => journal,
        Err(error) => return unreadable(error),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = journal
        .each(|message| writeln!(out, "{}", export::line(message)).map_err(Ended::Output))
        .and_then(|()| out.flush().map_err(Ended::Output));
    match written {
        Ok(()) => Exit::Ok,
        Err(Ended::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
        Err(Ended::Output(_)) => Exit::Io,
        Err(Ended::Unreadable(error)) => unreadable(error),
    }
}
