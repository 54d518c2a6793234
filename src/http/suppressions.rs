//! The suppression list: numbers that are never written to.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Checks, Json, Query},
    page::Items,
    problem::Problem,
    sessions::Named,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{domain::phone::Phone, store::Suppression};

/// The longest reason, in characters.
const REASON_LIMIT: usize = 500;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(lift))
}

/// A number on the suppression list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suppression)]
pub(super) struct SuppressionView {
    /// E.164.
    phone: String,
    /// `opted_out`, or a person's words.
    reason: String,
    /// Who put it there; null where the debtor did.
    #[schema(required)]
    created_by: Option<Named>,
    created_at: DateTime<Utc>,
}

/// A number to put on the list, or to take off.
#[derive(Deserialize, ToSchema)]
struct SuppressionIn {
    /// With its country code.
    phone: String,
    /// Why, up to 500 characters.
    reason: String,
}

/// Which numbers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuppressionsQuery {
    /// Part of a number.
    search: Option<String>,
}

/// The numbers on the list, the newest first, a thousand at the most.
#[utoipa::path(get, path = "/suppressions", tag = "suppressions", params(SuppressionsQuery),
    responses((status = OK, body = Items<SuppressionView>)))]
async fn list(
    _: SignedIn,
    State(state): State<AppState>,
    Query(query): Query<SuppressionsQuery>,
) -> Result<axum::Json<Items<SuppressionView>>, Problem> {
    let search = query.search.as_deref().filter(|search| !search.trim().is_empty());
    Ok(axum::Json(state.store.suppressions(search).await?.into_iter().map(SuppressionView::from).collect()))
}

/// Puts a number on the list: whatever was planned for it is not sent.
#[utoipa::path(post, path = "/suppressions", tag = "suppressions", request_body = SuppressionIn,
    responses((status = NO_CONTENT)))]
async fn add(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<SuppressionIn>,
) -> Result<StatusCode, Problem> {
    let (phone, reason) = input.check()?;
    let mut entry = audit(&user, "suppression.add", format!("phone:{}", phone.masked()));
    entry.detail = serde_json::json!({ "reason": reason });
    state.store.suppress(&phone, &reason, Some(user.id), state.clock.now(), entry).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a number off the list, for a reason that is kept.
#[utoipa::path(post, path = "/suppressions/lift", tag = "suppressions", request_body = SuppressionIn,
    responses((status = NO_CONTENT)))]
async fn lift(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<SuppressionIn>,
) -> Result<StatusCode, Problem> {
    let (phone, reason) = input.check()?;
    let mut entry = audit(&user, "suppression.lift", format!("phone:{}", phone.masked()));
    entry.detail = serde_json::json!({ "reason": reason });
    let lifted = state.store.unsuppress(&phone, state.clock.now(), entry).await?;
    if lifted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

impl SuppressionIn {
    fn check(self) -> Result<(Phone, String), Problem> {
        let mut checks = Checks::default();
        let phone = checks.keep("/phone", "invalid_phone", Phone::parse(&self.phone, None));
        let reason = checks.text("/reason", &self.reason, REASON_LIMIT);
        phone.zip(reason).ok_or_else(|| checks.into_problem())
    }
}

impl From<Suppression> for SuppressionView {
    fn from(suppression: Suppression) -> Self {
        Self {
            phone: suppression.phone.as_str().to_owned(),
            reason: suppression.reason,
            created_by: suppression.created_by.map(|(id, name)| Named { id: id.0, name }),
            created_at: suppression.created_at,
        }
    }
}
