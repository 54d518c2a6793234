//! One lane per session, shared by all pools: a session sends one message at a time and rests after each, whoever asks.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::{id::SessionId, routing::Availability},
    fleet::Presence,
};

#[derive(Clone, Copy)]
enum Lane {
    Free { since: DateTime<Utc> },
    Taken { free_since: DateTime<Utc> },
}

/// The lanes of all sessions. A session that was never used has been free for ever.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<SessionId, Lane>>);

impl Lanes {
    /// What a pool can expect of a session that is in `presence`.
    pub fn availability(&self, session: SessionId, presence: &Presence) -> Availability {
        match presence {
            Presence::Out => Availability::Out,
            Presence::Away { since } => Availability::Away { since: *since },
            Presence::Online(_) => match self.lock().get(&session) {
                Some(Lane::Taken { .. }) => Availability::Busy,
                Some(Lane::Free { since }) => Availability::Free { since: *since },
                None => Availability::Free { since: DateTime::UNIX_EPOCH },
            },
        }
    }

    /// Takes the lane, unless somebody else has it.
    pub fn take(&self, session: SessionId) -> bool {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_insert(Lane::Free { since: DateTime::UNIX_EPOCH });
        match *lane {
            Lane::Free { since } => {
                *lane = Lane::Taken { free_since: since };
                true
            }
            Lane::Taken { .. } => false,
        }
    }

    /// Gives back a lane that was used until `now`.
    pub fn release(&self, session: SessionId, now: DateTime<Utc>) {
        self.lock().insert(session, Lane::Free { since: now });
    }

    /// Gives back a lane that was not used after all; it keeps its place in the line.
    pub fn give_back(&self, session: SessionId) {
        if let Some(lane) = self.lock().get_mut(&session)
            && let Lane::Taken { free_since } = *lane
        {
            *lane = Lane::Free { since: free_since };
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
