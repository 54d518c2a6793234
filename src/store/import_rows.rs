//! The rows of an import, a chunk at a time in one transaction: as many as a file has, and all of them or none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    audit::write_audit,
    db::{Tx, on},
    debtors_bulk::{CHUNK, Upserted, put},
    error::StoreError,
    imports::ImportStatus,
    schema::imports,
    sql_types::{At, Json},
};
use crate::domain::{audit::AuditEntry, debtor::DebtorDetails, id::ImportId};

/// An import that is being stored. Dropped without [`finish`](Self::finish), it leaves nothing behind.
pub struct ImportRows {
    tx: Tx,
    id: ImportId,
    update_existing: bool,
    now: DateTime<Utc>,
    upserted: Upserted,
}

impl Store {
    /// Begins to store the rows of an import; see [`Store::upsert_debtors`]. On SQLite nobody else writes until it ends.
    pub async fn begin_import(
        &self,
        id: ImportId,
        update_existing: bool,
        now: DateTime<Utc>,
    ) -> Result<ImportRows, StoreError> {
        let tx = self.db.begin().await?;
        Ok(ImportRows { tx, id, update_existing, now, upserted: Upserted::default() })
    }
}

impl ImportRows {
    /// Adds or updates debtors; no debt may come twice in an import.
    pub async fn put(&mut self, rows: &[DebtorDetails]) -> Result<(), StoreError> {
        for chunk in rows.chunks(CHUNK) {
            self.upserted += put(&mut self.tx, chunk, self.update_existing, Some(self.id), self.now).await?;
        }
        Ok(())
    }

    /// What has become of the rows so far.
    pub const fn upserted(&self) -> Upserted {
        self.upserted
    }

    /// Makes the rows last, and with them the import's report, its numbers for lists and its audit rows: a crash leaves all of it or
    /// nothing.
    pub async fn finish(mut self, report: Value, counts: Value, audit: Vec<AuditEntry>) -> Result<(), StoreError> {
        let changes = (
            imports::status.eq(ImportStatus::Committed),
            imports::report.eq(Json(report)),
            imports::counts.eq(Json(counts)),
            imports::tracked.eq(true),
            imports::updated_at.eq(At(self.now)),
        );
        on!(self.tx, c => diesel::update(imports::table.find(self.id)).set(changes).execute(c).await)?;
        for entry in audit {
            write_audit(&mut self.tx, entry, self.now).await?;
        }
        self.tx.commit().await
    }
}
