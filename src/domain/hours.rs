//! Hours of the week, on the clock of a place.

use chrono::{DateTime, Datelike as _, NaiveTime, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Days of the week with the hours from `from` until just before `until`; hours that end at midnight end at 24:00.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// ISO 8601: 1 is Monday, 7 is Sunday.
    pub days: Vec<u8>,
    /// Minutes since midnight, 0 to 1439.
    pub from: u16,
    /// Minutes since midnight, above `from`, up to 1440.
    pub until: u16,
}

/// Spans of the week; none at all means any hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours(Vec<Span>);

/// Spans that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("a day is 1 (Monday) to 7 (Sunday), and there is at least one")]
    Days,
    #[error("hours begin before they end, and end at 24:00 at the latest")]
    Order,
}

/// All clocks of the world differ from each other by a multiple of this.
const STEP: TimeDelta = TimeDelta::minutes(15);
/// No hours that come every week are further away than this.
const HORIZON: TimeDelta = TimeDelta::days(8);

impl Hours {
    /// Any hour.
    pub const ANY: Self = Self(Vec::new());

    /// These spans.
    pub fn new(spans: Vec<Span>) -> Result<Self, HoursError> {
        for span in &spans {
            if span.days.is_empty() || span.days.iter().any(|day| !(1..=7).contains(day)) {
                return Err(HoursError::Days);
            }
            if span.from >= span.until || span.until > 24 * 60 {
                return Err(HoursError::Order);
            }
        }
        Ok(Self(spans))
    }

    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Whether they are on at `instant` on every one of the clocks.
    pub fn open(&self, instant: DateTime<Utc>, clocks: &[Tz]) -> bool {
        self.0.is_empty() || clocks.iter().all(|clock| self.open_on(instant, *clock))
    }

    fn open_on(&self, instant: DateTime<Utc>, clock: Tz) -> bool {
        let local = instant.with_timezone(&clock);
        let day = u8::try_from(local.weekday().number_from_monday()).unwrap_or_default();
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or_default();
        self.0.iter().any(|span| span.days.contains(&day) && (span.from..span.until).contains(&minute))
    }

    /// The first instant from `from` on at which they are on, on all the clocks, and `also` holds; to a quarter of an hour, unless it
    /// is `from` itself. None within eight days: the clocks are too far apart for the hours.
    pub fn next_open(
        &self,
        from: DateTime<Utc>,
        clocks: &[Tz],
        mut also: impl FnMut(DateTime<Utc>) -> bool,
    ) -> Option<DateTime<Utc>> {
        if self.open(from, clocks) && also(from) {
            return Some(from);
        }
        let quarter = from.with_time(NaiveTime::MIN).single()?
            + STEP * (i32::try_from(from.num_seconds_from_midnight() / 900).unwrap_or_default() + 1);
        std::iter::successors(Some(quarter), |instant| Some(*instant + STEP))
            .take_while(|instant| *instant - from <= HORIZON)
            .find(|instant| self.open(*instant, clocks) && also(*instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn weekdays() -> Hours {
        Hours::new(vec![Span { days: vec![1, 2, 3, 4, 5], from: 8 * 60, until: 20 * 60 }]).unwrap()
    }

    const BOGOTA: Tz = chrono_tz::America::Bogota;

    #[test]
    fn hours_are_those_of_the_clock() {
        // A Friday; Bogotá is five hours behind UTC.
        assert!(!weekdays().open(at("2026-11-20T12:59:00Z"), &[BOGOTA]));
        assert!(weekdays().open(at("2026-11-20T13:00:00Z"), &[BOGOTA]));
        assert!(weekdays().open(at("2026-11-21T00:59:59Z"), &[BOGOTA]), "still Friday evening there");
        assert!(!weekdays().open(at("2026-11-21T01:00:00Z"), &[BOGOTA]));
        assert!(Hours::ANY.open(at("2026-11-21T01:00:00Z"), &[BOGOTA]));
    }

    #[test]
    fn the_next_open_instant_is_found_over_a_weekend_and_over_several_clocks() {
        let next = |clocks: &[Tz]| weekdays().next_open(at("2026-11-21T01:07:00Z"), clocks, |_| true);
        assert_eq!(next(&[BOGOTA]), Some(at("2026-11-23T13:00:00Z")));
        assert_eq!(next(&[BOGOTA, chrono_tz::America::Los_Angeles]), Some(at("2026-11-23T16:00:00Z")));
        let mornings = Hours::new(vec![Span { days: (1..=7).collect(), from: 8 * 60, until: 12 * 60 }]).unwrap();
        let apart = [chrono_tz::Pacific::Honolulu, chrono_tz::Asia::Tokyo];
        assert_eq!(mornings.next_open(at("2026-11-21T01:07:00Z"), &apart, |_| true), None, "never both");
        let now = at("2026-11-20T15:33:21Z");
        assert_eq!(weekdays().next_open(now, &[BOGOTA], |_| true), Some(now));
    }

    #[test]
    fn a_clock_put_forward_loses_no_opening() {
        // On 2026-03-08 New York has no 02:30.
        let hours = Hours::new(vec![Span { days: vec![7], from: 150, until: 240 }]).unwrap();
        let next = hours.next_open(at("2026-03-08T06:00:00Z"), &[chrono_tz::America::New_York], |_| true);
        assert_eq!(next, Some(at("2026-03-08T07:00:00Z")), "03:00 there");
    }

    #[test]
    fn spans_that_are_none_are_refused() {
        let span = |days: &[u8], from, until| Hours::new(vec![Span { days: days.to_vec(), from, until }]);
        assert_eq!(span(&[], 0, 60), Err(HoursError::Days));
        assert_eq!(span(&[8], 0, 60), Err(HoursError::Days));
        assert_eq!(span(&[1], 60, 60), Err(HoursError::Order));
        assert_eq!(span(&[1], 60, 1441), Err(HoursError::Order));
    }
}
