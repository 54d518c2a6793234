//! Campaigns: a template to an audience through a pool.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    campaign_in::{CampaignIn, CampaignPatchIn},
    campaign_view::{AudienceView, CampaignView, Names},
    enums::CampaignStatus,
    extract::{Json, Path, Query},
    page::{List, page},
    problem::{Kind, Problem},
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        campaign::{CampaignAction, Plan, Step, Steps},
        id::CampaignId,
    },
    store::{NewCampaign, StoreError},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(audience))
        .routes(routes!(read, change, remove))
        .routes(routes!(duplicate))
        .routes(routes!(retry))
        .routes(routes!(start))
        .routes(routes!(schedule))
        .routes(routes!(unschedule))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
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
        campaign = if campaign.plan.starts_at.is_some_and(|at| at > state.clock.now()) {
            let entry = audit(&user, "campaign.schedule", format!("campaign:{}", campaign.id));
            state.engine.act(campaign.id, CampaignAction::Schedule, entry).await?
        } else {
            let entry = audit(&user, "campaign.start", format!("campaign:{}", campaign.id));
            state.engine.launch(campaign.id, entry).await?
        };
    }
    Ok((StatusCode::CREATED, CampaignView::of(&state, campaign).await?))
}

/// Changes a draft; or of a paused campaign its name, its pools and its plan.
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "campaigns", params(("id" = i64, Path)),
    request_body = CampaignPatchIn, responses((status = OK, body = CampaignView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<CampaignPatchIn>,
) -> Result<axum::Json<CampaignView>, Problem> {
    let patch = input.check(&state).await?;
    let entry = audit(&user, "campaign.change", format!("campaign:{id}"));
    let campaign = state.engine.change(CampaignId(id), patch, entry).await?;
    CampaignView::of(&state, campaign).await
}

/// Takes a draft, or a campaign that is over, out of sight. Its ledger stays.
#[utoipa::path(delete, path = "/campaigns/{id}", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "campaign.delete", format!("campaign:{id}"));
    let hidden = state.store.hide_campaign(CampaignId(id), state.clock.now(), entry).await?;
    if hidden { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Makes a draft that is like a campaign.
#[utoipa::path(post, path = "/campaigns/{id}/duplicate", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = CREATED, body = CampaignView)))]
async fn duplicate(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<(StatusCode, axum::Json<CampaignView>), Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    // Times of its own are for a person to choose.
    let plan = Plan { starts_at: None, ends_at: None, ..campaign.plan };
    let steps = campaign.steps.0.into_iter().filter(|step| matches!(step, Step::FollowUp { .. }));
    let stem: String = campaign.name.chars().take(80).collect();
    for number in 2..100 {
        let copy = NewCampaign {
            name: format!("{stem} ({number})"),
            pools: campaign.pools.clone(),
            template_id: campaign.template_id,
            audience: campaign.audience.clone(),
            plan: plan.clone(),
            steps: Steps(steps.clone().collect()),
            created_by: user.id,
        };
        let entry = audit(&user, "campaign.duplicate", format!("campaign:{id}"));
        match state.store.create_campaign(copy, state.clock.now(), entry).await {
            Ok(copy) => return Ok((StatusCode::CREATED, CampaignView::of(&state, copy).await?)),
            Err(StoreError::Unique { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Kind::NameTaken).at("/name", "taken", ""))
}

/// Sends once more, as a new step of the ledger, what has failed and may succeed. 422 where there is nothing.
#[utoipa::path(post, path = "/campaigns/{id}/retry", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn retry(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    let entry = audit(&user, "campaign.retry", format!("campaign:{id}"));
    let (campaign, _) = state.engine.retry(CampaignId(id), entry).await?;
    CampaignView::of(&state, campaign).await
}

/// How many active debtors an audience has.
#[utoipa::path(post, path = "/campaigns/audience", tag = "campaigns", request_body = AudienceView,
    responses((status = OK, body = AudienceCount)))]
async fn audience(
    _: Supervisor,
    State(state): State<AppState>,
    Json(input): Json<AudienceView>,
) -> Result<axum::Json<AudienceCount>, Problem> {
    let count = state.store.audience_count(&input.into(), state.clock.now().date_naive()).await?;
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

/// Lets a draft begin by itself at the time of its plan.
#[utoipa::path(post, path = "/campaigns/{id}/schedule", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn schedule(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    if campaign.plan.starts_at.is_none() {
        return Err(Problem::new(Kind::Validation).at("/plan/starts_at", "required", ""));
    }
    act(user, &state, id, CampaignAction::Schedule, "campaign.schedule").await
}

/// Makes a scheduled campaign a draft again.
#[utoipa::path(post, path = "/campaigns/{id}/unschedule", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignView)))]
async fn unschedule(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignView>, Problem> {
    act(user, &state, id, CampaignAction::Unschedule, "campaign.unschedule").await
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
    let pools = state.store.pools().await?;
    let mut pools = pools.iter().filter(|pool| campaign.pools.contains(&pool.id));
    if pools.all(|pool| pool.members.is_empty()) {
        return Err(Problem::new(Kind::EmptyPool));
    }
    if state.store.audience_count(&campaign.audience, state.clock.now().date_naive()).await? == 0 {
        return Err(Problem::new(Kind::EmptyAudience));
    }
    Ok(())
}
