//! The list of imports: who imported what and when, and what came of it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::ImportStatus,
    extract::Query,
    page::{List, page},
    problem::Problem,
    sessions::Named,
    sign_in::Supervisor,
    state::AppState,
};
use crate::import::{Counts, Listed};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// An import in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedImport)]
struct ListedView {
    id: i64,
    file_name: String,
    status: ImportStatus,
    /// How many rows the file has below its header.
    rows: u64,
    /// What became of the rows, once committed.
    #[schema(required)]
    counts: Option<ImportCounts>,
    created_by: Named,
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// How many rows became what.
#[derive(Debug, Serialize, ToSchema)]
struct ImportCounts {
    inserted: u64,
    updated: u64,
    /// Rows with another debt of somebody who was known already or is in an earlier row.
    debts_added: u64,
    /// Rows of debtors who were known already, and not to be changed or not different; or nobody knows of which of several debts the row
    /// speaks.
    unchanged: u64,
    /// Rows with the phone of an earlier row and no other reference.
    duplicates: u64,
    rejected: u64,
    /// Rows that were stored without a value that could not be understood, or with one that may be wrong.
    warnings: u64,
    /// Rows whose phone was corrected as proposed.
    corrected: u64,
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportsQuery {
    /// How many items, 1 to 200; 50 if absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
}

/// Imports, page by page, the newest first.
#[utoipa::path(get, path = "/debtors/imports", tag = "imports", params(ImportsQuery),
    responses((status = OK, body = List<ListedView>)))]
async fn list(
    _: Supervisor,
    State(state): State<AppState>,
    Query(query): Query<ImportsQuery>,
) -> Result<axum::Json<List<ListedView>>, Problem> {
    let page = page(query.limit, query.cursor.as_deref())?;
    Ok(axum::Json(List::of(state.importer.imports(&page).await?, ListedView::from)))
}

impl From<Listed> for ListedView {
    fn from(import: Listed) -> Self {
        let (user, name) = import.created_by;
        Self {
            id: import.id.0,
            file_name: import.file_name,
            status: import.status.into(),
            rows: import.rows,
            counts: import.counts.map(Into::into),
            created_by: Named { id: user.0, name },
            created_at: import.created_at,
            updated_at: import.updated_at,
        }
    }
}

impl From<Counts> for ImportCounts {
    fn from(counts: Counts) -> Self {
        let Counts { inserted, updated, debts_added, unchanged, duplicates, rejected, warnings, corrected } = counts;
        Self { inserted, updated, debts_added, unchanged, duplicates, rejected, warnings, corrected }
    }
}
