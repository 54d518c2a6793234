//! Promises to pay in mid-campaign: what they must stop, and nothing else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use whatsmassive::domain::{
    message::{Message, MessageState},
    promise::{Promise, PromiseStatus},
};

use super::{DEBTORS, Life};

/// Some time later somebody says of every promise that nothing came of it: what has waited for its day goes on, and no history takes days.
pub async fn come_to_nothing(life: &Life, seed: u64) -> Vec<Promise> {
    let mut rng = StdRng::seed_from_u64(seed);
    tokio::time::sleep(Duration::from_secs(rng.random_range(0..60))).await;
    let mut promises = Vec::new();
    for number in 1..=DEBTORS {
        let debtor = life.store.debtor_by_phone(&Life::phone(number)).await.unwrap().unwrap();
        for open in life.store.open_promises(debtor.id).await.unwrap() {
            let nothing = if rng.random_bool(0.5) { PromiseStatus::Broken } else { PromiseStatus::Withdrawn };
            life.close(&open, nothing).await;
            promises.extend(life.store.promise(open.id).await.unwrap());
        }
    }
    promises
}

/// Nobody who had promised to pay got a message before the day had passed, and nobody was spared one, or waited, for nothing.
pub async fn spared_whom_they_should(life: &Life, seed: u64, messages: &[Message], promises: &[Promise]) {
    for message in messages {
        let campaign = life.store.campaign(message.campaign_id).await.unwrap().unwrap();
        let stops = campaign.steps.stops_if_promised(message.step);
        let holds = |at: DateTime<Utc>, made: fn(&DateTime<Utc>, &DateTime<Utc>) -> bool| {
            promises.iter().filter(|promise| promise.debtor_id == message.debtor_id).any(|promise| {
                let closed = promise.closed_at.expect("all have come to nothing");
                // No history is so long that the day would pass on the debtor's clock and not on the campaign's, or the other way round.
                made(&promise.created_at, &at) && made(&at, &closed) && at.date_naive() <= promise.due_date
            })
        };
        for happening in &message.history {
            match (happening.state, happening.reason.as_deref()) {
                // What is noted at the very instant of a claim may come before or after it.
                (MessageState::Sending, _) => {
                    assert!(!holds(happening.at, DateTime::lt), "seed {seed}: promised before: {message:?}");
                }
                (MessageState::Suppressed, Some("promised")) => {
                    assert!(stops && holds(happening.at, DateTime::le), "seed {seed}: nothing promised: {message:?}");
                }
                (MessageState::Queued, Some("promise_open")) => {
                    assert!(holds(happening.at, DateTime::le), "seed {seed}: waits for nothing: {message:?}");
                }
                _ => {}
            }
        }
    }
}
