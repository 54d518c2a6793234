//! Excel and OpenDocument workbooks.
//!
//! A workbook may claim to hold what no memory can, in more ways than can be checked before it is read; [`isolated`](super::isolated)
//! runs this in a process with limits.

use std::{
    io::{self, Cursor, Read, Seek},
    ops::ControlFlow,
    path::Path,
};

use calamine::{
    Ods, OdsError, Reader as _, SheetType, SheetVisible, Sheets, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};
use serde::{Deserialize, Serialize};

use super::{
    ImportError,
    gather::{Rows, Take},
    header::{self, TELLING_ROWS},
    line::Line,
    plain::{Bytes, Plain},
    plain_rows::{self, Stop},
    sheet::{Row, SheetName, ZIP},
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

/// Reads one sheet, gives each row that has values to `take`, and returns the workbook's sheets and the one that was read.
///
/// The sheet is the one called `sheet`, or else the first in sight with phones, for a cover or notes may stand before it; if none has any,
/// the first with rows.
pub(super) fn read(
    path: &Path,
    sheet: Option<&str>,
    take: &mut dyn FnMut(&Line) -> io::Result<()>,
) -> Result<(Vec<SheetName>, Option<String>), Failure> {
    let mut workbook = Workbook::open(Cursor::new(std::fs::read(path)?.into()))?;
    let (sheets, first) = survey(&mut workbook)?;
    let asked = sheet.filter(|asked| sheets.iter().any(|sheet| sheet.name == *asked)).map(str::to_owned);
    let chosen = asked.or(first);
    if let Some(name) = &chosen {
        workbook.rows(name, &mut |line| take(line).map(ControlFlow::Continue))?;
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

/// A workbook, read in the quick way as far as that goes.
struct Workbook {
    file: Bytes,
    plain: Option<Plain>,
    /// Opened when it is needed.
    full: Option<Sheets<Bytes>>,
}

impl Workbook {
    fn open(file: Bytes) -> Result<Self, Refusal> {
        let plain = Plain::open(file.clone()).ok();
        let full = if plain.is_none() { Some(open(file.clone())?) } else { None };
        Ok(Self { file, plain, full })
    }

    fn full(&mut self) -> Result<&mut Sheets<Bytes>, Refusal> {
        Ok(match &mut self.full {
            Some(full) => full,
            none => none.insert(open(self.file.clone())?),
        })
    }

    /// The name of each sheet, and whether it is in sight and made of cells.
    fn sheets(&self) -> Vec<(String, bool)> {
        let plain = self.plain.iter().flat_map(|plain| &plain.sheets);
        let plain = plain.map(|sheet| (sheet.name.clone(), sheet.is_readable));
        let full = self.full.iter().filter(|_| self.plain.is_none()).flat_map(|full| full.sheets_metadata());
        plain
            .chain(full.map(|calamine::Sheet { name, typ, visible }| {
                (name.clone(), *typ == SheetType::WorkSheet && *visible == SheetVisible::Visible)
            }))
            .collect()
    }

    /// Gives the rows of one sheet that have values.
    fn rows(&mut self, name: &str, take: &mut Take<'_>) -> Result<(), Failure> {
        let mut given = 0;
        if let Some(plain) = &mut self.plain {
            let mut take = |line: &Line| {
                given = line.number();
                take(line)
            };
            let mut rows = Rows::new(&mut take);
            let sheet = plain.sheet(name).map_err(Stop::from);
            let read = sheet.and_then(|(xml, values)| plain_rows::read(xml, values, &mut rows));
            match read {
                Ok(ended) => return rows.end(ended),
                Err(Stop::Failed(failure)) => return Err(failure),
                Err(Stop::Odd) => self.plain = None,
            }
        }
        rows(self.full()?, name, &mut |line| {
            if line.number() <= given { Ok(ControlFlow::Continue(())) } else { take(line) }
        })
    }
}

/// All sheets, and the name of the one to read; none where all are empty.
fn survey(workbook: &mut Workbook) -> Result<(Vec<SheetName>, Option<String>), Failure> {
    let (mut sheets, mut with_phones, mut with_rows) = (Vec::new(), None, None);
    for (name, is_readable) in workbook.sheets() {
        let mut start = Vec::new();
        if is_readable {
            let read = workbook.rows(&name, &mut |line| {
                start.push(Row::from(line));
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
    let mut rows = Rows::new(take);
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
    rows.end(ended)
}

fn damaged<E>(_: E) -> Failure {
    Failure::Refused(Refusal::Unsupported)
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use super::*;

    /// The rows of every sheet, read in the quick way as far as that goes, or in full from the start.
    pub fn read_all(bytes: &[u8], in_full: bool) -> Result<Vec<Row>, Failure> {
        let file = Cursor::new(bytes.into());
        let mut workbook = Workbook::open(file)?;
        if in_full {
            workbook.full()?;
            workbook.plain = None;
        }
        let mut all = Vec::new();
        for (name, _) in workbook.sheets() {
            workbook.rows(&name, &mut |line| {
                all.push(Row::from(line));
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(all)
    }

    /// Whether all of a workbook is read in the quick way.
    pub fn is_plain(bytes: &[u8]) -> bool {
        let mut workbook = Workbook::open(Cursor::new(bytes.into())).unwrap();
        let names: Vec<String> = workbook.sheets().into_iter().map(|(name, _)| name).collect();
        names.iter().for_each(|name| workbook.rows(name, &mut |_| Ok(ControlFlow::Continue(()))).unwrap());
        workbook.plain.is_some()
    }

    /// A workbook whose sheet has this XML; its texts and styles are those of a program.
    pub fn with_sheet(xml: &str) -> Vec<u8> {
        let sound = std::fs::read(fixtures().join("dates-odd.xlsx")).unwrap();
        let mut sound = zip::ZipArchive::new(Cursor::new(sound)).unwrap();
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..sound.len() {
            let mut part = sound.by_index(index).unwrap();
            let (name, mut content) = (part.name().unwrap().into_owned(), Vec::new());
            part.read_to_end(&mut content).unwrap();
            archive.start_file(&*name, zip::write::SimpleFileOptions::default()).unwrap();
            let content = if name.starts_with("xl/worksheets/sheet") { xml.as_bytes() } else { &content };
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn fixtures() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports")
    }

    #[test]
    fn workbooks_read_in_the_quick_way_as_in_full() {
        let (mut plain, mut others) = (0, Vec::new());
        for entry in std::fs::read_dir(fixtures()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            if path.extension().is_none_or(|extension| extension != "xlsx") || read_all(&bytes, true).is_err() {
                continue;
            }
            assert_eq!(read_all(&bytes, false).unwrap(), read_all(&bytes, true).unwrap(), "{}", path.display());
            if is_plain(&bytes) { plain += 1 } else { others.push(path) }
        }
        assert!(plain > 20 && others.len() < 4, "{plain} in the quick way, but not {others:?}");
    }

    #[test]
    fn what_is_not_plain_is_read_in_full_from_there_on() {
        let row = |number: u32| {
            format!(
                "<row r=\"{number}\"><c r=\"A{number}\" t=\"inlineStr\"><is><t>Ana &amp; {number}</t></is></c></row>"
            )
        };
        let sheet = |between: &str| {
            let rows = format!("{}{}{between}{}", row(1), row(2), row(4));
            with_sheet(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
        };
        for between in ["<!-- a note -->", "<row r=\"3\"><c r=\"A3\" t=\"str\"><v>a&#10;b</v></c></row>"] {
            let bytes = sheet(between);
            assert!(is_plain(&sheet("")) && !is_plain(&bytes));
            let rows = read_all(&bytes, false).unwrap();
            assert_eq!(rows, read_all(&bytes, true).unwrap());
            assert_eq!((rows.first().unwrap().cell(0), rows.last().unwrap().number), ("Ana & 1", 4));
        }
    }
}
