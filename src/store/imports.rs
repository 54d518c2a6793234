//! Uploaded spreadsheets on their way in. The files themselves lie in the data folder; here is what is known of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    page::{Page, Paged},
    schema::{imports, users},
    sql_types::{At, Json},
};
use crate::domain::{
    audit::AuditEntry,
    id::{ImportId, UserId},
    text_enum,
};

text_enum! {
    /// Where an import is.
    pub enum ImportStatus {
        /// Read; nothing is stored yet.
        Previewed = "previewed",
        /// Being stored.
        Committing = "committing",
        /// Stored; the report says what became of each row.
        Committed = "committed",
        /// What it stored was taken back.
        Undone = "undone",
        /// A person ended it while it was being stored; nothing was.
        Cancelled = "cancelled",
        /// The server ended while it was being stored; nothing was.
        Interrupted = "interrupted",
        /// Was not confirmed in time: its file is gone, and nothing was stored.
        Failed = "failed",
    }
}

impl ImportStatus {
    /// Those that a person can confirm: nothing is stored, and the file is kept.
    pub const WAITING: &'static [Self] = &[Self::Previewed, Self::Cancelled, Self::Interrupted];

    /// Whether a person can confirm it.
    pub fn waits(self) -> bool {
        Self::WAITING.contains(&self)
    }
}

/// An import to add.
#[derive(Debug, Clone)]
pub struct NewImport {
    pub file_name: String,
    /// `csv` or `workbook`.
    pub kind: String,
    /// What was found in the file.
    pub summary: Value,
    /// Rows below the header.
    pub rows: u64,
    pub created_by: UserId,
}

/// An import as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    pub id: ImportId,
    pub file_name: String,
    pub kind: String,
    pub status: ImportStatus,
    pub summary: Value,
    pub report: Option<Value>,
    /// How it was confirmed last.
    pub plan: Option<Value>,
    pub created_by: (UserId, String),
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a list shows of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImport {
    pub id: ImportId,
    pub file_name: String,
    pub status: ImportStatus,
    /// Rows below the header.
    pub rows: u64,
    /// The numbers of its report.
    pub counts: Option<Value>,
    pub created_by: (UserId, String),
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

type Row = (ImportId, String, String, ImportStatus, Json, Option<Json>, Option<Json>, UserId, String, At, At);
type ListedRow = (ImportId, String, ImportStatus, i64, Option<Json>, UserId, String, At, At);

impl Store {
    /// Adds an import that was read.
    pub async fn create_import(&self, new: NewImport, now: DateTime<Utc>) -> Result<ImportId, StoreError> {
        let mut conn = self.db.write().await?;
        let row = (
            imports::file_name.eq(new.file_name),
            imports::kind.eq(new.kind),
            imports::status.eq(ImportStatus::Previewed),
            imports::summary.eq(Json(new.summary)),
            imports::row_count.eq(new.rows.cast_signed()),
            imports::created_by.eq(new.created_by),
            imports::created_at.eq(At(now)),
            imports::updated_at.eq(At(now)),
        );
        Ok(on!(conn, c => diesel::insert_into(imports::table).values(row).returning(imports::id).get_result(c).await)?)
    }

    /// The import with that id.
    pub async fn import(&self, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = imports::table.inner_join(users::table).filter(imports::id.eq(id)).select((
            imports::id,
            imports::file_name,
            imports::kind,
            imports::status,
            imports::summary,
            imports::report,
            imports::plan,
            users::id,
            users::name,
            imports::created_at,
            imports::updated_at,
        ));
        let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(|(id, file_name, kind, status, summary, report, plan, user, name, created_at, updated_at)| {
            ImportRow {
                id,
                file_name,
                kind,
                status,
                summary: summary.0,
                report: report.map(|report| report.0),
                plan: plan.map(|plan| plan.0),
                created_by: (user, name),
                created_at: created_at.0,
                updated_at: updated_at.0,
            }
        }))
    }

    /// Every import, the newest first.
    pub async fn imports(&self, page: &Page) -> Result<Paged<ListedImport>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = imports::table
            .inner_join(users::table)
            .filter(imports::id.lt(page.after().unwrap_or(i64::MAX)))
            .order(imports::id.desc())
            .limit(page.probe())
            .select((
                imports::id,
                imports::file_name,
                imports::status,
                imports::row_count,
                imports::counts,
                users::id,
                users::name,
                imports::created_at,
                imports::updated_at,
            ));
        let rows: Vec<ListedRow> = on!(conn, c => query.load(c).await)?;
        let listed =
            |(id, file_name, status, rows, counts, user, name, created_at, updated_at): ListedRow| ListedImport {
                id,
                file_name,
                status,
                rows: rows.cast_unsigned(),
                counts: counts.map(|counts| counts.0),
                created_by: (user, name),
                created_at: created_at.0,
                updated_at: updated_at.0,
            };
        Ok(page.of(rows.into_iter().map(listed).collect(), None, |import: &ListedImport| import.id.0))
    }

    /// Takes an import from one of `from` to `to`, and says whether it was there; of two who ask at once, one succeeds.
    pub async fn move_import(
        &self,
        id: ImportId,
        from: &[ImportStatus],
        to: ImportStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::update(imports::table.find(id).filter(imports::status.eq_any(from.to_vec())))
            .set((imports::status.eq(to), imports::updated_at.eq(At(now))));
        Ok(on!(conn, c => query.execute(c).await)? > 0)
    }

    /// Takes an import that waits to being stored, and keeps how it was confirmed; says whether it waited. Of two who ask at once, one
    /// succeeds.
    pub async fn confirm_import(&self, id: ImportId, plan: Value, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let waiting = imports::table.find(id).filter(imports::status.eq_any(ImportStatus::WAITING.to_vec()));
        let query = diesel::update(waiting).set((
            imports::status.eq(ImportStatus::Committing),
            imports::plan.eq(Json(plan)),
            imports::updated_at.eq(At(now)),
        ));
        Ok(on!(conn, c => query.execute(c).await)? > 0)
    }

    /// Notes that a person has ended an import while it was being stored; its rows must not be stored by then.
    pub async fn cancel_import(&self, id: ImportId, now: DateTime<Utc>, audit: AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let running = imports::table.find(id).filter(imports::status.eq(ImportStatus::Committing));
        let changes = (imports::status.eq(ImportStatus::Cancelled), imports::updated_at.eq(At(now)));
        on!(tx, c => diesel::update(running).set(changes).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await
    }

    /// Stores what was found in the file, read in another way, of an import that waits to be confirmed; and says whether it does.
    pub async fn set_import_summary(
        &self,
        id: ImportId,
        summary: Value,
        rows: u64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let waiting = imports::table.find(id).filter(imports::status.eq_any(ImportStatus::WAITING.to_vec()));
        let query = diesel::update(waiting).set((
            imports::summary.eq(Json(summary)),
            imports::row_count.eq(rows.cast_signed()),
            imports::updated_at.eq(At(now)),
        ));
        Ok(on!(conn, c => query.execute(c).await)? > 0)
    }

    /// Imports that a crash has cut short; their rows were not stored. To be asked before any is stored by this server.
    pub async fn interrupt_imports(&self, now: DateTime<Utc>) -> Result<Vec<ImportId>, StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::update(imports::table.filter(imports::status.eq(ImportStatus::Committing)))
            .set((imports::status.eq(ImportStatus::Interrupted), imports::updated_at.eq(At(now))))
            .returning(imports::id);
        Ok(on!(conn, c => query.get_results(c).await)?)
    }
}
