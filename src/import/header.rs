//! Finds the header among title rows, and what each column holds, by its name or else by its values.

use std::collections::BTreeMap;

use super::{
    Column, Detected, Field, ImportError, meaning,
    names::{FURTHER, NAMES, is_second, is_surname, is_whole_name, rank},
    report_texts,
    sheet::Row,
    shown::{self, looks_like_phone, may_be_phone, most, values},
};

/// Titles and merged rows above a header are at most this many.
const SEARCHED_ROWS: usize = 20;
/// How many rows tell what a column holds.
pub(super) const SAMPLED_ROWS: usize = 200;
/// All that is looked at to find the header, which may be one of two rows, and the columns.
pub(super) const TELLING_ROWS: usize = SEARCHED_ROWS + 1 + SAMPLED_ROWS;

/// Where the rows of debtors begin, and the columns.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The header's place among the rows; none where the first row is a debtor already.
    pub header: Option<usize>,
    pub columns: Vec<Column>,
    pub detected: Detected,
}

impl Layout {
    /// What a sheet of debtors holds, by its first rows.
    ///
    /// # Errors
    ///
    /// [`ImportError::Empty`] where no row follows the header.
    pub fn of(rows: &[Row]) -> Result<Self, ImportError> {
        let layout = find(rows);
        if layout.body(rows).is_empty() { Err(ImportError::Empty) } else { Ok(layout) }
    }

    /// Whether some column seems to hold phones.
    pub fn has_phones(&self) -> bool {
        self.columns.iter().any(|column| column.detected == Some(Field::Phone))
    }

    /// The number of the header's row, from 1 as in the sheet; 0 where there is none.
    pub fn header_row(&self, rows: &[Row]) -> u64 {
        self.header.map_or(0, |header| rows[header].number)
    }

    /// The columns' headers, by their place from 0.
    pub fn headers(&self) -> BTreeMap<usize, String> {
        self.columns.iter().map(|column| (column.index, column.header.clone())).collect()
    }

    /// The rows below the header.
    pub fn body<'rows>(&self, rows: &'rows [Row]) -> &'rows [Row] {
        &rows[self.header.map_or(0, |header| header + 1)..]
    }
}

/// Finds the header and its columns.
pub(super) fn find(rows: &[Row]) -> Layout {
    let header = header_row(rows).map(|at| lower_row(rows, at));
    let names = header.map(|at| header_names(rows, at));
    let body = &rows[header.map_or(0, |header| header + 1)..];
    let named = names.as_ref().map_or(0, Vec::len);
    let width = body.iter().take(SAMPLED_ROWS).map(|row| row.cells.len()).chain([named]).max().unwrap_or(0);
    let name = |index: usize| names.as_ref().and_then(|names| names.get(index)).filter(|name| !name.is_empty());
    let mut columns: Vec<Column> = (0..width)
        .map(|index| Column {
            index,
            header: name(index).cloned().unwrap_or_else(|| letters(index)),
            samples: values(body, index).take(3).map(str::to_owned).collect(),
            detected: None,
            confidence: 0,
        })
        .filter(|column| name(column.index).is_some() || !column.samples.is_empty())
        .collect();
    detect(&mut columns, body);
    for column in &mut columns {
        column.confidence = column.detected.map_or(0, |field| meaning::confidence(column, field));
    }
    let detected = shown::settings(&columns, body);
    Layout { header, columns, detected }
}

/// Tells what each column holds, each field of one column at the most. A column that is called a phone's has to hold phones, unless
/// there is no other that does.
fn detect(columns: &mut [Column], body: &[Row]) {
    for column in columns.iter_mut().filter(|column| report_texts::is_ours(&column.header)) {
        column.detected = Some(Field::Ignore);
    }
    let phones = |column: &Column| most(body, column.index, looks_like_phone);
    // Where a column is called a phone's, the shorter numbers of several countries can hardly be anything else.
    let called_phones = |column: &Column| most(body, column.index, may_be_phone);
    give(columns, Field::Phone, &phones);
    if place(columns, Field::Phone).is_none() {
        give(columns, Field::Phone, &called_phones);
    }
    second_phone(columns, &|column| values(body, column.index).next().is_none() || called_phones(column));
    let others = FURTHER.iter().chain(NAMES).filter(|(field, _)| !matches!(field, Field::Phone | Field::Surname));
    for (field, _) in others {
        give(columns, *field, &|_| true);
    }
    company_or_name(columns);
    surnames(columns);
    if place(columns, Field::Phone).is_none() {
        give(columns, Field::Phone, &|_| true);
    }
    if place(columns, Field::Phone).is_none()
        && let Some(at) = columns.iter().position(|column| column.detected.is_none() && phones(column))
    {
        columns[at].detected = Some(Field::Phone);
        second_phone(columns, &phones);
    }
}

fn place(columns: &[Column], field: Field) -> Option<usize> {
    columns.iter().position(|column| column.detected == Some(field))
}

/// Gives a field to the free column whose name matches it best and that fits; a phone to a second one last, and a name to a surname.
fn give(columns: &mut [Column], field: Field, fits: &dyn Fn(&Column) -> bool) {
    let free = columns.iter().enumerate().filter(|(_, column)| column.detected.is_none() && fits(column));
    let last = |header: &str| match field {
        Field::Phone => is_second(header),
        Field::Name => is_surname(header),
        _ => false,
    };
    let best = free.filter_map(|(at, column)| Some((last(&column.header), rank(&column.header, field)?, at))).min();
    if let Some((_, _, at)) = best {
        columns[at].detected = Some(field);
    }
}

/// Beside the first phone, the column that is called a second one's, or else another that is called a phone's.
fn second_phone(columns: &mut [Column], fits: &dyn Fn(&Column) -> bool) {
    if place(columns, Field::Phone).is_none() {
        return;
    }
    let free = columns.iter().enumerate().filter(|(_, column)| column.detected.is_none() && fits(column));
    let best = free
        .filter_map(|(at, column)| Some((!is_second(&column.header), rank(&column.header, Field::Phone)?, at)))
        .min();
    if let Some((_, _, at)) = best {
        columns[at].detected = Some(Field::SecondPhone);
    }
}

/// "Nombre de la empresa" is the debtor's name where no other column is.
fn company_or_name(columns: &mut [Column]) {
    if place(columns, Field::Name).is_none()
        && let Some(at) = place(columns, Field::Company)
        && rank(&columns[at].header, Field::Name).is_some()
    {
        columns[at].detected = Some(Field::Name);
    }
}

/// Beside a name that is not whole, all columns of surnames: "Apellido paterno" and "Apellido materno" are two.
fn surnames(columns: &mut [Column]) {
    let Some(name) = place(columns, Field::Name).filter(|name| !is_whole_name(&columns[*name].header)) else { return };
    for (at, column) in columns.iter_mut().enumerate() {
        if at != name && column.detected.is_none() && is_surname(&column.header) {
            column.detected = Some(Field::Surname);
        }
    }
}

/// The lower row of a header of two, as merged cells leave it: it stands below, names a field, and has a cell where the upper is blank.
fn lower_row(rows: &[Row], upper: usize) -> usize {
    let (above, Some(below)) = (&rows[upper], rows.get(upper + 1)) else { return upper };
    let texts = || below.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank());
    let names = texts().any(|(_, cell)| NAMES.iter().any(|(field, _)| rank(cell.as_str(), *field).is_some()));
    let fills = texts().any(|(at, _)| above.cell(at).is_empty());
    let is_data =
        texts().any(|(at, cell)| below.is_number(at) || cell.as_str().bytes().any(|byte| byte.is_ascii_digit()));
    if below.number == above.number + 1 && names && fills && !is_data { upper + 1 } else { upper }
}

/// The names in a header, those missing from the row above, from where cells are merged downwards.
fn header_names(rows: &[Row], at: usize) -> Vec<String> {
    let header = &rows[at];
    let filled = |row: &&Row| row.cells.iter().filter(|cell| !cell.is_blank()).count() > 1;
    let above =
        at.checked_sub(1).map(|above| &rows[above]).filter(|row| row.number + 1 == header.number).filter(filled);
    let width = above.map_or(0, |row| row.cells.len()).max(header.cells.len());
    let name = |index| match header.cell(index) {
        "" => above.map_or("", |row| row.cell(index)),
        name => name,
    };
    (0..width).map(|index| name(index).to_owned()).collect()
}

/// The row among the first that names most fields; the first one with two values where none names any. None if that row holds what may
/// be a phone number, or anything else of eight digits, for then it is a debtor and not a header.
fn header_row(rows: &[Row]) -> Option<usize> {
    let named = |row: &Row| {
        let named = |field| row.cells.iter().any(|cell| rank(cell.as_str(), field).is_some());
        NAMES.iter().filter(|(field, _)| named(*field)).count()
    };
    let best = rows.iter().take(SEARCHED_ROWS).enumerate().map(|(at, row)| (named(row), std::cmp::Reverse(at))).max();
    let (count, std::cmp::Reverse(best)) = best?;
    if count >= 2 {
        return Some(best);
    }
    let wide = |row: &Row| row.cells.iter().filter(|cell| !cell.is_blank()).count() >= 2;
    let at = rows.iter().take(SEARCHED_ROWS).position(wide).unwrap_or(0);
    let debtor = rows[at].cells.iter().any(|cell| may_be_phone(cell.as_str()));
    // Above that debtor may stand a header of one name, or none.
    if debtor { (count == 1 && best < at).then_some(best) } else { Some(at) }
}

/// What spreadsheet programs call a column: A, B, …, Z, AA.
fn letters(index: usize) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    if index < 26 { letter.to_string() } else { format!("{}{letter}", letters(index / 26 - 1)) }
}

/// Keeps a field as its text in the stored summary.
pub(super) mod field_text {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Field;

    pub fn serialize<S: Serializer>(field: &Option<Field>, serializer: S) -> Result<S::Ok, S::Error> {
        field.map(Field::as_str).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Field>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Cell;

    fn sheet(rows: &[&[&str]]) -> Vec<Row> {
        let row = |(number, cells): (u64, &&[&str])| Row {
            number,
            cells: cells.iter().map(|cell| Cell::text(cell)).collect(),
        };
        (1..).zip(rows).map(row).collect()
    }

    fn fields(rows: &[&[&str]]) -> Vec<Option<Field>> {
        find(&sheet(rows)).columns.into_iter().map(|column| column.detected).collect()
    }

    #[test]
    fn headers_are_understood_in_three_languages() {
        use Field::{Amount, DueDate, Name, Phone, Reference, Tags};
        let expected = [Some(Name), Some(Phone), Some(Amount), Some(DueDate), Some(Reference), Some(Tags)];
        let value: &[&str] = &["Ana", "3001234567", "10", "2026-01-31", "A1", "vip"];
        for header in [
            [
                "Nombre del Cliente",
                "TELÉFONO CELULAR",
                "Saldo Total",
                "Fecha de vencimiento",
                "N° de crédito",
                "Etiqueta",
            ],
            ["Nome", "Celular", "Valor da dívida", "Vencimento", "CPF", "Grupo"],
            ["Name", "Phone", "Amount", "Due date", "Loan", "Tags"],
        ] {
            assert_eq!(fields(&[&header, value]), expected, "{header:?}");
        }
    }

    #[test]
    fn titles_above_the_header_are_skipped() {
        let rows: &[&[&str]] = &[
            &["Cartera vencida — noviembre 2026"],
            &["Banco Ejemplo", "", ""],
            &["Nombre", "Celular", "Saldo"],
            &["Ana", "3001234567", "10"],
        ];
        assert_eq!(find(&sheet(rows)).header, Some(2));
    }

    #[test]
    fn a_first_row_with_a_phone_is_a_debtor_and_not_a_header() {
        let rows: &[&[&str]] = &[&["Ana", "+57 300 123 4567", "1.500"], &["Luis", "3009876543", "2.000"]];
        let layout = find(&sheet(rows));
        assert_eq!(layout.header, None);
        let headers: Vec<&str> = layout.columns.iter().map(|column| column.header.as_str()).collect();
        assert_eq!(headers, ["A", "B", "C"]);
        assert_eq!(layout.columns[1].detected, Some(Field::Phone));
        assert_eq!(layout.columns[0].samples, ["Ana", "Luis"]);
        assert_eq!(layout.detected.country.as_deref(), Some("CO"));
        assert_eq!((letters(25), letters(26), letters(701)), ("Z".to_owned(), "AA".to_owned(), "ZZ".to_owned()));
    }

    #[test]
    fn a_column_of_phones_is_found_by_its_values() {
        let rows: &[&[&str]] = &[&["A", "B"], &["Ana", "+57 300 123 4567"], &["Luis", "3009876543"]];
        assert_eq!(fields(rows), [None, Some(Field::Phone)]);
    }

    #[test]
    fn further_columns_are_understood_in_three_languages() {
        use Field::{Company, Country, Language, Name, Phone, SecondPhone, TimeZone};
        let expected = [Name, Phone, SecondPhone, Company, Language, TimeZone, Country].map(Some);
        let value: &[&str] = &["Ana", "3001234567", "6012345678", "Banco Ejemplo", "es-CO", "America/Bogota", "CO"];
        for header in [
            ["Nombre", "Celular", "Teléfono 2", "Empresa", "Idioma", "Zona horaria", "País"],
            ["Cliente", "Teléfono", "Teléfono referencia", "Acreedor", "Idioma de contacto", "Huso horario", "Pais"],
            ["Nome", "Celular", "Telefone residencial", "Credor", "Língua", "Fuso horário", "País"],
            ["Customer", "Phone", "Other phone", "Company name", "Language", "Time zone", "Country"],
        ] {
            assert_eq!(fields(&[&header, value]), expected, "{header:?}");
        }
    }

    #[test]
    fn the_second_of_two_phones_is_not_the_first() {
        use Field::{Name, Phone, SecondPhone};
        let value: &[&str] = &["3007654321", "3001234567", "Ana"];
        for header in [["Teléfono 2", "Teléfono 1", "Nombre"], ["Tel. casa", "Teléfono", "Nombre"]] {
            assert_eq!(fields(&[&header, value]), [SecondPhone, Phone, Name].map(Some), "{header:?}");
        }
        let alone: &[&str] = &["Teléfono 2", "Nombre"];
        assert_eq!(fields(&[alone, &["3007654321", "Ana"]]), [Phone, Name].map(Some));
        let digits: &[&str] = &["Celular", "Teléfono 2", "Nombre"];
        assert_eq!(fields(&[digits, &["3007654321", "no tiene", "Ana"]]), [Some(Phone), None, Some(Name)]);
    }

    #[test]
    fn names_are_found_in_full_or_with_their_surnames() {
        use Field::{Name, Phone, Surname};
        let of = |header: &[&str]| {
            let values: Vec<&str> =
                header.iter().map(|name| if *name == "Celular" { "3001234567" } else { "Ana" }).collect();
            fields(&[header, &values])
        };
        for whole in [
            "Nombres y apellidos",
            "Apellidos y nombres",
            "Nombres y Apellidos del cliente",
            "Nome e sobrenome",
            "Nombres",
            "Apellidos",
            "First name",
            "Full name",
        ] {
            assert_eq!(of(&[whole, "Celular"]), [Name, Phone].map(Some), "{whole}");
        }
        for (name, surname) in [
            ("Nombres", "Apellidos"),
            ("Nombre", "Apellido"),
            ("Primer nombre", "Primer apellido"),
            ("Nome", "Sobrenome"),
            ("First name", "Last name"),
            ("Cliente", "Apellidos del cliente"),
        ] {
            assert_eq!(of(&[surname, name, "Celular"]), [Surname, Name, Phone].map(Some), "{name}, {surname}");
        }
        let two = of(&["Celular", "Apellido materno", "Apellido paterno", "Nombre"]);
        assert_eq!(two, [Phone, Surname, Surname, Name].map(Some));
        assert_eq!(of(&["Nombre completo", "Apellidos", "Celular"]), [Some(Name), None, Some(Phone)]);
        assert_eq!(of(&["Nombre", "Apellido de la madre", "Celular"]), [Some(Name), None, Some(Phone)]);
    }

    #[test]
    fn eight_digits_are_phones_where_a_column_says_so() {
        use Field::{Name, Phone, Reference, SecondPhone};
        let header: &[&str] = &["Nombre", "Documento", "Celular", "Teléfono 2"];
        let row: &[&str] = &["Ana", "12345678", "8312 3456", "70123456"];
        assert_eq!(fields(&[header, row]), [Name, Reference, Phone, SecondPhone].map(Some));
        let nameless: &[&str] = &["Campo1", "Campo2"];
        assert_eq!(fields(&[nameless, &["Ana", "83123456"]]), [None, None]);
        let layout = find(&sheet(&[&["Ana", "83123456"], &["Luis", "83123457"]]));
        assert_eq!(layout.header, None, "nobody is lost as a header");
    }

    #[test]
    fn a_company_is_a_debtor_where_nobody_else_is() {
        use Field::{Company, Name, Phone};
        let of = |header: &[&str]| fields(&[header, &["Ejemplo SA", "3001234567", "Ana"]]);
        assert_eq!(of(&["Nombre de la empresa", "Celular"])[..2], [Name, Phone].map(Some));
        assert_eq!(of(&["Nombre de la empresa", "Celular", "Cliente"]), [Company, Phone, Name].map(Some));
    }
}
