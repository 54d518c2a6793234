//! People whose numbers WhatsApp hides: what they write is kept until somebody knows who they are, and counts from then on.
//!
//! Whose an id is, WhatsApp tells with what somebody writes, or when we find the chat with them: a message's key has the chat's id in it.

use std::{collections::HashSet, sync::Arc};

use tokio::sync::{Mutex, MutexGuard};

use super::{Shared, inbound};
use crate::{
    channel::MessageKey,
    domain::{
        conversation::{HiddenInbound, Lid},
        id::SessionId,
        phone::Phone,
    },
    store::{Entry, StoreError},
};

/// The ids from which something waits, which are few: so that a send need not ask the database for nothing. Kept by whoever takes something
/// in until that is stored: a send to the same person waits for it.
#[derive(Default)]
pub(super) struct Hidden(Mutex<HashSet<Lid>>);

impl Hidden {
    pub async fn lock(&self) -> MutexGuard<'_, HashSet<Lid>> {
        self.0.lock().await
    }
}

/// Takes in what somebody wrote, if it is known who they are; keeps it otherwise.
pub(super) async fn on_hidden(
    shared: &Arc<Shared>,
    session: SessionId,
    hidden: &HiddenInbound,
) -> Result<(), StoreError> {
    // In this order: whoever learns in between who it is finds what waits, or we find what they have learnt.
    shared.store.keep_hidden(session, hidden).await?;
    shared.hidden.lock().await.insert(hidden.lid.clone());
    match shared.store.phone_of_lid(&hidden.lid).await? {
        Some(phone) => {
            take_in(shared, &hidden.lid, &phone).await?;
        }
        None => tracing::info!(session = session.0, "somebody wrote whose number is not known yet; it is kept"),
    }
    Ok(())
}

/// WhatsApp tells whose id that is.
pub(super) async fn on_lid(shared: &Arc<Shared>, lid: &Lid, phone: &Phone) -> Result<(), StoreError> {
    shared.journal.write(Entry::Lid { lid: lid.clone(), phone: phone.clone() }).await?;
    take_in(shared, lid, phone).await?;
    Ok(())
}

/// The chat with somebody is found, and nothing was sent yet; says whether they had written meanwhile what nobody could know was theirs.
pub(super) async fn on_chat_found(shared: &Arc<Shared>, key: &MessageKey, phone: &Phone) -> Result<bool, StoreError> {
    let Some(lid) = Lid::of_key(&key.0) else { return Ok(false) };
    shared.journal.note(Entry::Lid { lid: lid.clone(), phone: phone.clone() });
    take_in(shared, &lid, phone).await
}

/// Takes in what waits from that id, as its sender's; whether there was anything.
async fn take_in(shared: &Arc<Shared>, lid: &Lid, phone: &Phone) -> Result<bool, StoreError> {
    let mut waiting = shared.hidden.lock().await;
    if !waiting.contains(lid) {
        return Ok(false);
    }
    let any = take_in_all(shared, lid, phone).await?;
    // What comes from now on waits for us, and enters the id once more.
    waiting.remove(lid);
    Ok(any)
}

async fn take_in_all(shared: &Arc<Shared>, lid: &Lid, phone: &Phone) -> Result<bool, StoreError> {
    let texts = shared.store.hidden_texts(lid).await?;
    let any = !texts.is_empty();
    for text in texts {
        let inbound = text.inbound.of(phone.clone());
        match text.session_id {
            Some(session) => inbound::on_inbound(shared, session, &inbound).await?,
            // There is no conversation any more to put it into; what it asks for counts all the same.
            None => inbound::heed(shared, None, &inbound).await?,
        }
        shared.store.drop_hidden(text.id).await?;
    }
    Ok(any)
}
