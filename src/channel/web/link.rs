//! The line to the page: calls with a time limit, and the pump that turns what the page tells into channel events.

use std::{path::PathBuf, time::Duration};

use chromiumoxide::{
    Page,
    cdp::{
        browser_protocol::page::{
            AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotFormat, EnableParams, NavigateParams,
        },
        js_protocol::runtime::{AddBindingParams, EvaluateParams, EventBindingCalled},
    },
    error::CdpError,
    listeners::EventStream,
    page::ScreenshotParams,
};
use chrono::TimeDelta;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Acks, WebConfig,
    bridge::{self, Snapshot, Told},
    browser::Chromium,
};
use crate::{
    channel::{ChannelError, ChannelEvent, ChannelState, OpenError},
    domain::{clock::Clock, conversation::Inbound, message::WireId, phone::Phone},
};

/// How long a call into the page may take; the bridge itself gives up a little earlier.
const CALL: Duration = Duration::from_secs(15);
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
}

impl Link {
    /// Installs the bridge in an empty page and sends the page on its way.
    pub async fn open(
        chromium: &Chromium,
        script: &str,
        url: &str,
    ) -> Result<(Self, EventStream<EventBindingCalled>), OpenError> {
        let page = chromium.page().await?;
        let link = Self { page, gone: chromium.gone.clone() };
        let told = timeout(CALL, link.install(script, url)).await;
        let told = told.map_err(|_| OpenError::Browser("the page could not be prepared in time".to_owned()))?;
        Ok((link, told.map_err(|error| OpenError::Browser(error.to_string()))?))
    }

    /// The order matters: without `Page.enable` Chromium ignores the script, and what the page tells before somebody listens is lost.
    async fn install(&self, script: &str, url: &str) -> Result<EventStream<EventBindingCalled>, CdpError> {
        self.page.execute(EnableParams::default()).await?;
        self.page.execute(AddBindingParams::new(bridge::BINDING)).await?;
        self.page.execute(AddScriptToEvaluateOnNewDocumentParams::new(script)).await?;
        let told = self.page.event_listener::<EventBindingCalled>().await?;
        self.page.execute(NavigateParams::new(url)).await?;
        Ok(told)
    }

    /// Calls a function of the bridge.
    pub async fn call<T: DeserializeOwned>(&self, name: &str, values: &[&str]) -> Result<T, ChannelError> {
        if self.gone.is_cancelled() {
            return Err(ChannelError::Gone);
        }
        let expression = bridge::call(name, values);
        let evaluate =
            EvaluateParams::builder().expression(expression).await_promise(true).return_by_value(true).build();
        let evaluate = evaluate.map_err(ChannelError::Page)?;
        let answered = tokio::select! {
            answered = timeout(CALL, self.page.execute(evaluate)) => answered.map_err(|_| ChannelError::TimedOut(CALL))?,
            () = self.gone.cancelled() => return Err(ChannelError::Gone),
        };
        match answered {
            Ok(answer) if answer.result.exception_details.is_none() => {
                bridge::answer(answer.result.result.value.unwrap_or_default())
            }
            Ok(_) => Err(ChannelError::Page("the bridge is not in the page".to_owned())),
            Err(CdpError::Timeout) => Err(ChannelError::TimedOut(CALL)),
            Err(error) => Err(ChannelError::Page(error.to_string())),
        }
    }

    /// Takes a picture of the page for whoever has to find out why it does not load.
    async fn screenshot(&self, path: &std::path::Path) {
        let params = ScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build();
        match timeout(CALL, self.page.save_screenshot(params, path)).await {
            Ok(Ok(_)) => {
                tracing::warn!(path = %path.display(), "the page does not become ready; picture saved")
            }
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "no picture of the page")
            }
            Err(_) => tracing::warn!("no picture of the page in time"),
        }
    }
}

/// Turns what the page tells into channel events, until the page or the browser is gone or the channel is closed.
pub(super) struct Pump {
    pub link: Link,
    pub events: mpsc::UnboundedSender<ChannelEvent>,
    pub acks: Acks,
    pub clock: Clock,
    pub config: WebConfig,
    pub screenshot: PathBuf,
    pub gone: CancellationToken,
    pub stop: CancellationToken,
}

/// What the pump remembers.
#[derive(Default)]
struct Memory {
    state: Option<ChannelState>,
    was_online: bool,
    codes: u32,
}

impl Pump {
    pub async fn run(self, mut told: EventStream<EventBindingCalled>) {
        let (beats, mut lost) = mpsc::channel(1);
        let heart = tokio::spawn(heartbeat(self.link.clone(), self.config.heartbeat, beats));
        let mut memory = Memory::default();
        let deadline = Instant::now() + self.config.load_patience;
        let reason = loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break "closed",
                () = self.gone.cancelled() => break "browser_exited",
                event = told.next() => match event {
                    Some(event) => self.hear(&event.payload, &mut memory),
                    None => break "page_closed",
                },
                _ = lost.recv() => break "heartbeat_lost",
                () = tokio::time::sleep_until(deadline), if memory.state.is_none() => {
                    self.link.screenshot(&self.screenshot).await;
                    self.enter(ChannelState::ActionRequired { reason: "page_not_ready".to_owned() }, &mut memory);
                }
            }
        };
        heart.abort();
        drop(self.events.send(ChannelEvent::Closed { reason: reason.to_owned() }));
    }

    fn hear(&self, payload: &str, memory: &mut Memory) {
        match serde_json::from_str(payload) {
            Ok(Told::State { snapshot }) => self.on_snapshot(&snapshot, memory),
            Ok(Told::Qr { text }) => {
                let lasts = if memory.codes == 0 { FIRST_QR } else { NEXT_QR };
                memory.codes += 1;
                self.tell(ChannelEvent::Qr { text, expires_at: self.clock.now() + lasts });
            }
            Ok(Told::Ack { id, ack }) => {
                self.acks.tell(&id, ack);
                if let Some(receipt) = bridge::receipt(ack) {
                    self.tell(ChannelEvent::Receipt { wire_id: WireId(id), receipt });
                }
            }
            Ok(Told::Inbound { id, phone, body, t }) => self.on_inbound(id, phone, body, t),
            Ok(Told::Trouble { message }) => tracing::warn!(message, "the bridge has trouble with the page"),
            Err(error) => tracing::warn!(%error, "the page told something that was not understood"),
        }
    }

    fn on_snapshot(&self, snapshot: &Snapshot, memory: &mut Memory) {
        if let Some(state) = snapshot.state(memory.was_online) {
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

    fn on_inbound(&self, id: String, phone: Option<String>, body: Option<String>, seconds: i64) {
        let from = phone.as_deref().and_then(|phone| Phone::from_e164(phone).ok());
        let (Some(from), Some(body)) = (from, body) else {
            tracing::warn!("a text from somebody whose number WhatsApp does not tell was left out");
            return;
        };
        let at = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_else(|| self.clock.now());
        self.tell(ChannelEvent::Inbound(Inbound { from, wire_id: id, body, at }));
    }

    fn tell(&self, event: ChannelEvent) {
        // The fleet listens until it has closed the channel.
        drop(self.events.send(event));
    }
}

/// Asks the page for a sign of life; tells when two in a row are missing, as when the browser is frozen.
async fn heartbeat(link: Link, every: Duration, lost: mpsc::Sender<()>) {
    let mut beats = interval(every);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut missed = 0;
    loop {
        beats.tick().await;
        match timeout(every, link.call::<Snapshot>("snapshot", &[])).await {
            Err(_) | Ok(Err(ChannelError::TimedOut(_))) => missed += 1,
            // An error is an answer: the page lives, and is between two documents.
            Ok(_) => missed = 0,
        }
        if missed >= MISSED_BEATS {
            // Nobody listens any more when the channel is being closed.
            let _ = lost.send(()).await;
            return;
        }
    }
}
