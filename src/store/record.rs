//! What happens to messages after their claim, written down: many at a time in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Claimed, Conn, Store,
    among::among,
    batch::{self, Advanced},
    campaign_life::{FollowUp, plan_follow_ups},
    db::{lite_rows, on, rows},
    error::StoreError,
    hidden,
    ledger::and_note,
    schema::{campaigns, debtors, messages},
    sql_types::{At, Json},
    suppressions::suppressed,
};
use crate::domain::{
    campaign::{CampaignStatus, Steps},
    conversation::Lid,
    debtor::DebtorStatus,
    id::{CampaignId, DebtorId, MessageId, SessionId},
    message::{Delivery, Happening, MessageState, Receipt, SESSION_RESTRICTED, Settlement, WireId},
    phone::Phone,
    policy::{self, Refusal},
};

/// Something to write into the ledger.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The full key that a claimed message will have on WhatsApp; committed before it is sent. If its debtor may not be written to any
    /// more since the claim, the message is suppressed instead, and has another state now.
    Key { claimed: Arc<Claimed>, key: String },
    /// WhatsApp has told whose number an id hides.
    Lid { lid: Lid, phone: Phone },
    /// How an attempt ended. A retry is due at `retry_at`, unless the campaign was cancelled meanwhile. A receipt that came first stands.
    Settled { claimed: Arc<Claimed>, settlement: Settlement, retry_at: DateTime<Utc>, at: DateTime<Utc> },
    /// What WhatsApp told of a message.
    Receipt { wire_id: WireId, receipt: Receipt, at: DateTime<Utc> },
}

/// A message that has another state now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    pub message_id: MessageId,
    pub campaign_id: CampaignId,
    pub state: MessageState,
}

/// WhatsApp has a message: the session that sent it says so, or a receipt.
struct Arrival<'a> {
    /// Which of the entries it is.
    entry: usize,
    wire_id: &'a WireId,
    /// The message itself, where it is known.
    message: Option<MessageId>,
    receipt: Receipt,
    session: Option<SessionId>,
    at: DateTime<Utc>,
}

/// What some entries have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// For each entry the message that has another state now, if there is one.
    pub moved: Vec<Option<Moved>>,
    /// Finished campaigns that go on: a message of theirs has left after all, and a follow-up of it is planned.
    pub reopened: Vec<CampaignId>,
}

impl Store {
    /// Writes all of the entries or none.
    pub async fn record(&self, entries: &[Entry], now: DateTime<Utc>) -> Result<Recorded, StoreError> {
        let (mut keys, mut lids, mut returned, mut arrivals) = (Vec::new(), BTreeMap::new(), Vec::new(), Vec::new());
        for (entry, what) in entries.iter().enumerate() {
            match what {
                Entry::Key { claimed, key } => keys.push((entry, claimed, key)),
                Entry::Lid { lid, phone } => drop(lids.insert(lid.clone(), phone.clone())),
                Entry::Settled { claimed, settlement: Settlement::Sent, at, .. } => arrivals.push(Arrival {
                    entry,
                    wire_id: &claimed.wire_id,
                    message: Some(claimed.message_id),
                    receipt: Receipt::Sent,
                    session: Some(claimed.session_id),
                    at: *at,
                }),
                Entry::Settled { claimed, settlement, retry_at, at } => {
                    returned.push((entry, claimed, settlement, *retry_at, *at));
                }
                Entry::Receipt { wire_id, receipt, at } => {
                    arrivals.push(Arrival { entry, wire_id, message: None, receipt: *receipt, session: None, at: *at });
                }
            }
        }
        let mut moved = vec![None; entries.len()];
        let mut tx = self.db.begin().await?;
        let waits = |settlement: &Settlement| matches!(settlement, Settlement::Retry(_) | Settlement::Hold);
        let retried = returned.iter().filter(|(_, _, settlement, ..)| waits(settlement));
        let cancelled = cancelled(&mut tx, retried.map(|(_, claimed, ..)| claimed.campaign_id).collect()).await?;
        let to_send: Vec<&Claimed> = keys.iter().map(|&(_, claimed, _)| &**claimed).collect();
        let mut stopped = stopped(&mut tx, &to_send).await?;
        let keyed = keys.iter().filter(|(_, claimed, _)| !stopped.contains_key(&claimed.message_id));
        batch::set_keys(&mut tx, keyed.map(|(_, claimed, key)| (claimed.message_id, (*key).clone())).collect()).await?;
        for (entry, claimed, _) in keys {
            let Some(refusal) = stopped.remove(&claimed.message_id) else { continue };
            moved[entry] = come_back(&mut tx, claimed, &Settlement::Suppressed(refusal), None, now).await?;
        }
        hidden::learn(&mut tx, lids).await?;
        for (entry, claimed, settlement, retry_at, at) in returned {
            let goes_on = !cancelled.contains(&claimed.campaign_id);
            moved[entry] = come_back(&mut tx, claimed, settlement, goes_on.then_some(retry_at), at).await?;
        }
        let reopened = arrive(&mut tx, &arrivals, &mut moved, now).await?;
        tx.commit().await?;
        Ok(Recorded { moved, reopened })
    }
}

/// Of claimed messages those whose debtors may not be written to any more, and why: looked at for all of a batch at once, in the last
/// transaction before they are sent. Who stops us after that does so while the message leaves.
async fn stopped(conn: &mut Conn, messages: &[&Claimed]) -> Result<HashMap<MessageId, Refusal>, StoreError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let query = debtors::table
        .filter(among(debtors::id, messages.iter().map(|claimed| claimed.debtor_id).collect()))
        .filter(debtors::status.ne(DebtorStatus::Active))
        .select((debtors::id, debtors::status));
    let statuses: Vec<(DebtorId, DebtorStatus)> = rows!(conn, query)?;
    // The number it goes to, whatever the debtor's is by now.
    let suppressed = suppressed(conn, messages.iter().map(|claimed| claimed.phone.clone()).collect()).await?;
    let refusal = |claimed: &Claimed| {
        let status = statuses.iter().find(|(debtor, _)| *debtor == claimed.debtor_id);
        policy::refusal(status.map_or(DebtorStatus::Active, |(_, status)| *status), suppressed.contains(&claimed.phone))
    };
    Ok(messages.iter().filter_map(|claimed| Some((claimed.message_id, refusal(claimed)?))).collect())
}

/// Which of the campaigns are cancelled. Their status stays as it is until the transaction ends: none is cancelled or finished over a
/// message that is about to wait.
async fn cancelled(conn: &mut Conn, ids: BTreeSet<CampaignId>) -> Result<BTreeSet<CampaignId>, StoreError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let query = campaigns::table
        .filter(campaigns::id.eq_any(ids))
        .order(campaigns::id)
        .select((campaigns::id, campaigns::status));
    let rows: Vec<(CampaignId, CampaignStatus)> = match conn {
        Conn::Pg(c) => query.for_no_key_update().load(&mut ***c).await?,
        Conn::Lite(c) => lite_rows(c, query).await?,
    };
    Ok(rows.into_iter().filter(|(_, status)| *status == CampaignStatus::Cancelled).map(|(id, _)| id).collect())
}

/// Settles an attempt that did not reach WhatsApp, as far as is known. `retry_at` is none in a cancelled campaign.
async fn come_back(
    conn: &mut Conn,
    claimed: &Claimed,
    settlement: &Settlement,
    retry_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<Moved>, StoreError> {
    // Of this attempt and no other: one that was proved absent is repeated under the same id, perhaps by another server.
    let sending = messages::table
        .find(claimed.message_id)
        .filter(messages::state.eq(MessageState::Sending))
        .filter(messages::wire_id.eq(&claimed.wire_id))
        .filter(messages::claimed_at.eq(At(claimed.claimed_at)));
    let back = if retry_at.is_some() { MessageState::Queued } else { MessageState::Cancelled };
    let (state, reason) = match settlement {
        Settlement::Sent => return Ok(None),
        Settlement::Uncertain(doubt) => (MessageState::Uncertain, doubt.to_string()),
        Settlement::Failed(failure) => (MessageState::Failed, failure.to_string()),
        Settlement::Suppressed(refusal) => (MessageState::Suppressed, refusal.code().to_owned()),
        Settlement::Retry(failure) => (back, failure.to_string()),
        Settlement::Hold => (back, SESSION_RESTRICTED.to_owned()),
    };
    let reason = Some(reason);
    let session_id = Some(claimed.session_id);
    let changes = (
        messages::state.eq(state),
        messages::reason.eq(reason.clone()),
        messages::updated_at.eq(At(now)),
        and_note(&Happening { session_id, reason, ..Happening::new(now, state) }),
    );
    // Certain not to have reached the debtor: it is no contact.
    let unclaimed = messages::claimed_at.eq(None::<At>);
    let due = messages::due_at.eq(At(retry_at.unwrap_or(now)));
    let attempts = messages::attempts.eq(i64::from(claimed.attempts) - i64::from(!settlement.counts()));
    // With its id: should it have left after all, WhatsApp drops the second one.
    let keeps_session = claimed.pinned || *settlement == Settlement::Hold;
    let changed = match settlement {
        Settlement::Retry(_) | Settlement::Hold if keeps_session => {
            on!(conn, c => diesel::update(sending).set((changes, unclaimed, due, attempts)).execute(c).await)?
        }
        Settlement::Retry(_) | Settlement::Hold => {
            // Nothing left: another session may try, under another id.
            let anybody = (
                messages::session_id.eq(None::<SessionId>),
                messages::wire_id.eq(None::<WireId>),
                messages::wire_key.eq(None::<String>),
            );
            on!(conn, c => diesel::update(sending).set((changes, unclaimed, due, attempts, anybody)).execute(c).await)?
        }
        Settlement::Failed(_) | Settlement::Suppressed(_) => {
            on!(conn, c => diesel::update(sending).set((changes, unclaimed)).execute(c).await)?
        }
        Settlement::Uncertain(_) | Settlement::Sent => {
            on!(conn, c => diesel::update(sending).set(changes).execute(c).await)?
        }
    };
    let moved = Moved { message_id: claimed.message_id, campaign_id: claimed.campaign_id, state };
    Ok((changed > 0).then_some(moved))
}

/// A message that WhatsApp has, as it was before.
struct Known {
    id: MessageId,
    campaign_id: CampaignId,
    debtor_id: DebtorId,
    step: usize,
    delivery: Delivery,
    /// Whether it counts as a contact.
    counts: bool,
    notes: String,
}

/// Moves messages on by what WhatsApp has told of them, and plans what follows those that have left; gives the campaigns that go on.
async fn arrive(
    conn: &mut Conn,
    arrivals: &[Arrival<'_>],
    moved: &mut [Option<Moved>],
    now: DateTime<Utc>,
) -> Result<Vec<CampaignId>, StoreError> {
    if arrivals.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = known(conn, arrivals).await?;
    let mut left = Vec::new();
    for &Arrival { entry, wire_id, receipt, session, at, .. } in arrivals {
        let Some(message) = known.get_mut(wire_id) else { continue };
        let had_left = message.delivery.sent_at.is_some();
        if !message.delivery.advance(receipt, at) {
            continue;
        }
        let state = message.delivery.state;
        message.notes.push_str(&Happening { session_id: session, ..Happening::new(at, state) }.line());
        moved[entry] = Some(Moved { message_id: message.id, campaign_id: message.campaign_id, state });
        if !had_left {
            left.push((message.campaign_id, message.step, message.debtor_id, at));
        }
    }
    let news: Vec<Known> = known.into_values().filter(|message| !message.notes.is_empty()).collect();
    let uncounted: Vec<MessageId> = news.iter().filter(|message| !message.counts).map(|message| message.id).collect();
    let advanced = |message: Known| Advanced { id: message.id, delivery: message.delivery, notes: message.notes };
    let mut news: Vec<Advanced> = news.into_iter().map(advanced).collect();
    news.sort_by_key(|message| message.id);
    batch::advance(conn, news, now).await?;
    if !uncounted.is_empty() {
        // Somebody had taken it for absent; it is a contact after all.
        let rows = messages::table.filter(among(messages::id, uncounted));
        on!(conn, c => diesel::update(rows).set(messages::claimed_at.eq(messages::sent_at)).execute(c).await)?;
    }
    follow_up(conn, left, now).await
}

/// The messages that arrivals are of. Most receipts come together with how the attempt has ended, which knows the message: ids of our own are
/// beside each other in the ledger, those for WhatsApp all over their index. On PostgreSQL the messages are kept from other changes, in the
/// order of their rows.
async fn known(conn: &mut Conn, arrivals: &[Arrival<'_>]) -> Result<HashMap<WireId, Known>, StoreError> {
    let ids: HashMap<&WireId, MessageId> =
        arrivals.iter().filter_map(|arrival| Some((arrival.wire_id, arrival.message?))).collect();
    let others: BTreeSet<&WireId> =
        arrivals.iter().map(|arrival| arrival.wire_id).filter(|wire_id| !ids.contains_key(wire_id)).collect();
    let wanted = among(messages::wire_id.assume_not_null(), others.into_iter().cloned().collect())
        .or(among(messages::id, ids.into_values().collect()));
    // A row whose id on WhatsApp is another one by now is none of these, as whoever looks for it finds.
    let rows = messages::table.filter(wanted).filter(messages::wire_id.is_not_null());
    let query = rows.order(messages::id).select((
        messages::wire_id.assume_not_null(),
        messages::id,
        messages::campaign_id,
        messages::debtor_id,
        messages::step,
        messages::state,
        (messages::sent_at, messages::delivered_at, messages::read_at),
        messages::claimed_at.is_not_null(),
    ));
    type Times = (Option<At>, Option<At>, Option<At>);
    type Row = (WireId, MessageId, CampaignId, DebtorId, i64, MessageState, Times, bool);
    let rows: Vec<Row> = match conn {
        Conn::Pg(c) => query.for_no_key_update().load(&mut ***c).await?,
        Conn::Lite(c) => lite_rows(c, query).await?,
    };
    let known = |(wire_id, id, campaign_id, debtor_id, step, state, (sent, delivered, read), counts): Row| {
        let [sent_at, delivered_at, read_at] = [sent, delivered, read].map(|at| at.map(|at| at.0));
        let delivery = Delivery { state, sent_at, delivered_at, read_at };
        let step = usize::try_from(step).unwrap_or_default();
        (wire_id, Known { id, campaign_id, debtor_id, step, delivery, counts, notes: String::new() })
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Plans the follow-ups of messages that have left, where their campaigns have some and were not cancelled; gives the campaigns that were
/// finished and go on.
pub(super) async fn follow_up(
    conn: &mut Conn,
    left: Vec<(CampaignId, usize, DebtorId, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Result<Vec<CampaignId>, StoreError> {
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<CampaignId> = left.iter().map(|(campaign, ..)| *campaign).collect();
    let query = campaigns::table
        .filter(campaigns::id.eq_any(ids))
        .filter(campaigns::status.ne(CampaignStatus::Cancelled))
        .select((campaigns::id, campaigns::follow_ups));
    let rows: Vec<(CampaignId, Json)> = rows!(conn, query)?;
    let mut steps = BTreeMap::<CampaignId, Steps>::new();
    for (id, json) in rows {
        let of_one = serde_json::from_value(json.0);
        steps.insert(id, of_one.map_err(|_| StoreError::Corrupt(format!("the steps of campaign {id}")))?);
    }
    let next = left.into_iter().filter_map(|(campaign, step, debtor, at)| {
        let (step, after) = steps.get(&campaign)?.follow_up(step)?;
        Some(FollowUp { campaign, step, debtor, due_at: at + after })
    });
    let mut next: Vec<FollowUp> = next.collect();
    if let Conn::Pg(_) = conn {
        // None is cancelled from here on: what is planned in a cancelled campaign would never end. Few messages have something to follow.
        let cancelled = cancelled(conn, next.iter().map(|planned| planned.campaign).collect()).await?;
        next.retain(|planned| !cancelled.contains(&planned.campaign));
    }
    plan_follow_ups(conn, next, now).await
}
