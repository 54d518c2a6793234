//! Files: those that campaigns send, and those that debtors send.

use whatsmassive::domain::{
    conversation::Inbound,
    id::SessionId,
    media::{Fetched, InboundMedia, MediaFile, MediaKind},
    message::MessageState,
};

use super::life::{Life, Plan};
use crate::support::scripted::{Faults, World};

fn statement() -> MediaFile {
    MediaFile::to_send("estado de cuenta.pdf", b"%PDF-1.7 saldo".to_vec()).unwrap()
}

/// A picture from the first debtor.
fn picture(life: &Life, number: u32) -> Inbound {
    let media = InboundMedia { wire_key: format!("key-{number}"), kind: MediaKind::Image, file_name: String::new() };
    Inbound {
        from: Life::phone(1),
        wire_id: format!("IN{number}"),
        body: "Mi comprobante".to_owned(),
        media: Some(media),
        at: life.clock.now(),
    }
}

fn content(number: u32) -> MediaFile {
    MediaFile {
        kind: MediaKind::Image,
        mime_type: "image/jpeg".to_owned(),
        file_name: String::new(),
        content: format!("picture {number}").into_bytes().into(),
    }
}

#[tokio::test(start_paused = true)]
async fn every_message_of_a_campaign_carries_its_file() {
    let world = World::new(1, Faults { rejected: 30, ..Faults::default() });
    let life = Life::start(&world, 1).await;
    let plan = life.prepare(Plan { debtors: 5, file: Some(statement()), ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    let arrivals = world.state().arrivals.clone();
    assert!(!arrivals.is_empty());
    for arrival in &arrivals {
        assert!(arrival.body.starts_with("Hola Debtor"));
        assert_eq!(world.state().carried.get(&arrival.wire_id), Some(&statement()));
    }
    for message in life.messages(plan.campaign).await {
        assert!(message.media_id.is_some() || message.state == MessageState::Failed);
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_debtor_s_picture_is_fetched_once_the_text_is_kept() {
    let world = World::new(2, Faults::default());
    let life = Life::start(&world, 2).await;
    let session = life.make_sessions().await[0].id;
    life.prepare(Plan { debtors: 1, ..Plan::default() }).await;
    for number in 1..=3 {
        world.state().files.insert(format!("key-{number}"), content(number));
        world.write(session, picture(&life, number));
    }
    world.write(session, picture(&life, 3));
    life.until(|| async { life.store.inbound_files(&Life::phone(1)).await.unwrap().len() == 3 }).await;
    life.until(|| async { life.store.expected_media(session).await.unwrap().is_empty() }).await;
    for (number, file) in (1..).zip(life.store.inbound_files(&Life::phone(1)).await.unwrap()) {
        assert_eq!(file.state, Fetched::Kept);
        let kept = life.store.media_file(file.media.unwrap().id).await.unwrap().unwrap();
        assert_eq!(kept, content(number));
    }
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_fetched_is_asked_for_after_a_restart_and_given_up_when_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(3, Faults::default());
    let life = Life::start_in(&world, 3, folder.path()).await;
    life.prepare(Plan { debtors: 1, ..Plan::default() }).await;
    world.state().blind = true;
    world.state().files.insert("key-1".to_owned(), content(1));
    world.write(SessionId(1), picture(&life, 1));
    world.write(SessionId(1), picture(&life, 2));
    let attempts = async |life: &Life| {
        life.store.expected_media(SessionId(1)).await.unwrap().iter().map(|file| file.attempts).collect::<Vec<_>>()
    };
    life.until(|| async { attempts(&life).await.iter().filter(|attempts| **attempts > 0).count() == 2 }).await;
    life.stop().await;

    world.state().blind = false;
    let life = Life::start_in(&world, 3, folder.path()).await;
    life.until(|| async { life.store.expected_media(SessionId(1)).await.unwrap().is_empty() }).await;
    let states: Vec<Fetched> =
        life.store.inbound_files(&Life::phone(1)).await.unwrap().iter().map(|file| file.state).collect();
    assert_eq!(states, [Fetched::Kept, Fetched::Gone]);
    life.stop().await;
}
