//! Imports as clients see them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    enums::{DateOrder, ImportField, ImportStatus},
    extract::{Checks, NAME_LIMIT},
    problem::{Kind, Problem},
};
use crate::{
    domain::money,
    import::{self, CommitPlan, Import, ImportError, Mapping},
};

/// A spreadsheet on its way in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportView {
    id: i64,
    file_name: String,
    status: ImportStatus,
    /// How many rows it has below its header.
    rows: u64,
    columns: Vec<ImportColumn>,
    /// The workbook's sheets; the first with rows is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheets: Option<Vec<String>>,
    /// What separates the columns of a text file.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// The text file's encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// The header's row, from 1, as in the sheet.
    header_row: u64,
    settings_detected: DetectedSettings,
    /// What became of the rows, once committed.
    #[schema(required)]
    report: Option<ImportReport>,
    created_at: DateTime<Utc>,
}

/// A column of a spreadsheet.
#[derive(Debug, Serialize, ToSchema)]
struct ImportColumn {
    /// From 0.
    index: usize,
    header: String,
    /// Up to three of its values.
    samples: Vec<String>,
    /// What it seems to hold.
    #[schema(required)]
    detected: Option<ImportField>,
}

/// How the spreadsheet seems to write things; null where it does not show.
#[derive(Debug, Serialize, ToSchema)]
struct DetectedSettings {
    /// ISO 3166 code of the phones' country.
    #[schema(required)]
    country: Option<String>,
    /// ISO 4217 code.
    #[schema(required)]
    currency: Option<String>,
    #[schema(required)]
    date_order: Option<DateOrder>,
}

/// What separates the decimals of an amount.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decimal {
    #[default]
    Auto,
    Comma,
    Point,
}

/// What became of the rows.
#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    inserted: u64,
    updated: u64,
    /// Rows with the phone of an earlier row.
    duplicates: u64,
    rejected: u64,
    /// The first 500 rows that were rejected or are duplicates.
    rows: Vec<RejectedRow>,
}

/// A row that was not stored as it stands.
#[derive(Debug, Serialize, ToSchema)]
struct RejectedRow {
    /// From 1, as in the sheet.
    row: u64,
    /// `phone_missing`, `phone_invalid`, `name_missing`, `amount_invalid`, `due_date_invalid`, `currency_invalid` or
    /// `duplicate_in_file`.
    reason: String,
    /// The column's header.
    #[schema(required)]
    column: Option<String>,
    #[schema(required)]
    value: Option<String>,
}

/// How to read the spreadsheet.
#[derive(Deserialize, ToSchema)]
pub(super) struct CommitIn {
    /// What each column holds; those not named are ignored.
    mapping: Vec<MappingIn>,
    /// ISO 3166 code of the country of phones without a country code.
    #[schema(example = "CO")]
    country: String,
    /// ISO 4217 code of amounts without one.
    #[schema(example = "COP")]
    currency: String,
    date_order: DateOrder,
    #[serde(default)]
    #[schema(required = false)]
    decimal: Decimal,
    /// Added to every row.
    tags: Option<Vec<String>>,
    /// Whether debtors with a known phone get the new details; true if absent. Their status stays as it is in any case.
    update_existing: Option<bool>,
}

/// What one column holds.
#[derive(Deserialize, ToSchema)]
struct MappingIn {
    /// From 0.
    index: usize,
    field: ImportField,
    /// The variable's name, for `custom`.
    variable: Option<String>,
}

impl CommitIn {
    /// The plan, if it makes sense on its own; the importer checks it against the file.
    pub(super) fn check(self) -> Result<CommitPlan, Problem> {
        let mut checks = Checks::default();
        let currency = checks.keep("/currency", "invalid_currency", self.currency.parse());
        let country = checks.keep("/country", "invalid", self.country.parse());
        let mut mapping = Vec::with_capacity(self.mapping.len());
        for (row, column) in self.mapping.iter().enumerate() {
            let variable = column.variable.as_deref().map(str::trim).filter(|name| !name.is_empty());
            if matches!(column.field, ImportField::Custom) && variable.is_none() {
                checks.reject(format!("/mapping/{row}/variable"), "required", "");
            }
            mapping.push(Mapping {
                index: column.index,
                field: column.field.into(),
                variable: variable.map(str::to_owned),
            });
        }
        let tags: BTreeSet<_> = self.tags.unwrap_or_default().iter().map(|tag| tag.trim().to_lowercase()).collect();
        if tags.iter().any(|tag| tag.is_empty() || tag.chars().count() > NAME_LIMIT) {
            checks.reject("/tags", "invalid", "");
        }
        let (Some(currency), Some(country)) = (currency, country) else {
            return Err(checks.into_problem());
        };
        checks.finish()?;
        Ok(CommitPlan {
            mapping,
            country,
            currency,
            date_order: self.date_order.into(),
            decimal: self.decimal.into(),
            tags,
            update_existing: self.update_existing.unwrap_or(true),
        })
    }
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let columns = import.columns.into_iter().map(|column| ImportColumn {
            index: column.index,
            header: column.header,
            samples: column.samples,
            detected: column.detected.map(Into::into),
        });
        Self {
            id: import.id.0,
            file_name: import.file_name,
            status: import.status.into(),
            rows: import.rows,
            columns: columns.collect(),
            sheets: import.sheets,
            delimiter: import.delimiter,
            encoding: import.encoding,
            header_row: import.header_row,
            settings_detected: DetectedSettings {
                country: import.detected.country,
                currency: import.detected.currency,
                date_order: import.detected.date_order.map(Into::into),
            },
            report: import.report.map(Into::into),
            created_at: import.created_at,
        }
    }
}

impl From<import::Report> for ImportReport {
    fn from(report: import::Report) -> Self {
        let row = |row: import::ReportRow| RejectedRow {
            row: row.row,
            reason: row.reason.to_string(),
            column: row.column,
            value: row.value,
        };
        Self {
            inserted: report.inserted,
            updated: report.updated,
            duplicates: report.duplicates,
            rejected: report.rejected,
            rows: report.rows.into_iter().map(row).collect(),
        }
    }
}

impl From<Decimal> for money::Decimal {
    fn from(decimal: Decimal) -> Self {
        match decimal {
            Decimal::Auto => Self::Auto,
            Decimal::Comma => Self::Comma,
            Decimal::Point => Self::Point,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let kind = match error {
            ImportError::TooLarge => Kind::TooLarge,
            ImportError::Unsupported => Kind::UnsupportedFile,
            ImportError::Protected => Kind::ProtectedFile,
            ImportError::Empty => Kind::EmptyFile,
            ImportError::NoPhoneColumn => Kind::NoPhoneColumn,
            ImportError::ArchiveBomb => Kind::ArchiveBomb,
            ImportError::Quotes { row } => return Self::new(Kind::QuotesUnbalanced).with(row),
            ImportError::TooWide { row } => return Self::new(Kind::TooManyColumns).with(row),
            ImportError::CellTooLong { row } => return Self::new(Kind::CellTooLong).with(row),
            ImportError::NotFound => Kind::NotFound,
            ImportError::AlreadyCommitted => Kind::AlreadyCommitted,
            ImportError::Store(error) => return error.into(),
            other => return Self::internal(&other),
        };
        Self::new(kind)
    }
}
