//! The claim: takes due messages off the ledger for sessions that are free, in one transaction that commits before anything is sent.
//!
//! It is the one query written per database: PostgreSQL skips rows that another claim has locked, SQLite has one writer anyway.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    campaigns::{self as campaigns_store, with_pools},
    contacts::people_to_claim,
    db::on,
    error::StoreError,
    ledger::{self, and_note, message},
    pools::save_routing_state,
    schema::{campaign_pools, campaigns, messages},
    sql_types::At,
};
use crate::domain::{
    campaign::{Campaign, CampaignStatus, Shares},
    debtor::Debtor,
    id::{CampaignId, DebtorId, MessageId, PoolId, SessionId},
    message::{Happening, Message, MessageState, WireId},
    phone::Phone,
};

/// A due message, with what is needed to decide on it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub message_id: MessageId,
    pub campaign: Arc<Campaign>,
    /// Which of the campaign's messages it is; 0 is the first.
    pub step: usize,
    /// As they are now, whatever they were at launch.
    pub debtor: Debtor,
    /// Whether their number is on the suppression list.
    pub suppressed: bool,
    /// When messages went to them, over every session, pool and campaign, in any order.
    pub contacts: Vec<DateTime<Utc>>,
    /// When they last wrote to one of our sessions.
    pub last_heard: Option<DateTime<Utc>>,
}

/// What is decided on a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Send this text; the id is used unless the message has one that it must keep.
    Send { body: String, wire_id: WireId },
    /// A rule holds it back until then.
    Wait { until: DateTime<Utc>, reason: String },
    /// A rule forbids it.
    Suppress { reason: String },
    /// It can never be sent.
    Fail { reason: String },
}

/// A message that a session has to send now.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub message_id: MessageId,
    pub campaign_id: CampaignId,
    pub debtor_id: DebtorId,
    pub session_id: SessionId,
    pub wire_id: WireId,
    pub phone: Phone,
    pub body: String,
    /// Attempts begun, this one included.
    pub attempts: u32,
    /// The step that follows once it has left, and how long after.
    pub follow_up: Option<(usize, TimeDelta)>,
    /// Whether the session has neither written to the debtor nor heard from them before.
    pub new_chat: bool,
    /// It was looked up and found absent: it keeps its id and its session, so that a mistake can only repeat an id.
    pub pinned: bool,
}

/// What a claim did.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    pub claimed: Vec<Claimed>,
    /// Messages that were held back, suppressed or failed instead.
    pub settled: Vec<Message>,
}

/// Messages that one claim looks at: where a rule holds everything back, the writer is free again now and then.
const EXAMINED: usize = 500;

/// One row of the queue.
struct Due {
    id: MessageId,
    campaign: Arc<Campaign>,
    step: usize,
    debtor_id: DebtorId,
    own_session: Option<SessionId>,
    own_wire_id: Option<WireId>,
    attempts: i64,
    due_at: DateTime<Utc>,
}

/// What is asked of a claim.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub pool: PoolId,
    pub now: DateTime<Utc>,
    /// The free sessions, each of which gets one message.
    pub picks: &'a [SessionId],
    /// Whose turn it is once something is claimed.
    pub routing_state: Option<&'a serde_json::Value>,
}

impl Store {
    /// Claims one due message of the pool's running campaigns for each of the picks, or as many as there are. `shares` says whose turn it
    /// is among campaigns. `judge` decides on each message from current data; what it holds back is settled here and the next candidate
    /// takes its place. The pool's turns move on only if something was claimed. All in one transaction.
    pub async fn claim(
        &self,
        Order { pool, now, picks, routing_state }: Order<'_>,
        shares: &mut Shares,
        mut judge: impl FnMut(&Candidate) -> Verdict + Send,
    ) -> Result<Claim, StoreError> {
        let mut tx = self.db.begin().await?;
        let mut claim = Claim::default();
        let mut free = picks.to_vec();
        let mut examined = 0;
        let running = running(&mut tx, pool, now).await?;
        shares.enter(running.iter().map(|campaign| campaign.id));
        while !free.is_empty() && examined < EXAMINED {
            let due = due(&mut tx, &running, shares, now, &free).await?;
            let mut people = people_to_claim(&mut tx, due.iter().map(|row| row.debtor_id).collect()).await?;
            let before = examined;
            for row in due {
                let Some(at) = seat(&row, &free) else { continue };
                // Not there: held by another claim, or looked at in this round already.
                let Some(person) = people.remove(&row.debtor_id) else { continue };
                examined += 1;
                let new_chat = !person.sessions.contains(&free[at]);
                let candidate = Candidate {
                    message_id: row.id,
                    campaign: Arc::clone(&row.campaign),
                    step: row.step,
                    debtor: person.debtor,
                    suppressed: person.suppressed,
                    contacts: person.contacts,
                    last_heard: person.last_heard,
                };
                let verdict = judge(&candidate);
                let seat = Seat { session: free[at], new_chat };
                match settle(&mut tx, row, candidate.debtor, seat, verdict, now).await? {
                    Settled::Claimed(claimed) => {
                        free.remove(at);
                        shares.charge(candidate.campaign.id, &candidate.campaign.plan);
                        claim.claimed.push(*claimed);
                    }
                    Settled::Over(message) => claim.settled.push(*message),
                }
            }
            if examined == before {
                break;
            }
        }
        if let Some(state) = routing_state.filter(|_| !claim.claimed.is_empty()) {
            save_routing_state(&mut tx, pool, state).await?;
        }
        tx.commit().await?;
        Ok(claim)
    }

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

    /// When the pool's next message becomes due or its next campaign sends again, after `now`. Messages that are due already, but could
    /// not be claimed, wait for a session and not for a time.
    pub async fn next_due(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<campaigns_store::Row> = on!(conn, c => of_pool!(pool).load(c).await)?;
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

    /// Whether a message of the pool could go out now, were there a session to send it.
    pub async fn has_due(&self, pool: PoolId, now: DateTime<Utc>) -> Result<Vec<CampaignId>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<campaigns_store::Row> = on!(conn, c => of_pool!(pool).load(c).await)?;
        let mut waiting_for = Vec::new();
        for campaign in with_pools(&mut conn, rows).await?.into_iter().filter(|campaign| campaign.plan.is_open(now)) {
            let query = messages::table
                .filter(messages::campaign_id.eq(campaign.id))
                .filter(waiting())
                .filter(messages::due_at.le(At(now)))
                .select(messages::id);
            let one: Option<MessageId> = on!(conn, c => query.first(c).await.optional())?;
            waiting_for.extend(one.filter(|_| campaign.pools.len() == 1).map(|_| campaign.id));
        }
        Ok(waiting_for)
    }
}

enum Settled {
    Claimed(Box<Claimed>),
    Over(Box<Message>),
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
use of_pool;

/// Due rows that one of the free sessions may take, at most one per free session, shared among campaigns; of one campaign the oldest
/// first.
async fn due(
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
        .filter(messages::session_id.is_null().or(messages::session_id.eq_any(free.to_vec())))
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
        Conn::Lite(c) => query.load(&mut **c).await?,
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
async fn running(conn: &mut Conn, pool: PoolId, now: DateTime<Utc>) -> Result<Vec<Arc<Campaign>>, StoreError> {
    let query = of_pool!(pool);
    let rows: Vec<campaigns_store::Row> = match conn {
        Conn::Pg(c) => query.for_share().load(&mut ***c).await?,
        Conn::Lite(c) => query.load(&mut **c).await?,
    };
    let campaigns = with_pools(conn, rows).await?;
    Ok(campaigns.into_iter().filter(|campaign| campaign.plan.is_open(now)).map(Arc::new).collect())
}

/// Messages that wait to be claimed. The states are literals, and the very words of the index `messages_due`: neither database uses a
/// partial index for a condition on parameters.
fn waiting() -> SqlLiteral<Bool> {
    sql("messages.state IN ('planned', 'queued')")
}

/// Which of the free sessions takes the row: its own, or the first.
fn seat(row: &Due, free: &[SessionId]) -> Option<usize> {
    match row.own_session {
        Some(own) => free.iter().position(|session| *session == own),
        None => (!free.is_empty()).then_some(0),
    }
}

/// Who would send a message.
struct Seat {
    session: SessionId,
    new_chat: bool,
}

/// Writes the verdict down.
async fn settle(
    conn: &mut Conn,
    row: Due,
    debtor: Debtor,
    Seat { session, new_chat }: Seat,
    verdict: Verdict,
    now: DateTime<Utc>,
) -> Result<Settled, StoreError> {
    let Due { id, campaign, step, debtor_id, own_session, own_wire_id, attempts, due_at } = row;
    let target = messages::table.find(id);
    let (state, reason, due) = match verdict {
        Verdict::Send { body, wire_id } => {
            let pinned = own_session.is_some() && own_wire_id.is_some();
            let wire_id = own_wire_id.filter(|_| pinned).unwrap_or(wire_id);
            let changes = (
                messages::state.eq(MessageState::Sending),
                messages::reason.eq(None::<String>),
                messages::body.eq(body.clone()),
                messages::session_id.eq(session),
                messages::wire_id.eq(wire_id.clone()),
                messages::attempts.eq(attempts + 1),
                messages::claimed_at.eq(At(now)),
                messages::new_chat.eq(new_chat),
                messages::updated_at.eq(At(now)),
                and_note(&Happening { session_id: Some(session), ..Happening::new(now, MessageState::Sending) }),
            );
            on!(conn, c => diesel::update(target).set(changes).execute(c).await)?;
            let attempts = u32::try_from(attempts + 1).unwrap_or(u32::MAX);
            let phone = debtor.details.phone;
            return Ok(Settled::Claimed(Box::new(Claimed {
                message_id: id,
                campaign_id: campaign.id,
                debtor_id,
                session_id: session,
                wire_id,
                phone,
                body,
                attempts,
                follow_up: campaign.steps.follow_up(step),
                new_chat,
                pinned,
            })));
        }
        Verdict::Wait { until, reason } => (MessageState::Queued, reason, until),
        Verdict::Suppress { reason } => (MessageState::Suppressed, reason, due_at),
        Verdict::Fail { reason } => (MessageState::Failed, reason, due_at),
    };
    let changes = (
        messages::state.eq(state),
        messages::reason.eq(reason.clone()),
        messages::due_at.eq(At(due)),
        messages::updated_at.eq(At(now)),
        and_note(&Happening { reason: Some(reason), ..Happening::new(now, state) }),
    );
    let row: ledger::Row =
        on!(conn, c => diesel::update(target).set(changes).returning(messages::all_columns).get_result(c).await)?;
    Ok(Settled::Over(Box::new(message(row))))
}
