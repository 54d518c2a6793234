//! A round of a claim: due messages, what is decided on each, and what is written of it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Moved,
    among::among,
    batch::{self, Held, Taken},
    claim::{Candidate, Claim, Claimed, Order, Verdict},
    contacts::{Person, people_to_claim},
    db::{on, rows},
    error::StoreError,
    queue::{Due, due, waiting},
    schema::messages,
};
use crate::domain::{
    campaign::{Campaign, Shares},
    id::{CampaignId, DebtorId, MessageId, SessionId},
    message::MessageState,
    phone::Phone,
};

/// Due messages, and whom they are for.
pub(super) struct Seen {
    due: Vec<Due>,
    people: HashMap<DebtorId, Person>,
}

impl Seen {
    pub async fn look(
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
    pub fn decide(
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
            let sender = Sender { session, new_chat, claimed_at: order.now };
            let decided = verdict.settle(row, candidate.debtor.details.phone, sender);
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
pub(super) struct Round {
    /// Messages that were looked at.
    pub examined: usize,
    decided: Vec<(Was, Decided)>,
}

impl Round {
    /// Drops what is not due any more as it was when it was decided on, or whose campaign does not run any more; the sessions that were to
    /// send it are free again.
    pub async fn keep_unchanged(
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
        let rows: Vec<(MessageId, Option<SessionId>, i64)> = rows!(conn, query)?;
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
    pub async fn write(self, conn: &mut Conn, claim: &mut Claim, now: DateTime<Utc>) -> Result<(), StoreError> {
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

/// Who would send a message, and from when on.
struct Sender {
    session: SessionId,
    new_chat: bool,
    claimed_at: DateTime<Utc>,
}

/// What becomes of a row.
enum Decided {
    Taken(Box<Claimed>),
    Held(Held),
    /// It waits for this session, which holds the debtor's chat.
    Stuck(SessionId),
}

impl Verdict {
    fn settle(self, row: Due, phone: Phone, Sender { session, new_chat, claimed_at }: Sender) -> Decided {
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
                    claimed_at,
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
