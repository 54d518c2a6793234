//! What was seen when each session last broke, kept so that it is there after a restart of the server.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Store,
    db::on,
    error::StoreError,
    schema::session_diagnoses,
    sql_types::{At, Json},
};
use crate::domain::{health::Diagnosis, id::SessionId};

impl Store {
    /// Keeps what was seen when a session broke, in place of what was seen before; [`StoreError::Foreign`] if there is no such session.
    pub async fn keep_diagnosis(&self, session: SessionId, seen: &Diagnosis) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let changes = (
            session_diagnoses::at.eq(At(seen.at)),
            session_diagnoses::reason.eq(seen.reason.clone()),
            session_diagnoses::console.eq(Json(json!(seen.console))),
            session_diagnoses::picture.eq(seen.picture.clone()),
        );
        let row = (session_diagnoses::session_id.eq(session), changes.clone());
        on!(conn, c => diesel::insert_into(session_diagnoses::table).values(row)
            .on_conflict(session_diagnoses::session_id).do_update().set(changes).execute(c).await)?;
        Ok(())
    }

    /// What was seen when the session last broke.
    pub async fn diagnosis(&self, session: SessionId) -> Result<Option<Diagnosis>, StoreError> {
        type Row = (SessionId, At, String, Json, Option<Vec<u8>>);
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => session_diagnoses::table.find(session).first(c).await.optional())?;
        let Some((_, at, reason, Json(console), picture)) = row else { return Ok(None) };
        let console = serde_json::from_value(console)
            .map_err(|_| StoreError::Corrupt(format!("the console in the diagnosis of session {session}")))?;
        Ok(Some(Diagnosis { at: at.0, reason, console, picture }))
    }

    /// When each session last broke; those that never have are left out.
    pub async fn diagnosed(&self) -> Result<Vec<(SessionId, DateTime<Utc>)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = session_diagnoses::table.select((session_diagnoses::session_id, session_diagnoses::at));
        let rows: Vec<(SessionId, At)> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|(session, at)| (session, at.0)).collect())
    }
}
