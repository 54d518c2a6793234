//! When somebody would get a campaign's first message: by its plan and by the contact policy, both of which have to hold.

use chrono::{DateTime, Utc};

use super::Plan;
use crate::domain::policy::{self, Contact, ContactPolicy, Decision};

/// What would become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// It goes as soon as it is its turn.
    AtOnce,
    /// It waits, for a reason that is a stable code.
    Later { at: DateTime<Utc>, reason: &'static str },
    /// It never goes.
    Never { reason: &'static str },
}

/// It waits for the hours of the campaign.
const HOURS: &str = "campaign_hours";
/// The campaign ends before.
const ENDED: &str = "campaign_ended";
/// The hours of the campaign and those of the policy never meet.
const APART: &str = "hours_apart";
/// Plan and policy are asked in turn; hours that meet at all do so within a week, and each question passes a closed time by.
const ROUNDS: usize = 30;

/// What would become of a message in a campaign that begins at `begin`.
pub fn prospect(plan: &Plan, policy: &ContactPolicy, contact: &Contact<'_>, begin: DateTime<Utc>) -> Prospect {
    let (mut at, mut why) = (begin, None);
    for _ in 0..ROUNDS {
        let opens = if plan.is_open(at) { Some(at) } else { plan.opens_at(at) };
        let Some(opens) = opens else {
            let reason = if plan.ends_at.is_some() { ENDED } else { APART };
            return Prospect::Never { reason };
        };
        if opens > at {
            (at, why) = (opens, why.or(Some(HOURS)));
        }
        match (policy::decide(policy, contact, at), why) {
            (Decision::Refused(refusal), _) => return Prospect::Never { reason: refusal.code() },
            (Decision::Wait { until, reason }, _) => (at, why) = (until, why.or(Some(reason.as_str()))),
            (Decision::Allowed, None) => return Prospect::AtOnce,
            (Decision::Allowed, Some(reason)) => return Prospect::Later { at, reason },
        }
    }
    Prospect::Never { reason: APART }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        debtor::DebtorStatus,
        hours::{Hours, Span},
    };

    /// A Friday, ten in the morning in Bogotá.
    const BEGIN: &str = "2026-11-20T15:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn plan(days: &[u8], from: u16, until: u16) -> Plan {
        let span = Span { days: days.to_vec(), from: from * 60, until: until * 60 };
        Plan { clock: chrono_tz::America::Bogota, hours: Hours::new(vec![span]).unwrap(), ..Plan::default() }
    }

    fn ask(plan: &Plan, contacts: &[DateTime<Utc>], suppressed: bool) -> Prospect {
        let clocks = &[chrono_tz::America::Bogota];
        let contact = Contact { status: DebtorStatus::Active, suppressed, promised: None, clocks, contacts };
        // Eight to eight, not on Sundays, once a day.
        prospect(plan, &ContactPolicy::default(), &contact, at(BEGIN))
    }

    #[test]
    fn both_plan_and_policy_have_to_hold() {
        let later = |text, reason| Prospect::Later { at: at(text), reason };
        assert_eq!(ask(&Plan::default(), &[], false), Prospect::AtOnce);
        assert_eq!(ask(&plan(&[5], 9, 12), &[], false), Prospect::AtOnce);
        assert_eq!(ask(&plan(&[5], 15, 18), &[], false), later("2026-11-20T20:00:00Z", "campaign_hours"));
        // The campaign opens at seven on Sunday and on Monday; who is written to at eight on Monday at the earliest waits for that.
        assert_eq!(ask(&plan(&[7, 1], 7, 9), &[], false), later("2026-11-23T13:00:00Z", "campaign_hours"));
        let today = [at("2026-11-20T14:00:00Z")];
        assert_eq!(ask(&plan(&[5, 6], 15, 18), &today, false), later("2026-11-21T20:00:00Z", "campaign_hours"));
        assert_eq!(ask(&Plan::default(), &today, false), later("2026-11-21T13:00:00Z", "contact_day_cap"));
    }

    #[test]
    fn who_would_be_written_to_after_the_end_never_is() {
        let never = |reason| Prospect::Never { reason };
        let ending = |plan: Plan| Plan { ends_at: Some(at("2026-11-21T00:00:00Z")), ..plan };
        assert_eq!(ask(&ending(plan(&[6], 9, 12)), &[], false), never("campaign_ended"));
        assert_eq!(ask(&ending(Plan::default()), &[at("2026-11-20T14:00:00Z")], false), never("campaign_ended"));
        assert_eq!(ask(&plan(&[1, 2, 3, 4, 5, 6], 21, 23), &[], false), never("hours_apart"));
        assert_eq!(ask(&Plan::default(), &[], true), never("suppressed_number"));
    }
}
