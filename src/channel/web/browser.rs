//! One Chromium process: found, started with few and plain flags, watched, ended gracefully or by force.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

use chromiumoxide::{
    Browser, BrowserConfig, Page,
    cdp::browser_protocol::target::{CloseTargetParams, GetTargetsParams, TargetId},
};
use futures::StreamExt as _;
use tokio::{sync::Mutex, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{WebConfig, processes::Family};
use crate::channel::OpenError;

/// How long a browser may take to start.
const START: Duration = Duration::from_secs(30);
/// How long it may take to end gracefully; then it is killed.
pub(super) const END: Duration = Duration::from_secs(8);
/// How long one command to the browser may take.
pub(super) const COMMAND: Duration = Duration::from_secs(15);

/// Flags that make it small and quiet, measured one by one; none of them hides anything from the page.
const FLAGS: [&str; 20] = [
    // A page of the browser's own would take as much again as ours.
    "no-startup-window",
    "disable-gpu",
    // Nor in software: the page is drawn without any of it.
    "disable-software-rasterizer",
    // One process less: its pages are few, and all of WhatsApp.
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

/// For whom a browser runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For one number, on its profile's folder.
    Own,
    /// For several. The headless shell knows one profile only, so that it takes the whole Chromium.
    Shared,
}

/// A running browser on a folder.
pub(super) struct Chromium {
    browser: Mutex<Browser>,
    /// The browser's main process.
    pid: u32,
    /// Cancelled when the connection to the browser is gone, whatever the reason.
    pub gone: CancellationToken,
}

impl Chromium {
    /// Starts a browser on a folder that nobody else uses.
    pub async fn start(web: &WebConfig, folder: &Path, kind: Kind) -> Result<Self, OpenError> {
        let executable = web
            .chromium
            .as_ref()
            .map_or_else(|| find(kind, Path::new(HEADLESS_SHELL), &on_path()), |path| Ok(path.clone()))?;
        let mut config = BrowserConfig::builder()
            .chrome_executable(executable)
            .user_data_dir(folder)
            .disable_default_args()
            .args(FLAGS)
            .window_size(800, 600)
            .viewport(None)
            .launch_timeout(START)
            .request_timeout(COMMAND);
        config = match kind {
            Kind::Own => config.new_headless_mode(),
            // Chromium opens no further profiles without a head; so it has one, and draws it nowhere.
            Kind::Shared => config.with_head().arg("ozone-platform=headless"),
        };
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
        Ok(Self { browser: Mutex::new(browser), pid, gone })
    }

    /// A new page on the profile that the browser has by itself, still empty.
    pub async fn new_page(&self) -> Result<Page, OpenError> {
        let browser = self.browser.lock().await;
        let opened = timeout(COMMAND, browser.new_page("about:blank")).await;
        opened
            .map_err(|_| OpenError::Browser("no page in time".to_owned()))?
            .map_err(|error| OpenError::Browser(error.to_string()))
    }

    /// The page that has this address, once the browser shows it.
    pub async fn page_at(&self, url: &str) -> Option<Page> {
        let browser = self.browser.lock().await;
        let targets = timeout(COMMAND, browser.execute(GetTargetsParams::default())).await.ok()?.ok()?;
        let target = targets.result.target_infos.iter().find(|target| target.url == url)?;
        timeout(COMMAND, browser.get_page(target.target_id.clone())).await.ok()?.ok()
    }

    /// Closes a page, whatever it is doing; one that is not there is fine.
    pub async fn close_page(&self, page: &TargetId) {
        let browser = self.browser.lock().await;
        drop(timeout(COMMAND, browser.execute(CloseTargetParams::new(page.clone()))).await);
    }

    /// The version, from the browser itself.
    pub async fn version(&self) -> Result<String, String> {
        let browser = self.browser.lock().await;
        let version = timeout(COMMAND, browser.version()).await.map_err(|_| "no answer in time".to_owned())?;
        version.map(|version| version.product).map_err(|error| error.to_string())
    }

    /// Asks something of its processes, on a thread that may wait for the kernel. Nothing, where it could not be asked.
    pub async fn ask_family<T: Send + 'static>(
        &self,
        question: impl FnOnce(Family) -> T + Send + 'static,
    ) -> Option<T> {
        let pid = self.pid;
        tokio::task::spawn_blocking(move || question(Family::of(pid))).await.ok()
    }

    /// Ends the browser and waits until its process is gone: gracefully, so that its profiles are written to disk, or by force. None of
    /// its processes is left. Only once: afterwards its pid may be somebody else's.
    pub async fn end(&self) {
        let family = self.ask_family(|family| family).await;
        self.end_head().await;
        let killed = tokio::task::spawn_blocking(move || family.map(|family| family.kill())).await;
        if let Ok(Some(killed @ 1..)) = killed {
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

/// The browser to run: the headless shell where it will do, or the first in the folders of a `PATH`.
fn find(kind: Kind, shell: &Path, folders: &OsStr) -> Result<PathBuf, OpenError> {
    let others = std::env::split_paths(folders).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let (best, package) = match kind {
        Kind::Own => (Some(shell.to_owned()), "chromium-headless-shell"),
        Kind::Shared => (None, "chromium"),
    };
    best.into_iter().chain(others).find(|path| path.is_file()).ok_or_else(|| {
        OpenError::Browser(format!(
            "no Chromium on the PATH: install it (apt-get install {package}) or set web.chromium"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_no_browser_it_is_said_what_to_install() {
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let nowhere = empty.path().join("chromium-headless-shell");
        let error = find(Kind::Own, &nowhere, empty.path().as_os_str()).unwrap_err().to_string();
        assert!(error.contains("apt-get install chromium-headless-shell") && error.contains("web.chromium"), "{error}");

        std::fs::write(full.path().join("google-chrome"), "").unwrap();
        let folders = std::env::join_paths([empty.path(), full.path()]).unwrap();
        assert_eq!(find(Kind::Own, &nowhere, &folders).unwrap(), full.path().join("google-chrome"));
        std::fs::write(&nowhere, "").unwrap();
        assert_eq!(find(Kind::Own, &nowhere, &folders).unwrap(), nowhere);
        let shared = find(Kind::Shared, &nowhere, &folders).unwrap();
        assert_eq!(shared, full.path().join("google-chrome"), "the headless shell knows one profile only");
    }
}
