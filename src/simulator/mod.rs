//! A WhatsApp to practise on: a page like WhatsApp Web, phones to link it to, and a ledger of every message that arrived.
//!
//! The page (`page/`) runs in a real browser and keeps its identity where WhatsApp Web does, so the product's own driver works on it
//! unchanged. A person plays the phones at `/phone`; tests play them through the control API. It is part of the product, for demos,
//! tests and training, and imports nothing from the rest of it.

mod control;
mod faults;
mod media;
mod memory;
mod messages;
mod page;
mod phone;
mod world;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

pub use self::{
    faults::Faults,
    media::{Attachment, FileError, Media, MediaKind},
    messages::LedgerEntry,
    world::{World, WorldError},
};

/// How the simulator starts.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Phones that exist from the start, as digits.
    pub phones: Vec<String>,
    /// A file that remembers phones, links and the ledger over a restart.
    pub state: Option<PathBuf>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9100)), phones: Vec::new(), state: None }
    }
}

/// Why the simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address is taken or not allowed.
    #[error("the simulator cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The state file cannot be read.
    #[error("the simulator's state file {} cannot be read", path.display())]
    State { path: PathBuf, source: std::io::Error },
    /// A phone in the configuration is not a number.
    #[error(transparent)]
    Phone(#[from] WorldError),
}

/// A running simulator.
pub struct Simulator {
    addr: SocketAddr,
    world: World,
    serving: JoinHandle<()>,
}

impl Simulator {
    /// Starts it.
    pub async fn start(config: SimulatorConfig) -> Result<Self, SimulatorError> {
        let listen_error = |source| SimulatorError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
        let addr = listener.local_addr().map_err(listen_error)?;
        let world = match &config.state {
            Some(path) => World::load(path).map_err(|source| SimulatorError::State { path: path.clone(), source })?,
            None => World::default(),
        };
        for phone in &config.phones {
            world.add_phone(phone)?;
        }
        world.spawn(world.clone().keep_saved());
        let router = router(world.clone());
        let stopped = world.stopping().clone();
        let serving = tokio::spawn(async move {
            let server = axum::serve(listener, router).with_graceful_shutdown(stopped.clone().cancelled_owned());
            tokio::select! {
                // Pages keep their sockets open for as long as they can: nobody waits for them.
                () = async { stopped.cancelled().await; tokio::task::yield_now().await } => {}
                result = server.into_future() => if let Err(error) = result {
                    tracing::error!(error = &error as &dyn std::error::Error, "simulator ended");
                },
            }
        });
        Ok(Self { addr, world, serving })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The page's address, with the slash.
    pub fn url(&self) -> String {
        format!("http://{}/", self.addr)
    }

    /// What is beyond the page: phones, links, the ledger.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Ends it: pages lose their connection, and the state file is written for the last time.
    pub async fn stop(self) {
        self.world.close().await;
        drop(self.serving.await);
    }
}

fn router(world: World) -> Router {
    Router::new()
        .merge(page::routes())
        .merge(media::routes())
        .merge(phone::routes())
        .nest("/control", control::routes())
        .with_state(Arc::new(world))
}
