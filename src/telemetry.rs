//! What the server tells of itself: a log, one line an event on standard error, as text for people or JSON for machines; and metrics
//! for Prometheus.

use std::{sync::LazyLock, time::Duration};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, filter::ParseError, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogConfig, LogFormat};

/// The upper bounds of the buckets for how long something took, in seconds: from an answer of the page at once to a call's time limit.
const SECONDS: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];
/// How often what was measured is added up.
const UPKEEP: Duration = Duration::from_secs(10);

/// Where the process gathers its metrics, from the first use on.
pub fn metrics() -> &'static PrometheusHandle {
    static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| {
        // Fails for an empty list of buckets only.
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::error!("metrics go elsewhere: another recorder was there first");
        }
        describe();
        handle
    });
    &METRICS
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_gauge!("whatsmassive_sessions", "Sessions, by what they do.");
    describe_counter!("whatsmassive_session_restarts_total", "Browsers started again.");
    describe_gauge!(
        "whatsmassive_session_memory_bytes",
        Unit::Bytes,
        "Memory of a session's browser, common memory shared out."
    );
    describe_gauge!("whatsmassive_session_cpu_cores", "Processor cores that a session's browser takes.");
    describe_gauge!("whatsmassive_campaign_messages", "Messages of running campaigns, by state.");
    describe_counter!("whatsmassive_sends_total", "Attempts to send, by how they ended.");
    describe_counter!("whatsmassive_inbound_total", "Messages from debtors.");
    describe_counter!("whatsmassive_inbound_files_total", "Files from debtors that were fetched.");
    describe_histogram!("whatsmassive_page_call_seconds", Unit::Seconds, "Calls into a page, by call and outcome.");
}

/// Adds up what was measured, every so often, for as long as it is polled.
pub async fn keep_metrics() {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        metrics().run_upkeep();
    }
}

/// Starts logging; fails when the filter cannot be understood.
pub fn start(config: &LogConfig) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(&config.filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => registry.with(lines).init(),
        LogFormat::Json => registry.with(lines.json()).init(),
    }
    Ok(())
}
