//! What becomes of a message that is due, decided at the moment of the claim and from current data.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;

use crate::{
    domain::{
        clocks,
        id::CampaignId,
        message::WireId,
        policy::{self, Contact, ContactPolicy, Decision},
        template::{self, CompiledTemplate},
    },
    store::{Candidate, Verdict},
};

/// Texts by campaign and step, compiled once.
pub(super) type Texts = HashMap<(CampaignId, usize), CompiledTemplate>;

/// Decides on a message. A promise to pay holds every message back until its day has passed; a step that stops at promises is not sent at
/// all, once nothing else holds it back.
pub(super) fn judge(
    candidate: &Candidate,
    policy: &ContactPolicy,
    now: DateTime<Utc>,
    texts: &mut Texts,
    rng: &mut StdRng,
) -> Verdict {
    let campaign = &candidate.campaign;
    let stops = campaign.steps.stops_if_promised(candidate.step) && has_promised(candidate, now);
    let open = candidate.promises.iter().filter_map(|promise| promise.holds_until());
    let promised = open.max().filter(|_| !stops);
    let asks = promised.is_some() || policy.asks_for_the_time();
    let clocks = if asks { clocks::of(&candidate.debtor.details) } else { Cow::default() };
    let contact = Contact {
        status: candidate.debtor.status,
        suppressed: candidate.suppressed,
        promised,
        clocks: &clocks,
        contacts: &candidate.contacts,
    };
    match policy::decide(policy, &contact, now) {
        Decision::Allowed => {}
        Decision::Wait { until, reason } => return Verdict::Wait { until, reason: reason.as_str().to_owned() },
        Decision::Refused(refusal) => return Verdict::Suppress { reason: refusal.code().to_owned() },
    }
    if stops {
        return Verdict::Suppress { reason: "promised".to_owned() };
    }
    let replied = candidate.last_heard.zip(campaign.started_at).is_some_and(|(heard, started)| heard > started);
    if replied && campaign.steps.stops_if_replied(candidate.step) {
        return Verdict::Suppress { reason: "replied".to_owned() };
    }
    write(candidate, texts, rng)
}

/// The text that the debtor gets, from current data.
fn write(candidate: &Candidate, texts: &mut Texts, rng: &mut StdRng) -> Verdict {
    let campaign = &candidate.campaign;
    let content = campaign.content_of(candidate.step);
    let text = match texts.entry((campaign.id, campaign.steps.root(candidate.step))) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => match template::compile(content.body) {
            Ok(text) => entry.insert(text),
            Err(error) => {
                return Verdict::Fail { reason: format!("template_broken: {error}") };
            }
        },
    };
    match text.render_beside(content.media.is_some(), &candidate.debtor.details) {
        Ok(body) => Verdict::Send { body, wire_id: WireId::random(rng) },
        // The debtor's data are to blame and not the sending: to try it again would end in the same way.
        Err(error) => Verdict::Suppress { reason: error.code() },
    }
}

/// Whether a promise to pay spares the debtor of a step that stops at promises; days are those of the campaign's clock.
fn has_promised(candidate: &Candidate, now: DateTime<Utc>) -> bool {
    let campaign = &candidate.campaign;
    let today = now.with_timezone(&campaign.plan.clock).date_naive();
    candidate.promises.iter().any(|promise| promise.spares(campaign.started_at, today))
}
