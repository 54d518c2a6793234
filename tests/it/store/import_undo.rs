//! Imports that are taken back: all of what they stored or nothing, and nothing once somebody was written to.

use serde_json::json;
use whatsmassive::{
    domain::{
        debtor::{DebtorDetails, DebtorStatus},
        debtor_filter::{DebtorFilter, DebtorSort},
        duplicates::Duplicates,
        id::ImportId,
        message::Settlement,
    },
    store::{DebtorList, DebtorPatch, ImportStatus, StoreError, UndoRefused},
};

use super::{
    bench::{Bench, all, at, audit, details, phone, today},
    imports::{file, new_import},
    on_both,
};

/// Another import of these debtors, stored.
async fn stored(bench: &Bench, rows: &[DebtorDetails], seconds: i64) -> ImportId {
    let new = new_import("a.csv", bench.user().await.id);
    let id = bench.store.create_import(new, at(seconds)).await.unwrap();
    let mut begun = bench.store.begin_import(id, Duplicates::all(true), at(seconds)).await.unwrap();
    begun.put(&file(rows)).await.unwrap();
    begun.finish(json!({}), json!({}), vec![audit()]).await.unwrap();
    id
}

async fn undo(bench: &Bench, id: ImportId, seconds: i64) -> Result<(), UndoRefused> {
    bench.store.undo_import(id, at(seconds), audit()).await.unwrap()
}

fn named(number: usize, name: &str) -> DebtorDetails {
    let tags = ["all".to_owned(), "new".to_owned()].into();
    DebtorDetails { name: name.to_owned(), tags, ..details(number) }
}

on_both! {
    async fn those_added_go_and_those_changed_have_their_former_values(bench: Bench) {
        let store = &bench.store;
        let before = bench.debtor(0).await;
        let rows: Vec<_> = (0..1_200).map(|number| named(number, "Imported")).collect();
        let id = stored(&bench, &rows, 1).await;
        let added = store.debtor_by_phone(&phone(7)).await.unwrap().unwrap();
        store.add_debtor_note(added.id, "Called", bench.user().await.id, at(2), audit()).await.unwrap();
        assert_eq!(store.debtor(before.id).await.unwrap().unwrap().details, rows[0]);

        assert_eq!(undo(&bench, id, 3).await, Ok(()));
        let left: Vec<_> = store.debtor_tags().await.unwrap();
        assert_eq!(left, [("all".to_owned(), 1)], "of the debtors only the one from before is left");
        let after = store.debtor(before.id).await.unwrap().unwrap();
        assert_eq!((after.details, after.status), (before.details, before.status));
        assert_eq!(store.import(id).await.unwrap().unwrap().status, ImportStatus::Undone);
        let trail = store.audit_trail(&all()).await.unwrap().items;
        assert_eq!(trail[0].detail, json!({ "deleted": 1_199, "restored": 1 }));

        let entries = trail.len();
        assert_eq!(undo(&bench, id, 4).await, Ok(()), "a second time changes nothing");
        assert_eq!(store.audit_trail(&all()).await.unwrap().items.len(), entries);
        stored(&bench, &rows, 5).await;
        assert_eq!(store.debtor_by_phone(&phone(7)).await.unwrap().unwrap().details.name, "Imported");
    }

    async fn a_list_of_an_import_has_those_whom_it_added_and_those_whom_it_changed(bench: Bench) {
        let page = async |import: ImportId, search: Option<&str>| {
            let filter = DebtorFilter { import: Some(import.0), search: search.map(str::to_owned), ..DebtorFilter::default() };
            assert_eq!(bench.store.count_debtors(&filter, today()).await.unwrap(), {
                let list = DebtorList { filter: filter.clone(), sort: DebtorSort::Name, descending: false, today: today() };
                bench.store.debtors(&list, &all()).await.unwrap().total
            });
            let list = DebtorList { filter, sort: DebtorSort::Created, descending: false, today: today() };
            let found = bench.store.debtors(&list, &all()).await.unwrap();
            found.items.into_iter().map(|listed| listed.debtor.details.phone).collect::<Vec<_>>()
        };
        let first = stored(&bench, &[named(0, "Ana"), named(1, "Luis"), named(2, "Eva")], 1).await;
        let same = DebtorDetails { name: "Eva".to_owned(), ..named(2, "Eva") };
        let second = stored(&bench, &[named(0, "Ana María"), same, named(3, "Rosa")], 2).await;
        let only_updates = stored(&bench, &[named(1, "Luis Alberto"), named(3, "Rosa Elena")], 3).await;
        assert_eq!(page(first, None).await, [phone(0), phone(1), phone(2)]);
        assert_eq!(page(second, None).await, [phone(0), phone(3)], "of whom it says nothing new is not among them");
        assert_eq!(page(only_updates, None).await, [phone(1), phone(3)]);
        assert_eq!(page(only_updates, Some("rosa")).await, [phone(3)]);
        assert_eq!(undo(&bench, only_updates, 4).await, Ok(()));
        assert_eq!(page(only_updates, None).await, []);
        assert_eq!(page(first, None).await, [phone(0), phone(1), phone(2)]);
    }

    async fn what_a_person_changed_since_stays_and_so_does_who_must_not_be_written_to(bench: Bench) {
        let store = &bench.store;
        let known = bench.debtor(0).await;
        let id = stored(&bench, &[named(0, "Imported"), named(1, "Ana"), named(2, "Luis"), named(3, "Eva")], 1).await;
        let patch = DebtorPatch { name: Some("By hand".to_owned()), status: Some(DebtorStatus::OptedOut), ..DebtorPatch::default() };
        store.update_debtor(known.id, patch, at(2), audit()).await.unwrap();
        let added = store.debtor_by_phone(&phone(1)).await.unwrap().unwrap();
        store.set_debtor_status(added.id, DebtorStatus::CeaseAndDesist, at(2), audit()).await.unwrap();
        let paid = store.debtor_by_phone(&phone(2)).await.unwrap().unwrap();
        store.set_debtor_status(paid.id, DebtorStatus::Paid, at(2), audit()).await.unwrap();
        store.suppress(&phone(3), "Asked for it", None, at(2), audit()).await.unwrap();

        assert_eq!(undo(&bench, id, 3).await, Ok(()));
        let known = store.debtor(known.id).await.unwrap().unwrap();
        assert_eq!((known.details.name.as_str(), known.status), ("By hand", DebtorStatus::OptedOut));
        assert_eq!(known.details.tags, details(0).tags);
        let mut suppressed: Vec<_> =
            store.suppressions(None).await.unwrap().into_iter().map(|one| (one.phone, one.reason)).collect();
        suppressed.sort();
        assert_eq!(suppressed, [(phone(1), "cease_and_desist".to_owned()), (phone(3), "Asked for it".to_owned())]);
    }

    async fn who_is_in_the_ledger_forbids_it(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let changing = stored(&bench, &[named(0, "Imported")], 1).await;
        assert_eq!(undo(&bench, changing, 2).await, Err(UndoRefused::WrittenTo(1)), "a message is planned");
        let claim = bench.claim(&campaign, &[session], 3).await;
        assert_eq!(undo(&bench, changing, 4).await, Err(UndoRefused::WrittenTo(1)), "it is on its way");
        bench.settle(&claim.claimed[0], Settlement::Sent, 5).await;
        assert_eq!(undo(&bench, changing, 6).await, Err(UndoRefused::WrittenTo(1)), "it was sent with what was imported");

        let later = stored(&bench, &[named(0, "Imported again")], 7).await;
        assert_eq!(undo(&bench, later, 8).await, Ok(()), "what was sent before it does not matter");
        let adding = stored(&bench, &[named(1, "Ana"), named(2, "Luis")], 9).await;
        let other = bench.session("Number 2").await.id;
        let draft = bench.draft(&bench.pool(&[other]).await).await;
        bench.store.launch_campaign(draft.id, at(10), audit()).await.unwrap();
        assert_eq!(undo(&bench, adding, 11).await, Err(UndoRefused::WrittenTo(2)));
        assert!(bench.store.debtor_by_phone(&phone(1)).await.unwrap().is_some());
        assert_eq!(bench.store.import(adding).await.unwrap().unwrap().status, ImportStatus::Committed);
    }

    async fn what_a_later_import_changed_is_undone_in_its_turn(bench: Bench) {
        let first = stored(&bench, &[named(0, "First"), named(1, "First")], 1).await;
        let second = stored(&bench, &[named(0, "Second"), named(1, "First"), named(2, "Second")], 2).await;
        let third = stored(&bench, &[named(0, "Third")], 3).await;
        assert_eq!(undo(&bench, first, 4).await, Err(UndoRefused::BuiltOn(1)));
        assert_eq!(undo(&bench, second, 4).await, Err(UndoRefused::BuiltOn(1)));
        let name = async || bench.store.debtor_by_phone(&phone(0)).await.unwrap().map(|debtor| debtor.details.name);
        for (id, left) in [(third, Some("Second")), (second, Some("First")), (first, None)] {
            assert_eq!(undo(&bench, id, 5).await, Ok(()));
            assert_eq!(name().await.as_deref(), left);
        }
        assert!(bench.store.debtor_tags().await.unwrap().is_empty());
    }

    async fn only_what_was_stored_is_undone(bench: Bench) {
        let new = new_import("a.csv", bench.user().await.id);
        let id = bench.store.create_import(new, at(0)).await.unwrap();
        assert_eq!(undo(&bench, id, 1).await, Err(UndoRefused::NotStored));
        let nothing = bench.store.undo_import(ImportId(id.0 + 1), at(1), audit()).await;
        assert!(matches!(nothing, Err(StoreError::NotFound)));
    }
}
