//! Numbers: their life through the API.

use reqwest::Method;
use serde_json::json;
use whatsmassive::{domain::user::Role, store::Page};

use crate::support::app::{METRICS_TOKEN, TestApp};

#[tokio::test]
async fn a_number_is_added_changed_and_removed() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let added = client.post("/api/sessions", json!({ "name": " Cobranzas 1 ", "start": false })).await;
    assert_eq!(added.status, 201);
    let session = added.ok();
    assert_eq!(session["name"], "Cobranzas 1");
    assert_eq!((&session["desired"], &session["status"]), (&json!("stopped"), &json!("stopped")));
    assert_eq!((&session["delay_min_ms"], &session["delay_max_ms"]), (&json!(4000), &json!(9000)));
    let path = format!("/api/sessions/{}", session["id"]);
    let changed = client.patch(&path, json!({ "name": "Cobranzas A", "delay_min_ms": 100 })).await.ok();
    assert_eq!((&changed["name"], &changed["delay_min_ms"]), (&json!("Cobranzas A"), &json!(100)));
    assert_eq!(client.get("/api/sessions").await.ok()["items"], json!([changed]));
    assert_eq!(client.delete(&path).await.status, 204);
    client.get(&path).await.is_problem(404, "not_found");
    client.delete(&path).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn bad_numbers_are_refused() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let add = |body| client.post("/api/sessions", body);
    add(json!({ "name": "" })).await.is_invalid(&[("/name", "required")]);
    add(json!({ "name": "x".repeat(101), "delay_min_ms": 9, "delay_max_ms": 8 }))
        .await
        .is_invalid(&[("/name", "too_long"), ("/delay_min_ms", "reversed")]);
    add(json!({ "name": "One", "delay_max_ms": 3_600_001 })).await.is_invalid(&[("/delay_max_ms", "out_of_range")]);
    add(json!({ "name": "One", "start": false })).await.ok();
    add(json!({ "name": "One", "start": false })).await.is_problem(409, "name_taken");
    for action in ["start", "stop", "restart", "logout"] {
        client.post(&format!("/api/sessions/99/{action}"), json!({})).await.is_problem(404, "not_found");
    }
    client.get("/api/sessions/1/qr").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn starting_and_stopping_say_what_is_wanted() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "One", "start": false })).await.ok();
    assert_eq!(client.post("/api/sessions/1/start", json!({})).await.ok()["desired"], "running");
    assert_eq!(client.post("/api/sessions/1/stop", json!({})).await.ok()["desired"], "stopped");
    assert_eq!(client.post("/api/sessions/1/restart", json!({})).await.ok()["desired"], "running");
}

#[tokio::test]
async fn who_looks_at_a_screen_is_recorded_and_where_there_is_none_it_is_said() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "One", "start": false })).await.ok();
    let session = client.get("/api/sessions/1").await.ok();
    assert_eq!((&session["health"]["restarts"], &session["health"]["memory_bytes"]), (&json!(0), &json!(null)));
    assert_eq!(client.post("/api/sessions/1/check", json!({})).await.ok()["items"], json!([]));
    client.post("/api/sessions/1/picture", json!({})).await.is_problem(409, "nothing_to_see");
    client.get("/api/sessions/1/diagnosis").await.is_problem(404, "not_found");
    for path in ["check", "picture"] {
        client.post(&format!("/api/sessions/99/{path}"), json!({})).await.is_problem(404, "not_found");
    }
    let trail = app.store.audit_trail(&Page { limit: 50, cursor: None }).await.unwrap();
    let looks = trail.items.iter().filter(|entry| entry.action == "session.picture" && entry.subject == "session:1");
    assert_eq!(looks.count(), 1);
    let agent = app.signed_in(Role::Agent).await;
    agent.post("/api/sessions/1/picture", json!({})).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_linking_code_is_for_a_number_that_waits_for_a_phone() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "One", "start": false })).await.ok();
    let ask = |body| client.post("/api/sessions/1/linking-code", body);
    ask(json!({ "phone": " " })).await.is_invalid(&[("/phone", "required")]);
    ask(json!({ "phone": "12" })).await.is_invalid(&[("/phone", "invalid_phone")]);
    ask(json!({ "phone": "+57 300 000 0001" })).await.is_problem(409, "not_unpaired");
    let nobody = client.post("/api/sessions/99/linking-code", json!({ "phone": "+57 300 000 0001" })).await;
    nobody.is_problem(404, "not_found");
}

#[tokio::test]
async fn metrics_are_for_admins_and_for_monitoring() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "One", "start": false })).await.ok();
    client.get("/metrics").await.is_problem(403, "forbidden");
    app.client().get("/metrics").await.is_problem(401, "unauthenticated");
    assert!(app.signed_in(Role::Admin).await.text("/metrics").await.contains("whatsmassive_sessions"));

    let monitor = app.client();
    let ask = |token: &str| monitor.request(Method::GET, "/metrics").bearer_auth(token);
    monitor.send(ask("a wrong token")).await.is_problem(401, "unauthenticated");
    let text = ask(METRICS_TOKEN).send().await.unwrap().text().await.unwrap();
    for line in [
        "whatsmassive_sessions{status=\"stopped\"} 1",
        "whatsmassive_sessions{status=\"online\"} 0",
        "whatsmassive_session_restarts_total{session=\"1\"} 0",
        "whatsmassive_campaign_messages{state=\"queued\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}
