//! A WhatsApp that exists in memory, behind the `Channel` seam: it obeys, and it fails when its seed says so.
//!
//! [`World`] outlives the server under test, as WhatsApp does: what has arrived, what each device has in its outbox, who is linked.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};
use whatsmassive::{
    channel::{
        Channel, ChannelError, ChannelEvent, ChannelSpec, ChannelState, Connector, Lookup, MessageKey, OpenError,
        SendOutcome,
    },
    domain::{
        clock::Clock,
        conversation::Inbound,
        failure::{Cause, Doubt},
        health::Usage,
        id::SessionId,
        media::MediaFile,
        message::{Receipt, WireId},
        phone::Phone,
    },
};

/// How long a page that hangs is waited for.
const PAGE_LIMIT: Duration = Duration::from_secs(45);

/// How often, out of 100, each thing goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// The chat cannot be found just now.
    pub no_chat: u32,
    /// The page refuses the message; trying again may help.
    pub rejected: u32,
    /// The message arrives, its answer is lost.
    pub answer_lost: u32,
    /// The message does not arrive, and neither does an answer.
    pub message_lost: u32,
    /// The browser dies before the message reaches the outbox.
    pub dies_before: u32,
    /// The browser dies after the message has arrived.
    pub dies_after: u32,
    /// Receipts are told twice and in the wrong order.
    pub receipts_muddled: u32,
    /// The page does not answer for 45 s; half of the messages have arrived all the same.
    pub hangs: u32,
    /// The connection is lost with the message in the outbox; it leaves when the connection is there again, within a minute.
    pub disconnects: u32,
    /// WhatsApp refuses the message and restricts the number, for up to two minutes.
    pub restricts: u32,
}

/// One message as the debtor's phone got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub session: SessionId,
    pub to: String,
    pub wire_id: String,
    pub body: String,
}

#[derive(Default)]
pub struct State {
    pub arrivals: Vec<Arrival>,
    /// Wire ids by session, as the device remembers them.
    outbox: BTreeMap<i64, BTreeSet<String>>,
    pub not_on_whatsapp: BTreeSet<String>,
    /// Numbers whose messages the page refuses.
    pub refused: BTreeSet<String>,
    pub unlinked: BTreeSet<i64>,
    /// Ids under which chats with some numbers are found.
    pub lids: BTreeMap<String, String>,
    /// Sessions that WhatsApp lets open no new chat.
    pub no_new_chats: BTreeSet<i64>,
    /// Debtors have read everything, as a lookup tells.
    pub all_read: bool,
    /// Nothing can be looked up.
    pub blind: bool,
    events: HashMap<i64, mpsc::UnboundedSender<ChannelEvent>>,
    pub opened: BTreeMap<i64, u32>,
    /// Until when a session is restricted or without a connection, and what it says of itself.
    outages: BTreeMap<i64, (Instant, ChannelState)>,
    /// Messages in the outbox that have not left, by session.
    pending: BTreeMap<i64, Vec<(MessageKey, String)>>,
    /// Texts from debtors, told again whenever the session's channel opens: WhatsApp keeps what was not acknowledged.
    unread: Vec<(SessionId, Inbound)>,
    /// Files that messages have carried, by wire id.
    pub carried: BTreeMap<String, MediaFile>,
    /// Files that debtors have sent, by the full keys of their messages.
    pub files: BTreeMap<String, MediaFile>,
    /// Nobody answers at the other end.
    pub no_network: bool,
    /// Nobody gets through to WhatsApp.
    pub no_proxy: bool,
    /// The disk is full.
    pub no_disk_space: bool,
    /// Channels that could not be opened.
    pub unopened: u32,
    /// What a session's browser takes of the machine, in bytes, where somebody looks.
    pub memory: BTreeMap<i64, u64>,
    /// Numbers whose owners ask for no more messages just when somebody looks for their chat.
    pub stops_us: BTreeSet<String>,
    /// Whose clock says when something is sent, if somebody asks.
    pub clock: Option<Clock>,
    /// To whom a send has begun, and when.
    pub sends: Vec<(String, DateTime<Utc>)>,
    fuse: Option<Fuse>,
}

/// When the server dies.
#[derive(Debug, Clone, Copy)]
struct Fuse {
    /// Steps of sends until then.
    steps: u32,
    /// Whether the last step is still made.
    goes_on: bool,
}

/// Everything that is not the server.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    rng: Arc<Mutex<StdRng>>,
    faults: Faults,
    latency: Duration,
    burnt: Arc<Notify>,
    /// By how many seconds somebody has put the machine's clock forward.
    put_forward: Arc<AtomicI64>,
}

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            faults,
            latency: Duration::from_millis(40),
            burnt: Arc::default(),
            put_forward: Arc::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Puts the machine's clock forward, or back, by so many minutes.
    pub fn put_clock(&self, minutes: i64) {
        self.put_forward.fetch_add(minutes * 60, Ordering::Relaxed);
    }

    /// Tells by how much the machine's clock was put forward, all in all.
    pub fn clock_error(&self) -> impl Fn() -> TimeDelta + Send + Sync + use<> {
        let put_forward = Arc::clone(&self.put_forward);
        move || TimeDelta::seconds(put_forward.load(Ordering::Relaxed))
    }

    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::new(ScriptedConnector(self.clone()))
    }

    /// Lets a session's channel tell something.
    pub fn tell(&self, session: SessionId, event: ChannelEvent) {
        let sender = self.state().events.get(&session.0).cloned().expect("the session has a channel");
        drop(sender.send(event));
    }

    /// Lets the server die at a step of a send, that many steps from now: instead of it, or just after.
    pub fn light_fuse(&self, steps: u32, goes_on: bool) {
        self.state().fuse = Some(Fuse { steps, goes_on });
    }

    pub fn put_out_fuse(&self) {
        self.state().fuse = None;
    }

    /// Waits until the server has to die.
    pub async fn fuse_burnt(&self) {
        self.burnt.notified().await;
        // What the last step has set off happens at this instant.
        tokio::time::sleep(self.latency).await;
    }

    /// What every page shows.
    pub fn screen(&self) -> Vec<u8> {
        vec![0xFF, 0xD8, 0xFF, 0]
    }

    /// What every page has written to its console.
    pub fn console(&self) -> Vec<String> {
        vec!["error: out of memory".to_owned()]
    }

    /// A debtor writes to a session.
    pub fn write(&self, to: SessionId, inbound: Inbound) {
        let mut state = self.state();
        if let Some(events) = state.events.get(&to.0) {
            drop(events.send(ChannelEvent::Inbound(inbound.clone())));
        }
        state.unread.push((to, inbound));
    }

    /// One step of a send; once the server dies, most never return.
    async fn step(&self) {
        let (burnt, goes_on) = match &mut self.state().fuse {
            Some(Fuse { steps: 0, .. }) => (true, false),
            Some(Fuse { steps, goes_on }) => {
                *steps -= 1;
                (*steps == 0, *goes_on)
            }
            None => (false, true),
        };
        if burnt {
            self.burnt.notify_one();
        }
        if burnt && !goes_on {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.latency).await;
    }

    fn note_send(&self, key: &MessageKey) {
        let mut state = self.state();
        if let (Some(clock), Some((to, _))) = (&state.clock, key.0.split_once('_')) {
            let send = (to.to_owned(), clock.now());
            state.sends.push(send);
        }
    }

    fn strikes(&self, percent: u32) -> bool {
        percent > 0 && self.rng.lock().unwrap().random_range(0..100) < percent
    }
}

struct ScriptedConnector(World);

#[async_trait]
impl Connector for ScriptedConnector {
    async fn open(&self, spec: ChannelSpec) -> Result<Arc<dyn Channel>, OpenError> {
        let world = self.0.clone();
        let id = spec.session_id.0;
        tokio::time::sleep(world.latency * 10).await;
        let linked = {
            let mut state = world.state();
            if state.no_proxy {
                state.unopened += 1;
                return Err(OpenError::Proxy("net::ERR_PROXY_CONNECTION_FAILED".to_owned()));
            }
            if state.no_disk_space {
                state.unopened += 1;
                return Err(OpenError::NoDiskSpace { free_mb: 12, needed_mb: 200 });
            }
            state.events.insert(id, spec.events.clone());
            *state.opened.entry(id).or_default() += 1;
            !state.unlinked.contains(&id)
        };
        let channel = ScriptedChannel { world, session: spec.session_id, events: spec.events };
        if linked {
            channel.clone().connect();
        } else {
            channel.tell(ChannelState::Unpaired);
        }
        Ok(Arc::new(channel))
    }

    async fn is_reachable(&self) -> bool {
        !self.0.state().no_network
    }

    async fn discard_profile(&self, _profile: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Clone)]
struct ScriptedChannel {
    world: World,
    session: SessionId,
    events: mpsc::UnboundedSender<ChannelEvent>,
}

impl ScriptedChannel {
    fn tell(&self, state: ChannelState) {
        drop(self.events.send(ChannelEvent::State(state)));
    }

    /// Comes online once the session's outage is over; what was in the outbox leaves then, and what debtors wrote is told.
    fn connect(self) {
        let outage = self.world.state().outages.get(&self.session.0).cloned();
        let Some((until, says)) = outage.filter(|(until, _)| *until > Instant::now()) else {
            return self.come_online();
        };
        self.tell(says);
        tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            self.come_online();
        });
    }

    fn come_online(&self) {
        let pending = self.world.state().pending.remove(&self.session.0).unwrap_or_default();
        for (_, inbound) in self.world.state().unread.iter().filter(|(session, _)| *session == self.session) {
            drop(self.events.send(ChannelEvent::Inbound(inbound.clone())));
        }
        let online =
            ChannelState::Online { phone: Phone::from_e164(&format!("5730000000{:02}", self.session.0)).unwrap() };
        self.tell(online);
        for (key, body) in pending {
            self.arrive(&key, &body);
            self.acknowledge(&key);
        }
    }

    /// The session cannot send for up to that many seconds.
    fn suffer(&self, seconds: u64, says: ChannelState) {
        let length = Duration::from_millis(self.world.rng.lock().unwrap().random_range(1000..seconds * 1000));
        self.world.state().outages.insert(self.session.0, (Instant::now() + length, says));
        self.clone().connect();
    }

    /// Does not answer for a while, if it strikes.
    async fn hang(&self) -> bool {
        let hangs = self.world.strikes(self.world.faults.hangs);
        if hangs {
            tokio::time::sleep(PAGE_LIMIT).await;
        }
        hangs
    }

    /// Whom a message goes to, and its id.
    fn parts(&self, key: &MessageKey) -> (String, String) {
        let (chat, id) = key.0.trim_start_matches("true_").split_once('_').expect("a key of ours");
        let state = self.world.state();
        let hidden = state.lids.iter().find(|(_, lid)| *lid == chat).map(|(phone, _)| phone.clone());
        (hidden.unwrap_or_else(|| chat.to_owned()), id.to_owned())
    }

    fn arrive(&self, key: &MessageKey, body: &str) {
        let (to, wire_id) = self.parts(key);
        let (to, wire_id) = (to.as_str(), wire_id.as_str());
        let mut state = self.world.state();
        state.outbox.entry(self.session.0).or_default().insert(key.0.clone());
        // WhatsApp's server drops an id it has seen from this account.
        if !state.arrivals.iter().any(|arrival| arrival.wire_id == wire_id && arrival.session == self.session) {
            state.arrivals.push(Arrival {
                session: self.session,
                to: to.to_owned(),
                wire_id: wire_id.to_owned(),
                body: body.to_owned(),
            });
        }
    }

    fn acknowledge(&self, key: &MessageKey) {
        let wire_id = WireId(self.parts(key).1);
        let receipts: &[Receipt] = if self.world.strikes(self.world.faults.receipts_muddled) {
            &[Receipt::Read, Receipt::Sent, Receipt::Delivered, Receipt::Read]
        } else {
            &[Receipt::Sent, Receipt::Delivered, Receipt::Read]
        };
        for &receipt in receipts {
            drop(self.events.send(ChannelEvent::Receipt { wire_id: wire_id.clone(), receipt }));
        }
    }

    fn die(&self) {
        drop(self.events.send(ChannelEvent::Closed { reason: "browser_exited".to_owned() }));
    }
}

#[async_trait]
impl Channel for ScriptedChannel {
    async fn address(&self, to: &Phone, id: &WireId) -> Result<MessageKey, ChannelError> {
        self.world.step().await;
        if self.hang().await {
            return Err(ChannelError::TimedOut(PAGE_LIMIT));
        }
        if self.world.state().stops_us.contains(to.as_str()) {
            let at = self.world.state().clock.as_ref().expect("a clock").now();
            let (from, wire_id, body) = (to.clone(), format!("STOP{}", to.as_str()), "STOP".to_owned());
            drop(self.events.send(ChannelEvent::Inbound(Inbound { from, wire_id, body, media: None, at })));
            self.world.step().await;
        }
        if self.world.state().not_on_whatsapp.contains(to.as_str()) {
            return Err(ChannelError::NotOnWhatsApp);
        }
        if self.world.strikes(self.world.faults.no_chat) {
            return Err(ChannelError::Page("no chat".to_owned()));
        }
        match self.world.state().lids.get(to.as_str()) {
            Some(lid) => Ok(MessageKey(format!("true_{lid}_{}", id.0))),
            None => Ok(MessageKey(format!("{}_{}", to.as_str(), id.0))),
        }
    }

    async fn send(&self, key: &MessageKey, body: &str, media: Option<&MediaFile>) -> SendOutcome {
        let faults = self.world.faults;
        self.world.note_send(key);
        self.world.step().await;
        if let (Some(file), Some((_, wire_id))) = (media, key.0.split_once('_')) {
            self.world.state().carried.insert(wire_id.to_owned(), file.clone());
        }
        let refused = self.world.state().refused.iter().any(|number| key.0.starts_with(&format!("{number}_")));
        if self.world.state().no_new_chats.contains(&self.session.0) {
            return SendOutcome::Restricted { reason: "new_chats_restricted".to_owned() };
        }
        if refused || self.world.strikes(faults.rejected) {
            return SendOutcome::Rejected(Cause::Rejected.into());
        }
        if self.world.strikes(faults.restricts) {
            self.suffer(120, ChannelState::Restricted { reason: "restricted".to_owned() });
            return SendOutcome::Rejected(Cause::Rejected.into());
        }
        if self.world.strikes(faults.disconnects) {
            let mail = (key.clone(), body.to_owned());
            self.world.state().pending.entry(self.session.0).or_default().push(mail);
            self.suffer(60, ChannelState::Reconnecting);
            return SendOutcome::Unknown(Doubt::TimedOut);
        }
        if self.hang().await {
            if self.world.strikes(50) {
                self.arrive(key, body);
            }
            return SendOutcome::Unknown(Doubt::TimedOut);
        }
        if self.world.strikes(faults.dies_before) {
            self.die();
            return SendOutcome::Unknown(Doubt::BrowserExited);
        }
        if self.world.strikes(faults.message_lost) {
            return SendOutcome::Unknown(Doubt::TimedOut);
        }
        self.arrive(key, body);
        self.world.step().await;
        if self.world.strikes(faults.dies_after) {
            self.die();
            return SendOutcome::Unknown(Doubt::BrowserExited);
        }
        if self.world.strikes(faults.answer_lost) {
            return SendOutcome::Unknown(Doubt::TimedOut);
        }
        self.acknowledge(key);
        SendOutcome::Sent
    }

    async fn find(&self, key: &MessageKey) -> Result<Lookup, ChannelError> {
        self.world.step().await;
        if self.world.state().blind {
            return Err(ChannelError::Page("the store does not answer".to_owned()));
        }
        if self.hang().await {
            return Err(ChannelError::TimedOut(PAGE_LIMIT));
        }
        let waits = |pending: &Vec<(MessageKey, String)>| pending.iter().any(|(waiting, _)| waiting == key);
        if self.world.state().pending.get(&self.session.0).is_some_and(waits) {
            return Ok(Lookup::Pending);
        }
        let known = self.world.state().outbox.get(&self.session.0).is_some_and(|keys| keys.contains(&key.0));
        let furthest = if self.world.state().all_read { Receipt::Read } else { Receipt::Sent };
        Ok(if known { Lookup::Sent(furthest) } else { Lookup::Absent })
    }

    async fn fetch(&self, key: &MessageKey) -> Result<MediaFile, ChannelError> {
        self.world.step().await;
        if self.world.state().blind {
            return Err(ChannelError::Page("the store does not answer".to_owned()));
        }
        self.world.state().files.get(&key.0).cloned().ok_or(ChannelError::MediaGone)
    }

    async fn log_out(&self) -> Result<(), ChannelError> {
        let mut state = self.world.state();
        state.unlinked.insert(self.session.0);
        // A page of the next link knows nothing of what this one has sent.
        state.outbox.remove(&self.session.0);
        Ok(())
    }

    async fn close(&self) {
        self.die();
    }

    async fn picture(&self) -> Option<Vec<u8>> {
        Some(self.world.screen())
    }

    fn console(&self) -> Vec<String> {
        self.world.console()
    }

    async fn usage(&self) -> Option<Usage> {
        let memory_bytes = *self.world.state().memory.get(&self.session.0)?;
        Some(Usage { memory_bytes, cpu: Duration::from_secs(1), processes: 4 })
    }
}
