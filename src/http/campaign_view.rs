//! Campaigns as clients see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    campaign_in::FollowUpView, campaign_plan::PlanView, enums::CampaignStatus, problem::Problem, sessions::Named,
    state::AppState,
};
use crate::domain::{
    campaign::{Audience, Campaign},
    id::{PoolId, SegmentId, TemplateId},
    message::{MessageCounts, MessageState as S},
};

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub struct CampaignView {
    id: i64,
    name: String,
    /// The pools it goes through.
    pools: Vec<Named>,
    template: Named,
    audience: AudienceView,
    plan: PlanView,
    follow_ups: Vec<FollowUpView>,
    status: CampaignStatus,
    /// Why it was paused, or did not begin, by itself: a stable code such as `too_many_errors`, perhaps followed by `: detail`.
    #[schema(required)]
    pause_reason: Option<String>,
    counts: Counts,
    created_at: DateTime<Utc>,
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    /// When it was finished or cancelled.
    #[schema(required)]
    ended_at: Option<DateTime<Utc>>,
    created_by: Named,
}

/// Who gets a message: active debtors with any of the tags, or all active ones if there is no tag; if a segment is named, those in it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Audience)]
pub struct AudienceView {
    tags: Vec<String>,
    segment_id: Option<i64>,
}

/// How many messages are in each state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MessageCounts)]
pub struct Counts {
    planned: u64,
    queued: u64,
    sending: u64,
    sent: u64,
    delivered: u64,
    read: u64,
    failed: u64,
    suppressed: u64,
    uncertain: u64,
    cancelled: u64,
    total: u64,
}

impl From<&MessageCounts> for Counts {
    fn from(counts: &MessageCounts) -> Self {
        Self {
            planned: counts.get(S::Planned),
            queued: counts.get(S::Queued),
            sending: counts.get(S::Sending),
            sent: counts.get(S::Sent),
            delivered: counts.get(S::Delivered),
            read: counts.get(S::Read),
            failed: counts.get(S::Failed),
            suppressed: counts.get(S::Suppressed),
            uncertain: counts.get(S::Uncertain),
            cancelled: counts.get(S::Cancelled),
            total: counts.total(),
        }
    }
}

impl From<AudienceView> for Audience {
    fn from(view: AudienceView) -> Self {
        let mut tags: Vec<_> =
            view.tags.iter().map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect();
        tags.sort();
        tags.dedup();
        Self { tags, segment: view.segment_id.map(SegmentId) }
    }
}

/// The names of pools and templates, read once for a page of campaigns.
pub(super) struct Names {
    pools: HashMap<PoolId, String>,
    templates: HashMap<TemplateId, String>,
}

impl Names {
    pub async fn read(state: &AppState) -> Result<Self, Problem> {
        let pools = state.store.pools().await?;
        let templates = state.store.templates().await?;
        Ok(Self {
            pools: pools.into_iter().map(|pool| (pool.id, pool.name)).collect(),
            templates: templates.into_iter().map(|template| (template.id, template.name)).collect(),
        })
    }

    pub async fn view(
        &self,
        state: &AppState,
        campaign: Campaign,
        counts: &MessageCounts,
    ) -> Result<CampaignView, Problem> {
        let creator = state.store.user(campaign.created_by).await?;
        let pool = |id: &PoolId| Named { id: id.0, name: self.pools.get(id).cloned().unwrap_or_default() };
        let template = self.templates.get(&campaign.template_id).cloned().unwrap_or_default();
        Ok(CampaignView {
            id: campaign.id.0,
            name: campaign.name,
            pools: campaign.pools.iter().map(pool).collect(),
            template: Named { id: campaign.template_id.0, name: template },
            audience: AudienceView {
                tags: campaign.audience.tags,
                segment_id: campaign.audience.segment.map(|id| id.0),
            },
            plan: (&campaign.plan).into(),
            follow_ups: campaign.steps.0.iter().filter_map(FollowUpView::of).collect(),
            pause_reason: campaign.pause_reason,
            status: campaign.status.into(),
            counts: counts.into(),
            created_at: campaign.created_at,
            started_at: campaign.started_at,
            ended_at: campaign.ended_at,
            created_by: Named { id: campaign.created_by.0, name: creator.map(|user| user.name).unwrap_or_default() },
        })
    }
}

impl CampaignView {
    /// One campaign with its counts.
    pub async fn of(state: &AppState, campaign: Campaign) -> Result<axum::Json<Self>, Problem> {
        let counts = state.store.message_counts(campaign.id).await?;
        Ok(axum::Json(Names::read(state).await?.view(state, campaign, &counts).await?))
    }
}
