//! When to stop: the first signal asks for a soft shutdown, the second ends the process at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by Ctrl-C or SIGTERM. A second signal ends the process; the ledger covers that as it covers a crash.
pub fn stop_on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let token = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = terminations.recv() => {}
            }
            if token.is_cancelled() {
                tracing::warn!("second signal: ending at once");
                std::process::exit(130);
            }
            tracing::info!("shutting down; once more to end at once");
            token.cancel();
        }
    });
    Ok(stop)
}
