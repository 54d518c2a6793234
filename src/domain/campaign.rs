//! A campaign: one template to an audience through a pool, and the life it goes through.

use chrono::{DateTime, Utc};

use super::{
    id::{CampaignId, PoolId, TemplateId, UserId},
    text_enum,
};

text_enum! {
    /// Where a campaign is in its life.
    pub enum CampaignStatus {
        /// Being prepared; nothing is frozen.
        Draft = "draft",
        /// Sending.
        Running = "running",
        /// Held by a person; messages in flight still settle.
        Paused = "paused",
        /// Every message is settled.
        Finished = "finished",
        /// Stopped for good by a person; what was not sent never will be.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What a person, or the engine, asks of a campaign.
    pub enum CampaignAction {
        Start = "start",
        Pause = "pause",
        Resume = "resume",
        Cancel = "cancel",
        Finish = "finish",
    }
}

/// An action that the campaign's status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {status} campaign cannot {action}")]
pub struct IllegalAction {
    pub status: CampaignStatus,
    pub action: CampaignAction,
}

impl CampaignStatus {
    /// The status after `action`.
    pub fn apply(self, action: CampaignAction) -> Result<Self, IllegalAction> {
        use CampaignAction as A;
        match (self, action) {
            (Self::Draft, A::Start) | (Self::Paused, A::Resume) => Ok(Self::Running),
            (Self::Running, A::Pause) => Ok(Self::Paused),
            (Self::Draft | Self::Running | Self::Paused, A::Cancel) => Ok(Self::Cancelled),
            (Self::Running, A::Finish) => Ok(Self::Finished),
            (status, action) => Err(IllegalAction { status, action }),
        }
    }

    /// Whether nothing can happen to the campaign any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Cancelled)
    }
}

/// Who gets a campaign's message: active debtors with any of `tags`, or all of them where there is no tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    pub tags: Vec<String>,
}

/// A campaign as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    /// Unique, chosen by a person.
    pub name: String,
    pub pool_id: PoolId,
    pub template_id: TemplateId,
    /// The text as it was at launch; empty in a draft. A later edit of the template does not change a running campaign.
    pub body: String,
    pub audience: Audience,
    pub status: CampaignStatus,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    /// When it was finished or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
}
