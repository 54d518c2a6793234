//! A row of the message ledger, and the only ways its state can change.
//!
//! ```text
//! planned ─→ queued ─→ sending ─→ sent ─→ delivered ─→ read
//!    │          ↑  │       ├──→ failed
//!    │          └──┼───────┤ (retry)
//!    │             │       ├──→ uncertain ──→ sent | queued (proved absent)
//!    └─────────────┴───────┴──→ suppressed, cancelled
//! ```
//! What was proved absent waits for its own session. When that is in none of the campaign's pools any more, it is uncertain again, for a
//! person to decide: only under a new id may another session send it.

use chrono::{DateTime, Utc};

use super::{
    failure::{Doubt, Failure, Retry},
    id::{CampaignId, DebtorId, MediaId, MessageId, SessionId},
    policy::Refusal,
    text_enum,
};

text_enum! {
    /// Where a message is in its life.
    pub enum MessageState {
        /// In the frozen audience.
        Planned = "planned",
        /// Held back for now by a rule, tried before, or proved not sent; to be tried (again).
        Queued = "queued",
        /// Claimed by a session. After a crash nobody knows whether it left.
        Sending = "sending",
        /// WhatsApp's server took it.
        Sent = "sent",
        /// It reached the debtor's phone.
        Delivered = "delivered",
        /// The debtor saw it.
        Read = "read",
        /// It will not be tried again; the reason says why.
        Failed = "failed",
        /// Held back by a rule; the reason says which.
        Suppressed = "suppressed",
        /// It may or may not have left. Never sent again automatically.
        Uncertain = "uncertain",
        /// The campaign was cancelled before it was sent.
        Cancelled = "cancelled",
    }
}

impl MessageState {
    /// Whether the engine has still something to do before the campaign can finish.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Queued | Self::Sending)
    }

    /// Whether a message may come from this state into `next`: the ways of the picture above, and no others. A receipt proves that a
    /// message has left wherever that was in doubt; what is held back, or stays in doubt, may be so once more for another reason.
    pub const fn may_become(self, next: Self) -> bool {
        use MessageState as S;
        match self {
            S::Planned => matches!(next, S::Queued | S::Sending | S::Failed | S::Suppressed | S::Cancelled),
            S::Queued => !matches!(next, S::Planned),
            S::Sending => !matches!(next, S::Planned | S::Sending),
            S::Uncertain => {
                matches!(next, S::Uncertain | S::Queued | S::Failed | S::Cancelled | S::Sent | S::Delivered | S::Read)
            }
            S::Sent => matches!(next, S::Delivered | S::Read),
            S::Delivered => matches!(next, S::Read),
            S::Read | S::Failed | S::Suppressed | S::Cancelled => false,
        }
    }
}

text_enum! {
    /// What WhatsApp reports of a message that it took, in the order of its life.
    pub enum Receipt {
        /// The server took it (ack 1).
        Sent = "sent",
        /// It reached the phone (ack 2).
        Delivered = "delivered",
        /// It was read or played (ack 3, 4).
        Read = "read",
    }
}

impl Receipt {
    /// The state a message has after this receipt.
    pub const fn state(self) -> MessageState {
        match self {
            Self::Sent => MessageState::Sent,
            Self::Delivered => MessageState::Delivered,
            Self::Read => MessageState::Read,
        }
    }

    /// The states this receipt moves forward. Receipts come in any order and more than once: a state never goes backwards, and
    /// one that comes before the settle, or for a message that is uncertain or waits to be tried again, proves that it was sent.
    pub const fn advances(self) -> &'static [MessageState] {
        use MessageState::{Delivered, Queued, Sending, Sent, Uncertain};
        match self {
            Self::Sent => &[Queued, Sending, Uncertain],
            Self::Delivered => &[Queued, Sending, Uncertain, Sent],
            Self::Read => &[Queued, Sending, Uncertain, Sent, Delivered],
        }
    }
}

/// How far a message has come on its way to the debtor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub state: MessageState,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
}

impl Delivery {
    /// Moves on by what WhatsApp reported at an instant; whether that was news. What comes before it on the way has happened by then.
    pub fn advance(&mut self, receipt: Receipt, at: DateTime<Utc>) -> bool {
        if !receipt.advances().contains(&self.state) {
            return false;
        }
        self.state = receipt.state();
        let instants = [&mut self.sent_at, &mut self.delivered_at, &mut self.read_at];
        for (_, instant) in Receipt::ALL.iter().zip(instants).filter(|(passed, _)| **passed <= receipt) {
            instant.get_or_insert(at);
        }
        true
    }
}

/// The id a message has on WhatsApp, chosen by us before it is sent, so that it can be looked up and is dropped if repeated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WireId(pub String);

impl WireId {
    /// A fresh id in the form WhatsApp Web gives its own: `3EB0` and 18 hexadecimal digits.
    pub fn random(rng: &mut impl rand::Rng) -> Self {
        use rand::RngExt as _;
        let tail: u128 = rng.random();
        Self(format!("3EB0{:018X}", tail & ((1 << 72) - 1)))
    }
}

impl std::fmt::Display for WireId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a message is uncertain that was proved absent: the session that could repeat its id is in none of the campaign's pools any more.
pub const SESSION_LEFT: &str = "session_left";
/// Why a message waits whose session WhatsApp restricts.
pub const SESSION_RESTRICTED: &str = "session_restricted";

/// How an attempt to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// WhatsApp's server took it.
    Sent,
    /// It certainly did not leave; another attempt may succeed.
    Retry(Failure),
    /// It certainly did not leave, because WhatsApp restricts the session: it waits for that session and is no other's.
    Hold,
    /// It certainly did not leave and never will, for example because the number is not on WhatsApp.
    Failed(Failure),
    /// Nobody knows whether it left.
    Uncertain(Doubt),
    /// It certainly did not leave: since its claim the debtor may not be written to any more.
    Suppressed(Refusal),
}

impl Settlement {
    /// Whether the attempt is one of those that a message has: it may have failed because of the message.
    pub fn counts(&self) -> bool {
        match self {
            Self::Retry(failure) => failure.cause.retry() != Retry::Always,
            Self::Hold => false,
            Self::Sent | Self::Failed(_) | Self::Uncertain(_) | Self::Suppressed(_) => true,
        }
    }
}

text_enum! {
    /// What a person has found out about an uncertain message.
    pub enum Finding {
        /// It arrived.
        Arrived = "arrived",
        /// It did not arrive: any session of the pool may send it, as a new message.
        SendAgain = "send_again",
    }
}

/// One thing that happened to a message. The ledger keeps them as one line of text each, so that adding one is part of the very
/// statement that changes the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    pub at: DateTime<Utc>,
    /// The state from then on.
    pub state: MessageState,
    /// The session it has to do with.
    pub session_id: Option<SessionId>,
    /// Why, or by whom: a stable code, perhaps followed by `: detail`.
    pub reason: Option<String>,
}

impl Happening {
    /// What happens now, without a session or a reason.
    pub const fn new(at: DateTime<Utc>, state: MessageState) -> Self {
        Self { at, state, session_id: None, reason: None }
    }

    /// The line, with its end.
    pub fn line(&self) -> String {
        let session = self.session_id.map(|id| id.0.to_string()).unwrap_or_default();
        let reason = self.reason.as_deref().unwrap_or_default().replace(char::is_control, " ");
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        format!("{at}\t{}\t{session}\t{reason}\n", self.state)
    }

    /// All lines, oldest first; a line that is none is left out.
    pub fn read(lines: &str) -> Vec<Self> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        lines
            .lines()
            .filter_map(|line| {
                let mut parts = line.split('\t');
                Some(Self {
                    at: DateTime::parse_from_rfc3339(parts.next()?).ok()?.to_utc(),
                    state: parts.next()?.parse().ok()?,
                    session_id: parts.next()?.parse().ok().map(SessionId),
                    reason: some(parts.next()?),
                })
            })
            .collect()
    }
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub campaign_id: CampaignId,
    /// 0 is the campaign's first message; see [`Steps`](super::campaign::Steps).
    pub step: usize,
    pub debtor_id: DebtorId,
    pub state: MessageState,
    /// Why it failed, was suppressed or is uncertain; a stable code such as `not_on_whatsapp`, perhaps followed by `: detail`.
    pub reason: Option<String>,
    /// The text as sent; none before the first claim.
    pub body: Option<String>,
    /// The file it carries.
    pub media_id: Option<MediaId>,
    /// The session that sends or sent it.
    pub session_id: Option<SessionId>,
    pub wire_id: Option<WireId>,
    /// Attempts begun so far, without those that say nothing of the message, such as one through a session that was offline.
    pub attempts: u32,
    /// Not to be claimed before this instant.
    pub due_at: DateTime<Utc>,
    /// When the text that may have reached the debtor was handed to the session; none once it is certain that it did not leave.
    pub claimed_at: Option<DateTime<Utc>>,
    /// All that happened to it since it was planned, oldest first.
    pub history: Vec<Happening>,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub read_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// How many of a campaign's messages are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageCounts(std::collections::BTreeMap<MessageState, u64>);

impl MessageCounts {
    /// The number in `state`.
    pub fn get(&self, state: MessageState) -> u64 {
        self.0.get(&state).copied().unwrap_or(0)
    }

    /// All messages.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Messages that are still to be sent or settled.
    pub fn open(&self) -> u64 {
        self.0.iter().filter(|(state, _)| state.is_open()).map(|(_, n)| n).sum()
    }
}

impl FromIterator<(MessageState, u64)> for MessageCounts {
    fn from_iter<I: IntoIterator<Item = (MessageState, u64)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_state_is_reached_and_open_ones_go_on() {
        for &state in MessageState::ALL {
            let reached = MessageState::ALL.iter().any(|before| *before != state && before.may_become(state));
            assert_eq!(reached, state != MessageState::Planned, "{state}");
            let goes_on = MessageState::ALL.iter().any(|next| *next != state && state.may_become(*next));
            assert!(goes_on || !state.is_open(), "{state}");
        }
    }

    proptest! {
        #[test]
        fn receipts_in_any_order_and_number_lead_to_the_furthest(
            first in 0..MessageState::ALL.len(), receipts in proptest::collection::vec(0..3_usize, 1..8),
        ) {
            let first = MessageState::ALL[first];
            let before = Delivery { state: first, sent_at: None, delivered_at: None, read_at: None };
            let mut delivery = before;
            for (receipt, second) in receipts.iter().map(|at| Receipt::ALL[*at]).zip(1..) {
                let state = delivery.state;
                let is_news = delivery.advance(receipt, DateTime::from_timestamp(second, 0).unwrap());
                prop_assert_eq!(is_news, delivery.state != state);
                prop_assert!(!is_news || state.may_become(delivery.state), "{state} → {}", delivery.state);
            }
            let furthest = receipts.iter().map(|at| Receipt::ALL[*at]).max().unwrap();
            if furthest.advances().contains(&first) {
                prop_assert_eq!(delivery.state, furthest.state());
            } else {
                prop_assert_eq!(delivery, before, "nothing comes back from where it ended");
            }
            let instants = [delivery.sent_at, delivery.delivered_at, delivery.read_at];
            prop_assert!(instants.is_sorted_by_key(|at| at.is_none()), "no instant is missing before one that is there");
        }

        #[test]
        fn nothing_is_sent_twice_or_taken_back_on_any_lawful_path(
            wishes in proptest::collection::vec(0..MessageState::ALL.len(), 0..40),
        ) {
            use MessageState::{Delivered, Planned, Queued, Read, Sending, Sent, Uncertain};
            let mut path = vec![Planned];
            for wish in wishes.into_iter().map(|at| MessageState::ALL[at]) {
                if path.last().unwrap().may_become(wish) {
                    path.push(wish);
                }
            }
            for (at, state) in path.iter().enumerate() {
                let (before, after) = (&path[..at], &path[at + 1..]);
                match state {
                    Planned => prop_assert!(before.is_empty(), "it is planned once: {path:?}"),
                    Sent | Delivered | Read => {
                        prop_assert!(before.contains(&Sending) || before.contains(&Queued));
                        prop_assert!(after.is_sorted() && after.iter().all(|next| next > state), "{path:?}");
                    }
                    Uncertain => prop_assert!(after.first().is_none_or(|next| *next != Sending), "{path:?}"),
                    Queued | Sending => {}
                    _ => prop_assert!(after.is_empty(), "it has ended: {path:?}"),
                }
            }
        }

        #[test]
        fn what_happened_is_read_as_it_was_written(
            states in proptest::collection::vec(0..MessageState::ALL.len(), 0..5), session in proptest::option::of(1..99_i64),
            reason in proptest::option::of("[^\\pC]{1,40}"), millis in 0..4_000_000_000_000_i64,
        ) {
            let happenings: Vec<Happening> = states.into_iter().map(|state| Happening {
                at: DateTime::from_timestamp_millis(millis).unwrap(),
                state: MessageState::ALL[state],
                session_id: session.map(SessionId),
                reason: reason.clone(),
            }).collect();
            let lines: String = happenings.iter().map(Happening::line).collect();
            prop_assert_eq!(Happening::read(&lines), happenings);
        }

        #[test]
        fn no_reason_breaks_out_of_its_line(reason in ".{0,60}") {
            let happening = Happening { reason: Some(reason), ..Happening::new(DateTime::UNIX_EPOCH, MessageState::Failed) };
            prop_assert_eq!(happening.line().lines().count(), 1);
            prop_assert_eq!(Happening::read(&happening.line()).len(), 1);
        }
    }
}
