//! The contact policy: whether a debtor may be written to now, later, or never.
//!
//! One pure function, asked at the moment of the claim, whatever was planned before. The contacts it is given are those of the debtor over
//! every session, pool and campaign.

mod opt_out;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    debtor::DebtorStatus,
    hours::{Hours, Span},
    text_enum,
};

pub use self::opt_out::is_opt_out;

/// What holds for every debtor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPolicy {
    /// When a debtor may be written to, on their own clock.
    pub hours: Hours,
    /// Between two messages to one debtor, in minutes, 0 to 43,200 (30 days).
    pub min_gap_minutes: u32,
    /// Messages to one debtor on one day of their clock, 1 or more; none is no limit.
    pub per_day: Option<u32>,
    /// Messages to one debtor in any seven days, 1 or more; none is no limit.
    pub per_week: Option<u32>,
}

/// Where a message stands that waits because of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Allowed,
    /// Not before that instant.
    Wait { until: DateTime<Utc>, reason: Wait },
    /// Never.
    Refused(Refusal),
}

text_enum! {
    /// Why a message waits.
    pub enum Wait {
        /// The debtor has promised to pay by a day that has not passed.
        Promised = "promise_open",
        /// It is not the hour to write to the debtor.
        Hours = "contact_hours",
        /// The last message to the debtor was too short a time ago.
        Gap = "contact_gap",
        /// The debtor has had their messages of the day.
        PerDay = "contact_day_cap",
        /// The debtor has had their messages of the week.
        PerWeek = "contact_week_cap",
    }
}

/// Why a message is never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The debtor's status says why.
    Status(DebtorStatus),
    /// The number is on the suppression list.
    Suppressed,
}

impl Refusal {
    /// A stable code for the ledger.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::Suppressed => "suppressed_number",
        }
    }
}

/// Somebody a message is for.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a> {
    pub status: DebtorStatus,
    /// Whether the number is on the suppression list.
    pub suppressed: bool,
    /// The last day for which they have promised to pay, if they have; it has passed once it has on all of their clocks.
    pub promised: Option<NaiveDate>,
    /// The clocks that the debtor may live by; a rule has to hold on all of them.
    pub clocks: &'a [Tz],
    /// When messages went to them, over the last eight days at least, in any order.
    pub contacts: &'a [DateTime<Utc>],
}

/// What [`ContactPolicy::per_week`] counts in.
const WEEK: TimeDelta = TimeDelta::days(7);

/// How much of a debtor's past [`decide`] needs to know.
pub const MEMORY: TimeDelta = TimeDelta::days(31);

impl ContactPolicy {
    /// No rule but the debtor's own word.
    pub const NONE: Self = Self { hours: Hours::ANY, min_gap_minutes: 0, per_day: None, per_week: None };
}

impl Default for ContactPolicy {
    /// 8:00 to 20:00, not on Sundays, once a day and three times a week: product policy, careful where laws differ.
    fn default() -> Self {
        let span = Span { days: vec![1, 2, 3, 4, 5, 6], from: 8 * 60, until: 20 * 60 };
        let hours = Hours::new(vec![span]).unwrap_or_default();
        Self { hours, min_gap_minutes: 0, per_day: Some(1), per_week: Some(3) }
    }
}

impl ContactPolicy {
    /// Whether a decision on somebody who has promised nothing depends on what the debtor's clocks show.
    pub fn asks_for_the_time(&self) -> bool {
        self.hours != Hours::ANY || self.per_day.is_some()
    }
}

/// Why nothing is sent to a debtor whatever the hour, if anything is against it.
pub fn refusal(status: DebtorStatus, suppressed: bool) -> Option<Refusal> {
    match status {
        DebtorStatus::Active => suppressed.then_some(Refusal::Suppressed),
        stopped => Some(Refusal::Status(stopped)),
    }
}

/// Decides on one message.
pub fn decide(policy: &ContactPolicy, contact: &Contact<'_>, now: DateTime<Utc>) -> Decision {
    if let Some(refusal) = refusal(contact.status, contact.suppressed) {
        return Decision::Refused(refusal);
    }
    let Some(reason) = obstacle(policy, contact, now) else { return Decision::Allowed };
    let gap = TimeDelta::minutes(policy.min_gap_minutes.into());
    let mut newest = contact.contacts.to_vec();
    newest.sort_unstable_by(|one, other| other.cmp(one));
    let rested = newest.first().map(|last| *last + gap);
    // The week's cap leaves room once the oldest of as many contacts is a week old.
    let week =
        policy.per_week.and_then(|cap| newest.get(usize::try_from(cap).ok()?.checked_sub(1)?)).map(|at| *at + WEEK);
    let promised = contact.promised.and_then(|day| contact.clocks.iter().filter_map(|clock| end_of(day, *clock)).max());
    let earliest = rested.into_iter().chain(week).chain(promised).fold(now, DateTime::max);
    let until = policy
        .hours
        .next_open(earliest, contact.clocks, |instant| obstacle(policy, contact, instant).is_none())
        // No such instant within the horizon: looked at again tomorrow, when the policy may be another.
        .unwrap_or(now + TimeDelta::days(1));
    Decision::Wait { until, reason }
}

/// The instant at which a day ends on a clock. Where midnight is left out, as it was where clocks were put forward at night, an hour later.
fn end_of(day: NaiveDate, clock: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_time(NaiveTime::MIN);
    let ends = |local| clock.from_local_datetime(&local).earliest();
    ends(midnight).or_else(|| ends(midnight + TimeDelta::hours(1))).map(|end| end.to_utc())
}

/// The first rule against a message at `instant`.
fn obstacle(policy: &ContactPolicy, contact: &Contact<'_>, instant: DateTime<Utc>) -> Option<Wait> {
    let gap = TimeDelta::minutes(policy.min_gap_minutes.into());
    let count = |within: &dyn Fn(DateTime<Utc>) -> bool| contact.contacts.iter().filter(|at| within(**at)).count();
    let reached = |cap: Option<u32>, count: usize| cap.is_some_and(|cap| count >= cap as usize);
    // Of several clocks the one counts on which most contacts were today. What is still to come was sent before the clock was put back.
    let today = || {
        let same_day = |clock: &Tz, at: DateTime<Utc>| {
            at > instant || at.with_timezone(clock).date_naive() == instant.with_timezone(clock).date_naive()
        };
        contact.clocks.iter().map(|clock| count(&|at| same_day(clock, at))).max().unwrap_or(0)
    };
    let before_its_end =
        |day: NaiveDate| contact.clocks.iter().any(|clock| instant.with_timezone(clock).date_naive() <= day);
    if contact.promised.is_some_and(before_its_end) {
        return Some(Wait::Promised);
    }
    if !policy.hours.open(instant, contact.clocks) {
        return Some(Wait::Hours);
    }
    if !gap.is_zero() && count(&|at| instant - at < gap) > 0 {
        return Some(Wait::Gap);
    }
    if policy.per_day.is_some() && reached(policy.per_day, today()) {
        return Some(Wait::PerDay);
    }
    if reached(policy.per_week, count(&|at| instant - at < WEEK)) {
        return Some(Wait::PerWeek);
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOGOTA: &[Tz] = &[chrono_tz::America::Bogota];

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn ask(policy: &ContactPolicy, contacts: &[&str], now: &str) -> Decision {
        let contacts: Vec<_> = contacts.iter().map(|text| at(text)).collect();
        let contact = Contact {
            status: DebtorStatus::Active,
            suppressed: false,
            promised: None,
            clocks: BOGOTA,
            contacts: &contacts,
        };
        decide(policy, &contact, at(now))
    }

    #[test]
    fn only_an_active_debtor_off_the_suppression_list_is_written_to() {
        for &status in DebtorStatus::ALL {
            let mut contact = Contact { status, suppressed: false, promised: None, clocks: BOGOTA, contacts: &[] };
            let decision = decide(&ContactPolicy::NONE, &contact, at("2026-11-20T03:00:00Z"));
            let active = status == DebtorStatus::Active;
            let expected = if active { Decision::Allowed } else { Decision::Refused(Refusal::Status(status)) };
            assert_eq!(decision, expected, "{status}");
            contact.suppressed = true;
            assert_ne!(decide(&ContactPolicy::NONE, &contact, at("2026-11-20T03:00:00Z")), Decision::Allowed);
        }
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        let policy = ContactPolicy { per_day: None, per_week: None, ..ContactPolicy::default() };
        let wait = |until| Decision::Wait { until: at(until), reason: Wait::Hours };
        assert_eq!(ask(&policy, &[], "2026-11-20T05:00:00Z"), wait("2026-11-20T13:00:00Z"));
        assert_eq!(ask(&policy, &[], "2026-11-22T15:00:00Z"), wait("2026-11-23T13:00:00Z"), "a Sunday");
        assert_eq!(ask(&policy, &[], "2026-11-20T15:00:00Z"), Decision::Allowed);
    }

    #[test]
    fn caps_and_gaps_hold() {
        let policy = ContactPolicy { hours: Hours::ANY, min_gap_minutes: 90, per_day: Some(2), per_week: Some(3) };
        let now = "2026-11-20T15:00:00Z";
        assert_eq!(
            ask(&policy, &["2026-11-20T14:00:00Z"], now),
            Decision::Wait { until: at("2026-11-20T15:30:00Z"), reason: Wait::Gap }
        );
        assert_eq!(
            ask(&policy, &["2026-11-20T05:00:01Z", "2026-11-20T12:00:00Z"], now),
            Decision::Wait { until: at("2026-11-21T05:00:00Z"), reason: Wait::PerDay },
            "midnight in Bogotá"
        );
        assert_eq!(ask(&policy, &["2026-11-20T04:59:59Z", "2026-11-20T12:00:00Z"], now), Decision::Allowed);
        assert_eq!(
            ask(&policy, &["2026-11-14T10:10:00Z", "2026-11-15T12:00:00Z", "2026-11-16T12:00:00Z"], now),
            Decision::Wait { until: at("2026-11-21T10:10:00Z"), reason: Wait::PerWeek }
        );
    }

    #[test]
    fn a_week_that_ends_just_before_the_hours_do_is_not_missed() {
        let policy = ContactPolicy { per_day: None, per_week: Some(1), ..ContactPolicy::default() };
        // Saturday evening, before a Sunday without hours.
        let sent = "2026-11-22T00:46:00Z";
        let wait = |until| Decision::Wait { until: at(until), reason: Wait::PerWeek };
        assert_eq!(ask(&policy, &[sent], sent), wait("2026-11-29T00:46:00Z"));
        let twice = ContactPolicy { per_week: Some(2), ..policy };
        assert_eq!(
            ask(&twice, &[sent, "2026-11-17T01:30:00Z"], sent),
            wait("2026-11-24T13:00:00Z"),
            "eight in the evening"
        );
    }

    #[test]
    fn what_was_sent_before_the_clock_was_put_back_counts() {
        let policy = ContactPolicy { hours: Hours::ANY, min_gap_minutes: 0, per_day: Some(1), per_week: None };
        let wait = |until, reason| Decision::Wait { until: at(until), reason };
        let (now, sent) = ("2026-11-20T15:00:00Z", "2026-11-21T16:00:00Z");
        assert_eq!(ask(&policy, &[sent], now), wait("2026-11-22T05:00:00Z", Wait::PerDay));
        let policy = ContactPolicy { min_gap_minutes: 60, per_day: None, ..policy };
        assert_eq!(ask(&policy, &[sent], now), wait("2026-11-21T17:00:00Z", Wait::Gap));
    }

    #[test]
    fn a_promise_holds_everything_back_until_its_day_has_passed_on_all_clocks() {
        let clocks = [chrono_tz::America::Mexico_City, chrono_tz::America::Tijuana];
        let until = |promised: &str, policy: &ContactPolicy, now: &str| {
            let promised = Some(promised.parse().unwrap());
            let contact =
                Contact { status: DebtorStatus::Active, suppressed: false, promised, clocks: &clocks, contacts: &[] };
            decide(policy, &contact, at(now))
        };
        let wait = |until| Decision::Wait { until: at(until), reason: Wait::Promised };
        let none = ContactPolicy::NONE;
        // Tijuana is eight hours behind UTC, and Mexico City six.
        assert_eq!(until("2026-11-20", &none, "2026-11-20T15:00:00Z"), wait("2026-11-21T08:00:00Z"));
        assert_eq!(until("2026-11-20", &none, "2026-11-21T07:59:59Z"), wait("2026-11-21T08:00:00Z"));
        assert_eq!(until("2026-11-20", &none, "2026-11-21T08:00:00Z"), Decision::Allowed);
        assert_eq!(until("2027-02-01", &none, "2026-11-20T15:00:00Z"), wait("2027-02-02T08:00:00Z"), "months ahead");
        let weekdays = ContactPolicy { per_day: None, ..ContactPolicy::default() };
        assert_eq!(
            until("2026-11-21", &weekdays, "2026-11-20T15:00:00Z"),
            wait("2026-11-23T16:00:00Z"),
            "and then the other rules hold: a Sunday, and eight o'clock in Tijuana"
        );
    }

    #[test]
    fn a_promised_day_ends_also_where_clocks_jump_at_midnight() {
        // In Santiago clocks are put forward at midnight of the 6th of September 2026.
        let day = "2026-09-05".parse().unwrap();
        assert_eq!(end_of(day, chrono_tz::America::Santiago), Some(at("2026-09-06T04:00:00Z")));
    }

    proptest! {
        #[test]
        fn what_waits_is_allowed_when_its_time_has_come(
            contacts in proptest::collection::vec(0..8 * 24 * 60_i64, 0..6),
            gap in 0..3_000_u32, per_day in 1..4_u32, per_week in 1..6_u32, minute in 0..7 * 24 * 60_i64,
            promised in proptest::option::of(0..60_u64),
        ) {
            let now = at("2026-11-20T00:00:00Z") + TimeDelta::minutes(minute);
            let contacts: Vec<_> = contacts.into_iter().map(|ago| now - TimeDelta::minutes(ago)).collect();
            let policy = ContactPolicy {
                min_gap_minutes: gap, per_day: Some(per_day), per_week: Some(per_week), ..ContactPolicy::default()
            };
            let promised = promised.map(|days| at("2026-11-15T00:00:00Z").date_naive() + chrono::Days::new(days));
            let contact = Contact { status: DebtorStatus::Active, suppressed: false, promised, clocks: BOGOTA, contacts: &contacts };
            match decide(&policy, &contact, now) {
                Decision::Wait { until, .. } => {
                    prop_assert!(until > now);
                    prop_assert_eq!(decide(&policy, &contact, until), Decision::Allowed);
                }
                Decision::Allowed => prop_assert_eq!(obstacle(&policy, &contact, now), None),
                Decision::Refused(_) => prop_assert!(false),
            }
        }
    }
}
