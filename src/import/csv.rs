//! Text files: any of the usual encodings, and whatever separates their columns.

use std::{io::Read, ops::ControlFlow};

use super::{
    ImportError,
    dialect::{self, Dialect, SNIFFED_BYTES},
    encoding::{Text, is_other},
    sheet::{Cell, MAX_COLUMNS, MAX_LETTERS, Row, Source, Take},
};

/// Bytes of text that are read into memory for the next rows.
const BLOCK: usize = 1 << 18;
/// Bytes of the longest row, so that a quotation mark without a partner does not bring a whole file into memory.
const LONGEST_ROW: usize = 4 << 20;

/// Gives each row of a text file to `take`, until it has enough.
///
/// # Errors
///
/// What is no text; a quotation mark without a partner, since it makes one row of several; a row that is too wide or too long.
pub(super) fn read(input: impl Read, take: &mut Take<'_>) -> Result<Source, ImportError> {
    let mut text = Text::open(input)?;
    let mut buffer = String::new();
    // A line that names the delimiter is not part of what is sniffed.
    let mut more = true;
    while more && buffer.len() < SNIFFED_BYTES + 16 {
        more = text.more(LONGEST_ROW, &mut buffer)?;
    }
    if is_other(&buffer) {
        return Err(ImportError::Unsupported);
    }
    let (named, rest) = dialect::named(&buffer);
    let (dialect, skipped) = (Dialect::of(rest, named), buffer.len() - rest.len());
    buffer.drain(..skipped);
    let mut rows = Rows { dialect, number: 0, take };
    let mut wanted = BLOCK;
    loop {
        while more && buffer.len() < wanted {
            more = text.more(LONGEST_ROW, &mut buffer)?;
        }
        let ControlFlow::Continue(used) = rows.give(&buffer, more)? else { break };
        if !more {
            break;
        }
        if used == 0 && buffer.len() > LONGEST_ROW {
            return Err(rows.endless(&buffer));
        }
        // Twice as much for a row that is longer than this, so that it is not read over and over.
        wanted = if used == 0 { BLOCK.max(2 * buffer.len()) } else { BLOCK };
        buffer.drain(..used);
    }
    let delimiter = Some(char::from(dialect.delimiter));
    Ok(Source { delimiter, encoding: Some(text.encoding()), ..Source::default() })
}

/// Parts a text into rows.
struct Rows<'rows, 'take> {
    dialect: Dialect,
    /// Of the last row.
    number: u64,
    take: &'rows mut Take<'take>,
}

impl Rows<'_, '_> {
    /// Gives the rows of a piece of text on, and says how many bytes they were. Unless it is the last piece, `more` of the row at its end
    /// may follow, and it waits for that.
    fn give(&mut self, text: &str, more: bool) -> Result<ControlFlow<(), usize>, ImportError> {
        let mut reader = self.dialect.reader(text);
        let mut record = csv::StringRecord::new();
        let mut start = 0;
        // The text is UTF-8 and rows may be of any length, so that every file of text can be read.
        while reader.read_record(&mut record).map_err(|_| ImportError::Unsupported)? {
            let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
            if more && end == text.len() {
                return Ok(ControlFlow::Continue(start));
            }
            let row = self.advance(&text[start..end]);
            start = end;
            // First, since rows that a mark has swallowed may make a cell of any length.
            if self.dialect.is_doubtful(row.trim_end_matches(['\r', '\n']), record.len()) {
                return Err(ImportError::Quotes { row: self.number });
            }
            check(&record, self.number)?;
            let blank = record.iter().rev().take_while(|cell| cell.trim().is_empty()).count();
            let cells: Vec<Cell> = record.iter().take(record.len() - blank).map(Cell::text).collect();
            if !cells.is_empty() && (self.take)(Row { number: self.number, cells })?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        // Nothing but blank lines is left.
        self.number += (text.len() - start) as u64;
        Ok(ControlFlow::Continue(text.len()))
    }

    /// Counts on to the row at the end of `lines`, and gives that without the blank lines before it. A spreadsheet program counts
    /// blank lines, which the reader skips, and a cell of several lines as one row.
    fn advance<'text>(&mut self, lines: &'text str) -> &'text str {
        let row = lines.trim_start_matches(['\r', '\n']);
        self.number += (lines.len() - row.len()) as u64 + 1;
        row
    }

    /// What is wrong with a row that has not ended where every row has.
    fn endless(&mut self, text: &str) -> ImportError {
        let row = self.advance(text);
        let mut record = csv::StringRecord::new();
        // It was read before, as far as it goes.
        let _read = self.dialect.reader(row).read_record(&mut record);
        if row.contains('\n') && self.dialect.is_doubtful(row, record.len()) {
            return ImportError::Quotes { row: self.number };
        }
        check(&record, self.number).err().unwrap_or(ImportError::Unsupported)
    }
}

fn check(record: &csv::StringRecord, row: u64) -> Result<(), ImportError> {
    if record.len() > MAX_COLUMNS {
        return Err(ImportError::TooWide { row });
    }
    // A letter is of one byte at the least.
    let long = |cell: &str| cell.len() > MAX_LETTERS && cell.chars().count() > MAX_LETTERS;
    if record.iter().any(long) { Err(ImportError::CellTooLong { row }) } else { Ok(()) }
}

/// The rows of a text that arrives in pieces of these sizes, the last of what is left.
#[cfg(test)]
pub(super) fn in_pieces(text: &str, sizes: &[usize]) -> Result<Vec<Row>, ImportError> {
    let mut given = Vec::new();
    let take: &mut Take<'_> = &mut |row| {
        given.push(row);
        Ok(ControlFlow::Continue(()))
    };
    let mut rows = Rows { dialect: Dialect::of(text, None), number: 0, take };
    let (mut buffer, mut at) = (String::new(), 0);
    for size in sizes {
        let mut end = text.floor_char_boundary(at + size);
        // Line ends are whole in what comes from a file.
        while text[..end].ends_with('\r') && end < text.len() {
            end = text.ceil_char_boundary(end + 1);
        }
        buffer.push_str(&text[at..end]);
        at = end;
        if let ControlFlow::Continue(used) = rows.give(&buffer, true)? {
            buffer.drain(..used);
        }
    }
    buffer.push_str(&text[at..]);
    let _end = rows.give(&buffer, false)?;
    Ok(given)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::sheet::Sheet;

    fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
        Sheet::collect(|take| super::read(bytes, take))
    }

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let rows = read(bytes).unwrap().rows;
        rows.iter().map(|row| row.cells.iter().map(|cell| cell.as_str().to_owned()).collect()).collect()
    }

    #[test]
    fn semicolons_in_latin_1_with_decimal_commas() {
        let latin_1 = b"Tel\xE9fono;Nombre;Saldo\r\n3001234567;Jos\xE9 \xD1u\xF1ez;1.500,50\r\n3001234568;\"Ana; Mar\xEDa\";2.000,00\r\n";
        let sheet = read(latin_1).unwrap();
        assert_eq!((sheet.source.delimiter, sheet.source.encoding), (Some(';'), Some("windows-1252")));
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

    #[test]
    fn rows_may_end_anywhere_in_a_block() {
        let mut text = "Nombre;Nota;Celular\n\n".to_owned();
        for row in 0..20_000 {
            let note = if row % 7 == 0 { "\"dos\nlíneas\"".to_owned() } else { "x".repeat(row % 40) };
            text.push_str(&format!("Ana {row};{note};300{row:07}\r\n"));
        }
        let sheet = read(text.as_bytes()).unwrap();
        assert_eq!(sheet.rows.len(), 20_001);
        for (at, row) in sheet.rows[1..].iter().enumerate() {
            assert_eq!(
                (row.number, row.cell(0), row.cell(2)),
                (at as u64 + 3, &*format!("Ana {at}"), &*format!("300{at:07}"))
            );
        }
    }

    #[test]
    fn a_row_without_an_end_is_refused_before_it_fills_the_memory() {
        let endless = |start: &str, more: &'static [u8]| {
            let input = start.as_bytes().chain(std::io::repeat(more[0]));
            super::read(input, &mut |_| Ok(ControlFlow::Continue(())))
        };
        let row = "Nombre;Celular;Saldo\nAna;3001234567;1\n";
        assert!(matches!(endless(&format!("{row}x"), b"x"), Err(ImportError::CellTooLong { row: 3 })));
        assert!(matches!(endless(row, b";"), Err(ImportError::TooWide { row: 3 })));
        assert!(matches!(endless(&format!("{row}\"Ana\n"), b"x"), Err(ImportError::Quotes { row: 3 })));
    }

    #[test]
    fn reading_ends_when_it_is_enough() {
        let input = "3001234567;Ana\n".as_bytes().chain(std::io::repeat(b'x'));
        let source = super::read(input, &mut |_| Ok(ControlFlow::Break(()))).unwrap();
        assert_eq!(source.delimiter, Some(';'));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _sheet = read(&bytes);
        }
    }
}
