//! Debtors by the thousand: what an import stores, in one transaction.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    audit::write_audit,
    db::{bulk, on},
    debtors::{DebtorColumns, Row, with_tags},
    error::StoreError,
    import_undo::keep_changes,
    schema::{debtor_tags, debtors},
    sql_types::At,
};
use crate::domain::{
    audit::AuditEntry,
    debtor::{Debtor, DebtorDetails, DebtorStatus},
    id::{DebtorId, ImportId},
    phone::Phone,
    revision::Revision,
};

/// Rows handled at once; SQLite allows 32,766 values in a statement.
pub(super) const CHUNK: usize = 1000;

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upserted {
    pub inserted: u64,
    pub updated: u64,
    /// Known already, and not to be changed or not different.
    pub unchanged: u64,
}

impl Store {
    /// Adds debtors, and with `update_existing` brings known ones (by phone) up to date: what the new details lack stays, tags and
    /// fields are merged, and the status is never touched, so that nobody who opted out is brought back. All or nothing; `progress`
    /// is told how many rows are done. Those added are known to be of `import`, and what it changes of the others is kept, so that it can
    /// be undone. Phones must not repeat.
    pub async fn upsert_debtors(
        &self,
        rows: &[DebtorDetails],
        update_existing: bool,
        import: Option<ImportId>,
        now: DateTime<Utc>,
        audit: AuditEntry,
        progress: impl Fn(u64) + Send,
    ) -> Result<Upserted, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut upserted = Upserted::default();
        let mut done = 0;
        for chunk in rows.chunks(CHUNK) {
            upserted += put(&mut tx, chunk, update_existing, import, now).await?;
            done += chunk.len() as u64;
            progress(done);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(upserted)
    }
}

impl std::ops::AddAssign for Upserted {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// Adds or updates up to [`CHUNK`] debtors; see [`Store::upsert_debtors`].
pub(super) async fn put(
    conn: &mut Conn,
    chunk: &[DebtorDetails],
    update_existing: bool,
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<Upserted, StoreError> {
    let mut upserted = Upserted::default();
    let known = known(conn, chunk).await?;
    let new: Vec<&DebtorDetails> = chunk.iter().filter(|details| !known.contains_key(&details.phone)).collect();
    insert(conn, &new, import, now).await?;
    upserted.inserted += new.len() as u64;
    let mut changes = Vec::new();
    for details in chunk {
        let Some(debtor) = known.get(&details.phone) else {
            continue;
        };
        let merged = merge(&debtor.details, details);
        if !update_existing || merged == debtor.details {
            upserted.unchanged += 1;
            continue;
        }
        let columns = DebtorColumns::new(&merged, debtor.status, now);
        on!(conn, c => diesel::update(debtors::table.find(debtor.id)).set(columns).execute(c).await)?;
        let added = merged.tags.difference(&debtor.details.tags).map(|tag| (debtor.id, tag.clone())).collect();
        insert_tags(conn, added).await?;
        changes.push((debtor.id, Revision::between(&debtor.details, &merged)));
        upserted.updated += 1;
    }
    if let Some(import) = import {
        keep_changes(conn, import, &changes).await?;
    }
    Ok(upserted)
}

/// The debtors that have one of the chunk's phones, kept from other changes until the transaction ends: who opts out meanwhile must
/// not be written back as they were. In the order of their ids, so that two imports do not wait for each other in a circle.
async fn known(conn: &mut Conn, chunk: &[DebtorDetails]) -> Result<HashMap<Phone, Debtor>, StoreError> {
    let phones: Vec<Phone> = chunk.iter().map(|details| details.phone.clone()).collect();
    let query = debtors::table.filter(debtors::phone.eq_any(phones)).order(debtors::id);
    let rows: Vec<Row> = match conn {
        Conn::Pg(c) => query.for_update().load(&mut ***c).await?,
        Conn::Lite(c) => query.load(&mut **c).await?,
    };
    let found = with_tags(conn, rows).await?;
    Ok(found.into_iter().map(|debtor| (debtor.details.phone.clone(), debtor)).collect())
}

async fn insert(
    conn: &mut Conn,
    new: &[&DebtorDetails],
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = new
        .iter()
        .map(|details| {
            let columns = DebtorColumns::new(details, DebtorStatus::Active, now);
            (columns, debtors::created_at.eq(At(now)), debtors::import_id.eq(import))
        })
        .collect();
    bulk!(conn, diesel::insert_into(debtors::table).values(rows))?;
    let phones: Vec<Phone> = new.iter().map(|details| details.phone.clone()).collect();
    let query = debtors::table.filter(debtors::phone.eq_any(phones)).select((debtors::phone, debtors::id));
    let ids: Vec<(Phone, DebtorId)> = on!(conn, c => query.load(c).await)?;
    let ids: BTreeMap<Phone, DebtorId> = ids.into_iter().collect();
    let tags = new.iter().filter_map(|details| Some((ids.get(&details.phone)?, details)));
    let tags = tags.flat_map(|(id, details)| details.tags.iter().map(|tag| (*id, tag.clone()))).collect();
    insert_tags(conn, tags).await
}

async fn insert_tags(conn: &mut Conn, tags: Vec<(DebtorId, String)>) -> Result<(), StoreError> {
    for chunk in tags.chunks(CHUNK) {
        let rows: Vec<_> =
            chunk.iter().map(|(id, tag)| (debtor_tags::debtor_id.eq(*id), debtor_tags::tag.eq(tag.clone()))).collect();
        bulk!(conn, diesel::insert_into(debtor_tags::table).values(rows))?;
    }
    Ok(())
}

/// The known details with the new ones over them.
fn merge(known: &DebtorDetails, new: &DebtorDetails) -> DebtorDetails {
    DebtorDetails {
        phone: known.phone.clone(),
        name: new.name.clone(),
        reference: new.reference.clone().or_else(|| known.reference.clone()),
        debt: new.debt.or(known.debt),
        due_date: new.due_date.or(known.due_date),
        tags: known.tags.union(&new.tags).cloned().collect(),
        fields: known.fields.clone().into_iter().chain(new.fields.clone()).collect(),
    }
}
