//! The rows that there is something to say of, as a file like the one they came in: whole, with the reasons beside them, to be corrected
//! and imported again.
//!
//! While a file is stored they are kept as lines of JSON; the download is made of those in the reader's language.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Write},
    path::Path,
};

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use rust_xlsxwriter::{Format as CellFormat, Workbook, Worksheet, XlsxError};
use serde::{Deserialize, Serialize};

use super::{
    ImportError,
    report::ReportRow,
    report_texts,
    sheet::{Cell, Row},
};

/// One row.
#[derive(Serialize, Deserialize)]
struct Line {
    cells: Vec<Cell>,
    /// At least one, all of this row.
    told: Vec<ReportRow>,
}

/// Keeps rows while a file is stored.
pub(super) struct Rejects(BufWriter<File>);

impl Rejects {
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    /// Keeps a row; not one there is nothing to say of.
    pub fn put(&mut self, row: Row, told: Vec<ReportRow>) -> io::Result<()> {
        if told.is_empty() {
            return Ok(());
        }
        serde_json::to_writer(&mut self.0, &Line { cells: row.cells, told })?;
        self.0.write_all(b"\n")
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn lines(path: &Path) -> io::Result<impl Iterator<Item = Result<Line, ImportError>> + use<>> {
    let lines = BufReader::new(File::open(path)?).lines();
    Ok(lines.map(|line| Ok(serde_json::from_str(&line?).map_err(io::Error::from)?)))
}

/// What the file was that the rows came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// A text with that between its columns, in that encoding.
    Text {
        delimiter: char,
        encoding: String,
    },
    Workbook,
}

impl Format {
    /// How names of such files end.
    pub const fn extension(&self) -> &'static str {
        match self {
            Self::Text { delimiter: '\t', .. } => "tsv",
            Self::Text { .. } => "csv",
            Self::Workbook => "xlsx",
        }
    }
}

/// Writes the rows that are kept at `from` to a new file.
pub(super) fn write(
    from: &Path,
    to: &Path,
    format: &Format,
    headers: &BTreeMap<usize, String>,
    language: &str,
) -> Result<(), ImportError> {
    let ours = report_texts::headers(language);
    let head: Vec<&str> = headers.values().map(String::as_str).chain(ours).collect();
    match format {
        Format::Text { delimiter, encoding } => {
            let mut text = Text { out: BufWriter::new(File::create(to)?), delimiter: *delimiter, encoding };
            text.begin()?;
            text.row(head.into_iter())?;
            for line in lines(from)? {
                let line = line?;
                let told = told(&line.told, language);
                let cells = headers.keys().map(|index| line.cells.get(*index).map_or("", Cell::as_str));
                text.row(cells.chain(told.iter().map(String::as_str)))?;
            }
            Ok(text.out.flush()?)
        }
        Format::Workbook => {
            let mut workbook = Workbook::new();
            workbook.set_tempdir(to.parent().unwrap_or(to))?;
            let sheet = workbook.add_worksheet_with_constant_memory()?;
            let bold = CellFormat::new().set_bold();
            for (column, header) in (0..).zip(head) {
                sheet.write_with_format(0, column, header, &bold)?;
            }
            for (row, line) in (1..).zip(lines(from)?) {
                write_row(sheet, row, &line?, headers, language)?;
            }
            Ok(workbook.save(to)?)
        }
    }
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    line: &Line,
    headers: &BTreeMap<usize, String>,
    language: &str,
) -> Result<(), XlsxError> {
    for (column, index) in (0..).zip(headers.keys()) {
        let Some(cell) = line.cells.get(*index) else { continue };
        match number(cell) {
            Some(value) => sheet.write_number(row, column, value)?,
            None => sheet.write_string(row, column, cell.as_str())?,
        };
    }
    let width = u16::try_from(headers.len()).unwrap_or(u16::MAX);
    for (column, text) in (width..).zip(told(&line.told, language)) {
        sheet.write_string(row, column, text)?;
    }
    Ok(())
}

/// A workbook's number. More digits than these it does not have: then it is a text that looks like one.
fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(number) if number.len() <= 15 => number.parse().ok(),
        _ => None,
    }
}

/// What there is to say of a row: its number, the reasons, the columns and the proposals.
fn told(told: &[ReportRow], language: &str) -> [String; 4] {
    let joined = |texts: Vec<&str>| texts.join("; ");
    let number = told.first().map(|told| told.row.to_string()).unwrap_or_default();
    let reasons = told.iter().map(|told| report_texts::reason(told.reason, language)).collect();
    let columns = told.iter().filter_map(|told| told.column.as_deref()).collect();
    let phones = told.iter().filter_map(|told| Some(told.proposal.as_ref()?.phone.as_str())).collect();
    [number, joined(reasons), joined(columns), joined(phones)]
}

/// Writes a text file.
struct Text<'text> {
    out: BufWriter<File>,
    delimiter: char,
    encoding: &'text str,
}

impl Text<'_> {
    /// A mark tells the encoding, without which Excel takes UTF-8 for something else.
    fn begin(&mut self) -> io::Result<()> {
        if self.encoding == WINDOWS_1252.name() { Ok(()) } else { self.put("\u{feff}") }
    }

    fn row<'cell>(&mut self, cells: impl Iterator<Item = &'cell str>) -> io::Result<()> {
        let cells: Vec<Cow<'_, str>> = cells.map(|cell| quoted(cell, self.delimiter)).collect();
        let delimiter = self.delimiter.to_string();
        self.put(&format!("{}\r\n", cells.join(&delimiter)))
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        match self.encoding {
            name if name == UTF_16LE.name() => self.units(text, u16::to_le_bytes),
            name if name == UTF_16BE.name() => self.units(text, u16::to_be_bytes),
            name if name == WINDOWS_1252.name() => self.out.write_all(&WINDOWS_1252.encode(text).0),
            // What was a mixture becomes UTF-8, which every letter fits into.
            _ => self.out.write_all(text.as_bytes()),
        }
    }

    fn units(&mut self, text: &str, bytes: fn(u16) -> [u8; 2]) -> io::Result<()> {
        text.encode_utf16().try_for_each(|unit| self.out.write_all(&bytes(unit)))
    }
}

/// A value as it stands in a text file. One that a spreadsheet program would take for a formula gets an apostrophe, so that opening the
/// file runs nothing; the import knows it and drops it.
fn quoted(value: &str, delimiter: char) -> Cow<'_, str> {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) };
    if value.contains([delimiter, '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", value.replace('"', "\"\"")))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Reason, report::Proposed};

    fn kept(folder: &Path) -> BTreeMap<usize, String> {
        let row = |number, cells: [&str; 3]| Row { number, cells: cells.map(Cell::text).to_vec() };
        let told = |row, reason| ReportRow {
            row,
            reason,
            column: Some("Celular".to_owned()),
            value: None,
            proposal: (reason == Reason::PhoneMistyped)
                .then(|| Proposed { slip: "trunk_prefix".to_owned(), phone: "+573001234567".to_owned() }),
        };
        let mut rejects = Rejects::create(&folder.join("kept")).unwrap();
        rejects.put(row(2, ["Ana", "", "3001234567"]), Vec::new()).unwrap();
        let mistyped = vec![told(3, Reason::PhoneMistyped)];
        rejects.put(row(3, ["José; \"Pepe\"", "x", "=HYPERLINK(\"x\")"]), mistyped).unwrap();
        let two = vec![told(5, Reason::LanguageUnknown), told(5, Reason::SecondPhoneInvalid)];
        rejects.put(row(5, ["Ñ", "", "1"]), two).unwrap();
        rejects.finish().unwrap();
        BTreeMap::from([(0, "Nombre".to_owned()), (2, "Celular".to_owned())])
    }

    fn written(encoding: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let headers = kept(folder.path());
        let format = Format::Text { delimiter: ';', encoding: encoding.to_owned() };
        let to = folder.path().join("to");
        write(&folder.path().join("kept"), &to, &format, &headers, "es").unwrap();
        std::fs::read(to).unwrap()
    }

    const EXPECTED: [&str; 3] = [
        "Nombre;Celular;Fila original;Motivo del aviso;Columna del aviso;Teléfono propuesto",
        "\"José; \"\"Pepe\"\"\";\"'=HYPERLINK(\"\"x\"\")\";3;El teléfono parece mal escrito;Celular;'+573001234567",
        "Ñ;1;5;\"Entró sin el idioma, que no se entiende; Entró sin el segundo teléfono, que no es válido\";\"Celular; Celular\";",
    ];

    #[test]
    fn rows_are_written_in_the_encoding_they_came_in_and_no_value_becomes_a_formula() {
        let text = format!("\u{feff}{}\r\n", EXPECTED.join("\r\n"));
        assert_eq!(String::from_utf8(written("UTF-8")).unwrap(), text);
        assert_eq!(written("UTF-16LE"), text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        assert_eq!(WINDOWS_1252.decode_without_bom_handling(&written("windows-1252")).0, &text[3..]);
    }

    #[test]
    fn rows_of_a_workbook_are_written_as_a_workbook() {
        let folder = tempfile::tempdir().unwrap();
        let headers = kept(folder.path());
        let to = folder.path().join("to");
        write(&folder.path().join("kept"), &to, &Format::Workbook, &headers, "en").unwrap();
        let mut rows = Vec::new();
        let take = &mut |line: &crate::import::line::Line| {
            rows.push(crate::import::sheet::Row::from(line));
            Ok(())
        };
        crate::import::workbook::read(&to, None, take).unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].cell(1), rows[0].cell(5)), ("Celular", "Proposed phone"));
        assert_eq!((rows[1].cell(1), rows[1].cell(2), rows[1].cell(5)), ("=HYPERLINK(\"x\")", "3", "+573001234567"));
    }
}
