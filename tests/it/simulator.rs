//! The simulator's control API: what it refuses, and what it remembers. Its page is tested in a real Chromium.

use serde_json::{Value, json};
use whatsmassive::simulator::{Simulator, SimulatorConfig};

async fn start(state: Option<std::path::PathBuf>) -> Simulator {
    let listen = "127.0.0.1:0".parse().unwrap();
    Simulator::start(SimulatorConfig { listen, phones: vec!["573000000001".to_owned()], state }).await.unwrap()
}

/// The status and body of a request to the control API.
async fn post(simulator: &Simulator, action: &str, body: Value) -> (u16, Value) {
    let url = format!("{}control/{action}", simulator.url());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_a_reason() {
    let simulator = start(None).await;
    assert_eq!(post(&simulator, "phones", json!({ "phone": "+57 (300) 000-0002" })).await.1["phone"], "573000000002");
    for (action, body, status, word) in [
        ("phones", json!({ "phone": "call me" }), 422, "digits"),
        ("scan", json!({ "phone": "573000000009", "qr": "x" }), 404, "no phone"),
        ("scan", json!({ "phone": "573000000001", "qr": "2@old,key" }), 409, "no page shows this code"),
        ("logout", json!({ "phone": "573000000001" }), 409, "not linked"),
        ("inbound", json!({ "from": "573001234567", "to": "573000000009", "body": "Hola" }), 404, "no phone"),
    ] {
        let (answered, body) = post(&simulator, action, body).await;
        assert_eq!(answered, status, "{action}");
        assert!(body["error"].as_str().unwrap().contains(word), "{action}: {body}");
    }
    for (action, body, word) in [
        ("phones", json!({}), "missing field `phone`"),
        ("faults", json!({ "no_such_fault": true }), "no_such_fault"),
        ("faults", json!({ "not_on_whatsapp": ["nobody"] }), "not a phone number"),
    ] {
        let (answered, body) = post(&simulator, action, body).await;
        assert_eq!(answered, 422, "{action}");
        assert!(body["error"].as_str().unwrap().contains(word), "{action}: {body}");
    }
    let (_, faults) = post(&simulator, "faults", json!({ "refuse": 2 })).await;
    assert_eq!((faults["refuse"].as_u64(), faults["refs"].as_u64()), (Some(2), Some(6)));
    simulator.stop().await;
}

#[tokio::test]
async fn phones_and_texts_are_remembered_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state = Some(folder.path().join("simulator.json"));
    let simulator = start(state.clone()).await;
    simulator.world().add_phone("573000000007").unwrap();
    simulator.world().reply("573001234567", "573000000007", "Hola").unwrap();
    simulator.stop().await;

    let simulator = start(state).await;
    let phones = simulator.world().describe()["phones"].clone();
    assert_eq!(phones.as_array().unwrap().len(), 2);
    assert_eq!(phones[1]["phone"], "573000000007");
    simulator.stop().await;
}
