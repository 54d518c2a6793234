//! What debtors owe, an account each: added, changed and taken away by hand.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_in::{AmountIn, money, optional},
    debtors::Amount,
    extract::{Checks, Json, Path, present},
    language::Language,
    problem::{Kind, Problem},
    sessions::Named,
    sign_in::Supervisor,
    state::{AppState, audit},
};
use crate::{
    domain::{
        debt::Debt,
        id::{DebtId, DebtorId},
    },
    store::{DebtPatch, EMPTY_DEBT, StoreError, StoredDebt},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add)).routes(routes!(change, remove))
}

/// What a debtor owes on one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Debt)]
pub(super) struct DebtView {
    id: i64,
    /// The creditor's own reference of the account, for example a loan number; no two of a debtor's are the same.
    #[schema(required)]
    reference: Option<String>,
    #[schema(required)]
    amount: Option<Amount>,
    #[schema(required)]
    due_date: Option<NaiveDate>,
    /// Days since it was due; 0 before that, null without a date.
    #[schema(required)]
    days_overdue: Option<u64>,
    /// The import that brought it; null where a person added it.
    #[schema(required)]
    import: Option<Named>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A debt to add: at least one of its values.
#[derive(Deserialize, ToSchema)]
struct DebtIn {
    reference: Option<String>,
    amount: Option<AmountIn>,
    due_date: Option<NaiveDate>,
}

/// What to change of a debt; null empties a field, but not all of them.
#[derive(Deserialize, ToSchema)]
struct DebtPatchIn {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    reference: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<AmountIn>)]
    amount: Option<Option<AmountIn>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<NaiveDate>)]
    due_date: Option<Option<NaiveDate>>,
}

/// Adds a debt of a debtor.
#[utoipa::path(post, path = "/debtors/{id}/debts", tag = "debts", params(("id" = i64, Path)),
    request_body = DebtIn, responses((status = CREATED, body = DebtView)))]
async fn add(
    Supervisor(user): Supervisor,
    headers: HeaderMap,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<DebtIn>,
) -> Result<(StatusCode, axum::Json<DebtView>), Problem> {
    let debt = input.check()?;
    let now = state.clock.now();
    let mut entry = audit(&user, "debt.add", format!("debtor:{id}"));
    entry.detail = serde_json::json!({ "reference": debt.reference });
    let stored = state.store.add_debt(DebtorId(id), debt, now, entry).await.map_err(refused)?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok((StatusCode::CREATED, axum::Json(DebtView::new(stored, now.date_naive(), Language::of(&headers)))))
}

/// Changes a debt.
#[utoipa::path(patch, path = "/debts/{id}", tag = "debts", params(("id" = i64, Path)), request_body = DebtPatchIn,
    responses((status = OK, body = DebtView)))]
async fn change(
    Supervisor(user): Supervisor,
    headers: HeaderMap,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<DebtPatchIn>,
) -> Result<axum::Json<DebtView>, Problem> {
    let known = state.store.debt(DebtId(id)).await?.ok_or_else(Problem::not_found)?;
    let patch = input.check()?;
    let now = state.clock.now();
    let mut entry = audit(&user, "debt.change", format!("debtor:{}", known.debtor_id));
    let changed = known.debt.differs_in(&patch.clone().of(&known.debt));
    entry.detail = serde_json::json!({ "debt": id, "reference": known.debt.reference, "changed": changed });
    let stored = state.store.change_debt(known.id, patch, now, entry).await.map_err(refused)?;
    let stored = stored.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(DebtView::new(stored, now.date_naive(), Language::of(&headers))))
}

/// Takes a debt away.
#[utoipa::path(delete, path = "/debts/{id}", tag = "debts", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let known = state.store.debt(DebtId(id)).await?.ok_or_else(Problem::not_found)?;
    let mut entry = audit(&user, "debt.remove", format!("debtor:{}", known.debtor_id));
    entry.detail = serde_json::json!({ "debt": id, "reference": known.debt.reference });
    let removed = state.store.remove_debt(known.id, state.clock.now(), entry).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::InUse(EMPTY_DEBT) => Problem::new(Kind::Validation).at("/reference", "required", ""),
        error => error.into(),
    }
}

impl DebtIn {
    fn check(self) -> Result<Debt, Problem> {
        let mut checks = Checks::default();
        let reference = self.reference.and_then(|text| optional(&mut checks, "/reference", &text));
        let amount = self.amount.and_then(|amount| money(&mut checks, &amount));
        checks.finish()?;
        Ok(Debt { reference, amount, due_date: self.due_date })
    }
}

impl DebtPatchIn {
    fn check(self) -> Result<DebtPatch, Problem> {
        let mut checks = Checks::default();
        let patch = DebtPatch {
            reference: self.reference.map(|text| text.and_then(|text| optional(&mut checks, "/reference", &text))),
            amount: self.amount.map(|amount| amount.and_then(|amount| money(&mut checks, &amount))),
            due_date: self.due_date,
        };
        checks.finish()?;
        Ok(patch)
    }
}

impl DebtView {
    pub fn new(stored: StoredDebt, today: NaiveDate, language: Language) -> Self {
        let StoredDebt { id, debt, import, created_at, updated_at, .. } = stored;
        Self {
            id: id.0,
            days_overdue: debt.days_overdue(today),
            reference: debt.reference,
            amount: debt.amount.map(|amount| Amount::new(amount, language)),
            due_date: debt.due_date,
            import: import.map(|(id, name)| Named { id: id.0, name }),
            created_at,
            updated_at,
        }
    }
}
