//! From the event bus to the rooms.

use std::time::Duration;

use serde::Serialize;
use socketioxide::{BroadcastError, SocketIo};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    coalesce::Coalescer,
    events::{
        CampaignProgressEvent, ImportProgressEvent, MessageStatusEvent, ResyncEvent, SessionQrEvent, SessionStatusEvent,
    },
    rooms,
};
use crate::{
    domain::{event::Event, id::CampaignId},
    fleet::Fleet,
};

/// A campaign's progress is told at most twice a second.
const PACE: Duration = Duration::from_millis(500);

/// How often it is seen whether anybody is there who hears of QR codes.
const LOOKS: Duration = Duration::from_secs(15);

/// Passes events on to sockets.
pub(super) struct Bridge {
    io: SocketIo,
    fleet: Fleet,
    progress: Coalescer<CampaignId, CampaignProgressEvent>,
}

impl Bridge {
    pub fn new(io: SocketIo, fleet: Fleet) -> Self {
        Self { io, fleet, progress: Coalescer::new(PACE) }
    }

    /// Passes events on until `stop`, or until nobody can publish any more.
    pub async fn run(mut self, mut events: Receiver<Event>, stop: CancellationToken) {
        let mut looks = interval(LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.progress.next_due();
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.flush().await,
                _ = looks.tick() => self.tell_of_lookers(),
                event = events.recv() => match event {
                    Ok(event) => self.pass(event).await,
                    Err(RecvError::Lagged(lost)) => {
                        tracing::warn!(lost, "events were lost; clients fetch again");
                        self.tell(None, "resync", &ResyncEvent {}).await;
                    }
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    async fn pass(&mut self, event: Event) {
        match event {
            Event::SessionStatus { session_id, status, reason } => {
                let event =
                    SessionStatusEvent { session_id: session_id.0, status: status.into(), status_reason: reason };
                self.tell(None, "session.status", &event).await;
            }
            Event::SessionQr { session_id, qr } => {
                let event = SessionQrEvent::new(session_id, qr);
                self.tell(Some(rooms::SUPERVISORS.to_owned()), "session.qr", &event).await;
            }
            Event::CampaignProgress { campaign_id, status, counts } => {
                let event = CampaignProgressEvent::new(campaign_id, status, &counts);
                if let Some(event) = self.progress.offer(campaign_id, event, Instant::now()) {
                    self.tell(None, "campaign.progress", &event).await;
                }
            }
            Event::MessageStatus { campaign_id, message_id, state } => {
                let event =
                    MessageStatusEvent { campaign_id: campaign_id.0, message_id: message_id.0, state: state.into() };
                self.tell(Some(rooms::campaign(campaign_id)), "message.status", &event).await;
            }
            Event::ImportProgress { import_id, done, total } => {
                let event = ImportProgressEvent { import_id: import_id.0, done, total };
                self.tell(Some(rooms::SUPERVISORS.to_owned()), "import.progress", &event).await;
            }
            // The command center shows no conversations yet.
            Event::Inbound { .. } => {}
        }
    }

    /// QR codes are shown for as long as there is somebody who hears of them.
    fn tell_of_lookers(&self) {
        if !self.io.within(rooms::SUPERVISORS).sockets().is_empty() {
            self.fleet.somebody_looks();
        }
    }

    async fn flush(&mut self) {
        for event in self.progress.due(Instant::now()) {
            self.tell(None, "campaign.progress", &event).await;
        }
    }

    /// Tells those in `room`, or everyone.
    async fn tell(&self, room: Option<String>, name: &str, event: &impl Serialize) {
        let told = match room {
            Some(room) => self.io.to(room).emit(name, event).await,
            None => self.io.emit(name, event).await,
        };
        match told {
            Ok(()) => {}
            // A client that reads too slowly misses this one; it fetches again when it reconnects.
            Err(BroadcastError::Socket(errors)) => {
                tracing::debug!(event = name, sockets = errors.len(), "sockets missed an event")
            }
            Err(error) => tracing::warn!(event = name, %error, "an event could not be told"),
        }
    }
}
