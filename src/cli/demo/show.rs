//! What a demonstration says at its end: the accounts, as words or as JSON.

use std::time::Duration;

use comfy_table::{CellAlignment, Table};
use serde_json::{Value, json};

use super::FACTOR;
use super::books::Beside;
use crate::lang::{Lang, Phrase};
use crate::report::{self, Report};
use crate::simulator::accounts::{Accounts, Balance};

/// What was played.
pub(crate) struct Played {
    /// Promises, export and ledgers of the payments.
    pub balance: Balance,
    /// What moved no money, and the rules.
    pub beside: Beside,
    /// How far the move to the card has come.
    pub rollout: Report,
    /// Wall time.
    pub elapsed: Duration,
}

/// The object that `--json` prints; the report's titles are in `lang`.
pub(crate) fn document(played: &Played, lang: Lang) -> Value {
    let Played { balance, beside, rollout, elapsed } = played;
    let mut root = balance.total.to_json();
    root.insert("clock_factor".into(), json!(FACTOR));
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    root.insert("elapsed_s".into(), json!(seconds(millis)));
    let banks = balance.banks.iter().map(|(bank, accounts)| (bank.clone(), Value::Object(accounts.to_json())));
    root.insert("banks".into(), Value::Object(banks.collect()));
    root.insert("beside".into(), beside.to_json());
    root.insert("rollout".into(), report::json(rollout, lang, false));
    root.insert("note".into(), json!("演示数据"));
    Value::Object(root)
}

/// Seconds with three decimals, as a JSON number.
fn seconds(millis: u64) -> serde_json::Number {
    let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
    text.parse().unwrap_or_else(|_| serde_json::Number::from(millis / 1_000))
}

/// The tables at the end.
pub(crate) fn words(played: &Played, lang: Lang) -> String {
    let Played { balance, beside, rollout, elapsed } = played;
    let mut table = Table::new();
    let heads = [
        Phrase::new("cli-demo-col-bank"),
        Phrase::new("cli-demo-col-accepted"),
        Phrase::new("cli-demo-col-succeeded"),
        Phrase::new("cli-demo-col-failed"),
        Phrase::new("cli-demo-col-manual"),
        Phrase::new("cli-demo-col-open"),
        Phrase::new("cli-demo-col-doubled"),
        Phrase::new("cli-demo-col-lost"),
        Phrase::new("cli-demo-col-instructed"),
        Phrase::new("cli-demo-col-paid"),
    ];
    table.set_header(heads.map(|head| head.text(lang)));
    for (bank, accounts) in &balance.banks {
        table.add_row(row(bank, accounts));
    }
    table.add_row(row(&Phrase::new("cli-demo-total").text(lang), &balance.total));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let verdict = if balance.total.is_clean() && beside.is_clean() {
        Phrase::new("cli-demo-clean")
    } else {
        Phrase::new("cli-demo-not-clean")
    };
    let tail = Phrase::new("cli-demo-took").with("seconds", elapsed.as_secs()).with("factor", FACTOR);
    let yuan = |fen: i64| crate::message::Fen::new(fen).yuan();
    let errands = Phrase::new("cli-demo-errands")
        .with("asked", beside.asked)
        .with("done", beside.done)
        .with("failed", beside.failed)
        .with("people", beside.people)
        .with("told", beside.told)
        .with("lost", beside.lost)
        .with("returned", yuan(beside.fen_given_back));
    let rules: Vec<String> = beside.findings.iter().map(|(rule, times)| format!("{rule} {times}")).collect();
    let rules = Phrase::new("cli-demo-findings").with("rules", rules.join(" · "));
    let said = [errands, rules, verdict, tail].map(|phrase| phrase.text(lang));
    format!("{table}\n{}\n\n{}", said.join("\n"), report::words(rollout, lang, false))
}

fn row(name: &str, accounts: &Accounts) -> [String; 10] {
    let yuan = |fen: i64| crate::message::Fen::new(fen).yuan();
    [
        name.to_owned(),
        accounts.accepted.to_string(),
        accounts.succeeded.to_string(),
        accounts.failed.to_string(),
        accounts.manual.to_string(),
        accounts.open.to_string(),
        accounts.doubled.to_string(),
        accounts.lost.to_string(),
        yuan(accounts.fen_instructed),
        yuan(accounts.fen_succeeded),
    ]
}
