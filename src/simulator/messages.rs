//! What phones and people write to one another: the ledger of what arrived, and the replies.

use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    media::{Attachment, Media},
    memory::Memory,
    world::{self, World, WorldError, digits, lid},
};

/// A message that arrived, once, however often it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Counts from 1, in the order of arrival.
    pub seq: u64,
    /// The sending account, as digits.
    pub from: String,
    /// The person written to, as digits.
    pub to: String,
    /// The id that the sender chose.
    pub id: String,
    /// The text, or the text under the file.
    pub body: String,
    /// The file that it carries.
    pub media: Option<Media>,
    /// 1 arrived at the server, 2 delivered, 3 read.
    pub ack: u8,
    /// How often the same id was sent again, and dropped.
    pub repeats: u32,
    /// The key under which the page knows it.
    pub key: String,
}

/// What a debtor wrote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    pub id: String,
    pub from: String,
    pub to: String,
    /// The text, or the text under the file.
    pub body: String,
    /// The file that it carries.
    pub media: Option<Media>,
    /// The linked device has stored it.
    pub received: bool,
}

impl World {
    /// A person writes to one of the phones; a page that is away gets it when it is back.
    pub fn reply(&self, from: &str, to: &str, body: &str) -> Result<String, WorldError> {
        self.enter_reply(from, to, body, None)
    }

    /// A person sends a file to one of the phones, with a text under it, which may be empty. May write to the disk.
    pub fn reply_with_media(
        &self,
        from: &str,
        to: &str,
        caption: &str,
        file: Attachment,
    ) -> Result<String, WorldError> {
        let Attachment { kind, mime, name, content } = file;
        let size = content.len() as u64;
        let sha256 = self.keep(content.into())?;
        self.enter_reply(from, to, caption, Some(Media { kind, mime, name, size, sha256 }))
    }

    fn enter_reply(&self, from: &str, to: &str, body: &str, media: Option<Media>) -> Result<String, WorldError> {
        let (from, to) = (digits(from)?, digits(to)?);
        let id = format!("3A{:016X}", rand::rng().random::<u64>());
        {
            let mut state = self.lock();
            if !state.memory.phones.contains_key(&to) {
                return Err(WorldError::NoPhone(to));
            }
            // Their id may be the first that the page hears of them.
            state.memory.people.insert(lid(&from), from.clone());
            let reply = Reply { id: id.clone(), from, to, body: body.to_owned(), media, received: false };
            state.deliver(&reply);
            state.memory.replies.push(reply);
        }
        self.touch();
        Ok(id)
    }

    /// Every message that arrived after number `since`, in order.
    pub fn ledger(&self, since: u64) -> Vec<LedgerEntry> {
        self.lock().memory.ledger.iter().filter(|entry| entry.seq > since).cloned().collect()
    }

    /// What the phone page shows: every chat of every phone.
    pub(super) fn chats(&self) -> Value {
        let state = self.lock();
        json!({ "messages": state.memory.ledger, "replies": state.memory.replies })
    }
}

impl world::State {
    /// Tells the phone's page of a reply, if it is open.
    pub(super) fn deliver(&self, reply: &Reply) {
        let Some(device) = self.memory.phones.get(&reply.to).and_then(|phone| phone.device.as_deref()) else {
            return;
        };
        let message = json!({
            "type": "inbound", "id": reply.id, "from": self.chat(&reply.from), "to": format!("{}@c.us", reply.to),
            "phone": (!self.faults.hide_numbers).then_some(&reply.from), "body": reply.body, "media": reply.media.as_ref().map(Media::for_page),
            "t": chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp(),
        });
        self.tell(device, message);
    }
}

impl Memory {
    /// The file with that hash, as the first message that carries it calls it.
    pub(super) fn file(&self, sha256: &str) -> Option<&Media> {
        let sent = self.ledger.iter().filter_map(|entry| entry.media.as_ref());
        let received = self.replies.iter().filter_map(|reply| reply.media.as_ref());
        sent.chain(received).find(|media| media.sha256 == sha256)
    }
}
