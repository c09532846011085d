//! A page of headings, texts, tables and drawings, as Markdown or as HTML.

use std::fmt::Write as _;

use crate::lang::Lang;

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown.
    Markdown,
    /// One HTML file, printable, without scripts.
    Html,
}

enum Block {
    Heading(usize, String),
    Text(String),
    Table(Vec<String>, Vec<Vec<String>>),
    Drawing(String),
}

/// A page in the making. Texts may have `code` in backticks and nothing else.
#[derive(Default)]
pub(super) struct Page(Vec<Block>);

const STYLE: &str = "body{font:14px/1.5 sans-serif;max-width:64em;margin:2em auto;padding:0 1em}\
    table{border-collapse:collapse;margin:.6em 0}td,th{border:1px solid #bbb;padding:.15em .5em;text-align:left;vertical-align:top}\
    th{background:#eee}code,pre{font:12px/1.4 monospace}pre{background:#f6f6f6;padding:.6em;overflow-x:auto}\
    h2{border-bottom:2px solid #888;margin-top:2em}@media print{pre{white-space:pre-wrap}}";

impl Page {
    pub(super) fn heading(&mut self, level: usize, text: impl Into<String>) {
        self.0.push(Block::Heading(level, text.into()));
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.0.push(Block::Text(text.into()));
    }

    /// Nothing, where there are no rows.
    pub(super) fn table(&mut self, head: Vec<String>, rows: Vec<Vec<String>>) {
        if !rows.is_empty() {
            self.0.push(Block::Table(head, rows));
        }
    }

    pub(super) fn drawing(&mut self, text: impl Into<String>) {
        self.0.push(Block::Drawing(text.into()));
    }

    pub(super) fn render(&self, form: Form, title: &str, lang: Lang) -> String {
        let mut out = String::new();
        match form {
            Form::Markdown => self.0.iter().for_each(|block| markdown(&mut out, block)),
            Form::Html => {
                // Writing into a string cannot fail.
                let _ = write!(
                    out,
                    "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style></head><body>\n",
                    lang.tag(),
                    escaped(title),
                );
                self.0.iter().for_each(|block| html(&mut out, block));
                out.push_str("</body></html>\n");
            }
        }
        out
    }
}

fn markdown(out: &mut String, block: &Block) {
    let cell = |text: &String| text.replace('|', "\\|").replace('\n', " ");
    let row = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    match block {
        Block::Heading(level, text) => out.push_str(&format!("{} {text}\n\n", "#".repeat(*level))),
        Block::Text(text) => out.push_str(&format!("{text}\n\n")),
        Block::Table(head, rows) => {
            out.push_str(&row(head));
            out.push_str(&format!("|{}\n", "---|".repeat(head.len())));
            rows.iter().for_each(|cells| out.push_str(&row(cells)));
            out.push('\n');
        }
        Block::Drawing(text) => out.push_str(&format!("```text\n{}\n```\n\n", text.trim_end())),
    }
}

fn html(out: &mut String, block: &Block) {
    match block {
        Block::Heading(level, text) => out.push_str(&format!("<h{level}>{}</h{level}>\n", marked(text))),
        Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", marked(text))),
        Block::Table(head, rows) => {
            out.push_str("<table><tr>");
            head.iter().for_each(|cell| out.push_str(&format!("<th>{}</th>", marked(cell))));
            out.push_str("</tr>\n");
            for cells in rows {
                out.push_str("<tr>");
                cells.iter().for_each(|cell| out.push_str(&format!("<td>{}</td>", marked(cell))));
                out.push_str("</tr>\n");
            }
            out.push_str("</table>\n");
        }
        Block::Drawing(text) => out.push_str(&format!("<pre>{}</pre>\n", escaped(text.trim_end()))),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What stands between backticks becomes code.
fn marked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| if index % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}
