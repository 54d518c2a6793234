//! Whether the server is alive, and whether it can do its work.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// That the server answers.
#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// Always `alive`.
    status: &'static str,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// Whether the database answers.
    database: bool,
    /// Whether the fleet has begun its work and is not shutting down.
    fleet: bool,
}

/// Whether the server answers at all.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = OK, body = Alive)))]
async fn alive() -> axum::Json<Alive> {
    axum::Json(Alive { status: "alive" })
}

/// Whether the database and the fleet answer.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = OK, body = Ready), (status = SERVICE_UNAVAILABLE, body = Ready)))]
async fn ready(State(state): State<AppState>) -> (StatusCode, axum::Json<Ready>) {
    let database = state.store.ping().await.is_ok();
    let fleet = state.fleet.is_ready();
    let (code, status) =
        if database && fleet { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not_ready") };
    (code, axum::Json(Ready { status, database, fleet }))
}
