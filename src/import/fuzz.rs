//! What must hold of every table, however it was written: structured random ones through the text reader and the header finder.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    CommitPlan, DateOrder, Field, ImportError, Layout, Mapping, check,
    names::{FURTHER, NAMES},
    sheet::{Cell, Row, Sheet},
    workbook::tests::{read_all, with_sheet},
};
use crate::domain::{duplicates::Duplicates, money::Decimal, phone_slip::Slip};

fn read(bytes: &[u8]) -> Result<Sheet, ImportError> {
    Sheet::collect(|take| super::csv::read(bytes, take))
}

/// A text file to be.
#[derive(Debug, Clone)]
struct File {
    rows: Vec<Vec<String>>,
    delimiter: u8,
    line_end: &'static str,
    /// Quotes around every value, or where there have to be some.
    quoted: bool,
}

impl File {
    fn text(&self) -> String {
        let style = if self.quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .quote_style(style)
            .terminator(csv::Terminator::Any(b'\n'))
            .flexible(true)
            .from_writer(Vec::new());
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap().replace('\n', self.line_end)
    }

    /// What a person reads.
    fn cells(&self) -> Vec<Vec<String>> {
        let clean =
            |cell: &String| Cell::text(&cell.replace('\n', self.line_end).replace("\r\n", "\n")).as_str().to_owned();
        self.rows.iter().map(|row| trimmed(row.iter().map(clean).collect())).filter(|row| !row.is_empty()).collect()
    }
}

/// Without blank cells at the end.
fn trimmed(mut row: Vec<String>) -> Vec<String> {
    row.truncate(row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
    row
}

fn cells(sheet: &Sheet) -> Vec<Vec<String>> {
    let row = |row: &Row| trimmed(row.cells.iter().map(|cell| cell.as_str().to_owned()).collect());
    sheet.rows.iter().map(row).filter(|row| !row.is_empty()).collect()
}

fn file(cell: &'static str) -> impl Strategy<Value = File> {
    let rows = (2..7_usize).prop_flat_map(move |width| vec(vec(cell, width), 1..12));
    let delimiter = select(vec![b';', b',', b'\t', b'|']);
    (rows, delimiter, select(vec!["\n", "\r\n"]), any::<bool>()).prop_map(|(rows, delimiter, line_end, quoted)| File {
        rows,
        delimiter,
        line_end,
        quoted,
    })
}

/// Words that are neither blank nor parted by what parts columns.
const WORD: &str = "[a-zñÁ-ÿ0-9]{1,8}( [a-z0-9#.]{1,5})?";
/// Anything that may stand in a cell, and a lot of what has a meaning in the file.
const ANYTHING: &str = "([a-zñ😀ع0-9 '=+.-]|\"|;|,|\t|\\||\n|\u{a0}|\u{200f}){0,12}";

fn encoded(text: &str, encoding: usize) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => marked.into_bytes(),
        2 => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        3 => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

/// Rows of a name, a phone and, some of them, an amount.
fn debtors() -> impl Strategy<Value = Vec<String>> {
    let row = (
        "[A-Z][a-z]{2,6}( [A-Z][a-z]{2,6})?",
        3_001_000_000..3_019_999_999_u64,
        prop::option::weighted(0.8, 1..9_999_999_u32),
    );
    let text = |(name, phone, amount): (String, u64, Option<u32>)| {
        format!("{name};{phone}{}", amount.map_or_else(String::new, |amount| format!(";{amount}")))
    };
    (vec(row.prop_map(text), 3..40), any::<bool>()).prop_map(|(rows, whole)| {
        let filled = |row: String| if whole && row.matches(';').count() < 2 { format!("{row};0") } else { row };
        rows.into_iter().map(filled).collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(file in file(ANYTHING)) {
        let text = format!("sep={}\n{}", char::from(file.delimiter), file.text());
        match read(text.as_bytes()) {
            Ok(sheet) => prop_assert_eq!(cells(&sheet), file.cells()),
            // Lines within a cell may look like rows; nothing else may be doubted.
            Err(ImportError::Quotes { .. }) => prop_assert!(file.rows.iter().flatten().any(|cell| cell.contains('\n'))),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn delimiter_and_encoding_are_found(file in file(WORD), encoding in 0..5_usize) {
        let bytes = encoded(&file.text(), encoding);
        // In Windows-1252 ÿþ and þÿ are the bytes that UTF-16 begins with: nobody can tell, and no header begins like that.
        prop_assume!(encoding != 4 || !matches!(bytes.as_slice(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]));
        let sheet = read(&bytes).unwrap();
        prop_assert_eq!(cells(&sheet), file.cells());
        prop_assert_eq!(sheet.source.delimiter, Some(char::from(file.delimiter)));
        let numbers: Vec<u64> = sheet.rows.iter().map(|row| row.number).collect();
        prop_assert_eq!(numbers, (1..=file.rows.len() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn rows_do_not_depend_on_the_pieces_they_come_in(file in file(ANYTHING), loose in "([ab]|\"|;|\n|\r){0,20}", sizes in vec(0..40_usize, 0..12)) {
        let text = format!("{}{loose}", file.text().replace("\r\n", "\n"));
        match (super::csv::in_pieces(&text, &sizes), super::csv::in_pieces(&text, &[])) {
            (Ok(pieces), Ok(whole)) => prop_assert_eq!(pieces, whole, "{:?}", text),
            (Err(pieces), Err(whole)) => prop_assert_eq!(pieces.to_string(), whole.to_string()),
            (pieces, whole) => prop_assert!(false, "{:?} {:?} {:?}", text, pieces, whole),
        }
    }

    #[test]
    fn every_row_is_a_debtor_or_has_a_reason(
        rows in vec(vec(select(vec!["", "Ana", "3001234567", "+57 3001234568", "57573001234569", "12025550123", "(11) 8765-4321", "5,73001E+11", "es", "klingon", "Bogotá", "CST", "CO", "Narnia", "#N/A", "1.500,00", "31/12/2026", "😀", "علي"]), 0..9), 0..12),
        agreed: bool,
    ) {
        let fields = [Field::Name, Field::Phone, Field::SecondPhone, Field::Language, Field::TimeZone, Field::Country, Field::Company, Field::Amount];
        let mapping = fields.into_iter().enumerate().map(|(index, field)| Mapping { index, field, variable: None });
        let plan = CommitPlan {
            mapping: mapping.collect(),
            country: "CO".parse().unwrap(),
            currency: "COP".parse().unwrap(),
            date_order: DateOrder::Dmy,
            decimal: Decimal::Auto,
            tags: [].into(),
            duplicates: Duplicates::all(true),
            ask: false,
            corrections: if agreed { Slip::ALL.iter().copied().collect() } else { [].into() },
        };
        let row = |(number, cells): (u64, &Vec<&str>)| Row { number, cells: cells.iter().map(|cell| Cell::text(cell)).collect() };
        let table: Vec<Row> = (1..).zip(&rows).map(row).collect();
        let checked = check(&table, &[].into(), &plan);
        prop_assert_eq!(checked.debtors.len() + checked.problems.len(), rows.len());
        prop_assert_eq!(checked.rejected + checked.duplicates, checked.problems.len() as u64);
        prop_assert!(checked.problems.iter().all(|problem| !problem.reason.is_warning()));
        prop_assert!(checked.warnings.iter().all(|warning| warning.reason.is_warning()));
        prop_assert!(!agreed || checked.problems.iter().all(|problem| problem.proposal.is_none()));
        let phones: std::collections::BTreeSet<&str> = checked.debtors.iter().map(|debtor| debtor.phone.as_str()).collect();
        prop_assert_eq!(phones.len(), checked.debtors.len());
    }

    #[test]
    fn a_stray_quotation_mark_swallows_no_row(rows in debtors(), at in 0.0..1.0_f64, field in 0..2_usize, second in 0.0..1.0_f64, two: bool) {
        // Where rows end early, a phone and the next row's name between two marks are a value of two lines like any other.
        let two = two && rows.iter().all(|row| row.matches(';').count() == 2);
        let mut lines = rows.clone();
        let line = (rows.len() as f64 * at) as usize;
        let cells: Vec<&str> = rows[line].split(';').collect();
        let before: usize = cells[..field].iter().map(|cell| cell.len() + 1).sum();
        lines[line].insert(before, '"');
        let mut text = format!("Nombre;Celular;Saldo\n{}\n", lines.join("\n"));
        if two {
            text.insert((text.len() as f64 * second) as usize, '"');
        }
        match read(text.as_bytes()) {
            Ok(sheet) => prop_assert_eq!(sheet.rows.len(), rows.len() + 1, "{}", text),
            Err(error) => prop_assert!(matches!(error, ImportError::Quotes { .. }), "{}", error),
        }
    }

    #[test]
    fn no_bytes_panic(parts in vec(select(vec![&b"a"[..], b"\"", b"\"\"", b";", b",", b"\t", b"|", b"\r", b"\n", b"\0", b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF", b"\xC3\xB1", b"\xF1", b"\xF0\x9F\x98\x80", b"sep=", b"300", b"1.5E+9"]), 0..60)) {
        if let Ok(sheet) = read(&parts.concat()) {
            prop_assert!(sheet.rows.windows(2).all(|rows| rows[0].number < rows[1].number), "{:?}", sheet);
            let _layout = Layout::of(&sheet.rows);
        }
    }
}

/// The names that have to be a whole header have a mark.
fn plain(name: &str) -> String {
    name.trim_start_matches('=').to_owned()
}

/// A header for each field that people know, in one of the many ways to write it, and values for it.
fn columns() -> impl Strategy<Value = Vec<(Option<Field>, String)>> {
    let known = |(field, names): &(Field, &'static [&'static str])| {
        let field = *field;
        (select(names.to_vec()), 0..4_usize).prop_map(move |(name, style)| (Some(field), written(&plain(name), style)))
    };
    // Beside a surname, what else is called a name decides which of the two it is: `header` has tests of that.
    let fields = NAMES.iter().chain(FURTHER).filter(|(field, _)| *field != Field::Surname);
    let known: Vec<_> = fields.map(known).collect();
    let unknown = Just(vec![(None, "Ciudad".to_owned()), (None, "Correo".to_owned())]);
    (known, unknown).prop_map(|(known, unknown)| [known, unknown].concat()).prop_shuffle()
}

fn written(name: &str, style: usize) -> String {
    match style {
        0 => name.to_owned(),
        1 => name.to_uppercase(),
        2 => format!("  {}: ", name.replace(' ', "_")),
        _ => name.replace('o', "ó").replace('e', "é"),
    }
}

fn value(field: Option<Field>, row: u64) -> String {
    match field {
        Some(Field::Phone) => format!("+57 {}", 3_001_000_000 + row),
        Some(Field::DueDate) => format!("31/{:02}/2026", [1, 3, 5, 7, 8][row as usize % 5]),
        Some(Field::Amount) => format!("{row}.500,00"),
        Some(Field::Currency) => "COP".to_owned(),
        Some(Field::Reference) => format!("CR-{row}"),
        Some(Field::Tags) => "mora".to_owned(),
        Some(Field::Language) => "es-CO".to_owned(),
        Some(Field::TimeZone) => "America/Bogota".to_owned(),
        Some(Field::Country) => "Colombia".to_owned(),
        _ => format!("Persona {}", char::from(b'A' + (row % 26) as u8)),
    }
}

proptest! {
    #[test]
    fn a_header_is_found_below_titles_in_any_order_and_writing(columns in columns(), titles in vec("[A-Z][a-z]{3,9} [a-z]{3,9}", 0..4), rows in 1..6_u64) {
        let cells = |texts: Vec<String>| texts.iter().map(|text| Cell::text(text)).collect::<Vec<_>>();
        let mut table: Vec<Row> = Vec::new();
        let mut put = |texts| table.push(Row { number: table.len() as u64 + 1, cells: cells(texts) });
        titles.iter().for_each(|title| put(vec![title.clone()]));
        put(columns.iter().map(|(_, header)| header.clone()).collect());
        (1..=rows).for_each(|row| put(columns.iter().map(|(field, _)| value(*field, row)).collect()));
        let layout = Layout::of(&table).unwrap();
        prop_assert_eq!(layout.header, Some(titles.len()));
        let detected: Vec<Option<Field>> = layout.columns.iter().map(|column| column.detected).collect();
        let expected: Vec<Option<Field>> = columns.iter().map(|(field, _)| *field).collect();
        prop_assert_eq!(detected, expected);
    }

    #[test]
    fn no_table_makes_the_header_finder_panic(rows in vec(vec(select(vec!["", "Nombre", "Celular", "Teléfono 2", "Empresa", "País", "Idioma", "Fila original", "Saldo", "Fecha", "3001234567", "+573001234567", "31/12/2026", "1.500", "Título", "#N/A", "😀"]), 0..5), 0..8)) {
        let row = |(number, cells): (u64, &Vec<&str>)| Row { number, cells: cells.iter().map(|cell| Cell::text(cell)).collect() };
        let table: Vec<Row> = (1..).zip(&rows).map(row).collect();
        if let Ok(layout) = Layout::of(&table) {
            let body = layout.body(&table).len();
            prop_assert!(body > 0 && body + layout.header.map_or(0, |header| header + 1) == rows.len(), "no row is lost");
            let known = |field: &Field| *field != Field::Ignore;
            let fields: Vec<Field> = layout.columns.iter().filter_map(|column| column.detected).filter(known).collect();
            prop_assert!(fields.iter().all(|field| fields.iter().filter(|other| *other == field).count() == 1), "{:?}", fields);
        }
    }
}

/// A cell of a workbook's sheet in the many ways to write one, of which some are damaged.
fn sheet_cell() -> impl Strategy<Value = String> {
    let kinds = ["", " t=\"s\"", " t=\"str\"", " t=\"inlineStr\"", " t=\"n\"", " t=\"b\"", " t=\"e\"", " t=\"d\""];
    let styles = ["", " s=\"0\"", " s=\"1\"", " s='2'", " s=\"99\""];
    let values = [
        "0",
        "1",
        "7",
        "012",
        "3001234567",
        "12345678901234567890",
        "-1.5",
        "1e5",
        "45000.25",
        ".5",
        "inf",
        " 1",
        "#N/A",
        "",
        "Ana &amp; Co",
        "a&#10;b",
        "_x000D_",
        "'x",
        " ñ ",
        "2026-01-31T00:00:00",
        "true",
    ];
    let around = [
        ("<v>", "</v>"),
        ("<f>A1</f><v>", "</v>"),
        ("<f/><v>", "</v>"),
        ("<v >", "</v>"),
        ("<is><t>", "</t></is>"),
        ("<is><t xml:space=\"preserve\">", "</t></is>"),
        ("<is><r><rPr><b/></rPr><t>", " </t></r><r><t> x</t></r></is>"),
        ("<is><t>a</t><rPh sb=\"0\"><t>", "</t></rPh></is>"),
        ("<v>1</v><is><t>", "</t></is>"),
        ("<!-- ", " -->"),
        ("<v><![CDATA[", "]]></v>"),
        ("<v>", ""),
    ];
    let chosen = (0..5_u32, prop::option::weighted(0.7, 0..6_u32), select(kinds.to_vec()), select(styles.to_vec()));
    (chosen, select(values.to_vec()), select(around.to_vec())).prop_map(
        |((row, column, kind, style), value, (before, after))| {
            let column = column.map(|column| char::from(b'A' + column as u8));
            let place = column.map_or_else(String::new, |column| format!(" r=\"{column}ROW\""));
            let place = if row == 0 { place.to_lowercase() } else { place };
            format!("<c{place}{style}{kind}>{before}{value}{after}</c>")
        },
    )
}

proptest! {
    #[test]
    fn a_sheet_reads_in_the_quick_way_as_in_full(rows in vec((prop::option::weighted(0.9, 0..3_u32), vec(sheet_cell(), 0..4)), 0..6)) {
        let (mut xml, mut number) = ("<?xml version=\"1.0\"?><worksheet><dimension ref=\"A1\"/><sheetData>".to_owned(), 0);
        for (step, cells) in &rows {
            number += step.unwrap_or(1);
            let place = step.map_or_else(String::new, |_| format!(" r=\"{number}\""));
            xml.push_str(&format!("<row{place}>{}</row>", cells.concat().replace("ROW", &number.to_string())));
        }
        let bytes = with_sheet(&(xml + "</sheetData></worksheet>"));
        match (read_all(&bytes, false), read_all(&bytes, true)) {
            (Ok(quick), Ok(full)) => prop_assert_eq!(quick, full),
            (quick, Err(_)) => prop_assert!(quick.is_err()),
            (Err(error), Ok(_)) => prop_assert!(false, "{}", error),
        }
    }
}
