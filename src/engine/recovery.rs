//! Finds out what became of uncertain messages, by asking the session that may have sent them.
//!
//! Found → `sent`. Certainly absent → `queued` again, with the same id on the same session, so that even a mistake here is a
//! repeated id that WhatsApp drops; a person decides where that session is in none of the campaign's pools any more. Anything else
//! stays `uncertain` and is asked again while the session is online. Receipts of what was sent are caught up on, too.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Shared, outcomes};
use crate::{
    channel::{Channel, Lookup, MessageKey},
    domain::{
        id::SessionId,
        message::{Message, MessageState},
    },
    fleet::Presence,
    store::{Entry, StoreError},
};

/// Older messages are left as they are: who has not read one within a day may never do so.
const CATCH_UP: TimeDelta = TimeDelta::days(1);

/// Looks the session's uncertain messages up, now and again until none is left or the session goes away.
pub(super) fn reconcile(shared: &Arc<Shared>, session: SessionId) {
    let Some(mut round) = shared.reconciling.begin(session) else { return };
    let shared = Arc::clone(shared);
    shared.clone().tracker.spawn(async move {
        while let Presence::Online(channel) = shared.fleet.presence(session) {
            match look_up_all(&shared, session, channel.as_ref()).await {
                Ok(0) => match round.again() {
                    Some(again) => {
                        round = again;
                        continue;
                    }
                    None => return,
                },
                Ok(left) => tracing::warn!(session = session.0, messages = left, "messages remain uncertain"),
                Err(error) => {
                    tracing::error!(
                        session = session.0,
                        error = &error as &dyn std::error::Error,
                        "messages not looked up"
                    );
                }
            }
            tokio::select! {
                () = shared.stop.cancelled() => return,
                () = tokio::time::sleep(shared.settings.recheck) => {}
            }
        }
    });
}

/// Asks how far the session's messages have come whose receipts may have been told while nobody listened: the server was down, or the
/// browser.
pub(super) fn catch_up(shared: &Arc<Shared>, session: SessionId) {
    let shared = Arc::clone(shared);
    shared.clone().tracker.spawn(async move {
        let unread = match shared.store.unread_of_session(session, shared.clock.now() - CATCH_UP).await {
            Ok(unread) => unread,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                return tracing::error!(session = session.0, error, "receipts not caught up on");
            }
        };
        for (wire_id, key) in unread {
            let Presence::Online(channel) = shared.fleet.presence(session) else { return };
            let key = MessageKey(key);
            let found = tokio::select! {
                () = shared.stop.cancelled() => return,
                found = channel.find(&key) => found,
            };
            if let Ok(Lookup::Sent(receipt)) = found {
                shared.journal.note(Entry::Receipt { wire_id, receipt, at: shared.clock.now() });
            }
        }
    });
}

/// A message of the session has just become uncertain: gives its receipt a moment to arrive, then looks it up.
pub(super) fn recheck_later(shared: &Arc<Shared>, session: SessionId) {
    let shared = Arc::clone(shared);
    shared.clone().tracker.spawn(async move {
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(shared.settings.recheck) => reconcile(&shared, session),
        }
    });
}

/// Looks every uncertain message of the session up once; gives how many remain uncertain.
async fn look_up_all(shared: &Arc<Shared>, session: SessionId, channel: &dyn Channel) -> Result<usize, StoreError> {
    let mut left = 0;
    for (message, key) in shared.store.uncertain_of_session(session).await? {
        if shared.stop.is_cancelled() {
            return Ok(0);
        }
        left += usize::from(!look_up(shared, channel, &message, key).await?);
    }
    Ok(left)
}

/// Whether the message's fate is known now.
async fn look_up(
    shared: &Arc<Shared>,
    channel: &dyn Channel,
    message: &Message,
    key: Option<String>,
) -> Result<bool, StoreError> {
    let now = shared.clock.now();
    let found = match key {
        Some(key) => channel.find(&MessageKey(key)).await,
        // The key is journalled before the send: without one, nothing was sent.
        None => Ok(Lookup::Absent),
    };
    match found {
        Ok(Lookup::Sent(receipt)) => {
            let Some(wire_id) = message.wire_id.clone() else { return Ok(false) };
            shared.journal.write(Entry::Receipt { wire_id, receipt, at: now }).await?;
        }
        Ok(Lookup::Absent) => {
            if let Some(absent) = shared.store.requeue_absent(message.id, shared.settings.max_attempts, now).await? {
                shared.tell(&absent);
                if absent.state == MessageState::Failed {
                    outcomes::note(shared, absent.campaign_id, true).await;
                }
            }
            shared.wake_all();
            if let Some(campaign) = shared.store.campaign(message.campaign_id).await? {
                shared.took_up(&campaign);
            }
        }
        Ok(Lookup::Pending) => return Ok(false),
        Err(error) => {
            tracing::warn!(message = message.id.0, error = &error as &dyn std::error::Error, "message not looked up");
            return Ok(false);
        }
    }
    Ok(true)
}
