//! Sessions reach the state their people want, and one that breaks takes no other with it. Paused time, scripted WhatsApp.

use std::time::Duration;

use chrono::TimeDelta;
use whatsmassive::{
    channel::{ChannelEvent, ChannelState},
    domain::{
        id::SessionId,
        phone::Phone,
        session::{DesiredState, Session, SessionStatus},
    },
    fleet::Presence,
};

use crate::{
    engine::life::{Life, Plan, audit},
    support::scripted::{Faults, World},
};

const FIRST: SessionId = SessionId(1);

async fn session(life: &Life, id: SessionId) -> Session {
    life.store.session(id).await.unwrap().unwrap()
}

async fn until_status(life: &Life, id: SessionId, status: SessionStatus) {
    life.until(|| async { session(life, id).await.status == status }).await;
}

/// A life with three sessions, all online.
async fn three_online(world: &World) -> Life {
    let life = Life::start(world, 1).await;
    life.make_sessions().await;
    for id in 1..=3 {
        until_status(&life, SessionId(id), SessionStatus::Online).await;
    }
    life
}

#[tokio::test(start_paused = true)]
async fn a_session_follows_what_is_wanted() {
    let world = World::new(1, Faults::default());
    let life = three_online(&world).await;
    life.store.set_desired(FIRST, DesiredState::Stopped, life.clock.now(), audit()).await.unwrap();
    life.fleet.wake(FIRST);
    until_status(&life, FIRST, SessionStatus::Stopped).await;
    assert!(matches!(life.fleet.presence(FIRST), Presence::Out));
    life.store.set_desired(FIRST, DesiredState::Running, life.clock.now(), audit()).await.unwrap();
    life.fleet.wake(FIRST);
    until_status(&life, FIRST, SessionStatus::Online).await;
    assert_eq!(session(&life, FIRST).await.phone.unwrap().as_str(), "+573000000001");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_breaks_is_started_again_and_its_siblings_do_not_notice() {
    let world = World::new(2, Faults::default());
    let life = three_online(&world).await;
    world.tell(FIRST, ChannelEvent::Closed { reason: "browser_exited".to_owned() });
    until_status(&life, FIRST, SessionStatus::Reconnecting).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("browser_exited"));
    assert!(matches!(life.fleet.presence(FIRST), Presence::Away { .. }));
    until_status(&life, FIRST, SessionStatus::Online).await;
    let opened = world.state().opened.clone();
    assert_eq!(opened.values().copied().collect::<Vec<_>>(), [2, 1, 1]);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_log_out_from_the_phone_is_terminal_until_a_person_starts_it() {
    let world = World::new(3, Faults::default());
    let life = three_online(&world).await;
    world.state().unlinked.insert(FIRST.0);
    world.tell(FIRST, ChannelEvent::State(ChannelState::LoggedOut));
    until_status(&life, FIRST, SessionStatus::LoggedOut).await;
    life.until(|| async { session(&life, FIRST).await.desired == DesiredState::Stopped }).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("logged_out_from_phone"));

    life.store.set_desired(FIRST, DesiredState::Running, life.clock.now(), audit()).await.unwrap();
    life.fleet.wake(FIRST);
    until_status(&life, FIRST, SessionStatus::Unpaired).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_code_is_on_show_until_it_expires_or_nobody_comes() {
    let world = World::new(4, Faults::default());
    world.state().unlinked.insert(FIRST.0);
    let life = Life::start(&world, 1).await;
    life.make_sessions().await;
    until_status(&life, FIRST, SessionStatus::Unpaired).await;
    let expires_at = life.clock.now() + Duration::from_secs(20);
    world.tell(FIRST, ChannelEvent::Qr { text: "ref,noise,identity,adv,platform".to_owned(), expires_at });
    life.until(|| async { life.fleet.qr(FIRST).is_some() }).await;
    assert_eq!(life.fleet.qrs().len(), 1);
    life.until(|| async { life.fleet.qr(FIRST).is_none() }).await;
    assert!(life.clock.now() >= expires_at);

    until_status(&life, FIRST, SessionStatus::Stopped).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("qr_timeout"));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restricted_session_sends_nothing() {
    let world = World::new(5, Faults::default());
    let life = three_online(&world).await;
    world.tell(FIRST, ChannelEvent::State(ChannelState::Restricted { reason: "new_chats".to_owned() }));
    until_status(&life, FIRST, SessionStatus::Restricted).await;
    let plan = life.prepare(Plan { debtors: 12, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert!(world.state().arrivals.iter().all(|arrival| arrival.session != FIRST));
    assert_eq!(world.state().arrivals.len(), 12);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_deleted_session_ends_and_a_person_can_log_one_out() {
    let world = World::new(6, Faults::default());
    let life = three_online(&world).await;
    life.store.delete_session(FIRST, life.clock.now(), audit()).await.unwrap();
    life.fleet.remove(FIRST).await;
    assert!(matches!(life.fleet.presence(FIRST), Presence::Out));

    life.fleet.log_out(SessionId(2)).await.unwrap();
    until_status(&life, SessionId(2), SessionStatus::LoggedOut).await;
    assert!(world.state().unlinked.contains(&2));
    assert!(life.fleet.log_out(SessionId(2)).await.is_err(), "it is not online any more");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_new_link_settles_before_anything_is_sent_through_it() {
    let world = World::new(7, Faults::default());
    world.state().unlinked.insert(FIRST.0);
    let life = Life::start(&world, 1).await;
    life.make_sessions().await;
    until_status(&life, FIRST, SessionStatus::Unpaired).await;
    world.tell(FIRST, ChannelEvent::State(ChannelState::Pairing));
    until_status(&life, FIRST, SessionStatus::Pairing).await;
    let linked_at = life.clock.now();
    let phone = Phone::from_e164("573000000001").unwrap();
    world.tell(FIRST, ChannelEvent::State(ChannelState::Online { phone }));
    until_status(&life, FIRST, SessionStatus::Syncing).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("settling"));
    assert!(!matches!(life.fleet.presence(FIRST), Presence::Online(_)));
    until_status(&life, FIRST, SessionStatus::Online).await;
    assert!(life.clock.now() - linked_at >= TimeDelta::seconds(10));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_passing_state_that_does_not_pass_is_ended() {
    let world = World::new(8, Faults::default());
    let life = three_online(&world).await;
    for (state, reason) in [
        (ChannelState::Reconnecting, "no_connection"),
        (ChannelState::Pairing, "stuck_pairing"),
        (ChannelState::Syncing, "stuck_syncing"),
    ] {
        world.tell(FIRST, ChannelEvent::State(state));
        life.until(|| async { session(&life, FIRST).await.status_reason.as_deref() == Some(reason) }).await;
        until_status(&life, FIRST, SessionStatus::Online).await;
    }
    let health = life.fleet.health(FIRST);
    assert_eq!(health.restarts, 3);
    assert_eq!(life.store.diagnosis(FIRST).await.unwrap().unwrap().reason, "stuck_syncing");
    assert_eq!(life.fleet.health(SessionId(2)).restarts, 0);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_of_a_failure_is_there_after_a_restart_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(11, Faults::default());
    let life = Life::start_in(&world, 1, folder.path()).await;
    life.make_sessions().await;
    until_status(&life, FIRST, SessionStatus::Online).await;
    world.tell(FIRST, ChannelEvent::Closed { reason: "page_crashed".to_owned() });
    life.until(|| async { life.fleet.health(FIRST).diagnosed.is_some() }).await;
    let diagnosed = life.fleet.health(FIRST).diagnosed;
    life.stop().await;

    let life = Life::start_in(&world, 1, folder.path()).await;
    until_status(&life, FIRST, SessionStatus::Online).await;
    let at = life.fleet.health(FIRST).diagnosed;
    // The database keeps microseconds.
    assert_eq!(at.unwrap().timestamp_micros(), diagnosed.unwrap().timestamp_micros());
    assert_eq!(life.fleet.health(SessionId(2)).diagnosed, None);
    let seen = life.store.diagnosis(FIRST).await.unwrap().unwrap();
    assert_eq!((Some(seen.at), seen.reason.as_str()), (at, "page_crashed"));
    assert_eq!((seen.console, seen.picture), (world.console(), Some(world.screen())));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_browser_over_its_budget_is_renewed_once_nothing_is_sent_through_it() {
    let world = World::new(9, Faults::default());
    let life = three_online(&world).await;
    let Presence::Online(sending) = life.fleet.presence(FIRST) else { panic!("it is online") };
    world.state().memory.extend([(1, 2 << 30), (2, 1 << 20)]);
    life.fleet.watch_usage(Duration::from_secs(30));
    life.until(|| async { life.fleet.health(FIRST).load.is_some_and(|load| load.usage.memory_bytes == 2 << 30) }).await;
    assert_eq!(life.fleet.health(FIRST).restarts, 0, "somebody sends through it");

    drop(sending);
    life.until(|| async { life.fleet.health(FIRST).restarts == 1 }).await;
    world.state().memory.insert(1, 1 << 20);
    until_status(&life, FIRST, SessionStatus::Online).await;
    assert_eq!(life.fleet.health(SessionId(2)).restarts, 0);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_does_not_answer_is_tried_until_it_does() {
    let world = World::new(10, Faults::default());
    world.state().no_proxy = true;
    let life = Life::start(&world, 1).await;
    life.make_sessions().await;
    until_status(&life, FIRST, SessionStatus::Reconnecting).await;
    let reason = session(&life, FIRST).await.status_reason;
    assert_eq!(reason.as_deref(), Some("proxy_unreachable: net::ERR_PROXY_CONNECTION_FAILED"));
    let began = life.clock.now();
    life.until(|| async { world.state().unopened >= 60 }).await;
    // Three numbers, each no more often than every five seconds in the end.
    assert!(life.clock.now() - began > TimeDelta::seconds(60));
    world.state().no_proxy = false;
    for id in 1..=3 {
        until_status(&life, SessionId(id), SessionStatus::Online).await;
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_network_the_page_that_is_there_is_waited_for() {
    let world = World::new(12, Faults::default());
    let life = three_online(&world).await;
    world.state().no_network = true;
    world.tell(FIRST, ChannelEvent::State(ChannelState::Reconnecting));
    life.until(|| async { session(&life, FIRST).await.status_reason.as_deref() == Some("no_connection") }).await;
    let began = life.clock.now();
    life.until(|| async { life.clock.now() - began > TimeDelta::minutes(4) }).await;
    assert_eq!(session(&life, FIRST).await.status, SessionStatus::Reconnecting);
    let phone = Phone::from_e164("573000000001").unwrap();
    world.tell(FIRST, ChannelEvent::State(ChannelState::Online { phone }));
    until_status(&life, FIRST, SessionStatus::Online).await;
    assert_eq!(life.fleet.health(FIRST).restarts, 0, "it came back by itself");

    // Not for ever: the page may have got stuck meanwhile.
    let began = life.clock.now();
    world.tell(FIRST, ChannelEvent::State(ChannelState::Reconnecting));
    life.until(|| async { life.fleet.health(FIRST).restarts == 1 }).await;
    assert!(life.clock.now() - began > TimeDelta::minutes(6));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_network_hardly_any_browser_is_started() {
    let world = World::new(13, Faults::default());
    (world.state().no_proxy, world.state().no_network) = (true, true);
    let life = Life::start(&world, 1).await;
    life.make_sessions().await;
    let began = life.clock.now();
    life.until(|| async { life.clock.now() - began > TimeDelta::minutes(10) }).await;
    // Three numbers that try every 5 to 10 s, each fifth time with a browser.
    let unopened = world.state().unopened;
    assert!((20..=80).contains(&unopened), "{unopened}");
    assert_eq!(session(&life, FIRST).await.status, SessionStatus::Reconnecting);
    (world.state().no_proxy, world.state().no_network) = (false, false);
    for id in 1..=3 {
        until_status(&life, SessionId(id), SessionStatus::Online).await;
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_linked_twice_sends_through_one_number() {
    let world = World::new(14, Faults::default());
    let life = three_online(&world).await;
    let second = SessionId(2);
    let phone = Phone::from_e164("573000000001").unwrap();
    let comes_online = || world.tell(second, ChannelEvent::State(ChannelState::Online { phone: phone.clone() }));
    comes_online();
    until_status(&life, second, SessionStatus::ActionRequired).await;
    let parked = session(&life, second).await;
    assert_eq!((parked.status_reason.as_deref(), parked.phone), (Some("already_linked: Number 1"), None));
    assert!(matches!(life.fleet.presence(second), Presence::Out));
    assert_eq!(session(&life, FIRST).await.status, SessionStatus::Online);
    let plan = life.prepare(Plan { debtors: 6, sessions: vec![1, 2], ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert!(world.state().arrivals.iter().all(|arrival| arrival.session == FIRST));

    world.tell(FIRST, ChannelEvent::State(ChannelState::LoggedOut));
    until_status(&life, FIRST, SessionStatus::LoggedOut).await;
    comes_online();
    until_status(&life, second, SessionStatus::Online).await;
    assert_eq!(session(&life, second).await.phone, Some(phone));
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn codes_are_shown_for_as_long_as_somebody_looks_and_some_minutes_more() {
    let world = World::new(15, Faults::default());
    world.state().unlinked.insert(FIRST.0);
    let life = Life::start(&world, 1).await;
    life.make_sessions().await;
    until_status(&life, FIRST, SessionStatus::Unpaired).await;
    let show = || {
        let (text, expires_at) =
            ("ref,noise,identity,adv,platform".to_owned(), life.clock.now() + Duration::from_secs(20));
        world.tell(FIRST, ChannelEvent::Qr { text, expires_at });
    };
    for _ in 0..120 {
        show();
        life.fleet.somebody_looks();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(session(&life, FIRST).await.status, SessionStatus::Unpaired);
    }
    let left_at = life.clock.now();
    until_status(&life, FIRST, SessionStatus::Stopped).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("qr_timeout"));
    let shown = life.clock.now() - left_at;
    assert!((TimeDelta::minutes(8)..TimeDelta::minutes(10)).contains(&shown), "{shown}");
    assert_eq!(world.state().opened[&1], 1, "one browser showed them all");
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_breaks_again_and_again_is_given_up_and_says_what_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(16, Faults::default());
    let life = Life::start_giving_up(&world, 1, folder.path(), 3).await;
    life.make_sessions().await;
    for id in 1..=3 {
        until_status(&life, SessionId(id), SessionStatus::Online).await;
    }
    for failure in 1..=4 {
        until_status(&life, FIRST, SessionStatus::Online).await;
        world.tell(FIRST, ChannelEvent::Closed { reason: "page_crashed".to_owned() });
        let expected = if failure <= 3 { SessionStatus::Reconnecting } else { SessionStatus::Failed };
        until_status(&life, FIRST, expected).await;
    }
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("page_crashed"));
    let seen = life.store.diagnosis(FIRST).await.unwrap().unwrap();
    assert_eq!(seen.reason, "page_crashed");
    assert_eq!((seen.console, seen.picture), (world.console(), Some(world.screen())));
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(world.state().opened[&1], 4, "nobody tries any more");
    assert_eq!(session(&life, SessionId(2)).await.status, SessionStatus::Online);

    life.fleet.restart(FIRST);
    until_status(&life, FIRST, SessionStatus::Online).await;
    world.tell(FIRST, ChannelEvent::Closed { reason: "page_crashed".to_owned() });
    until_status(&life, FIRST, SessionStatus::Reconnecting).await;
    until_status(&life, FIRST, SessionStatus::Online).await;
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_that_lacks_what_only_files_need_goes_on_and_says_so() {
    let world = World::new(17, Faults::default());
    let life = three_online(&world).await;
    let reason = async || session(&life, FIRST).await.status_reason;
    world.tell(FIRST, ChannelEvent::Lacks(vec!["WAWebPrepRawMedia".to_owned(), "WAWebApiContact".to_owned()]));
    life.until(|| async { reason().await.is_some() }).await;
    assert_eq!(reason().await.as_deref(), Some("bridge_incomplete: WAWebPrepRawMedia, WAWebApiContact"));
    assert!(matches!(life.fleet.presence(FIRST), Presence::Online(_)));
    world.tell(FIRST, ChannelEvent::Lacks(Vec::new()));
    life.until(|| async { reason().await.is_none() }).await;
    assert_eq!(session(&life, FIRST).await.status, SessionStatus::Online);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(18, Faults::default());
    world.state().no_disk_space = true;
    let life = Life::start_giving_up(&world, 1, folder.path(), 3).await;
    life.make_sessions().await;
    life.until(|| async { world.state().unopened >= 30 }).await;
    until_status(&life, FIRST, SessionStatus::Reconnecting).await;
    assert_eq!(session(&life, FIRST).await.status_reason.as_deref(), Some("no_disk_space: 12 < 200 MB"));
    world.state().no_disk_space = false;
    for id in 1..=3 {
        until_status(&life, SessionId(id), SessionStatus::Online).await;
    }
    life.stop().await;
}
