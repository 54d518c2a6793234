//! Settings that people change while the server runs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    schema::{messages, settings},
    sql_types::{At, Json},
};
use crate::domain::{
    audit::AuditEntry,
    message::MessageState,
    policy::{ContactPolicy, Wait},
};

const CONTACT_POLICY: &str = "contact_policy";

impl Store {
    /// The contact policy; the careful default until somebody has set one.
    pub async fn contact_policy(&self) -> Result<ContactPolicy, StoreError> {
        let mut conn = self.db.read().await?;
        let query = settings::table.find(CONTACT_POLICY).select(settings::value);
        let value: Option<Json> = on!(conn, c => query.first(c).await.optional())?;
        value.map_or_else(
            || Ok(ContactPolicy::default()),
            |value| serde_json::from_value(value.0).map_err(|_| StoreError::Corrupt("the contact policy".to_owned())),
        )
    }

    /// Sets the contact policy; it holds from the next claim on.
    pub async fn set_contact_policy(
        &self,
        policy: &ContactPolicy,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let changes = (settings::value.eq(Json(serde_json::json!(policy))), settings::updated_at.eq(At(now)));
        let row = (settings::name.eq(CONTACT_POLICY), changes.clone());
        on!(tx, c => diesel::insert_into(settings::table).values(row).on_conflict(settings::name).do_update()
            .set(changes).execute(c).await)?;
        // What waits because of the policy before may be allowed now.
        let waits: Vec<&str> = Wait::ALL.iter().map(|wait| wait.as_str()).collect();
        let waiting = messages::table
            .filter(messages::state.eq(MessageState::Queued))
            .filter(messages::due_at.gt(At(now)))
            .filter(messages::reason.eq_any(waits));
        on!(tx, c => diesel::update(waiting).set(messages::due_at.eq(At(now))).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await
    }
}
