//! Where SQLite works, whose every call blocks.

use std::error::Error;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures::{FutureExt as _, future::BoxFuture};
use tokio::runtime::{Handle, RuntimeFlavor};

/// On the runtime's blocking threads. In a runtime of one thread, such as a simulation's, in place: there every statement is one step in
/// an order that repeats itself, and another task, or the end, can come between any two.
pub(super) enum Workers {
    Threads(Threads),
    InPlace,
}

/// The workers of diesel-async: it has no public name for them.
pub(super) type Threads = <SyncConnectionWrapper<SqliteConnection> as HasWorkers>::Workers;

pub(super) trait HasWorkers {
    type Workers;
}

impl<C, W> HasWorkers for SyncConnectionWrapper<C, W> {
    type Workers = W;
}

impl SpawnBlocking for Workers {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>> {
        match self {
            Self::Threads(threads) => threads.spawn_blocking(task),
            Self::InPlace => async move {
                tokio::task::yield_now().await;
                Ok(task())
            }
            .boxed(),
        }
    }

    fn get_runtime() -> Self {
        match Handle::try_current() {
            Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::CurrentThread => Self::InPlace,
            _ => Self::Threads(Threads::get_runtime()),
        }
    }
}
