//! What handlers take out of requests, and how a bad request is told: with JSON pointers to what is wrong.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::problem::{FieldError, Kind, Problem};

/// Every code a field error may have; the catalogue has their texts.
#[cfg(test)]
pub const CODES: &[&str] = &[
    "required",
    "invalid",
    "invalid_phone",
    "invalid_currency",
    "taken",
    "too_short",
    "too_long",
    "out_of_range",
    "reversed",
    "ends_early",
    "invalid_time",
    "invalid_date_time",
    "time_skipped",
    "time_twice",
    "invalid_time_zone",
    "unknown",
    "duplicate",
    "no_text_with_audio",
    "reason_required",
    "template_line",
    "malformed",
];

/// The longest name of anything, in characters.
pub const NAME_LIMIT: usize = 100;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(Kind::TooLarge)
            } else {
                Problem::new(Kind::BodyMalformed).with("the connection broke")
            }
        })?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| unreadable(&error))?;
        json.end().map_err(|error| Problem::new(Kind::BodyMalformed).with(error))?;
        Ok(Self(value))
    }
}

/// The problem with JSON that is not JSON, or not of the type that is asked for.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return Problem::new(Kind::BodyMalformed).with(error.inner());
    }
    let mut pointer = pointer(error.path());
    let text = error.inner().to_string();
    // serde tells a missing field in its text only.
    let code = match text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(field) => {
            pointer.push('/');
            pointer.push_str(field);
            "required"
        }
        None => "invalid",
    };
    Problem::new(Kind::Validation).at(pointer, code, "")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { .. } | Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&name);
    }
    pointer
}

/// The query of the address.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(Kind::Validation).at("", "malformed", rejection.body_text())),
        }
    }
}

/// The id in the address; one that is not a number is of nothing.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Collects what is wrong with a body, so that a person sees it all at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that a field is wrong.
    pub fn reject(&mut self, pointer: impl Into<String>, code: &'static str, value: impl ToString) {
        self.0.push(FieldError { pointer: pointer.into(), code, value: value.to_string() });
    }

    /// The value, or a note of the error.
    pub fn keep<T, E>(&mut self, pointer: &str, code: &'static str, value: Result<T, E>) -> Option<T> {
        value.map_err(|_| self.reject(pointer, code, "")).ok()
    }

    /// A text without surrounding space, 1 to `limit` characters long.
    pub fn text(&mut self, pointer: &str, text: &str, limit: usize) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            self.reject(pointer, "required", "");
        } else if text.chars().count() > limit {
            self.reject(pointer, "too_long", limit);
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// The name of something.
    pub fn name(&mut self, text: &str) -> Option<String> {
        self.text("/name", text, NAME_LIMIT)
    }

    /// An error that names every field noted.
    pub fn into_problem(self) -> Problem {
        Problem::invalid(self.0)
    }

    /// Whether nothing was noted.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_problem()) }
    }
}

/// Reads a field of a merge patch (RFC 7396): absent is `None`, null is `Some(None)`.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}
