//! Files in messages: what a page uploads and downloads, what a person attaches, and what of it is remembered.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use whatsmassive::simulator::{Attachment, Faults, Media, MediaKind, Simulator, SimulatorConfig, WorldError};

use crate::simulator_page::{ACCOUNT, DEBTOR, Page, quick, start};

const PDF: &[u8] = include_bytes!("../fixtures/media/notice.pdf");
const PNG: &[u8] = include_bytes!("../fixtures/media/receipt.png");
/// Of the two, as `sha256sum` has it.
const PDF_HASH: &str = "b7b62a367663de577b886fe97e356e5f52d1d34425074e106fbd4f4e99206f3e";
const PNG_HASH: &str = "44faeb5804e742a0bf4d81368db8f49cbdc726e6c93c38a9cc43b0c94fc1d1b7";

async fn upload(simulator: &Simulator, device: &str, content: Vec<u8>) -> Response {
    let url = format!("{}page/media?device={device}", simulator.url());
    Client::new().post(url).body(content).send().await.unwrap()
}

async fn download(simulator: &Simulator, device: &str, path: &str) -> Response {
    let url = format!("http://{}{path}?device={device}", simulator.addr());
    Client::new().get(url).send().await.unwrap()
}

/// The status and the reason of an answer that is none.
async fn refusal(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

fn notice(path: &Value) -> Value {
    let media = json!({ "kind": "document", "mime": "application/pdf", "name": "notice.pdf", "path": path });
    let to = format!("{DEBTOR}@c.us");
    json!({ "type": "send", "key": format!("true_{to}_AA1"), "id": "AA1", "to": to, "body": "Su factura", "media": media })
}

#[tokio::test]
async fn an_uploaded_file_arrives_with_its_message_as_it_is() {
    let simulator = start().await;
    let (mut page, device) = Page::linked(&simulator).await;
    let uploaded: Value = upload(&simulator, &device, PDF.to_vec()).await.json().await.unwrap();
    let digest: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&PDF_HASH[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert_eq!(uploaded["filehash"], STANDARD.encode(digest));

    page.say(notice(&uploaded["directPath"])).await;
    assert_eq!(page.acks(3).await, [1, 2, 3]);
    let entry = simulator.world().ledger(0).remove(0);
    let media = Media {
        kind: MediaKind::Document,
        mime: "application/pdf".to_owned(),
        name: Some("notice.pdf".to_owned()),
        size: PDF.len() as u64,
        sha256: PDF_HASH.to_owned(),
    };
    assert_eq!((entry.body.as_str(), entry.media), ("Su factura", Some(media)));

    let path = uploaded["directPath"].as_str().unwrap();
    assert_eq!(download(&simulator, &device, path).await.bytes().await.unwrap(), PDF);
    // The person at the phones gets it too, and never as a page of ours.
    let shown = download(&simulator, "", &format!("/phone/media/{PDF_HASH}")).await;
    assert_eq!(shown.headers()["content-type"], "application/pdf");
    assert_eq!(shown.headers()["content-disposition"], "attachment");
    assert_eq!(shown.bytes().await.unwrap(), PDF);
    simulator.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_with_a_file_is_refused_with_a_reason() {
    let simulator = start().await;
    let (mut page, device) = Page::linked(&simulator).await;
    let (status, why) = refusal(upload(&simulator, "somebody", PDF.to_vec()).await).await;
    assert_eq!((status, why.as_str()), (401, "no phone has this device linked"));
    let (status, why) = refusal(upload(&simulator, &device, vec![0; (64 << 20) + 1]).await).await;
    assert_eq!((status, why.as_str()), (413, "a file may have 64 MB at the most"));
    for path in [format!("/page/media/{PDF_HASH}"), "/page/media/..%2Fstate.json".to_owned()] {
        assert_eq!(refusal(download(&simulator, &device, &path).await).await.0, 404, "{path}");
    }
    page.say(notice(&json!(format!("/page/media/{PDF_HASH}")))).await;
    assert_eq!(page.acks(1).await, [-1], "what was never uploaded does not arrive");

    let uploaded: Value = upload(&simulator, &device, PDF.to_vec()).await.json().await.unwrap();
    simulator.world().set_faults(Faults { media_error: true, media_gone: true, ..quick() });
    assert_eq!(refusal(upload(&simulator, &device, PDF.to_vec()).await).await.0, 403);
    let path = uploaded["directPath"].as_str().unwrap();
    assert_eq!(refusal(download(&simulator, &device, path).await).await.0, 404);
    assert_eq!(simulator.world().ledger(0), []);
    simulator.stop().await;
}

#[tokio::test]
async fn a_person_attaches_a_file_and_the_page_downloads_it() {
    let simulator = start().await;
    let (mut page, device) = Page::linked(&simulator).await;
    let url = format!("{}control/inbound", simulator.url());
    let send = async |media: Value| {
        let reply = json!({ "from": DEBTOR, "to": ACCOUNT, "body": "Ya pagué", "media": media });
        Client::new().post(&url).json(&reply).send().await.unwrap()
    };
    for (wrong, word) in [
        (json!({ "kind": "image", "mime": "image/png", "base64": "not base64" }), "base64"),
        (json!({ "kind": "hologram", "mime": "image/png", "base64": "" }), "hologram"),
    ] {
        let (status, why) = refusal(send(wrong).await).await;
        assert_eq!(status, 422);
        assert!(why.contains(word), "{why}");
    }
    let picture = json!({ "kind": "image", "mime": "image/png", "base64": STANDARD.encode(PNG) });
    assert_eq!(send(picture).await.status(), 200);
    let told = page.until("inbound").await;
    assert_eq!((&told["body"], &told["media"]["kind"]), (&json!("Ya pagué"), &json!("image")));
    assert_eq!((&told["media"]["filename"], &told["media"]["size"]), (&Value::Null, &json!(PNG.len())));
    let path = told["media"]["directPath"].as_str().unwrap();
    assert_eq!(download(&simulator, &device, path).await.bytes().await.unwrap(), PNG);
    simulator.stop().await;
}

#[tokio::test]
async fn files_are_remembered_beside_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let state: PathBuf = folder.path().join("simulator.json");
    let open = async || {
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = SimulatorConfig { listen, phones: vec![ACCOUNT.to_owned()], state: Some(state.clone()) };
        Simulator::start(config).await.unwrap()
    };
    let simulator = open().await;
    let receipt = |content: &[u8]| Attachment {
        kind: MediaKind::Image,
        mime: "image/png".to_owned(),
        name: None,
        content: content.to_vec(),
    };
    simulator.world().reply_with_media(DEBTOR, ACCOUNT, "", receipt(PNG)).unwrap();
    let large = simulator.world().reply_with_media(DEBTOR, ACCOUNT, "", receipt(&vec![0; (64 << 20) + 1]));
    assert!(matches!(large, Err(WorldError::File(_))), "{large:?}");
    simulator.stop().await;

    let simulator = open().await;
    assert_eq!(simulator.world().file(PNG_HASH).unwrap(), PNG);
    assert!(state.with_extension("media").join(PNG_HASH).exists());
    let (_, device) = Page::linked(&simulator).await;
    let mut page = Page::open(&simulator, Some(&device)).await;
    assert_eq!(page.until("inbound").await["media"]["size"], PNG.len());
    simulator.stop().await;
}
