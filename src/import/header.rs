//! Finds the header among title rows, and what each column holds, by its name or else by its values.

use super::{
    Column, DateOrder, Detected, Field,
    sheet::{Row, Sheet},
    validate::date_parts,
};
use crate::domain::{phone::Phone, text::words};

/// Titles and merged rows above a header are at most this many.
const SEARCHED_ROWS: usize = 20;
/// How many rows tell what a column holds.
const SAMPLED_ROWS: usize = 200;

/// What people call each field, folded, in Spanish, Portuguese and English. A header matches a whole name, or one of its words does.
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Phone,
        &[
            "telefono",
            "telefone",
            "phone",
            "celular",
            "movil",
            "whatsapp",
            "whats",
            "fone",
            "cel",
            "tel",
            "mobile",
            "numero de contacto",
            "telemovel",
            "contacto",
            "contato",
            "phone number",
            "cell",
        ],
    ),
    (
        Field::DueDate,
        &[
            "vencimiento",
            "vencimento",
            "due date",
            "due",
            "fecha de pago",
            "fecha limite",
            "fecha",
            "data",
            "vence",
            "date",
        ],
    ),
    (
        Field::Amount,
        &[
            "saldo", "monto", "valor", "deuda", "amount", "importe", "balance", "total", "debt", "divida", "montante",
            "cuota", "adeudo",
        ],
    ),
    (Field::Currency, &["moneda", "moeda", "currency", "divisa"]),
    (
        Field::Reference,
        &[
            "referencia",
            "reference",
            "credito",
            "obligacion",
            "contrato",
            "factura",
            "fatura",
            "cedula",
            "documento",
            "cpf",
            "dni",
            "rut",
            "loan",
            "account",
            "cuenta",
            "conta",
            "prestamo",
            "emprestimo",
            "invoice",
            "nit",
            "id",
            "ref",
        ],
    ),
    (Field::Tags, &["etiqueta", "etiquetas", "tag", "tags", "grupo", "segmento", "group", "cartera", "carteira"]),
    (
        Field::Name,
        &[
            "nombre",
            "nome",
            "name",
            "cliente",
            "deudor",
            "devedor",
            "titular",
            "debtor",
            "customer",
            "apellido",
            "razon social",
        ],
    ),
];

/// Where the rows of debtors begin, and the columns.
pub(super) struct Layout {
    /// The header's place in `sheet.rows`; none where the first row is a debtor already.
    pub header: Option<usize>,
    pub columns: Vec<Column>,
    pub detected: Detected,
}

impl Layout {
    /// The rows below the header.
    pub fn body<'sheet>(&self, sheet: &'sheet Sheet) -> &'sheet [Row] {
        &sheet.rows[self.header.map_or(0, |header| header + 1)..]
    }
}

/// Finds the header and its columns.
pub(super) fn find(sheet: &Sheet) -> Layout {
    let header = header_row(&sheet.rows);
    let lettered = Row::default();
    let head = header.map_or(&lettered, |header| &sheet.rows[header]);
    let body = &sheet.rows[header.map_or(0, |header| header + 1)..];
    let width = body.iter().take(SAMPLED_ROWS).map(|row| row.cells.len()).chain([head.cells.len()]).max().unwrap_or(0);
    let mut columns: Vec<Column> = (0..width)
        .map(|index| Column {
            index,
            header: if header.is_some() { head.cell(index).to_owned() } else { letters(index) },
            samples: values(body, index).take(3).map(str::to_owned).collect(),
            detected: None,
        })
        .filter(|column| !(column.header.is_empty() && column.samples.is_empty()))
        .collect();
    for (field, names) in NAMES {
        let best = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.detected.is_none())
            .filter_map(|(at, column)| Some((rank(&column.header, names)?, at)))
            .min();
        if let Some((_, at)) = best {
            columns[at].detected = Some(*field);
        }
    }
    if !columns.iter().any(|column| column.detected == Some(Field::Phone)) {
        let phones = columns.iter().position(|column| column.detected.is_none() && holds_phones(body, column.index));
        if let Some(at) = phones {
            columns[at].detected = Some(Field::Phone);
        }
    }
    let detected = Detected {
        country: country(&columns, body),
        currency: currency(&columns),
        date_order: date_order(&columns, body),
    };
    Layout { header, columns, detected }
}

fn values(rows: &[Row], index: usize) -> impl Iterator<Item = &str> {
    rows.iter().take(SAMPLED_ROWS).map(move |row| row.cell(index)).filter(|value| !value.is_empty())
}

/// The row among the first that names most fields; the first one with two values where none names any. None if that row holds a
/// phone number, for then it is a debtor and not a header.
fn header_row(rows: &[Row]) -> Option<usize> {
    let named = |row: &Row| {
        let named = |names: &&[&str]| row.cells.iter().any(|cell| rank(cell.as_str(), names).is_some());
        NAMES.iter().filter(|(_, names)| named(names)).count()
    };
    let best = rows.iter().take(SEARCHED_ROWS).enumerate().map(|(at, row)| (named(row), std::cmp::Reverse(at))).max();
    let (count, std::cmp::Reverse(best)) = best?;
    if count >= 2 {
        return Some(best);
    }
    let wide = |row: &Row| row.cells.iter().filter(|cell| !cell.is_blank()).count() >= 2;
    let at = rows.iter().take(SEARCHED_ROWS).position(wide).unwrap_or(0);
    let debtor = rows[at].cells.iter().any(|cell| looks_like_phone(cell.as_str()));
    // Above that debtor may stand a header of one name, or none.
    if debtor { (count == 1 && best < at).then_some(best) } else { Some(at) }
}

/// What spreadsheet programs call a column: A, B, …, Z, AA.
fn letters(index: usize) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    if index < 26 { letter.to_string() } else { format!("{}{letter}", letters(index / 26 - 1)) }
}

/// How well a header matches; smaller is better. A long text is a title or a value, not a header.
fn rank(header: &str, names: &[&str]) -> Option<usize> {
    let header = words(header);
    if header.is_empty() || header.len() > 40 || header.bytes().any(|byte| byte.is_ascii_digit()) && header.len() > 20 {
        return None;
    }
    let whole = names.iter().position(|name| header == *name);
    let part = || {
        names.iter().position(|name| format!(" {header} ").contains(&format!(" {name} "))).map(|at| at + names.len())
    };
    whole.or_else(part)
}

/// Whether most of a column's values look like phone numbers.
fn holds_phones(rows: &[Row], index: usize) -> bool {
    let (all, phones) = values(rows, index)
        .fold((0, 0), |(all, phones), value| (all + 1, phones + usize::from(looks_like_phone(value))));
    all > 0 && phones * 10 >= all * 6
}

fn looks_like_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let plain = value.chars().all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    // Eight digits may as well be a date, an amount or the number of a contract.
    plain && (9..=15).contains(&digits) && date_parts(value).is_none()
        || Phone::parse(value, None).is_ok() && digits >= 9
}

/// The country that most of the phones written with a country code are from.
fn country(columns: &[Column], rows: &[Row]) -> Option<String> {
    let phones = columns.iter().find(|column| column.detected == Some(Field::Phone))?;
    let mut counts = std::collections::BTreeMap::new();
    for value in values(rows, phones.index).filter(|value| value.starts_with('+') || value.starts_with("00")) {
        if let Some(country) = Phone::parse(value, None).ok().and_then(|phone| phone.country()) {
            *counts.entry(country).or_insert(0) += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(country, _)| country)
}

/// The currency, if the amounts' column names one.
fn currency(columns: &[Column]) -> Option<String> {
    let amounts = columns.iter().find(|column| column.detected == Some(Field::Amount))?;
    let text = format!("{} {}", amounts.header, amounts.samples.join(" ")).to_uppercase();
    let known = [("R$", "BRL"), ("US$", "USD"), ("S/", "PEN"), ("€", "EUR")];
    let codes = ["COP", "MXN", "BRL", "PEN", "CLP", "ARS", "USD", "EUR"];
    let by_symbol = known.iter().find(|(symbol, _)| text.contains(symbol)).map(|(_, code)| *code);
    by_symbol.or_else(|| codes.into_iter().find(|code| text.contains(code))).map(str::to_owned)
}

/// The order of dates, if a value shows it: only a day can be above twelve.
fn date_order(columns: &[Column], rows: &[Row]) -> Option<DateOrder> {
    let dates = columns.iter().find(|column| column.detected == Some(Field::DueDate))?;
    values(rows, dates.index).find_map(|value| match date_parts(value)? {
        [first, _, _] if first > 31 => Some(DateOrder::Ymd),
        [first, second, _] if first > 12 && second <= 12 => Some(DateOrder::Dmy),
        [first, second, _] if second > 12 && first <= 12 => Some(DateOrder::Mdy),
        _ => None,
    })
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

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let row = |(number, cells): (u64, &&[&str])| Row {
            number,
            cells: cells.iter().map(|cell| Cell::text(cell)).collect(),
        };
        Sheet { rows: (1..).zip(rows).map(row).collect(), ..Sheet::default() }
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
    fn dates_show_their_order() {
        let order =
            |date: &str| find(&sheet(&[&["Celular", "Vencimiento"], &["3001234567", date]])).detected.date_order;
        assert_eq!(order("31/12/2026"), Some(DateOrder::Dmy));
        assert_eq!(order("12/31/2026"), Some(DateOrder::Mdy));
        assert_eq!(order("2026-12-31"), Some(DateOrder::Ymd));
        assert_eq!(order("03/04/2026"), None);
    }
}
