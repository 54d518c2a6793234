//! Pools through the API.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use crate::support::app::{Client, TestApp};

async fn with_sessions(app: &TestApp, count: usize) -> Client {
    let client = app.signed_in(Role::Supervisor).await;
    for number in 1..=count {
        client.post("/api/sessions", json!({ "name": format!("Number {number}"), "start": false })).await.ok();
    }
    client
}

fn member_ids(pool: &Value) -> Vec<i64> {
    pool["members"].as_array().unwrap().iter().map(|member| member["session_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn members_keep_their_order() {
    let app = TestApp::start().await;
    let client = with_sessions(&app, 3).await;
    let body = json!({
        "name": "North", "strategy": "fixed_turns", "turn_size": 5, "grace_seconds": 10, "members": [{ "session_id": 3 }, { "session_id": 1 }],
    });
    let pool = client.post("/api/pools", body).await.ok();
    assert_eq!((&pool["strategy"], &pool["turn_size"]), (&json!("fixed_turns"), &json!(5)));
    assert_eq!(pool["grace_seconds"], 10);
    assert_eq!(member_ids(&pool), [3, 1]);
    let pool = client
        .patch("/api/pools/1", json!({ "members": [{ "session_id": 2 }, { "session_id": 3 }, { "session_id": 1 }] }))
        .await
        .ok();
    assert_eq!(member_ids(&pool), [2, 3, 1]);
    let heavier = json!({ "members": [{ "session_id": 2, "weight": 4 }, { "session_id": 3 }] });
    let pool = client.patch("/api/pools/1", heavier).await.ok();
    assert_eq!((&pool["members"][0]["weight"], &pool["members"][1]["weight"]), (&json!(4), &json!(1)));
    assert_eq!(pool["name"], "North");
    assert_eq!(client.get("/api/pools").await.ok()["items"], json!([pool]));
    assert_eq!(client.get("/api/sessions/2").await.ok()["pools"], json!([{ "id": 1, "name": "North" }]));
    assert_eq!(client.delete("/api/pools/1").await.status, 204);
    client.get("/api/pools/1").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn bad_pools_are_refused() {
    let app = TestApp::start().await;
    let client = with_sessions(&app, 1).await;
    let body = json!({ "name": " ", "strategy": "competitive", "turn_size": 0, "members": [{ "session_id": 1 }, { "session_id": 1 }, { "session_id": 9 }] });
    client.post("/api/pools", body).await.is_invalid(&[
        ("/name", "required"),
        ("/turn_size", "out_of_range"),
        ("/members/1/session_id", "duplicate"),
        ("/members/2/session_id", "unknown"),
    ]);
    let body = json!({ "name": "North", "strategy": "competitive", "members": [] });
    client.post("/api/pools", body.clone()).await.ok();
    let taken = client.post("/api/pools", body).await;
    taken.is_problem(409, "name_taken");
    assert_eq!(taken.body["errors"][0]["pointer"], "/name");
    client.patch("/api/pools/1", json!({ "turn_size": 1001 })).await.is_invalid(&[("/turn_size", "out_of_range")]);
    client
        .patch("/api/pools/1", json!({ "grace_seconds": 3601 }))
        .await
        .is_invalid(&[("/grace_seconds", "out_of_range")]);
    client
        .patch("/api/pools/1", json!({ "members": [{ "session_id": 1, "weight": 11 }] }))
        .await
        .is_invalid(&[("/members/0/weight", "out_of_range")]);
    client.patch("/api/pools/9", json!({ "name": "x" })).await.is_problem(404, "not_found");
}
