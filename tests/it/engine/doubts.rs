//! Messages that were proved absent and cannot go back to the session that may repeat their id.

use std::time::Duration;

use whatsmassive::{
    channel::{ChannelEvent, ChannelState},
    domain::{
        campaign::CampaignStatus,
        id::{CampaignId, SessionId},
        message::{Finding, Message, MessageState},
        pacing::Caps,
        phone::Phone,
        session::{DesiredState, SessionStatus},
    },
    store::{PoolPatch, SessionPatch},
};

use super::life::{Life, Plan, audit};
use crate::support::scripted::{Faults, World};

/// A campaign to one debtor whose message is in doubt, since it was lost and nothing can be looked up.
async fn in_doubt(life: &Life, world: &World) -> (CampaignId, SessionId) {
    world.state().blind = true;
    // Each session sends one message an hour: what goes back to its session waits there for a while.
    for session in life.make_sessions().await {
        let caps = Some(Caps { per_hour: Some(1), ..Caps::NONE });
        let patch = SessionPatch { caps, ..SessionPatch::default() };
        life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
    }
    let campaign = life.prepare(Plan { debtors: 1, ..Plan::default() }).await.campaign;
    life.until(|| async { life.counts(campaign).await.get(MessageState::Uncertain) == 1 }).await;
    (campaign, message(life, campaign).await.session_id.unwrap())
}

async fn message(life: &Life, campaign: CampaignId) -> Message {
    life.messages(campaign).await.remove(0)
}

/// Takes a session out of the campaign's only pool.
async fn leaves(life: &Life, campaign: CampaignId, session: SessionId) {
    let pool = life.store.campaign(campaign).await.unwrap().unwrap().pools[0];
    let mut members = life.store.pool(pool).await.unwrap().unwrap().members;
    members.retain(|member| member.session != session);
    let patch = PoolPatch { members: Some(members), ..PoolPatch::default() };
    life.store.update_pool(pool, patch, life.clock.now(), audit()).await.unwrap();
}

async fn is_finished(life: &Life, campaign: CampaignId) -> bool {
    life.store.campaign(campaign).await.unwrap().unwrap().status == CampaignStatus::Finished
}

/// What waited for a session that has left is shown to a person, who may have another one send it, as a new message.
async fn a_person_lets_another_send_it(life: &Life, campaign: CampaignId, left: SessionId) {
    life.until(|| async { message(life, campaign).await.reason.as_deref() == Some("session_left") }).await;
    life.until(|| async { is_finished(life, campaign).await }).await;
    let stranded = message(life, campaign).await;
    assert_eq!(stranded.state, MessageState::Uncertain);
    // Nothing goes on by itself, however long it takes.
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(message(life, campaign).await, stranded);
    life.engine.decide(stranded.id, Finding::SendAgain, audit()).await.unwrap().unwrap();
    life.until(|| async { message(life, campaign).await.attempts > stranded.attempts }).await;
    let again = message(life, campaign).await;
    assert_ne!(again.session_id, Some(left));
    assert_ne!(again.wire_id, stranded.wire_id, "it is a new message");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_session_that_has_left_the_pool_is_for_a_person_to_decide() {
    let world = World::new(1, Faults { message_lost: 100, ..Faults::default() });
    let life = Life::start(&world, 1).await;
    let (campaign, session) = in_doubt(&life, &world).await;
    // The doubt is cleared up for now: it has not left, and waits for its session.
    world.state().blind = false;
    life.until(|| async { message(&life, campaign).await.state == MessageState::Queued }).await;
    leaves(&life, campaign, session).await;
    a_person_lets_another_send_it(&life, campaign, session).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_proved_absent_when_its_session_has_left_stays_in_doubt() {
    let world = World::new(2, Faults { message_lost: 100, ..Faults::default() });
    let life = Life::start(&world, 2).await;
    let (campaign, session) = in_doubt(&life, &world).await;
    leaves(&life, campaign, session).await;
    world.state().blind = false;
    a_person_lets_another_send_it(&life, campaign, session).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_never_leaves_has_failed_after_three_attempts() {
    let world = World::new(3, Faults { message_lost: 100, ..Faults::default() });
    let life = Life::start(&world, 3).await;
    let campaign = life.prepare(Plan { debtors: 2, ..Plan::default() }).await.campaign;
    life.until(|| async { life.counts(campaign).await.get(MessageState::Failed) == 2 }).await;
    for message in life.messages(campaign).await {
        assert_eq!(
            (message.state, message.reason.as_deref()),
            (MessageState::Failed, Some("never_left")),
            "{message:?}"
        );
        assert_eq!(message.attempts, 3);
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_linked_anew_repeats_nothing() {
    let world = World::new(4, Faults { answer_lost: 100, ..Faults::default() });
    let life = Life::start(&world, 4).await;
    let (campaign, session) = in_doubt(&life, &world).await;
    life.fleet.log_out(session).await.unwrap();
    life.until(|| async { status(&life, session).await == SessionStatus::LoggedOut }).await;
    life.store.set_desired(session, DesiredState::Running, life.clock.now(), audit()).await.unwrap();
    life.fleet.wake(session);
    life.until(|| async { status(&life, session).await == SessionStatus::Unpaired }).await;
    // Another phone scans the code, and its page knows nothing of what has left before.
    world.state().blind = false;
    let phone = Phone::from_e164("573009999999").unwrap();
    world.tell(session, ChannelEvent::State(ChannelState::Online { phone }));
    life.until(|| async { status(&life, session).await == SessionStatus::Online }).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let message = message(&life, campaign).await;
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Uncertain, Some("session_linked_anew")));
    assert_eq!((message.attempts, world.state().arrivals.len()), (1, 1), "it had arrived");
    life.stop().await;
}

async fn status(life: &Life, session: SessionId) -> SessionStatus {
    life.store.session(session).await.unwrap().unwrap().status
}
