//! Which operation each adapter carries, and on what evidence: the table that bank engineers ask for first.
//!
//! What an adapter has no file for is not supported by its bank; nothing is put in its place. Deliberately not here: how
//! well it is proved ([`super::check`]).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::plan::Adapter;
use crate::message::Operation;
use crate::message::dictionary::Side;

/// How far the evidence of an operation goes: the word before the colon.
fn label(source: Option<&str>) -> &str {
    source.and_then(|source| source.split(':').next()).unwrap_or("?")
}

const fn side(side: Side) -> &'static str {
    match side {
        Side::Agency => "agency → bank",
        Side::Bank => "bank → agency",
        Side::Either => "both",
        Side::Register => "register",
    }
}

/// The table in Markdown: a row for each operation, a column for each adapter.
pub fn markdown(adapters: &BTreeMap<String, Arc<Adapter>>) -> String {
    let mut text = String::from(
        "# 业务与银行 · Operations and banks\n\nWritten by `kuimen adapter operations`. A cell says what the operation's form at that bank rests on: \
         `seen` in public\nmaterial of the bank, `peer` (at another bank), `inferred`, `invented`; `—` is not supported by this bank, and a \
         request for it\nis refused. Nothing here is an official specification. `·`: entered at the agency, no bank is\nasked.\n\n",
    );
    let names: Vec<&str> = adapters.keys().map(String::as_str).collect();
    // Writing into a string cannot fail.
    let _ = writeln!(text, "| operation | 业务 | direction | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(names.len()));
    for operation in Operation::ALL {
        let def = operation.def();
        let cell = |adapter: &Arc<Adapter>| match adapter.operations.get(&operation) {
            Some(plan) => label(plan.source.as_deref()).to_owned(),
            None if operation.is_entry() => "·".to_owned(),
            None => "—".to_owned(),
        };
        let cells: Vec<String> = adapters.values().map(cell).collect();
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", def.name, def.zh, side(def.side), cells.join(" | "));
    }
    text
}

/// The same for programs: by operation and adapter, the source of the form, or `null` where it is not supported.
pub fn json(adapters: &BTreeMap<String, Arc<Adapter>>) -> Value {
    let rows = Operation::ALL.map(|operation| {
        let banks = adapters.iter().map(|(id, adapter)| {
            let plan = adapter.operations.get(&operation);
            (id.clone(), plan.map_or(Value::Null, |plan| json!({ "source": plan.source })))
        });
        let def = operation.def();
        json!({ "operation": def.name, "zh": def.zh, "en": def.en, "banks": Value::Object(banks.collect()) })
    });
    json!({ "operations": rows })
}
