//! Takes a file through its life: kept, previewed, confirmed, stored, forgotten.
//!
//! In the folder lie the file of each import that waits to be confirmed, named by the import's id, and of each stored one its rejected
//! rows.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    Checked, Column, CommitPlan, Detected, Field, Import, ImportError, Layout, Report, header, report,
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

/// Rows that the report names at the most; all are counted, and all are in the file of rejected rows.
const REPORTED_ROWS: usize = 500;
/// How long a file waits to be confirmed.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Imports spreadsheets; cheap to clone.
#[derive(Clone)]
pub struct Importer {
    store: Store,
    bus: Bus,
    clock: Clock,
    /// Holds uploaded files until they are stored.
    folder: PathBuf,
    max_bytes: u64,
    /// This program, which reads workbooks in a process of their own.
    program: PathBuf,
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
    #[serde(default)]
    country: Option<String>,
    currency: Option<String>,
    date_order: Option<String>,
}

impl Importer {
    /// An importer that keeps files in `folder`, none larger than `max_bytes`; `program` is the path of this program.
    pub fn new(store: Store, bus: Bus, clock: Clock, folder: PathBuf, max_bytes: u64, program: PathBuf) -> Self {
        Self { store, bus, clock, folder, max_bytes, program }
    }

    /// Puts right what a crash has left, before the first upload: imports that were being stored can be confirmed again, and files
    /// that nobody waits for are removed.
    pub async fn recover(&self) -> Result<(), ImportError> {
        let reopened = self.store.reopen_imports(self.clock.now()).await?;
        if reopened > 0 {
            tracing::warn!(imports = reopened, "imports cut short can be confirmed again");
        }
        tokio::fs::create_dir_all(&self.folder).await?;
        let mut files = tokio::fs::read_dir(&self.folder).await?;
        while let Some(file) = files.next_entry().await? {
            let name = file.file_name();
            let Some(name) = name.to_str().filter(|name| !name.ends_with(REJECTED)) else { continue };
            // What has no import's id for a name is an upload that did not arrive.
            let waits = match name.parse() {
                Ok(id) => self.waits(ImportId(id)).await?,
                Err(_) => false,
            };
            if !waits {
                tokio::fs::remove_file(file.path()).await?;
            }
        }
        Ok(())
    }

    /// Whether an import may still be confirmed; one that has waited too long fails.
    async fn waits(&self, id: ImportId) -> Result<bool, ImportError> {
        let now = self.clock.now();
        match self.store.import(id).await? {
            Some(row) if row.status == ImportStatus::Previewed && row.created_at + PATIENCE < now => {
                self.store.move_import(id, ImportStatus::Previewed, ImportStatus::Failed, now).await?;
                Ok(false)
            }
            Some(row) => Ok(row.status == ImportStatus::Previewed),
            None => Ok(false),
        }
    }

    /// Where uploads arrive; it exists once [`recover`](Self::recover) is done.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads a file that has arrived in the folder, and keeps it there; stores no debtor.
    pub async fn preview(&self, file_name: &str, file: &Path, user: UserId) -> Result<Import, ImportError> {
        if tokio::fs::metadata(file).await?.len() > self.max_bytes {
            return Err(ImportError::TooLarge);
        }
        let (program, path) = (self.program.clone(), file.to_owned());
        let summary = tokio::task::spawn_blocking(move || summarise(&sheet::read(&program, &path)?)).await??;
        let kind = if summary.sheets.is_some() { "workbook" } else { "csv" };
        let new = NewImport {
            file_name: file_name.to_owned(),
            kind: kind.to_owned(),
            summary: serde_json::to_value(&summary).map_err(std::io::Error::from)?,
            created_by: user,
        };
        let id = self.store.create_import(new, self.clock.now()).await?;
        tokio::fs::rename(file, self.file(id)).await?;
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
        let (program, path, rejected) = (self.program.clone(), self.file(id), self.rejected_file(id));
        let update_existing = plan.update_existing;
        let mut checked = tokio::task::spawn_blocking(move || {
            let (checked, csv) = check_sheet(&sheet::read(&program, &path)?, &plan)?;
            std::fs::write(&rejected, csv)?;
            Ok::<_, ImportError>(checked)
        })
        .await??;
        let total = checked.debtors.len() as u64;
        let progress = |done| self.bus.publish(Event::ImportProgress { import_id: id, done, total });
        progress(0);
        let entry = AuditEntry { action: "import.store", ..audit.clone() };
        let now = self.clock.now();
        let stored =
            self.store.upsert_debtors(&checked.debtors, update_existing, Some(id), now, entry, progress).await?;
        checked.problems.truncate(REPORTED_ROWS);
        Ok(Report {
            inserted: stored.inserted,
            updated: stored.updated + stored.unchanged,
            duplicates: checked.duplicates,
            rejected: checked.rejected,
            rows: checked.problems,
        })
    }

    /// The rejected rows of a committed import as a CSV file, each as it was and with its reason.
    pub async fn rejected_csv(&self, id: ImportId) -> Result<Vec<u8>, ImportError> {
        let import = self.import(id).await?.ok_or(ImportError::NotFound)?;
        if import.status != ImportStatus::Committed {
            return Err(ImportError::NotFound);
        }
        Ok(tokio::fs::read(self.rejected_file(id)).await?)
    }

    fn file(&self, id: ImportId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    fn rejected_file(&self, id: ImportId) -> PathBuf {
        self.folder.join(format!("{id}{REJECTED}"))
    }
}

/// The end of the names of files of rejected rows.
const REJECTED: &str = ".rejected.csv";

fn summarise(sheet: &Sheet) -> Result<Summary, ImportError> {
    let layout = Layout::of(sheet)?;
    Ok(Summary {
        rows: layout.body(sheet).len() as u64,
        header_row: layout.header_row(sheet),
        columns: layout.columns,
        sheets: sheet.sheets.clone(),
        delimiter: sheet.delimiter.map(String::from),
        encoding: sheet.encoding.map(str::to_owned),
        country: layout.detected.country,
        currency: layout.detected.currency,
        date_order: layout.detected.date_order.map(|order| order.as_str().to_owned()),
    })
}

/// Checks all rows, and writes those that were rejected as CSV.
fn check_sheet(sheet: &Sheet, plan: &CommitPlan) -> Result<(Checked, Vec<u8>), ImportError> {
    let layout = header::find(sheet);
    let headers = layout.headers();
    let body = layout.body(sheet);
    let checked = check(body, &headers, plan);
    let csv = report::rejected_csv(&headers, body, &checked.problems)?;
    Ok((checked, csv))
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
            country: summary.country,
            currency: summary.currency,
            date_order: summary.date_order.and_then(|order| order.parse().ok()),
        },
        report,
        created_at: row.created_at,
    })
}
