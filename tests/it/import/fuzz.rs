//! Damaged workbooks of every kind: whatever the damage, reading ends soon with rows or with a refusal.

use std::{
    io::{Cursor, Read as _, Write as _},
    path::Path,
};

use proptest::{collection::vec, prelude::*, sample::select};
use whatsmassive::import::{self, ImportError, Layout};

/// The sound workbooks that are damaged.
const SOUND: [&str; 8] = [
    "workbook.xlsx",
    "workbook.xls",
    "workbook.xlsb",
    "workbook.ods",
    "merged-headers.xlsx",
    "formulas.xls",
    "rich-text.xlsx",
    "rows-repeated-to-the-end.ods",
];

/// What a file may have in place of what it should.
const SNIPPETS: [&[u8]; 16] = [
    b"",
    b"\0",
    b"\xFF\xFF\xFF\xFF",
    b"\x7F\xFF\xFF\xFF",
    b"\x00\x00\x00\x80",
    b"<",
    b"</row>",
    b"&lt",
    b"<c r=\"ZZZZZZZ99999999999\"><v>1</v></c>",
    b"<v>1e308</v>",
    b"<v>NaN</v>",
    b" t=\"s\"",
    b"<v>-1</v>",
    b"table:number-rows-repeated=\"99999999999\"",
    b"\"999999999\"",
    b"\xC3\x28",
];

/// Puts snippets in place of some bytes.
fn damage(mut bytes: Vec<u8>, wounds: &[(f64, usize, &[u8])]) -> Vec<u8> {
    for (at, length, snippet) in wounds {
        let at = (bytes.len() as f64 * at) as usize;
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, snippet.iter().copied());
    }
    bytes
}

/// The same archive with one of its files damaged, which its checksums do not tell; none if it is no archive.
fn damage_inside(bytes: &[u8], which: f64, wounds: &[(f64, usize, &[u8])]) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut damaged = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let which = (archive.len() as f64 * which) as usize;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut content) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut content).unwrap();
        damaged.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        let content = if index == which { damage(content, wounds) } else { content };
        damaged.write_all(&content).unwrap();
    }
    Some(damaged.finish().unwrap().into_inner())
}

proptest! {
    // Each case starts a process: a few, unless the environment asks for more.
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 16, ..ProptestConfig::with_cases(25) })]

    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        name in select(SOUND.to_vec()),
        inside in prop::option::weighted(0.8, 0.0..1.0_f64),
        wounds in vec((0.0..1.0_f64, 0..40_usize, select(SNIPPETS.to_vec())), 1..4),
    ) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports");
        let sound = std::fs::read(folder.join(name)).unwrap();
        let bytes = inside.and_then(|which| damage_inside(&sound, which, &wounds)).unwrap_or_else(|| damage(sound, &wounds));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        match import::read(Path::new(env!("CARGO_BIN_EXE_whatsmassive")), file.path()) {
            Ok(sheet) => {
                prop_assert!(sheet.rows.iter().all(|row| !row.is_blank()));
                let _layout = Layout::of(&sheet.rows);
            }
            Err(error) => prop_assert!(is_refusal(&error), "{:?}", error),
        }
    }
}

/// Whether it is the file that is to blame.
fn is_refusal(error: &ImportError) -> bool {
    use ImportError::{ArchiveBomb, CellTooLong, Empty, Protected, Quotes, TooWide, Unsupported};
    matches!(error, Unsupported | Protected | Empty | ArchiveBomb | Quotes { .. } | TooWide { .. } | CellTooLong { .. })
}
