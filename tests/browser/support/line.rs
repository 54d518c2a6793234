//! One web channel in a real Chromium, on a simulator of its own.

use std::{path::PathBuf, sync::Arc, time::Duration};

use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};
use whatsmassive::{
    channel::{
        Channel, ChannelError, ChannelEvent, ChannelSpec, ChannelState, Connector as _, Lookup, MessageKey, OpenError,
        web::{WebConfig, WebConnector},
    },
    domain::{
        clock::Clock,
        id::SessionId,
        message::{Receipt, WireId},
        phone::Phone,
    },
    simulator::{Simulator, SimulatorConfig, World},
};

use super::process::browsers_on;

pub const ACCOUNT: &str = "573000000001";
/// How long a state may take on a machine under load.
const PATIENCE: Duration = Duration::from_secs(90);

/// A simulator, a profile, and settings for the channels on it.
pub struct Bench {
    pub simulator: Simulator,
    pub folder: TempDir,
    pub config: WebConfig,
}

/// An open channel and what it tells.
pub struct Line {
    pub channel: Arc<dyn Channel>,
    pub events: mpsc::UnboundedReceiver<ChannelEvent>,
}

impl Bench {
    pub async fn new() -> Self {
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = SimulatorConfig { listen, phones: vec![ACCOUNT.to_owned()], ..SimulatorConfig::default() };
        let simulator = Simulator::start(config).await.unwrap();
        let config = WebConfig { url: simulator.url(), ack_patience: Duration::from_secs(3), ..WebConfig::default() };
        Self { simulator, folder: tempfile::tempdir().unwrap(), config }
    }

    pub fn world(&self) -> &World {
        self.simulator.world()
    }

    pub fn profile(&self) -> PathBuf {
        self.folder.path().join("1")
    }

    pub async fn open(&self) -> Line {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Line, OpenError> {
        self.open_with(&self.connector(), 1).await
    }

    pub fn connector(&self) -> WebConnector {
        WebConnector::new(self.config.clone(), Clock::system())
    }

    /// Another session's channel through a connector that has others.
    pub async fn open_with(&self, connector: &WebConnector, session: i64) -> Result<Line, OpenError> {
        let (sender, events) = mpsc::unbounded_channel();
        let profile = self.folder.path().join(session.to_string());
        let spec = ChannelSpec { session_id: SessionId(session), profile, events: sender };
        Ok(Line { channel: connector.open(spec).await?, events })
    }

    /// A channel that is linked and online.
    pub async fn online(&self) -> Line {
        let mut line = self.open().await;
        let text = line.until(|event| if let ChannelEvent::Qr { text, .. } = event { Some(text) } else { None }).await;
        assert_eq!(text.split(',').count(), 5, "a code has five fields");
        self.world().scan(ACCOUNT, &text).unwrap();
        line.until_online().await;
        line
    }

    /// The browser's main process.
    pub fn browser(&self) -> Pid {
        browsers_on(&self.profile())[0]
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    /// Waits for an event that `wanted` takes.
    pub async fn until<T>(&mut self, mut wanted: impl FnMut(ChannelEvent) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self.events.recv().await.expect("the channel lives");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("the event came in time")
    }

    pub async fn until_state(&mut self, state: ChannelState) {
        self.until(|event| (event == ChannelEvent::State(state.clone())).then_some(())).await;
    }

    pub async fn until_online(&mut self) {
        let phone = Phone::from_e164(ACCOUNT).unwrap();
        self.until_state(ChannelState::Online { phone }).await;
    }

    pub async fn until_receipt(&mut self, id: &str, receipt: Receipt) {
        let wanted = ChannelEvent::Receipt { wire_id: WireId(id.to_owned()), receipt };
        self.until(|event| (event == wanted).then_some(())).await;
    }

    /// Waits until the channel knows that WhatsApp has the message.
    pub async fn until_found(&self, key: &MessageKey) {
        let found = async {
            while !matches!(self.channel.find(key).await, Ok(Lookup::Sent(_))) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, found).await.expect("the message was found in time");
    }

    pub async fn until_closed(&mut self) -> String {
        self.until(|event| if let ChannelEvent::Closed { reason } = event { Some(reason) } else { None }).await
    }

    pub async fn address(&self, number: u32, id: &str) -> Result<MessageKey, ChannelError> {
        self.channel.address(&debtor(number), &WireId(id.to_owned())).await
    }
}

pub fn debtor(number: u32) -> Phone {
    Phone::from_e164(&format!("573001{number:06}")).unwrap()
}
