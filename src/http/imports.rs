//! Spreadsheets of debtors on their way in: upload, preview, commit, report.

use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Multipart, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use futures::Stream;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query},
    import_forecast::ImportForecast,
    import_plan::CommitIn,
    import_view::ImportView,
    language::Language,
    problem::Problem,
    sign_in::Supervisor,
    state::{AppState, audit},
    upload::Upload,
};
use crate::{domain::id::ImportId, import};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(commit))
        .routes(routes!(forecast))
        .routes(routes!(choose_sheet))
        .routes(routes!(cancel))
        .routes(routes!(undo))
        .routes(routes!(rejected))
        .routes(routes!(sample))
        .routes(routes!(read))
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

/// In which language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LanguageQuery {
    /// `es`, `pt` or `en`; `es` if absent.
    language: Option<String>,
}

impl LanguageQuery {
    fn language(&self) -> Language {
        self.language.as_deref().and_then(Language::from_tag).unwrap_or(Language::Es)
    }
}

/// How much to look at.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ForecastQuery {
    /// All rows, however many there are; the first 20,000 if absent or false.
    whole: Option<bool>,
}

/// Which of a workbook's sheets to read.
#[derive(Deserialize, ToSchema)]
struct SheetIn {
    sheet: String,
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

/// Stores the debtors of an import, once. `import_cancelled` if somebody ends it meanwhile.
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

/// Ends an import that is being stored, and answers when that is done: nothing of it is stored, and it can be confirmed again.
#[utoipa::path(post, path = "/debtors/imports/{id}/cancel", tag = "imports", params(("id" = i64, Path)),
    responses((status = OK, body = ImportView)))]
async fn cancel(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<ImportView>, Problem> {
    let entry = audit(&user, "import.cancel", format!("import:{id}"));
    Ok(axum::Json(state.importer.cancel(ImportId(id), entry).await?.into()))
}

/// Takes back what an import stored: the debtors that it added are deleted, those that it updated get their former values back, except
/// what was changed since. Refused once messages to them were planned or sent, or a later import has updated them. Who must not be written
/// to stays suppressed. Undoing twice is undoing once.
#[utoipa::path(post, path = "/debtors/imports/{id}/undo", tag = "imports", params(("id" = i64, Path)),
    responses((status = OK, body = ImportView)))]
async fn undo(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<ImportView>, Problem> {
    let entry = audit(&user, "import.undo", format!("import:{id}"));
    Ok(axum::Json(state.importer.undo(ImportId(id), entry).await?.into()))
}

/// Says what would become of the first 20,000 rows or of all, which debtors are known and what would change of them, and which phones
/// look mistyped; stores no debtor.
#[utoipa::path(post, path = "/debtors/imports/{id}/forecast", tag = "imports", params(("id" = i64, Path), ForecastQuery),
    request_body = CommitIn, responses((status = OK, body = ImportForecast)))]
async fn forecast(
    _: Supervisor,
    State(state): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Query(query): Query<ForecastQuery>,
    Json(input): Json<CommitIn>,
) -> Result<axum::Json<ImportForecast>, Problem> {
    let whole = query.whole.unwrap_or_default();
    let forecast = state.importer.forecast(ImportId(id), input.check()?, whole).await?;
    Ok(axum::Json(ImportForecast::new(forecast, Language::of(&headers))))
}

/// Reads another sheet of a workbook that is not confirmed yet.
#[utoipa::path(put, path = "/debtors/imports/{id}/sheet", tag = "imports", params(("id" = i64, Path)),
    request_body = SheetIn, responses((status = OK, body = ImportView)))]
async fn choose_sheet(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<SheetIn>,
) -> Result<axum::Json<ImportView>, Problem> {
    let import = state.importer.choose_sheet(ImportId(id), input.sheet).await?;
    Ok(axum::Json(import.into()))
}

/// The rows that were rejected, are duplicates or were warned of, with the reasons, in a file like the one they came in: a text with the
/// same separator and encoding, or an .xlsx workbook.
#[utoipa::path(get, path = "/debtors/imports/{id}/rejected", tag = "imports", params(("id" = i64, Path), LanguageQuery),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream")))]
async fn rejected(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(query): Query<LanguageQuery>,
) -> Result<impl IntoResponse, Problem> {
    let download = state.importer.rejected(ImportId(id), query.language().code()).await?;
    let kind = if download.extension == "xlsx" { WORKBOOK } else { "text/csv" };
    let disposition = format!("attachment; filename=\"rejected-{id}.{}\"", download.extension);
    let file = tokio::fs::File::from_std(download.file);
    Ok((
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        Body::from_stream(pieces(file)),
    ))
}

/// Bytes of a file that are in memory at once.
const PIECE: usize = 1 << 16;

/// A file, piece after piece.
fn pieces(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Vec<u8>>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = Vec::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then_some((piece, file)))
    })
}

const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook to try an import with: 200 made-up debtors, some of them with mistakes.
#[utoipa::path(get, path = "/debtors/imports/sample.xlsx", tag = "imports", params(LanguageQuery),
    responses((status = OK, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn sample(_: Supervisor, Query(query): Query<LanguageQuery>) -> Result<impl IntoResponse, Problem> {
    let language = query.language();
    let workbook = tokio::task::spawn_blocking(move || import::sample_workbook(language.code())).await;
    let workbook = workbook.map_err(|error| Problem::internal(&error))??;
    let disposition = "attachment; filename=\"sample-debtors.xlsx\"";
    Ok(([(header::CONTENT_TYPE, WORKBOOK), (header::CONTENT_DISPOSITION, disposition)], workbook))
}
