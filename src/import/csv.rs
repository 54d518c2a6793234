//! Text files: any of the usual encodings, and whatever separates their columns.

use super::{
    ImportError,
    dialect::{self, Dialect},
    encoding::decode,
    sheet::{Cell, MAX_COLUMNS, MAX_LETTERS, Row, Sheet},
};

/// Reads a text file.
///
/// # Errors
///
/// What is no text; a quotation mark without a partner, since it makes one row of several; a row that is too wide or too long.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
    let (text, encoding) = decode(bytes)?;
    let (named, text) = dialect::named(&text);
    let dialect = Dialect::of(text, named);
    let mut reader = dialect.reader(text);
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    let mut start = 0;
    // The text is UTF-8 and rows may be of any length, so that every file of text can be read.
    while reader.read_record(&mut record).map_err(|_| ImportError::Unsupported)? {
        // A spreadsheet program counts blank lines, which the reader skips, and a cell of several lines as one row.
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        let lines = &text[start..end];
        let row = lines.trim_start_matches(['\r', '\n']);
        number += (lines.len() - row.len()) as u64 + 1;
        start = end;
        // First, since rows that a mark has swallowed may make a cell of any length.
        if dialect.is_doubtful(row.trim_end_matches(['\r', '\n']), record.len()) {
            return Err(ImportError::Quotes { row: number });
        }
        check(&record, number)?;
        let blank = record.iter().rev().take_while(|cell| cell.trim().is_empty()).count();
        let cells: Vec<Cell> = record.iter().take(record.len() - blank).map(Cell::text).collect();
        if !cells.is_empty() {
            rows.push(Row { number, cells });
        }
    }
    Ok(Sheet { rows, sheets: None, delimiter: Some(char::from(dialect.delimiter)), encoding: Some(encoding) })
}

fn check(record: &csv::StringRecord, row: u64) -> Result<(), ImportError> {
    if record.len() > MAX_COLUMNS {
        return Err(ImportError::TooWide { row });
    }
    // A letter is of one byte at the least.
    let long = |cell: &str| cell.len() > MAX_LETTERS && cell.chars().count() > MAX_LETTERS;
    if record.iter().any(long) { Err(ImportError::CellTooLong { row }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let rows = read(bytes).unwrap().rows;
        rows.iter().map(|row| row.cells.iter().map(|cell| cell.as_str().to_owned()).collect()).collect()
    }

    #[test]
    fn semicolons_in_latin_1_with_decimal_commas() {
        let latin_1 = b"Tel\xE9fono;Nombre;Saldo\r\n3001234567;Jos\xE9 \xD1u\xF1ez;1.500,50\r\n3001234568;\"Ana; Mar\xEDa\";2.000,00\r\n";
        let sheet = read(latin_1).unwrap();
        assert_eq!((sheet.delimiter, sheet.encoding), (Some(';'), Some("windows-1252")));
        assert_eq!(cells(latin_1)[0], ["Teléfono", "Nombre", "Saldo"]);
        assert_eq!(sheet.rows[2].cell(1), "Ana; María");
        assert_eq!(sheet.rows[2].number, 3);
    }

    #[test]
    fn byte_order_marks_and_utf_16_are_understood() {
        let (text, utf_8) = ("a\tñ\n1\t2\n", b"\xEF\xBB\xBFa\t\xC3\xB1\n1\t2\n");
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&utf_8[..], &utf_16] {
            assert_eq!(cells(bytes), [["a", "ñ"], ["1", "2"]]);
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_program_numbers_them() {
        let text = b"\na,b\r\n1,\"two\r\nlines\"\n\n\n2,x\n3,y\n";
        let rows: Vec<(u64, String)> =
            read(text).unwrap().rows.iter().map(|row| (row.number, row.cell(0).to_owned())).collect();
        let expected = [(2, "a"), (3, "1"), (6, "2"), (7, "3")];
        assert_eq!(rows, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn control_characters_within_a_text_are_dropped() {
        let text = format!("{}a\u{0}b,c\n", "x,y\n".repeat(2_000));
        assert_eq!(cells(text.as_bytes()).last().unwrap(), &["ab", "c"]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _sheet = read(&bytes);
        }
    }
}
