//! What every session is doing right now, in memory, for those who must know without asking the database or an actor.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use chrono::{DateTime, Utc};

use super::health::{Health, Load};
use crate::{
    channel::Channel,
    domain::{
        health::Usage,
        id::SessionId,
        session::{Qr, SessionStatus},
    },
};

/// Whether messages can be handed to a session.
#[derive(Clone)]
pub enum Presence {
    /// Through this channel, now.
    Online(Arc<dyn Channel>),
    /// It is on its way to being online since that instant.
    Away { since: DateTime<Utc> },
    /// WhatsApp restricts it: what is its own waits for it.
    Restricted,
    /// It is stopped, unlinked or broken.
    Out,
}

#[derive(Default)]
struct Entry {
    status: Option<SessionStatus>,
    reason: Option<String>,
    /// Why WhatsApp restricts it, until a person starts it again.
    restriction: Option<String>,
    /// Linked before, so that being started means being on the way to online.
    linked: bool,
    away_since: Option<DateTime<Utc>>,
    qr: Option<Qr>,
    /// Where messages go; only while it is online.
    channel: Option<Arc<dyn Channel>>,
    /// The channel that is open, whatever it is doing.
    open: Option<Arc<dyn Channel>>,
    since: Option<DateTime<Utc>>,
    opened: u32,
    beat: Option<DateTime<Utc>>,
    load: Option<Load>,
    diagnosed: Option<DateTime<Utc>>,
}

/// The entries, one a session.
#[derive(Default)]
pub(super) struct Roster(RwLock<HashMap<SessionId, Entry>>);

impl Roster {
    /// Whether anything changed.
    pub fn set_status(
        &self,
        session: SessionId,
        status: SessionStatus,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> bool {
        let mut entries = self.write();
        let entry = entries.entry(session).or_default();
        if entry.status == Some(status) && entry.reason.as_deref() == reason {
            return false;
        }
        if entry.status != Some(status) {
            entry.since = Some(now);
        }
        entry.status = Some(status);
        entry.reason = reason.map(str::to_owned);
        entry.linked |= status == SessionStatus::Online;
        entry.away_since = match status {
            SessionStatus::Starting | SessionStatus::Pairing | SessionStatus::Syncing | SessionStatus::Reconnecting => {
                entry.away_since.or(Some(now))
            }
            _ => None,
        };
        true
    }

    /// Nothing goes through the session from now on.
    pub fn restrict(&self, session: SessionId, reason: &str) {
        self.write().entry(session).or_default().restriction = Some(reason.to_owned());
    }

    /// It may send again; whether it was restricted.
    pub fn lift(&self, session: SessionId) -> bool {
        self.write().get_mut(&session).is_some_and(|entry| entry.restriction.take().is_some())
    }

    pub fn restriction(&self, session: SessionId) -> Option<String> {
        self.read().get(&session)?.restriction.clone()
    }

    pub fn set_linked(&self, session: SessionId, linked: bool) {
        self.write().entry(session).or_default().linked = linked;
    }

    /// Whether anything changed.
    pub fn set_qr(&self, session: SessionId, qr: Option<Qr>) -> bool {
        let mut entries = self.write();
        let entry = entries.entry(session).or_default();
        let changed = entry.qr != qr;
        entry.qr = qr;
        changed
    }

    pub fn set_channel(&self, session: SessionId, channel: Option<Arc<dyn Channel>>) {
        self.write().entry(session).or_default().channel = channel;
    }

    /// A channel was opened.
    pub fn open(&self, session: SessionId, channel: &Arc<dyn Channel>) {
        let mut entries = self.write();
        let entry = entries.entry(session).or_default();
        entry.open = Some(Arc::clone(channel));
        entry.opened += 1;
    }

    /// It is being closed.
    pub fn close(&self, session: SessionId) {
        let mut entries = self.write();
        let entry = entries.entry(session).or_default();
        (entry.open, entry.load, entry.beat) = (None, None, None);
    }

    /// The channel that is open.
    pub fn opened(&self, session: SessionId) -> Option<Arc<dyn Channel>> {
        self.read().get(&session)?.open.clone()
    }

    pub fn status(&self, session: SessionId) -> Option<SessionStatus> {
        self.read().get(&session)?.status
    }

    /// Every open channel.
    pub fn all_open(&self) -> Vec<(SessionId, Arc<dyn Channel>)> {
        self.read().iter().filter_map(|(id, entry)| Some((*id, Arc::clone(entry.open.as_ref()?)))).collect()
    }

    pub fn set_beat(&self, session: SessionId, now: DateTime<Utc>) {
        self.write().entry(session).or_default().beat = Some(now);
    }

    pub fn set_load(&self, session: SessionId, usage: Usage, now: DateTime<Utc>) {
        let mut entries = self.write();
        let entry = entries.entry(session).or_default();
        entry.load = Some(Load::after(entry.load, usage, now));
    }

    /// It broke at that time, and what was seen is in the database.
    pub fn set_diagnosed(&self, session: SessionId, at: DateTime<Utc>) {
        self.write().entry(session).or_default().diagnosed = Some(at);
    }

    /// How the session is, for those who look after it.
    pub fn health(&self, session: SessionId) -> Health {
        let entries = self.read();
        let Some(entry) = entries.get(&session) else {
            return Health::default();
        };
        Health {
            since: entry.since,
            restarts: entry.opened.saturating_sub(1),
            last_beat: entry.beat,
            load: entry.load,
            diagnosed: entry.diagnosed,
        }
    }

    pub fn remove(&self, session: SessionId) {
        self.write().remove(&session);
    }

    pub fn qr(&self, session: SessionId) -> Option<Qr> {
        self.read().get(&session)?.qr.clone()
    }

    pub fn qrs(&self) -> Vec<(SessionId, Qr)> {
        self.read().iter().filter_map(|(id, entry)| Some((*id, entry.qr.clone()?))).collect()
    }

    pub fn presence(&self, session: SessionId) -> Presence {
        let entries = self.read();
        let Some(entry) = entries.get(&session) else {
            return Presence::Out;
        };
        let is_restricted = entry.restriction.is_some() || entry.status == Some(SessionStatus::Restricted);
        if is_restricted && entry.status.is_none_or(|status| status.is_live() || status == SessionStatus::Restricted) {
            return Presence::Restricted;
        }
        match (&entry.channel, entry.status, entry.away_since) {
            (Some(channel), Some(status), _) if status.can_send() => Presence::Online(Arc::clone(channel)),
            (_, _, Some(since)) if entry.linked => Presence::Away { since },
            _ => Presence::Out,
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<SessionId, Entry>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<SessionId, Entry>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
