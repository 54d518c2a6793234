//! Storing a file that was confirmed, all of its good rows or none of them; and the end of that, if a person asks for it.

use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    CommitPlan, Import, ImportError, Importer, Report,
    importer::remove,
    profile,
    rejects::Rejects,
    running::Storing,
    storing::{self, Chunk, Source},
    summary::Summary,
};
use crate::{
    domain::{audit::AuditEntry, event::Event, id::ImportId},
    store::{ImportRows, ImportStatus, StoreError, Upserted},
};

/// Chunks of debtors that wait for the store.
pub(super) const WAITING_CHUNKS: usize = 2;

impl Importer {
    /// Stores the debtors of an import that waits for it, once, all or none of the good rows.
    pub async fn commit(&self, id: ImportId, plan: CommitPlan, audit: AuditEntry) -> Result<Import, ImportError> {
        plan.check()?;
        let storing = self.running.begin(id).ok_or(ImportError::AlreadyCommitted)?;
        let row = self.store.import(id).await?.ok_or(ImportError::NotFound)?;
        let kept = profile::confirmed(&Summary::from_row(&row)?.columns, &plan);
        if !self.store.confirm_import(id, kept, self.clock.now()).await? {
            return Err(ImportError::AlreadyCommitted);
        }
        if let Err(error) = self.store_rows(id, plan, audit, &storing).await {
            self.put_back(id, &error, &storing).await?;
            return Err(error);
        }
        if let Err(error) = tokio::fs::remove_file(self.file(id)).await {
            tracing::warn!(import = id.0, error = &error as &dyn std::error::Error, "uploaded file not removed");
        }
        self.import(id).await?.ok_or(ImportError::NotFound)
    }

    /// Ends an import that is being stored, and waits until nothing of it is.
    pub async fn cancel(&self, id: ImportId, audit: AuditEntry) -> Result<Import, ImportError> {
        self.running.end(id, audit).await;
        let import = self.import(id).await?.ok_or(ImportError::NotFound)?;
        match import.status {
            ImportStatus::Cancelled => Ok(import),
            ImportStatus::Committed | ImportStatus::Undone => Err(ImportError::AlreadyCommitted),
            _ => Err(ImportError::NotRunning),
        }
    }

    /// Nothing was stored: the import can be confirmed again.
    async fn put_back(&self, id: ImportId, error: &ImportError, storing: &Storing) -> Result<(), ImportError> {
        let now = self.clock.now();
        match (error, storing.ended_by()) {
            (ImportError::Cancelled, Some(audit)) => self.store.cancel_import(id, now, audit.clone()).await?,
            _ => {
                self.store.move_import(id, &[ImportStatus::Committing], ImportStatus::Previewed, now).await?;
            }
        }
        Ok(remove(&self.rejected_file(id)).await?)
    }

    /// Checks and stores at the same time, a chunk after the other.
    async fn store_rows(
        &self,
        id: ImportId,
        plan: CommitPlan,
        audit: AuditEntry,
        storing: &Storing,
    ) -> Result<(), ImportError> {
        let row = self.store.import(id).await?.ok_or(ImportError::NotFound)?;
        let summary = Summary::from_row(&row)?;
        let (total, now) = (summary.rows, self.clock.now());
        let kept = profile::remember(&row.file_name, &summary.columns, &plan, now);
        let keep = summary.header_row > 0;
        let duplicates = plan.duplicates.clone();
        let tell = |done| self.bus.publish(Event::ImportProgress { import_id: id, done, total });
        tell(0);

        let (sender, chunks) = mpsc::channel(WAITING_CHUNKS);
        let checking = self.check(id, plan, summary.sheet, sender);
        let mut rows = self.store.begin_import(id, duplicates, now).await?;
        let taken = take(&mut rows, chunks, storing, tell).await;
        // It writes to the file of rejected rows until it ends.
        let report = checking.await?;
        taken?;
        if storing.ended_by().is_some() {
            return Err(ImportError::Cancelled);
        }
        let Upserted { inserted, updated, debts_added, unchanged } = rows.upserted();
        let (changed_meanwhile, changed_rows) = rows.out_of_date().clone();
        let stored = Report { inserted, updated, debts_added, unchanged, changed_meanwhile, changed_rows, ..report? };
        let counts = serde_json::to_value(stored.counts()).map_err(std::io::Error::from)?;
        let report = serde_json::to_value(&stored).map_err(std::io::Error::from)?;
        let entry = AuditEntry { action: "import.store", ..audit.clone() };
        rows.finish(report, counts, vec![entry, audit]).await?;
        if keep && let Err(error) = self.store.save_import_profile(kept).await {
            tracing::warn!(import = id.0, error = &error as &dyn std::error::Error, "mapping not kept");
        }
        Ok(())
    }

    /// Checks the file's rows on a thread of their own.
    fn check(
        &self,
        id: ImportId,
        plan: CommitPlan,
        sheet: Option<String>,
        chunks: mpsc::Sender<Chunk>,
    ) -> JoinHandle<Result<Report, ImportError>> {
        let (program, path, rejected) = (self.program.clone(), self.file(id), self.rejected_file(id));
        spawn_blocking(move || {
            let source = Source { program: &program, path: &path, sheet: sheet.as_deref() };
            storing::check_all(&source, &plan, Rejects::create(&rejected)?, &chunks)
        })
    }
}

/// Stores chunks until there are no more or somebody asks for the end, and tells of each.
async fn take(
    rows: &mut ImportRows,
    mut chunks: mpsc::Receiver<Chunk>,
    storing: &Storing,
    tell: impl Fn(u64),
) -> Result<(), StoreError> {
    loop {
        let chunk = tokio::select! {
            biased;
            () = storing.asked_to_end() => return Ok(()),
            chunk = chunks.recv() => chunk,
        };
        let Some((good, done)) = chunk else { return Ok(()) };
        rows.put(&good).await?;
        tell(done);
    }
}
