//! Imports through violent deaths: the real server ends by `kill -9` while it stores a file, and what it finds at its next start is all of
//! the import or nothing of it, with a list that says which.

use std::{path::Path, time::Duration};

use crate::support::{
    postgres::Postgres,
    process::{Home, Server, free_address},
    socket::Socket,
};
use nix::sys::signal::Signal;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{COOKIE, HeaderMap},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

const ROWS: u64 = 15_000;
/// How long after the progress that it waits for a kill may come: longer than it takes to store a chunk, or to commit.
const LATEST: Duration = Duration::from_millis(500);

/// A server that is killed and started again, and its client.
struct Mortal {
    home: Home,
    server: Server,
    http: Client,
    cookie: String,
}

impl Mortal {
    async fn start(folder: &Path, database_url: String) -> Self {
        let home = Home {
            data: folder.join("data"),
            database_url: Some(database_url),
            // No session is started: nobody asks there.
            web_url: "http://127.0.0.1:9/".to_owned(),
            numbers_per_browser: 1,
            address: free_address(),
        };
        let mut server = Server::start(&home).await;
        server.set_up().await;
        let sign_in = json!({ "username": "ana", "password": "a long password" });
        let login = Client::new().post(format!("{}/api/auth/login", server.url)).json(&sign_in).send().await.unwrap();
        let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { home, server, http: client(&cookie), cookie }
    }

    /// `kill -9`, and another server in its place.
    async fn die(mut self) -> Self {
        self.server.process.signal(Signal::SIGKILL);
        self.server.process.ended().await;
        self.server = Server::start(&self.home).await;
        // The connections of the one before are dead with it.
        self.http = client(&self.cookie);
        self
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.server.url))
    }

    async fn answer(&self, request: RequestBuilder) -> Value {
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.answer(self.request(Method::GET, path)).await
    }

    /// Uploads a file of people who were in none before; gives its import's id.
    async fn upload(&self, number: u64) -> i64 {
        let mut file = "Nombre,Celular\n".to_owned();
        for row in number * ROWS..(number + 1) * ROWS {
            file.push_str(&format!("Persona {row},3001{row:06}\n"));
        }
        let form = Form::new().part("file", Part::bytes(file.into_bytes()).file_name("a.csv"));
        let import = self.answer(self.request(Method::POST, "/api/debtors/imports").multipart(form)).await;
        assert_eq!(import["rows"], ROWS);
        import["id"].as_i64().unwrap()
    }

    fn commit(&self, import: i64) -> RequestBuilder {
        let plan = json!({
            "mapping": [{ "index": 0, "field": "name" }, { "index": 1, "field": "phone" }],
            "country": "CO", "currency": "COP", "date_order": "dmy",
        });
        self.request(Method::POST, &format!("/api/debtors/imports/{import}/commit")).json(&plan)
    }

    /// Confirms the import and waits until so many of its rows are in.
    async fn until_stored(&self, import: i64, rows: u64) {
        let mut socket = Socket::connect(&self.home.address.to_string(), &[("cookie", &self.cookie)]).await.unwrap();
        let committed = tokio::spawn(self.commit(import).send());
        let stored = async { while socket.hear("import.progress").await["done"].as_u64().unwrap() < rows {} };
        tokio::select! {
            () = stored => {}
            answer = committed => {
                let answer = answer.unwrap().unwrap();
                assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
            }
        }
    }

    /// What the list says of the import; none may be shown as running.
    async fn status(&self, import: i64) -> String {
        let list = self.get("/api/debtors/imports").await;
        let items = list["items"].as_array().unwrap();
        assert!(items.iter().all(|item| item["status"] != "committing"), "{list}");
        let found = items.iter().find(|item| item["id"] == import).unwrap();
        found["status"].as_str().unwrap().to_owned()
    }

    /// How many debtors the import has brought.
    async fn debtors(&self, import: i64) -> u64 {
        let path = format!("/api/debtors/export.csv?import_id={import}");
        let file = self.request(Method::GET, &path).send().await.unwrap().error_for_status().unwrap();
        file.text().await.unwrap().lines().count() as u64 - 1
    }
}

/// Whoever has that cookie.
fn client(cookie: &str) -> Client {
    let headers = HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())]);
    Client::builder().default_headers(headers).build().unwrap()
}

/// Imports through so many kills; what it cannot know beforehand is how many of them come after a commit.
async fn survive(database_url: String, folder: &Path, kills: u64) {
    let seed: u64 = std::env::var("SEED").ok().map_or_else(rand::random, |seed| seed.parse().unwrap());
    eprintln!("again, more or less: SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut mortal = Mortal::start(folder, database_url).await;
    let mut whole = 0;
    let mut import = mortal.upload(whole).await;
    for kill in 0..kills {
        // From the first rows to the commit.
        mortal.until_stored(import, ROWS * kill / (kills - 1)).await;
        tokio::time::sleep(LATEST.mul_f64(rng.random())).await;
        mortal = mortal.die().await;
        match mortal.status(import).await.as_str() {
            "interrupted" => {
                assert_eq!(mortal.debtors(import).await, 0, "after kill {kill}");
                let view = mortal.get(&format!("/api/debtors/imports/{import}")).await;
                assert_eq!(view["suggestion"]["confirmed"], true, "it need not be mapped again: {view}");
            }
            "committed" => {
                assert_eq!(mortal.debtors(import).await, ROWS, "after kill {kill}");
                whole += 1;
                import = mortal.upload(whole).await;
            }
            status => panic!("{status} after kill {kill}"),
        }
    }
    eprintln!("{whole} of {kills} kills came after the commit");
    let stored = mortal.answer(mortal.commit(import)).await;
    assert_eq!((&stored["status"], &stored["report"]["inserted"]), (&json!("committed"), &json!(ROWS)));
    assert_eq!(mortal.debtors(import).await, ROWS);
    mortal.server.process.signal(Signal::SIGTERM);
    mortal.server.process.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_leave_all_of_an_import_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    survive(format!("sqlite:{}", folder.path().join("test.db").display()), folder.path(), 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_leave_all_of_an_import_or_nothing_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    survive(Postgres::shared(false).fresh_database(), folder.path(), 4).await;
}
