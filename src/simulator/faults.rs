//! What the simulator can be told to do wrong.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::world::digits;

/// Faults and timings, all off or quick by default. Those that count are used up one message at a time. A phone may have its own in
/// place of the general ones; what goes wrong before a page says whose it is, or with people who are written to, is always general:
/// `ref_ms`, `refs`, `not_on_whatsapp`, `lid_chats`, `hide_numbers`, `missing_modules` and `garbage`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// How long a QR ref is shown before the next one, in milliseconds.
    pub ref_ms: u64,
    /// How many refs are shown before the page goes idle.
    pub refs: u32,
    /// How long a linked page loads, in milliseconds.
    pub sync_ms: u64,
    /// How long the server takes to accept a message, in milliseconds.
    pub sent_ms: u64,
    /// From then until it is delivered, in milliseconds.
    pub delivered_ms: u64,
    /// From then until it is read, in milliseconds.
    pub read_ms: u64,
    /// Phones, as digits, that are not on WhatsApp; read in any form.
    #[serde(deserialize_with = "numbers")]
    pub not_on_whatsapp: BTreeSet<String>,
    /// Asking whether a number is on WhatsApp ends in an error.
    pub exists_error: bool,
    /// Files that a page uploads are refused.
    pub media_error: bool,
    /// Files that a page downloads are not there any more.
    pub media_gone: bool,
    /// Chats have `@lid` ids.
    pub lid_chats: bool,
    /// Nobody tells a page whose number a `@lid` id hides.
    pub hide_numbers: bool,
    /// The next messages are refused.
    pub refuse: u32,
    /// Messages to people who were never written to are refused (error 463).
    pub restrict_new_chats: bool,
    /// The next messages arrive, and nothing is told of them until the page asks again.
    pub lose_answer: u32,
    /// No receipt after the first is told.
    pub lose_receipts: bool,
    /// Receipts are told twice.
    pub repeat_receipts: bool,
    /// "Read" is told before "delivered".
    pub reorder_receipts: bool,
    /// The page reloads at the next messages, before they arrive.
    pub reload_before: u32,
    /// The page reloads at the next messages, after they have arrived.
    pub reload_after: u32,
    /// The page stops answering at the next messages, before they arrive, and stays so until it is closed.
    pub hang_before: u32,
    /// Modules that the page lacks from the next time it is loaded, as after a change by WhatsApp.
    pub missing_modules: BTreeSet<String>,
    /// The server answers with something else than the page.
    pub garbage: bool,
    /// Linked pages are in this socket state, for example `CONFLICT`, `TIMEOUT` or `TOS_BLOCK`; none: connected.
    pub socket_state: Option<String>,
    /// Pages lose their connection and get none until this is off again.
    pub offline: bool,
    /// Whoever scans a code, or types one, is asked for a passkey, and the page with them; they are linked once this is off again.
    pub passkey: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            // WhatsApp shows the first ref for 60 s and five more for 20 s each.
            ref_ms: 20_000,
            refs: 6,
            sync_ms: 300,
            sent_ms: 60,
            delivered_ms: 400,
            read_ms: 900,
            not_on_whatsapp: BTreeSet::new(),
            exists_error: false,
            media_error: false,
            media_gone: false,
            lid_chats: false,
            hide_numbers: false,
            refuse: 0,
            restrict_new_chats: false,
            lose_answer: 0,
            lose_receipts: false,
            repeat_receipts: false,
            reorder_receipts: false,
            reload_before: 0,
            reload_after: 0,
            hang_before: 0,
            missing_modules: BTreeSet::new(),
            garbage: false,
            socket_state: None,
            offline: false,
            passkey: false,
        }
    }
}

fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    let numbers = BTreeSet::<String>::deserialize(deserializer)?;
    numbers.iter().map(|number| digits(number).map_err(D::Error::custom)).collect()
}

/// Takes one of a fault that counts; whether there was one left.
pub(super) fn take(count: &mut u32) -> bool {
    let left = *count > 0;
    *count = count.saturating_sub(1);
    left
}
