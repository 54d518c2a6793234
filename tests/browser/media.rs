//! Files through the web channel in a real Chromium, on the simulator's page.

use whatsmassive::{
    channel::{ChannelError, ChannelEvent, SendOutcome},
    domain::{
        conversation::Inbound,
        failure::Cause,
        media::{MediaFile, MediaKind},
    },
    simulator::{Attachment, Faults, MediaKind as Sent},
};

use crate::support::line::{ACCOUNT, Bench, Line, debtor};

/// A file of each kind; of films and sounds no more than what tells them.
const FILES: [(&str, &[u8], MediaKind); 4] = [
    ("aviso.png", include_bytes!("../fixtures/media/receipt.png"), MediaKind::Image),
    ("aviso.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", MediaKind::Video),
    ("aviso.ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0", MediaKind::Audio),
    ("estado de cuenta.pdf", b"%PDF-1.7 saldo", MediaKind::Document),
];

fn sha256(content: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn next_inbound(line: &mut Line) -> Inbound {
    line.until(|event| if let ChannelEvent::Inbound(inbound) = event { Some(inbound) } else { None }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_kind_go_out_with_their_text() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    for (number, (name, content, kind)) in (1_u32..).zip(FILES) {
        let file = MediaFile::to_send(name, content.to_vec()).unwrap();
        assert_eq!(file.kind, kind);
        let text = if kind == MediaKind::Audio { "" } else { "Su estado de cuenta" };
        let id = format!("3EB0F{number}");
        let key = line.address(number, &id).await.unwrap();
        assert_eq!(line.channel.send(&key, text, Some(&file)).await, SendOutcome::Sent, "{name}");
        assert_eq!(line.channel.send(&key, text, Some(&file)).await, SendOutcome::Sent, "it is there already");
        let ledger = bench.world().ledger(0);
        assert_eq!(ledger.len(), number as usize, "{name}");
        let arrived = ledger.last().unwrap();
        let media = arrived.media.as_ref().unwrap();
        assert_eq!((arrived.id.as_str(), arrived.body.as_str()), (id.as_str(), text));
        assert_eq!(serde_json::to_value(media.kind).unwrap(), kind.as_str());
        assert_eq!((media.mime.as_str(), media.size), (file.mime_type.as_str(), content.len() as u64));
        assert_eq!(media.sha256, sha256(content), "{name}");
        if kind == MediaKind::Document {
            assert_eq!(media.name.as_deref(), Some(name));
        }
    }
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_whatsapp_refuses_has_not_left_and_may_be_tried_again() {
    let bench = Bench::new().await;
    let line = bench.online().await;
    let file = MediaFile::to_send("estado.pdf", b"%PDF-1.7 saldo".to_vec()).unwrap();
    let key = line.address(1, "3EB0F0").await.unwrap();
    bench.world().set_faults(Faults { media_error: true, ..Faults::default() });
    let outcome = line.channel.send(&key, "Hola", Some(&file)).await;
    assert!(matches!(&outcome, SendOutcome::Rejected(failure) if failure.cause == Cause::MediaRefused), "{outcome:?}");
    assert!(bench.world().ledger(0).is_empty());
    bench.world().set_faults(Faults::default());
    assert_eq!(line.channel.send(&key, "Hola", Some(&file)).await, SendOutcome::Sent);
    assert_eq!(bench.world().ledger(0).len(), 1);
    line.channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_came_are_fetched_also_those_that_came_while_nobody_was_there() {
    let bench = Bench::new().await;
    let mut line = bench.online().await;
    let picture = |content: &[u8]| Attachment {
        kind: Sent::Image,
        mime: "image/png".to_owned(),
        name: None,
        content: content.to_vec(),
    };
    let (_, content, _) = FILES[0];
    let reply = |text: &str, file| bench.world().reply_with_media(debtor(1).digits(), ACCOUNT, text, file).unwrap();
    reply("Mi comprobante", picture(content));
    let inbound = next_inbound(&mut line).await;
    assert_eq!((inbound.from, inbound.body.as_str()), (debtor(1), "Mi comprobante"));
    let media = inbound.media.unwrap();
    assert_eq!(media.kind, MediaKind::Image);
    let fetched = line.channel.fetch(&whatsmassive::channel::MessageKey(media.wire_key)).await.unwrap();
    assert_eq!((fetched.mime_type.as_str(), &*fetched.content), ("image/png", content));
    line.channel.close().await;

    let pdf = Attachment {
        kind: Sent::Document,
        mime: "application/pdf".to_owned(),
        name: Some("recibo.pdf".to_owned()),
        content: b"%PDF-1.7 pago".to_vec(),
    };
    reply("", pdf);
    let mut line = bench.open().await;
    let media = loop {
        let inbound = next_inbound(&mut line).await;
        if let Some(media) = inbound.media.filter(|media| media.kind == MediaKind::Document) {
            assert_eq!(inbound.body, "");
            break media;
        }
    };
    assert_eq!(media.file_name, "recibo.pdf");
    let key = whatsmassive::channel::MessageKey(media.wire_key);
    assert_eq!(&*line.channel.fetch(&key).await.unwrap().content, b"%PDF-1.7 pago");
    bench.world().set_faults(Faults { media_gone: true, ..Faults::default() });
    assert_eq!(line.channel.fetch(&key).await.unwrap_err(), ChannelError::MediaGone);
    line.channel.close().await;
}
