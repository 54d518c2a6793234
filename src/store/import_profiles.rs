//! How files of a shape were mapped when one was last imported, to suggest the same for the next.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    schema::import_profiles,
    sql_types::{At, Json},
};
use crate::domain::audit::AuditEntry;

/// A mapping that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProfile {
    /// Tells files of the same columns.
    pub fingerprint: String,
    /// The last file's name.
    pub name: String,
    /// What each column becomes.
    pub mapping: Value,
    /// How values are read.
    pub settings: Value,
    pub last_used_at: DateTime<Utc>,
}

type Row = (String, String, Json, Json, At);

fn profile((fingerprint, name, mapping, settings, last_used_at): Row) -> ImportProfile {
    ImportProfile { fingerprint, name, mapping: mapping.0, settings: settings.0, last_used_at: last_used_at.0 }
}

/// Mappings that a list has, at the most.
const LISTED: i64 = 200;

impl Store {
    /// Keeps a mapping in place of the one before for the same shape.
    pub async fn save_import_profile(&self, profile: ImportProfile) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let changes = (
            import_profiles::name.eq(profile.name),
            import_profiles::mapping.eq(Json(profile.mapping)),
            import_profiles::settings.eq(Json(profile.settings)),
            import_profiles::last_used_at.eq(At(profile.last_used_at)),
        );
        let row = (import_profiles::fingerprint.eq(profile.fingerprint), changes.clone());
        on!(conn, c => diesel::insert_into(import_profiles::table).values(row)
            .on_conflict(import_profiles::fingerprint).do_update().set(changes).execute(c).await)?;
        Ok(())
    }

    /// The mapping for a shape.
    pub async fn import_profile(&self, fingerprint: &str) -> Result<Option<ImportProfile>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = import_profiles::table.find(fingerprint.to_owned());
        let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(profile))
    }

    /// The mappings that are kept, the last used first; two hundred at the most.
    pub async fn import_profiles(&self) -> Result<Vec<ImportProfile>, StoreError> {
        let mut conn = self.db.read().await?;
        let order = (import_profiles::last_used_at.desc(), import_profiles::fingerprint);
        let query = import_profiles::table.order(order).limit(LISTED);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(profile).collect())
    }

    /// Forgets the mapping for a shape; `false` if there is none.
    pub async fn delete_import_profile(
        &self,
        fingerprint: &str,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let known = import_profiles::table.find(fingerprint.to_owned());
        let gone = on!(tx, c => diesel::delete(known).execute(c).await)?;
        if gone == 0 {
            return Ok(false);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
