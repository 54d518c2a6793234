//! Numbers that share browsers: what strikes a page stays with its number, and what strikes a browser passes without a code.

use std::path::{Path, PathBuf};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use whatsmassive::channel::{ChannelEvent, ChannelState, OpenError, SendOutcome};

use crate::{
    fleet::Fleet,
    main_job::{launch, make_debtors, phone, scan},
    support::{
        line::{Bench, Line},
        process::{browsers_on, family, renderers, until, until_no_orphan},
    },
};

/// Four numbers, so that the last one does not find a place in the first browser.
const NUMBERS: usize = 4;
const PER_BROWSER: usize = 3;
/// More than are sent before the last fault is over; the rest is cancelled.
const MESSAGES: usize = 1500;

impl Fleet {
    fn profiles(&self) -> PathBuf {
        self.home.data.join("profiles")
    }

    /// The shared browsers' main processes, each with the numbers that are in it; the fullest first.
    fn browsers(&self) -> Vec<(Pid, Vec<usize>)> {
        let folders = std::fs::read_dir(self.profiles().join("shared")).unwrap().map(|entry| entry.unwrap().path());
        let guests = |folder: &Path| {
            let is_in = |session: &i64| std::fs::symlink_metadata(folder.join(session.to_string())).is_ok();
            self.numbers().into_iter().filter(|number| is_in(&self.sessions[number - 1])).collect::<Vec<_>>()
        };
        let running = folders.filter_map(|folder| Some((*browsers_on(&folder).first()?, guests(&folder))));
        let mut browsers: Vec<_> = running.collect();
        browsers.sort_by_key(|(_, guests)| std::cmp::Reverse(guests.len()));
        browsers
    }

    /// The browser that the first numbers share.
    fn shared(&self) -> Pid {
        let (browser, guests) = self.browsers().remove(0);
        assert_eq!(guests, [1, 2, 3]);
        browser
    }

    async fn all_restarts(&self, numbers: &[usize]) -> u64 {
        let mut sum = 0;
        for &number in numbers {
            sum += self.restarts(number).await;
        }
        sum
    }

    async fn until_all_back(&self) {
        for number in self.numbers() {
            self.until_status(number, "online").await;
        }
        let before = self.sent().await;
        self.until_sent_more(&self.numbers(), &before).await;
    }

    /// A number comes and goes while its browser stays.
    async fn stop_one(&self) {
        eprintln!("== a number that is stopped");
        let (browser, before) = (self.shared(), self.sent().await);
        let profile = self.profiles().join(self.sessions[0].to_string());
        self.server.post(&format!("/api/sessions/{}/stop", self.sessions[0]), Value::Null).await;
        self.until_status(1, "stopped").await;
        until("its page is closed", || async { (renderers(browser).len() == PER_BROWSER - 1).then_some(()) }).await;
        until("its profile is free", || async { (!profile.join("whatsmassive.lock").exists()).then_some(()) }).await;
        assert!(!has_open(browser, &profile), "the browser has closed the profile");
        self.until_sent_more(&self.others(1), &before).await;
        self.server.post(&format!("/api/sessions/{}/start", self.sessions[0]), Value::Null).await;
        self.until_back(1).await;
        assert_eq!(self.shared(), browser, "it is where it was");
    }

    /// A page that dies, and one that hangs; nobody says whose.
    async fn strike_renderers(&self) {
        for (what, signal) in [("killed", Signal::SIGKILL), ("frozen", Signal::SIGSTOP)] {
            eprintln!("== a {what} renderer");
            let (browser, restarts) = (self.shared(), self.all_restarts(&[1, 2, 3]).await);
            kill(renderers(browser)[0], signal).unwrap();
            until("one number is started again", || async {
                (self.all_restarts(&[1, 2, 3]).await > restarts).then_some(())
            })
            .await;
            self.until_all_back().await;
            assert_eq!(self.all_restarts(&[1, 2, 3]).await, restarts + 1, "the others went on");
            assert_eq!(self.shared(), browser);
            until("nothing is left of it", || async { (renderers(browser).len() == PER_BROWSER).then_some(()) }).await;
        }
    }

    /// A profile that is put away while its browser has others open.
    async fn log_one_out(&self) {
        eprintln!("== a log-out from the phone");
        let (browser, before) = (self.shared(), self.sent().await);
        self.simulator.control("logout", json!({ "phone": phone(2) })).await;
        self.until_status(2, "logged_out").await;
        let archived = self.profiles().join("archived").join(self.sessions[1].to_string());
        assert!(archived.join("Default").is_dir(), "the profile was put away");
        self.until_sent_more(&self.others(2), &before).await;
        self.server.post(&format!("/api/sessions/{}/start", self.sessions[1]), Value::Null).await;
        scan(&self.server, &self.simulator, self.sessions[1], &phone(2)).await;
        self.until_back(2).await;
        assert_eq!(self.shared(), browser);
    }

    /// A browser that dies or freezes takes its numbers along, and no others; all come back.
    async fn strike_browsers(&self) {
        for (what, signal) in [("killed", Signal::SIGKILL), ("frozen", Signal::SIGSTOP)] {
            eprintln!("== a {what} browser");
            let (browser, inside) = self.browsers().remove(0);
            let outside: Vec<usize> = self.numbers().into_iter().filter(|number| !inside.contains(number)).collect();
            assert!(inside.len() > 1 && !outside.is_empty());
            let (restarts, others) = (self.all_restarts(&inside).await, self.all_restarts(&outside).await);
            let (before, struck) = (self.sent().await, family(browser));
            kill(browser, signal).unwrap();
            self.until_sent_more(&outside, &before).await;
            until("its numbers are started again", || async {
                (self.all_restarts(&inside).await >= restarts + inside.len() as u64).then_some(())
            })
            .await;
            self.until_all_back().await;
            assert_eq!(self.all_restarts(&outside).await, others, "the other browser's numbers went on");
            for process in struck {
                let lives = procfs::process::Process::new(process.pid).and_then(|now| now.stat());
                let is_it = lives.is_ok_and(|now| now.starttime == process.starttime && now.state != 'Z');
                assert!(!is_it, "nothing is left of it");
            }
        }
    }
}

/// Whether a process of the browser has a file of the folder open.
fn has_open(browser: Pid, folder: &Path) -> bool {
    family(browser).iter().any(|process| {
        let files = std::fs::read_dir(format!("/proc/{}/fd", process.pid)).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|file| file.starts_with(folder))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_share_a_browser_come_and_go_alone() {
    let fleet = Fleet::linked(NUMBERS, PER_BROWSER).await;
    let [(first, _), (second, last)] = fleet.browsers().try_into().unwrap();
    assert_eq!((first, last), (fleet.shared(), vec![4]), "no more than have a place in it");
    assert_eq!((renderers(first).len(), renderers(second).len()), (PER_BROWSER, 1));
    for number in fleet.numbers() {
        // Each is linked to a phone of its own: none sees what another keeps.
        assert_eq!(fleet.session(number).await.unwrap()["phone"], format!("+{}", phone(number)));
    }
    make_debtors(&fleet.server, "all", 0, MESSAGES).await;
    let campaign = launch(&fleet.server, &fleet.sessions, "competitive", 1, "all").await;
    let nothing = fleet.numbers().into_iter().map(|number| (phone(number), 0)).collect();
    fleet.until_sent_more(&fleet.numbers(), &nothing).await;

    fleet.stop_one().await;
    fleet.strike_renderers().await;
    fleet.log_one_out().await;
    fleet.strike_browsers().await;

    eprintln!("== a killed server, whose browsers live on");
    assert!(fleet.browsers().len() > 1);
    let fleet = fleet.killed().await;
    fleet.until_all_back().await;
    until_no_orphan(&fleet.server, &fleet.profiles()).await;

    fleet.stop_sending(campaign).await;
    let profiles = fleet.profiles();
    fleet.server.process.signal(Signal::SIGTERM);
    fleet.server.process.ended().await;
    assert!(browsers_on(&profiles).is_empty());
}

impl Bench {
    /// For numbers that share browsers.
    async fn shared() -> Self {
        let mut bench = Self::new().await;
        bench.config.numbers_per_browser = 2;
        bench
    }
}

impl Line {
    async fn until_online_without_a_code(&mut self) {
        self.until(|event| match event {
            ChannelEvent::State(ChannelState::Online { .. }) => Some(()),
            ChannelEvent::Qr { .. } => panic!("a linked profile needs no code"),
            _ => None,
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_keeps_its_link_whether_it_shares_a_browser_or_not() {
    let mut bench = Bench::new().await;
    bench.online().await.channel.close().await;
    for (number, places) in [(1, 8), (2, 1), (3, 8)] {
        bench.config.numbers_per_browser = places;
        let mut line = bench.open().await;
        line.until_online_without_a_code().await;
        let key = line.address(number, &format!("3EB0A{number}")).await.unwrap();
        assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
        assert!(line.channel.picture().await.unwrap().starts_with(&[0xFF, 0xD8, 0xFF]), "a JPEG");
        assert!(line.channel.check().await.iter().all(|probe| probe.is_fine));
        line.channel.close().await;
    }
    assert_eq!(bench.world().ledger(0).len(), 3);
    assert!(browsers_on(bench.folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_in_a_shared_browser_is_said_and_leaves_nothing_behind() {
    let mut bench = Bench::shared().await;
    let bridge = bench.folder.path().join("bridge.js");
    std::fs::write(&bridge, "(() => {\n  broken(;\n})();").unwrap();
    bench.config.bridge = Some(bridge);
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Bridge(fault) if fault.contains("line 2")), "{error}");
    bench.config.bridge = None;
    let url = std::mem::replace(&mut bench.config.url, "http://127.0.0.1:9/".to_owned());
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Unreachable(fault) if fault.starts_with("net::ERR_")), "{error}");
    bench.config.url = url;
    bench.config.chromium = Some("/usr/lib/chromium/chromium-headless-shell".into());
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Browser(fault) if fault.contains("only the whole Chromium")), "{error}");
    assert!(browsers_on(bench.folder.path()).is_empty(), "nothing is left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_told_what_its_own_page_takes() {
    let bench = Bench::shared().await;
    let connector = bench.connector();
    let (one, other) = tokio::join!(bench.open_with(&connector, 1), bench.open_with(&connector, 2));
    let lines = [one.unwrap(), other.unwrap()];
    let browser = browsers_on(bench.folder.path())[0];
    let [one, other] = [lines[0].channel.usage().await.unwrap(), lines[1].channel.usage().await.unwrap()];
    assert_eq!(one.processes, other.processes);
    assert_eq!(one.processes as usize, family(browser).len() - 1, "all but the other's page");
    lines[0].channel.close().await;
    assert_eq!(lines[0].channel.usage().await, None);
    assert_eq!(browsers_on(bench.folder.path()), [browser], "it stays for the other");
    lines[1].channel.close().await;
    assert!(browsers_on(bench.folder.path()).is_empty(), "the last one to leave ends it");
}
