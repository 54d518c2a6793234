//! Lists of debtors that are meant to stay quick with a million of them, whatever is asked.
//!
//! A page is looked for in two ways, each of which reads a bounded number of rows. First by the indexes of the filter's parts: if one of
//! them leaves few candidates, these are all that there is to look at. Else along the index of the list's order ([`Walk`]): what many debtors
//! have is found at once. Where many have each part and hardly any all of them the page ends after as long as one may take, perhaps with
//! fewer rows than it may have; its cursor goes on from there.

use std::{collections::HashMap, time::Instant};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryDsl as _,
    sql_types::{BigInt, Bool, Text},
};
use diesel_async::RunQueryDsl;

use super::{
    Backend, Conn, Store,
    among::among,
    db::on,
    debtor_matching::{candidates, matching, these},
    debtor_order::{Key, Order, Place},
    debtor_sample::{Sample, Span},
    debtor_walk::Walk,
    debtor_words::{by_words, has_digit},
    debtors::{Row, with_tags_and_debts},
    error::StoreError,
    page::Page,
    schema::debtors,
    sql_types::{self, At},
    statement::Sql,
};
use crate::domain::{
    debtor::Debtor,
    debtor_filter::{Bounds, DebtorFilter, DebtorSort},
    id::DebtorId,
};

/// Candidates that are looked at one and all.
const FEW: i64 = 2_000;
/// So many names are a person's whole name, which few have, however common each is: a name and two surnames.
const NAMES: usize = 3;

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct DebtorList {
    pub filter: DebtorFilter,
    pub sort: DebtorSort,
    pub descending: bool,
    /// The day that days overdue are counted to.
    pub today: NaiveDate,
}

/// One of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDebtor {
    pub debtor: Debtor,
    /// When a message last went to them.
    pub last_contact_at: Option<DateTime<Utc>>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtorPage {
    pub items: Vec<ListedDebtor>,
    /// Asks for the next page; none on the last. A page may be shorter than it was asked to be, even empty, and still not the last.
    pub next_cursor: Option<String>,
    /// How many debtors there are on all pages.
    pub total: u64,
    /// Whether `total` was counted; it is estimated from a sample otherwise.
    pub exact: bool,
}

/// What a list asks of one database.
pub(super) struct Question {
    pub filter: DebtorFilter,
    pub order: Order,
    pub today: NaiveDate,
    pub after: Option<Place>,
    /// Rows for a page, and one more that tells whether there is another one.
    pub most: i64,
}

impl Question {
    fn new(list: &DebtorList, page: &Page, store: &Store) -> Self {
        let order = Order { sort: list.sort, descending: list.descending, backend: store.backend() };
        let mut filter = list.filter.clone();
        if list.sort == DebtorSort::LastContact {
            filter.contacted = filter.contacted.or(Some(true));
        }
        let after = page.place().filter(|place| order.understands(place));
        Self { filter, order, today: list.today, after, most: page.probe() }
    }

    /// How many rows to look at in place of so many: half of them where each takes twice as long, since the ledger is asked too.
    pub fn affords(&self, rows: i64) -> i64 {
        let DebtorFilter { contacted, last_contact, .. } = &self.filter;
        let reads_ledger = contacted.is_some() || !last_contact.is_open() || self.order.sort == DebtorSort::LastContact;
        if reads_ledger { rows / 2 } else { rows }
    }

    pub fn matching(&self) -> Sql {
        matching(&self.filter, self.order.backend, self.today)
    }

    /// The same of those whom the order's own index gives, which knows of the last contact what it is ordered by.
    pub fn matching_on_the_way(&self) -> Sql {
        if self.order.sort != DebtorSort::LastContact || self.filter.contacted == Some(false) {
            return self.matching();
        }
        let filter = DebtorFilter { contacted: None, last_contact: Bounds::default(), ..self.filter.clone() };
        matching(&filter, self.order.backend, self.today)
    }
}

impl Store {
    /// Debtors in an order, page by page.
    pub async fn debtors(&self, list: &DebtorList, page: &Page) -> Result<DebtorPage, StoreError> {
        let begun = Instant::now();
        let question = Question::new(list, page, self);
        let mut conn = self.db.read().await?;
        let span = Span::of_all(&mut conn).await?;
        let (mut ids, mut sample) = (few(&mut conn, &question).await?, None);
        if ids.is_none() {
            sample = Sample::take(&mut conn, &question, span).await?;
            ids = by_telling_words(&mut conn, &question, sample.as_ref()).await?;
        }
        let (places, cut, total, exact) = match ids {
            Some(ids) => {
                let (places, total) = look_at(&mut conn, &question, &ids).await?;
                (places, None, total, true)
            }
            None => {
                let Walk { found, reached, .. } = Walk::along(&mut conn, &question, begun).await?;
                let (total, exact) = total(&mut conn, &question, sample, found.len() as u64).await?;
                (found, reached, total, exact)
            }
        };
        let found = page.by_place(places, Place::clone);
        let ids: Vec<DebtorId> = found.items.iter().map(|place| DebtorId(place.id)).collect();
        let items = listed(&mut conn, ids).await?;
        let next_cursor = found.next_cursor.or_else(|| cut.as_ref().and_then(Page::cursor_at));
        Ok(DebtorPage { items, next_cursor, total, exact })
    }

    /// How many debtors a filter is true of, all of them counted; as long as that takes.
    pub async fn count_debtors(&self, filter: &DebtorFilter, today: NaiveDate) -> Result<u64, StoreError> {
        let mut conn = self.db.read().await?;
        count(&mut conn, &Sql::new("SELECT * FROM debtors"), &matching(filter, self.backend(), today)).await
    }

    /// The names of the further fields that any of them has, in alphabetical order, a thousand at the most; as long as that takes.
    pub async fn field_names(&self, filter: &DebtorFilter, today: NaiveDate) -> Result<Vec<String>, StoreError> {
        let mut conn = self.db.read().await?;
        let names = match self.backend() {
            Backend::Postgres => "SELECT DISTINCT jsonb_object_keys(debtors.fields) FROM debtors WHERE ",
            Backend::Sqlite => "SELECT DISTINCT pair.key FROM debtors, json_each(debtors.fields) AS pair WHERE ",
        };
        let query = Sql::new(names).then(&matching(filter, self.backend(), today)).sql(" ORDER BY 1 LIMIT 1000");
        let query = query.query::<Text>();
        Ok(on!(conn, c => query.load(c).await)?)
    }

    /// Those of the filter after the one with that id, in the order in which they were added; for what goes through all of them.
    pub async fn debtors_after(
        &self,
        filter: &DebtorFilter,
        today: NaiveDate,
        after: Option<DebtorId>,
        most: i64,
    ) -> Result<Vec<ListedDebtor>, StoreError> {
        let mut conn = self.db.read().await?;
        let wanted = matching(filter, self.backend(), today);
        let after = after.map_or(0, |id| id.0);
        let query = Sql::new("SELECT debtors.id FROM debtors WHERE debtors.id > ")
            .number(after)
            .sql(" AND ")
            .then(&wanted)
            .sql(" ORDER BY debtors.id LIMIT ")
            .number(most)
            .query::<BigInt>();
        let ids: Vec<DebtorId> = on!(conn, c => query.load(c).await)?;
        listed(&mut conn, ids).await
    }
}

async fn count(conn: &mut Conn, source: &Sql, wanted: &Sql) -> Result<u64, StoreError> {
    let query =
        Sql::new("SELECT count(*) FROM (").then(source).sql(") AS debtors WHERE ").then(wanted).query::<BigInt>();
    let count: i64 = on!(conn, c => query.get_result(c).await)?;
    Ok(count.cast_unsigned())
}

/// All candidates, where an index leaves few. Of words only those that are numbers, and several names together: how many have those that
/// begin like the others, an index knows only when it has gone through them all.
async fn few(conn: &mut Conn, question: &Question) -> Result<Option<Vec<i64>>, StoreError> {
    let Question { filter, order, today, .. } = question;
    let numbers: Vec<String> = long_words(filter).filter(|word| is_number(word)).collect();
    let mut queries = candidates(filter, order.backend, *today, FEW + 1);
    if !numbers.is_empty() {
        queries.insert(0, by_words(conn, &numbers, FEW + 1).await?);
    }
    for query in queries {
        if let Some(ids) = ask(conn, query).await? {
            return Ok(Some(ids));
        }
    }
    let Some(names) = whole_name(filter) else { return Ok(None) };
    let query = by_words(conn, &names, FEW + 1).await?;
    ask(conn, query).await
}

/// All who have the words that are sought, where these are few; a whole name was asked for before.
async fn by_telling_words(
    conn: &mut Conn,
    question: &Question,
    sample: Option<&Sample>,
) -> Result<Option<Vec<i64>>, StoreError> {
    if whole_name(&question.filter).is_some() {
        return Ok(None);
    }
    let telling = match sample {
        Some(sample) => sample.telling_words(FEW.cast_unsigned()),
        None => long_words(&question.filter).collect(),
    };
    if telling.is_empty() {
        return Ok(None);
    }
    let query = by_words(conn, &telling, FEW + 1).await?;
    ask(conn, query).await
}

/// The words of letters that are sought, where they are somebody's whole name.
fn whole_name(filter: &DebtorFilter) -> Option<Vec<String>> {
    let names: Vec<String> = long_words(filter).filter(|word| !has_digit(word)).collect();
    (names.len() >= NAMES).then_some(names)
}

/// The words sought that an index is asked for.
fn long_words(filter: &DebtorFilter) -> impl Iterator<Item = String> {
    filter.words().into_iter().filter(|word| word.chars().count() > 2)
}

/// Whether a word is most of a phone or of a reference, which few have.
fn is_number(word: &str) -> bool {
    word.len() > 5 && has_digit(word)
}

/// The ids of a query that asks for one more than [`FEW`], unless there are so many.
async fn ask(conn: &mut Conn, query: Sql) -> Result<Option<Vec<i64>>, StoreError> {
    let query = query.query::<BigInt>();
    let mut ids: Vec<i64> = on!(conn, c => query.load(c).await)?;
    if ids.len() as i64 > FEW {
        return Ok(None);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}

/// Of these candidates, those that a page has, and how many there are on all pages.
async fn look_at(conn: &mut Conn, question: &Question, ids: &[i64]) -> Result<(Vec<Place>, u64), StoreError> {
    let Question { order, after, most, .. } = question;
    let query = order.pick_all(&order.among(&these(ids, order.backend)), &question.matching(), after.as_ref());
    let query = query.query::<(BigInt, BigInt, Text, Bool)>();
    let all: Vec<(i64, i64, String, bool)> = on!(conn, c => query.load(c).await)?;
    let count = all.len() as u64;
    let places = all.into_iter().filter(|(.., next)| *next);
    let places = places.map(|(id, tie, key, _)| Place { id, tie, key: Key(key) });
    Ok((places.take(usize::try_from(*most).unwrap_or(usize::MAX)).collect(), count))
}

/// How many debtors the filter is true of, and whether that is exact: among many it is told from a sample, and is as many as were seen.
async fn total(
    conn: &mut Conn,
    question: &Question,
    sample: Option<Sample>,
    seen: u64,
) -> Result<(u64, bool), StoreError> {
    match sample {
        Some(sample) => Ok((sample.total().max(seen), false)),
        None => Ok((count(conn, &Sql::new("SELECT * FROM debtors"), &question.matching()).await?, true)),
    }
}

/// The debtors with those ids, in that order.
async fn listed(conn: &mut Conn, ids: Vec<DebtorId>) -> Result<Vec<ListedDebtor>, StoreError> {
    let query = debtors::table.filter(among(debtors::id, ids.clone()));
    let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
    let mut last = last_contacts(conn, &ids).await?;
    let debtors = with_tags_and_debts(conn, rows).await?.into_iter().map(|debtor| {
        let last_contact_at = last.remove(&debtor.id);
        (debtor.id, ListedDebtor { debtor, last_contact_at })
    });
    let mut debtors: HashMap<DebtorId, ListedDebtor> = debtors.collect();
    Ok(ids.iter().filter_map(|id| debtors.remove(id)).collect())
}

/// When messages last went to those debtors.
async fn last_contacts(conn: &mut Conn, ids: &[DebtorId]) -> Result<HashMap<DebtorId, DateTime<Utc>>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let backend = conn.backend();
    let last = "SELECT debtors.id, max(messages.claimed_at) FROM debtors JOIN messages ON messages.debtor_id = debtors.id WHERE ";
    let query = Sql::new(last)
        .then(&these(&ids, backend))
        .sql(" AND messages.claimed_at IS NOT NULL GROUP BY debtors.id")
        .query::<(BigInt, sql_types::Instant)>();
    let rows: Vec<(DebtorId, At)> = on!(conn, c => query.load(c).await)?;
    Ok(rows.into_iter().map(|(id, at)| (id, at.0)).collect())
}

impl Store {
    /// When a message last went to a debtor.
    pub async fn last_contact(&self, id: DebtorId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut conn = self.db.read().await?;
        Ok(last_contacts(&mut conn, &[id]).await?.remove(&id))
    }
}
