//! A network that is away: what keeps a session from starting browsers for nothing.

use crate::channel::{Connector, OpenError};

/// How many attempts in a row are made without a browser while nobody answers at the other end. Then one is started all the same: what it
/// meets may differ from what we meet.
const SPARED: u32 = 4;

/// Why the last browser got nowhere, where that was for want of a network.
#[derive(Default)]
pub(super) struct Outage {
    reason: Option<String>,
    /// Attempts since then that did without a browser.
    spared: u32,
}

impl Outage {
    /// A browser was started, and got nowhere for this reason.
    pub fn note(&mut self, error: &OpenError, reason: &str) {
        let is_of_the_network = matches!(error, OpenError::Unreachable(_) | OpenError::Proxy(_));
        *self = Self { reason: is_of_the_network.then(|| reason.to_owned()), spared: 0 };
    }

    /// Why a browser would get nowhere now, if that can be told without one.
    pub async fn persists(&mut self, connector: &dyn Connector) -> Option<String> {
        let reason = self.reason.clone()?;
        if self.spared >= SPARED || connector.is_reachable().await {
            *self = Self::default();
            return None;
        }
        self.spared += 1;
        Some(reason)
    }
}
