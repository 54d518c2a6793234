//! One dispatcher per pool: matches its free sessions with due messages, claims them, and hands them to [`super::delivery`].

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use rand::rngs::StdRng;
use tokio::{sync::Notify, time::Instant};

use super::{
    Shared, delivery,
    judge::{Texts, judge},
    outcomes,
};
use crate::{
    domain::{
        campaign::Shares,
        id::{PoolId, SessionId},
        message::SESSION_RESTRICTED,
        policy::ContactPolicy,
        pool::{Membership, Pool, Strategy},
        routing::{self, Availability, Choice, Member, Turns},
    },
    fleet::Presence,
    store::{Order, StoreError, Token},
};

/// A dispatcher looks around at least this often, should a wake-up call be lost.
const TICK: Duration = Duration::from_secs(30);

/// How long a claim waits for more sessions to be free.
const LINGER: Duration = Duration::from_millis(10);

/// How long a pool may be without any session before its campaigns are paused: product policy.
const DESERTED_AFTER: TimeDelta = TimeDelta::minutes(10);

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
    /// The running campaigns' texts by step, compiled once.
    texts: Texts,
    /// How the campaigns share the pool.
    shares: Shares,
    /// The pool as last read.
    known: Option<Known>,
    /// Whose turn it is, as stored by the last claim; read once.
    turns: Option<Turns>,
}

/// A pool as it was when it was read.
struct Known {
    /// None if there is no such pool.
    pool: Option<Arc<Pool>>,
    arrangement: u64,
    read_at: Instant,
}

impl Dispatcher {
    pub fn new(shared: Arc<Shared>, pool: PoolId, wake: Arc<Notify>, rng: StdRng) -> Self {
        Self {
            shared,
            pool,
            wake,
            rng,
            in_flight: Arc::default(),
            texts: Texts::new(),
            shares: Shares::default(),
            known: None,
            turns: None,
        }
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
                    // Nobody knows how far that went.
                    self.turns = None;
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
        let Some(pool) = self.pool().await? else {
            return Ok(Next::Wait(None));
        };
        // A turn is over when its message has arrived: only then is the order of the ledger the order of the turns.
        if pool.strategy != Strategy::Competitive && self.in_flight.load(Ordering::Acquire) > 0 {
            return Ok(Next::Wait(None));
        }
        let turns = self.turns().await?;
        let members = self.gathered(&pool).await;
        let policy = self.shared.policy();
        let (picks, turns) = self.pick(&pool, &members, turns);
        if picks.is_empty() {
            let deserted = self.look_for_anybody(&members).await?;
            let wakes = wakes_at(&pool, &members, self.shared.clock.now());
            return Ok(Next::Wait(wakes.into_iter().chain(deserted).min()));
        }
        self.somebody_is_there();
        let there: Vec<SessionId> = members
            .iter()
            .filter(|member| member.availability != Availability::Out || self.is_restricted(member.session))
            .map(|member| member.session)
            .collect();
        let holders = pool.sticky.then_some(there.as_slice());
        let changed = (pool.strategy != Strategy::Competitive).then_some(&turns);
        if self.claim(&picks, changed, &policy, holders).await? {
            return Ok(Next::Again);
        }
        // Nothing for those whose turn it is. Messages that wait for a session of their own have had their turn already.
        let own = self.pick_own(&pool, &members).await?;
        if !own.is_empty() && self.claim(&own, None, &policy, holders).await? {
            return Ok(Next::Again);
        }
        self.texts.clear();
        let now = self.shared.clock.now();
        let due = self.shared.store.next_due(self.pool, now).await?;
        Ok(Next::Wait(due.into_iter().chain(wakes_at(&pool, &members, now)).min()))
    }

    /// Where no member is there or on its way, campaigns that have something to send are paused after a while, so that somebody sees
    /// it; gives when that will be. A campaign with other pools goes on through them, until the last of them is deserted.
    async fn look_for_anybody(&self, members: &[Member]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let now = self.shared.clock.now();
        if members.iter().any(|member| member.availability != Availability::Out) {
            self.somebody_is_there();
            return Ok(None);
        }
        let since = *self.shared.deserted().entry(self.pool).or_insert(now);
        if now - since < DESERTED_AFTER {
            return Ok(Some(since + DESERTED_AFTER));
        }
        let restricted = members.iter().any(|member| self.is_restricted(member.session));
        let reason = if restricted { SESSION_RESTRICTED } else { "no_session" };
        for campaign in self.shared.store.has_due(self.pool, now).await? {
            let is_deserted =
                |pool: &PoolId| self.shared.deserted().get(pool).is_some_and(|since| now - *since >= DESERTED_AFTER);
            if campaign.pools.iter().all(is_deserted) {
                outcomes::pause(&self.shared, campaign.id, reason).await?;
            }
        }
        Ok(None)
    }

    /// The pool is not deserted, or not any more.
    fn somebody_is_there(&self) {
        self.shared.deserted().remove(&self.pool);
    }

    /// The pool, read again once it or a session has changed; also now and then, should somebody have changed the database by hand.
    async fn pool(&mut self) -> Result<Option<Arc<Pool>>, StoreError> {
        let arrangement = self.shared.store.arrangement();
        if let Some(known) = &self.known
            && known.arrangement == arrangement
            && known.read_at.elapsed() < TICK
        {
            return Ok(known.pool.clone());
        }
        let pool = self.shared.store.pool(self.pool).await?.map(Arc::new);
        if let Some(pool) = &pool {
            for (session, delay, caps) in self.shared.store.paces(&pool.sessions().collect::<Vec<_>>()).await? {
                self.shared.lanes.set_pace(session, delay, caps);
            }
        }
        // A session may have left this pool, or the campaigns others.
        for stranded in self.shared.store.strand(self.pool, self.shared.clock.now()).await? {
            self.shared.progress.tell(stranded);
        }
        self.known = Some(Known { pool: pool.clone(), arrangement, read_at: Instant::now() });
        Ok(pool)
    }

    /// Whose turn it is.
    async fn turns(&mut self) -> Result<Turns, StoreError> {
        if self.turns.is_none() {
            let stored = self.shared.store.routing_state(self.pool).await?;
            self.turns = stored.and_then(|state| serde_json::from_value(state).ok());
        }
        Ok(self.turns.get_or_insert_default().clone())
    }

    /// The pool's members once at least half of those at work are free, or after [`LINGER`]: one claim for many costs little more than one
    /// for a few. Where sessions rest for seconds nobody notices; where they are fast it halves the number of commits.
    async fn gathered(&self, pool: &Pool) -> Vec<Member> {
        let until = Instant::now() + LINGER;
        loop {
            let members = self.members(pool);
            let count = |wanted: fn(&Availability) -> bool| {
                members.iter().filter(|member| wanted(&member.availability)).count()
            };
            let free = count(|availability| matches!(availability, Availability::Free { .. }));
            let busy = count(|availability| matches!(availability, Availability::Busy));
            if pool.strategy != Strategy::Competitive || free == 0 || free >= busy || Instant::now() >= until {
                return members;
            }
            tokio::select! {
                () = self.shared.journal.written() => {}
                () = tokio::time::sleep_until(until) => {}
            }
        }
    }

    /// The pool's members, and what can be expected of each.
    fn members(&self, pool: &Pool) -> Vec<Member> {
        let now = self.shared.clock.now();
        let member = |&Membership { session, weight }: &Membership| Member {
            session,
            weight,
            availability: self.shared.lanes.availability(pool.id, session, &self.shared.fleet.presence(session), now),
        };
        pool.members.iter().map(member).collect()
    }

    fn is_restricted(&self, session: SessionId) -> bool {
        matches!(self.shared.fleet.presence(session), Presence::Restricted)
    }

    /// Takes the lanes of free sessions that messages wait for by name. Those that wait only for the holder of a chat are let go when it
    /// is gone, or no member any more of a pool that keeps chats.
    async fn pick_own(&self, pool: &Pool, members: &[Member]) -> Result<Vec<SessionId>, StoreError> {
        let mut own = self.shared.store.sessions_waited_for(self.pool, self.shared.clock.now()).await?;
        let is_there = |session: &SessionId| {
            let member = members.iter().find(|member| member.session == *session);
            // What is a restricted session's own is not moved onto its siblings.
            member.is_some_and(|member| member.availability != Availability::Out || self.is_restricted(*session))
        };
        let gone: Vec<SessionId> = own.iter().copied().filter(|session| !pool.sticky || !is_there(session)).collect();
        if !gone.is_empty() && self.shared.store.let_go(self.pool, &gone).await? > 0 {
            self.wake.notify_one();
        }
        own.retain(|session| {
            let member = members.iter().find(|member| member.session == *session);
            let free = member.is_some_and(|member| matches!(member.availability, Availability::Free { .. }));
            free && self.shared.lanes.take(self.pool, *session)
        });
        Ok(own)
    }

    /// Chooses sessions and takes their lanes.
    fn pick(&mut self, pool: &Pool, members: &[Member], turns: Turns) -> (Vec<SessionId>, Turns) {
        // Another pool's dispatcher may have taken a lane since we looked.
        if pool.strategy == Strategy::Competitive {
            let mut picks = routing::idle(members);
            picks.retain(|session| self.shared.lanes.take(self.pool, *session));
            return (picks, turns);
        }
        let now = self.shared.clock.now();
        let mut members = members.to_vec();
        loop {
            let (choice, next) = turns.next(pool.rules(), &members, now, &mut self.rng);
            let Choice::Send(session) = choice else {
                return (Vec::new(), turns);
            };
            if self.shared.lanes.take(self.pool, session) {
                return (vec![session], next);
            }
            for member in members.iter_mut().filter(|member| member.session == session) {
                member.availability = Availability::Busy;
            }
        }
    }

    /// A lane that was taken for nothing is free for whoever found it taken meanwhile.
    fn give_back(&self, session: SessionId) {
        self.shared.wake(&self.shared.lanes.give_back(session));
    }

    /// Claims for the picked sessions and sends on their way what was claimed; whether that was anything.
    async fn claim(
        &mut self,
        picks: &[SessionId],
        turns: Option<&Turns>,
        policy: &ContactPolicy,
        holders: Option<&[SessionId]>,
    ) -> Result<bool, StoreError> {
        let now = self.shared.clock.now();
        let state = turns.and_then(|turns| serde_json::to_value(turns).ok());
        let (texts, rng) = (&mut self.texts, &mut self.rng);
        let token = self.shared.lease.get().map_or(Token::NONE, |lease| lease.token);
        let order = Order { token, pool: self.pool, now, picks, holders, routing_state: state.as_ref() };
        let claim = self
            .shared
            .store
            .claim(order, &mut self.shares, |candidate| judge(candidate, policy, now, texts, rng))
            .await;
        let claim = match claim {
            Ok(claim) => claim,
            // Nothing of it was written.
            Err(error @ StoreError::LeaseLost) => {
                picks.iter().for_each(|&session| self.give_back(session));
                return Err(error);
            }
            // A commit may have been made all the same.
            Err(error) => {
                for &session in picks {
                    let shared = Arc::clone(&self.shared);
                    self.shared.tracker.spawn(async move {
                        delivery::doubt(&shared, session).await;
                        shared.wake(&shared.lanes.give_back(session));
                    });
                }
                return Err(error);
            }
        };
        if let Some(turns) = turns.filter(|_| !claim.claimed.is_empty()) {
            self.turns = Some(turns.clone());
        }
        claim.held.iter().for_each(|held| self.shared.progress.tell(*held));
        let busy: HashSet<SessionId> = claim.claimed.iter().map(|message| message.session_id).collect();
        for &session in picks {
            if !busy.contains(&session) {
                self.give_back(session);
            }
        }
        let any = !claim.claimed.is_empty() || !claim.held.is_empty();
        // All of them before the first is on its way: the journal waits for company as long as it knows of some.
        let under_way: Vec<_> = claim.claimed.iter().map(|_| self.shared.journal.expect()).collect();
        for (message, under_way) in claim.claimed.into_iter().map(Arc::new).zip(under_way) {
            self.shared.lanes.record(message.session_id, now, message.new_chat);
            let shared = Arc::clone(&self.shared);
            // Only turns wait for what is in flight.
            let landed = turns.map(|_| Landed::expect(&self.in_flight, &shared));
            let mut rng = self.shared.rng(message.message_id.0);
            // On the heap: the runtime moves a task several times, and this one is some kilobytes.
            self.shared.tracker.spawn(Box::pin(async move {
                let session = message.session_id;
                let delivered = AssertUnwindSafe(delivery::deliver(&shared, &message, &mut rng)).catch_unwind().await;
                if delivered.is_err() {
                    tracing::error!(message = message.message_id.0, "its delivery broke off");
                    delivery::doubt(&shared, session).await;
                }
                drop((under_way, landed));
                delivery::rest(&shared, session, &mut rng).await;
            }));
        }
        Ok(any)
    }
}

/// Counts a message as landed when it is dropped, even by a panic.
struct Landed {
    in_flight: Arc<AtomicUsize>,
    shared: Arc<Shared>,
}

impl Landed {
    fn expect(in_flight: &Arc<AtomicUsize>, shared: &Arc<Shared>) -> Self {
        in_flight.fetch_add(1, Ordering::AcqRel);
        Self { in_flight: Arc::clone(in_flight), shared: Arc::clone(shared) }
    }
}

impl Drop for Landed {
    fn drop(&mut self) {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.shared.wake_all();
    }
}

/// When one of the members can do something else by itself, after `now`.
fn wakes_at(pool: &Pool, members: &[Member], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    members.iter().filter_map(|member| member.availability.changes_at(pool.grace)).filter(|at| *at > now).min()
}
