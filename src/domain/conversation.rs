//! A conversation: what one session and one person have written to each other.

use chrono::{DateTime, Utc};

use super::{
    id::{ConversationId, DebtorId, SessionId},
    media::InboundMedia,
    phone::Phone,
};

/// A conversation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub id: ConversationId,
    /// None once the session was deleted.
    pub session_id: Option<SessionId>,
    /// The other person.
    pub phone: Phone,
    /// The debtor with that phone, if there is one.
    pub debtor_id: Option<DebtorId>,
    pub last_message_at: DateTime<Utc>,
}

/// The id by which WhatsApp hides somebody's number, as in `123456789012345@lid`. It has nothing of the number in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lid(String);

impl Lid {
    /// The id of a chat, if it is one that hides a number.
    pub fn from_chat(chat: &str) -> Option<Self> {
        chat.ends_with("@lid").then(|| Self(chat.to_owned()))
    }

    /// The chat in a message's full key, which is `DIRECTION_CHAT_ID`.
    pub fn of_key(key: &str) -> Option<Self> {
        key.split('_').nth(1).and_then(Self::from_chat)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text from somebody whose number WhatsApp does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenInbound {
    pub lid: Lid,
    /// The rest is as in [`Inbound`].
    pub wire_id: String,
    pub body: String,
    pub media: Option<InboundMedia>,
    pub at: DateTime<Utc>,
}

impl HiddenInbound {
    /// The same, once it is known who wrote it.
    pub fn of(self, from: Phone) -> Inbound {
        let Self { lid: _, wire_id, body, media, at } = self;
        Inbound { from, wire_id, body, media, at }
    }
}

/// A text that somebody sent to one of our sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub from: Phone,
    /// The id WhatsApp gave it; the same id twice is the same message.
    pub wire_id: String,
    /// What they wrote, or wrote under a file; empty where they wrote nothing.
    pub body: String,
    /// The file that came with it.
    pub media: Option<InboundMedia>,
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_which_chat_a_message_is_in() {
        assert_eq!(Lid::of_key("true_123@lid_3EB0AA"), Lid::from_chat("123@lid"));
        assert_eq!(Lid::of_key("false_123@lid_3A_00_573001000001@c.us"), Lid::from_chat("123@lid"));
        for other in ["true_573001000001@c.us_3EB0AA", "3EB0AA", "", "true_"] {
            assert_eq!(Lid::of_key(other), None, "{other}");
        }
    }
}
