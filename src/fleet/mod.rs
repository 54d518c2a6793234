//! The fleet: one actor per session, which keeps that session at the state its people want.
//!
//! The desired state is in the database; [`Fleet::wake`] is only a hint to read it again. An actor that panics, or whose browser
//! dies, marks its own session and no other.

mod actor;
mod breaker;
mod health;
mod linking;
mod outage;
mod reasons;
mod roster;
mod run;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use health::{Health, Load};
pub use roster::Presence;

use self::{
    actor::{Actor, Command},
    roster::Roster,
};
use crate::{
    bus::Bus,
    channel::Connector,
    domain::{
        clock::Clock,
        conversation::{HiddenInbound, Inbound, Lid},
        event::Event,
        health::{Diagnosis, Probe},
        id::SessionId,
        message::{Receipt, WireId},
        phone::Phone,
        retry::Backoff,
        session::{Qr, SessionStatus},
    },
    store::{Moved, Store, StoreError},
};

/// How the fleet behaves in time.
#[derive(Debug, Clone)]
pub struct FleetSettings {
    /// The folder that holds one profile folder per session.
    pub profiles: PathBuf,
    /// How many browsers may be starting at once; a browser's start takes a core for about a second.
    pub concurrent_starts: usize,
    /// The pause before a broken session is started again.
    pub backoff: Backoff,
    /// After this many failures in a row a session is given up until a person starts it.
    pub max_failures: u32,
    /// A session that was online this long has recovered: its failures are forgotten.
    pub stable_after: Duration,
    /// How long a new link is given to reach the disk before messages are handed to the session.
    pub settle: Duration,
    /// A session whose browser has more memory than this is started anew when nothing is being sent through it, in bytes.
    pub memory_budget: u64,
    /// How long QR codes are shown while nobody is there to look at them; then the browser is stopped.
    pub qr_patience: Duration,
    /// Seeds the jitter.
    pub seed: u64,
}

/// What a session's channel has to tell the engine.
#[derive(Debug)]
pub enum Report {
    /// The session can send from now on.
    Online(SessionId),
    /// What became of a message.
    Receipt { session: SessionId, wire_id: WireId, receipt: Receipt },
    /// Somebody wrote.
    Inbound { session: SessionId, inbound: Inbound },
    /// Somebody wrote, and WhatsApp does not tell their number.
    Hidden { session: SessionId, hidden: HiddenInbound },
    /// WhatsApp tells whose number an id hides.
    Lid { lid: Lid, phone: Phone },
    /// A session was linked anew: messages that waited for its former link are uncertain.
    Doubted(Vec<Moved>),
    /// Somebody wants to know when all reports before this one were dealt with.
    Mark(oneshot::Sender<()>),
}

/// Why the fleet could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The session is not connected, so WhatsApp cannot be told.
    #[error("the session is not online")]
    NotOnline,
    /// WhatsApp did not confirm the log-out; nothing changed.
    #[error("WhatsApp did not confirm the log-out")]
    LogOut(#[source] crate::channel::ChannelError),
    /// The session does not wait for a phone.
    #[error("the session does not wait for a phone")]
    NotUnpaired,
    /// WhatsApp gave no code for linking.
    #[error("WhatsApp gave no code for linking")]
    LinkingCode(#[source] crate::channel::ChannelError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A handle to the fleet; cheap to clone.
#[derive(Clone)]
pub struct Fleet(Arc<Shared>);

/// What the actors share.
struct Shared {
    store: Store,
    connector: Arc<dyn Connector>,
    bus: Bus,
    clock: Clock,
    settings: FleetSettings,
    roster: Roster,
    actors: Mutex<HashMap<SessionId, mpsc::UnboundedSender<Command>>>,
    reports: mpsc::UnboundedSender<Report>,
    starts: Semaphore,
    /// When somebody was last there who may scan codes.
    looked: watch::Sender<Option<Instant>>,
    /// Held while it is seen whether another session has an account.
    linking: tokio::sync::Mutex<()>,
    tracker: TaskTracker,
    stop: CancellationToken,
    started: AtomicBool,
}

impl Fleet {
    /// A fleet that does nothing until [`Fleet::start`]. The receiver gets what the sessions report, in order per session.
    pub fn new(
        store: Store,
        connector: Arc<dyn Connector>,
        bus: Bus,
        clock: Clock,
        settings: FleetSettings,
    ) -> (Self, mpsc::UnboundedReceiver<Report>) {
        let (reports, receiver) = mpsc::unbounded_channel();
        let shared = Shared {
            store,
            connector,
            bus,
            clock,
            roster: Roster::default(),
            actors: Mutex::default(),
            reports,
            starts: Semaphore::new(settings.concurrent_starts.max(1)),
            looked: watch::Sender::new(None),
            linking: tokio::sync::Mutex::default(),
            settings,
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            started: AtomicBool::new(false),
        };
        (Self(Arc::new(shared)), receiver)
    }

    /// Starts an actor for every session in the database.
    pub async fn start(&self) -> Result<(), StoreError> {
        for (session, at) in self.0.store.diagnosed().await? {
            self.0.roster.set_diagnosed(session, at);
        }
        for session in self.0.store.sessions().await? {
            if let Some(reason) = &session.restriction {
                self.0.roster.restrict(session.id, reason);
            }
            self.wake(session.id);
        }
        self.0.started.store(true, Ordering::Release);
        Ok(())
    }

    /// Asks the session's actor to read the desired state again; starts the actor of a new session.
    pub fn wake(&self, session: SessionId) {
        self.command(session, Command::Wake);
    }

    /// Closes the session's browser gracefully and starts it again, and forgets earlier failures.
    pub fn restart(&self, session: SessionId) {
        self.command(session, Command::Restart);
    }

    /// Unlinks the session from its phone at WhatsApp, ends its browser and puts its profile away.
    pub async fn log_out(&self, session: SessionId) -> Result<(), FleetError> {
        let (reply, answer) = oneshot::channel();
        self.command(session, Command::LogOut(reply));
        answer.await.unwrap_or(Err(FleetError::NotOnline))
    }

    /// Ends a session that was deleted from the database: its browser exits, then its profile is put away.
    pub async fn remove(&self, session: SessionId) {
        let (reply, answer) = oneshot::channel();
        self.command(session, Command::Remove(reply));
        // An actor that is gone already has nothing left to end.
        drop(answer.await);
    }

    /// The QR code that the session shows now.
    pub fn qr(&self, session: SessionId) -> Option<Qr> {
        self.0.roster.qr(session).filter(|qr| qr.expires_at > self.0.clock.now())
    }

    /// Every QR code on show.
    pub fn qrs(&self) -> Vec<(SessionId, Qr)> {
        let now = self.0.clock.now();
        self.0.roster.qrs().into_iter().filter(|(_, qr)| qr.expires_at > now).collect()
    }

    /// Whether messages can be handed to the session.
    pub fn presence(&self, session: SessionId) -> Presence {
        self.0.roster.presence(session)
    }

    /// Waits until all that sessions have reported so far was dealt with; `false` if nobody listens any more.
    pub async fn all_heard(&self) -> bool {
        let (mark, heard) = oneshot::channel();
        self.0.reports.send(Report::Mark(mark)).is_ok() && heard.await.is_ok()
    }

    /// A code that links the session to the account of `phone` when it is typed into that phone. Only while it waits for a phone.
    pub async fn linking_code(&self, session: SessionId, phone: &Phone) -> Result<String, FleetError> {
        let waits = self.0.roster.status(session) == Some(SessionStatus::Unpaired);
        let channel = self.0.roster.opened(session).filter(|_| waits).ok_or(FleetError::NotUnpaired)?;
        channel.linking_code(phone).await.map_err(FleetError::LinkingCode)
    }

    /// How the session is.
    pub fn health(&self, session: SessionId) -> Health {
        self.0.roster.health(session)
    }

    /// Asks each part of the session for a sign of life; nothing, where none runs.
    pub async fn check(&self, session: SessionId) -> Vec<Probe> {
        match self.0.roster.opened(session) {
            Some(channel) => channel.check().await,
            None => Vec::new(),
        }
    }

    /// What the session's page shows now, as a JPEG.
    pub async fn picture(&self, session: SessionId) -> Option<Vec<u8>> {
        self.0.roster.opened(session)?.picture().await
    }

    /// Looks every so often at what the browsers use, and starts those anew that have grown over their budget.
    pub fn watch_usage(&self, every: Duration) {
        let fleet = self.clone();
        let stop = self.0.stop.clone();
        self.0.tracker.spawn(async move {
            let mut ticks = tokio::time::interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                fleet.look_at_usage().await;
            }
        });
    }

    /// One browser after the other: adding up its memory takes the kernel some milliseconds for each process.
    async fn look_at_usage(&self) {
        for (session, channel) in self.0.roster.all_open() {
            let Some(usage) = channel.usage().await else { continue };
            self.0.roster.set_load(session, usage, self.0.clock.now());
            // The actor, the roster twice, and this look: nobody sends through it.
            let is_idle = Arc::strong_count(&channel) <= 4;
            if usage.memory_bytes > self.0.settings.memory_budget && is_idle {
                tracing::info!(session = session.0, bytes = usage.memory_bytes, "over its budget; started anew");
                self.restart(session);
            }
        }
    }

    /// Whether the fleet has begun its work and is not shutting down.
    pub fn is_ready(&self) -> bool {
        self.0.started.load(Ordering::Acquire) && !self.0.stop.is_cancelled()
    }

    /// Closes every session gracefully, so that links survive, and returns when no browser runs any more.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tracker.close();
        self.0.tracker.wait().await;
    }

    fn command(&self, session: SessionId, command: Command) {
        if self.0.stop.is_cancelled() {
            return;
        }
        let mut actors = self.0.actors.lock().unwrap_or_else(PoisonError::into_inner);
        let unsent = match actors.get(&session) {
            Some(commands) => match commands.send(command) {
                Ok(()) => return,
                Err(mpsc::error::SendError(command)) => command,
            },
            None => command,
        };
        let (commands, receiver) = mpsc::unbounded_channel();
        // The receiver is alive in this scope, so the send cannot fail.
        drop(commands.send(unsent));
        actors.insert(session, commands);
        self.spawn(session, receiver);
    }

    /// Runs an actor, and marks its session should it panic.
    fn spawn(&self, session: SessionId, commands: mpsc::UnboundedReceiver<Command>) {
        let shared = Arc::clone(&self.0);
        self.0.tracker.spawn(async move {
            let actor = tokio::spawn(Actor::new(session, Arc::clone(&shared), commands).run());
            if let Err(error) = actor.await {
                tracing::error!(session = session.0, %error, "a session's actor ended unexpectedly");
                shared.show(session, SessionStatus::Failed, Some("internal_error")).await;
            }
        });
    }
}

impl Shared {
    /// Records what a session is doing, here and in the database, and tells those who watch.
    async fn show(&self, session: SessionId, status: SessionStatus, reason: Option<&str>) {
        let now = self.clock.now();
        if !self.roster.set_status(session, status, reason, now) {
            return;
        }
        tracing::info!(session = session.0, status = status.as_str(), reason, "session status");
        if let Err(error) = self.store.set_observed(session, status, reason, now).await {
            tracing::error!(session = session.0, error = &error as &dyn std::error::Error, "session status not stored");
        }
        self.bus.publish(Event::SessionStatus { session_id: session, status, reason: reason.map(str::to_owned) });
    }

    /// Keeps what was seen when a session broke, for whoever has to find out why, and for after a restart of the server too.
    async fn keep(&self, session: SessionId, seen: &Diagnosis) {
        match self.store.keep_diagnosis(session, seen).await {
            Ok(()) => self.roster.set_diagnosed(session, seen.at),
            // It was deleted meanwhile.
            Err(StoreError::Foreign) => {}
            Err(error) => {
                tracing::error!(session = session.0, error = &error as &dyn std::error::Error, "diagnosis not stored");
            }
        }
    }

    fn show_qr(&self, session: SessionId, qr: Option<Qr>) {
        if self.roster.set_qr(session, qr.clone()) {
            self.bus.publish(Event::SessionQr { session_id: session, qr });
        }
    }
}
