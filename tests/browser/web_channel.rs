//! The web channel in a real Chromium, on the simulator's page.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use whatsmassive::{
    channel::{
        ChannelError, ChannelEvent, ChannelState, Connector as _, Lookup, MessageKey, OpenError, SendOutcome,
        web::WebConnector,
    },
    domain::{
        clock::Clock,
        conversation::Lid,
        failure::{Cause, Doubt},
        health::Part,
        message::Receipt,
        phone::Phone,
    },
    simulator::Faults,
};

use crate::support::{
    line::{ACCOUNT, Bench, Line, debtor},
    process::{browsers_on, renderers},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_links_sends_hears_and_comes_back_without_a_code() {
    let bench = Bench::new().await;
    let mut line = bench.online().await;
    let key = line.address(1, "3EB0AA").await.unwrap();
    assert_eq!(line.channel.send(&key, "Hola, «Ana» 👋\n\"línea dos\"", None).await, SendOutcome::Sent);
    line.until_receipt("3EB0AA", Receipt::Delivered).await;
    line.until_receipt("3EB0AA", Receipt::Read).await;
    let ledger = bench.world().ledger(0);
    assert_eq!(ledger.len(), 1);
    assert_eq!((ledger[0].id.as_str(), ledger[0].body.as_str()), ("3EB0AA", "Hola, «Ana» 👋\n\"línea dos\""));

    bench.world().reply(debtor(1).digits(), ACCOUNT, "¿Cuánto debo?").unwrap();
    let inbound =
        line.until(|event| if let ChannelEvent::Inbound(inbound) = event { Some(inbound) } else { None }).await;
    assert_eq!((inbound.from, inbound.body.as_str()), (debtor(1), "¿Cuánto debo?"));

    line.channel.close().await;
    let mut line = bench.open().await;
    line.until(|event| match event {
        ChannelEvent::State(ChannelState::Online { .. }) => Some(()),
        ChannelEvent::Qr { .. } => panic!("a linked profile needs no code"),
        _ => None,
    })
    .await;
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Sent(Receipt::Read));
    assert_eq!(
        line.channel.send(&key, "again", None).await,
        SendOutcome::Sent,
        "a message that is there is not sent again"
    );
    assert_eq!(bench.world().ledger(0)[0].repeats, 0);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_typed_into_the_phone_links_as_well() {
    let bench = Bench::new().await;
    let mut line = bench.open().await;
    line.until_state(ChannelState::Unpaired).await;
    let phone = Phone::from_e164(ACCOUNT).unwrap();
    let code = line.channel.linking_code(&phone).await.unwrap();
    assert_eq!(code.len(), 8);
    assert!(bench.world().enter_code(ACCOUNT, "AAAA-AAAA").is_err(), "a wrong code links nothing");
    bench.world().enter_code(ACCOUNT, &format!("{}-{}", &code[..4], code[4..].to_lowercase())).unwrap();
    line.until_online().await;
    let stranger = debtor(1);
    assert!(matches!(line.channel.linking_code(&stranger).await, Err(ChannelError::Page(_))), "not one of its phones");
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_waits_for_a_person_and_the_link_comes_about_after_it() {
    let bench = Bench::new().await;
    bench.world().set_faults_of(ACCOUNT, Faults { passkey: true, ..Faults::default() }).unwrap();
    let mut line = bench.open().await;
    let text = line.until(|event| if let ChannelEvent::Qr { text, .. } = event { Some(text) } else { None }).await;
    bench.world().scan(ACCOUNT, &text).unwrap();
    line.until_state(ChannelState::ActionRequired { reason: "passkey".to_owned() }).await;
    assert!(line.channel.picture().await.is_some(), "there is something to look at");
    assert!(bench.world().scan(ACCOUNT, &text).is_err(), "the code is used up");
    bench.world().set_faults_of(ACCOUNT, Faults::default()).unwrap();
    line.until(|event| match event {
        ChannelEvent::State(ChannelState::Online { .. }) => Some(()),
        ChannelEvent::Qr { .. } => panic!("it is linked without another code"),
        _ => None,
    })
    .await;
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_s_refusals_are_told_apart_from_errors() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    let stranger = debtor(2).digits().to_owned();
    bench.world().set_faults(Faults { not_on_whatsapp: [stranger].into(), refuse: 1, ..Faults::default() });
    assert_eq!(line.address(2, "3EB0BB").await, Err(ChannelError::NotOnWhatsApp));
    let key = line.address(3, "3EB0CC").await.unwrap();
    let refused = SendOutcome::Rejected(Cause::Rejected.into());
    assert_eq!(line.channel.send(&key, "Hola", None).await, refused);
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Absent);
    bench.world().set_faults(Faults { exists_error: true, ..Faults::default() });
    assert!(matches!(line.address(4, "3EB0DD").await, Err(ChannelError::Page(_))));
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_with_hidden_numbers_work_both_ways() {
    let bench = Bench::new().await;
    bench.world().set_faults(Faults { lid_chats: true, ..Faults::default() });
    let mut line = bench.online().await;
    let key = line.address(5, "3EB0EE").await.unwrap();
    assert!(key.0.contains("@lid"), "{key:?}");
    assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
    assert_eq!(bench.world().ledger(0)[0].to, debtor(5).digits());
    bench.world().reply(debtor(5).digits(), ACCOUNT, "Hola").unwrap();
    let inbound =
        line.until(|event| if let ChannelEvent::Inbound(inbound) = event { Some(inbound) } else { None }).await;
    assert_eq!(inbound.from, debtor(5));
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_from_a_number_that_nobody_tells_is_not_lost() {
    let bench = Bench::new().await;
    bench.world().set_faults(Faults { lid_chats: true, hide_numbers: true, ..Faults::default() });
    let mut line = bench.online().await;
    let key = line.address(6, "3EB0F1").await.unwrap();
    bench.world().reply(debtor(6).digits(), ACCOUNT, "STOP").unwrap();
    let hidden = line.until(|event| if let ChannelEvent::Hidden(hidden) = event { Some(hidden) } else { None }).await;
    assert_eq!((Some(hidden.lid.clone()), hidden.body.as_str()), (Lid::of_key(&key.0), "STOP"));
    bench.world().set_faults(Faults { lid_chats: true, ..Faults::default() });
    bench.world().reply(debtor(6).digits(), ACCOUNT, "Hola").unwrap();
    let told =
        line.until(|event| if let ChannelEvent::Lid { lid, phone } = event { Some((lid, phone)) } else { None }).await;
    assert_eq!(told, (hidden.lid, debtor(6)));
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_of_the_connection_are_told_apart_and_got_over() {
    let bench = Bench::new().await;
    let mut line = bench.online().await;
    let in_state = |state: &str| Faults { socket_state: Some(state.to_owned()), ..Faults::default() };
    for (state, expected) in [
        ("TIMEOUT", ChannelState::Reconnecting),
        ("CONFLICT", ChannelState::ActionRequired { reason: "conflict".to_owned() }),
        ("TOS_BLOCK", ChannelState::Restricted { reason: "tos_block".to_owned() }),
    ] {
        bench.world().set_faults(in_state(state));
        line.until_state(expected).await;
        bench.world().set_faults(Faults::default());
        line.until_online().await;
    }
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_early_loading_and_muddled_receipts_end_in_the_same_truth() {
    let bench = Bench::new().await;
    let set = |faults: Faults| bench.world().set_faults(faults);
    set(Faults { sync_ms: 3_000, ..Faults::default() });
    let mut line = bench.open().await;
    let text = line.until(|event| if let ChannelEvent::Qr { text, .. } = event { Some(text) } else { None }).await;
    bench.world().scan(ACCOUNT, &text).unwrap();
    line.until_state(ChannelState::Syncing).await;
    line.until_online().await;
    for (id, faults) in [
        ("3EB0D1", Faults { repeat_receipts: true, ..Faults::default() }),
        ("3EB0D2", Faults { reorder_receipts: true, ..Faults::default() }),
    ] {
        set(faults);
        let key = line.address(10, id).await.unwrap();
        assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
        line.until_receipt(id, Receipt::Read).await;
        assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Sent(Receipt::Read));
    }
    set(Faults { lose_receipts: true, ..Faults::default() });
    let key = line.address(10, "3EB0D3").await.unwrap();
    assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Sent(Receipt::Sent), "nothing is made up");
    line.channel.close().await;

    // Loaded before anybody listens.
    bench.world().reply(debtor(10).digits(), ACCOUNT, "Hola").unwrap();
    set(Faults { sync_ms: 0, ..Faults::default() });
    let mut line = bench.open().await;
    let from =
        line.until(|event| if let ChannelEvent::Inbound(inbound) = event { Some(inbound.from) } else { None }).await;
    assert_eq!(from, debtor(10));
    assert!(line.channel.check().await.iter().all(|probe| probe.is_fine));
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Sent(Receipt::Sent));
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_a_lookup_finds_the_truth() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    bench.world().set_faults(Faults { lose_answer: 1, ..Faults::default() });
    let key = line.address(6, "3EB0FF").await.unwrap();
    assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Unknown(Doubt::NoAck));
    // The message is in the outbox; asking for it sends it on, and the server drops the repeated id.
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Pending);
    line.until_found(&key).await;
    assert_eq!(bench.world().ledger(0).len(), 1);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_reloads_in_mid_send_comes_back_and_sends_once() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    bench.world().set_faults(Faults { reload_after: 1, ..Faults::default() });
    let key = line.address(7, "3EB011").await.unwrap();
    let outcome = line.channel.send(&key, "Hola", None).await;
    assert!(matches!(outcome, SendOutcome::Sent | SendOutcome::Unknown(_)), "{outcome:?}");
    line.until_found(&key).await;
    assert_eq!(bench.world().ledger(0).len(), 1);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_from_the_phone_is_told_and_one_from_here_reaches_the_phone() {
    let bench = Bench::new().await;
    let mut line = bench.online().await;
    bench.world().log_out(ACCOUNT).unwrap();
    line.until_state(ChannelState::LoggedOut).await;
    line.channel.close().await;
    let connector = WebConnector::new(bench.config.clone(), Clock::system());
    connector.discard_profile(&bench.profile()).await.unwrap();

    let line = bench.online().await;
    line.channel.log_out().await.unwrap();
    assert!(bench.world().log_out(ACCOUNT).is_err(), "the phone has no linked device any more");
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_is_noticed_and_the_next_one_takes_over_its_profile() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    let key = line.address(8, "3EB022").await.unwrap();
    assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
    // A graceful end first: WhatsApp's link is on disk for certain only after one.
    line.channel.close().await;
    let mut line = bench.open().await;
    line.until_online().await;
    kill(bench.browser(), Signal::SIGKILL).unwrap();
    assert_eq!(line.until_closed().await, "browser_exited");
    assert_eq!(line.address(8, "3EB033").await, Err(ChannelError::Gone));
    line.channel.close().await;

    let mut line = bench.open().await;
    line.until_online().await;
    assert_eq!(line.channel.find(&key).await.unwrap(), Lookup::Sent(Receipt::Read));
    let other = MessageKey(key.0.replace("3EB022", "3EB044"));
    assert_eq!(line.channel.find(&other).await.unwrap(), Lookup::Absent);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_browser_is_noticed_and_ended() {
    let mut bench = Bench::new().await;
    bench.config.heartbeat = Duration::from_millis(1500);
    let mut line = bench.online().await;
    let browser = bench.browser();
    kill(browser, Signal::SIGSTOP).unwrap();
    assert_eq!(line.until_closed().await, "heartbeat_lost");
    line.channel.close().await;
    assert!(kill(browser, None).is_err(), "the browser still runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_whatsapp_is_given_up_and_what_it_showed_is_kept() {
    let mut bench = Bench::new().await;
    bench.config.load_patience = Duration::from_secs(1);
    bench.world().set_faults(Faults { garbage: true, ..Faults::default() });
    let mut line = bench.open().await;
    assert_eq!(line.until_closed().await, "page_not_ready");
    let console = line.channel.console();
    assert!(console.iter().any(|line| line.contains("not the page")), "{console:?}");
    assert!(line.channel.picture().await.unwrap().starts_with(&[0xFF, 0xD8, 0xFF]), "a JPEG");
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_whatsapp_took_away_is_named() {
    let mut bench = Bench::new().await;
    bench.config.load_patience = Duration::from_secs(1);
    bench.world().set_faults(Faults { missing_modules: ["WAWebCmd".to_owned()].into(), ..Faults::default() });
    let mut line = bench.open().await;
    line.until_state(ChannelState::ActionRequired { reason: "bridge_outdated: WAWebCmd".to_owned() }).await;
    let probes = line.channel.check().await;
    let broken = probes.last().unwrap();
    assert_eq!((broken.part, broken.is_fine, broken.found.as_str()), (Part::Bridge, false, "WAWebCmd"));
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_only_files_need_texts_still_go_and_a_check_says_what_is_missing() {
    let bench = Bench::new().await;
    let missing = ["WAWebMediaMmsV4Upload", "WAWebApiContact", "WAWebAltDeviceLinkingApi"];
    bench.world().set_faults(Faults { missing_modules: missing.map(str::to_owned).into(), ..Faults::default() });
    let mut line = bench.open().await;
    let text = line.until(|event| if let ChannelEvent::Qr { text, .. } = event { Some(text) } else { None }).await;
    let extras = async |line: &Line| {
        let probes = line.channel.check().await;
        probes.into_iter().find(|probe| probe.part == Part::Extras).map(|probe| (probe.is_fine, probe.found))
    };
    assert_eq!(extras(&line).await, Some((false, "WAWebAltDeviceLinkingApi".to_owned())));
    bench.world().scan(ACCOUNT, &text).unwrap();
    let lacks = line.until(|event| if let ChannelEvent::Lacks(modules) = event { Some(modules) } else { None }).await;
    assert_eq!(lacks, ["WAWebMediaMmsV4Upload", "WAWebApiContact"]);
    line.until_online().await;
    assert_eq!(extras(&line).await, Some((false, lacks.join(", "))));
    assert_eq!(line.channel.check().await.last().map(|probe| (probe.part, probe.is_fine)), Some((Part::Account, true)));
    let key = line.address(9, "3EB0F2").await.unwrap();
    assert_eq!(line.channel.send(&key, "Hola", None).await, SendOutcome::Sent);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_said_before_it_is_tried() {
    let mut bench = Bench::new().await;
    let bridge = bench.folder.path().join("bridge.js");
    bench.config.bridge = Some(bridge.clone());
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Bridge(fault) if fault.contains("bridge.js")), "{error}");
    std::fs::write(&bridge, "(() => {\n  broken(;\n})();").unwrap();
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Bridge(fault) if fault.contains("line 2")), "{error}");

    bench.config.bridge = None;
    bench.config.free_disk_mb = |_| Some(7);
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::NoDiskSpace { free_mb: 7, .. }), "{error}");

    bench.config.free_disk_mb = |_| None;
    bench.config.url = "http://127.0.0.1:9/".to_owned();
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Unreachable(fault) if fault.starts_with("net::ERR_")), "{error}");
    bench.config.chromium = Some(bridge);
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Browser(_)), "{error}");
    assert!(browsers_on(&bench.profile()).is_empty(), "nothing is left running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_asks_every_part_and_a_crash_of_the_page_is_noticed() {
    let bench = Bench::new().await;
    let mut line = bench.online().await;
    let probes = line.channel.check().await;
    assert_eq!(probes.iter().map(|probe| probe.part).collect::<Vec<_>>(), Part::ALL);
    assert!(probes.iter().all(|probe| probe.is_fine), "{probes:?}");
    assert_eq!(probes.last().unwrap().found, format!("+{ACCOUNT}"));
    let usage = line.channel.usage().await.unwrap();
    assert!(usage.memory_bytes > 10 << 20 && usage.processes > 1 && !usage.cpu.is_zero(), "{usage:?}");

    let renderers = renderers(bench.browser());
    assert!(!renderers.is_empty());
    for renderer in renderers {
        kill(renderer, Signal::SIGKILL).unwrap();
    }
    assert_eq!(line.until_closed().await, "page_crashed");
    line.channel.close().await;
    assert!(browsers_on(&bench.profile()).is_empty());
    assert!(line.channel.usage().await.is_none());
}

/// Loads a megabyte 150 times, writes an object to the console, lets go of it all, and tells once the object is gone.
const LETS_GO: &str = r"
(async () => {
  const large = URL.createObjectURL(new Blob([new Uint8Array(2 ** 20)]));
  for (let times = 0; times < 150; times += 1) await (await fetch(large)).arrayBuffer();
  let written = { body: 'nobody has a use for it' };
  const held = new WeakRef(written);
  console.log(written);
  written = undefined;
  const look = setInterval(() => {
    if (held.deref()) return;
    clearInterval(look);
    whatsmassiveTell(JSON.stringify({ type: 'inbound', id: '3AGONE', phone: '573001000001', body: 'gone', t: 0 }));
  }, 50);
})();";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gives_back_the_memory_that_it_has_no_use_for() {
    let mut bench = Bench::new().await;
    let bridge = bench.folder.path().join("bridge.js");
    std::fs::write(&bridge, [include_str!("../../src/channel/web/bridge.js"), LETS_GO].concat()).unwrap();
    bench.config.bridge = Some(bridge);
    bench.config.heartbeat = Duration::from_millis(200);
    bench.config.tidy = Duration::from_secs(1);
    let mut line = bench.open().await;
    let before = line.channel.usage().await.unwrap().memory_bytes;
    line.until(|event| matches!(event, ChannelEvent::Inbound(inbound) if inbound.body == "gone").then_some(())).await;
    let after = line.channel.usage().await.unwrap().memory_bytes;
    assert!(after < before + (100 << 20), "what was loaded is not kept: {before} B, and then {after} B");
    line.channel.close().await;
}

/// Everything under a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_profile_asks_for_a_code_and_one_that_cannot_be_written_is_said() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    line.channel.close().await;
    drop(line);
    for file in files(&bench.profile().join("Default")) {
        std::fs::write(file, "\u{0}damaged").unwrap();
    }
    let mut line = bench.open().await;
    line.until_state(ChannelState::Unpaired).await;
    line.channel.close().await;

    std::fs::remove_dir_all(bench.profile()).unwrap();
    std::fs::write(bench.profile(), "a file where the folder should be").unwrap();
    let error = bench.try_open().await.unwrap_err();
    assert!(matches!(&error, OpenError::Profile(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_rotate_and_an_idle_page_is_refreshed() {
    let bench = Bench::new().await;
    bench.world().set_faults(Faults { ref_ms: 400, refs: 2, ..Faults::default() });
    let mut line = bench.open().await;
    let mut seen = Vec::new();
    while seen.len() < 5 {
        let text = line.until(|event| if let ChannelEvent::Qr { text, .. } = event { Some(text) } else { None }).await;
        assert!(!seen.contains(&text), "a code is told once");
        seen.push(text);
    }
    assert!(bench.world().scan(ACCOUNT, &seen[0]).is_err(), "an old code is of no use");
    line.channel.close().await;
}
