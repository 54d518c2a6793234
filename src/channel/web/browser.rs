//! One Chromium process: found, started with few and plain flags, watched, ended gracefully or by force.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use chromiumoxide::{Browser, BrowserConfig, Page};
use futures::StreamExt as _;
use tokio::{sync::Mutex, time::timeout};
use tokio_util::sync::CancellationToken;

use super::profile::ProfileLock;
use crate::channel::OpenError;

/// How long a browser may take to start.
const START: Duration = Duration::from_secs(30);
/// How long it may take to end gracefully; then it is killed.
const END: Duration = Duration::from_secs(8);
/// How long one command to the browser may take.
const COMMAND: Duration = Duration::from_secs(15);

/// Flags that make it small and quiet, measured one by one; none of them hides anything from the page.
const FLAGS: [&str; 17] = [
    "disable-gpu",
    "no-first-run",
    "no-default-browser-check",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "password-store=basic",
    "disable-extensions",
    "disable-breakpad",
    "disable-default-apps",
    "mute-audio",
    "disable-quic",
    "disable-dev-shm-usage",
    "disable-background-timer-throttling",
    "disable-renderer-backgrounding",
    "disable-features=SpareRendererForSitePerProcess",
    "js-flags=--max-semi-space-size=2 --min-semi-space-size=1",
];

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A running browser on a profile.
pub(super) struct Chromium {
    browser: Mutex<Browser>,
    /// Cancelled when the connection to the browser is gone, whatever the reason.
    pub gone: CancellationToken,
    _lock: ProfileLock,
}

impl Chromium {
    /// Starts a browser on the profile.
    pub async fn start(executable: Option<&Path>, profile: &Path) -> Result<Self, OpenError> {
        let executable = executable.map_or_else(find, |path| Ok(path.to_owned()))?;
        let profile = std::path::absolute(profile).map_err(OpenError::Profile)?;
        let folder = profile.clone();
        let lock = tokio::task::spawn_blocking(move || ProfileLock::take(&folder))
            .await
            .map_err(|error| OpenError::Browser(error.to_string()))??;
        let mut config = BrowserConfig::builder()
            .chrome_executable(executable)
            .user_data_dir(&profile)
            .disable_default_args()
            .args(FLAGS)
            .window_size(1000, 700)
            .viewport(None)
            .launch_timeout(START)
            .request_timeout(COMMAND)
            .new_headless_mode();
        if nix::unistd::geteuid().is_root() {
            tracing::warn!("running as root: Chromium's sandbox is off; run the server as another user");
            config = config.no_sandbox();
        }
        let config = config.build().map_err(OpenError::Browser)?;
        let (browser, mut handler) =
            Browser::launch(config).await.map_err(|error| OpenError::Browser(error.to_string()))?;
        let gone = CancellationToken::new();
        let ended = gone.clone().drop_guard();
        // The handler moves every message of this browser; its first error means that nothing more will come.
        tokio::spawn(async move {
            while let Some(Ok(())) = handler.next().await {}
            drop(ended);
        });
        Ok(Self { browser: Mutex::new(browser), gone, _lock: lock })
    }

    /// The browser's one page, still empty.
    pub async fn page(&self) -> Result<Page, OpenError> {
        let browser = self.browser.lock().await;
        let opened = timeout(COMMAND, browser.new_page("about:blank")).await;
        opened
            .map_err(|_| OpenError::Browser("no page in time".to_owned()))?
            .map_err(|error| OpenError::Browser(error.to_string()))
    }

    /// Ends the browser and waits until its process is gone: gracefully, so that the profile is written to disk, or by force.
    pub async fn end(&self) {
        let mut browser = self.browser.lock().await;
        let graceful = async {
            if !self.gone.is_cancelled() && browser.close().await.is_err() {
                return false;
            }
            browser.wait().await.is_ok()
        };
        if timeout(END, graceful).await == Ok(true) {
            return;
        }
        tracing::warn!("a browser did not end by itself and is killed");
        if let Some(Err(error)) = browser.kill().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "browser not killed");
        }
    }
}

/// The browser to run, from the `PATH`.
fn find() -> Result<PathBuf, OpenError> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        OpenError::Browser(
            "no Chromium on the PATH: install it (apt-get install chromium) or set web.chromium".to_owned(),
        )
    })
}
