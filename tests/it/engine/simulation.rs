//! The promise of the ledger: whatever crashes and whenever, nothing is sent twice, nothing is lost silently, and no limit is broken.
//!
//! Each seed is a different history: strategies, pools, limits, when the server dies (its runtime is dropped, at an instant of its time or
//! at a chosen step of a send), which browser dies, which answers are lost, which receipts come twice or in the wrong order. WhatsApp (the
//! scripted world) and the database outlive the server, as they do in reality.
//!
//! `SEEDS=100000` runs more of them, `SEED=17` that one again.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use whatsmassive::{
    domain::{
        campaign::Plan as Times,
        id::{CampaignId, SessionId},
        message::{Message, MessageState},
        pacing::Caps,
        policy::ContactPolicy,
        pool::Strategy,
    },
    store::SessionPatch,
};

use super::life::{Life, Plan, audit, runtime};
use crate::support::scripted::{Faults, World};

/// Histories where nobody says how many; the build server runs 2,000.
const SEEDS: u64 = 200;
/// Debtors of each of the two campaigns.
const DEBTORS: usize = 8;

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
    strategies: [Strategy; 2],
    policy: ContactPolicy,
    caps: Caps,
    lives: u32,
}

impl Scenario {
    fn draw(rng: &mut StdRng) -> Self {
        let mut upto = |percent: u32| rng.random_range(0..=percent);
        let faults = Faults {
            no_chat: upto(8),
            rejected: upto(8),
            answer_lost: upto(12),
            message_lost: upto(12),
            dies_before: upto(5),
            dies_after: upto(5),
            receipts_muddled: upto(60),
        };
        let strategy = |rng: &mut StdRng| Strategy::ALL[rng.random_range(0..Strategy::ALL.len())];
        let sometimes = |rng: &mut StdRng, range| rng.random_bool(0.3).then(|| rng.random_range(range));
        Self {
            faults,
            strategies: [strategy(rng), strategy(rng)],
            policy: ContactPolicy {
                min_gap_minutes: sometimes(rng, 1..20).unwrap_or(0),
                per_week: sometimes(rng, 2..4),
                ..ContactPolicy::NONE
            },
            caps: Caps { per_minute: sometimes(rng, 2..10), per_hour: sometimes(rng, 20..30), ..Caps::NONE },
            lives: rng.random_range(1..5),
        }
    }
}

fn history(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let scenario = Scenario::draw(&mut rng);
    let world = World::new(seed, scenario.faults);
    // In memory where the system has a folder there: what is tested is the death of the server, not of the machine.
    let shared_memory = Path::new("/dev/shm");
    let folder = if shared_memory.is_dir() { tempfile::tempdir_in(shared_memory) } else { tempfile::tempdir() };
    let folder = folder.unwrap();

    let mut campaigns = None;
    for _ in 0..scenario.lives {
        let alive = Duration::from_millis(rng.random_range(300..9_000));
        if rng.random_bool(0.5) {
            world.light_fuse(rng.random_range(1..40));
        }
        let run = async {
            let life = Life::start_in(&world, seed, folder.path()).await;
            if campaigns.is_none() {
                campaigns = Some(prepare(&life, &scenario).await);
            }
            tokio::select! {
                () = tokio::time::sleep(alive) => {}
                () = world.fuse_burnt() => {}
            }
            // No shutdown: the runtime is dropped with everything in flight.
        };
        runtime().block_on(run);
        world.put_out_fuse();
    }
    let campaigns = campaigns.expect("prepared in the first life");
    runtime().block_on(last_life(&world, seed, folder.path(), campaigns, &scenario));
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
    let times = Times { max_error_percent: None, ..Times::default() };
    let plan =
        |strategy, sessions, tag| Plan { strategy, sessions, tag, debtors: 0, plan: times.clone(), ..Plan::default() };
    let one = life.prepare(plan(scenario.strategies[0], vec![1, 2], "one")).await.campaign;
    let two = life.prepare(plan(scenario.strategies[1], vec![2, 3], "two")).await.campaign;
    [one, two]
}

/// Lets the campaigns come to their end without a further crash of the server, and checks the books.
async fn last_life(world: &World, seed: u64, folder: &Path, campaigns: [CampaignId; 2], scenario: &Scenario) {
    let life = Life::start_in(world, seed, folder).await;
    let patience = life.clock.now() + TimeDelta::days(9);
    for campaign in campaigns {
        loop {
            let counts = life.counts(campaign).await;
            if counts.open() == 0 && counts.get(MessageState::Uncertain) == 0 {
                break;
            }
            assert!(life.clock.now() < patience, "seed {seed}: {counts:?} do not come to an end");
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    }
    let mut messages = Vec::new();
    for campaign in campaigns {
        let of_one = life.messages(campaign).await;
        assert_eq!(of_one.len(), DEBTORS, "seed {seed}: a row is missing");
        messages.extend(of_one);
    }
    each_arrived_as_the_ledger_says(world, seed, &messages);
    limits_held(seed, &messages, scenario);
    life.stop().await;
}

fn each_arrived_as_the_ledger_says(world: &World, seed: u64, messages: &[Message]) {
    let state = world.state();
    let mut arrived = BTreeMap::<&str, usize>::new();
    for arrival in &state.arrivals {
        *arrived.entry(&arrival.wire_id).or_default() += 1;
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
        assert!(is_sent || message.state == MessageState::Failed, "seed {seed}: lost silently: {message:?}");
        let last = message.history.last().map(|happening| happening.state);
        assert_eq!(last, Some(message.state), "seed {seed}: its history ends otherwise: {message:?}");
    }
}

/// Neither a debtor nor a session ever had more than their limits allow.
fn limits_held(seed: u64, messages: &[Message], scenario: &Scenario) {
    let mut by_debtor = BTreeMap::<i64, Vec<_>>::new();
    let mut by_session = BTreeMap::<SessionId, Vec<_>>::new();
    for message in messages {
        if let (Some(at), Some(session)) = (message.claimed_at, message.session_id) {
            by_debtor.entry(message.debtor_id.0).or_default().push(at);
            by_session.entry(session).or_default().push(at);
        }
    }
    let gap = TimeDelta::minutes(scenario.policy.min_gap_minutes.into());
    for contacts in by_debtor.values_mut() {
        contacts.sort();
        assert!(contacts.windows(2).all(|two| two[1] - two[0] >= gap), "seed {seed}: too soon: {contacts:?}");
    }
    let windows = [(scenario.caps.per_minute, TimeDelta::minutes(1)), (scenario.caps.per_hour, TimeDelta::hours(1))];
    for claims in by_session.values_mut() {
        claims.sort();
        for (cap, window) in windows {
            let Some(cap) = cap else { continue };
            let wide = claims.windows(cap as usize + 1).all(|some| some[cap as usize] - some[0] >= window);
            assert!(wide, "seed {seed}: more than {cap} in {window}: {claims:?}");
        }
    }
}
