//! A spreadsheet as rows of cells, whatever kind of file it came from.

use std::{fs::File, io::Read as _, path::Path};

use serde::{Deserialize, Serialize};

use super::{ImportError, csv, isolated};

/// The rows of a spreadsheet that have at least one value; at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub sheets: Option<Vec<String>>,
    pub delimiter: Option<char>,
    pub encoding: Option<&'static str>,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// From 1, as a person sees it in the spreadsheet.
    pub number: u64,
    pub cells: Vec<Cell>,
}

/// One cell, trimmed and without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// What a person has typed, or a date as `2026-12-31`.
    #[serde(rename = "t")]
    Text(String),
    /// A number of a workbook, in full and with a decimal point, whatever the person sees.
    #[serde(rename = "n")]
    Number(String),
}

impl Cell {
    /// A text as it comes from a file.
    pub fn text(text: &str) -> Self {
        let text = if text.contains(is_noise) { text.replace(is_noise, "") } else { text.to_owned() };
        let clean = without_text_mark(text.trim());
        Self::Text(if clean.len() == text.len() { text } else { clean.to_owned() })
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
        }
    }

    pub fn is_blank(&self) -> bool {
        self.as_str().is_empty()
    }
}

/// Letters that nobody sees: control characters, which not every database stores, but for line ends and tabs, which are spaces of a
/// kind; and the marks of direction and width that phones bring from contact lists and names from web pages.
fn is_noise(letter: char) -> bool {
    letter.is_control() && !letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Without the apostrophe by which people tell Excel that a value is a text; other programs write it to the file.
fn without_text_mark(text: &str) -> &str {
    let marks = |first: char| first.is_alphanumeric() || "+-=@(".contains(first);
    match text.strip_prefix('\'').filter(|rest| rest.starts_with(marks)) {
        Some(rest) => rest.strip_suffix('\'').unwrap_or(rest),
        None => text,
    }
}

impl Row {
    /// The text of a cell; empty where the row is shorter.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", Cell::as_str)
    }

    /// Whether the cell is a workbook's number and not a text.
    pub fn is_number(&self, index: usize) -> bool {
        matches!(self.cells.get(index), Some(Cell::Number(_)))
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// Columns of the widest sheet that Excel can keep ("Excel specifications and limits").
pub(super) const MAX_COLUMNS: usize = 16_384;
/// Letters of the longest cell that Excel can keep.
pub(super) const MAX_LETTERS: usize = 32_767;

/// The first bytes of a zip archive, which xlsx, xlsb and ods are.
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
/// The first bytes of a compound file, which xls is.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// Reads a file; what it is, its first bytes say and not its name. `program` is this program, which reads workbooks in a process of
/// their own.
pub fn read(program: &Path, path: &Path) -> Result<Sheet, ImportError> {
    let mut start = Vec::new();
    File::open(path)?.take(ZIP.len() as u64).read_to_end(&mut start)?;
    let mut sheet = if start == ZIP || start == COMPOUND {
        isolated::read(program, path)?
    } else {
        csv::read(&std::fs::read(path)?)?
    };
    sheet.rows.retain(|row| !row.is_blank());
    if sheet.rows.is_empty() { Err(ImportError::Empty) } else { Ok(sheet) }
}
