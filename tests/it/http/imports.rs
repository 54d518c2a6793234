//! Uploads that cannot be read, through the API: each says why, and stores nothing.

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use whatsmassive::domain::user::Role;

use crate::support::app::{Answer, Client, MAX_UPLOAD, TestApp};

async fn upload(client: &Client, field: &'static str, name: &str, bytes: Vec<u8>) -> Answer {
    let form = Form::new().part(field, Part::bytes(bytes).file_name(name.to_owned()));
    client.send(client.request(Method::POST, "/api/debtors/imports").multipart(form)).await
}

#[tokio::test]
async fn uploads_that_cannot_be_read_say_why() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    upload(&client, "other", "a.csv", b"phone\n1\n".to_vec()).await.is_invalid(&[("/file", "required")]);
    upload(&client, "file", "a.csv", Vec::new()).await.is_problem(422, "empty_file");
    upload(&client, "file", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\0".to_vec()).await.is_problem(415, "unsupported_file");
    let large = vec![b'1'; usize::try_from(MAX_UPLOAD).unwrap() + 1];
    upload(&client, "file", "a.csv", large).await.is_problem(413, "too_large");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

#[tokio::test]
async fn an_import_that_is_not_there_cannot_be_committed() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let plan = json!({
        "mapping": [{ "index": 0, "field": "phone" }], "country": "CO", "currency": "COP", "date_order": "dmy",
    });
    client.post("/api/debtors/imports/9/commit", plan).await.is_problem(404, "not_found");
    client.get("/api/debtors/imports/9").await.is_problem(404, "not_found");
    client.get("/api/debtors/imports/9/rejected.csv").await.is_problem(404, "not_found");
    let plan = json!({
        "mapping": [{ "index": 0, "field": "custom" }], "country": "XX", "currency": "pesos", "date_order": "dmy",
    });
    client.post("/api/debtors/imports/9/commit", plan).await.is_invalid(&[
        ("/currency", "invalid_currency"),
        ("/country", "invalid"),
        ("/mapping/0/variable", "required"),
    ]);
}
