//! Debtors by the thousand: what an import stores, in one transaction.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    error::Error,
};

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    result::Error::SerializationError,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::RunQueryDsl;
use serde::{Serializer as _, ser::SerializeSeq as _};

use super::{
    Conn, Store,
    among::among,
    audit::write_audit,
    db::{bulk, on},
    debtors::{DebtorColumns, Row, with_tags_and_debts},
    debts,
    error::StoreError,
    import_undo::keep_changes,
    schema::{debtor_tags, debtors},
    sql_types::{At, Instant},
};
use crate::domain::{
    audit::AuditEntry,
    debt::{Debts, Entered},
    debtor::{Debtor, DebtorDetails, DebtorStatus},
    duplicates::Duplicates,
    id::{DebtorId, ImportId},
    phone::Phone,
    revision::Revision,
};

/// Rows handled at once; PostgreSQL allows 65,535 values in a statement.
pub(super) const CHUNK: usize = 1000;
/// Few debtors take more as JSON.
const ROW_BYTES: usize = 512;

/// What became of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upserted {
    pub inserted: u64,
    pub updated: u64,
    /// Another debt of somebody who was known, or is in an earlier row.
    pub debts_added: u64,
    /// Known already, and not to be changed or not different.
    pub unchanged: u64,
}

impl Store {
    /// Adds debtors, and another debt of those who are known (by phone) but not with that reference. With `update_existing` it brings known
    /// ones up to date: what the new details lack stays, tags and fields are merged, and the status is never touched, so that nobody who
    /// opted out is brought back. All or nothing; `progress` is told how many rows are done. Those added are known to be of `import`, and
    /// what it changes of the others is kept, so that it can be undone.
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
        let duplicates = Duplicates::all(update_existing);
        for chunk in rows.chunks(CHUNK) {
            let told: Vec<_> = chunk.iter().map(|details| Told { number: 0, another: false, details }).collect();
            upserted += put(&mut tx, &told, &duplicates, import, now).await?.upserted;
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
        self.debts_added += other.debts_added;
        self.unchanged += other.unchanged;
    }
}

/// A row of a file, or of what else brings debtors by the thousand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'rows> {
    /// As in the sheet.
    pub number: u64,
    /// Whether an earlier row of the file is of the same person, with another debt.
    pub another: bool,
    pub details: &'rows DebtorDetails,
}

/// Somebody in the rows of a chunk: as they are stored, and as they are with what the rows say.
pub(super) struct Person<'rows> {
    pub known: Option<&'rows Debtor>,
    pub details: Cow<'rows, DebtorDetails>,
}

impl<'rows> Person<'rows> {
    /// Them with a further row, if only a debt that is one more is taken from it.
    pub fn left(&self, row: &DebtorDetails) -> DebtorDetails {
        let mut left = self.details.clone().into_owned();
        row.debts.iter().for_each(|debt| {
            left.debts.enter(debt, false);
        });
        left
    }

    /// Takes in a further row, and says what it was.
    pub fn take(&mut self, row: &DebtorDetails, update: bool) -> Upserted {
        let mut merged = if update { merge(&self.details, row) } else { self.details.clone().into_owned() };
        let added = row.debts.iter().filter(|debt| merged.debts.enter(debt, update) == Entered::Added).count();
        let different = merged != *self.details;
        self.details = Cow::Owned(merged);
        match (added, different) {
            (1.., _) => Upserted { debts_added: 1, ..Upserted::default() },
            (0, true) => Upserted { updated: 1, ..Upserted::default() },
            (0, false) => Upserted { unchanged: 1, ..Upserted::default() },
        }
    }

    /// Them as they are stored, where the rows have changed something.
    fn changed(&self) -> Option<(&'rows Debtor, &DebtorDetails)> {
        self.known.filter(|known| known.details != *self.details).map(|known| (known, &*self.details))
    }
}

/// The people of a chunk, each with all that its rows say of them.
pub(super) struct People<'rows> {
    known: &'rows HashMap<Phone, Debtor>,
    all: Vec<Person<'rows>>,
    places: HashMap<&'rows Phone, usize>,
}

impl<'rows> People<'rows> {
    pub fn new(known: &'rows HashMap<Phone, Debtor>, rows: usize) -> Self {
        Self { known, all: Vec::with_capacity(rows), places: HashMap::with_capacity(rows) }
    }

    /// The person of a row; none where it has just added them.
    pub fn meet(&mut self, row: &'rows DebtorDetails) -> Option<&mut Person<'rows>> {
        let place = match self.places.entry(&row.phone) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(entry) => {
                let place = *entry.insert(self.all.len());
                let known = self.known.get(&row.phone);
                let details = Cow::Borrowed(known.map_or(row, |debtor| &debtor.details));
                self.all.push(Person { known, details });
                known?;
                place
            }
        };
        self.all.get_mut(place)
    }
}

/// What became of a chunk.
#[derive(Default)]
pub(super) struct Put {
    pub upserted: Upserted,
    /// The rows that would have changed somebody whom another person has changed since they looked.
    pub out_of_date: Vec<u64>,
}

/// Adds or updates some debtors, on PostgreSQL up to [`CHUNK`]; see [`Store::upsert_debtors`].
pub(super) async fn put(
    conn: &mut Conn,
    chunk: &[Told<'_>],
    duplicates: &Duplicates,
    import: Option<ImportId>,
    now: DateTime<Utc>,
) -> Result<Put, StoreError> {
    let known = known(conn, chunk, Lock::Change).await?;
    let mut people = People::new(&known, chunk.len());
    let done = take(&mut people, chunk, duplicates, now);
    let people = people.all;
    let new: Vec<&DebtorDetails> =
        people.iter().filter(|person| person.known.is_none()).map(|person| &*person.details).collect();
    insert(conn, &new, import, now).await?;
    let changed: Vec<(&Debtor, &DebtorDetails)> = people.iter().filter_map(Person::changed).collect();
    let (mut tags, mut owed, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for (debtor, details) in changed {
        let columns = DebtorColumns::new(details, debtor.status, now);
        on!(conn, c => diesel::update(debtors::table.find(debtor.id)).set(columns).execute(c).await)?;
        tags.extend(details.tags.difference(&debtor.details.tags).map(|tag| (debtor.id, tag.clone())));
        owed.push((debtor.id, &debtor.details.debts, &details.debts));
        // Whom the import itself has added goes when it is undone.
        if debtor.import != import {
            changes.push((debtor.id, Revision::between(&debtor.details, details)));
        }
    }
    insert_tags(conn, tags).await?;
    debts::change(conn, &owed, import, now).await?;
    if let Some(import) = import {
        keep_changes(conn, import, &changes).await?;
    }
    Ok(done)
}

/// Takes in the rows of a chunk.
fn take<'rows>(people: &mut People<'rows>, chunk: &[Told<'rows>], duplicates: &Duplicates, now: DateTime<Utc>) -> Put {
    let mut done = Put::default();
    for row in chunk {
        let Some(person) = people.meet(row.details) else {
            done.upserted.inserted += 1;
            continue;
        };
        let mut update = duplicates.updates(row.number);
        let changed = person.known.is_some_and(|known| duplicates.out_of_date(known.updated_at, now));
        if update && changed {
            update = false;
            let (left, before) = (person.left(row.details), person.details.clone());
            person.take(row.details, true);
            if *person.details != left {
                done.out_of_date.push(row.number);
            }
            person.details = before;
        }
        done.upserted += person.take(row.details, update);
    }
    done
}

/// For what debtors are read.
#[derive(PartialEq, Eq)]
pub(super) enum Lock {
    Look,
    Change,
}

/// The debtors that have one of the chunk's phones; to be changed, they are kept from other changes until the transaction ends: who opts
/// out meanwhile must not be written back as they were. In the order of their ids, so that two imports do not wait for each other in a
/// circle.
pub(super) async fn known(
    conn: &mut Conn,
    chunk: &[Told<'_>],
    lock: Lock,
) -> Result<HashMap<Phone, Debtor>, StoreError> {
    let phones: Vec<Phone> = chunk.iter().map(|row| row.details.phone.clone()).collect();
    let query = debtors::table.filter(among(debtors::phone, phones)).order(debtors::id);
    let rows: Vec<Row> = match conn {
        Conn::Pg(c) if lock == Lock::Change => query.for_update().load(&mut ***c).await?,
        Conn::Pg(c) => query.load(&mut ***c).await?,
        Conn::Lite(c) => query.load(&mut **c).await?,
    };
    let found = with_tags_and_debts(conn, rows).await?;
    Ok(found.into_iter().map(|debtor| (debtor.details.phone.clone(), debtor)).collect())
}

/// Whom SQLite has just added.
#[derive(QueryableByName)]
struct Added {
    #[diesel(sql_type = Text)]
    phone: Phone,
    #[diesel(sql_type = BigInt)]
    id: DebtorId,
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
    let columns = new.iter().map(|details| DebtorColumns::new(details, DebtorStatus::Active, now));
    let ids: Vec<(Phone, DebtorId)> = match conn {
        Conn::Pg(c) => {
            let row = |columns| (columns, debtors::created_at.eq(At(now)), debtors::import_id.eq(import));
            let rows: Vec<_> = columns.map(row).collect();
            let new = diesel::insert_into(debtors::table).values(rows).returning((debtors::phone, debtors::id));
            new.get_results(&mut ***c).await?
        }
        // Diesel would write a statement for each row, and after each the full-text index writes what it has: four times the work.
        Conn::Lite(c) => {
            let rows = as_json(columns).map_err(SerializationError)?;
            let values: String =
                (0..DebtorColumns::OWN.split(',').count()).map(|at| format!("value ->> {at}, ")).collect();
            let statement = format!(
                "WITH new (value) AS MATERIALIZED (SELECT value FROM json_each(?1)) \
                 INSERT INTO debtors ({}, status, created_at, updated_at, import_id) SELECT {values} ?2, ?3, ?3, ?4 FROM new \
                 RETURNING phone, id",
                DebtorColumns::OWN
            );
            let statement = diesel::sql_query(statement)
                .bind::<Text, _>(rows)
                .bind::<Text, _>(DebtorStatus::Active)
                .bind::<Instant, _>(At(now))
                .bind::<Nullable<BigInt>, _>(import.map(|import| import.0));
            let added: Vec<Added> = statement.load(&mut **c).await?;
            added.into_iter().map(|Added { phone, id }| (phone, id)).collect()
        }
    };
    let ids: BTreeMap<Phone, DebtorId> = ids.into_iter().collect();
    let owed: Vec<(DebtorId, &Debts)> =
        new.iter().filter_map(|details| Some((*ids.get(&details.phone)?, &details.debts))).collect();
    debts::add(conn, &owed, import, now).await?;
    let tags = new.iter().filter_map(|details| Some((ids.get(&details.phone)?, details)));
    let tags = tags.flat_map(|(id, details)| details.tags.iter().map(|tag| (*id, tag.clone()))).collect();
    insert_tags(conn, tags).await
}

/// An array, in memory that is taken once: a text that grows by doubling takes longer than what is written into it.
fn as_json<'details>(
    all: impl ExactSizeIterator<Item = DebtorColumns<'details>>,
) -> Result<String, Box<dyn Error + Send + Sync>> {
    let mut text = Vec::with_capacity(all.len() * ROW_BYTES);
    let mut json = serde_json::Serializer::new(&mut text);
    let mut array = json.serialize_seq(Some(all.len()))?;
    for columns in all {
        array.serialize_element(&columns.json()?)?;
    }
    array.end()?;
    Ok(String::from_utf8(text)?)
}

async fn insert_tags(conn: &mut Conn, tags: Vec<(DebtorId, String)>) -> Result<(), StoreError> {
    for chunk in tags.chunks(CHUNK) {
        let rows: Vec<_> =
            chunk.iter().map(|(id, tag)| (debtor_tags::debtor_id.eq(*id), debtor_tags::tag.eq(tag.clone()))).collect();
        bulk!(conn, diesel::insert_into(debtor_tags::table).values(rows))?;
    }
    Ok(())
}

/// The known details with the new ones over them, but for the debts.
fn merge(known: &DebtorDetails, new: &DebtorDetails) -> DebtorDetails {
    DebtorDetails {
        phone: known.phone.clone(),
        name: new.name.clone(),
        debts: known.debts.clone(),
        tags: known.tags.union(&new.tags).cloned().collect(),
        fields: known.fields.clone().into_iter().chain(new.fields.clone()).collect(),
    }
}
