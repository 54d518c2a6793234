//! Campaigns: a template to an audience through a pool.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    campaign_view::{AudienceView, CampaignView, Names},
    enums::CampaignStatus,
    extract::{Checks, Json, Path, Query},
    page::{List, page},
    problem::Problem,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        campaign::{Audience, CampaignAction},
        id::{CampaignId, PoolId, TemplateId},
        user::User,
    },
    store::NewCampaign,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(audience))
        .routes(routes!(read))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
}

/// A campaign to make.
#[derive(Deserialize, ToSchema)]
struct CampaignIn {
    /// Unique, up to 100 characters.
    name: String,
    pool_id: i64,
    template_id: i64,
    audience: AudienceView,
    /// Launch at once; false if absent.
    start: Option<bool>,
}

/// How many debtors an audience has.
#[derive(Debug, Serialize, ToSchema)]
struct AudienceCount {
    count: u64,
}

/// Which campaigns.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CampaignsQuery {
    #[param(inline)]
    status: Option<CampaignStatus>,
    /// How many items, 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// Campaigns, page by page, the newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(CampaignsQuery),
    responses((status = OK, body = List<CampaignView>)))]
async fn list(
    _: SignedIn,
    State(state): State<AppState>,
    Query(query): Query<CampaignsQuery>,
) -> Result<axum::Json<List<CampaignView>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let campaigns = state.store.campaigns(query.status.map(Into::into), page).await?;
    let names = Names::read(&state).await?;
    let mut items = Vec::with_capacity(campaigns.items.len());
    for campaign in campaigns.items {
        let counts = state.store.message_counts(campaign.id).await?;
        items.push(names.view(&state, campaign, &counts).await?);
    }
    Ok(axum::Json(List { items, next_cursor: campaigns.next_cursor, total: campaigns.total }))
}

/// Makes a campaign, and launches it if asked to.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = CampaignIn,
    responses((status = CREATED, body = CampaignView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<CampaignIn>,
) -> Result<(StatusCode, axum::Json<CampaignView>), Problem> {
    let start = input.start.unwrap_or(false);
    let campaign = input.check(&state, &user).await?;
    if start {
        // Told before anything is made, so that a launch that cannot be leaves no draft behind.
        refuse_empty(&state, &campaign).await?;
    }
    let entry = audit(&user, "campaign.create", "campaign");
    let mut campaign = state.store.create_campaign(campaign, state.clock.now(), entry).await?;
    if start {
        let entry = audit(&user, "campaign.start", format!("campaign:{}", campaign.id));
        campaign = state.engine.launch(campaign.id, entry).await?;
    }
    Ok((StatusCode::CREATED, CampaignView::of(&state, campaign).await?))
}

/// How many active debtors have any of the tags; all active ones if there is no tag.
#[utoipa::path(post, path = "/campaigns/audience", tag = "campaigns", request_body = AudienceView,
    responses((status = OK, body = AudienceCount)))]
async fn audience(
    _: Supervisor,
    State(state): State<AppState>,
    Json(input): Json<AudienceView>,
) -> Result<axum::Json<AudienceCount>, Problem> {
    let count = state.store.audience_count(&input.into()).await?;
    Ok(axum::Json(AudienceCount { count }))
}

/// A campaign.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    CampaignView::of(&state, campaign).await
}

/// Freezes a draft's audience and starts sending.
#[utoipa::path(post, path = "/campaigns/{id}/start", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn start(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    let entry = audit(&user, "campaign.start", format!("campaign:{id}"));
    let campaign = state.engine.launch(CampaignId(id), entry).await?;
    CampaignView::of(&state, campaign).await
}

/// Holds a running campaign; messages in flight still settle.
#[utoipa::path(post, path = "/campaigns/{id}/pause", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn pause(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    act(user, &state, id, CampaignAction::Pause, "campaign.pause").await
}

/// Lets a paused campaign go on.
#[utoipa::path(post, path = "/campaigns/{id}/resume", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn resume(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    act(user, &state, id, CampaignAction::Resume, "campaign.resume").await
}

/// Stops a campaign for good; what was not sent never will be.
#[utoipa::path(post, path = "/campaigns/{id}/cancel", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn cancel(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    act(user, &state, id, CampaignAction::Cancel, "campaign.cancel").await
}

async fn act(
    Supervisor(user): Supervisor,
    state: &AppState,
    id: i64,
    action: CampaignAction,
    name: &'static str,
) -> Result<axum::Json<CampaignView>, Problem> {
    let entry = audit(&user, name, format!("campaign:{id}"));
    let campaign = state.engine.act(CampaignId(id), action, entry).await?;
    CampaignView::of(state, campaign).await
}

async fn refuse_empty(state: &AppState, campaign: &NewCampaign) -> Result<(), Problem> {
    use super::problem::Kind;
    if state.store.pool(campaign.pool_id).await?.is_none_or(|pool| pool.members.is_empty()) {
        return Err(Problem::new(Kind::EmptyPool));
    }
    if state.store.audience_count(&campaign.audience).await? == 0 {
        return Err(Problem::new(Kind::EmptyAudience));
    }
    Ok(())
}

impl CampaignIn {
    async fn check(self, state: &AppState, user: &User) -> Result<NewCampaign, Problem> {
        let mut checks = Checks::default();
        let name = checks.name(&self.name);
        let (pool_id, template_id) = (PoolId(self.pool_id), TemplateId(self.template_id));
        if state.store.pool(pool_id).await?.is_none() {
            checks.reject("/pool_id", "unknown", "");
        }
        if state.store.template(template_id).await?.is_none() {
            checks.reject("/template_id", "unknown", "");
        }
        let Some(name) = name else {
            return Err(checks.into_problem());
        };
        checks.finish()?;
        Ok(NewCampaign { name, pool_id, template_id, audience: Audience::from(self.audience), created_by: user.id })
    }
}
