//! Debtors, one at a time. Lists of them are in [`debtors_list`](super::debtors_list).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Conn, Store,
    among::among,
    audit::write_audit,
    db::{on, rows},
    debts::{self, DebtPatch, SEVERAL_DEBTS, debt},
    error::StoreError,
    schema::{debtor_tags, debtors},
    sql_types::{At, Fields, Json},
};
use crate::domain::{
    audit::AuditEntry,
    debt::{Change, Debt, Debts},
    debtor::{Debtor, DebtorDetails, DebtorStatus},
    id::{DebtorId, ImportId, UserId},
    money::{Currency, Money},
    phone::Phone,
    text::words,
};

/// What to change; what is none stays, and an inner none clears.
#[derive(Debug, Clone, Default)]
pub struct DebtorPatch {
    pub phone: Option<Phone>,
    pub name: Option<String>,
    /// These three are of their debt, where they have not several; else [`StoreError::InUse`].
    pub reference: Option<Option<String>>,
    pub debt: Option<Option<Money>>,
    pub due_date: Option<Option<NaiveDate>>,
    pub tags: Option<BTreeSet<String>>,
    pub fields: Option<BTreeMap<String, String>>,
    pub status: Option<DebtorStatus>,
    /// Whether it is on record why a legal stop ends; without that it does not: [`StoreError::InUse`].
    pub reasoned: bool,
}

/// The code of [`StoreError::InUse`] where a debtor has no second phone.
pub const NO_SECOND_PHONE: &str = "no_second_phone";
/// The code of [`StoreError::InUse`] where a legal stop would end and nobody has said why.
pub const REASON_REQUIRED: &str = "reason_required";

impl DebtorPatch {
    /// The debts of somebody who has at most one, with the changes. Of several nobody knows which is meant, but what they say already may be
    /// said again.
    fn debts(&mut self, known: &Debts) -> Result<Debts, StoreError> {
        let oldest = known.oldest().cloned().unwrap_or_default();
        let patch =
            DebtPatch { reference: self.reference.take(), amount: self.debt.take(), due_date: self.due_date.take() };
        if known.len() < 2 {
            return Ok(patch.of(&oldest).into());
        }
        let summary = Debt { amount: known.total(), ..oldest };
        if patch.of(&summary) == summary { Ok(known.clone()) } else { Err(StoreError::InUse(SEVERAL_DEBTS)) }
    }
}

/// A row as it is written; `None` clears a column. What it says of debts follows from the debts themselves, here and nowhere else.
#[derive(Insertable, AsChangeset, Clone)]
#[diesel(table_name = debtors, treat_none_as_null = true)]
pub(super) struct DebtorColumns<'details> {
    phone: &'details Phone,
    name: &'details str,
    reference: Option<&'details str>,
    amount_minor: Option<i64>,
    currency: Option<Currency>,
    due_date: Option<NaiveDate>,
    status: DebtorStatus,
    fields: Fields<'details>,
    search: String,
    updated_at: At,
    debts: i64,
}

impl<'details> DebtorColumns<'details> {
    pub(super) fn new(details: &'details DebtorDetails, status: DebtorStatus, now: DateTime<Utc>) -> Self {
        let (oldest, total) = (details.debts.oldest(), details.debts.total());
        Self {
            phone: &details.phone,
            name: &details.name,
            reference: oldest.and_then(|debt| debt.reference.as_deref()),
            amount_minor: total.map(|total| total.minor),
            currency: total.map(|total| total.currency),
            due_date: oldest.and_then(|debt| debt.due_date),
            status,
            fields: Fields(&details.fields),
            search: details.searched(),
            updated_at: At(now),
            debts: details.debts.len() as i64,
        }
    }

    /// The values that differ from one new debtor to the next, in the order of [`OWN`](Self::OWN), as SQLite reads them out of JSON.
    pub(super) fn json(&self) -> serde_json::Result<impl serde::Serialize> {
        Ok((
            self.phone.as_str(),
            self.name,
            self.reference,
            self.amount_minor,
            self.currency.as_ref().map(Currency::as_str),
            self.due_date.map(|date| date.to_string()),
            self.fields.to_text()?,
            &self.search,
            self.debts,
        ))
    }

    /// The columns of [`json`](Self::json).
    pub(super) const OWN: &'static str =
        "phone, name, reference, amount_minor, currency, due_date, fields, search, debts";
}

pub(super) type Row = (
    DebtorId,
    Phone,
    String,
    Option<String>,
    Option<i64>,
    Option<Currency>,
    Option<NaiveDate>,
    DebtorStatus,
    Json,
    String,
    At,
    At,
    Option<ImportId>,
    Option<At>,
    i64,
);

/// Whether the row sums several debts up, and does not say which they are.
const fn owes_several(row: &Row) -> bool {
    row.14 > 1
}

/// What other tables have of debtors.
#[derive(Default)]
struct Others {
    tags: HashMap<DebtorId, BTreeSet<String>>,
    /// Of those who have several.
    debts: HashMap<DebtorId, Debts>,
}

fn debtor(row: Row, others: &mut Others) -> Result<Debtor, StoreError> {
    let several = owes_several(&row);
    let (id, phone, name, reference, minor, currency, due_date, status, fields, _, created, updated, import, heard, _) =
        row;
    let fields =
        serde_json::from_value(fields.0).map_err(|_| StoreError::Corrupt(format!("the fields of debtor {id}")))?;
    let debts = if several {
        others.debts.remove(&id).unwrap_or_default()
    } else {
        debt(reference, minor, currency, due_date).into()
    };
    let tags = others.tags.remove(&id).unwrap_or_default();
    let details = DebtorDetails { phone, name, debts, tags, fields };
    let last_heard_at = heard.map(|at| at.0);
    Ok(Debtor { id, details, status, import, last_heard_at, created_at: created.0, updated_at: updated.0 })
}

/// Makes debtors of rows, with their tags and debts. The row of somebody who has one debt says all of it: nothing is asked for them.
pub(super) async fn with_tags_and_debts(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Debtor>, StoreError> {
    let several = rows.iter().filter(|row| owes_several(row)).map(|row| row.0).collect();
    let mut others = Others { debts: debts::of(conn, several).await?, ..Others::default() };
    let ids: Vec<DebtorId> = rows.iter().map(|row| row.0).collect();
    let query = debtor_tags::table.filter(among(debtor_tags::debtor_id, ids));
    let pairs: Vec<(DebtorId, String)> = rows!(conn, query)?;
    for (id, tag) in pairs {
        others.tags.entry(id).or_default().insert(tag);
    }
    rows.into_iter().map(|row| debtor(row, &mut others)).collect()
}

async fn find(conn: &mut Conn, id: DebtorId) -> Result<Option<Debtor>, StoreError> {
    let row: Option<Row> = on!(conn, c => debtors::table.find(id).first(c).await.optional())?;
    Ok(with_tags_and_debts(conn, row.into_iter().collect()).await?.pop())
}

/// The same, kept from other changes until the transaction ends: what is written back must not undo what somebody else, for example a
/// debtor who opts out, wrote meanwhile. SQLite has one writer anyway.
pub(super) async fn find_to_change(conn: &mut Conn, id: DebtorId) -> Result<Option<Debtor>, StoreError> {
    let query = debtors::table.find(id);
    let row: Option<Row> = match conn {
        Conn::Pg(c) => query.for_update().first(&mut ***c).await,
        Conn::Lite(c) => query.first(&mut **c).await,
    }
    .optional()?;
    Ok(with_tags_and_debts(conn, row.into_iter().collect()).await?.pop())
}

/// What goes on record of a debt that was changed with its debtor, as if it had been changed by itself.
fn debt_entry(debtor: DebtorId, (before, after): Change<'_>, actor: Option<UserId>) -> AuditEntry {
    let action = match (before, after) {
        (None, _) => "debt.add",
        (Some(_), None) => "debt.remove",
        (Some(_), Some(_)) => "debt.change",
    };
    let reference = before.or(after).and_then(|debt| debt.reference.as_deref());
    let changed = before.zip(after).map(|(before, after)| before.differs_in(after)).unwrap_or_default();
    let detail = json!({ "reference": reference, "changed": changed });
    AuditEntry { actor, action, subject: format!("debtor:{debtor}"), detail }
}

async fn set_tags(conn: &mut Conn, id: DebtorId, tags: &BTreeSet<String>) -> Result<(), StoreError> {
    on!(conn, c => diesel::delete(debtor_tags::table.filter(debtor_tags::debtor_id.eq(id))).execute(c).await)?;
    for tag in tags {
        let row = (debtor_tags::debtor_id.eq(id), debtor_tags::tag.eq(tag.clone()));
        on!(conn, c => diesel::insert_into(debtor_tags::table).values(row).execute(c).await)?;
    }
    Ok(())
}

/// A LIKE pattern for what a debtor's search looks through, or a phone, with `search` in it.
pub(super) fn pattern(search: &str) -> String {
    let words = words(search);
    // Nothing but punctuation is in no such text.
    if words.is_empty() { "\\%".to_owned() } else { format!("%{words}%") }
}

impl Store {
    /// The debtor with that id.
    pub async fn debtor(&self, id: DebtorId) -> Result<Option<Debtor>, StoreError> {
        let mut conn = self.db.read().await?;
        find(&mut conn, id).await
    }

    /// The debtor with that phone.
    pub async fn debtor_by_phone(&self, phone: &Phone) -> Result<Option<Debtor>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = debtors::table.filter(debtors::phone.eq(phone.clone()));
        let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
        Ok(with_tags_and_debts(&mut conn, row.into_iter().collect()).await?.pop())
    }

    /// Adds a debtor.
    pub async fn create_debtor(
        &self,
        details: DebtorDetails,
        status: DebtorStatus,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Debtor, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (DebtorColumns::new(&details, status, now), debtors::created_at.eq(At(now)));
        let id: DebtorId =
            on!(tx, c => diesel::insert_into(debtors::table).values(row).returning(debtors::id).get_result(c).await)?;
        debts::add(&mut tx, &[(id, &details.debts)], None, now).await?;
        set_tags(&mut tx, id, &details.tags).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Debtor { id, details, status, import: None, last_heard_at: None, created_at: now, updated_at: now })
    }

    /// Changes a debtor.
    pub async fn update_debtor(
        &self,
        id: DebtorId,
        mut patch: DebtorPatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Debtor>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(mut debtor) = find_to_change(&mut tx, id).await? else {
            return Ok(None);
        };
        if !patch.reasoned && patch.status.is_some_and(|status| debtor.status.needs_reason_for(status)) {
            return Err(StoreError::InUse(REASON_REQUIRED));
        }
        let details = &mut debtor.details;
        let owed = patch.debts(&details.debts)?;
        debts::change(&mut tx, &[(id, &details.debts, &owed)], None, now).await?;
        for change in details.debts.changes(&owed) {
            write_audit(&mut tx, debt_entry(id, change, audit.actor), now).await?;
        }
        details.debts = owed;
        details.phone = patch.phone.unwrap_or_else(|| details.phone.clone());
        details.name = patch.name.unwrap_or_else(|| details.name.clone());
        details.fields = patch.fields.unwrap_or_else(|| details.fields.clone());
        if let Some(tags) = patch.tags {
            set_tags(&mut tx, id, &tags).await?;
            details.tags = tags;
        }
        debtor.status = patch.status.unwrap_or(debtor.status);
        debtor.updated_at = now;
        let columns = DebtorColumns::new(&debtor.details, debtor.status, now);
        on!(tx, c => diesel::update(debtors::table.find(id)).set(columns).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(debtor))
    }

    /// Changes whether a debtor may be written to, whatever stopped it before: for what they say themselves.
    pub async fn set_debtor_status(
        &self,
        id: DebtorId,
        status: DebtorStatus,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Debtor>, StoreError> {
        self.update_debtor(
            id,
            DebtorPatch { status: Some(status), reasoned: true, ..DebtorPatch::default() },
            now,
            audit,
        )
        .await
    }

    /// Puts a debtor's second phone in the place of the first, which becomes the second; who had a wrong number may be written to again.
    /// [`StoreError::InUse`] where there is no second phone, [`StoreError::Unique`] where it is somebody else's.
    pub async fn swap_phones(
        &self,
        id: DebtorId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Debtor>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(mut debtor) = find_to_change(&mut tx, id).await? else { return Ok(None) };
        if !debtor.details.swap_phones() {
            return Err(StoreError::InUse(NO_SECOND_PHONE));
        }
        if debtor.status == DebtorStatus::WrongNumber {
            debtor.status = DebtorStatus::Active;
        }
        debtor.updated_at = now;
        let columns = DebtorColumns::new(&debtor.details, debtor.status, now);
        on!(tx, c => diesel::update(debtors::table.find(id)).set(columns).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(debtor))
    }

    /// Deletes a debtor, and says whether there was one; [`StoreError::Foreign`] when the ledger has a message to them.
    pub async fn delete_debtor(&self, id: DebtorId, now: DateTime<Utc>, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let deleted = on!(tx, c => diesel::delete(debtors::table.find(id)).execute(c).await)?;
        if deleted == 0 {
            return Ok(false);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The tags in use and how many debtors have each, in alphabetical order.
    pub async fn debtor_tags(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = debtor_tags::table
            .group_by(debtor_tags::tag)
            .select((debtor_tags::tag, diesel::dsl::count_star()))
            .order(debtor_tags::tag);
        let rows: Vec<(String, i64)> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|(tag, count)| (tag, count.cast_unsigned())).collect())
    }

    /// The names of the further fields that debtors have, in alphabetical order; looks at the thousand newest debtors.
    pub async fn custom_field_names(&self) -> Result<Vec<String>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = debtors::table.select(debtors::fields).order(debtors::id.desc()).limit(1000);
        let rows: Vec<Json> = on!(conn, c => query.load(c).await)?;
        let names: BTreeSet<String> =
            rows.iter().filter_map(|fields| fields.0.as_object()).flat_map(|fields| fields.keys().cloned()).collect();
        Ok(names.into_iter().collect())
    }
}
