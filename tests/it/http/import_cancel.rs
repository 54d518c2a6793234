//! The end of an import while it is being stored, through the API.

use reqwest::Method;
use serde_json::Value;
use whatsmassive::domain::{event::Event, user::Role};

use super::imports::{plan, upload};
use crate::support::{app::TestApp, postgres::Postgres};

/// More than are stored before anybody can ask for an end.
const ROWS: usize = 12_000;

async fn ends_with_nothing_stored(app: TestApp) {
    let client = app.signed_in(Role::Supervisor).await;
    let mut file = "Nombre,Celular\nNadie,12\n".to_owned();
    for row in 0..ROWS {
        file.push_str(&format!("Persona {row},3001{row:06}\n"));
    }
    let import = upload(&client, "file", "a.csv", file.into()).await.ok();
    let at = |what: &str| format!("/api/debtors/imports/{}/{what}", import["id"]);
    client.post(&at("cancel"), Value::Null).await.is_problem(409, "import_not_running");

    let mut events = app.bus.subscribe();
    let committing = tokio::spawn(client.request(Method::POST, &at("commit")).json(&plan()).send());
    while !matches!(events.recv().await.unwrap(), Event::ImportProgress { done: 1.., .. }) {}
    let cancelled = client.post(&at("cancel"), Value::Null).await.ok();
    assert_eq!(cancelled["status"], "cancelled");
    let kept = &cancelled["suggestion"];
    assert_eq!((&kept["confirmed"], &kept["plan"]["tags"]), (&true.into(), &serde_json::json!(["noviembre"])));
    assert_eq!(kept["plan"]["mapping"][1]["field"], "phone", "nobody has to map it again");
    let answer = committing.await.unwrap().unwrap();
    assert_eq!(answer.status(), 409);
    assert_eq!(answer.json::<Value>().await.unwrap()["type"], "/problems/import_cancelled");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
    client.get(&at("rejected")).await.is_problem(404, "not_found");
    assert_eq!(client.post(&at("cancel"), Value::Null).await.ok()["status"], "cancelled", "twice is once");

    let stored = client.post(&at("commit"), plan()).await.ok();
    assert_eq!((&stored["status"], stored["report"]["inserted"].as_u64()), (&"committed".into(), Some(ROWS as u64)));
    client.post(&at("cancel"), Value::Null).await.is_problem(409, "already_committed");
    client.post("/api/debtors/imports/99/cancel", Value::Null).await.is_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_stores_nothing_and_can_be_confirmed_again() {
    ends_with_nothing_stored(TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_stores_nothing_on_postgres() {
    let url = Postgres::shared(false).fresh_database();
    ends_with_nothing_stored(TestApp::on(&url, tempfile::tempdir().unwrap()).await).await;
}
