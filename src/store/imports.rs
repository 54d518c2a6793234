//! Uploaded spreadsheets on their way in. The files themselves lie in the data folder; here is what is known of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    db::on,
    error::StoreError,
    schema::imports,
    sql_types::{At, Json},
};
use crate::domain::{
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
        /// Could not be stored; nothing was.
        Failed = "failed",
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
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
}

type Row = (ImportId, String, String, ImportStatus, Json, Option<Json>, UserId, At, At);

impl Store {
    /// Adds an import that was read.
    pub async fn create_import(&self, new: NewImport, now: DateTime<Utc>) -> Result<ImportId, StoreError> {
        let mut conn = self.db.write().await?;
        let row = (
            imports::file_name.eq(new.file_name),
            imports::kind.eq(new.kind),
            imports::status.eq(ImportStatus::Previewed),
            imports::summary.eq(Json(new.summary)),
            imports::created_by.eq(new.created_by),
            imports::created_at.eq(At(now)),
            imports::updated_at.eq(At(now)),
        );
        Ok(on!(conn, c => diesel::insert_into(imports::table).values(row).returning(imports::id).get_result(c).await)?)
    }

    /// The import with that id.
    pub async fn import(&self, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => imports::table.find(id).first(c).await.optional())?;
        Ok(row.map(|(id, file_name, kind, status, summary, report, created_by, created_at, _)| ImportRow {
            id,
            file_name,
            kind,
            status,
            summary: summary.0,
            report: report.map(|report| report.0),
            created_by,
            created_at: created_at.0,
        }))
    }

    /// Takes an import from `from` to `to`, and says whether it was there; of two who ask at once, one succeeds.
    pub async fn move_import(
        &self,
        id: ImportId,
        from: ImportStatus,
        to: ImportStatus,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::update(imports::table.find(id).filter(imports::status.eq(from)))
            .set((imports::status.eq(to), imports::updated_at.eq(At(now))));
        Ok(on!(conn, c => query.execute(c).await)? > 0)
    }

    /// Stores what was found in the file, read in another way, of an import that waits to be confirmed; and says whether it does.
    pub async fn set_import_summary(
        &self,
        id: ImportId,
        summary: Value,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::update(imports::table.find(id).filter(imports::status.eq(ImportStatus::Previewed)))
            .set((imports::summary.eq(Json(summary)), imports::updated_at.eq(At(now))));
        Ok(on!(conn, c => query.execute(c).await)? > 0)
    }

    /// Imports that a crash left half-way are to be confirmed again; their rows were not stored.
    pub async fn reopen_imports(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::update(imports::table.filter(imports::status.eq(ImportStatus::Committing)))
            .set((imports::status.eq(ImportStatus::Previewed), imports::updated_at.eq(At(now))));
        Ok(on!(conn, c => query.execute(c).await)?)
    }
}
