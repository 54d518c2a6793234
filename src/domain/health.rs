//! How a session's parts are, what they use, and what was seen when it broke.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::text_enum;

/// What a session's channel uses of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory that is its own, and its share of what it has in common with others.
    pub memory_bytes: u64,
    /// Processor time since it was opened.
    pub cpu: Duration,
    pub processes: u32,
}

text_enum! {
    /// What a check asks for a sign of life, from the outside in.
    pub enum Part {
        /// The browser's process answers.
        Browser = "browser",
        /// The page runs our script.
        Page = "page",
        /// The page has every module that we use.
        Bridge = "bridge",
        /// The page has every module that only some things need: files, hidden numbers, codes that are typed.
        Extras = "extras",
        /// The page is connected to WhatsApp, and has loaded.
        Connection = "connection",
        /// The page is linked to an account.
        Account = "account",
    }
}

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub part: Part,
    pub is_fine: bool,
    /// What was found, for those who repair: a version, a state, an error. No personal data but the account's own number.
    pub found: String,
    pub took: Duration,
}

impl Probe {
    /// A part's answer, and how long it took.
    pub fn new(part: Part, answer: Result<String, String>, took: Duration) -> Self {
        let (is_fine, found) = match answer {
            Ok(found) => (true, found),
            Err(found) => (false, found),
        };
        Self { part, is_fine, found, took }
    }
}

/// What was seen when a session broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    pub at: DateTime<Utc>,
    /// A stable code, and more after a colon.
    pub reason: String,
    /// The last lines of the page's console, oldest first.
    pub console: Vec<String>,
    /// The page, as a JPEG, if it could still be seen.
    pub picture: Option<Vec<u8>>,
}
