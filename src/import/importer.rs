//! Takes a file through its life: kept, previewed, confirmed, stored, forgotten.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Column, CommitPlan, Detected, Field, Import, ImportError, Report, header,
    sheet::{self, Sheet},
    validate::check,
};
use crate::{
    bus::Bus,
    domain::{
        audit::AuditEntry,
        clock::Clock,
        event::Event,
        id::{ImportId, UserId},
    },
    store::{ImportRow, ImportStatus, NewImport, Store},
};

/// Rows that the report names at the most; all are counted.
const REPORTED_ROWS: usize = 500;

/// Imports spreadsheets; cheap to clone.
#[derive(Clone)]
pub struct Importer {
    store: Store,
    bus: Bus,
    clock: Clock,
    /// Holds uploaded files until they are stored.
    folder: PathBuf,
    max_bytes: u64,
}

/// What the database keeps of a preview.
#[derive(Serialize, Deserialize)]
struct Summary {
    rows: u64,
    columns: Vec<Column>,
    sheets: Option<Vec<String>>,
    delimiter: Option<String>,
    encoding: Option<String>,
    header_row: u64,
    currency: Option<String>,
    date_order: Option<String>,
}

impl Importer {
    /// An importer that keeps files in `folder`, none larger than `max_bytes`.
    pub fn new(store: Store, bus: Bus, clock: Clock, folder: PathBuf, max_bytes: u64) -> Self {
        Self { store, bus, clock, folder, max_bytes }
    }

    /// Reads a file and keeps a copy of it; stores no debtor.
    pub async fn preview(&self, file_name: &str, file: &Path, user: UserId) -> Result<Import, ImportError> {
        if tokio::fs::metadata(file).await?.len() > self.max_bytes {
            return Err(ImportError::TooLarge);
        }
        let path = file.to_owned();
        let summary = tokio::task::spawn_blocking(move || summarise(&path)).await??;
        let kind = if summary.sheets.is_some() { "workbook" } else { "csv" };
        let new = NewImport {
            file_name: file_name.to_owned(),
            kind: kind.to_owned(),
            summary: serde_json::to_value(&summary).map_err(std::io::Error::from)?,
            created_by: user,
        };
        let id = self.store.create_import(new, self.clock.now()).await?;
        tokio::fs::create_dir_all(&self.folder).await?;
        tokio::fs::copy(file, self.file(id)).await?;
        self.import(id).await?.ok_or(ImportError::NotFound)
    }

    /// The import with that id.
    pub async fn import(&self, id: ImportId) -> Result<Option<Import>, ImportError> {
        self.store.import(id).await?.map(|row| view(row).map_err(Into::into)).transpose()
    }

    /// Stores the debtors of a previewed import, once, all or none of the good rows.
    pub async fn commit(&self, id: ImportId, plan: CommitPlan, audit: AuditEntry) -> Result<Import, ImportError> {
        if !plan.mapping.iter().any(|mapping| mapping.field == Field::Phone) {
            return Err(ImportError::NoPhoneColumn);
        }
        let now = self.clock.now();
        if !self.store.move_import(id, ImportStatus::Previewed, ImportStatus::Committing, now).await? {
            let known = self.store.import(id).await?.is_some();
            return Err(if known { ImportError::AlreadyCommitted } else { ImportError::NotFound });
        }
        match self.store_rows(id, plan, &audit).await {
            Ok(report) => {
                let report = serde_json::to_value(&report).map_err(std::io::Error::from)?;
                self.store.finish_import(id, report, self.clock.now(), audit).await?;
                if let Err(error) = tokio::fs::remove_file(self.file(id)).await {
                    tracing::warn!(
                        import = id.0,
                        error = &error as &dyn std::error::Error,
                        "uploaded file not removed"
                    );
                }
                self.import(id).await?.ok_or(ImportError::NotFound)
            }
            Err(error) => {
                // Nothing was stored: it can be confirmed again.
                self.store.move_import(id, ImportStatus::Committing, ImportStatus::Previewed, self.clock.now()).await?;
                Err(error)
            }
        }
    }

    async fn store_rows(&self, id: ImportId, plan: CommitPlan, audit: &AuditEntry) -> Result<Report, ImportError> {
        let (path, update_existing) = (self.file(id), plan.update_existing);
        let mut checked = tokio::task::spawn_blocking(move || check_file(&path, &plan)).await??;
        let total = checked.debtors.len() as u64;
        let progress = |done| self.bus.publish(Event::ImportProgress { import_id: id, done, total });
        progress(0);
        let entry = AuditEntry { action: "import.store", ..audit.clone() };
        let stored =
            self.store.upsert_debtors(&checked.debtors, update_existing, self.clock.now(), entry, progress).await?;
        checked.problems.truncate(REPORTED_ROWS);
        Ok(Report {
            inserted: stored.inserted,
            updated: stored.updated + stored.unchanged,
            duplicates: checked.duplicates,
            rejected: checked.rejected,
            rows: checked.problems,
        })
    }

    /// The rejected rows of a committed import, as CSV.
    pub async fn rejected_csv(&self, id: ImportId) -> Result<Vec<u8>, ImportError> {
        let import = self.import(id).await?.ok_or(ImportError::NotFound)?;
        import.report.ok_or(ImportError::NotFound)?.csv()
    }

    fn file(&self, id: ImportId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

fn summarise(path: &Path) -> Result<Summary, ImportError> {
    let sheet = sheet::read(path)?;
    let layout = header::find(&sheet);
    let rows = (sheet.rows.len() - layout.header - 1) as u64;
    if rows == 0 {
        return Err(ImportError::Empty);
    }
    if !layout.columns.iter().any(|column| column.detected == Some(Field::Phone)) {
        return Err(ImportError::NoPhoneColumn);
    }
    Ok(Summary {
        rows,
        header_row: sheet.rows[layout.header].number,
        columns: layout.columns,
        sheets: sheet.sheets,
        delimiter: sheet.delimiter.map(String::from),
        encoding: sheet.encoding.map(str::to_owned),
        currency: layout.detected.currency,
        date_order: layout.detected.date_order.map(|order| order.as_str().to_owned()),
    })
}

fn check_file(path: &Path, plan: &CommitPlan) -> Result<super::Checked, ImportError> {
    let sheet: Sheet = sheet::read(path)?;
    let layout = header::find(&sheet);
    let headers: BTreeMap<usize, String> =
        layout.columns.into_iter().map(|column| (column.index, column.header)).collect();
    Ok(check(&sheet.rows[layout.header + 1..], &headers, plan))
}

fn view(row: ImportRow) -> Result<Import, std::io::Error> {
    let summary: Summary = serde_json::from_value(row.summary)?;
    let report = row.report.map(serde_json::from_value).transpose()?;
    Ok(Import {
        id: row.id,
        file_name: row.file_name,
        status: row.status,
        rows: summary.rows,
        columns: summary.columns,
        sheets: summary.sheets,
        delimiter: summary.delimiter,
        encoding: summary.encoding,
        header_row: summary.header_row,
        detected: Detected {
            country: None,
            currency: summary.currency,
            date_order: summary.date_order.and_then(|order| order.parse().ok()),
        },
        report,
        created_at: row.created_at,
    })
}
