//! What became of a spreadsheet's rows.

use std::{collections::BTreeMap, io};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ImportError, sheet::Row};
use crate::domain::text_enum;

text_enum! {
    /// Why a row was not stored as it stands.
    pub enum Reason {
        PhoneMissing = "phone_missing",
        PhoneInvalid = "phone_invalid",
        NameMissing = "name_missing",
        AmountInvalid = "amount_invalid",
        DueDateInvalid = "due_date_invalid",
        CurrencyInvalid = "currency_invalid",
        /// An earlier row of the file has the phone; that one counts.
        DuplicateInFile = "duplicate_in_file",
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A row that was rejected, or is a duplicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// From 1, as in the spreadsheet.
    pub row: u64,
    pub reason: Reason,
    /// The column's header.
    pub column: Option<String>,
    pub value: Option<String>,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub inserted: u64,
    pub updated: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Rows that were rejected or are duplicates.
    pub rows: Vec<ReportRow>,
}

/// The rows that `problems` name, with all their cells as they were, then the row's number, the reason and the column it is about: a
/// CSV file that can be corrected and imported again, and that a spreadsheet program opens without running anything, since a value
/// that would be a formula gets an apostrophe.
pub(super) fn rejected_csv(
    headers: &BTreeMap<usize, String>,
    rows: &[Row],
    problems: &[ReportRow],
) -> Result<Vec<u8>, ImportError> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let head = headers.values().map(|header| harmless(header));
    writer.write_record(head.chain(["row", "reason", "column"].map(str::to_owned))).map_err(io::Error::other)?;
    // Both are in the order of the file.
    let mut rows = rows.iter();
    for problem in problems {
        let Some(row) = rows.find(|row| row.number == problem.row) else { continue };
        let cells = headers.keys().map(|index| harmless(row.cell(*index)));
        let column = harmless(problem.column.as_deref().unwrap_or_default());
        let told = [problem.row.to_string(), problem.reason.as_str().to_owned(), column];
        writer.write_record(cells.chain(told)).map_err(io::Error::other)?;
    }
    Ok(writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?)
}

fn harmless(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Cell;

    #[test]
    fn rejected_rows_are_written_whole_and_no_value_becomes_a_formula() {
        let headers = BTreeMap::from([(0, "Nombre".to_owned()), (2, "Celular".to_owned())]);
        let row = |number, cells: [&str; 3]| Row { number, cells: cells.map(Cell::text).to_vec() };
        let rows =
            [row(2, ["Ana", "", "3001234567"]), row(3, ["Luis", "x", "=HYPERLINK(\"x\")"]), row(5, ["", "", "1"])];
        let problem = |row, reason| ReportRow { row, reason, column: Some("Celular".to_owned()), value: None };
        let problems = [problem(3, Reason::PhoneInvalid), problem(5, Reason::NameMissing)];
        let text = String::from_utf8(rejected_csv(&headers, &rows, &problems).unwrap()).unwrap();
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "\u{feff}Nombre,Celular,row,reason,column",
                "Luis,\"'=HYPERLINK(\"\"x\"\")\",3,phone_invalid,Celular",
                ",1,5,name_missing,Celular",
            ]
        );
    }
}
