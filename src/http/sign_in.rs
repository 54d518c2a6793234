//! Who is asking: the sign-in cookie, and the extractors by which a handler says whom it serves.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

use super::{
    problem::{Kind, Problem},
    state::AppState,
};
use crate::domain::user::{Role, User};

/// The cookie's name.
pub const COOKIE: &str = "whatsmassive_sign_in";
/// How long a sign-in lasts at most; the browser forgets its cookie when it is closed.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// The SHA-256 of a sign-in's token. The token itself is only in the browser, so that a copy of the database signs nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// The hash of the request's cookie.
    pub(super) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        CookieJar::from_headers(headers).get(COOKIE).map(|cookie| Self::of(cookie.value()))
    }
}

/// Signs `user` in: the cookie to give to the browser.
pub(super) async fn begin(state: &AppState, user: &User, headers: &HeaderMap) -> Result<CookieJar, Problem> {
    let token = BASE64_URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
    let now = state.clock.now();
    state.store.delete_expired_sign_ins(now).await?;
    state.store.create_sign_in(&TokenHash::of(&token).0, user.id, now + LIFETIME, now).await?;
    Ok(CookieJar::new().add(cookie(state, headers, token)))
}

/// The cookie that takes the sign-in out of the browser.
pub(super) fn end(state: &AppState, headers: &HeaderMap) -> CookieJar {
    let mut cookie = cookie(state, headers, String::new());
    cookie.make_removal();
    CookieJar::new().add(cookie)
}

fn cookie(state: &AppState, headers: &HeaderMap, value: String) -> Cookie<'static> {
    // A proxy that lies here can only make the cookie stricter.
    let https = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    Cookie::build((COOKIE, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.settings.secure_cookies || https)
        .build()
}

/// Whoever is signed in, of any role.
#[derive(Debug, Clone)]
pub struct SignedIn(pub User);

/// A supervisor or an admin.
#[derive(Debug, Clone)]
pub struct Supervisor(pub User);

/// An admin.
#[derive(Debug, Clone)]
pub struct Admin(pub User);

async fn user(headers: &HeaderMap, state: &AppState) -> Result<User, Problem> {
    let unauthenticated = Problem::new(Kind::Unauthenticated);
    let Some(token) = TokenHash::from_headers(headers) else {
        return Err(unauthenticated);
    };
    state.store.sign_in_user(&token.0, state.clock.now()).await?.ok_or(unauthenticated)
}

async fn user_with(role: Role, parts: &Parts, state: &AppState) -> Result<User, Problem> {
    let user = user(&parts.headers, state).await?;
    if user.role.includes(role) { Ok(user) } else { Err(Problem::new(Kind::Forbidden)) }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        user(&parts.headers, state).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Supervisor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        user_with(Role::Supervisor, parts, state).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        user_with(Role::Admin, parts, state).await.map(Self)
    }
}

/// Lets only those who are signed in through to the sockets, and tells the sockets who they are.
pub(super) async fn guard_sockets(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if request.uri().path().starts_with("/socket.io") {
        let user = user(request.headers(), &state).await?;
        request.extensions_mut().insert(user);
        if let Some(token) = TokenHash::from_headers(request.headers()) {
            request.extensions_mut().insert(token);
        }
    }
    Ok(next.run(request).await)
}
