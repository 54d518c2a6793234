//! What crosses the bridge, typed: events from the page, calls into it, and what they mean for the channel.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    channel::{ChannelError, ChannelState},
    domain::{message::Receipt, phone::Phone},
};

/// The bridge script as built in.
pub(super) const SCRIPT: &str = include_str!("bridge.js");

/// The name of the function through which the page tells.
pub(super) const BINDING: &str = "whatsmassiveTell";

/// What the page tells.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Told {
    State { snapshot: Snapshot },
    Qr { text: String },
    Ack { id: String, ack: i32 },
    Inbound(Arrived),
    Trouble { message: String },
}

/// What somebody wrote.
#[derive(Debug, Deserialize)]
pub(super) struct Arrived {
    pub id: String,
    /// The message's full key.
    #[serde(default)]
    pub key: Option<String>,
    pub phone: Option<String>,
    /// The text, or the text under a file.
    pub body: Option<String>,
    /// In seconds since 1970.
    pub t: i64,
    #[serde(default)]
    pub media: Option<ArrivedMedia>,
}

/// The file that came with it.
#[derive(Debug, Deserialize)]
pub(super) struct ArrivedMedia {
    pub kind: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// The page's state, read at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Snapshot {
    /// Modules that the bridge needs and the page does not have (yet).
    pub missing: Vec<String>,
    /// Modules that only files need, and the page does not have.
    #[serde(default)]
    pub media_missing: Vec<String>,
    /// The same, of what only hidden numbers need, or linking by a code that is typed.
    #[serde(default)]
    pub others_missing: Vec<String>,
    /// How many it needs in all.
    #[serde(default)]
    pub modules: usize,
    /// The page's version, as far as it tells.
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub post_logout: bool,
    #[serde(default)]
    pub socket: Option<String>,
    #[serde(default)]
    pub synced: bool,
    #[serde(default)]
    pub mode: Option<String>,
    /// The account's number, once linked.
    #[serde(default)]
    pub phone: Option<String>,
    /// WhatsApp asks for a passkey before it links.
    #[serde(default)]
    pub passkey: bool,
}

impl Snapshot {
    /// Whether the page knows of no account.
    pub fn is_unlinked(&self) -> bool {
        self.post_logout || self.state(false) == Some(ChannelState::Unpaired)
    }

    /// Whether the page has none of the modules: it loads, or is another page.
    pub fn lacks_all(&self) -> bool {
        self.missing.len() == self.modules
    }

    /// Whether the script finds everything in the page that it uses.
    pub fn bridge(&self) -> Result<String, String> {
        let (found, all) = (self.modules - self.missing.len().min(self.modules), self.modules);
        match self.missing.as_slice() {
            [] => Ok(format!("{found} / {all}")),
            missing => Err(missing.join(", ")),
        }
    }

    /// What the page lacks that texts do without.
    pub fn lacks_extras(&self) -> Vec<String> {
        self.media_missing.iter().chain(&self.others_missing).cloned().collect()
    }

    /// Whether the script finds everything in the page that only some of its functions use.
    pub fn extras(&self) -> Result<String, String> {
        match self.lacks_extras().as_slice() {
            [] => Ok(String::new()),
            missing => Err(missing.join(", ")),
        }
    }

    /// Whether the page is connected and has loaded.
    pub fn connection(&self) -> Result<String, String> {
        let [socket, mode] = [&self.socket, &self.mode].map(|state| state.as_deref().unwrap_or("–"));
        let found = format!("{socket} {mode}");
        if socket == "CONNECTED" && mode == "MAIN" && self.synced { Ok(found) } else { Err(found) }
    }

    /// The account it is linked to.
    pub fn account(&self) -> Result<String, String> {
        self.phone.clone().ok_or_else(String::new).map(|phone| format!("+{phone}"))
    }

    /// What the channel is doing, or nothing while the page is still loading. `was_online` tells a lost connection from a first one.
    pub fn state(&self, was_online: bool) -> Option<ChannelState> {
        if self.post_logout {
            return Some(ChannelState::LoggedOut);
        }
        if !self.missing.is_empty() {
            return None;
        }
        let action = |reason: &str| Some(ChannelState::ActionRequired { reason: reason.to_owned() });
        match self.socket.as_deref() {
            Some("CONFLICT") => return action("conflict"),
            Some("PROXYBLOCK") => return action("proxy_block"),
            Some("DEPRECATED_VERSION") => return action("deprecated_version"),
            Some("TOS_BLOCK" | "SMB_TOS_BLOCK") => {
                return Some(ChannelState::Restricted { reason: "tos_block".to_owned() });
            }
            _ => {}
        }
        let Some(phone) = &self.phone else {
            // Whatever the socket says meanwhile: only a person can go on.
            if self.passkey {
                return action("passkey");
            }
            return match self.socket.as_deref() {
                Some("PAIRING") => Some(ChannelState::Pairing),
                Some("UNPAIRED" | "UNPAIRED_IDLE") => Some(ChannelState::Unpaired),
                // Not yet known whether it is linked.
                _ => None,
            };
        };
        let connected = self.socket.as_deref() == Some("CONNECTED");
        if connected && self.synced && self.mode.as_deref() == Some("MAIN") {
            return match Phone::from_e164(phone) {
                Ok(phone) => Some(ChannelState::Online { phone }),
                Err(_) => action("account_number_unknown"),
            };
        }
        Some(if was_online && !connected { ChannelState::Reconnecting } else { ChannelState::Syncing })
    }
}

/// What an ack number means: 1 server, 2 delivered, 3 read, 4 played.
pub(super) const fn receipt(ack: i32) -> Option<Receipt> {
    match ack {
        1 => Some(Receipt::Sent),
        2 => Some(Receipt::Delivered),
        3.. => Some(Receipt::Read),
        _ => None,
    }
}

/// A call's answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T> {
    Ok(T),
    Error { code: String, message: String },
}

/// The key of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Addressed {
    pub key: String,
}

/// A code to type into a phone.
#[derive(Debug, Deserialize)]
pub(super) struct LinkingCode {
    pub code: String,
}

/// A file that was fetched.
#[derive(Debug, Deserialize)]
pub(super) struct FetchedFile {
    pub mime: String,
    #[serde(default)]
    pub name: Option<String>,
    pub base64: String,
}

/// The ack of a message; none where there is no such message.
#[derive(Debug, Deserialize)]
pub(super) struct Acked {
    pub ack: Option<i32>,
}

/// Why the server has refused a message.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    /// The account may not open new chats for now.
    pub new_chats: bool,
}

/// The expression that calls the bridge.
pub(super) fn call(name: &str, values: &[Value]) -> String {
    let arguments: String = values.iter().map(|value| format!(", {value}")).collect();
    format!("window.whatsmassive.call({}{arguments})", Value::from(name))
}

/// Reads a call's answer.
pub(super) fn answer<T: DeserializeOwned>(value: Value) -> Result<T, ChannelError> {
    match serde_json::from_value(value) {
        Ok(Answer::Ok(value)) => Ok(value),
        Ok(Answer::Error { code, .. }) if code == "not_on_whatsapp" => Err(ChannelError::NotOnWhatsApp),
        Ok(Answer::Error { code, message }) if code == "media_refused" => Err(ChannelError::MediaRefused(message)),
        Ok(Answer::Error { code, .. }) if code == "new_chats_restricted" => Err(ChannelError::NewChatsRestricted),
        Ok(Answer::Error { code, .. }) if code == "media_too_large" => Err(ChannelError::MediaTooLarge),
        Ok(Answer::Error { code, .. }) if ["media_gone", "no_media", "message_not_found"].contains(&code.as_str()) => {
            Err(ChannelError::MediaGone)
        }
        Ok(Answer::Error { code, message }) => Err(ChannelError::Page(format!("{code}: {message}"))),
        Err(error) => Err(ChannelError::Page(format!("the bridge's answer was not understood: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn linked(socket: &str, synced: bool, mode: &str) -> Snapshot {
        Snapshot {
            socket: Some(socket.to_owned()),
            synced,
            mode: Some(mode.to_owned()),
            phone: Some("573001234567".to_owned()),
            ..Snapshot::default()
        }
    }

    #[test]
    fn online_needs_connection_sync_and_main_together() {
        assert!(matches!(linked("CONNECTED", true, "MAIN").state(false), Some(ChannelState::Online { .. })));
        assert_eq!(linked("CONNECTED", false, "MAIN").state(false), Some(ChannelState::Syncing));
        assert_eq!(linked("CONNECTED", true, "SYNCING").state(true), Some(ChannelState::Syncing));
        assert_eq!(linked("TIMEOUT", true, "MAIN").state(true), Some(ChannelState::Reconnecting));
        assert_eq!(linked("OPENING", false, "SYNCING").state(false), Some(ChannelState::Syncing));
    }

    #[test]
    fn a_page_that_is_loading_has_no_state() {
        let loading = Snapshot { missing: vec!["WAWebCmd".to_owned()], ..Snapshot::default() };
        assert_eq!(loading.state(false), None);
        let opening = Snapshot { socket: Some("OPENING".to_owned()), ..Snapshot::default() };
        assert_eq!(opening.state(false), None);
    }

    #[test]
    fn losses_are_told_apart() {
        let without_link = |socket: &str| Snapshot { socket: Some(socket.to_owned()), ..Snapshot::default() };
        assert_eq!(without_link("UNPAIRED").state(false), Some(ChannelState::Unpaired));
        assert_eq!(without_link("UNPAIRED_IDLE").state(false), Some(ChannelState::Unpaired));
        assert_eq!(without_link("PAIRING").state(false), Some(ChannelState::Pairing));
        let asked = Snapshot { passkey: true, ..without_link("PAIRING") };
        assert_eq!(asked.state(false), Some(ChannelState::ActionRequired { reason: "passkey".to_owned() }));
        assert!(matches!(linked("CONFLICT", true, "MAIN").state(true), Some(ChannelState::ActionRequired { .. })));
        assert!(matches!(linked("TOS_BLOCK", true, "MAIN").state(true), Some(ChannelState::Restricted { .. })));
        let gone = Snapshot { post_logout: true, ..Snapshot::default() };
        assert_eq!(gone.state(true), Some(ChannelState::LoggedOut));
    }

    #[test]
    fn values_are_quoted_for_the_page() {
        assert_eq!(
            call("send", &[json!("k"), json!("a\"b\n</script>"), json!({ "kind": "image" }), Value::Null]),
            r#"window.whatsmassive.call("send", "k", "a\"b\n</script>", {"kind":"image"}, null)"#
        );
    }

    #[test]
    fn errors_keep_their_meaning() {
        let refused = json!({ "error": { "code": "media_refused", "message": "507" } });
        assert_eq!(answer::<Acked>(refused).unwrap_err(), ChannelError::MediaRefused("507".to_owned()));
        let value = json!({ "error": { "code": "not_on_whatsapp", "message": "" } });
        assert_eq!(answer::<Addressed>(value).unwrap_err(), ChannelError::NotOnWhatsApp);
        assert!(matches!(answer::<Addressed>(Value::Null), Err(ChannelError::Page(_))));
    }
}
