//! The ledger: nobody claims a row twice, and no state goes backwards.

use std::{collections::BTreeSet, sync::Arc};

use whatsmassive::{
    domain::{
        campaign::{CampaignStatus, Plan, Shares, Steps},
        conversation::Inbound,
        debtor::DebtorStatus,
        failure::{Cause, Doubt},
        message::{Finding, Message, MessageState, Receipt, SESSION_RESTRICTED, Settlement, WireId},
        session::DesiredState,
    },
    store::{Entry, HeldBack, MessageFilter, NewCampaign, Order, Verdict},
};

use super::{
    bench::{Bench, TOKEN, all, at, audit, claim, phone, send_all},
    on_both,
};

on_both! {
    async fn many_claims_at_once_never_give_one_row_twice(bench: Bench) {
        let (campaign, _) = bench.running(60).await;
        let mut sessions = Vec::new();
        for number in 2..8 {
            sessions.push(bench.session(&format!("Number {number}")).await.id);
        }
        let tasks: Vec<_> = sessions
            .into_iter()
            .map(|session| {
                let (store, campaign) = (bench.store.clone(), campaign.clone());
                tokio::spawn(async move {
                    let mut ids = Vec::new();
                    // An empty answer may mean that the others hold the rest for a moment.
                    while ids.len() < 10 {
                        let claim = claim(&store, &campaign, &[session], at(1), send_all).await;
                        ids.extend(claim.claimed.into_iter().map(|claimed| claimed.message_id));
                    }
                    ids
                })
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        assert_eq!(all.len(), 60);
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 60);
    }

    async fn a_claim_writes_everything_down_before_anything_is_sent(bench: Bench) {
        let (campaign, session) = bench.running(2).await;
        let state = serde_json::json!({ "round": [1], "sent": 0 });
        let order = Order { token: TOKEN, pool: campaign.pools[0], now: at(1), picks: &[session], holders: None, routing_state: Some(&state) };
        let claim = bench.store.claim(order, &mut Shares::default(), send_all).await.unwrap();
        let claimed = &claim.claimed[0];
        assert_eq!((claimed.attempts, claimed.pinned, claimed.body.as_str()), (1, false, "Hola José Núñez 0"));
        assert_eq!(bench.store.routing_state(campaign.pools[0]).await.unwrap(), Some(state.clone()));
        let key = Entry::Key { claimed: Arc::new(claimed.clone()), key: "true_x@lid_W1".to_owned() };
        assert_eq!(bench.store.record(&[key], at(1)).await.unwrap().moved, [None]);
        assert_eq!(bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap(), 1);
        let uncertain = bench.store.uncertain_of_session(session).await.unwrap();
        assert_eq!(uncertain[0].1.as_deref(), Some("true_x@lid_W1"));
        assert_eq!(uncertain[0].0.wire_id, Some(claimed.wire_id.clone()));
        assert_eq!(uncertain[0].0.body.as_deref(), Some("Hola José Núñez 0"));
    }

    async fn what_a_rule_holds_back_is_settled_in_the_claim(bench: Bench) {
        let (campaign, session) = bench.running(4).await;
        let mut seen = 0;
        let judge = |candidate: &whatsmassive::store::Candidate| {
            seen += 1;
            match seen {
                1 => Verdict::Suppress { reason: "paid".to_owned() },
                2 => Verdict::Fail { reason: "template_broken".to_owned() },
                _ => send_all(candidate),
            }
        };
        let claim = claim(&bench.store, &campaign, &[session], at(1), judge).await;
        assert_eq!((claim.claimed.len(), claim.held.len()), (1, 2));
        let counts = bench.store.message_counts(campaign.id).await.unwrap();
        let states = [MessageState::Suppressed, MessageState::Failed, MessageState::Sending, MessageState::Planned];
        assert_eq!(states.map(|state| counts.get(state)), [1, 1, 1, 1]);
    }

    async fn what_waits_is_told_by_reason_with_the_first_time_of_each(bench: Bench) {
        let (campaign, session) = bench.running(5).await;
        let mut seen = 0;
        let judge = |candidate: &whatsmassive::store::Candidate| {
            seen += 1;
            let wait = |seconds, reason: &str| Verdict::Wait { until: at(seconds), reason: reason.to_owned() };
            match seen {
                1 => wait(90, "contact_hours"),
                2 => wait(30, "contact_gap"),
                3 => wait(60, "contact_hours"),
                _ => send_all(candidate),
            }
        };
        claim(&bench.store, &campaign, &[session], at(1), judge).await;
        let held_back = bench.store.held_back(campaign.id, at(2)).await.unwrap();
        let of = |reason: &str, count, seconds| HeldBack { reason: Some(reason.to_owned()), count, until: Some(at(seconds)) };
        assert_eq!(held_back, [of("contact_hours", 2, 60), of("contact_gap", 1, 30)]);
        let doubted = MessageFilter { doubted: true, ..MessageFilter::default() };
        assert!(bench.store.messages(campaign.id, doubted, all()).await.unwrap().items.is_empty());
        let later = bench.store.held_back(campaign.id, at(45)).await.unwrap();
        assert_eq!(later, [of("contact_hours", 2, 60)], "what is due does not wait for its time");
    }

    async fn campaigns_share_a_pool_by_weight_and_priority(bench: Bench) {
        let (first, session) = bench.running(6).await;
        let draft = |name: &str, plan| NewCampaign {
            name: name.to_owned(),
            pools: first.pools.clone(),
            template_id: first.template_id,
            audience: first.audience.clone(),
            plan,
            steps: Steps::default(),
            created_by: first.created_by,
        };
        let heavy = draft("Heavy", Plan { weight: 2, ..Plan::default() });
        let urgent = draft("Urgent", Plan { priority: 1, ..Plan::default() });
        let heavy = bench.store.create_campaign(heavy, at(1), audit()).await.unwrap().id;
        bench.store.launch_campaign(heavy, at(2), audit()).await.unwrap();
        let mut picks = vec![session];
        for number in 2..7 {
            picks.push(bench.session(&format!("Number {number}")).await.id);
        }
        let mut shares = Shares::default();
        let order = Order { token: TOKEN, pool: first.pools[0], now: at(3), picks: &picks, holders: None, routing_state: None };
        let claim = bench.store.claim(order, &mut shares, send_all).await.unwrap();
        let of_heavy = claim.claimed.iter().filter(|claimed| claimed.campaign_id == heavy).count();
        assert_eq!((claim.claimed.len(), of_heavy), (6, 4));

        let urgent = bench.store.create_campaign(urgent, at(4), audit()).await.unwrap().id;
        bench.store.launch_campaign(urgent, at(5), audit()).await.unwrap();
        let order = Order { now: at(6), ..order };
        let claim = bench.store.claim(order, &mut shares, send_all).await.unwrap();
        assert!(claim.claimed.iter().all(|claimed| claimed.campaign_id == urgent), "{claim:?}");
    }

    async fn a_retry_is_due_later_and_another_session_may_take_it(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let other = bench.session("Number 2").await.id;
        let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        let retry = Settlement::Retry(Cause::Rejected.into());
        bench.settle(&claimed, retry, 2).await;
        assert!(bench.claim(&campaign, &[other], 29).await.claimed.is_empty());
        assert_eq!(bench.store.next_due(campaign.pools[0], at(2)).await.unwrap(), Some(at(30)));
        let again = bench.claim(&campaign, &[other], 30).await.claimed.remove(0);
        assert_eq!((again.session_id, again.attempts, again.pinned), (other, 2, false));
    }

    async fn what_is_proved_absent_keeps_its_id_and_session(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let other = bench.session("Number 2").await.id;
        let first = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.settle(&first, Settlement::Uncertain(Doubt::TimedOut), 2).await;
        let finished = bench.store.finish_if_settled(campaign.id, at(3)).await.unwrap().unwrap();
        assert_eq!(finished.status, CampaignStatus::Finished);
        bench.store.requeue_absent(first.message_id, 3, at(4)).await.unwrap().unwrap();
        assert_eq!(bench.store.campaign(campaign.id).await.unwrap().unwrap().status, CampaignStatus::Running);
        assert!(bench.claim(&campaign, &[other], 5).await.claimed.is_empty());
        assert_eq!(bench.store.sessions_waited_for(campaign.pools[0], at(5)).await.unwrap(), [session]);
        let again = bench.claim(&campaign, &[other, session], 5).await.claimed.remove(0);
        assert_eq!((again.session_id, &again.wire_id, again.pinned), (session, &first.wire_id, true));
        let retry = Settlement::Retry(Cause::Rejected.into());
        let waiting = bench.settle(&again, retry, 5).await.unwrap();
        assert_eq!((waiting.session_id, waiting.wire_id), (Some(session), Some(first.wire_id)));
    }

    async fn what_is_held_waits_for_its_session(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let other = bench.session("Number 2").await.id;
        let first = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.store.restrict_session(session, "new_chats_restricted", at(1), audit()).await.unwrap();
        let held = bench.settle(&first, Settlement::Hold, 2).await.unwrap();
        assert_eq!((held.state, held.reason.as_deref()), (MessageState::Queued, Some(SESSION_RESTRICTED)));
        assert_eq!((held.session_id, &held.wire_id, held.claimed_at), (Some(session), &Some(first.wire_id.clone()), None));
        assert_eq!(bench.store.let_go(campaign.pools[0], &[session]).await.unwrap(), 0);
        assert!(bench.claim(&campaign, &[other], 31).await.claimed.is_empty());
        let waiting = bench.store.held_back(campaign.id, at(31)).await.unwrap();
        assert_eq!(waiting, [HeldBack { reason: Some(SESSION_RESTRICTED.to_owned()), count: 1, until: None }]);

        let lifted = bench.store.set_desired(session, DesiredState::Running, at(32), audit()).await.unwrap().unwrap();
        assert_eq!(lifted.restriction, None);
        assert_eq!(bench.store.held_back(campaign.id, at(32)).await.unwrap(), []);
        let again = bench.claim(&campaign, &[other, session], 33).await.claimed.remove(0);
        assert_eq!((again.session_id, &again.wire_id, again.attempts), (session, &first.wire_id, 1));
    }

    async fn receipts_in_any_order_never_take_a_state_back(bench: Bench) {
        use Receipt::{Delivered, Read, Sent};
        let orders = [[Sent, Delivered, Read], [Sent, Read, Delivered], [Delivered, Sent, Read], [Delivered, Read, Sent], [Read, Sent, Delivered], [Read, Delivered, Sent]];
        let (campaign, session) = bench.running(orders.len() * 4).await;
        for order in orders {
            for settles_after in 0..=3 {
                let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
                let mut states = Vec::new();
                for step in 0..=3 {
                    if step == settles_after {
                        states.extend(bench.settle(&claimed, Settlement::Sent, 2).await);
                    }
                    if let Some(receipt) = order.get(step) {
                        for _ in 0..2 {
                            states.extend(bench.receive(&claimed.wire_id, *receipt, 3).await);
                        }
                    }
                }
                assert!(states.is_sorted_by_key(|message| message.state), "{order:?} {settles_after}");
                let last = states.last().unwrap();
                assert_eq!(last.state, MessageState::Read, "{order:?} {settles_after}");
                assert!(last.sent_at.is_some() && last.delivered_at.is_some() && last.read_at.is_some());
            }
        }
    }

    async fn a_batch_writes_what_happened_to_many_messages_in_its_order(bench: Bench) {
        let (campaign, _) = bench.running(6).await;
        let mut picks = Vec::new();
        for number in 2..8 {
            picks.push(bench.session(&format!("Number {number}")).await.id);
        }
        let claimed = bench.claim(&campaign, &picks, 1).await.claimed;
        assert_eq!(claimed.len(), 6);
        let settled = |at_: usize, settlement, seconds| Entry::Settled {
            claimed: Arc::new(claimed[at_].clone()),
            settlement,
            retry_at: at(60),
            at: at(seconds),
        };
        let receipt = |at_: usize, receipt, seconds| Entry::Receipt {
            wire_id: claimed[at_].wire_id.clone(),
            receipt,
            at: at(seconds),
        };
        let keys = claimed.iter().map(|claimed| Entry::Key { claimed: Arc::new(claimed.clone()), key: format!("k{}", claimed.message_id) });
        let news = [
            settled(0, Settlement::Sent, 2),
            receipt(0, Receipt::Delivered, 3),
            receipt(0, Receipt::Read, 4),
            receipt(1, Receipt::Delivered, 2),
            settled(1, Settlement::Sent, 3),
            settled(2, Settlement::Retry(Cause::Rejected.into()), 2),
            settled(3, Settlement::Failed(Cause::Rejected.into()), 2),
            settled(4, Settlement::Uncertain(Doubt::TimedOut), 2),
            receipt(4, Receipt::Sent, 3),
            Entry::Receipt { wire_id: WireId("nobody's".to_owned()), receipt: Receipt::Read, at: at(3) },
        ];
        let entries: Vec<Entry> = keys.chain(news).collect();
        let moved = bench.store.record(&entries, at(5)).await.unwrap().moved;
        assert_eq!(moved.len(), entries.len());
        assert!(moved[..6].iter().all(Option::is_none), "a key is no change of state");
        use MessageState::{Delivered, Failed, Queued, Read, Sending, Sent, Uncertain};
        let states: Vec<_> = moved[6..].iter().map(|moved| moved.map(|moved| moved.state)).collect();
        let news = [Some(Sent), Some(Delivered), Some(Read), Some(Delivered), None, Some(Queued), Some(Failed), Some(Uncertain), Some(Sent), None];
        assert_eq!(states, news);

        let messages = bench.store.messages(campaign.id, MessageFilter::default(), all()).await.unwrap().items;
        let messages: Vec<Message> = messages.into_iter().map(|row| row.message).collect();
        let of = |number: usize| messages.iter().find(|message| message.id == claimed[number].message_id).unwrap();
        assert_eq!([0, 1, 2, 3, 4, 5].map(|number| of(number).state), [Read, Delivered, Queued, Failed, Sent, Sending]);
        assert_eq!((of(0).sent_at, of(0).delivered_at, of(0).read_at), (Some(at(2)), Some(at(3)), Some(at(4))));
        assert_eq!((of(2).due_at, of(2).wire_id.clone(), of(2).claimed_at), (at(60), None, None));
        let history: Vec<_> = of(0).history.iter().map(|happening| happening.state).collect();
        assert_eq!(history, [Sending, Sent, Delivered, Read]);
    }

    async fn who_may_not_be_written_to_any_more_is_suppressed_in_place_of_a_key(bench: Bench) {
        let (campaign, _) = bench.running(3).await;
        let mut picks = Vec::new();
        for number in 2..5 {
            picks.push(bench.session(&format!("Number {number}")).await.id);
        }
        let claimed: Vec<_> = bench.claim(&campaign, &picks, 1).await.claimed.into_iter().map(Arc::new).collect();
        bench.store.set_debtor_status(claimed[0].debtor_id, DebtorStatus::Disputed, at(2), audit()).await.unwrap();
        bench.store.suppress(&claimed[1].phone, "opted_out", None, at(2), audit()).await.unwrap();
        let keys: Vec<Entry> = claimed.iter().map(|claimed| Entry::Key { claimed: Arc::clone(claimed), key: format!("k{}", claimed.message_id) }).collect();
        let moved = bench.store.record(&keys, at(3)).await.unwrap().moved;
        let states: Vec<_> = moved.iter().map(|moved| moved.map(|moved| moved.state)).collect();
        assert_eq!(states, [Some(MessageState::Suppressed), Some(MessageState::Suppressed), None]);
        assert_eq!(bench.store.record(&keys, at(4)).await.unwrap().moved, [None, None, None], "once is enough");
        let messages = bench.store.messages(campaign.id, MessageFilter::default(), all()).await.unwrap().items;
        for (claimed, reason) in claimed.iter().zip([Some("disputed"), Some("suppressed_number"), None]) {
            let message = messages.iter().map(|row| &row.message).find(|message| message.id == claimed.message_id).unwrap();
            assert_eq!((message.reason.as_deref(), message.claimed_at.is_none()), (reason, reason.is_some()), "{message:?}");
            let last = message.history.last().unwrap();
            let state = if reason.is_some() { MessageState::Suppressed } else { MessageState::Sending };
            assert_eq!((last.state, last.reason.as_deref(), last.session_id), (state, reason, Some(claimed.session_id)));
        }
    }

    async fn what_only_a_deleted_session_may_repeat_is_for_a_person_to_decide(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
        let requeued = bench.store.requeue_absent(claimed.message_id, 3, at(3)).await.unwrap().unwrap();
        assert_eq!((requeued.state, requeued.session_id), (MessageState::Queued, Some(session)));
        let moved = bench.store.strand(campaign.pools[0], at(4)).await.unwrap();
        assert!(moved.is_empty(), "its session is there");
        bench.run("DELETE FROM pool_members").await;
        assert!(bench.store.delete_session(session, at(5), audit()).await.unwrap());
        let messages = bench.store.messages(campaign.id, MessageFilter::default(), all()).await.unwrap().items;
        let message = &messages[0].message;
        assert_eq!((message.state, message.reason.as_deref()), (MessageState::Uncertain, Some("session_left")));
        assert_eq!(message.wire_id, Some(claimed.wire_id));
        let other = bench.session("Number 2").await.id;
        assert_eq!(bench.claim(&campaign, &[other], 6).await.claimed.len(), 0);
        let again = bench.store.decide_uncertain(message.id, Finding::SendAgain, at(7), audit()).await.unwrap().unwrap();
        assert_eq!((again.state, again.wire_id), (MessageState::Queued, None));
    }

    async fn a_receipt_proves_that_an_uncertain_message_was_sent(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.store.mark_sending_uncertain(Some(session), Doubt::ServerError, at(2)).await.unwrap();
        let proved = bench.receive(&claimed.wire_id, Receipt::Sent, 3).await.unwrap();
        assert_eq!((proved.state, proved.reason), (MessageState::Sent, None));
        assert!(bench.store.requeue_absent(claimed.message_id, 3, at(4)).await.unwrap().is_none());
        let unknown = WireId("nobody's".to_owned());
        assert!(bench.receive(&unknown, Receipt::Read, 4).await.is_none());
    }

    async fn a_text_that_comes_twice_is_stored_once(bench: Bench) {
        let session = bench.session("Number 1").await.id;
        let debtor = bench.debtor(1).await;
        let inbound = Inbound { from: phone(1), wire_id: "IN1".to_owned(), body: "Hola".to_owned(), media: None, at: at(1) };
        let id = bench.store.record_inbound(session, &inbound, at(2)).await.unwrap().unwrap();
        assert!(bench.store.record_inbound(session, &inbound, at(3)).await.unwrap().is_none());
        let conversation = bench.store.conversation(id).await.unwrap().unwrap();
        assert_eq!((conversation.debtor_id, conversation.last_message_at), (Some(debtor.id), at(2)));
        assert_eq!(bench.store.conversation_texts(id).await.unwrap(), ["Hola"]);
    }
}

/// On SQLite a claim decides before its transaction begins. PostgreSQL has locked by then what it decides on.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_a_claim_decides_is_not_sent() {
    let bench = Bench::sqlite().await;
    let (campaign, session) = bench.running(4).await;
    let meanwhile = |statement: String| {
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(bench.run(&statement)));
    };
    let mut seen = Vec::new();
    let cancelled = claim(&bench.store, &campaign, &[session], at(1), |candidate| {
        if seen.is_empty() {
            meanwhile(format!("UPDATE messages SET state = 'cancelled' WHERE id = {}", candidate.message_id));
        }
        seen.push(candidate.message_id);
        send_all(candidate)
    })
    .await;
    assert_eq!(seen.len(), 2, "another one takes its place");
    assert_eq!(cancelled.claimed.iter().map(|claimed| claimed.message_id).collect::<Vec<_>>(), seen[1..]);
    let paused = claim(&bench.store, &campaign, &[session], at(2), |candidate| {
        meanwhile("UPDATE campaigns SET status = 'paused'".to_owned());
        send_all(candidate)
    })
    .await;
    assert!(paused.claimed.is_empty() && paused.held.is_empty(), "{paused:?}");
    let counts = bench.store.message_counts(campaign.id).await.unwrap();
    let states = [MessageState::Cancelled, MessageState::Sending, MessageState::Planned];
    assert_eq!(states.map(|state| counts.get(state)), [1, 1, 2]);
}
