//! Group commit: whatever happens to messages while one transaction is being written goes into the next, all of it at once.
//!
//! With few messages each is written by itself and at once; the more there are, the more share the cost of a commit.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::progress::Progress;
use crate::{
    domain::{
        clock::Clock,
        id::{CampaignId, MessageId},
    },
    store::{Entry, Moved, Recorded, Store, StoreError},
};

/// The most entries in one transaction: large enough that its commit costs nothing to speak of, small enough that other writers get their
/// turn within some ten milliseconds.
const LIMIT: usize = 1000;

/// From how many entries on more are looked out for.
const COMPANY: usize = 16;

/// For how many turns of the scheduler without another: some 50 µs, a fraction of what a commit takes.
const QUIET: u32 = 100;

/// The pause before what the database did not take is offered again.
const PAUSE: Duration = Duration::from_secs(1);

/// A handle to the writing task.
pub(super) struct Journal {
    requests: mpsc::UnboundedSender<Request>,
    written: Arc<Notify>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

struct Request {
    entry: Entry,
    /// Who waits until it is committed.
    waits: Option<Waits>,
}

/// Is told which message has another state by the entry, if one has.
type Waits = oneshot::Sender<Result<Option<Moved>, StoreError>>;

impl Journal {
    /// Starts the writing task; it goes on until [`Journal::close`], so that whoever ends later than the rest can still write. Campaigns
    /// that were finished and go on are told through `reopened`.
    pub fn spawn(store: Store, clock: Clock, progress: Progress, reopened: mpsc::UnboundedSender<CampaignId>) -> Self {
        let (requests, receiver) = mpsc::unbounded_channel();
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        let written = Arc::new(Notify::new());
        let writer = Writer { store, clock, progress, reopened, written: Arc::clone(&written) };
        tracker.spawn(writer.run(receiver, stop.clone()));
        Self { requests, written, tracker, stop }
    }

    /// Writes an entry and waits until it is committed; gives the message that has another state by it, if one has.
    pub async fn write(&self, entry: Entry) -> Result<Option<Moved>, StoreError> {
        let (waits, done) = oneshot::channel();
        // A request that nobody answers any more is one of a server that has stopped.
        drop(self.requests.send(Request { entry, waits: Some(waits) }));
        done.await.unwrap_or(Err(StoreError::Stopped))
    }

    /// Writes an entry some time soon; tried again for as long as the database does not take it.
    pub fn note(&self, entry: Entry) {
        drop(self.requests.send(Request { entry, waits: None }));
    }

    /// Waits until something more was written.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Writes what is there and ends the task.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Lets everybody join who is about to: tasks that are ready to run come first. A few are not kept waiting for others; where there is
/// company, more are likely to be on their way on another thread.
async fn gather(requests: &mut mpsc::UnboundedReceiver<Request>, batch: &mut Vec<Request>) {
    let mut quiet = 0;
    while batch.len() < LIMIT && quiet < if batch.len() < COMPANY { 1 } else { QUIET } {
        tokio::task::yield_now().await;
        let before = batch.len();
        while batch.len() < LIMIT
            && let Ok(request) = requests.try_recv()
        {
            batch.push(request);
        }
        quiet = if batch.len() == before { quiet + 1 } else { 0 };
    }
}

struct Writer {
    store: Store,
    clock: Clock,
    progress: Progress,
    reopened: mpsc::UnboundedSender<CampaignId>,
    written: Arc<Notify>,
}

impl Writer {
    async fn run(self, mut requests: mpsc::UnboundedReceiver<Request>, stop: CancellationToken) {
        let mut batch = Vec::new();
        loop {
            if batch.is_empty() {
                tokio::select! {
                    biased;
                    count = requests.recv_many(&mut batch, LIMIT) => if count == 0 { return },
                    // What was sent until now is still received.
                    () = stop.cancelled(), if !requests.is_closed() => {
                        requests.close();
                        continue;
                    }
                }
            }
            gather(&mut requests, &mut batch).await;
            batch = self.write(batch).await;
            self.written.notify_waiters();
            if !batch.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }

    /// Writes all; gives back what is to be tried again.
    async fn write(&self, batch: Vec<Request>) -> Vec<Request> {
        let (entries, waits): (Vec<Entry>, Vec<_>) =
            batch.into_iter().map(|request| (request.entry, request.waits)).unzip();
        match self.store.record(&entries, self.clock.now()).await {
            Ok(recorded) => {
                for (waits, moved) in waits.into_iter().zip(&recorded.moved) {
                    if let Some(waits) = waits {
                        drop(waits.send(Ok(*moved)));
                    }
                }
                self.tell(recorded);
                Vec::new()
            }
            // Not there at all: no use in asking for each.
            Err(StoreError::Pool(why)) => {
                tracing::error!(entries = entries.len(), why, "ledger not written: the database is away");
                let each = entries.into_iter().zip(waits);
                let again = each.filter_map(|(entry, waits)| match waits {
                    Some(waits) => {
                        drop(waits.send(Err(StoreError::Pool(why.clone()))));
                        None
                    }
                    None => Some(Request { entry, waits: None }),
                });
                again.collect()
            }
            Err(error) => {
                tracing::error!(
                    entries = entries.len(),
                    error = &error as &dyn std::error::Error,
                    "ledger not written; writing one by one"
                );
                let mut again = Vec::new();
                for (entry, waits) in entries.into_iter().zip(waits) {
                    again.extend(self.write_one(entry, waits).await);
                }
                again
            }
        }
    }

    fn tell(&self, Recorded { moved, reopened }: Recorded) {
        // Of several changes to one message the last is news.
        let last: BTreeMap<MessageId, Moved> =
            moved.into_iter().flatten().map(|moved| (moved.message_id, moved)).collect();
        last.into_values().for_each(|moved| self.progress.tell(moved));
        for campaign in reopened {
            if self.reopened.send(campaign).is_err() {
                tracing::debug!(campaign = campaign.0, "not taken up again: the next server does that");
            }
        }
    }

    async fn write_one(&self, entry: Entry, waits: Option<Waits>) -> Option<Request> {
        let written = self.store.record(std::slice::from_ref(&entry), self.clock.now()).await;
        let result = written.map(|recorded| {
            let moved = recorded.moved.first().copied().flatten();
            self.tell(recorded);
            moved
        });
        match (waits, result) {
            (Some(waits), result) => {
                drop(waits.send(result));
                None
            }
            (None, Ok(_)) => None,
            (None, Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "ledger not written; trying again");
                Some(Request { entry, waits: None })
            }
        }
    }
}
