//! What a campaign would do, before it does: who would get what, who would wait, and who would get nothing and why.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    campaign_in::{FOLLOW_UPS, FollowUpView},
    campaign_plan::PlanIn,
    campaign_view::AudienceView,
    extract::{Checks, Json},
    problem::Problem,
    sign_in::Supervisor,
    state::AppState,
};
use crate::{
    domain::{
        campaign::{
            Audience, Plan,
            prospect::{Prospect, prospect},
        },
        clocks,
        debtor::DebtorDetails,
        id::{DebtorId, TemplateId},
        policy::{Contact, ContactPolicy},
        template::{self, CompiledTemplate, RenderError},
    },
    store::Person,
};

/// The debtors looked at: enough to see what is wrong, and quick.
const EXAMINED: u32 = 5_000;
/// The debtors shown one by one.
const SHOWN: usize = 50;
/// What so many would read of each follow-up.
const SAMPLES: usize = 3;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(preview))
}

/// A campaign that may be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = CampaignPreviewIn)]
struct PreviewIn {
    template_id: i64,
    audience: AudienceView,
    /// At once, at any hour the contact policy allows, if absent.
    plan: Option<PlanIn>,
    /// None if absent.
    follow_ups: Option<Vec<FollowUpView>>,
}

/// What it would do if it were launched now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPreview)]
struct PreviewView {
    /// Active debtors in the audience.
    audience: u64,
    /// Of how many of them the counts below are: the first 5000.
    examined: u64,
    /// When it begins by itself; null where that is now.
    #[schema(required)]
    begins_at: Option<DateTime<Utc>>,
    /// Who would get the message as soon as it is their turn.
    now: u64,
    /// Who would wait, by the reason.
    waiting: Vec<ReasonCount>,
    /// Who would get nothing, by the reason, for example `template_variable_missing: city`.
    refused: Vec<ReasonCount>,
    /// The first 50, one by one; those who would get nothing first.
    recipients: Vec<Recipient>,
    /// What would follow, in order.
    follow_ups: Vec<FollowUpPreview>,
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

/// A message after the first one, to those who get that.
#[derive(Debug, Serialize, ToSchema)]
struct FollowUpPreview {
    /// After the message before has left.
    after_minutes: u32,
    /// Whether a debtor who has replied is left alone.
    stop_if_replied: bool,
    /// Whether a debtor who has promised to pay is left alone.
    stop_if_promised: bool,
    /// Who would not get it though they got the first message, by the reason.
    refused: Vec<ReasonCount>,
    /// What the first three would read.
    samples: Vec<Sample>,
}

/// What one debtor would read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FollowUpSample)]
struct Sample {
    debtor_id: i64,
    name: String,
    text: String,
}

/// Says who would get what and when, by the plan and by the contact policy, and who not and why; changes nothing.
#[utoipa::path(post, path = "/campaigns/preview", tag = "campaigns", request_body = PreviewIn,
    responses((status = OK, body = PreviewView)))]
async fn preview(
    _: Supervisor,
    State(state): State<AppState>,
    Json(input): Json<PreviewIn>,
) -> Result<axum::Json<PreviewView>, Problem> {
    let now = state.clock.now();
    let (mut meant, audience) = Meant::read(&state, input, now).await?;
    let mut recipients = Vec::new();
    let mut after: Option<DebtorId> = None;
    while recipients.len() < EXAMINED as usize {
        let people = state.store.audience_people(&audience, now.date_naive(), after, 500).await?;
        let Some(last) = people.last() else { break };
        after = Some(last.debtor.id);
        recipients.extend(people.iter().map(|person| meant.recipient(person)));
    }
    let total = state.store.audience_count(&audience, now.date_naive()).await?;
    let begins_at = Some(meant.begin).filter(|begin| *begin > now);
    Ok(axum::Json(summary(total, begins_at, recipients, meant.follow_ups)))
}

/// A text, and whether a file is beside it.
struct Content {
    text: CompiledTemplate,
    file: bool,
}

impl Content {
    fn render(&self, details: &DebtorDetails) -> Result<String, RenderError> {
        self.text.render_beside(self.file, details)
    }
}

/// The campaign that is meant, with what holds for it.
struct Meant {
    first: Content,
    plan: Plan,
    policy: ContactPolicy,
    /// When it begins: now, or when its plan says.
    begin: DateTime<Utc>,
    follow_ups: Vec<FollowUp>,
}

/// A further message, and what was found out about it.
struct FollowUp {
    content: Content,
    view: FollowUpView,
    refused: Reasons,
    samples: Vec<Sample>,
}

impl Meant {
    async fn read(state: &AppState, input: PreviewIn, now: DateTime<Utc>) -> Result<(Self, Audience), Problem> {
        let mut checks = Checks::default();
        let first = content(&mut checks, state, "/template_id", input.template_id).await?;
        let plan = match &input.plan {
            Some(plan) => plan.check(&mut checks, now),
            None => Some(Plan::default()),
        };
        let mut follow_ups = Vec::new();
        for (index, view) in input.follow_ups.unwrap_or_default().into_iter().take(FOLLOW_UPS).enumerate() {
            let pointer = format!("/follow_ups/{index}/template_id");
            if let Some(content) = content(&mut checks, state, &pointer, view.template_id).await? {
                follow_ups.push(FollowUp { content, view, refused: Reasons::new(), samples: Vec::new() });
            }
        }
        let (Some(first), Some(plan)) = (first, plan) else { return Err(checks.into_problem()) };
        checks.finish()?;
        let begin = plan.starts_at.map_or(now, |at| at.max(now));
        let policy = state.store.contact_policy().await?;
        Ok((Self { first, plan, policy, begin, follow_ups }, input.audience.into()))
    }

    /// What one person would get, and when.
    fn recipient(&mut self, person: &Person) -> Recipient {
        let details = &person.debtor.details;
        let contact = Contact {
            status: person.debtor.status,
            suppressed: person.suppressed,
            promised: person.promises.iter().filter_map(|promise| promise.holds_until()).max(),
            clocks: &clocks::of(details),
            contacts: &person.contacts,
        };
        let rendered = self.first.render(details);
        let (reason, until) = match (prospect(&self.plan, &self.policy, &contact, self.begin), &rendered) {
            (Prospect::Never { reason }, _) => (Some(reason.to_owned()), None),
            (_, Err(error)) => (Some(error.code()), None),
            (Prospect::Later { at, reason }, Ok(_)) => (Some(reason.to_owned()), Some(at)),
            (Prospect::AtOnce, Ok(_)) => (None, None),
        };
        let text = rendered.ok().filter(|_| reason.is_none() || until.is_some());
        if text.is_some() {
            self.follow_ups.iter_mut().for_each(|follow_up| follow_up.look_at(person));
        }
        let (name, phone) = (details.name.clone(), details.phone.as_str().to_owned());
        Recipient { debtor_id: person.debtor.id.0, name, phone, text, reason, until }
    }
}

impl FollowUp {
    /// Counts somebody who gets the message before.
    fn look_at(&mut self, person: &Person) {
        let details = &person.debtor.details;
        match self.content.render(details) {
            Err(error) => self.refused.entry(error.code()).or_default().0 += 1,
            Ok(text) if self.samples.len() < SAMPLES => {
                self.samples.push(Sample { debtor_id: person.debtor.id.0, name: details.name.clone(), text });
            }
            Ok(_) => {}
        }
    }
}

/// The template with that id, ready to be filled in.
async fn content(checks: &mut Checks, state: &AppState, pointer: &str, id: i64) -> Result<Option<Content>, Problem> {
    let template = state.store.template(TemplateId(id)).await?;
    let file = template.as_ref().is_some_and(|template| template.media.is_some());
    let text = template.and_then(|template| template::compile(&template.body).ok());
    if text.is_none() {
        checks.reject(pointer, "unknown", "");
    }
    Ok(text.map(|text| Content { text, file }))
}

/// How many there are for each reason, and the first time of those that have one.
type Reasons = BTreeMap<String, (u64, Option<DateTime<Utc>>)>;

fn counted(reasons: Reasons) -> Vec<ReasonCount> {
    reasons.into_iter().map(|(reason, (count, until))| ReasonCount { reason, count, until }).collect()
}

fn summary(
    audience: u64,
    begins_at: Option<DateTime<Utc>>,
    mut recipients: Vec<Recipient>,
    follow_ups: Vec<FollowUp>,
) -> PreviewView {
    let examined = recipients.len() as u64;
    let (mut waiting, mut refused, mut now) = (Reasons::new(), Reasons::new(), 0);
    for recipient in &recipients {
        let (Some(reason), until) = (&recipient.reason, recipient.until) else {
            now += 1;
            continue;
        };
        let counts = if until.is_some() { &mut waiting } else { &mut refused };
        let (count, first) = counts.entry(reason.clone()).or_default();
        *count += 1;
        *first = (*first).into_iter().chain(until).min();
    }
    recipients.sort_by_key(|recipient| (recipient.text.is_some(), recipient.debtor_id));
    recipients.truncate(SHOWN);
    let follow_ups = follow_ups.into_iter().map(FollowUpPreview::from).collect();
    let (waiting, refused) = (counted(waiting), counted(refused));
    PreviewView { audience, examined, begins_at, now, waiting, refused, recipients, follow_ups }
}

impl From<FollowUp> for FollowUpPreview {
    fn from(FollowUp { view, refused, samples, .. }: FollowUp) -> Self {
        Self {
            after_minutes: view.after_minutes,
            stop_if_replied: view.stop_if_replied,
            stop_if_promised: view.stop_if_promised,
            refused: counted(refused),
            samples,
        }
    }
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

    /// A campaign that would begin at nine in the morning, UTC.
    fn meant(policy: ContactPolicy) -> Meant {
        let first = Content { text: template::compile("Hola {{ name }}").unwrap(), file: false };
        let (plan, begin) = (Plan::default(), at("2026-11-20T09:00:00Z"));
        Meant { first, plan, policy, begin, follow_ups: Vec::new() }
    }

    #[test]
    fn the_hour_is_that_of_the_debtors_own_zone() {
        let span = Span { days: (1..=7).collect(), from: 8 * 60, until: 20 * 60 };
        let policy = ContactPolicy { hours: Hours::new(vec![span]).unwrap(), ..ContactPolicy::NONE };
        // Ten in the morning in Madrid, four in Bogotá.
        let of = |person| meant(policy.clone()).recipient(&person);
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
        let of = meant(ContactPolicy::NONE).recipient(&person);
        assert_eq!((of.reason.as_deref(), of.until), (Some("promise_open"), Some(at("2026-11-26T05:00:00Z"))));
        assert_eq!(of.text.as_deref(), Some("Hola Ana"), "they would get it then");
    }
}
