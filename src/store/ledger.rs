//! The ledger's rows, and what recovery and people find out about them. Every change names the states it may come from, so that nothing
//! ever goes backwards, in whatever order things happen.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Moved, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    queue::waiting,
    record::follow_up,
    schema::{campaign_pools, campaigns, messages, pool_members},
    sql_types::{At, coalesce},
};
use crate::domain::{
    audit::AuditEntry,
    campaign::CampaignStatus,
    failure::{Cause, Doubt},
    id::{CampaignId, DebtorId, MediaId, MessageId, SessionId},
    message::{Finding, Happening, Message, MessageState, SESSION_LEFT, WireId},
};

pub(super) type Row = (
    MessageId,
    CampaignId,
    i64,
    DebtorId,
    MessageState,
    Option<String>,
    Option<String>,
    Option<SessionId>,
    Option<WireId>,
    Option<String>,
    i64,
    At,
    Option<At>,
    Option<At>,
    Option<At>,
    At,
    String,
    Option<At>,
    bool,
    Option<MediaId>,
);

pub(super) fn message(row: Row) -> Message {
    let (
        id,
        campaign_id,
        step,
        debtor_id,
        state,
        reason,
        body,
        session_id,
        wire_id,
        _,
        attempts,
        due,
        sent,
        delivered,
        read,
        at,
        history,
        claimed,
        _,
        media_id,
    ) = row;
    Message {
        id,
        campaign_id,
        step: usize::try_from(step).unwrap_or_default(),
        debtor_id,
        state,
        reason,
        body,
        media_id,
        session_id,
        wire_id,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        due_at: due.0,
        claimed_at: claimed.map(|at| at.0),
        history: Happening::read(&history),
        sent_at: sent.map(|at| at.0),
        delivered_at: delivered.map(|at| at.0),
        read_at: read.map(|at| at.0),
        updated_at: at.0,
    }
}

/// The very words of the index `messages_in_doubt`: neither database uses a partial index for a condition on parameters.
pub(super) fn in_doubt() -> SqlLiteral<Bool> {
    sql("messages.state IN ('sending', 'uncertain', 'failed')")
}

/// Adds a line to a message's history, as part of the statement that changes its state.
pub(super) fn and_note(happening: &Happening) -> Noted {
    messages::history.eq(messages::history.concat(happening.line()))
}

/// The assignment that [`and_note`] makes.
pub(super) type Noted = diesel::dsl::Eq<messages::history, diesel::dsl::Concat<messages::history, String>>;

/// Updates the rows of a query and gives the one that changed, if any did.
macro_rules! change {
    ($conn:expr, $target:expr, $changes:expr) => {{
        let (target, changes) = ($target, $changes);
        let row: Option<Row> = on!($conn, c => diesel::update(target).set(changes)
            .returning(messages::all_columns).get_result(c).await.optional())?;
        row.map(message)
    }};
}

impl Store {
    /// Nobody knows what became of the messages that were on their way, of one session or, after a crash, of all.
    pub async fn mark_sending_uncertain(
        &self,
        session: Option<SessionId>,
        doubt: Doubt,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut conn = self.db.write().await?;
        let reason = Some(doubt.to_string());
        let changes = (
            messages::state.eq(MessageState::Uncertain),
            messages::reason.eq(reason.clone()),
            messages::updated_at.eq(At(now)),
            and_note(&Happening { reason, ..Happening::new(now, MessageState::Uncertain) }),
        );
        let sending = in_doubt().and(messages::state.eq(MessageState::Sending));
        let changed = match session {
            Some(session) => {
                let rows = messages::table.filter(sending.and(messages::session_id.eq(session)));
                on!(conn, c => diesel::update(rows).set(changes).execute(c).await)?
            }
            None => on!(conn, c => diesel::update(messages::table.filter(sending)).set(changes).execute(c).await)?,
        };
        Ok(changed as u64)
    }

    /// The session's uncertain messages with their journalled keys, oldest first, except those from before it was linked anew; a thousand
    /// at the most.
    pub async fn uncertain_of_session(&self, session: SessionId) -> Result<Vec<(Message, Option<String>)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(in_doubt())
            .filter(messages::state.eq(MessageState::Uncertain))
            .filter(messages::session_id.eq(session))
            .filter(messages::reason.is_null().or(messages::reason.ne(Doubt::LinkedAnew.as_str())))
            .order(messages::id)
            .limit(1000);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|row| (row.9.clone(), row)).map(|(key, row)| (message(row), key)).collect())
    }

    /// The latest messages of a session since an instant that are not known to have been read, with their keys; a hundred at the most.
    pub async fn unread_of_session(
        &self,
        session: SessionId,
        since: DateTime<Utc>,
    ) -> Result<Vec<(WireId, String)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::sent_at.gt(At(since)))
            .filter(messages::session_id.eq(session))
            .filter(messages::state.eq_any([MessageState::Sent, MessageState::Delivered]))
            .filter(messages::wire_id.is_not_null())
            .filter(messages::wire_key.is_not_null())
            .order(messages::sent_at.desc())
            .limit(100)
            .select((messages::wire_id.assume_not_null(), messages::wire_key.assume_not_null()));
        Ok(on!(conn, c => query.load(c).await)?)
    }

    /// An uncertain message has certainly not left: it waits to be tried again, with the same id on the same session, unless it has had
    /// its attempts. A campaign that had finished goes on; in a cancelled one the message is cancelled. Where the session is in none of
    /// the campaign's pools any more, it stays uncertain, and says so.
    pub async fn requeue_absent(
        &self,
        id: MessageId,
        max_attempts: u32,
        now: DateTime<Utc>,
    ) -> Result<Option<Message>, StoreError> {
        let mut tx = self.db.begin().await?;
        let uncertain = messages::table.find(id).filter(messages::state.eq(MessageState::Uncertain));
        let attempt = uncertain.select((messages::reason, messages::attempts));
        let attempt: Option<(Option<String>, i64)> = on!(tx, c => attempt.first(c).await.optional())?;
        let Some((reason, attempts)) = attempt else {
            tx.rollback().await?;
            return Ok(None);
        };
        let counts = reason.and_then(|reason| reason.parse().ok()).is_none_or(Doubt::counts);
        if counts && attempts >= i64::from(max_attempts) {
            let changed = change!(tx, uncertain, never_left(now));
            tx.commit().await?;
            return Ok(changed);
        }
        if has_lost_its_session(&mut tx, id).await? {
            let unsaid = messages::reason.is_null().or(messages::reason.ne(SESSION_LEFT));
            let uncertain = messages::table.find(id).filter(messages::state.eq(MessageState::Uncertain)).filter(unsaid);
            let changed = change!(tx, uncertain, in_doubt_again(now));
            tx.commit().await?;
            return Ok(changed);
        }
        let Some((uncertain, state)) = reopen(&mut tx, id).await? else { return Ok(None) };
        let attempts = messages::attempts.eq(if counts { attempts } else { attempts - 1 });
        let changed = change!(tx, uncertain, (waits_again(state, "proved_absent", now), attempts));
        tx.commit().await?;
        Ok(changed)
    }

    /// A person has found out what became of an uncertain message; none when it is not uncertain.
    pub async fn decide_uncertain(
        &self,
        id: MessageId,
        finding: Finding,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Message>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some((uncertain, state)) = reopen(&mut tx, id).await? else { return Ok(None) };
        let changed = match finding {
            Finding::Arrived => {
                let reason = Some("decided_by_person".to_owned());
                let sent = coalesce(messages::sent_at, coalesce(messages::claimed_at, Some(At(now))));
                // It counts as a contact, also where it was taken for absent before.
                let claimed = coalesce(messages::claimed_at, Some(At(now)));
                let changes = (
                    messages::state.eq(MessageState::Sent),
                    messages::reason.eq(reason.clone()),
                    messages::sent_at.eq(sent),
                    messages::claimed_at.eq(claimed),
                    messages::updated_at.eq(At(now)),
                    and_note(&Happening { reason, ..Happening::new(now, MessageState::Sent) }),
                );
                let changed = change!(tx, uncertain, changes);
                if let Some(message) = &changed {
                    let left = (message.campaign_id, message.step, message.debtor_id, now);
                    follow_up(&mut tx, vec![left], now).await?;
                }
                changed
            }
            Finding::SendAgain => {
                let anybody = (
                    messages::session_id.eq(None::<SessionId>),
                    messages::wire_id.eq(None::<WireId>),
                    messages::wire_key.eq(None::<String>),
                );
                change!(tx, uncertain, (waits_again(state, "decided_by_person", now), anybody))
            }
        };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(changed)
    }
}

type UncertainRow =
    diesel::dsl::Filter<diesel::dsl::Find<messages::table, MessageId>, diesel::dsl::Eq<messages::state, MessageState>>;

/// Whether the session that the message keeps is in none of the pools that its campaign goes through. A cancelled campaign sends nothing
/// through any.
async fn has_lost_its_session(conn: &mut Conn, id: MessageId) -> Result<bool, StoreError> {
    let query = messages::table
        .inner_join(campaigns::table)
        .filter(messages::id.eq(id))
        .filter(campaigns::status.ne(CampaignStatus::Cancelled))
        .select((messages::campaign_id, messages::session_id));
    let row: Option<(CampaignId, Option<SessionId>)> = on!(conn, c => query.first(c).await.optional())?;
    let Some((campaign, session)) = row else { return Ok(false) };
    let Some(session) = session else { return Ok(true) };
    let pools = campaign_pools::table.filter(campaign_pools::campaign_id.eq(campaign)).select(campaign_pools::pool_id);
    let member = pool_members::table
        .filter(pool_members::session_id.eq(session))
        .filter(pool_members::pool_id.eq_any(pools))
        .count();
    let member: i64 = on!(conn, c => member.get_result(c).await)?;
    Ok(member == 0)
}

/// What a message is set to that was proved absent and may not be repeated by its own session.
pub(super) fn in_doubt_again(now: DateTime<Utc>) -> (Doubted, Noted) {
    doubted(SESSION_LEFT, now)
}

/// What a message is set to that nobody but a person can find out about.
fn doubted(reason: &str, now: DateTime<Utc>) -> (Doubted, Noted) {
    let reason = Some(reason.to_owned());
    let note = and_note(&Happening { reason: reason.clone(), ..Happening::new(now, MessageState::Uncertain) });
    (Doubted { state: MessageState::Uncertain, reason, updated_at: At(now) }, note)
}

/// The session is linked anew, perhaps to another account: what is in doubt of it, and what waits to be repeated by it under the same id, is
/// for a person to decide. A page of the new link does not know what has left through the one before, and to another account an id that
/// is repeated is a new one. Gives what has another state by it.
pub(super) async fn doubt_all_of(
    conn: &mut Conn,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<Moved>, StoreError> {
    let reason = Doubt::LinkedAnew.as_str();
    let of_it = messages::table.filter(messages::session_id.eq(session));
    let uncertain = of_it
        .filter(in_doubt())
        .filter(messages::state.eq(MessageState::Uncertain))
        .filter(messages::reason.is_null().or(messages::reason.ne(reason)));
    on!(conn, c => diesel::update(uncertain).set(doubted(reason, now)).execute(c).await)?;
    let pinned = of_it.filter(waiting()).filter(messages::wire_id.is_not_null());
    let columns = (messages::id, messages::campaign_id);
    let moved: Vec<(MessageId, CampaignId)> =
        on!(conn, c => diesel::update(pinned).set(doubted(reason, now)).returning(columns).get_results(c).await)?;
    let state = MessageState::Uncertain;
    Ok(moved.into_iter().map(|(message_id, campaign_id)| Moved { message_id, campaign_id, state }).collect())
}

/// What a message is set to that was never there, however often it was handed over.
fn never_left(now: DateTime<Utc>) -> (Ended, Noted) {
    let reason = Some(Cause::NeverLeft.to_string());
    let state = MessageState::Failed;
    let note = and_note(&Happening { reason: reason.clone(), ..Happening::new(now, state) });
    (Ended { state, reason, claimed_at: None, updated_at: At(now) }, note)
}

/// The columns of [`never_left`] beside the note: it is no contact.
#[derive(AsChangeset)]
#[diesel(table_name = messages, treat_none_as_null = true)]
struct Ended {
    state: MessageState,
    reason: Option<String>,
    claimed_at: Option<At>,
    updated_at: At,
}

/// The columns of [`in_doubt_again`] beside the note.
#[derive(AsChangeset)]
#[diesel(table_name = messages)]
pub(super) struct Doubted {
    state: MessageState,
    reason: Option<String>,
    updated_at: At,
}

/// The message, if it is uncertain, and the state in which it would wait again. A campaign that had finished goes on then.
async fn reopen(conn: &mut Conn, id: MessageId) -> Result<Option<(UncertainRow, MessageState)>, StoreError> {
    let uncertain = messages::table.find(id).filter(messages::state.eq(MessageState::Uncertain));
    let campaign: Option<CampaignId> =
        on!(conn, c => uncertain.select(messages::campaign_id).first(c).await.optional())?;
    let Some(campaign) = campaign else { return Ok(None) };
    let state = waiting_state(conn, campaign).await?;
    let finished = campaigns::table.find(campaign).filter(campaigns::status.eq(CampaignStatus::Finished));
    let goes_on = (campaigns::status.eq(CampaignStatus::Running), campaigns::ended_at.eq(None::<At>));
    on!(conn, c => diesel::update(finished).set(goes_on).execute(c).await)?;
    Ok(Some((uncertain, state)))
}

/// What a message is set to that has not left and may be claimed again at once; it is no contact.
#[derive(AsChangeset)]
#[diesel(table_name = messages, treat_none_as_null = true)]
struct Waiting {
    state: MessageState,
    reason: Option<String>,
    due_at: At,
    claimed_at: Option<At>,
    updated_at: At,
}

fn waits_again(state: MessageState, reason: &str, now: DateTime<Utc>) -> (Waiting, Noted) {
    let reason = Some(reason.to_owned());
    let note = and_note(&Happening { reason: reason.clone(), ..Happening::new(now, state) });
    (Waiting { state, reason, due_at: At(now), claimed_at: None, updated_at: At(now) }, note)
}

/// Where a message goes that is to be tried again: nowhere, once its campaign was cancelled. The campaign's status stays as it is until
/// the transaction ends: it is neither cancelled nor finished over a message that is about to wait.
async fn waiting_state(conn: &mut Conn, campaign: CampaignId) -> Result<MessageState, StoreError> {
    let query = campaigns::table.find(campaign).select(campaigns::status);
    let status: CampaignStatus = match conn {
        Conn::Pg(c) => query.for_no_key_update().first(&mut ***c).await?,
        Conn::Lite(c) => query.first(&mut **c).await?,
    };
    Ok(if status == CampaignStatus::Cancelled { MessageState::Cancelled } else { MessageState::Queued })
}
