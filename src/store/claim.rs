//! The claim: takes due messages off the ledger for sessions that are free, in one transaction that commits before anything is sent.
//!
//! It is the one query written per database: PostgreSQL skips rows that another claim has locked, SQLite has one writer anyway, so that what
//! can be read and decided before it is its turn is.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Backend, Conn, Moved, Store,
    among::among,
    batch::{self, Held, Taken},
    contacts::{Person, people_to_claim},
    db::on,
    error::StoreError,
    leases::{self, Token},
    pools::save_routing_state,
    queue::{Due, due, running, waiting},
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

/// Due messages, and whom they are for.
struct Seen {
    due: Vec<Due>,
    people: HashMap<DebtorId, Person>,
}

impl Seen {
    async fn look(
        conn: &mut Conn,
        running: &[Arc<Campaign>],
        shares: &Shares,
        now: DateTime<Utc>,
        free: &[SessionId],
    ) -> Result<Self, StoreError> {
        let due = due(conn, running, shares, now, free).await?;
        let people = people_to_claim(conn, due.iter().map(|row| row.debtor_id).collect()).await?;
        Ok(Self { due, people })
    }

    /// Decides on each; a session that is to send something is not free any more.
    fn decide(
        self,
        order: &Order<'_>,
        free: &mut Vec<SessionId>,
        shares: &mut Shares,
        judge: &mut (impl FnMut(&Candidate) -> Verdict + Send),
    ) -> Round {
        let Self { due, mut people } = self;
        let mut round = Round::default();
        for row in due {
            // Not there: held by another claim, or looked at in this round already.
            let Some(person) = people.remove(&row.debtor_id) else { continue };
            round.examined += 1;
            let was = Was::from(&row);
            let at = match seat(&row, free, &person, order.holders) {
                Seating::At(at) => at,
                Seating::Keeps(session) => {
                    round.decided.push((was, Decided::Stuck(session)));
                    continue;
                }
                Seating::Nobody => continue,
            };
            let session = free[at];
            let new_chat = !person.sessions.contains(&session);
            let candidate = candidate(&row, person);
            let verdict = judge(&candidate);
            let decided = verdict.settle(row, candidate.debtor.details.phone, Sender { session, new_chat });
            if matches!(decided, Decided::Taken(_)) {
                free.remove(at);
                shares.charge(candidate.campaign.id, &candidate.campaign.plan);
            }
            round.decided.push((was, decided));
        }
        round
    }
}

/// What was decided on some messages.
#[derive(Default)]
struct Round {
    /// Messages that were looked at.
    examined: usize,
    decided: Vec<(Was, Decided)>,
}

impl Round {
    /// Drops what is not due any more as it was when it was decided on, or whose campaign does not run any more; the sessions that were to
    /// send it are free again.
    async fn keep_unchanged(
        &mut self,
        conn: &mut Conn,
        running: &[Arc<Campaign>],
        free: &mut Vec<SessionId>,
    ) -> Result<(), StoreError> {
        let ids = self.decided.iter().map(|(was, _)| was.id).collect();
        let query = messages::table.filter(among(messages::id, ids)).filter(waiting()).select((
            messages::id,
            messages::session_id,
            messages::attempts,
        ));
        let rows: Vec<(MessageId, Option<SessionId>, i64)> = on!(conn, c => query.load(c).await)?;
        let rows: HashSet<(MessageId, Option<SessionId>, i64)> = rows.into_iter().collect();
        self.decided.retain(|(was, decided)| {
            let unchanged = rows.contains(&(was.id, was.own_session, was.attempts))
                && running.iter().any(|campaign| campaign.id == was.campaign);
            if let Decided::Taken(message) = decided
                && !unchanged
            {
                free.push(message.session_id);
            }
            unchanged
        });
        Ok(())
    }

    /// Writes it down, and adds it to what the claim has done.
    async fn write(self, conn: &mut Conn, claim: &mut Claim, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (mut taken, mut held) = (Vec::new(), Vec::new());
        for (was, decided) in self.decided {
            match decided {
                Decided::Taken(message) => {
                    taken.push(Taken::from(&*message));
                    claim.claimed.push(*message);
                }
                Decided::Held(message) => {
                    let state = message.state;
                    claim.held.push(Moved { message_id: was.id, campaign_id: was.campaign, state });
                    held.push(message);
                }
                Decided::Stuck(session) => stick(conn, was.id, session).await?,
            }
        }
        batch::take(conn, taken, now).await?;
        batch::hold(conn, held, now).await
    }
}

/// A row as it was decided on.
struct Was {
    id: MessageId,
    campaign: CampaignId,
    own_session: Option<SessionId>,
    attempts: i64,
}

impl From<&Due> for Was {
    fn from(row: &Due) -> Self {
        let Due { id, own_session, attempts, .. } = *row;
        Self { id, campaign: row.campaign.id, own_session, attempts }
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

/// What becomes of a row.
enum Decided {
    Taken(Box<Claimed>),
    Held(Held),
    /// It waits for this session, which holds the debtor's chat.
    Stuck(SessionId),
}

impl Verdict {
    fn settle(self, row: Due, phone: Phone, Sender { session, new_chat }: Sender) -> Decided {
        let media_id = row.campaign.content_of(row.step).media;
        let Due { id, campaign, debtor_id, own_session, own_wire_id, attempts, due_at, .. } = row;
        let held = |state, reason, due_at| Decided::Held(Held { id, state, reason, due_at });
        match self {
            Self::Send { body, wire_id } => {
                let kept = own_wire_id.filter(|_| own_session.is_some());
                Decided::Taken(Box::new(Claimed {
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
