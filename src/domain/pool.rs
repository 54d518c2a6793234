//! A pool: sessions that share the sending of campaigns, and how they take turns.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    id::{PoolId, SessionId},
    text_enum,
};

text_enum! {
    /// Who sends the next message.
    pub enum Strategy {
        /// Whichever session is free; longest idle first.
        Competitive = "competitive",
        /// Members in their order, `turn_size` messages each.
        FixedTurns = "fixed_turns",
        /// A fresh shuffle of the members each round, one turn of `turn_size` each.
        RandomTurns = "random_turns",
    }
}

/// How many messages a member sends in one turn, 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnSize(u16);

/// A turn of no message, or of more than [`TurnSize::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a turn has 1 to {} messages", TurnSize::MAX)]
pub struct TurnSizeError;

impl TurnSize {
    /// The largest turn.
    pub const MAX: u16 = 1000;
    /// One message a turn.
    pub const ONE: Self = Self(1);

    /// A turn of `messages`.
    pub fn new(messages: i64) -> Result<Self, TurnSizeError> {
        match u16::try_from(messages) {
            Ok(n) if (1..=Self::MAX).contains(&n) => Ok(Self(n)),
            _ => Err(TurnSizeError),
        }
    }

    /// The number of messages.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// How long a turn waits for a member that lost its connection before it passes on, 0 to 3,600 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace(u16);

/// A grace time that is negative or longer than [`Grace::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a turn waits 0 to {} seconds", Grace::MAX)]
pub struct GraceError;

impl Grace {
    /// The longest, in seconds.
    pub const MAX: u16 = 3600;

    /// A grace time of some seconds.
    pub fn new(seconds: i64) -> Result<Self, GraceError> {
        match u16::try_from(seconds) {
            Ok(seconds) if seconds <= Self::MAX => Ok(Self(seconds)),
            _ => Err(GraceError),
        }
    }

    /// The number of seconds.
    pub const fn seconds(self) -> u16 {
        self.0
    }

    /// The time.
    pub fn span(self) -> TimeDelta {
        TimeDelta::seconds(self.0.into())
    }
}

impl Default for Grace {
    /// One minute, product policy: a restart of a browser takes a few seconds, so a member that is only restarting keeps its turn.
    fn default() -> Self {
        Self(60)
    }
}

/// How much longer than others' a member's turns are, 1 to 10 times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight(u16);

/// A weight of 0, or of more than [`Weight::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a member's weight is 1 to {}", Weight::MAX)]
pub struct WeightError;

impl Weight {
    /// The most.
    pub const MAX: u16 = 10;
    /// Turns as long as the pool says.
    pub const ONE: Self = Self(1);

    /// Turns that many times as long.
    pub fn new(times: i64) -> Result<Self, WeightError> {
        match u16::try_from(times) {
            Ok(times) if (1..=Self::MAX).contains(&times) => Ok(Self(times)),
            _ => Err(WeightError),
        }
    }

    /// How many times.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The messages of one turn, at most 10,000.
    pub const fn turn(self, size: TurnSize) -> u16 {
        self.0 * size.0
    }
}

/// A session's place in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    pub session: SessionId,
    /// Without effect in a competitive pool, which has no turns.
    pub weight: Weight,
}

impl From<SessionId> for Membership {
    fn from(session: SessionId) -> Self {
        Self { session, weight: Weight::ONE }
    }
}

/// How the members of a pool take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub strategy: Strategy,
    pub turn_size: TurnSize,
    pub grace: Grace,
}

/// A pool as stored, its members in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    pub id: PoolId,
    /// Unique, chosen by a person.
    pub name: String,
    pub strategy: Strategy,
    pub turn_size: TurnSize,
    pub grace: Grace,
    /// Whether a debtor stays with the member that has written to them or heard from them, out of turn if need be.
    pub sticky: bool,
    /// In the order of their turns, without repeats.
    pub members: Vec<Membership>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Pool {
    /// How its members take turns.
    pub const fn rules(&self) -> Rules {
        Rules { strategy: self.strategy, turn_size: self.turn_size, grace: self.grace }
    }

    /// Its members' sessions.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.members.iter().map(|member| member.session)
    }
}
