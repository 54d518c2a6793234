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
    domain::{
        failure::{Cause, Doubt, Failure},
        id::SessionId,
        media::MediaFile,
        message::Settlement,
    },
    fleet::Presence,
    store::{Claimed, Entry},
};

/// The pause before the database is asked again to store how a send ended.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Sends one claimed message and settles it.
pub(super) async fn deliver(shared: &Arc<Shared>, message: &Arc<Claimed>, rng: &mut StdRng) {
    let settlement = match attempt(shared, message).await {
        Ok(Some(settlement)) => settlement,
        // It was settled in place of its key.
        Ok(None) => {
            metrics::counter!("whatsmassive_sends_total", "outcome" => "suppressed").increment(1);
            return;
        }
        Err(failure) => {
            let is_last = message.attempts >= shared.settings.max_attempts;
            failure.settle(is_restricted(shared, message.session_id), is_last)
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
        Settlement::Failed(_) => outcomes::note(shared, message.campaign_id, true).await,
        Settlement::Uncertain(_) => recovery::recheck_later(shared, message.session_id),
        Settlement::Retry(_) | Settlement::Hold | Settlement::Suppressed(_) => {}
    }
}

/// How an attempt ended, in a word for monitoring.
const fn outcome(settlement: &Settlement) -> &'static str {
    match settlement {
        Settlement::Sent => "sent",
        Settlement::Failed(_) => "failed",
        Settlement::Uncertain(_) => "uncertain",
        Settlement::Retry(_) => "retry",
        Settlement::Suppressed(_) => "suppressed",
        Settlement::Hold => "held",
    }
}

/// One attempt; none where the debtor has stopped us since the claim. Until `send` is called nothing has left, so every error before it
/// is a certain one.
async fn attempt(shared: &Arc<Shared>, message: &Arc<Claimed>) -> Result<Option<Settlement>, Failure> {
    let (channel, media, key) = prepare(shared, message).await?;
    let entry = Entry::Key { claimed: Arc::clone(message), key: key.0.clone() };
    match shared.journal.write(entry).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(None),
        Err(error) => {
            tracing::error!(
                message = message.message_id.0,
                error = &error as &dyn std::error::Error,
                "message key not stored"
            );
            return Err(Cause::KeyNotStored.into());
        }
    }
    // The last moment at which nothing has left: a server that was asleep for longer than its lease leaves it to the other one.
    if !shared.lease.get().is_some_and(Lease::is_valid) {
        return Err(Cause::LeaseExpired.into());
    }
    match channel.send(&key, &message.body, media.as_ref()).await {
        SendOutcome::Sent => Ok(Some(Settlement::Sent)),
        SendOutcome::Rejected(failure) => Err(failure),
        SendOutcome::Restricted { reason } => {
            // First of all: another pool may be about to use it.
            shared.fleet.restrict(message.session_id, &reason).await;
            Ok(Some(Settlement::Hold))
        }
        SendOutcome::Unknown(doubt) => Ok(Some(Settlement::Uncertain(doubt))),
    }
}

/// Finds the channel, the file that goes along, and the chat.
async fn prepare(
    shared: &Arc<Shared>,
    message: &Claimed,
) -> Result<(Arc<dyn Channel>, Option<MediaFile>, MessageKey), Failure> {
    let Presence::Online(channel) = shared.fleet.presence(message.session_id) else {
        return Err(Cause::SessionDown.into());
    };
    let media = match message.media_id {
        None => None,
        Some(id) => match attachments::file(shared, id).await {
            Ok(Some(file)) => Some(file),
            Ok(None) => return Err(Cause::MediaMissing.into()),
            Err(error) => {
                tracing::error!(media = id.0, error = &error as &dyn std::error::Error, "file not read");
                return Err(Cause::MediaNotRead.into());
            }
        },
    };
    let key = address(shared, message, channel.as_ref()).await?;
    Ok((channel, media, key))
}

/// Finds the chat with the debtor.
async fn address(shared: &Arc<Shared>, message: &Claimed, channel: &dyn Channel) -> Result<MessageKey, Failure> {
    let key = channel.address(&message.phone, &message.wire_id).await.map_err(|error| match error {
        ChannelError::NotOnWhatsApp => Cause::NotOnWhatsApp.into(),
        ChannelError::NotOnline | ChannelError::Gone => Cause::SessionDown.into(),
        error => Failure::with(Cause::ChatNotFound, error),
    })?;
    let id = message.message_id.0;
    // What they wrote may still wait to be read, as after a restart: it counts before anything is sent.
    if !shared.fleet.all_heard().await {
        return Err(Cause::TextsNotRead.into());
    }
    match hidden::on_chat_found(shared, &key, &message.phone).await {
        Ok(false) => Ok(key),
        // What they wrote may say that nothing is to be sent: another claim decides.
        Ok(true) => Err(Cause::HadWritten.into()),
        Err(error) => {
            tracing::error!(message = id, error = &error as &dyn std::error::Error, "texts not read");
            Err(Cause::TextsNotRead.into())
        }
    }
}

/// Nobody knows what became of what a session has claimed, since our own work on it broke off: that is written down, however long it
/// takes, and looked up. The session's lane is ours until then.
pub(super) async fn doubt(shared: &Arc<Shared>, session: SessionId) {
    loop {
        let now = shared.clock.now();
        match shared.store.mark_sending_uncertain(Some(session), Doubt::ServerError, now).await {
            Ok(0) => return,
            Ok(_) => return recovery::recheck_later(shared, session),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(session = session.0, error, "what a session has claimed is not known");
            }
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(STORE_RETRY) => {}
        }
    }
}

fn is_restricted(shared: &Shared, session: SessionId) -> bool {
    matches!(shared.fleet.presence(session), Presence::Restricted)
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
