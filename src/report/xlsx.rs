//! A report as a workbook, a sheet for each table. Numbers of cards, accounts and documents are text, so that nothing rounds
//! or shortens them; only counts are numbers.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::table::{Cell, Report, Table};
use super::text::heading;
use crate::lang::Lang;

/// Why no workbook could be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SheetError(#[from] XlsxError);

/// The bytes of a workbook.
///
/// # Errors
/// More rows than a sheet holds (1,048,576).
pub fn xlsx(report: &Report, lang: Lang, reveal: bool) -> Result<Vec<u8>, SheetError> {
    let mut book = Workbook::new();
    for table in &report.tables {
        sheet(book.add_worksheet(), table, &heading(report, lang), lang, reveal)?;
    }
    Ok(book.save_to_buffer()?)
}

fn sheet(sheet: &mut Worksheet, table: &Table, above: &str, lang: Lang, reveal: bool) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let right = Format::new().set_num_format("@").set_align(FormatAlign::Right);
    let (bold, count) = (Format::new().set_bold(), Format::new().set_num_format("0"));
    sheet.set_name(table.title.text(lang))?;
    sheet.write_with_format(0, 0, above, &bold)?;
    for (column, head) in (0_u16..).zip(&table.columns) {
        sheet.write_with_format(2, column, head.head.text(lang), &bold)?;
    }
    let mut next = 3_u32;
    for row in &table.rows {
        for (column, cell) in (0_u16..).zip(row) {
            match cell {
                Cell::Count(number) if u32::try_from(*number).is_ok() => {
                    sheet.write_with_format(next, column, u32::try_from(*number).unwrap_or_default(), &count)?
                }
                Cell::Count(_) | Cell::Money(_) | Cell::Share { .. } => {
                    sheet.write_with_format(next, column, cell.text(lang, reveal), &right)?
                }
                Cell::Text(_) | Cell::Words(_) | Cell::Private(..) | Cell::Day(_) | Cell::Flag(_) | Cell::Nothing => {
                    sheet.write_with_format(next, column, cell.text(lang, reveal), &text)?
                }
            };
        }
        next = next.saturating_add(1);
    }
    for note in &table.notes {
        next = next.saturating_add(1);
        sheet.write(next, 0, note.text(lang))?;
    }
    sheet.set_freeze_panes(3, 0)?;
    sheet.autofit();
    // The heading and the notes are longer than what the first column is for.
    sheet.set_column_width(0, 14)?;
    Ok(())
}
