//! What became of a spreadsheet's rows.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ImportError;
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

impl Report {
    /// The rows as a CSV file that a spreadsheet opens without running anything: a value that would be a formula gets an apostrophe.
    pub(super) fn csv(&self) -> Result<Vec<u8>, ImportError> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        let written = writer.write_record(["row", "reason", "column", "value"]).and_then(|()| {
            self.rows.iter().try_for_each(|row| {
                let (column, value) =
                    (row.column.as_deref().unwrap_or_default(), row.value.as_deref().unwrap_or_default());
                writer.write_record([
                    row.row.to_string().as_str(),
                    row.reason.as_str(),
                    &harmless(column),
                    &harmless(value),
                ])
            })
        });
        written.map_err(std::io::Error::other)?;
        Ok(writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?)
    }
}

fn harmless(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_would_be_a_formula_is_made_harmless() {
        let row = ReportRow {
            row: 3,
            reason: Reason::PhoneInvalid,
            column: None,
            value: Some("=HYPERLINK(\"x\")".to_owned()),
        };
        let text = String::from_utf8(Report { rows: vec![row], ..Report::default() }.csv().unwrap()).unwrap();
        assert_eq!(text.lines().nth(1).unwrap(), "3,phone_invalid,,\"'=HYPERLINK(\"\"x\"\")\"");
    }
}
