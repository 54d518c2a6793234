//! Holds the lease that lets this server send, and knows for how long.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use nix::time::{ClockId, clock_gettime};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::clock::Clock,
    store::{Held, Store, StoreError, Token},
};

/// How often it is renewed within its term.
const RENEWALS: u32 = 3;
/// How often a lease that another server holds is asked for again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The lease of this server.
pub(super) struct Lease {
    pub token: Token,
    term: Duration,
    /// Counted on a clock that nobody puts back, and on one that does not stand still while the machine sleeps.
    valid_until: Mutex<(Instant, Duration)>,
    /// Cancelled when another server has it.
    pub lost: CancellationToken,
}

/// This process, as others see it: its number, and in which place it is one. Two containers on one machine may have the same name and number
/// their processes alike, and so may two machines.
fn me() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let (host, boot) = (read("/proc/sys/kernel/hostname"), read("/proc/sys/kernel/random/boot_id"));
    let numbering = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {host} {boot} {}", std::process::id(), numbering.display())
}

/// Whether a holder is this process, or was one in this place that has ended.
fn has_ended(holder: &str) -> bool {
    let me = me();
    let (Some((pid, place)), Some((_, here))) = (holder.split_once(' '), me.split_once(' ')) else { return false };
    place == here && (holder == me || !std::path::Path::new("/proc").join(pid).exists())
}

/// How long the machine has been up, its sleep included.
fn uptime() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default()
}

impl Lease {
    /// Takes the lease. One whose holder does not renew it, for example since its machine is gone, is waited for.
    pub async fn take(store: &Store, clock: &Clock, term: Duration) -> Result<Self, StoreError> {
        let mut seen: Option<Held> = None;
        loop {
            let until = (Instant::now() + term, uptime() + term);
            match store.take_lease(&me(), delta(term), clock.now(), has_ended).await? {
                Ok(token) => {
                    let valid_until = Mutex::new(until);
                    return Ok(Self { token, term, valid_until, lost: CancellationToken::new() });
                }
                // It was renewed while we waited: somebody is there.
                Err(held) if seen.as_ref().is_some_and(|seen| *seen != held) => {
                    return Err(StoreError::Held(held.holder));
                }
                Err(held) => {
                    if seen.is_none() {
                        tracing::warn!(
                            holder = held.holder,
                            "waiting whether another server holds on to this database"
                        );
                    }
                    seen = Some(held);
                }
            }
            tokio::time::sleep(PATIENCE).await;
        }
    }

    /// Whether it is certain that no other server has it.
    pub fn is_valid(&self) -> bool {
        let (until, sleepless) = *self.valid_until.lock().unwrap_or_else(PoisonError::into_inner);
        Instant::now() < until && uptime() < sleepless
    }

    /// Renews it until the server stops, or until another one has it.
    pub async fn keep(&self, store: &Store, clock: &Clock, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(self.term / RENEWALS) => {}
            }
            let until = (Instant::now() + self.term, uptime() + self.term);
            match store.renew_lease(self.token, delta(self.term), clock.now()).await {
                Ok(true) => *self.valid_until.lock().unwrap_or_else(PoisonError::into_inner) = until,
                Ok(false) => {
                    tracing::error!("another server works on this database now; this one stops");
                    self.lost.cancel();
                    return;
                }
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "lease not renewed"),
            }
        }
    }

    /// Gives it back, so that the next server need not wait.
    pub async fn give_back(&self, store: &Store) {
        if let Err(error) = store.give_back_lease(self.token).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "lease not given back");
        }
    }
}

fn delta(term: Duration) -> TimeDelta {
    TimeDelta::from_std(term).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_gone_has_ended() {
        let here = me().split_once(' ').map(|(_, here)| here.to_owned()).unwrap_or_default();
        assert!(has_ended(&me()), "it can take over from itself");
        assert!(has_ended(&format!("4294967295 {here}")));
        assert!(!has_ended(&format!("1 {here}")));
        assert!(!has_ended("4294967295 elsewhere"), "nobody knows of other machines");
        let (outside, _) = here.rsplit_once(' ').unwrap_or_default();
        assert!(!has_ended(&format!("{} {outside} pid:[1]", std::process::id())), "nor of other containers");
        assert!(!has_ended("nonsense"));
    }
}
