//! Imports as clients see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    enums::{DateOrder, ImportField, ImportStatus, PhoneSlip},
    import_plan::CommitIn,
    problem::{Kind, Problem},
    sessions::Named,
};
use crate::{
    domain::phone_slip,
    import::{self, Import, ImportError},
    store::UndoRefused,
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
    /// The workbook's sheets.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheets: Option<Vec<ImportSheet>>,
    /// The sheet that is read: the first with phones, unless another was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    /// What separates the columns of a text file.
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    /// The text file's encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    /// The header's row, from 1, as in the sheet.
    header_row: u64,
    settings_detected: DetectedSettings,
    /// How it was confirmed before it was cut short, or else how the last file with the same headers was imported, while it waits to be
    /// confirmed.
    #[schema(required)]
    suggestion: Option<ImportSuggestion>,
    /// What became of the rows, once committed.
    #[schema(required)]
    report: Option<ImportReport>,
    created_by: Named,
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
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
    /// How sure that is, 0 to 1; from 0.8 on it is hardly ever wrong.
    confidence: f64,
}

/// One of a workbook's sheets.
#[derive(Debug, Serialize, ToSchema)]
struct ImportSheet {
    name: String,
    /// Whether it is in sight and has rows.
    readable: bool,
}

/// How a file with the same headers was imported, or this one confirmed before it was cut short.
#[derive(Debug, Serialize, ToSchema)]
struct ImportSuggestion {
    /// That file's name.
    file_name: String,
    used_at: DateTime<Utc>,
    /// Whether it is of this very import: it was confirmed like that, and then cancelled or interrupted.
    confirmed: bool,
    plan: CommitIn,
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

/// What became of the rows.
#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    inserted: u64,
    updated: u64,
    /// Rows with another debt of somebody who was known already or is in an earlier row.
    debts_added: u64,
    /// Rows of debtors who were known already, and not to be changed or not different; or nobody knows of which of several debts the row
    /// speaks.
    unchanged: u64,
    /// Rows with the phone of an earlier row and no other reference.
    duplicates: u64,
    rejected: u64,
    /// Rows that were stored without a value that could not be understood, or with one that may be wrong.
    warnings: u64,
    /// Rows whose phone was corrected as proposed.
    corrected: u64,
    /// Rows that changed nothing, since somebody has changed their debtors after a person decided on them; among `unchanged`.
    changed_meanwhile: u64,
    /// The first 100 of these.
    changed_rows: Vec<u64>,
    /// The first 500 rows that were rejected or are duplicates.
    rows: Vec<RejectedRow>,
    /// The first 500 warnings.
    warned: Vec<RejectedRow>,
}

/// A row that was not stored as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RejectedRow {
    /// From 1, as in the sheet.
    row: u64,
    /// `phone_missing`, `phone_invalid`, `phone_too_short`, `phone_too_long`, `phone_letters`, `phone_rounded`, `phone_mistyped`,
    /// `name_missing`, `amount_invalid`, `due_date_invalid`, `currency_invalid`, `country_unknown` or `duplicate_in_file`; of rows that
    /// were stored `phone_doubtful`, `second_phone_invalid`, `phones_left_out`, `language_unknown`, `time_zone_unknown` or
    /// `formula_failed`.
    reason: String,
    /// The column's header.
    #[schema(required)]
    column: Option<String>,
    #[schema(required)]
    value: Option<String>,
    /// What a mistyped phone may have been meant to be.
    #[schema(required)]
    proposal: Option<ProposedPhone>,
}

/// What a phone may have been meant to be.
#[derive(Debug, Serialize, ToSchema)]
struct ProposedPhone {
    slip: PhoneSlip,
    /// In E.164.
    phone: String,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let columns = import.columns.into_iter().map(|column| ImportColumn {
            index: column.index,
            header: column.header,
            samples: column.samples,
            detected: column.detected.map(Into::into),
            confidence: f64::from(column.confidence) / 100.0,
        });
        let sheet = |sheet: import::SheetName| ImportSheet { name: sheet.name, readable: sheet.readable };
        let suggestion = |suggestion: import::Suggestion| ImportSuggestion {
            file_name: suggestion.file_name,
            used_at: suggestion.used_at,
            confirmed: suggestion.confirmed,
            plan: suggestion.plan.into(),
        };
        Self {
            id: import.id.0,
            file_name: import.file_name,
            status: import.status.into(),
            rows: import.rows,
            columns: columns.collect(),
            sheets: import.sheets.map(|sheets| sheets.into_iter().map(sheet).collect()),
            sheet: import.sheet,
            delimiter: import.delimiter,
            encoding: import.encoding,
            header_row: import.header_row,
            settings_detected: DetectedSettings {
                country: import.detected.country,
                currency: import.detected.currency,
                date_order: import.detected.date_order.map(Into::into),
            },
            suggestion: import.suggestion.map(suggestion),
            report: import.report.map(Into::into),
            created_by: Named { id: import.created_by.0.0, name: import.created_by.1 },
            created_at: import.created_at,
            updated_at: import.updated_at,
        }
    }
}

impl From<import::Report> for ImportReport {
    fn from(report: import::Report) -> Self {
        Self {
            inserted: report.inserted,
            updated: report.updated,
            debts_added: report.debts_added,
            unchanged: report.unchanged,
            duplicates: report.duplicates,
            rejected: report.rejected,
            warnings: report.warnings,
            corrected: report.corrected,
            changed_meanwhile: report.changed_meanwhile,
            changed_rows: report.changed_rows,
            rows: report.rows.into_iter().map(Into::into).collect(),
            warned: report.warned.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<import::ReportRow> for RejectedRow {
    fn from(row: import::ReportRow) -> Self {
        let proposal = |proposed: import::Proposed| {
            let slip: phone_slip::Slip = proposed.slip.parse().ok()?;
            Some(ProposedPhone { slip: slip.into(), phone: proposed.phone })
        };
        Self {
            row: row.row,
            reason: row.reason.to_string(),
            column: row.column,
            value: row.value,
            proposal: row.proposal.and_then(proposal),
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
            ImportError::NoSuchSheet => return Self::new(Kind::Validation).at("/sheet", "invalid", ""),
            ImportError::NotFound => Kind::NotFound,
            ImportError::AlreadyCommitted => Kind::AlreadyCommitted,
            ImportError::Cancelled => Kind::ImportCancelled,
            ImportError::NotRunning => Kind::ImportNotRunning,
            ImportError::Undo(refused) => return refused.into(),
            ImportError::Store(error) => return error.into(),
            other => return Self::internal(&other),
        };
        Self::new(kind)
    }
}

impl From<UndoRefused> for Problem {
    fn from(refused: UndoRefused) -> Self {
        match refused {
            UndoRefused::NotStored => Self::new(Kind::ImportNotStored),
            UndoRefused::Untracked => Self::new(Kind::ImportUntracked),
            UndoRefused::WrittenTo(debtors) => Self::new(Kind::ImportWrittenTo).with(debtors),
            UndoRefused::BuiltOn(debtors) => Self::new(Kind::ImportBuiltOn).with(debtors),
        }
    }
}
