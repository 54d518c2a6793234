//! What a campaign costs: launch, then claim, send, settle, delivered and read of every message, through the real engine and store over a
//! channel that does nothing; beside it the same rows written by bare SQL in batches, and the same campaign through a queue of jobs (BullMQ
//! on Redis, its log in the same PostgreSQL). `make bench`, or `DEBTORS=100000 make bench`.
//!
//! Each line is a process of its own, so that its peak of memory is its own. Ratios are of one run: machines are noisy.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/it/support/postgres.rs"]
mod postgres;

use std::{
    io::{BufRead as _, BufReader},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use diesel::{Connection as _, RunQueryDsl as _, connection::SimpleConnection as _};
use tokio::sync::{Notify, mpsc};
use whatsmassive::{
    bus::Bus,
    channel::{
        Channel, ChannelError, ChannelEvent, ChannelSpec, ChannelState, Connector, Lookup, MessageKey, OpenError,
        SendOutcome,
    },
    domain::{
        audit::AuditEntry,
        campaign::{Audience, Plan, Steps},
        clock::Clock,
        debtor::DebtorDetails,
        id::CampaignId,
        media::MediaFile,
        message::{MessageState, Receipt, WireId},
        pacing::{Caps, DelayRange},
        phone::Phone,
        policy::ContactPolicy,
        pool::{Grace, Strategy, TurnSize},
        retry::Backoff,
        session::{ChannelKind, DesiredState},
        user::Role,
    },
    engine::{Engine, EngineSettings},
    fleet::{Fleet, FleetSettings},
    store::{NewCampaign, NewPool, NewSession, NewTemplate, NewUser, Store},
};

/// The largest campaign that goes through the queue of jobs: a million takes a quarter of an hour, at the rate of a hundred thousand.
const QUEUED: usize = 100_000;

/// Numbers that send at once.
fn sessions() -> usize {
    std::env::var("SESSIONS").map_or(500, |text| text.parse().unwrap())
}

/// As in the server.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [kind, url, debtors] = arguments.as_slice() {
        return one(kind, url, debtors.parse().unwrap());
    }
    let largest: usize = std::env::var("DEBTORS").map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    println!("{} numbers send at once.\n", sessions());
    println!("| database | debtors | through | launch, s | messages a second | of bare SQL | peak memory, MB |");
    println!("|---|---:|---|---:|---:|---:|---:|");
    for database in ["SQLite", "PostgreSQL"] {
        for debtors in [largest / 100, largest / 10, largest] {
            let url = |kind: &str| match database {
                "SQLite" => format!("sqlite:{}", folder.path().join(format!("{kind}-{debtors}.db")).display()),
                _ => postgres::Postgres::shared(true).fresh_database(),
            };
            let bare =
                Line::of(Command::new(std::env::current_exe().unwrap()), &["bare", &url("bare"), &debtors.to_string()]);
            let engine = Line::of(
                Command::new(std::env::current_exe().unwrap()),
                &["engine", &url("engine"), &debtors.to_string()],
            );
            bare.print(database, debtors, "bare SQL", None);
            engine.print(database, debtors, "the engine", Some(&bare));
            if database == "PostgreSQL" && debtors <= QUEUED {
                queue(folder.path(), &url("queue"), debtors).print(database, debtors, "BullMQ", Some(&bare));
            }
        }
    }
}

/// A campaign through BullMQ. Redis writes its log to the disk every second, as BullMQ's documentation asks for in production.
fn queue(folder: &std::path::Path, url: &str, debtors: usize) -> Line {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let redis_arguments =
        ["--port", &port, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--loglevel", "notice"];
    let mut redis = Command::new("redis-server");
    let mut redis =
        redis.args(redis_arguments).arg("--dir").arg(folder).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(redis.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("Ready to accept connections")), "Redis did not start");
    // What it writes later is read too: a full pipe would stop it.
    std::thread::spawn(move || log.for_each(drop));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/bullmq/campaign.js");
    let line = Line::of(Command::new("node"), &[script, &port, url, &debtors.to_string()]);
    redis.kill().unwrap();
    redis.wait().unwrap();
    std::fs::remove_dir_all(folder.join("appendonlydir")).unwrap();
    line
}

/// What a process has measured of itself: seconds, and megabytes at the most.
#[derive(serde::Serialize, serde::Deserialize)]
struct Line {
    launch: f64,
    run: f64,
    memory: u64,
}

impl Line {
    fn of(mut program: Command, arguments: &[&str]) -> Self {
        let output = program.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn print(&self, database: &str, debtors: usize, through: &str, bare: Option<&Self>) {
        let rate = debtors as f64 / self.run;
        let ratio = bare.map_or_else(|| "1".to_owned(), |bare| format!("{:.2}", bare.run / self.run));
        let Self { launch, memory, .. } = self;
        println!("| {database} | {debtors} | {through} | {launch:.2} | {rate:.0} | {ratio} | {memory} |");
    }
}

/// One line of the table.
fn one(kind: &str, url: &str, debtors: usize) {
    let runtime = whatsmassive::app::runtime().unwrap();
    let store = runtime.block_on(prepare(url, debtors));
    let (launch, run) = match kind {
        "engine" => runtime.block_on(engine(&store, debtors)),
        _ => bare_sql(url, debtors),
    };
    let line = Line { launch: launch.as_secs_f64(), run: run.as_secs_f64(), memory: peak_megabytes() };
    println!("{}", serde_json::to_string(&line).unwrap());
}

fn audit() -> AuditEntry {
    AuditEntry { actor: None, action: "bench", subject: "bench".to_owned(), detail: serde_json::Value::Null }
}

async fn prepare(url: &str, debtors: usize) -> Store {
    let now = Clock::system().now();
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();
    store.set_contact_policy(&ContactPolicy::NONE, now, audit()).await.unwrap();
    for first in (0..debtors).step_by(10_000) {
        let some = first..(first + 10_000).min(debtors);
        let rows: Vec<DebtorDetails> = some.map(debtor).collect();
        store.upsert_debtors(&rows, false, None, now, audit(), |_| {}).await.unwrap();
    }
    let user = NewUser {
        username: "bench".to_owned(),
        name: "Bench".to_owned(),
        role: Role::Admin,
        password_hash: "-".to_owned(),
    };
    let user = store.create_user(user, now, audit()).await.unwrap();
    let mut members = Vec::new();
    for number in 0..sessions() {
        let session = NewSession {
            name: format!("Number {number}"),
            channel: ChannelKind::Web,
            desired: DesiredState::Running,
            delay: DelayRange::new(0, 0).unwrap(),
            caps: Caps::NONE,
        };
        members.push(store.create_session(session, now, audit()).await.unwrap().id.into());
    }
    let pool = NewPool {
        name: "Pool".to_owned(),
        strategy: Strategy::Competitive,
        turn_size: TurnSize::ONE,
        grace: Grace::default(),
        sticky: false,
        members,
    };
    let pool = store.create_pool(pool, now, audit()).await.unwrap();
    let template = NewTemplate { name: "Template".to_owned(), body: "Hola {{ name }}".to_owned(), media_id: None };
    let template = store.create_template(template, now, audit()).await.unwrap();
    let campaign = NewCampaign {
        name: "Campaign".to_owned(),
        pools: vec![pool.id],
        template_id: template.id,
        audience: Audience::default(),
        plan: Plan::default(),
        steps: Steps::default(),
        created_by: user.id,
    };
    store.create_campaign(campaign, now, audit()).await.unwrap();
    store
}

fn debtor(number: usize) -> DebtorDetails {
    DebtorDetails {
        phone: Phone::from_e164(&format!("5731{number:08}")).unwrap(),
        name: format!("Debtor {number}"),
        debts: Default::default(),
        tags: [].into(),
        fields: [].into(),
    }
}

/// The campaign through the engine.
async fn engine(store: &Store, debtors: usize) -> (Duration, Duration) {
    let (bus, clock) = (Bus::new(), Clock::system());
    let backoff = Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(10) };
    let settings = FleetSettings {
        profiles: std::env::temp_dir(),
        concurrent_starts: sessions(),
        backoff,
        max_failures: 3,
        stable_after: Duration::from_secs(60),
        settle: Duration::from_secs(10),
        memory_budget: u64::MAX,
        qr_patience: Duration::from_secs(60),
        seed: 1,
    };
    let sent = Arc::new(Sent { of: debtors, ..Sent::default() });
    let null = Arc::new(Null(Arc::clone(&sent)));
    let (fleet, reports) = Fleet::new(store.clone(), null, bus.clone(), clock.clone(), settings);
    let settings = EngineSettings {
        max_attempts: 3,
        retry: backoff,
        recheck: Duration::from_secs(5),
        lease: Duration::from_secs(15),
        seed: 1,
    };
    let engine = Engine::new(store.clone(), fleet.clone(), bus, clock, settings);
    engine.start(reports).await.unwrap();
    fleet.start().await.unwrap();
    let online = || async {
        let sessions = store.sessions().await.unwrap();
        sessions.iter().all(|session| session.status.can_send())
    };
    while !online().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let campaign = CampaignId(1);
    let begun = Instant::now();
    engine.launch(campaign, audit()).await.unwrap();
    let launched = begun.elapsed();
    // Told rather than asked: to count a million messages again and again is work too. The last ones are still to be settled and read.
    sent.all.notified().await;
    while store.message_counts(campaign).await.unwrap().get(MessageState::Read) < debtors as u64 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let run = begun.elapsed() - launched;
    engine.shutdown().await;
    fleet.shutdown().await;
    (launched, run)
}

/// The same rows through the same states by bare SQL, a thousand at a time, each batch a transaction. The values are as long and as
/// random as the engine's, and made by the database itself: nothing is sent, judged or rendered.
fn bare_sql(url: &str, debtors: usize) -> (Duration, Duration) {
    let mut conn = Bare::open(url);
    let begun = Instant::now();
    let instant = "'2026-11-21T10:20:30.123456Z'";
    conn.run(&format!(
        "INSERT INTO messages (campaign_id, step, debtor_id, state, attempts, due_at, updated_at) \
         SELECT 1, 0, id, 'planned', 0, {instant}, {instant} FROM debtors ORDER BY id",
    ));
    let launched = begun.elapsed();
    let random = match conn {
        Bare::Lite(_) => "hex(randomblob(9))",
        Bare::Pg(..) => "upper(substr(md5(random()::text), 1, 18))",
    };
    let (note, sessions) = ("'2026-11-21T10:20:30.123Z\t", sessions());
    let changes = [
        format!(
            "state = 'sending', reason = NULL, body = 'Hola Debtor ' || id, session_id = 1 + id % {sessions}, \
             wire_id = '3EB0' || {random}, attempts = 1, claimed_at = {instant}, new_chat = TRUE, \
             updated_at = {instant}, history = history || {note}sending\t100\t\n'"
        ),
        "wire_key = 'true_573100000000@c.us_' || wire_id".to_owned(),
        format!(
            "state = 'sent', sent_at = {instant}, updated_at = {instant}, history = history || {note}sent\t100\t\n'"
        ),
        format!(
            "state = 'delivered', delivered_at = {instant}, updated_at = {instant}, \
             history = history || {note}delivered\t\t\n'"
        ),
        format!("state = 'read', read_at = {instant}, updated_at = {instant}, history = history || {note}read\t\t\n'"),
    ];
    for first in (1..=debtors).step_by(1000) {
        let last = first + 999;
        for change in &changes {
            conn.run(&format!("UPDATE messages SET {change} WHERE id BETWEEN {first} AND {last}"));
        }
    }
    (launched, begun.elapsed() - launched)
}

enum Bare {
    Lite(Box<diesel::SqliteConnection>),
    Pg(tokio::runtime::Runtime, Box<diesel_async::AsyncPgConnection>),
}

impl Bare {
    fn open(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let mut conn = diesel::SqliteConnection::establish(path).unwrap();
            // As the store's writer.
            conn.batch_execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA temp_store = MEMORY; PRAGMA cache_size = -12000; PRAGMA wal_autocheckpoint = 16000;",
            )
            .unwrap();
            return Self::Lite(Box::new(conn));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let conn = runtime.block_on(<diesel_async::AsyncPgConnection as diesel_async::AsyncConnection>::establish(url));
        Self::Pg(runtime, Box::new(conn.unwrap()))
    }

    fn run(&mut self, statement: &str) {
        match self {
            Self::Lite(conn) => {
                diesel::sql_query(statement).execute(conn.as_mut()).unwrap();
            }
            Self::Pg(runtime, conn) => {
                let query = diesel_async::RunQueryDsl::execute(diesel::sql_query(statement), conn.as_mut());
                runtime.block_on(query).unwrap();
            }
        }
    }
}

/// The most memory this process has had, in megabytes.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// How many messages were sent.
#[derive(Default)]
struct Sent {
    messages: AtomicUsize,
    /// How many there are.
    of: usize,
    /// Told of the last one.
    all: Notify,
}

impl Sent {
    fn one_more(&self) {
        if self.messages.fetch_add(1, Ordering::Relaxed) + 1 == self.of {
            self.all.notify_one();
        }
    }
}

/// A WhatsApp that takes everything at once.
struct Null(Arc<Sent>);

struct NullChannel {
    events: mpsc::UnboundedSender<ChannelEvent>,
    sent: Arc<Sent>,
}

#[async_trait]
impl Connector for Null {
    async fn open(&self, spec: ChannelSpec) -> Result<Arc<dyn Channel>, OpenError> {
        let phone = Phone::from_e164(&format!("5730{:08}", spec.session_id.0)).unwrap();
        drop(spec.events.send(ChannelEvent::State(ChannelState::Online { phone })));
        Ok(Arc::new(NullChannel { events: spec.events, sent: Arc::clone(&self.0) }))
    }

    async fn discard_profile(&self, _profile: &std::path::Path) -> std::io::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Channel for NullChannel {
    async fn address(&self, to: &Phone, id: &WireId) -> Result<MessageKey, ChannelError> {
        Ok(MessageKey(format!("{}_{}", to.digits(), id.0)))
    }

    async fn send(&self, key: &MessageKey, _body: &str, _media: Option<&MediaFile>) -> SendOutcome {
        let wire_id = WireId(key.0.rsplit('_').next().unwrap_or_default().to_owned());
        for receipt in [Receipt::Delivered, Receipt::Read] {
            drop(self.events.send(ChannelEvent::Receipt { wire_id: wire_id.clone(), receipt }));
        }
        self.sent.one_more();
        SendOutcome::Sent
    }

    async fn find(&self, _key: &MessageKey) -> Result<Lookup, ChannelError> {
        Ok(Lookup::Absent)
    }

    async fn log_out(&self) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn close(&self) {
        drop(self.events.send(ChannelEvent::Closed { reason: "closed".to_owned() }));
    }
}
