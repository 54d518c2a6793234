//! The server side of the page: its files, and the socket over which its device links, sends and receives.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::RngExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    faults::take,
    media::Uploaded,
    messages::LedgerEntry,
    world::{self, Page, World},
};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(index))
        .route("/page/models.js", get(|| async { script(include_str!("page/models.js")) }))
        .route("/page/ids.js", get(|| async { script(include_str!("page/ids.js")) }))
        .route("/page/stores.js", get(|| async { script(include_str!("page/stores.js")) }))
        .route("/page/storage.js", get(|| async { script(include_str!("page/storage.js")) }))
        .route("/page/modules.js", get(|| async { script(include_str!("page/modules.js")) }))
        .route("/page/libraries.js", get(|| async { script(include_str!("page/libraries.js")) }))
        .route("/page/media.js", get(|| async { script(include_str!("page/media.js")) }))
        .route("/page/client.js", get(|| async { script(include_str!("page/client.js")) }))
        .route("/page/style.css", get(|| async { ([(CONTENT_TYPE, "text/css")], include_str!("page/style.css")) }))
        .route("/page/socket", get(open_socket))
}

/// The page; what it lacks is said before its scripts run.
async fn index(State(world): State<Arc<World>>) -> Html<String> {
    let faults = world.lock().faults.clone();
    if faults.garbage {
        return Html(
            "<!doctype html><title>\u{fffd}</title><script>throw new Error('not the page')</script>".to_owned(),
        );
    }
    let missing = format!("<script>window.missingModules = {}</script>", json!(faults.missing_modules));
    Html(include_str!("page/index.html").replace("</title>", &format!("</title>{missing}")))
}

pub(super) fn script(text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript"), (CACHE_CONTROL, "no-store")], text)
}

/// What a page says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Hello { device: Option<String>, noise: String, unread: Vec<Unread> },
    Refresh,
    Linked,
    Ask(Question),
    Send(Outgoing),
    Received { id: String },
}

#[derive(Deserialize)]
struct Unread {
    key: String,
    id: String,
    /// −1 for one that was refused.
    ack: i8,
}

#[derive(Deserialize)]
struct Question {
    question: u64,
    ask: String,
    user: Option<String>,
}

#[derive(Deserialize, Clone)]
struct Outgoing {
    key: String,
    id: String,
    to: String,
    body: String,
    media: Option<Uploaded>,
}

async fn open_socket(State(world): State<Arc<World>>, upgrade: WebSocketUpgrade) -> Response {
    if world.lock().faults.offline {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let world = World::clone(&world);
    // Announced before the upgrade: the world waits for the page that is on its way, too.
    let serving = world.track();
    upgrade.max_message_size(1 << 20).on_upgrade(move |socket| async move {
        serve(socket, &world).await;
        drop(serving);
    })
}

async fn serve(mut socket: WebSocket, world: &World) {
    let (sender, outgoing) = mpsc::unbounded_channel();
    let number = {
        let mut state = world.lock();
        state.next_page += 1;
        let number = state.next_page;
        let page = Page {
            sender,
            device: None,
            passkey_of: None,
            refs: Vec::new(),
            shows: None,
            shown_at: 0,
            noise: String::new(),
            linking: None,
        };
        state.pages.insert(number, page);
        number
    };
    // Given up from outside, because a frozen page lets a send wait for ever.
    world.stopping().run_until_cancelled(converse(&mut socket, outgoing, world, number)).await;
    world.lock().pages.remove(&number);
    world.touch();
}

async fn converse(socket: &mut WebSocket, mut outgoing: mpsc::UnboundedReceiver<Value>, world: &World, number: u64) {
    loop {
        tokio::select! {
            message = outgoing.recv() => {
                let Some(message) = message else { break };
                if socket.send(Message::text(message.to_string())).await.is_err() {
                    break;
                }
            }
            said = socket.recv() => match said {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(said) => hear(world, number, said),
                    Err(error) => tracing::warn!(%error, "the page said something odd"),
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
}

fn hear(world: &World, number: u64, said: Said) {
    match said {
        Said::Hello { device, noise, unread } => hello(world, number, device, noise, &unread),
        Said::Refresh => show_codes(world, number),
        Said::Linked => world.touch(),
        Said::Ask(question) => answer(world, number, &question),
        Said::Send(message) => receive(world, number, message),
        Said::Received { id } => {
            if let Some(reply) = world.lock().memory.replies.iter_mut().find(|reply| reply.id == id) {
                reply.received = true;
            }
            world.touch();
        }
    }
}

fn hello(world: &World, number: u64, device: Option<String>, noise: String, unread: &[Unread]) {
    {
        let mut guard = world.lock();
        let state = &mut *guard;
        let phone = device.as_deref().and_then(|device| state.phone_of(device));
        let faults = phone.map_or(&state.faults, |phone| state.faults_of(phone)).clone();
        let (linked, sync_ms) = (phone.is_some(), faults.sync_ms);
        if linked && faults.offline {
            // The page loses its connection, and tries again.
            state.pages.remove(&number);
            return;
        }
        let Some(page) = state.pages.get_mut(&number) else {
            return;
        };
        page.noise = noise;
        if linked {
            page.device = device;
            drop(page.sender.send(json!({ "type": "welcome", "sync_ms": sync_ms })));
            if let Some(told) = &faults.socket_state {
                drop(page.sender.send(json!({ "type": "state", "state": told })));
            }
            for message in unread {
                let known = state
                    .memory
                    .ledger
                    .iter()
                    .find(|entry| entry.id == message.id && i16::from(entry.ack) > i16::from(message.ack));
                if let Some(entry) = known {
                    drop(page.sender.send(json!({ "type": "ack", "key": message.key, "ack": entry.ack })));
                }
            }
            let waiting: Vec<_> = state.memory.replies.iter().filter(|reply| !reply.received).cloned().collect();
            for reply in waiting {
                state.deliver(&reply);
            }
        } else if device.is_some() {
            drop(page.sender.send(json!({ "type": "unlinked" })));
            return;
        }
        if linked {
            drop(guard);
            world.touch();
            return;
        }
    }
    show_codes(world, number);
}

/// Shows QR refs one after the other until the page is linked or gone, then goes idle.
fn show_codes(world: &World, number: u64) {
    let (refs, pause) = {
        let state = world.lock();
        (state.faults.refs, Duration::from_millis(state.faults.ref_ms))
    };
    let series = format!("{:016x}", rand::rng().random::<u64>());
    let world = world.clone();
    world.clone().spawn(async move {
        for turn in 0..refs {
            let shown = format!("2@{}", STANDARD.encode(rand::rng().random::<[u8; 24]>()));
            {
                let mut state = world.lock();
                let Some(page) = state.pages.get_mut(&number) else {
                    return;
                };
                // A newer series, or a link, ends this one.
                if page.is_taken() || (turn > 0 && page.refs.first() != Some(&series)) {
                    return;
                }
                page.refs = vec![series.clone()];
                page.shows = Some(shown.clone());
                page.shown_at = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp_millis();
                let svg = svg(&format!("{shown},{}", page.noise));
                drop(page.sender.send(json!({ "type": "ref", "ref": shown, "svg": svg })));
            }
            world.touch();
            // The first ref lasts three times as long, as on WhatsApp.
            tokio::time::sleep(if turn == 0 { pause * 3 } else { pause }).await;
        }
        let mut state = world.lock();
        let Some(page) = state.pages.get_mut(&number) else {
            return;
        };
        if !page.is_taken() && page.refs.first() == Some(&series) {
            page.shows = None;
            drop(page.sender.send(json!({ "type": "idle" })));
        }
        drop(state);
        world.touch();
    });
}

/// A QR code as SVG; empty should the text be too long for one.
pub(super) fn svg(text: &str) -> String {
    qrcode::QrCode::new(text)
        .map(|code| code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build())
        .unwrap_or_default()
}

fn answer(world: &World, number: u64, question: &Question) {
    let mut guard = world.lock();
    let state = &mut *guard;
    let user = state.number_of(question.user.as_deref().unwrap_or_default());
    let exists_error = state.pages.get(&number).is_some_and(|page| state.faults_at(page).exists_error);
    let answer = match question.ask.as_str() {
        "exists" if exists_error => json!({ "error": "the server did not answer" }),
        "exists" => {
            state.memory.people.insert(world::lid(&user), user.clone());
            let tells = state.faults.lid_chats && !state.faults.hide_numbers;
            let lid = tells.then(|| format!("{}@lid", world::lid(&user)));
            json!({ "exists": !state.faults.not_on_whatsapp.contains(&user), "lid": lid })
        }
        "chat" => {
            state.memory.people.insert(world::lid(&user), user.clone());
            json!({ "chat": state.chat(&user) })
        }
        "linking_code" if !state.memory.phones.contains_key(&user) => json!({ "error": "there is no such phone" }),
        "linking_code" => {
            let code = world::linking_code();
            if let Some(page) = state.pages.get_mut(&number) {
                page.linking = Some((user, code.clone()));
            }
            json!({ "code": code })
        }
        "log_out" => {
            let device = state.pages.get(&number).and_then(|page| page.device.clone());
            for phone in
                state.memory.phones.values_mut().filter(|phone| phone.device.is_some() && phone.device == device)
            {
                phone.device = None;
            }
            json!({})
        }
        other => json!({ "error": format!("unknown question {other}") }),
    };
    let mut message = json!({ "type": "answer", "question": question.question });
    if let (Some(message), Value::Object(answer)) = (message.as_object_mut(), answer) {
        message.extend(answer);
    }
    if let Some(page) = state.pages.get(&number) {
        drop(page.sender.send(message));
    }
    drop(guard);
    world.touch();
}

/// Takes a message from a linked page, and lets its receipts follow.
fn receive(world: &World, number: u64, message: Outgoing) {
    let mut guard = world.lock();
    let state = &mut *guard;
    let Some(device) = state.pages.get(&number).and_then(|page| page.device.clone()) else {
        return;
    };
    let Some(from) = state.phone_of(&device).map(str::to_owned) else {
        return;
    };
    let to = state.number_of(&message.to);
    if take(&mut state.faults_of_mut(&from).reload_before) {
        state.tell(&device, json!({ "type": "reload" }));
        return;
    }
    if take(&mut state.faults_of_mut(&from).hang_before) {
        state.tell(&device, json!({ "type": "hang" }));
        return;
    }
    let is_new_chat = !state.memory.ledger.iter().any(|entry| entry.from == from && entry.to == to);
    // What was never uploaded, or is not there any more, cannot arrive.
    let media = message.media.as_ref().map(|uploaded| state.arrived(uploaded));
    let faults = state.faults_of_mut(&from);
    if faults.restrict_new_chats && is_new_chat {
        state.tell(&device, json!({ "type": "ack", "key": message.key, "ack": -1, "error": 463 }));
        return;
    }
    if take(&mut faults.refuse) || matches!(media, Some(None)) {
        state.tell(&device, json!({ "type": "ack", "key": message.key, "ack": -1 }));
        return;
    }
    if let Some(known) = state.memory.ledger.iter_mut().find(|entry| entry.from == from && entry.id == message.id) {
        known.repeats += 1;
    } else {
        let seq = state.memory.ledger.len() as u64 + 1;
        let Outgoing { key, id, body, .. } = message.clone();
        let media = media.flatten();
        state.memory.ledger.push(LedgerEntry { seq, from: from.clone(), to, id, body, media, ack: 1, repeats: 0, key });
    }
    if take(&mut state.faults_of_mut(&from).reload_after) {
        state.tell(&device, json!({ "type": "reload" }));
    }
    let silent = take(&mut state.faults_of_mut(&from).lose_answer);
    drop(guard);
    world.touch();
    world.spawn(receipts(world.clone(), from, device, message, silent));
}

/// Tells the page how the message fares: taken, delivered, read.
async fn receipts(world: World, from: String, device: String, message: Outgoing, silent: bool) {
    world.kept().await;
    let faults = world.lock().faults_of(&from).clone();
    let mut steps = vec![(1_u8, faults.sent_ms), (2, faults.delivered_ms), (3, faults.read_ms)];
    if faults.reorder_receipts {
        steps.swap(1, 2);
    }
    if faults.lose_receipts {
        steps.truncate(1);
    }
    for (ack, pause) in steps {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let mut state = world.lock();
        if let Some(entry) = state.memory.ledger.iter_mut().find(|entry| entry.from == from && entry.id == message.id) {
            entry.ack = entry.ack.max(ack);
        }
        if !silent {
            for _ in 0..if faults.repeat_receipts { 2 } else { 1 } {
                state.tell(&device, json!({ "type": "ack", "key": message.key, "ack": ack }));
            }
        }
        drop(state);
        world.touch();
    }
}
