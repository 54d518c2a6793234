//! The line to the page: calls with a time limit, and the pump that turns what the page tells into channel events.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chromiumoxide::{
    Page,
    cdp::{
        browser_protocol::{
            inspector, network,
            page::{AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotFormat, EnableParams, NavigateParams},
        },
        js_protocol::{
            heap_profiler::CollectGarbageParams,
            runtime::{
                AddBindingParams, CompileScriptParams, DiscardConsoleEntriesParams, EvaluateParams, EventBindingCalled,
                EventConsoleApiCalled, EventExceptionThrown, ExceptionDetails,
            },
        },
    },
    error::CdpError,
    listeners::EventStream,
    page::ScreenshotParams,
};
use chrono::TimeDelta;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Acks, WebConfig,
    bridge::{self, Arrived, Snapshot},
    file_name,
    shard::Tab,
};
use crate::{
    channel::{ChannelError, ChannelEvent, ChannelState, OpenError},
    domain::{
        clock::Clock,
        conversation::{HiddenInbound, Inbound, Lid},
        media::{InboundMedia, MediaKind},
        message::WireId,
        phone::Phone,
    },
};

/// How long a call into the page may take; the bridge itself gives up a little earlier.
const CALL: Duration = Duration::from_secs(15);
/// How long a call may take that moves a file of up to 16 MB.
const FILE_CALL: Duration = Duration::from_secs(65);
/// How long a picture may take.
const PICTURE: Duration = Duration::from_secs(3);
/// Lines of a page's console that are kept, and how long each may be, in characters.
const CONSOLE_LINES: usize = 30;
const CONSOLE_WIDTH: usize = 300;
/// How long WhatsApp shows the first QR code of a page, and each one after it.
const FIRST_QR: TimeDelta = TimeDelta::seconds(60);
const NEXT_QR: TimeDelta = TimeDelta::seconds(20);
/// Signs of life that may be missed in a row.
const MISSED_BEATS: u32 = 2;

/// Calls into the page; cheap to clone.
#[derive(Clone)]
pub(super) struct Link {
    page: Page,
    gone: CancellationToken,
    console: Console,
}

impl Link {
    /// Installs the bridge in an empty page and sends the page on its way.
    pub async fn open(tab: &Tab, script: &str, url: &str) -> Result<(Self, Told), OpenError> {
        let link = Self { page: tab.page(), gone: tab.gone(), console: Console::default() };
        link.find_fault(script).await.map_err(OpenError::Bridge)?;
        let told = timeout(CALL, link.install(script)).await;
        let told = told.map_err(|_| OpenError::Browser("the page could not be prepared in time".to_owned()))?;
        let told = told.map_err(|error| OpenError::Browser(error.to_string()))?;
        link.go(url).await?;
        Ok((link, told))
    }

    /// The order matters: without `Page.enable` Chromium ignores the script, and what the page tells before somebody listens is lost.
    async fn install(&self, script: &str) -> Result<Told, CdpError> {
        // The library turns it on, and Chromium would then keep whatever the page loads, up to 200 MB of it.
        self.page.execute(network::DisableParams::default()).await?;
        self.page.execute(EnableParams::default()).await?;
        self.page.execute(inspector::EnableParams::default()).await?;
        self.page.execute(AddBindingParams::new(bridge::BINDING)).await?;
        self.page.execute(AddScriptToEvaluateOnNewDocumentParams::new(script)).await?;
        Ok(Told {
            bridge: self.page.event_listener().await?,
            console: self.page.event_listener().await?,
            errors: self.page.event_listener().await?,
            crash: self.page.event_listener().await?,
        })
    }

    /// Begins to load the page. Chromium answers when the server has begun to answer, or nobody has.
    async fn go(&self, url: &str) -> Result<(), OpenError> {
        match timeout(CALL, self.page.execute(NavigateParams::new(url))).await {
            Ok(Ok(answer)) => match &answer.result.error_text {
                Some(error) if is_of_a_proxy(error) => Err(OpenError::Proxy(error.clone())),
                Some(error) => Err(OpenError::Unreachable(error.clone())),
                None => Ok(()),
            },
            Ok(Err(CdpError::Timeout)) | Err(_) => Err(OpenError::Unreachable("no answer in time".to_owned())),
            Ok(Err(error)) => Err(OpenError::Browser(error.to_string())),
        }
    }

    /// Says what is wrong with a bridge script, without running it.
    async fn find_fault(&self, script: &str) -> Result<(), String> {
        let compile = CompileScriptParams::new(script, "bridge.js", false);
        match timeout(CALL, self.page.execute(compile)).await {
            Ok(Ok(answer)) => match &answer.result.exception_details {
                Some(fault) => Err(tell(fault)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Calls a function of the bridge.
    pub async fn call<T: DeserializeOwned>(&self, name: &'static str, values: &[Value]) -> Result<T, ChannelError> {
        self.call_within(CALL, name, values).await
    }

    /// The same, with time enough for a file.
    pub async fn call_with_file<T: DeserializeOwned>(
        &self,
        name: &'static str,
        values: &[Value],
    ) -> Result<T, ChannelError> {
        self.call_within(FILE_CALL, name, values).await
    }

    async fn call_within<T: DeserializeOwned>(
        &self,
        limit: Duration,
        name: &'static str,
        values: &[Value],
    ) -> Result<T, ChannelError> {
        let asked = Instant::now();
        let answer = self.ask(limit, name, values).await;
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(ChannelError::TimedOut(_)) => "timed_out",
            Err(ChannelError::Gone) => "gone",
            Err(_) => "error",
        };
        metrics::histogram!("whatsmassive_page_call_seconds", "call" => name, "outcome" => outcome)
            .record(asked.elapsed());
        answer
    }

    async fn ask<T: DeserializeOwned>(&self, limit: Duration, name: &str, values: &[Value]) -> Result<T, ChannelError> {
        if self.gone.is_cancelled() {
            return Err(ChannelError::Gone);
        }
        let expression = bridge::call(name, values);
        let evaluate =
            EvaluateParams::builder().expression(expression).await_promise(true).return_by_value(true).build();
        let evaluate = evaluate.map_err(ChannelError::Page)?;
        let answered = tokio::select! {
            answered = timeout(limit, self.page.execute(evaluate)) => answered.map_err(|_| ChannelError::TimedOut(limit))?,
            () = self.gone.cancelled() => return Err(ChannelError::Gone),
        };
        match answered {
            Ok(answer) if answer.result.exception_details.is_none() => {
                bridge::answer(answer.result.result.value.unwrap_or_default())
            }
            Ok(_) => Err(ChannelError::Page("the bridge is not in the page".to_owned())),
            Err(CdpError::Timeout) => Err(ChannelError::TimedOut(limit)),
            Err(error) => Err(ChannelError::Page(error.to_string())),
        }
    }

    /// Lets go of what the page has no use for any more: what it wrote to its console, which Chromium keeps for whoever looks later, with
    /// every object in it; and its garbage, of which Chromium lets many megabytes gather (`docs/benchmarks.md`).
    async fn tidy(&self) -> Result<(), CdpError> {
        self.page.execute(DiscardConsoleEntriesParams::default()).await?;
        self.page.execute(CollectGarbageParams::default()).await?;
        Ok(())
    }

    /// What the page shows.
    pub async fn picture(&self) -> Option<Vec<u8>> {
        let params = ScreenshotParams::builder().format(CaptureScreenshotFormat::Jpeg).quality(70).build();
        timeout(PICTURE, self.page.screenshot(params)).await.ok()?.ok()
    }

    /// The last lines of the console.
    pub fn console(&self) -> Vec<String> {
        self.console.lines()
    }
}

/// Whether an error of Chromium's says that the proxy is to blame, and not what is behind it
/// (<https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h>).
fn is_of_a_proxy(error: &str) -> bool {
    let names = ["PROXY", "PROXIES", "TUNNEL_CONNECTION_FAILED", "SOCKS_CONNECTION_FAILED"];
    names.iter().any(|name| error.contains(name)) && !error.contains("TO_DESTINATION")
}

/// What comes from the page.
pub(super) struct Told {
    bridge: EventStream<EventBindingCalled>,
    console: EventStream<EventConsoleApiCalled>,
    errors: EventStream<EventExceptionThrown>,
    crash: EventStream<inspector::EventTargetCrashed>,
}

/// The last lines of a page's console; cheap to clone.
#[derive(Clone, Default)]
struct Console(Arc<Mutex<VecDeque<String>>>);

impl Console {
    fn note(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == CONSOLE_LINES {
            lines.pop_front();
        }
        lines.push_back(line.chars().take(CONSOLE_WIDTH).collect());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// What was written to the console, in a line.
fn line(event: &EventConsoleApiCalled) -> String {
    let words = event.args.iter().map(|value| match (&value.value, &value.description) {
        (Some(serde_json::Value::String(text)), _) => text.clone(),
        (Some(value), _) => value.to_string(),
        (None, Some(description)) => description.clone(),
        (None, None) => String::new(),
    });
    format!("{}: {}", event.r#type.as_ref(), words.collect::<Vec<_>>().join(" "))
}

/// An error of a script, in a line, with the place where it is.
fn tell(details: &ExceptionDetails) -> String {
    let what = details.exception.as_ref().and_then(|exception| exception.description.clone());
    let what = what.unwrap_or_else(|| details.text.clone());
    let what = what.lines().next().unwrap_or_default();
    format!("{what} (line {}, column {})", details.line_number + 1, details.column_number + 1)
}

/// Turns what the page tells into channel events, until the page or the browser is gone or the channel is closed.
pub(super) struct Pump {
    pub link: Link,
    pub events: mpsc::UnboundedSender<ChannelEvent>,
    pub acks: Acks,
    pub clock: Clock,
    pub config: WebConfig,
    pub gone: CancellationToken,
    pub stop: CancellationToken,
}

/// What the pump remembers.
#[derive(Default)]
struct Memory {
    state: Option<ChannelState>,
    was_online: bool,
    codes: u32,
    /// Modules that the page lacks, while it has others.
    lacks: Vec<String>,
    /// Those of them that texts do without, as told.
    lacks_extras: Vec<String>,
}

impl Pump {
    pub async fn run(self, mut told: Told) {
        let (beats, mut heard) = mpsc::channel(1);
        let heart = tokio::spawn(heartbeat(self.link.clone(), self.config.heartbeat, self.config.tidy, beats));
        let mut memory = Memory::default();
        let deadline = Instant::now() + self.config.load_patience;
        let reason = loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break "closed",
                () = self.gone.cancelled() => break "browser_exited",
                Some(_) = told.crash.next() => break "page_crashed",
                event = told.bridge.next() => match event {
                    Some(event) => self.hear(&event.payload, &mut memory),
                    None => break "page_closed",
                },
                Some(event) = told.console.next() => self.link.console.note(line(&event)),
                Some(event) = told.errors.next() => self.link.console.note(tell(&event.exception_details)),
                beat = heard.recv() => match beat {
                    Some(()) => self.tell(ChannelEvent::Alive),
                    None => break "heartbeat_lost",
                },
                () = tokio::time::sleep_until(deadline), if memory.state.is_none() => {
                    if memory.lacks.is_empty() {
                        break "page_not_ready";
                    }
                    // The page is there, and WhatsApp has changed: trying again helps nobody.
                    let reason = format!("bridge_outdated: {}", memory.lacks.join(", "));
                    self.enter(ChannelState::ActionRequired { reason }, &mut memory);
                }
            }
        };
        heart.abort();
        drop(self.events.send(ChannelEvent::Closed { reason: reason.to_owned() }));
    }

    fn hear(&self, payload: &str, memory: &mut Memory) {
        match serde_json::from_str(payload) {
            Ok(bridge::Told::State { snapshot }) => self.on_snapshot(&snapshot, memory),
            Ok(bridge::Told::Qr { text }) => {
                let lasts = if memory.codes == 0 { FIRST_QR } else { NEXT_QR };
                memory.codes += 1;
                self.tell(ChannelEvent::Qr { text, expires_at: self.clock.now() + lasts });
            }
            Ok(bridge::Told::Ack { id, ack }) => {
                self.acks.tell(&id, ack);
                if let Some(receipt) = bridge::receipt(ack) {
                    self.tell(ChannelEvent::Receipt { wire_id: WireId(id), receipt });
                }
            }
            Ok(bridge::Told::Inbound(arrived)) => self.on_inbound(arrived),
            Ok(bridge::Told::Trouble { message }) => tracing::warn!(message, "the bridge has trouble with the page"),
            Err(error) => tracing::warn!(%error, "the page told something that was not understood"),
        }
    }

    fn on_snapshot(&self, snapshot: &Snapshot, memory: &mut Memory) {
        memory.lacks = if snapshot.lacks_all() { Vec::new() } else { snapshot.missing.clone() };
        if let Some(state) = snapshot.state(memory.was_online) {
            let extras = snapshot.lacks_extras();
            // Before that the page need not have loaded what only chats use.
            if matches!(state, ChannelState::Online { .. }) && extras != memory.lacks_extras {
                memory.lacks_extras.clone_from(&extras);
                self.tell(ChannelEvent::Lacks(extras));
            }
            self.enter(state, memory);
        } else if memory.was_online {
            // The page reloads: it was ready before, and will be again.
            self.enter(ChannelState::Reconnecting, memory);
        }
    }

    fn enter(&self, state: ChannelState, memory: &mut Memory) {
        if memory.state.as_ref() == Some(&state) {
            return;
        }
        memory.was_online |= matches!(state, ChannelState::Online { .. });
        memory.state = Some(state.clone());
        self.tell(ChannelEvent::State(state));
    }

    fn on_inbound(&self, Arrived { id, key, phone, body, t, media }: Arrived) {
        let from = phone.as_deref().and_then(|phone| Phone::of_account(phone).ok());
        let lid = key.as_deref().and_then(Lid::of_key);
        let body = body.unwrap_or_default();
        let at = chrono::DateTime::from_timestamp(t, 0).unwrap_or_else(|| self.clock.now());
        let media = media.zip(key).map(|(media, wire_key)| InboundMedia {
            wire_key,
            kind: media.kind.parse().unwrap_or(MediaKind::Document),
            file_name: file_name(media.name.as_deref()),
        });
        match (from, lid) {
            (Some(from), lid) => {
                if let Some(lid) = lid {
                    self.tell(ChannelEvent::Lid { lid, phone: from.clone() });
                }
                self.tell(ChannelEvent::Inbound(Inbound { from, wire_id: id, body, media, at }));
            }
            (None, Some(lid)) => self.tell(ChannelEvent::Hidden(HiddenInbound { lid, wire_id: id, body, media, at })),
            // A group, a channel or a status: nobody writes to us there.
            (None, None) => tracing::debug!("what came from no person was left out"),
        }
    }

    fn tell(&self, event: ChannelEvent) {
        // The fleet listens until it has closed the channel.
        drop(self.events.send(event));
    }
}

/// Asks the page for a sign of life and tells of each; ends when two in a row are missing, as when the browser is frozen. Now and then it
/// tidies the page up, between two beats, so that a page that is busy with it does not count as frozen.
async fn heartbeat(link: Link, every: Duration, tidy: Duration, alive: mpsc::Sender<()>) {
    let mut beats = interval(every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut missed = 0;
    let mut tidied = Instant::now();
    while missed < MISSED_BEATS {
        beats.tick().await;
        // One error is nothing: the page may be between two documents. A page that is gone answers with errors only.
        let Ok(Ok(_)) = timeout(every, link.call::<Snapshot>("snapshot", &[])).await else {
            missed += 1;
            continue;
        };
        missed = 0;
        if alive.send(()).await.is_err() {
            return;
        }
        if tidied.elapsed() >= tidy {
            tidied = Instant::now();
            // Where the page does not answer, the next beat is missing.
            drop(timeout(CALL, link.tidy()).await);
        }
    }
}
