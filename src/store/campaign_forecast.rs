//! What of the ledger says how a campaign goes on: a bounded number of rows, however large it is.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

use super::{
    Store,
    db::on,
    error::StoreError,
    schema::{debtors, messages},
    sql_types::At,
};
use crate::domain::{
    id::{CampaignId, DebtorId},
    phone::Phone,
};

/// The latest messages of all campaigns that are looked at: enough for a rate, and some milliseconds.
const EXAMINED: i64 = 2_000;

/// What has left of a campaign lately, and what is to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// When messages left, the newest first.
    pub departures: Vec<DateTime<Utc>>,
    /// Whom the last one went to.
    pub last: Option<Phone>,
    /// When the first and the last of what waits become due.
    pub due: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Store {
    /// What has left of a campaign since an instant, of the latest 2,000 messages that anybody has sent, and what is to come.
    pub async fn passage(&self, campaign: CampaignId, since: DateTime<Utc>) -> Result<Passage, StoreError> {
        let mut conn = self.db.read().await?;
        // By the index `messages_by_sent` alone: a condition on the campaign would let a planner read all that is of it.
        let latest = messages::table
            .filter(messages::sent_at.gt(At(since)))
            .order(messages::sent_at.desc())
            .limit(EXAMINED)
            .select((messages::campaign_id, messages::debtor_id, messages::sent_at.assume_not_null()));
        let latest: Vec<(CampaignId, DebtorId, At)> = on!(conn, c => latest.load(c).await)?;
        let own: Vec<_> = latest.into_iter().filter(|(of, ..)| *of == campaign).collect();
        let last = match own.as_slice().first() {
            Some((_, debtor, _)) => {
                let phone = debtors::table.find(*debtor).select(debtors::phone);
                let phone: Option<Phone> = on!(conn, c => phone.first(c).await.optional())?;
                phone
            }
            None => None,
        };
        // Each is an end of the index `messages_due`, whose very words these are.
        let waiting = messages::table
            .filter(messages::campaign_id.eq(campaign))
            .filter(sql::<Bool>("messages.state IN ('planned', 'queued')"))
            .select(messages::due_at);
        let first: Option<At> = on!(conn, c => waiting.clone().order(messages::due_at).first(c).await.optional())?;
        let end: Option<At> = on!(conn, c => waiting.order(messages::due_at.desc()).first(c).await.optional())?;
        let due = first.zip(end).map(|(first, end)| (first.0, end.0));
        Ok(Passage { departures: own.into_iter().map(|(.., at)| at.0).collect(), last, due })
    }
}
