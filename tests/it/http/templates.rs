//! Templates through the API.

use serde_json::json;
use whatsmassive::domain::user::Role;

use crate::support::app::TestApp;

#[tokio::test]
async fn a_template_is_filled_in_for_a_debtor() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let body = json!({ "name": "Reminder", "body": "Hola {{ name }}, {{ city }}" });
    let template = client.post("/api/templates", body).await.ok();
    assert_eq!(template["variables"], json!(["city", "name"]));
    let ana = json!({ "phone": "+573001234567", "name": "Ana", "fields": { "city": "Cali" } });
    client.post("/api/debtors", ana).await.ok();
    assert_eq!(
        client.post("/api/templates/1/preview", json!({ "debtor_id": 1 })).await.ok(),
        json!({ "text": "Hola Ana, Cali" })
    );
    client.post("/api/templates/1/preview", json!({ "debtor_id": 9 })).await.is_invalid(&[("/debtor_id", "unknown")]);
    let changed = client.patch("/api/templates/1", json!({ "body": "Hi {{ name }}" })).await.ok();
    assert_eq!((&changed["name"], &changed["variables"]), (&json!("Reminder"), &json!(["name"])));
    assert_eq!(client.get("/api/templates").await.ok()["items"], json!([changed]));
    assert_eq!(client.delete("/api/templates/1").await.status, 204);
    client.get("/api/templates/1").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn an_editor_sees_the_text_and_what_is_missing() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let preview = client.post("/api/templates/preview", json!({ "body": "Hola {{ name }}" })).await.ok();
    assert!(preview["text"].as_str().unwrap().starts_with("Hola "), "{preview}");
    let preview = client.post("/api/templates/preview", json!({ "body": "Hola {{ nickname }}" })).await.ok();
    assert_eq!(preview, json!({ "text": "", "variables": ["nickname"], "missing": ["nickname"] }));
    let variables = client.get("/api/templates/variables").await.ok();
    assert!(variables["items"].as_array().unwrap().iter().any(|variable| variable["name"] == "name"), "{variables}");
}

#[tokio::test]
async fn broken_templates_are_refused_with_their_line() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    for path in ["/api/templates", "/api/templates/preview"] {
        let broken = client.post(path, json!({ "name": "Broken", "body": "Hola {{ name" })).await;
        broken.is_problem(422, "template_broken");
        assert_eq!(broken.body["errors"][0]["pointer"], "/body");
        assert!(broken.body["errors"][0]["detail"].as_str().unwrap().contains('1'), "{broken:?}");
    }
    assert_eq!(client.get("/api/templates").await.ok()["items"], json!([]));
    let long = json!({ "name": "Long", "body": "x".repeat(4097) });
    client.post("/api/templates", long).await.is_invalid(&[("/body", "too_long")]);
}
