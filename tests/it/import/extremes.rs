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
