//! A conversation: what one session and one person have written to each other.

use chrono::{DateTime, Utc};

use super::{
    id::{ConversationId, DebtorId, SessionId},
    media::InboundMedia,
    phone::Phone,
};

/// A conversation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: ConversationId,
    /// None once the session was deleted.
    pub session_id: Option<SessionId>,
    /// The other person.
    pub phone: Phone,
    /// The debtor with that phone, if there is one.
    pub debtor_id: Option<DebtorId>,
    pub last_message_at: DateTime<Utc>,
}

/// A text that somebody sent to one of our sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub from: Phone,
    /// The id WhatsApp gave it; the same id twice is the same message.
    pub wire_id: String,
    /// What they wrote, or wrote under a file; empty where they wrote nothing.
    pub body: String,
    /// The file that came with it.
    pub media: Option<InboundMedia>,
    pub at: DateTime<Utc>,
}
