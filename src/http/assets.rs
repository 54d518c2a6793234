//! The web app, built into the binary.

use axum::{
    http::{
        Method, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Response},
};
use rust_embed::RustEmbed;

use super::problem::{Kind, Problem};

#[derive(RustEmbed)]
#[folder = "frontend/dist"]
#[allow_missing = true]
struct Dist;

/// Vite puts a hash of the content into these files' names, so that they never change.
const HASHED: &str = "assets/";
/// Asks before using a kept copy, so that an upgrade is seen at once.
const REVALIDATE: &str = "no-cache";
const FOREVER: &str = "public, max-age=31536000, immutable";

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>WhatsMassive</title>\
    <h1>The web app is not built into this binary</h1>\
    <p>Build it with <code>npm ci && npm run build</code> in <code>frontend/</code>, then build the server again. The API works.";

/// Everything that is no route: a file of the web app, or its page, which knows its own addresses.
pub(super) async fn serve(method: Method, uri: Uri) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return Err(Problem::not_found());
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(Problem::new(Kind::MethodNotAllowed));
    }
    if let Some(response) = file(path) {
        return Ok(response);
    }
    if path.starts_with(HASHED) {
        return Err(Problem::not_found());
    }
    Ok(file("index.html").unwrap_or_else(|| Html(NOT_BUILT).into_response()))
}

fn file(path: &str) -> Option<Response> {
    let file = Dist::get(path)?;
    let caching = if path.starts_with(HASHED) { FOREVER } else { REVALIDATE };
    let kind = file.metadata.mimetype().to_owned();
    Some(([(CONTENT_TYPE, kind.as_str()), (CACHE_CONTROL, caching)], file.data.into_owned()).into_response())
}
