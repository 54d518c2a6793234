//! Why an attempt to send came to nothing, and what that says about the next one.

use super::{message::Settlement, text_enum};

text_enum! {
    /// Why a message certainly did not leave.
    pub enum Cause {
        /// Nobody has WhatsApp under the number.
        NotOnWhatsApp = "not_on_whatsapp",
        /// WhatsApp's server did not take the message, and does not say why.
        Rejected = "refused_by_whatsapp",
        /// WhatsApp did not take the file.
        MediaRefused = "media_refused",
        /// The file is not kept any more.
        MediaMissing = "media_missing",
        /// The database did not give the file.
        MediaNotRead = "media_not_read",
        /// The session is not online.
        SessionDown = "session_not_online",
        /// The chat could not be opened, or not in time.
        ChatNotFound = "chat_not_found",
        /// The debtor had written before it was known who they are: what they wrote counts first.
        HadWritten = "had_written",
        /// What the debtor had written could not be read.
        TextsNotRead = "texts_not_read",
        /// The database did not take the message's key.
        KeyNotStored = "key_not_stored",
        /// Another server may send by now.
        LeaseExpired = "lease_expired",
        /// It was looked up and was not there, however often it was handed to WhatsApp's page.
        NeverLeft = "never_left",
    }
}

impl Cause {
    /// Whether there is another attempt after this one.
    pub const fn retry(self) -> Retry {
        match self {
            Self::NotOnWhatsApp | Self::MediaMissing | Self::NeverLeft => Retry::Never,
            Self::SessionDown | Self::HadWritten | Self::TextsNotRead | Self::KeyNotStored | Self::LeaseExpired => {
                Retry::Always
            }
            Self::Rejected | Self::MediaRefused | Self::MediaNotRead | Self::ChatNotFound => Retry::Limited,
        }
    }
}

/// Whether there is another attempt after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail too.
    Never,
    /// Up to the limit that messages have.
    Limited,
    /// However often this happens: it says nothing of the message, and the attempt does not count.
    Always,
}

/// A message certainly did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub cause: Cause,
    /// What there is to add, without personal data.
    pub detail: Option<String>,
}

impl Failure {
    /// With something to add.
    pub fn with(cause: Cause, detail: impl std::fmt::Display) -> Self {
        Self { cause, detail: Some(detail.to_string()) }
    }

    /// What becomes of the message: WhatsApp may restrict the session by now, and the attempt may have been the last one.
    pub fn settle(self, is_restricted: bool, is_last: bool) -> Settlement {
        match self.cause.retry() {
            Retry::Never => Settlement::Failed(self),
            // Whatever was refused to a session that is restricted is not handed on to its siblings.
            Retry::Limited | Retry::Always if is_restricted => Settlement::Hold,
            Retry::Limited if is_last => Settlement::Failed(self),
            Retry::Limited | Retry::Always => Settlement::Retry(self),
        }
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, detail: None }
    }
}

/// As the ledger keeps it.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            None => write!(f, "{}", self.cause),
            Some(detail) => write!(f, "{}: {detail}", self.cause),
        }
    }
}

text_enum! {
    /// Why nobody knows whether a message left.
    pub enum Doubt {
        /// WhatsApp's server did not say that it has it.
        NoAck = "ack_missing",
        /// WhatsApp's page did not answer in time.
        TimedOut = "timed_out",
        /// WhatsApp's page had an error, perhaps after it had stored the message.
        PageError = "page_error",
        /// The session went offline meanwhile.
        SessionDown = "session_not_online",
        /// The browser ended meanwhile.
        BrowserExited = "browser_exited",
        /// Our server ended meanwhile.
        ServerStopped = "server_stopped",
        /// Our server had an error meanwhile, or the database did not say whether it had taken the claim.
        ServerError = "server_error",
        /// The session was linked anew since: what it had sent before, and whether, no page of it knows any more.
        LinkedAnew = "session_linked_anew",
    }
}

impl Doubt {
    /// Whether the attempt counts, once it is certain that the message has not left: the message itself may be the reason.
    pub const fn counts(self) -> bool {
        match self {
            Self::NoAck | Self::TimedOut | Self::PageError | Self::BrowserExited | Self::ServerError => true,
            Self::SessionDown | Self::ServerStopped | Self::LinkedAnew => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_tried_again_as_its_cause_says() {
        for &cause in Cause::ALL {
            let failure = || Failure::from(cause);
            let (again, failed) = (Settlement::Retry(failure()), Settlement::Failed(failure()));
            let [first, last, restricted] = match cause.retry() {
                Retry::Never => [&failed, &failed, &failed],
                Retry::Limited => [&again, &failed, &Settlement::Hold],
                Retry::Always => [&again, &again, &Settlement::Hold],
            };
            assert_eq!(&failure().settle(false, false), first, "{cause}");
            assert_eq!(&failure().settle(false, true), last, "{cause}");
            assert_eq!(&failure().settle(true, false), restricted, "{cause}");
            assert_eq!(&failure().settle(true, true), restricted, "{cause}");
        }
    }

    #[test]
    fn the_ledger_keeps_the_cause_and_what_there_is_to_add() {
        assert_eq!(Failure::from(Cause::Rejected).to_string(), "refused_by_whatsapp");
        assert_eq!(Failure::with(Cause::ChatNotFound, "no answer: 30s").to_string(), "chat_not_found: no answer: 30s");
    }
}
