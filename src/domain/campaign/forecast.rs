//! How fast a campaign sends, and when it will have sent all: an estimate from what has left lately, its hours, and what its numbers may
//! send in a day.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{CampaignStatus, Plan};
use crate::domain::{hours::Hours, text_enum};

/// What is known of a campaign that sends.
#[derive(Debug, Clone, Copy)]
pub struct Outlook<'a> {
    pub status: CampaignStatus,
    pub plan: &'a Plan,
    /// The hours of the contact policy, on the clocks of those who were written to lately.
    pub hours: &'a Hours,
    pub clocks: &'a [Tz],
    /// When messages of it left, the newest first, over [`MEMORY`] or as far back as was looked.
    pub departures: &'a [DateTime<Utc>],
    /// Messages that are still to leave, those of follow-ups that are planned already too.
    pub open: u64,
    /// When the first and the last of them become due.
    pub due: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What its numbers may send by their caps; none where one of them has none.
    pub allowance: Option<Allowance>,
}

/// What numbers may send together in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub per_day: u64,
    /// What is left of it today.
    pub left: u64,
}

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Messages a minute, over the time that it was open lately; none where too few have left.
    pub per_minute: Option<f64>,
    pub end: Result<End, Unknown>,
}

/// When a campaign will have sent all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    pub at: DateTime<Utc>,
    /// What will not have left by then, where its plan ends it before; about.
    pub unsent: u64,
}

/// Why nobody can say, and until when that is so, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown {
    pub why: WhyUnknown,
    pub until: Option<DateTime<Utc>>,
}

text_enum! {
    /// Why nobody can say when a campaign will have sent all.
    pub enum WhyUnknown {
        /// It does not run.
        NotRunning = "not_running",
        /// Nothing is left to send.
        NothingLeft = "nothing_left",
        /// It is outside of its hours, and nothing has left lately.
        Closed = "closed",
        /// Everything waits for a time that is still to come.
        Held = "held",
        /// Too few messages have left lately.
        TooFew = "too_few",
        /// It would take longer than a year.
        TooFar = "too_far",
    }
}

/// How far back departures say something.
pub const MEMORY: TimeDelta = TimeDelta::hours(1);
/// The rate is that of this time, if enough messages have left in it.
const LATELY: TimeDelta = TimeDelta::minutes(15);
const ENOUGH: usize = 20;
/// Of fewer messages a rate is known only after this long.
const LONG_ENOUGH: TimeDelta = TimeDelta::seconds(10);
/// How finely hours are looked at, in minutes.
const STEP: i32 = 5;
const DAY: i32 = 24 * 60;
const WEEK: i32 = 7 * DAY;
const YEAR: i32 = 366 * DAY;

impl Outlook<'_> {
    /// What is to be expected at `now`.
    pub fn forecast(&self, now: DateTime<Utc>) -> Forecast {
        let per_minute = self.rate(now);
        let unknown = |why, until| Err(Unknown { why, until });
        let end = if self.status != CampaignStatus::Running {
            unknown(WhyUnknown::NotRunning, None)
        } else if self.open == 0 {
            unknown(WhyUnknown::NothingLeft, None)
        } else if let Some(rate) = per_minute {
            self.end(rate, now).ok_or(Unknown { why: WhyUnknown::TooFar, until: None })
        } else if !self.is_open(now) {
            unknown(WhyUnknown::Closed, self.opens_at(now))
        } else if let Some((first, _)) = self.due.filter(|(first, _)| *first > now) {
            unknown(WhyUnknown::Held, Some(first))
        } else {
            unknown(WhyUnknown::TooFew, None)
        };
        Forecast { per_minute, end }
    }

    /// Whether messages leave at `at`, were there any.
    fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.plan.hours.open(at, &[self.plan.clock]) && self.hours.open(at, self.clocks)
    }

    fn opens_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opens = self.plan.hours.next_open(now, &[self.plan.clock], |at| self.hours.open(at, self.clocks))?;
        self.plan.ends_at.is_none_or(|end| opens < end).then_some(opens)
    }

    fn is_always_open(&self) -> bool {
        [&self.plan.hours, self.hours].iter().all(|hours| hours.spans().is_empty())
    }

    /// Messages a minute since the first of those that left lately, not counting the time that it was closed.
    fn rate(&self, now: DateTime<Utc>) -> Option<f64> {
        let since = |span| self.departures.iter().take_while(move |at| now - **at <= span);
        let lately = since(LATELY).count();
        let count = if lately >= ENOUGH { lately } else { since(MEMORY).count() };
        let first = *self.departures.get(count.checked_sub(1)?)?;
        let minutes = (0..=(now - first).num_minutes()).map(|minute| first + TimeDelta::minutes(minute));
        let parts = minutes.filter(|at| self.is_open(*at)).map(|at| (now - at).min(TimeDelta::minutes(1)));
        let open: TimeDelta = parts.sum();
        let known = open > TimeDelta::zero() && (count >= ENOUGH || count > 1 && open >= LONG_ENOUGH);
        known.then(|| as_f64(count as u64) * 60_000.0 / as_f64(open.num_milliseconds().cast_unsigned()))
    }

    /// When all will have left at so many messages a minute; none within a year.
    fn end(&self, rate: f64, now: DateTime<Utc>) -> Option<End> {
        let (minutes, unsent) = if self.is_always_open() && self.allowance.is_none() {
            self.at_any_hour(rate, now)
        } else {
            self.hour_by_hour(rate, now)?
        };
        let seconds = (minutes * 60.0).ceil();
        let at = (seconds < f64::from(YEAR) * 60.0).then(|| now + TimeDelta::seconds(seconds as i64))?;
        let last_due = self.due.map_or(now, |(_, last)| last);
        let ends_at = self.plan.ends_at.filter(|end| *end <= at.max(last_due));
        // Whatever is due after the end stays behind; how much that is would have to be counted.
        let late = ends_at.is_some_and(|end| last_due > end);
        Some(End { at: ends_at.unwrap_or(at.max(last_due)), unsent: (unsent.ceil() as u64).max(late.into()) })
    }

    /// How many minutes it takes, and what its end leaves, where it may send at any hour.
    fn at_any_hour(&self, rate: f64, now: DateTime<Utc>) -> (f64, f64) {
        let (open, left) = (as_f64(self.open), self.minutes_left(now));
        let needed = open / rate;
        if needed <= left { (needed, 0.0) } else { (left, open - left * rate) }
    }

    /// The same where it has hours, or its numbers have caps: step by step, and over whole weeks at once.
    fn hour_by_hour(&self, rate: f64, now: DateTime<Utc>) -> Option<(f64, f64)> {
        let mut open = as_f64(self.open);
        let end = self.minutes_left(now);
        let mut today = self.allowance.map(|allowance| as_f64(allowance.left));
        let (mut minute, mut week_began) = (0, open);
        while minute < YEAR {
            if f64::from(minute) >= end {
                return Some((end, open));
            }
            if minute > 0 && minute % DAY == 0 {
                today = self.allowance.map(|allowance| as_f64(allowance.per_day));
            }
            if minute > 0 && minute % WEEK == 0 {
                // The first week has what is left of today; those after it are all alike, but for a clock that is put on or back.
                if minute >= 2 * WEEK {
                    let week = week_began - open;
                    let weeks = whole_weeks(open, week, end - f64::from(minute));
                    (open, minute) = (open - f64::from(weeks) * week, minute + weeks * WEEK);
                }
                week_began = open;
            }
            if self.is_open(now + TimeDelta::minutes(minute.into())) {
                let sent = (rate * f64::from(STEP)).min(today.unwrap_or(f64::INFINITY));
                if sent >= open {
                    return Some((f64::from(minute) + open / rate, 0.0));
                }
                open -= sent;
                today = today.map(|today| today - sent);
            }
            minute += STEP;
        }
        end.is_finite().then_some((end, open))
    }

    /// Minutes until its plan ends it.
    fn minutes_left(&self, now: DateTime<Utc>) -> f64 {
        let left = |end: DateTime<Utc>| as_f64((end - now).num_seconds().max(0).cast_unsigned()) / 60.0;
        self.plan.ends_at.map_or(f64::INFINITY, left)
    }
}

/// How many weeks pass by until the one in which the last message leaves, or in which the time is up; more than a year where nothing ever
/// leaves.
fn whole_weeks(open: f64, a_week: f64, minutes: f64) -> i32 {
    let last = if a_week > 0.0 { (open / a_week).ceil() - 1.0 } else { f64::INFINITY };
    last.min((minutes / f64::from(WEEK)).floor()).clamp(0.0, f64::from(YEAR / WEEK + 1)) as i32
}

/// Counts here are far below 2^53, up to which this is exact.
const fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hours::Span;

    /// A Friday, ten in the morning in Bogotá.
    const NOW: &str = "2026-11-20T15:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    static ANY: Hours = Hours::ANY;

    /// Departures so many seconds ago.
    fn ago(seconds: impl IntoIterator<Item = i64>) -> Vec<DateTime<Utc>> {
        seconds.into_iter().map(|seconds| at(NOW) - TimeDelta::seconds(seconds)).collect()
    }

    /// Ten a minute for a quarter of an hour.
    fn ten_a_minute() -> Vec<DateTime<Utc>> {
        ago((1..=150).map(|number| number * 6))
    }

    fn plan(hours: Hours) -> Plan {
        Plan { clock: chrono_tz::America::Bogota, hours, ..Plan::default() }
    }

    fn weekdays(from: u16, until: u16) -> Hours {
        Hours::new(vec![Span { days: vec![1, 2, 3, 4, 5], from, until }]).unwrap()
    }

    fn outlook<'a>(plan: &'a Plan, departures: &'a [DateTime<Utc>], open: u64) -> Outlook<'a> {
        let status = CampaignStatus::Running;
        Outlook { status, plan, hours: &ANY, clocks: &[], departures, open, due: None, allowance: None }
    }

    fn end(outlook: &Outlook<'_>) -> (String, u64) {
        let End { at, unsent } = outlook.forecast(at(NOW)).end.unwrap();
        (at.format("%a %m-%d %H:%M").to_string(), unsent)
    }

    fn unknown(outlook: &Outlook<'_>) -> (WhyUnknown, Option<DateTime<Utc>>) {
        let Unknown { why, until } = outlook.forecast(at(NOW)).end.unwrap_err();
        (why, until)
    }

    #[test]
    fn the_rate_is_that_of_the_last_quarter_or_hour() {
        let rate = |departures: &[DateTime<Utc>]| outlook(&Plan::default(), departures, 1).forecast(at(NOW)).per_minute;
        assert_eq!(rate(&ten_a_minute()), Some(10.0));
        let slow = ago([300, 900, 1500, 2100, 3000]);
        assert_eq!(rate(&slow), Some(0.1), "five in fifty minutes");
        let slowed = ago((1..=20).map(|number| number * 45).chain((1000..2000).map(|second| second + 1)));
        assert_eq!(rate(&slowed), Some(20.0 / 15.0), "not what it was before");
        let quick: Vec<_> = (1..=2000).map(|number| at(NOW) - TimeDelta::milliseconds(number / 2)).collect();
        assert_eq!(rate(&quick), Some(120_000.0), "a second is enough of so many");
        for unknown in [ago([]), ago([1]), ago([1, 2]), ago([4000, 4001, 4100])] {
            assert_eq!(rate(&unknown), None);
        }
    }

    #[test]
    fn time_in_which_it_was_closed_does_not_count() {
        // It has been open for five minutes of the last fifteen: until a quarter to, and again from five to on.
        let hours = Hours::new(vec![
            Span { days: vec![5], from: 9 * 60, until: 9 * 60 + 45 },
            Span { days: vec![5], from: 9 * 60 + 55, until: 12 * 60 },
        ]);
        let plan = plan(hours.unwrap());
        let departures = ago((1..=30).map(|number| number * 10).chain([900]));
        let rate = outlook(&plan, &departures, 1).forecast(at(NOW)).per_minute.unwrap();
        assert!((rate - 6.2).abs() < 0.01, "{rate}");
    }

    #[test]
    fn without_hours_and_caps_the_end_is_a_division() {
        let (plan, departures) = (plan(Hours::ANY), ten_a_minute());
        assert_eq!(end(&outlook(&plan, &departures, 1_200)), ("Fri 11-20 17:00".to_owned(), 0));
        assert_eq!(unknown(&outlook(&plan, &departures, 10_000_000)), (WhyUnknown::TooFar, None));
    }

    #[test]
    fn nights_and_weekends_come_between() {
        let departures = ten_a_minute();
        // Six hundred an hour: two hours are left of this Friday, then come three a day.
        let plan = plan(weekdays(9 * 60, 12 * 60));
        assert_eq!(end(&outlook(&plan, &departures, 1_000)), ("Fri 11-20 16:40".to_owned(), 0));
        assert_eq!(end(&outlook(&plan, &departures, 1_200 + 600)), ("Mon 11-23 15:00".to_owned(), 0));
        // 1,800 a day and 9,000 a week, ten weeks long.
        assert_eq!(end(&outlook(&plan, &departures, 1_200 + 90_000 + 600)), ("Mon 02-01 15:00".to_owned(), 0));
    }

    #[test]
    fn hours_of_the_policy_and_of_the_plan_both_have_to_hold() {
        let (plan, departures) = (plan(weekdays(9 * 60, 12 * 60)), ten_a_minute());
        let policy = weekdays(9 * 60 + 30, 10 * 60 + 30);
        let mut outlook = outlook(&plan, &departures, 600);
        outlook.hours = &policy;
        outlook.clocks = &[chrono_tz::America::Bogota];
        assert_eq!(end(&outlook), ("Mon 11-23 15:00".to_owned(), 0), "half an hour today, and half an hour on Monday");
    }

    #[test]
    fn caps_of_a_day_hold() {
        let (plan, departures) = (plan(Hours::ANY), ten_a_minute());
        let mut outlook = outlook(&plan, &departures, 1_000);
        outlook.allowance = Some(Allowance { per_day: 300, left: 100 });
        assert_eq!(end(&outlook), ("Mon 11-23 15:30".to_owned(), 0), "100, and three days of 300");
        outlook.open = 100 + 300 * 200;
        assert_eq!(end(&outlook).0, "Tue 06-08 15:30", "after 200 days");
        outlook.allowance = Some(Allowance { per_day: 0, left: 0 });
        assert_eq!(unknown(&outlook), (WhyUnknown::TooFar, None));
    }

    #[test]
    fn a_plan_that_ends_before_leaves_something_unsent() {
        let departures = ten_a_minute();
        for hours in [Hours::ANY, weekdays(0, 24 * 60)] {
            let plan = Plan { ends_at: Some(at(NOW) + TimeDelta::hours(1)), ..plan(hours) };
            assert_eq!(end(&outlook(&plan, &departures, 1_000)), ("Fri 11-20 16:00".to_owned(), 400));
            assert_eq!(end(&outlook(&plan, &departures, 300)), ("Fri 11-20 15:30".to_owned(), 0));
        }
    }

    #[test]
    fn it_does_not_end_before_its_last_message_is_due() {
        let (plan, departures) = (plan(Hours::ANY), ten_a_minute());
        let mut outlook = outlook(&plan, &departures, 100);
        outlook.due = Some((at(NOW), at("2026-11-22T12:00:00Z")));
        assert_eq!(end(&outlook), ("Sun 11-22 12:00".to_owned(), 0));
        let ended = Plan { ends_at: Some(at("2026-11-21T12:00:00Z")), ..plan.clone() };
        outlook.plan = &ended;
        assert_eq!(end(&outlook), ("Sat 11-21 12:00".to_owned(), 1), "it is not sent any more");
    }

    #[test]
    fn where_nobody_can_say_the_reason_is_told() {
        let always = plan(Hours::ANY);
        let mut outlook = outlook(&always, &[], 10);
        assert_eq!(unknown(&outlook), (WhyUnknown::TooFew, None));
        let tomorrow = at("2026-11-21T13:00:00Z");
        outlook.due = Some((tomorrow, tomorrow));
        assert_eq!(unknown(&outlook), (WhyUnknown::Held, Some(tomorrow)));
        let evenings = plan(weekdays(18 * 60, 20 * 60));
        outlook.plan = &evenings;
        assert_eq!(unknown(&outlook), (WhyUnknown::Closed, Some(at("2026-11-20T23:00:00Z"))));
        outlook.status = CampaignStatus::Paused;
        assert_eq!(unknown(&outlook), (WhyUnknown::NotRunning, None));
        (outlook.status, outlook.open) = (CampaignStatus::Running, 0);
        assert_eq!(unknown(&outlook), (WhyUnknown::NothingLeft, None));
    }
}
