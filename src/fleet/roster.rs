//! What every session is doing right now, in memory, for those who must know without asking the database or an actor.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use chrono::{DateTime, Utc};

use crate::{
    channel::Channel,
    domain::{
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
    /// It is stopped, unlinked or restricted.
    Out,
}

#[derive(Default)]
struct Entry {
    status: Option<SessionStatus>,
    reason: Option<String>,
    /// Linked before, so that being started means being on the way to online.
    linked: bool,
    away_since: Option<DateTime<Utc>>,
    qr: Option<Qr>,
    channel: Option<Arc<dyn Channel>>,
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
