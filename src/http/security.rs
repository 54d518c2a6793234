//! What keeps a browser, and whoever else reaches the port, from doing harm.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method,
        header::{HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::middleware::NoOpMiddleware;
use tower_governor::{
    GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::PeerIpKeyExtractor,
};

use super::problem::{Kind, Problem};

/// The largest JSON body, in bytes.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// How long a request may take, but for uploads.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Attempts to guess a password or a code that one address may make at once.
const GUESSES: u32 = 20;
/// The pause that gives back one of [`GUESSES`].
const GUESS_PAUSE: Duration = Duration::from_secs(2);

/// No script, style, font, frame or connection from elsewhere. Styles may be inline because the component library positions with them;
/// images may be `data:` because QR codes are.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// Adds the headers that make browsers careful; nothing under `/api` is kept in caches.
pub async fn headers(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // Something may be more careful still.
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if api {
        headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// Refuses what another site makes a browser send. The cookie is `SameSite=Strict` already; this holds for older browsers too, and
/// for WebSockets, which no same-origin policy covers.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let socket = request.uri().path().starts_with("/socket.io");
    if (!reads || socket) && is_cross_site(request.headers()) {
        return Problem::new(Kind::CrossSite).into_response();
    }
    next.run(request).await
}

/// Whether a browser says that another site is behind the request. Clients that are no browsers say nothing.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    match headers.get(ORIGIN) {
        None => false,
        Some(_) => {
            let origin = text(&ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
            origin.is_none() || origin != text(&HOST)
        }
    }
}

/// Slows down whoever guesses passwords or codes, by the address they connect from. Behind a proxy that is the proxy's: all share one
/// allowance there.
pub fn guess_limit() -> GovernorLayer<PeerIpKeyExtractor, NoOpMiddleware, axum::body::Body> {
    let mut builder = GovernorConfigBuilder::default();
    builder.period(GUESS_PAUSE).burst_size(GUESSES);
    // Both numbers are above zero, which is all that `finish` asks for.
    let config = builder.finish().unwrap_or_default();
    GovernorLayer::new(Arc::new(config)).error_handler(|error| match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            let mut response = Problem::new(Kind::RateLimited).into_response();
            response.headers_mut().insert("retry-after", wait_time.into());
            response
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            Problem::new(Kind::Unavailable).into_response()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_site_sends_is_told_apart() {
        for (pairs, cross) in [
            (vec![], false),
            (vec![("sec-fetch-site", "same-origin")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("sec-fetch-site", "same-site")], true),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], true),
            (vec![("origin", "http://a:8080"), ("host", "a:8080")], false),
            (vec![("origin", "http://evil"), ("host", "a:8080")], true),
            (vec![("origin", "null"), ("host", "a")], true),
        ] {
            let headers = pairs.iter().map(|&(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            assert_eq!(is_cross_site(&headers.collect()), cross, "{pairs:?}");
        }
    }
}
