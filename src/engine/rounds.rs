//! One task a session for what may be asked for again while it is being done.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::domain::id::SessionId;

/// The sessions that a task is at, and whether it has been asked for again meanwhile.
#[derive(Default, Clone)]
pub(super) struct Rounds(Arc<Mutex<HashMap<SessionId, bool>>>);

/// A task that is at a session, until it is dropped, even by a panic.
pub(super) struct Round {
    rounds: Rounds,
    session: SessionId,
    is_over: bool,
}

impl Rounds {
    /// Begins, unless a task is at the session already: that one does it once more before it ends.
    pub fn begin(&self, session: SessionId) -> Option<Round> {
        let mut rounds = self.lock();
        if let Some(again) = rounds.get_mut(&session) {
            *again = true;
            return None;
        }
        rounds.insert(session, false);
        drop(rounds);
        Some(Round { rounds: self.clone(), session, is_over: false })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Round {
    /// Goes on if it was asked for again since it began or went on; whoever asks from the end on begins anew.
    pub fn again(mut self) -> Option<Self> {
        let rounds = self.rounds.clone();
        let mut rounds = rounds.lock();
        if rounds.insert(self.session, false) == Some(true) {
            return Some(self);
        }
        rounds.remove(&self.session);
        self.is_over = true;
        None
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        if !self.is_over {
            self.rounds.lock().remove(&self.session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_meanwhile_is_done_once_more_and_by_one_task() {
        let (rounds, session) = (Rounds::default(), SessionId(1));
        let first = rounds.begin(session).unwrap();
        assert!(rounds.begin(session).is_none());
        assert!(rounds.begin(SessionId(2)).is_some(), "another session has a task of its own");
        let first = first.again().unwrap();
        assert!(first.again().is_none());
        drop(rounds.begin(session).unwrap());
        assert!(rounds.begin(session).is_some(), "a task that was dropped is at it no more");
    }
}
