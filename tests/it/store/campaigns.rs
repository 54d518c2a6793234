//! Campaigns: what a launch freezes, and who may change what when.

use whatsmassive::{
    domain::{
        campaign::{Audience, CampaignAction, CampaignStatus},
        debtor::DebtorStatus,
        failure::{Cause, Doubt},
        id::CampaignId,
        message::{Finding, MessageState, Receipt, Settlement},
    },
    store::{Passage, StoreError, Timeline},
};

use super::{
    bench::{Bench, all, at, audit, phone},
    on_both,
};

on_both! {
    async fn nothing_of_a_deleted_campaign_goes_out_any_more(bench: Bench) {
        let (campaign, session) = bench.running(2).await;
        let one = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        let two = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        bench.store.mark_sending_uncertain(None, Doubt::ServerStopped, at(2)).await.unwrap();
        bench.store.finish_if_settled(campaign.id, at(3)).await.unwrap().unwrap();
        assert!(bench.store.hide_campaign(campaign.id, at(4), audit()).await.unwrap());
        let absent = bench.store.requeue_absent(one.message_id, 3, at(5)).await.unwrap().unwrap();
        assert_eq!(absent.state, MessageState::Cancelled);
        let decided = bench.store.decide_uncertain(two.message_id, Finding::SendAgain, at(6), audit()).await.unwrap().unwrap();
        assert_eq!(decided.state, MessageState::Cancelled);
        assert!(bench.claim(&campaign, &[session], 7).await.claimed.is_empty());
    }

    async fn a_launch_freezes_text_and_audience(bench: Bench) {
        let session = bench.session("Number 1").await.id;
        for number in 0..5 {
            bench.debtor(number).await;
        }
        let out = bench.debtor(5).await;
        bench.store.set_debtor_status(out.id, DebtorStatus::OptedOut, at(0), audit()).await.unwrap();
        let draft = bench.draft(&bench.pool(&[session]).await).await;
        assert_eq!(bench.store.audience_count(&draft.audience, at(0).date_naive()).await.unwrap(), 5);
        assert_eq!(bench.store.audience_count(&Audience::default(), at(0).date_naive()).await.unwrap(), 5);
        let launched = bench.store.launch_campaign(draft.id, at(1), audit()).await.unwrap();
        assert_eq!((launched.planned, launched.campaign.body.as_str()), (5, "Hola {{ name }}"));
        bench.debtor(6).await;
        let counts = bench.store.message_counts(draft.id).await.unwrap();
        assert_eq!((counts.total(), counts.get(MessageState::Planned)), (5, 5));
        let again = bench.store.launch_campaign(draft.id, at(2), audit()).await;
        assert!(matches!(again, Err(StoreError::IllegalAction(_))));
    }

    async fn of_two_launches_at_once_one_wins(bench: Bench) {
        let session = bench.session("Number 1").await.id;
        bench.debtor(1).await;
        let draft = bench.draft(&bench.pool(&[session]).await).await;
        let launch = || {
            let (store, id) = (bench.store.clone(), draft.id);
            tokio::spawn(async move { store.launch_campaign(id, at(1), audit()).await.is_ok() })
        };
        let (one, two) = (launch(), launch());
        assert!(one.await.unwrap() ^ two.await.unwrap());
        assert_eq!(bench.store.message_counts(draft.id).await.unwrap().total(), 1);
    }

    async fn a_launch_to_nobody_or_through_nobody_changes_nothing(bench: Bench) {
        let session = bench.session("Number 1").await.id;
        let draft = bench.draft(&bench.pool(&[session]).await).await;
        assert!(matches!(bench.store.launch_campaign(draft.id, at(1), audit()).await, Err(StoreError::EmptyAudience)));
        bench.debtor(1).await;
        let empty = bench.draft(&bench.pool(&[]).await).await;
        assert!(matches!(bench.store.launch_campaign(empty.id, at(1), audit()).await, Err(StoreError::EmptyPool)));
        for id in [draft.id, empty.id] {
            assert_eq!(bench.store.campaign(id).await.unwrap().unwrap().status, CampaignStatus::Draft);
            assert_eq!(bench.store.message_counts(id).await.unwrap().total(), 0);
        }
    }

    async fn a_cancel_cancels_what_waits_and_what_comes_back(bench: Bench) {
        let (campaign, session) = bench.running(3).await;
        let claimed = bench.claim(&campaign, &[session], 1).await.claimed.remove(0);
        let cancelled = bench.store.transition_campaign(campaign.id, CampaignAction::Cancel, None, at(2), audit()).await.unwrap();
        assert_eq!((cancelled.status, cancelled.ended_at), (CampaignStatus::Cancelled, Some(at(2))));
        let counts = bench.store.message_counts(campaign.id).await.unwrap();
        assert_eq!((counts.get(MessageState::Cancelled), counts.get(MessageState::Sending)), (2, 1));
        let retry = Settlement::Retry(Cause::Rejected.into());
        let settled = bench.settle(&claimed, retry, 3).await.unwrap();
        assert_eq!(settled.state, MessageState::Cancelled);
        assert!(bench.claim(&campaign, &[session], 20).await.claimed.is_empty());
    }

    async fn a_paused_campaign_gives_nothing_and_a_settled_one_finishes(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        bench.store.transition_campaign(campaign.id, CampaignAction::Pause, None, at(1), audit()).await.unwrap();
        assert!(bench.claim(&campaign, &[session], 2).await.claimed.is_empty());
        assert!(bench.store.finish_if_settled(campaign.id, at(2)).await.unwrap().is_none());
        bench.store.transition_campaign(campaign.id, CampaignAction::Resume, None, at(3), audit()).await.unwrap();
        let claimed = bench.claim(&campaign, &[session], 4).await.claimed.remove(0);
        assert!(bench.store.finish_if_settled(campaign.id, at(5)).await.unwrap().is_none());
        bench.settle(&claimed, Settlement::Sent, 6).await;
        let finished = bench.store.finish_if_settled(campaign.id, at(7)).await.unwrap().unwrap();
        assert_eq!((finished.status, finished.ended_at), (CampaignStatus::Finished, Some(at(7))));
    }

    async fn a_session_that_a_running_campaign_needs_stays(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        assert!(matches!(bench.store.delete_session(session, at(1), audit()).await, Err(StoreError::InUse(_))));
        bench.store.transition_campaign(campaign.id, CampaignAction::Cancel, None, at(2), audit()).await.unwrap();
        assert!(bench.store.delete_session(session, at(3), audit()).await.unwrap());
    }

    async fn numbers_add_up(bench: Bench) {
        let (campaign, session) = bench.running(4).await;
        assert_eq!(bench.store.timeline(campaign.id).await.unwrap(), Timeline::default());
        let mut last = None;
        for seconds in 1..=2 {
            let claimed = bench.claim(&campaign, &[session], seconds).await.claimed.remove(0);
            bench.settle(&claimed, Settlement::Sent, seconds).await;
            last = Some(claimed.wire_id);
        }
        let shares = bench.store.session_shares(campaign.id).await.unwrap();
        assert_eq!((shares.len(), shares[0].counts.get(MessageState::Sent)), (1, 2));
        let timeline = bench.store.timeline(campaign.id).await.unwrap();
        assert_eq!((timeline.width, timeline.spans.len(), timeline.spans[0].sent), (10, 1, 2));
        bench.receive(&last.unwrap(), Receipt::Read, 100).await;
        let timeline = bench.store.timeline(campaign.id).await.unwrap();
        assert_eq!((timeline.spans.len(), timeline.spans[10].read), (11, 1));
        assert_eq!(timeline.spans.iter().map(|span| (span.sent, span.failed)).max(), Some((2, 0)));
        let statistics = bench.store.statistics(at(10)).await.unwrap();
        assert_eq!(statistics.hours.len(), 24);
        assert_eq!(statistics.hours.iter().map(|hour| hour.sent).sum::<u64>(), 2);
        assert_eq!(statistics.campaigns.get(&CampaignStatus::Running), Some(&1));
        assert_eq!(bench.store.campaigns(Some(CampaignStatus::Running), all()).await.unwrap().items.len(), 1);
    }

    async fn a_forecast_rests_on_what_has_left_of_that_campaign_lately(bench: Bench) {
        let (campaign, session) = bench.running(3).await;
        assert!(bench.store.passage(campaign.id, at(0)).await.unwrap().departures.is_empty());
        for seconds in [10, 20] {
            let claimed = bench.claim(&campaign, &[session], seconds).await.claimed.remove(0);
            bench.settle(&claimed, Settlement::Sent, seconds).await;
        }
        let passage = bench.store.passage(campaign.id, at(5)).await.unwrap();
        assert_eq!((passage.departures, passage.last), (vec![at(20), at(10)], Some(phone(1))));
        assert!(passage.due.is_some_and(|(first, last)| first == last && first <= at(10)), "one waits");
        assert_eq!(bench.store.passage(campaign.id, at(15)).await.unwrap().departures, [at(20)]);
        assert_eq!(bench.store.passage(CampaignId(99), at(0)).await.unwrap(), Passage::default());
    }
}
