//! `kuimen verify`: proves a data directory. Read-only.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::arguments::Verify;
use super::{Exit, Screen};
use crate::journal::default_key_file;
use crate::journal::verify::{Claims, Report, Sums, verify};
use crate::lang::{Lang, Phrase};

/// Exit 0 when nothing is wrong, 1 with every violation named, 66 when the directory or a list cannot be read.
pub(crate) fn run(screen: &Screen, command: &Verify) -> Exit {
    let (acked, sent) = match (list(screen, command.acked.as_ref()), list(screen, command.sent.as_ref())) {
        (Ok(acked), Ok(sent)) => (acked, sent),
        (Err(exit), _) | (_, Err(exit)) => return exit,
    };
    let key = command.key.clone().unwrap_or_else(|| default_key_file(&command.dir));
    match verify(&command.dir, &key, Claims { acked: acked.as_deref(), sent: sent.as_deref() }) {
        Ok(report) => {
            screen.result(|lang| words(&report, lang), || document(&report, screen.lang()));
            if report.is_clean() { Exit::Ok } else { Exit::Found }
        }
        Err(error) => {
            let phrase = Phrase::new("cli-input-unreadable").with("file", command.dir.display()).with("cause", error);
            screen.fail(Exit::NoInput, "no-input", &phrase)
        }
    }
}

fn list(screen: &Screen, file: Option<&PathBuf>) -> Result<Option<String>, Exit> {
    let Some(path) = file else { return Ok(None) };
    fs::read_to_string(path).map(Some).map_err(|error| {
        let phrase = Phrase::new("cli-input-unreadable").with("file", path.display()).with("cause", error);
        screen.fail(Exit::NoInput, "no-input", &phrase)
    })
}

fn words(report: &Report, lang: Lang) -> String {
    let mut text = String::new();
    for violation in &report.violations {
        let _ = writeln!(text, "{}", violation.phrase().text(lang));
    }
    let closed = if report.closed { Phrase::new("cli-verify-closed") } else { Phrase::new("cli-verify-not-closed") };
    let _ = writeln!(text, "{}", closed.text(lang));
    let looked = Phrase::new("cli-verify-looked")
        .with("messages", report.messages)
        .with("records", report.records)
        .with("bodies", report.bodies)
        .with("acked-count", report.acked)
        .with("sent-count", report.sent);
    let _ = writeln!(text, "{}", looked.text(lang));
    for (bank, sums) in &report.banks {
        let line = Phrase::new("cli-verify-sums")
            .with("bank", bank)
            .with("instructed", sums.instructed)
            .with("succeeded", sums.succeeded)
            .with("failed", sums.failed)
            .with("manual", sums.manual)
            .with("open", sums.open);
        let _ = writeln!(text, "{}", line.text(lang));
    }
    let verdict = if report.is_clean() {
        Phrase::new("cli-verify-clean")
    } else {
        Phrase::new("cli-verify-violations").with("count", report.found)
    };
    let _ = writeln!(text, "{}", verdict.text(lang));
    text
}

fn document(report: &Report, lang: Lang) -> Value {
    let violations: Vec<Value> = report
        .violations
        .iter()
        .map(|violation| json!({ "code": violation.phrase().key(), "detail": violation.phrase().text(lang) }))
        .collect();
    let banks: serde_json::Map<String, Value> =
        report.banks.iter().map(|(bank, sums)| (bank.clone(), sums_of(sums))).collect();
    json!({
        "clean": report.is_clean(),
        "closed": report.closed,
        "messages": report.messages,
        "records": report.records,
        "bodies": report.bodies,
        "acked": report.acked,
        "sent": report.sent,
        "banks": banks,
        "found": report.found,
        "violations": violations,
    })
}

/// Fen as JSON numbers; a sum beyond 64 bits would be more money than there is, and shows as text.
fn sums_of(sums: &Sums) -> Value {
    let fen = |sum: i128| i64::try_from(sum).map_or_else(|_| json!(sum.to_string()), |sum| json!(sum));
    json!({
        "instructed": fen(sums.instructed),
        "succeeded": fen(sums.succeeded),
        "failed": fen(sums.failed),
        "cancelled": fen(sums.cancelled),
        "held": fen(sums.held),
        "manual": fen(sums.manual),
        "open": fen(sums.open),
    })
}
