//! When and how often debtors may be written to.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Checks, Json},
    problem::Problem,
    sign_in::{Admin, SignedIn},
    state::{AppState, audit},
};
use crate::domain::{
    hours::{Hours, HoursError, Span},
    policy::ContactPolicy,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// The rules for every debtor, over all numbers, pools and campaigns.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ContactPolicy)]
struct PolicyView {
    /// When a debtor may be written to, on their own clock; empty is at any hour.
    hours: Vec<HoursView>,
    /// Between two messages to one debtor, 0 to 43200 (30 days).
    min_gap_minutes: u32,
    /// Messages to one debtor on one day, 1 to 1000; null is no limit.
    #[schema(required)]
    per_day: Option<u32>,
    /// Messages to one debtor in any seven days, 1 to 1000; null is no limit.
    #[schema(required)]
    per_week: Option<u32>,
}

/// Hours of some days of the week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Hours)]
pub(super) struct HoursView {
    /// 1 is Monday, 7 is Sunday.
    days: Vec<u8>,
    /// `08:00`
    from: String,
    /// `20:00`, up to `24:00`.
    until: String,
}

/// The contact policy.
#[utoipa::path(get, path = "/settings/contact-policy", tag = "settings", responses((status = OK, body = PolicyView)))]
async fn read(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<PolicyView>, Problem> {
    Ok(axum::Json(state.store.contact_policy().await?.into()))
}

/// Sets the contact policy; it holds from the next message on, also in campaigns that are running.
#[utoipa::path(put, path = "/settings/contact-policy", tag = "settings", request_body = PolicyView,
    responses((status = OK, body = PolicyView)))]
async fn change(
    Admin(user): Admin,
    State(state): State<AppState>,
    Json(input): Json<PolicyView>,
) -> Result<axum::Json<PolicyView>, Problem> {
    let mut checks = Checks::default();
    let hours = read_hours(&mut checks, "/hours", &input.hours);
    if input.min_gap_minutes > 43_200 {
        checks.reject("/min_gap_minutes", "out_of_range", "0–43200");
    }
    for (pointer, cap) in [("/per_day", input.per_day), ("/per_week", input.per_week)] {
        if cap.is_some_and(|cap| !(1..=1000).contains(&cap)) {
            checks.reject(pointer, "out_of_range", "1–1000");
        }
    }
    let Some(hours) = hours else { return Err(checks.into_problem()) };
    checks.finish()?;
    let policy = ContactPolicy {
        hours,
        min_gap_minutes: input.min_gap_minutes,
        per_day: input.per_day,
        per_week: input.per_week,
    };
    let mut entry = audit(&user, "settings.contact_policy", "settings:contact_policy");
    entry.detail = serde_json::json!(policy);
    state.engine.set_contact_policy(&policy, entry).await?;
    Ok(axum::Json(policy.into()))
}

/// Hours as a person writes them; what is wrong is noted below `pointer`.
pub(super) fn read_hours(checks: &mut Checks, pointer: &str, hours: &[HoursView]) -> Option<Hours> {
    let mut spans = Vec::new();
    for (index, view) in hours.iter().enumerate() {
        let times = minutes(&view.from).zip(minutes(&view.until));
        let Some((from, until)) = times else {
            checks.reject(format!("{pointer}/{index}"), "invalid_time", "08:00");
            continue;
        };
        let span = Span { days: view.days.clone(), from, until };
        match Hours::new(vec![span.clone()]) {
            Ok(_) => spans.push(span),
            Err(HoursError::Days) => checks.reject(format!("{pointer}/{index}/days"), "invalid", ""),
            Err(HoursError::Order) => checks.reject(format!("{pointer}/{index}/until"), "ends_early", ""),
        }
    }
    if spans.len() == hours.len() { Hours::new(spans).ok() } else { None }
}

/// The view of hours.
pub(super) fn show_hours(hours: &Hours) -> Vec<HoursView> {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let view = |span: &Span| HoursView { days: span.days.clone(), from: clock(span.from), until: clock(span.until) };
    hours.spans().iter().map(view).collect()
}

/// Minutes since midnight of `08:30`; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    if !(hours.bytes().chain(minutes.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

impl From<ContactPolicy> for PolicyView {
    fn from(policy: ContactPolicy) -> Self {
        Self {
            hours: show_hours(&policy.hours),
            min_gap_minutes: policy.min_gap_minutes,
            per_day: policy.per_day,
            per_week: policy.per_week,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clocks_show_them() {
        assert_eq!([minutes("08:30"), minutes("00:00"), minutes("24:00")], [Some(510), Some(0), Some(1440)]);
        for text in ["", "8:30", "08:60", "24:01", "-1:00", "+8:00", "08:3x", "99:99"] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }
}
