//! Campaigns as clients send them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{campaign_plan::PlanIn, campaign_view::AudienceView, extract::Checks, problem::Problem, state::AppState};
use crate::{
    domain::{
        campaign::{Audience, Plan, Step, Steps},
        id::{PoolId, TemplateId},
        user::User,
    },
    store::{CampaignPatch, NewCampaign},
};

/// Follow-ups of one campaign.
pub(super) const FOLLOW_UPS: usize = 10;
/// Pools of one campaign.
const POOLS: usize = 20;
/// A year, in minutes.
const YEAR: u32 = 525_600;

/// A campaign to make.
#[derive(Deserialize, ToSchema)]
pub(super) struct CampaignIn {
    /// Unique, up to 100 characters.
    name: String,
    /// The pools it goes through, 1 to 20.
    pool_ids: Vec<i64>,
    template_id: i64,
    audience: AudienceView,
    /// At once, at any hour the contact policy allows, if absent.
    plan: Option<PlanIn>,
    /// Further messages, up to 10, in their order; none if absent.
    follow_ups: Option<Vec<FollowUpView>>,
    /// Launch at once, or schedule it where the plan has a time; false if absent.
    pub start: Option<bool>,
}

/// What to change of a campaign. Once it has begun, only its name, its pools and its plan can change, while it is paused.
#[derive(Deserialize, ToSchema)]
pub(super) struct CampaignPatchIn {
    name: Option<String>,
    pool_ids: Option<Vec<i64>>,
    template_id: Option<i64>,
    audience: Option<AudienceView>,
    plan: Option<PlanIn>,
    follow_ups: Option<Vec<FollowUpView>>,
}

/// A message after the first one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FollowUp)]
pub(super) struct FollowUpView {
    pub template_id: i64,
    /// After the message before has left, 1 to 525600 (a year).
    pub after_minutes: u32,
    /// Whether a debtor who has written since the campaign began is left alone.
    pub stop_if_replied: bool,
    /// Whether a debtor who has promised to pay is left alone: while a promise is open and its day, on the clock of the plan, has not
    /// passed, and once one was kept since the campaign began. False where a request leaves it out.
    #[serde(default)]
    #[schema(required)]
    pub stop_if_promised: bool,
}

impl CampaignIn {
    pub async fn check(self, state: &AppState, user: &User) -> Result<NewCampaign, Problem> {
        let mut checks = Checks::default();
        let name = checks.name(&self.name);
        let pools = pools(&mut checks, state, &self.pool_ids).await?;
        let template_id = template(&mut checks, state, "/template_id", self.template_id).await?;
        let plan = match &self.plan {
            Some(plan) => plan.check(&mut checks, state.clock.now()),
            None => Some(Plan::default()),
        };
        let steps = steps(&mut checks, state, &self.follow_ups.unwrap_or_default()).await?;
        let audience = audience(&mut checks, state, self.audience).await?;
        let (Some(name), Some(plan)) = (name, plan) else {
            return Err(checks.into_problem());
        };
        checks.finish()?;
        Ok(NewCampaign { name, pools, template_id, audience, plan, steps, created_by: user.id })
    }
}

impl CampaignPatchIn {
    pub async fn check(self, state: &AppState) -> Result<CampaignPatch, Problem> {
        let mut checks = Checks::default();
        let name = self.name.as_deref().and_then(|name| checks.name(name));
        let pools = match &self.pool_ids {
            Some(ids) => Some(pools(&mut checks, state, ids).await?),
            None => None,
        };
        let template_id = match self.template_id {
            Some(id) => Some(template(&mut checks, state, "/template_id", id).await?),
            None => None,
        };
        let plan = self.plan.as_ref().and_then(|plan| plan.check(&mut checks, state.clock.now()));
        let steps = match &self.follow_ups {
            Some(follow_ups) => Some(steps(&mut checks, state, follow_ups).await?),
            None => None,
        };
        let audience = match self.audience {
            Some(view) => Some(audience(&mut checks, state, view).await?),
            None => None,
        };
        checks.finish()?;
        Ok(CampaignPatch { name, pools, plan, template_id, audience, steps })
    }
}

async fn pools(checks: &mut Checks, state: &AppState, ids: &[i64]) -> Result<Vec<PoolId>, Problem> {
    if ids.is_empty() || ids.len() > POOLS {
        checks.reject("/pool_ids", "out_of_range", format!("1–{POOLS}"));
    }
    let known = state.store.pools().await?;
    let mut pools = Vec::new();
    for (index, &id) in ids.iter().enumerate() {
        if pools.contains(&PoolId(id)) {
            checks.reject(format!("/pool_ids/{index}"), "duplicate", "");
        } else if known.iter().all(|pool| pool.id != PoolId(id)) {
            checks.reject(format!("/pool_ids/{index}"), "unknown", "");
        } else {
            pools.push(PoolId(id));
        }
    }
    Ok(pools)
}

async fn audience(checks: &mut Checks, state: &AppState, view: AudienceView) -> Result<Audience, Problem> {
    let audience = Audience::from(view);
    if let Some(id) = audience.segment
        && state.store.segment(id).await?.is_none()
    {
        checks.reject("/audience/segment_id", "unknown", "");
    }
    Ok(audience)
}

async fn template(checks: &mut Checks, state: &AppState, pointer: &str, id: i64) -> Result<TemplateId, Problem> {
    if state.store.template(TemplateId(id)).await?.is_none() {
        checks.reject(pointer, "unknown", "");
    }
    Ok(TemplateId(id))
}

async fn steps(checks: &mut Checks, state: &AppState, follow_ups: &[FollowUpView]) -> Result<Steps, Problem> {
    if follow_ups.len() > FOLLOW_UPS {
        checks.reject("/follow_ups", "too_long", FOLLOW_UPS);
    }
    let mut steps = Vec::new();
    for (index, view) in follow_ups.iter().enumerate() {
        template(checks, state, &format!("/follow_ups/{index}/template_id"), view.template_id).await?;
        if !(1..=YEAR).contains(&view.after_minutes) {
            checks.reject(format!("/follow_ups/{index}/after_minutes"), "out_of_range", format!("1–{YEAR}"));
        }
        steps.push(Step::FollowUp {
            template_id: view.template_id,
            body: String::new(),
            media_id: None,
            after_minutes: view.after_minutes,
            stop_if_replied: view.stop_if_replied,
            stop_if_promised: view.stop_if_promised,
        });
    }
    Ok(Steps(steps))
}

impl FollowUpView {
    /// The view of a step that is a follow-up.
    pub fn of(step: &Step) -> Option<Self> {
        match step {
            Step::FollowUp { template_id, after_minutes, stop_if_replied, stop_if_promised, .. } => Some(Self {
                template_id: *template_id,
                after_minutes: *after_minutes,
                stop_if_replied: *stop_if_replied,
                stop_if_promised: *stop_if_promised,
            }),
            Step::Retry { .. } => None,
        }
    }
}
