//! Builds everything from the configuration, and shuts it down in the order that loses nothing.

pub mod demo;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bus::Bus,
    channel::web::WebConnector,
    config::Config,
    domain::{clock::Clock, retry::Backoff},
    engine::{Engine, EngineSettings},
    fleet::{Fleet, FleetSettings},
    http::{self, AppState, Demo},
    import::Importer,
    store::Store,
    telemetry,
};

/// How often the browsers are asked what they use.
const USAGE_EVERY: Duration = Duration::from_secs(30);

/// Threads besides the runtime's own: SQLite works on eleven at the most, password hashes, files and spreadsheets on a few. What waits for
/// one is served in turn. Each takes a stack and a cache of its own; with the runtime's usual 512 there were 80 after the start of 500
/// numbers, for 7 MB more.
const BLOCKING_THREADS: usize = 24;

/// What the server runs on.
///
/// # Errors
/// The system gives no thread, or no timer.
pub fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build()
}

/// A running server.
pub struct App {
    pub store: Store,
    pub fleet: Fleet,
    pub engine: Engine,
    addr: SocketAddr,
    stop_http: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    patience: Duration,
}

impl App {
    /// Starts the server; `demo` is what the command center tells newcomers.
    pub async fn start(config: Config, demo: Option<Demo>) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let bus = Bus::new();
        std::fs::create_dir_all(&config.data.dir)
            .with_context(|| format!("the data folder {} cannot be created", config.data.dir.display()))?;
        let store = Store::open(&config.database_url()).await.context("the database cannot be opened")?;
        for name in store.migrate().await.context("the database cannot be brought up to date")? {
            tracing::info!(migration = name, "database migrated");
        }
        // Bound before anything starts, so that a second server on the same port fails before it touches a session.
        let listener = TcpListener::bind(config.server.listen)
            .await
            .with_context(|| format!("{} cannot be listened on", config.server.listen))?;
        let addr = listener.local_addr()?;

        let connector = Arc::new(WebConnector::new(web_settings(&config), clock.clone()));
        let (fleet, reports) =
            Fleet::new(store.clone(), connector, bus.clone(), clock.clone(), fleet_settings(&config));
        let engine = Engine::new(store.clone(), fleet.clone(), bus.clone(), clock.clone(), engine_settings(&config));
        engine.start(reports).await.context("the engine cannot start")?;
        fleet.start().await.context("the fleet cannot start")?;
        fleet.watch_usage(USAGE_EVERY);

        let importer = Importer::new(
            store.clone(),
            bus.clone(),
            clock.clone(),
            config.data.dir.join("imports"),
            config.import.max_bytes,
            std::env::current_exe().context("this program cannot find itself")?,
        );
        importer.recover().await.context("the imports of before cannot be put right")?;
        let state = AppState::new(
            store.clone(),
            fleet.clone(),
            engine.clone(),
            importer,
            bus,
            clock,
            http::HttpSettings {
                secure_cookies: config.server.secure_cookies,
                max_upload: config.import.max_bytes,
                metrics_token: Some(config.server.metrics_token.clone()).filter(|token| !token.is_empty()),
                demo,
            },
        );
        if let Some(code) = state.setup_code().await? {
            tracing::info!("no user yet: open http://{addr}/setup, setup code: {code}");
        }
        let stop_http = CancellationToken::new();
        tokio::spawn(stop_http.clone().run_until_cancelled_owned(telemetry::keep_metrics()));
        let serving = tokio::spawn(http::serve(listener, state, stop_http.clone()));
        tracing::info!("WhatsMassive at http://{addr}");
        Ok(Self {
            store,
            fleet,
            engine,
            addr,
            stop_http,
            serving,
            patience: Duration::from_secs(config.server.shutdown_seconds),
        })
    }

    /// Where the server listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops taking requests, lets sends in flight settle, then closes the browsers so that links survive; for that a third of the
    /// configured patience is kept, whatever a send waits for. After all of it it returns anyway: the ledger covers that as it covers a
    /// crash.
    pub async fn shutdown(self) {
        self.stop_http.cancel();
        let orderly = async {
            let settled = tokio::time::timeout(self.patience * 2 / 3, self.engine.shutdown()).await;
            self.fleet.shutdown().await;
            if settled.is_err() {
                // Without their browsers they come to an end.
                self.engine.shutdown().await;
            }
            drop(self.serving.await);
        };
        if tokio::time::timeout(self.patience, orderly).await.is_err() {
            tracing::warn!("shutdown took too long; ending at once");
        }
    }
}

fn fleet_settings(config: &Config) -> FleetSettings {
    FleetSettings {
        profiles: config.data.dir.join("profiles"),
        concurrent_starts: config.fleet.concurrent_starts,
        backoff: Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(60) },
        max_failures: 8,
        stable_after: Duration::from_secs(60),
        settle: Duration::from_secs(10),
        memory_budget: config.fleet.memory_budget_mb * 1024 * 1024,
        qr_patience: Duration::from_secs(config.fleet.qr_minutes * 60),
        seed: rand::random(),
    }
}

fn engine_settings(config: &Config) -> EngineSettings {
    EngineSettings {
        max_attempts: config.engine.max_attempts.max(1),
        retry: Backoff { base: Duration::from_secs(config.engine.retry_seconds), limit: Duration::from_secs(15 * 60) },
        recheck: Duration::from_secs(5),
        lease: Duration::from_secs(15),
        seed: rand::random(),
    }
}

fn web_settings(config: &Config) -> crate::channel::web::WebConfig {
    let path = |path: &std::path::PathBuf| (!path.as_os_str().is_empty()).then(|| path.clone());
    crate::channel::web::WebConfig {
        url: config.web.url.clone(),
        chromium: path(&config.web.chromium),
        numbers_per_browser: config.web.numbers_per_browser,
        bridge: path(&config.web.bridge),
        proxy: Some(config.web.proxy.clone()).filter(|proxy| !proxy.is_empty()),
        ..Default::default()
    }
}
