//! One lane per session, shared by all pools: a session sends one message at a time, rests after each, and keeps to its caps, whoever
//! asks.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        id::{PoolId, SessionId},
        pacing::{Caps, DelayRange, Usage},
        routing::Availability,
    },
    fleet::Presence,
};

/// A session that was never used has been free for ever.
struct Lane {
    free_since: DateTime<Utc>,
    taken: bool,
    /// Pools that have found it taken, and wait.
    wanted: BTreeSet<PoolId>,
    usage: Usage,
    delay: DelayRange,
    caps: Caps,
}

impl Default for Lane {
    fn default() -> Self {
        let (delay, caps) = (DelayRange::default(), Caps::default());
        Self {
            free_since: DateTime::UNIX_EPOCH,
            taken: false,
            wanted: BTreeSet::new(),
            usage: Usage::default(),
            delay,
            caps,
        }
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
    pub fn availability(
        &self,
        pool: PoolId,
        session: SessionId,
        presence: &Presence,
        now: DateTime<Utc>,
    ) -> Availability {
        match presence {
            Presence::Restricted | Presence::Out => Availability::Out,
            Presence::Away { since } => Availability::Away { since: *since },
            Presence::Online(_) => {
                let mut lanes = self.lock();
                let lane = lanes.entry(session).or_default();
                if lane.taken {
                    lane.wanted.insert(pool);
                    return Availability::Busy;
                }
                match lane.usage.capped_until(&lane.caps, now) {
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

    /// Takes the lane for a pool, unless somebody else has it.
    pub fn take(&self, pool: PoolId, session: SessionId) -> bool {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        if lane.taken {
            lane.wanted.insert(pool);
        }
        !std::mem::replace(&mut lane.taken, true)
    }

    /// Gives back a lane that was used until `now`; gives the pools that have waited for it.
    pub fn release(&self, session: SessionId, now: DateTime<Utc>) -> BTreeSet<PoolId> {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        (lane.taken, lane.free_since) = (false, now);
        std::mem::take(&mut lane.wanted)
    }

    /// Gives back a lane that was not used after all; it keeps its place in the line. Gives the pools that have waited for it.
    pub fn give_back(&self, session: SessionId) -> BTreeSet<PoolId> {
        let mut lanes = self.lock();
        let lane = lanes.entry(session).or_default();
        lane.taken = false;
        std::mem::take(&mut lane.wanted)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_a_lane_taken_is_told_when_it_is_given_back() {
        let lanes = Lanes::default();
        let (session, first, second) = (SessionId(1), PoolId(1), PoolId(2));
        assert!(lanes.take(first, session));
        assert!(!lanes.take(second, session));
        assert_eq!(lanes.give_back(session), BTreeSet::from([second]));
        assert!(lanes.take(second, session));
        assert!(lanes.release(session, DateTime::UNIX_EPOCH).is_empty(), "nobody has asked since");
    }
}
