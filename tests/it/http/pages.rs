//! What is no noun: languages, malformed requests, headers, the reference page, the web app.

use reqwest::Method;
use serde_json::json;
use whatsmassive::domain::user::Role;

use crate::support::app::TestApp;

#[tokio::test]
async fn problems_speak_the_clients_language() {
    let app = TestApp::start().await;
    let client = app.client();
    for (accepted, title) in [("es-CO,es;q=0.9", "Inicie sesión"), ("pt-BR", "Entre na sua conta"), ("fr", "Sign in")]
    {
        let answer =
            client.send(client.request(Method::GET, "/api/sessions").header("accept-language", accepted)).await;
        answer.is_problem(401, "unauthenticated");
        assert_eq!(answer.body["title"], title);
    }
}

#[tokio::test]
async fn malformed_requests_are_told_what_is_wrong() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Supervisor).await;
    let post = |body: &str| client.send(client.request(Method::POST, "/api/pools").body(body.to_owned()));
    post("{").await.is_problem(400, "body_malformed");
    post("{} {}").await.is_invalid(&[("/name", "required")]);
    post(r#"{"name":"x","strategy":"best","members":[]}"#).await.is_invalid(&[("/strategy", "invalid")]);
    post(r#"{"name":"x","strategy":"competitive","members":[{"session_id":1},"a"]}"#)
        .await
        .is_invalid(&[("/members/1", "invalid")]);
    post(&" ".repeat(1024 * 1024 + 1)).await.is_problem(413, "too_large");
    client.get("/api/debtors?limit=many").await.is_problem(422, "validation");
    client.get("/api/debtors?limit=201").await.is_invalid(&[("/limit", "out_of_range")]);
    client.get("/api/nothing").await.is_problem(404, "not_found");
    client.get("/api/pools/one").await.is_problem(404, "not_found");
    client.send(client.request(Method::PUT, "/api/pools")).await.is_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn browsers_are_told_to_be_careful() {
    let app = TestApp::start().await;
    let client = app.client();
    for path in ["/", "/api/info", "/api/nothing", "/healthz"] {
        let response = client.request(Method::GET, path).send().await.unwrap();
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(
            headers.get("cache-control").is_some_and(|value| value == "no-store"),
            path.starts_with("/api/"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_reference_page_comes_from_here_alone() {
    let app = TestApp::start().await;
    let client = app.signed_in(Role::Agent).await;
    assert_eq!(
        client.get("/api/openapi.json").await.ok(),
        serde_json::to_value(whatsmassive::http::openapi()).unwrap()
    );
    assert_eq!(client.get("/api/docs").await.status, 308);
    let page = client.request(Method::GET, "/api/docs/").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("swagger-ui") && !page.contains("http"), "{page}");
    // The content security policy forbids inline scripts.
    assert!(page.split("<script").skip(1).all(|script| script.starts_with(" src=")), "{page}");
    let script = client.request(Method::GET, "/api/docs/swagger-initializer.js").send().await.unwrap();
    assert!(script.text().await.unwrap().contains("/api/openapi.json"));
    client.get("/api/docs/nothing.js").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn every_other_address_is_the_web_apps() {
    let app = TestApp::start().await;
    let client = app.client();
    for path in ["/", "/campaigns/3"] {
        let response = client.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    }
    client.get("/assets/nothing.js").await.is_problem(404, "not_found");
    client.post("/campaigns", json!({})).await.is_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn the_server_tells_whether_it_is_well() {
    let app = TestApp::start().await;
    let client = app.client();
    assert_eq!(client.get("/healthz").await.ok(), json!({ "status": "alive" }));
    assert_eq!(client.get("/readyz").await.ok(), json!({ "status": "ready", "database": true, "fleet": true }));
}
