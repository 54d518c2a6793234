//! The dashboard's numbers.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{enums::SessionStatus, problem::Problem, sign_in::Supervisor, state::AppState};
use crate::domain::session::SessionStatus as Status;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(dashboard))
}

/// Everything at a glance.
#[derive(Debug, Serialize, ToSchema)]
struct Dashboard {
    sessions: SessionNumbers,
    campaigns: CampaignNumbers,
    /// Since midnight UTC.
    messages_today: MessageNumbers,
    /// The last 24 hours, the oldest first.
    messages_by_hour: Vec<HourNumbers>,
    debtors: DebtorNumbers,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionNumbers {
    total: u64,
    online: u64,
    /// Statuses that no session has are left out.
    #[schema(value_type = BTreeMap<String, u64>)]
    by_status: BTreeMap<SessionStatus, u64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CampaignNumbers {
    running: u64,
    paused: u64,
    finished: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct MessageNumbers {
    sent: u64,
    delivered: u64,
    read: u64,
    failed: u64,
    uncertain: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct HourNumbers {
    /// When the hour began.
    hour: DateTime<Utc>,
    sent: u64,
    failed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct DebtorNumbers {
    total: u64,
    active: u64,
    opted_out: u64,
}

/// Everything at a glance.
#[utoipa::path(get, path = "/dashboard", tag = "dashboard", responses((status = OK, body = Dashboard)))]
async fn dashboard(_: Supervisor, State(state): State<AppState>) -> Result<axum::Json<Dashboard>, Problem> {
    let numbers = state.store.dashboard(state.clock.now()).await?;
    let mut by_status = BTreeMap::new();
    for session in state.store.sessions().await? {
        *by_status.entry(session.status.into()).or_default() += 1;
    }
    let today = numbers.messages_today;
    let hours = numbers.messages_by_hour.into_iter();
    Ok(axum::Json(Dashboard {
        sessions: SessionNumbers {
            total: by_status.values().sum(),
            online: by_status.get(&Status::Online.into()).copied().unwrap_or(0),
            by_status,
        },
        campaigns: CampaignNumbers {
            running: numbers.campaigns.running,
            paused: numbers.campaigns.paused,
            finished: numbers.campaigns.finished,
        },
        messages_today: MessageNumbers {
            sent: today.sent,
            delivered: today.delivered,
            read: today.read,
            failed: today.failed,
            uncertain: today.uncertain,
        },
        messages_by_hour: hours
            .map(|hour| HourNumbers {
                hour: hour.hour,
                sent: hour.sent,
                failed: hour.failed,
            })
            .collect(),
        debtors: DebtorNumbers {
            total: numbers.debtors.total,
            active: numbers.debtors.active,
            opted_out: numbers.debtors.opted_out,
        },
    }))
}
