//! WhatsApp Web in a headless Chromium: a profile folder a session, and a browser a session or one for several ([`shard`]).
//!
//! A thin script of ours in the page ([`bridge`]) reads state and hands over text; everything is decided here, and every call has
//! a time limit. What is not known for certain is reported as unknown.

mod bridge;
mod browser;
mod disk;
mod link;
mod network;
mod processes;
mod profile;
mod shard;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    bridge::{Acked, Addressed, FetchedFile, LinkingCode, Refusal, Snapshot},
    link::{Link, Pump, Told},
    shard::{Browsers, Tab},
};
use super::{Channel, ChannelError, ChannelSpec, Connector, Lookup, MessageKey, OpenError, SendOutcome};
use crate::domain::{
    clock::Clock,
    failure::{Cause, Doubt, Failure},
    health::{Part, Probe, Usage},
    media::{LARGEST, MediaFile, MediaKind},
    message::WireId,
    phone::Phone,
};

/// How long WhatsApp may take to confirm a log-out, and how often the page is looked at meanwhile.
const LOG_OUT: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How sessions reach WhatsApp Web.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// The page's address.
    pub url: String,
    /// The browser; none: found on the `PATH`.
    pub chromium: Option<PathBuf>,
    /// How many numbers share a browser at the most; 1: each has its own.
    pub numbers_per_browser: usize,
    /// A file in place of the built-in bridge script.
    pub bridge: Option<PathBuf>,
    /// The proxy that browsers go through, as `scheme://host:port`.
    pub proxy: Option<String>,
    /// How long WhatsApp's server may take to accept a message before its fate counts as unknown.
    pub ack_patience: Duration,
    /// How long the page may take to load before it is given up and opened anew.
    pub load_patience: Duration,
    /// How often the page is asked for a sign of life; two without an answer end the session.
    pub heartbeat: Duration,
    /// Says how many megabytes are free for a folder that may not be there yet; nothing, where nobody can tell.
    pub free_disk_mb: fn(&Path) -> Option<u64>,
    /// How often the page gives back the memory that it has no use for; it stands still for it, for milliseconds.
    pub tidy: Duration,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            url: "https://web.whatsapp.com/".to_owned(),
            chromium: None,
            numbers_per_browser: 1,
            bridge: None,
            proxy: None,
            ack_patience: Duration::from_secs(30),
            load_patience: Duration::from_secs(45),
            heartbeat: Duration::from_secs(5),
            free_disk_mb: disk::free_mb,
            tidy: Duration::from_secs(5 * 60),
        }
    }
}

/// Opens web channels.
pub struct WebConnector {
    config: WebConfig,
    clock: Clock,
    browsers: Browsers,
}

impl WebConnector {
    /// A connector with these settings.
    pub fn new(config: WebConfig, clock: Clock) -> Self {
        Self { browsers: Browsers::new(config.clone()), config, clock }
    }

    async fn script(&self) -> Result<String, OpenError> {
        match &self.config.bridge {
            None => Ok(bridge::SCRIPT.to_owned()),
            Some(path) => tokio::fs::read_to_string(path)
                .await
                .map_err(|error| OpenError::Bridge(format!("{} cannot be read: {error}", path.display()))),
        }
    }
}

#[async_trait]
impl Connector for WebConnector {
    async fn open(&self, spec: ChannelSpec) -> Result<Arc<dyn Channel>, OpenError> {
        let script = self.script().await?;
        let tab = self.browsers.open(&spec.profile).await?;
        match Link::open(&tab, &script, &self.config.url).await {
            Ok((link, told)) => {
                tab.arrived().await;
                Ok(Arc::new(self.follow(spec, tab, link, told)))
            }
            Err(error) => {
                tab.close().await;
                Err(self.blame(error))
            }
        }
    }

    async fn is_reachable(&self) -> bool {
        network::answers(&self.config).await
    }

    async fn discard_profile(&self, profile: &Path) -> std::io::Result<()> {
        let profile = profile.to_owned();
        tokio::task::spawn_blocking(move || profile::archive(&profile)).await.map_err(std::io::Error::other)?
    }
}

impl WebConnector {
    /// Hears what the page tells from now on.
    fn follow(&self, spec: ChannelSpec, tab: Tab, link: Link, told: Told) -> WebChannel {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let acks = Acks::default();
        let pump = Pump {
            link: link.clone(),
            events: spec.events,
            acks: acks.clone(),
            clock: self.clock.clone(),
            config: self.config.clone(),
            gone: tab.gone(),
            stop: stop.clone(),
        };
        tasks.spawn(pump.run(told));
        tasks.close();
        WebChannel { tab, link, acks, tasks, stop, ack_patience: self.config.ack_patience }
    }

    /// Whether the proxy or what is behind it does not answer, nobody can tell.
    fn blame(&self, error: OpenError) -> OpenError {
        match (error, &self.config.proxy) {
            (OpenError::Unreachable(fault), Some(proxy)) => OpenError::Unreachable(format!("{fault}, through {proxy}")),
            (error, _) => error,
        }
    }
}

/// The acks of messages that a send waits for, by wire id.
#[derive(Clone, Default)]
struct Acks(Arc<Mutex<HashMap<String, watch::Sender<i32>>>>);

impl Acks {
    /// Watches a message's ack from now on; starts at 0.
    fn watch(&self, wire_id: &str) -> watch::Receiver<i32> {
        let (sender, receiver) = watch::channel(0);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(wire_id.to_owned(), sender);
        receiver
    }

    fn tell(&self, wire_id: &str, ack: i32) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(wire_id) {
            // An error does not undo what the server has.
            sender.send_if_modified(|known| {
                let is_news = *known < 1 && ack != *known;
                if is_news {
                    *known = ack;
                }
                is_news
            });
        }
    }

    fn forget(&self, wire_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(wire_id);
    }
}

/// One session's page.
struct WebChannel {
    tab: Tab,
    link: Link,
    acks: Acks,
    tasks: TaskTracker,
    stop: CancellationToken,
    ack_patience: Duration,
}

impl WebChannel {
    /// Hands the message over and waits for WhatsApp's server.
    async fn hand_over(
        &self,
        key: &MessageKey,
        body: &str,
        media: Option<&MediaFile>,
        ack: &mut watch::Receiver<i32>,
    ) -> SendOutcome {
        let answer = match media {
            None => self.link.call::<Acked>("send", &[json!(key.0), json!(body)]).await,
            Some(file) => self.link.call_with_file("send", &[json!(key.0), json!(body), for_the_page(file)]).await,
        };
        match answer {
            Ok(Acked { ack: Some(1..) }) => return SendOutcome::Sent,
            Ok(_) => {}
            // The file comes first: without it there is no message.
            Err(ChannelError::MediaRefused(why)) => {
                return SendOutcome::Rejected(Failure::with(Cause::MediaRefused, why));
            }
            Err(ChannelError::NewChatsRestricted) => return restricted(),
            // The page may have stored the message before it failed: only a lookup can tell.
            Err(error) => return SendOutcome::Unknown(doubt(&error)),
        }
        let gone = self.tab.gone();
        let decided = tokio::select! {
            decided = timeout(self.ack_patience, ack.wait_for(|ack| *ack != 0)) => decided.ok().and_then(Result::ok).map(|ack| *ack),
            () = gone.cancelled() => return SendOutcome::Unknown(Doubt::BrowserExited),
        };
        match decided {
            Some(1..) => SendOutcome::Sent,
            Some(_) => self.refused(key).await,
            None => SendOutcome::Unknown(Doubt::NoAck),
        }
    }

    /// What the server's refusal of a message means: for that message, or for the account.
    async fn refused(&self, key: &MessageKey) -> SendOutcome {
        match self.link.call::<Refusal>("refusal", &[json!(key.0)]).await {
            Ok(Refusal { new_chats: true }) => restricted(),
            // Nobody can say: another attempt tells.
            Ok(_) | Err(_) => SendOutcome::Rejected(Cause::Rejected.into()),
        }
    }
}

/// The account may not open new chats.
fn restricted() -> SendOutcome {
    SendOutcome::Restricted { reason: "new_chats_restricted".to_owned() }
}

/// What is not known after an error of the page.
const fn doubt(error: &ChannelError) -> Doubt {
    match error {
        ChannelError::NotOnline => Doubt::SessionDown,
        ChannelError::TimedOut(_) => Doubt::TimedOut,
        ChannelError::Gone => Doubt::BrowserExited,
        ChannelError::NotOnWhatsApp
        | ChannelError::Page(_)
        | ChannelError::MediaRefused(_)
        | ChannelError::NewChatsRestricted
        | ChannelError::MediaGone
        | ChannelError::MediaTooLarge => Doubt::PageError,
    }
}

/// A file as the page takes it.
fn for_the_page(file: &MediaFile) -> Value {
    json!({
        "kind": file.kind.as_str(),
        "mime": file.mime_type,
        "name": file.file_name,
        "base64": BASE64_STANDARD.encode(&file.content),
    })
}

/// The longest name of a file that came in, in characters.
const NAME_LIMIT: usize = 200;

/// The name of a file that came in, as somebody else chose it, without folders; a picture has none.
fn file_name(told: Option<&str>) -> String {
    let name = told.unwrap_or_default();
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.chars().filter(|letter| !letter.is_control()).take(NAME_LIMIT).collect()
}

/// How a file that came in is shown, by what its sender says it is.
fn kind_of(mime_type: &str) -> MediaKind {
    match mime_type.split('/').next() {
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("audio") => MediaKind::Audio,
        _ => MediaKind::Document,
    }
}

#[async_trait]
impl Channel for WebChannel {
    async fn address(&self, to: &Phone, id: &WireId) -> Result<MessageKey, ChannelError> {
        let addressed: Addressed = self.link.call("address", &[json!(to.digits()), json!(id.0)]).await?;
        Ok(MessageKey(addressed.key))
    }

    async fn send(&self, key: &MessageKey, body: &str, media: Option<&MediaFile>) -> SendOutcome {
        let wire_id = key.0.rsplit('_').next().unwrap_or_default();
        // Watched before the message is handed over, so that no ack is missed.
        let mut ack = self.acks.watch(wire_id);
        let outcome = self.hand_over(key, body, media, &mut ack).await;
        self.acks.forget(wire_id);
        outcome
    }

    async fn find(&self, key: &MessageKey) -> Result<Lookup, ChannelError> {
        let Acked { ack } = self.link.call("find", &[json!(key.0)]).await?;
        Ok(match ack {
            // Refused by the server: it did not leave.
            None | Some(..0) => Lookup::Absent,
            Some(ack) => bridge::receipt(ack).map_or(Lookup::Pending, Lookup::Sent),
        })
    }

    async fn fetch(&self, key: &MessageKey) -> Result<MediaFile, ChannelError> {
        let fetched: FetchedFile = self.link.call_with_file("fetchMedia", &[json!(key.0)]).await?;
        let content = BASE64_STANDARD.decode(fetched.base64);
        let content = content.map_err(|error| ChannelError::Page(error.to_string()))?;
        if content.len() as u64 > LARGEST {
            return Err(ChannelError::MediaTooLarge);
        }
        // Without parameters such as the codec.
        let mime_type = fetched.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Ok(MediaFile {
            kind: kind_of(&mime_type),
            mime_type,
            file_name: file_name(fetched.name.as_deref()),
            content: content.into(),
        })
    }

    async fn log_out(&self) -> Result<(), ChannelError> {
        self.link.call::<serde_json::Value>("logOut", &[]).await?;
        // The page leaves when WhatsApp has confirmed, so its state tells and not an answer.
        let unlinked = async {
            loop {
                match self.link.call::<Snapshot>("snapshot", &[]).await {
                    Ok(page) if page.is_unlinked() => return Ok(()),
                    Err(ChannelError::Gone) => return Err(ChannelError::Gone),
                    Ok(_) | Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
                }
            }
        };
        timeout(LOG_OUT, unlinked).await.unwrap_or(Err(ChannelError::TimedOut(LOG_OUT)))
    }

    async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
        self.tab.close().await;
    }

    async fn linking_code(&self, phone: &Phone) -> Result<String, ChannelError> {
        let LinkingCode { code } = self.link.call("linkingCode", &[json!(phone.digits())]).await?;
        Ok(code)
    }

    async fn check(&self) -> Vec<Probe> {
        let asked = Instant::now();
        let browser = Probe::new(Part::Browser, self.tab.version().await, asked.elapsed());
        if !browser.is_fine {
            return vec![browser];
        }
        let asked = Instant::now();
        let page = match self.link.call::<Snapshot>("snapshot", &[]).await {
            Ok(page) => page,
            Err(error) => return vec![browser, Probe::new(Part::Page, Err(error.to_string()), asked.elapsed())],
        };
        let version = page.version.clone().unwrap_or_default();
        let answers = [
            (Part::Page, Ok(version)),
            (Part::Bridge, page.bridge()),
            (Part::Extras, page.extras()),
            (Part::Connection, page.connection()),
            (Part::Account, page.account()),
        ];
        let mut probes = vec![browser];
        for (part, answer) in answers {
            probes.push(Probe::new(part, answer, asked.elapsed()));
            // Without the extras everything else may work.
            if probes.last().is_some_and(|probe| !probe.is_fine && probe.part != Part::Extras) {
                break;
            }
        }
        probes
    }

    async fn picture(&self) -> Option<Vec<u8>> {
        self.link.picture().await
    }

    fn console(&self) -> Vec<String> {
        self.link.console()
    }

    async fn usage(&self) -> Option<Usage> {
        self.tab.usage().await
    }
}
