//! Linking a number by its phone number: a code that a person types into the phone, in place of scanning.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_in::phone,
    extract::{Checks, Json, Path},
    problem::Problem,
    sign_in::Supervisor,
    state::{AppState, audit},
};
use crate::domain::id::SessionId;

/// How long WhatsApp takes a code: it renews them every three minutes.
const LASTS: TimeDelta = TimeDelta::minutes(3);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(linking_code))
}

/// Whose phone the code is typed into.
#[derive(Deserialize, ToSchema)]
struct LinkingIn {
    /// The account's own number, with its country code.
    phone: String,
}

/// A code that links a number.
#[derive(Serialize, ToSchema)]
struct LinkingCode {
    /// What is typed into the phone. A secret.
    code: String,
    expires_at: DateTime<Utc>,
}

/// Asks WhatsApp for a code that links a number when it is typed into the phone, in place of scanning the QR code. Only for a number that
/// shows one.
#[utoipa::path(post, path = "/sessions/{id}/linking-code", tag = "sessions", params(("id" = i64, Path)), request_body = LinkingIn,
    responses((status = OK, body = LinkingCode)))]
async fn linking_code(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<LinkingIn>,
) -> Result<axum::Json<LinkingCode>, Problem> {
    let session = state.store.session(SessionId(id)).await?.ok_or_else(Problem::not_found)?;
    let mut checks = Checks::default();
    let Some(phone) = phone(&mut checks, &input.phone) else {
        return Err(checks.into_problem());
    };
    let now = state.clock.now();
    state.store.record_audit(audit(&user, "session.linking_code", format!("session:{id}")), now).await?;
    let code = state.fleet.linking_code(session.id, &phone).await?;
    Ok(axum::Json(LinkingCode { code, expires_at: now + LASTS }))
}
