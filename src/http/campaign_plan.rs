//! When a campaign sends, as clients see it and as they send it: times on a clock of their choice, which may skip one or show it twice.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    contact_policy::{HoursView, read_hours, show_hours},
    enums::IfLate,
    extract::Checks,
};
use crate::domain::{
    campaign::Plan,
    wall_time::{self, NotOneInstant},
};

/// When a campaign sends, and how it shares its pools.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPlan)]
pub(super) struct PlanView {
    /// The clock of the hours, by its name in the IANA database, for example `America/Bogota`.
    time_zone: String,
    /// When it sends; empty is at any hour. The contact policy holds besides.
    hours: Vec<HoursView>,
    /// When it begins by itself; null is when a person says so.
    #[schema(required)]
    starts_at: Option<DateTime<Utc>>,
    /// What happens to a start that the server has missed by 15 minutes or more.
    if_late: IfLate,
    /// What has not been sent by then never is.
    #[schema(required)]
    ends_at: Option<DateTime<Utc>>,
    /// Its share of a pool among campaigns of the same priority, 1 to 100.
    weight: u32,
    /// 0 to 9; those of a higher one go first.
    priority: u32,
    /// How many of the last 50 messages may fail, in per cent, before it is paused, 1 to 100; null is any number.
    #[schema(required)]
    max_error_percent: Option<u32>,
}

/// A plan as it is sent. A time is an instant, as `2026-11-20T14:00:00Z`, or what the clock of the plan shows, as `2026-11-20T09:00`; one
/// that the clock skips or shows twice, where it is put on or back, is refused, and can be sent as an instant.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CampaignPlanIn)]
pub(super) struct PlanIn {
    /// The clock of the hours, and of times without an offset, by its name in the IANA database, for example `America/Bogota`.
    time_zone: String,
    /// When it sends; empty is at any hour. The contact policy holds besides.
    hours: Vec<HoursView>,
    /// When it begins by itself; null is when a person says so.
    #[schema(required)]
    starts_at: Option<String>,
    /// What happens to a start that the server has missed by 15 minutes or more.
    if_late: IfLate,
    /// What has not been sent by then never is.
    #[schema(required)]
    ends_at: Option<String>,
    /// Its share of a pool among campaigns of the same priority, 1 to 100.
    weight: u32,
    /// 0 to 9; those of a higher one go first.
    priority: u32,
    /// How many of the last 50 messages may fail, in per cent, before it is paused, 1 to 100; null is any number.
    #[schema(required)]
    max_error_percent: Option<u32>,
}

impl PlanIn {
    pub fn check(&self, checks: &mut Checks, now: DateTime<Utc>) -> Option<Plan> {
        let clock = checks.keep("/plan/time_zone", "invalid_time_zone", self.time_zone.parse());
        let hours = read_hours(checks, "/plan/hours", &self.hours);
        for (pointer, value, range) in [
            ("/plan/weight", Some(self.weight), 1..=100),
            ("/plan/priority", Some(self.priority), 0..=9),
            ("/plan/max_error_percent", self.max_error_percent, 1..=100),
        ] {
            if value.is_some_and(|value| !range.contains(&value)) {
                checks.reject(pointer, "out_of_range", format!("{}–{}", range.start(), range.end()));
            }
        }
        let starts_at = moment(checks, "/plan/starts_at", self.starts_at.as_deref(), clock);
        let ends_at = moment(checks, "/plan/ends_at", self.ends_at.as_deref(), clock);
        let begins = starts_at.map_or(now, |at| at.max(now));
        if ends_at.is_some_and(|end| end <= begins) {
            checks.reject("/plan/ends_at", "ends_early", "");
        }
        Some(Plan {
            clock: clock?,
            hours: hours?,
            starts_at,
            if_late: self.if_late.into(),
            ends_at,
            weight: self.weight,
            priority: self.priority,
            max_error_percent: self.max_error_percent,
        })
    }
}

/// The instant that a text names, perhaps on the clock of the plan.
fn moment(checks: &mut Checks, pointer: &str, text: Option<&str>, clock: Option<Tz>) -> Option<DateTime<Utc>> {
    let text = text?;
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    let shown = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let Some(local) = shown.iter().find_map(|shown| NaiveDateTime::parse_from_str(text, shown).ok()) else {
        checks.reject(pointer, "invalid_date_time", "");
        return None;
    };
    // Of a clock that nobody knows something is said at its own field.
    let (code, next) = match wall_time::instant(local, clock?) {
        Ok(instant) => return Some(instant),
        Err(NotOneInstant::Skipped { next }) => ("time_skipped", next),
        Err(NotOneInstant::Twice { next }) => ("time_twice", next),
    };
    checks.reject(pointer, code, next.format("%Y-%m-%d %H:%M"));
    None
}

impl From<&Plan> for PlanView {
    fn from(plan: &Plan) -> Self {
        Self {
            time_zone: plan.clock.name().to_owned(),
            hours: show_hours(&plan.hours),
            starts_at: plan.starts_at,
            if_late: plan.if_late.into(),
            ends_at: plan.ends_at,
            weight: plan.weight,
            priority: plan.priority,
            max_error_percent: plan.max_error_percent,
        }
    }
}
