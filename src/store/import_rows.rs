//! The rows of an import, a chunk at a time in one transaction: as many as a file has, and all of them or none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    audit::write_audit,
    db::{Backend, Tx, on},
    debtors_bulk::{CHUNK, Told, Upserted, put},
    error::StoreError,
    imports::ImportStatus,
    schema::imports,
    sql_types::{At, Json},
};
use crate::domain::{audit::AuditEntry, debtor::DebtorDetails, duplicates::Duplicates, id::ImportId};

/// Rows that SQLite is given at once. For each statement it keeps the pages that were there before and are changed by it, and the full-text
/// index writes what it has: both are less for a row the more there are.
const SQLITE_CHUNK: usize = 4000;
/// Rows that are named as left alone, at the most; all are counted.
const NAMED: usize = 100;

/// A good row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// From 1, as in the sheet.
    pub number: u64,
    /// Whether an earlier row is of the same person, with another debt.
    pub another: bool,
    pub details: DebtorDetails,
}

impl FileRow {
    pub(super) const fn told(&self) -> Told<'_> {
        Told { number: self.number, another: self.another, details: &self.details }
    }
}

/// An import that is being stored. Dropped without [`finish`](Self::finish), it leaves nothing behind.
pub struct ImportRows {
    tx: Tx,
    id: ImportId,
    duplicates: Duplicates,
    now: DateTime<Utc>,
    upserted: Upserted,
    out_of_date: (u64, Vec<u64>),
}

impl Store {
    /// Begins to store the rows of an import; see [`Store::upsert_debtors`]. On SQLite nobody else writes until it ends.
    pub async fn begin_import(
        &self,
        id: ImportId,
        duplicates: Duplicates,
        now: DateTime<Utc>,
    ) -> Result<ImportRows, StoreError> {
        let tx = self.db.begin().await?;
        Ok(ImportRows { tx, id, duplicates, now, upserted: Upserted::default(), out_of_date: (0, Vec::new()) })
    }
}

impl ImportRows {
    /// Adds or updates debtors; no debt may come twice in an import. Whom a row would change is looked up again, and left as they are
    /// where somebody else has changed them since a person decided on it.
    pub async fn put(&mut self, rows: &[FileRow]) -> Result<(), StoreError> {
        let at_once = match self.tx.backend() {
            Backend::Sqlite => SQLITE_CHUNK,
            Backend::Postgres => CHUNK,
        };
        for chunk in rows.chunks(at_once) {
            let told: Vec<Told<'_>> = chunk.iter().map(FileRow::told).collect();
            let done = put(&mut self.tx, &told, &self.duplicates, Some(self.id), self.now).await?;
            self.upserted += done.upserted;
            self.out_of_date.0 += done.out_of_date.len() as u64;
            let free = NAMED.saturating_sub(self.out_of_date.1.len());
            self.out_of_date.1.extend(done.out_of_date.into_iter().take(free));
        }
        Ok(())
    }

    /// How many rows were left alone since what was decided on is out of date, and the first of them.
    pub const fn out_of_date(&self) -> &(u64, Vec<u64>) {
        &self.out_of_date
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
