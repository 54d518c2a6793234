//! Signing in and out, and the first user.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::Role,
    extract::{Checks, Json, NAME_LIMIT},
    password,
    problem::{Kind, Problem},
    security,
    sign_in::{self, SignedIn, TokenHash},
    state::AppState,
};
use crate::{
    domain::{
        audit::AuditEntry,
        user::{NewPassword, User},
    },
    store::NewUser,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    // Guessing passwords and codes is what the rate limit is for; it does not slow down people who are signed in.
    let guessable = OpenApiRouter::new().routes(routes!(set_up)).routes(routes!(log_in)).layer(security::guess_limit());
    guessable.routes(routes!(log_out)).routes(routes!(me))
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    id: i64,
    username: String,
    name: String,
    role: Role,
}

impl From<&User> for Me {
    fn from(user: &User) -> Self {
        Self { id: user.id.0, username: user.username.clone(), name: user.name.clone(), role: user.role.into() }
    }
}

/// The first user.
#[derive(Deserialize, ToSchema)]
struct SetupIn {
    /// The code printed in the server's log.
    code: String,
    /// What the user signs in with, up to 100 characters.
    username: String,
    /// What others see, up to 100 characters.
    name: String,
    /// 10 to 200 characters.
    password: String,
}

/// Creates the first user, an admin, and signs them in. Only while there is no user.
#[utoipa::path(post, path = "/setup", tag = "auth", security(()), request_body = SetupIn,
    responses((status = CREATED, body = Me)))]
async fn set_up(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(input): Json<SetupIn>,
) -> Result<(StatusCode, CookieJar, axum::Json<Me>), Problem> {
    if state.setup_code().await?.is_none() {
        return Err(Problem::new(Kind::SetupDone));
    }
    if !same(&input.code.trim().to_ascii_uppercase(), &state.setup_code) {
        return Err(Problem::new(Kind::SetupCodeWrong).at("/code", "invalid", ""));
    }
    let (username, name, password) = input.check()?;
    let password_hash = password::hash_password(&password).await.map_err(|error| Problem::internal(&error))?;
    let user = NewUser { username, name, role: crate::domain::user::Role::Admin, password_hash };
    let entry =
        AuditEntry { actor: None, action: "user.set_up", subject: "user".to_owned(), detail: serde_json::Value::Null };
    // Two at once: the database lets one through.
    let Some(user) = state.store.create_first_user(user, state.clock.now(), entry).await? else {
        return Err(Problem::new(Kind::SetupDone));
    };
    let cookies = sign_in::begin(&state, &user, &headers).await?;
    Ok((StatusCode::CREATED, cookies, axum::Json(Me::from(&user))))
}

impl SetupIn {
    fn check(&self) -> Result<(String, String, NewPassword), Problem> {
        let mut checks = Checks::default();
        let username = checks.text("/username", &self.username, NAME_LIMIT);
        let name = checks.name(&self.name);
        let password = NewPassword::new(&self.password).ok();
        if password.is_none() {
            let long = self.password.chars().count() > NewPassword::MAX;
            let (code, limit) = if long { ("too_long", NewPassword::MAX) } else { ("too_short", NewPassword::MIN) };
            checks.reject("/password", code, limit);
        }
        match (username, name, password) {
            (Some(username), Some(name), Some(password)) => Ok((username, name, password)),
            _ => Err(checks.into_problem()),
        }
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ.
fn same(left: &str, right: &str) -> bool {
    Sha256::digest(left) == Sha256::digest(right)
}

/// What one signs in with.
#[derive(Deserialize, ToSchema)]
struct LoginIn {
    username: String,
    password: String,
}

/// Signs in: sets the cookie that every other request needs.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = LoginIn,
    responses((status = OK, body = Me)))]
async fn log_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(input): Json<LoginIn>,
) -> Result<(CookieJar, axum::Json<Me>), Problem> {
    if input.password.chars().count() > NewPassword::MAX {
        return Err(Problem::new(Kind::CredentialsWrong));
    }
    let (user, hash) = state.store.user_by_username(input.username.trim()).await?.unzip();
    let right = password::verify(input.password, hash).await.map_err(|error| Problem::internal(&error))?;
    let Some(user) = user.filter(|_| right) else {
        tracing::info!("a sign-in was refused");
        return Err(Problem::new(Kind::CredentialsWrong));
    };
    let cookies = sign_in::begin(&state, &user, &headers).await?;
    Ok((cookies, axum::Json(Me::from(&user))))
}

/// Signs out, here and on this browser's sockets.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = NO_CONTENT)))]
async fn log_out(
    SignedIn(user): SignedIn,
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<(StatusCode, CookieJar), Problem> {
    if let Some(token) = TokenHash::from_headers(&headers) {
        state.store.delete_sign_in(&token.0).await?;
        state.realtime.sign_out(&token).await;
    }
    tracing::info!(user = user.id.0, "signed out");
    Ok((StatusCode::NO_CONTENT, sign_in::end(&state, &headers)))
}

/// Who is signed in.
#[utoipa::path(get, path = "/auth/me", tag = "auth", responses((status = OK, body = Me)))]
async fn me(SignedIn(user): SignedIn) -> axum::Json<Me> {
    axum::Json(Me::from(&user))
}
