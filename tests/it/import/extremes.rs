//! Files too large to be kept beside the tests: each is refused by its first bad row, or read whole.

use std::{io::Write as _, path::Path};

use whatsmassive::import::{self, ImportError, Layout, Sheet};

fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    import::read(Path::new(env!("CARGO_BIN_EXE_whatsmassive")), file.path())
}

#[test]
fn ten_megabytes_in_one_cell_are_refused() {
    let long = "x".repeat(10 << 20);
    let text = format!("Nombre;Celular\nAna;3001234567\n{long};3001234568\n");
    assert!(matches!(read(text.as_bytes()), Err(ImportError::CellTooLong { row: 3 })));
    let quoted = format!("Nombre;Celular\n\"{long}\";3001234567\n");
    assert!(matches!(read(quoted.as_bytes()), Err(ImportError::CellTooLong { row: 2 })));
}

#[test]
fn the_longest_cell_of_excel_is_read() {
    let letters = "ñ".repeat(32_767);
    let sheet = read(format!("Nombre;Celular\n{letters};3001234567\n").as_bytes()).unwrap();
    assert_eq!(sheet.rows[1].cell(0), letters);
}

#[test]
fn a_million_columns_are_refused_also_where_they_are_empty() {
    for cell in ["x;", ";"] {
        let text = format!("Nombre;Celular\nAna;3001234567;{}\n", cell.repeat(1_000_000));
        assert!(matches!(read(text.as_bytes()), Err(ImportError::TooWide { row: 2 })));
    }
}

#[test]
fn the_widest_sheet_of_excel_is_read() {
    let text = format!("Nombre;Celular{}\nAna;3001234567\n", ";x".repeat(16_382));
    assert_eq!(Layout::of(&read(text.as_bytes()).unwrap().rows).unwrap().columns.len(), 16_384);
}

#[test]
fn a_quotation_mark_that_swallows_a_large_file_is_found_in_its_row() {
    let mut text = "Nombre;Celular;Saldo\n".to_owned();
    for row in 2..100_000 {
        let mark = if row == 50_000 { "\"" } else { "" };
        text.push_str(&format!("{mark}Persona {row};{};10\n", 3_001_000_000_u64 + row));
    }
    let error = read(text.as_bytes()).unwrap_err();
    assert!(matches!(error, ImportError::Quotes { row: 50_000 }), "{error}");
}

#[test]
fn megabytes_without_a_value_are_an_empty_file() {
    for blank in [";", "\n", ";\n", " \t;\n", "\0\n", "\"\";\n"] {
        let error = read(blank.repeat(2 << 20).as_bytes()).unwrap_err();
        let clear = matches!(error, ImportError::Empty | ImportError::Unsupported | ImportError::TooWide { row: 1 });
        assert!(clear, "{blank:?}: {error}");
    }
}

/// How many letters the cell of [`bomb`] has.
const LETTERS: u64 = 2 << 30;

/// A workbook of some 14 MB with one cell of 2 GiB. Its sheet is compressed by hand: deflate (RFC 1951) writes 258 letters like the last
/// one in 13 bits, so that 8 times as many repeat themselves after 13 bytes.
fn bomb(file: &Path) -> std::io::Result<()> {
    let head = br#"<worksheet><sheetData><row><c t="inlineStr"><is><t>x"#;
    let mut deflated = Vec::new();
    // A block that is not the last and not compressed, with the beginning; then one in the fixed code.
    deflated.push(0);
    let length = u16::try_from(head.len()).unwrap();
    deflated.extend(length.to_le_bytes());
    deflated.extend((!length).to_le_bytes());
    deflated.extend(head);
    let mut bits = Bits::default();
    bits.put(0b1, 1);
    bits.put(0b01, 2);
    let runs = LETTERS / 258;
    for _ in 0..runs {
        // The length 258, its code from the left, then the distance 1.
        bits.put(0b1010_0011, 8);
        bits.put(0, 5);
    }
    bits.put(0, 7);
    deflated.extend(bits.finish());
    archive(file, &deflated, head.len() as u64 + runs * 258)
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    /// Adds bits, the lowest first.
    fn put(&mut self, bits: u64, count: u32) {
        self.pending |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.put(0, 7);
        self.bytes
    }
}

/// A workbook whose only sheet is `deflated` already: the parts are written as they are, and the sheet's header says what it is.
fn archive(file: &Path, deflated: &[u8], size: u64) -> std::io::Result<()> {
    let rel = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/"#;
    let parts = [
        ("[Content_Types].xml", r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#.to_owned()),
        ("_rels/.rels", format!(r#"{rel}officeDocument" Target="xl/workbook.xml"/></Relationships>"#)),
        ("xl/_rels/workbook.xml.rels", format!(r#"{rel}worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#)),
        ("xl/workbook.xml", r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#.to_owned()),
    ];
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = zip::ZipWriter::new(std::fs::File::create(file)?);
    for (name, text) in &parts {
        archive.start_file(*name, stored)?;
        archive.write_all(text.as_bytes())?;
    }
    archive.start_file("xl/worksheets/sheet1.xml", stored)?;
    archive.write_all(deflated)?;
    archive.finish()?;
    // In both headers of the last part: the method is deflate, and the size is that of the content.
    let mut bytes = std::fs::read(file)?;
    let size = u32::try_from(size).unwrap().to_le_bytes();
    let end = bytes.len() - 2_000;
    for (from, mark, method, plain) in [(0, b"PK\x03\x04", 8, 22), (end, b"PK\x01\x02", 10, 24)] {
        let at = from + bytes[from..from + 2_000].windows(4).rposition(|window| window == mark).unwrap();
        bytes[at + method] = 8;
        bytes[at + plain..at + plain + 4].copy_from_slice(&size);
    }
    std::fs::write(file, bytes)
}

#[test]
fn a_sheet_of_gigabytes_in_a_small_workbook_ends_its_reader_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.xlsx");
    bomb(&file).unwrap();
    assert!(std::fs::metadata(&file).unwrap().len() < 20 << 20);
    let error = import::read(Path::new(env!("CARGO_BIN_EXE_whatsmassive")), &file).unwrap_err();
    assert!(matches!(error, ImportError::ArchiveBomb), "{error}");
}
