//! The page where a person plays the phones.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{
        Html, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;

use super::{
    page::{script, svg},
    world::World,
};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/phone", get(|| async { Html(include_str!("phone_page/index.html")) }))
        .route("/phone/phone.js", get(|| async { script(include_str!("phone_page/phone.js")) }))
        .route("/phone/texts.js", get(|| async { script(include_str!("phone_page/texts.js")) }))
        .route(
            "/phone/phone.css",
            get(|| async { ([(CONTENT_TYPE, "text/css")], include_str!("phone_page/phone.css")) }),
        )
        .route("/phone/state", get(state))
        .route("/phone/events", get(events))
}

/// Everything the page shows: phones, the codes on show as pictures, the chats.
async fn state(State(world): State<Arc<World>>) -> Json<Value> {
    let mut state = world.describe();
    for code in state["codes"].as_array_mut().into_iter().flatten() {
        code["svg"] = svg(code["qr"].as_str().unwrap_or_default()).into();
    }
    state["chats"] = world.chats();
    Json(state)
}

/// Tells that something changed; the page then asks for the state.
async fn events(State(world): State<Arc<World>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold(world.watch(), |mut watch| async move {
        watch.changed().await.ok()?;
        Some((Ok(Event::default().data("changed")), watch))
    })
    .take_until(world.stopping().clone().cancelled_owned());
    Sse::new(changes).keep_alive(KeepAlive::default())
}
