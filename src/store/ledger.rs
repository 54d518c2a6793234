//! How a message's state moves on: settle, receipts, and what recovery finds. Every change names the states it may come from, so
//! that nothing ever goes backwards, in whatever order things happen.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Claimed, Conn, Store,
    db::on,
    error::StoreError,
    schema::{campaigns, messages},
    sql_types::{At, coalesce},
};
use crate::domain::{
    campaign::CampaignStatus,
    id::{CampaignId, DebtorId, MessageId, SessionId},
    message::{Message, MessageState, Receipt, Settlement, WireId},
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
);

pub(super) fn message(row: Row) -> Message {
    let (
        id,
        campaign_id,
        _,
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
    ) = row;
    Message {
        id,
        campaign_id,
        debtor_id,
        state,
        reason,
        body,
        session_id,
        wire_id,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        due_at: due.0,
        sent_at: sent.map(|at| at.0),
        delivered_at: delivered.map(|at| at.0),
        read_at: read.map(|at| at.0),
        updated_at: at.0,
    }
}

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
    /// Journals the full key that a claimed message will have on WhatsApp; committed before it is sent.
    pub async fn set_message_key(&self, id: MessageId, key: &str) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let change = messages::wire_key.eq(key.to_owned());
        on!(conn, c => diesel::update(messages::table.find(id)).set(change).execute(c).await)?;
        Ok(())
    }

    /// Records how an attempt ended; gives the message if that changed anything. A retry is due at `retry_at`, unless the campaign was
    /// cancelled meanwhile. A receipt that came first stands.
    pub async fn settle(
        &self,
        claimed: &Claimed,
        settlement: &Settlement,
        retry_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Option<Message>, StoreError> {
        let mut tx = self.db.begin().await?;
        let at = messages::updated_at.eq(At(now));
        let row = messages::table.find(claimed.message_id);
        let sending = row.filter(messages::state.eq(MessageState::Sending));
        let changed = match settlement {
            Settlement::Sent => {
                let open = row.filter(messages::state.eq_any([MessageState::Sending, MessageState::Uncertain]));
                change!(tx, open, (messages::state.eq(MessageState::Sent), messages::sent_at.eq(At(now)), at))
            }
            Settlement::Failed { reason } => {
                change!(
                    tx,
                    sending,
                    (messages::state.eq(MessageState::Failed), messages::reason.eq(reason.clone()), at)
                )
            }
            Settlement::Uncertain { reason } => {
                change!(
                    tx,
                    sending,
                    (messages::state.eq(MessageState::Uncertain), messages::reason.eq(reason.clone()), at)
                )
            }
            Settlement::Retry { reason } => {
                let state = waiting_state(&mut tx, claimed.campaign_id).await?;
                let due = messages::due_at.eq(At(retry_at.unwrap_or(now)));
                let waits = (messages::state.eq(state), messages::reason.eq(reason.clone()), due, at);
                if claimed.pinned {
                    change!(tx, sending, waits)
                } else {
                    // Nothing left: another session may try, under another id.
                    let session = messages::session_id.eq(None::<SessionId>);
                    let wire = (messages::wire_id.eq(None::<WireId>), messages::wire_key.eq(None::<String>));
                    change!(tx, sending, (waits.0, waits.1, waits.2, waits.3, session, wire.0, wire.1))
                }
            }
        };
        tx.commit().await?;
        Ok(changed)
    }

    /// Records a receipt; gives the message if its state moved forward.
    pub async fn apply_receipt(
        &self,
        wire_id: &WireId,
        receipt: Receipt,
        now: DateTime<Utc>,
    ) -> Result<Option<Message>, StoreError> {
        let mut conn = self.db.write().await?;
        let row = messages::table
            .filter(messages::wire_id.eq(wire_id.clone()))
            .filter(messages::state.eq_any(receipt.advances().to_vec()));
        let state = messages::state.eq(receipt.state());
        let (reason, at) = (messages::reason.eq(None::<String>), messages::updated_at.eq(At(now)));
        let sent = messages::sent_at.eq(coalesce(messages::sent_at, Some(At(now))));
        let delivered = messages::delivered_at.eq(coalesce(messages::delivered_at, Some(At(now))));
        let read = messages::read_at.eq(At(now));
        Ok(match receipt {
            Receipt::Sent => change!(conn, row, (state, reason, at, sent)),
            Receipt::Delivered => change!(conn, row, (state, reason, at, sent, delivered)),
            Receipt::Read => change!(conn, row, (state, reason, at, sent, delivered, read)),
        })
    }

    /// After a crash: nobody knows what became of the messages that were on their way, of one session or of all.
    pub async fn mark_sending_uncertain(
        &self,
        session: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut conn = self.db.write().await?;
        let changes = (
            messages::state.eq(MessageState::Uncertain),
            messages::reason.eq("server_stopped"),
            messages::updated_at.eq(At(now)),
        );
        let sending = messages::state.eq(MessageState::Sending);
        let changed = match session {
            Some(session) => {
                let rows = messages::table.filter(sending.and(messages::session_id.eq(session)));
                on!(conn, c => diesel::update(rows).set(changes).execute(c).await)?
            }
            None => on!(conn, c => diesel::update(messages::table.filter(sending)).set(changes).execute(c).await)?,
        };
        Ok(changed as u64)
    }

    /// The session's uncertain messages with their journalled keys, oldest first; a thousand at the most.
    pub async fn uncertain_of_session(&self, session: SessionId) -> Result<Vec<(Message, Option<String>)>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::session_id.eq(session))
            .filter(messages::state.eq(MessageState::Uncertain))
            .order(messages::id)
            .limit(1000);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|row| (row.9.clone(), row)).map(|(key, row)| (message(row), key)).collect())
    }

    /// An uncertain message has certainly not left: it waits to be tried again, with the same id on the same session. A campaign that
    /// had finished goes on; in a cancelled one the message is cancelled.
    pub async fn requeue_absent(&self, id: MessageId, now: DateTime<Utc>) -> Result<Option<Message>, StoreError> {
        let mut tx = self.db.begin().await?;
        let campaign = messages::table.find(id).select(messages::campaign_id);
        let campaign: Option<CampaignId> = on!(tx, c => campaign.first(c).await.optional())?;
        let Some(campaign) = campaign else { return Ok(None) };
        let state = waiting_state(&mut tx, campaign).await?;
        let uncertain = messages::table.find(id).filter(messages::state.eq(MessageState::Uncertain));
        let changes = (
            messages::state.eq(state),
            messages::reason.eq("proved_absent"),
            messages::due_at.eq(At(now)),
            messages::updated_at.eq(At(now)),
        );
        let changed = change!(tx, uncertain, changes);
        if changed.is_some() {
            let finished = campaigns::table.find(campaign).filter(campaigns::status.eq(CampaignStatus::Finished));
            let goes_on = (campaigns::status.eq(CampaignStatus::Running), campaigns::ended_at.eq(None::<At>));
            on!(tx, c => diesel::update(finished).set(goes_on).execute(c).await)?;
        }
        tx.commit().await?;
        Ok(changed)
    }
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
