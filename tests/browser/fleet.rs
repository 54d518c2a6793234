//! Eight numbers on real Chromium, all sending. Whatever strikes one of them, the others go on, and it comes back by itself wherever
//! the fault allows; none stays in a passing state.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    main_job::{launch, link, make_debtors, phone, scan},
    support::process::{Home, Server, Simulator, browsers_on, family, renderers, until},
};

const NUMBERS: usize = 8;
/// More than are sent before the last fault is over; the rest is cancelled.
const MESSAGES: usize = 1500;
/// The longest that a session may be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(60);
const PASSING: [&str; 4] = ["starting", "pairing", "syncing", "reconnecting"];

/// The server, its numbers, and since when each has had its status.
pub struct Fleet {
    pub server: Server,
    pub simulator: Simulator,
    pub home: Home,
    pub sessions: Vec<i64>,
    since: Mutex<BTreeMap<i64, (String, Instant)>>,
    _folder: TempDir,
}

impl Fleet {
    /// Numbers that are online, so many of them to a browser.
    pub async fn linked(count: usize, per_browser: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let simulator = Simulator::start().await;
        let home = Home { numbers_per_browser: per_browser, ..Home::new(folder.path(), &simulator, None) };
        let mut server = Server::start(&home).await;
        server.set_up().await;
        let sessions = link(&server, &simulator, count, 500).await;
        Self { server, simulator, home, sessions, since: Mutex::default(), _folder: folder }
    }

    /// Its server is killed, and another one takes over.
    pub async fn killed(self) -> Self {
        self.server.process.signal(Signal::SIGKILL);
        self.server.process.ended().await;
        let server = Server::start(&self.home).await;
        server.sign_in().await;
        Self { server, ..self }
    }

    /// What the session looks like now. Every look checks that no session is stuck.
    pub async fn session(&self, number: usize) -> Option<Value> {
        let sessions = self.server.find("/api/sessions").await?;
        let mut since = self.since.lock().unwrap();
        for session in sessions["items"].as_array()? {
            let (id, status) = (session["id"].as_i64()?, session["status"].as_str()?);
            let seen = since.entry(id).or_insert_with(|| (status.to_owned(), Instant::now()));
            if seen.0 != status {
                *seen = (status.to_owned(), Instant::now());
            }
            let stuck = PASSING.contains(&status) && seen.1.elapsed() > ON_ITS_WAY;
            assert!(!stuck, "session {id} has been {status} for a minute: {session}");
        }
        let id = self.sessions[number - 1];
        sessions["items"].as_array()?.iter().find(|session| session["id"] == id).cloned()
    }

    pub async fn until_status(&self, number: usize, status: &str) {
        until(&format!("number {number} is {status}"), || async {
            (self.session(number).await?["status"] == status).then_some(())
        })
        .await;
    }

    pub async fn restarts(&self, number: usize) -> u64 {
        self.session(number).await.unwrap()["health"]["restarts"].as_u64().unwrap()
    }

    pub async fn until_restarted(&self, number: usize, before: u64) {
        until(&format!("number {number} is started again"), || async {
            (self.session(number).await?["health"]["restarts"].as_u64()? > before).then_some(())
        })
        .await;
    }

    /// How many messages came from each phone.
    pub async fn sent(&self) -> BTreeMap<String, usize> {
        let mut sent: BTreeMap<String, usize> = self.numbers().into_iter().map(|number| (phone(number), 0)).collect();
        for message in self.simulator.ledger().await {
            *sent.get_mut(message["from"].as_str().unwrap()).unwrap() += 1;
        }
        sent
    }

    /// Waits until each of these numbers has sent more than it had.
    pub async fn until_sent_more(&self, numbers: &[usize], before: &BTreeMap<String, usize>) {
        until("the numbers go on", || async {
            self.session(1).await?;
            let sent = self.sent().await;
            numbers.iter().all(|&number| sent[&phone(number)] > before[&phone(number)]).then_some(())
        })
        .await;
    }

    /// All of them, from 1.
    pub fn numbers(&self) -> Vec<usize> {
        (1..=self.sessions.len()).collect()
    }

    /// All but one.
    pub fn others(&self, number: usize) -> Vec<usize> {
        self.numbers().into_iter().filter(|&other| other != number).collect()
    }

    pub async fn set_faults(&self, number: usize, faults: Value) {
        self.simulator.control(&format!("faults/{}", phone(number)), faults).await;
    }

    /// Waits until the fault that counts was used up.
    pub async fn until_struck(&self, number: usize, fault: &str) {
        until(&format!("{fault} strikes"), || async {
            let state = self.simulator.state().await;
            let phones = state["phones"].as_array()?;
            let phone = phones.iter().find(|entry| entry["phone"] == phone(number))?;
            (phone["faults"][fault] == 0).then_some(())
        })
        .await;
    }

    /// The main process of the number's browser.
    fn browser(&self, number: usize) -> Pid {
        let profile = self.home.data.join("profiles").join(self.sessions[number - 1].to_string());
        browsers_on(&profile)[0]
    }

    /// Ends the campaign; no message has arrived twice.
    pub async fn stop_sending(&self, campaign: i64) {
        self.server.post(&format!("/api/campaigns/{campaign}/cancel"), Value::Null).await;
        let mut times = BTreeMap::<String, u32>::new();
        for message in self.simulator.ledger().await {
            *times.entry(message["to"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        assert!(times.values().all(|&times| times == 1), "sent twice: {times:?}");
    }

    /// It is back: online without a person, and sending.
    pub async fn until_back(&self, number: usize) {
        self.until_status(number, "online").await;
        let before = self.sent().await;
        self.until_sent_more(&[number], &before).await;
    }
}

impl Fleet {
    /// Processes that die or freeze.
    async fn strike_processes(&self) {
        eprintln!("== a killed browser");
        let (before, restarts) = (self.sent().await, self.restarts(1).await);
        kill(self.browser(1), Signal::SIGKILL).unwrap();
        self.until_restarted(1, restarts).await;
        self.until_back(1).await;
        self.until_sent_more(&self.others(1), &before).await;

        eprintln!("== a frozen browser");
        let (before, restarts) = (self.sent().await, self.restarts(2).await);
        let frozen = family(self.browser(2));
        for process in &frozen {
            kill(Pid::from_raw(process.pid), Signal::SIGSTOP).unwrap();
        }
        self.until_sent_more(&self.others(2), &before).await;
        self.until_restarted(2, restarts).await;
        self.until_back(2).await;
        for process in frozen {
            let lives = procfs::process::Process::new(process.pid).and_then(|now| now.stat());
            let is_it = lives.is_ok_and(|now| now.starttime == process.starttime);
            assert!(!is_it, "nothing is left of it");
        }

        eprintln!("== a killed renderer");
        let (before, restarts) = (self.sent().await, self.restarts(3).await);
        let pages = renderers(self.browser(3));
        assert!(!pages.is_empty());
        for page in pages {
            kill(page, Signal::SIGKILL).unwrap();
        }
        self.until_restarted(3, restarts).await;
        let broke = self.server.find_owned(format!("/api/sessions/{}/diagnosis", self.sessions[2])).await.unwrap();
        assert_eq!(broke["reason"], "page_crashed");
        self.until_back(3).await;
        self.until_sent_more(&self.others(3), &before).await;
    }

    /// Pages that misbehave in mid-send, or lose their connection.
    async fn strike_pages(&self) {
        for (number, fault) in [(4, "reload_before"), (5, "reload_after"), (6, "lose_answer")] {
            eprintln!("== {fault}");
            let before = self.sent().await;
            self.set_faults(number, json!({ fault: 1 })).await;
            self.until_struck(number, fault).await;
            self.until_back(number).await;
            self.until_sent_more(&self.others(number), &before).await;
        }

        eprintln!("== a page that hangs");
        let (before, restarts) = (self.sent().await, self.restarts(7).await);
        self.set_faults(7, json!({ "hang_before": 1 })).await;
        self.until_struck(7, "hang_before").await;
        self.until_restarted(7, restarts).await;
        self.until_back(7).await;
        self.until_sent_more(&self.others(7), &before).await;

        eprintln!("== a lost connection, for longer than a page is given");
        let (before, restarts) = (self.sent().await, self.restarts(8).await);
        self.set_faults(8, json!({ "offline": true })).await;
        self.until_status(8, "reconnecting").await;
        self.until_restarted(8, restarts).await;
        self.set_faults(8, json!({})).await;
        self.until_back(8).await;
        self.until_sent_more(&self.others(8), &before).await;
    }

    /// What WhatsApp says of an account; it is back when WhatsApp says otherwise.
    async fn strike_accounts(&self) {
        for (number, socket, status) in [
            (1, "CONFLICT", "action_required"),
            (2, "DEPRECATED_VERSION", "action_required"),
            (3, "TOS_BLOCK", "restricted"),
        ] {
            eprintln!("== {socket}");
            let before = self.sent().await;
            self.set_faults(number, json!({ "socket_state": socket })).await;
            self.until_status(number, status).await;
            self.until_sent_more(&self.others(number), &before).await;
            self.set_faults(number, json!({})).await;
            self.until_back(number).await;
        }

        eprintln!("== a log-out from the phone");
        let before = self.sent().await;
        self.simulator.control("logout", json!({ "phone": phone(4) })).await;
        self.until_status(4, "logged_out").await;
        self.until_sent_more(&self.others(4), &before).await;
        self.server.post(&format!("/api/sessions/{}/start", self.sessions[3]), Value::Null).await;
        self.set_faults(4, json!({ "passkey": true })).await;
        scan(&self.server, &self.simulator, self.sessions[3], &phone(4)).await;

        eprintln!("== a passkey is asked for after the scan");
        self.until_status(4, "action_required").await;
        assert_eq!(self.session(4).await.unwrap()["status_reason"], "passkey");
        let broke = self.server.find_owned(format!("/api/sessions/{}/diagnosis", self.sessions[3])).await.unwrap();
        assert_eq!((&broke["reason"], &broke["has_picture"]), (&json!("passkey"), &json!(true)));
        let before = self.sent().await;
        self.until_sent_more(&self.others(4), &before).await;
        self.set_faults(4, json!({})).await;
        self.until_back(4).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_stays_with_its_number_and_passes() {
    let fleet = Fleet::linked(NUMBERS, 1).await;
    make_debtors(&fleet.server, "all", 0, MESSAGES).await;
    let campaign = launch(&fleet.server, &fleet.sessions, "competitive", 1, "all").await;
    let nothing = fleet.numbers().into_iter().map(|number| (phone(number), 0)).collect();
    fleet.until_sent_more(&fleet.numbers(), &nothing).await;

    fleet.strike_processes().await;
    fleet.strike_pages().await;
    fleet.strike_accounts().await;

    fleet.stop_sending(campaign).await;
    fleet.server.process.signal(Signal::SIGTERM);
    fleet.server.process.ended().await;
}
