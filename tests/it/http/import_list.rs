//! The list of imports, through the API.

use serde_json::json;
use whatsmassive::domain::user::Role;

use super::imports::{plan, upload};
use crate::support::app::TestApp;

#[tokio::test]
async fn imports_are_listed_with_who_when_and_what_came_of_them() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    assert_eq!(client.get("/api/debtors/imports").await.ok(), json!({ "items": [], "next_cursor": null }));
    let first = upload(&client, "file", "a.csv", "Nombre,Celular\nAna,3001234567\nLuis,12\n".into()).await.ok();
    assert_eq!((&first["created_by"]["name"], &first["status"]), (&json!("Their supervisor"), &json!("previewed")));
    client.post(&format!("/api/debtors/imports/{}/commit", first["id"]), plan()).await.ok();
    let second = upload(&client, "file", "b.csv", "Nombre,Celular\nEva,3001234568\n".into()).await.ok();

    let page = client.get("/api/debtors/imports?limit=1").await.ok();
    let newest = &page["items"][0];
    assert_eq!((&newest["id"], &newest["rows"], &newest["counts"]), (&second["id"], &json!(1), &json!(null)));
    let next = format!("/api/debtors/imports?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    let page = client.get(&next).await.ok();
    let stored = &page["items"][0];
    assert_eq!((&stored["file_name"], &stored["status"]), (&json!("a.csv"), &json!("committed")));
    assert_eq!((&stored["created_by"]["name"], &stored["rows"]), (&json!("Their supervisor"), &json!(2)));
    let counts = json!({
        "inserted": 1, "updated": 0, "debts_added": 0, "unchanged": 0, "duplicates": 0, "rejected": 1, "warnings": 0, "corrected": 0,
    });
    assert_eq!((&stored["counts"], &page["next_cursor"]), (&counts, &json!(null)));
    client.get("/api/debtors/imports?limit=0").await.is_invalid(&[("/limit", "out_of_range")]);
}

#[tokio::test]
async fn saved_mappings_are_listed_and_forgotten() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let file = || "Nombre,Celular\nAna,3001234567\n".into();
    let first = upload(&client, "file", "a.csv", file()).await.ok();
    client.post(&format!("/api/debtors/imports/{}/commit", first["id"]), plan()).await.ok();
    let profiles = client.get("/api/debtors/imports/profiles").await.ok()["items"].clone();
    let profile = &profiles[0];
    assert_eq!((&profile["file_name"], profiles.as_array().unwrap().len()), (&json!("a.csv"), 1));
    let columns = json!([
        { "header": "nombre", "field": "name", "variable": null }, { "header": "celular", "field": "phone", "variable": null },
    ]);
    assert_eq!(profile["columns"], columns);
    let path = format!("/api/debtors/imports/profiles/{}", profile["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.status, 204);
    client.delete(&path).await.is_problem(404, "not_found");
    assert_eq!(client.get("/api/debtors/imports/profiles").await.ok()["items"], json!([]));
    let next = upload(&client, "file", "b.csv", file()).await.ok();
    assert_eq!(next["suggestion"], json!(null), "it is mapped as it is detected");
}
