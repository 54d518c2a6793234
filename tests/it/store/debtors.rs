//! Debtors: what is written is read, and imports bring nobody back.

use chrono::NaiveDate;
use whatsmassive::{
    domain::{debt::Debt, debtor::DebtorStatus, money::Money},
    store::{DebtorPatch, StoreError, Upserted},
};

use super::{
    bench::{Bench, at, audit, details, phone},
    on_both,
};

on_both! {
    async fn a_debtor_is_read_as_it_was_written(bench: Bench) {
        let mut new = details(1);
        let amount = Some(Money { minor: 123_456_789_012, currency: "CLP".parse().unwrap() });
        let due_date = NaiveDate::from_ymd_opt(2026, 2, 28);
        new.debts = Debt { reference: Some("CR-1".to_owned()), amount, due_date }.into();
        let made = bench.store.create_debtor(new, DebtorStatus::Disputed, at(5), audit()).await.unwrap();
        assert_eq!(bench.store.debtor(made.id).await.unwrap().unwrap(), made);
        assert_eq!(bench.store.debtor_by_phone(&phone(1)).await.unwrap().unwrap(), made);
        let patch = DebtorPatch { debt: Some(None), name: Some("Otro".to_owned()), ..DebtorPatch::default() };
        let changed = bench.store.update_debtor(made.id, patch, at(6), audit()).await.unwrap().unwrap();
        assert_eq!((changed.details.debts.total(), changed.details.name.as_str()), (None, "Otro"));
        assert_eq!(bench.store.debtor(made.id).await.unwrap().unwrap(), changed);
        let again = bench.store.create_debtor(details(1), DebtorStatus::Active, at(0), audit()).await;
        assert!(matches!(again, Err(StoreError::Unique { constraint: "debtors_phone" })));
    }

    async fn an_import_merges_and_brings_nobody_back(bench: Bench) {
        let gone = bench.debtor(1).await;
        bench.store.set_debtor_status(gone.id, DebtorStatus::OptedOut, at(1), audit()).await.unwrap();
        let mut rows: Vec<_> = (0..2500).map(details).collect();
        rows[1].name = "New name".to_owned();
        rows[1].debts = Default::default();
        rows[1].tags = ["vip".to_owned()].into();
        rows[1].fields = [("street".to_owned(), "5".to_owned())].into();
        let upserted = bench.store.upsert_debtors(&rows, true, None, at(2), audit(), |_| {}).await.unwrap();
        assert_eq!(upserted, Upserted { inserted: 2499, updated: 1, ..Upserted::default() });
        let merged = bench.store.debtor(gone.id).await.unwrap().unwrap();
        assert_eq!(merged.status, DebtorStatus::OptedOut);
        assert_eq!((merged.details.tags.len(), merged.details.fields.len()), (2, 2));
        assert_eq!((merged.details.name.as_str(), merged.details.debts), ("New name", details(1).debts));
        let again = bench.store.upsert_debtors(&rows, true, None, at(3), audit(), |_| {}).await.unwrap();
        assert_eq!(again, Upserted { unchanged: 2500, ..Upserted::default() });
    }

    async fn a_debtor_with_a_message_is_not_deleted(bench: Bench) {
        bench.running(1).await;
        let debtor = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap();
        assert!(matches!(bench.store.delete_debtor(debtor.id, at(1), audit()).await, Err(StoreError::Foreign)));
        let free = bench.debtor(9).await;
        assert!(bench.store.delete_debtor(free.id, at(1), audit()).await.unwrap());
    }
}
