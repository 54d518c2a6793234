//! What an import would change, asked before it is stored, and what it changes of those whom somebody has decided on.

use serde_json::json;
use whatsmassive::{
    domain::{
        debt::Debt,
        debtor::DebtorDetails,
        duplicates::Duplicates,
        revision::{Changed, Value},
    },
    store::{DebtorPatch, FileRow, Foreseen, Upserted},
};

use super::{
    bench::{Bench, at, audit, details, phone},
    imports::{file, new_import},
    on_both,
};

fn named(number: usize, name: &str) -> DebtorDetails {
    DebtorDetails { name: name.to_owned(), ..details(number) }
}

fn owing(number: usize, reference: &str) -> DebtorDetails {
    let debt = Debt { reference: Some(reference.to_owned()), ..Debt::default() };
    DebtorDetails { debts: debt.into(), ..details(number) }
}

/// Stores rows, and says what became of them, and how many were left since somebody has changed their debtors.
async fn store(bench: &Bench, rows: &[FileRow], duplicates: Duplicates, seconds: i64) -> (Upserted, u64) {
    let new = new_import("a.csv", bench.user().await.id);
    let id = bench.store.create_import(new, at(seconds)).await.unwrap();
    let mut begun = bench.store.begin_import(id, duplicates, at(seconds)).await.unwrap();
    begun.put(rows).await.unwrap();
    let done = (begun.upserted(), begun.out_of_date().0);
    begun.finish(json!({}), json!({}), vec![audit()]).await.unwrap();
    done
}

async fn name(bench: &Bench, number: usize) -> String {
    bench.store.debtor_by_phone(&phone(number)).await.unwrap().unwrap().details.name
}

on_both! {
    async fn a_forecast_says_what_storing_does_and_writes_nothing(bench: Bench) {
        store(&bench, &file(&(0..1_300).map(details).collect::<Vec<_>>()), Duplicates::all(true), 1).await;
        let mut rows: Vec<DebtorDetails> = (0..1_200).map(details).collect();
        rows[3] = named(3, "Ana");
        rows.extend([named(1_205, "Eva"), owing(1_206, "CR-new"), DebtorDetails { name: "Luis".to_owned(), ..owing(1_207, "CR-new") }]);
        rows.extend([details(2_000), owing(2_000, "CR-other")]);
        let rows = file(&rows);
        let foreseen = bench.store.foresee(&rows, 2).await.unwrap();
        let counts = Upserted { inserted: 1, updated: 2, debts_added: 3, unchanged: 1_199 };
        assert_eq!((foreseen.upserted, foreseen.differing), (counts, 3), "a debt is added in any case, a name is not");
        let told: Vec<_> = foreseen.examples.iter().map(|row| (row.row, row.name.as_str(), row.changes.len())).collect();
        assert_eq!(told, [(5, "José Núñez 3", 1), (1_202, "José Núñez 1205", 1)]);
        let change = &foreseen.examples[0].changes[0];
        assert_eq!((change.what, &change.after), (Changed::Name, &Some(Value::Text("Ana".to_owned()))));
        assert_eq!(name(&bench, 3).await, "José Núñez 3");
        assert_eq!(store(&bench, &rows, Duplicates::all(true), 2).await, (counts, 0));
        let again = bench.store.foresee(&rows, 2).await.unwrap();
        assert_eq!((again.upserted.unchanged, again.differing, again.examples), (1_205, 0, vec![]));
    }

    async fn whom_an_earlier_chunk_would_add_is_not_new_in_a_later_one(bench: Bench) {
        let first = file(&[details(1)]);
        let later = [FileRow { number: 1_002, another: true, details: owing(1, "CR-other") }];
        let mut foreseen = Foreseen::default();
        for rows in [&first[..], &later] {
            foreseen += bench.store.foresee(rows, 9).await.unwrap();
        }
        assert_eq!(foreseen.upserted, Upserted { inserted: 1, debts_added: 1, ..Upserted::default() });
    }

    async fn rows_that_a_person_has_decided_on_go_the_other_way(bench: Bench) {
        store(&bench, &file(&[details(1), details(2), details(3)]), Duplicates::all(true), 1).await;
        let rows = file(&[named(1, "Ana"), named(2, "Eva"), DebtorDetails { name: "Luis".to_owned(), ..owing(3, "CR-new") }]);
        let skip = Duplicates { except: [3].into(), ..Duplicates::all(false) };
        let done = store(&bench, &rows, skip, 2).await;
        assert_eq!(done, (Upserted { updated: 1, debts_added: 1, unchanged: 1, ..Upserted::default() }, 0));
        assert_eq!([name(&bench, 1).await, name(&bench, 2).await, name(&bench, 3).await], ["José Núñez 1", "Eva", "José Núñez 3"]);
        let update = Duplicates { except: [2].into(), ..Duplicates::all(true) };
        assert_eq!(store(&bench, &rows, update, 3).await.0.updated, 1, "of the third the debt is known by now");
        assert_eq!([name(&bench, 1).await, name(&bench, 3).await], ["José Núñez 1", "Luis"]);
    }

    async fn whom_somebody_has_changed_since_the_decision_is_left_as_they_are(bench: Bench) {
        store(&bench, &file(&[details(1), details(2), details(3)]), Duplicates::all(true), 1).await;
        let rows = file(&[named(1, "Ana"), named(2, "Eva"), details(3), owing(1, "CR-new"), named(9, "New")]);
        let theirs = async |number: usize, name: &str| {
            let id = bench.store.debtor_by_phone(&phone(number)).await.unwrap().unwrap().id;
            let patch = DebtorPatch { name: Some(name.to_owned()), ..DebtorPatch::default() };
            bench.store.update_debtor(id, patch, at(6), audit()).await.unwrap();
        };
        theirs(1, "Ana María").await;
        theirs(3, "José Núñez 3").await;
        let looked = Duplicates { seen_at: Some(at(5)), ..Duplicates::all(true) };
        let done = store(&bench, &rows, looked.clone(), 8).await;
        assert_eq!(done, (Upserted { inserted: 1, updated: 1, debts_added: 1, unchanged: 2 }, 2));
        assert_eq!([name(&bench, 1).await, name(&bench, 2).await], ["Ana María", "Eva"]);
        let rows = file(&[named(1, "Ana")]);
        assert_eq!(store(&bench, &rows, Duplicates { seen_at: Some(at(9)), ..looked }, 10).await.0.updated, 1);
    }
}
