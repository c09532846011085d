//! A report's tables as bars, in one SVG picture that needs nothing beside it.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::table::{Bars, Cell, Report, Table};
use super::text::heading;
use crate::lang::Lang;

/// Places in the picture, in its own units.
const WIDTH: i64 = 860;
const LEFT: i64 = 220;
const LENGTH: i64 = 480;
const ROW: i64 = 22;

/// The picture; `None` where no table is meant to be drawn.
pub fn svg(report: &Report, lang: Lang) -> Option<String> {
    let drawn: Vec<(&Table, Bars)> = report.tables.iter().filter_map(|table| Some((table, table.bars?))).collect();
    if drawn.is_empty() {
        return None;
    }
    let mut body = String::new();
    let mut y = 30_i64;
    for (table, bars) in drawn {
        y = y.saturating_add(34);
        line(&mut body, &text(10, y, "title", &table.title.text(lang)));
        let top = y.saturating_add(8);
        y = rows(&mut body, table, bars, lang, top);
        if let Some(target) = bars.target {
            let x = LEFT.saturating_add(LENGTH.saturating_mul(target.into()) / 100);
            line(&mut body, &format!(r#"<line class="target" x1="{x}" y1="{top}" x2="{x}" y2="{y}"/>"#));
            line(&mut body, &text(x.saturating_add(4), y.saturating_add(12), "note", &format!("≥ {target} %")));
            y = y.saturating_add(14);
        }
    }
    let height = y.saturating_add(20);
    let above = heading(report, lang);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" font-family=\"Noto Sans CJK SC, \
         Microsoft YaHei, sans-serif\">\n<title>{}</title>\n<style>{STYLE}</style>\n{}{body}</svg>\n",
        escape(&above),
        text(10, 26, "head", &above) + "\n",
    ))
}

const STYLE: &str = ".head{font-size:15px;font-weight:bold}.title{font-size:14px}.label,.value,.note{font-size:12px}\
    .bar{fill:#2b6cb0}.target{stroke:#c53030;stroke-width:1.5;stroke-dasharray:4 3}";

/// A bar for each row; gives where they end.
fn rows(body: &mut String, table: &Table, bars: Bars, lang: Lang, top: i64) -> i64 {
    let most = table.rows.iter().filter_map(|row| row.get(bars.value)).filter_map(size).max().unwrap_or(0);
    let whole = if bars.target.is_some() { 10_000 } else { most };
    let mut y = top;
    for row in &table.rows {
        let said = bars.labels.iter().filter_map(|at| row.get(*at)).filter(|cell| **cell != Cell::Nothing);
        let label = said.map(|cell| cell.text(lang, false)).collect::<Vec<_>>().join(" ");
        let Some(value) = row.get(bars.value) else { continue };
        let length = size(value).and_then(|size| LENGTH.checked_mul(size)?.checked_div(whole)).unwrap_or(0);
        let base = y.saturating_add(15);
        line(body, &text(10, base, "label", &label));
        let at = y.saturating_add(4);
        line(body, &format!(r#"<rect class="bar" x="{LEFT}" y="{at}" width="{length}" height="14"/>"#));
        let beside = LEFT.saturating_add(LENGTH).saturating_add(10);
        line(body, &text(beside, base, "value", &value.text(lang, false)));
        y = y.saturating_add(ROW);
    }
    y
}

fn size(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Count(count) => i64::try_from(*count).ok(),
        Cell::Share { .. } => cell.per_10000(),
        Cell::Text(_)
        | Cell::Words(_)
        | Cell::Private(..)
        | Cell::Money(_)
        | Cell::Day(_)
        | Cell::Flag(_)
        | Cell::Nothing => None,
    }
}

fn text(x: i64, y: i64, class: &str, said: &str) -> String {
    format!(r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escape(said))
}

fn line(body: &mut String, element: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(body, "{element}");
}
