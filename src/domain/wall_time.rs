//! What a clock on a wall shows, and the instant that is meant by it.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// A time that is not one instant on that clock. Which one was meant is for a person to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOneInstant {
    #[error("the clock is put forward over that time, to {next}")]
    Skipped {
        /// What it shows next.
        next: NaiveDateTime,
    },
    #[error("the clock is put back and shows that time twice, until {next}")]
    Twice {
        /// The first time after it that comes once.
        next: NaiveDateTime,
    },
}

/// No clock was ever put on or back by more than this: Samoa left out a day in 2011.
const LEAP: i64 = 25 * 60;

/// The instant at which the clock of that zone shows `local`.
pub fn instant(local: NaiveDateTime, clock: Tz) -> Result<DateTime<Utc>, NotOneInstant> {
    let next = || {
        let later = (1..=LEAP).map(|minutes| local + TimeDelta::minutes(minutes));
        later
            .into_iter()
            .find(|later| matches!(clock.from_local_datetime(later), LocalResult::Single(_)))
            .unwrap_or(local)
    };
    match clock.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok(at.to_utc()),
        LocalResult::Ambiguous(..) => Err(NotOneInstant::Twice { next: next() }),
        LocalResult::None => Err(NotOneInstant::Skipped { next: next() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(clock: Tz, local: &str) -> Result<String, NotOneInstant> {
        instant(time(local), clock).map(|at| at.to_rfc3339())
    }

    fn time(local: &str) -> NaiveDateTime {
        local.parse().unwrap()
    }

    const NEW_YORK: Tz = chrono_tz::America::New_York;

    #[test]
    fn a_time_is_that_of_its_own_clock_in_summer_and_winter() {
        assert_eq!(on(NEW_YORK, "2026-07-01T09:00:00").unwrap(), "2026-07-01T13:00:00+00:00");
        assert_eq!(on(NEW_YORK, "2026-12-01T09:00:00").unwrap(), "2026-12-01T14:00:00+00:00");
        assert_eq!(on(chrono_tz::America::Bogota, "2026-07-01T09:00:00").unwrap(), "2026-07-01T14:00:00+00:00");
        assert_eq!(on(chrono_tz::Asia::Kathmandu, "2026-07-01T00:00:00").unwrap(), "2026-06-30T18:15:00+00:00");
    }

    #[test]
    fn a_time_that_the_clock_skips_is_none() {
        let skipped = |next| Err(NotOneInstant::Skipped { next: time(next) });
        assert_eq!(on(NEW_YORK, "2026-03-08T01:59:00").unwrap(), "2026-03-08T06:59:00+00:00");
        assert_eq!(on(NEW_YORK, "2026-03-08T02:00:00"), skipped("2026-03-08T03:00:00"));
        assert_eq!(on(NEW_YORK, "2026-03-08T02:59:00"), skipped("2026-03-08T03:00:00"));
        assert_eq!(on(NEW_YORK, "2026-03-08T03:00:00").unwrap(), "2026-03-08T07:00:00+00:00");
        // Midnight is what Santiago leaves out, and Samoa left out a whole day.
        assert_eq!(on(chrono_tz::America::Santiago, "2026-09-06T00:30:00"), skipped("2026-09-06T01:00:00"));
        assert_eq!(on(chrono_tz::Pacific::Apia, "2011-12-30T00:00:00"), skipped("2011-12-31T00:00:00"));
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_is_refused_rather_than_guessed() {
        let twice = Err(NotOneInstant::Twice { next: time("2026-11-01T02:00:00") });
        assert_eq!(on(NEW_YORK, "2026-11-01T00:59:00").unwrap(), "2026-11-01T04:59:00+00:00");
        assert_eq!(on(NEW_YORK, "2026-11-01T01:00:00"), twice);
        assert_eq!(on(NEW_YORK, "2026-11-01T01:59:00"), twice);
        assert_eq!(on(NEW_YORK, "2026-11-01T02:00:00").unwrap(), "2026-11-01T07:00:00+00:00");
        let half_an_hour = Err(NotOneInstant::Twice { next: time("2026-04-05T02:00:00") });
        assert_eq!(on(chrono_tz::Australia::Lord_Howe, "2026-04-05T01:45:00"), half_an_hour);
    }
}
