//! The OpenAPI document, generated from the routes, and the page that shows it.

use std::sync::{Arc, LazyLock};

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Redirect, Response},
};
use utoipa::{
    Modify,
    openapi::{
        ContentBuilder, OpenApi, Ref, ResponseBuilder,
        path::Operation,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use super::{
    extract::Path,
    problem::{Problem, ProblemView},
    sign_in::{COOKIE, SignedIn},
};
use crate::realtime::events::{ClientEvents, ServerEvents};

/// What the routes do not tell.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "WhatsMassive",
        description = "Manages a fleet of WhatsApp numbers for collections teams. Instants are RFC 3339 in UTC. Errors are \
            problem+json (RFC 9457) in the language of `Accept-Language`: es, pt or en. What happens is told live by Socket.IO at \
            `/socket.io`; the schemas `ServerEvents` and `ClientEvents` have a property for each event."
    ),
    components(schemas(ProblemView, ServerEvents, ClientEvents)),
    security(("sign_in" = [])),
    modifiers(&SignInScheme),
)]
pub(super) struct Document;

struct SignInScheme;

impl Modify for SignInScheme {
    fn modify(&self, openapi: &mut OpenApi) {
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
        openapi.components.get_or_insert_default().add_security_scheme("sign_in", cookie);
    }
}

/// The OpenAPI document. It needs nothing that runs.
pub fn openapi() -> OpenApi {
    let mut document = super::api().into_openapi();
    for item in document.paths.paths.values_mut() {
        for operation in
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
        {
            complete(operation);
        }
    }
    document
}

/// The OpenAPI document as it is committed for the web app: indented, with a newline at its end.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Gives an operation an id that is unique, since handlers of different nouns share names, and the answer that all have in common.
fn complete(operation: &mut Operation) {
    let noun = operation.tags.as_ref().and_then(|tags| tags.first()).map_or("", String::as_str);
    let verb = operation.operation_id.take().unwrap_or_default();
    operation.operation_id = Some(format!("{noun}_{verb}"));
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem =
        ResponseBuilder::new().description("What went wrong").content("application/problem+json", body).build();
    operation.responses.responses.insert("default".to_owned(), problem.into());
}

/// The document.
pub(super) async fn document(_: SignedIn) -> Response {
    static JSON: LazyLock<String> = LazyLock::new(openapi_json);
    ([(CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}

/// The page's own address ends in a slash, because its files are named relative to it.
pub(super) async fn page(_: SignedIn) -> Redirect {
    Redirect::permanent("/api/docs/")
}

/// The page itself.
pub(super) async fn page_index(user: SignedIn) -> Result<Response, Problem> {
    page_file(user, Path(String::new())).await
}

/// A file of the page.
pub(super) async fn page_file(_: SignedIn, Path(path): Path<String>) -> Result<Response, Problem> {
    let config = Arc::new(utoipa_swagger_ui::Config::from("/api/openapi.json"));
    match utoipa_swagger_ui::serve(&path, config) {
        Ok(Some(file)) => Ok(([(CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response()),
        Ok(None) => Err(Problem::not_found()),
        Err(error) => Err(Problem::internal(error.as_ref())),
    }
}
