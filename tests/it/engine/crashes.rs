//! The promise of the ledger: whatever crashes and whenever, nothing is sent twice and nothing is lost silently.
//!
//! Each seed is a different history: when the server dies (its runtime is dropped at whatever await point it has reached), which
//! browser dies, which answers are lost. WhatsApp (the scripted world) and the database outlive the server, as they do in reality.

use std::{collections::BTreeMap, time::Duration};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use whatsmassive::domain::{id::CampaignId, message::MessageState, pool::Strategy};

use super::life::{Life, Plan, runtime};
use crate::support::scripted::{Faults, World};

const DEBTORS: usize = 40;
const HISTORIES: u64 = 24;

#[test]
fn no_history_of_crashes_sends_twice_or_loses_a_message() {
    for seed in 0..HISTORIES {
        history(seed);
    }
}

fn history(seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let faults = Faults {
        no_chat: 4,
        rejected: 4,
        answer_lost: 6,
        message_lost: 6,
        dies_before: 3,
        dies_after: 3,
        receipts_muddled: 20,
    };
    let world = World::new(seed, faults);
    let folder = tempfile::tempdir().unwrap();
    let strategy = Strategy::ALL[usize::try_from(seed).unwrap() % Strategy::ALL.len()];

    let mut campaign = None;
    for _ in 0..rng.random_range(2..7) {
        let alive = Duration::from_millis(rng.random_range(300..9_000));
        let run = async {
            let life = Life::start_in(&world, seed, folder.path()).await;
            if campaign.is_none() {
                let plan = Plan { strategy, debtors: DEBTORS, ..Plan::default() };
                campaign = Some(life.prepare(plan).await.campaign);
            }
            tokio::time::sleep(alive).await;
            // No shutdown: the runtime is dropped with everything in flight.
        };
        runtime().block_on(run);
    }
    let campaign = campaign.expect("prepared in the first life");
    runtime().block_on(last_life(&world, seed, folder.path(), campaign));
}

/// Lets the campaign come to its end without a further crash of the server, and checks the books.
async fn last_life(world: &World, seed: u64, folder: &std::path::Path, campaign: CampaignId) {
    let life = Life::start_in(world, seed, folder).await;
    life.until(|| async {
        let counts = life.counts(campaign).await;
        counts.open() == 0 && counts.get(MessageState::Uncertain) == 0
    })
    .await;

    let messages = life.messages(campaign).await;
    assert_eq!(messages.len(), DEBTORS, "seed {seed}: a row is missing");
    let mut arrived = BTreeMap::<String, usize>::new();
    for arrival in &world.state().arrivals {
        *arrived.entry(arrival.to.clone()).or_default() += 1;
    }
    assert!(arrived.values().all(|&times| times == 1), "seed {seed}: sent twice: {arrived:?}");
    for message in &messages {
        let wire_id = message.wire_id.as_ref().map(|id| id.0.clone()).unwrap_or_default();
        let has_arrived = world.state().arrivals.iter().any(|arrival| arrival.wire_id == wire_id);
        let is_sent = matches!(message.state, MessageState::Sent | MessageState::Delivered | MessageState::Read);
        assert_eq!(is_sent, has_arrived, "seed {seed}: the ledger says {} of {message:?}", message.state);
        assert!(is_sent || message.state == MessageState::Failed, "seed {seed}: lost silently: {message:?}");
    }
    life.stop().await;
}
