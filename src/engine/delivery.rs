//! Takes one claimed message through its channel: journal the key, send, settle; then lets the session rest.
//!
//! The order is the point. The claim has committed before anything here runs, the full key is committed before the send, and
//! whatever cannot be known for certain becomes `uncertain`, never `queued`. To find the chat may take a while, in which the debtor may
//! ask for no more messages: who is written down as such by the time of the key gets none.

use std::{sync::Arc, time::Duration};

use rand::rngs::StdRng;

use super::{Shared, attachments, hidden, lease::Lease, outcomes, recovery};
use crate::{
    channel::{Channel, ChannelError, MessageKey, SendOutcome},
    domain::{id::SessionId, media::MediaFile, message::Settlement},
    fleet::Presence,
    store::{Claimed, Entry},
};

/// The pause before the database is asked again to store how a send ended.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Sends one claimed message and settles it.
pub(super) async fn deliver(shared: &Arc<Shared>, message: &Arc<Claimed>, rng: &mut StdRng) {
    let is_last = message.attempts >= shared.settings.max_attempts;
    let settlement = match attempt(shared, message).await {
        // Whatever was refused to a session that is restricted is not handed on to its siblings.
        Some(Settlement::Retry { .. }) if is_restricted(shared, message.session_id) => Settlement::Hold,
        Some(Settlement::Retry { reason }) if is_last && !BLAMELESS.contains(&reason.as_str()) => {
            Settlement::Failed { reason }
        }
        Some(settlement) => settlement,
        // It was settled in place of its key.
        None => {
            metrics::counter!("whatsmassive_sends_total", "outcome" => "suppressed").increment(1);
            return;
        }
    };
    let at = shared.clock.now();
    let pause = shared.settings.retry.after(message.attempts, rng);
    // What is held waits for its session and not for a time.
    let retry_at = if settlement == Settlement::Hold { at } else { at + pause };
    let claimed = Arc::clone(message);
    let entry = Entry::Settled { claimed, settlement: settlement.clone(), retry_at, at };
    // A row left in `sending` would wait for the next restart, so the database gets time to come back; a shutdown ends the wait,
    // and the start after it finds the row.
    while let Err(error) = shared.journal.write(entry.clone()).await {
        tracing::error!(
            message = message.message_id.0,
            error = &error as &dyn std::error::Error,
            "message not settled"
        );
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(STORE_RETRY) => {}
        }
    }
    metrics::counter!("whatsmassive_sends_total", "outcome" => outcome(&settlement)).increment(1);
    match settlement {
        Settlement::Sent => outcomes::note(shared, message.campaign_id, false).await,
        Settlement::Failed { .. } => outcomes::note(shared, message.campaign_id, true).await,
        Settlement::Uncertain { .. } => recovery::recheck_later(shared, message.session_id),
        Settlement::Retry { .. } | Settlement::Hold | Settlement::Suppressed { .. } => {}
    }
}

/// How an attempt ended, in a word for monitoring.
const fn outcome(settlement: &Settlement) -> &'static str {
    match settlement {
        Settlement::Sent => "sent",
        Settlement::Failed { .. } => "failed",
        Settlement::Uncertain { .. } => "uncertain",
        Settlement::Retry { .. } => "retry",
        Settlement::Suppressed { .. } => "suppressed",
        Settlement::Hold => "held",
    }
}

const NOT_ONLINE: &str = "session_not_online";
const HAD_WRITTEN: &str = "had_written";
/// What says nothing of the message itself: it may happen any number of times.
const BLAMELESS: [&str; 2] = [NOT_ONLINE, HAD_WRITTEN];

/// One attempt; none where the debtor has stopped us since the claim. Until `send` is called nothing has left, so every error before it
/// is a certain one.
async fn attempt(shared: &Arc<Shared>, message: &Arc<Claimed>) -> Option<Settlement> {
    let (channel, media, key) = match prepare(shared, message).await {
        Ok(prepared) => prepared,
        Err(settlement) => return Some(settlement),
    };
    let entry = Entry::Key { claimed: Arc::clone(message), key: key.0.clone() };
    match shared.journal.write(entry).await {
        Ok(None) => {}
        Ok(Some(_)) => return None,
        Err(error) => {
            tracing::error!(
                message = message.message_id.0,
                error = &error as &dyn std::error::Error,
                "message key not stored"
            );
            return Some(retry("key_not_stored"));
        }
    }
    // The last moment at which nothing has left: a server that was asleep for longer than its lease leaves it to the other one.
    if !shared.lease.get().is_some_and(Lease::is_valid) {
        return Some(retry("lease_expired"));
    }
    Some(match channel.send(&key, &message.body, media.as_ref()).await {
        SendOutcome::Sent => Settlement::Sent,
        SendOutcome::Rejected { reason, retryable: true } => Settlement::Retry { reason },
        SendOutcome::Rejected { reason, retryable: false } => Settlement::Failed { reason },
        SendOutcome::Restricted { reason } => {
            // First of all: another pool may be about to use it.
            shared.fleet.restrict(message.session_id, &reason).await;
            Settlement::Hold
        }
        SendOutcome::Unknown { reason } => Settlement::Uncertain { reason },
    })
}

/// Finds the channel, the file that goes along, and the chat.
async fn prepare(
    shared: &Arc<Shared>,
    message: &Claimed,
) -> Result<(Arc<dyn Channel>, Option<MediaFile>, MessageKey), Settlement> {
    let Presence::Online(channel) = shared.fleet.presence(message.session_id) else {
        return Err(retry(NOT_ONLINE));
    };
    let media = match message.media_id {
        None => None,
        Some(id) => match attachments::file(shared, id).await {
            Ok(Some(file)) => Some(file),
            Ok(None) => return Err(Settlement::Failed { reason: "media_missing".to_owned() }),
            Err(error) => {
                tracing::error!(media = id.0, error = &error as &dyn std::error::Error, "file not read");
                return Err(retry("media_not_read"));
            }
        },
    };
    let key = address(shared, message, channel.as_ref()).await?;
    Ok((channel, media, key))
}

/// Finds the chat with the debtor.
async fn address(shared: &Arc<Shared>, message: &Claimed, channel: &dyn Channel) -> Result<MessageKey, Settlement> {
    let key = match channel.address(&message.phone, &message.wire_id).await {
        Ok(key) => key,
        Err(ChannelError::NotOnWhatsApp) => {
            return Err(Settlement::Failed { reason: "not_on_whatsapp".to_owned() });
        }
        Err(ChannelError::NotOnline | ChannelError::Gone) => return Err(retry(NOT_ONLINE)),
        Err(error) => return Err(retry(&format!("chat_not_found: {error}"))),
    };
    let id = message.message_id.0;
    match hidden::on_chat_found(shared, &key, &message.phone).await {
        Ok(false) => Ok(key),
        // What they wrote may say that nothing is to be sent: another claim decides.
        Ok(true) => Err(retry(HAD_WRITTEN)),
        Err(error) => {
            tracing::error!(message = id, error = &error as &dyn std::error::Error, "texts not read");
            Err(retry("texts_not_read"))
        }
    }
}

fn is_restricted(shared: &Shared, session: SessionId) -> bool {
    matches!(shared.fleet.presence(session), Presence::Restricted)
}

fn retry(reason: &str) -> Settlement {
    Settlement::Retry { reason: reason.to_owned() }
}

/// Lets the session rest, then gives its lane back.
pub(super) async fn rest(shared: &Shared, session: SessionId, rng: &mut StdRng) {
    let delay = shared.lanes.delay(session).draw(rng);
    if !delay.is_zero() {
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(delay) => {}
        }
    }
    let wanted = shared.lanes.release(session, shared.clock.now());
    shared.wake(&wanted);
}
