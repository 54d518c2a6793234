//! What is done to many debtors at once: one statement in one transaction, however many they are.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Backend, Conn, Store,
    audit::write_audit,
    db::on,
    debtor_matching::{matching, these},
    error::StoreError,
    sql_types::At,
    statement::Sql,
};
use crate::domain::{
    audit::AuditEntry,
    debtor::DebtorStatus,
    debtor_filter::DebtorFilter,
    id::{DebtorId, UserId},
};

/// To whom it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    These(Vec<DebtorId>),
    /// All of whom the filter is true; days overdue are counted to the day.
    Matching(Box<DebtorFilter>, NaiveDate),
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DebtorsChange {
    AddTag(String),
    RemoveTag(String),
    /// Who is under a legal stop is left as they are without a reason, and who opted out in any case: a person has to say for each why
    /// they may be written to again.
    SetStatus {
        status: DebtorStatus,
        reason: Option<String>,
    },
    /// Puts their numbers on the suppression list.
    Suppress {
        reason: String,
    },
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DebtorsChanged {
    /// Debtors who are meant.
    pub meant: u64,
    /// Those of them for whom it was something new.
    pub changed: u64,
    /// Those left as they are because of a legal stop.
    pub left_out: u64,
}

impl Store {
    /// Changes many debtors, all or none of them.
    pub async fn change_debtors(
        &self,
        whom: &Whom,
        change: &DebtorsChange,
        by: UserId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<DebtorsChanged, StoreError> {
        let mut tx = self.db.begin().await?;
        let meant = match whom {
            Whom::These(ids) => these(&ids.iter().map(|id| id.0).collect::<Vec<_>>(), self.backend()),
            Whom::Matching(filter, today) => matching(filter, self.backend(), *today),
        };
        let mut done = DebtorsChanged { meant: lock(&mut tx, &meant).await?, ..DebtorsChanged::default() };
        match change {
            DebtorsChange::AddTag(tag) => done.changed = add_tag(&mut tx, &meant, tag).await?,
            DebtorsChange::RemoveTag(tag) => done.changed = remove_tag(&mut tx, &meant, tag).await?,
            DebtorsChange::SetStatus { status, reason } => {
                let stays = stays(*status, reason.is_some());
                done.left_out = count(&mut tx, &meant.clone().sql(" AND ").then(&among(&stays))).await?;
                done.changed = set_status(&mut tx, &meant, *status, reason.as_deref(), by, now).await?;
            }
            DebtorsChange::Suppress { reason } => done.changed = suppress(&mut tx, &meant, reason, by, now).await?,
        }
        let detail = match audit.detail {
            serde_json::Value::Object(mut detail) => {
                detail.insert("meant".to_owned(), json!(done.meant));
                detail.insert("changed".to_owned(), json!(done.changed));
                serde_json::Value::Object(detail)
            }
            _ => json!({ "meant": done.meant, "changed": done.changed }),
        };
        write_audit(&mut tx, AuditEntry { detail, ..audit }, now).await?;
        tx.commit().await?;
        Ok(done)
    }
}

async fn execute(conn: &mut Conn, sql: Sql) -> Result<u64, StoreError> {
    let command = sql.query::<()>();
    Ok(on!(conn, c => command.execute(c).await)? as u64)
}

async fn count(conn: &mut Conn, wanted: &Sql) -> Result<u64, StoreError> {
    let query = Sql::new("SELECT count(*) FROM debtors WHERE ").then(wanted).query::<BigInt>();
    let count: i64 = on!(conn, c => query.get_result(c).await)?;
    Ok(count.cast_unsigned())
}

/// Counts those who are meant. On PostgreSQL they are kept from other changes, in the order of their ids as everywhere, so that the
/// statements that follow mean the same debtors.
async fn lock(conn: &mut Conn, meant: &Sql) -> Result<u64, StoreError> {
    if conn.backend() == Backend::Sqlite {
        return count(conn, meant).await;
    }
    let query = Sql::new("SELECT count(*) FROM (SELECT debtors.id FROM debtors WHERE ")
        .then(meant)
        .sql(" ORDER BY debtors.id FOR NO KEY UPDATE) AS locked")
        .query::<BigInt>();
    let count: i64 = on!(conn, c => query.get_result(c).await)?;
    Ok(count.cast_unsigned())
}

async fn add_tag(conn: &mut Conn, meant: &Sql, tag: &str) -> Result<u64, StoreError> {
    let sql = Sql::new("INSERT INTO debtor_tags (debtor_id, tag) SELECT debtors.id, ").text(tag);
    execute(conn, sql.sql(" FROM debtors WHERE ").then(meant).sql(" ON CONFLICT DO NOTHING")).await
}

async fn remove_tag(conn: &mut Conn, meant: &Sql, tag: &str) -> Result<u64, StoreError> {
    let sql = Sql::new("DELETE FROM debtor_tags WHERE tag = ").text(tag);
    execute(conn, sql.sql(" AND debtor_id IN (SELECT debtors.id FROM debtors WHERE ").then(meant).sql(")")).await
}

/// The statuses that stay when many debtors get another one.
fn stays(status: DebtorStatus, reasoned: bool) -> Vec<DebtorStatus> {
    let stays = |stop: &DebtorStatus| stop.needs_reason_for(status) && (*stop == DebtorStatus::OptedOut || !reasoned);
    DebtorStatus::ALL.iter().copied().filter(stays).collect()
}

/// Whether a debtor has one of the statuses.
fn among(statuses: &[DebtorStatus]) -> Sql {
    let one = |sql: Sql, status: &DebtorStatus| sql.sql(" OR debtors.status = ").text(status.as_str());
    statuses.iter().fold(Sql::new("(FALSE"), one).sql(")")
}

/// Sets the status, and notes it of each debtor.
async fn set_status(
    conn: &mut Conn,
    meant: &Sql,
    status: DebtorStatus,
    reason: Option<&str>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let news = meant.clone().sql(" AND debtors.status <> ").text(status.as_str());
    let news = news.sql(" AND NOT ").then(&among(&stays(status, reason.is_some())));
    let detail = json!({ "status": status.as_str(), "reason": reason });
    note(conn, "debtor.status", detail, by, now, &news).await?;
    let update = Sql::new("UPDATE debtors SET status = ").text(status.as_str()).sql(", updated_at = ").at(At(now));
    execute(conn, update.sql(" WHERE ").then(&news)).await
}

/// Puts on record what is done to each debtor: their timeline is read from there.
async fn note(
    conn: &mut Conn,
    action: &'static str,
    detail: serde_json::Value,
    by: UserId,
    now: DateTime<Utc>,
    whom: &Sql,
) -> Result<u64, StoreError> {
    let as_json = if conn.backend() == Backend::Postgres { "::jsonb" } else { "" };
    let notes = Sql::new("INSERT INTO audit_entries (actor, action, subject, detail, at) SELECT ")
        .number(by.0)
        .sql(", ")
        .text(action)
        .sql(", 'debtor:' || debtors.id, ")
        .text(detail.to_string())
        .sql(as_json)
        .sql(", ")
        .at(At(now))
        .sql(" FROM debtors WHERE ")
        .then(whom);
    execute(conn, notes).await
}

async fn suppress(
    conn: &mut Conn,
    meant: &Sql,
    reason: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let news =
        meant.clone().sql(" AND NOT EXISTS (SELECT 1 FROM suppressions WHERE suppressions.phone = debtors.phone)");
    note(conn, "suppression.add", json!({ "reason": reason }), by, now, &news).await?;
    let sql = Sql::new("INSERT INTO suppressions (phone, reason, created_by, created_at) SELECT debtors.phone, ")
        .text(reason)
        .sql(", ")
        .number(by.0)
        .sql(", ")
        .at(At(now))
        .sql(" FROM debtors WHERE ")
        .then(meant)
        .sql(" ON CONFLICT DO NOTHING");
    execute(conn, sql).await
}
