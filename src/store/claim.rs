//! The claim: takes due messages off the ledger for sessions that are free, in one transaction that commits before anything is sent.
//!
//! It is the one query written per database: PostgreSQL skips rows that another claim has locked, SQLite has one writer anyway.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Moved, Store,
    batch::{self, Held, Taken},
    contacts::{Person, people_to_claim},
    db::on,
    error::StoreError,
    leases::{self, Token},
    pools::save_routing_state,
    queue::{Due, due, running},
    schema::messages,
};
use crate::domain::{
    campaign::{Campaign, Shares},
    debtor::Debtor,
    id::{CampaignId, DebtorId, MediaId, MessageId, PoolId, SessionId},
    message::{MessageState, WireId},
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
    /// Attempts begun, this one included.
    pub attempts: u32,
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
    /// takes its place. The pool's turns move on only if something was claimed. All in one transaction.
    pub async fn claim(
        &self,
        Order { token, pool, now, picks, holders, routing_state }: Order<'_>,
        shares: &mut Shares,
        mut judge: impl FnMut(&Candidate) -> Verdict + Send,
    ) -> Result<Claim, StoreError> {
        let mut tx = self.db.begin().await?;
        leases::check(&mut tx, token).await?;
        let mut claim = Claim::default();
        let mut free = picks.to_vec();
        let mut examined = 0;
        let running = running(&mut tx, pool, now).await?;
        shares.enter(running.iter().map(|campaign| campaign.id));
        while !free.is_empty() && examined < EXAMINED {
            let due = due(&mut tx, &running, shares, now, &free).await?;
            let mut people = people_to_claim(&mut tx, due.iter().map(|row| row.debtor_id).collect()).await?;
            let before = examined;
            let (mut taken, mut held) = (Vec::new(), Vec::new());
            for row in due {
                // Not there: held by another claim, or looked at in this round already.
                let Some(person) = people.remove(&row.debtor_id) else { continue };
                examined += 1;
                let at = match seat(&row, &free, &person, holders) {
                    Seating::At(at) => at,
                    Seating::Keeps(session) => {
                        stick(&mut tx, row.id, session).await?;
                        continue;
                    }
                    Seating::Nobody => continue,
                };
                let session = free[at];
                let new_chat = !person.sessions.contains(&session);
                let candidate = candidate(&row, person);
                let verdict = judge(&candidate);
                let campaign = candidate.campaign;
                match verdict.settle(row, candidate.debtor.details.phone, Sender { session, new_chat }) {
                    Settled::Taken(message) => {
                        free.remove(at);
                        shares.charge(campaign.id, &campaign.plan);
                        taken.push(Taken::from(&*message));
                        claim.claimed.push(*message);
                    }
                    Settled::Held(message) => {
                        let Held { id, state, .. } = message;
                        claim.held.push(Moved { message_id: id, campaign_id: campaign.id, state });
                        held.push(message);
                    }
                }
            }
            // Before the next round looks: what is written is not due any more, and counts as a contact.
            batch::take(&mut tx, taken, now).await?;
            batch::hold(&mut tx, held, now).await?;
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
}

/// Which of the free sessions takes a row.
enum Seating {
    /// The one at this place.
    At(usize),
    /// None of them: it waits for the one that holds the debtor's chat.
    Keeps(SessionId),
    /// None of them any more: the one that it waits for has another row by now.
    Nobody,
}

fn seat(row: &Due, free: &[SessionId], person: &Person, holders: Option<&[SessionId]>) -> Seating {
    let place = |wanted: SessionId| free.iter().position(|session| *session == wanted);
    if let Some(own) = row.own_session {
        return place(own).map_or(Seating::Nobody, Seating::At);
    }
    let kept: Vec<SessionId> =
        holders.unwrap_or_default().iter().copied().filter(|session| person.sessions.contains(session)).collect();
    match kept.as_slice() {
        [first, ..] => kept.iter().find_map(|session| place(*session)).map_or(Seating::Keeps(*first), Seating::At),
        [] if free.is_empty() => Seating::Nobody,
        [] => Seating::At(0),
    }
}

/// Lets a row wait for a session by name.
async fn stick(conn: &mut Conn, id: MessageId, session: SessionId) -> Result<(), StoreError> {
    let change = messages::session_id.eq(session);
    on!(conn, c => diesel::update(messages::table.find(id)).set(change).execute(c).await)?;
    Ok(())
}

/// What the verdict is on.
fn candidate(row: &Due, person: Person) -> Candidate {
    Candidate {
        message_id: row.id,
        campaign: Arc::clone(&row.campaign),
        step: row.step,
        debtor: person.debtor,
        suppressed: person.suppressed,
        contacts: person.contacts,
        last_heard: person.last_heard,
        promises: person.promises,
    }
}

/// Who would send a message.
struct Sender {
    session: SessionId,
    new_chat: bool,
}

/// What a verdict makes of a row.
enum Settled {
    Taken(Box<Claimed>),
    Held(Held),
}

impl Verdict {
    fn settle(self, row: Due, phone: Phone, Sender { session, new_chat }: Sender) -> Settled {
        let media_id = row.campaign.content_of(row.step).media;
        let Due { id, campaign, debtor_id, own_session, own_wire_id, attempts, due_at, .. } = row;
        let held = |state, reason, due_at| Settled::Held(Held { id, state, reason, due_at });
        match self {
            Self::Send { body, wire_id } => {
                let kept = own_wire_id.filter(|_| own_session.is_some());
                Settled::Taken(Box::new(Claimed {
                    message_id: id,
                    campaign_id: campaign.id,
                    debtor_id,
                    session_id: session,
                    pinned: kept.is_some(),
                    wire_id: kept.unwrap_or(wire_id),
                    phone,
                    body,
                    media_id,
                    attempts: u32::try_from(attempts + 1).unwrap_or(u32::MAX),
                    new_chat,
                }))
            }
            Self::Wait { until, reason } => held(MessageState::Queued, reason, until),
            Self::Suppress { reason } => held(MessageState::Suppressed, reason, due_at),
            Self::Fail { reason } => held(MessageState::Failed, reason, due_at),
        }
    }
}

impl From<&Claimed> for Taken {
    fn from(claimed: &Claimed) -> Self {
        Self {
            id: claimed.message_id,
            session: claimed.session_id,
            wire_id: claimed.wire_id.clone(),
            body: claimed.body.clone(),
            media: claimed.media_id,
            attempts: claimed.attempts.into(),
            new_chat: claimed.new_chat,
        }
    }
}
