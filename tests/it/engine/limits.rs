//! A debtor's limits and a session's caps, over every session, pool and campaign.

use std::{collections::BTreeMap, time::Duration};

use chrono::{TimeDelta, Timelike as _};
use diesel::{Connection as _, connection::SimpleConnection as _};
use whatsmassive::{
    channel::ChannelEvent,
    domain::{
        conversation::Inbound,
        hours::{Hours, Span},
        id::{ConversationId, SessionId},
        message::{Finding, MessageState},
        pacing::Caps,
        policy::ContactPolicy,
        pool::Strategy,
    },
    store::{MessageFilter, Page, SessionPatch},
};

use super::life::{Life, Plan, audit, runtime};
use crate::support::scripted::{Faults, World};

/// Two campaigns to the same debtors, each through a pool of its own.
async fn two_campaigns(life: &Life, debtors: usize) -> [whatsmassive::domain::id::CampaignId; 2] {
    let first = Plan { debtors, sessions: vec![1], ..Plan::default() };
    let second = Plan { debtors: 0, sessions: vec![2, 3], tag: "again", ..Plan::default() };
    for number in 1..=debtors {
        life.make_debtor(number, &["all", "again"]).await;
    }
    let first = life.prepare(Plan { debtors: 0, ..first }).await.campaign;
    [first, life.prepare(second).await.campaign]
}

#[tokio::test(start_paused = true)]
async fn two_campaigns_through_two_pools_keep_to_one_message_a_day() {
    let world = World::new(1, Faults::default());
    let life = Life::start(&world, 1).await;
    life.set_policy(&ContactPolicy { per_day: Some(1), ..ContactPolicy::NONE }).await;
    let campaigns = two_campaigns(&life, 20).await;
    life.until(|| async { world.state().arrivals.len() == 20 }).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.state().arrivals.len(), 20, "nobody has had a second one yet");
    let mut waiting = 0;
    for campaign in campaigns {
        for message in life.messages(campaign).await {
            if message.state == MessageState::Queued {
                assert_eq!(message.reason.as_deref(), Some("contact_day_cap"));
                assert!(message.due_at > life.clock.now());
                waiting += 1;
            }
        }
    }
    assert_eq!(waiting, 20);

    tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
    for campaign in campaigns {
        life.until_over(campaign).await;
    }
    let mut per_debtor = BTreeMap::<String, usize>::new();
    for arrival in &world.state().arrivals {
        *per_debtor.entry(arrival.to.clone()).or_default() += 1;
    }
    assert!(per_debtor.values().all(|count| *count == 2), "{per_debtor:?}");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_deleted_campaign_has_sent_still_counts() {
    let world = World::new(9, Faults::default());
    let life = Life::start(&world, 9).await;
    life.set_policy(&ContactPolicy { per_day: Some(1), ..ContactPolicy::NONE }).await;
    life.make_debtor(1, &["all", "again"]).await;
    let first = life.prepare(Plan { debtors: 0, ..Plan::default() }).await.campaign;
    life.until_over(first).await;
    assert!(life.store.hide_campaign(first, life.clock.now(), audit()).await.unwrap());
    let second = life.prepare(Plan { debtors: 0, tag: "again", ..Plan::default() }).await.campaign;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let waits = life.messages(second).await.remove(0);
    assert_eq!((waits.state, waits.reason.as_deref()), (MessageState::Queued, Some("contact_day_cap")));
    assert_eq!(world.state().arrivals.len(), 1);
    life.stop().await;
}

/// A debtor asks for no more messages.
fn stops(life: &Life, number: usize) -> Inbound {
    let (from, wire_id, at) = (Life::phone(number), format!("IN{number}"), life.clock.now());
    Inbound { from, wire_id, body: "STOP".to_owned(), media: None, at }
}

#[tokio::test(start_paused = true)]
async fn what_came_while_the_server_was_down_is_heeded_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(12, Faults::default());
    let life = Life::start_in(&world, 12, folder.path()).await;
    let plan = life.prepare(Plan { debtors: 9, launch: false, ..Plan::default() }).await;
    let texts: Vec<Inbound> = (1..=9).map(|number| stops(&life, number)).collect();
    life.stop().await;
    for text in texts {
        world.write(SessionId(2), text);
    }
    let life = Life::start_in(&world, 12, folder.path()).await;
    life.engine.launch(plan.campaign, audit()).await.unwrap();
    life.until_over(plan.campaign).await;
    assert_eq!(world.state().arrivals, []);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_opt_out_that_the_database_does_not_take_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(13, Faults::default());
    let life = Life::start_in(&world, 13, folder.path()).await;
    let plan = life.prepare(Plan { debtors: 1, launch: false, ..Plan::default() }).await;
    let path = folder.path().join("ledger.db");
    let run = |statement: &str| {
        let mut conn = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(statement).unwrap();
    };
    run("ALTER TABLE suppressions RENAME TO away");
    world.tell(SessionId(1), ChannelEvent::Inbound(stops(&life, 1)));
    tokio::time::sleep(Duration::from_secs(3)).await;
    run("ALTER TABLE away RENAME TO suppressions");
    life.engine.launch(plan.campaign, audit()).await.unwrap();
    life.until_over(plan.campaign).await;
    assert_eq!(life.counts(plan.campaign).await.get(MessageState::Suppressed), 1);
    assert_eq!(world.state().arrivals, []);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_launched_at_night_goes_out_in_the_morning() {
    let world = World::new(2, Faults::default());
    let life = Life::start(&world, 2).await;
    let span = Span { days: (1..=7).collect(), from: 8 * 60, until: 9 * 60 };
    life.set_policy(&ContactPolicy { hours: Hours::new(vec![span]).unwrap(), ..ContactPolicy::NONE }).await;
    let plan = life.prepare(Plan { debtors: 12, ..Plan::default() }).await;
    while world.state().arrivals.is_empty() {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    life.until_over(plan.campaign).await;
    for message in life.messages(plan.campaign).await {
        // Colombia is five hours behind UTC.
        assert_eq!(message.sent_at.unwrap().hour(), 13, "{message:?}");
        assert_eq!(message.history[0].reason.as_deref(), Some("contact_hours"));
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_hour_is_that_of_the_zone_that_an_import_has_put_down_for_a_debtor() {
    let world = World::new(2, Faults::default());
    let life = Life::start(&world, 2).await;
    let span = Span { days: (1..=7).collect(), from: 8 * 60, until: 9 * 60 };
    life.set_policy(&ContactPolicy { hours: Hours::new(vec![span]).unwrap(), ..ContactPolicy::NONE }).await;
    // A Colombian number that is used in Spain, and one of which the file says nothing that is a zone.
    life.make_debtor_with(1, &["all"], &[("time_zone", "Europe/Madrid")]).await;
    life.make_debtor_with(2, &["all"], &[("time_zone", "Narnia")]).await;
    let plan = life.prepare(Plan { debtors: 0, ..Plan::default() }).await;
    while !life.store.campaign(plan.campaign).await.unwrap().unwrap().status.is_over() {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let mut messages = life.messages(plan.campaign).await;
    messages.sort_by_key(|message| message.debtor_id);
    let hours: Vec<u32> = messages.iter().map(|message| message.sent_at.unwrap().hour()).collect();
    assert_eq!(hours, [7, 13], "eight o'clock in Madrid and in Bogotá");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_changed_lets_go_what_waits() {
    let world = World::new(3, Faults::default());
    let life = Life::start(&world, 3).await;
    life.set_policy(&ContactPolicy { per_day: Some(1), ..ContactPolicy::NONE }).await;
    let campaigns = two_campaigns(&life, 3).await;
    life.until(|| async { world.state().arrivals.len() == 3 }).await;
    life.set_policy(&ContactPolicy::NONE).await;
    for campaign in campaigns {
        life.until_over(campaign).await;
    }
    assert_eq!(world.state().arrivals.len(), 6);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_opt_out_outlives_its_debtor() {
    let world = World::new(4, Faults::default());
    let life = Life::start(&world, 4).await;
    life.make_sessions().await;
    life.until(|| async { world.state().opened.len() == 3 }).await;
    let inbound = Inbound {
        from: Life::phone(1),
        wire_id: "IN1".to_owned(),
        body: "Baja".to_owned(),
        media: None,
        at: life.clock.now(),
    };
    world.tell(SessionId(1), ChannelEvent::Inbound(inbound));
    life.until(|| async { !life.store.suppressions(None).await.unwrap().is_empty() }).await;
    // Imported only now, as an active debtor.
    let plan = life.prepare(Plan { debtors: 2, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let messages = life.messages(plan.campaign).await;
    assert_eq!(messages[0].state, MessageState::Suppressed);
    assert_eq!(messages[0].reason.as_deref(), Some("suppressed_number"));
    assert_eq!(world.state().arrivals.len(), 1);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_opt_out_that_is_told_again_does_not_undo_what_a_person_has_decided() {
    let world = World::new(6, Faults::default());
    let life = Life::start(&world, 6).await;
    life.make_sessions().await;
    life.until(|| async { world.state().opened.len() == 3 }).await;
    let texts = |id: &str, body: &str| {
        let (wire_id, body, at) = (id.to_owned(), body.to_owned(), life.clock.now());
        let inbound = Inbound { from: Life::phone(1), wire_id, body, media: None, at };
        world.tell(SessionId(1), ChannelEvent::Inbound(inbound));
    };
    texts("IN1", "Baja");
    life.until(|| async { !life.store.suppressions(None).await.unwrap().is_empty() }).await;
    life.store.unsuppress(&Life::phone(1), life.clock.now(), audit()).await.unwrap();
    // A page that starts tells what nobody has read; what comes after it is taken after it.
    texts("IN1", "Baja");
    texts("IN2", "Hola");
    life.until(|| async { life.store.conversation_texts(ConversationId(1)).await.unwrap().len() == 2 }).await;
    assert!(life.store.suppressions(None).await.unwrap().is_empty());
    texts("IN3", "Baja");
    life.until(|| async { !life.store.suppressions(None).await.unwrap().is_empty() }).await;
    life.stop().await;
}

#[test]
fn caps_hold_over_pools_and_restarts() {
    let world = World::new(5, Faults::default());
    let folder = tempfile::tempdir().unwrap();
    // The first server dies with its runtime; the next one begins an hour later.
    let campaigns = runtime().block_on(async {
        let life = Life::start_in(&world, 5, folder.path()).await;
        for session in life.make_sessions().await {
            let caps = Some(Caps { per_hour: Some(10), per_day: Some(15), ..Caps::NONE });
            let patch = SessionPatch { caps, ..SessionPatch::default() };
            life.store.update_session(session.id, patch, life.clock.now(), audit()).await.unwrap();
        }
        let campaigns = two_campaigns(&life, 30).await;
        life.until(|| async { world.state().arrivals.len() == 30 }).await;
        tokio::time::sleep(Duration::from_secs(50 * 60)).await;
        assert_eq!(world.state().arrivals.len(), 30);
        campaigns
    });
    runtime().block_on(async {
        let life = Life::start_in(&world, 5, folder.path()).await;
        let mut times = BTreeMap::<SessionId, Vec<_>>::new();
        for campaign in campaigns {
            while !life.store.campaign(campaign).await.unwrap().unwrap().status.is_over() {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            for message in life.messages(campaign).await {
                times.entry(message.session_id.unwrap()).or_default().push(message.claimed_at.unwrap());
            }
        }
        for times in times.values_mut() {
            times.sort();
            assert!(times.windows(11).all(|eleven| eleven[10] - eleven[0] >= TimeDelta::hours(1)), "{times:?}");
            assert!(times.windows(16).all(|sixteen| sixteen[15] - sixteen[0] >= TimeDelta::days(1)), "{times:?}");
        }
        assert_eq!(world.state().arrivals.len(), 60);
        life.stop().await;
    });
}

#[tokio::test(start_paused = true)]
async fn a_capped_session_leaves_its_turn_to_the_others() {
    let world = World::new(6, Faults::default());
    let life = Life::start(&world, 6).await;
    let first = life.make_sessions().await.remove(0);
    let patch = SessionPatch { caps: Some(Caps { per_day: Some(2), ..Caps::NONE }), ..SessionPatch::default() };
    life.store.update_session(first.id, patch, life.clock.now(), audit()).await.unwrap();
    let plan = life.prepare(Plan { strategy: Strategy::FixedTurns, debtors: 12, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let senders: Vec<i64> = world.state().arrivals.iter().map(|arrival| arrival.session.0).collect();
    assert_eq!(senders, [1, 2, 3, 1, 2, 3, 2, 3, 2, 3, 2, 3]);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_person_settles_what_stays_uncertain() {
    let world = World::new(7, Faults { message_lost: 100, ..Faults::default() });
    let life = Life::start(&world, 7).await;
    // Nothing can be looked up, so that it stays in doubt.
    world.state().blind = true;
    let plan = life.prepare(Plan { debtors: 2, ..Plan::default() }).await;
    life.until(|| async { life.counts(plan.campaign).await.get(MessageState::Uncertain) == 2 }).await;
    let messages = life.messages(plan.campaign).await;
    let decide = |id, finding| life.engine.decide(id, finding, audit());
    assert!(decide(messages[0].id, Finding::Arrived).await.unwrap().is_some());
    assert!(decide(messages[0].id, Finding::SendAgain).await.unwrap().is_none(), "it is settled");
    assert!(decide(messages[1].id, Finding::SendAgain).await.unwrap().is_some());
    life.until(|| async { life.messages(plan.campaign).await[1].attempts == 2 }).await;
    let after = life.messages(plan.campaign).await;
    assert_eq!(after[0].state, MessageState::Sent);
    assert_ne!(after[1].wire_id, messages[1].wire_id, "it is a new message");
    let filter = MessageFilter { doubted: true, ..MessageFilter::default() };
    let doubted = life.store.messages(plan.campaign, filter, Page { limit: 10, cursor: None }).await.unwrap();
    assert_eq!(doubted.items.len(), 2, "both were in doubt, whatever became of them");
    let states: Vec<MessageState> = after[1].history.iter().map(|happening| happening.state).collect();
    let expected = [MessageState::Sending, MessageState::Uncertain, MessageState::Queued, MessageState::Sending];
    assert_eq!(states[..4], expected);
    life.stop().await;
}
