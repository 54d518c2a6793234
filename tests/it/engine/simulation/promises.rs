//! Promises to pay in mid-campaign: what they must stop, and nothing else.

use chrono::{DateTime, Utc};
use whatsmassive::domain::message::{Message, MessageState};

use super::Life;

/// Nobody who had promised to pay before a claim got a message that stops at promises, and nobody was spared one for nothing. Promises of
/// these histories stay open.
pub async fn spared_whom_they_should(life: &Life, seed: u64, messages: &[Message]) {
    let stopped = |message: &Message| message.reason.as_deref() == Some("promised");
    for message in messages.iter().filter(|message| message.step > 0 || stopped(message)) {
        let campaign = life.store.campaign(message.campaign_id).await.unwrap().unwrap();
        let stops = campaign.steps.stops_if_promised(message.step);
        let promises = life.store.open_promises(message.debtor_id).await.unwrap();
        let holds = |at: DateTime<Utc>, made: fn(&DateTime<Utc>, &DateTime<Utc>) -> bool| {
            promises.iter().any(|promise| made(&promise.created_at, &at) && at.date_naive() <= promise.due_date)
        };
        for happening in &message.history {
            match happening.state {
                // What is noted at the very instant of a claim may come before or after it.
                MessageState::Sending => {
                    assert!(!stops || !holds(happening.at, DateTime::lt), "seed {seed}: promised before: {message:?}");
                }
                MessageState::Suppressed if stopped(message) => {
                    assert!(stops && holds(happening.at, DateTime::le), "seed {seed}: nothing promised: {message:?}");
                }
                _ => {}
            }
        }
    }
}
