//! Promises to pay: noted by whoever talks with debtors, and closed once it is known what became of them.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_in::{AmountIn, money},
    debtors::Amount,
    enums::PromiseStatus,
    extract::{Checks, Json, Path},
    language::Language,
    problem::{Kind, Problem},
    sessions::Named,
    sign_in::SignedIn,
    state::{AppState, audit},
};
use crate::{
    domain::{
        id::{DebtorId, PromiseId},
        promise::{self, NewPromise, Promise},
    },
    store::StoreError,
};

/// How far ahead a promise may be, in months: further ahead it is a slip of the finger.
const AHEAD: Months = Months::new(60);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add)).routes(routes!(close))
}

/// What a debtor has promised to pay.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Promise)]
pub(super) struct PromiseView {
    id: i64,
    /// Null where no amount was named.
    #[schema(required)]
    amount: Option<Amount>,
    /// The day by which they will have paid.
    due_date: NaiveDate,
    status: PromiseStatus,
    /// Whether that day has passed and nobody has said what became of it.
    late: bool,
    /// Who noted it.
    created_by: Named,
    created_at: DateTime<Utc>,
    /// When it was found to be kept, broken or withdrawn.
    #[schema(required)]
    closed_at: Option<DateTime<Utc>>,
}

/// A promise to note.
#[derive(Deserialize, ToSchema)]
struct PromiseIn {
    /// Absent where no amount was named.
    amount: Option<AmountIn>,
    /// Today or later, within five years.
    due_date: NaiveDate,
}

/// What became of a promise.
#[derive(Deserialize, ToSchema)]
struct PromiseOutcome {
    /// Anything but `open`.
    status: PromiseStatus,
}

/// Notes a promise to pay.
#[utoipa::path(post, path = "/debtors/{id}/promises", tag = "promises", params(("id" = i64, Path)),
    request_body = PromiseIn, responses((status = CREATED, body = PromiseView)))]
async fn add(
    SignedIn(user): SignedIn,
    headers: HeaderMap,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<PromiseIn>,
) -> Result<(StatusCode, axum::Json<PromiseView>), Problem> {
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let today = state.clock.now().date_naive();
    let new = input.check(debtor.id, today)?;
    let mut entry = audit(&user, "promise.add", format!("debtor:{id}"));
    entry.detail = serde_json::json!({ "due_date": new.due_date });
    let promise = state.store.add_promise(new, user.id, state.clock.now(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(PromiseView::new(promise, today, Language::of(&headers)))))
}

/// Says what became of an open promise.
#[utoipa::path(patch, path = "/promises/{id}", tag = "promises", params(("id" = i64, Path)),
    request_body = PromiseOutcome, responses((status = OK, body = PromiseView)))]
async fn close(
    SignedIn(user): SignedIn,
    headers: HeaderMap,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<PromiseOutcome>,
) -> Result<axum::Json<PromiseView>, Problem> {
    let status: promise::PromiseStatus = input.status.into();
    if status == promise::PromiseStatus::Open {
        return Err(Problem::new(Kind::Validation).at("/status", "invalid", ""));
    }
    let now = state.clock.now();
    let mut entry = audit(&user, "promise.close", format!("promise:{id}"));
    entry.detail = serde_json::json!({ "status": status.as_str() });
    match state.store.close_promise(PromiseId(id), status, user.id, now, entry).await {
        Ok(Some(promise)) => Ok(axum::Json(PromiseView::new(promise, now.date_naive(), Language::of(&headers)))),
        Ok(None) => Err(Problem::not_found()),
        Err(StoreError::InUse(_)) => Err(Problem::new(Kind::Conflict)),
        Err(error) => Err(error.into()),
    }
}

impl PromiseIn {
    fn check(self, debtor_id: DebtorId, today: NaiveDate) -> Result<NewPromise, Problem> {
        let mut checks = Checks::default();
        let amount = self.amount.and_then(|amount| money(&mut checks, &amount));
        let last = today.checked_add_months(AHEAD).unwrap_or(NaiveDate::MAX);
        if !(today..=last).contains(&self.due_date) {
            checks.reject("/due_date", "out_of_range", format!("{today} – {last}"));
        }
        checks.finish()?;
        Ok(NewPromise { debtor_id, amount, due_date: self.due_date })
    }
}

impl PromiseView {
    pub fn new(promise: Promise, today: NaiveDate, language: Language) -> Self {
        let late = promise.is_late(today);
        let (user, name) = promise.created_by;
        Self {
            id: promise.id.0,
            amount: promise.amount.map(|amount| Amount::new(amount, language)),
            due_date: promise.due_date,
            status: promise.status.into(),
            late,
            created_by: Named { id: user.0, name },
            created_at: promise.created_at,
            closed_at: promise.closed_at,
        }
    }
}
