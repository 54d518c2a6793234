//! The engine: takes campaigns through their pools, message by message, so that none is sent twice and none is lost silently.
//!
//! The ledger in the database is the truth and the queue. Every task here may be woken at any time without harm, and may die at any
//! point: what it leaves behind, [`recovery`] settles.

mod attachments;
mod delivery;
mod dispatcher;
mod hidden;
mod inbound;
mod journal;
mod judge;
mod lanes;
mod lease;
mod outcomes;
mod progress;
mod recovery;
mod rounds;
mod schedule;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use rand::{SeedableRng as _, rngs::StdRng};
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    attachments::Files, dispatcher::Dispatcher, hidden::Hidden, journal::Journal, lanes::Lanes, lease::Lease,
    outcomes::Outcomes, progress::Progress, rounds::Rounds,
};
use crate::{
    bus::Bus,
    domain::{
        audit::AuditEntry,
        campaign::{Campaign, CampaignAction, CampaignStatus, IllegalAction},
        clock::Clock,
        event::Event,
        failure::Doubt,
        id::{CampaignId, MessageId, PoolId, SessionId},
        message::{Finding, Message},
        policy::ContactPolicy,
        retry::Backoff,
    },
    fleet::{Fleet, Report},
    store::{CampaignPatch, Moved, Store, StoreError},
};

/// How the engine behaves in time.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// How often a message is tried before it has failed, 1 or more.
    pub max_attempts: u32,
    /// The pause before another attempt.
    pub retry: Backoff,
    /// The pause before an uncertain message is looked up again.
    pub recheck: Duration,
    /// How long the right to send outlasts a server that does not renew it.
    pub lease: Duration,
    /// Seeds delays, jitter, shuffles and message ids.
    pub seed: u64,
}

/// Why a campaign could not be acted on; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such campaign.
    #[error("there is no such campaign")]
    NotFound,
    /// The campaign's status does not allow it.
    #[error(transparent)]
    Illegal(#[from] IllegalAction),
    /// No active debtor is in the audience.
    #[error("nobody is in the audience")]
    EmptyAudience,
    /// The pool has no member.
    #[error("the pool has no member")]
    EmptyPool,
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::IllegalAction(illegal) => Self::Illegal(illegal),
            StoreError::EmptyAudience => Self::EmptyAudience,
            StoreError::EmptyPool => Self::EmptyPool,
            other => Self::Store(other),
        }
    }
}

/// A handle to the engine; cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

/// What the engine's tasks share.
struct Shared {
    store: Store,
    fleet: Fleet,
    bus: Bus,
    clock: Clock,
    settings: EngineSettings,
    lanes: Lanes,
    /// There once the engine has started.
    lease: OnceLock<Lease>,
    /// The contact policy; only this server changes it while it has the lease.
    policy: RwLock<Arc<ContactPolicy>>,
    progress: Progress,
    journal: Journal,
    outcomes: Outcomes,
    /// Woken when a campaign's times change.
    scheduled: Notify,
    /// One wake-up call per pool that has a dispatcher.
    dispatchers: Mutex<HashMap<PoolId, Arc<Notify>>>,
    /// Since when pools have been without any session.
    deserted: Mutex<HashMap<PoolId, DateTime<Utc>>>,
    /// Sessions whose uncertain messages are being looked up.
    reconciling: Rounds,
    /// Ids of people without a number from whom something waits.
    hidden: Hidden,
    /// Files that messages carry.
    files: Files,
    /// Sessions whose debtors' files are being fetched.
    fetching: Rounds,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Engine {
    /// An engine that does nothing until [`Engine::start`].
    pub fn new(store: Store, fleet: Fleet, bus: Bus, clock: Clock, settings: EngineSettings) -> Self {
        let stop = CancellationToken::new();
        let tracker = TaskTracker::new();
        let progress = Progress::spawn(store.clone(), bus.clone(), clock.clone(), &tracker, stop.clone());
        let (reopened, reopenings) = mpsc::unbounded_channel();
        let journal = Journal::spawn(store.clone(), clock.clone(), progress.clone(), reopened);
        let shared = Arc::new(Shared {
            store,
            fleet,
            bus,
            clock,
            settings,
            lanes: Lanes::default(),
            lease: OnceLock::new(),
            policy: RwLock::default(),
            progress,
            journal,
            outcomes: Outcomes::default(),
            scheduled: Notify::new(),
            dispatchers: Mutex::default(),
            deserted: Mutex::default(),
            reconciling: Rounds::default(),
            hidden: Hidden::default(),
            files: Files::default(),
            fetching: Rounds::default(),
            tracker,
            stop,
        });
        shared.tracker.spawn(take_up_again(Arc::clone(&shared), reopenings));
        Self(shared)
    }

    /// Takes the lease, settles what a crash left behind, listens to the fleet and takes up the running campaigns. Call it before the
    /// fleet starts, so that no session comes online unnoticed. [`StoreError::Held`] while another server works on the database.
    pub async fn start(&self, reports: mpsc::UnboundedReceiver<Report>) -> Result<(), StoreError> {
        let lease = Lease::take(&self.0.store, &self.0.clock, self.0.settings.lease).await?;
        let lease = self.0.lease.get_or_init(|| lease);
        tracing::debug!(token = lease.token.0, "the lease is taken");
        self.0.tracker.spawn(keep_lease(Arc::clone(&self.0)));
        let unknown = self.0.store.mark_sending_uncertain(None, Doubt::ServerStopped, self.0.clock.now()).await?;
        if unknown > 0 {
            tracing::warn!(messages = unknown, "messages were on their way when the server stopped; looking them up");
        }
        self.0.set_policy(self.0.store.contact_policy().await?);
        let now = self.0.clock.now();
        for (session, at, new_chat) in self.0.store.claims_since(now - chrono::TimeDelta::days(1)).await? {
            self.0.lanes.record(session, at, new_chat);
        }
        let waits = self.0.store.hidden_lids().await?;
        self.0.hidden.lock().await.extend(waits);
        self.0.tracker.spawn(inbound::listen(Arc::clone(&self.0), reports));
        self.0.tracker.spawn(wake_on_events(Arc::clone(&self.0)));
        for campaign in self.0.store.campaigns_that_are(&[CampaignStatus::Running]).await? {
            self.0.took_up(&campaign);
        }
        self.0.tracker.spawn(schedule::run(Arc::clone(&self.0)));
        Ok(())
    }

    /// Freezes the campaign's audience and starts sending.
    pub async fn launch(&self, campaign: CampaignId, audit: AuditEntry) -> Result<Campaign, EngineError> {
        let launched = self.0.store.launch_campaign(campaign, self.0.clock.now(), audit).await?;
        self.0.took_up(&launched.campaign);
        Ok(launched.campaign)
    }

    /// Pauses, resumes or cancels a campaign. Messages in flight settle in any case.
    pub async fn act(
        &self,
        campaign: CampaignId,
        action: CampaignAction,
        audit: AuditEntry,
    ) -> Result<Campaign, EngineError> {
        let campaign = self.0.store.transition_campaign(campaign, action, None, self.0.clock.now(), audit).await?;
        self.0.outcomes.forget(campaign.id);
        if action == CampaignAction::Resume {
            self.0.goes_on(&campaign);
        }
        self.0.took_up(&campaign);
        Ok(campaign)
    }

    /// Changes a draft or a paused campaign.
    pub async fn change(
        &self,
        campaign: CampaignId,
        patch: CampaignPatch,
        audit: AuditEntry,
    ) -> Result<Campaign, EngineError> {
        let campaign = self.0.store.update_campaign(campaign, patch, self.0.clock.now(), audit).await?;
        self.0.took_up(&campaign);
        Ok(campaign)
    }

    /// Sends once more, as a new step of the ledger, what has failed, also of a paused campaign, which goes on then; gives how many messages
    /// that are.
    pub async fn retry(&self, campaign: CampaignId, audit: AuditEntry) -> Result<(Campaign, u64), EngineError> {
        let (campaign, planned) = self.0.store.retry_failed(campaign, self.0.clock.now(), audit).await?;
        self.0.outcomes.forget(campaign.id);
        self.0.goes_on(&campaign);
        self.0.took_up(&campaign);
        Ok((campaign, planned))
    }

    /// What a person has found out about an uncertain message, for example by looking at the phone; none when it is not uncertain.
    pub async fn decide(
        &self,
        message: MessageId,
        verdict: Finding,
        audit: AuditEntry,
    ) -> Result<Option<Message>, StoreError> {
        let decided = self.0.store.decide_uncertain(message, verdict, self.0.clock.now(), audit).await?;
        if let Some(message) = &decided {
            self.0.tell(message);
            if let Some(campaign) = self.0.store.campaign(message.campaign_id).await? {
                self.0.took_up(&campaign);
            }
        }
        Ok(decided)
    }

    /// Sets the contact policy. What waits because of the one before is looked at again at once.
    pub async fn set_contact_policy(&self, policy: &ContactPolicy, audit: AuditEntry) -> Result<(), StoreError> {
        self.0.store.set_contact_policy(policy, self.0.clock.now(), audit).await?;
        self.0.set_policy(policy.clone());
        self.0.wake_all();
        Ok(())
    }

    /// What a session has sent in the last 24 hours, and how many chats it has opened.
    pub fn sent_today(&self, session: SessionId) -> (u32, u32) {
        self.0.lanes.today(session, self.0.clock.now())
    }

    /// Waits until another server has taken this one's place; for ever, if none does.
    pub async fn replaced(&self) {
        match self.0.lease.get() {
            Some(lease) => lease.lost.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Stops claiming and waits for the sends in flight to settle.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tracker.close();
        self.0.tracker.wait().await;
        self.0.journal.close().await;
        if let Some(lease) = self.0.lease.get() {
            lease.give_back(&self.0.store).await;
        }
    }
}

impl Shared {
    fn took_up(self: &Arc<Self>, campaign: &Campaign) {
        self.progress.touch(campaign.id);
        self.scheduled.notify_one();
        if campaign.status == CampaignStatus::Running {
            campaign.pools.iter().for_each(|pool| self.dispatch(*pool));
        }
    }

    /// Each of a campaign's pools looks anew whether anybody is there.
    fn goes_on(&self, campaign: &Campaign) {
        self.deserted().retain(|pool, _| !campaign.pools.contains(pool));
    }

    fn deserted(&self) -> MutexGuard<'_, HashMap<PoolId, DateTime<Utc>>> {
        self.deserted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn policy(&self) -> Arc<ContactPolicy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_policy(&self, policy: ContactPolicy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Wakes the pool's dispatcher, or starts it.
    fn dispatch(self: &Arc<Self>, pool: PoolId) {
        let mut dispatchers = self.dispatchers.lock().unwrap_or_else(PoisonError::into_inner);
        let wake = dispatchers.entry(pool).or_insert_with(|| {
            let wake = Arc::new(Notify::new());
            let rng = self.rng(pool.0);
            self.tracker.spawn(Dispatcher::new(Arc::clone(self), pool, Arc::clone(&wake), rng).run());
            wake
        });
        wake.notify_one();
    }

    /// Wakes every dispatcher: a session became free, came or went.
    fn wake_all(&self) {
        for wake in self.dispatchers.lock().unwrap_or_else(PoisonError::into_inner).values() {
            wake.notify_one();
        }
    }

    /// Wakes the dispatchers of pools that have waited for a lane.
    fn wake(&self, pools: &BTreeSet<PoolId>) {
        let dispatchers = self.dispatchers.lock().unwrap_or_else(PoisonError::into_inner);
        pools.iter().filter_map(|pool| dispatchers.get(pool)).for_each(|wake| wake.notify_one());
    }

    /// Tells that a message changed.
    fn tell(&self, message: &Message) {
        let Message { id, campaign_id, state, .. } = *message;
        self.progress.tell(Moved { message_id: id, campaign_id, state });
    }

    fn rng(&self, salt: i64) -> StdRng {
        StdRng::seed_from_u64(self.settings.seed ^ salt.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

async fn keep_lease(shared: Arc<Shared>) {
    if let Some(lease) = shared.lease.get() {
        lease.keep(&shared.store, &shared.clock, &shared.stop).await;
    }
}

/// Takes up campaigns that were finished and go on: their pools may have no dispatcher.
async fn take_up_again(shared: Arc<Shared>, mut reopened: mpsc::UnboundedReceiver<CampaignId>) {
    while let Some(id) = tokio::select! {
        () = shared.stop.cancelled() => None,
        id = reopened.recv() => id,
    } {
        match shared.store.campaign(id).await {
            Ok(campaign) => campaign.iter().for_each(|campaign| shared.took_up(campaign)),
            Err(error) => {
                tracing::error!(
                    campaign = id.0,
                    error = &error as &dyn std::error::Error,
                    "campaign not taken up again"
                );
            }
        }
    }
}

/// Wakes the dispatchers whenever a session's status changes.
async fn wake_on_events(shared: Arc<Shared>) {
    use tokio::sync::broadcast::error::RecvError;
    let mut events = shared.bus.subscribe();
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            event = events.recv() => match event {
                Ok(Event::SessionStatus { .. }) | Err(RecvError::Lagged(_)) => shared.wake_all(),
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            },
        }
    }
}
