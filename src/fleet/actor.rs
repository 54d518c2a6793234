//! One session's actor: it opens the channel, follows what happens on it, and starts it again when it breaks.

use std::{path::PathBuf, sync::Arc, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{
    FleetError, Report, Shared,
    outage::Outage,
    reasons,
    run::{Run, settled, sleep_for, sleep_until},
};
use crate::{
    channel::{Channel, ChannelEvent, ChannelSpec, ChannelState, OpenError},
    domain::{
        audit::AuditEntry,
        health::Diagnosis,
        id::SessionId,
        phone::Phone,
        session::{DesiredState, Qr, SessionStatus},
    },
};

/// The pause before a browser is started, up to this many milliseconds, so that starts spread.
const STAGGER_MS: u64 = 100;

/// What an actor can be asked.
pub(super) enum Command {
    /// The desired state may have changed.
    Wake,
    /// Close and open again.
    Restart,
    /// Unlink from the phone.
    LogOut(oneshot::Sender<Result<(), FleetError>>),
    /// The session was deleted.
    Remove(oneshot::Sender<()>),
}

/// Why a run of the channel ended.
enum Ending {
    /// The desired state is stopped, or a restart was asked for.
    Asked,
    /// It broke; another run may do better.
    Broke { reason: String },
    /// Only a person can help.
    Parked { status: SessionStatus, reason: String },
    /// The phone, or a person, unlinked the device.
    Unlinked { reason: &'static str },
    /// The session was deleted.
    Removed(oneshot::Sender<()>),
    /// The server is shutting down.
    Shutdown,
}

/// An event loop's two answers.
enum Flow {
    Continue,
    End(Ending),
}

pub(super) struct Actor {
    id: SessionId,
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    failures: u32,
    outage: Outage,
    rng: StdRng,
}

impl Actor {
    pub fn new(id: SessionId, shared: Arc<Shared>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        let rng = StdRng::seed_from_u64(shared.settings.seed ^ id.0.cast_unsigned());
        Self { id, shared, commands, failures: 0, outage: Outage::default(), rng }
    }

    /// Works until the session is deleted or the server shuts down.
    pub async fn run(mut self) {
        loop {
            let ending = match self.shared.store.session(self.id).await {
                Err(error) => {
                    tracing::error!(session = self.id.0, error = &error as &dyn std::error::Error, "session not read");
                    Ending::Broke { reason: "database".to_owned() }
                }
                Ok(None) => self.wait_for_removal().await,
                Ok(Some(session)) if session.desired == DesiredState::Stopped => {
                    // A log-out, and the reason of a stop, stay on show until somebody starts the session.
                    let keeps = session.status == SessionStatus::LoggedOut || session.status == SessionStatus::Stopped;
                    if !keeps {
                        self.shared.show(self.id, SessionStatus::Stopped, None).await;
                    }
                    self.idle().await
                }
                Ok(Some(session)) => {
                    self.shared.roster.set_linked(self.id, session.phone.is_some());
                    self.connect().await
                }
            };
            if self.follow(ending).await.is_break() {
                return;
            }
        }
    }

    /// Does what an ending asks for; breaks when the actor is done.
    async fn follow(&mut self, ending: Ending) -> std::ops::ControlFlow<()> {
        use std::ops::ControlFlow::{Break, Continue};
        match ending {
            Ending::Asked => (self.failures, self.outage) = (0, Outage::default()),
            Ending::Broke { reason } => {
                let limit = self.shared.settings.max_failures;
                self.failures += 1;
                if reasons::passes_by_itself(&reason) {
                    self.failures = self.failures.min(limit);
                }
                let gave_up = self.failures > limit;
                let status = if gave_up { SessionStatus::Failed } else { SessionStatus::Reconnecting };
                self.shared.show(self.id, status, Some(&reason)).await;
                let pause = self.shared.settings.backoff.after(self.failures, &mut self.rng);
                return self.pause((!gave_up).then_some(pause)).await;
            }
            Ending::Parked { status, reason } => {
                self.shared.show(self.id, status, Some(&reason)).await;
                return self.pause(None).await;
            }
            Ending::Unlinked { reason } => {
                self.discard_profile().await;
                self.stop_desiring("session.unlinked").await;
                self.shared.roster.set_linked(self.id, false);
                self.shared.show(self.id, SessionStatus::LoggedOut, Some(reason)).await;
            }
            Ending::Removed(done) => {
                self.discard_profile().await;
                self.shared.roster.remove(self.id);
                let _ = done.send(());
                return Break(());
            }
            Ending::Shutdown => {
                self.shared.show(self.id, SessionStatus::Stopped, Some("server_stopped")).await;
                return Break(());
            }
        }
        Continue(())
    }

    /// Waits for `limit`, or for ever, until a command gives a reason to look again.
    async fn pause(&mut self, limit: Option<Duration>) -> std::ops::ControlFlow<()> {
        let ending = tokio::select! {
            () = sleep_for(limit) => return std::ops::ControlFlow::Continue(()),
            ending = self.idle() => ending,
        };
        Box::pin(self.follow(ending)).await
    }

    /// Without a channel, waits for a command.
    async fn idle(&mut self) -> Ending {
        tokio::select! {
            biased;
            () = self.shared.stop.cancelled() => Ending::Shutdown,
            command = self.commands.recv() => match command {
                Some(Command::Wake | Command::Restart) => Ending::Asked,
                Some(Command::LogOut(reply)) => {
                    drop(reply.send(Err(FleetError::NotOnline)));
                    Ending::Asked
                }
                Some(Command::Remove(done)) => Ending::Removed(done),
                None => Ending::Shutdown,
            },
        }
    }

    /// The row is gone: the command that says so is on its way.
    async fn wait_for_removal(&mut self) -> Ending {
        loop {
            match self.idle().await {
                Ending::Asked => {}
                ending => return ending,
            }
        }
    }

    /// Opens the channel and follows it to its end. Whatever the ending, nothing of the channel runs afterwards.
    async fn connect(&mut self) -> Ending {
        if let Some(reason) = self.outage.persists(self.shared.connector.as_ref()).await {
            return Ending::Broke { reason };
        }
        self.shared.show(self.id, SessionStatus::Starting, None).await;
        let (events, mut receiver) = mpsc::unbounded_channel();
        let spec = ChannelSpec { session_id: self.id, profile: self.profile(), events };
        let shared = Arc::clone(&self.shared);
        let stagger = Duration::from_millis(self.rng.random_range(0..=STAGGER_MS));
        let open = async {
            let _permit = shared.starts.acquire().await;
            tokio::time::sleep(stagger).await;
            shared.connector.open(spec).await
        };
        // Not interrupted by a command: a half-open browser would be left behind. Opening has its own time limit.
        let channel = match open.await {
            Ok(channel) => channel,
            Err(error) => return self.not_opened(&error).await,
        };
        self.shared.roster.open(self.id, &channel);
        let mut run = Run::default();
        let ending = loop {
            let flow = tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => Flow::End(Ending::Shutdown),
                command = self.commands.recv() => self.on_command(command, &channel).await,
                event = receiver.recv() => self.on_event(event, &channel, &mut run).await,
                () = self.shared.nobody_looks(run.qr_since) => Flow::End(self.nobody_scanned().await),
                () = sleep_until(run.late_at) => self.on_late(&mut run).await,
                phone = settled(&run.settling) => {
                    run.settling = None;
                    self.come_online(&phone, &channel, &mut run).await
                }
            };
            if let Flow::End(ending) = flow {
                break ending;
            }
        };
        self.shared.roster.set_channel(self.id, None);
        self.shared.show_qr(self.id, None);
        if let Ending::Broke { reason } = &ending {
            // At once: to end a browser that does not answer takes some seconds.
            self.shared.show(self.id, SessionStatus::Reconnecting, Some(reason)).await;
            self.diagnose(&channel, reason).await;
        }
        self.shared.roster.close(self.id);
        channel.close().await;
        // Receipts and texts that came in while closing count as well.
        while let Ok(event) = receiver.try_recv() {
            self.report(event, &run);
        }
        if run.online_since.is_some_and(|since| since.elapsed() >= self.shared.settings.stable_after) {
            self.failures = 0;
        }
        ending
    }

    /// It has been on its way for too long.
    async fn on_late(&self, run: &mut Run) -> Flow {
        if run.may_wait() && !self.shared.connector.is_reachable().await {
            run.wait();
            self.shared.show(self.id, SessionStatus::Reconnecting, Some(run.late)).await;
            return Flow::Continue;
        }
        Flow::End(Ending::Broke { reason: run.late.to_owned() })
    }

    async fn not_opened(&mut self, error: &OpenError) -> Ending {
        tracing::warn!(session = self.id.0, error = error as &dyn std::error::Error, "session not opened");
        let reason = reasons::of_opening(error);
        let at = self.shared.clock.now();
        let seen = Diagnosis { at, reason: reason.clone(), console: Vec::new(), picture: None };
        self.shared.keep(self.id, &seen).await;
        self.outage.note(error, &reason);
        if matches!(error, OpenError::ProfileInUse { .. } | OpenError::Bridge(_)) {
            Ending::Parked { status: SessionStatus::ActionRequired, reason }
        } else {
            Ending::Broke { reason }
        }
    }

    async fn on_command(&mut self, command: Option<Command>, channel: &Arc<dyn Channel>) -> Flow {
        match command {
            None => Flow::End(Ending::Shutdown),
            Some(Command::Wake) => match self.shared.store.session(self.id).await {
                Ok(Some(session)) if session.desired == DesiredState::Running => Flow::Continue,
                Ok(_) => Flow::End(Ending::Asked),
                Err(error) => {
                    tracing::error!(session = self.id.0, error = &error as &dyn std::error::Error, "session not read");
                    Flow::Continue
                }
            },
            Some(Command::Restart) => Flow::End(Ending::Asked),
            Some(Command::LogOut(reply)) => match channel.log_out().await {
                Ok(()) => {
                    drop(reply.send(Ok(())));
                    Flow::End(Ending::Unlinked { reason: "logged_out_by_user" })
                }
                Err(error) => {
                    drop(reply.send(Err(FleetError::LogOut(error))));
                    Flow::Continue
                }
            },
            Some(Command::Remove(done)) => Flow::End(Ending::Removed(done)),
        }
    }

    async fn on_event(&mut self, event: Option<ChannelEvent>, channel: &Arc<dyn Channel>, run: &mut Run) -> Flow {
        match event {
            Some(ChannelEvent::State(ChannelState::LoggedOut)) => {
                Flow::End(Ending::Unlinked { reason: "logged_out_from_phone" })
            }
            Some(ChannelEvent::State(state)) => self.on_state(state, channel, run).await,
            Some(ChannelEvent::Qr { text, expires_at }) => {
                run.qr_since.get_or_insert_with(Instant::now);
                self.shared.show_qr(self.id, Some(Qr { text, expires_at }));
                Flow::Continue
            }
            Some(ChannelEvent::Lacks(modules)) => {
                run.lacks = (!modules.is_empty()).then(|| format!("bridge_incomplete: {}", modules.join(", ")));
                if self.shared.roster.status(self.id) == Some(SessionStatus::Online) {
                    self.shared.show(self.id, SessionStatus::Online, run.lacks.as_deref()).await;
                }
                Flow::Continue
            }
            Some(ChannelEvent::Alive) => {
                self.shared.roster.set_beat(self.id, self.shared.clock.now());
                Flow::Continue
            }
            Some(ChannelEvent::Closed { reason }) => Flow::End(Ending::Broke { reason }),
            Some(event) => {
                self.report(event, run);
                Flow::Continue
            }
            None => Flow::End(Ending::Broke { reason: "channel_ended".to_owned() }),
        }
    }

    async fn on_state(&self, state: ChannelState, channel: &Arc<dyn Channel>, run: &mut Run) -> Flow {
        run.enter(&state);
        if !matches!(state, ChannelState::Unpaired) {
            self.shared.show_qr(self.id, None);
        }
        let (status, reason) = match state {
            ChannelState::Online { phone } if run.is_new_link => {
                run.settling = Some((Instant::now() + self.shared.settings.settle, phone));
                (SessionStatus::Syncing, Some("settling".to_owned()))
            }
            ChannelState::Online { phone } => return self.come_online(&phone, channel, run).await,
            ChannelState::Unpaired => {
                self.shared.has_no_account(self.id).await;
                (SessionStatus::Unpaired, None)
            }
            ChannelState::Pairing => (SessionStatus::Pairing, None),
            ChannelState::Syncing => (SessionStatus::Syncing, None),
            ChannelState::Reconnecting => (SessionStatus::Reconnecting, None),
            ChannelState::LoggedOut => (SessionStatus::LoggedOut, None),
            ChannelState::Restricted { reason } => (SessionStatus::Restricted, Some(reason)),
            ChannelState::ActionRequired { reason } => {
                self.diagnose(channel, &reason).await;
                (SessionStatus::ActionRequired, Some(reason))
            }
        };
        self.shared.show(self.id, status, reason.as_deref()).await;
        Flow::Continue
    }

    /// Messages can be handed to the session from now on.
    async fn come_online(&self, phone: &Phone, channel: &Arc<dyn Channel>, run: &mut Run) -> Flow {
        run.is_new_link = false;
        run.online_since.get_or_insert_with(Instant::now);
        let other = match self.shared.link(self.id, phone).await {
            Ok(other) => other,
            // Whose account it is decides what may be repeated through it: nothing is sent before that is written down.
            Err(error) => {
                tracing::error!(session = self.id.0, error = &error as &dyn std::error::Error, "number not stored");
                return Flow::End(Ending::Broke { reason: "database".to_owned() });
            }
        };
        run.is_double = other.is_some();
        let (status, reason) = if let Some(other) = other {
            self.shared.roster.set_channel(self.id, None);
            (SessionStatus::ActionRequired, Some(format!("already_linked: {other}")))
        } else if let Some(reason) = self.shared.roster.restriction(self.id) {
            (SessionStatus::Restricted, Some(reason))
        } else {
            self.shared.roster.set_channel(self.id, Some(Arc::clone(channel)));
            (SessionStatus::Online, run.lacks.clone())
        };
        self.shared.show(self.id, status, reason.as_deref()).await;
        if status == SessionStatus::Online {
            drop(self.shared.reports.send(Report::Online(self.id)));
        }
        Flow::Continue
    }

    /// Keeps what somebody needs who has to find out what went wrong.
    async fn diagnose(&self, channel: &Arc<dyn Channel>, reason: &str) {
        let (console, picture) = (channel.console(), channel.picture().await);
        let diagnosis = Diagnosis { at: self.shared.clock.now(), reason: reason.to_owned(), console, picture };
        self.shared.keep(self.id, &diagnosis).await;
    }

    /// Hands on what is the engine's business.
    fn report(&self, event: ChannelEvent, run: &Run) {
        if run.is_double {
            return;
        }
        let report = match event {
            ChannelEvent::Receipt { wire_id, receipt } => Report::Receipt { session: self.id, wire_id, receipt },
            ChannelEvent::Inbound(inbound) => Report::Inbound { session: self.id, inbound },
            ChannelEvent::Hidden(hidden) => Report::Hidden { session: self.id, hidden },
            ChannelEvent::Lid { lid, phone } => Report::Lid { lid, phone },
            _ => return,
        };
        // The engine stops listening only when the server shuts down.
        drop(self.shared.reports.send(report));
    }

    /// Nobody scanned the code: stops the browser rather than showing codes for days.
    async fn nobody_scanned(&self) -> Ending {
        self.shared.show(self.id, SessionStatus::Stopped, Some("qr_timeout")).await;
        self.stop_desiring("session.qr_timeout").await;
        Ending::Asked
    }

    async fn stop_desiring(&self, action: &'static str) {
        let audit = AuditEntry {
            actor: None,
            action,
            subject: format!("session:{}", self.id),
            detail: serde_json::Value::Null,
        };
        if let Err(error) =
            self.shared.store.set_desired(self.id, DesiredState::Stopped, self.shared.clock.now(), audit).await
        {
            tracing::error!(session = self.id.0, error = &error as &dyn std::error::Error, "desired state not stored");
        }
    }

    async fn discard_profile(&self) {
        if let Err(error) = self.shared.connector.discard_profile(&self.profile()).await {
            tracing::error!(session = self.id.0, error = &error as &dyn std::error::Error, "profile not put away");
        }
    }

    fn profile(&self) -> PathBuf {
        self.shared.settings.profiles.join(self.id.to_string())
    }
}
