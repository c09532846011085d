//! One line of the books: its JSON and its check sum.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::message::Fen;

/// A line as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1, without gaps.
    pub n: u64,
    /// What it says.
    pub entry: Entry,
}

/// What happened to one instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The sender's serial.
    pub serial: String,
    /// The business date it was sent on.
    pub business_date: Date,
    /// The payee's account; the card, or whatever else an errand is about.
    pub account: String,
    /// The amount; nothing for an errand.
    pub fen: Fen,
    /// What happened.
    pub event: Event,
}

/// What can happen to an instruction. `Received` alone means that the bank dropped it: it is not on its books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The bytes arrived and were understood.
    Received {
        /// SHA-256 of what arrived (`Wire::digest`), lower-case hex.
        sha256: String,
    },
    /// The money moved.
    Executed {
        /// How often it has moved for this serial, this time included.
        times: u32,
    },
    /// It will not be executed.
    Refused,
    /// It is taken and not decided.
    InHand,
    /// It was seen before and nothing was done.
    DuplicateRefused,
    /// An errand was done: something that moves no money.
    Done {
        /// Its operation.
        operation: String,
        /// How a card stands after it, where it is about one.
        card: Option<Card>,
    },
}

/// The two sides of a card, in canonical codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The social side.
    pub social: String,
    /// The bank's side.
    pub financial: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    n: u64,
    serial: std::borrow::Cow<'a, str>,
    business_date: Date,
    account: std::borrow::Cow<'a, str>,
    fen: i64,
    what: std::borrow::Cow<'a, Event>,
}

/// The bytes of a line, LF included.
pub(super) fn write(n: u64, entry: &Entry) -> Vec<u8> {
    let written = Written {
        n,
        serial: entry.serial.as_str().into(),
        business_date: entry.business_date,
        account: entry.account.as_str().into(),
        fen: entry.fen.get(),
        what: std::borrow::Cow::Borrowed(&entry.event),
    };
    // Texts and numbers only, so there is nothing that could not be written; an empty line would be found as changed.
    let json = serde_json::to_string(&written).unwrap_or_default();
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())).into_bytes()
}

/// The lines of a file and how many of its bytes they are: what follows is a torn last line.
///
/// # Errors
/// The 1-based number of the first complete line that is not what was written.
pub(super) fn parse(bytes: &[u8]) -> Result<(Vec<Line>, usize), usize> {
    let mut lines = Vec::new();
    let mut sound = 0_usize;
    let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    for (line, n) in whole.zip(1_u64..) {
        let entry = read(line, n).ok_or_else(|| lines.len().saturating_add(1))?;
        lines.push(Line { n, entry });
        sound = sound.saturating_add(line.len());
    }
    Ok((lines, sound))
}

fn read(line: &[u8], n: u64) -> Option<Entry> {
    let (sum, json) = line.strip_suffix(b"\n")?.split_at_checked(9)?;
    if sum != format!("{:08x} ", crc32fast::hash(json)).as_bytes() {
        return None;
    }
    let written: Written<'_> = serde_json::from_slice(json).ok()?;
    (written.n == n).then(|| Entry {
        serial: written.serial.into_owned(),
        business_date: written.business_date,
        account: written.account.into_owned(),
        fen: Fen::new(written.fen),
        event: written.what.into_owned(),
    })
}
