//! The REST API and the web app: who may ask for what, and how the answer looks.
//!
//! One file per noun holds its routes, handlers and types. Routes are registered together with their documentation, so that the
//! OpenAPI document cannot diverge from them.

mod assets;
mod auth;
mod campaign_forecast;
mod campaign_in;
mod campaign_plan;
mod campaign_preview;
pub mod campaign_view;
mod campaigns;
mod caps;
mod catalogue;
mod contact_policy;
mod dashboard;
mod debtor_bulk;
mod debtor_filter;
mod debtor_in;
mod debtor_timeline;
mod debtors;
mod debts;
pub mod enums;
mod extract;
mod health;
mod import_forecast;
mod import_list;
mod import_plan;
mod import_profiles;
mod import_view;
mod imports;
mod info;
pub mod language;
mod linking;
mod media;
mod messages;
mod metrics;
mod openapi;
mod page;
mod password;
mod pools;
pub mod problem;
mod promises;
pub mod qr;
mod security;
mod segments;
mod session_health;
mod sessions;
pub mod sign_in;
mod state;
mod suppressions;
mod templates;
mod upload;

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer, trace::TraceLayer,
};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

pub use self::{
    openapi::{openapi, openapi_json},
    password::{PasswordError, hash_password},
    state::{AppState, Demo, HttpSettings},
};

/// Serves until `stop`; then takes no more requests, closes the sockets, and ends when the requests in flight are answered.
pub async fn serve(listener: TcpListener, state: AppState, stop: CancellationToken) -> std::io::Result<()> {
    let realtime = state.realtime.clone();
    let bridge = tokio::spawn(realtime.clone().bridge(state.bus.subscribe(), stop.clone()));
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move {
        stop.cancelled().await;
        realtime.close().await;
    };
    axum::serve(listener, service).with_graceful_shutdown(stopped).await?;
    bridge.await.map_err(std::io::Error::other)
}

/// Everything that the server answers. It wants the peer's address (`ConnectInfo<SocketAddr>`) for its rate limit.
pub fn router(state: AppState) -> Router {
    let sockets = state.realtime.layer();
    Router::from(api())
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/docs", get(openapi::page))
        .route("/api/docs/", get(openapi::page_index))
        .route("/api/docs/{*path}", get(openapi::page_file))
        .fallback(assets::serve)
        .layer(CompressionLayer::new())
        // The sockets answer before the router; from here on, a layer holds for both.
        .layer(sockets)
        .layer(from_fn_with_state(state.clone(), sign_in::guard_sockets))
        .layer(from_fn(security::refuse_cross_site))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::render))
        .layer(from_fn(security::headers))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(state)
}

/// The documented routes.
fn api() -> OpenApiRouter<AppState> {
    let quick = OpenApiRouter::new()
        .merge(info::routes())
        .merge(auth::routes())
        .merge(dashboard::routes())
        .merge(sessions::routes())
        .merge(session_health::routes())
        .merge(linking::routes())
        .merge(pools::routes())
        .merge(debtors::routes())
        .merge(debtor_timeline::routes())
        .merge(debts::routes())
        .merge(promises::routes())
        .merge(segments::routes())
        .merge(templates::routes())
        .merge(media::routes())
        .merge(campaigns::routes())
        .merge(campaign_preview::routes())
        .merge(campaign_forecast::routes())
        .merge(messages::routes())
        .merge(contact_policy::routes())
        .merge(suppressions::routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, security::TIME_LIMIT));
    let api = quick
        .merge(imports::routes())
        .merge(import_list::routes())
        .merge(import_profiles::routes())
        .merge(debtor_bulk::routes())
        .layer(DefaultBodyLimit::max(security::BODY_LIMIT))
        .merge(imports::upload_route())
        .merge(media::upload_route());
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .nest("/api", api)
        .merge(health::routes())
        .merge(metrics::routes())
}

/// The span of a request; without its query, which may hold names and phone numbers.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text, "a request panicked");
    problem::Problem::new(problem::Kind::Internal).into_response()
}
