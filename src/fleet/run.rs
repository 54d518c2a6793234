//! One run of a session's channel, from its opening to its end: since when it is in which state, and how long it may be.

use std::time::Duration;

use tokio::time::Instant;

use crate::{channel::ChannelState, domain::phone::Phone};

/// How long a session may be on its way before the browser is started anew: from a scan to the link, without a connection to WhatsApp,
/// and loading what the phone sends. Chosen by us: well over what each takes when it works.
const PAIRING: Duration = Duration::from_secs(60);
const RECONNECTING: Duration = Duration::from_secs(45);
/// How often in a row a page is waited for once more while nobody answers at the other end: it connects by itself, and sooner than a browser
/// that would be started then. Six minutes in all, after which it gets a new browser all the same.
const WAITS: u32 = 8;
const SYNCING: Duration = Duration::from_secs(10 * 60);

/// Why a page that found no connection is given up.
const NO_CONNECTION: &str = "no_connection";

/// What has happened in one run of the channel.
#[derive(Default)]
pub(super) struct Run {
    pub qr_since: Option<Instant>,
    pub online_since: Option<Instant>,
    /// What the page lacks, as a reason to show while it is online.
    pub lacks: Option<String>,
    /// Another session has the account: nothing is sent through this one, and what it hears that one hears, too.
    pub is_double: bool,
    /// The account was linked in this run, and has not settled yet.
    pub is_new_link: bool,
    /// The link is on its way to the disk: a death of the browser in these seconds would lose it.
    pub settling: Option<(Instant, Phone)>,
    /// When the state it is in has lasted too long, and the reason that is then given.
    pub late_at: Option<Instant>,
    pub late: &'static str,
    /// How often it was waited for once more.
    waits: u32,
}

impl Run {
    /// The channel is in this state now.
    pub fn enter(&mut self, state: &ChannelState) {
        if !matches!(state, ChannelState::Unpaired) {
            self.qr_since = None;
        }
        self.is_new_link |= matches!(state, ChannelState::Unpaired | ChannelState::Pairing);
        self.settling = None;
        let (limit, late) = match state {
            ChannelState::Pairing => (PAIRING, "stuck_pairing"),
            ChannelState::Reconnecting => (RECONNECTING, NO_CONNECTION),
            ChannelState::Syncing => (SYNCING, "stuck_syncing"),
            _ => {
                (self.late_at, self.waits) = (None, 0);
                return;
            }
        };
        // From one state of a kind to the next the time goes on; it starts anew when another kind begins.
        if self.late_at.is_none() || self.late != late {
            self.late_at = Some(Instant::now() + limit);
            self.late = late;
        }
    }

    /// Whether it is worth waiting for once more, should nobody answer at the other end.
    pub fn may_wait(&self) -> bool {
        self.late == NO_CONNECTION && self.waits < WAITS
    }

    /// Waits for it once more.
    pub fn wait(&mut self) {
        self.waits += 1;
        self.late_at = Some(Instant::now() + RECONNECTING);
    }
}

/// Waits until the link is on the disk; gives the account.
pub(super) async fn settled(settling: &Option<(Instant, Phone)>) -> Phone {
    match settling {
        Some((at, phone)) => {
            tokio::time::sleep_until(*at).await;
            phone.clone()
        }
        None => std::future::pending().await,
    }
}

/// Sleeps until then, or for ever.
pub(super) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Sleeps for `limit`, or for ever.
pub(super) async fn sleep_for(limit: Option<Duration>) {
    sleep_until(limit.map(|limit| Instant::now() + limit)).await;
}
