//! The page of one debtor through the API: notes, promises, the timeline, and who may do what.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use crate::support::app::{Client, TestApp};

async fn add(client: &Client) -> String {
    let body = json!({ "phone": "+573001234001", "name": "Ana" });
    format!("/api/debtors/{}", client.post("/api/debtors", body).await.ok()["id"])
}

fn kinds(timeline: &Value) -> Vec<&str> {
    timeline["items"].as_array().unwrap().iter().map(|event| event["what"]["kind"].as_str().unwrap()).collect()
}

/// A day some days from now.
fn day(days: i64) -> String {
    (whatsmassive::domain::clock::Clock::system().now() + chrono::TimeDelta::days(days)).date_naive().to_string()
}

#[tokio::test]
async fn an_agent_notes_what_was_said_and_what_was_promised() {
    let app = TestApp::start().await;
    let path = add(&app.signed_in(Role::Supervisor).await).await;
    let agent = app.signed_in(Role::Agent).await;
    assert_eq!(agent.get(&format!("{path}/timeline")).await.ok()["items"], json!([]));
    let note = agent.post(&format!("{path}/notes"), json!({ "body": "  Called, will pay  " })).await;
    assert_eq!(note.status, 204);
    let body = json!({ "amount": { "minor": 150_000, "currency": "COP" }, "due_date": day(3) });
    let promise = agent.post(&format!("{path}/promises"), body).await;
    assert_eq!(promise.status, 201);
    let promise = promise.ok();
    assert_eq!((&promise["status"], &promise["late"]), (&json!("open"), &json!(false)));
    let standing = agent.get(&format!("{path}/standing")).await.ok();
    assert_eq!(standing["promises"], json!([promise]));
    assert_eq!((&standing["suppression"], &standing["last_contact_at"]), (&json!(null), &json!(null)));
    let close = format!("/api/promises/{}", promise["id"]);
    agent.patch(&close, json!({ "status": "open" })).await.is_invalid(&[("/status", "invalid")]);
    assert_eq!(agent.patch(&close, json!({ "status": "kept" })).await.ok()["status"], "kept");
    agent.patch(&close, json!({ "status": "broken" })).await.is_problem(409, "conflict");
    agent.patch("/api/promises/99", json!({ "status": "broken" })).await.is_problem(404, "not_found");

    let timeline = agent.get(&format!("{path}/timeline?limit=1")).await.ok();
    assert_eq!(kinds(&timeline), ["promise"]);
    assert_eq!(timeline["items"][0]["what"]["promise"]["status"], "kept");
    let cursor = timeline["next_cursor"].as_str().unwrap();
    let timeline = agent.get(&format!("{path}/timeline?limit=1&cursor={cursor}")).await.ok();
    assert_eq!(
        timeline["items"][0]["what"],
        json!({ "kind": "note", "author": "Their agent", "body": "Called, will pay" })
    );
    assert_eq!(timeline["next_cursor"], json!(null));
}

#[tokio::test]
async fn what_cannot_be_noted_is_refused() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let path = add(&client).await;
    let notes = format!("{path}/notes");
    client.post(&notes, json!({ "body": "  " })).await.is_invalid(&[("/body", "required")]);
    client.post(&notes, json!({ "body": "x".repeat(2001) })).await.is_invalid(&[("/body", "too_long")]);
    let promises = format!("{path}/promises");
    client.post(&promises, json!({ "due_date": day(-1) })).await.is_invalid(&[("/due_date", "out_of_range")]);
    let body = json!({ "due_date": day(1), "amount": { "minor": -1, "currency": "COP" } });
    client.post(&promises, body).await.is_invalid(&[("/amount/minor", "invalid")]);
    for path in ["timeline", "standing"] {
        client.get(&format!("/api/debtors/99/{path}")).await.is_problem(404, "not_found");
    }
    client.post("/api/debtors/99/notes", json!({ "body": "x" })).await.is_problem(404, "not_found");
    app.client().get(&format!("{path}/timeline")).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_change_of_status_is_told_and_other_changes_are_not() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let path = add(&client).await;
    client.patch(&path, json!({ "status": "active", "name": "Ana María" })).await.ok();
    client.patch(&path, json!({ "status": "disputed", "reason": "Says it is paid" })).await.ok();
    let timeline = client.get(&format!("{path}/timeline")).await.ok();
    let told = json!({
        "kind": "status", "status": "disputed", "author": "Their supervisor", "reason": "Says it is paid",
    });
    assert_eq!(timeline["items"].as_array().unwrap().len(), 1);
    assert_eq!(timeline["items"][0]["what"], told);
    let body = json!({ "phone": "+573001234001", "reason": "court order" });
    assert_eq!(client.post("/api/suppressions", body).await.status, 204);
    assert_eq!(client.get(&format!("{path}/standing")).await.ok()["suppression"]["reason"], "court order");
}
