//! What a claim knows of promises to pay.

use whatsmassive::{
    domain::{
        campaign::{Step, Steps},
        debtor::Debtor,
        message::Settlement,
        promise::{NewPromise, PromiseStatus, Promised},
    },
    store::{CampaignPatch, Verdict},
};

use super::{
    bench::{Bench, at, audit, claim, phone, send_all, today},
    on_both,
};

/// Notes a promise for a day and says what became of it.
async fn promise(bench: &Bench, debtor: &Debtor, days: u64, status: PromiseStatus) -> Promised {
    let user = bench.user().await.id;
    let due_date = today() + chrono::Days::new(days);
    let new = NewPromise { debtor_id: debtor.id, amount: None, due_date };
    let made = bench.store.add_promise(new, user, at(1), audit()).await.unwrap();
    if status == PromiseStatus::Open {
        return Promised { status, due_date, closed_at: None };
    }
    bench.store.close_promise(made.id, status, user, at(2), audit()).await.unwrap().unwrap();
    Promised { status, due_date, closed_at: Some(at(2)) }
}

on_both! {
    async fn what_waits_for_the_day_of_a_promise_is_let_go_when_that_is_broken(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let user = bench.user().await.id;
        let hold = |_: &whatsmassive::store::Candidate| Verdict::Wait { until: at(9_000), reason: "promise_open".to_owned() };
        for (status, seconds) in [(PromiseStatus::Kept, 10), (PromiseStatus::Broken, 20), (PromiseStatus::Withdrawn, 30)] {
            let held = claim(&bench.store, &campaign, &[session], at(seconds), hold).await.held;
            let debtor_id = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap().id;
            let new = NewPromise { debtor_id, amount: None, due_date: today() };
            let made = bench.store.add_promise(new, user, at(seconds), audit()).await.unwrap();
            bench.store.close_promise(made.id, status, user, at(seconds + 1), audit()).await.unwrap().unwrap();
            let due = bench.store.next_due(campaign.pools[0], at(seconds)).await.unwrap();
            let expected = if status == PromiseStatus::Kept { at(9_000) } else { at(seconds + 1) };
            assert_eq!(due, Some(expected), "{status}");
            if status == PromiseStatus::Kept {
                assert_eq!(held.len(), 1);
                bench.run("UPDATE messages SET due_at = updated_at").await;
            }
        }
    }

    async fn a_claim_knows_what_debtors_have_promised(bench: Bench) {
        let sessions = [bench.session("Number 1").await.id, bench.session("Number 2").await.id];
        let debtors = [bench.debtor(1).await, bench.debtor(2).await];
        let draft = bench.draft(&bench.pool(&sessions).await).await;
        let follow_up = |stop_if_promised| Step::FollowUp {
            template_id: draft.template_id.0,
            body: String::new(),
            media_id: None,
            after_minutes: 1,
            stop_if_replied: false,
            stop_if_promised,
        };
        let steps = Some(Steps(vec![follow_up(true), follow_up(false)]));
        let patch = CampaignPatch { steps, ..CampaignPatch::default() };
        bench.store.update_campaign(draft.id, patch, at(0), audit()).await.unwrap();
        let campaign = bench.store.launch_campaign(draft.id, at(0), audit()).await.unwrap().campaign;
        let theirs = [
            vec![promise(&bench, &debtors[0], 0, PromiseStatus::Open).await],
            vec![
                promise(&bench, &debtors[1], 1, PromiseStatus::Open).await,
                promise(&bench, &debtors[1], 2, PromiseStatus::Kept).await,
            ],
        ];
        for status in [PromiseStatus::Broken, PromiseStatus::Withdrawn] {
            promise(&bench, &debtors[0], 3, status).await;
        }
        for step in 0..3 {
            let seconds = 10 + 100 * i64::try_from(step).unwrap();
            let mut known = Vec::new();
            let judge = |candidate: &whatsmassive::store::Candidate| {
                assert_eq!(candidate.step, step);
                let mut promises = candidate.promises.clone();
                promises.sort_by_key(|promise| promise.due_date);
                known.push((candidate.debtor.id, promises));
                send_all(candidate)
            };
            let claimed = claim(&bench.store, &campaign, &sessions, at(seconds), judge).await.claimed;
            known.sort_by_key(|(debtor, _)| *debtor);
            assert_eq!(known, [(debtors[0].id, theirs[0].clone()), (debtors[1].id, theirs[1].clone())], "{step}");
            for message in claimed {
                bench.settle(&message, Settlement::Sent, seconds).await.unwrap();
            }
        }
    }
}
