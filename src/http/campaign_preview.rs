//! What a campaign would do, before it does: who would get what, who would wait, and who would get nothing and why.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    campaign_view::AudienceView,
    extract::{Checks, Json},
    problem::Problem,
    sign_in::Supervisor,
    state::AppState,
};
use crate::{
    domain::{
        campaign::Audience,
        clocks,
        id::{DebtorId, TemplateId},
        policy::{self, Contact, ContactPolicy, Decision},
        template::{self, CompiledTemplate},
    },
    store::Person,
};

/// The debtors looked at: enough to see what is wrong, and quick.
const EXAMINED: u32 = 5_000;
/// The debtors shown one by one.
const SHOWN: usize = 50;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// A campaign that may be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CampaignPreviewIn)]
struct PreviewIn {
    template_id: i64,
    audience: AudienceView,
}

/// What it would do if it were launched now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPreview)]
struct PreviewView {
    /// Active debtors in the audience.
    audience: u64,
    /// Of how many of them the counts below are: the first 5000.
    examined: u64,
    /// Who would get the message as soon as it is their turn.
    now: u64,
    /// Who would wait, by the reason.
    waiting: Vec<ReasonCount>,
    /// Who would get nothing, by the reason, for example `template_variable_missing: city`.
    refused: Vec<ReasonCount>,
    /// The first 50, one by one; those who would get nothing first.
    recipients: Vec<Recipient>,
}

/// How many, and why.
#[derive(Debug, Serialize, ToSchema)]
struct ReasonCount {
    reason: String,
    count: u64,
    /// When the first of those who wait would be written to.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// One debtor of the audience.
#[derive(Debug, Serialize, ToSchema)]
struct Recipient {
    debtor_id: i64,
    name: String,
    phone: String,
    /// The text they would get; null where they would get none.
    #[schema(required)]
    text: Option<String>,
    /// Why they would wait or get nothing; null where they would get it now.
    #[schema(required)]
    reason: Option<String>,
    /// When they would be written to; null where that is now or never.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
}

/// Says who would get what, and who not and why; changes nothing.
#[utoipa::path(post, path = "/campaigns/preview", tag = "campaigns", request_body = PreviewIn,
    responses((status = OK, body = PreviewView)))]
async fn preview(
    _: Supervisor,
    State(state): State<AppState>,
    Json(input): Json<PreviewIn>,
) -> Result<axum::Json<PreviewView>, Problem> {
    let mut checks = Checks::default();
    let template = state.store.template(TemplateId(input.template_id)).await?;
    let text = template.as_ref().and_then(|template| template::compile(&template.body).ok());
    let Some(text) = text else {
        checks.reject("/template_id", "unknown", "");
        return Err(checks.into_problem());
    };
    let file = template.is_some_and(|template| template.media.is_some());
    let audience = Audience::from(input.audience);
    let (policy, now) = (state.store.contact_policy().await?, state.clock.now());
    let mut recipients = Vec::new();
    let mut after: Option<DebtorId> = None;
    while recipients.len() < EXAMINED as usize {
        let people = state.store.audience_people(&audience, now.date_naive(), after, 500).await?;
        let Some(last) = people.last() else { break };
        after = Some(last.debtor.id);
        recipients.extend(people.iter().map(|person| recipient(person, (&text, file), &policy, now)));
    }
    let total = state.store.audience_count(&audience, now.date_naive()).await?;
    Ok(axum::Json(summary(total, recipients)))
}

/// What one person would get of a text, and whether a file is beside it.
fn recipient(
    person: &Person,
    (text, file): (&CompiledTemplate, bool),
    policy: &ContactPolicy,
    now: DateTime<Utc>,
) -> Recipient {
    let details = &person.debtor.details;
    let contact = Contact {
        status: person.debtor.status,
        suppressed: person.suppressed,
        promised: person.promises.iter().filter_map(|promise| promise.holds_until()).max(),
        clocks: &clocks::of(details),
        contacts: &person.contacts,
    };
    let rendered = text.render_beside(file, details);
    let (reason, until) = match (policy::decide(policy, &contact, now), &rendered) {
        (Decision::Refused(refusal), _) => (Some(refusal.code().to_owned()), None),
        (_, Err(error)) => (Some(error.code()), None),
        (Decision::Wait { until, reason }, Ok(_)) => (Some(reason.as_str().to_owned()), Some(until)),
        (Decision::Allowed, Ok(_)) => (None, None),
    };
    Recipient {
        debtor_id: person.debtor.id.0,
        name: details.name.clone(),
        phone: details.phone.as_str().to_owned(),
        text: rendered.ok().filter(|_| reason.is_none() || until.is_some()),
        reason,
        until,
    }
}

fn summary(audience: u64, mut recipients: Vec<Recipient>) -> PreviewView {
    let examined = recipients.len() as u64;
    let mut waiting = BTreeMap::<String, (u64, Option<DateTime<Utc>>)>::new();
    let mut refused = BTreeMap::<String, (u64, Option<DateTime<Utc>>)>::new();
    let mut at_once = 0;
    for recipient in &recipients {
        let (Some(reason), until) = (&recipient.reason, recipient.until) else {
            at_once += 1;
            continue;
        };
        let counts = if until.is_some() { &mut waiting } else { &mut refused };
        let (count, first) = counts.entry(reason.clone()).or_default();
        *count += 1;
        *first = (*first).into_iter().chain(until).min();
    }
    let counted = |counts: BTreeMap<String, (u64, Option<DateTime<Utc>>)>| {
        counts.into_iter().map(|(reason, (count, until))| ReasonCount { reason, count, until }).collect()
    };
    recipients.sort_by_key(|recipient| (recipient.text.is_some(), recipient.debtor_id));
    recipients.truncate(SHOWN);
    PreviewView { audience, examined, now: at_once, waiting: counted(waiting), refused: counted(refused), recipients }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::{
        debt::Debts,
        debtor::{Debtor, DebtorDetails, DebtorStatus},
        hours::{Hours, Span},
        phone::Phone,
        promise::{PromiseStatus, Promised},
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// A debtor with a Colombian number and these fields.
    fn person(fields: &[(&str, &str)]) -> Person {
        let now = at("2026-11-20T00:00:00Z");
        let details = DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "Ana".to_owned(),
            debts: Debts::default(),
            tags: [].into(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        let (id, status) = (DebtorId(1), DebtorStatus::Active);
        let debtor =
            Debtor { id, details, status, import: None, last_heard_at: None, created_at: now, updated_at: now };
        let (contacts, sessions) = (Vec::new(), HashSet::new());
        Person { debtor, suppressed: false, contacts, sessions, last_heard: None, promises: Vec::new() }
    }

    #[test]
    fn the_hour_is_that_of_the_debtors_own_zone() {
        let span = Span { days: (1..=7).collect(), from: 8 * 60, until: 20 * 60 };
        let policy = ContactPolicy { hours: Hours::new(vec![span]).unwrap(), ..ContactPolicy::NONE };
        let text = template::compile("Hola {{ name }}").unwrap();
        // Ten in the morning in Madrid, four in Bogotá.
        let of = |person| recipient(&person, (&text, false), &policy, at("2026-11-20T09:00:00Z"));
        let there = of(person(&[("time_zone", "Europe/Madrid")]));
        assert_eq!((there.reason, there.until), (None, None));
        let here = of(person(&[]));
        assert_eq!((here.reason.as_deref(), here.until), (Some("contact_hours"), Some(at("2026-11-20T13:00:00Z"))));
    }

    #[test]
    fn who_has_promised_to_pay_would_wait_until_the_day_has_passed() {
        let mut person = person(&[]);
        let due_date = "2026-11-25".parse().unwrap();
        person.promises = vec![Promised { status: PromiseStatus::Open, due_date, closed_at: None }];
        let text = template::compile("Hola {{ name }}").unwrap();
        let of = recipient(&person, (&text, false), &ContactPolicy::NONE, at("2026-11-20T09:00:00Z"));
        assert_eq!((of.reason.as_deref(), of.until), (Some("promise_open"), Some(at("2026-11-26T05:00:00Z"))));
        assert_eq!(of.text.as_deref(), Some("Hola Ana"), "they would get it then");
    }
}
