//! The life of campaigns: times, follow-ups, retries, and what pauses them.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use whatsmassive::{
    channel::ChannelEvent,
    domain::{
        campaign::{CampaignAction, CampaignStatus, IfLate, Plan as Times, Step},
        conversation::Inbound,
        hours::{Hours, Span},
        id::{CampaignId, ConversationId, SessionId},
        message::MessageState,
        pool::Strategy,
        promise::PromiseStatus,
        session::DesiredState,
    },
    store::{CampaignPatch, NewTemplate},
};

use super::life::{Life, Plan, audit, runtime};
use crate::support::scripted::{Faults, World};

async fn status(life: &Life, campaign: CampaignId) -> (CampaignStatus, Option<String>) {
    let campaign = life.store.campaign(campaign).await.unwrap().unwrap();
    (campaign.status, campaign.pause_reason)
}

/// A campaign that is scheduled for `starts_at`.
async fn scheduled(life: &Life, starts_at: DateTime<Utc>, if_late: IfLate) -> CampaignId {
    let times = Times { starts_at: Some(starts_at), if_late, ..Times::default() };
    let plan = life.prepare(Plan { plan: times, launch: false, debtors: 5, ..Plan::default() }).await;
    life.act(plan.campaign, CampaignAction::Schedule).await;
    plan.campaign
}

#[tokio::test(start_paused = true)]
async fn a_scheduled_campaign_begins_at_its_time() {
    let world = World::new(1, Faults::default());
    let life = Life::start(&world, 1).await;
    let starts_at = life.clock.now() + TimeDelta::hours(30);
    let campaign = scheduled(&life, starts_at, IfLate::Run).await;
    tokio::time::sleep(Duration::from_secs(29 * 3600)).await;
    assert_eq!(status(&life, campaign).await.0, CampaignStatus::Scheduled);
    assert_eq!(life.counts(campaign).await.total(), 0, "nothing is frozen yet");
    tokio::time::sleep(Duration::from_secs(3600)).await;
    life.until_over(campaign).await;
    let first = life.messages(campaign).await.iter().filter_map(|message| message.claimed_at).min().unwrap();
    assert!(first >= starts_at && first - starts_at < TimeDelta::seconds(5), "{first} {starts_at}");
    life.stop().await;
}

#[test]
fn a_start_that_the_server_missed_runs_late_or_is_reported() {
    for (if_late, expected) in [(IfLate::Run, CampaignStatus::Finished), (IfLate::Report, CampaignStatus::Draft)] {
        let world = World::new(2, Faults::default());
        let folder = tempfile::tempdir().unwrap();
        let campaign = runtime().block_on(async {
            let life = Life::start_in(&world, 2, folder.path()).await;
            scheduled(&life, life.clock.now() + TimeDelta::minutes(20), if_late).await
        });
        // The next life begins an hour after the first.
        runtime().block_on(async {
            let life = Life::start_in(&world, 2, folder.path()).await;
            life.until(|| async { status(&life, campaign).await.0 == expected }).await;
            let arrived = world.state().arrivals.len();
            match if_late {
                IfLate::Run => assert_eq!(arrived, 5),
                IfLate::Report => {
                    assert_eq!(arrived, 0);
                    assert_eq!(status(&life, campaign).await.1.as_deref(), Some("missed_start"));
                }
            }
            life.stop().await;
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_campaign_keeps_to_its_own_hours_and_ends_at_its_end() {
    let world = World::new(3, Faults::default());
    let life = Life::start(&world, 3).await;
    let span = Span { days: (1..=7).collect(), from: 10 * 60, until: 10 * 60 + 1 };
    let ends_at = life.clock.now() + TimeDelta::hours(30);
    let times = Times {
        clock: chrono_tz::America::Bogota,
        hours: Hours::new(vec![span]).unwrap(),
        ends_at: Some(ends_at),
        ..Times::default()
    };
    let plan = life.prepare(Plan { plan: times, debtors: 200, ..Plan::default() }).await;
    tokio::time::sleep(Duration::from_secs(32 * 3600)).await;
    assert_eq!(status(&life, plan.campaign).await.0, CampaignStatus::Finished);
    let counts = life.counts(plan.campaign).await;
    let (arrived, cancelled) = (world.state().arrivals.len() as u64, counts.get(MessageState::Cancelled));
    assert!(arrived > 50 && arrived + cancelled == 200, "{arrived} {cancelled}");
    for message in life.messages(plan.campaign).await {
        match message.claimed_at {
            Some(at) => assert_eq!((at.hour(), at.minute()), (15, 0), "ten o'clock in Bogotá"),
            None => assert_eq!(message.reason.as_deref(), Some("campaign_ended")),
        }
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_that_was_finished_goes_on_when_a_doubt_is_cleared_up_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(6, Faults { answer_lost: 100, ..Faults::default() });
    world.state().blind = true;
    let life = Life::start_in(&world, 6, folder.path()).await;
    let new = NewTemplate { name: "Second".to_owned(), body: "Otra vez, {{ name }}".to_owned(), media_id: None };
    let template_id = life.store.create_template(new, life.clock.now(), audit()).await.unwrap().id.0;
    let follow_up = Step::FollowUp {
        template_id,
        body: String::new(),
        media_id: None,
        after_minutes: 10,
        stop_if_replied: false,
        stop_if_promised: false,
    };
    let plan = life.prepare(Plan { debtors: 1, follow_ups: vec![follow_up], ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert_eq!(life.counts(plan.campaign).await.get(MessageState::Uncertain), 1);
    life.stop().await;

    world.state().blind = false;
    let life = Life::start_in(&world, 6, folder.path()).await;
    life.until(|| async { world.state().arrivals.len() == 2 }).await;
    life.until_over(plan.campaign).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_follow_up_comes_after_its_time_and_not_to_those_who_replied() {
    let world = World::new(4, Faults { receipts_muddled: 50, answer_lost: 20, ..Faults::default() });
    let life = Life::start(&world, 4).await;
    let new = NewTemplate { name: "Second".to_owned(), body: "Otra vez, {{ name }}".to_owned(), media_id: None };
    let template = life.store.create_template(new, life.clock.now(), audit()).await.unwrap();
    let follow_up = Step::FollowUp {
        template_id: template.id.0,
        body: String::new(),
        media_id: None,
        after_minutes: 120,
        stop_if_replied: true,
        stop_if_promised: false,
    };
    let plan = life.prepare(Plan { debtors: 12, follow_ups: vec![follow_up], ..Plan::default() }).await;
    life.until(|| async { world.state().arrivals.len() == 12 }).await;
    let from = Life::phone(3);
    let inbound =
        Inbound { from, wire_id: "IN1".to_owned(), body: "Ya pago".to_owned(), media: None, at: life.clock.now() };
    world.tell(SessionId(1), ChannelEvent::Inbound(inbound));
    tokio::time::sleep(Duration::from_secs(110 * 60)).await;
    assert_eq!(world.state().arrivals.len(), 12);
    assert_eq!(status(&life, plan.campaign).await.0, CampaignStatus::Running, "it has something left to do");
    life.until_over(plan.campaign).await;
    let mut bodies = BTreeMap::<String, Vec<String>>::new();
    for arrival in &world.state().arrivals {
        bodies.entry(arrival.to.clone()).or_default().push(arrival.body.clone());
    }
    for (number, texts) in (1..).zip(bodies.values()) {
        let expected = if number == 3 { 1 } else { 2 };
        assert_eq!(texts.len(), expected, "{texts:?}");
        assert_eq!(texts.get(1).is_some_and(|text| text.starts_with("Otra vez")), number != 3);
    }
    let messages = life.messages(plan.campaign).await;
    assert_eq!(messages.len(), 24);
    let stopped: Vec<_> = messages.iter().filter(|message| message.state == MessageState::Suppressed).collect();
    assert_eq!(stopped.len(), 1);
    assert_eq!((stopped[0].step, stopped[0].reason.as_deref()), (1, Some("replied")));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_follow_up_does_not_go_to_those_who_have_promised_to_pay() {
    let world = World::new(7, Faults::default());
    let life = Life::start(&world, 7).await;
    let new = NewTemplate { name: "Second".to_owned(), body: "Otra vez, {{ name }}".to_owned(), media_id: None };
    let template = life.store.create_template(new, life.clock.now(), audit()).await.unwrap();
    // It begins at three in the morning in Bogotá, and goes on at nine in the evening of the next day: in Greenwich that is the day after.
    let follow_up = Step::FollowUp {
        template_id: template.id.0,
        body: String::new(),
        media_id: None,
        after_minutes: 42 * 60,
        stop_if_replied: false,
        stop_if_promised: true,
    };
    let times = Times { clock: chrono_tz::America::Bogota, max_error_percent: None, ..Times::default() };
    let follow_ups = vec![follow_up];
    let plan = life.prepare(Plan { debtors: 8, plan: times, follow_ups, launch: false, ..Plan::default() }).await;
    let kept = life.promise(2, 0).await;
    life.close(&kept, PromiseStatus::Kept).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    life.engine.launch(plan.campaign, audit()).await.unwrap();
    life.until(|| async { world.state().arrivals.len() == 8 }).await;
    life.promise(3, 1).await;
    life.promise(4, 0).await;
    for (number, status) in [(5, PromiseStatus::Kept), (6, PromiseStatus::Broken), (7, PromiseStatus::Withdrawn)] {
        let promise = life.promise(number, 30).await;
        life.close(&promise, status).await;
    }
    tokio::time::sleep(Duration::from_secs(42 * 3600)).await;
    life.until_over(plan.campaign).await;
    let mut spared = Vec::new();
    for message in life.messages(plan.campaign).await {
        assert_eq!(message.state == MessageState::Suppressed, message.reason.is_some(), "{message:?}");
        if let Some(reason) = message.reason {
            assert_eq!((message.step, reason.as_str()), (1, "promised"));
            spared.push(message.debtor_id.0);
        }
    }
    spared.sort_unstable();
    assert_eq!(
        spared,
        [3, 5],
        "open until that day, and kept; not kept before, passed, broken, withdrawn or never made"
    );
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_has_promised_to_pay_gets_nothing_until_the_day_has_passed() {
    let world = World::new(8, Faults::default());
    let life = Life::start(&world, 8).await;
    let plan = life.prepare(Plan { debtors: 6, launch: false, ..Plan::default() }).await;
    // It is three in the morning in Bogotá.
    life.promise(1, 0).await;
    let next_month = life.promise(2, 30).await;
    life.promise(3, 2).await;
    for (number, status) in [(4, PromiseStatus::Kept), (5, PromiseStatus::Broken)] {
        let promise = life.promise(number, 30).await;
        life.close(&promise, status).await;
    }
    life.engine.launch(plan.campaign, audit()).await.unwrap();
    life.until(|| async { world.state().arrivals.len() == 3 }).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.state().arrivals.len(), 3);
    let mut waiting = life.messages(plan.campaign).await;
    waiting.retain(|message| message.sent_at.is_none());
    waiting.sort_by_key(|message| message.debtor_id);
    let days: Vec<_> = waiting.iter().map(|message| (message.due_at - life.clock.now()).num_days()).collect();
    assert_eq!(days, [0, 30, 2]);
    for message in &waiting {
        assert_eq!((message.state, message.reason.as_deref()), (MessageState::Queued, Some("promise_open")));
        assert_eq!((message.due_at.hour(), message.due_at.minute()), (5, 0), "midnight in Bogotá");
    }
    life.close(&next_month, PromiseStatus::Withdrawn).await;
    life.until(|| async { world.state().arrivals.len() == 4 }).await;
    tokio::time::sleep(Duration::from_secs(3 * 24 * 3600)).await;
    assert_eq!(status(&life, plan.campaign).await.0, CampaignStatus::Finished);
    assert_eq!(world.state().arrivals.len(), 6);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_is_sent_once_more_as_a_new_step() {
    let world = World::new(5, Faults::default());
    let life = Life::start(&world, 5).await;
    world.state().refused.extend((1..=3).map(|number| Life::phone(number).as_str().to_owned()));
    world.state().not_on_whatsapp.insert(Life::phone(4).as_str().to_owned());
    let plan = life.prepare(Plan { debtors: 6, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert_eq!(life.counts(plan.campaign).await.get(MessageState::Failed), 4);
    world.state().refused.clear();
    let (campaign, planned) = life.engine.retry(plan.campaign, audit()).await.unwrap();
    assert_eq!((campaign.status, planned), (CampaignStatus::Running, 3), "the fourth is not on WhatsApp");
    life.until_over(plan.campaign).await;
    assert_eq!(world.state().arrivals.len(), 5);
    let messages = life.messages(plan.campaign).await;
    assert_eq!(messages.iter().filter(|message| message.step == 1 && message.sent_at.is_some()).count(), 3);
    assert_eq!(messages.iter().filter(|message| message.state == MessageState::Failed).count(), 4, "the ledger stays");
    assert!(life.engine.retry(plan.campaign, audit()).await.is_err(), "nothing is left to try again");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn who_lacks_what_the_text_needs_gets_nothing_and_is_not_tried_again() {
    let world = World::new(5, Faults::default());
    let life = Life::start(&world, 5).await;
    life.make_debtor_with(1, &["all"], &[("city", "Cali")]).await;
    life.make_debtor(2, &["all"]).await;
    let plan = life.prepare(Plan { debtors: 0, launch: false, ..Plan::default() }).await;
    let city =
        NewTemplate { name: "City".to_owned(), body: "Hola {{ name }} de {{ city }}".to_owned(), media_id: None };
    let template_id = Some(life.store.create_template(city, life.clock.now(), audit()).await.unwrap().id);
    let patch = CampaignPatch { template_id, ..CampaignPatch::default() };
    life.engine.change(plan.campaign, patch, audit()).await.unwrap();
    life.engine.launch(plan.campaign, audit()).await.unwrap();
    life.until_over(plan.campaign).await;
    let messages = life.messages(plan.campaign).await;
    let lacking = messages.iter().find(|message| message.sent_at.is_none()).unwrap();
    assert_eq!(lacking.state, MessageState::Suppressed);
    assert_eq!(lacking.reason.as_deref(), Some("template_variable_missing: city"));
    assert_eq!((messages.len(), world.state().arrivals.len()), (2, 1));
    assert!(life.engine.retry(plan.campaign, audit()).await.is_err(), "nothing has failed");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_that_fails_too_often_is_paused_and_says_why() {
    let world = World::new(6, Faults::default());
    let life = Life::start(&world, 6).await;
    world.state().not_on_whatsapp.extend((10..=100).map(|number| Life::phone(number).as_str().to_owned()));
    let times = Times { max_error_percent: Some(50), ..Times::default() };
    let plan = life.prepare(Plan { debtors: 100, plan: times, ..Plan::default() }).await;
    life.until(|| async { status(&life, plan.campaign).await.0 == CampaignStatus::Paused }).await;
    assert_eq!(status(&life, plan.campaign).await.1.as_deref(), Some("too_many_errors: 11/20"));
    let counts = life.counts(plan.campaign).await;
    assert!(counts.get(MessageState::Planned) > 70, "{counts:?}");
    // A person lets it go on all the same.
    let patch =
        CampaignPatch { plan: Some(Times { max_error_percent: None, ..Times::default() }), ..Default::default() };
    life.engine.change(plan.campaign, patch, audit()).await.unwrap();
    life.act(plan.campaign, CampaignAction::Resume).await;
    life.until_over(plan.campaign).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn in_a_sticky_pool_a_debtor_stays_with_the_session_that_holds_their_chat() {
    let world = World::new(9, Faults::default());
    let life = Life::start(&world, 9).await;
    life.make_sessions().await;
    life.until(|| async { world.state().opened.len() == 3 }).await;
    for number in 1..=12 {
        life.make_debtor(number, &["all"]).await;
        let from = Life::phone(number);
        let inbound = Inbound {
            from,
            wire_id: format!("IN{number}"),
            body: "Hola".to_owned(),
            media: None,
            at: life.clock.now(),
        };
        world.tell(SessionId(if number <= 8 { 2 } else { 3 }), ChannelEvent::Inbound(inbound));
    }
    life.until(|| async { life.store.conversation(ConversationId(12)).await.unwrap().is_some() }).await;
    let plan = Plan { strategy: Strategy::FixedTurns, sticky: true, debtors: 0, ..Plan::default() };
    let plan = life.prepare(plan).await;
    life.until(|| async { world.state().arrivals.len() >= 4 }).await;
    // The third goes for good: its debtors are let go.
    life.store.set_desired(SessionId(3), DesiredState::Stopped, life.clock.now(), audit()).await.unwrap();
    life.fleet.wake(SessionId(3));
    life.until_over(plan.campaign).await;
    for message in life.messages(plan.campaign).await {
        let number: usize = message.debtor_id.0.try_into().unwrap();
        assert!(message.sent_at.is_some(), "{message:?}");
        if number <= 8 {
            assert_eq!(message.session_id, Some(SessionId(2)), "{message:?}");
        }
    }
    assert_eq!(world.state().arrivals.len(), 12);
    life.stop().await;
}
