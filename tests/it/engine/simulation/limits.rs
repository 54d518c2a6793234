//! What must never have happened to anybody: a message too many, too soon, at the wrong hour, or after they had asked for none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use whatsmassive::domain::{
    hours::{Hours, Span},
    id::SessionId,
    message::{Message, MessageState},
};

use super::{Life, Scenario, World};

/// Where the debtors of the tests live, whose numbers are Colombian.
const CLOCK: chrono_tz::Tz = chrono_tz::America::Bogota;

/// The first minutes of each half-hour of every day: hours that close often, and open again soon.
pub(super) fn first_minutes(minutes: u16) -> Hours {
    let span = |half: u16| Span { days: (1..=7).collect(), from: half * 30, until: half * 30 + minutes };
    Hours::new((0..48).map(span).collect()).unwrap()
}

/// Once a number is on the suppression list, nothing is claimed for it, and what was claimed before is not sent any more.
pub(super) async fn nobody_heard_after_an_opt_out(life: &Life, world: &World, seed: u64, messages: &[Message]) {
    for suppression in life.store.suppressions(None).await.unwrap() {
        let debtor = life.store.debtor_by_phone(&suppression.phone).await.unwrap().expect("a debtor of ours").id;
        for message in messages.iter().filter(|message| message.debtor_id == debtor) {
            let mut claims = message.history.iter().filter(|happening| happening.state == MessageState::Sending);
            assert!(claims.all(|claim| claim.at <= suppression.created_at), "seed {seed}: after STOP: {message:?}");
        }
        for (to, at) in &world.state().sends {
            let before = to != suppression.phone.as_str() || *at <= suppression.created_at;
            assert!(before, "seed {seed}: sent at {at}, after STOP: {suppression:?}");
        }
    }
}

/// Neither a debtor nor a session ever had more than their limits allow.
pub(super) fn held(seed: u64, messages: &[Message], scenario: &Scenario) {
    let mut by_debtor = BTreeMap::<i64, Vec<DateTime<Utc>>>::new();
    let mut by_session = BTreeMap::<SessionId, Vec<(DateTime<Utc>, i64)>>::new();
    for message in messages {
        if let (Some(at), Some(session)) = (message.claimed_at, message.session_id) {
            by_debtor.entry(message.debtor_id.0).or_default().push(at);
            by_session.entry(session).or_default().push((at, message.debtor_id.0));
        }
    }
    let policy = &scenario.policy;
    let gap = TimeDelta::minutes(policy.min_gap_minutes.into());
    for contacts in by_debtor.values_mut() {
        contacts.sort();
        assert!(contacts.windows(2).all(|two| two[1] - two[0] >= gap), "seed {seed}: too soon: {contacts:?}");
        assert!(contacts.iter().all(|at| policy.hours.open(*at, &[CLOCK])), "seed {seed}: wrong hour: {contacts:?}");
        at_most(seed, policy.per_week, TimeDelta::days(7), contacts);
        let mut days = BTreeMap::<_, u32>::new();
        contacts.iter().for_each(|at| *days.entry(at.with_timezone(&CLOCK).date_naive()).or_default() += 1);
        let cap = policy.per_day.unwrap_or(u32::MAX);
        assert!(days.values().all(|count| *count <= cap), "seed {seed}: more than {cap} on a day: {contacts:?}");
    }
    let caps = scenario.caps;
    for claims in by_session.values_mut() {
        claims.sort();
        let all: Vec<_> = claims.iter().map(|(at, _)| *at).collect();
        at_most(seed, caps.per_minute, TimeDelta::minutes(1), &all);
        at_most(seed, caps.per_hour, TimeDelta::hours(1), &all);
        at_most(seed, caps.per_day, TimeDelta::days(1), &all);
        let mut known = BTreeSet::new();
        let opened: Vec<_> = claims.iter().filter(|(_, debtor)| known.insert(*debtor)).map(|(at, _)| *at).collect();
        at_most(seed, caps.new_chats_per_day, TimeDelta::days(1), &opened);
    }
}

/// No window of that length has more than `cap` of the instants, which are in order.
fn at_most(seed: u64, cap: Option<u32>, window: TimeDelta, instants: &[DateTime<Utc>]) {
    let Some(cap) = cap.map(|cap| usize::try_from(cap).unwrap()) else { return };
    let wide = instants.windows(cap + 1).all(|some| some[cap] - some[0] >= window);
    assert!(wide, "seed {seed}: more than {cap} in {window}: {instants:?}");
}
