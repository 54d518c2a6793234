//! What is done to many debtors at once, and all of them as a file. Both may take as long as a million debtors take.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    debtor_filter::FilterView,
    debtor_in::tag,
    enums::DebtorStatus,
    extract::{Checks, Json, Query},
    problem::Problem,
    sign_in::Supervisor,
    state::{AppState, audit},
};
use crate::{
    domain::{debtor_filter::DebtorFilter, id::DebtorId},
    export::{Csv, Export, Workbook},
    store::{DebtorsChange, Whom},
};

/// Debtors that may be named one by one.
const IDS: usize = 1_000;
/// The longest reason, in characters.
const REASON_LIMIT: usize = 500;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(bulk)).routes(routes!(csv)).routes(routes!(xlsx))
}

/// What to do to whom.
#[derive(Deserialize, ToSchema)]
struct BulkIn {
    /// The debtors by their ids, up to 1000; absent where `filter` says whom.
    ids: Option<Vec<i64>>,
    /// All of whom this is true; absent where `ids` says whom.
    filter: Option<FilterView>,
    action: BulkAction,
}

/// What to do.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BulkAction {
    AddTag {
        tag: String,
    },
    RemoveTag {
        tag: String,
    },
    /// Those under another legal stop (disputed, represented by an attorney, cease and desist, deceased) are left as they are without a
    /// reason; those who opted out in any case: for each of them a person has to say why they may be written to again.
    SetStatus {
        status: DebtorStatus,
        reason: Option<String>,
    },
    /// Puts their numbers on the suppression list.
    Suppress {
        reason: String,
    },
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
struct BulkOutcome {
    /// Debtors who were meant.
    meant: u64,
    /// Those for whom it was something new.
    changed: u64,
    /// Those left as they are because they opted out, or are under another legal stop and no reason was given.
    left_out: u64,
}

/// Tags, suppresses or sets the status of many debtors at once: all of them or, if it fails, none.
#[utoipa::path(post, path = "/debtors/bulk", tag = "debtors", request_body = BulkIn,
    responses((status = OK, body = BulkOutcome)))]
async fn bulk(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<BulkIn>,
) -> Result<axum::Json<BulkOutcome>, Problem> {
    let now = state.clock.now();
    let (whom, change) = input.check(now.date_naive())?;
    let mut entry = audit(&user, action_of(&change), "debtors");
    entry.detail = detail_of(&whom, &change);
    // A browser that goes away does not stop it halfway.
    let store = state.store.clone();
    let changing = tokio::spawn(async move { store.change_debtors(&whom, &change, user.id, now, entry).await });
    let done = changing.await.map_err(|error| Problem::internal(&error))??;
    Ok(axum::Json(BulkOutcome { meant: done.meant, changed: done.changed, left_out: done.left_out }))
}

/// All debtors of whom the filter is true, as CSV, with a row for each of their debts. What a spreadsheet would take for a formula
/// has an apostrophe before it.
#[utoipa::path(get, path = "/debtors/export.csv", tag = "debtors", params(FilterView),
    responses((status = OK, body = String, content_type = "text/csv")))]
async fn csv(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Query(filter): Query<FilterView>,
) -> Result<Response, Problem> {
    let filter = filter.check()?;
    let now = state.clock.now();
    state.store.record_audit(audit(&user, "debtors.export", "debtors"), now).await?;
    let export = begin(&state, filter, now.date_naive()).await?;
    let chunks = futures::stream::unfold(Some(Csv::of(export)), |csv| async move {
        let mut csv = csv?;
        match csv.next().await {
            Ok(Some(chunk)) => Some((Ok(Bytes::from(chunk)), Some(csv))),
            Ok(None) => None,
            // The connection is closed in the middle: nobody takes what has arrived for the whole.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "export cut short");
                Some((Err(std::io::Error::other(error)), None))
            }
        }
    });
    Ok(file("text/csv; charset=utf-8", "debtors.csv", Body::from_stream(chunks)))
}

/// All debtors of whom the filter is true, as a workbook, with a row for each of their debts.
#[utoipa::path(get, path = "/debtors/export.xlsx", tag = "debtors", params(FilterView),
    responses((status = OK, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn xlsx(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Query(filter): Query<FilterView>,
) -> Result<Response, Problem> {
    let filter = filter.check()?;
    let now = state.clock.now();
    state.store.record_audit(audit(&user, "debtors.export", "debtors"), now).await?;
    let export = begin(&state, filter, now.date_naive()).await?;
    let written = Workbook::write(export, state.importer.folder()).await.map_err(|error| Problem::internal(&error))?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let chunks = futures::stream::unfold(written, |mut file| async move {
        let chunk = file.chunk().await.transpose()?;
        Some((chunk.map(Bytes::from), file))
    });
    Ok(file(kind, "debtors.xlsx", Body::from_stream(chunks)))
}

async fn begin(state: &AppState, filter: DebtorFilter, today: chrono::NaiveDate) -> Result<Export, Problem> {
    Export::begin(state.store.clone(), filter, today).await.map_err(|error| Problem::internal(&error))
}

fn file(kind: &'static str, name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

const fn action_of(change: &DebtorsChange) -> &'static str {
    match change {
        DebtorsChange::AddTag(_) => "debtors.add_tag",
        DebtorsChange::RemoveTag(_) => "debtors.remove_tag",
        DebtorsChange::SetStatus { .. } => "debtors.set_status",
        DebtorsChange::Suppress { .. } => "debtors.suppress",
    }
}

/// What the audit trail keeps: never what was sought, which may be a name or a number.
fn detail_of(whom: &Whom, change: &DebtorsChange) -> serde_json::Value {
    let whom = match whom {
        Whom::These(ids) => serde_json::json!({ "ids": ids.iter().map(|id| id.0).collect::<Vec<_>>() }),
        Whom::Matching(filter, _) => {
            let mut filter = filter.clone();
            filter.search = filter.search.map(|_| "…".to_owned());
            serde_json::json!({ "filter": filter })
        }
    };
    let what = match change {
        DebtorsChange::AddTag(tag) | DebtorsChange::RemoveTag(tag) => serde_json::json!({ "tag": tag }),
        DebtorsChange::SetStatus { status, reason } => {
            serde_json::json!({ "status": status.as_str(), "reason": reason })
        }
        DebtorsChange::Suppress { reason } => serde_json::json!({ "reason": reason }),
    };
    serde_json::json!({ "whom": whom, "what": what })
}

impl BulkIn {
    fn check(self, today: chrono::NaiveDate) -> Result<(Whom, DebtorsChange), Problem> {
        let mut checks = Checks::default();
        let whom = match (self.ids, self.filter) {
            (Some(ids), None) if !ids.is_empty() && ids.len() <= IDS => {
                Some(Whom::These(ids.into_iter().map(DebtorId).collect()))
            }
            (None, Some(filter)) => Some(Whom::Matching(Box::new(filter.read(&mut checks, "/filter")), today)),
            (Some(_), None) => {
                checks.reject("/ids", "out_of_range", format!("1–{IDS}"));
                None
            }
            _ => {
                checks.reject("/ids", "required", "");
                None
            }
        };
        let change = self.action.check(&mut checks);
        let (Some(whom), Some(change)) = (whom, change) else { return Err(checks.into_problem()) };
        checks.finish()?;
        Ok((whom, change))
    }
}

impl BulkAction {
    fn check(self, checks: &mut Checks) -> Option<DebtorsChange> {
        match self {
            Self::AddTag { tag: text } => one_tag(checks, &text).map(DebtorsChange::AddTag),
            Self::RemoveTag { tag: text } => one_tag(checks, &text).map(DebtorsChange::RemoveTag),
            Self::SetStatus { status, reason } => {
                let reason = reason.filter(|reason| !reason.trim().is_empty());
                let reason = reason.and_then(|reason| checks.text("/action/reason", &reason, REASON_LIMIT));
                Some(DebtorsChange::SetStatus { status: status.into(), reason })
            }
            Self::Suppress { reason } => {
                let reason = checks.text("/action/reason", &reason, REASON_LIMIT)?;
                Some(DebtorsChange::Suppress { reason })
            }
        }
    }
}

fn one_tag(checks: &mut Checks, text: &str) -> Option<String> {
    if text.contains(',') {
        checks.reject("/action/tag", "invalid", "");
        return None;
    }
    tag(checks, "/action/tag", text)
}
