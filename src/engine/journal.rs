//! Group commit: whatever happens to messages while one transaction is being written goes into the next, all of it at once.
//!
//! With few messages each is written by itself and at once; the more there are, the more share the cost of a commit.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
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

/// From how many messages on their way on an entry waits for others.
const COMPANY: usize = 16;

/// For how long at the most. Numbers rest for seconds, so that nobody notices; where they are fast it saves most of the commits.
const LINGER: Duration = Duration::from_millis(3);

/// The pause before what the database did not take is offered again.
const PAUSE: Duration = Duration::from_secs(1);

/// A handle to the writing task.
pub(super) struct Journal {
    requests: mpsc::UnboundedSender<Request>,
    written: Arc<Notify>,
    under_way: Arc<AtomicUsize>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

/// A message on its way, which will have something to write.
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
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
        let under_way = Arc::<AtomicUsize>::default();
        let writer = Writer {
            store,
            clock,
            progress,
            reopened,
            written: Arc::clone(&written),
            under_way: Arc::clone(&under_way),
        };
        tracker.spawn(writer.run(receiver, stop.clone()));
        Self { requests, written, under_way, tracker, stop }
    }

    /// Counts a message as on its way until what is given back is dropped.
    pub fn expect(&self) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.under_way))
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

struct Writer {
    store: Store,
    clock: Clock,
    progress: Progress,
    reopened: mpsc::UnboundedSender<CampaignId>,
    written: Arc<Notify>,
    under_way: Arc<AtomicUsize>,
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
            self.gather(&mut requests, &mut batch).await;
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

    /// Lets everybody join who is about to: where few messages are on their way, those whose tasks are ready to run; where there are many,
    /// half of them.
    async fn gather(&self, requests: &mut mpsc::UnboundedReceiver<Request>, batch: &mut Vec<Request>) {
        tokio::task::yield_now().await;
        let until = Instant::now() + LINGER;
        let (mut counted, mut waiting) = (0, 0);
        loop {
            while batch.len() < LIMIT
                && let Ok(request) = requests.try_recv()
            {
                batch.push(request);
            }
            waiting += batch[counted..].iter().filter(|request| request.waits.is_some()).count();
            counted = batch.len();
            let under_way = self.under_way.load(Ordering::Relaxed);
            if counted >= LIMIT || under_way < COMPANY || 2 * waiting >= under_way {
                return;
            }
            tokio::select! {
                count = requests.recv_many(batch, LIMIT - counted) => if count == 0 { return },
                () = tokio::time::sleep_until(until) => return,
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
