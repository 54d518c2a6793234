//! Imports: stored in chunks, all or nothing, and how files of a shape were mapped.

use serde_json::json;
use whatsmassive::{
    domain::{debtor::DebtorDetails, debtor_filter::DebtorFilter, duplicates::Duplicates, id::UserId},
    store::{FileRow, ImportProfile, ImportStatus, NewImport, Page, Upserted},
};

use super::{
    bench::{Bench, all, at, audit, details},
    on_both,
};

/// Good rows of a file, numbered from 2.
pub fn file(rows: &[DebtorDetails]) -> Vec<FileRow> {
    (2..).zip(rows).map(|(number, details)| FileRow { number, another: false, details: details.clone() }).collect()
}

/// A file of three rows.
pub fn new_import(file_name: &str, created_by: UserId) -> NewImport {
    let summary = json!({ "rows": 3 });
    NewImport { file_name: file_name.to_owned(), kind: "csv".to_owned(), summary, rows: 3, created_by }
}

on_both! {
    async fn rows_of_an_import_are_stored_with_its_report_or_not_at_all(bench: Bench) {
        let store = &bench.store;
        let created_by = bench.user().await.id;
        let id = store.create_import(new_import("a.csv", created_by), at(0)).await.unwrap();
        // More than any database is given at once.
        let rows = file(&(0..4_500).map(details).collect::<Vec<_>>());
        let total = async || store.count_debtors(&DebtorFilter::default(), at(0).date_naive()).await.unwrap();
        let mut begun = store.begin_import(id, Duplicates::all(true), at(1)).await.unwrap();
        begun.put(&rows).await.unwrap();
        drop(begun);
        assert_eq!(total().await, 0, "what is not finished leaves nothing behind");
        assert_eq!(store.import(id).await.unwrap().unwrap().status, ImportStatus::Previewed);

        let mut begun = store.begin_import(id, Duplicates::all(true), at(2)).await.unwrap();
        begun.put(&rows[..1_200]).await.unwrap();
        begun.put(&rows[1_200..]).await.unwrap();
        begun.put(&rows[..1]).await.unwrap();
        assert_eq!(begun.upserted(), Upserted { inserted: 4_500, unchanged: 1, ..Upserted::default() });
        let report = json!({ "inserted": 4_500, "rows": [] });
        begun.finish(report.clone(), json!({ "inserted": 4_500 }), vec![audit(), audit()]).await.unwrap();
        assert_eq!(total().await, 4_500);
        let stored = store.import(id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.report), (ImportStatus::Committed, Some(report)));
        assert!(!store.set_import_summary(id, json!({}), 0, at(3)).await.unwrap(), "it is confirmed");
    }

    async fn imports_are_listed_the_newest_first_with_who_and_what(bench: Bench) {
        let store = &bench.store;
        let user = bench.user().await;
        let mut ids = Vec::new();
        for (seconds, name) in (0..).zip(["a.csv", "b.csv", "c.csv"]) {
            ids.push(store.create_import(new_import(name, user.id), at(seconds)).await.unwrap());
        }
        let mut begun = store.begin_import(ids[1], Duplicates::all(true), at(5)).await.unwrap();
        begun.put(&file(&[details(1)])).await.unwrap();
        begun.finish(json!({ "inserted": 1 }), json!({ "inserted": 1 }), vec![audit()]).await.unwrap();

        let first = store.imports(&Page { limit: 2, cursor: None }).await.unwrap();
        let names: Vec<&str> = first.items.iter().map(|import| import.file_name.as_str()).collect();
        assert_eq!(names, ["c.csv", "b.csv"]);
        let stored = &first.items[1];
        assert_eq!((stored.status, stored.counts.clone()), (ImportStatus::Committed, Some(json!({ "inserted": 1 }))));
        assert_eq!((stored.rows, stored.created_by.clone(), stored.updated_at), (3, (user.id, user.name), at(5)));
        let second = store.imports(&Page { limit: 2, cursor: first.next_cursor }).await.unwrap();
        assert_eq!((second.items.len(), second.items[0].id, second.next_cursor), (1, ids[0], None));
    }

    async fn imports_that_a_crash_cut_short_are_interrupted_and_can_be_confirmed_again(bench: Bench) {
        let store = &bench.store;
        let created_by = bench.user().await.id;
        let cut = store.create_import(new_import("a.csv", created_by), at(0)).await.unwrap();
        let waiting = store.create_import(new_import("b.csv", created_by), at(0)).await.unwrap();
        let begin = async |id, seconds| store.move_import(id, ImportStatus::WAITING, ImportStatus::Committing, at(seconds)).await;
        assert!(begin(cut, 1).await.unwrap());
        assert!(!begin(cut, 1).await.unwrap(), "of two who confirm it, one does");
        assert_eq!(store.interrupt_imports(at(2)).await.unwrap(), [cut]);
        assert!(store.interrupt_imports(at(2)).await.unwrap().is_empty());
        let statuses: Vec<_> =
            store.imports(&all()).await.unwrap().items.iter().map(|import| (import.id, import.status)).collect();
        assert_eq!(statuses, [(waiting, ImportStatus::Previewed), (cut, ImportStatus::Interrupted)]);
        assert!(begin(cut, 3).await.unwrap());
    }

    async fn the_last_mapping_of_a_shape_is_kept(bench: Bench) {
        let profile = |fingerprint: &str, name: &str, seconds| ImportProfile {
            fingerprint: fingerprint.to_owned(),
            name: name.to_owned(),
            mapping: json!([{ "field": name }]),
            settings: json!({ "country": "CO" }),
            last_used_at: at(seconds),
        };
        for kept in [profile("one", "a.csv", 1), profile("two", "b.csv", 2), profile("one", "c.csv", 3)] {
            bench.store.save_import_profile(kept).await.unwrap();
        }
        assert_eq!(bench.store.import_profile("one").await.unwrap(), Some(profile("one", "c.csv", 3)));
        assert_eq!(bench.store.import_profile("two").await.unwrap(), Some(profile("two", "b.csv", 2)));
        assert_eq!(bench.store.import_profile("three").await.unwrap(), None);
        let names: Vec<_> = bench.store.import_profiles().await.unwrap().into_iter().map(|kept| kept.name).collect();
        assert_eq!(names, ["c.csv", "b.csv"], "the last used first");
        assert!(bench.store.delete_import_profile("one", at(4), audit()).await.unwrap());
        assert!(!bench.store.delete_import_profile("one", at(4), audit()).await.unwrap());
        assert_eq!(bench.store.import_profile("one").await.unwrap(), None);
    }
}
