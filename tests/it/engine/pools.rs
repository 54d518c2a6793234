//! Pools: a campaign goes through all of its own, and is paused when nobody is left in any of them.

use std::time::Duration;

use whatsmassive::{
    domain::{
        campaign::{CampaignAction, CampaignStatus},
        id::{CampaignId, SessionId},
        message::MessageState,
        pacing::DelayRange,
        session::DesiredState,
    },
    store::{CampaignPatch, PoolPatch, SessionPatch},
};

use super::life::{Life, Plan, audit};
use crate::support::scripted::{Faults, World};

async fn status(life: &Life, campaign: CampaignId) -> (CampaignStatus, Option<String>) {
    let campaign = life.store.campaign(campaign).await.unwrap().unwrap();
    (campaign.status, campaign.pause_reason)
}

/// A running campaign to many through a pool of the first session and one of the other two.
async fn in_two_pools(life: &Life, debtors: usize) -> CampaignId {
    let other = life.prepare(Plan { debtors: 1, sessions: vec![2, 3], tag: "other", ..Plan::default() }).await;
    let pool = life.store.campaign(other.campaign).await.unwrap().unwrap().pools[0];
    let plan = Plan { debtors, first_phone: 10, sessions: vec![1], launch: false, ..Plan::default() };
    let plan = life.prepare(plan).await.campaign;
    let own = life.store.campaign(plan).await.unwrap().unwrap().pools[0];
    let patch = CampaignPatch { pools: Some(vec![own, pool]), ..CampaignPatch::default() };
    life.engine.change(plan, patch, audit()).await.unwrap();
    life.engine.launch(plan, audit()).await.unwrap();
    plan
}

#[tokio::test(start_paused = true)]
async fn a_campaign_without_any_session_is_paused_after_a_while() {
    let world = World::new(7, Faults::default());
    let life = Life::start(&world, 7).await;
    let plan = life.prepare(Plan { debtors: 300, ..Plan::default() }).await;
    life.until(|| async { world.state().arrivals.len() >= 20 }).await;
    for session in life.store.sessions().await.unwrap() {
        life.store.set_desired(session.id, DesiredState::Stopped, life.clock.now(), audit()).await.unwrap();
        life.fleet.wake(session.id);
    }
    tokio::time::sleep(Duration::from_secs(8 * 60)).await;
    assert_eq!(status(&life, plan.campaign).await.0, CampaignStatus::Running, "a restart is no reason");
    life.until(|| async { status(&life, plan.campaign).await.0 == CampaignStatus::Paused }).await;
    assert_eq!(status(&life, plan.campaign).await.1.as_deref(), Some("no_session"));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_with_several_pools_is_paused_when_the_last_of_them_is_deserted() {
    let world = World::new(10, Faults::default());
    let life = Life::start(&world, 10).await;
    // A message a minute, so that it lasts for an hour.
    for session in life.make_sessions().await {
        let patch = SessionPatch { delay: DelayRange::new(60_000, 60_000).ok(), ..SessionPatch::default() };
        life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
    }
    let plan = in_two_pools(&life, 150).await;
    let want = async |session: i64, desired: DesiredState| {
        life.store.set_desired(SessionId(session), desired, life.clock.now(), audit()).await.unwrap();
        life.fleet.wake(SessionId(session));
    };
    want(1, DesiredState::Stopped).await;
    tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    assert_eq!(status(&life, plan).await.0, CampaignStatus::Running, "the other pool goes on");
    want(2, DesiredState::Stopped).await;
    want(3, DesiredState::Stopped).await;
    life.until(|| async { status(&life, plan).await.0 == CampaignStatus::Paused }).await;
    assert_eq!(status(&life, plan).await.1.as_deref(), Some("no_session"));
    // One pool that is there again is enough.
    want(3, DesiredState::Running).await;
    life.act(plan, CampaignAction::Resume).await;
    let arrived = world.state().arrivals.len();
    tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    assert_eq!(status(&life, plan).await.0, CampaignStatus::Running);
    assert!(world.state().arrivals.len() > arrived);
    life.act(plan, CampaignAction::Cancel).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_is_emptied_while_its_campaign_runs_pauses_it_and_goes_on_when_it_has_members_again() {
    let world = World::new(11, Faults::default());
    let life = Life::start(&world, 11).await;
    let plan = life.prepare(Plan { debtors: 60, ..Plan::default() }).await.campaign;
    life.until(|| async { world.state().arrivals.len() >= 10 }).await;
    let pool = life.store.campaign(plan).await.unwrap().unwrap().pools[0];
    let members = life.store.pool(pool).await.unwrap().unwrap().members;
    let fill = |members| {
        let patch = PoolPatch { members: Some(members), ..PoolPatch::default() };
        life.store.update_pool(pool, patch, life.clock.now(), audit())
    };
    fill(Vec::new()).await.unwrap();
    life.until(|| async { life.counts(plan).await.get(MessageState::Sending) == 0 }).await;
    let arrived = world.state().arrivals.len();
    life.until(|| async { status(&life, plan).await.0 == CampaignStatus::Paused }).await;
    assert_eq!(status(&life, plan).await.1.as_deref(), Some("no_session"));
    assert_eq!(world.state().arrivals.len(), arrived, "nobody was there to send");
    fill(members).await.unwrap();
    life.act(plan, CampaignAction::Resume).await;
    life.until_over(plan).await;
    assert_eq!(world.state().arrivals.len(), 60);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_goes_through_all_of_its_pools() {
    let world = World::new(8, Faults::default());
    let life = Life::start(&world, 8).await;
    let plan = in_two_pools(&life, 30).await;
    life.until_over(plan).await;
    let mut sessions: Vec<_> = life.messages(plan).await.iter().filter_map(|m| m.session_id).collect();
    sessions.sort();
    sessions.dedup();
    assert_eq!(sessions, [SessionId(1), SessionId(2), SessionId(3)]);
    assert_eq!(world.state().arrivals.len(), 31);
    life.stop().await;
}
