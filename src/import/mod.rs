//! Spreadsheets of debtors: read, understood, checked with a person, and stored, with a reason for every row that was not.
//!
//! A file is read for the preview, and again when its mapping is confirmed. In between it lies in the data folder. Reading happens on
//! blocking threads, a row after the other: what is in memory does not grow with the file. Workbooks are read in a process of their
//! own, bounded in memory and time.

mod cells;
mod committing;
mod csv;
mod date;
mod dialect;
mod encoding;
mod forecasting;
mod frames;
#[cfg(test)]
mod fuzz;
mod gather;
mod header;
mod importer;
mod isolated;
mod line;
mod meaning;
mod names;
mod plain;
mod plain_format;
mod plain_rows;
mod profile;
mod rejects;
mod report;
mod report_texts;
mod running;
mod sample;
mod sheet;
mod shown;
mod storing;
mod summary;
mod table;
mod validate;
mod workbook;
mod xml;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        duplicates::Duplicates,
        id::{ImportId, UserId},
        money::{Currency, Decimal},
        phone::Region,
        phone_slip::Slip,
        text_enum,
    },
    store::{ImportStatus, StoreError, UndoRefused},
};

pub use self::{
    header::Layout,
    importer::{Download, Importer},
    isolated::{COMMAND as READ_COMMAND, serve as read_workbook},
    profile::{Profile, Suggestion},
    rejects::Format,
    report::{Correction, Counts, Forecast, Proposed, Reason, Report, ReportRow},
    sample::sample_workbook,
    sheet::{Cell, Row, Sheet, SheetName, Source, Take, read, read_sheet, stream},
    validate::{Check, Checked, Good, check},
};

text_enum! {
    /// What a column holds.
    pub enum Field {
        Phone = "phone",
        /// Another number of theirs, kept beside the first: a person can put it in its place, where that is wrong.
        SecondPhone = "second_phone",
        Name = "name",
        /// What is added to the name; of several columns, one after the other.
        Surname = "surname",
        Reference = "reference",
        Amount = "amount",
        Currency = "currency",
        DueDate = "due_date",
        Tags = "tags",
        /// The creditor, or the brand that the debt is owed to.
        Company = "company",
        /// The language to write in.
        Language = "language",
        /// Where the debtor is, for the hours in which they may be written to.
        TimeZone = "time_zone",
        /// Whose numbering plan applies to the row's phones.
        Country = "country",
        /// Nothing that is kept.
        Ignore = "ignore",
        /// A further variable for templates.
        Custom = "custom",
    }
}

text_enum! {
    /// The order of day, month and year in dates like 03/04/2026.
    pub enum DateOrder {
        Dmy = "dmy",
        Mdy = "mdy",
        Ymd = "ymd",
    }
}

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// From 0.
    pub index: usize,
    pub field: Field,
    /// The variable's name, for [`Field::Custom`].
    pub variable: Option<String>,
}

/// How to read a spreadsheet, as a person has confirmed it.
#[derive(Debug, Clone)]
pub struct CommitPlan {
    pub mapping: Vec<Mapping>,
    /// Whose numbering plan applies to phones without a country code.
    pub country: Region,
    /// The currency of amounts that name none.
    pub currency: Currency,
    pub date_order: DateOrder,
    pub decimal: Decimal,
    /// Added to every row.
    pub tags: BTreeSet<String>,
    /// Whether debtors with a known phone get the new details.
    pub duplicates: Duplicates,
    /// Whether a person decides on rows of known debtors one by one; the next file of the shape asks them again.
    pub ask: bool,
    /// The kinds of slips in phones that are corrected as proposed.
    pub corrections: BTreeSet<Slip>,
}

impl CommitPlan {
    /// Debtors are known by their phones: one column has to hold them.
    ///
    /// # Errors
    ///
    /// [`ImportError::NoPhoneColumn`].
    pub fn check(&self) -> Result<(), ImportError> {
        let is_there = self.mapping.iter().any(|mapping| mapping.field == Field::Phone);
        if is_there { Ok(()) } else { Err(ImportError::NoPhoneColumn) }
    }
}

/// A column as it was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Column {
    /// From 0.
    pub index: usize,
    pub header: String,
    /// Up to three of its values.
    pub samples: Vec<String>,
    #[serde(with = "header::field_text")]
    pub detected: Option<Field>,
    /// How sure that is, in percent; 0 where nothing was detected.
    #[serde(default)]
    pub confidence: u8,
}

/// How the spreadsheet seems to write things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// ISO 3166.
    pub country: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub date_order: Option<DateOrder>,
}

/// A spreadsheet on its way in.
#[derive(Debug, Clone)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub status: ImportStatus,
    /// Rows below the header.
    pub rows: u64,
    pub columns: Vec<Column>,
    /// A workbook's sheets.
    pub sheets: Option<Vec<SheetName>>,
    /// The one that is read.
    pub sheet: Option<String>,
    /// What separates the columns of a text file.
    pub delimiter: Option<String>,
    pub encoding: Option<String>,
    /// From 1, as in the sheet; 0 where the sheet has no header.
    pub header_row: u64,
    pub detected: Detected,
    /// How the last file of the same shape was mapped, while this one is not confirmed.
    pub suggestion: Option<Suggestion>,
    pub report: Option<Report>,
    pub created_by: (UserId, String),
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An import in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: ImportId,
    pub file_name: String,
    pub status: ImportStatus,
    /// Rows below the header.
    pub rows: u64,
    /// What became of them.
    pub counts: Option<Counts>,
    pub created_by: (UserId, String),
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a spreadsheet was not taken; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the file is larger than allowed")]
    TooLarge,
    #[error("the file is not a spreadsheet")]
    Unsupported,
    #[error("the workbook is protected by a password")]
    Protected,
    #[error("the spreadsheet has no rows")]
    Empty,
    #[error("no column is chosen for the phone numbers")]
    NoPhoneColumn,
    #[error("reading the workbook takes more memory or time than is allowed")]
    ArchiveBomb,
    /// Rows are numbered from 1, as in the sheet.
    #[error("a quotation mark in row {row} has no partner")]
    Quotes { row: u64 },
    #[error("row {row} has more than {} columns", sheet::MAX_COLUMNS)]
    TooWide { row: u64 },
    #[error("a value in row {row} is longer than {} letters", sheet::MAX_LETTERS)]
    CellTooLong { row: u64 },
    #[error("the workbook has no such sheet with rows")]
    NoSuchSheet,
    #[error("there is no such import")]
    NotFound,
    #[error("the import was confirmed before")]
    AlreadyCommitted,
    #[error("the import was cancelled while it was being stored")]
    Cancelled,
    #[error("the import is not being stored")]
    NotRunning,
    #[error("the import cannot be undone")]
    Undo(#[from] UndoRefused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file cannot be kept or read")]
    Io(#[from] std::io::Error),
    #[error("the sample workbook cannot be written")]
    Sample(#[from] rust_xlsxwriter::XlsxError),
    #[error("reading the file ended unexpectedly")]
    Ended(#[from] tokio::task::JoinError),
}
