//! Holds a stream of updates to a pace, one stream per key, without ever losing the last one.

use std::{collections::HashMap, hash::Hash, time::Duration};

use tokio::time::Instant;

/// Updates on their way, each key at its own pace.
#[derive(Debug)]
pub(super) struct Coalescer<K, V> {
    pace: Duration,
    slots: HashMap<K, Slot<V>>,
}

#[derive(Debug)]
struct Slot<V> {
    /// When the next update may pass.
    open_at: Instant,
    waiting: Option<V>,
}

impl<K: Eq + Hash + Copy, V> Coalescer<K, V> {
    /// Lets one update per key pass in each `pace`.
    pub fn new(pace: Duration) -> Self {
        Self { pace, slots: HashMap::new() }
    }

    /// Gives the update back if it may pass now; else keeps it in place of one that waits.
    pub fn offer(&mut self, key: K, value: V, now: Instant) -> Option<V> {
        let slot = self.slots.entry(key).or_insert(Slot { open_at: now, waiting: None });
        if slot.open_at > now {
            slot.waiting = Some(value);
            return None;
        }
        *slot = Slot { open_at: now + self.pace, waiting: None };
        Some(value)
    }

    /// When [`Coalescer::due`] has something to do; none if nothing waits and nothing is remembered.
    pub fn next_due(&self) -> Option<Instant> {
        self.slots.values().map(|slot| slot.open_at).min()
    }

    /// The updates that may pass now; keys with nothing to wait for are forgotten.
    pub fn due(&mut self, now: Instant) -> Vec<V> {
        let mut passing = Vec::new();
        let pace = self.pace;
        self.slots.retain(|_, slot| {
            if slot.open_at > now {
                return true;
            }
            let Some(value) = slot.waiting.take() else {
                return false;
            };
            passing.push(value);
            slot.open_at = now + pace;
            true
        });
        passing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Duration = Duration::from_millis(500);

    #[test]
    fn the_first_passes_at_once_and_the_last_when_its_time_has_come() {
        let (mut coalescer, start) = (Coalescer::new(PACE), Instant::now());
        assert_eq!(coalescer.offer(1, "a", start), Some("a"));
        assert_eq!(coalescer.offer(1, "b", start), None);
        assert_eq!(coalescer.offer(1, "c", start + PACE / 2), None);
        assert_eq!(coalescer.offer(2, "other", start), Some("other"));
        assert!(coalescer.due(start + PACE / 2).is_empty());
        assert_eq!(coalescer.next_due(), Some(start + PACE));
        assert_eq!(coalescer.due(start + PACE), ["c"]);
        assert_eq!(coalescer.next_due(), Some(start + 2 * PACE));
        assert!(coalescer.due(start + 2 * PACE).is_empty());
        assert_eq!(coalescer.next_due(), None);
    }

    #[test]
    fn no_key_passes_more_than_twice_a_second() {
        let (mut coalescer, start) = (Coalescer::new(PACE), Instant::now());
        let mut passed = 0;
        for millisecond in 0..1000 {
            let now = start + Duration::from_millis(millisecond);
            passed += usize::from(coalescer.offer(1, millisecond, now).is_some()) + coalescer.due(now).len();
        }
        assert_eq!(passed, 2);
    }
}
