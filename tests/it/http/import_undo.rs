//! Taking an import back, through the API.

use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use super::imports::{plan, upload};
use crate::support::app::{Client, TestApp};

async fn import(client: &Client, text: &str, update: bool) -> Value {
    let import = upload(client, "file", "a.csv", text.into()).await.ok();
    let mut plan = plan();
    plan["update_existing"] = json!(update);
    client.post(&format!("/api/debtors/imports/{}/commit", import["id"]), plan).await.ok()
}

fn undo_of(import: &Value) -> String {
    format!("/api/debtors/imports/{}/undo", import["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_undone_once_however_often_it_is_asked() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let first = import(&client, "Nombre,Celular\nAna,3001234567\n", true).await;
    let second = import(&client, "Nombre,Celular\nAna Ruiz,3001234567\nLuis,3001234568\nEva,12\n", true).await;
    client.post(&undo_of(&first), Value::Null).await.is_problem(409, "import_built_on");
    for _ in 0..2 {
        let undone = client.post(&undo_of(&second), Value::Null).await.ok();
        assert_eq!((&undone["status"], &undone["report"]["inserted"]), (&json!("undone"), &json!(1)));
    }
    let debtors = client.get("/api/debtors").await.ok();
    assert_eq!((&debtors["total"], &debtors["items"][0]["name"]), (&json!(1), &json!("Ana")));
    client.text(&format!("/api/debtors/imports/{}/rejected", second["id"])).await;
    let listed = client.get("/api/debtors/imports").await.ok();
    assert_eq!((&listed["items"][0]["status"], &listed["items"][1]["status"]), (&json!("undone"), &json!("committed")));
    let again = format!("/api/debtors/imports/{}/commit", second["id"]);
    client.post(&again, plan()).await.is_problem(409, "already_committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_undone_is_refused_in_words() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    client.post("/api/debtors/imports/9/undo", Value::Null).await.is_problem(404, "not_found");
    let waiting = upload(&client, "file", "a.csv", "Nombre,Celular\nAna,3001234567\n".into()).await.ok();
    client.post(&undo_of(&waiting), Value::Null).await.is_problem(409, "import_not_stored");

    let stored = import(&client, "Nombre,Celular\nAna,3001234567\nLuis,3001234568\n", true).await;
    let session = client.post("/api/sessions", json!({ "name": "Number 1", "start": false })).await.ok();
    let pool = json!({ "name": "Pool", "strategy": "competitive", "members": [{ "session_id": session["id"] }] });
    let pool = client.post("/api/pools", pool).await.ok();
    let template = client.post("/api/templates", json!({ "name": "T", "body": "Hola {{ name }}" })).await.ok();
    let campaign = json!({
        "name": "C", "pool_ids": [pool["id"]], "template_id": template["id"], "audience": { "tags": ["noviembre"] }, "start": true,
    });
    client.post("/api/campaigns", campaign).await.ok();
    let refused = client.post(&undo_of(&stored), Value::Null).await;
    let detail = refused.is_problem(409, "import_written_to").body["detail"].as_str().unwrap();
    assert!(detail.contains(": 2."), "{detail}");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 2);
}
