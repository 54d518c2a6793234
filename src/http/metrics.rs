//! What monitoring reads: Prometheus text at `/metrics`, for an admin or for whoever has the configured token.

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, header::AUTHORIZATION, header::CONTENT_TYPE, request::Parts},
    response::IntoResponse,
};
use metrics::{counter, gauge};
use sha2::{Digest as _, Sha256};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{problem::Problem, sign_in::Admin, state::AppState};
use crate::{
    domain::{campaign::CampaignStatus, message::MessageState, session::SessionStatus},
    telemetry,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// An admin, or a machine with the token of `server.metrics_token`.
struct Monitor;

impl FromRequestParts<AppState> for Monitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = state.settings.metrics_token.as_deref();
        if let (Some(token), Some(given)) = (token, bearer(&parts.headers)) {
            // Digests, so that the time of the comparison tells nothing of the token.
            if Sha256::digest(token) == Sha256::digest(given) {
                return Ok(Self);
            }
        }
        Admin::from_request_parts(parts, state).await.map(|_| Self)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The server's metrics in the Prometheus text format. Names and units: `docs/operations.md`.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = OK, body = String, content_type = "text/plain")))]
async fn metrics(_: Monitor, State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let handle = telemetry::metrics();
    measure_sessions(&state).await?;
    measure_queues(&state).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()))
}

async fn measure_sessions(state: &AppState) -> Result<(), Problem> {
    let mut in_status: BTreeMap<SessionStatus, u32> = SessionStatus::ALL.iter().map(|status| (*status, 0)).collect();
    for session in state.store.sessions().await? {
        *in_status.entry(session.status).or_default() += 1;
        let health = state.fleet.health(session.id);
        let id = session.id.to_string();
        let load = health.load;
        counter!("whatsmassive_session_restarts_total", "session" => id.clone()).absolute(health.restarts.into());
        let memory = load.map_or(0, |load| load.usage.memory_bytes);
        gauge!("whatsmassive_session_memory_bytes", "session" => id.clone()).set(memory as f64);
        gauge!("whatsmassive_session_cpu_cores", "session" => id)
            .set(load.and_then(|load| load.cpu).unwrap_or_default());
    }
    for (status, count) in in_status {
        gauge!("whatsmassive_sessions", "status" => status.as_str()).set(count);
    }
    Ok(())
}

async fn measure_queues(state: &AppState) -> Result<(), Problem> {
    let mut in_state: BTreeMap<&str, i64> = MessageState::ALL.iter().map(|state| (state.as_str(), 0)).collect();
    for campaign in state.store.campaigns_that_are(&[CampaignStatus::Running]).await? {
        let counts = state.store.message_counts(campaign.id).await?;
        for message_state in MessageState::ALL {
            *in_state.entry(message_state.as_str()).or_default() += counts.get(*message_state) as i64;
        }
    }
    for (message_state, count) in in_state {
        gauge!("whatsmassive_campaign_messages", "state" => message_state).set(count as f64);
    }
    Ok(())
}
