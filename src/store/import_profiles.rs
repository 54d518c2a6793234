//! How files of a shape were mapped when one was last imported, to suggest the same for the next.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::{
    Store,
    db::on,
    error::StoreError,
    schema::import_profiles,
    sql_types::{At, Json},
};

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
        Ok(row.map(|(fingerprint, name, mapping, settings, last_used_at)| ImportProfile {
            fingerprint,
            name,
            mapping: mapping.0,
            settings: settings.0,
            last_used_at: last_used_at.0,
        }))
    }
}
