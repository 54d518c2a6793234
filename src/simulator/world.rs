//! What is beyond the page: phones, the devices linked to them, and what goes wrong.

use std::{
    collections::BTreeMap,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use super::{
    faults::Faults,
    media::{FileError, Files},
    memory::Memory,
};

/// What was asked for cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    #[error("{0:?} is not a phone number: 7 to 15 digits with the country code")]
    NotAPhone(String),
    #[error("there is no phone {0}; add it with POST /control/phones")]
    NoPhone(String),
    #[error("no page shows this code, or it has expired; take the one on show now")]
    NoSuchCode,
    #[error("the phone {0} is not linked to a page")]
    NotLinked(String),
    #[error(transparent)]
    File(#[from] FileError),
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Phone {
    /// Linked device by id.
    pub device: Option<String>,
}

/// An open page.
pub(super) struct Page {
    pub sender: mpsc::UnboundedSender<Value>,
    /// The device it is, once linked.
    pub device: Option<String>,
    /// The phone that has scanned its code and is now asked for a passkey.
    pub passkey_of: Option<String>,
    pub refs: Vec<String>,
    pub shows: Option<String>,
    /// Since when, in milliseconds since 1970.
    pub shown_at: i64,
    pub noise: String,
    /// The phone it asked a linking code for, and the code.
    pub linking: Option<(String, String)>,
}

impl Page {
    /// Whether a phone has scanned its code.
    pub fn is_taken(&self) -> bool {
        self.device.is_some() || self.passkey_of.is_some()
    }
}

#[derive(Default)]
pub(super) struct State {
    pub memory: Memory,
    pub pages: BTreeMap<u64, Page>,
    pub next_page: u64,
    pub faults: Faults,
    /// What goes wrong with one phone, in place of that.
    pub faults_of: BTreeMap<String, Faults>,
    pub file: Option<PathBuf>,
    pub files: Files,
}

/// A handle to all of it; cheap to clone.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    changed: watch::Sender<u64>,
    /// The version that the state file has.
    saved: watch::Sender<u64>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Default for World {
    fn default() -> Self {
        Self {
            state: Arc::default(),
            changed: watch::Sender::new(0),
            saved: watch::Sender::new(0),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }
}

impl World {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who watch.
    pub(super) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Runs a task that ends with the world at the latest.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled_owned(task).await });
    }

    /// Lets the end of the world wait until this is dropped.
    pub(super) fn track(&self) -> TaskTrackerToken {
        self.tasks.token()
    }

    /// Cancelled when the world ends.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Ends every task, so that nothing writes to the state file any more, and saves it for the last time.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.save();
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn saved(&self) -> &watch::Sender<u64> {
        &self.saved
    }

    /// Makes a phone with this number exist; doing it twice is fine.
    pub fn add_phone(&self, phone: &str) -> Result<String, WorldError> {
        let digits = digits(phone)?;
        self.lock().memory.phones.entry(digits.clone()).or_default();
        self.touch();
        Ok(digits)
    }

    /// Scans a code with a phone: the page that shows it becomes the phone's device.
    pub fn scan(&self, phone: &str, qr: &str) -> Result<(), WorldError> {
        let shown_ref = qr.trim().split(',').next().unwrap_or_default().to_owned();
        let noise = qr.trim().split(',').nth(1).unwrap_or_default().to_owned();
        self.link(phone, |page, _| page.shows.as_deref() == Some(&shown_ref) && page.noise == noise)
    }

    /// Types a linking code into a phone: the page that asked for it becomes the phone's device.
    pub fn enter_code(&self, phone: &str, code: &str) -> Result<(), WorldError> {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let code = code.to_ascii_uppercase();
        self.link(phone, |page, digits| {
            page.linking.as_ref().is_some_and(|(whose, shown)| whose == digits && *shown == code)
        })
    }

    fn link(&self, phone: &str, is_it: impl Fn(&Page, &str) -> bool) -> Result<(), WorldError> {
        let digits = digits(phone)?;
        {
            let mut state = self.lock();
            if !state.memory.phones.contains_key(&digits) {
                return Err(WorldError::NoPhone(digits));
            }
            let passkey = state.faults_of(&digits).passkey;
            let (&number, page) =
                state.pages.iter_mut().find(|(_, page)| is_it(page, &digits)).ok_or(WorldError::NoSuchCode)?;
            (page.shows, page.linking) = (None, None);
            if passkey {
                drop(page.sender.send(json!({ "type": "passkey" })));
                page.passkey_of = Some(digits);
            } else {
                state.pair(number, &digits);
            }
        }
        self.touch();
        Ok(())
    }

    /// Removes the phone's linked device, as from the phone's list of devices.
    pub fn log_out(&self, phone: &str) -> Result<(), WorldError> {
        let digits = digits(phone)?;
        {
            let mut state = self.lock();
            let linked = state.memory.phones.get_mut(&digits).ok_or(WorldError::NoPhone(digits.clone()))?.device.take();
            let device = linked.ok_or(WorldError::NotLinked(digits))?;
            state.tell(&device, json!({ "type": "unlinked" }));
        }
        self.touch();
        Ok(())
    }

    /// Changes what goes wrong from now on, but for phones that have their own faults.
    pub fn set_faults(&self, faults: Faults) {
        self.change_faults(|state| state.faults = faults);
    }

    /// Changes what goes wrong with one phone from now on.
    pub fn set_faults_of(&self, phone: &str, faults: Faults) -> Result<(), WorldError> {
        let digits = digits(phone)?;
        if !self.lock().memory.phones.contains_key(&digits) {
            return Err(WorldError::NoPhone(digits));
        }
        self.change_faults(|state| drop(state.faults_of.insert(digits, faults)));
        Ok(())
    }

    fn change_faults(&self, change: impl FnOnce(&mut State)) {
        {
            let mut state = self.lock();
            let told = |state: &State| -> Vec<(u64, Option<String>)> {
                let linked = state.pages.iter().filter(|(_, page)| page.device.is_some());
                linked.map(|(&number, page)| (number, state.faults_at(page).socket_state.clone())).collect()
            };
            let before = told(&state);
            change(&mut state);
            for ((number, before), (_, after)) in before.into_iter().zip(told(&state)) {
                if let (true, Some(page)) = (before != after, state.pages.get(&number)) {
                    let says = after.as_deref().unwrap_or("CONNECTED");
                    drop(page.sender.send(json!({ "type": "state", "state": says })));
                }
            }
            // Who has done what the passkey was asked for is linked now.
            let done = state.pages.iter().filter_map(|(&number, page)| {
                let phone = page.passkey_of.clone()?;
                (!state.faults_of(&phone).passkey).then_some((number, phone))
            });
            for (number, phone) in done.collect::<Vec<_>>() {
                state.pair(number, &phone);
            }
            // A page's socket lasts as long as its sender.
            let cut: Vec<u64> = state
                .pages
                .iter()
                .filter(|(_, page)| state.faults_at(page).offline)
                .map(|(&number, _)| number)
                .collect();
            for number in cut {
                state.pages.remove(&number);
            }
        }
        self.touch();
    }

    /// Phones, open pages and counts, for people and tests.
    pub fn describe(&self) -> Value {
        let state = self.lock();
        let phones: Vec<Value> = state
            .memory
            .phones
            .iter()
            .map(|(number, phone)| {
                let online = state.pages.values().any(|page| page.device.is_some() && page.device == phone.device);
                let faults = state.faults_of(number);
                json!({ "phone": number, "linked": phone.device.is_some(), "online": online, "faults": faults })
            })
            .collect();
        let codes: Vec<Value> = state
            .pages
            .values()
            .rev()
            .filter_map(|page| {
                let shown = page.shows.as_ref()?;
                Some(json!({ "qr": format!("{shown},{}", page.noise), "page": shown, "shown_at": page.shown_at }))
            })
            .collect();
        json!({ "phones": phones, "codes": codes, "messages": state.memory.ledger.len(), "faults": state.faults })
    }
}

impl State {
    /// Makes a page the phone's device, in place of the one before.
    fn pair(&mut self, number: u64, phone: &str) {
        let sync_ms = self.faults_of(phone).sync_ms;
        let Some(page) = self.pages.get_mut(&number) else { return };
        let device = format!("{phone}:{:08x}", rand::rng().random::<u32>());
        (page.device, page.passkey_of) = (Some(device.clone()), None);
        let account = json!({ "phone": phone, "lid": lid(phone), "device": device });
        drop(page.sender.send(json!({ "type": "pair", "account": account, "sync_ms": sync_ms })));
        let unlinked = self.memory.phones.entry(phone.to_owned()).or_default().device.replace(device);
        if let Some(old) = unlinked {
            self.tell(&old, json!({ "type": "unlinked" }));
        }
    }

    /// Sends to the page that is this device, if it is open.
    pub fn tell(&self, device: &str, message: Value) {
        for page in self.pages.values().filter(|page| page.device.as_deref() == Some(device)) {
            drop(page.sender.send(message.clone()));
        }
    }

    /// What goes wrong with a phone.
    pub fn faults_of(&self, phone: &str) -> &Faults {
        self.faults_of.get(phone).unwrap_or(&self.faults)
    }

    /// [`State::faults_of`], to use up those that count.
    pub fn faults_of_mut(&mut self, phone: &str) -> &mut Faults {
        self.faults_of.get_mut(phone).unwrap_or(&mut self.faults)
    }

    /// What goes wrong with a page.
    pub fn faults_at(&self, page: &Page) -> &Faults {
        let phone = page.device.as_deref().and_then(|device| self.phone_of(device));
        phone.map_or(&self.faults, |phone| self.faults_of(phone))
    }

    /// The phone that has this device linked.
    pub fn phone_of(&self, device: &str) -> Option<&str> {
        self.memory
            .phones
            .iter()
            .find(|(_, phone)| phone.device.as_deref() == Some(device))
            .map(|(number, _)| number.as_str())
    }

    /// The id of the chat with that person.
    pub fn chat(&self, number: &str) -> String {
        if self.faults.lid_chats { format!("{}@lid", lid(number)) } else { format!("{number}@c.us") }
    }

    /// The number behind a chat's id.
    pub fn number_of(&self, chat: &str) -> String {
        let (user, server) = chat.split_once('@').unwrap_or((chat, "c.us"));
        let known = (server == "lid").then(|| self.memory.people.get(user)).flatten();
        known.map_or(user, String::as_str).to_owned()
    }
}

/// A linking code: eight letters and digits, without those that look alike.
pub(super) fn linking_code() -> String {
    const ALPHABET: &[u8; 32] = b"123456789ABCDEFGHJKLMNPQRSTVWXYZ";
    let mut rng = rand::rng();
    (0..8).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
}

/// A number in any form as digits.
pub(super) fn digits(phone: &str) -> Result<String, WorldError> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let others = phone.chars().all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    if others && (7..=15).contains(&digits.len()) { Ok(digits) } else { Err(WorldError::NotAPhone(phone.to_owned())) }
}

/// The other id WhatsApp gives a person: it has nothing of the number in it that one could read.
pub(super) fn lid(number: &str) -> String {
    let number: u64 = number.parse().unwrap_or_default();
    format!("{}", 100_000_000_000_000 + number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 900_000_000_000_000)
}
