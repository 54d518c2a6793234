//! Spreadsheets of debtors on their way in: upload, preview, commit, report.

use axum::{
    extract::{DefaultBodyLimit, Multipart, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query},
    import_view::{CommitIn, ImportView},
    language::Language,
    problem::Problem,
    sign_in::Supervisor,
    state::{AppState, audit},
    upload::Upload,
};
use crate::{domain::id::ImportId, import};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(commit)).routes(routes!(rejected)).routes(routes!(sample)).routes(routes!(read))
}

/// The upload, which has its own limits of size and time.
pub(super) fn upload_route() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(upload)).layer(DefaultBodyLimit::disable())
}

/// A spreadsheet.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form, which is read as a stream")]
struct ImportForm {
    /// An .xlsx, .xlsb, .xls, .ods or .csv file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Which sample.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SampleQuery {
    /// `es`, `pt` or `en`; `es` if absent.
    language: Option<String>,
}

/// Reads a spreadsheet and says what is in it; stores no debtor.
#[utoipa::path(post, path = "/debtors/imports", tag = "imports",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = ImportView)))]
async fn upload(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    form: Multipart,
) -> Result<(StatusCode, axum::Json<ImportView>), Problem> {
    let upload = Upload::receive(form, state.importer.folder(), state.settings.max_upload).await?;
    let import = state.importer.preview(&upload.file_name, upload.path(), user.id).await?;
    Ok((StatusCode::CREATED, axum::Json(import.into())))
}

/// An import.
#[utoipa::path(get, path = "/debtors/imports/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = OK, body = ImportView)))]
async fn read(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<ImportView>, Problem> {
    let import = state.importer.import(ImportId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(import.into()))
}

/// Stores the debtors of an import, once.
#[utoipa::path(post, path = "/debtors/imports/{id}/commit", tag = "imports", params(("id" = i64, Path)),
    request_body = CommitIn, responses((status = OK, body = ImportView)))]
async fn commit(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<CommitIn>,
) -> Result<axum::Json<ImportView>, Problem> {
    let plan = input.check()?;
    let entry = audit(&user, "import.commit", format!("import:{id}"));
    // A browser that goes away does not stop an import halfway.
    let importer = state.importer.clone();
    let committing = tokio::spawn(async move { importer.commit(ImportId(id), plan, entry).await });
    let import = committing.await.map_err(|error| Problem::internal(&error))??;
    Ok(axum::Json(import.into()))
}

/// The rows that were rejected, with the reason of each, as a spreadsheet.
#[utoipa::path(get, path = "/debtors/imports/{id}/rejected.csv", tag = "imports", params(("id" = i64, Path)),
    responses((status = OK, body = String, content_type = "text/csv")))]
async fn rejected(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, Problem> {
    let csv = state.importer.rejected_csv(ImportId(id)).await?;
    let disposition = format!("attachment; filename=\"rejected-{id}.csv\"");
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        csv,
    ))
}

/// A workbook to try an import with: 200 made-up debtors, some of them with mistakes.
#[utoipa::path(get, path = "/debtors/imports/sample.xlsx", tag = "imports", params(SampleQuery),
    responses((status = OK, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn sample(_: Supervisor, Query(query): Query<SampleQuery>) -> Result<impl IntoResponse, Problem> {
    let language = query.language.as_deref().and_then(Language::from_tag).unwrap_or(Language::Es);
    let workbook = tokio::task::spawn_blocking(move || import::sample_workbook(language.code())).await;
    let workbook = workbook.map_err(|error| Problem::internal(&error))??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let disposition = "attachment; filename=\"sample-debtors.xlsx\"";
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], workbook))
}
