//! How fast a campaign sends, and when it will have sent all.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{enums::WhyUnknown, extract::Path, problem::Problem, sign_in::SignedIn, state::AppState};
use crate::domain::{
    campaign::{
        Campaign,
        forecast::{Allowance, End, Forecast, MEMORY, Outlook, Unknown},
    },
    clocks,
    id::{CampaignId, SessionId},
    message::MessageState,
    session::SessionStatus,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(forecast))
}

/// What is to be expected of a campaign, by what it has sent lately, its hours, the hours of the contact policy, and what its numbers may
/// still send by their caps.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignForecast {
    /// Messages a minute over the last 15 minutes, or the last hour where there were few; null where too few have left.
    #[schema(required)]
    per_minute: Option<f64>,
    /// When all that is planned will have left, or when its plan ends it; null where nobody can say.
    #[schema(required)]
    ends_at: Option<DateTime<Utc>>,
    /// About how many messages will not have left when its plan ends it.
    unsent: u64,
    /// Why nobody can say when it ends.
    #[schema(required)]
    unknown: Option<WhyUnknown>,
    /// Until when that is so, where that is known.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// How fast a campaign sends, and when it will have sent all. Follow-ups count once they are planned.
#[utoipa::path(get, path = "/campaigns/{id}/forecast", tag = "campaigns", params(("id" = i64, Path)),
    responses((status = OK, body = CampaignForecast)))]
async fn forecast(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<CampaignForecast>, Problem> {
    let campaign = state.store.campaign(CampaignId(id)).await?.ok_or_else(Problem::not_found)?;
    let now = state.clock.now();
    let counts = state.store.message_counts(campaign.id).await?;
    let passage = state.store.passage(campaign.id, now - MEMORY).await?;
    let policy = state.store.contact_policy().await?;
    let outlook = Outlook {
        status: campaign.status,
        plan: &campaign.plan,
        hours: &policy.hours,
        clocks: passage.last.as_ref().map(clocks::of_phone).unwrap_or_default(),
        departures: &passage.departures,
        open: [MessageState::Planned, MessageState::Queued, MessageState::Sending]
            .iter()
            .map(|state| counts.get(*state))
            .sum(),
        due: passage.due,
        allowance: allowance(&state, &campaign, now).await?,
    };
    Ok(axum::Json(outlook.forecast(now).into()))
}

/// What the numbers of its pools that are online may send in a day; none where one of them has no cap, or none is online.
async fn allowance(state: &AppState, campaign: &Campaign, now: DateTime<Utc>) -> Result<Option<Allowance>, Problem> {
    let pools = state.store.pools().await?;
    let uses = |session: SessionId| {
        pools.iter().any(|pool| campaign.pools.contains(&pool.id) && pool.sessions().any(|member| member == session))
    };
    let sessions = state.store.sessions().await?.into_iter();
    let able = sessions.filter(|session| session.status == SessionStatus::Online && uses(session.id));
    let allowances: Option<Vec<_>> =
        able.map(|session| session.caps.allowance(state.engine.sent_today(session.id), now)).collect();
    let sum = |allowances: Vec<(u32, u32)>| {
        allowances.into_iter().fold(Allowance { per_day: 0, left: 0 }, |sum, (per_day, left)| Allowance {
            per_day: sum.per_day + u64::from(per_day),
            left: sum.left + u64::from(left),
        })
    };
    Ok(allowances.filter(|allowances| !allowances.is_empty()).map(sum))
}

impl From<Forecast> for CampaignForecast {
    fn from(Forecast { per_minute, end }: Forecast) -> Self {
        let (end, unknown) = (end.ok(), end.err());
        Self {
            per_minute,
            ends_at: end.map(|End { at, .. }| at),
            unsent: end.map_or(0, |End { unsent, .. }| unsent),
            unknown: unknown.map(|Unknown { why, .. }| why.into()),
            until: unknown.and_then(|Unknown { until, .. }| until),
        }
    }
}
