//! The dashboard's numbers.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{enums::SessionStatus, problem::Problem, sign_in::Supervisor, state::AppState};
use crate::{
    domain::{
        campaign::CampaignStatus, debtor::DebtorStatus, message::MessageState as S, session::SessionStatus as Status,
    },
    store::HourCount,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(dashboard))
}

/// Everything at a glance.
#[derive(Debug, Serialize, ToSchema)]
struct Dashboard {
    sessions: SessionNumbers,
    campaigns: CampaignNumbers,
    /// What happened in the last 24 hours; what was read counts as delivered and sent, too.
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
    let numbers = state.store.statistics(state.clock.now()).await?;
    let sessions = |status: Status| numbers.sessions.get(&status).copied().unwrap_or(0);
    let campaigns = |status: CampaignStatus| numbers.campaigns.get(&status).copied().unwrap_or(0);
    let debtors = |status: DebtorStatus| numbers.debtors.get(&status).copied().unwrap_or(0);
    let messages = |state: S| numbers.messages.get(state);
    Ok(axum::Json(Dashboard {
        sessions: SessionNumbers {
            total: numbers.sessions.values().sum(),
            online: sessions(Status::Online),
            by_status: numbers.sessions.iter().map(|(&status, &count)| (status.into(), count)).collect(),
        },
        campaigns: CampaignNumbers {
            running: campaigns(CampaignStatus::Running),
            paused: campaigns(CampaignStatus::Paused),
            finished: campaigns(CampaignStatus::Finished),
        },
        messages_today: MessageNumbers {
            sent: messages(S::Sent) + messages(S::Delivered) + messages(S::Read),
            delivered: messages(S::Delivered) + messages(S::Read),
            read: messages(S::Read),
            failed: messages(S::Failed),
            uncertain: messages(S::Uncertain),
        },
        messages_by_hour: numbers.hours.iter().map(HourNumbers::from).collect(),
        debtors: DebtorNumbers {
            total: numbers.debtors.values().sum(),
            active: debtors(DebtorStatus::Active),
            opted_out: debtors(DebtorStatus::OptedOut),
        },
    }))
}

impl From<&HourCount> for HourNumbers {
    fn from(count: &HourCount) -> Self {
        Self { hour: count.hour, sent: count.sent, failed: count.failed }
    }
}
