//! The control API: what tests and the phone page do to the world.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{
        DefaultBodyLimit, FromRequest, Path, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    faults::Faults,
    media::{Attachment, FileError, LARGEST, MediaKind},
    world::{World, WorldError},
};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/phones", post(add_phone))
        .route("/scan", post(scan))
        .route("/code", post(enter_code))
        .route("/logout", post(log_out))
        // A file in base64 takes a third more than it has, and there is text around it.
        .route("/inbound", post(inbound).layer(DefaultBodyLimit::max(LARGEST / 3 * 4 + (1 << 20))))
        .route("/ledger", get(ledger))
        .route("/faults", post(set_faults))
        .route("/faults/{phone}", post(set_faults_of))
        .route("/state", get(describe))
}

impl IntoResponse for WorldError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::File(error) => error.status(),
            Self::NotAPhone(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoPhone(_) => StatusCode::NOT_FOUND,
            Self::NoSuchCode | Self::NotLinked(_) => StatusCode::CONFLICT,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

type Answer = Result<Json<Value>, WorldError>;

/// A JSON body; one that cannot be read is refused in JSON too.
struct Body<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Unreadable;

    async fn from_request(request: Request, state: &S) -> Result<Self, Unreadable> {
        let Json(body) = Json::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// The request is not what the control API reads.
struct Unreadable(StatusCode, String);

impl From<JsonRejection> for Unreadable {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Unreadable {
    fn from(rejection: QueryRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

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
struct Code {
    phone: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    from: String,
    to: String,
    /// The text, or the text under the file.
    body: String,
    media: Option<InboundMedia>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InboundMedia {
    kind: MediaKind,
    mime: String,
    name: Option<String>,
    base64: String,
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn add_phone(State(world): State<Arc<World>>, Body(body): Body<Phone>) -> Answer {
    Ok(Json(json!({ "phone": world.add_phone(&body.phone)? })))
}

async fn scan(State(world): State<Arc<World>>, Body(body): Body<Scan>) -> Answer {
    world.scan(&body.phone, &body.qr)?;
    Ok(Json(json!({})))
}

async fn enter_code(State(world): State<Arc<World>>, Body(body): Body<Code>) -> Answer {
    world.enter_code(&body.phone, &body.code)?;
    Ok(Json(json!({})))
}

async fn log_out(State(world): State<Arc<World>>, Body(body): Body<Phone>) -> Answer {
    world.log_out(&body.phone)?;
    Ok(Json(json!({})))
}

async fn inbound(State(world): State<Arc<World>>, Body(body): Body<Inbound>) -> Answer {
    let Inbound { from, to, body, media } = body;
    let Some(InboundMedia { kind, mime, name, base64 }) = media else {
        return Ok(Json(json!({ "id": world.reply(&from, &to, &body)? })));
    };
    // On a thread where it may take its time: the file is large, and may go to the disk.
    let entered = tokio::task::spawn_blocking(move || {
        let content = STANDARD.decode(base64).map_err(|_| FileError::NotBase64)?;
        world.reply_with_media(&from, &to, &body, Attachment { kind, mime, name, content })
    });
    let id = entered.await.map_err(|error| FileError::NotKept(error.to_string()))??;
    Ok(Json(json!({ "id": id })))
}

async fn ledger(
    State(world): State<Arc<World>>,
    query: Result<Query<Since>, QueryRejection>,
) -> Result<Json<Value>, Unreadable> {
    let Query(Since { since }) = query?;
    Ok(Json(json!({ "messages": world.ledger(since) })))
}

async fn set_faults(State(world): State<Arc<World>>, Body(faults): Body<Faults>) -> Json<Faults> {
    world.set_faults(faults.clone());
    Json(faults)
}

async fn set_faults_of(
    State(world): State<Arc<World>>,
    Path(phone): Path<String>,
    Body(faults): Body<Faults>,
) -> Answer {
    world.set_faults_of(&phone, faults.clone())?;
    Ok(Json(json!(faults)))
}

async fn describe(State(world): State<Arc<World>>) -> Json<Value> {
    Json(world.describe())
}
