//! How files were mapped: what is suggested for the next file of a shape, to be looked through and forgotten.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::ImportField,
    extract::Path,
    page::Items,
    problem::Problem,
    sign_in::Supervisor,
    state::{AppState, audit},
};
use crate::import::Profile;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(profiles)).routes(routes!(forget_profile))
}

/// How files with the same headers are mapped.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportProfile)]
struct ProfileView {
    /// Tells files of the same headers.
    id: String,
    /// The last file's name.
    file_name: String,
    used_at: DateTime<Utc>,
    columns: Vec<ProfileColumn>,
}

/// A column of such a file.
#[derive(Debug, Serialize, ToSchema)]
struct ProfileColumn {
    /// Its words, in lower case.
    header: String,
    field: ImportField,
    /// The variable's name, for `custom`.
    #[schema(required)]
    variable: Option<String>,
}

/// How files were mapped, the shape that was used last first; two hundred at the most.
#[utoipa::path(get, path = "/debtors/imports/profiles", tag = "imports", responses((status = OK, body = Items<ProfileView>)))]
async fn profiles(_: Supervisor, State(state): State<AppState>) -> Result<axum::Json<Items<ProfileView>>, Problem> {
    Ok(axum::Json(state.importer.profiles().await?.into_iter().map(ProfileView::from).collect()))
}

/// Forgets how files of a shape were mapped: the next one is mapped as it is detected.
#[utoipa::path(delete, path = "/debtors/imports/profiles/{id}", tag = "imports", params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
async fn forget_profile(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "import_profile.delete", "import_profile");
    let gone = state.importer.forget_profile(&id, entry).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

impl From<Profile> for ProfileView {
    fn from(profile: Profile) -> Self {
        let column = |(header, field, variable): (String, crate::import::Field, _)| ProfileColumn {
            header,
            field: field.into(),
            variable,
        };
        Self {
            id: profile.fingerprint,
            file_name: profile.file_name,
            used_at: profile.used_at,
            columns: profile.columns.into_iter().map(column).collect(),
        }
    }
}
