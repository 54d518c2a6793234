//! Text files: any of the usual encodings, and whatever separates their columns.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{
    ImportError,
    sheet::{Cell, Row, Sheet},
};

const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How many lines tell the delimiter.
const SNIFFED_LINES: usize = 20;

/// Reads a text file.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
    let (text, encoding) = decode(bytes)?;
    let delimiter = sniff(&text);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    // The text is UTF-8 and rows may be of any length, so that every file of text can be read.
    while reader.read_record(&mut record).map_err(|_| ImportError::Unsupported)? {
        // A spreadsheet program counts blank lines, which the reader skips, and a cell of several lines as one row.
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        let blank = text.as_bytes()[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count() as u64;
        number += blank + 1;
        rows.push(Row { number, cells: record.iter().map(Cell::text).collect() });
    }
    Ok(Sheet { rows, sheets: None, delimiter: Some(char::from(delimiter)), encoding: Some(encoding.name()) })
}

/// The text, by its byte order mark, as UTF-8, or else as Windows-1252, of which Latin-1 is a part.
fn decode(bytes: &[u8]) -> Result<(String, &'static Encoding), ImportError> {
    let guess = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if looks_utf_16(bytes, 1) => UTF_16LE,
        None if looks_utf_16(bytes, 0) => UTF_16BE,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    let (text, encoding, _) = guess.decode(bytes);
    // A program, a picture, an archive of another kind: text has no such control characters.
    let odd = text.chars().take(4096).filter(|letter| letter.is_control() && !"\r\n\t".contains(*letter)).count();
    if odd > 0 {
        return Err(ImportError::Unsupported);
    }
    // One kind of line ends, so that rows are counted as a person counts them.
    Ok((text.replace("\r\n", "\n"), encoding))
}

/// Whether every other byte is zero, as in UTF-16 of western languages.
fn looks_utf_16(bytes: &[u8], zero_at: usize) -> bool {
    let pairs = bytes.chunks_exact(2).take(64);
    pairs.len() >= 2
        && pairs.clone().filter(|pair| pair[zero_at] == 0 && pair[1 - zero_at] != 0).count() * 10 >= pairs.len() * 8
}

/// The delimiter that splits most of the first lines into the same number of columns.
fn sniff(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(SNIFFED_LINES).collect();
    let score = |delimiter: &u8| {
        let mut counts: Vec<usize> = lines.iter().map(|line| unquoted(line, *delimiter)).collect();
        counts.sort_unstable();
        let typical = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let alike = counts.iter().filter(|count| **count == typical).count();
        if typical == 0 { 0 } else { alike * 100 + typical }
    };
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| score(delimiter)).copied();
    best.filter(|delimiter| score(delimiter) > 0).unwrap_or(b',')
}

/// How often the delimiter stands in the line outside quotes.
fn unquoted(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            byte if byte == delimiter && !quoted => count += 1,
            _ => {}
        }
    }
    count
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

    #[test]
    fn what_is_not_text_is_refused() {
        assert!(matches!(read(b"\x7FELF\x02\x01\x01\x00\x00\x00\x00"), Err(ImportError::Unsupported)));
        assert!(matches!(read(b"\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR"), Err(ImportError::Unsupported)));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _sheet = read(&bytes);
        }
    }
}
