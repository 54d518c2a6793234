//! Excel and OpenDocument workbooks.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Sheets, open_workbook_auto_from_rs};

use super::{
    ImportError,
    sheet::{Row, Sheet},
};

/// How much a workbook may unpack to, in bytes: a workbook of 50 MB of real data unpacks to some hundred megabytes.
const UNPACKED_LIMIT: u64 = 512 << 20;
/// How many times its own size a workbook may unpack to, once it unpacks to more than [`SMALL`].
const RATIO_LIMIT: u64 = 100;
const SMALL: u64 = 16 << 20;
/// Cells in the rectangle around a sheet's values: a million rows of twenty columns, some 500 MB.
const CELL_LIMIT: u64 = 20_000_000;

/// Reads the first sheet that has rows.
pub(super) fn read(bytes: Vec<u8>) -> Result<Sheet, ImportError> {
    if bytes.starts_with(b"PK") {
        check_archive(&bytes)?;
    }
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| ImportError::Unsupported)?;
    let names = workbook.sheet_names();
    for name in &names {
        if let Sheets::Xlsx(xlsx) = &mut workbook {
            check_extent(xlsx, name)?;
        }
        let Ok(range) = workbook.worksheet_range(name) else { continue };
        let first = range.start().map_or(0, |(row, _)| u64::from(row)) + 1;
        let rows: Vec<Row> = (first..)
            .zip(range.rows())
            .map(|(number, cells)| Row { number, cells: cells.iter().map(text).collect() })
            .collect();
        if rows.iter().any(|row| row.cells.iter().any(|cell| !cell.trim().is_empty())) {
            return Ok(Sheet { rows, sheets: Some(names), delimiter: None, encoding: None });
        }
    }
    Err(ImportError::Empty)
}

/// Refuses a sheet whose cells lie so far apart that the rectangle around them would not fit into memory.
fn check_extent<R: std::io::Read + std::io::Seek>(xlsx: &mut calamine::Xlsx<R>, name: &str) -> Result<(), ImportError> {
    let Ok(mut cells) = xlsx.worksheet_cells_reader(name) else { return Ok(()) };
    let (mut rows, mut columns) = (0_u64, 0_u64);
    while let Ok(Some(cell)) = cells.next_cell() {
        let (row, column) = cell.get_position();
        rows = rows.max(u64::from(row) + 1);
        columns = columns.max(u64::from(column) + 1);
        if rows * columns > CELL_LIMIT {
            return Err(ImportError::ArchiveBomb);
        }
    }
    Ok(())
}

/// Unpacks the archive into nothing and counts, since what an archive says of its own size may be a lie.
fn check_archive(bytes: &[u8]) -> Result<(), ImportError> {
    let limit = UNPACKED_LIMIT.min(SMALL.max(bytes.len() as u64 * RATIO_LIMIT));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ImportError::Unsupported)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|_| ImportError::Unsupported)?;
        let mut file = file.take(limit - unpacked + 1);
        unpacked += std::io::copy(&mut file, &mut std::io::sink()).map_err(|_| ImportError::Unsupported)?;
        if unpacked > limit {
            return Err(ImportError::ArchiveBomb);
        }
    }
    Ok(())
}

/// A cell as a person would type it: whole numbers without `.0`, dates in ISO 8601.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) => text.trim().to_owned(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::DateTime(date) if date.is_datetime() => {
            date.as_datetime().map_or_else(|| date.as_f64().to_string(), |date| date.date().to_string())
        }
        Data::DateTimeIso(date) => date.split('T').next().unwrap_or(date).to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_bomb_is_noticed_before_it_is_parsed() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..64 {
            archive.write_all(&zeros).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20, "it is small on the outside");
        assert!(matches!(read(bytes), Err(ImportError::ArchiveBomb)));
    }

    #[test]
    fn cells_that_lie_far_apart_are_refused() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "Nombre").unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
        assert!(matches!(read(workbook.save_to_buffer().unwrap()), Err(ImportError::ArchiveBomb)));
    }

    #[test]
    fn an_archive_that_is_no_workbook_is_refused() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("letter.txt", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(b"hello").unwrap();
        assert!(matches!(read(archive.finish().unwrap().into_inner()), Err(ImportError::Unsupported)));
        assert!(matches!(read(b"PK\x03\x04 and nothing else".to_vec()), Err(ImportError::Unsupported)));
    }
}
