//! What debtors owe, a row for each account, and the only place that writes these rows.
//!
//! The columns `reference`, `amount_minor`, `currency`, `due_date` and `debts` of a debtor sum their debts up
//! ([`DebtorColumns`](super::debtors::DebtorColumns)). Whoever writes debts keeps the debtor's row from other changes first and writes both in
//! one transaction.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Date, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::{
    Conn, Store,
    among::among,
    audit::write_audit,
    db::{on, rows},
    debtor_matching::these,
    debtors::{self, DebtorColumns},
    error::StoreError,
    schema::{self, debts, imports},
    sql_types::{At, Instant},
    statement::{Condition, Sql},
};
use crate::domain::{
    audit::AuditEntry,
    debt::{Debt, Debts},
    debtor::{Debtor, DebtorDetails},
    id::{DebtId, DebtorId, ImportId},
    money::{Currency, Money},
};

/// A debt as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDebt {
    pub id: DebtId,
    pub debtor_id: DebtorId,
    pub debt: Debt,
    /// The import that brought it, and its file; none where a person added it.
    pub import: Option<(ImportId, String)>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What to change; what is none stays, and an inner none clears.
#[derive(Debug, Clone, Default)]
pub struct DebtPatch {
    pub reference: Option<Option<String>>,
    pub amount: Option<Option<Money>>,
    pub due_date: Option<Option<NaiveDate>>,
}

impl DebtPatch {
    /// The debt with the changes.
    pub fn of(self, debt: &Debt) -> Debt {
        Debt {
            reference: self.reference.unwrap_or_else(|| debt.reference.clone()),
            amount: self.amount.unwrap_or(debt.amount),
            due_date: self.due_date.unwrap_or(debt.due_date),
        }
    }
}

/// The code of [`StoreError::InUse`] where nothing would be left of a debt.
pub const EMPTY_DEBT: &str = "empty_debt";
/// The code of [`StoreError::InUse`] where a debtor has several debts, and it is not said which of them is to change.
pub const SEVERAL_DEBTS: &str = "several_debts";

type Row = (
    DebtId,
    DebtorId,
    Option<String>,
    Option<i64>,
    Option<Currency>,
    Option<NaiveDate>,
    At,
    At,
    Option<ImportId>,
    Option<String>,
);

fn stored(row: Row) -> StoredDebt {
    let (id, debtor_id, reference, minor, currency, due_date, created_at, updated_at, import, file) = row;
    StoredDebt {
        id,
        debtor_id,
        debt: debt(reference, minor, currency, due_date),
        import: import.zip(file),
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

/// A debt of its columns.
pub(super) fn debt(
    reference: Option<String>,
    minor: Option<i64>,
    currency: Option<Currency>,
    due_date: Option<NaiveDate>,
) -> Debt {
    Debt { reference, amount: minor.zip(currency).map(|(minor, currency)| Money { minor, currency }), due_date }
}

/// All debts of those debtors.
pub(super) async fn of(conn: &mut Conn, ids: Vec<DebtorId>) -> Result<HashMap<DebtorId, Debts>, StoreError> {
    type Row = (DebtorId, Option<String>, Option<i64>, Option<Currency>, Option<NaiveDate>);
    let mut all = HashMap::<DebtorId, Debts>::new();
    if ids.is_empty() {
        return Ok(all);
    }
    let columns = (debts::debtor_id, debts::reference, debts::amount_minor, debts::currency, debts::due_date);
    let query = debts::table.filter(among(debts::debtor_id, ids)).select(columns);
    let rows: Vec<Row> = rows!(conn, query)?;
    for (debtor, reference, minor, currency, due_date) in rows {
        all.entry(debtor).or_default().set(debt(reference, minor, currency, due_date));
    }
    Ok(all)
}

/// Stores the debts of debtors who have just been added. Most have one, which is in their own row already: no value goes to the database
/// twice.
pub(super) async fn add(
    conn: &mut Conn,
    new: &[(DebtorId, &Debts)],
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = new.iter().filter(|(_, debts)| debts.len() == 1).map(|(id, _)| id.0).collect();
    let command = Sql::new(
        "INSERT INTO debts (debtor_id, reference, amount_minor, currency, due_date, import_id, created_at, updated_at) \
         SELECT id, reference, amount_minor, currency, due_date, import_id, created_at, updated_at FROM debtors WHERE ",
    )
    .then(&these(&ids, conn.backend()))
    .sql(" ORDER BY id")
    .query::<()>();
    if !ids.is_empty() {
        on!(conn, c => command.execute(c).await)?;
    }
    let several = new.iter().filter(|(_, debts)| debts.len() > 1);
    let rows = several.flat_map(|(id, debts)| debts.iter().map(|debt| (*id, debt))).collect();
    put(conn, rows, import, now).await
}

/// Stores what became of the debts of debtors: as they were and as they are.
pub(super) async fn change(
    conn: &mut Conn,
    changed: &[(DebtorId, &Debts, &Debts)],
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (debtor, before, after) in changed {
        for change in before.changes(after) {
            match change {
                (Some(before), Some(after)) if before.reference != after.reference => {
                    rename(conn, *debtor, before, after, now).await?;
                }
                (_, Some(after)) => rows.push((*debtor, after)),
                (Some(before), None) => {
                    let gone = debts::table.filter(is_of(*debtor, before));
                    on!(conn, c => diesel::delete(gone).execute(c).await)?;
                }
                (None, None) => {}
            }
        }
    }
    put(conn, rows, import, now).await
}

/// The condition on the row of a debt, in the words of the index `debts_reference`.
fn is_of(debtor: DebtorId, debt: &Debt) -> Condition {
    Sql::new("debts.debtor_id = ")
        .number(debtor.0)
        .sql(" AND coalesce(debts.reference, '') = ")
        .text(debt.reference.clone().unwrap_or_default())
        .condition()
}

async fn rename(
    conn: &mut Conn,
    debtor: DebtorId,
    before: &Debt,
    after: &Debt,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let changes = (
        debts::reference.eq(after.reference.clone()),
        debts::amount_minor.eq(after.amount.map(|amount| amount.minor)),
        debts::currency.eq(after.amount.map(|amount| amount.currency)),
        debts::due_date.eq(after.due_date),
        debts::updated_at.eq(At(now)),
    );
    let row = diesel::update(debts::table.filter(is_of(debtor, before))).set(changes);
    on!(conn, c => row.execute(c).await)?;
    Ok(())
}

/// Adds debts, or gives those of their references new values: one statement, over arrays on PostgreSQL and over JSON on SQLite.
async fn put(
    conn: &mut Conn,
    rows: Vec<(DebtorId, &Debt)>,
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const COLUMNS: &str =
        "INSERT INTO debts (debtor_id, reference, amount_minor, currency, due_date, import_id, created_at, updated_at)";
    const KNOWN: &str = "ON CONFLICT (debtor_id, coalesce(reference, '')) DO UPDATE SET amount_minor = excluded.amount_minor, \
                         currency = excluded.currency, due_date = excluded.due_date, updated_at = excluded.updated_at";
    if rows.is_empty() {
        return Ok(());
    }
    let import = import.map(|import| import.0);
    match conn {
        Conn::Pg(c) => {
            let statement = diesel::sql_query(format!(
                "{COLUMNS} SELECT new.*, $6, $7, $7 FROM unnest($1, $2, $3, $4, $5) AS new {KNOWN}"
            ))
            .bind::<Array<BigInt>, _>(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|(_, debt)| debt.reference.clone()).collect::<Vec<_>>())
            .bind::<Array<Nullable<BigInt>>, _>(
                rows.iter().map(|(_, debt)| debt.amount.map(|amount| amount.minor)).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Text>>, _>(
                rows.iter().map(|(_, debt)| debt.amount.map(|amount| amount.currency)).collect::<Vec<_>>(),
            )
            .bind::<Array<Nullable<Date>>, _>(rows.iter().map(|(_, debt)| debt.due_date).collect::<Vec<_>>())
            .bind::<Nullable<BigInt>, _>(import)
            .bind::<Instant, _>(At(now));
            statement.execute(&mut ***c).await?;
        }
        Conn::Lite(c) => {
            let row = |(id, debt): &(DebtorId, &Debt)| {
                let (minor, currency) = (
                    debt.amount.map(|amount| amount.minor),
                    debt.amount.map(|amount| amount.currency.as_str().to_owned()),
                );
                json!([id.0, debt.reference, minor, currency, debt.due_date.map(|date| date.to_string())])
            };
            let rows = Value::from(rows.iter().map(row).collect::<Vec<_>>()).to_string();
            // Where an insert selects, SQLite needs the condition to see that what follows is not a join's.
            let statement = diesel::sql_query(format!(
                "WITH new (value) AS MATERIALIZED (SELECT value FROM json_each(?1)) {COLUMNS} \
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?2, ?3, ?3 FROM new WHERE TRUE {KNOWN}"
            ))
            .bind::<Text, _>(rows)
            .bind::<Nullable<BigInt>, _>(import)
            .bind::<Instant, _>(At(now));
            statement.execute(&mut **c).await?;
        }
    }
    Ok(())
}

/// The columns of a [`Row`], of debts beside the imports that brought them.
macro_rules! columns {
    () => {
        (
            debts::id,
            debts::debtor_id,
            debts::reference,
            debts::amount_minor,
            debts::currency,
            debts::due_date,
            debts::created_at,
            debts::updated_at,
            debts::import_id,
            imports::file_name.nullable(),
        )
    };
}

async fn find(conn: &mut Conn, id: DebtId) -> Result<Option<StoredDebt>, StoreError> {
    let query = debts::table
        .left_join(imports::table.on(debts::import_id.eq(imports::id.nullable())))
        .filter(debts::id.eq(id))
        .select(columns!());
    let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
    Ok(row.map(stored))
}

/// A debt and its debtor, who is kept from other changes until the transaction ends.
async fn find_to_change(conn: &mut Conn, id: DebtId) -> Result<Option<(StoredDebt, Debtor)>, StoreError> {
    let Some(StoredDebt { debtor_id, .. }) = find(conn, id).await? else { return Ok(None) };
    let debtor = debtors::find_to_change(conn, debtor_id).await?;
    // Somebody may have changed it until its debtor was ours.
    Ok(find(conn, id).await?.zip(debtor))
}

/// Gives a debtor, who must be kept from other changes, these debts for theirs.
async fn give(conn: &mut Conn, debtor: Debtor, debts: Debts, now: DateTime<Utc>) -> Result<(), StoreError> {
    change(conn, &[(debtor.id, &debtor.details.debts, &debts)], None, now).await?;
    let details = DebtorDetails { debts, ..debtor.details };
    let columns = DebtorColumns::new(&details, debtor.status, now);
    on!(conn, c => diesel::update(schema::debtors::table.find(debtor.id)).set(columns).execute(c).await)?;
    Ok(())
}

/// Puts a debt beside the others.
fn join(debts: &mut Debts, debt: Debt) -> Result<(), StoreError> {
    if debt.is_empty() {
        return Err(StoreError::InUse(EMPTY_DEBT));
    }
    if debts.find(debt.reference.as_deref()).is_some() {
        return Err(StoreError::Unique { constraint: "debts_reference" });
    }
    debts.set(debt);
    Ok(())
}

impl Store {
    /// A debtor's debts, the oldest first.
    pub async fn debts(&self, debtor: DebtorId) -> Result<Vec<StoredDebt>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = debts::table
            .left_join(imports::table.on(debts::import_id.eq(imports::id.nullable())))
            .filter(debts::debtor_id.eq(debtor))
            .select(columns!());
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        let mut all: Vec<StoredDebt> = rows.into_iter().map(stored).collect();
        all.sort_by(|one, other| one.debt.age().cmp(&other.debt.age()));
        Ok(all)
    }

    /// The debt with that id.
    pub async fn debt(&self, id: DebtId) -> Result<Option<StoredDebt>, StoreError> {
        find(&mut self.db.read().await?, id).await
    }

    /// Adds a debt of a debtor, if there is one; [`StoreError::Unique`] if they have one of that reference, or one without.
    pub async fn add_debt(
        &self,
        debtor: DebtorId,
        debt: Debt,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<StoredDebt>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(owner) = debtors::find_to_change(&mut tx, debtor).await? else { return Ok(None) };
        let mut debts = owner.details.debts.clone();
        join(&mut debts, debt.clone())?;
        give(&mut tx, owner, debts, now).await?;
        let row = debts::table.filter(is_of(debtor, &debt)).select(debts::id);
        let id: DebtId = on!(tx, c => row.first(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        let stored = find(&mut tx, id).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Changes a debt; [`StoreError::Unique`] if its debtor has another one of that reference.
    pub async fn change_debt(
        &self,
        id: DebtId,
        patch: DebtPatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<StoredDebt>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some((known, debtor)) = find_to_change(&mut tx, id).await? else { return Ok(None) };
        let mut debts = debtor.details.debts.clone();
        debts.remove(known.debt.reference.as_deref());
        join(&mut debts, patch.of(&known.debt))?;
        give(&mut tx, debtor, debts, now).await?;
        write_audit(&mut tx, audit, now).await?;
        let stored = find(&mut tx, id).await?;
        tx.commit().await?;
        Ok(stored)
    }

    /// Takes a debt away, and says whether there was one.
    pub async fn remove_debt(&self, id: DebtId, now: DateTime<Utc>, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some((known, debtor)) = find_to_change(&mut tx, id).await? else { return Ok(false) };
        let mut debts = debtor.details.debts.clone();
        debts.remove(known.debt.reference.as_deref());
        give(&mut tx, debtor, debts, now).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
