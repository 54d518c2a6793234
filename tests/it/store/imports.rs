//! Imports: stored in chunks, all or nothing, and how files of a shape were mapped.

use serde_json::json;
use whatsmassive::{
    domain::debtor_filter::DebtorFilter,
    store::{ImportProfile, ImportStatus, NewImport, Upserted},
};

use super::{
    bench::{Bench, at, audit, details},
    on_both,
};

on_both! {
    async fn rows_of_an_import_are_stored_with_its_report_or_not_at_all(bench: Bench) {
        let store = &bench.store;
        let created_by = bench.user().await.id;
        let new = NewImport { file_name: "a.csv".to_owned(), kind: "csv".to_owned(), summary: json!({ "rows": 3 }), created_by };
        let id = store.create_import(new, at(0)).await.unwrap();
        let rows: Vec<_> = (0..1_500).map(details).collect();
        let total = async || store.count_debtors(&DebtorFilter::default(), at(0).date_naive()).await.unwrap();
        let mut begun = store.begin_import(id, true, at(1)).await.unwrap();
        begun.put(&rows).await.unwrap();
        drop(begun);
        assert_eq!(total().await, 0, "what is not finished leaves nothing behind");
        assert_eq!(store.import(id).await.unwrap().unwrap().status, ImportStatus::Previewed);

        let mut begun = store.begin_import(id, true, at(2)).await.unwrap();
        begun.put(&rows[..1_200]).await.unwrap();
        begun.put(&rows[1_200..]).await.unwrap();
        begun.put(&rows[..1]).await.unwrap();
        assert_eq!(begun.upserted(), Upserted { inserted: 1_500, updated: 0, unchanged: 1 });
        begun.finish(json!({ "inserted": 1_500 }), vec![audit(), audit()]).await.unwrap();
        assert_eq!(total().await, 1_500);
        let stored = store.import(id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.report), (ImportStatus::Committed, Some(json!({ "inserted": 1_500 }))));
        assert!(!store.set_import_summary(id, json!({}), at(3)).await.unwrap(), "it is confirmed");
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
    }
}
