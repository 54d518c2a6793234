//! One life of a server without HTTP: store, fleet and engine on paused time, from start to stop or crash.

use std::{path::Path, time::Duration};

use chrono::{DateTime, Days, TimeDelta, Utc};
use tempfile::TempDir;
use tokio::time::Instant;
use whatsmassive::{
    bus::Bus,
    domain::{
        audit::AuditEntry,
        campaign::{Audience, CampaignAction, Step, Steps},
        clock::Clock,
        debtor::{DebtorDetails, DebtorStatus},
        id::{CampaignId, SessionId},
        media::MediaFile,
        message::{Message, MessageCounts},
        pacing::{Caps, DelayRange},
        phone::Phone,
        policy::ContactPolicy,
        pool::{Grace, Membership, Strategy, TurnSize, Weight},
        promise::{NewPromise, Promise, PromiseStatus},
        retry::Backoff,
        session::{ChannelKind, DesiredState, Session, SessionStatus},
        user::Role,
    },
    engine::{Engine, EngineSettings},
    fleet::{Fleet, FleetSettings},
    store::{MessageFilter, NewCampaign, NewPool, NewSession, NewTemplate, NewUser, Page, Store},
};

use crate::support::scripted::World;

/// Where a life that was asked for no folder keeps its database.
enum Folder {
    Own(#[expect(dead_code, reason = "deleted when it is dropped")] TempDir),
    Shared,
}

pub struct Life {
    pub store: Store,
    pub engine: Engine,
    pub fleet: Fleet,
    pub clock: Clock,
    _folder: Folder,
}

/// A campaign to prepare and launch.
pub struct Plan {
    pub strategy: Strategy,
    pub turn_size: i64,
    /// The first member's; the others' is 1.
    pub weight: i64,
    pub sticky: bool,
    pub debtors: usize,
    pub sessions: Vec<i64>,
    pub tag: &'static str,
    pub first_phone: usize,
    pub plan: whatsmassive::domain::campaign::Plan,
    pub follow_ups: Vec<Step>,
    /// The file that goes with the first message.
    pub file: Option<MediaFile>,
    /// Launched at once, and not only made.
    pub launch: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            strategy: Strategy::Competitive,
            turn_size: 1,
            weight: 1,
            sticky: false,
            debtors: 10,
            sessions: vec![1, 2, 3],
            tag: "all",
            first_phone: 1,
            // Tests that make everything fail want to see it fail.
            plan: whatsmassive::domain::campaign::Plan { max_error_percent: None, ..Default::default() },
            follow_ups: Vec::new(),
            file: None,
            launch: true,
        }
    }
}

/// What was prepared.
pub struct Prepared {
    pub campaign: CampaignId,
}

pub fn audit() -> AuditEntry {
    AuditEntry { actor: None, action: "test", subject: "test".to_owned(), detail: serde_json::Value::Null }
}

/// A runtime whose time passes only when nothing else can happen.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Time as the runtime tells it, counted from a fixed day plus what the database has seen, so that it never runs backwards unless the
/// world puts the clock back.
fn paused_clock(from: DateTime<Utc>, world: &World) -> Clock {
    let (started, error) = (Instant::now(), world.clock_error());
    Clock::from_fn(move || from + TimeDelta::from_std(started.elapsed()).unwrap() + error())
}

impl Life {
    /// A life of its own.
    pub async fn start(world: &World, seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Self::start_in(world, seed, folder.path()).await;
        life._folder = Folder::Own(folder);
        life
    }

    /// A life on the database in `folder`, which may have seen earlier lives.
    pub async fn start_in(world: &World, seed: u64, folder: &Path) -> Self {
        // Histories of faults go on for as long as they go on.
        Self::start_giving_up(world, seed, folder, 1000).await
    }

    /// The same; a session is given up after more than that many failures in a row.
    pub async fn start_giving_up(world: &World, seed: u64, folder: &Path, max_failures: u32) -> Self {
        let lives = std::fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
        std::fs::create_dir(folder.join(format!("life-{lives}"))).unwrap();
        let day = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = paused_clock(day + TimeDelta::hours(i64::try_from(lives).unwrap()), world);

        world.state().clock = Some(clock.clone());
        let store = Store::open(&format!("sqlite:{}", folder.join("ledger.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        if lives == 0 {
            store.set_contact_policy(&ContactPolicy::NONE, clock.now(), audit()).await.unwrap();
        }
        let bus = Bus::new();
        let settings = FleetSettings {
            profiles: folder.join("profiles"),
            concurrent_starts: 2,
            backoff: Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(10) },
            max_failures,
            stable_after: Duration::from_secs(60),
            settle: Duration::from_secs(10),
            memory_budget: 1 << 30,
            qr_patience: Duration::from_secs(600),
            seed,
        };
        let (fleet, reports) = Fleet::new(store.clone(), world.connector(), bus.clone(), clock.clone(), settings);
        let settings = EngineSettings {
            max_attempts: 3,
            retry: Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(10) },
            recheck: Duration::from_secs(2),
            lease: Duration::from_secs(24 * 3600),
            seed: seed.wrapping_add(u64::try_from(lives).unwrap() << 32),
        };
        let engine = Engine::new(store.clone(), fleet.clone(), bus, clock.clone(), settings);
        engine.start(reports).await.unwrap();
        fleet.start().await.unwrap();
        Self { store, engine, fleet, clock, _folder: Folder::Shared }
    }

    /// A valid number that belongs to nobody.
    pub fn phone(number: usize) -> Phone {
        Phone::from_e164(&format!("573001{number:06}")).unwrap()
    }

    /// Makes three sessions that want to run, once.
    pub async fn make_sessions(&self) -> Vec<Session> {
        let mut sessions = self.store.sessions().await.unwrap();
        for number in sessions.len() + 1..=3 {
            let new = NewSession {
                name: format!("Number {number}"),
                channel: ChannelKind::Web,
                desired: DesiredState::Running,
                delay: DelayRange::new(1000, 2000).unwrap(),
                caps: Caps::NONE,
            };
            let session = self.store.create_session(new, self.clock.now(), audit()).await.unwrap();
            self.fleet.wake(session.id);
            sessions.push(session);
        }
        sessions
    }

    /// Makes sessions (once), a pool, debtors, a template and a campaign, and launches it.
    pub async fn prepare(&self, plan: Plan) -> Prepared {
        let now = self.clock.now();
        let user = match self.store.user_by_username("tester").await.unwrap() {
            Some((user, _)) => user,
            None => {
                let new = NewUser {
                    username: "tester".to_owned(),
                    name: "Tester".to_owned(),
                    role: Role::Supervisor,
                    password_hash: "-".to_owned(),
                };
                self.store.create_user(new, now, audit()).await.unwrap()
            }
        };
        let sessions = self.make_sessions().await;
        // Turns begin with who is there: a session that was never online is not waited for.
        for session in &sessions {
            self.until(|| self.has_started(session.id)).await;
        }
        let members = sessions.iter().filter(|session| plan.sessions.contains(&session.id.0));
        let mut members: Vec<Membership> = members.map(|session| session.id.into()).collect();
        members[0].weight = Weight::new(plan.weight).unwrap();
        let pool = NewPool {
            name: format!("Pool {}", plan.tag),
            strategy: plan.strategy,
            turn_size: TurnSize::new(plan.turn_size).unwrap(),
            grace: Grace::default(),
            sticky: plan.sticky,
            members,
        };
        let pool = self.store.create_pool(pool, now, audit()).await.unwrap();
        for number in plan.first_phone..plan.first_phone + plan.debtors {
            self.make_debtor(number, &[plan.tag]).await;
        }
        let media_id = match &plan.file {
            Some(file) => Some(self.store.add_media(file, now, audit()).await.unwrap().id),
            None => None,
        };
        let body = format!("Hola {{{{ name }}}}, {}", plan.tag);
        let template = NewTemplate { name: format!("Template {}", plan.tag), body, media_id };
        let template = self.store.create_template(template, now, audit()).await.unwrap();
        let campaign = NewCampaign {
            name: format!("Campaign {}", plan.tag),
            pools: vec![pool.id],
            template_id: template.id,
            audience: Audience { tags: vec![plan.tag.to_owned()], segment: None },
            plan: plan.plan,
            steps: Steps(plan.follow_ups),
            created_by: user.id,
        };
        let campaign = self.store.create_campaign(campaign, now, audit()).await.unwrap();
        if plan.launch {
            self.engine.launch(campaign.id, audit()).await.unwrap();
        }
        Prepared { campaign: campaign.id }
    }

    pub async fn make_debtor(&self, number: usize, tags: &[&str]) {
        self.make_debtor_with(number, tags, &[]).await;
    }

    /// Makes a debtor with further fields.
    pub async fn make_debtor_with(&self, number: usize, tags: &[&str], fields: &[(&str, &str)]) {
        let details = DebtorDetails {
            phone: Self::phone(number),
            name: format!("Debtor {number}"),
            debts: Default::default(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        self.store.create_debtor(details, DebtorStatus::Active, self.clock.now(), audit()).await.unwrap();
    }

    /// Notes that a debtor will have paid in so many days; something must have been prepared before.
    pub async fn promise(&self, number: usize, days: u64) -> Promise {
        let (user, _) = self.store.user_by_username("tester").await.unwrap().unwrap();
        let debtor = self.store.debtor_by_phone(&Self::phone(number)).await.unwrap().unwrap();
        let now = self.clock.now();
        let new = NewPromise { debtor_id: debtor.id, amount: None, due_date: now.date_naive() + Days::new(days) };
        self.store.add_promise(new, user.id, now, audit()).await.unwrap()
    }

    /// Notes what became of a promise.
    pub async fn close(&self, promise: &Promise, status: PromiseStatus) {
        let by = promise.created_by.0;
        self.store.close_promise(promise.id, status, by, self.clock.now(), audit()).await.unwrap().unwrap();
    }

    pub async fn set_policy(&self, policy: &ContactPolicy) {
        self.engine.set_contact_policy(policy, audit()).await.unwrap();
    }

    /// Whether the session has left its start behind it.
    async fn has_started(&self, session: SessionId) -> bool {
        let status = self.store.session(session).await.unwrap().unwrap().status;
        !matches!(status, SessionStatus::Stopped | SessionStatus::Starting)
    }

    pub async fn act(&self, campaign: CampaignId, action: CampaignAction) {
        self.engine.act(campaign, action, audit()).await.unwrap();
    }

    pub async fn counts(&self, campaign: CampaignId) -> MessageCounts {
        self.store.message_counts(campaign).await.unwrap()
    }

    pub async fn messages(&self, campaign: CampaignId) -> Vec<Message> {
        let page = Page { limit: 200, cursor: None };
        let page = self.store.messages(campaign, MessageFilter::default(), page).await.unwrap();
        page.items.into_iter().map(|row| row.message).collect()
    }

    /// Waits until the campaign is finished or cancelled.
    pub async fn until_over(&self, campaign: CampaignId) {
        self.until(|| async { self.store.campaign(campaign).await.unwrap().unwrap().status.is_over() }).await;
    }

    /// Waits for a state; time is paused, so an hour of waiting passes in a moment, and an hour without that state is a failure.
    pub async fn until<F: Future<Output = bool>>(&self, mut reached: impl FnMut() -> F) {
        let limit = Instant::now() + Duration::from_secs(3600);
        while !reached().await {
            assert!(Instant::now() < limit, "an hour has passed and the state was not reached");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The soft shutdown.
    pub async fn stop(self) {
        self.engine.shutdown().await;
        self.fleet.shutdown().await;
    }
}
