//! WhatsApp numbers: what a person wants of each, and what each is doing.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    caps::CapsView,
    enums::{ChannelKind, DesiredState, SessionStatus},
    extract::{Checks, Json, Path},
    page::Items,
    problem::Problem,
    qr::SessionQr,
    session_health::HealthView,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        id::SessionId,
        pacing::{DelayRange, DelayRangeError},
        session::{self, Session},
    },
    store::{NewSession, SessionPatch},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, change, remove))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(restart))
        .routes(routes!(log_out))
        .routes(routes!(qr))
}

/// A WhatsApp number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    id: i64,
    name: String,
    channel: ChannelKind,
    desired: DesiredState,
    status: SessionStatus,
    /// Why the status is what it is, as a stable code such as `qr_timeout`.
    #[schema(required)]
    status_reason: Option<String>,
    /// The account's own number in E.164, once linked.
    #[schema(required)]
    phone: Option<String>,
    /// The shortest pause after a message, in milliseconds.
    delay_min_ms: u32,
    /// The longest pause after a message, in milliseconds.
    delay_max_ms: u32,
    /// What it sends at the most.
    caps: CapsView,
    /// Messages it has sent in the last 24 hours.
    sent_today: u32,
    /// Chats it has opened in the last 24 hours.
    new_chats_today: u32,
    health: HealthView,
    /// The pools it is a member of.
    pools: Vec<Named>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Something by its id and its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Named {
    pub id: i64,
    pub name: String,
}

/// A number to add.
#[derive(Deserialize, ToSchema)]
struct SessionIn {
    /// Unique, up to 100 characters.
    name: String,
    /// In milliseconds, up to an hour; 4000 if absent.
    delay_min_ms: Option<u32>,
    /// In milliseconds, up to an hour; 9000 if absent.
    delay_max_ms: Option<u32>,
    /// 1000 messages and 300 new chats a day if absent.
    caps: Option<CapsView>,
    /// Connect at once; true if absent.
    start: Option<bool>,
}

/// What to change of a number.
#[derive(Deserialize, ToSchema)]
struct SessionPatchIn {
    name: Option<String>,
    delay_min_ms: Option<u32>,
    delay_max_ms: Option<u32>,
    caps: Option<CapsView>,
}

/// Every number.
#[utoipa::path(get, path = "/sessions", tag = "sessions", responses((status = OK, body = Items<SessionView>)))]
async fn list(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<SessionView>>, Problem> {
    let pools = state.store.pools().await?;
    let sessions = state.store.sessions().await?;
    let view = |session: Session| {
        let members = pools.iter().filter(|pool| pool.sessions().any(|member| member == session.id));
        SessionView::new(
            &state,
            session.clone(),
            members.map(|pool| Named { id: pool.id.0, name: pool.name.clone() }).collect(),
        )
    };
    Ok(axum::Json(sessions.into_iter().map(view).collect()))
}

/// Adds a number.
#[utoipa::path(post, path = "/sessions", tag = "sessions", request_body = SessionIn,
    responses((status = CREATED, body = SessionView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<SessionIn>,
) -> Result<(StatusCode, axum::Json<SessionView>), Problem> {
    let mut checks = Checks::default();
    let name = checks.name(&input.name);
    let delay = delay(&mut checks, input.delay_min_ms, input.delay_max_ms, DelayRange::default());
    let caps = input.caps.map(|caps| caps.check(&mut checks)).unwrap_or_default();
    let (Some(name), Some(delay)) = (name, delay) else {
        return Err(checks.into_problem());
    };
    checks.finish()?;
    let desired =
        if input.start.unwrap_or(true) { session::DesiredState::Running } else { session::DesiredState::Stopped };
    let session = NewSession { name, channel: session::ChannelKind::Web, desired, delay, caps };
    let session =
        state.store.create_session(session, state.clock.now(), audit(&user, "session.create", "session")).await?;
    state.fleet.wake(session.id);
    Ok((StatusCode::CREATED, axum::Json(SessionView::new(&state, session, Vec::new()))))
}

/// A number.
#[utoipa::path(get, path = "/sessions/{id}", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionView)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionView>, Problem> {
    let session = state.store.session(SessionId(id)).await?.ok_or_else(Problem::not_found)?;
    view(&state, session).await
}

/// Renames a number, or changes its pauses or caps.
#[utoipa::path(patch, path = "/sessions/{id}", tag = "sessions", params(("id" = i64, Path)), request_body = SessionPatchIn,
    responses((status = OK, body = SessionView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<SessionPatchIn>,
) -> Result<axum::Json<SessionView>, Problem> {
    let session = state.store.session(SessionId(id)).await?.ok_or_else(Problem::not_found)?;
    let mut checks = Checks::default();
    let name = input.name.as_deref().and_then(|name| checks.name(name));
    let delay = delay(&mut checks, input.delay_min_ms, input.delay_max_ms, session.delay);
    let caps = input.caps.map(|caps| caps.check(&mut checks));
    checks.finish()?;
    let entry = audit(&user, "session.change", format!("session:{id}"));
    let changed =
        state.store.update_session(session.id, SessionPatch { name, delay, caps }, state.clock.now(), entry).await?;
    view(&state, changed.ok_or_else(Problem::not_found)?).await
}

/// Removes a number and its link. Refused while a running campaign's pool needs it.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let session = SessionId(id);
    if !state
        .store
        .delete_session(session, state.clock.now(), audit(&user, "session.delete", format!("session:{id}")))
        .await?
    {
        return Err(Problem::not_found());
    }
    state.fleet.remove(session).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Connects a number; one that WhatsApp restricts may send again.
#[utoipa::path(post, path = "/sessions/{id}/start", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionView)))]
async fn start(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionView>, Problem> {
    let seen = want(user, &state, id, session::DesiredState::Running, "session.start").await?;
    if state.fleet.lift_restriction(SessionId(id)) {
        state.fleet.restart(SessionId(id));
    }
    Ok(seen)
}

/// Disconnects a number; its link stays.
#[utoipa::path(post, path = "/sessions/{id}/stop", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionView)))]
async fn stop(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionView>, Problem> {
    want(user, &state, id, session::DesiredState::Stopped, "session.stop").await
}

/// Disconnects a number and connects it again; one that WhatsApp restricts may send again.
#[utoipa::path(post, path = "/sessions/{id}/restart", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionView)))]
async fn restart(
    user: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionView>, Problem> {
    let seen = want(user, &state, id, session::DesiredState::Running, "session.restart").await?;
    state.fleet.lift_restriction(SessionId(id));
    state.fleet.restart(SessionId(id));
    Ok(seen)
}

/// Unlinks a number from its phone.
#[utoipa::path(post, path = "/sessions/{id}/logout", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionView)))]
async fn log_out(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionView>, Problem> {
    let id = SessionId(id);
    state.store.session(id).await?.ok_or_else(Problem::not_found)?;
    state.fleet.log_out(id).await?;
    tracing::info!(session = id.0, user = user.id.0, "a person unlinked the session");
    let session = state.store.session(id).await?.ok_or_else(Problem::not_found)?;
    view(&state, session).await
}

/// The QR code on show; 404 where there is none.
#[utoipa::path(get, path = "/sessions/{id}/qr", tag = "sessions", params(("id" = i64, Path)),
    responses((status = OK, body = SessionQr)))]
async fn qr(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<SessionQr>, Problem> {
    let qr = state.fleet.qr(SessionId(id)).ok_or_else(Problem::not_found)?;
    Ok(axum::Json(SessionQr::new(SessionId(id), qr)?))
}

async fn want(
    Supervisor(user): Supervisor,
    state: &AppState,
    id: i64,
    desired: session::DesiredState,
    action: &'static str,
) -> Result<axum::Json<SessionView>, Problem> {
    let entry = audit(&user, action, format!("session:{id}"));
    let session = state.store.set_desired(SessionId(id), desired, state.clock.now(), entry).await?;
    let session = session.ok_or_else(Problem::not_found)?;
    state.fleet.wake(session.id);
    view(state, session).await
}

async fn view(state: &AppState, session: Session) -> Result<axum::Json<SessionView>, Problem> {
    let pools = state.store.pools_of_session(session.id).await?;
    let pools = pools.into_iter().map(|pool| Named { id: pool.id.0, name: pool.name }).collect();
    Ok(axum::Json(SessionView::new(state, session, pools)))
}

fn delay(checks: &mut Checks, min: Option<u32>, max: Option<u32>, now: DelayRange) -> Option<DelayRange> {
    match DelayRange::new(min.unwrap_or(now.min_ms()), max.unwrap_or(now.max_ms())) {
        Ok(delay) => return Some(delay),
        Err(DelayRangeError::Reversed) => checks.reject("/delay_min_ms", "reversed", ""),
        Err(DelayRangeError::TooLong) => {
            checks.reject("/delay_max_ms", "out_of_range", format!("0–{}", DelayRange::LIMIT_MS))
        }
    }
    None
}

impl SessionView {
    fn new(state: &AppState, session: Session, pools: Vec<Named>) -> Self {
        let (sent_today, new_chats_today) = state.engine.sent_today(session.id);
        Self {
            id: session.id.0,
            name: session.name,
            channel: session.channel.into(),
            desired: session.desired.into(),
            status: session.status.into(),
            status_reason: session.status_reason,
            phone: session.phone.map(|phone| phone.as_str().to_owned()),
            delay_min_ms: session.delay.min_ms(),
            delay_max_ms: session.delay.max_ms(),
            caps: session.caps.into(),
            sent_today,
            new_chats_today,
            health: state.fleet.health(session.id).into(),
            pools,
            created_at: session.created_at,
            updated_at: session.updated_at,
        }
    }
}
