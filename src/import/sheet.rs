//! A spreadsheet as rows of cells, whatever kind of file it came from.

use std::{
    borrow::Cow,
    fs::File,
    io::{Read as _, Seek as _},
    ops::ControlFlow,
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{ImportError, csv, isolated};

/// What a file is, apart from its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// A workbook's sheets.
    pub sheets: Option<Vec<SheetName>>,
    /// The one that was read, if any has rows.
    pub sheet: Option<String>,
    /// What parts the columns of a text file.
    pub delimiter: Option<char>,
    /// The encoding of a text file, as far as it was read.
    pub encoding: Option<&'static str>,
}

/// One of a workbook's sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetName {
    pub name: String,
    /// Whether it is in sight and has rows.
    pub readable: bool,
}

/// Takes rows, until it has enough of them.
pub type Take<'take> = dyn FnMut(Row) -> Result<ControlFlow<()>, ImportError> + 'take;

/// A whole spreadsheet in memory: the rows that have at least one value; at least one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub rows: Vec<Row>,
    pub source: Source,
}

impl Sheet {
    /// Collects what `read` gives.
    pub(super) fn collect(
        read: impl FnOnce(&mut Take<'_>) -> Result<Source, ImportError>,
    ) -> Result<Self, ImportError> {
        let mut rows = Vec::new();
        let source = read(&mut |row| {
            rows.push(row);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Self { rows, source })
    }
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
        Self::Text(clean(text).into_owned())
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

/// A text as it comes from a file, as a [`Cell`] has it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !(text.bytes().any(may_be_noise) && text.contains(is_noise)) {
        return without_text_mark(text.trim()).into();
    }
    without_text_mark(text.replace(is_noise, "").trim()).to_owned().into()
}

/// Letters that nobody sees: control characters, which not every database stores, but for line ends and tabs, which are spaces of a
/// kind; and the marks of direction and width that phones bring from contact lists and names from web pages.
fn is_noise(letter: char) -> bool {
    letter.is_control() && !letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether a letter that begins with this byte in UTF-8 may be [`is_noise`]; hardly any text has one.
const fn may_be_noise(byte: u8) -> bool {
    byte < b' ' || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef)
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

/// Gives each row of a file that has values to `take`, until it has enough; only as much is in memory as a row needs. What the file is, its
/// first bytes say and not its name. `program` is this program, which reads workbooks in a process of their own; of a workbook's sheets
/// the one called `sheet` is read, or else the first with phones.
pub fn stream(program: &Path, path: &Path, sheet: Option<&str>, take: &mut Take<'_>) -> Result<Source, ImportError> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(ZIP.len() as u64).read_to_end(&mut start)?;
    let mut any = false;
    let take: &mut Take<'_> = &mut |row: Row| {
        if row.is_blank() {
            return Ok(ControlFlow::Continue(()));
        }
        any = true;
        take(row)
    };
    let source = if start == ZIP || start == COMPOUND {
        isolated::read(program, path, sheet, take)?
    } else {
        file.rewind()?;
        csv::read(file, take)?
    };
    if any { Ok(source) } else { Err(ImportError::Empty) }
}

/// Reads a whole file into memory; for files that are known to be small.
pub fn read(program: &Path, path: &Path) -> Result<Sheet, ImportError> {
    Sheet::collect(|take| stream(program, path, None, take))
}

/// Reads a whole sheet of a workbook into memory; see [`read`].
pub fn read_sheet(program: &Path, path: &Path, name: &str) -> Result<Sheet, ImportError> {
    Sheet::collect(|take| stream(program, path, Some(name), take))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_begins_with_few_bytes() {
        for letter in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|letter| is_noise(*letter)) {
            assert!(may_be_noise(letter.to_string().as_bytes()[0]), "{letter:?}");
        }
    }
}
