//! Counts a campaign's messages and tells those who watch, at most twice a second however fast it sends; notices when a campaign
//! has nothing left to do.

use std::{collections::HashSet, time::Duration};

use tokio::{sync::mpsc, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    bus::Bus,
    domain::{campaign::CampaignStatus, clock::Clock, event::Event, id::CampaignId},
    store::{Moved, Store, StoreError},
};

/// The shortest time between two counts.
const INTERVAL: Duration = Duration::from_millis(500);

/// A count is followed by a pause of so many times its length, where a campaign is large; up to the longest.
const PAUSES: u32 = 20;
const LONGEST: Duration = Duration::from_secs(10);

/// A handle to the counting task; cheap to clone.
#[derive(Clone)]
pub(super) struct Progress {
    changed: mpsc::UnboundedSender<CampaignId>,
    bus: Bus,
}

impl Progress {
    /// Starts the counting task.
    pub fn spawn(store: Store, bus: Bus, clock: Clock, tracker: &TaskTracker, stop: CancellationToken) -> Self {
        let (changed, receiver) = mpsc::unbounded_channel();
        let counter = Counter { store, bus: bus.clone(), clock, changed: HashSet::new() };
        tracker.spawn(counter.run(receiver, stop));
        Self { changed, bus }
    }

    /// The campaign or one of its messages changed.
    pub fn touch(&self, campaign: CampaignId) {
        // The task ends only at shutdown, when nobody watches any more.
        let _ = self.changed.send(campaign);
    }

    /// A message has another state.
    pub fn tell(&self, Moved { campaign_id, message_id, state }: Moved) {
        self.bus.publish(Event::MessageStatus { campaign_id, message_id, state });
        self.touch(campaign_id);
    }
}

struct Counter {
    store: Store,
    bus: Bus,
    clock: Clock,
    changed: HashSet<CampaignId>,
}

impl Counter {
    async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<CampaignId>, stop: CancellationToken) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                campaign = receiver.recv() => match campaign {
                    Some(campaign) => drop(self.changed.insert(campaign)),
                    None => return,
                },
                () = tokio::time::sleep_until(next), if !self.changed.is_empty() => {
                    let begun = Instant::now();
                    for campaign in std::mem::take(&mut self.changed) {
                        if let Err(error) = self.count(campaign).await {
                            tracing::error!(campaign = campaign.0, error = &error as &dyn std::error::Error, "progress not counted");
                            self.changed.insert(campaign);
                        }
                    }
                    next = Instant::now() + (begun.elapsed() * PAUSES).clamp(INTERVAL, LONGEST);
                }
            }
        }
    }

    async fn count(&self, id: CampaignId) -> Result<(), StoreError> {
        let Some(mut campaign) = self.store.campaign(id).await? else {
            return Ok(());
        };
        let counts = self.store.message_counts(id).await?;
        if campaign.status == CampaignStatus::Running
            && counts.open() == 0
            && let Some(finished) = self.store.finish_if_settled(id, self.clock.now()).await?
        {
            tracing::info!(campaign = id.0, messages = counts.total(), "campaign finished");
            campaign = finished;
        }
        self.bus.publish(Event::CampaignProgress { campaign_id: id, status: campaign.status, counts });
        Ok(())
    }
}
