//! What just happened, for those who watch. Events notify; the database is the truth.

use super::{
    campaign::CampaignStatus,
    id::{CampaignId, ConversationId, ImportId, MessageId, SessionId},
    message::{MessageCounts, MessageState},
    session::{Qr, SessionStatus},
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A session's observed status changed.
    SessionStatus { session_id: SessionId, status: SessionStatus, reason: Option<String> },
    /// A session shows a new QR code, or none any more.
    SessionQr { session_id: SessionId, qr: Option<Qr> },
    /// A campaign's status or counts changed.
    CampaignProgress { campaign_id: CampaignId, status: CampaignStatus, counts: MessageCounts },
    /// A message of a campaign changed its state.
    MessageStatus { campaign_id: CampaignId, message_id: MessageId, state: MessageState },
    /// Rows of an import were read or stored.
    ImportProgress { import_id: ImportId, done: u64, total: u64 },
    /// Somebody wrote to one of our sessions.
    Inbound { conversation_id: ConversationId },
}
