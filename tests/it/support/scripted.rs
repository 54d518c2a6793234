//! A WhatsApp that exists in memory, behind the `Channel` seam: it obeys, and it fails when its seed says so.
//!
//! [`World`] outlives the server under test, as WhatsApp does: what has arrived, what each device has in its outbox, who is linked.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::{Notify, mpsc};
use whatsmassive::{
    channel::{
        Channel, ChannelError, ChannelEvent, ChannelSpec, ChannelState, Connector, Lookup, MessageKey, OpenError,
        SendOutcome,
    },
    domain::{
        id::SessionId,
        message::{Receipt, WireId},
        phone::Phone,
    },
};

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
    /// Nothing can be looked up.
    pub blind: bool,
    events: HashMap<i64, mpsc::UnboundedSender<ChannelEvent>>,
    pub opened: BTreeMap<i64, u32>,
    /// Steps of sends until the server dies.
    fuse: Option<u32>,
}

/// Everything that is not the server.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    rng: Arc<Mutex<StdRng>>,
    faults: Faults,
    latency: Duration,
    burnt: Arc<Notify>,
}

impl World {
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            state: Arc::default(),
            rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
            faults,
            latency: Duration::from_millis(40),
            burnt: Arc::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn connector(&self) -> Arc<dyn Connector> {
        Arc::new(ScriptedConnector(self.clone()))
    }

    /// Lets a session's channel tell something.
    pub fn tell(&self, session: SessionId, event: ChannelEvent) {
        let sender = self.state().events.get(&session.0).cloned().expect("the session has a channel");
        drop(sender.send(event));
    }

    /// Lets the server die at a step of a send, that many steps from now.
    pub fn light_fuse(&self, steps: u32) {
        self.state().fuse = Some(steps);
    }

    pub fn put_out_fuse(&self) {
        self.state().fuse = None;
    }

    /// Waits until the server has to die.
    pub async fn fuse_burnt(&self) {
        self.burnt.notified().await;
    }

    /// One step of a send; at the last one before the server dies it never returns.
    async fn step(&self) {
        let dies = {
            let mut state = self.state();
            match &mut state.fuse {
                Some(0) => true,
                Some(steps) => {
                    *steps -= 1;
                    *steps == 0
                }
                None => false,
            }
        };
        if dies {
            self.burnt.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.latency).await;
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
            state.events.insert(id, spec.events.clone());
            *state.opened.entry(id).or_default() += 1;
            !state.unlinked.contains(&id)
        };
        let first = if linked {
            ChannelState::Online { phone: Phone::from_e164(&format!("5730000000{id:02}")).unwrap() }
        } else {
            ChannelState::Unpaired
        };
        drop(spec.events.send(ChannelEvent::State(first)));
        Ok(Arc::new(ScriptedChannel { world, session: spec.session_id, events: spec.events }))
    }

    async fn discard_profile(&self, _profile: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

struct ScriptedChannel {
    world: World,
    session: SessionId,
    events: mpsc::UnboundedSender<ChannelEvent>,
}

impl ScriptedChannel {
    fn arrive(&self, key: &MessageKey, body: &str) {
        let (to, wire_id) = key.0.split_once('_').expect("a key of ours");
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
        let wire_id = WireId(key.0.split_once('_').expect("a key of ours").1.to_owned());
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
        if self.world.state().not_on_whatsapp.contains(to.as_str()) {
            return Err(ChannelError::NotOnWhatsApp);
        }
        if self.world.strikes(self.world.faults.no_chat) {
            return Err(ChannelError::Page("no chat".to_owned()));
        }
        Ok(MessageKey(format!("{}_{}", to.as_str(), id.0)))
    }

    async fn send(&self, key: &MessageKey, body: &str) -> SendOutcome {
        let faults = self.world.faults;
        self.world.step().await;
        let refused = self.world.state().refused.iter().any(|number| key.0.starts_with(&format!("{number}_")));
        if refused || self.world.strikes(faults.rejected) {
            return SendOutcome::Rejected { reason: "refused".to_owned(), retryable: true };
        }
        if self.world.strikes(faults.dies_before) {
            self.die();
            return SendOutcome::Unknown { reason: "browser_exited".to_owned() };
        }
        if self.world.strikes(faults.message_lost) {
            return SendOutcome::Unknown { reason: "timed_out".to_owned() };
        }
        self.arrive(key, body);
        self.world.step().await;
        if self.world.strikes(faults.dies_after) {
            self.die();
            return SendOutcome::Unknown { reason: "browser_exited".to_owned() };
        }
        if self.world.strikes(faults.answer_lost) {
            return SendOutcome::Unknown { reason: "timed_out".to_owned() };
        }
        self.acknowledge(key);
        SendOutcome::Sent
    }

    async fn find(&self, key: &MessageKey) -> Result<Lookup, ChannelError> {
        self.world.step().await;
        if self.world.state().blind {
            return Err(ChannelError::Page("the store does not answer".to_owned()));
        }
        let known = self.world.state().outbox.get(&self.session.0).is_some_and(|keys| keys.contains(&key.0));
        Ok(if known { Lookup::Sent(Receipt::Sent) } else { Lookup::Absent })
    }

    async fn log_out(&self) -> Result<(), ChannelError> {
        self.world.state().unlinked.insert(self.session.0);
        Ok(())
    }

    async fn close(&self) {
        self.die();
    }
}
