//! The queue: what is due in a pool, and what will be.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, min, sql},
    expression::SqlLiteral,
    prelude::*,
    sql_types::Bool,
};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Moved, Store,
    among::among,
    campaigns::{Row as CampaignRow, with_pools},
    db::{lite_rows, on},
    error::StoreError,
    ledger::in_doubt_again,
    schema::{campaign_pools, campaigns, messages, pool_members, sessions},
    sql_types::At,
};
use crate::domain::{
    campaign::{Campaign, CampaignStatus, Shares},
    id::{CampaignId, DebtorId, MessageId, PoolId, SessionId},
    message::{MessageState, SESSION_RESTRICTED, WireId},
    session::SessionStatus,
};

/// One row of the queue.
pub(super) struct Due {
    pub id: MessageId,
    pub campaign: Arc<Campaign>,
    pub step: usize,
    pub debtor_id: DebtorId,
    pub own_session: Option<SessionId>,
    pub own_wire_id: Option<WireId>,
    pub attempts: i64,
    pub due_at: DateTime<Utc>,
}

/// Messages of a campaign that are held back for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// A stable code, perhaps followed by `: detail`; none where it is not their turn yet.
    pub reason: Option<String>,
    pub count: u64,
    /// When the first of them goes on; none where a person has to do something before.
    pub until: Option<DateTime<Utc>>,
}

/// The running campaigns that go through a pool, as a query.
macro_rules! of_pool {
    ($pool:expr) => {
        campaigns::table
            .filter(campaigns::status.eq(CampaignStatus::Running))
            .filter(campaigns::id.eq_any(
                campaign_pools::table.filter(campaign_pools::pool_id.eq($pool)).select(campaign_pools::campaign_id),
            ))
            .order(campaigns::id)
    };
}

impl Store {
    /// Sessions for which due messages of the pool wait by name, because they must keep their id and session.
    pub async fn sessions_waited_for(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Vec<SessionId>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::campaign_id.eq_any(of_pool!(pool).select(campaigns::id)))
            .filter(waiting())
            .filter(messages::due_at.le(At(now)))
            .filter(messages::session_id.is_not_null())
            .select(messages::session_id.assume_not_null())
            .distinct();
        Ok(on!(conn, c => query.load(c).await)?)
    }

    /// Messages of the pool that wait for sessions which are gone, only because those hold the debtors' chats, wait for any session again;
    /// says how many there were. What has an id on WhatsApp stays with its session.
    pub async fn let_go(&self, pool: PoolId, gone: &[SessionId]) -> Result<usize, StoreError> {
        let mut conn = self.db.write().await?;
        let kept = messages::table
            .filter(messages::campaign_id.eq_any(of_pool!(pool).select(campaigns::id)))
            .filter(waiting())
            .filter(messages::wire_id.is_null())
            .filter(messages::session_id.eq_any(gone.to_vec()));
        let anybody = messages::session_id.eq(None::<SessionId>);
        Ok(on!(conn, c => diesel::update(kept).set(anybody).execute(c).await)?)
    }

    /// Messages of the pool's campaigns that wait under an id which only a session may repeat that is in none of their pools any more: a
    /// person has to decide on them, else their campaigns would never end. Cheap where there are none, as nearly always: few rows wait
    /// for a session by name.
    pub async fn strand(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Vec<Moved>, StoreError> {
        let mut stranded = Vec::new();
        let mut conn = self.db.read().await?;
        let pinned = messages::table
            .filter(messages::campaign_id.eq_any(of_pool!(pool).select(campaigns::id)))
            .filter(waiting())
            .filter(messages::session_id.is_not_null())
            .filter(messages::wire_id.is_not_null())
            .select((messages::id, messages::campaign_id, messages::session_id.assume_not_null()));
        let pinned: Vec<(MessageId, CampaignId, SessionId)> = on!(conn, c => pinned.load(c).await)?;
        if !pinned.is_empty() {
            let campaigns: HashSet<CampaignId> = pinned.iter().map(|(_, campaign, _)| *campaign).collect();
            let members = campaign_pools::table
                .inner_join(pool_members::table.on(pool_members::pool_id.eq(campaign_pools::pool_id)))
                .filter(campaign_pools::campaign_id.eq_any(campaigns))
                .select((campaign_pools::campaign_id, pool_members::session_id));
            let members: Vec<(CampaignId, SessionId)> = on!(conn, c => members.load(c).await)?;
            let left = pinned.iter().filter(|(_, campaign, session)| !members.contains(&(*campaign, *session)));
            stranded.extend(left.map(|(id, ..)| *id));
        }
        drop(conn);
        if stranded.is_empty() {
            return Ok(Vec::new());
        }
        let mut conn = self.db.write().await?;
        // Unless a claim or a person was quicker.
        let rows = messages::table.filter(messages::id.eq_any(stranded)).filter(waiting());
        let columns = (messages::id, messages::campaign_id);
        let moved: Vec<(MessageId, CampaignId)> = on!(conn, c => diesel::update(rows).set(in_doubt_again(now))
            .returning(columns).get_results(c).await)?;
        let state = MessageState::Uncertain;
        Ok(moved.into_iter().map(|(message_id, campaign_id)| Moved { message_id, campaign_id, state }).collect())
    }

    /// When the pool's next message becomes due or its next campaign sends again, after `now`. Messages that are due already, but could
    /// not be claimed, wait for a session and not for a time.
    pub async fn next_due(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<CampaignRow> = on!(conn, c => of_pool!(pool).load(c).await)?;
        let mut next = None;
        for campaign in with_pools(&mut conn, rows).await? {
            let at = if campaign.plan.is_open(now) {
                let query = messages::table
                    .filter(messages::campaign_id.eq(campaign.id))
                    .filter(waiting())
                    .filter(messages::due_at.gt(At(now)))
                    .select(messages::due_at)
                    .order(messages::due_at);
                let due: Option<At> = on!(conn, c => query.first(c).await.optional())?;
                due.map(|at| at.0)
            } else {
                campaign.plan.opens_at(now)
            };
            next = next.into_iter().chain(at).min();
        }
        Ok(next)
    }

    /// What of a campaign waits for a session that WhatsApp restricts, and what must not be sent before some time that is still to come, by
    /// reason, the most first; twenty reasons at the most.
    pub async fn held_back(&self, campaign: CampaignId, now: DateTime<Utc>) -> Result<Vec<HeldBack>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::campaign_id.eq(campaign))
            .filter(waiting())
            .filter(messages::due_at.gt(At(now)))
            .group_by(messages::reason)
            .order((count_star().desc(), messages::reason))
            .limit(20)
            .select((messages::reason, count_star(), min(messages::due_at)));
        let rows: Vec<(Option<String>, i64, Option<At>)> = on!(conn, c => query.load(c).await)?;
        let held_back = |(reason, count, until): (_, i64, Option<At>)| HeldBack {
            reason,
            count: count.cast_unsigned(),
            until: Some(until.map_or(now, |at| at.0)),
        };
        let restricted = sessions::table
            .filter(sessions::restriction.is_not_null().or(sessions::status.eq(SessionStatus::Restricted)))
            .select(sessions::id.nullable());
        let query = messages::table
            .filter(messages::campaign_id.eq(campaign))
            .filter(waiting())
            .filter(messages::due_at.le(At(now)))
            .filter(messages::session_id.is_not_null())
            .filter(messages::session_id.eq_any(restricted))
            .count();
        let count: i64 = on!(conn, c => query.get_result(c).await)?;
        let restricted = (count > 0).then(|| HeldBack {
            reason: Some(SESSION_RESTRICTED.to_owned()),
            count: count.cast_unsigned(),
            until: None,
        });
        Ok(restricted.into_iter().chain(rows.into_iter().map(held_back)).collect())
    }

    /// The pool's campaigns of which a message could go out now, were there a session to send it.
    pub async fn has_due(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Vec<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<CampaignRow> = on!(conn, c => of_pool!(pool).load(c).await)?;
        let mut waiting_for = Vec::new();
        for campaign in with_pools(&mut conn, rows).await?.into_iter().filter(|campaign| campaign.plan.is_open(now)) {
            let query = messages::table
                .filter(messages::campaign_id.eq(campaign.id))
                .filter(waiting())
                .filter(messages::due_at.le(At(now)))
                .select(messages::id);
            let one: Option<MessageId> = on!(conn, c => query.first(c).await.optional())?;
            waiting_for.extend(one.map(|_| campaign));
        }
        Ok(waiting_for)
    }
}

/// Due rows that one of the free sessions may take, at most one per free session, shared among campaigns; of one campaign the oldest
/// first.
pub(super) async fn due(
    conn: &mut Conn,
    running: &[Arc<Campaign>],
    shares: &Shares,
    now: DateTime<Utc>,
    free: &[SessionId],
) -> Result<Vec<Due>, StoreError> {
    let mut queues = HashMap::new();
    for campaign in running {
        queues.insert(campaign.id, due_in(conn, campaign, now, free).await?);
    }
    let (mut shares, mut due) = (shares.clone(), Vec::new());
    while due.len() < free.len() {
        let waiting = running.iter().filter(|campaign| queues.get(&campaign.id).is_some_and(|rows| !rows.is_empty()));
        let next = shares.next(waiting.map(|campaign| (campaign.id, &campaign.plan)));
        let Some(row) = next.and_then(|campaign| queues.get_mut(&campaign)?.pop_front()) else { break };
        shares.charge(row.campaign.id, &row.campaign.plan);
        due.push(row);
    }
    Ok(due)
}

/// The same of one campaign. Asked one by one, each answer is the head of the index `messages_due`: 0.03 ms with 100,000 rows
/// waiting on PostgreSQL 15, where asking for all campaigns at once reads and sorts every waiting row, 40 ms.
async fn due_in(
    conn: &mut Conn,
    campaign: &Arc<Campaign>,
    now: DateTime<Utc>,
    free: &[SessionId],
) -> Result<VecDeque<Due>, StoreError> {
    let limit = i64::try_from(free.len()).unwrap_or(i64::MAX);
    let query = messages::table
        .filter(messages::campaign_id.eq(campaign.id))
        .filter(waiting())
        .filter(messages::due_at.le(At(now)))
        .filter(messages::session_id.is_null().or(among(messages::session_id.assume_not_null(), free.to_vec())))
        .order((messages::due_at, messages::id))
        .limit(limit)
        .select((
            messages::id,
            messages::step,
            messages::debtor_id,
            messages::session_id,
            messages::wire_id,
            messages::attempts,
            messages::due_at,
        ));
    type Row = (MessageId, i64, DebtorId, Option<SessionId>, Option<WireId>, i64, At);
    let rows: Vec<Row> = match conn {
        Conn::Pg(c) => query.for_update().skip_locked().load(&mut ***c).await?,
        Conn::Lite(c) => lite_rows(c, query).await?,
    };
    let due = |(id, step, debtor_id, own_session, own_wire_id, attempts, due_at): Row| Due {
        id,
        campaign: Arc::clone(campaign),
        step: usize::try_from(step).unwrap_or_default(),
        debtor_id,
        own_session,
        own_wire_id,
        attempts,
        due_at: due_at.0,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// The pool's running campaigns that send at this hour. On PostgreSQL they are locked against a pause until the claim has committed.
pub(super) async fn running(
    conn: &mut Conn,
    pool: PoolId,
    now: DateTime<Utc>,
) -> Result<Vec<Arc<Campaign>>, StoreError> {
    let query = of_pool!(pool);
    let rows: Vec<CampaignRow> = match conn {
        Conn::Pg(c) => query.for_share().load(&mut ***c).await?,
        Conn::Lite(c) => lite_rows(c, query).await?,
    };
    let campaigns = with_pools(conn, rows).await?;
    Ok(campaigns.into_iter().filter(|campaign| campaign.plan.is_open(now)).map(Arc::new).collect())
}

/// Messages that wait to be claimed. The states are literals, and the very words of the index `messages_due`: neither database uses a
/// partial index for a condition on parameters.
pub(super) fn waiting() -> SqlLiteral<Bool> {
    sql("messages.state IN ('planned', 'queued')")
}
