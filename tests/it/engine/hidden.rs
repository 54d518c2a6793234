//! Texts from people whose numbers WhatsApp hides: kept, found out, and heeded.

use whatsmassive::{
    channel::ChannelEvent,
    domain::{
        conversation::{HiddenInbound, Lid},
        debtor::DebtorStatus,
        id::{ConversationId, SessionId},
        message::MessageState,
    },
};

use super::life::{Life, Plan};
use crate::support::scripted::{Faults, World};

const FIRST: SessionId = SessionId(1);
const HIDDEN: &str = "123456789012345@lid";

/// Somebody whose number is not told writes to a session.
fn writes(life: &Life, world: &World, id: &str, body: &str) {
    let (wire_id, body, at) = (id.to_owned(), body.to_owned(), life.clock.now());
    let lid = Lid::from_chat(HIDDEN).unwrap();
    world.tell(FIRST, ChannelEvent::Hidden(HiddenInbound { lid, wire_id, body, media: None, at }));
}

async fn status(life: &Life, number: usize) -> DebtorStatus {
    life.store.debtor_by_phone(&Life::phone(number)).await.unwrap().unwrap().status
}

#[tokio::test(start_paused = true)]
async fn a_hidden_number_that_we_have_written_to_is_known_by_its_chat() {
    let world = World::new(1, Faults::default());
    world.state().lids.insert(Life::phone(1).as_str().to_owned(), HIDDEN.to_owned());
    let life = Life::start(&world, 1).await;
    let plan = life.prepare(Plan { debtors: 2, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert_eq!(world.state().arrivals.len(), 2);
    writes(&life, &world, "IN1", "STOP");
    life.until(|| async { status(&life, 1).await == DebtorStatus::OptedOut }).await;
    assert_eq!(status(&life, 2).await, DebtorStatus::Active);
    assert!(life.store.suppression(&Life::phone(1)).await.unwrap().is_some());
    life.until(|| async { life.store.hidden_lids().await.unwrap().is_empty() }).await;
    assert_eq!(life.store.conversation_texts(ConversationId(1)).await.unwrap(), ["STOP"]);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_stranger_wrote_counts_before_anything_is_sent_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(2, Faults::default());
    let life = Life::start_in(&world, 2, folder.path()).await;
    life.make_sessions().await;
    life.until(|| async { world.state().opened.len() == 3 }).await;
    // A page that starts tells again what nobody has read.
    for id in ["IN1", "IN2", "IN1"] {
        writes(&life, &world, id, if id == "IN1" { "¿Quién es?" } else { "Baja" });
    }
    let lid = Lid::from_chat(HIDDEN).unwrap();
    life.until(|| async { life.store.hidden_texts(&lid).await.unwrap().len() == 2 }).await;
    life.stop().await;

    let life = Life::start_in(&world, 2, folder.path()).await;
    world.state().lids.insert(Life::phone(1).as_str().to_owned(), HIDDEN.to_owned());
    let plan = life.prepare(Plan { debtors: 2, ..Plan::default() }).await;
    life.until_over(plan.campaign).await;
    assert_eq!(status(&life, 1).await, DebtorStatus::OptedOut);
    assert_eq!(life.messages(plan.campaign).await[0].state, MessageState::Suppressed);
    assert!(world.state().arrivals.iter().all(|arrival| arrival.to == Life::phone(2).as_str()));
    assert_eq!(life.store.conversation_texts(ConversationId(1)).await.unwrap(), ["¿Quién es?", "Baja"]);
    assert_eq!(life.store.hidden_lids().await.unwrap(), []);
    life.stop().await;
}

#[tokio::test(start_paused = true)]
async fn whatsapp_may_tell_later_who_it_was() {
    let world = World::new(3, Faults::default());
    let life = Life::start(&world, 3).await;
    life.make_sessions().await;
    life.make_debtor(1, &["all"]).await;
    life.until(|| async { world.state().opened.len() == 3 }).await;
    writes(&life, &world, "IN1", "STOP");
    let lid = Lid::from_chat(HIDDEN).unwrap();
    world.tell(FIRST, ChannelEvent::Lid { lid: lid.clone(), phone: Life::phone(1) });
    life.until(|| async { status(&life, 1).await == DebtorStatus::OptedOut }).await;
    assert_eq!(life.store.phone_of_lid(&lid).await.unwrap(), Some(Life::phone(1)));
    life.stop().await;
}
