//! The main job on real parts: the real binary, a real Chromium per number, a real database; only WhatsApp is simulated.

use std::{collections::BTreeMap, path::Path};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{
    postgres::Postgres,
    process::{Home, Server, Simulator, until},
};

/// The phone of session number `number`, from 1.
pub fn phone(number: usize) -> String {
    format!("5730000000{number:02}")
}

/// Makes sessions, scans their codes and waits until all are online; gives their ids.
pub async fn link(server: &Server, simulator: &Simulator, count: usize, delay_ms: u32) -> Vec<i64> {
    let mut sessions = Vec::new();
    for number in 1..=count {
        let phone = phone(number);
        simulator.control("phones", json!({ "phone": phone })).await;
        let session =
            json!({ "name": format!("Number {phone}"), "delay_min_ms": delay_ms, "delay_max_ms": delay_ms * 3 });
        let id = server.post("/api/sessions", session).await["id"].as_i64().unwrap();
        scan(server, simulator, id, &phone).await;
        sessions.push(id);
    }
    for &session in &sessions {
        server.until_online(session).await;
    }
    sessions
}

/// Scans the code that the session shows.
pub async fn scan(server: &Server, simulator: &Simulator, session: i64, phone: &str) {
    let qr = until("a code is on show", || server.find_owned(format!("/api/sessions/{session}/qr"))).await;
    simulator.control("scan", json!({ "phone": phone, "qr": qr["qr"] })).await;
}

/// Makes `count` debtors with the tag, numbered from `first`.
pub async fn make_debtors(server: &Server, tag: &str, first: usize, count: usize) {
    for number in first..first + count {
        let debtor =
            json!({ "phone": format!("+573101{number:06}"), "name": format!("Debtor {number}"), "tags": [tag] });
        server.post("/api/debtors", debtor).await;
    }
}

/// Launches a campaign to the debtors with `tag` and gives its id.
pub async fn launch(server: &Server, sessions: &[i64], strategy: &str, turn_size: u32, tag: &str) -> i64 {
    let members: Vec<_> = sessions.iter().map(|session| json!({ "session_id": session })).collect();
    let pool =
        json!({ "name": format!("Pool {tag}"), "strategy": strategy, "turn_size": turn_size, "members": members });
    let pool = server.post("/api/pools", pool).await["id"].clone();
    let template = json!({ "name": format!("Template {tag}"), "body": "Hola {{ name }}" });
    let template = server.post("/api/templates", template).await["id"].clone();
    let campaign = json!({
        "name": format!("Campaign {tag}"), "pool_ids": [pool], "template_id": template, "audience": { "tags": [tag] }, "start": true,
    });
    server.post("/api/campaigns", campaign).await["id"].as_i64().unwrap()
}

/// Waits until the campaign is finished and every one of its messages was read; gives the senders in the order of arrival.
async fn until_read(server: &Server, simulator: &Simulator, campaign: i64, messages: u64, since: usize) -> Vec<String> {
    until("every message is read", || async {
        let campaign = server.find(&format!("/api/campaigns/{campaign}")).await?;
        (campaign["status"] == "finished" && campaign["counts"]["read"] == messages).then_some(())
    })
    .await;
    let ledger = simulator.ledger().await;
    let arrived = &ledger[since..];
    assert_once_each(arrived, messages);
    arrived.iter().map(|message| message["from"].as_str().unwrap().trim_start_matches('+').to_owned()).collect()
}

pub fn assert_once_each(arrived: &[Value], messages: u64) {
    let mut times = BTreeMap::<&str, u32>::new();
    for message in arrived {
        *times.entry(message["to"].as_str().unwrap()).or_default() += 1;
    }
    assert!(times.values().all(|&times| times == 1), "sent twice: {times:?}");
    assert_eq!(times.len() as u64, messages);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_strategy_spreads_a_campaign_as_it_promises() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start().await;
    let mut server = Server::start(&Home::new(folder.path(), &simulator, None)).await;
    server.set_up().await;
    let sessions = link(&server, &simulator, 3, 20).await;

    make_debtors(&server, "fixed", 0, 12).await;
    let campaign = launch(&server, &sessions, "fixed_turns", 2, "fixed").await;
    let senders = until_read(&server, &simulator, campaign, 12, 0).await;
    let expected: Vec<String> = (0..12).map(|message| phone(message / 2 % 3 + 1)).collect();
    assert_eq!(senders, expected, "fixed turns arrive in strict order");

    make_debtors(&server, "random", 100, 12).await;
    let campaign = launch(&server, &sessions, "random_turns", 1, "random").await;
    let senders = until_read(&server, &simulator, campaign, 12, 12).await;
    for round in senders.chunks(3) {
        let mut round = round.to_vec();
        round.sort_unstable();
        assert_eq!(round, [1, 2, 3].map(phone), "random turns: each number once a round");
    }

    make_debtors(&server, "competitive", 200, 30).await;
    let campaign = launch(&server, &sessions, "competitive", 1, "competitive").await;
    let senders = until_read(&server, &simulator, campaign, 30, 24).await;
    for phone in [1, 2, 3].map(phone) {
        let share = senders.iter().filter(|sender| **sender == phone).count();
        assert!((4..=18).contains(&share), "competitive: {phone} sent {share} of 30");
    }
    server.process.signal(Signal::SIGINT);
    server.process.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_survives_ctrl_c_and_kill_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    survives(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_survives_ctrl_c_and_kill_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let database = Postgres::shared(false).fresh_database();
    survives(folder.path(), Some(database)).await;
}

/// A campaign through a soft stop, a `kill -9`, and two starts without a QR code: every message arrives once.
async fn survives(folder: &Path, database_url: Option<String>) {
    const MESSAGES: u64 = 60;
    let simulator = Simulator::start().await;
    let home = Home::new(folder, &simulator, database_url);
    let mut server = Server::start(&home).await;
    server.set_up().await;
    let sessions = link(&server, &simulator, 3, 20).await;
    make_debtors(&server, "all", 0, 60).await;
    let campaign = launch(&server, &sessions, "competitive", 1, "all").await;

    until("some messages have arrived", || async { (simulator.ledger().await.len() >= 10).then_some(()) }).await;
    server.process.signal(Signal::SIGINT);
    server.process.ended().await;
    let held = simulator.ledger().await.len();
    assert!(held < 60, "the campaign was over before it was interrupted");

    let server = Server::start(&home).await;
    server.sign_in().await;
    until("the campaign goes on", || async { (simulator.ledger().await.len() >= held + 10).then_some(()) }).await;
    server.process.signal(Signal::SIGKILL);
    server.process.ended().await;

    let server = Server::start(&home).await;
    server.sign_in().await;
    for &session in &sessions {
        server.until_online(session).await;
    }
    until_read(&server, &simulator, campaign, MESSAGES, 0).await;
    server.process.signal(Signal::SIGTERM);
    server.process.ended().await;
}
