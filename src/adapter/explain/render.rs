//! An explanation as a person reads it on a terminal: columns that line up, whatever the script.

use unicode_width::UnicodeWidthStr;

use crate::lang::{Lang, Phrase};

use super::{Explanation, Row};

/// Columns of the table; a wider cell pushes its own line only.
const WIDEST: usize = 36;

/// The table, one line per range of bytes, and the fault below it. Ranges are inclusive, as people count.
pub fn render(explanation: &Explanation, lang: Lang) -> String {
    let heads = [
        Phrase::new("adapter-explain-bytes"),
        Phrase::new("adapter-explain-field"),
        Phrase::new("adapter-explain-picture"),
        Phrase::new("adapter-explain-raw"),
        Phrase::new("adapter-explain-value"),
        Phrase::new("adapter-explain-canonical"),
    ]
    .map(|head| head.text(lang));
    let lines: Vec<[String; 6]> = explanation.rows.iter().map(cells).collect();
    let mut widths = [0_usize; 6];
    for line in lines.iter().chain([&heads]) {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width().min(WIDEST));
        }
    }
    let mut out = String::new();
    write_line(&mut out, &heads, &widths);
    let mut layer = None;
    let layered =
        explanation.rows.iter().any(|row| explanation.rows.first().is_some_and(|first| first.layer != row.layer));
    for (row, line) in explanation.rows.iter().zip(&lines) {
        if layered && layer != Some(row.layer.as_str()) {
            out.push_str(&format!("── {}\n", row.layer));
            layer = Some(row.layer.as_str());
        }
        write_line(&mut out, line, &widths);
    }
    if let Some(fault) = &explanation.fault {
        let at = fault.at.map_or_else(|| "?".to_owned(), |at| at.to_string());
        let phrase = Phrase::new("adapter-explain-fault")
            .with("layer", explanation.fault_layer.as_deref().unwrap_or_default())
            .with("at", at)
            .with("field", fault.field.as_deref().unwrap_or("-"))
            .with("rule", fault.rule.text(lang))
            .with("code", fault.code);
        out.push_str(&phrase.text(lang));
        out.push('\n');
    }
    out
}

fn cells(row: &Row) -> [String; 6] {
    let last = row.end.saturating_sub(1);
    let bytes = if last <= row.start { row.start.to_string() } else { format!("{}–{last}", row.start) };
    let field = if row.field.is_empty() { format!("({})", row.picture) } else { row.field.clone() };
    let picture = if row.field.is_empty() { String::new() } else { row.picture.clone() };
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    [bytes, field, picture, row.raw.clone(), text(&row.value), text(&row.canonical)]
}

/// The first column is numbers and stands to the right; the others to the left.
fn write_line(out: &mut String, cells: &[String; 6], widths: &[usize; 6]) {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let blanks = " ".repeat(width.saturating_sub(cell.width()));
        if index == 0 {
            line.push_str(&blanks);
            line.push_str(cell);
        } else {
            line.push_str("  ");
            line.push_str(cell);
            line.push_str(&blanks);
        }
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
