//! A whole server on a port of its own, with a WhatsApp that exists in memory, and clients that speak to it as browsers do.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use whatsmassive::{
    bus::Bus,
    domain::{
        audit::AuditEntry,
        clock::Clock,
        policy::ContactPolicy,
        retry::Backoff,
        user::{NewPassword, Role},
    },
    engine::{Engine, EngineSettings},
    fleet::{Fleet, FleetSettings},
    http::{self, AppState, HttpSettings},
    import::Importer,
    store::{NewUser, Store},
};

use super::scripted::{Faults, World};

/// What every user of the tests signs in with.
pub const PASSWORD: &str = "a long enough password";
/// What monitoring reads the metrics with.
pub const METRICS_TOKEN: &str = "a token for monitoring";
/// The largest upload of the tests, in bytes.
pub const MAX_UPLOAD: u64 = 1024 * 1024;

/// A running server; it stops when dropped.
pub struct TestApp {
    pub store: Store,
    pub bus: Bus,
    pub fleet: Fleet,
    pub importer: Importer,
    /// `127.0.0.1:port`.
    pub address: String,
    /// What the first user has to enter.
    pub setup_code: Option<String>,
    _stop: DropGuard,
    _folder: TempDir,
}

impl TestApp {
    /// A server on an empty SQLite database.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::on(&url, folder).await
    }

    /// A server on the database at `url`; `folder` holds its files.
    pub async fn on(url: &str, folder: TempDir) -> Self {
        let (bus, clock) = (Bus::new(), Clock::system());
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        let entry = AuditEntry { actor: None, action: "test", subject: "settings".to_owned(), detail: Value::Null };
        store.set_contact_policy(&ContactPolicy::NONE, clock.now(), entry).await.unwrap();
        let world = World::new(1, Faults::default());
        let backoff = Backoff { base: Duration::from_secs(1), limit: Duration::from_secs(10) };
        let settings = FleetSettings {
            profiles: folder.path().join("profiles"),
            concurrent_starts: 2,
            backoff,
            max_failures: 3,
            stable_after: Duration::from_secs(60),
            settle: Duration::from_secs(10),
            memory_budget: u64::MAX,
            qr_patience: Duration::from_secs(600),
            seed: 1,
        };
        let (fleet, reports) = Fleet::new(store.clone(), world.connector(), bus.clone(), clock.clone(), settings);
        let settings = EngineSettings {
            max_attempts: 3,
            retry: backoff,
            recheck: Duration::from_secs(2),
            lease: Duration::from_secs(24 * 3600),
            seed: 1,
        };
        let engine = Engine::new(store.clone(), fleet.clone(), bus.clone(), clock.clone(), settings);
        engine.start(reports).await.unwrap();
        fleet.start().await.unwrap();
        let imports = folder.path().join("imports");
        let program = env!("CARGO_BIN_EXE_whatsmassive").into();
        let importer = Importer::new(store.clone(), bus.clone(), clock.clone(), imports, MAX_UPLOAD, program);
        importer.recover().await.unwrap();
        let settings = HttpSettings {
            secure_cookies: false,
            max_upload: MAX_UPLOAD,
            metrics_token: Some(METRICS_TOKEN.to_owned()),
            demo: None,
        };
        let state = AppState::new(store.clone(), fleet.clone(), engine, importer.clone(), bus.clone(), clock, settings);
        let setup_code = state.setup_code().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        tokio::spawn(http::serve(listener, state, stop.clone()));
        Self { store, bus, fleet, importer, address, setup_code, _stop: stop.drop_guard(), _folder: folder }
    }

    /// A browser that nobody has signed in with.
    pub fn client(&self) -> Client {
        let http = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none());
        Client { http: http.build().unwrap(), origin: format!("http://{}", self.address) }
    }

    /// A browser that a user of the role is signed in with.
    pub async fn signed_in(&self, role: Role) -> Client {
        self.sign_in(role).await.0
    }

    /// The same, and the cookie for sockets.
    pub async fn sign_in(&self, role: Role) -> (Client, String) {
        let password_hash = http::hash_password(&NewPassword::new(PASSWORD).unwrap()).await.unwrap();
        let username = format!("a {role}");
        let user = NewUser { username: username.clone(), name: format!("Their {role}"), role, password_hash };
        let audit = AuditEntry { actor: None, action: "test", subject: "user".to_owned(), detail: Value::Null };
        self.store.create_user(user, Clock::system().now(), audit).await.unwrap();
        let client = self.client();
        let body = serde_json::json!({ "username": username, "password": PASSWORD });
        let response = client.request(Method::POST, "/api/auth/login").json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        (client, cookie)
    }
}

/// A browser without its page.
pub struct Client {
    http: reqwest::Client,
    origin: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub kind: String,
    pub body: Value,
}

impl Answer {
    /// The body, of an answer that has to be a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }

    /// Checks that this is a problem of the kind.
    #[track_caller]
    pub fn is_problem(&self, status: u16, slug: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.kind, "application/problem+json", "{self:?}");
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{self:?}");
        self
    }

    /// Checks that this is a validation problem with exactly these pointers and codes.
    #[track_caller]
    pub fn is_invalid(&self, fields: &[(&str, &str)]) {
        self.is_problem(422, "validation");
        let errors = self.body["errors"].as_array().unwrap().iter();
        let seen: Vec<_> = errors.map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
        assert_eq!(seen, fields, "{self:?}");
    }
}

impl Client {
    /// A request to send by hand.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin))
    }

    /// Sends a request made by hand.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status();
        let kind =
            response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = response.bytes().await.unwrap();
        Answer { status, kind, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// The text of an answer that has to be a success.
    pub async fn text(&self, path: &str) -> String {
        self.request(Method::GET, path).send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}
