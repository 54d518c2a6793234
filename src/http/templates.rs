//! Templates: message texts with variables, and how they look filled in.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Checks, Json, Path, present},
    media::MediaView,
    page::Items,
    problem::{Kind, Problem},
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        debtor::DebtorDetails,
        id::{DebtorId, MediaId, TemplateId},
        media::{CAPTION_LIMIT, MediaKind},
        template::{self, CompiledTemplate, RenderError, Template},
    },
    store::{NewTemplate, TemplatePatch},
};

/// The longest body, in characters: WhatsApp's own limit for a text message.
const BODY_LIMIT: usize = 4096;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(variables))
        .routes(routes!(preview_body))
        .routes(routes!(read, change, remove))
        .routes(routes!(preview))
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Template)]
pub struct TemplateView {
    id: i64,
    name: String,
    /// Empty only beside a file.
    body: String,
    /// The file that goes with it.
    #[schema(required)]
    media: Option<MediaView>,
    /// The variables that the body uses.
    variables: Vec<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A template to add.
#[derive(Deserialize, ToSchema)]
struct TemplateIn {
    /// Unique, up to 100 characters.
    name: String,
    /// Up to 4096 characters, with `{{ variables }}`; up to 1024 beside a file, where it may be empty; none beside a sound.
    body: String,
    /// The id of an uploaded file that goes with it.
    media_id: Option<i64>,
}

/// What to change of a template. Running campaigns keep the text they started with.
#[derive(Deserialize, ToSchema)]
struct TemplatePatchIn {
    name: Option<String>,
    body: Option<String>,
    /// Null takes the file away.
    #[serde(default, deserialize_with = "present")]
    media_id: Option<Option<i64>>,
}

/// Whom to fill a template in for.
#[derive(Deserialize, ToSchema)]
struct PreviewIn {
    debtor_id: i64,
}

/// A text to fill in, not stored.
#[derive(Deserialize, ToSchema)]
struct BodyPreviewIn {
    body: String,
    /// A sample debtor if absent.
    debtor_id: Option<i64>,
}

/// A text filled in.
#[derive(Debug, Serialize, ToSchema)]
struct TemplatePreview {
    text: String,
}

/// A text filled in as far as it can be.
#[derive(Debug, Serialize, ToSchema)]
struct BodyPreview {
    /// Empty while variables are missing.
    text: String,
    /// The variables that the text uses.
    variables: Vec<String>,
    /// Those that the debtor lacks and that have no default.
    missing: Vec<String>,
}

/// A variable that templates may use.
#[derive(Debug, Serialize, ToSchema)]
struct Variable {
    name: String,
    /// What it looks like for the sample debtor.
    example: String,
    /// Whether it comes from a spreadsheet's further columns.
    custom: bool,
}

/// Every template.
#[utoipa::path(get, path = "/templates", tag = "templates", responses((status = OK, body = Items<TemplateView>)))]
async fn list(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<TemplateView>>, Problem> {
    let templates = state.store.templates().await?;
    Ok(axum::Json(templates.into_iter().map(TemplateView::from).collect()))
}

/// Adds a template.
#[utoipa::path(post, path = "/templates", tag = "templates", request_body = TemplateIn,
    responses((status = CREATED, body = TemplateView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<TemplateIn>,
) -> Result<(StatusCode, axum::Json<TemplateView>), Problem> {
    let mut checks = Checks::default();
    let name = checks.name(&input.name);
    let media_id = input.media_id.map(MediaId);
    let body = content(&mut checks, &state, &input.body, media_id).await?;
    let (Some(name), Some(body)) = (name, body) else {
        return Err(checks.into_problem());
    };
    compile(&body)?;
    let entry = audit(&user, "template.create", "template");
    let new = NewTemplate { name, body, media_id };
    let template = state.store.create_template(new, state.clock.now(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(template.into())))
}

/// A template.
#[utoipa::path(get, path = "/templates/{id}", tag = "templates", params(("id" = i64, Path)),
    responses((status = OK, body = TemplateView)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<TemplateView>, Problem> {
    let template = state.store.template(TemplateId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(template.into()))
}

/// Changes a template.
#[utoipa::path(patch, path = "/templates/{id}", tag = "templates", params(("id" = i64, Path)),
    request_body = TemplatePatchIn, responses((status = OK, body = TemplateView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<TemplatePatchIn>,
) -> Result<axum::Json<TemplateView>, Problem> {
    let mut checks = Checks::default();
    let name = input.name.as_deref().and_then(|name| checks.name(name));
    let known = state.store.template(TemplateId(id)).await?.ok_or_else(Problem::not_found)?;
    let media_id = input.media_id.map(|id| id.map(MediaId));
    // The text and the file have to go together, whichever of the two changes.
    let file = media_id.unwrap_or(known.media.map(|media| media.id));
    let body = content(&mut checks, &state, input.body.as_deref().unwrap_or(&known.body), file).await?;
    checks.finish()?;
    if let Some(body) = &body {
        compile(body)?;
    }
    let entry = audit(&user, "template.change", format!("template:{id}"));
    let patch = TemplatePatch { name, body, media_id };
    let template = state.store.update_template(TemplateId(id), patch, state.clock.now(), entry).await?;
    Ok(axum::Json(template.ok_or_else(Problem::not_found)?.into()))
}

/// Deletes a template that no campaign uses.
#[utoipa::path(delete, path = "/templates/{id}", tag = "templates", params(("id" = i64, Path)),
    responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "template.delete", format!("template:{id}"));
    let deleted = state.store.delete_template(TemplateId(id), state.clock.now(), entry).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// A template as one debtor would get it.
#[utoipa::path(post, path = "/templates/{id}/preview", tag = "templates", params(("id" = i64, Path)),
    request_body = PreviewIn, responses((status = OK, body = TemplatePreview)))]
async fn preview(
    _: Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<PreviewIn>,
) -> Result<axum::Json<TemplatePreview>, Problem> {
    let template = state.store.template(TemplateId(id)).await?.ok_or_else(Problem::not_found)?;
    let debtor = debtor(&state, input.debtor_id).await?;
    let text = compile(&template.body)?.render_beside(template.media.is_some(), &debtor);
    let text = text.map_err(|error| Problem::new(Kind::TemplateBroken).at("/body", "malformed", error))?;
    Ok(axum::Json(TemplatePreview { text }))
}

/// A text as a debtor would get it, for editors.
#[utoipa::path(post, path = "/templates/preview", tag = "templates", request_body = BodyPreviewIn,
    responses((status = OK, body = BodyPreview)))]
async fn preview_body(
    _: Supervisor,
    State(state): State<AppState>,
    Json(input): Json<BodyPreviewIn>,
) -> Result<axum::Json<BodyPreview>, Problem> {
    let template = compile(&input.body)?;
    let debtor = match input.debtor_id {
        Some(id) => debtor(&state, id).await?,
        None => sample(&state).await?,
    };
    let variables = template.variables().into_iter().collect();
    let (text, missing) = match template.render(&debtor) {
        Ok(text) => (text, Vec::new()),
        Err(RenderError::Missing(name)) => (String::new(), vec![name]),
        Err(error) => return Err(Problem::new(Kind::TemplateBroken).at("/body", "malformed", error)),
    };
    Ok(axum::Json(BodyPreview { text, variables, missing }))
}

/// The variables that templates may use.
#[utoipa::path(get, path = "/templates/variables", tag = "templates", responses((status = OK, body = Items<Variable>)))]
async fn variables(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<Variable>>, Problem> {
    let debtor = sample(&state).await?;
    let custom = state.store.custom_field_names().await?;
    let known = template::VARIABLES.iter().map(|&name| (name.to_owned(), false));
    let all = known.chain(custom.into_iter().map(|name| (name, true)));
    let variable = |(name, custom): (String, bool)| {
        let filled = template::compile(&format!("{{{{ {name} }}}}")).ok().and_then(|text| text.render(&debtor).ok());
        Variable { example: filled.unwrap_or_default(), name, custom }
    };
    Ok(axum::Json(all.map(variable).collect()))
}

/// The text, if it goes with the file.
async fn content(
    checks: &mut Checks,
    state: &AppState,
    body: &str,
    media_id: Option<MediaId>,
) -> Result<Option<String>, Problem> {
    let Some(id) = media_id else { return Ok(checks.text("/body", body, BODY_LIMIT)) };
    let Some(media) = state.store.media(id).await? else {
        checks.reject("/media_id", "unknown", "");
        return Ok(None);
    };
    let body = body.trim();
    if !body.is_empty() && media.kind == MediaKind::Audio {
        checks.reject("/body", "no_text_with_audio", "");
    } else if body.chars().count() > CAPTION_LIMIT {
        checks.reject("/body", "too_long", CAPTION_LIMIT);
    } else {
        return Ok(Some(body.to_owned()));
    }
    Ok(None)
}

fn compile(body: &str) -> Result<CompiledTemplate, Problem> {
    template::compile(body).map_err(|error| {
        let place = format!("{}: {}", error.line, error.message);
        Problem::new(Kind::TemplateBroken).at("/body", "template_line", place)
    })
}

async fn debtor(state: &AppState, id: i64) -> Result<DebtorDetails, Problem> {
    let unknown = || Problem::new(Kind::Validation).at("/debtor_id", "unknown", "");
    Ok(state.store.debtor(DebtorId(id)).await?.ok_or_else(unknown)?.details)
}

/// The sample debtor, with something in each further field that real debtors have.
async fn sample(state: &AppState) -> Result<DebtorDetails, Problem> {
    let mut debtor = template::sample_debtor();
    for name in state.store.custom_field_names().await? {
        debtor.fields.entry(name.clone()).or_insert(name);
    }
    Ok(debtor)
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        // A stored body has been checked to parse.
        let variables = template::compile(&template.body).map(|body| body.variables()).unwrap_or_default();
        Self {
            id: template.id.0,
            name: template.name,
            body: template.body,
            media: template.media.map(MediaView::from),
            variables: variables.into_iter().collect(),
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}
