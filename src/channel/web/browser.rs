//! One Chromium process: found, started with few and plain flags, watched, ended gracefully or by force.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

use chromiumoxide::{Browser, BrowserConfig, Page};
use futures::StreamExt as _;
use tokio::{sync::Mutex, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    WebConfig, disk,
    processes::{self, Family},
    profile::ProfileLock,
};
use crate::{channel::OpenError, domain::health::Usage};

/// How long a browser may take to start.
const START: Duration = Duration::from_secs(30);
/// How long it may take to end gracefully; then it is killed.
const END: Duration = Duration::from_secs(8);
/// Memory that has to be free for another browser, in megabytes: what one number takes on its own (`docs/benchmarks.md`), twice.
const NEEDED_MB: u64 = 512;
/// How long one command to the browser may take.
const COMMAND: Duration = Duration::from_secs(15);

/// Flags that make it small and quiet, measured one by one; none of them hides anything from the page.
const FLAGS: [&str; 20] = [
    // A page of the browser's own would take as much again as ours.
    "no-startup-window",
    "disable-gpu",
    // Nor in software: the page is drawn without any of it.
    "disable-software-rasterizer",
    // One process less: it serves one page only.
    "enable-features=NetworkServiceInProcess2",
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

/// Debian's headless shell, which takes a third less memory than the whole browser. Its name on the `PATH` is a script that stays
/// beside the browser, so that a signal to it does not reach the browser.
const HEADLESS_SHELL: &str = "/usr/lib/chromium/chromium-headless-shell";
/// Otherwise, the first of these that is there.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A running browser on a profile.
pub(super) struct Chromium {
    browser: Mutex<Browser>,
    /// The browser's main process.
    pid: u32,
    /// Cancelled when the connection to the browser is gone, whatever the reason.
    pub gone: CancellationToken,
    _lock: ProfileLock,
}

impl Chromium {
    /// Starts a browser on the profile.
    pub async fn start(web: &WebConfig, profile: &Path) -> Result<Self, OpenError> {
        let executable = web
            .chromium
            .as_ref()
            .map_or_else(|| find(Path::new(HEADLESS_SHELL), &on_path()), |path| Ok(path.clone()))?;
        match processes::free_memory_mb() {
            Some(free_mb) if free_mb < NEEDED_MB => {
                return Err(OpenError::NoMemory { free_mb, needed_mb: NEEDED_MB });
            }
            _ => {}
        }
        let profile = std::path::absolute(profile).map_err(OpenError::Profile)?;
        disk::check(web, &profile)?;
        let folder = profile.clone();
        let lock = tokio::task::spawn_blocking(move || ProfileLock::take(&folder))
            .await
            .map_err(|error| OpenError::Browser(error.to_string()))??;
        let mut config = BrowserConfig::builder()
            .chrome_executable(executable)
            .user_data_dir(&profile)
            .disable_default_args()
            .args(FLAGS)
            .window_size(800, 600)
            .viewport(None)
            .launch_timeout(START)
            .request_timeout(COMMAND)
            .new_headless_mode();
        if let Some(proxy) = &web.proxy {
            config = config.arg(format!("proxy-server={proxy}"));
        }
        if nix::unistd::geteuid().is_root() {
            tracing::warn!("running as root: Chromium's sandbox is off; run the server as another user");
            config = config.no_sandbox();
        }
        let config = config.build().map_err(OpenError::Browser)?;
        let (mut browser, mut handler) =
            Browser::launch(config).await.map_err(|error| OpenError::Browser(error.to_string()))?;
        let gone = CancellationToken::new();
        let ended = gone.clone().drop_guard();
        // The handler moves every message of this browser; its first error means that nothing more will come.
        tokio::spawn(async move {
            while let Some(Ok(())) = handler.next().await {}
            drop(ended);
        });
        let pid = browser.get_mut_child().and_then(|child| child.inner.id());
        let pid = pid.ok_or_else(|| OpenError::Browser("it ended at once".to_owned()))?;
        Ok(Self { browser: Mutex::new(browser), pid, gone, _lock: lock })
    }

    /// The browser's one page, still empty.
    pub async fn page(&self) -> Result<Page, OpenError> {
        let browser = self.browser.lock().await;
        let opened = timeout(COMMAND, browser.new_page("about:blank")).await;
        opened
            .map_err(|_| OpenError::Browser("no page in time".to_owned()))?
            .map_err(|error| OpenError::Browser(error.to_string()))
    }

    /// The version, from the browser itself.
    pub async fn version(&self) -> Result<String, String> {
        let browser = self.browser.lock().await;
        let version = timeout(COMMAND, browser.version()).await.map_err(|_| "no answer in time".to_owned())?;
        version.map(|version| version.product).map_err(|error| error.to_string())
    }

    /// What its processes use together.
    pub async fn usage(&self) -> Option<Usage> {
        let pid = self.pid;
        tokio::task::spawn_blocking(move || Family::of(pid).usage()).await.ok()?
    }

    /// Ends the browser and waits until its process is gone: gracefully, so that the profile is written to disk, or by force. None of
    /// its processes is left.
    pub async fn end(&self) {
        let pid = self.pid;
        let family = tokio::task::spawn_blocking(move || Family::of(pid)).await;
        self.end_head().await;
        let killed = tokio::task::spawn_blocking(move || family.map(|family| family.kill())).await;
        if let Ok(Ok(killed @ 1..)) = killed {
            tracing::warn!(killed, "processes that had outlived their browser were killed");
        }
    }

    async fn end_head(&self) {
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

/// Where programs are.
fn on_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// The browser to run: that one, or the first in the folders of a `PATH`.
fn find(best: &Path, folders: &OsStr) -> Result<PathBuf, OpenError> {
    let others = std::env::split_paths(folders).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let found = std::iter::once(best.to_owned()).chain(others).find(|path| path.is_file());
    found.ok_or_else(|| {
        OpenError::Browser(
            "no Chromium on the PATH: install it (apt-get install chromium-headless-shell) or set web.chromium"
                .to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_browser_it_is_said_what_to_install() {
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let nowhere = empty.path().join("chromium-headless-shell");
        let error = find(&nowhere, empty.path().as_os_str()).unwrap_err().to_string();
        assert!(error.contains("apt-get install chromium-headless-shell") && error.contains("web.chromium"), "{error}");

        std::fs::write(full.path().join("google-chrome"), "").unwrap();
        let folders = std::env::join_paths([empty.path(), full.path()]).unwrap();
        assert_eq!(find(&nowhere, &folders).unwrap(), full.path().join("google-chrome"));
        std::fs::write(&nowhere, "").unwrap();
        assert_eq!(find(&nowhere, &folders).unwrap(), nowhere);
    }
}
