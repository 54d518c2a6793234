//! Browsers, and the numbers that have their pages in them: by default one for each number, and otherwise one for several
//! (`web.numbers_per_browser`), which takes less memory from some eight on, and comes and goes as one.
//!
//! A number's profile is the same either way, and whoever has its page does not know in which kind of browser it is. A shared browser runs
//! on a folder of its own that links to the profiles that it has open. When a number leaves, its profile is closed alone, and written to
//! disk, while the others go on; the last one to leave ends the browser.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chromiumoxide::Page;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    sync::{OnceCell, OwnedMutexGuard},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    WebConfig,
    browser::{COMMAND, Chromium, END, Kind},
    disk,
    processes::{self, Family},
    profile::{ProfileLock, SharedFolder},
};
use crate::{channel::OpenError, domain::health::Usage};

/// Memory that has to be free for another number, in megabytes: what one takes on its own (`docs/benchmarks.md`), twice.
const NEEDED_MB: u64 = 512;
/// How often it is looked whether a browser has opened a page, or closed a profile.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Where shared browsers have their folders, beside the profiles.
const SHARED: &str = "shared";

/// Every browser that numbers may share.
pub(super) struct Browsers {
    web: WebConfig,
    /// Held while another one starts, so that those who come meanwhile find a place in it. Each lives as long as somebody has a page in it.
    shared: tokio::sync::Mutex<Vec<Weak<Shard>>>,
}

/// A number's page, wherever it is.
pub(super) struct Tab {
    page: Page,
    profile: PathBuf,
    shard: Arc<Shard>,
    arrival: Mutex<Option<Arrival>>,
}

/// One page at a time is opened and loaded in a browser: so the processes that show pages and come meanwhile are its own. Nothing else
/// tells whose they are.
struct Arrival {
    before: Family,
    _turn: OwnedMutexGuard<()>,
}

/// A browser, and who is in it.
struct Shard {
    browser: Chromium,
    /// What it runs on; none, where that is the profile of its only number.
    folder: Option<SharedFolder>,
    guests: Mutex<Guests>,
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Profiles opened so far.
    opened: AtomicU64,
    ended: OnceCell<()>,
}

/// Those who are in a browser, by their profiles.
struct Guests {
    inside: HashMap<PathBuf, Guest>,
    /// How many there may be; none, once the browser is of no more use.
    places: usize,
}

/// What is a number's own in a browser.
struct Guest {
    /// The processes that show its page, once they are known.
    own: Family,
    _lock: ProfileLock,
}

impl Browsers {
    /// No browser yet.
    pub fn new(web: WebConfig) -> Self {
        Self { web, shared: tokio::sync::Mutex::default() }
    }

    /// A page on the profile, still empty: in a browser that has a place for it, or in a new one.
    pub async fn open(&self, profile: &Path) -> Result<Tab, OpenError> {
        match processes::free_memory_mb() {
            Some(free_mb) if free_mb < NEEDED_MB => {
                return Err(OpenError::NoMemory { free_mb, needed_mb: NEEDED_MB });
            }
            _ => {}
        }
        let profile = std::path::absolute(profile).map_err(OpenError::Profile)?;
        disk::check(&self.web, &profile)?;
        let folder = profile.clone();
        let lock = blocking(move || ProfileLock::take(&folder)).await?;
        let shard = match self.web.numbers_per_browser {
            ..=1 => {
                let browser = Chromium::start(&self.web, &profile, Kind::Own).await?;
                let shard = Arc::new(Shard::new(browser, None, 1));
                // There is a place in a new browser.
                drop(shard.admit(&profile, lock));
                shard
            }
            places => self.find_place(&profile, lock, places).await?,
        };
        let arrival = shard.arrival().await;
        match shard.open(&profile).await {
            Ok(page) => Ok(Tab { page, profile, shard, arrival: Mutex::new(Some(arrival)) }),
            Err(error) => {
                drop(arrival);
                shard.leave(&profile, None).await;
                Err(error)
            }
        }
    }

    /// A shared browser that the profile may be opened in.
    async fn find_place(&self, profile: &Path, lock: ProfileLock, places: usize) -> Result<Arc<Shard>, OpenError> {
        let mut shared = self.shared.lock().await;
        let running: Vec<Arc<Shard>> = shared.iter().filter_map(Weak::upgrade).collect();
        let mut lock = lock;
        for shard in &running {
            match shard.admit(profile, lock) {
                Ok(()) => return Ok(Arc::clone(shard)),
                Err(refused) => lock = refused,
            }
        }
        let folder = unused(profile, &running);
        let folder = blocking(move || SharedFolder::take(folder)).await?;
        let browser = Chromium::start(&self.web, &folder.path, Kind::Shared).await?;
        let shard = Arc::new(Shard::new(browser, Some(folder), places));
        drop(shard.admit(profile, lock));
        *shared = running.iter().chain([&shard]).map(Arc::downgrade).collect();
        Ok(shard)
    }
}

/// The first folder for a shared browser that none runs on.
fn unused(profile: &Path, running: &[Arc<Shard>]) -> PathBuf {
    let beside = profile.with_file_name(SHARED);
    let is_free =
        |folder: &PathBuf| !running.iter().any(|shard| shard.folder.as_ref().is_some_and(|used| used.path == *folder));
    let mut folders = (1..).map(|number: u32| beside.join(number.to_string()));
    folders.find(is_free).unwrap_or(beside)
}

impl Tab {
    /// The page.
    pub fn page(&self) -> Page {
        self.page.clone()
    }

    /// Cancelled when the browser is gone, whatever the reason.
    pub fn gone(&self) -> CancellationToken {
        self.shard.browser.gone.clone()
    }

    /// The browser's version, from itself.
    pub async fn version(&self) -> Result<String, String> {
        self.shard.browser.version().await
    }

    /// The page has loaded: its processes are known now, and another one may come.
    pub async fn arrived(&self) {
        let Some(arrival) = self.take_arrival() else { return };
        let own = self.shard.browser.ask_family(Family::renderers).await.unwrap_or_default();
        if let Some(guest) = self.shard.guests().inside.get_mut(&self.profile) {
            guest.own = own.without(&arrival.before);
        }
    }

    /// What the page's own processes use, and its part of what the browser's others do.
    pub async fn usage(&self) -> Option<Usage> {
        self.shard.usage(&self.profile).await
    }

    fn take_arrival(&self) -> Option<Arrival> {
        self.arrival.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Closes the page. Returns when what it keeps is on the disk and no browser has its profile open any more.
    pub async fn close(&self) {
        drop(self.take_arrival());
        self.shard.leave(&self.profile, Some(&self.page)).await;
    }
}

impl Shard {
    fn new(browser: Chromium, folder: Option<SharedFolder>, places: usize) -> Self {
        let guests = Guests { inside: HashMap::new(), places };
        Self {
            browser,
            folder,
            guests: Mutex::new(guests),
            turn: Arc::default(),
            opened: AtomicU64::new(0),
            ended: OnceCell::new(),
        }
    }

    /// Gives the profile a place, or its lock back where there is none.
    fn admit(&self, profile: &Path, lock: ProfileLock) -> Result<(), ProfileLock> {
        let mut guests = self.guests();
        if guests.inside.len() >= guests.places || self.browser.gone.is_cancelled() {
            return Err(lock);
        }
        guests.inside.insert(profile.to_owned(), Guest { own: Family::default(), _lock: lock });
        Ok(())
    }

    /// Waits until no other page is on its way.
    async fn arrival(&self) -> Arrival {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let before = self.browser.ask_family(Family::renderers).await.unwrap_or_default();
        Arrival { before, _turn: turn }
    }

    async fn open(&self, profile: &Path) -> Result<Page, OpenError> {
        match &self.folder {
            None => self.browser.new_page().await,
            Some(folder) => self.open_in(folder, profile).await,
        }
    }

    /// Has the browser open another profile, as starting the program again would do, and finds the page by its address.
    async fn open_in(&self, folder: &SharedFolder, profile: &Path) -> Result<Page, OpenError> {
        folder.share(profile).map_err(OpenError::Profile)?;
        let name = profile.file_name().unwrap_or_default().to_string_lossy();
        let address = format!("data:text/html,{name}-{}", self.opened.fetch_add(1, Ordering::Relaxed));
        let arguments = [format!("--profile-directory={name}"), format!("--app={address}")];
        let told = timeout(COMMAND, tell(&folder.path, &arguments)).await;
        if let Err(error) = told.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            // It may still come to it when nobody waits for it any more.
            self.guests().places = 0;
            let fault = format!("it did not open another profile, as only the whole Chromium can: {error}");
            return Err(OpenError::Browser(fault));
        }
        let shown = async {
            loop {
                if let Some(page) = self.browser.page_at(&address).await
                    && is_prepared(&page).await
                {
                    return page;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        timeout(COMMAND, shown).await.map_err(|_| OpenError::Browser("no page in time".to_owned()))
    }

    /// What the profile's own processes use, and its part of those that are nobody's own: of their memory by as many as are inside, of their
    /// processor time by as many as there are places, since what was used so far must not change with who comes and goes.
    async fn usage(&self, profile: &Path) -> Option<Usage> {
        let (own, owned, inside, places) = {
            let guests = self.guests();
            let own = guests.inside.get(profile)?.own.clone();
            let owned: Vec<Family> = guests.inside.values().map(|guest| guest.own.clone()).collect();
            (own, owned, u32::try_from(guests.inside.len()).ok()?, u32::try_from(guests.places).ok()?.max(1))
        };
        let asked = self.browser.ask_family(move |family| {
            let common = owned.iter().fold(family, |rest, own| rest.without(own)).usage()?;
            let own = own.usage().unwrap_or_default();
            Some(Usage {
                memory_bytes: own.memory_bytes + common.memory_bytes / u64::from(inside),
                cpu: own.cpu + common.cpu / places,
                processes: own.processes + common.processes,
            })
        });
        asked.await?
    }

    /// Lets the profile go: alone, if it can be, or with the whole browser.
    async fn leave(&self, profile: &Path, page: Option<&Page>) {
        let others_stay = self.has_others(profile) && self.close_profile(profile, page).await;
        if others_stay && self.forget(profile) {
            return;
        }
        self.guests().places = 0;
        self.ended.get_or_init(|| self.browser.end()).await;
        self.forget(profile);
    }

    /// Whether the browser is of use to others than this one.
    fn has_others(&self, profile: &Path) -> bool {
        let guests = self.guests();
        guests.places > 0 && guests.inside.keys().any(|other| other != profile)
    }

    /// Takes the profile off the list. Whether anybody is left; if not, nobody may come any more.
    fn forget(&self, profile: &Path) -> bool {
        if let Some(folder) = &self.folder
            && let Err(error) = folder.unshare(profile)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "a profile's link was not removed");
        }
        let mut guests = self.guests();
        guests.inside.remove(profile);
        if guests.inside.is_empty() {
            guests.places = 0;
        }
        guests.places > 0
    }

    /// Closes the profile's page; the browser then writes the profile to disk and closes its files. Whether it has, in time.
    async fn close_profile(&self, profile: &Path, page: Option<&Page>) -> bool {
        // As the kernel has it.
        let kept = tokio::fs::canonicalize(profile).await.unwrap_or_else(|_| profile.to_owned());
        let closed = async {
            if let Some(page) = page {
                self.browser.close_page(page.target_id()).await;
            }
            loop {
                let kept = kept.clone();
                if self.browser.ask_family(move |family| family.has_open(&kept)).await == Some(false) {
                    return;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::select! {
            closed = timeout(END, closed) => closed.is_ok(),
            () = self.browser.gone.cancelled() => false,
        }
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the library has prepared the page; before, it would undo some of what we prepare. Turning measuring on is the last that it does
/// but for one, and without that there are no figures.
async fn is_prepared(page: &Page) -> bool {
    page.metrics().await.is_ok_and(|figures| !figures.is_empty())
}

/// Hands arguments to the browser that runs on the folder, as the program does that finds one there when it is started
/// (<https://source.chromium.org/chromium/chromium/src/+/main:chrome/browser/process_singleton_posix.cc>).
async fn tell(folder: &Path, arguments: &[String]) -> io::Result<()> {
    // The link leads to a short path; that of the folder may be longer than a socket's can be.
    let socket = tokio::fs::read_link(folder.join("SingletonSocket")).await?;
    let mut browser = UnixStream::connect(socket).await?;
    // Its folder and its name come before what was asked of it.
    let message = format!("START\0/\0chromium\0{}", arguments.join("\0"));
    browser.write_all(message.as_bytes()).await?;
    browser.shutdown().await?;
    let mut answer = String::new();
    browser.read_to_string(&mut answer).await?;
    if answer == "ACK" { Ok(()) } else { Err(io::Error::other(format!("it answered {answer:?}"))) }
}

/// Does what blocks on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| OpenError::Browser(error.to_string()))?
}
