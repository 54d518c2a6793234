//! What a number sends at the most, as clients see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::Checks;
use crate::domain::pacing::{Caps, WarmUp};

/// The largest cap: more than a number can send.
const LIMIT: u32 = 100_000;

/// What a number sends at the most, over all pools and campaigns; null is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Caps)]
pub struct CapsView {
    /// In any minute, 1 to 100000.
    #[schema(required)]
    per_minute: Option<u32>,
    /// In any hour, 1 to 100000.
    #[schema(required)]
    per_hour: Option<u32>,
    /// In any 24 hours, 1 to 100000.
    #[schema(required)]
    per_day: Option<u32>,
    /// Chats opened in any 24 hours with people it never wrote to nor heard from, 1 to 100000.
    #[schema(required)]
    new_chats_per_day: Option<u32>,
    /// Less a day at first; null where the number is not new.
    #[schema(required)]
    warm_up: Option<WarmUpView>,
}

/// The first days of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WarmUp)]
pub struct WarmUpView {
    /// When the first day begins.
    since: DateTime<Utc>,
    /// Messages on the first day, 1 to 100000.
    first_day: u32,
    /// How many more on each further day, 1 to 100 per cent of the day before.
    growth_percent: u32,
}

impl CapsView {
    /// The caps; what is out of range is noted below `/caps`.
    pub(super) fn check(self, checks: &mut Checks) -> Caps {
        let caps = [
            ("per_minute", self.per_minute),
            ("per_hour", self.per_hour),
            ("per_day", self.per_day),
            ("new_chats_per_day", self.new_chats_per_day),
            ("warm_up/first_day", self.warm_up.map(|warm_up| warm_up.first_day)),
        ];
        for (name, cap) in caps {
            if cap.is_some_and(|cap| !(1..=LIMIT).contains(&cap)) {
                checks.reject(format!("/caps/{name}"), "out_of_range", format!("1–{LIMIT}"));
            }
        }
        if self.warm_up.is_some_and(|warm_up| !(1..=100).contains(&warm_up.growth_percent)) {
            checks.reject("/caps/warm_up/growth_percent", "out_of_range", "1–100");
        }
        Caps {
            per_minute: self.per_minute,
            per_hour: self.per_hour,
            per_day: self.per_day,
            new_chats_per_day: self.new_chats_per_day,
            warm_up: self.warm_up.map(|WarmUpView { since, first_day, growth_percent }| WarmUp {
                since,
                first_day,
                growth_percent,
            }),
        }
    }
}

impl From<Caps> for CapsView {
    fn from(caps: Caps) -> Self {
        Self {
            per_minute: caps.per_minute,
            per_hour: caps.per_hour,
            per_day: caps.per_day,
            new_chats_per_day: caps.new_chats_per_day,
            warm_up: caps.warm_up.map(|WarmUp { since, first_day, growth_percent }| WarmUpView {
                since,
                first_day,
                growth_percent,
            }),
        }
    }
}
