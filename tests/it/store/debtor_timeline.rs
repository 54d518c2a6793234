//! The page of one debtor: notes, promises and the timeline.

use whatsmassive::{
    domain::{
        audit::AuditEntry,
        conversation::Inbound,
        debt::Debt,
        debtor::{DebtorDetails, DebtorStatus},
        duplicates::Duplicates,
        id::PromiseId,
        media::{Fetched, InboundMedia, MediaFile, MediaKind},
        message::{MessageState, Settlement},
        money::Money,
        promise::{NewPromise, PromiseStatus},
    },
    store::{DebtChange, DebtorEvent, DebtorPatch, DebtorsChange, Happened, InboundFile, Page, StoreError, Whom},
};

use super::{
    bench::{Bench, all, at, audit, details, phone, today},
    imports::{file, new_import},
    on_both,
};

fn kind(event: &DebtorEvent) -> &'static str {
    match event.what {
        Happened::Message(_) => "message",
        Happened::Inbound { .. } => "inbound",
        Happened::Note { .. } => "note",
        Happened::Promise(_) => "promise",
        Happened::Status { .. } => "status",
        Happened::Suppression { lifted: false, .. } => "suppressed",
        Happened::Suppression { lifted: true, .. } => "lifted",
        Happened::Debt { change, .. } => change.as_str(),
        Happened::SecondPhone { .. } => "second_phone",
        Happened::Import { .. } => "import",
    }
}

on_both! {
    async fn changes_of_the_list_and_of_debts_are_in_the_line(bench: Bench) {
        let (store, user) = (&bench.store, bench.user().await);
        let debtor = bench.debtor(0).await;
        let entry = |action, detail| AuditEntry { actor: Some(user.id), action, subject: format!("debtor:{}", debtor.id), detail };
        let of_phone = |action| AuditEntry {
            subject: "phone:…000".to_owned(),
            ..entry(action, serde_json::json!({ "reason": "court order" }))
        };
        store.suppress(&phone(0), "court order", Some(user.id), at(10), of_phone("suppression.add")).await.unwrap();
        store.unsuppress(&phone(0), at(11), of_phone("suppression.lift")).await.unwrap();
        let all_at_once = DebtorsChange::Suppress { reason: "again".to_owned() };
        let whom = Whom::These(vec![debtor.id]);
        store.change_debtors(&whom, &all_at_once, user.id, at(12), audit()).await.unwrap();
        store.change_debtors(&whom, &all_at_once, user.id, at(13), audit()).await.unwrap();
        let debt = Debt { reference: Some("TC-9".to_owned()), ..Debt::default() };
        let added = serde_json::json!({ "reference": "TC-9" });
        let added = store.add_debt(debtor.id, debt, at(14), entry("debt.add", added)).await.unwrap().unwrap();
        store.remove_debt(added.id, at(15), entry("debt.remove", serde_json::json!({ "reference": "TC-9" }))).await.unwrap();
        let patch = DebtorPatch { due_date: Some(Some(today())), name: Some("Ana".to_owned()), ..DebtorPatch::default() };
        store.update_debtor(debtor.id, patch, at(16), entry("debtor.change", serde_json::json!({}))).await.unwrap();

        let import = store.create_import(new_import("b.csv", user.id), at(17)).await.unwrap();
        let mut begun = store.begin_import(import, Duplicates::all(true), at(17)).await.unwrap();
        begun.put(&file(&[DebtorDetails { name: "Ana Ruiz".to_owned(), ..details(0) }])).await.unwrap();
        begun.finish(serde_json::json!({}), serde_json::json!({}), vec![audit()]).await.unwrap();

        let whole = store.debtor_timeline(debtor.id, all()).await.unwrap().items;
        let kinds: Vec<_> = whole.iter().map(kind).collect();
        assert_eq!(kinds, ["import", "changed", "removed", "added", "suppressed", "lifted", "suppressed"]);
        let Happened::Import { import: (_, name), changes } = &whole[0].what else { panic!("{whole:?}") };
        assert_eq!((name.as_str(), changes.len()), ("b.csv", 1));
        let changed = Happened::Debt {
            change: DebtChange::Changed,
            reference: Some("CR-0".to_owned()),
            changed: vec!["due_date".to_owned()],
            author: Some(user.name.clone()),
        };
        assert_eq!(whole[1].what, changed);
        let suppressed =
            Happened::Suppression { lifted: false, author: Some(user.name.clone()), reason: Some("court order".to_owned()) };
        assert_eq!(whole[6].what, suppressed);

        store.undo_import(import, at(18), audit()).await.unwrap().unwrap();
        let whole = store.debtor_timeline(debtor.id, all()).await.unwrap().items;
        assert_eq!(whole.iter().map(kind).collect::<Vec<_>>(), kinds[1..], "what was taken back has changed nothing");
    }

    async fn all_that_happened_is_in_one_line(bench: Bench) {
        let (campaign, session) = bench.running(2).await;
        let user = bench.user().await;
        let debtor = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap();
        let claimed = bench.claim(&campaign, &[session], 10).await.claimed.remove(0);
        assert_eq!(claimed.debtor_id, debtor.id);
        bench.settle(&claimed, Settlement::Sent, 11).await.unwrap();
        let text = Inbound { from: phone(0), wire_id: "A".to_owned(), body: "Pago mañana".to_owned(), media: None, at: at(20) };
        bench.store.record_inbound(session, &text, at(20)).await.unwrap().unwrap();
        bench.store.add_debtor_note(debtor.id, "Called", user.id, at(30), audit()).await.unwrap();
        let amount = Some(Money { minor: 5_000, currency: "COP".parse().unwrap() });
        let new = NewPromise { debtor_id: debtor.id, amount, due_date: today() };
        bench.store.add_promise(new, user.id, at(30), audit()).await.unwrap();
        let entry = AuditEntry {
            actor: Some(user.id),
            action: "debtor.status",
            subject: format!("debtor:{}", debtor.id),
            detail: serde_json::json!({ "status": "disputed", "reason": "says it is paid" }),
        };
        bench.store.set_debtor_status(debtor.id, DebtorStatus::Disputed, at(40), entry).await.unwrap();

        let whole = bench.store.debtor_timeline(debtor.id, all()).await.unwrap();
        assert_eq!(whole.items.iter().map(kind).collect::<Vec<_>>(), ["status", "note", "promise", "inbound", "message"]);
        assert_eq!(whole.items.iter().map(|event| event.at).collect::<Vec<_>>(), [40, 30, 30, 20, 10].map(at));
        assert_eq!(whole.next_cursor, None);
        let status = Happened::Status {
            status: DebtorStatus::Disputed,
            author: Some("tester".to_owned()),
            reason: Some("says it is paid".to_owned()),
        };
        assert_eq!(whole.items[0].what, status);
        assert_eq!(whole.items[1].what, Happened::Note { author: "tester".to_owned(), body: "Called".to_owned() });
        let inbound =
            Happened::Inbound { session: Some("Number 1".to_owned()), body: "Pago mañana".to_owned(), file: None };
        assert_eq!(whole.items[3].what, inbound);
        let Happened::Message(message) = &whole.items[4].what else { panic!("{whole:?}") };
        assert_eq!((message.state, message.campaign.0), (MessageState::Sent, campaign.id));
        assert_eq!(message.session.as_deref(), Some("Number 1"));

        for limit in 1..=3 {
            let (mut seen, mut page) = (Vec::new(), Page { limit, cursor: None });
            loop {
                let part = bench.store.debtor_timeline(debtor.id, page.clone()).await.unwrap();
                seen.extend(part.items);
                let Some(next) = part.next_cursor else { break };
                page.cursor = Some(next);
            }
            assert_eq!(seen, whole.items, "{limit} at a time");
        }
        let other = bench.store.debtor_by_phone(&phone(1)).await.unwrap().unwrap();
        assert_eq!(bench.store.debtor_timeline(other.id, all()).await.unwrap().items, [], "what is planned has not happened");
        assert_eq!(bench.store.last_contact(debtor.id).await.unwrap(), Some(at(10)));
        let heard = bench.store.debtor(debtor.id).await.unwrap().unwrap().last_heard_at;
        assert_eq!(heard, Some(at(20)));
    }

    async fn a_file_is_told_with_its_text(bench: Bench) {
        let (debtor, session) = (bench.debtor(1).await, bench.session("Number 1").await.id);
        for number in 1..=3 {
            let media = InboundMedia {
                wire_key: format!("key-{number}"),
                kind: MediaKind::Image,
                file_name: String::new(),
            };
            let body = if number == 1 { "Mi comprobante".to_owned() } else { String::new() };
            let inbound =
                Inbound { from: phone(1), wire_id: format!("IN{number}"), body, media: Some(media), at: at(number) };
            bench.store.record_inbound(session, &inbound, at(number)).await.unwrap().unwrap();
        }
        let expected = bench.store.expected_media(session).await.unwrap();
        let picture = MediaFile {
            kind: MediaKind::Image,
            mime_type: "image/jpeg".to_owned(),
            file_name: String::new(),
            content: b"a picture".as_slice().into(),
        };
        bench.store.keep_inbound_media(expected[0].message, &picture, at(4)).await.unwrap();
        bench.store.miss_inbound_media(expected[1].message, Fetched::TooLarge).await.unwrap();

        let told = bench.store.debtor_timeline(debtor.id, all()).await.unwrap().items;
        let files = told.into_iter().map(|event| match event.what {
            Happened::Inbound { body, file: Some(file), .. } => (body, file),
            other => panic!("{other:?}"),
        });
        let files: Vec<(String, InboundFile)> = files.collect();
        assert_eq!(
            files.iter().map(|(body, file)| (body.as_str(), file.state)).collect::<Vec<_>>(),
            [("", Fetched::Waiting), ("", Fetched::TooLarge), ("Mi comprobante", Fetched::Kept)]
        );
        assert!(files[0].1.media.is_none() && files[1].1.media.is_none());
        let kept = files[2].1.media.as_ref().unwrap();
        assert_eq!((kept.kind, kept.size), (MediaKind::Image, 9));
        assert_eq!(bench.store.media_file(kept.id).await.unwrap().unwrap(), picture);
    }

    async fn a_promise_is_closed_once(bench: Bench) {
        let (debtor, user) = (bench.debtor(1).await, bench.user().await);
        let new = |days| NewPromise {
            debtor_id: debtor.id,
            amount: None,
            due_date: today() + chrono::Days::new(days),
        };
        let later = bench.store.add_promise(new(2), user.id, at(0), audit()).await.unwrap();
        let sooner = bench.store.add_promise(new(1), user.id, at(1), audit()).await.unwrap();
        assert_eq!(bench.store.promise(later.id).await.unwrap().as_ref(), Some(&later));
        assert_eq!(bench.store.open_promises(debtor.id).await.unwrap(), [sooner.clone(), later.clone()]);
        assert!(!sooner.is_late(sooner.due_date) && sooner.is_late(later.due_date));
        let kept = bench.store.close_promise(sooner.id, PromiseStatus::Kept, user.id, at(2), audit()).await.unwrap().unwrap();
        assert_eq!((kept.status, kept.closed_at), (PromiseStatus::Kept, Some(at(2))));
        let again = bench.store.close_promise(sooner.id, PromiseStatus::Broken, user.id, at(3), audit()).await;
        assert!(matches!(again, Err(StoreError::InUse(_))));
        let nothing = bench.store.close_promise(PromiseId(99), PromiseStatus::Kept, user.id, at(3), audit()).await;
        assert_eq!(nothing.unwrap(), None);
        assert_eq!(bench.store.open_promises(debtor.id).await.unwrap(), [later]);
        // They go with the debtor.
        bench.store.add_debtor_note(debtor.id, "x", user.id, at(3), audit()).await.unwrap();
        assert!(bench.store.delete_debtor(debtor.id, at(4), audit()).await.unwrap());
        assert_eq!(bench.store.promise(kept.id).await.unwrap(), None);
        let gone = bench.store.add_promise(new(1), user.id, at(5), audit()).await;
        assert!(matches!(gone, Err(StoreError::Foreign)));
    }
}
