//! Campaigns through pools, on paused time, against the scripted WhatsApp.

use std::{collections::BTreeMap, time::Duration};

use whatsmassive::{
    channel::ChannelEvent,
    domain::{
        campaign::{CampaignAction, CampaignStatus},
        conversation::Inbound,
        debtor::DebtorStatus,
        id::SessionId,
        message::MessageState,
        phone::Phone,
        pool::Strategy,
    },
};

use super::life::{Life, Plan};
use crate::support::scripted::{Faults, World};

/// A campaign of `debtors` over three sessions; gives who sent, in the order of arrival.
async fn senders(strategy: Strategy, turn_size: i64, debtors: usize) -> Vec<SessionId> {
    let world = World::new(1, Faults::default());
    let life = Life::start(&world, 1).await;
    let plan = life.prepare(Plan { strategy, turn_size, debtors, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let senders = world.state().arrivals.iter().map(|arrival| arrival.session).collect();
    life.stop().await;
    senders
}

#[tokio::test(start_paused = true)]
async fn receipts_that_came_while_nobody_listened_are_caught_up_on() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(7, Faults { answer_lost: 100, ..Faults::default() });
    let life = Life::start_in(&world, 7, folder.path()).await;
    let plan = life.prepare(Plan { debtors: 6, ..Plan::default() }).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Sent) == 6 }).await;
    life.stop().await;
    world.state().all_read = true;
    let life = Life::start_in(&world, 7, folder.path()).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Read) == 6 }).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn fixed_turns_arrive_in_strict_order() {
    let senders = senders(Strategy::FixedTurns, 2, 20).await;
    let ids: Vec<i64> = senders.iter().map(|session| session.0).collect();
    let expected: Vec<i64> = (0..20).map(|message| message / 2 % 3 + 1).collect();
    assert_eq!(ids, expected);
}

#[tokio::test(start_paused = true)]
async fn random_turns_give_every_session_one_turn_a_round() {
    let senders = senders(Strategy::RandomTurns, 1, 30).await;
    for round in senders.chunks(3) {
        let mut ids: Vec<i64> = round.iter().map(|session| session.0).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 2, 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn competitive_leaves_nobody_idle() {
    let senders = senders(Strategy::Competitive, 1, 60).await;
    let mut counts = BTreeMap::<SessionId, usize>::new();
    for session in senders {
        *counts.entry(session).or_default() += 1;
    }
    // Equal sessions with equal delays: each carries about a third.
    assert_eq!(counts.len(), 3);
    assert!(counts.values().all(|count| (14..=26).contains(count)), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn every_message_is_read_and_the_campaign_finishes() {
    let world = World::new(2, Faults { receipts_muddled: 50, ..Faults::default() });
    let life = Life::start(&world, 2).await;
    let plan = life.prepare(Plan { debtors: 25, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Read) == 25 }).await;
    let campaign = life.store.campaign(plan.campaign).await.unwrap().unwrap();
    assert_eq!(campaign.status, CampaignStatus::Finished);
    assert!(world.state().arrivals[0].body.starts_with("Hola "));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_not_on_whatsapp_fails_once_and_for_all() {
    let world = World::new(3, Faults::default());
    let life = Life::start(&world, 3).await;
    world.state().not_on_whatsapp.insert(Life::phone(1).as_str().to_owned());
    let plan = life.prepare(Plan { debtors: 3, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let counts = life.counts(plan.campaign).await;
    assert_eq!((counts.get(MessageState::Failed), counts.total()), (1, 3));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn refusals_are_tried_again_and_then_fail() {
    let world = World::new(4, Faults { rejected: 100, ..Faults::default() });
    let life = Life::start(&world, 4).await;
    let plan = life.prepare(Plan { debtors: 2, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let counts = life.counts(plan.campaign).await;
    assert_eq!(counts.get(MessageState::Failed), 2);
    assert!(world.state().arrivals.is_empty());
    let page = life.messages(plan.campaign).await;
    assert!(page.iter().all(|message| message.attempts == 3), "{page:?}");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn pause_holds_and_cancel_ends() {
    let world = World::new(5, Faults::default());
    let life = Life::start(&world, 5).await;
    let plan = life.prepare(Plan { debtors: 200, ..Plan::default() }).await;
    life.until(|| async { world.state().arrivals.len() >= 10 }).await;
    life.act(plan.campaign, CampaignAction::Pause).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Sending) == 0 }).await;
    let held = world.state().arrivals.len();
    tokio::time::advance(Duration::from_secs(600)).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Sending) == 0 }).await;
    assert_eq!(world.state().arrivals.len(), held);

    life.act(plan.campaign, CampaignAction::Resume).await;
    life.until(|| async { world.state().arrivals.len() > held }).await;
    life.act(plan.campaign, CampaignAction::Cancel).await;
    life.until(|| async { life.counts(plan.campaign).await.open() == 0 }).await;
    let counts = life.counts(plan.campaign).await;
    assert!(counts.get(MessageState::Cancelled) > 100);
    assert_eq!(counts.get(MessageState::Cancelled) + u64::try_from(world.state().arrivals.len()).unwrap(), 200);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_who_answers_stop_gets_no_message_that_was_planned() {
    let world = World::new(6, Faults::default());
    let life = Life::start(&world, 6).await;
    let plan = life.prepare(Plan { debtors: 60, ..Plan::default() }).await;
    life.until(|| async { !world.state().arrivals.is_empty() }).await;
    let last = Life::phone(60);
    let inbound = Inbound {
        from: last.clone(),
        wire_id: "IN1".to_owned(),
        body: "Baja!".to_owned(),
        media: None,
        at: life.clock.now(),
    };
    world.tell(SessionId(1), ChannelEvent::Inbound(inbound));
    life.until_over(plan.campaign).await;
    let debtor = life.store.debtor_by_phone(&last).await.unwrap().unwrap();
    assert_eq!(debtor.status, DebtorStatus::OptedOut);
    assert_eq!(life.counts(plan.campaign).await.get(MessageState::Suppressed), 1);
    assert!(!world.state().arrivals.iter().any(|arrival| arrival.to == last.as_str()));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_who_asks_to_stop_while_their_chat_is_looked_for_gets_nothing() {
    let world = World::new(8, Faults::default());
    let life = Life::start(&world, 8).await;
    world.state().stops_us.insert(Life::phone(2).as_str().to_owned());
    let plan = life.prepare(Plan { debtors: 3, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert_eq!(world.state().sends.len(), 2);
    assert!(!world.state().sends.iter().any(|(to, _)| to == Life::phone(2).as_str()));
    let debtor = life.store.debtor_by_phone(&Life::phone(2)).await.unwrap().unwrap().id;
    let messages = life.messages(plan.campaign).await;
    let stopped = messages.iter().find(|message| message.debtor_id == debtor).unwrap();
    assert_eq!((stopped.state, stopped.reason.as_deref()), (MessageState::Suppressed, Some("opted_out")));
    assert_eq!(stopped.claimed_at, None, "it is no contact");
    let states: Vec<_> = stopped.history.iter().map(|happening| happening.state).collect();
    assert_eq!(states, [MessageState::Sending, MessageState::Suppressed]);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn two_pools_that_share_a_session_do_not_make_it_send_twice_at_once() {
    let world = World::new(7, Faults::default());
    let life = Life::start(&world, 7).await;
    let first = life.prepare(Plan { debtors: 20, sessions: vec![1], tag: "a", ..Plan::default() }).await;
    let second =
        life.prepare(Plan { debtors: 20, sessions: vec![1], tag: "b", first_phone: 100, ..Plan::default() }).await;
    let begun = life.clock.now();
    life.until_over(first.campaign).await;
    life.until_over(second.campaign).await;
    // 40 messages with at least one second's rest after each cannot take less than 39 seconds.
    assert!(life.clock.now() - begun >= chrono::TimeDelta::seconds(39));
    assert_eq!(world.state().arrivals.len(), 40);
    life.stop().await;
}

#[test]
fn phones_of_the_tests_are_valid() {
    assert!(Phone::from_e164(Life::phone(999).as_str()).is_ok());
}
