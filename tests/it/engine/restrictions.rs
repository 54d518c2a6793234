//! A session that WhatsApp restricts: what it was refused is its own and waits for it, its siblings go on with theirs, and a person ends it.

use whatsmassive::{
    domain::{
        campaign::CampaignStatus,
        id::SessionId,
        message::{Message, MessageState, SESSION_RESTRICTED},
        pacing::Caps,
        session::{DesiredState, SessionStatus},
    },
    fleet::Presence,
    store::{HeldBack, SessionPatch},
};

use super::life::{Life, Plan, audit};
use crate::support::scripted::{Faults, World};

const FIRST: SessionId = SessionId(1);

async fn status(life: &Life, id: SessionId) -> (SessionStatus, Option<String>) {
    let session = life.store.session(id).await.unwrap().unwrap();
    (session.status, session.status_reason)
}

/// A person presses "restart".
async fn restart(life: &Life, id: SessionId) {
    life.store.set_desired(id, DesiredState::Running, life.clock.now(), audit()).await.unwrap();
    life.fleet.lift_restriction(id);
    life.fleet.restart(id);
}

#[tokio::test(start_paused = true)]
async fn what_whatsapp_refuses_to_a_session_waits_for_it_and_its_siblings_keep_their_caps() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(1, Faults::default());
    world.state().no_new_chats.insert(FIRST.0);
    let life = Life::start_in(&world, 1, folder.path()).await;
    for session in life.make_sessions().await {
        let caps = Some(Caps { per_hour: Some(4), ..Caps::NONE });
        let patch = SessionPatch { caps, ..SessionPatch::default() };
        life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
    }
    let plan = life.prepare(Plan { debtors: 9, ..Plan::default() }).await;
    life.until(|| async { world.state().arrivals.len() == 8 }).await;
    assert!(world.state().arrivals.iter().all(|arrival| arrival.session != FIRST));
    assert_eq!(status(&life, FIRST).await, (SessionStatus::Restricted, Some("new_chats_restricted".to_owned())));
    assert!(matches!(life.fleet.presence(FIRST), Presence::Restricted));

    // The siblings would have room for it again.
    tokio::time::sleep(std::time::Duration::from_secs(2 * 3600)).await;
    assert_eq!(world.state().arrivals.len(), 8);
    let held = life.messages(plan.campaign).await.into_iter().find(|message| message.sent_at.is_none()).unwrap();
    assert_eq!((held.state, held.session_id, held.attempts), (MessageState::Queued, Some(FIRST), 0));
    assert_eq!((held.reason.as_deref(), held.claimed_at), (Some(SESSION_RESTRICTED), None));
    let waiting = life.store.held_back(plan.campaign, life.clock.now()).await.unwrap();
    assert_eq!(waiting, [HeldBack { reason: Some(SESSION_RESTRICTED.to_owned()), count: 1, until: None }]);
    assert_eq!(world.state().opened[&1], 1, "it stays connected: debtors may answer");

    // Neither a new browser nor a new server ends it.
    life.fleet.restart(FIRST);
    life.until(|| async { status(&life, FIRST).await.0 == SessionStatus::Restricted && world.state().opened[&1] == 2 })
        .await;
    life.stop().await;
    let life = Life::start_in(&world, 1, folder.path()).await;
    life.until(|| async { status(&life, FIRST).await.0 == SessionStatus::Restricted }).await;
    assert_eq!(life.store.campaign(plan.campaign).await.unwrap().unwrap().status, CampaignStatus::Running);

    // A person may try too early.
    restart(&life, FIRST).await;
    let tries = |message: &Message| message.history.iter().filter(|then| then.state == MessageState::Sending).count();
    life.until(|| async { life.messages(plan.campaign).await.iter().any(|message| tries(message) == 2) }).await;
    life.until(|| async { status(&life, FIRST).await.0 == SessionStatus::Restricted }).await;
    world.state().no_new_chats.clear();
    restart(&life, FIRST).await;
    life.until_over(plan.campaign).await;
    let last = world.state().arrivals.last().cloned().unwrap();
    assert_eq!((last.session, Some(last.wire_id)), (FIRST, held.wire_id.map(|id| id.0)));
    assert_eq!(status(&life, FIRST).await.0, SessionStatus::Online);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn chats_that_a_restricted_session_holds_stay_with_it() {
    let world = World::new(2, Faults::default());
    let life = Life::start(&world, 2).await;
    for number in 1..=6 {
        life.make_debtor(number, if number <= 3 { &["all", "again"] } else { &["again"] }).await;
    }
    let first = Plan { sticky: true, sessions: vec![1], debtors: 0, ..Plan::default() };
    let first = life.prepare(first).await;
    life.until_over(first.campaign).await;
    life.fleet.restrict(FIRST, "new_chats_restricted").await;
    let again = life.prepare(Plan { sticky: true, debtors: 0, tag: "again", ..Plan::default() }).await;
    life.until(|| async { life.counts(again.campaign).await.get(MessageState::Read) == 3 }).await;
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    assert_eq!(life.counts(again.campaign).await.get(MessageState::Read), 3);
    let waiting = life.store.held_back(again.campaign, life.clock.now()).await.unwrap();
    assert_eq!(waiting.iter().map(|held| held.count).collect::<Vec<_>>(), [3]);
    restart(&life, FIRST).await;
    life.until_over(again.campaign).await;
    let senders: Vec<SessionId> = world.state().arrivals[6..].iter().map(|arrival| arrival.session).collect();
    assert_eq!(senders, [FIRST; 3]);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_whose_numbers_are_all_restricted_is_paused_and_says_so() {
    let world = World::new(3, Faults::default());
    world.state().no_new_chats.extend([1, 2, 3]);
    let life = Life::start(&world, 3).await;
    let plan = life.prepare(Plan { debtors: 9, ..Plan::default() }).await;
    let status = async || life.store.campaign(plan.campaign).await.unwrap().unwrap();
    life.until(|| async { status().await.status == CampaignStatus::Paused }).await;
    assert_eq!(status().await.pause_reason.as_deref(), Some(SESSION_RESTRICTED));
    assert!(world.state().arrivals.is_empty());
    life.stop().await;
}
