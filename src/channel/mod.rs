//! The seam to WhatsApp: what the fleet and the engine may ask of one session's connection, whichever way it is made.
//!
//! A channel reports through [`ChannelEvent`]s and answers questions; it keeps no queue and makes no decision. Every call has a
//! time limit of its own, and running into it means *unknown*, never *failed*.

pub mod web;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::domain::{
    conversation::{HiddenInbound, Inbound, Lid},
    failure::{Doubt, Failure},
    health::{Probe, Usage},
    id::SessionId,
    media::MediaFile,
    message::{Receipt, WireId},
    phone::Phone,
};

/// A message's full key on WhatsApp: chat, direction and id. It is journalled before the send, because the chat may be a `@lid`
/// that only the channel can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageKey(pub String);

/// What a channel is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelState {
    /// Waits for a phone to scan the QR code.
    Unpaired,
    /// A phone has scanned it.
    Pairing,
    /// Linked; loading.
    Syncing,
    /// Can send and receive, as this account.
    Online { phone: Phone },
    /// Was online; the connection is being made again.
    Reconnecting,
    /// The phone removed this device. Terminal: the profile is of no more use.
    LoggedOut,
    /// WhatsApp limits the account.
    Restricted { reason: String },
    /// Needs a person; `reason` is a stable code such as `conflict` or `passkey`, and may say more after a colon.
    ActionRequired { reason: String },
}

/// What a channel tells without being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelEvent {
    /// It does something else now.
    State(ChannelState),
    /// It shows this QR code, which a phone may scan before `expires_at`.
    Qr { text: String, expires_at: DateTime<Utc> },
    /// What became of a message sent through it.
    Receipt { wire_id: WireId, receipt: Receipt },
    /// Somebody wrote.
    Inbound(Inbound),
    /// Somebody wrote, and WhatsApp does not tell their number.
    Hidden(HiddenInbound),
    /// WhatsApp tells whose number an id hides.
    Lid { lid: Lid, phone: Phone },
    /// The page lacks these modules, which texts do without; none: it lacks nothing any more.
    Lacks(Vec<String>),
    /// It gave a sign of life.
    Alive,
    /// It broke and is of no more use; the last event. `reason` is a stable code such as `browser_exited`, `page_crashed`,
    /// `page_not_ready` or `heartbeat_lost`.
    Closed { reason: String },
}

/// How a send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// WhatsApp's server has it (ack 1 or more).
    Sent,
    /// It certainly did not leave.
    Rejected(Failure),
    /// It certainly did not leave, because WhatsApp restricts the account; `reason` is a stable code. Nothing else may go through it now.
    Restricted { reason: String },
    /// Nobody knows whether it left.
    Unknown(Doubt),
}

/// What the channel knows of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The server has it, with the furthest receipt known.
    Sent(Receipt),
    /// In the outbox of the account's device, not yet taken by the server; the channel has asked for it to be sent on.
    Pending,
    /// Certainly not there.
    Absent,
}

/// Why a question had no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The number is certainly not on WhatsApp.
    #[error("the number is not on WhatsApp")]
    NotOnWhatsApp,
    /// The channel is not online now; nothing happened.
    #[error("the session is not online")]
    NotOnline,
    /// No answer in time; it may or may not have happened.
    #[error("no answer from the page within {0:?}")]
    TimedOut(Duration),
    /// The page or the browser answered with an error; the text has no personal data.
    #[error("the page answered with an error: {0}")]
    Page(String),
    /// The browser is gone.
    #[error("the browser is gone")]
    Gone,
    /// The page could not get the file ready, or WhatsApp's server did not take it; the message has not left.
    #[error("the file was refused: {0}")]
    MediaRefused(String),
    /// WhatsApp does not let the account open new chats for now; the message has not left.
    #[error("the account may not open new chats")]
    NewChatsRestricted,
    /// WhatsApp does not have the file any more.
    #[error("the file is not there any more")]
    MediaGone,
    /// The file is larger than what is fetched.
    #[error("the file is too large")]
    MediaTooLarge,
}

/// One session's connection to WhatsApp.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Finds the chat with `to` and gives the full key a message with `id` will have. Sends nothing.
    async fn address(&self, to: &Phone, id: &WireId) -> Result<MessageKey, ChannelError>;

    /// Sends `body` under `key`, unless a message with that key exists, and waits until WhatsApp's server has it. With a file, `body` is
    /// the text under it, which may be empty.
    async fn send(&self, key: &MessageKey, body: &str, media: Option<&MediaFile>) -> SendOutcome;

    /// Fetches the file of a message that came in.
    async fn fetch(&self, _key: &MessageKey) -> Result<MediaFile, ChannelError> {
        Err(ChannelError::NotOnline)
    }

    /// Looks a message up by its key.
    async fn find(&self, key: &MessageKey) -> Result<Lookup, ChannelError>;

    /// Unlinks this device at WhatsApp.
    async fn log_out(&self) -> Result<(), ChannelError>;

    /// Ends the connection gracefully, so that the link survives; returns when nothing of it runs any more.
    async fn close(&self);

    /// A code that links the account of `phone` when it is typed into that phone, in place of scanning a QR code.
    async fn linking_code(&self, _phone: &Phone) -> Result<String, ChannelError> {
        Err(ChannelError::NotOnline)
    }

    /// Asks each part for a sign of life, up to the first that gives none. Nothing, where there are no parts to ask.
    async fn check(&self) -> Vec<Probe> {
        Vec::new()
    }

    /// What is on the screen, as a JPEG; it may show chats. Nothing, where there is no screen or it cannot be had.
    async fn picture(&self) -> Option<Vec<u8>> {
        None
    }

    /// The last things that the page wrote to its console, oldest first.
    fn console(&self) -> Vec<String> {
        Vec::new()
    }

    /// What it uses of this machine; nothing, where it runs elsewhere or is gone.
    async fn usage(&self) -> Option<Usage> {
        None
    }
}

/// What a channel needs to know of its session.
#[derive(Debug, Clone)]
pub struct ChannelSpec {
    pub session_id: SessionId,
    /// The session's own folder, which holds the link to the account.
    pub profile: PathBuf,
    /// Where events go; in order, the last is [`ChannelEvent::Closed`].
    pub events: mpsc::UnboundedSender<ChannelEvent>,
}

/// Why a channel could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the profile.
    #[error("the profile is in use by process {pid} on {host}")]
    ProfileInUse { pid: u32, host: String },
    /// The browser did not start.
    #[error("the browser did not start: {0}")]
    Browser(String),
    /// The script for the page cannot be used.
    #[error("the bridge script cannot be used: {0}")]
    Bridge(String),
    /// The page could not be reached; the network or WhatsApp is down.
    #[error("the page cannot be reached: {0}")]
    Unreachable(String),
    /// The proxy that browsers go through could not be reached, or does not let them through.
    #[error("the proxy cannot be reached: {0}")]
    Proxy(String),
    /// Another browser would take more memory than the machine has left.
    #[error("{free_mb} MB of memory are free, and a browser needs {needed_mb}")]
    NoMemory { free_mb: u64, needed_mb: u64 },
    /// A browser would not find the room on the disk to keep the link.
    #[error("{free_mb} MB of disk are free, and a browser needs {needed_mb}")]
    NoDiskSpace { free_mb: u64, needed_mb: u64 },
    /// The profile's folder could not be prepared.
    #[error("the profile's folder could not be prepared")]
    Profile(#[source] std::io::Error),
}

/// Opens channels.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Opens the channel of one session; from then on it reports through `spec.events`.
    async fn open(&self, spec: ChannelSpec) -> Result<Arc<dyn Channel>, OpenError>;

    /// Whether anybody answers at the other end, asked without opening a channel; true where that cannot be told. Has a time limit of its own.
    async fn is_reachable(&self) -> bool {
        true
    }

    /// Puts the profile of a session that is logged out or deleted out of the way, so that the next start shows a QR code.
    async fn discard_profile(&self, profile: &std::path::Path) -> std::io::Result<()>;
}
