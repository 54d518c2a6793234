//! What the simulator tells a page over its socket. The test is the page, so that it can be late, gone or rude.

use std::{path::PathBuf, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use whatsmassive::simulator::{Faults, Simulator, SimulatorConfig};

pub const ACCOUNT: &str = "573000000001";
pub const DEBTOR: &str = "573001234567";
const NOISE: &str = "bm9pc2U=";
const PATIENCE: Duration = Duration::from_secs(20);

/// Receipts that follow at once.
pub fn quick() -> Faults {
    Faults { sent_ms: 0, delivered_ms: 0, read_ms: 0, ..Faults::default() }
}

pub async fn start() -> Simulator {
    start_with(None).await
}

async fn start_with(state: Option<PathBuf>) -> Simulator {
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = SimulatorConfig { listen, phones: vec![ACCOUNT.to_owned()], state };
    let simulator = Simulator::start(config).await.unwrap();
    simulator.world().set_faults(quick());
    simulator
}

pub struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Page {
    /// A page that says it is this device, or none yet.
    pub async fn open(simulator: &Simulator, device: Option<&str>) -> Self {
        let (socket, _) = connect_async(address(simulator)).await.unwrap();
        let mut page = Self(socket);
        page.say(json!({ "type": "hello", "device": device, "noise": NOISE, "unread": [] })).await;
        page
    }

    /// A page that is linked, and its device.
    pub async fn linked(simulator: &Simulator) -> (Self, String) {
        let mut page = Self::open(simulator, None).await;
        let shown = page.until("ref").await["ref"].as_str().unwrap().to_owned();
        simulator.world().scan(ACCOUNT, &format!("{shown},{NOISE}")).unwrap();
        let device = page.until("pair").await["account"]["device"].as_str().unwrap().to_owned();
        (page, device)
    }

    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn send(&mut self, id: &str, to: &str) {
        let key = format!("true_{to}_{id}");
        self.say(json!({ "type": "send", "key": key, "id": id, "to": to, "body": "Hola" })).await;
    }

    async fn ask(&mut self, ask: &str, user: &str) -> Value {
        self.say(json!({ "type": "ask", "question": 1, "ask": ask, "user": user })).await;
        self.until("answer").await
    }

    /// The next message, or none once the connection is gone.
    async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("the simulator spoke in time") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await.expect("the connection holds");
            if message["type"] == kind {
                return message;
            }
        }
    }

    pub async fn acks(&mut self, count: usize) -> Vec<i64> {
        let mut acks = Vec::new();
        while acks.len() < count {
            acks.push(self.until("ack").await["ack"].as_i64().unwrap());
        }
        acks
    }
}

fn address(simulator: &Simulator) -> String {
    format!("ws://{}/page/socket", simulator.addr())
}

#[tokio::test]
async fn a_repeated_id_arrives_once_and_is_acknowledged_again() {
    let simulator = start().await;
    let (mut page, _) = Page::linked(&simulator).await;
    for _ in 0..2 {
        page.send("AA1", &format!("{DEBTOR}@c.us")).await;
        assert_eq!(page.acks(3).await, [1, 2, 3]);
    }
    let ledger = simulator.world().ledger(0);
    assert_eq!(ledger.len(), 1);
    assert_eq!((ledger[0].to.as_str(), ledger[0].repeats, ledger[0].ack), (DEBTOR, 1, 3));
    simulator.stop().await;
}

#[tokio::test]
async fn what_is_acknowledged_outlives_a_kill_in_the_same_instant() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simulator.json");
    let simulator = start_with(Some(file.clone())).await;
    let (mut page, _) = Page::linked(&simulator).await;
    for id in ["AA1", "AA2", "AA3"] {
        page.send(id, &format!("{DEBTOR}@c.us")).await;
        assert_eq!(page.acks(1).await, [1]);
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(kept["ledger"].as_array().unwrap().iter().any(|entry| entry["id"] == id), "{id} is not in {kept}");
        page.acks(2).await;
    }
    simulator.stop().await;
}

#[tokio::test]
async fn receipts_fail_in_the_order_they_are_told_to() {
    let simulator = start().await;
    let (mut page, _) = Page::linked(&simulator).await;
    let to = format!("{DEBTOR}@c.us");
    simulator.world().set_faults(Faults { reorder_receipts: true, repeat_receipts: true, ..quick() });
    page.send("AA1", &to).await;
    assert_eq!(page.acks(6).await, [1, 1, 3, 3, 2, 2]);
    assert_eq!(simulator.world().ledger(0)[0].ack, 3, "what was read stays read");
    simulator.world().set_faults(Faults { refuse: 1, ..quick() });
    page.send("AA2", &to).await;
    assert_eq!(page.acks(1).await, [-1]);
    assert_eq!(simulator.world().ledger(1), [], "a refused message does not arrive");
    simulator.stop().await;
}

#[tokio::test]
async fn an_answer_to_a_lid_nobody_asked_for_reaches_the_person() {
    let simulator = start().await;
    let (mut page, _) = Page::linked(&simulator).await;
    simulator.world().set_faults(Faults { lid_chats: true, ..quick() });
    simulator.world().reply(DEBTOR, ACCOUNT, "Hola").unwrap();
    let chat = page.until("inbound").await["from"].as_str().unwrap().to_owned();
    assert!(chat.ends_with("@lid"));
    page.send("AA1", &chat).await;
    page.acks(1).await;
    assert_eq!(simulator.world().ledger(0)[0].to, DEBTOR);
    simulator.stop().await;
}

#[tokio::test]
async fn numbers_that_are_not_on_whatsapp_are_read_in_any_form() {
    let simulator = start().await;
    let (mut page, _) = Page::linked(&simulator).await;
    let url = format!("{}control/faults", simulator.url());
    let faults = json!({ "not_on_whatsapp": ["+57 300 123-4567"] });
    reqwest::Client::new().post(url).json(&faults).send().await.unwrap().error_for_status().unwrap();
    assert_eq!(page.ask("exists", &format!("{DEBTOR}@c.us")).await["exists"], false);
    assert_eq!(page.ask("exists", "573007654321@c.us").await["exists"], true);
    simulator.stop().await;
}

#[tokio::test]
async fn codes_rotate_then_the_page_is_idle_and_an_old_code_links_nothing() {
    let simulator = start().await;
    simulator.world().set_faults(Faults { ref_ms: 1, refs: 2, ..quick() });
    let mut page = Page::open(&simulator, None).await;
    let first = page.until("ref").await["ref"].clone();
    let second = page.until("ref").await["ref"].clone();
    assert_ne!(first, second);
    page.until("idle").await;
    for shown in [first, second] {
        let qr = format!("{},{NOISE}", shown.as_str().unwrap());
        simulator.world().scan(ACCOUNT, &qr).unwrap_err();
    }
    simulator.world().set_faults(quick());
    page.say(json!({ "type": "refresh" })).await;
    page.until("ref").await;
    simulator.stop().await;
}

#[tokio::test]
async fn a_passkey_holds_the_link_back_until_it_is_no_longer_asked_for() {
    let simulator = start().await;
    simulator.world().set_faults(Faults { passkey: true, ..quick() });
    let mut page = Page::open(&simulator, None).await;
    let shown = page.until("ref").await["ref"].as_str().unwrap().to_owned();
    simulator.world().scan(ACCOUNT, &format!("{shown},{NOISE}")).unwrap();
    page.until("passkey").await;
    assert!(simulator.world().log_out(ACCOUNT).is_err(), "it is not linked yet");
    simulator.world().set_faults(quick());
    assert_eq!(page.until("pair").await["account"]["phone"], ACCOUNT);
    simulator.stop().await;
}

#[tokio::test]
async fn conflict_and_loss_of_the_connection_begin_and_end_on_request() {
    let simulator = start().await;
    let (mut page, device) = Page::linked(&simulator).await;
    simulator.world().set_faults(Faults { socket_state: Some("CONFLICT".to_owned()), ..quick() });
    assert_eq!(page.until("state").await["state"], "CONFLICT");
    let mut again = Page::open(&simulator, Some(&device)).await;
    assert_eq!(again.until("state").await["state"], "CONFLICT");
    simulator.world().set_faults(quick());
    assert_eq!(page.until("state").await["state"], "CONNECTED");

    simulator.world().set_faults(Faults { offline: true, ..quick() });
    while page.next().await.is_some() {}
    connect_async(address(&simulator)).await.unwrap_err();
    simulator.world().set_faults(quick());
    Page::open(&simulator, Some(&device)).await.until("welcome").await;
    simulator.stop().await;
}

#[tokio::test]
async fn the_end_closes_pages_and_nothing_follows() {
    let simulator = start().await;
    let (mut page, _) = Page::linked(&simulator).await;
    simulator.world().set_faults(Faults { delivered_ms: 3_600_000, ..quick() });
    page.send("AA1", &format!("{DEBTOR}@c.us")).await;
    assert_eq!(page.acks(1).await, [1]);
    timeout(PATIENCE, simulator.stop()).await.expect("nobody waits for a receipt that is an hour away");
    while page.next().await.is_some() {}
}
