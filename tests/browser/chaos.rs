//! One campaign through fifty violent deaths on real parts: the server, one of its browsers, or both end by `kill -9` at random moments.

use std::fs;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::json;

use crate::{
    main_job::{assert_once_each, launch, link, make_debtors},
    support::process::{Home, Server, Simulator, until, until_no_orphan},
};

const KILLS: usize = 50;
/// More than the kills let through.
const MESSAGES: usize = 260;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_neither_repeat_nor_lose_a_message() {
    let seed: u64 = std::env::var("SEED").ok().map_or_else(rand::random, |seed| seed.parse().unwrap());
    eprintln!("again, more or less: SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::start().await;
    let home = Home::new(folder.path(), &simulator, None);
    let mut server = Server::start(&home).await;
    server.set_up().await;
    let sessions = link(&server, &simulator, 3, 20).await;
    // Chromium writes a new link to the disk some seconds late, but at once when it is closed: a death in those seconds is not what
    // this is about.
    server.process.signal(Signal::SIGINT);
    server.process.ended().await;
    server = Server::start(&home).await;
    server.sign_in().await;
    make_debtors(&server, "all", 0, MESSAGES).await;
    let campaign = launch(&server, &sessions, "competitive", 1, "all").await;

    for number in 0..KILLS {
        let (seen, more) = (simulator.ledger().await.len(), rng.random_range(1..5));
        until("the campaign goes on", || async { (simulator.ledger().await.len() >= seen + more).then_some(()) }).await;
        let victims = ["server", "browser", "both"];
        let victim = *victims.choose(&mut rng).unwrap();
        eprintln!("kill {number}: {victim}, after {} messages", simulator.ledger().await.len());
        if victim != "server"
            && let Some(browser) = browsers(server.process.pid()).choose(&mut rng)
        {
            // It may have ended just now.
            let _ = kill(*browser, Signal::SIGKILL);
        }
        if victim != "browser" {
            server.process.signal(Signal::SIGKILL);
            server.process.ended().await;
            server = Server::start(&home).await;
            server.sign_in().await;
            until_no_orphan(&server, &home.data.join("profiles")).await;
        }
    }

    until("every message is read", || async {
        let campaign = server.find_owned(format!("/api/campaigns/{campaign}")).await?;
        (campaign["status"] == "finished" && campaign["counts"]["read"] == MESSAGES).then_some(())
    })
    .await;
    assert_once_each(&simulator.ledger().await, MESSAGES as u64);
    for session in sessions {
        let session = server.find_owned(format!("/api/sessions/{session}")).await.unwrap();
        assert_eq!(session["status"], json!("online"), "nobody was asked for a code");
    }
    server.process.signal(Signal::SIGTERM);
    server.process.ended().await;
}

/// The browsers that a server has started.
fn browsers(server: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name, in brackets, may hold anything; the state and the parent follow it.
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        parent == Some(server)
    })
    .map(Pid::from_raw)
    .collect()
}
