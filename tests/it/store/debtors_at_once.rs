//! Many debtors at once: tags, status, suppression; and segments, which mean many.

use whatsmassive::{
    domain::{campaign::Audience, debtor::DebtorStatus, debtor_filter::DebtorFilter, id::SegmentId},
    store::{DebtorsChange, DebtorsChanged, Happened, StoreError, Whom},
};

use super::{
    bench::{Bench, all, at, audit, phone, today},
    on_both,
};

fn tagged(tag: &str) -> DebtorFilter {
    DebtorFilter { tags: vec![tag.to_owned()], ..DebtorFilter::default() }
}

async fn do_to(bench: &Bench, whom: Whom, change: DebtorsChange) -> (u64, u64, u64) {
    let user = bench.user().await;
    let done = bench.store.change_debtors(&whom, &change, user.id, at(9), audit()).await.unwrap();
    let DebtorsChanged { meant, changed, left_out } = done;
    (meant, changed, left_out)
}

on_both! {
    async fn many_are_changed_at_once(bench: Bench) {
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(bench.debtor(number).await.id);
        }
        let those = |ids: &[_]| Whom::These(ids.to_vec());
        let of = |tag: &str| Whom::Matching(Box::new(tagged(tag)), today());
        let add = |tag: &str| DebtorsChange::AddTag(tag.to_owned());
        assert_eq!(do_to(&bench, those(&ids[..3]), add("vip")).await, (3, 3, 0));
        assert_eq!(do_to(&bench, of("all"), add("vip")).await, (5, 2, 0), "who has it already is as before");
        assert_eq!(do_to(&bench, those(&ids[..1]), DebtorsChange::RemoveTag("vip".to_owned())).await, (1, 1, 0));
        assert_eq!(do_to(&bench, of("vip"), DebtorsChange::RemoveTag("vip".to_owned())).await, (4, 4, 0));
        assert_eq!(bench.store.debtor_tags().await.unwrap(), [("all".to_owned(), 5)]);

        bench.store.set_debtor_status(ids[0], DebtorStatus::OptedOut, at(1), audit()).await.unwrap();
        bench.store.set_debtor_status(ids[1], DebtorStatus::Paid, at(1), audit()).await.unwrap();
        let paid = DebtorsChange::SetStatus { status: DebtorStatus::Paid, reason: Some("settled in court".to_owned()) };
        assert_eq!(do_to(&bench, of("all"), paid).await, (5, 3, 1));
        for (id, status) in [(ids[0], DebtorStatus::OptedOut), (ids[4], DebtorStatus::Paid)] {
            assert_eq!(bench.store.debtor(id).await.unwrap().unwrap().status, status);
        }
        let timeline = bench.store.debtor_timeline(ids[4], all()).await.unwrap().items;
        let noted = Happened::Status {
            status: DebtorStatus::Paid,
            author: Some("tester".to_owned()),
            reason: Some("settled in court".to_owned()),
        };
        assert_eq!(timeline.into_iter().map(|event| event.what).collect::<Vec<_>>(), [noted]);
        let out = DebtorsChange::SetStatus { status: DebtorStatus::OptedOut, reason: None };
        assert_eq!(do_to(&bench, of("all"), out).await, (5, 4, 0));

        bench.store.set_debtor_status(ids[0], DebtorStatus::Deceased, at(10), audit()).await.unwrap();
        bench.store.set_debtor_status(ids[1], DebtorStatus::Disputed, at(10), audit()).await.unwrap();
        let active = |reason: Option<&str>| DebtorsChange::SetStatus { status: DebtorStatus::Active, reason: reason.map(str::to_owned) };
        assert_eq!(do_to(&bench, of("all"), active(None)).await, (5, 0, 5), "a legal stop ends for a reason only");
        assert_eq!(do_to(&bench, of("all"), active(Some("mistaken"))).await, (5, 2, 3), "and an opt-out one by one");
        bench.store.set_debtor_status(ids[0], DebtorStatus::OptedOut, at(11), audit()).await.unwrap();

        let suppress = || DebtorsChange::Suppress { reason: "court order".to_owned() };
        assert_eq!(do_to(&bench, those(&ids[..2]), suppress()).await, (2, 2, 0));
        assert_eq!(do_to(&bench, of("all"), suppress()).await, (5, 3, 0));
        let suppression = bench.store.suppression(&phone(0)).await.unwrap().unwrap();
        assert_eq!((suppression.reason.as_str(), suppression.created_by.is_some()), ("court order", true));
        let trail = bench.store.audit_trail(&all()).await.unwrap().items;
        assert_eq!((&trail[0].detail["meant"], &trail[0].detail["changed"]), (&5.into(), &3.into()));
    }

    async fn a_campaign_has_a_segment_for_its_audience(bench: Bench) {
        let session = bench.session("Number 1").await.id;
        for number in 0..6 {
            bench.debtor(number).await;
        }
        let user = bench.user().await;
        let search = DebtorFilter { search: Some("cr-1".to_owned()), ..DebtorFilter::default() };
        let segment = bench.store.create_segment("Ones", &search, user.id, at(0), audit()).await.unwrap();
        assert_eq!(bench.store.segments().await.unwrap(), std::slice::from_ref(&segment));
        let twin = bench.store.create_segment("Ones", &search, user.id, at(0), audit()).await;
        assert!(matches!(twin, Err(StoreError::Unique { constraint: "segments_name" })));
        let audience = Audience { tags: vec!["all".to_owned()], segment: Some(segment.id) };
        assert_eq!(bench.store.audience_count(&audience, today()).await.unwrap(), 1);
        assert_eq!(bench.store.audience_people(&audience, today(), None, 10).await.unwrap().len(), 1);
        let draft = bench.draft(&bench.pool(&[session]).await).await;
        let patch = whatsmassive::store::CampaignPatch { audience: Some(audience.clone()), ..Default::default() };
        let draft = bench.store.update_campaign(draft.id, patch, at(1), audit()).await.unwrap();
        assert_eq!(draft.audience, audience);
        assert!(matches!(bench.store.delete_segment(segment.id, at(2), audit()).await, Err(StoreError::InUse(_))));

        // The list and the launch mean the same debtors, as they are then.
        let wider = DebtorFilter { search: Some("cr".to_owned()), ..DebtorFilter::default() };
        let out = bench.store.debtor_by_phone(&phone(2)).await.unwrap().unwrap();
        bench.store.set_debtor_status(out.id, DebtorStatus::OptedOut, at(2), audit()).await.unwrap();
        let changed = bench.store.change_segment(segment.id, "All", &wider, at(3), audit()).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), &changed.filter), ("All", &wider));
        let launched = bench.store.launch_campaign(draft.id, at(4), audit()).await.unwrap();
        assert_eq!(launched.planned, 5);
        assert!(bench.store.delete_segment(segment.id, at(5), audit()).await.unwrap());
        assert!(!bench.store.delete_segment(SegmentId(99), at(5), audit()).await.unwrap());
        let gone = bench.store.audience_count(&audience, today()).await;
        assert!(matches!(gone, Err(StoreError::Foreign)), "a segment that is gone is not everybody");
    }
}
