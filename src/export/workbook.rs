//! An export as a workbook: written row by row into a file without a name, which is gone as soon as nobody reads it.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use rust_xlsxwriter::{Format, Worksheet};
use tokio::{io::AsyncReadExt as _, sync::mpsc};

use super::{Cell, Export, ExportError};

/// The rows that a sheet can have, the first of which has the headers.
const SHEET_ROWS: u32 = 1_048_576;
/// The characters that a cell can have.
const CELL_LIMIT: usize = 32_767;
/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Writes workbooks.
pub struct Workbook;

/// A workbook that is written.
pub struct WrittenFile(tokio::fs::File);

impl WrittenFile {
    /// The next bytes; none at the end.
    pub async fn chunk(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::with_capacity(CHUNK);
        let read = self.0.read_buf(&mut bytes).await?;
        Ok((read > 0).then_some(bytes))
    }
}

impl Workbook {
    /// Writes all of an export; `folder` has room for it.
    pub async fn write(mut export: Export, folder: &Path) -> Result<WrittenFile, ExportError> {
        let (rows_in, rows) = mpsc::channel(2);
        let (headers, folder) = (export.headers(), folder.to_owned());
        let writing = tokio::task::spawn_blocking(move || write(&headers, rows, folder));
        while let Some(batch) = export.next().await? {
            if rows_in.send(batch).await.is_err() {
                break;
            }
        }
        drop(rows_in);
        Ok(WrittenFile(tokio::fs::File::from_std(writing.await??)))
    }
}

fn write(headers: &[String], mut rows: mpsc::Receiver<Vec<Vec<Cell>>>, folder: PathBuf) -> Result<File, ExportError> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.set_tempdir(&folder)?;
    let mut batch = rows.blocking_recv();
    loop {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        let bold = Format::new().set_bold();
        for (column, header) in (0..).zip(headers) {
            sheet.write_string_with_format(0, column, cut(header), &bold)?;
        }
        batch = fill(sheet, &mut rows, batch)?;
        if batch.is_none() {
            break;
        }
    }
    let mut file = tempfile::tempfile_in(folder)?;
    workbook.save_to_writer(&file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Writes rows until the sheet is full or there are none; gives those that had no room.
fn fill(
    sheet: &mut Worksheet,
    rows: &mut mpsc::Receiver<Vec<Vec<Cell>>>,
    mut batch: Option<Vec<Vec<Cell>>>,
) -> Result<Option<Vec<Vec<Cell>>>, ExportError> {
    let mut line = 1;
    while let Some(mut cells) = batch {
        let room = (SHEET_ROWS - line) as usize;
        let rest = cells.split_off(cells.len().min(room));
        for row in cells {
            for (column, cell) in (0..).zip(row) {
                match cell {
                    // Always a string, whatever it looks like: never a formula, a number or a link.
                    Cell::Text(text) if text.is_empty() => {}
                    Cell::Text(text) => {
                        sheet.write_string(line, column, cut(&text))?;
                    }
                    Cell::Amount(amount) => {
                        let number = amount.minor as f64 / 10_f64.powi(amount.currency.decimals().cast_signed());
                        sheet.write_number(line, column, number)?;
                    }
                }
            }
            line += 1;
        }
        if !rest.is_empty() {
            return Ok(Some(rest));
        }
        batch = rows.blocking_recv();
    }
    Ok(None)
}

fn cut(text: &str) -> String {
    text.chars().take(CELL_LIMIT).collect()
}
