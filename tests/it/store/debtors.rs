//! Debtors: pages, search, and imports that bring nobody back.

use chrono::NaiveDate;
use whatsmassive::{
    domain::{debtor::DebtorStatus, money::Money},
    store::{DebtorFilter, DebtorPatch, Page, StoreError, Upserted},
};

use super::{
    bench::{Bench, all, at, audit, details, phone},
    on_both,
};

on_both! {
    async fn a_debtor_is_read_as_it_was_written(bench: Bench) {
        let mut new = details(1);
        new.debt = Some(Money { minor: 123_456_789_012, currency: "CLP".parse().unwrap() });
        new.due_date = NaiveDate::from_ymd_opt(2026, 2, 28);
        let made = bench.store.create_debtor(new, DebtorStatus::Disputed, at(5), audit()).await.unwrap();
        assert_eq!(bench.store.debtor(made.id).await.unwrap().unwrap(), made);
        assert_eq!(bench.store.debtor_by_phone(&phone(1)).await.unwrap().unwrap(), made);
        let patch = DebtorPatch { debt: Some(None), name: Some("Otro".to_owned()), ..DebtorPatch::default() };
        let changed = bench.store.update_debtor(made.id, patch, at(6), audit()).await.unwrap().unwrap();
        assert_eq!((changed.details.debt, changed.details.name.as_str()), (None, "Otro"));
        assert_eq!(bench.store.debtor(made.id).await.unwrap().unwrap(), changed);
        let again = bench.store.create_debtor(details(1), DebtorStatus::Active, at(0), audit()).await;
        assert!(matches!(again, Err(StoreError::Unique { constraint: "debtors_phone" })));
    }

    async fn pages_lead_through_all_and_search_knows_no_accents(bench: Bench) {
        for number in 0..25 {
            bench.debtor(number).await;
        }
        let mut seen = Vec::new();
        let mut page = Page { limit: 10, cursor: None };
        loop {
            let found = bench.store.debtors(DebtorFilter::default(), page.clone()).await.unwrap();
            assert_eq!(found.total, Some(25));
            seen.extend(found.items.iter().map(|debtor| debtor.id.0));
            let Some(next) = found.next_cursor else { break };
            page.cursor = Some(next);
        }
        assert_eq!(seen.len(), 25);
        assert!(seen.is_sorted_by(|newer, older| newer > older));
        let search = |text: &str| DebtorFilter { search: Some(text.to_owned()), ..DebtorFilter::default() };
        for (text, found) in [("jose nunez 7", 1), ("NÚÑEZ", 25), ("cr-1", 11), ("573001000003", 1), ("100%", 0), ("_", 0)] {
            assert_eq!(bench.store.debtors(search(text), all()).await.unwrap().total, Some(found), "{text}");
        }
        let tagged = DebtorFilter { tag: Some("none".to_owned()), ..DebtorFilter::default() };
        assert_eq!(bench.store.debtors(tagged, all()).await.unwrap().total, Some(0));
        assert_eq!(bench.store.debtor_tags().await.unwrap(), [("all".to_owned(), 25)]);
        assert_eq!(bench.store.custom_field_names().await.unwrap(), ["city"]);
    }

    async fn an_import_merges_and_brings_nobody_back(bench: Bench) {
        let gone = bench.debtor(1).await;
        bench.store.set_debtor_status(gone.id, DebtorStatus::OptedOut, at(1), audit()).await.unwrap();
        let mut rows: Vec<_> = (0..2500).map(details).collect();
        rows[1].name = "New name".to_owned();
        rows[1].reference = None;
        rows[1].tags = ["vip".to_owned()].into();
        rows[1].fields = [("street".to_owned(), "5".to_owned())].into();
        let upserted = bench.store.upsert_debtors(&rows, true, at(2), audit(), |_| {}).await.unwrap();
        assert_eq!(upserted, Upserted { inserted: 2499, updated: 1, unchanged: 0 });
        let merged = bench.store.debtor(gone.id).await.unwrap().unwrap();
        assert_eq!(merged.status, DebtorStatus::OptedOut);
        assert_eq!((merged.details.name.as_str(), merged.details.reference.as_deref()), ("New name", Some("CR-1")));
        assert_eq!((merged.details.tags.len(), merged.details.fields.len()), (2, 2));
        let again = bench.store.upsert_debtors(&rows, true, at(3), audit(), |_| {}).await.unwrap();
        assert_eq!(again, Upserted { inserted: 0, updated: 0, unchanged: 2500 });
    }

    async fn a_debtor_with_a_message_is_not_deleted(bench: Bench) {
        bench.running(1).await;
        let debtor = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap();
        assert!(matches!(bench.store.delete_debtor(debtor.id, at(1), audit()).await, Err(StoreError::Foreign)));
        let free = bench.debtor(9).await;
        assert!(bench.store.delete_debtor(free.id, at(1), audit()).await.unwrap());
    }
}
