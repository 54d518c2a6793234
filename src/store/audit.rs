//! The audit trail: written inside the transaction that makes the change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    db::on,
    error::StoreError,
    page::{Page, Paged},
    schema::audit_entries,
    sql_types::{At, Json},
};
use crate::domain::{audit::AuditEntry, id::UserId};

/// A change as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    /// None for the product itself.
    pub actor: Option<UserId>,
    pub action: String,
    pub subject: String,
    pub detail: serde_json::Value,
    pub at: DateTime<Utc>,
}

/// Records a change.
pub(super) async fn write_audit(conn: &mut Conn, entry: AuditEntry, now: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (
        audit_entries::actor.eq(entry.actor),
        audit_entries::action.eq(entry.action),
        audit_entries::subject.eq(entry.subject),
        audit_entries::detail.eq(Json(entry.detail)),
        audit_entries::at.eq(At(now)),
    );
    on!(conn, c => diesel::insert_into(audit_entries::table).values(row).execute(c).await)?;
    Ok(())
}

impl Store {
    /// Records what changes nothing here, and still has to be accounted for.
    pub async fn record_audit(&self, entry: AuditEntry, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        write_audit(&mut tx, entry, now).await?;
        tx.commit().await
    }

    /// What was changed, newest first.
    pub async fn audit_trail(&self, page: &Page) -> Result<Paged<AuditRow>, StoreError> {
        type Row = (i64, Option<UserId>, String, String, Json, At);
        let mut conn = self.db.read().await?;
        let after = page.after().unwrap_or(i64::MAX);
        let query = audit_entries::table
            .filter(audit_entries::id.lt(after))
            .order(audit_entries::id.desc())
            .limit(page.probe());
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        let rows = rows
            .into_iter()
            .map(|(id, actor, action, subject, detail, at)| AuditRow {
                id,
                actor,
                action,
                subject,
                detail: detail.0,
                at: at.0,
            })
            .collect();
        Ok(page.of(rows, None, |row: &AuditRow| row.id))
    }
}
