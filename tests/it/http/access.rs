//! Who is let in: sign-in, roles, other sites.

use reqwest::Method;
use serde_json::json;
use whatsmassive::{domain::user::Role, http};

use crate::support::app::TestApp;

/// What anybody may ask.
const PUBLIC: &[&str] = &["/api/info", "/api/setup", "/api/auth/login", "/healthz", "/readyz"];

/// What an agent may read, and write down of a talk with a debtor.
fn agent_may(method: &str, path: &str) -> bool {
    let nouns = [
        "/api/debtors",
        "/api/campaigns",
        "/api/templates",
        "/api/pools",
        "/api/sessions",
        "/api/suppressions",
        "/api/settings/contact-policy",
        "/api/media",
        "/api/segments",
    ];
    let talk = [("post", "/api/debtors/1/notes"), ("post", "/api/debtors/1/promises"), ("patch", "/api/promises/1")];
    path.starts_with("/api/auth/")
        || talk.contains(&(method, path))
        || (method == "get"
            && nouns.iter().any(|noun| path.starts_with(noun))
            && !path.ends_with("/qr")
            && !path.ends_with("/diagnosis")
            && !path.contains("/imports")
            && !path.contains("/export."))
}

/// Every documented operation, with a 1 for each id.
fn operations() -> Vec<(String, String)> {
    let document = serde_json::to_value(http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.push((method.clone(), path.replace("{id}", "1")));
        }
    }
    assert!(operations.len() > 40, "{operations:?}");
    operations
}

fn method(name: &str) -> Method {
    name.to_uppercase().parse().unwrap()
}

#[tokio::test]
async fn everything_else_needs_a_sign_in() {
    let app = TestApp::start().await;
    let stranger = app.client();
    for (name, path) in operations().into_iter().filter(|(_, path)| !PUBLIC.contains(&path.as_str())) {
        let answer = stranger.send(stranger.request(method(&name), &path)).await;
        assert_eq!(answer.status, 401, "{name} {path}");
        answer.is_problem(401, "unauthenticated");
    }
    for path in ["/api/openapi.json", "/api/docs", "/api/docs/", "/api/docs/swagger-ui.css"] {
        stranger.get(path).await.is_problem(401, "unauthenticated");
    }
    for path in ["/api/info", "/healthz", "/readyz"] {
        stranger.get(path).await.ok();
    }
}

#[tokio::test]
async fn an_agent_reads_and_changes_nothing() {
    let app = TestApp::start().await;
    let agent = app.signed_in(Role::Agent).await;
    for (name, path) in operations().into_iter().filter(|(_, path)| !PUBLIC.contains(&path.as_str())) {
        if path == "/api/auth/logout" {
            continue;
        }
        let answer = agent.send(agent.request(method(&name), &path)).await;
        assert_eq!(answer.status != 403, agent_may(&name, &path), "{name} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn other_sites_are_refused() {
    let app = TestApp::start().await;
    let supervisor = app.signed_in(Role::Supervisor).await;
    let body = json!({ "name": "Forged", "strategy": "competitive", "members": [] });
    for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example"), ("origin", "null")] {
        let request = supervisor.request(Method::POST, "/api/pools").header(header, value).json(&body);
        supervisor.send(request).await.is_problem(403, "cross_site");
    }
    assert_eq!(supervisor.get("/api/pools").await.ok()["items"], json!([]));
    let request =
        supervisor.request(Method::POST, "/api/pools").header("origin", format!("http://{}", app.address)).json(&body);
    supervisor.send(request).await.ok();
}
