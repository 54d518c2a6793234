//! The events that sockets carry, typed once: the OpenAPI document has them, and with it the web app.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use super::rooms::WatchCampaign;
use crate::{
    domain::{
        id::{CampaignId, SessionId},
        message::MessageCounts,
        session::Qr,
    },
    http::{
        campaign_view::Counts,
        enums::{CampaignStatus, MessageState, SessionStatus},
        qr::SessionQr,
    },
};

/// What the server tells; a property for each event.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the events; it is never built")]
pub struct ServerEvents {
    /// A session does something else now.
    #[schema(rename = "session.status")]
    session_status: SessionStatusEvent,
    /// A session shows another QR code, or none any more. Only to those who may link sessions.
    #[schema(rename = "session.qr")]
    session_qr: SessionQrEvent,
    /// A campaign got on; at most twice a second for each, and always the last state.
    #[schema(rename = "campaign.progress")]
    campaign_progress: CampaignProgressEvent,
    /// A message changed its state. Only to those who watch its campaign.
    #[schema(rename = "message.status")]
    message_status: MessageStatusEvent,
    /// Rows of an import were read or stored. Only to those who may import.
    #[schema(rename = "import.progress")]
    import_progress: ImportProgressEvent,
    /// Events were lost: fetch everything shown again.
    resync: ResyncEvent,
}

/// What a client may ask; a property for each event. Each is acknowledged with `{"ok": true}` or `{"error": Problem}`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the events; it is never built")]
pub struct ClientEvents {
    /// Hear of the campaign's messages from now on.
    #[schema(rename = "campaign.watch")]
    campaign_watch: WatchCampaign,
    /// Hear of them no more.
    #[schema(rename = "campaign.unwatch")]
    campaign_unwatch: WatchCampaign,
}

/// A session does something else now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionStatusEvent {
    pub session_id: i64,
    pub status: SessionStatus,
    #[schema(required)]
    pub status_reason: Option<String>,
}

/// The QR code that a session shows; nulls if none any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionQrEvent {
    pub session_id: i64,
    /// What the phone reads.
    #[schema(required)]
    pub qr: Option<String>,
    /// The same as an SVG in a `data:` URI.
    #[schema(required)]
    pub image: Option<String>,
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// How far a campaign is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CampaignProgressEvent {
    pub campaign_id: i64,
    pub status: CampaignStatus,
    pub counts: Counts,
}

/// A message's new state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageStatusEvent {
    pub campaign_id: i64,
    pub message_id: i64,
    pub state: MessageState,
}

/// How far an import is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportProgressEvent {
    pub import_id: i64,
    /// Rows done.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// Nothing more to say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResyncEvent {}

impl SessionQrEvent {
    /// What a session shows now. A code that cannot be drawn is told as none.
    pub(super) fn new(session: SessionId, qr: Option<Qr>) -> Self {
        let drawn = qr.and_then(|qr| {
            SessionQr::new(session, qr)
                .inspect_err(|error| tracing::error!(session = session.0, %error, "a QR code cannot be drawn"))
                .ok()
        });
        let (qr, image, expires_at) = match drawn {
            Some(qr) => (Some(qr.qr), Some(qr.image), Some(qr.expires_at)),
            None => (None, None, None),
        };
        Self { session_id: session.0, qr, image, expires_at }
    }
}

impl CampaignProgressEvent {
    pub(super) fn new(id: CampaignId, status: crate::domain::campaign::CampaignStatus, counts: &MessageCounts) -> Self {
        Self { campaign_id: id.0, status: status.into(), counts: counts.into() }
    }
}
