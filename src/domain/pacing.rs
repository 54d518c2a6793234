//! How long a session rests between two messages.

use std::time::Duration;

use rand::{Rng, RngExt};

/// The pause after a message, drawn evenly from `min..=max`. This is rate limiting, not disguise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DelayRange {
    min_ms: u32,
    max_ms: u32,
}

/// A range whose ends are the wrong way round, or which is longer than an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DelayRangeError {
    #[error("the shortest delay is longer than the longest")]
    Reversed,
    #[error("a delay is at most {} ms", DelayRange::LIMIT_MS)]
    TooLong,
}

impl DelayRange {
    /// The longest delay accepted, in milliseconds: one hour.
    pub const LIMIT_MS: u32 = 3_600_000;

    /// A range in milliseconds.
    pub fn new(min_ms: u32, max_ms: u32) -> Result<Self, DelayRangeError> {
        if max_ms > Self::LIMIT_MS {
            return Err(DelayRangeError::TooLong);
        }
        if min_ms > max_ms {
            return Err(DelayRangeError::Reversed);
        }
        Ok(Self { min_ms, max_ms })
    }

    /// The shortest pause, in milliseconds.
    pub const fn min_ms(self) -> u32 {
        self.min_ms
    }

    /// The longest pause, in milliseconds.
    pub const fn max_ms(self) -> u32 {
        self.max_ms
    }

    /// One pause out of the range.
    pub fn draw(self, rng: &mut impl Rng) -> Duration {
        Duration::from_millis(rng.random_range(self.min_ms..=self.max_ms).into())
    }
}

impl Default for DelayRange {
    /// 4 to 9 seconds, product policy: about 9 messages a minute a number.
    fn default() -> Self {
        Self { min_ms: 4_000, max_ms: 9_000 }
    }
}
