//! WhatsApp's limit on opening new chats (error 463), in real browsers: the number that it strikes keeps what it was refused, the other one
//! goes on, and a person ends it.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    main_job::{assert_once_each, launch, link, make_debtors, phone},
    support::process::{Home, Server, Simulator, until},
};

const MESSAGES: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_may_open_no_chat_keeps_its_message_until_a_person_restarts_it() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start().await;
    let mut server = Server::start(&Home::new(folder.path(), &simulator, None)).await;
    server.set_up().await;
    let sessions = link(&server, &simulator, 2, 50).await;
    let restricted = format!("/api/sessions/{}", sessions[0]);
    simulator.control(&format!("faults/{}", phone(1)), json!({ "restrict_new_chats": true })).await;
    make_debtors(&server, "all", 0, 8).await;
    let campaign = launch(&server, &sessions, "fixed_turns", 1, "all").await;

    until("the other number has sent the rest", || async {
        (simulator.ledger().await.len() as u64 == MESSAGES - 1).then_some(())
    })
    .await;
    let session = server.find(&restricted).await.unwrap();
    assert_eq!((&session["status"], &session["status_reason"]), (&json!("restricted"), &json!("new_chats_restricted")));
    let waits = || async {
        let waiting = server.find_owned(format!("/api/campaigns/{campaign}/waiting")).await?;
        let all = waiting["items"].as_array()?.clone();
        all.into_iter().find(|waiting| waiting["reason"] == "session_restricted")
    };
    let waiting = until("the refused message waits", waits).await;
    assert_eq!((&waiting["count"], &waiting["until"]), (&json!(1), &Value::Null));

    // WhatsApp has not lifted it: the page says so before anything is sent.
    server.post(&format!("{restricted}/restart"), Value::Null).await;
    until("the number is restricted once more", || async {
        let session = server.find(&restricted).await?;
        (session["status"] == "restricted" && session["health"]["restarts"].as_u64()? >= 1).then_some(())
    })
    .await;
    simulator.control(&format!("faults/{}", phone(1)), json!({})).await;
    server.post(&format!("{restricted}/restart"), Value::Null).await;
    until("the campaign is over", || async {
        let campaign = server.find_owned(format!("/api/campaigns/{campaign}")).await?;
        (campaign["status"] == "finished").then_some(())
    })
    .await;
    let ledger = simulator.ledger().await;
    assert_once_each(&ledger, MESSAGES);
    let senders: Vec<&str> = ledger.iter().map(|message| message["from"].as_str().unwrap()).collect();
    assert_eq!(senders.iter().filter(|sender| **sender == phone(1)).count(), 1);
    assert_eq!(senders.last().copied(), Some(phone(1).as_str()));
    until_measured(&server, &sessions).await;
    server.process.signal(Signal::SIGTERM);
    server.process.ended().await;
}

/// Monitoring sees how long calls into the pages took, what became of each attempt, and what the browsers take.
async fn until_measured(server: &Server, sessions: &[i64]) {
    let metrics = until("the memory of every browser is measured", || async {
        let metrics = server.text("/metrics").await?;
        let memory = |session: &i64| format!("whatsmassive_session_memory_bytes{{session=\"{session}\"}} ");
        sessions.iter().all(|session| metrics.contains(&memory(session))).then_some(metrics)
    })
    .await;
    let value = |name: &str| {
        let line =
            metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {metrics}"));
        line.trim().parse::<f64>().unwrap()
    };
    assert!((value(r#"whatsmassive_sends_total{outcome="sent"}"#) - 8.0).abs() < f64::EPSILON);
    assert!(value(r#"whatsmassive_sends_total{outcome="held"}"#) >= 1.0);
    assert!(value(r#"whatsmassive_page_call_seconds_bucket{call="send",outcome="ok",le="+Inf"}"#) >= 8.0);
    assert!(
        metrics.contains("# HELP whatsmassive_page_call_seconds ")
            && metrics.contains("# TYPE whatsmassive_sends_total counter")
    );
}
