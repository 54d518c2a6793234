//! The promise of the ledger: whatever crashes and whenever, nothing is sent twice, nothing is lost silently, and no limit is broken.
//!
//! Each seed is a different history: strategies, turns, limits, when the server dies (its runtime is dropped at an instant of its time, at a
//! chosen step of a send, or some ticks of its scheduler later, between any two statements of a transaction), which browser dies or hangs,
//! who is restricted or loses the connection, which answers are lost, which receipts come twice or in the wrong order, who opts out, who
//! promises to pay, which campaign is paused. WhatsApp (the scripted world) and the database outlive the server, as they do in reality.
//!
//! `SEEDS=100000` runs more of them, `SEED=17` that one again.

mod limits;
mod promises;
mod turns;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use whatsmassive::{
    domain::{
        campaign::{CampaignAction, Plan as Times, Step},
        conversation::Inbound,
        hours::Hours,
        id::{CampaignId, SessionId},
        message::{Message, MessageState},
        pacing::Caps,
        policy::ContactPolicy,
        pool::Strategy,
    },
    store::{NewTemplate, SessionPatch, Store},
};

use super::life::{Life, Plan, audit, runtime};
use crate::support::scripted::{Faults, World};

/// Histories where nobody says how many; the build server runs 2,000.
const SEEDS: u64 = 200;
/// How often a long run says how far it is.
const PROGRESS_EVERY: u64 = 5000;
/// How often a history has a limit that holds messages back for days.
const RARELY: f64 = 0.0005;
/// Debtors of each of the two campaigns.
const DEBTORS: usize = 6;

#[test]
fn no_history_sends_twice_loses_a_message_or_breaks_a_limit() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    if let Some(seed) = number("SEED") {
        return history(seed);
    }
    let (seeds, next) = (number("SEEDS").unwrap_or(SEEDS), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    if seed > 0 && seed.is_multiple_of(PROGRESS_EVERY) {
                        eprintln!("{seed} of {seeds} histories begun");
                    }
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| history(seed))) {
                        eprintln!("seed {seed} failed; again: SEED={seed} cargo test --test it engine::simulation");
                        next.store(seeds, Ordering::Relaxed);
                        resume_unwind(panic);
                    }
                }
            });
        }
    });
}

/// What a seed stands for.
struct Scenario {
    faults: Faults,
    pools: [Rotation; 2],
    policy: ContactPolicy,
    caps: Caps,
    follow_up: bool,
    /// Whether the follow-up is for those only who have not promised to pay.
    stop_if_promised: bool,
    /// Which debtor asks for no more messages just when their chat is looked for, if one does.
    stops_us: Option<usize>,
    lives: u32,
}

/// How a pool of two takes turns.
#[derive(Clone, Copy)]
struct Rotation {
    strategy: Strategy,
    turn_size: i64,
    /// Of its first member.
    weight: i64,
    sticky: bool,
    members: [i64; 2],
}

impl Rotation {
    /// Who sends the messages of a round, for each order in which it may be.
    fn rounds(self) -> Vec<Vec<i64>> {
        let [first, second] = self.members.map(|member| {
            let messages = self.turn_size * if member == self.members[0] { self.weight } else { 1 };
            vec![member; usize::try_from(messages).unwrap()]
        });
        let mut rounds = vec![[first.clone(), second.clone()].concat()];
        if self.strategy == Strategy::RandomTurns {
            rounds.push([second, first].concat());
        }
        rounds
    }
}

impl Scenario {
    fn draw(rng: &mut StdRng) -> Self {
        // In half of the histories every session is there all the time but for a restart: then turns can be foretold.
        let outages = u32::from(rng.random_bool(0.5));
        let mut upto = |percent: u32| rng.random_range(0..=percent);
        let faults = Faults {
            no_chat: upto(8),
            rejected: upto(8),
            answer_lost: upto(12),
            message_lost: upto(12),
            dies_before: upto(5),
            dies_after: upto(5),
            receipts_muddled: upto(60),
            hangs: upto(5),
            disconnects: outages * upto(8),
            restricts: outages * upto(4),
        };
        let mut pool = |members| Rotation {
            strategy: Strategy::ALL[rng.random_range(0..Strategy::ALL.len())],
            turn_size: rng.random_range(1..4),
            weight: rng.random_range(1..3),
            sticky: rng.random_bool(0.2),
            members,
        };
        let pools = [pool([1, 2]), pool([2, 3])];
        let sometimes = |rng: &mut StdRng, range| rng.random_bool(0.3).then(|| rng.random_range(range));
        // What waits for a day takes as long to simulate as all the rest: few histories have such limits.
        let rarely = |rng: &mut StdRng, range| rng.random_bool(RARELY).then(|| rng.random_range(range));
        let follow_up = rng.random_bool(0.3);
        Self {
            faults,
            pools,
            policy: ContactPolicy {
                hours: if rng.random_bool(0.02) { limits::first_minutes(rng.random_range(1..5)) } else { Hours::ANY },
                min_gap_minutes: sometimes(rng, 1..6).unwrap_or(0),
                per_day: rarely(rng, 1..3),
                // A third message would wait for a week.
                per_week: sometimes(rng, 2..4).filter(|_| !follow_up),
            },
            caps: Caps {
                per_minute: sometimes(rng, 2..10),
                per_hour: sometimes(rng, 20..30),
                per_day: rarely(rng, 3..8),
                new_chats_per_day: rarely(rng, 2..6),
                warm_up: None,
            },
            follow_up,
            stop_if_promised: rng.random_bool(0.7),
            stops_us: rng.random_bool(0.3).then(|| rng.random_range(1..=DEBTORS)),
            lives: rng.random_range(1..5),
        }
    }
}

fn history(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let scenario = Scenario::draw(&mut rng);
    let world = World::new(seed, scenario.faults);
    world.state().stops_us.extend(scenario.stops_us.map(|number| Life::phone(number).as_str().to_owned()));
    // In memory where the system has a folder there: what is tested is the death of the server, not of the machine.
    let shared_memory = Path::new("/dev/shm");
    let folder = if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() };
    let folder = folder.unwrap();
    std::fs::write(folder.path().join("ledger.db"), empty_database()).unwrap();

    let mut campaigns = None;
    for _ in 0..scenario.lives {
        let alive = Duration::from_millis(rng.random_range(300..9_000));
        if rng.random_bool(0.5) {
            world.light_fuse(rng.random_range(1..40), rng.random_bool(0.5));
        }
        // How far everything goes on at the instant of its death: each tick, at most one statement of each task.
        let limit = 1_u32 << rng.random_range(0..9);
        let ticks = rng.random_range(0..limit);
        let person = Person::draw(&mut rng);
        let run = async {
            let life = Life::start_in(&world, seed, folder.path()).await;
            if campaigns.is_none() {
                campaigns = Some(prepare(&life, &scenario).await);
            }
            tokio::select! {
                () = tokio::time::sleep(alive) => {}
                () = world.fuse_burnt() => {}
                () = person.interferes(&life, &world, campaigns) => {}
            }
            for _ in 0..ticks {
                tokio::task::yield_now().await;
            }
            // No shutdown: the runtime is dropped with everything in flight.
        };
        runtime().block_on(run);
        world.put_out_fuse();
    }
    let campaigns = campaigns.expect("prepared in the first life");
    runtime().block_on(last_life(&world, seed, folder.path(), campaigns, &scenario));
}

/// A database with the schema and nothing in it, made once: making it takes longer than a history.
fn empty_database() -> &'static [u8] {
    static EMPTY: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = Store::open(&format!("sqlite:{}", path.display())).await.unwrap();
            store.migrate().await.unwrap();
        });
        // The last connection to close has written the log into the file.
        std::fs::read(path).unwrap()
    });
    &EMPTY
}

/// What people do meanwhile.
struct Person {
    after: Duration,
    /// Which debtor asks for no more messages, if one does.
    opts_out: Option<usize>,
    /// Which debtor promises to pay and in how many days, if one does.
    promises: Option<(usize, u64)>,
    /// Which campaign is paused or goes on, if one does.
    holds: Option<(usize, CampaignAction)>,
}

impl Person {
    fn draw(rng: &mut StdRng) -> Self {
        let action = if rng.random_bool(0.5) { CampaignAction::Pause } else { CampaignAction::Resume };
        Self {
            after: Duration::from_millis(rng.random_range(0..6_000)),
            opts_out: rng.random_bool(0.2).then(|| rng.random_range(1..=DEBTORS)),
            promises: rng.random_bool(0.4).then(|| (rng.random_range(1..=DEBTORS), rng.random_range(0..3))),
            holds: rng.random_bool(0.2).then(|| (rng.random_range(0..2), action)),
        }
    }

    /// Does it when its time has come, then nothing more.
    async fn interferes(&self, life: &Life, world: &World, campaigns: Option<[CampaignId; 2]>) {
        tokio::time::sleep(self.after).await;
        if let Some(number) = self.opts_out {
            let from = Life::phone(number);
            let text = Inbound {
                from,
                wire_id: format!("IN{number}"),
                body: "STOP".to_owned(),
                media: None,
                at: life.clock.now(),
            };
            world.write(SessionId(2), text);
        }
        if let Some((number, days)) = self.promises {
            life.promise(number, days).await;
        }
        if let Some(((of, action), campaigns)) = self.holds.zip(campaigns) {
            // It may be over, or be so already.
            drop(life.engine.act(campaigns[of], action, audit()).await);
        }
        std::future::pending().await
    }
}

/// Two campaigns to the same debtors, through two pools that share a session.
async fn prepare(life: &Life, scenario: &Scenario) -> [CampaignId; 2] {
    life.set_policy(&scenario.policy).await;
    for session in life.make_sessions().await {
        let patch = SessionPatch { caps: Some(scenario.caps), ..SessionPatch::default() };
        life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
    }
    for number in 1..=DEBTORS {
        life.make_debtor(number, &["one", "two"]).await;
    }
    let new = NewTemplate { name: "Second".to_owned(), body: "Otra vez, {{ name }}".to_owned(), media_id: None };
    let template_id = life.store.create_template(new, life.clock.now(), audit()).await.unwrap().id.0;
    let follow_up = Step::FollowUp {
        template_id,
        body: String::new(),
        media_id: None,
        after_minutes: 3,
        stop_if_replied: false,
        stop_if_promised: scenario.stop_if_promised,
    };
    let plan = |Rotation { strategy, turn_size, weight, sticky, members }: Rotation, tag, follow_ups: &[Step]| Plan {
        strategy,
        turn_size,
        weight,
        sticky,
        sessions: members.to_vec(),
        tag,
        debtors: 0,
        plan: Times { max_error_percent: None, ..Times::default() },
        follow_ups: follow_ups.to_vec(),
        ..Plan::default()
    };
    let follow_ups = scenario.follow_up.then_some(follow_up);
    let one = life.prepare(plan(scenario.pools[0], "one", &[])).await.campaign;
    let two = life.prepare(plan(scenario.pools[1], "two", follow_ups.as_slice())).await.campaign;
    [one, two]
}

/// Lets the campaigns come to their end without a further crash of the server, and checks the books.
async fn last_life(world: &World, seed: u64, folder: &Path, campaigns: [CampaignId; 2], scenario: &Scenario) {
    let life = Life::start_in(world, seed, folder).await;
    let promises = promises::come_to_nothing(&life, seed).await;
    let patience = life.clock.now() + TimeDelta::days(20);
    for campaign in campaigns {
        drop(life.engine.act(campaign, CampaignAction::Resume, audit()).await);
        loop {
            let counts = life.counts(campaign).await;
            if counts.open() == 0 && counts.get(MessageState::Uncertain) == 0 {
                break;
            }
            let status =
                life.store.campaign(campaign).await.unwrap().map(|campaign| (campaign.status, campaign.pause_reason));
            assert!(life.clock.now() < patience, "seed {seed}: {counts:?} do not come to an end: {status:?}");
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    }
    let mut messages = Vec::new();
    for (campaign, pool) in campaigns.into_iter().zip(scenario.pools) {
        let of_one = life.messages(campaign).await;
        let (first, next): (Vec<_>, Vec<_>) = of_one.iter().partition(|message| message.step == 0);
        assert_eq!(first.len(), DEBTORS, "seed {seed}: a row is missing");
        let left = first.iter().filter(|message| message.sent_at.is_some()).count();
        let expected = if scenario.follow_up && campaign == campaigns[1] { left } else { 0 };
        assert_eq!(next.len(), expected, "seed {seed}: a follow-up is missing, or there is one too many");
        turns::were_fair(seed, &of_one, pool, scenario);
        messages.extend(of_one);
    }
    each_arrived_as_the_ledger_says(world, seed, &messages);
    limits::held(seed, &messages, scenario);
    limits::nobody_heard_after_an_opt_out(&life, world, seed, &messages).await;
    promises::spared_whom_they_should(&life, seed, &messages, &promises).await;
    life.stop().await;
}

fn each_arrived_as_the_ledger_says(world: &World, seed: u64, messages: &[Message]) {
    let state = world.state();
    let mut arrived = BTreeMap::<&str, usize>::new();
    let mut texts = BTreeSet::new();
    for arrival in &state.arrivals {
        *arrived.entry(&arrival.wire_id).or_default() += 1;
        // Each campaign and step has a text of its own.
        assert!(texts.insert((&arrival.to, &arrival.body)), "seed {seed}: {arrival:?} has arrived before");
    }
    assert!(arrived.values().all(|&times| times == 1), "seed {seed}: one id arrived twice: {arrived:?}");
    assert!(
        state.arrivals.len() <= messages.iter().filter(|message| message.sent_at.is_some()).count(),
        "seed {seed}: more has arrived than the ledger says was sent"
    );
    for message in messages {
        let wire_id = message.wire_id.as_ref().map(|id| id.0.clone()).unwrap_or_default();
        let has_arrived = arrived.contains_key(wire_id.as_str());
        let is_sent = matches!(message.state, MessageState::Sent | MessageState::Delivered | MessageState::Read);
        assert_eq!(is_sent, has_arrived, "seed {seed}: the ledger says {} of {message:?}", message.state);
        let settled = is_sent || matches!(message.state, MessageState::Failed | MessageState::Suppressed);
        assert!(settled, "seed {seed}: lost silently: {message:?}");
        let lawful = message.history.iter().try_fold(MessageState::Planned, |state, happening| {
            state.may_become(happening.state).then_some(happening.state)
        });
        assert!(lawful.is_some(), "seed {seed}: no message may go that way: {message:?}");
        let last = message.history.last().map(|happening| happening.state);
        assert_eq!(last, Some(message.state), "seed {seed}: its history ends otherwise: {message:?}");
    }
}
