//! One dispatcher per pool: matches its free sessions with due messages, claims them, and hands them to [`super::delivery`].

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use tokio::sync::Notify;

use super::{Shared, delivery};
use crate::{
    domain::{
        id::{CampaignId, PoolId, SessionId},
        message::WireId,
        policy::{self, Decision},
        pool::{Pool, Strategy},
        routing::{Availability, Choice, Member, Turns},
        template::{self, CompiledTemplate},
    },
    store::{Candidate, StoreError, Verdict},
};

/// A dispatcher looks around at least this often, should a wake-up call be lost.
const TICK: Duration = Duration::from_secs(30);

/// What a dispatcher does next.
enum Next {
    /// Look again at once.
    Again,
    /// Wait to be woken, or until that instant.
    Wait(Option<DateTime<Utc>>),
}

pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    pool: PoolId,
    wake: Arc<Notify>,
    rng: StdRng,
    /// Messages of this pool that are on their way now.
    in_flight: Arc<AtomicUsize>,
    /// The running campaigns' texts, compiled once.
    texts: HashMap<CampaignId, CompiledTemplate>,
}

impl Dispatcher {
    pub fn new(shared: Arc<Shared>, pool: PoolId, wake: Arc<Notify>, rng: StdRng) -> Self {
        Self { shared, pool, wake, rng, in_flight: Arc::default(), texts: HashMap::new() }
    }

    /// Works until the server shuts down.
    pub async fn run(mut self) {
        loop {
            let until = match self.step().await {
                Ok(Next::Again) if !self.shared.stop.is_cancelled() => continue,
                Ok(Next::Again) => return,
                Ok(Next::Wait(until)) => until,
                Err(error) => {
                    tracing::error!(pool = self.pool.0, error = &error as &dyn std::error::Error, "nothing claimed");
                    None
                }
            };
            let now = self.shared.clock.now();
            let wait = until.map_or(TICK, |until| (until - now).to_std().unwrap_or_default().min(TICK));
            tokio::select! {
                () = self.shared.stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Claims as many messages as there are sessions to take them.
    async fn step(&mut self) -> Result<Next, StoreError> {
        let Some(pool) = self.shared.store.pool(self.pool).await? else {
            return Ok(Next::Wait(None));
        };
        // A turn is over when its message has arrived: only then is the order of the ledger the order of the turns.
        if pool.strategy != Strategy::Competitive && self.in_flight.load(Ordering::Acquire) > 0 {
            return Ok(Next::Wait(None));
        }
        let stored = self.shared.store.routing_state(self.pool).await?;
        let turns = stored.and_then(|state| serde_json::from_value(state).ok()).unwrap_or_default();
        let (picks, turns) = self.pick(&pool, turns);
        if picks.is_empty() {
            return Ok(Next::Wait(None));
        }
        if self.claim(&picks, Some(&turns)).await? {
            return Ok(Next::Again);
        }
        // Nothing for those whose turn it is. Messages that wait for a session of their own have had their turn already.
        let own = self.pick_own(&pool).await?;
        if !own.is_empty() && self.claim(&own, None).await? {
            return Ok(Next::Again);
        }
        self.texts.clear();
        Ok(Next::Wait(self.shared.store.next_due(self.pool, self.shared.clock.now()).await?))
    }

    /// Takes the lanes of free sessions that messages wait for by name.
    async fn pick_own(&self, pool: &Pool) -> Result<Vec<SessionId>, StoreError> {
        let mut own = self.shared.store.sessions_waited_for(self.pool, self.shared.clock.now()).await?;
        own.retain(|session| {
            let presence = self.shared.fleet.presence(*session);
            let free = matches!(self.shared.lanes.availability(*session, &presence), Availability::Free { .. });
            free && pool.members.contains(session) && self.shared.lanes.take(*session)
        });
        Ok(own)
    }

    /// Chooses sessions and takes their lanes.
    fn pick(&mut self, pool: &Pool, mut turns: Turns) -> (Vec<SessionId>, Turns) {
        let now = self.shared.clock.now();
        let mut members: Vec<Member> = pool
            .members
            .iter()
            .map(|&session| Member {
                session,
                availability: self.shared.lanes.availability(session, &self.shared.fleet.presence(session)),
            })
            .collect();
        let mut picks = Vec::new();
        loop {
            let (choice, next) = turns.next(pool.strategy, pool.turn_size, &members, now, &mut self.rng);
            let Choice::Send(session) = choice else {
                return (picks, turns);
            };
            for member in &mut members {
                if member.session == session {
                    member.availability = Availability::Busy;
                }
            }
            // Another pool's dispatcher may have taken the lane since we looked.
            if self.shared.lanes.take(session) {
                picks.push(session);
                turns = next;
                if pool.strategy != Strategy::Competitive {
                    return (picks, turns);
                }
            }
        }
    }

    /// Claims for the picked sessions and sends on their way what was claimed; whether that was anything.
    async fn claim(&mut self, picks: &[SessionId], turns: Option<&Turns>) -> Result<bool, StoreError> {
        let now = self.shared.clock.now();
        let state = turns.and_then(|turns| serde_json::to_value(turns).ok());
        let (texts, rng) = (&mut self.texts, &mut self.rng);
        let claim = self
            .shared
            .store
            .claim(self.pool, now, picks, state.as_ref(), |candidate| judge(candidate, texts, rng))
            .await;
        let claim = match claim {
            Ok(claim) => claim,
            Err(error) => {
                picks.iter().for_each(|&session| self.shared.lanes.give_back(session));
                return Err(error);
            }
        };
        for message in &claim.settled {
            self.shared.tell(message);
        }
        for &session in picks {
            if !claim.claimed.iter().any(|message| message.session_id == session) {
                self.shared.lanes.give_back(session);
            }
        }
        let any = !claim.claimed.is_empty();
        for message in claim.claimed {
            self.in_flight.fetch_add(1, Ordering::AcqRel);
            let (shared, in_flight) = (Arc::clone(&self.shared), Arc::clone(&self.in_flight));
            let mut rng = self.shared.rng(message.message_id.0);
            self.shared.tracker.spawn(async move {
                let landed = Landed { in_flight, shared: Arc::clone(&shared) };
                let session = message.session_id;
                delivery::deliver(&shared, message, &mut rng).await;
                drop(landed);
                delivery::rest(&shared, session, &mut rng).await;
            });
        }
        Ok(any)
    }
}

/// Counts a message as landed when it is dropped, even by a panic.
struct Landed {
    in_flight: Arc<AtomicUsize>,
    shared: Arc<Shared>,
}

impl Drop for Landed {
    fn drop(&mut self) {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.shared.wake_all();
    }
}

/// Decides, at the moment of the claim and from current data, what happens to a message.
fn judge(candidate: &Candidate, texts: &mut HashMap<CampaignId, CompiledTemplate>, rng: &mut StdRng) -> Verdict {
    if let Decision::Refused(status) = policy::decide(candidate.debtor.status) {
        return Verdict::Suppress { reason: status.as_str().to_owned() };
    }
    let text = match texts.entry(candidate.campaign_id) {
        std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::hash_map::Entry::Vacant(entry) => match template::compile(&candidate.campaign_body) {
            Ok(text) => entry.insert(text),
            Err(error) => {
                return Verdict::Fail { reason: format!("template_broken: {error}") };
            }
        },
    };
    match text.render(&candidate.debtor.details) {
        Ok(body) => Verdict::Send { body, wire_id: WireId::random(rng) },
        Err(error) => Verdict::Fail { reason: error.code() },
    }
}
