//! Who was written to and when, over every session, pool and campaign: what the contact policy and the caps of sessions count.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    db::on,
    debtors::{self, with_tags},
    error::StoreError,
    schema::{conversations, debtors as debtors_table, messages},
    sql_types::At,
    suppressions::suppressed,
};
use crate::domain::{
    debtor::Debtor,
    id::{DebtorId, SessionId},
    phone::Phone,
};

/// Somebody a message is for, as they are now.
pub(super) struct Person {
    pub debtor: Debtor,
    pub suppressed: bool,
    /// When messages went to them, in any order.
    pub contacts: Vec<DateTime<Utc>>,
    /// The sessions that have written to them or heard from them.
    pub sessions: HashSet<SessionId>,
}

/// The people with those ids. On PostgreSQL they are kept from every other claim until the transaction ends, so that two pools cannot
/// both find that one more message is allowed; whom another claim holds is left out.
pub(super) async fn people(conn: &mut Conn, ids: Vec<DebtorId>) -> Result<HashMap<DebtorId, Person>, StoreError> {
    let query = debtors_table::table.filter(debtors_table::id.eq_any(ids)).order(debtors_table::id);
    let rows: Vec<debtors::Row> = match conn {
        Conn::Pg(c) => query.for_no_key_update().skip_locked().load(&mut ***c).await?,
        Conn::Lite(c) => query.load(&mut **c).await?,
    };
    let debtors = with_tags(conn, rows).await?;
    let ids: Vec<DebtorId> = debtors.iter().map(|debtor| debtor.id).collect();
    let phones: Vec<Phone> = debtors.iter().map(|debtor| debtor.details.phone.clone()).collect();
    let stopped = suppressed(conn, phones.clone()).await?;
    let mut people: HashMap<DebtorId, Person> = debtors
        .into_iter()
        .map(|debtor| {
            let suppressed = stopped.contains(&debtor.details.phone);
            let person = Person { suppressed, contacts: Vec::new(), sessions: HashSet::new(), debtor };
            (person.debtor.id, person)
        })
        .collect();
    let claims = messages::table
        .filter(messages::debtor_id.eq_any(ids))
        .filter(messages::claimed_at.is_not_null())
        .select((messages::debtor_id, messages::claimed_at.assume_not_null(), messages::session_id));
    let claims: Vec<(DebtorId, At, Option<SessionId>)> = on!(conn, c => claims.load(c).await)?;
    for (debtor, at, session) in claims {
        if let Some(person) = people.get_mut(&debtor) {
            person.contacts.push(at.0);
            person.sessions.extend(session);
        }
    }
    let heard = conversations::table
        .filter(conversations::phone.eq_any(phones))
        .filter(conversations::session_id.is_not_null())
        .select((conversations::phone, conversations::session_id.assume_not_null()));
    let heard: Vec<(Phone, SessionId)> = on!(conn, c => heard.load(c).await)?;
    for (phone, session) in heard {
        let by_phone = people.values_mut().filter(|person| person.debtor.details.phone == phone);
        by_phone.for_each(|person| {
            person.sessions.insert(session);
        });
    }
    Ok(people)
}

impl Store {
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
