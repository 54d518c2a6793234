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

fn plan() -> serde_json::Value {
    json!({
        "mapping": [{ "index": 0, "field": "name" }, { "index": 1, "field": "phone" }],
        "country": "CO", "currency": "COP", "date_order": "dmy", "tags": ["Noviembre"],
    })
}

#[tokio::test]
async fn a_file_is_previewed_committed_once_and_reported_row_by_row() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let latin_1 = b"Nombre;Tel\xE9fono\r\nJos\xE9;300 123 4567\r\nAna;12\r\nLuis;+57 (300) 123-4567\r\n;3001234568\r\n";
    let import = upload(&client, "file", "cartera.csv", latin_1.to_vec()).await.ok();
    let detected: Vec<&str> =
        import["columns"].as_array().unwrap().iter().map(|c| c["detected"].as_str().unwrap()).collect();
    assert_eq!(
        (detected, import["rows"].as_u64(), import["delimiter"].as_str()),
        (vec!["name", "phone"], Some(4), Some(";"))
    );
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0, "a preview stores nothing");

    let commit = format!("/api/debtors/imports/{}/commit", import["id"]);
    let (first, second) = tokio::join!(client.post(&commit, plan()), client.post(&commit, plan()));
    let statuses = [first.status.as_u16(), second.status.as_u16()];
    assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
    let report = client.get(&format!("/api/debtors/imports/{}", import["id"])).await.ok()["report"].clone();
    assert_eq!(
        (report["inserted"].as_u64(), report["duplicates"].as_u64(), report["rejected"].as_u64()),
        (Some(1), Some(1), Some(2))
    );
    let reasons: Vec<(u64, &str)> = report["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["row"].as_u64().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(reasons, [(3, "phone_invalid"), (4, "duplicate_in_file"), (5, "name_missing")]);
    let debtors = client.get("/api/debtors?tag=noviembre").await.ok();
    assert_eq!((debtors["total"].as_u64(), debtors["items"][0]["name"].as_str()), (Some(1), Some("José")));
}

#[tokio::test]
async fn bombs_and_files_without_phones_are_refused_in_the_language_asked_for() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    upload(&client, "file", "a.csv", b"Nombre;Ciudad\nAna;Cali\n".to_vec()).await.is_problem(422, "no_phone_column");
    upload(&client, "file", "a.csv", "Teléfono;Nombre\n".into()).await.is_problem(422, "empty_file");
    upload(&client, "file", "bomb.xlsx", bomb()).await.is_problem(422, "archive_bomb");
    upload(&client, "file", "a.xlsx", b"PK\x03\x04 broken".to_vec()).await.is_problem(415, "unsupported_file");
    assert_eq!(client.get("/api/debtors").await.ok()["total"], 0);
}

/// An archive that is small on the outside.
fn bomb() -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..64 {
        archive.write_all(&spaces).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
