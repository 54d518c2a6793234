//! Files of templates through the API.

use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use whatsmassive::domain::user::Role;

use crate::support::app::{Answer, Client, TestApp};

async fn upload(client: &Client, name: &str, bytes: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
    client.send(client.request(Method::POST, "/api/media").multipart(form)).await
}

const PDF: &[u8] = b"%PDF-1.7 saldo";
const MP3: &[u8] = b"ID3\x03\0\0\0\0\0\0\0\0\0\0\0\0";

#[tokio::test]
async fn a_template_carries_a_file() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let media = upload(&client, "C:\\facturas\\estado \"1\".pdf", PDF).await.ok();
    assert_eq!(
        (&media["kind"], &media["file_name"], &media["size"]),
        (&json!("document"), &json!("estado \"1\".pdf"), &json!(14))
    );
    let body = json!({ "name": "Estado", "body": "Hola {{ name }}", "media_id": media["id"] });
    let template = client.post("/api/templates", body).await.ok();
    assert_eq!(template["media"], media);
    let changed = client.patch("/api/templates/1", json!({ "body": "" })).await.ok();
    assert_eq!((&changed["body"], &changed["media"]), (&json!(""), &media), "a file may go without a word");
    client.patch("/api/templates/1", json!({ "media_id": null })).await.is_invalid(&[("/body", "required")]);
    let changed = client.patch("/api/templates/1", json!({ "media_id": null, "body": "Hola" })).await.ok();
    assert_eq!(changed["media"], json!(null));
    client.patch("/api/templates/1", json!({ "media_id": 99 })).await.is_invalid(&[("/media_id", "unknown")]);
    let long = "x".repeat(1025);
    let body = json!({ "body": long, "media_id": media["id"] });
    client.patch("/api/templates/1", body).await.is_invalid(&[("/body", "too_long")]);
}

#[tokio::test]
async fn no_text_goes_with_a_sound() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let media = upload(&client, "aviso.mp3", MP3).await.ok();
    assert_eq!(media["kind"], "audio");
    let with = |body: &str| json!({ "name": "Aviso", "body": body, "media_id": media["id"] });
    client.post("/api/templates", with("Hola")).await.is_invalid(&[("/body", "no_text_with_audio")]);
    client.post("/api/templates", with("")).await.ok();
}

#[tokio::test]
async fn what_a_file_is_comes_from_its_content() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    upload(&client, "foto.jpg", b"<html><script>alert(1)</script>").await.is_problem(415, "media_unsupported");
    upload(&client, "foto.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .await
        .is_problem(415, "media_unsupported");
    upload(&client, "foto.jpg", b"").await.is_problem(422, "empty_file");
    upload(&client, "foto.pdf", &vec![0; 16 * 1024 * 1024 + 1]).await.is_problem(413, "too_large");
    let agent = app.signed_in(Role::Agent).await;
    upload(&agent, "estado.pdf", PDF).await.is_problem(403, "forbidden");
    let media = upload(&client, "estado.html", PDF).await.ok();
    assert_eq!(media["mime_type"], "application/pdf");
    let path = format!("/api/media/{}", media["id"]);
    let answer = agent.request(Method::GET, &path).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("content-disposition"), "attachment; filename*=UTF-8''estado.html");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(answer.bytes().await.unwrap(), PDF);
    agent.get("/api/media/99").await.is_problem(404, "not_found");
    let stranger = app.client();
    stranger.get(&path).await.is_problem(401, "unauthenticated");
}
