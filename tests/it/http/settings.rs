//! The contact policy, the suppression list, caps, and what a person finds out, through the API.

use serde_json::json;
use whatsmassive::{domain::user::Role, store::Page};

use crate::support::app::TestApp;

#[tokio::test]
async fn an_admin_sets_the_contact_policy_and_nobody_else() {
    let app = TestApp::start().await;
    let (admin, supervisor) = (app.signed_in(Role::Admin).await, app.signed_in(Role::Supervisor).await);
    let policy = json!({
        "hours": [{ "days": [1, 2, 3, 4, 5], "from": "07:00", "until": "19:00" }, { "days": [6], "from": "08:00", "until": "24:00" }],
        "min_gap_minutes": 60, "per_day": 1, "per_week": null,
    });
    supervisor.put("/api/settings/contact-policy", policy.clone()).await.is_problem(403, "forbidden");
    assert_eq!(admin.put("/api/settings/contact-policy", policy.clone()).await.ok(), policy);
    let wrong = json!({
        "hours": [
            { "days": [], "from": "07:00", "until": "19:00" },
            { "days": [1], "from": "19:00", "until": "07:00" },
            { "days": [1], "from": "7", "until": "25:00" },
        ],
        "min_gap_minutes": 50_000, "per_day": 0, "per_week": 1001,
    });
    admin.put("/api/settings/contact-policy", wrong).await.is_invalid(&[
        ("/hours/0/days", "invalid"),
        ("/hours/1/until", "ends_early"),
        ("/hours/2", "invalid_time"),
        ("/min_gap_minutes", "out_of_range"),
        ("/per_day", "out_of_range"),
        ("/per_week", "out_of_range"),
    ]);
    assert_eq!(supervisor.get("/api/settings/contact-policy").await.ok(), policy, "nothing changed");
}

#[tokio::test]
async fn a_number_is_suppressed_and_lifted_with_a_reason() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let entry = |reason: &str| json!({ "phone": "+57 300 123 4567", "reason": reason });
    client.post("/api/suppressions", entry(" ")).await.is_invalid(&[("/reason", "required")]);
    client
        .post("/api/suppressions", json!({ "phone": "12", "reason": "x" }))
        .await
        .is_invalid(&[("/phone", "invalid_phone")]);
    client.post("/api/suppressions", entry("asked by letter")).await.ok();
    client.post("/api/suppressions", entry("asked again")).await.ok();
    let list = client.get("/api/suppressions?search=1234").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["phone"], "+573001234567");
    assert_eq!(list["items"][0]["reason"], "asked by letter", "the first reason stays");
    assert_eq!(list["items"][0]["created_by"]["name"], "Their supervisor");
    client.post("/api/suppressions/lift", entry("a mistake")).await.ok();
    client.post("/api/suppressions/lift", entry("a mistake")).await.is_problem(404, "not_found");
    let audit = app.store.audit_trail(&Page { limit: 2, cursor: None }).await.unwrap();
    let actions: Vec<&str> = audit.items.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["suppression.lift", "suppression.add"]);
}

#[tokio::test]
async fn a_number_has_caps() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let session = client.post("/api/sessions", json!({ "name": "A", "start": false })).await.ok();
    assert_eq!(session["caps"]["per_day"], 1000);
    assert_eq!((session["sent_today"].as_u64(), session["new_chats_today"].as_u64()), (Some(0), Some(0)));
    let caps = json!({
        "per_minute": 6, "per_hour": null, "per_day": 200, "new_chats_per_day": 40,
        "warm_up": { "since": "2026-11-01T00:00:00Z", "first_day": 20, "growth_percent": 30 },
    });
    let changed = client.patch("/api/sessions/1", json!({ "caps": caps })).await.ok();
    assert_eq!(changed["caps"], caps);
    let zero = json!({ "caps": {
        "per_minute": 0, "per_hour": null, "per_day": null, "new_chats_per_day": null,
        "warm_up": { "since": "2026-11-01T00:00:00Z", "first_day": 0, "growth_percent": 101 },
    } });
    client.patch("/api/sessions/1", zero).await.is_invalid(&[
        ("/caps/per_minute", "out_of_range"),
        ("/caps/warm_up/first_day", "out_of_range"),
        ("/caps/warm_up/growth_percent", "out_of_range"),
    ]);
    assert_eq!(client.patch("/api/sessions/1", json!({ "name": "B" })).await.ok()["caps"], caps);
}

#[tokio::test]
async fn only_an_uncertain_message_can_be_decided_on() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/messages/1/finding", json!({ "finding": "arrived" })).await.is_problem(409, "not_uncertain");
    client.post("/api/messages/1/finding", json!({ "finding": "lost" })).await.is_problem(422, "validation");
}
