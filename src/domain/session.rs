//! A session: one WhatsApp account that we drive, what we want of it and what it is doing.

use chrono::{DateTime, Utc};

use super::{
    id::SessionId,
    pacing::{Caps, DelayRange},
    phone::Phone,
    text_enum,
};

text_enum! {
    /// How a session reaches WhatsApp.
    pub enum ChannelKind {
        /// WhatsApp Web in a headless Chromium.
        Web = "web",
    }
}

text_enum! {
    /// What a person wants of the session; the fleet works towards it.
    pub enum DesiredState {
        /// Not connected, no browser.
        Stopped = "stopped",
        /// Connected, or on its way there.
        Running = "running",
    }
}

text_enum! {
    /// What the session was last seen doing.
    pub enum SessionStatus {
        /// No browser runs.
        Stopped = "stopped",
        /// A browser is being started.
        Starting = "starting",
        /// Shows a QR code and waits for a phone.
        Unpaired = "unpaired",
        /// A phone has scanned the code; keys are being exchanged.
        Pairing = "pairing",
        /// Linked; history is being loaded.
        Syncing = "syncing",
        /// Can send and receive.
        Online = "online",
        /// Was online; the connection is being made again.
        Reconnecting = "reconnecting",
        /// WhatsApp limits the account; nothing is sent through it.
        Restricted = "restricted",
        /// The phone removed this device; it has to be linked again.
        LoggedOut = "logged_out",
        /// Needs a person, for the reason given.
        ActionRequired = "action_required",
        /// Gave up after repeated errors, for the reason given.
        Failed = "failed",
    }
}

impl SessionStatus {
    /// Whether messages may be handed to the session.
    pub const fn can_send(self) -> bool {
        matches!(self, Self::Online)
    }

    /// Whether a browser should be running while the session is in this status.
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Unpaired | Self::Pairing | Self::Syncing | Self::Online | Self::Reconnecting
        )
    }
}

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    /// Unique, chosen by a person, for example "Cobranzas 1".
    pub name: String,
    pub channel: ChannelKind,
    pub desired: DesiredState,
    pub status: SessionStatus,
    /// Why the status is what it is, where that is not obvious; a stable code such as `qr_timeout`.
    pub status_reason: Option<String>,
    /// Why WhatsApp restricts the account, as a stable code: nothing is sent through it until a person starts it again.
    pub restriction: Option<String>,
    /// The account's own number, known once linked.
    pub phone: Option<Phone>,
    /// The pause after each message.
    pub delay: DelayRange,
    /// What it sends at the most.
    pub caps: Caps,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A QR code on show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// What the phone reads. A secret: it links a device to the account.
    pub text: String,
    /// When WhatsApp stops accepting it.
    pub expires_at: DateTime<Utc>,
}
