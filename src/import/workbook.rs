//! Excel and OpenDocument workbooks.
//!
//! A workbook may claim to hold what no memory can, in more ways than can be checked before it is read; [`isolated`](super::isolated)
//! runs this in a process with limits.

use std::{
    io::{self, Cursor, Read, Seek},
    ops::ControlFlow,
    path::Path,
    sync::Arc,
};

use calamine::{
    Data, DataRef, Ods, OdsError, Reader as _, SheetType, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx,
    XlsxError,
};
use serde::{Deserialize, Serialize};

use super::{
    ImportError,
    header::{self, TELLING_ROWS},
    sheet::{Cell, MAX_COLUMNS, MAX_LETTERS, Row, SheetName, ZIP},
};

/// Why a workbook was not read.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusal {
    #[error("it is not a workbook, or a damaged one")]
    Unsupported,
    #[error("it opens with a password only")]
    Protected,
    #[error("it claims to have more cells than can be read")]
    Bomb,
    #[error("row {row} has more columns than any program can keep")]
    TooWide { row: u64 },
    #[error("a value in row {row} is longer than any program can keep")]
    CellTooLong { row: u64 },
}

impl From<Refusal> for ImportError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsupported => Self::Unsupported,
            Refusal::Protected => Self::Protected,
            Refusal::Bomb => Self::ArchiveBomb,
            Refusal::TooWide { row } => Self::TooWide { row },
            Refusal::CellTooLong { row } => Self::CellTooLong { row },
        }
    }
}

/// How reading may end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The file cannot be read, or its rows not be given on.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file in memory that is cheap to open once more.
type Bytes = Cursor<Arc<[u8]>>;
/// Takes rows, until it has enough of them.
type Take<'take> = dyn FnMut(Row) -> io::Result<ControlFlow<()>> + 'take;

/// Reads one sheet, gives each row that has values to `take`, and returns the workbook's sheets and the one that was read.
///
/// The sheet is the one called `sheet`, or else the first in sight with phones, for a cover or notes may stand before it; if none has any,
/// the first with rows.
pub(super) fn read(
    path: &Path,
    sheet: Option<&str>,
    take: &mut dyn FnMut(Row) -> io::Result<()>,
) -> Result<(Vec<SheetName>, Option<String>), Failure> {
    let mut workbook = open(Cursor::new(std::fs::read(path)?.into()))?;
    let (sheets, first) = survey(&mut workbook)?;
    let asked = sheet.filter(|asked| sheets.iter().any(|sheet| sheet.name == *asked)).map(str::to_owned);
    let chosen = asked.or(first);
    if let Some(name) = &chosen {
        rows(&mut workbook, name, &mut |row| take(row).map(ControlFlow::Continue))?;
    }
    Ok((sheets, chosen))
}

/// Opens what its first bytes say it is. The library's own way of trying one format after the other does not tell a protected
/// workbook from a damaged one.
fn open(file: Bytes) -> Result<Sheets<Bytes>, Refusal> {
    if !file.get_ref().starts_with(ZIP) {
        // A protected xlsx or xlsb is a compound file too.
        return match (Xls::new(file.clone()), Xlsx::new(file)) {
            (Ok(workbook), _) => Ok(Sheets::Xls(workbook)),
            (Err(XlsError::Password), _) | (_, Err(XlsxError::Password)) => Err(Refusal::Protected),
            (Err(_), _) => Err(Refusal::Unsupported),
        };
    }
    if let Ok(workbook) = Xlsx::new(file.clone()) {
        return Ok(Sheets::Xlsx(workbook));
    }
    if let Ok(workbook) = Xlsb::new(file.clone()) {
        return Ok(Sheets::Xlsb(workbook));
    }
    match Ods::new(file) {
        Ok(workbook) => Ok(Sheets::Ods(workbook)),
        Err(OdsError::Password) => Err(Refusal::Protected),
        Err(OdsError::CellLimitExceeded { .. }) => Err(Refusal::Bomb),
        Err(_) => Err(Refusal::Unsupported),
    }
}

/// All sheets, and the name of the one to read; none where all are empty.
fn survey(workbook: &mut Sheets<Bytes>) -> Result<(Vec<SheetName>, Option<String>), Failure> {
    let (mut sheets, mut with_phones, mut with_rows) = (Vec::new(), None, None);
    for calamine::Sheet { name, typ, visible } in workbook.sheets_metadata().to_vec() {
        let mut start = Vec::new();
        if typ == SheetType::WorkSheet && visible == SheetVisible::Visible {
            let read = rows(workbook, &name, &mut |row| {
                start.push(row);
                Ok(if start.len() < TELLING_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            });
            match read {
                // Damage to another sheet does not matter.
                Err(Failure::Refused(_)) if with_phones.is_some() => start.clear(),
                read => read?,
            }
        }
        if with_phones.is_none() && header::find(&start).has_phones() {
            with_phones = Some(name.clone());
        }
        if with_rows.is_none() && !start.is_empty() {
            with_rows = Some(name.clone());
        }
        sheets.push(SheetName { name, readable: !start.is_empty() });
    }
    Ok((sheets, with_phones.or(with_rows)))
}

/// Gives the rows of one sheet that have values.
fn rows<R: Read + Seek>(workbook: &mut Sheets<R>, name: &str, take: &mut Take<'_>) -> Result<(), Failure> {
    let mut rows = Rows { take, current: Row::default(), bytes: 0 };
    let ended = match workbook {
        // These two are read cell by cell, so that it does not matter how far apart the cells lie.
        Sheets::Xlsx(workbook) => {
            let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged::<XlsxError>)?;
            loop {
                let Some(found) = cells.next_cell().map_err(damaged)? else { break ControlFlow::Continue(()) };
                if rows.put(found.get_position(), found.get_value())?.is_break() {
                    break ControlFlow::Break(());
                }
            }
        }
        Sheets::Xlsb(workbook) => {
            let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged::<XlsbError>)?;
            loop {
                let Some(found) = cells.next_cell().map_err(damaged)? else { break ControlFlow::Continue(()) };
                if rows.put(found.get_position(), found.get_value())?.is_break() {
                    break ControlFlow::Break(());
                }
            }
        }
        Sheets::Xls(_) | Sheets::Ods(_) => rows.put_all(&workbook.worksheet_range(name).map_err(damaged)?)?,
    };
    if ended.is_continue() { rows.flush().map(drop) } else { Ok(()) }
}

fn damaged<E>(_: E) -> Failure {
    Failure::Refused(Refusal::Unsupported)
}

/// Puts cells together to rows.
struct Rows<'rows, 'take> {
    take: &'rows mut Take<'take>,
    current: Row,
    /// Of the current row's texts.
    bytes: usize,
}

/// Bytes of the texts in the longest row; cells refer to texts, so that a small file may have the longest text in each of many.
const LONGEST_ROW: usize = 4 << 20;

impl Rows<'_, '_> {
    fn put_all(&mut self, range: &calamine::Range<Data>) -> Result<ControlFlow<()>, Failure> {
        let (first, left) = range.start().unwrap_or_default();
        for (row, cells) in (first..).zip(range.rows()) {
            for (column, data) in (left..).zip(cells) {
                if self.place((row, column), cell(data))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn put(&mut self, position: (u32, u32), value: &DataRef<'_>) -> Result<ControlFlow<()>, Failure> {
        self.place(position, cell(&Data::from(value.clone())))
    }

    /// Rows and columns from 0.
    fn place(&mut self, (row, column): (u32, u32), cell: Cell) -> Result<ControlFlow<()>, Failure> {
        let row = u64::from(row) + 1;
        if row != self.current.number {
            if self.flush()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.current.number = row;
            self.bytes = 0;
        }
        if cell.is_blank() {
            return Ok(ControlFlow::Continue(()));
        }
        if cell.as_str().len() > MAX_LETTERS && cell.as_str().chars().count() > MAX_LETTERS {
            return Err(Refusal::CellTooLong { row }.into());
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            return Err(Refusal::TooWide { row }.into());
        }
        self.bytes += cell.as_str().len();
        if self.bytes > LONGEST_ROW {
            return Err(Refusal::Bomb.into());
        }
        if self.current.cells.len() <= column {
            self.current.cells.resize(column + 1, Cell::Text(String::new()));
        }
        self.current.cells[column] = cell;
        Ok(ControlFlow::Continue(()))
    }

    fn flush(&mut self) -> Result<ControlFlow<()>, Failure> {
        let row = std::mem::take(&mut self.current);
        if row.cells.is_empty() { Ok(ControlFlow::Continue(())) } else { Ok((self.take)(row)?) }
    }
}

/// A cell as a person would type it: numbers without an exponent, dates in ISO 8601, and the errors of formulas by their names.
fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Text(String::new()),
        Data::String(text) => Cell::text(text),
        Data::Float(number) => Cell::Number(number.to_string()),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::DateTime(date) if date.is_datetime() => Cell::Text(match date.as_datetime() {
            // Less than a day is a time.
            Some(moment) if date.as_f64() < 1.0 => moment.time().to_string(),
            Some(moment) => moment.date().to_string(),
            None => date.as_f64().to_string(),
        }),
        Data::DateTimeIso(date) => Cell::text(date.split('T').next().unwrap_or(date)),
        other => Cell::text(&other.to_string()),
    }
}
