//! Segments: filters of debtors with names, which campaigns can have for their audience.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_filter::FilterView,
    extract::{Checks, Json, Path},
    page::Items,
    problem::Problem,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::domain::{debtor_filter::DebtorFilter, id::SegmentId, segment::Segment};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(change, remove))
}

/// A filter of debtors with a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
struct SegmentView {
    id: i64,
    name: String,
    filter: FilterView,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A segment to store.
#[derive(Deserialize, ToSchema)]
struct SegmentIn {
    /// Unique, up to 100 characters.
    name: String,
    filter: FilterView,
}

/// Every segment.
#[utoipa::path(get, path = "/segments", tag = "segments", responses((status = OK, body = Items<SegmentView>)))]
async fn list(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<SegmentView>>, Problem> {
    Ok(axum::Json(state.store.segments().await?.into_iter().map(SegmentView::from).collect()))
}

/// Gives a filter a name.
#[utoipa::path(post, path = "/segments", tag = "segments", request_body = SegmentIn,
    responses((status = CREATED, body = SegmentView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<SegmentIn>,
) -> Result<(StatusCode, axum::Json<SegmentView>), Problem> {
    let (name, filter) = input.check()?;
    let entry = audit(&user, "segment.create", "segment");
    let segment = state.store.create_segment(&name, &filter, user.id, state.clock.now(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(segment.into())))
}

/// Changes a segment. Campaigns that have begun keep the audience they began with.
#[utoipa::path(put, path = "/segments/{id}", tag = "segments", params(("id" = i64, Path)), request_body = SegmentIn,
    responses((status = OK, body = SegmentView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<SegmentIn>,
) -> Result<axum::Json<SegmentView>, Problem> {
    let (name, filter) = input.check()?;
    let entry = audit(&user, "segment.change", format!("segment:{id}"));
    let segment = state.store.change_segment(SegmentId(id), &name, &filter, state.clock.now(), entry).await?;
    Ok(axum::Json(segment.ok_or_else(Problem::not_found)?.into()))
}

/// Deletes a segment that is not the audience of a campaign that is still to begin.
#[utoipa::path(delete, path = "/segments/{id}", tag = "segments", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "segment.delete", format!("segment:{id}"));
    let gone = state.store.delete_segment(SegmentId(id), state.clock.now(), entry).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

impl SegmentIn {
    fn check(self) -> Result<(String, DebtorFilter), Problem> {
        let mut checks = Checks::default();
        let name = checks.name(&self.name);
        let filter = self.filter.read(&mut checks, "/filter");
        let Some(name) = name else { return Err(checks.into_problem()) };
        checks.finish()?;
        Ok((name, filter))
    }
}

impl From<Segment> for SegmentView {
    fn from(segment: Segment) -> Self {
        Self {
            id: segment.id.0,
            name: segment.name,
            filter: (&segment.filter).into(),
            created_at: segment.created_at,
            updated_at: segment.updated_at,
        }
    }
}
