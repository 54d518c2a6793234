//! Where SQLite works, whose every call blocks.

use std::error::Error;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures::{FutureExt as _, future::BoxFuture};
use tokio::runtime::{Handle, RuntimeFlavor};

/// On the thread that asks, after the runtime has found another one for its other tasks: a transaction of many statements then stays on
/// one thread, where handing each statement to a thread and its answer back takes longer than most statements.
///
/// In a runtime of one thread, such as a simulation's, there is no other: each statement is one step in an order that repeats itself, and
/// another task, or the end, can come between any two.
pub(super) enum Workers {
    Threads,
    OneThread,
}

impl SpawnBlocking for Workers {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>> {
        match self {
            Self::Threads => async move { Ok(tokio::task::block_in_place(task)) }.boxed(),
            Self::OneThread => async move {
                tokio::task::yield_now().await;
                Ok(task())
            }
            .boxed(),
        }
    }

    fn get_runtime() -> Self {
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::CurrentThread => Self::OneThread,
            _ => Self::Threads,
        }
    }
}
