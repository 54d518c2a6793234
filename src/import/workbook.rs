//! Excel and OpenDocument workbooks.
//!
//! A workbook may claim to hold what no memory can, in more ways than can be checked before it is read; [`isolated`](super::isolated)
//! runs this in a process with limits.

use std::{
    io::{self, Read, Seek},
    path::Path,
};

use calamine::{Cell as Found, Data, DataRef, OdsError, Reader as _, Sheets, XlsError, XlsbError, XlsxError};
use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Row};

/// Why a workbook was not read.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusal {
    #[error("it is not a workbook, or a damaged one")]
    Unsupported,
    #[error("it opens with a password only")]
    Protected,
}

/// Reads the first sheet that has rows, gives each row that has values to `take`, and returns the names of all sheets.
pub(super) fn read(
    path: &Path,
    take: &mut dyn FnMut(Row) -> io::Result<()>,
) -> io::Result<Result<Vec<String>, Refusal>> {
    let mut workbook = match calamine::open_workbook_auto_from_rs(io::Cursor::new(std::fs::read(path)?)) {
        Ok(workbook) => workbook,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    let names = workbook.sheet_names();
    for name in &names {
        let mut rows = Rows { take, current: Row::default(), any: false };
        if !sheet(&mut workbook, name, &mut rows)? {
            continue;
        }
        if rows.finish()? {
            break;
        }
    }
    Ok(Ok(names))
}

/// Reads one sheet; `false` for what is no table, for example a chart.
fn sheet<R: Read + Seek>(workbook: &mut Sheets<R>, name: &str, rows: &mut Rows<'_>) -> io::Result<bool> {
    match workbook {
        // These two are read cell by cell, so that it does not matter how far apart the cells lie.
        Sheets::Xlsx(workbook) => {
            let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { return Ok(false) };
            while let Some(cell) = cells.next_cell().map_err(io::Error::other)? {
                rows.put(cell)?;
            }
        }
        Sheets::Xlsb(workbook) => {
            let Ok(mut cells) = workbook.worksheet_cells_reader(name) else { return Ok(false) };
            while let Some(cell) = cells.next_cell().map_err(io::Error::other)? {
                rows.put(cell)?;
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => {
            let Ok(range) = workbook.worksheet_range(name) else { return Ok(false) };
            let (first, left) = range.start().unwrap_or_default();
            for (row, cells) in (first..).zip(range.rows()) {
                for (column, data) in (left..).zip(cells) {
                    rows.place(row, column, cell(data))?;
                }
            }
        }
    }
    Ok(true)
}

/// Puts cells together to rows.
struct Rows<'take> {
    take: &'take mut dyn FnMut(Row) -> io::Result<()>,
    current: Row,
    any: bool,
}

impl Rows<'_> {
    fn put(&mut self, found: Found<DataRef<'_>>) -> io::Result<()> {
        let (row, column) = found.get_position();
        self.place(row, column, cell(&Data::from(found.get_value().clone())))
    }

    /// Rows and columns from 0.
    fn place(&mut self, row: u32, column: u32, cell: Cell) -> io::Result<()> {
        let number = u64::from(row) + 1;
        if number != self.current.number {
            self.flush()?;
            self.current.number = number;
        }
        if !cell.is_blank() {
            let column = column as usize;
            if self.current.cells.len() <= column {
                self.current.cells.resize(column + 1, Cell::Text(String::new()));
            }
            self.current.cells[column] = cell;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let row = std::mem::take(&mut self.current);
        if row.cells.is_empty() {
            return Ok(());
        }
        self.any = true;
        (self.take)(row)
    }

    /// Whether there were any rows.
    fn finish(mut self) -> io::Result<bool> {
        self.flush()?;
        Ok(self.any)
    }
}

fn refusal(error: &calamine::Error) -> Refusal {
    match error {
        calamine::Error::Xlsx(XlsxError::Password)
        | calamine::Error::Xls(XlsError::Password)
        | calamine::Error::Xlsb(XlsbError::Password)
        | calamine::Error::Ods(OdsError::Password) => Refusal::Protected,
        _ => Refusal::Unsupported,
    }
}

/// A cell as a person would type it: numbers without an exponent, dates in ISO 8601.
fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty | Data::Error(_) => Cell::Text(String::new()),
        Data::String(text) => Cell::text(text),
        Data::Float(number) => Cell::Number(number.to_string()),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::DateTime(date) if date.is_datetime() => {
            let text = date.as_datetime().map_or_else(|| date.as_f64().to_string(), |date| date.date().to_string());
            Cell::Text(text)
        }
        Data::DateTimeIso(date) => Cell::text(date.split('T').next().unwrap_or(date)),
        other => Cell::text(&other.to_string()),
    }
}
