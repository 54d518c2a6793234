//! Files that debtors have sent, on the page of each, through the API, on both databases.

use reqwest::Method;
use serde_json::{Value, json};
use whatsmassive::{
    domain::{
        audit::AuditEntry,
        clock::Clock,
        conversation::Inbound,
        id::SessionId,
        media::{Fetched, InboundMedia, MediaFile, MediaKind},
        pacing::{Caps, DelayRange},
        phone::Phone,
        session::{ChannelKind, DesiredState},
        user::Role,
    },
    store::{NewSession, Store},
};

use crate::support::{
    app::{Client, TestApp},
    postgres::Postgres,
};

const DEBTOR: &str = "+573001234001";
const PDF: &[u8] = b"%PDF-1.7 comprobante";

/// A number that nobody starts: what came to it is as the test leaves it.
async fn number(store: &Store) -> SessionId {
    let new = NewSession {
        name: "Number 1".to_owned(),
        channel: ChannelKind::Web,
        desired: DesiredState::Stopped,
        delay: DelayRange::default(),
        caps: Caps::NONE,
    };
    let audit = AuditEntry { actor: None, action: "test", subject: "session".to_owned(), detail: Value::Null };
    store.create_session(new, Clock::system().now(), audit).await.unwrap().id
}

/// The debtor writes, with a file of that kind.
async fn write(store: &Store, session: SessionId, id: &str, kind: MediaKind, file_name: &str) {
    let media = InboundMedia { wire_key: format!("key-{id}"), kind, file_name: file_name.to_owned() };
    let at = Clock::system().now();
    let from = Phone::from_e164(DEBTOR).unwrap();
    let inbound = Inbound { from, wire_id: id.to_owned(), body: String::new(), media: Some(media), at };
    store.record_inbound(session, &inbound, at).await.unwrap().unwrap();
}

/// The files on the debtor's page, newest first.
async fn files(client: &Client, path: &str) -> Vec<Value> {
    let timeline = client.get(&format!("{path}/timeline")).await.ok();
    timeline["items"].as_array().unwrap().iter().map(|event| event["what"]["file"].clone()).collect()
}

async fn check(app: TestApp) {
    let supervisor = app.signed_in(Role::Supervisor).await;
    let debtor = supervisor.post("/api/debtors", json!({ "phone": DEBTOR, "name": "Ana" })).await.ok();
    let path = format!("/api/debtors/{}", debtor["id"]);
    let session = number(&app.store).await;
    write(&app.store, session, "IN1", MediaKind::Document, "comprobante.pdf").await;
    write(&app.store, session, "IN2", MediaKind::Audio, "").await;
    let agent = app.signed_in(Role::Agent).await;
    let waiting = |kind: &str| json!({ "kind": kind, "state": "waiting", "media": null });
    assert_eq!(files(&agent, &path).await, [waiting("audio"), waiting("document")]);

    let expected = app.store.expected_media(session).await.unwrap();
    let file = MediaFile {
        kind: MediaKind::Document,
        mime_type: "application/pdf".to_owned(),
        file_name: "comprobante.pdf".to_owned(),
        content: PDF.into(),
    };
    app.store.keep_inbound_media(expected[0].message, &file, Clock::system().now()).await.unwrap();
    app.store.miss_inbound_media(expected[1].message, Fetched::Gone).await.unwrap();
    let told = files(&agent, &path).await;
    assert_eq!(told[0], json!({ "kind": "audio", "state": "gone", "media": null }));
    assert_eq!((&told[1]["state"], &told[1]["kind"]), (&json!("kept"), &json!("document")));
    let media = &told[1]["media"];
    assert_eq!((&media["file_name"], &media["size"]), (&json!("comprobante.pdf"), &json!(PDF.len())));
    let answer = agent.request(Method::GET, &format!("/api/media/{}", media["id"])).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.bytes().await.unwrap(), PDF);
}

#[tokio::test]
async fn what_a_debtor_sent_is_on_their_page_on_sqlite() {
    check(TestApp::start().await).await;
}

#[tokio::test]
async fn what_a_debtor_sent_is_on_their_page_on_postgres() {
    let url = Postgres::shared(false).fresh_database();
    check(TestApp::on(&url, tempfile::tempdir().unwrap()).await).await;
}
