//! The control API: what tests and the phone page do to the world.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    faults::Faults,
    world::{World, WorldError},
};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/phones", post(add_phone))
        .route("/scan", post(scan))
        .route("/logout", post(log_out))
        .route("/inbound", post(inbound))
        .route("/ledger", get(ledger))
        .route("/faults", post(set_faults))
        .route("/state", get(describe))
}

impl IntoResponse for WorldError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotAPhone(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoPhone(_) => StatusCode::NOT_FOUND,
            Self::NoSuchCode | Self::NotLinked(_) => StatusCode::CONFLICT,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

type Answer = Result<Json<Value>, WorldError>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phone {
    phone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    phone: String,
    qr: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    from: String,
    to: String,
    body: String,
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn add_phone(State(world): State<Arc<World>>, Json(body): Json<Phone>) -> Answer {
    Ok(Json(json!({ "phone": world.add_phone(&body.phone)? })))
}

async fn scan(State(world): State<Arc<World>>, Json(body): Json<Scan>) -> Answer {
    world.scan(&body.phone, &body.qr)?;
    Ok(Json(json!({})))
}

async fn log_out(State(world): State<Arc<World>>, Json(body): Json<Phone>) -> Answer {
    world.log_out(&body.phone)?;
    Ok(Json(json!({})))
}

async fn inbound(State(world): State<Arc<World>>, Json(body): Json<Inbound>) -> Answer {
    Ok(Json(json!({ "id": world.reply(&body.from, &body.to, &body.body)? })))
}

async fn ledger(State(world): State<Arc<World>>, Query(query): Query<Since>) -> Json<Value> {
    Json(json!({ "messages": world.ledger(query.since) }))
}

async fn set_faults(State(world): State<Arc<World>>, Json(faults): Json<Faults>) -> Json<Faults> {
    world.set_faults(faults.clone());
    Json(faults)
}

async fn describe(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.describe())
}
