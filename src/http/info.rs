//! What a client may know before anybody signs in.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    problem::Problem,
    state::{AppState, Demo},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(info))
}

/// What this server is.
#[derive(Debug, Serialize, ToSchema)]
struct Info {
    version: &'static str,
    /// Whether there is no user yet.
    setup_needed: bool,
    /// How to try the demo; null in a real installation.
    #[schema(required)]
    demo: Option<DemoView>,
}

/// How to try the demo.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Demo)]
struct DemoView {
    username: String,
    password: String,
    /// The simulated phone.
    phone_url: String,
    /// The sample workbook.
    workbook_url: String,
}

/// What this server is.
#[utoipa::path(get, path = "/info", tag = "info", security(()), responses((status = OK, body = Info)))]
async fn info(State(state): State<AppState>) -> Result<axum::Json<Info>, Problem> {
    Ok(axum::Json(Info {
        version: env!("CARGO_PKG_VERSION"),
        setup_needed: state.setup_code().await?.is_some(),
        demo: state.settings.demo.clone().map(DemoView::from),
    }))
}

impl From<Demo> for DemoView {
    fn from(demo: Demo) -> Self {
        Self {
            username: demo.username,
            password: demo.password,
            phone_url: demo.phone_url,
            workbook_url: demo.workbook_url,
        }
    }
}
