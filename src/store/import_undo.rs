//! Taking back what an import stored: it keeps what it changes of debtors, so that their former values can come back.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::BigInt};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Backend, Conn, Store,
    among::among,
    audit::write_audit,
    db::{bulk, on},
    debtors::{DebtorColumns, Row, with_tags_and_debts},
    debtors_bulk::CHUNK,
    debts,
    error::StoreError,
    imports::ImportStatus,
    schema::{debtor_tags, debtors, import_changes, imports},
    sql_types::{At, Json},
    statement::Sql,
};
use crate::domain::{
    audit::AuditEntry,
    debtor::{Debtor, DebtorDetails, DebtorStatus},
    id::{DebtorId, ImportId, UserId},
    revision::Revision,
};

/// Why an import was not undone; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UndoRefused {
    #[error("it was not stored")]
    NotStored,
    #[error("an earlier version has stored it, and did not keep what it changed")]
    Untracked,
    /// How many debtors.
    #[error("messages to {0} of its debtors were planned or sent since")]
    WrittenTo(u64),
    /// How many debtors.
    #[error("a later import has changed {0} of its debtors")]
    BuiltOn(u64),
}

/// Keeps what an import changes of debtors, who must be kept from other changes until the transaction ends: the rows of one debtor are
/// then in the order of the changes.
pub(super) async fn keep_changes(
    conn: &mut Conn,
    import: ImportId,
    changes: &[(DebtorId, Revision)],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let row = |(debtor, revision): &(DebtorId, Revision)| {
        (
            import_changes::import_id.eq(import),
            import_changes::debtor_id.eq(*debtor),
            import_changes::revision.eq(Json(json!(revision))),
        )
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    bulk!(conn, diesel::insert_into(import_changes::table).values(rows))?;
    Ok(())
}

impl Store {
    /// Takes back what an import stored, all of it or nothing: those whom it added are gone, those whom it changed have their former
    /// values where these are still as it left them. Their status is never touched, and who must not be written to stays on the
    /// suppression list. An import that is undone stays so.
    pub async fn undo_import(
        &self,
        id: ImportId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Result<(), UndoRefused>, StoreError> {
        let mut tx = self.db.begin().await?;
        let (status, tracked, stored_at) = find_to_change(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        let refused = match status {
            ImportStatus::Undone => {
                tx.rollback().await?;
                return Ok(Ok(()));
            }
            ImportStatus::Committed if tracked => what_rests_on(&mut tx, id, stored_at).await?,
            ImportStatus::Committed => Some(UndoRefused::Untracked),
            _ => Some(UndoRefused::NotStored),
        };
        if let Some(refused) = refused {
            // At once: claims pass by whom it has locked.
            tx.rollback().await?;
            return Ok(Err(refused));
        }
        let restored = restore(&mut tx, id, now).await?;
        keep_stops(&mut tx, id, audit.actor, now).await?;
        let added = debtors::table.filter(debtors::import_id.eq(Some(id)));
        let deleted = on!(tx, c => diesel::delete(added).execute(c).await)?;
        let changes = (imports::status.eq(ImportStatus::Undone), imports::updated_at.eq(At(now)));
        on!(tx, c => diesel::update(imports::table.find(id)).set(changes).execute(c).await)?;
        let detail = json!({ "deleted": deleted, "restored": restored });
        write_audit(&mut tx, AuditEntry { detail, ..audit }, now).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}

/// Where an import is, whether what it changed is known, and when it was stored; kept from other changes until the transaction ends.
async fn find_to_change(conn: &mut Conn, id: ImportId) -> Result<Option<(ImportStatus, bool, At)>, StoreError> {
    let query = imports::table.find(id).select((imports::status, imports::tracked, imports::updated_at));
    let found = match conn {
        Conn::Pg(c) => query.for_update().first(&mut ***c).await,
        Conn::Lite(c) => query.first(&mut **c).await,
    };
    Ok(found.optional()?)
}

/// What forbids to take the import back, if anything does. On PostgreSQL its debtors are kept from other changes from then on.
async fn what_rests_on(conn: &mut Conn, id: ImportId, stored_at: At) -> Result<Option<UndoRefused>, StoreError> {
    lock_debtors(conn, id).await?;
    let written_to = count(conn, written_to(id, stored_at)).await?;
    if written_to > 0 {
        return Ok(Some(UndoRefused::WrittenTo(written_to)));
    }
    let built_on = count(conn, built_on(id)).await?;
    Ok((built_on > 0).then_some(UndoRefused::BuiltOn(built_on)))
}

async fn count(conn: &mut Conn, sql: Sql) -> Result<u64, StoreError> {
    let query = sql.query::<BigInt>();
    let count: i64 = on!(conn, c => query.get_result(c).await)?;
    Ok(count.cast_unsigned())
}

/// Keeps the import's debtors from other changes, in the order of their ids as everywhere: nobody plans a message to them meanwhile.
/// SQLite has one writer anyway.
async fn lock_debtors(conn: &mut Conn, id: ImportId) -> Result<(), StoreError> {
    if conn.backend() == Backend::Sqlite {
        return Ok(());
    }
    let sql = Sql::new(
        "SELECT count(*) FROM (SELECT debtors.id FROM debtors WHERE debtors.id IN \
         (SELECT added.id FROM debtors AS added WHERE added.import_id = ",
    )
    .number(id.0)
    .sql(" UNION ALL SELECT debtor_id FROM import_changes WHERE import_id = ")
    .number(id.0)
    .sql(") ORDER BY debtors.id FOR UPDATE) AS locked");
    count(conn, sql).await?;
    Ok(())
}

/// Counts those whom it added who are in the ledger at all, since what is there stays, and those whom it changed to whom something is on
/// its way or went since.
fn written_to(id: ImportId, stored_at: At) -> Sql {
    Sql::new(
        "SELECT count(*) FROM (SELECT messages.debtor_id FROM debtors \
         JOIN messages ON messages.debtor_id = debtors.id WHERE debtors.import_id = ",
    )
    .number(id.0)
    .sql(
        " UNION SELECT messages.debtor_id FROM import_changes \
         JOIN messages ON messages.debtor_id = import_changes.debtor_id WHERE import_changes.import_id = ",
    )
    .number(id.0)
    .sql(" AND (messages.state IN ('planned', 'queued', 'sending') OR messages.claimed_at >= ")
    .at(stored_at)
    .sql(")) AS written_to")
}

/// Counts those whom another import has changed after this one added or changed them.
fn built_on(id: ImportId) -> Sql {
    Sql::new(
        "SELECT count(*) FROM (SELECT later.debtor_id FROM debtors \
         JOIN import_changes AS later ON later.debtor_id = debtors.id WHERE debtors.import_id = ",
    )
    .number(id.0)
    // Several rows of one import may have changed the same debtor.
    .sql(
        " UNION SELECT later.debtor_id FROM import_changes AS own JOIN import_changes AS later \
         ON later.debtor_id = own.debtor_id AND later.id > own.id AND later.import_id <> own.import_id \
         WHERE own.import_id = ",
    )
    .number(id.0)
    .sql(") AS built_on")
}

/// Gives those whom the import changed their former values, the last change first; how many that were.
async fn restore(conn: &mut Conn, id: ImportId, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut restored = HashSet::new();
    loop {
        let query = import_changes::table
            .filter(import_changes::import_id.eq(id))
            .order(import_changes::id.desc())
            .limit(CHUNK as i64)
            .select((import_changes::id, import_changes::debtor_id, import_changes::revision));
        let kept: Vec<(i64, DebtorId, Json)> = on!(conn, c => query.load(c).await)?;
        let Some((last, ..)) = kept.last() else { return Ok(restored.len() as u64) };
        let done = import_changes::table.filter(import_changes::import_id.eq(id)).filter(import_changes::id.ge(*last));
        let debtors = these(conn, kept.iter().map(|(_, debtor, _)| *debtor).collect()).await?;
        let mut former = HashMap::<DebtorId, DebtorDetails>::new();
        for (_, id, revision) in kept {
            let Some(debtor) = debtors.get(&id) else { continue };
            let revision: Revision = serde_json::from_value(revision.0)
                .map_err(|_| StoreError::Corrupt(format!("what an import changed of debtor {id}")))?;
            let details = revision.undone(former.get(&id).unwrap_or(&debtor.details));
            former.insert(id, details);
        }
        for (id, details) in &former {
            if put_back(conn, &debtors[id], details, now).await? {
                restored.insert(*id);
            }
        }
        on!(conn, c => diesel::delete(done).execute(c).await)?;
    }
}

async fn these(conn: &mut Conn, ids: Vec<DebtorId>) -> Result<HashMap<DebtorId, Debtor>, StoreError> {
    let query = debtors::table.filter(among(debtors::id, ids));
    let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
    let found = with_tags_and_debts(conn, rows).await?;
    Ok(found.into_iter().map(|debtor| (debtor.id, debtor)).collect())
}

/// Whether there was something to put back.
async fn put_back(
    conn: &mut Conn,
    debtor: &Debtor,
    details: &DebtorDetails,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if *details == debtor.details {
        return Ok(false);
    }
    debts::change(conn, &[(debtor.id, &debtor.details.debts, &details.debts)], None, now).await?;
    let columns = DebtorColumns::new(details, debtor.status, now);
    on!(conn, c => diesel::update(debtors::table.find(debtor.id)).set(columns).execute(c).await)?;
    let tags: Vec<String> = debtor.details.tags.difference(&details.tags).cloned().collect();
    let gone = debtor_tags::table.filter(debtor_tags::debtor_id.eq(debtor.id)).filter(debtor_tags::tag.eq_any(tags));
    on!(conn, c => diesel::delete(gone).execute(c).await)?;
    Ok(true)
}

/// A debtor who goes takes their status along: what must hold for their number all the same goes on the suppression list.
async fn keep_stops(conn: &mut Conn, id: ImportId, by: Option<UserId>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let stops = DebtorStatus::ALL.iter().filter(|status| status.outlives_debtor()).map(|status| status.as_str());
    let sql = Sql::new(
        "INSERT INTO suppressions (phone, reason, created_by, created_at) SELECT debtors.phone, debtors.status, ",
    );
    let sql = match by {
        Some(user) => sql.number(user.0),
        None => sql.sql("NULL"),
    };
    let command = sql
        .sql(", ")
        .at(At(now))
        .sql(" FROM debtors WHERE debtors.import_id = ")
        .number(id.0)
        .sql(" AND debtors.status IN ")
        .texts(stops)
        .sql(" ON CONFLICT DO NOTHING")
        .query::<()>();
    on!(conn, c => command.execute(c).await)?;
    Ok(())
}
