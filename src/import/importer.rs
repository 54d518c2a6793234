//! Takes a file through its life: kept, previewed, confirmed, stored, forgotten. Looking ahead is in
//! [`forecasting`](super::forecasting), storing in [`committing`](super::committing).
//!
//! In the folder lie the file of each import that waits to be confirmed, named by the import's id, and of each stored one its rejected
//! rows.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use tokio::task::spawn_blocking;

use super::{
    Import, ImportError, Listed,
    profile::{self, Profile, Suggestion},
    rejects,
    running::Running,
    summary::Summary,
    table,
};
use crate::{
    bus::Bus,
    domain::{
        audit::AuditEntry,
        clock::Clock,
        id::{ImportId, UserId},
    },
    store::{ImportRow, ImportStatus, ListedImport, NewImport, Page, Paged, Store, StoreError},
};

/// How long a file waits to be confirmed.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Imports spreadsheets; cheap to clone.
#[derive(Clone)]
pub struct Importer {
    pub(super) store: Store,
    pub(super) bus: Bus,
    pub(super) clock: Clock,
    /// Holds uploaded files until they are stored.
    folder: PathBuf,
    max_bytes: u64,
    /// This program, which reads workbooks in a process of their own.
    pub(super) program: PathBuf,
    pub(super) running: Running,
}

/// A file made for one download.
#[derive(Debug)]
pub struct Download {
    pub file: std::fs::File,
    /// `csv`, `tsv` or `xlsx`.
    pub extension: &'static str,
}

impl Importer {
    /// An importer that keeps files in `folder`, none larger than `max_bytes`; `program` is the path of this program.
    pub fn new(store: Store, bus: Bus, clock: Clock, folder: PathBuf, max_bytes: u64, program: PathBuf) -> Self {
        Self { store, bus, clock, folder, max_bytes, program, running: Running::default() }
    }

    /// Puts right what a crash has left, before the first upload: imports that were being stored are interrupted, and can be confirmed
    /// again; files that nobody waits for are removed.
    pub async fn recover(&self) -> Result<(), ImportError> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let interrupted = self.store.interrupt_imports(self.clock.now()).await?;
        if !interrupted.is_empty() {
            tracing::warn!(imports = interrupted.len(), "imports cut short can be confirmed again");
        }
        for id in interrupted {
            remove(&self.rejected_file(id)).await?;
        }
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
            Some(row) if row.status.waits() && row.created_at + PATIENCE < now => {
                self.store.move_import(id, ImportStatus::WAITING, ImportStatus::Failed, now).await?;
                Ok(false)
            }
            Some(row) => Ok(row.status.waits()),
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
        let summary = self.summarise(file.to_owned(), None).await?;
        let kind = if summary.sheet_names.is_some() { "workbook" } else { "csv" };
        let new = NewImport {
            file_name: file_name.to_owned(),
            kind: kind.to_owned(),
            summary: serde_json::to_value(&summary).map_err(std::io::Error::from)?,
            rows: summary.rows,
            created_by: user,
        };
        let id = self.store.create_import(new, self.clock.now()).await?;
        tokio::fs::rename(file, self.file(id)).await?;
        self.import(id).await?.ok_or(ImportError::NotFound)
    }

    /// Reads another sheet of a workbook that waits to be confirmed.
    pub async fn choose_sheet(&self, id: ImportId, sheet: String) -> Result<Import, ImportError> {
        let (_, known) = self.waiting(id).await?;
        if !known.sheet_names.iter().flatten().any(|known| known.name == sheet && known.readable) {
            return Err(ImportError::NoSuchSheet);
        }
        let summary = self.summarise(self.file(id), Some(sheet)).await?;
        let rows = summary.rows;
        let summary = serde_json::to_value(&summary).map_err(std::io::Error::from)?;
        if !self.store.set_import_summary(id, summary, rows, self.clock.now()).await? {
            return Err(ImportError::AlreadyCommitted);
        }
        self.import(id).await?.ok_or(ImportError::NotFound)
    }

    async fn summarise(&self, path: PathBuf, sheet: Option<String>) -> Result<Summary, ImportError> {
        let program = self.program.clone();
        let read = move || {
            Summary::of(table::read(&program, &path, sheet.as_deref(), &mut |_, _| Ok(ControlFlow::Continue(())))?)
        };
        spawn_blocking(read).await?
    }

    /// The import with that id.
    pub async fn import(&self, id: ImportId) -> Result<Option<Import>, ImportError> {
        let Some(row) = self.store.import(id).await? else { return Ok(None) };
        let summary = Summary::from_row(&row)?;
        let suggestion = self.suggestion(&row, &summary).await?;
        summary.view(row, suggestion).map(Some)
    }

    /// Every import, the newest first.
    pub async fn imports(&self, page: &Page) -> Result<Paged<Listed>, ImportError> {
        let Paged { items, next_cursor, total } = self.store.imports(page).await?;
        Ok(Paged { items: items.into_iter().map(listed).collect::<Result<_, _>>()?, next_cursor, total })
    }

    /// How files were mapped, the shape that was used last first.
    pub async fn profiles(&self) -> Result<Vec<Profile>, ImportError> {
        Ok(self.store.import_profiles().await?.into_iter().filter_map(profile::listed).collect())
    }

    /// Forgets how files of a shape were mapped; `false` if that is not known.
    pub async fn forget_profile(&self, fingerprint: &str, audit: AuditEntry) -> Result<bool, ImportError> {
        Ok(self.store.delete_import_profile(fingerprint, self.clock.now(), audit).await?)
    }

    /// How the import was confirmed, if it did not come to its end then; or else how the last file of the same shape was mapped. A file
    /// without a header has the shape of every other of its width.
    async fn suggestion(&self, row: &ImportRow, summary: &Summary) -> Result<Option<Suggestion>, ImportError> {
        if !row.status.waits() {
            return Ok(None);
        }
        if let Some(again) = profile::again(row, &summary.columns) {
            return Ok(Some(again));
        }
        if summary.header_row == 0 {
            return Ok(None);
        }
        let known = self.store.import_profile(&profile::fingerprint(&summary.columns)).await?;
        Ok(known.and_then(|known| profile::suggest(known, &summary.columns)))
    }

    /// An import that waits to be confirmed.
    pub(super) async fn waiting(&self, id: ImportId) -> Result<(ImportRow, Summary), ImportError> {
        let row = self.store.import(id).await?.ok_or(ImportError::NotFound)?;
        if !row.status.waits() {
            return Err(ImportError::AlreadyCommitted);
        }
        let summary = Summary::from_row(&row)?;
        Ok((row, summary))
    }

    /// Takes back what an import stored, as long as nothing was sent on it.
    pub async fn undo(&self, id: ImportId, audit: AuditEntry) -> Result<Import, ImportError> {
        match self.store.undo_import(id, self.clock.now(), audit).await {
            Ok(undone) => undone?,
            Err(StoreError::NotFound) => return Err(ImportError::NotFound),
            Err(error) => return Err(error.into()),
        }
        self.import(id).await?.ok_or(ImportError::NotFound)
    }

    /// The rows of a committed import that there is something to say of, in a file like the one they came in, with the reasons in
    /// `language`.
    pub async fn rejected(&self, id: ImportId, language: &'static str) -> Result<Download, ImportError> {
        let row = self.store.import(id).await?.ok_or(ImportError::NotFound)?;
        if !matches!(row.status, ImportStatus::Committed | ImportStatus::Undone) {
            return Err(ImportError::NotFound);
        }
        let summary = Summary::from_row(&row)?;
        let kept = self.rejected_file(id);
        // Not an import's name: should a crash leave it, it goes at the next start.
        let made = self.folder.join(format!("download-{:032x}", rand::random::<u128>()));
        let make = move || {
            if !kept.exists() {
                return Err(ImportError::NotFound);
            }
            let format = summary.format();
            let headers = summary.columns.iter().map(|column| (column.index, column.header.clone())).collect();
            let written = rejects::write(&kept, &made, &format, &headers, language);
            // Open, it can be read without its name.
            let file = written.and_then(|()| Ok(std::fs::File::open(&made)?));
            drop(std::fs::remove_file(&made));
            Ok(Download { file: file?, extension: format.extension() })
        };
        spawn_blocking(make).await?
    }

    pub(super) fn file(&self, id: ImportId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    pub(super) fn rejected_file(&self, id: ImportId) -> PathBuf {
        self.folder.join(format!("{id}{REJECTED}"))
    }
}

/// The end of the names of files of rejected rows.
const REJECTED: &str = ".rejected.jsonl";

fn listed(row: ListedImport) -> Result<Listed, ImportError> {
    Ok(Listed {
        id: row.id,
        file_name: row.file_name,
        status: row.status,
        rows: row.rows,
        counts: row.counts.map(serde_json::from_value).transpose().map_err(std::io::Error::from)?,
        created_by: row.created_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Removes a file that may not be there.
pub(super) async fn remove(file: &Path) -> std::io::Result<()> {
    match tokio::fs::remove_file(file).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
