//! The machine's clock is put forward and back while campaigns run.

use std::{collections::BTreeMap, time::Duration};

use chrono::{TimeDelta, Timelike as _};
use whatsmassive::{
    domain::{
        campaign::{CampaignAction, CampaignStatus, IfLate, Plan as Times},
        hours::{Hours, Span},
        message::MessageState,
        pacing::Caps,
        policy::ContactPolicy,
    },
    store::SessionPatch,
};

use super::life::{Life, Plan, audit};
use crate::support::scripted::{Faults, World};

/// So much time passes, whatever the clock shows.
async fn pass(minutes: u64) {
    tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_scheduled_start_comes_once_and_by_the_clock() {
    let world = World::new(1, Faults::default());
    let life = Life::start(&world, 1).await;
    let starts_at = Some(life.clock.now() + TimeDelta::hours(2));
    let times = Times { starts_at, if_late: IfLate::Run, ..Times::default() };
    let campaign = life.prepare(Plan { plan: times, launch: false, debtors: 5, ..Plan::default() }).await.campaign;
    life.act(campaign, CampaignAction::Schedule).await;
    let status = async || life.store.campaign(campaign).await.unwrap().unwrap().status;
    pass(60).await;
    world.put_clock(-60);
    pass(90).await;
    assert_eq!(status().await, CampaignStatus::Scheduled, "by the clock it is not time yet");
    world.put_clock(60);
    pass(2).await;
    assert_ne!(status().await, CampaignStatus::Scheduled, "it is noticed that the clock was put forward");
    life.until_over(campaign).await;
    world.put_clock(-180);
    pass(300).await;
    assert_eq!((status().await, world.state().arrivals.len()), (CampaignStatus::Finished, 5), "it begins once");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn caps_hold_over_a_clock_that_is_put_back_and_end() {
    let world = World::new(2, Faults::default());
    let life = Life::start(&world, 2).await;
    for session in life.make_sessions().await {
        let caps = Some(Caps { per_hour: Some(5), ..Caps::NONE });
        let patch = SessionPatch { caps, ..SessionPatch::default() };
        life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
    }
    let campaign = life.prepare(Plan { debtors: 45, ..Plan::default() }).await.campaign;
    let arrived = || world.state().arrivals.len();
    life.until(|| async { arrived() == 15 }).await;
    world.put_clock(-120);
    pass(50).await;
    assert_eq!(arrived(), 15, "an hour's worth was sent within the hour");
    // By the clock they are to be sent in two hours, and an hour after that there is room again.
    pass(140).await;
    assert_eq!(arrived(), 30);
    // Nobody can tell a clock that is put forward from time that passes.
    world.put_clock(60);
    pass(2).await;
    assert_eq!(arrived(), 45);
    let mut by_session = BTreeMap::<_, Vec<_>>::new();
    for message in life.messages(campaign).await {
        by_session.entry(message.session_id).or_default().push(message.claimed_at.unwrap());
    }
    for claims in by_session.values_mut() {
        claims.sort();
        assert!(claims.windows(6).all(|six| six[5] - six[0] >= TimeDelta::hours(1)), "{claims:?}");
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_debtors_limits_hold_over_a_clock_that_is_put_back_and_end() {
    let world = World::new(3, Faults::default());
    let life = Life::start(&world, 3).await;
    life.set_policy(&ContactPolicy { min_gap_minutes: 60, ..ContactPolicy::NONE }).await;
    life.make_debtor(1, &["all", "again"]).await;
    let first = life.prepare(Plan { debtors: 0, ..Plan::default() }).await.campaign;
    life.until_over(first).await;
    world.put_clock(-120);
    let second = life.prepare(Plan { debtors: 0, tag: "again", ..Plan::default() }).await.campaign;
    pass(170).await;
    assert_eq!(world.state().arrivals.len(), 1, "by the clock the first is still to come, or an hour has not passed");
    let waits = life.messages(second).await.remove(0);
    assert_eq!((waits.state, waits.reason.as_deref()), (MessageState::Queued, Some("contact_gap")));
    life.until_over(second).await;
    assert_eq!(world.state().arrivals.len(), 2);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_put_forward_into_the_night_stops_the_sending() {
    let world = World::new(4, Faults::default());
    let life = Life::start(&world, 4).await;
    // It is three in the morning in Bogotá.
    let span = Span { days: (1..=7).collect(), from: 3 * 60, until: 5 * 60 };
    life.set_policy(&ContactPolicy { hours: Hours::new(vec![span]).unwrap(), ..ContactPolicy::NONE }).await;
    let campaign = life.prepare(Plan { debtors: 40, ..Plan::default() }).await.campaign;
    life.until(|| async { world.state().arrivals.len() >= 10 }).await;
    world.put_clock(3 * 60);
    pass(10).await;
    let arrived = world.state().arrivals.len();
    assert!(arrived < 20, "{arrived}: what was claimed before still left");
    pass(22 * 60).await;
    assert_eq!(life.counts(campaign).await.open(), 0);
    for message in life.messages(campaign).await {
        assert!((8..10).contains(&message.claimed_at.unwrap().hour()), "{message:?}");
    }
    life.stop().await;
}
