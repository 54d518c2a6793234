//! Sessions: what is wanted of them and what they were last seen doing.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Moved, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    ledger::{doubt_all_of, in_doubt_again},
    queue::waiting,
    schema::{campaign_pools, campaigns, messages, pool_members, sessions},
    sql_types::{At, Json},
};
use crate::domain::{
    audit::AuditEntry,
    campaign::CampaignStatus,
    id::SessionId,
    pacing::{Caps, DelayRange},
    phone::Phone,
    session::{ChannelKind, DesiredState, Session, SessionStatus},
};

/// A session to add.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Unique.
    pub name: String,
    pub channel: ChannelKind,
    pub desired: DesiredState,
    pub delay: DelayRange,
    pub caps: Caps,
}

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct SessionPatch {
    pub name: Option<String>,
    pub delay: Option<DelayRange>,
    pub caps: Option<Caps>,
}

type Row = (
    SessionId,
    String,
    ChannelKind,
    DesiredState,
    SessionStatus,
    Option<String>,
    Option<Phone>,
    i64,
    i64,
    At,
    At,
    Json,
    Option<String>,
);

fn session(row: Row) -> Result<Session, StoreError> {
    let (id, name, channel, desired, status, status_reason, phone, min, max, created_at, updated_at, caps, restriction) =
        row;
    let range = (u32::try_from(min), u32::try_from(max));
    let delay = match range {
        (Ok(min), Ok(max)) => DelayRange::new(min, max).ok(),
        _ => None,
    };
    let delay = delay.ok_or_else(|| StoreError::Corrupt(format!("the delay of session {id}")))?;
    let caps = read_caps(id, caps)?;
    Ok(Session {
        id,
        name,
        channel,
        desired,
        status,
        status_reason,
        restriction,
        phone,
        delay,
        caps,
        created_at: created_at.0,
        updated_at: updated_at.0,
    })
}

/// Caps as stored; a session from before there were any has the default.
fn read_caps(id: SessionId, caps: Json) -> Result<Caps, StoreError> {
    serde_json::from_value(caps.0).map_err(|_| StoreError::Corrupt(format!("the caps of session {id}")))
}

/// A session that comes online with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The name of another session that has the account.
    pub other: Option<String>,
    /// Messages that waited for the session's former link and are uncertain now.
    pub doubted: Vec<Moved>,
}

impl Store {
    /// How fast some sessions may send.
    pub async fn paces(&self, ids: &[SessionId]) -> Result<Vec<(SessionId, DelayRange, Caps)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = sessions::table.filter(sessions::id.eq_any(ids.to_vec()));
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        rows.into_iter().map(|row| session(row).map(|session| (session.id, session.delay, session.caps))).collect()
    }

    /// All sessions, by name.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<Row> = on!(conn, c => sessions::table.order((sessions::name, sessions::id)).load(c).await)?;
        rows.into_iter().map(session).collect()
    }

    /// The session with that id.
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => sessions::table.find(id).first(c).await.optional())?;
        row.map(session).transpose()
    }

    /// Adds a session; it is stopped until the fleet takes it up.
    pub async fn create_session(
        &self,
        new: NewSession,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Session, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            sessions::name.eq(new.name),
            sessions::channel.eq(new.channel),
            sessions::desired.eq(new.desired),
            sessions::status.eq(SessionStatus::Stopped),
            sessions::delay_min_ms.eq(i64::from(new.delay.min_ms())),
            sessions::delay_max_ms.eq(i64::from(new.delay.max_ms())),
            sessions::caps.eq(Json(json!(new.caps))),
            sessions::created_at.eq(At(now)),
            sessions::updated_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(sessions::table).values(row).returning(sessions::all_columns).get_result(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        session(row)
    }

    /// Renames a session or changes its delays or caps.
    pub async fn update_session(
        &self,
        id: SessionId,
        patch: SessionPatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Session>, StoreError> {
        #[derive(AsChangeset)]
        #[diesel(table_name = sessions)]
        struct Changes {
            name: Option<String>,
            delay_min_ms: Option<i64>,
            delay_max_ms: Option<i64>,
            caps: Option<Json>,
            updated_at: At,
        }
        let changes = Changes {
            name: patch.name,
            delay_min_ms: patch.delay.map(|delay| delay.min_ms().into()),
            delay_max_ms: patch.delay.map(|delay| delay.max_ms().into()),
            caps: patch.caps.map(|caps| Json(json!(caps))),
            updated_at: At(now),
        };
        let mut tx = self.db.begin().await?;
        let row: Option<Row> = on!(tx, c => diesel::update(sessions::table.find(id)).set(changes)
            .returning(sessions::all_columns).get_result(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        session(row).map(Some)
    }

    /// Deletes a session, and says whether there was one. One that a running or paused campaign's pool has is in use.
    pub async fn delete_session(
        &self,
        id: SessionId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let pools = pool_members::table.filter(pool_members::session_id.eq(id)).select(pool_members::pool_id);
        let live = [CampaignStatus::Running, CampaignStatus::Paused];
        let through =
            campaign_pools::table.filter(campaign_pools::pool_id.eq_any(pools)).select(campaign_pools::campaign_id);
        let busy = campaigns::table.filter(campaigns::status.eq_any(live)).filter(campaigns::id.eq_any(through));
        let busy: i64 = on!(tx, c => busy.count().get_result(c).await)?;
        if busy > 0 {
            return Err(StoreError::InUse("running_campaign"));
        }
        // What only this session may repeat would go out through another one under another id: that is for a person to decide.
        let pinned = messages::table
            .filter(waiting())
            .filter(messages::session_id.eq(id))
            .filter(messages::wire_id.is_not_null());
        on!(tx, c => diesel::update(pinned).set(in_doubt_again(now)).execute(c).await)?;
        let deleted = on!(tx, c => diesel::delete(sessions::table.find(id)).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        Ok(deleted > 0)
    }

    /// Says what is wanted of a session. Whoever starts one that WhatsApp restricts wants it to send again.
    pub async fn set_desired(
        &self,
        id: SessionId,
        desired: DesiredState,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Session>, StoreError> {
        let mut tx = self.db.begin().await?;
        let changes = (sessions::desired.eq(desired), sessions::updated_at.eq(At(now)));
        let lifted = (desired == DesiredState::Running).then_some(sessions::restriction.eq(None::<String>));
        let row: Option<Row> = on!(tx, c => diesel::update(sessions::table.find(id)).set((changes, lifted))
            .returning(sessions::all_columns).get_result(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        session(row).map(Some)
    }

    /// Records what a session is doing.
    pub async fn set_observed(
        &self,
        id: SessionId,
        status: SessionStatus,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let changes = (
            sessions::status.eq(status),
            sessions::status_reason.eq(reason.map(str::to_owned)),
            sessions::updated_at.eq(At(now)),
        );
        on!(conn, c => diesel::update(sessions::table.find(id)).set(changes).execute(c).await)?;
        Ok(())
    }

    /// Records that WhatsApp restricts a session, until somebody starts it again.
    pub async fn restrict_session(
        &self,
        id: SessionId,
        reason: &str,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let changes = (sessions::restriction.eq(reason.to_owned()), sessions::updated_at.eq(At(now)));
        on!(tx, c => diesel::update(sessions::table.find(id)).set(changes).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await
    }

    /// Records the account that a session is linked to; unless another one has it, whose name it gives then. Of two that have it from before
    /// there was this rule the older one stays. A link that is new leaves what the one before has in doubt to people.
    pub async fn link_session(&self, id: SessionId, phone: &Phone, now: DateTime<Utc>) -> Result<Linked, StoreError> {
        let mut tx = self.db.begin().await?;
        let before = sessions::table.find(id).select(sessions::phone);
        let before: Option<Option<Phone>> = on!(tx, c => before.first(c).await.optional())?;
        let others = sessions::table
            .filter(sessions::phone.eq(phone.clone()))
            // The number that a session had which is logged out is kept for people to read.
            .filter(sessions::status.ne(SessionStatus::LoggedOut).or(sessions::id.eq(id)))
            .order(sessions::id)
            .select((sessions::id, sessions::name));
        let having: Vec<(SessionId, String)> = on!(tx, c => others.load(c).await)?;
        let has_it = having.iter().any(|(session, _)| *session == id);
        let other = having.into_iter().find(|(session, _)| *session != id && (*session < id || !has_it));
        let (linked_to, phone) = (phone, other.is_none().then(|| phone.clone()));
        let changes = (sessions::phone.eq(phone), sessions::updated_at.eq(At(now)));
        on!(tx, c => diesel::update(sessions::table.find(id)).set(changes).execute(c).await)?;
        let is_new = other.is_none() && before.flatten().as_ref() != Some(linked_to);
        let doubted = if is_new { doubt_all_of(&mut tx, id, now).await? } else { Vec::new() };
        tx.commit().await?;
        Ok(Linked { other: other.map(|(_, name)| name), doubted })
    }

    /// Records that a session is linked to no account any more.
    pub async fn unlink_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let linked = sessions::table.find(id).filter(sessions::phone.is_not_null());
        let changes = (sessions::phone.eq(None::<Phone>), sessions::updated_at.eq(At(now)));
        on!(conn, c => diesel::update(linked).set(changes).execute(c).await)?;
        Ok(())
    }
}
