//! The real binary as a real process: started, asked, interrupted, killed.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::{Instant, timeout},
};

/// How long a state may take to come before the test fails. Nothing takes this long; a machine under load may be slow.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// A free port on loopback.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Waits until `reached` gives something.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut reached: impl FnMut() -> F) -> T {
    let limit = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = reached().await {
            return found;
        }
        assert!(Instant::now() < limit, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A running `whatsmassive` command.
pub struct Process {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Process {
    pub fn start(arguments: &[&str], environment: &[(&str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whatsmassive"));
        command.args(arguments).env_remove("DATABASE_URL").env("NO_COLOR", "1");
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (sender, lines) = mpsc::unbounded_channel();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                eprintln!("{line}");
                drop(sender.send(line));
            }
        });
        Self { child, lines }
    }

    /// The rest of the first line of the log that has `marker`, after it.
    pub async fn logged(&mut self, marker: &str) -> String {
        let found = async {
            while let Some(line) = self.lines.recv().await {
                if let Some((_, rest)) = line.split_once(marker) {
                    return rest.trim().to_owned();
                }
            }
            panic!("the process ended without logging {marker:?}");
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{marker:?} was not logged"))
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.pid()).unwrap()), signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ended(mut self) {
        timeout(PATIENCE, self.child.wait()).await.expect("the process ended in time").unwrap();
    }
}

/// The simulator as a process, and its control API.
pub struct Simulator {
    pub url: String,
    http: reqwest::Client,
    _process: Process,
}

impl Simulator {
    pub async fn start() -> Self {
        let address = free_address();
        let process = Process::start(&["simulate", "--listen", &address.to_string()], &[]);
        let simulator = Self { url: format!("http://{address}/"), http: reqwest::Client::new(), _process: process };
        until("the simulator answers", || async { simulator.http.get(simulator.path("state")).send().await.ok() })
            .await;
        simulator
    }

    fn path(&self, action: &str) -> String {
        format!("{}control/{action}", self.url)
    }

    pub async fn control(&self, action: &str, body: Value) {
        let answer = self.http.post(self.path(action)).json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{action}: {status} {}", answer.text().await.unwrap());
    }

    /// Phones with their faults, and codes on show.
    pub async fn state(&self) -> Value {
        self.http.get(self.path("state")).send().await.unwrap().json().await.unwrap()
    }

    /// Every message that arrived, in order.
    pub async fn ledger(&self) -> Vec<Value> {
        let answer: Value = self.http.get(self.path("ledger")).send().await.unwrap().json().await.unwrap();
        let messages = answer.get("messages").cloned().unwrap_or(answer);
        messages.as_array().cloned().expect("a list of messages")
    }
}

/// Where a server keeps its things; servers that follow each other share it.
pub struct Home {
    pub data: PathBuf,
    pub database_url: Option<String>,
    pub web_url: String,
    pub numbers_per_browser: usize,
    pub address: SocketAddr,
}

impl Home {
    pub fn new(folder: &Path, simulator: &Simulator, database_url: Option<String>) -> Self {
        Self {
            data: folder.join("data"),
            database_url,
            web_url: simulator.url.clone(),
            numbers_per_browser: 1,
            address: free_address(),
        }
    }
}

/// The server as a process, and a signed-in client of its API.
pub struct Server {
    pub process: Process,
    pub url: String,
    http: reqwest::Client,
}

impl Server {
    pub async fn start(home: &Home) -> Self {
        let mut environment = vec![
            ("WHATSMASSIVE__SERVER__LISTEN", home.address.to_string()),
            ("WHATSMASSIVE__DATA__DIR", home.data.display().to_string()),
            ("WHATSMASSIVE__WEB__URL", home.web_url.clone()),
            ("WHATSMASSIVE__WEB__NUMBERS_PER_BROWSER", home.numbers_per_browser.to_string()),
        ];
        environment.extend(home.database_url.iter().map(|url| ("DATABASE_URL", url.clone())));
        let process = Process::start(&["serve"], &environment);
        let http = reqwest::Client::builder().cookie_store(true).build().unwrap();
        let server = Self { process, url: format!("http://{}", home.address), http };
        until("the server answers", || async { server.http.get(format!("{}/healthz", server.url)).send().await.ok() })
            .await;
        server
    }

    /// Makes the first admin with the code from the log, who lets debtors be written to at any hour.
    pub async fn set_up(&mut self) {
        let code = self.process.logged("setup code: ").await;
        let admin = json!({ "code": code, "username": "ana", "name": "Ana", "password": "a long password" });
        self.post("/api/setup", admin).await;
        let any_hour = json!({ "hours": [], "min_gap_minutes": 0, "per_day": null, "per_week": null });
        let url = format!("{}/api/settings/contact-policy", self.url);
        let answer = self.http.put(url).json(&any_hour).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    pub async fn sign_in(&self) {
        self.post("/api/auth/login", json!({ "username": "ana", "password": "a long password" })).await;
    }

    /// What `path` gives, or nothing where there is nothing.
    pub async fn find(&self, path: &str) -> Option<Value> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.ok()?;
        if answer.status().is_success() { answer.json().await.ok() } else { None }
    }

    /// [`Server::find`] for a path that was made on the spot.
    pub async fn find_owned(&self, path: String) -> Option<Value> {
        self.find(&path).await
    }

    /// What `path` gives, as it is.
    pub async fn text(&self, path: &str) -> Option<String> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.ok()?;
        if answer.status().is_success() { answer.text().await.ok() } else { None }
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.url)).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "POST {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Waits until the session is online.
    pub async fn until_online(&self, session: i64) {
        until("the session is online", || async {
            let session = self.find(&format!("/api/sessions/{session}")).await?;
            (session["status"] == "online").then_some(())
        })
        .await;
    }
}

/// The main processes of browsers whose profile is `profile`, or a folder in it.
pub fn browsers_on(profile: &Path) -> Vec<Pid> {
    let on_it = format!("--user-data-dir={}", profile.display());
    let is_one = |process: &procfs::process::Process| {
        process.cmdline().is_ok_and(|line| {
            let place = line.iter().find_map(|argument| argument.strip_prefix(&on_it));
            let is_there = place.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            is_there && !line.iter().any(|argument| argument.starts_with("--type="))
        })
    };
    let processes = procfs::process::all_processes().unwrap().flatten();
    processes.filter(is_one).map(|process| Pid::from_raw(process.pid)).collect()
}

/// The processes below `head`, and itself.
pub fn family(head: Pid) -> Vec<procfs::process::Stat> {
    let all: Vec<_> =
        procfs::process::all_processes().unwrap().filter_map(|process| process.ok()?.stat().ok()).collect();
    let mut family: Vec<_> = all.iter().filter(|stat| stat.pid == head.as_raw()).cloned().collect();
    let mut next = 0;
    while next < family.len() {
        let parent = family[next].pid;
        family.extend(all.iter().filter(|stat| stat.ppid == parent).cloned());
        next += 1;
    }
    family
}

/// Waits until the only browsers in the folder are those that the server has started.
pub async fn until_no_orphan(server: &Server, profiles: &Path) {
    until("no browser of before is left", || async {
        let own = family(Pid::from_raw(i32::try_from(server.process.pid()).unwrap()));
        let is_own = |browser: &Pid| own.iter().any(|process| process.pid == browser.as_raw());
        browsers_on(profiles).iter().all(is_own).then_some(())
    })
    .await;
}

/// The processes below `head` that show pages.
pub fn renderers(head: Pid) -> Vec<Pid> {
    let shows_pages = |pid: i32| {
        let line = procfs::process::Process::new(pid).and_then(|process| process.cmdline());
        // What a zygote has forked has its whole command line in one argument.
        line.is_ok_and(|line| line.iter().any(|argument| argument.contains("--type=renderer")))
    };
    family(head).iter().map(|stat| stat.pid).filter(|&pid| shows_pages(pid)).map(Pid::from_raw).collect()
}
