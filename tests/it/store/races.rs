//! Two changes at once: whichever comes first, neither undoes the other.

use std::sync::Arc;

use futures::future::join_all;
use whatsmassive::{
    domain::{
        campaign::{Campaign, CampaignAction, CampaignStatus},
        debtor::DebtorStatus,
        failure::{Cause, Doubt},
        message::{MessageState, Settlement},
    },
    store::{Claimed, DebtorPatch, Entry, PoolPatch},
};

use super::{
    bench::{Bench, at, audit, details},
    on_both,
};

/// A running campaign with `messages` on their way, one on each of as many sessions.
async fn sending(bench: &Bench, messages: usize) -> (Campaign, Vec<Claimed>) {
    let (campaign, _) = bench.running(messages).await;
    let mut picks = Vec::new();
    for number in 0..messages {
        picks.push(bench.session(&format!("Sender {number}")).await.id);
    }
    let members = Some(picks.iter().map(|&session| session.into()).collect());
    let patch = PoolPatch { members, ..PoolPatch::default() };
    bench.store.update_pool(campaign.pools[0], patch, at(0), audit()).await.unwrap();
    let claim = bench.claim(&campaign, &picks, 1).await;
    assert_eq!(claim.claimed.len(), messages);
    (campaign, claim.claimed)
}

on_both! {
    async fn a_correction_never_brings_back_who_opts_out_meanwhile(bench: Bench) {
        let store = &bench.store;
        let mut ids = Vec::new();
        for number in 0..40 {
            ids.push(bench.debtor(number).await.id);
        }
        join_all(ids.iter().map(|&id| async move {
            let correction = DebtorPatch { name: Some("Corrected".to_owned()), ..DebtorPatch::default() };
            let (corrected, out) = tokio::join!(
                store.update_debtor(id, correction, at(1), audit()),
                store.set_debtor_status(id, DebtorStatus::OptedOut, at(1), audit()),
            );
            corrected.unwrap();
            out.unwrap();
        }))
        .await;
        for id in ids {
            let debtor = store.debtor(id).await.unwrap().unwrap();
            assert_eq!((debtor.status, debtor.details.name.as_str()), (DebtorStatus::OptedOut, "Corrected"));
        }
    }

    async fn an_import_never_brings_back_who_opts_out_meanwhile(bench: Bench) {
        let store = &bench.store;
        let mut rows: Vec<_> = (0..400).map(details).collect();
        store.upsert_debtors(&rows, true, None, at(0), audit(), |_| {}).await.unwrap();
        let mut ids = Vec::new();
        for row in rows.iter().rev().take(40) {
            ids.push(store.debtor_by_phone(&row.phone).await.unwrap().unwrap().id);
        }
        rows.iter_mut().for_each(|row| row.name = "Imported".to_owned());
        let opt_outs = join_all(
            ids.iter().map(|&id| store.set_debtor_status(id, DebtorStatus::OptedOut, at(1), audit())),
        );
        let (imported, out) = tokio::join!(store.upsert_debtors(&rows, true, None, at(1), audit(), |_| {}), opt_outs);
        assert_eq!(imported.unwrap().updated, 400);
        assert!(out.into_iter().all(|debtor| debtor.is_ok()));
        for id in ids {
            let debtor = store.debtor(id).await.unwrap().unwrap();
            assert_eq!((debtor.status, debtor.details.name.as_str()), (DebtorStatus::OptedOut, "Imported"));
        }
    }

    async fn no_retry_survives_a_cancel(bench: Bench) {
        let (campaign, claimed) = sending(&bench, 40).await;
        let retry = Settlement::Retry(Cause::Rejected.into());
        let entries = claimed.into_iter().map(Arc::new).map(|claimed| Entry::Settled {
            claimed,
            settlement: retry.clone(),
            retry_at: at(9),
            at: at(2),
        });
        let retries = join_all(entries.map(|entry| {
            let store = bench.store.clone();
            async move { store.record(&[entry], at(2)).await }
        }));
        let cancel = bench.store.transition_campaign(campaign.id, CampaignAction::Cancel, None, at(2), audit());
        let (retried, cancelled) = tokio::join!(retries, cancel);
        assert!(retried.into_iter().all(|moved| moved.is_ok()));
        cancelled.unwrap();
        let counts = bench.store.message_counts(campaign.id).await.unwrap();
        assert_eq!(counts.get(MessageState::Cancelled), 40);
    }

    async fn no_campaign_finishes_over_a_message_that_waits_again(bench: Bench) {
        let (campaign, claimed) = sending(&bench, 40).await;
        bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
        let absent = join_all(claimed.iter().map(|claimed| async {
            let (queued, finished) = tokio::join!(
                bench.store.requeue_absent(claimed.message_id, 3, at(3)),
                bench.store.finish_if_settled(campaign.id, at(3)),
            );
            assert_eq!(queued.unwrap().unwrap().state, MessageState::Queued);
            finished.unwrap();
        }));
        absent.await;
        let after = bench.store.campaign(campaign.id).await.unwrap().unwrap();
        assert_eq!((after.status, after.ended_at), (CampaignStatus::Running, None));
    }
}
