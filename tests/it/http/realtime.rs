//! The sockets: who gets in, who hears what, and what happens to nonsense.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::json;
use whatsmassive::domain::{
    campaign::CampaignStatus,
    event::Event,
    id::{CampaignId, SessionId},
    message::{MessageCounts, MessageState},
    session::{Qr, SessionStatus},
    user::Role,
};

use crate::support::{app::TestApp, socket::Socket};

fn expiry() -> DateTime<Utc> {
    DateTime::from_timestamp(4_000_000_000, 0).unwrap()
}

fn qr() -> Event {
    Event::SessionQr { session_id: SessionId(7), qr: Some(Qr { text: "2@abc".to_owned(), expires_at: expiry() }) }
}

fn status() -> Event {
    Event::SessionStatus { session_id: SessionId(7), status: SessionStatus::Online, reason: None }
}

#[tokio::test]
async fn strangers_and_other_sites_are_refused() {
    let app = TestApp::start().await;
    assert_eq!(Socket::connect(&app.address, &[]).await.err(), Some(401));
    let forged = [("cookie", "whatsmassive_sign_in=guess")];
    assert_eq!(Socket::connect(&app.address, &forged).await.err(), Some(401));
    let (_, cookie) = app.sign_in(Role::Admin).await;
    let elsewhere = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    assert_eq!(Socket::connect(&app.address, &elsewhere).await.err(), Some(403));
}

#[tokio::test]
async fn a_supervisor_hears_of_qr_codes_and_an_agent_does_not() {
    let app = TestApp::start().await;
    let (_, cookie) = app.sign_in(Role::Supervisor).await;
    let mut supervisor = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    let (_, cookie) = app.sign_in(Role::Agent).await;
    let mut agent = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    // An answer shows that the server has finished letting the socket in.
    supervisor.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;
    agent.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;

    app.bus.publish(qr());
    app.bus.publish(status());
    let heard = supervisor.hear("session.qr").await;
    assert_eq!(heard["qr"], "2@abc");
    assert!(heard["image"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
    assert_eq!(heard["expires_at"], json!(expiry()));
    let expected = json!({ "session_id": 7, "status": "online", "status_reason": null });
    assert_eq!(supervisor.hear("session.status").await, expected);
    // The status came after the code: an agent who has it has not been told the code.
    assert_eq!(agent.hear("session.status").await, expected);
    assert!(!agent.has_heard("session.qr"));
}

#[tokio::test]
async fn nonsense_is_acknowledged_with_an_error() {
    let app = TestApp::start().await;
    let (_, cookie) = app.sign_in(Role::Supervisor).await;
    let headers = [("cookie", cookie.as_str()), ("accept-language", "es")];
    let mut socket = Socket::connect(&app.address, &headers).await.unwrap();
    for payload in [json!({}), json!({ "campaign_id": "x" }), json!("x"), json!(null), json!([])] {
        for event in ["campaign.watch", "campaign.unwatch"] {
            let error = &socket.ask(event, payload.clone()).await["error"];
            assert_eq!(error["type"], "/problems/validation", "{event} {payload}");
            assert_eq!(error["title"], "Revise los datos");
        }
    }
    let error = &socket.ask("campaign.watch", json!({ "campaign_id": 1 })).await["error"];
    assert_eq!(error["type"], "/problems/not_found");
}

#[tokio::test]
async fn progress_is_paced_and_its_last_state_always_comes() {
    let app = TestApp::start().await;
    let (_, cookie) = app.sign_in(Role::Agent).await;
    let mut socket = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    socket.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;
    for sent in 1..=50 {
        app.bus.publish(Event::CampaignProgress {
            campaign_id: CampaignId(3),
            status: CampaignStatus::Running,
            counts: MessageCounts::from_iter([(MessageState::Sent, sent)]),
        });
    }
    let first = socket.hear("campaign.progress").await;
    assert_eq!((&first["campaign_id"], &first["counts"]["sent"]), (&json!(3), &json!(1)));
    let second = socket.hear("campaign.progress").await;
    assert_eq!((&second["counts"]["sent"], &second["counts"]["total"]), (&json!(50), &json!(50)));
}

#[tokio::test]
async fn a_sign_out_closes_the_sockets_of_that_browser() {
    let app = TestApp::start().await;
    let (client, cookie) = app.sign_in(Role::Supervisor).await;
    let mut socket = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    socket.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;
    client.send(client.request(Method::POST, "/api/auth/logout")).await;
    socket.until_closed().await;
}

#[tokio::test]
async fn the_fleet_knows_whether_anybody_is_there_to_scan_codes() {
    let app = TestApp::start().await;
    let (_, cookie) = app.sign_in(Role::Agent).await;
    let mut agent = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    agent.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;
    assert_eq!(app.fleet.last_look(), None, "an agent hears of none");
    let (_, cookie) = app.sign_in(Role::Supervisor).await;
    let mut supervisor = Socket::connect(&app.address, &[("cookie", &cookie)]).await.unwrap();
    supervisor.ask("campaign.unwatch", json!({ "campaign_id": 1 })).await;
    while app.fleet.last_look().is_none() {
        tokio::task::yield_now().await;
    }
}
