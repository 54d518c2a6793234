//! The first user, signing in and out.

use reqwest::Method;
use serde_json::{Value, json};
use whatsmassive::domain::user::Role;

use crate::support::app::{PASSWORD, TestApp};

fn first_user(code: &str) -> Value {
    json!({ "code": code, "username": "ana", "name": "Ana", "password": PASSWORD })
}

#[tokio::test]
async fn the_first_user_needs_the_code_and_is_an_admin() {
    let app = TestApp::start().await;
    let client = app.client();
    assert_eq!(client.get("/api/info").await.ok()["setup_needed"], true);
    client.post("/api/setup", first_user("WRONG")).await.is_problem(403, "setup_code_wrong");
    let code = app.setup_code.clone().unwrap();
    let short = json!({ "code": code, "username": " ", "name": "Ana", "password": "short" });
    client.post("/api/setup", short).await.is_invalid(&[("/username", "required"), ("/password", "too_short")]);
    let me = client.post("/api/setup", first_user(&code.to_lowercase())).await.ok();
    assert_eq!((&me["username"], &me["role"]), (&json!("ana"), &json!("admin")));
    assert_eq!(client.get("/api/auth/me").await.ok(), me);
    assert_eq!(client.get("/api/info").await.ok()["setup_needed"], false);
    app.client().post("/api/setup", first_user(&code)).await.is_problem(409, "setup_done");
}

#[tokio::test]
async fn of_two_first_users_at_once_there_is_one() {
    let app = TestApp::start().await;
    let code = app.setup_code.clone().unwrap();
    let (one, two) = (app.client(), app.client());
    let (one, two) = tokio::join!(one.post("/api/setup", first_user(&code)), two.post("/api/setup", first_user(&code)));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(app.store.count_users().await.unwrap(), 1);
}

#[tokio::test]
async fn a_sign_in_lasts_until_the_sign_out() {
    let app = TestApp::start().await;
    let (client, cookie) = app.sign_in(Role::Supervisor).await;
    assert_eq!(client.get("/api/auth/me").await.ok()["role"], "supervisor");
    assert_eq!(client.send(client.request(Method::POST, "/api/auth/logout")).await.status, 204);
    client.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    // The token itself is of no more use either.
    let thief = app.client();
    thief
        .send(thief.request(Method::GET, "/api/auth/me").header("cookie", cookie))
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_other_sites() {
    let app = TestApp::start().await;
    app.signed_in(Role::Admin).await;
    let client = app.client();
    let body = json!({ "username": "a admin", "password": PASSWORD });
    for (proto, secure) in [("http", false), ("https", true)] {
        let request = client.request(Method::POST, "/api/auth/login").header("x-forwarded-proto", proto).json(&body);
        let response = request.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        for attribute in ["whatsmassive_sign_in=", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
    }
}

#[tokio::test]
async fn wrong_credentials_tell_nothing_and_guessing_is_slowed_down() {
    let app = TestApp::start().await;
    app.signed_in(Role::Admin).await;
    let client = app.client();
    let wrong = client.post("/api/auth/login", json!({ "username": "a admin", "password": "wrong" })).await;
    let nobody = client.post("/api/auth/login", json!({ "username": "nobody", "password": "wrong" })).await;
    wrong.is_problem(401, "credentials_wrong");
    assert_eq!(wrong.body, nobody.body);
    let long = json!({ "username": "a admin", "password": "x".repeat(201) });
    let mut last = client.post("/api/auth/login", long.clone()).await;
    for _ in 0..30 {
        last = client.post("/api/auth/login", long.clone()).await;
        if last.status == 429 {
            break;
        }
    }
    last.is_problem(429, "rate_limited");
}
