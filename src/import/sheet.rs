//! A spreadsheet as rows of texts, whatever kind of file it came from.

use std::path::Path;

use super::{ImportError, csv, workbook};

/// The rows of a spreadsheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub sheets: Option<Vec<String>>,
    pub delimiter: Option<char>,
    pub encoding: Option<&'static str>,
}

/// One row that has at least one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// From 1, as a person sees it in the spreadsheet.
    pub number: u64,
    pub cells: Vec<String>,
}

impl Row {
    /// The trimmed text of a cell; empty where the row is shorter.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.trim())
    }
}

/// The first bytes of a zip archive, which xlsx and ods are.
const ZIP: &[u8] = b"PK\x03\x04";
/// The first bytes of a compound file, which xls is.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// Reads a file; what it is, its first bytes say and not its name.
pub fn read(path: &Path) -> Result<Sheet, ImportError> {
    let bytes = std::fs::read(path)?;
    let mut sheet =
        if bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND) { workbook::read(bytes)? } else { csv::read(&bytes)? };
    sheet.rows.retain(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    if sheet.rows.is_empty() { Err(ImportError::Empty) } else { Ok(sheet) }
}
