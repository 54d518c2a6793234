//! Numbers for people who would rather look than read.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    db::on,
    error::StoreError,
    ledger::in_doubt,
    schema::{campaigns, debtors, messages, sessions},
    sql_types::At,
};
use crate::domain::{
    campaign::CampaignStatus,
    debtor::DebtorStatus,
    id::{CampaignId, SessionId},
    message::{MessageCounts, MessageState},
    session::SessionStatus,
};

/// What the dashboard shows.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    pub sessions: BTreeMap<SessionStatus, u64>,
    pub campaigns: BTreeMap<CampaignStatus, u64>,
    pub debtors: BTreeMap<DebtorStatus, u64>,
    /// Messages whose state changed in the last 24 hours, by that state.
    pub messages: MessageCounts,
    /// The last 24 hours, oldest first, one entry an hour.
    pub hours: Vec<HourCount>,
}

/// One hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// Its beginning.
    pub hour: DateTime<Utc>,
    pub sent: u64,
    pub failed: u64,
}

/// What one session did for a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionShare {
    pub session_id: SessionId,
    pub session_name: String,
    pub counts: MessageCounts,
}

impl Store {
    /// The dashboard's numbers.
    pub async fn statistics(&self, now: DateTime<Utc>) -> Result<Statistics, StoreError> {
        let mut conn = self.db.read().await?;
        let day = At(now - TimeDelta::hours(24));
        let sessions: Vec<(SessionStatus, i64)> = on!(conn, c => sessions::table.group_by(sessions::status).select((sessions::status, count_star())).load(c).await)?;
        let campaigns: Vec<(CampaignStatus, i64)> = on!(conn, c => campaigns::table.group_by(campaigns::status).select((campaigns::status, count_star())).load(c).await)?;
        let debtors: Vec<(DebtorStatus, i64)> = on!(conn, c => debtors::table.group_by(debtors::status).select((debtors::status, count_star())).load(c).await)?;
        let states = messages::table
            .filter(messages::updated_at.gt(day))
            .group_by(messages::state)
            .select((messages::state, count_star()));
        let states: Vec<(MessageState, i64)> = on!(conn, c => states.load(c).await)?;
        Ok(Statistics {
            sessions: counted(sessions),
            campaigns: counted(campaigns),
            debtors: counted(debtors),
            messages: counted(states).into_iter().collect(),
            hours: hours(&mut conn, now).await?,
        })
    }

    /// Who sent how much of a campaign, by name.
    pub async fn session_shares(&self, campaign: CampaignId) -> Result<Vec<SessionShare>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .inner_join(sessions::table)
            .filter(messages::campaign_id.eq(campaign))
            .group_by((sessions::id, sessions::name, messages::state))
            .select((sessions::id, sessions::name, messages::state, count_star()))
            .order((sessions::name, sessions::id));
        let rows: Vec<(SessionId, String, MessageState, i64)> = on!(conn, c => query.load(c).await)?;
        let mut shares = Vec::<(SessionId, String, Vec<(MessageState, u64)>)>::new();
        for (id, name, state, count) in rows {
            match shares.last_mut() {
                Some(last) if last.0 == id => last.2.push((state, count.cast_unsigned())),
                _ => shares.push((id, name, vec![(state, count.cast_unsigned())])),
            }
        }
        let share = |(session_id, session_name, counts): (_, _, Vec<_>)| SessionShare {
            session_id,
            session_name,
            counts: counts.into_iter().collect(),
        };
        Ok(shares.into_iter().map(share).collect())
    }
}

fn counted<K: Ord>(rows: Vec<(K, i64)>) -> BTreeMap<K, u64> {
    rows.into_iter().map(|(key, count)| (key, count.cast_unsigned())).collect()
}

/// Messages sent and failed in each of the last 24 hours. Counted here, since the databases cut hours differently.
async fn hours(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<HourCount>, StoreError> {
    let this_hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let mut hours: Vec<HourCount> =
        (0..24).rev().map(|ago| HourCount { hour: this_hour - TimeDelta::hours(ago), sent: 0, failed: 0 }).collect();
    for hour in &mut hours {
        let (from, to) = (At(hour.hour), At(hour.hour + TimeDelta::hours(1)));
        let sent = messages::table.filter(messages::sent_at.ge(from)).filter(messages::sent_at.lt(to));
        let sent: i64 = on!(conn, c => sent.count().get_result(c).await)?;
        let failed = messages::table
            .filter(in_doubt())
            .filter(messages::state.eq(MessageState::Failed))
            .filter(messages::updated_at.ge(from))
            .filter(messages::updated_at.lt(to));
        let failed: i64 = on!(conn, c => failed.count().get_result(c).await)?;
        (hour.sent, hour.failed) = (sent.cast_unsigned(), failed.cast_unsigned());
    }
    Ok(hours)
}
