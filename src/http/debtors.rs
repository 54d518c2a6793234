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
    debtor_filter::FilterView,
    debtor_in::{DebtorIn, DebtorPatchIn},
    debts::DebtView,
    enums::{DebtorSort, DebtorStatus},
    extract::{Json, Path, Query},
    language::Language,
    page::{Items, page},
    problem::{Kind, Problem},
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        debtor::{self, Debtor},
        debtor_filter,
        id::DebtorId,
        money::Money,
    },
    store::{self, ListedDebtor, NO_SECOND_PHONE, REASON_REQUIRED, StoreError},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(tags))
        .routes(routes!(read, change, remove))
        .routes(routes!(swap_phones))
}

/// A debtor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Debtor)]
pub struct DebtorView {
    id: i64,
    /// In E.164, with the plus sign.
    phone: String,
    name: String,
    /// The creditor's own reference, for example a loan number; of several debts that of the oldest.
    #[schema(required)]
    reference: Option<String>,
    /// What they owe, all debts together; null unless each has an amount and all are of one currency.
    #[schema(required)]
    amount: Option<Amount>,
    /// Of several debts the oldest's.
    #[schema(required)]
    due_date: Option<NaiveDate>,
    /// How many debts they have.
    debt_count: usize,
    status: DebtorStatus,
    tags: Vec<String>,
    /// Further columns of the spreadsheet, by variable name.
    fields: BTreeMap<String, String>,
    /// When they last wrote to one of our numbers.
    #[schema(required)]
    last_heard_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A debtor with each of their debts.
#[derive(Debug, Serialize, ToSchema)]
struct DebtorWithDebts {
    #[serde(flatten)]
    debtor: DebtorView,
    /// The oldest first.
    debts: Vec<DebtView>,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Amount {
    /// In the currency's smallest unit, for example cents.
    minor: i64,
    /// The ISO 4217 code.
    currency: String,
    /// As people of the request's language write it.
    pub(super) text: String,
}

/// A debtor in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedDebtor)]
struct ListedView {
    #[serde(flatten)]
    debtor: DebtorView,
    /// When a message last went to them.
    #[schema(required)]
    last_contact_at: Option<DateTime<Utc>>,
}

/// One page of debtors.
#[derive(Debug, Serialize, ToSchema)]
struct DebtorList {
    /// Where what is asked is rare among very many, a page may have fewer than it was asked for, even none, and still not be the last.
    items: Vec<ListedView>,
    /// Asks for the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
    /// How many debtors all pages have together.
    total: u64,
    /// Whether `total` was counted; among very many it is an estimate.
    exact: bool,
}

/// Which part of a list, and its order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrderQuery {
    /// The newest first if absent.
    #[param(inline)]
    sort: Option<DebtorSort>,
    /// The largest, the latest or the last in the alphabet first.
    descending: Option<bool>,
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
#[utoipa::path(get, path = "/debtors", tag = "debtors", params(FilterView, OrderQuery),
    responses((status = OK, body = DebtorList)))]
async fn list(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(filter): Query<FilterView>,
    Query(query): Query<OrderQuery>,
) -> Result<axum::Json<DebtorList>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let list = store::DebtorList {
        filter: filter.check()?,
        sort: query.sort.map_or_else(debtor_filter::DebtorSort::default, Into::into),
        descending: query.descending.unwrap_or(query.sort.is_none()),
        today: state.clock.now().date_naive(),
    };
    let found = state.store.debtors(&list, &page).await?;
    let language = Language::of(&headers);
    let items = found.items.into_iter().map(|listed| ListedView::new(listed, language)).collect();
    Ok(axum::Json(DebtorList { items, next_cursor: found.next_cursor, total: found.total, exact: found.exact }))
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

/// A debtor, with each of their debts.
#[utoipa::path(get, path = "/debtors/{id}", tag = "debtors", params(("id" = i64, Path)),
    responses((status = OK, body = DebtorWithDebts)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<axum::Json<DebtorWithDebts>, Problem> {
    let debtor = state.store.debtor(DebtorId(id)).await?.ok_or_else(Problem::not_found)?;
    let debts = state.store.debts(debtor.id).await?;
    let (today, language) = (state.clock.now().date_naive(), Language::of(&headers));
    let debts = debts.into_iter().map(|debt| DebtView::new(debt, today, language)).collect();
    Ok(axum::Json(DebtorWithDebts { debtor: DebtorView::new(debtor, language), debts }))
}

/// Changes a debtor. A legal stop (opted out, disputed, represented by an attorney, cease and desist, deceased) ends only if a person says
/// why.
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
    let patch = store::DebtorPatch { reasoned: reason.is_some(), ..input.check()? };
    let status = patch.status.filter(|status| *status != debtor.status);
    let action = if status.is_some() { "debtor.status" } else { "debtor.change" };
    let mut entry = audit(&user, action, format!("debtor:{id}"));
    entry.detail = serde_json::json!({ "status": status.map(debtor::DebtorStatus::as_str), "reason": reason });
    let debtor = state.store.update_debtor(debtor.id, patch, state.clock.now(), entry).await.map_err(refused)?;
    let debtor = debtor.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(DebtorView::new(debtor, Language::of(&headers))))
}

/// Puts a debtor's second phone (the field `second_phone`) in the place of the first, which becomes the second. Who had a wrong number
/// is active again. A number on the suppression list stays there.
#[utoipa::path(post, path = "/debtors/{id}/second-phone", tag = "debtors", params(("id" = i64, Path)),
    responses((status = OK, body = DebtorView)))]
async fn swap_phones(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<axum::Json<DebtorView>, Problem> {
    let entry = audit(&user, "debtor.second_phone", format!("debtor:{id}"));
    let debtor = state.store.swap_phones(DebtorId(id), state.clock.now(), entry).await.map_err(refused)?;
    Ok(axum::Json(DebtorView::new(debtor.ok_or_else(Problem::not_found)?, Language::of(&headers))))
}

fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::InUse(code @ REASON_REQUIRED) => Problem::new(Kind::Validation).at("/reason", code, ""),
        StoreError::InUse(NO_SECOND_PHONE) => {
            Problem::new(Kind::Validation).at("/fields/second_phone", "invalid_phone", "")
        }
        error => error.into(),
    }
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
        let oldest = details.debts.oldest();
        Self {
            id: debtor.id.0,
            phone: details.phone.as_str().to_owned(),
            name: details.name,
            reference: oldest.and_then(|debt| debt.reference.clone()),
            amount: details.debts.total().map(|total| Amount::new(total, language)),
            due_date: oldest.and_then(|debt| debt.due_date),
            debt_count: details.debts.len(),
            status: debtor.status.into(),
            tags: details.tags.into_iter().collect(),
            fields: details.fields,
            last_heard_at: debtor.last_heard_at,
            created_at: debtor.created_at,
            updated_at: debtor.updated_at,
        }
    }
}

impl ListedView {
    fn new(listed: ListedDebtor, language: Language) -> Self {
        Self { debtor: DebtorView::new(listed.debtor, language), last_contact_at: listed.last_contact_at }
    }
}

impl Amount {
    pub fn new(debt: Money, language: Language) -> Self {
        Self { minor: debt.minor, currency: debt.currency.as_str().to_owned(), text: debt.format(language.code()) }
    }
}
