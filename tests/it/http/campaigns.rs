//! Campaigns through the API: their life, and what each refusal says.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use crate::support::app::{Client, TestApp};

/// A pool without members, a template, and a debtor with the tag `mora`.
async fn prepare(app: &TestApp) -> Client {
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/sessions", json!({ "name": "Number", "start": false })).await.ok();
    client.post("/api/pools", json!({ "name": "Pool", "strategy": "competitive", "session_ids": [1] })).await.ok();
    client.post("/api/pools", json!({ "name": "Empty", "strategy": "competitive", "session_ids": [] })).await.ok();
    client.post("/api/templates", json!({ "name": "Reminder", "body": "Hola {{ name }}" })).await.ok();
    client.post("/api/debtors", json!({ "phone": "+573001234567", "name": "Ana", "tags": ["mora"] })).await.ok();
    client
}

fn campaign(name: &str, pool: i64, tag: &str, start: bool) -> Value {
    json!({ "name": name, "pool_id": pool, "template_id": 1, "audience": { "tags": [tag] }, "start": start })
}

#[tokio::test]
async fn a_campaign_lives_from_draft_to_cancelled() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    assert_eq!(client.post("/api/campaigns/audience", json!({ "tags": ["Mora"] })).await.ok(), json!({ "count": 1 }));
    let draft = client.post("/api/campaigns", campaign("May", 1, "mora", false)).await.ok();
    assert_eq!((&draft["status"], &draft["counts"]["total"]), (&json!("draft"), &json!(0)));
    assert_eq!(draft["pool"], json!({ "id": 1, "name": "Pool" }));
    assert_eq!(draft["created_by"]["name"], "Their supervisor");
    for (action, status) in [("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")]
    {
        let campaign = client.post(&format!("/api/campaigns/1/{action}"), json!({})).await.ok();
        assert_eq!(campaign["status"], status);
        assert_eq!(campaign["counts"]["total"], 1);
    }
    let messages = client.get("/api/campaigns/1/messages").await.ok();
    assert_eq!(messages["items"][0]["state"], "cancelled");
    assert_eq!(messages["items"][0]["debtor"], json!({ "id": 1, "name": "Ana", "phone": "+573001234567" }));
    assert_eq!(client.get("/api/campaigns/1/messages?state=sent").await.ok()["items"], json!([]));
    assert_eq!(client.get("/api/campaigns?status=running").await.ok()["items"], json!([]));
    assert_eq!(client.get("/api/campaigns").await.ok()["items"][0]["name"], "May");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    let create = |body| client.post("/api/campaigns", body);
    create(campaign(" ", 9, "mora", false)).await.is_invalid(&[("/name", "required"), ("/pool_id", "unknown")]);
    create(campaign("A", 2, "mora", true)).await.is_problem(422, "empty_pool");
    create(campaign("A", 1, "nobody", true)).await.is_problem(422, "empty_audience");
    assert_eq!(client.get("/api/campaigns").await.ok()["items"], json!([]));
    create(campaign("A", 1, "nobody", false)).await.ok();
    create(campaign("A", 1, "nobody", false)).await.is_problem(409, "name_taken");
    client.post("/api/campaigns/1/start", json!({})).await.is_problem(422, "empty_audience");
    let illegal = client.post("/api/campaigns/1/pause", json!({})).await;
    illegal.is_problem(409, "illegal_action");
    assert!(illegal.body["detail"].as_str().unwrap().contains("draft"), "{illegal:?}");
    assert_eq!(client.get("/api/campaigns/1").await.ok()["status"], "draft");
    client.post("/api/campaigns/9/start", json!({})).await.is_problem(404, "not_found");
    client.get("/api/campaigns/9/messages").await.is_problem(404, "not_found");
    client.delete("/api/pools/1").await.is_problem(409, "in_use");
    client.delete("/api/templates/1").await.is_problem(409, "in_use");
}

#[tokio::test]
async fn the_dashboard_counts() {
    let app = TestApp::start().await;
    let client = prepare(&app).await;
    client.post("/api/campaigns", campaign("May", 1, "mora", true)).await.ok();
    let dashboard = client.get("/api/dashboard").await.ok();
    assert_eq!(dashboard["sessions"], json!({ "total": 1, "online": 0, "by_status": { "stopped": 1 } }));
    assert_eq!(dashboard["campaigns"], json!({ "running": 1, "paused": 0, "finished": 0 }));
    assert_eq!(dashboard["debtors"], json!({ "total": 1, "active": 1, "opted_out": 0 }));
    assert_eq!(dashboard["messages_by_hour"].as_array().unwrap().len(), 24);
}
