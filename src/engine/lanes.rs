//! One lane per session, shared by all pools: a session sends one message at a time, rests after each, and keeps to its caps, whoever
//! asks.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        id::SessionId,
        pacing::{Caps, DelayRange, Usage},
        routing::Availability,
    },
    fleet::Presence,
};

/// A session that was never used has been free for ever.
struct Lane {
    free_since: DateTime<Utc>,
    taken: bool,
    usage: Usage,
    delay: DelayRange,
    caps: Caps,
}

impl Default for Lane {
    fn default() -> Self {
        let (delay, caps) = (DelayRange::default(), Caps::default());
        Self { free_since: DateTime::UNIX_EPOCH, taken: false, usage: Usage::default(), delay, caps }
    }
}

/// The lanes of all sessions.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<SessionId, Lane>>);

impl Lanes {
    /// How fast the session may send from now on.
    pub fn set_pace(&self, session: SessionId, delay: DelayRange, caps: Caps) {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        (lane.delay, lane.caps) = (delay, caps);
    }

    /// The pause after a message.
    pub fn delay(&self, session: SessionId) -> DelayRange {
        self.lock().get(&session).map(|lane| lane.delay).unwrap_or_default()
    }

    /// What a pool can expect of a session that is in `presence`.
    pub fn availability(&self, session: SessionId, presence: &Presence, now: DateTime<Utc>) -> Availability {
        match presence {
            Presence::Out => Availability::Out,
            Presence::Away { since } => Availability::Away { since: *since },
            Presence::Online(_) => {
                let mut lanes = self.lock();
                let lane = lanes.entry(session).or_default();
                match lane.usage.capped_until(&lane.caps, now) {
                    _ if lane.taken => Availability::Busy,
                    Some(until) => Availability::Capped { until },
                    None => Availability::Free { since: lane.free_since },
                }
            }
        }
    }

    /// Counts a message that the session has claimed.
    pub fn record(&self, session: SessionId, at: DateTime<Utc>, new_chat: bool) {
        self.lock().entry(session).or_default().usage.record(at, new_chat);
    }

    /// What a session has sent in the day before `now`, and how many chats it opened.
    pub fn today(&self, session: SessionId, now: DateTime<Utc>) -> (u32, u32) {
        self.lock().get(&session).map_or((0, 0), |lane| lane.usage.today(now))
    }

    /// Takes the lane, unless somebody else has it.
    pub fn take(&self, session: SessionId) -> bool {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        !std::mem::replace(&mut lane.taken, true)
    }

    /// Gives back a lane that was used until `now`.
    pub fn release(&self, session: SessionId, now: DateTime<Utc>) {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        (lane.taken, lane.free_since) = (false, now);
    }

    /// Gives back a lane that was not used after all; it keeps its place in the line.
    pub fn give_back(&self, session: SessionId) {
        self.lock().entry(session).or_default().taken = false;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
