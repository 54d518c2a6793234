//! What the database keeps of a preview.

use serde::{Deserialize, Serialize};

use super::{Column, Detected, Format, Import, ImportError, profile::Suggestion, sheet::SheetName, table::Table};
use crate::store::ImportRow;

#[derive(Serialize, Deserialize)]
pub(super) struct Summary {
    pub rows: u64,
    pub columns: Vec<Column>,
    #[serde(default)]
    pub sheet: Option<String>,
    #[serde(default)]
    pub sheet_names: Option<Vec<SheetName>>,
    pub delimiter: Option<String>,
    pub encoding: Option<String>,
    pub header_row: u64,
    #[serde(default)]
    country: Option<String>,
    currency: Option<String>,
    date_order: Option<String>,
}

impl Summary {
    /// What a table is. Where no column seems to hold phones, a person says which does.
    ///
    /// # Errors
    ///
    /// [`ImportError::Empty`] where it has no rows.
    pub fn of(table: Table) -> Result<Self, ImportError> {
        let Table { source, layout, header_row, rows } = table;
        if rows == 0 {
            return Err(ImportError::Empty);
        }
        Ok(Self {
            rows,
            header_row,
            columns: layout.columns,
            sheet: source.sheet,
            sheet_names: source.sheets,
            delimiter: source.delimiter.map(String::from),
            encoding: source.encoding.map(str::to_owned),
            country: layout.detected.country,
            currency: layout.detected.currency,
            date_order: layout.detected.date_order.map(|order| order.as_str().to_owned()),
        })
    }

    pub fn from_row(row: &ImportRow) -> Result<Self, ImportError> {
        Ok(serde_json::from_value(row.summary.clone()).map_err(std::io::Error::from)?)
    }

    /// What the file is, for another one like it.
    pub fn format(&self) -> Format {
        match self.delimiter.as_ref().and_then(|delimiter| delimiter.chars().next()) {
            Some(delimiter) => Format::Text { delimiter, encoding: self.encoding.clone().unwrap_or_default() },
            None => Format::Workbook,
        }
    }

    /// The whole import.
    pub fn view(self, row: ImportRow, suggestion: Option<Suggestion>) -> Result<Import, ImportError> {
        Ok(Import {
            id: row.id,
            file_name: row.file_name,
            status: row.status,
            rows: self.rows,
            columns: self.columns,
            sheets: self.sheet_names,
            sheet: self.sheet,
            delimiter: self.delimiter,
            encoding: self.encoding,
            header_row: self.header_row,
            detected: Detected {
                country: self.country,
                currency: self.currency,
                date_order: self.date_order.and_then(|order| order.parse().ok()),
            },
            suggestion,
            report: row.report.map(serde_json::from_value).transpose().map_err(std::io::Error::from)?,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
