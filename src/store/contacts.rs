//! Who was written to and when, over every session, pool and campaign: what the contact policy and the caps of sessions count.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    among::among,
    db::{lite_rows, on, rows},
    debtors::{Row as DebtorRow, with_tags_and_debts},
    error::StoreError,
    promises::promised,
    schema::{conversations, debtors, messages},
    sql_types::At,
    suppressions::suppressed,
};
use crate::domain::{
    campaign::Audience,
    debtor::Debtor,
    id::{DebtorId, SessionId},
    phone::Phone,
    promise::Promised,
};

/// Somebody a message is for, as they are now.
#[derive(Debug, Clone)]
pub struct Person {
    pub debtor: Debtor,
    pub suppressed: bool,
    /// When messages went to them, in any order.
    pub contacts: Vec<DateTime<Utc>>,
    /// The sessions that have written to them or heard from them.
    pub sessions: HashSet<SessionId>,
    /// When they last wrote to one of our sessions.
    pub last_heard: Option<DateTime<Utc>>,
    /// What they have promised to pay and may be spared for.
    pub promises: Vec<Promised>,
}

/// The people with those ids. On PostgreSQL they are kept from every other claim until the transaction ends, so that two pools cannot
/// both find that one more message is allowed; whom another claim holds is left out.
pub(super) async fn people_to_claim(
    conn: &mut Conn,
    ids: Vec<DebtorId>,
) -> Result<HashMap<DebtorId, Person>, StoreError> {
    let query = debtors::table.filter(among(debtors::id, ids)).order(debtors::id);
    let rows: Vec<DebtorRow> = match conn {
        Conn::Pg(c) => query.for_no_key_update().skip_locked().load(&mut ***c).await?,
        Conn::Lite(c) => lite_rows(c, query).await?,
    };
    people(conn, rows).await
}

/// The people of those rows.
async fn people(conn: &mut Conn, rows: Vec<DebtorRow>) -> Result<HashMap<DebtorId, Person>, StoreError> {
    let debtors = with_tags_and_debts(conn, rows).await?;
    let ids: Vec<DebtorId> = debtors.iter().map(|debtor| debtor.id).collect();
    let mut promises = promised(conn, ids.clone()).await?;
    let phones: Vec<Phone> = debtors.iter().map(|debtor| debtor.details.phone.clone()).collect();
    let stopped = suppressed(conn, phones.clone()).await?;
    let mut people: HashMap<DebtorId, Person> = debtors
        .into_iter()
        .map(|debtor| {
            let suppressed = stopped.contains(&debtor.details.phone);
            let promises = promises.remove(&debtor.id).unwrap_or_default();
            let (contacts, sessions) = (Vec::new(), HashSet::new());
            let person = Person { suppressed, contacts, sessions, last_heard: None, promises, debtor };
            (person.debtor.id, person)
        })
        .collect();
    let claims = messages::table
        .filter(among(messages::debtor_id, ids))
        .filter(messages::claimed_at.is_not_null())
        .select((messages::debtor_id, messages::claimed_at.assume_not_null(), messages::session_id));
    let claims: Vec<(DebtorId, At, Option<SessionId>)> = rows!(conn, claims)?;
    for (debtor, at, session) in claims {
        if let Some(person) = people.get_mut(&debtor) {
            person.contacts.push(at.0);
            person.sessions.extend(session);
        }
    }
    let heard = conversations::table.filter(among(conversations::phone, phones)).select((
        conversations::phone,
        conversations::session_id,
        conversations::last_message_at,
    ));
    let heard: Vec<(Phone, Option<SessionId>, At)> = rows!(conn, heard)?;
    let mut by_phone = HashMap::<Phone, Vec<&mut Person>>::new();
    for person in people.values_mut() {
        by_phone.entry(person.debtor.details.phone.clone()).or_default().push(person);
    }
    for (phone, session, at) in heard {
        for person in by_phone.get_mut(&phone).into_iter().flatten() {
            person.sessions.extend(session);
            person.last_heard = person.last_heard.max(Some(at.0));
        }
    }
    Ok(people)
}

impl Store {
    /// Active debtors of an audience, in the order in which a campaign writes to them, after the one with that id.
    pub async fn audience_people(
        &self,
        audience: &Audience,
        today: NaiveDate,
        after: Option<DebtorId>,
        limit: u32,
    ) -> Result<Vec<Person>, StoreError> {
        let mut conn = self.db.read().await?;
        let after = after.unwrap_or(DebtorId(0));
        let wanted = super::campaigns::audience(&mut conn, audience, today).await?;
        let rows: Vec<DebtorRow> = on!(conn, c => debtors::table.filter(wanted).filter(debtors::id.gt(after))
            .order(debtors::id).limit(i64::from(limit)).select(debtors::all_columns).load(c).await)?;
        let mut people: Vec<Person> = people(&mut conn, rows).await?.into_values().collect();
        people.sort_by_key(|person| person.debtor.id);
        Ok(people)
    }

    /// What sessions have claimed since an instant, in order: who, when, and whether it opened a chat.
    pub async fn claims_since(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(SessionId, DateTime<Utc>, bool)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::session_id.is_not_null())
            .filter(messages::claimed_at.ge(At(since)))
            .order(messages::claimed_at)
            .select((
                messages::session_id.assume_not_null(),
                messages::claimed_at.assume_not_null(),
                messages::new_chat,
            ));
        let rows: Vec<(SessionId, At, bool)> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|(session, at, new_chat)| (session, at.0, new_chat)).collect())
    }
}
