//! How fast a session may send: the rest after each message, and its caps. This is rate limiting, not disguise.

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

/// The pause after a message, drawn evenly from `min..=max`.
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

/// How many messages a session sends at the most, over all pools and campaigns; none is no limit. Minutes, hours and days are those
/// just past, not those of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Caps {
    pub per_minute: Option<u32>,
    pub per_hour: Option<u32>,
    pub per_day: Option<u32>,
    /// Chats opened a day with people that the session never wrote to and never heard from: what WhatsApp watches most.
    pub new_chats_per_day: Option<u32>,
    /// A new number begins with less a day.
    pub warm_up: Option<WarmUp>,
}

/// The first days of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmUp {
    /// When the first day begins.
    pub since: DateTime<Utc>,
    /// Messages on the first day, 1 or more.
    pub first_day: u32,
    /// How many more on each further day, in per cent of the day before, 1 to 100.
    pub growth_percent: u32,
}

impl WarmUp {
    /// Messages on the day that `now` is in, counted from the first.
    pub fn per_day(&self, now: DateTime<Utc>) -> u32 {
        let days = (now - self.since).num_days().clamp(0, 365);
        let grown = (0..days).try_fold(u64::from(self.first_day), |cap, _| {
            let next = cap + (cap * u64::from(self.growth_percent) / 100).max(1);
            (next < u64::from(u32::MAX)).then_some(next)
        });
        grown.and_then(|cap| u32::try_from(cap).ok()).unwrap_or(u32::MAX)
    }
}

impl Caps {
    /// No limit.
    pub const NONE: Self =
        Self { per_minute: None, per_hour: None, per_day: None, new_chats_per_day: None, warm_up: None };

    /// Messages a day, of which a number that warms up may send fewer.
    fn of_a_day(&self, now: DateTime<Utc>) -> Option<u32> {
        self.per_day.into_iter().chain(self.warm_up.map(|warm_up| warm_up.per_day(now))).min()
    }

    /// What a session may send in a day, and what is left of that after so many messages and new chats, if each further message opens a
    /// chat; none if there is no limit.
    pub fn allowance(&self, (messages, chats): (u32, u32), now: DateTime<Utc>) -> Option<(u32, u32)> {
        let caps = [(self.of_a_day(now), messages), (self.new_chats_per_day, chats)];
        let caps = caps.into_iter().filter_map(|(cap, used)| cap.map(|cap| (cap, cap.saturating_sub(used))));
        caps.reduce(|one, other| (one.0.min(other.0), one.1.min(other.1)))
    }
}

impl Default for Caps {
    /// 1,000 messages and 300 new chats a day, product policy: what a careful operator asks of a number that is in good standing.
    fn default() -> Self {
        Self { per_day: Some(1_000), new_chats_per_day: Some(300), ..Self::NONE }
    }
}

/// What a session has sent over the last day.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// In order.
    sent: VecDeque<Sent>,
}

/// What was sent within a second; its instant is that of the last message.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: DateTime<Utc>,
    messages: u32,
    chats: u32,
}

const DAY: TimeDelta = TimeDelta::days(1);

impl Usage {
    /// Counts a message.
    pub fn record(&mut self, at: DateTime<Utc>, new_chat: bool) {
        while self.sent.front().is_some_and(|oldest| at - oldest.at >= DAY) {
            self.sent.pop_front();
        }
        // Clocks may be put back; the order stays.
        let at = self.sent.back().map_or(at, |last| at.max(last.at));
        match self.sent.back_mut().filter(|last| last.at.timestamp() == at.timestamp()) {
            Some(last) => {
                *last = Sent { at, messages: last.messages + 1, chats: last.chats + u32::from(new_chat) };
            }
            None => self.sent.push_back(Sent { at, messages: 1, chats: new_chat.into() }),
        }
    }

    /// Until when the caps keep the session from sending, if they do at `now`. The cap on new chats holds every message back, since
    /// nearly all of a campaign's open one.
    pub fn capped_until(&self, caps: &Caps, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let per_day = caps.of_a_day(now);
        [
            self.full_until(caps.per_minute, TimeDelta::minutes(1), now, |sent| sent.messages),
            self.full_until(caps.per_hour, TimeDelta::hours(1), now, |sent| sent.messages),
            self.full_until(per_day, DAY, now, |sent| sent.messages),
            self.full_until(caps.new_chats_per_day, DAY, now, |sent| sent.chats),
        ]
        .into_iter()
        .flatten()
        .max()
    }

    /// When the oldest message leaves a window that is full.
    fn full_until(
        &self,
        cap: Option<u32>,
        window: TimeDelta,
        now: DateTime<Utc>,
        count: impl Fn(&Sent) -> u32,
    ) -> Option<DateTime<Utc>> {
        let cap = cap?;
        // The message that has to leave the window is the cap-th from the end.
        let mut from_the_end = 0;
        let mut reaches_cap = |sent: &&Sent| {
            from_the_end += count(sent);
            from_the_end >= cap
        };
        let blocking = if cap == 0 { now } else { self.sent.iter().rev().find(&mut reaches_cap)?.at };
        Some(blocking + window).filter(|until| *until > now)
    }

    /// Messages sent in the day before `now`, and chats opened.
    pub fn today(&self, now: DateTime<Utc>) -> (u32, u32) {
        let today = self.sent.iter().filter(|sent| now - sent.at < DAY);
        today.fold((0, 0), |(messages, chats), sent| (messages + sent.messages, chats + sent.chats))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn what_is_left_of_a_day_is_what_every_cap_leaves() {
        let caps = Caps { per_day: Some(100), new_chats_per_day: Some(30), ..Caps::NONE };
        assert_eq!(caps.allowance((10, 10), at(0)), Some((30, 20)));
        assert_eq!(caps.allowance((95, 10), at(0)), Some((30, 5)));
        assert_eq!(caps.allowance((200, 0), at(0)), Some((30, 0)));
        let warm_up = Some(WarmUp { since: at(0), first_day: 20, growth_percent: 50 });
        assert_eq!(Caps { warm_up, ..caps }.allowance((0, 0), at(0)), Some((20, 20)));
        assert_eq!(Caps { per_minute: Some(1), ..Caps::NONE }.allowance((9, 9), at(0)), None);
    }

    #[test]
    fn each_cap_holds_over_its_window() {
        let mut usage = Usage::default();
        for second in [0, 10, 20] {
            usage.record(at(second), second == 0);
        }
        let until = |caps: Caps| usage.capped_until(&caps, at(30));
        assert_eq!(until(Caps::NONE), None);
        assert_eq!(until(Caps { per_minute: Some(3), ..Caps::NONE }), Some(at(60)));
        assert_eq!(until(Caps { per_minute: Some(2), ..Caps::NONE }), Some(at(70)), "the second from the end blocks");
        assert_eq!(until(Caps { per_minute: Some(4), ..Caps::NONE }), None);
        assert_eq!(until(Caps { per_hour: Some(3), per_minute: Some(1), ..Caps::NONE }), Some(at(3_600)));
        assert_eq!(until(Caps { new_chats_per_day: Some(1), ..Caps::NONE }), Some(at(86_400)));
        assert_eq!(usage.today(at(30)), (3, 1));
        for millis in [100, 300, 900] {
            usage.record(at(30) + TimeDelta::milliseconds(millis), false);
        }
        assert_eq!((usage.sent.len(), usage.today(at(31))), (4, (6, 1)), "a second is one entry");
        let full = Caps { per_minute: Some(2), ..Caps::NONE };
        assert_eq!(usage.capped_until(&full, at(31)), Some(at(90) + TimeDelta::milliseconds(900)));
    }

    #[test]
    fn a_warm_up_grows_day_by_day_up_to_the_full_cap() {
        let warm_up = WarmUp { since: at(0), first_day: 20, growth_percent: 50 };
        let day = |days: i64| warm_up.per_day(at(days * 86_400));
        assert_eq!([day(-3), day(0), day(1), day(2)], [20, 20, 30, 45]);
        assert_eq!(day(300), u32::MAX);
        let slow = WarmUp { first_day: 1, growth_percent: 1, ..warm_up };
        assert_eq!(slow.per_day(at(10 * 86_400)), 11, "it always grows");
        let mut usage = Usage::default();
        (0..20).for_each(|second| usage.record(at(second), false));
        let caps = Caps { per_day: Some(1_000), warm_up: Some(warm_up), ..Caps::NONE };
        assert_eq!(usage.capped_until(&caps, at(60)), Some(at(86_400)));
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_cap(cap in 1..6_u32, pauses in proptest::collection::vec(0..40_i64, 1..60)) {
            let caps = Caps { per_minute: Some(cap), ..Caps::NONE };
            let (mut usage, mut now, mut sent) = (Usage::default(), at(0), Vec::new());
            for pause in pauses {
                now += TimeDelta::seconds(pause);
                match usage.capped_until(&caps, now) {
                    Some(until) => {
                        prop_assert!(until > now);
                        prop_assert_eq!(usage.capped_until(&caps, until), None);
                    }
                    None => {
                        usage.record(now, false);
                        sent.push(now);
                    }
                }
            }
            for last in &sent {
                let window = sent.iter().filter(|at| **at <= *last && *last - **at < TimeDelta::minutes(1)).count();
                prop_assert!(window <= cap as usize);
            }
        }
    }
}
