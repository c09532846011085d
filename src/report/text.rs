//! A report as words for a terminal, and as JSON.

use comfy_table::presets::ASCII_FULL_CONDENSED as LINES;
use comfy_table::{CellAlignment, Table as Grid};
use serde_json::{Map, Value, json};

use super::table::{Cell, Report, Table, two};
use crate::lang::{Lang, Phrase};

/// What stands above a report: which, where, which days; and that it is invented, if it is.
pub(super) fn heading(report: &Report, lang: Lang) -> String {
    let title = match report.name {
        "rollout" => Phrase::new("report-rollout"),
        "first-cards" => Phrase::new("report-first-cards"),
        "outlets" => Phrase::new("report-outlets"),
        _ => Phrase::new("report-activation"),
    };
    let days = Phrase::new("report-days").with("from", report.scope.from).with("as-of", report.scope.as_of);
    let mut heading = format!("{} · {} · {}", report.county, title.text(lang), days.text(lang));
    if report.simulation {
        heading.push_str(" · 演示数据");
    }
    heading
}

/// As words.
pub fn words(report: &Report, lang: Lang, reveal: bool) -> String {
    let mut text = heading(report, lang);
    for table in &report.tables {
        text.push_str(&format!("\n\n{}\n{}", table.title.text(lang), grid(table, lang, reveal)));
        for note in &table.notes {
            text.push_str(&format!("\n{}", note.text(lang)));
        }
    }
    text.push('\n');
    text
}

fn grid(table: &Table, lang: Lang, reveal: bool) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(LINES);
    grid.set_header(table.columns.iter().map(|column| column.head.text(lang)));
    for row in &table.rows {
        grid.add_row(row.iter().map(|cell| {
            let number = matches!(cell, Cell::Count(_) | Cell::Money(_) | Cell::Share { .. });
            let cell = comfy_table::Cell::new(cell.text(lang, reveal));
            if number { cell.set_alignment(CellAlignment::Right) } else { cell }
        }));
    }
    grid
}

/// As JSON: a member for each column. Money in fen, a share with its numerator and denominator, a day as `yyyy-mm-dd`.
pub fn json(report: &Report, lang: Lang, reveal: bool) -> Value {
    let row = |table: &Table, row: &[Cell]| {
        let members =
            table.columns.iter().zip(row).map(|(column, cell)| (column.name.to_owned(), value(cell, lang, reveal)));
        Value::Object(members.collect::<Map<_, _>>())
    };
    let tables: Vec<Value> = report
        .tables
        .iter()
        .map(|table| {
            json!({
                "name": table.name,
                "title": table.title.text(lang),
                "rows": table.rows.iter().map(|cells| row(table, cells)).collect::<Vec<_>>(),
                "notes": table.notes.iter().map(|note| note.text(lang)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut document = json!({
        "report": report.name,
        "county": report.county,
        "from": report.scope.from.to_string(),
        "as_of": report.scope.as_of.to_string(),
        "tables": tables,
    });
    if let Some(members) = document.as_object_mut().filter(|_| report.simulation) {
        members.insert("note".into(), "演示数据".into());
    }
    document
}

fn value(cell: &Cell, lang: Lang, reveal: bool) -> Value {
    match cell {
        Cell::Count(count) => json!(count),
        Cell::Money(fen) => json!(fen),
        Cell::Share { part, whole } => {
            json!({ "numerator": part, "denominator": whole, "percent": cell.per_10000().map(two) })
        }
        Cell::Flag(flag) => json!(flag),
        Cell::Nothing => Value::Null,
        Cell::Text(_) | Cell::Words(_) | Cell::Private(..) | Cell::Day(_) => json!(cell.text(lang, reveal)),
    }
}
