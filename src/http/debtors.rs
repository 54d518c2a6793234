//! Debtors: who owes what, and whether they may be written to.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_in::{DebtorIn, DebtorPatchIn},
    enums::DebtorStatus,
    extract::{Json, Path, Query},
    language::Language,
    page::{Items, List, page},
    problem::{Kind, Problem},
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        debtor::{self, Debtor},
        id::DebtorId,
        money::Money,
    },
    store::DebtorFilter,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(tags)).routes(routes!(read, change, remove))
}

/// A debtor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Debtor)]
pub struct DebtorView {
    id: i64,
    /// In E.164, with the plus sign.
    phone: String,
    name: String,
    /// The creditor's own reference, for example a loan number.
    #[schema(required)]
    reference: Option<String>,
    #[schema(required)]
    amount: Option<Amount>,
    #[schema(required)]
    due_date: Option<NaiveDate>,
    status: DebtorStatus,
    tags: Vec<String>,
    /// Further columns of the spreadsheet, by variable name.
    fields: BTreeMap<String, String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
struct Amount {
    /// In the currency's smallest unit, for example cents.
    minor: i64,
    /// The ISO 4217 code.
    currency: String,
    /// As people of the request's language write it.
    text: String,
}

/// Which debtors.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DebtorsQuery {
    /// Part of a name, a phone number or a reference.
    search: Option<String>,
    /// Only those with this tag.
    tag: Option<String>,
    /// Only those with this status.
    #[param(inline)]
    status: Option<DebtorStatus>,
    /// How many items, 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// A tag in use.
#[derive(Debug, Serialize, ToSchema)]
struct Tag {
    tag: String,
    /// How many debtors have it.
    count: u64,
}

/// Debtors, page by page.
#[utoipa::path(get, path = "/debtors", tag = "debtors", params(DebtorsQuery),
    responses((status = OK, body = List<DebtorView>)))]
async fn list(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(query): Query<DebtorsQuery>,
) -> Result<axum::Json<List<DebtorView>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = DebtorFilter { search: query.search, tag: query.tag, status: query.status.map(Into::into) };
    let language = Language::of(&headers);
    let debtors = state.store.debtors(filter, page).await?;
    Ok(axum::Json(List::of(debtors, |debtor| DebtorView::new(debtor, language))))
}

/// The tags in use.
#[utoipa::path(get, path = "/debtors/tags", tag = "debtors", responses((status = OK, body = Items<Tag>)))]
async fn tags(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<Tag>>, Problem> {
    let tags = state.store.debtor_tags().await?;
    Ok(axum::Json(tags.into_iter().map(|(tag, count)| Tag { tag, count }).collect()))
}

/// Adds a debtor.
#[utoipa::path(post, path = "/debtors", tag = "debtors", request_body = DebtorIn,
    responses((status = CREATED, body = DebtorView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(input): Json<DebtorIn>,
) -> Result<(StatusCode, axum::Json<DebtorView>), Problem> {
    let status = input.status.map_or(debtor::DebtorStatus::Active, Into::into);
    let details = input.check()?;
    let entry = audit(&user, "debtor.create", "debtor");
    let debtor = state.store.create_debtor(details, status, state.clock.now(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(DebtorView::new(debtor, Language::of(&headers)))))
}

/// A debtor.
#[utoipa::path(get, path = "/debtors/{id}", tag = "debtors", params(("id" = i64, Path)),
    responses((status = OK, body = DebtorView)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<axum::Json<DebtorView>, Problem> {
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(DebtorView::new(debtor, Language::of(&headers))))
}

/// Changes a debtor. One who opted out is written to again only if a person says why.
#[utoipa::path(patch, path = "/debtors/{id}", tag = "debtors", params(("id" = i64, Path)), request_body = DebtorPatchIn,
    responses((status = OK, body = DebtorView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Json(input): Json<DebtorPatchIn>,
) -> Result<axum::Json<DebtorView>, Problem> {
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let patch = input.check()?;
    let revives = debtor.status == debtor::DebtorStatus::OptedOut
        && patch.status.is_some_and(|status| status != debtor::DebtorStatus::OptedOut);
    if revives && reason.is_none() {
        return Err(Problem::new(Kind::Validation).at("/reason", "reason_required", ""));
    }
    let mut entry = audit(&user, "debtor.change", format!("debtor:{id}"));
    entry.detail = serde_json::json!({ "status": patch.status.map(debtor::DebtorStatus::as_str), "reason": reason });
    let debtor = state.store.update_debtor(debtor.id, patch, state.clock.now(), entry).await?;
    let debtor = debtor.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(DebtorView::new(debtor, Language::of(&headers))))
}

/// Deletes a debtor who is in no campaign.
#[utoipa::path(delete, path = "/debtors/{id}", tag = "debtors", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "debtor.delete", format!("debtor:{id}"));
    let deleted = state.store.delete_debtor(DebtorId(id), state.clock.now(), entry).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

impl DebtorView {
    fn new(debtor: Debtor, language: Language) -> Self {
        let details = debtor.details;
        Self {
            id: debtor.id.0,
            phone: details.phone.as_str().to_owned(),
            name: details.name,
            reference: details.reference,
            amount: details.debt.map(|debt| Amount::new(debt, language)),
            due_date: details.due_date,
            status: debtor.status.into(),
            tags: details.tags.into_iter().collect(),
            fields: details.fields,
            created_at: debtor.created_at,
            updated_at: debtor.updated_at,
        }
    }
}

impl Amount {
    fn new(debt: Money, language: Language) -> Self {
        Self { minor: debt.minor, currency: debt.currency.as_str().to_owned(), text: debt.format(language.code()) }
    }
}
