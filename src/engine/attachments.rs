//! Files: those that messages carry, kept at hand; and those that debtors have sent, fetched through the session they came to.
//!
//! A text is stored before its file is fetched, so that nothing is lost when the fetch fails; what is missing is asked for again whenever
//! the session comes online, until WhatsApp says that it is gone or it was tried too often.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::Shared;
use crate::{
    channel::{Channel, ChannelError, MessageKey},
    domain::{
        id::{MediaId, SessionId},
        media::{Fetched, MediaFile},
    },
    fleet::Presence,
    store::{Expected, StoreError},
};

/// Files kept in memory: a campaign sends the same one over and over.
const AT_HAND: usize = 4;

/// How often a file is asked for before it counts as gone.
const ATTEMPTS: u32 = 5;

/// The files sent last.
#[derive(Default)]
pub(super) struct Files(Mutex<VecDeque<(MediaId, MediaFile)>>);

impl Files {
    fn at_hand(&self, id: MediaId) -> Option<MediaFile> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().find(|(known, _)| *known == id).map(|(_, file)| file.clone())
    }

    fn keep(&self, id: MediaId, file: MediaFile) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.iter().any(|(known, _)| *known == id) {
            return;
        }
        files.push_back((id, file));
        if files.len() > AT_HAND {
            files.pop_front();
        }
    }
}

/// The file with that id; none if there is no such file.
pub(super) async fn file(shared: &Shared, id: MediaId) -> Result<Option<MediaFile>, StoreError> {
    if let Some(file) = shared.files.at_hand(id) {
        return Ok(Some(file));
    }
    let file = shared.store.media_file(id).await?;
    if let Some(file) = &file {
        shared.files.keep(id, file.clone());
    }
    Ok(file)
}

/// Fetches what the session has been sent and we do not have yet; one task a session.
pub(super) fn fetch(shared: &Arc<Shared>, session: SessionId) {
    let Some(mut round) = shared.fetching.begin(session) else { return };
    let shared = Arc::clone(shared);
    shared.clone().tracker.spawn(async move {
        loop {
            tokio::select! {
                () = shared.stop.cancelled() => return,
                done = fetch_all(&shared, session) => if let Err(error) = done {
                    let error = &error as &dyn std::error::Error;
                    return tracing::error!(session = session.0, error, "files of debtors not fetched");
                }
            }
            let Some(again) = round.again() else { return };
            round = again;
        }
    });
}

async fn fetch_all(shared: &Arc<Shared>, session: SessionId) -> Result<(), StoreError> {
    for expected in shared.store.expected_media(session).await? {
        let Presence::Online(channel) = shared.fleet.presence(session) else { return Ok(()) };
        fetch_one(shared, channel.as_ref(), expected).await?;
    }
    Ok(())
}

async fn fetch_one(shared: &Shared, channel: &dyn Channel, expected: Expected) -> Result<(), StoreError> {
    let Expected { message, media, attempts } = expected;
    let error = match channel.fetch(&MessageKey(media.wire_key)).await {
        Ok(fetched) => {
            let file = MediaFile { kind: media.kind, file_name: media.file_name, ..fetched };
            metrics::counter!("whatsmassive_inbound_files_total").increment(1);
            return shared.store.keep_inbound_media(message, &file, shared.clock.now()).await;
        }
        // Nothing was asked.
        Err(ChannelError::NotOnline | ChannelError::Gone) => return Ok(()),
        Err(error) => error,
    };
    let state = match error {
        ChannelError::MediaGone => Fetched::Gone,
        ChannelError::MediaTooLarge => Fetched::TooLarge,
        _ if attempts + 1 >= ATTEMPTS => Fetched::Gone,
        _ => Fetched::Waiting,
    };
    tracing::warn!(error = &error as &dyn std::error::Error, state = state.as_str(), "a debtor's file was not fetched");
    shared.store.miss_inbound_media(message, state).await
}
