//! How a number is, for those who look after it: what it uses, a check that asks each part, what it shows, why it broke.

use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::Part,
    extract::Path,
    page::Items,
    problem::{Kind, Problem},
    sign_in::Supervisor,
    state::{AppState, audit},
};
use crate::{
    domain::{
        health::{Diagnosis, Probe},
        id::SessionId,
        user::User,
    },
    fleet::Health,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(check))
        .routes(routes!(picture))
        .routes(routes!(diagnosis))
        .routes(routes!(diagnosis_picture))
}

/// How a number is, as far as this run of the server knows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionHealth)]
pub struct HealthView {
    /// Since when it has the status it has.
    #[schema(required)]
    since: Option<DateTime<Utc>>,
    /// How often its browser was started again since the server began.
    restarts: u32,
    /// The page's last sign of life.
    #[schema(required)]
    last_beat: Option<DateTime<Utc>>,
    /// What its browser takes of the machine's memory, in bytes: its own, and its share of what it has in common with others.
    #[schema(required)]
    memory_bytes: Option<u64>,
    /// The share of one processor core that its browser took at the last look.
    #[schema(required)]
    cpu: Option<f64>,
    /// When it last broke; `/diagnosis` tells what was seen.
    #[schema(required)]
    diagnosed: Option<DateTime<Utc>>,
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        Self {
            since: health.since,
            restarts: health.restarts,
            last_beat: health.last_beat,
            memory_bytes: health.load.map(|load| load.usage.memory_bytes),
            cpu: health.load.and_then(|load| load.cpu),
            diagnosed: health.diagnosed,
        }
    }
}

/// One step of a check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Probe)]
struct ProbeView {
    part: Part,
    is_fine: bool,
    /// What was found: a version, a state, an error.
    found: String,
    took_ms: u64,
}

impl From<Probe> for ProbeView {
    fn from(probe: Probe) -> Self {
        let took_ms = u64::try_from(probe.took.as_millis()).unwrap_or(u64::MAX);
        Self { part: probe.part.into(), is_fine: probe.is_fine, found: probe.found, took_ms }
    }
}

/// What was seen when a number broke.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Diagnosis)]
struct DiagnosisView {
    at: DateTime<Utc>,
    /// A stable code such as `page_crashed`, and perhaps more after `: `.
    reason: String,
    /// The last lines of the page's console, oldest first.
    console: Vec<String>,
    /// Whether there is a picture of the page.
    has_picture: bool,
}

impl From<Diagnosis> for DiagnosisView {
    fn from(seen: Diagnosis) -> Self {
        Self { at: seen.at, reason: seen.reason, console: seen.console, has_picture: seen.picture.is_some() }
    }
}

/// Asks each part of a number for a sign of life, up to the first that gives none. Empty while no browser runs.
#[utoipa::path(post, path = "/sessions/{id}/check", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = Items<ProbeView>)))]
async fn check(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<Items<ProbeView>>, Problem> {
    let session = find(&state, id).await?;
    Ok(axum::Json(state.fleet.check(session).await.into_iter().map(ProbeView::from).collect()))
}

/// What a number's page shows now, as a JPEG. It may show chats, so who looks is recorded.
#[utoipa::path(post, path = "/sessions/{id}/picture", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = Vec<u8>, content_type = "image/jpeg")))]
async fn picture(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let session = find(&state, id).await?;
    record(&state, &user, "session.picture", id).await?;
    let picture = state.fleet.picture(session).await.ok_or_else(|| Problem::new(Kind::NothingToSee))?;
    Ok(jpeg(picture))
}

/// What was seen when a number last broke, in this run of the server or one before; 404 where it never has.
#[utoipa::path(get, path = "/sessions/{id}/diagnosis", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = DiagnosisView)))]
async fn diagnosis(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<DiagnosisView>, Problem> {
    let seen = state.store.diagnosis(SessionId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(seen.into()))
}

/// What a number's page showed when it last broke, as a JPEG. It may show chats, so who looks is recorded.
#[utoipa::path(post, path = "/sessions/{id}/diagnosis/picture", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = Vec<u8>, content_type = "image/jpeg")))]
async fn diagnosis_picture(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let session = find(&state, id).await?;
    let seen = state.store.diagnosis(session).await?.ok_or_else(Problem::not_found)?;
    let picture = seen.picture.ok_or_else(|| Problem::new(Kind::NothingToSee))?;
    record(&state, &user, "session.diagnosis_picture", id).await?;
    Ok(jpeg(picture))
}

async fn find(state: &AppState, id: i64) -> Result<SessionId, Problem> {
    let session = state.store.session(SessionId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(session.id)
}

/// Writes down who looked, before there is anything to see.
async fn record(state: &AppState, user: &User, action: &'static str, id: i64) -> Result<(), Problem> {
    let entry = audit(user, action, format!("session:{id}"));
    Ok(state.store.record_audit(entry, state.clock.now()).await?)
}

fn jpeg(picture: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-store")], picture).into_response()
}
