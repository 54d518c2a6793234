//! The event bus: whoever changes something tells it, whoever watches subscribes.
//!
//! Events are hints. A subscriber that falls behind loses some ([`broadcast::error::RecvError::Lagged`]) and reads the
//! database again.

use tokio::sync::broadcast;

use crate::domain::event::Event;

/// How many events a slow subscriber may be behind before it loses the oldest.
const CAPACITY: usize = 4096;

/// A handle to the bus; cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus(broadcast::Sender<Event>);

impl Bus {
    /// A bus that nobody watches yet.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    /// Tells everyone who watches; nobody watching is fine.
    pub fn publish(&self, event: Event) {
        drop(self.0.send(event));
    }

    /// Watches from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}
