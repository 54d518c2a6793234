//! The suppression list: numbers that are never written to, whatever debtor they belong to and however often that is imported.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    among::among,
    audit::write_audit,
    db::{on, rows},
    error::StoreError,
    schema::{debtors, suppressions, users},
    sql_types::At,
};
use crate::domain::{
    audit::AuditEntry,
    id::{DebtorId, UserId},
    phone::Phone,
};

/// One number on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub phone: Phone,
    /// A stable code such as `opted_out`, or a person's words.
    pub reason: String,
    /// Who put it there; none where the debtor did.
    pub created_by: Option<(UserId, String)>,
    pub created_at: DateTime<Utc>,
}

type Row = (Phone, String, Option<(UserId, String)>, At);

fn suppression((phone, reason, created_by, at): Row) -> Suppression {
    Suppression { phone, reason, created_by, created_at: at.0 }
}

impl Store {
    /// The list, newest first; `search` is part of a number. A thousand at the most.
    pub async fn suppressions(&self, search: Option<&str>) -> Result<Vec<Suppression>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<Row> = on!(conn, c => {
            let mut query = suppressions::table.left_join(users::table).into_boxed();
            if let Some(search) = search {
                query = query.filter(suppressions::phone.like(super::debtors::pattern(search)).escape('\\'));
            }
            query
                .order((suppressions::created_at.desc(), suppressions::phone))
                .limit(1000)
                .select((
                    suppressions::phone,
                    suppressions::reason,
                    (users::id, users::name).nullable(),
                    suppressions::created_at,
                ))
                .load(c)
                .await
        })?;
        Ok(rows.into_iter().map(suppression).collect())
    }

    /// What the list says of a number, if it is there.
    pub async fn suppression(&self, phone: &Phone) -> Result<Option<Suppression>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = suppressions::table.left_join(users::table).filter(suppressions::phone.eq(phone.clone())).select((
            suppressions::phone,
            suppressions::reason,
            (users::id, users::name).nullable(),
            suppressions::created_at,
        ));
        let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(suppression))
    }

    /// Puts a number on the list; `false` if it was there.
    pub async fn suppress(
        &self,
        phone: &Phone,
        reason: &str,
        by: Option<UserId>,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            suppressions::phone.eq(phone.clone()),
            suppressions::reason.eq(reason.to_owned()),
            suppressions::created_by.eq(by),
            suppressions::created_at.eq(At(now)),
        );
        let added = on!(tx, c => diesel::insert_into(suppressions::table).values(row).on_conflict_do_nothing()
            .execute(c).await)?;
        if added == 0 {
            return Ok(false);
        }
        let audit = of_debtor(&mut tx, phone, audit).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a number off the list; `false` if it was not there.
    pub async fn unsuppress(&self, phone: &Phone, now: DateTime<Utc>, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let gone = on!(tx, c => diesel::delete(suppressions::table.find(phone.clone())).execute(c).await)?;
        if gone == 0 {
            return Ok(false);
        }
        let audit = of_debtor(&mut tx, phone, audit).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What goes on record of a number: of the debtor who has it, if there is one, since their timeline is read from there.
async fn of_debtor(conn: &mut Conn, phone: &Phone, audit: AuditEntry) -> Result<AuditEntry, StoreError> {
    let query = debtors::table.filter(debtors::phone.eq(phone.clone())).select(debtors::id);
    let debtor: Option<DebtorId> = on!(conn, c => query.first(c).await.optional())?;
    let subject = debtor.map_or_else(|| audit.subject.clone(), |id| format!("debtor:{id}"));
    Ok(AuditEntry { subject, ..audit })
}

/// Which of the numbers are on the list.
pub(super) async fn suppressed(conn: &mut Conn, phones: Vec<Phone>) -> Result<Vec<Phone>, StoreError> {
    let query = suppressions::table.filter(among(suppressions::phone, phones)).select(suppressions::phone);
    Ok(rows!(conn, query)?)
}
