//! The claim: takes due messages off the ledger for sessions that are free, in one transaction that commits before anything is sent.
//!
//! It is the one query written per database: PostgreSQL skips rows that another claim has locked, SQLite has one writer anyway, so that what
//! can be read and decided before it is its turn is.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Backend, Moved, Store,
    claim_round::Seen,
    error::StoreError,
    leases::{self, Token},
    pools::save_routing_state,
    queue::running,
};
use crate::domain::{
    campaign::{Campaign, Shares},
    debtor::Debtor,
    id::{CampaignId, DebtorId, MediaId, MessageId, PoolId, SessionId},
    message::WireId,
    phone::Phone,
    promise::Promised,
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
    /// What they have promised to pay and may be spared for.
    pub promises: Vec<Promised>,
}

/// What is decided on a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Send this text; the id is used unless the message has one that it must keep.
    Send { body: String, wire_id: WireId },
    /// A rule holds it back until then.
    Wait { until: DateTime<Utc>, reason: String },
    /// A rule forbids it, or the debtor's data lack what the text needs.
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
    /// Empty only beside a file.
    pub body: String,
    /// The file that goes with it.
    pub media_id: Option<MediaId>,
    /// Attempts begun, this one included, without those that say nothing of the message.
    pub attempts: u32,
    /// When it was claimed, which tells this attempt from others under the same id.
    pub claimed_at: DateTime<Utc>,
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
    pub held: Vec<Moved>,
}

/// Messages that one claim looks at: where a rule holds everything back, the writer is free again now and then.
const EXAMINED: usize = 500;

/// What is asked of a claim.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The right to send; [`StoreError::LeaseLost`] if another server has it by now.
    pub token: Token,
    pub pool: PoolId,
    pub now: DateTime<Utc>,
    /// The free sessions, each of which gets one message.
    pub picks: &'a [SessionId],
    /// In a pool where debtors stay with the session that holds their chat: the sessions that are there or will be.
    pub holders: Option<&'a [SessionId]>,
    /// Whose turn it is once something is claimed.
    pub routing_state: Option<&'a serde_json::Value>,
}

impl Store {
    /// Claims one due message of the pool's running campaigns for each of the picks, or as many as there are. `shares` says whose turn it
    /// is among campaigns. `judge` decides on each message from current data; what it holds back is settled here and the next candidate
    /// takes its place. The pool's turns move on only if something was claimed. All that is written is one transaction.
    ///
    /// On SQLite the first round is decided before the transaction begins, beside whoever writes; what has changed meanwhile is looked at
    /// again. Claims wait for each other there, so that no other one has written to the same debtors meanwhile; whether a debtor has
    /// stopped us, the key's transaction asks once more. PostgreSQL has locks for each row, and everything happens under them.
    pub async fn claim(
        &self,
        order: Order<'_>,
        shares: &mut Shares,
        mut judge: impl FnMut(&Candidate) -> Verdict + Send,
    ) -> Result<Claim, StoreError> {
        let Order { token, pool, now, picks, routing_state, .. } = order;
        let mut free = picks.to_vec();
        let turn = match self.backend() {
            Backend::Postgres => None,
            Backend::Sqlite => Some(self.claims.lock().await),
        };
        let ahead = match &turn {
            None => None,
            Some(_) => {
                let mut conn = self.db.read().await?;
                let running = running(&mut conn, pool, now).await?;
                shares.enter(running.iter().map(|campaign| campaign.id));
                let seen = Seen::look(&mut conn, &running, shares, now, &free).await?;
                let round = seen.decide(&order, &mut free, shares, &mut judge);
                if round.examined == 0 {
                    return Ok(Claim::default());
                }
                Some(round)
            }
        };
        let mut tx = self.db.begin().await?;
        leases::check(&mut tx, token).await?;
        let running = running(&mut tx, pool, now).await?;
        shares.enter(running.iter().map(|campaign| campaign.id));
        let (mut claim, mut examined) = (Claim::default(), 0);
        if let Some(mut round) = ahead {
            examined += round.examined;
            round.keep_unchanged(&mut tx, &running, &mut free).await?;
            round.write(&mut tx, &mut claim, now).await?;
        }
        while !free.is_empty() && examined < EXAMINED {
            let seen = Seen::look(&mut tx, &running, shares, now, &free).await?;
            let round = seen.decide(&order, &mut free, shares, &mut judge);
            if round.examined == 0 {
                break;
            }
            examined += round.examined;
            // Before the next round looks: what is written is not due any more, and counts as a contact.
            round.write(&mut tx, &mut claim, now).await?;
        }
        if let Some(state) = routing_state.filter(|_| !claim.claimed.is_empty()) {
            save_routing_state(&mut tx, pool, state).await?;
        }
        tx.commit().await?;
        drop(turn);
        Ok(claim)
    }
}
