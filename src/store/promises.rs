//! What debtors have promised to pay.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    among::among,
    audit::write_audit,
    db::{on, rows},
    error::StoreError,
    schema::{messages, promises, users},
    sql_types::At,
};
use crate::domain::{
    audit::AuditEntry,
    id::{DebtorId, PromiseId, UserId},
    message::MessageState,
    money::{Currency, Money},
    policy::Wait,
    promise::{NewPromise, Promise, PromiseStatus, Promised},
};

pub(super) type Row =
    (PromiseId, DebtorId, Option<i64>, Option<Currency>, NaiveDate, PromiseStatus, At, Option<At>, UserId, String);

/// The columns of a [`Row`], of promises beside the people who noted them.
macro_rules! columns {
    () => {{
        use $crate::store::schema::{promises, users};
        (
            promises::id,
            promises::debtor_id,
            promises::amount_minor,
            promises::currency,
            promises::due_date,
            promises::status,
            promises::created_at,
            promises::closed_at,
            users::id,
            users::name,
        )
    }};
}
pub(super) use columns;

pub(super) fn promise(row: Row) -> Promise {
    let (id, debtor_id, minor, currency, due_date, status, created_at, closed_at, user, name) = row;
    Promise {
        id,
        debtor_id,
        amount: minor.zip(currency).map(|(minor, currency)| Money { minor, currency }),
        due_date,
        status,
        created_by: (user, name),
        created_at: created_at.0,
        closed_at: closed_at.map(|at| at.0),
    }
}

async fn find(conn: &mut Conn, id: PromiseId) -> Result<Option<Promise>, StoreError> {
    let query = promises::table.inner_join(users::table).filter(promises::id.eq(id)).select(columns!());
    let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
    Ok(row.map(promise))
}

/// What those debtors have promised and may still be spared for. Nothing is asked about nobody.
pub(super) async fn promised(
    conn: &mut Conn,
    debtors: Vec<DebtorId>,
) -> Result<HashMap<DebtorId, Vec<Promised>>, StoreError> {
    let mut promised = HashMap::<DebtorId, Vec<Promised>>::new();
    if debtors.is_empty() {
        return Ok(promised);
    }
    let query = promises::table
        .filter(among(promises::debtor_id, debtors))
        .filter(promises::status.eq(PromiseStatus::Open).or(promises::status.eq(PromiseStatus::Kept)))
        .select((promises::debtor_id, promises::status, promises::due_date, promises::closed_at));
    let rows: Vec<(DebtorId, PromiseStatus, NaiveDate, Option<At>)> = rows!(conn, query)?;
    for (debtor, status, due_date, closed_at) in rows {
        let closed_at = closed_at.map(|at| at.0);
        promised.entry(debtor).or_default().push(Promised { status, due_date, closed_at });
    }
    Ok(promised)
}

impl Store {
    /// Notes a promise; [`StoreError::Foreign`] if there is no such debtor.
    pub async fn add_promise(
        &self,
        new: NewPromise,
        by: UserId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Promise, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            promises::debtor_id.eq(new.debtor_id),
            promises::amount_minor.eq(new.amount.map(|amount| amount.minor)),
            promises::currency.eq(new.amount.map(|amount| amount.currency)),
            promises::due_date.eq(new.due_date),
            promises::status.eq(PromiseStatus::Open),
            promises::created_by.eq(by),
            promises::created_at.eq(At(now)),
        );
        let id: PromiseId =
            on!(tx, c => diesel::insert_into(promises::table).values(row).returning(promises::id).get_result(c).await)?;
        let made = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// The promise with that id.
    pub async fn promise(&self, id: PromiseId) -> Result<Option<Promise>, StoreError> {
        find(&mut self.db.read().await?, id).await
    }

    /// The debtor's promises that are open, the next one first.
    pub async fn open_promises(&self, debtor: DebtorId) -> Result<Vec<Promise>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = promises::table
            .inner_join(users::table)
            .filter(promises::debtor_id.eq(debtor))
            .filter(promises::status.eq(PromiseStatus::Open))
            .order((promises::due_date, promises::id))
            .select(columns!());
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(promise).collect())
    }

    /// Notes what became of a promise. If it was broken or withdrawn, what has waited for its day is looked at again; one that was kept
    /// spares the debtor until then. [`StoreError::InUse`] if that is known already, none if there is no such promise.
    pub async fn close_promise(
        &self,
        id: PromiseId,
        status: PromiseStatus,
        by: UserId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Promise>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(before) = find(&mut tx, id).await? else { return Ok(None) };
        let status = before.status.closed_as(status).map_err(|_| StoreError::InUse("promise_is_closed"))?;
        // Of two who close it at once, one succeeds.
        let open = promises::table.find(id).filter(promises::status.eq(PromiseStatus::Open));
        let changes = (promises::status.eq(status), promises::closed_by.eq(by), promises::closed_at.eq(At(now)));
        let closed = on!(tx, c => diesel::update(open).set(changes).execute(c).await)?;
        if closed == 0 {
            return Err(StoreError::InUse("promise_is_closed"));
        }
        if status != PromiseStatus::Kept {
            let held = messages::table
                .filter(messages::debtor_id.eq(before.debtor_id))
                .filter(messages::state.eq(MessageState::Queued))
                .filter(messages::reason.eq(Wait::Promised.as_str()));
            on!(tx, c => diesel::update(held).set(messages::due_at.eq(At(now))).execute(c).await)?;
        }
        let after = find(&mut tx, id).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(after)
    }
}
