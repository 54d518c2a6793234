//! Debts: rows under a debtor, and what a debtor's own row says of them.

use chrono::NaiveDate;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use whatsmassive::{
    domain::{
        debt::{Debt, Debts},
        debtor::DebtorDetails,
        debtor_filter::{Bounds, DebtorFilter},
        duplicates::Duplicates,
        id::{DebtId, DebtorId, ImportId},
        message::WireId,
        money::Money,
    },
    store::{
        Backend, DebtPatch, DebtorList, DebtorPatch, EMPTY_DEBT, Order, SEVERAL_DEBTS, StoreError, UndoRefused,
        Upserted, Verdict,
    },
};

use super::{
    bench::{Bench, TOKEN, all, at, audit, details, phone, today},
    imports::{file, new_import},
    on_both,
};

fn debt(reference: &str, minor: i64, currency: &str, due: &str) -> Debt {
    Debt {
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        amount: currency.parse().ok().map(|currency| Money { minor, currency }),
        due_date: due.parse().ok(),
    }
}

/// A spreadsheet's row.
fn row(number: usize, debt: Debt) -> DebtorDetails {
    DebtorDetails { debts: debt.into(), ..details(number) }
}

async fn new(bench: &Bench) -> ImportId {
    bench.store.create_import(new_import("a.csv", bench.user().await.id), at(0)).await.unwrap()
}

/// An import of these rows, one call for each chunk.
async fn import(bench: &Bench, chunks: &[&[DebtorDetails]], update: bool) -> (ImportId, Upserted) {
    let id = new(bench).await;
    let mut begun = bench.store.begin_import(id, Duplicates::all(update), at(1)).await.unwrap();
    for chunk in chunks {
        begun.put(&file(chunk)).await.unwrap();
    }
    let upserted = begun.upserted();
    begun.finish(json!({}), json!({}), vec![audit()]).await.unwrap();
    (id, upserted)
}

async fn owed(bench: &Bench, number: usize) -> Debts {
    bench.store.debtor_by_phone(&phone(number)).await.unwrap().unwrap().details.debts
}

fn references(debts: &Debts) -> Vec<&str> {
    debts.iter().map(|debt| debt.reference.as_deref().unwrap_or("-")).collect()
}

/// Who is listed by a filter.
async fn listed(bench: &Bench, filter: DebtorFilter, id: DebtorId) -> bool {
    let list = DebtorList { filter, today: today(), ..DebtorList::default() };
    bench.store.debtors(&list, &all()).await.unwrap().items.iter().any(|listed| listed.debtor.id == id)
}

/// The row of a debtor says what their debts say, wherever it is read.
async fn assert_summed_up(bench: &Bench, id: DebtorId) {
    let debts = bench.store.debtor(id).await.unwrap().unwrap().details.debts;
    let rows = bench.store.debts(id).await.unwrap();
    assert_eq!(rows.iter().map(|stored| &stored.debt).collect::<Vec<_>>(), debts.iter().collect::<Vec<_>>());
    for debt in debts.iter().filter_map(|debt| debt.reference.clone()) {
        assert!(listed(bench, DebtorFilter { search: Some(debt), ..DebtorFilter::default() }, id).await);
    }
    let total = debts.total();
    let exactly = |minor| Bounds { from: Some(minor), until: Some(minor) };
    let any = DebtorFilter { amount: Bounds { from: Some(0), until: None }, ..DebtorFilter::default() };
    assert_eq!(listed(bench, any, id).await, total.is_some(), "{debts:?}");
    if let Some(total) = total {
        let currency = Some(total.currency.as_str().to_owned());
        let filter = DebtorFilter { amount: exactly(total.minor), currency, ..DebtorFilter::default() };
        assert!(listed(bench, filter, id).await, "{debts:?}");
    }
    if let Some(due) = debts.oldest().and_then(|debt| debt.due_date) {
        let filter = DebtorFilter { overdue: exactly((today() - due).num_days()), ..DebtorFilter::default() };
        assert!(listed(bench, filter, id).await, "{debts:?}");
    }
}

on_both! {
    async fn debts_are_added_changed_and_taken_away(bench: Bench) {
        let store = &bench.store;
        let id = bench.debtor(1).await.id;
        let added = store.add_debt(id, debt("TC-9", 700, "COP", "2026-10-01"), at(1), audit()).await.unwrap().unwrap();
        assert_eq!((added.debtor_id, &added.debt, &added.import), (id, &debt("TC-9", 700, "COP", "2026-10-01"), &None));
        assert_eq!(store.debt(added.id).await.unwrap(), Some(added.clone()));
        assert_eq!(references(&owed(&bench, 1).await), ["TC-9", "CR-1"]);
        assert_summed_up(&bench, id).await;

        let taken = store.add_debt(id, debt("CR-1", 1, "COP", ""), at(2), audit()).await;
        assert!(matches!(taken, Err(StoreError::Unique { constraint: "debts_reference" })));
        let empty = store.add_debt(id, Debt::default(), at(2), audit()).await;
        assert!(matches!(empty, Err(StoreError::InUse(EMPTY_DEBT))));
        assert_eq!(store.add_debt(DebtorId(999), debt("x", 1, "COP", ""), at(2), audit()).await.unwrap(), None);
        store.add_debt(id, debt("", 5, "COP", ""), at(2), audit()).await.unwrap().unwrap();
        let second = store.add_debt(id, debt("", 6, "COP", ""), at(2), audit()).await;
        assert!(matches!(second, Err(StoreError::Unique { .. })), "two without a reference cannot be told apart");

        let patch = DebtPatch { reference: Some(Some("TC-10".to_owned())), due_date: Some(None), ..DebtPatch::default() };
        let changed = store.change_debt(added.id, patch, at(3), audit()).await.unwrap().unwrap();
        assert_eq!((changed.id, &changed.debt), (added.id, &debt("TC-10", 700, "COP", "")));
        assert_eq!((changed.created_at, changed.updated_at), (at(1), at(3)));
        assert_summed_up(&bench, id).await;
        for patch in [
            DebtPatch { reference: Some(Some("CR-1".to_owned())), ..DebtPatch::default() },
            DebtPatch { reference: Some(None), ..DebtPatch::default() },
        ] {
            assert!(matches!(store.change_debt(added.id, patch, at(4), audit()).await, Err(StoreError::Unique { .. })));
        }
        let nothing = DebtPatch { reference: Some(None), amount: Some(None), due_date: Some(None) };
        let refused = store.change_debt(added.id, nothing, at(4), audit()).await;
        assert!(matches!(refused, Err(StoreError::InUse(EMPTY_DEBT))));

        for stored in store.debts(id).await.unwrap() {
            assert!(store.remove_debt(stored.id, at(5), audit()).await.unwrap());
            assert_summed_up(&bench, id).await;
        }
        assert!(!store.remove_debt(added.id, at(6), audit()).await.unwrap());
        assert_eq!(store.change_debt(added.id, DebtPatch::default(), at(6), audit()).await.unwrap(), None);
        let kept = store.add_debt(id, debt("CR-2", 1, "COP", ""), at(7), audit()).await.unwrap().unwrap();
        assert!(store.delete_debtor(id, at(8), audit()).await.unwrap());
        assert_eq!(store.debt(kept.id).await.unwrap(), None, "what somebody owes goes with them");
    }

    async fn the_debt_of_who_has_one_is_changed_with_them(bench: Bench) {
        let store = &bench.store;
        let id = bench.debtor(1).await.id;
        let [stored] = store.debts(id).await.unwrap().try_into().unwrap();
        let cop = "COP".parse().unwrap();
        let patch = DebtorPatch {
            reference: Some(Some("L-1".to_owned())),
            debt: Some(Some(Money { minor: 900, currency: cop })),
            ..DebtorPatch::default()
        };
        store.update_debtor(id, patch, at(1), audit()).await.unwrap().unwrap();
        let [changed] = store.debts(id).await.unwrap().try_into().unwrap();
        assert_eq!((changed.id, changed.debt), (stored.id, debt("L-1", 900, "COP", "")), "it is the same debt");
        let nothing = DebtorPatch { reference: Some(None), debt: Some(None), ..DebtorPatch::default() };
        store.update_debtor(id, nothing, at(2), audit()).await.unwrap().unwrap();
        assert_eq!(store.debts(id).await.unwrap(), []);
        assert_summed_up(&bench, id).await;

        for reference in ["a", "b"] {
            store.add_debt(id, debt(reference, 100, "COP", ""), at(3), audit()).await.unwrap().unwrap();
        }
        let same = DebtorPatch {
            name: Some("Otra".to_owned()),
            reference: Some(Some("a".to_owned())),
            debt: Some(Some(Money { minor: 200, currency: cop })),
            due_date: Some(None),
            ..DebtorPatch::default()
        };
        let changed = store.update_debtor(id, same, at(4), audit()).await.unwrap().unwrap();
        assert_eq!((changed.details.name.as_str(), changed.details.debts.len()), ("Otra", 2), "it says what is so already");
        let which = DebtorPatch { debt: Some(Some(Money { minor: 1, currency: cop })), ..DebtorPatch::default() };
        let refused = store.update_debtor(id, which, at(5), audit()).await;
        assert!(matches!(refused, Err(StoreError::InUse(SEVERAL_DEBTS))));
        assert_summed_up(&bench, id).await;
    }

    async fn another_reference_in_an_import_is_another_debt(bench: Bench) {
        let known = bench.debtor(0).await;
        let first = [
            row(0, debt("TC-1", 100, "COP", "2026-10-01")),
            row(1, debt("a", 200, "COP", "")),
            row(2, debt("a", 300, "COP", "")),
            row(1, debt("b", 50, "COP", "2026-09-01")),
        ];
        let second = [row(1, debt("c", 1, "USD", "")), row(1, debt("b", 60, "COP", "")), row(0, Debt::default())];
        let (id, upserted) = import(&bench, &[&first, &second], true).await;
        assert_eq!(upserted, Upserted { inserted: 2, updated: 1, debts_added: 3, unchanged: 1 });
        assert_eq!(references(&owed(&bench, 0).await), ["TC-1", "CR-0"]);
        let all_of_them = owed(&bench, 1).await;
        assert_eq!(references(&all_of_them), ["b", "a", "c"]);
        assert_eq!(all_of_them.find(Some("b")), Some(&debt("b", 60, "COP", "2026-09-01")));
        for number in 0..3 {
            let debtor = bench.store.debtor_by_phone(&phone(number)).await.unwrap().unwrap();
            assert_summed_up(&bench, debtor.id).await;
            for stored in bench.store.debts(debtor.id).await.unwrap() {
                let by_hand = stored.debt.reference.as_deref() == Some("CR-0");
                assert_eq!(stored.import, (!by_hand).then(|| (id, "a.csv".to_owned())));
            }
        }

        let again = [row(0, debt("TC-1", 1, "COP", "")), row(0, debt("TC-2", 5, "COP", "")), row(0, debt("", 9, "COP", ""))];
        let (skipping, upserted) = import(&bench, &[&again], false).await;
        assert_eq!(upserted, Upserted { debts_added: 1, unchanged: 2, ..Upserted::default() });
        let debts = owed(&bench, 0).await;
        assert_eq!(debts.find(Some("TC-1")), Some(&debt("TC-1", 100, "COP", "2026-10-01")), "known ones are left alone");
        assert_eq!(debts.len(), 3);

        let undo = async |id| bench.store.undo_import(id, at(9), audit()).await.unwrap();
        assert_eq!(undo(id).await, Err(UndoRefused::BuiltOn(1)));
        assert_eq!(undo(skipping).await, Ok(()));
        assert_eq!(references(&owed(&bench, 0).await), ["TC-1", "CR-0"]);
        assert_eq!(undo(id).await, Ok(()));
        assert_eq!(owed(&bench, 0).await, known.details.debts);
        assert_summed_up(&bench, known.id).await;
        assert_eq!(bench.store.debtor_by_phone(&phone(1)).await.unwrap(), None);
    }

    async fn a_reference_that_was_not_known_is_learnt_and_forgotten(bench: Bench) {
        import(&bench, &[&[row(0, debt("", 100, "COP", "")), row(1, debt("", 1, "COP", ""))]], true).await;
        let id = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap().id;
        let [before] = bench.store.debts(id).await.unwrap().try_into().unwrap();
        let rows = [row(0, debt("a", 90, "COP", "")), row(0, debt("b", 10, "COP", "")), row(1, debt("z", 1, "COP", ""))];
        let (learnt, upserted) = import(&bench, &[&rows[..1], &rows[1..]], true).await;
        assert_eq!(upserted, Upserted { updated: 2, debts_added: 1, ..Upserted::default() });
        assert_eq!(references(&owed(&bench, 0).await), ["a", "b"]);
        assert!(bench.store.debts(id).await.unwrap().iter().any(|stored| stored.id == before.id));
        assert_summed_up(&bench, id).await;
        assert_eq!(bench.store.undo_import(learnt, at(5), audit()).await.unwrap(), Ok(()));
        assert_eq!(owed(&bench, 0).await, debt("", 100, "COP", "").into(), "each change in its turn, the last one first");
        assert_eq!(owed(&bench, 1).await, debt("", 1, "COP", "").into());
        assert_summed_up(&bench, id).await;
    }

    async fn a_claim_knows_all_debts(bench: Bench) {
        let (campaign, session) = bench.running(1).await;
        let id = bench.store.debtor_by_phone(&phone(0)).await.unwrap().unwrap().id;
        bench.store.add_debt(id, debt("TC-9", 700, "COP", "2026-10-01"), at(1), audit()).await.unwrap();
        let order = Order { token: TOKEN, pool: campaign.pools[0], now: at(2), picks: &[session], holders: None, routing_state: None };
        let mut seen = Vec::new();
        let judge = |candidate: &whatsmassive::store::Candidate| {
            seen = references(&candidate.debtor.details.debts).into_iter().map(str::to_owned).collect();
            Verdict::Send { body: "Hola".to_owned(), wire_id: WireId("W".to_owned()) }
        };
        bench.store.claim(order, &mut whatsmassive::domain::campaign::Shares::default(), judge).await.unwrap();
        assert_eq!(seen, ["TC-9", "CR-0"]);
    }

    async fn what_was_owed_before_there_were_rows_of_debts_is_moved(bench: Bench) {
        let known = bench.debtor(0).await;
        bench.debtor(1).await;
        let down = match bench.store.backend() {
            Backend::Sqlite => include_str!("../../../migrations/sqlite/2026-11-22-010000_debts/down.sql"),
            Backend::Postgres => include_str!("../../../migrations/postgres/2026-11-22-010000_debts/down.sql"),
        };
        bench.run(down).await;
        bench.run("DELETE FROM __diesel_schema_migrations WHERE version = '20261122010000'").await;
        bench.run(
            "UPDATE debtors SET amount_minor = 700, currency = 'COP', due_date = '2026-10-01', import_id = 5 WHERE id = 1; \
             UPDATE debtors SET reference = '' WHERE id = 2",
        )
        .await;
        assert_eq!(bench.store.migrate().await.unwrap().len(), 1);
        let [moved] = bench.store.debts(known.id).await.unwrap().try_into().unwrap();
        assert_eq!(moved.debt, debt("CR-0", 700, "COP", "2026-10-01"));
        assert_eq!((moved.created_at, owed(&bench, 0).await), (known.created_at, moved.debt.into()));
        assert!(owed(&bench, 1).await.is_empty());
        for number in 0..2 {
            assert_summed_up(&bench, bench.store.debtor_by_phone(&phone(number)).await.unwrap().unwrap().id).await;
        }
    }

    async fn whatever_happens_a_debtor_says_what_their_debts_say(bench: Bench) {
        for seed in 0..8 {
            let mut history = History { bench: &bench, rng: StdRng::seed_from_u64(seed), number: seed as usize };
            let id = bench.debtor(history.number).await.id;
            for step in 0..14 {
                history.step(id).await;
                assert_summed_up(&bench, id).await;
                assert_eq!(bench.store.debtor(id).await.unwrap().unwrap().details.phone, phone(history.number), "{seed} {step}");
            }
        }
    }
}

/// What may happen to the debts of somebody, by chance.
struct History<'bench> {
    bench: &'bench Bench,
    rng: StdRng,
    number: usize,
}

impl History<'_> {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.random_range(0..from.len())]
    }

    fn debt(&mut self) -> Debt {
        let reference = self.pick(&["", "a1", "b2", "c3"]);
        let (minor, currency) = (self.rng.random_range(0..1_000), self.pick(&["COP", "COP", "USD", ""]));
        debt(reference, minor, currency, self.pick(&["", "2026-01-31", "2027-03-01", "2027-05-05"]))
    }

    fn rows(&mut self) -> Vec<DebtorDetails> {
        (0..self.rng.random_range(1..5)).map(|_| row(self.number, self.debt())).collect()
    }

    async fn any(&mut self, id: DebtorId) -> DebtId {
        let debts = self.bench.store.debts(id).await.unwrap();
        let place = self.rng.random_range(0..debts.len().max(1));
        debts.get(place).map_or(DebtId(0), |stored| stored.id)
    }

    /// Something happens; what is refused changes nothing.
    async fn step(&mut self, id: DebtorId) {
        let store = &self.bench.store;
        let (told, before) = (self.debt(), store.debtor(id).await.unwrap().unwrap().details);
        let due: Option<NaiveDate> = told.due_date;
        match self.rng.random_range(0..6) {
            0 => drop(store.add_debt(id, told, at(1), audit()).await),
            1 => {
                let patch =
                    DebtPatch { reference: Some(told.reference), amount: Some(told.amount), due_date: Some(due) };
                drop(store.change_debt(self.any(id).await, patch, at(2), audit()).await);
            }
            2 => drop(store.remove_debt(self.any(id).await, at(3), audit()).await),
            3 => {
                let patch = DebtorPatch { debt: Some(told.amount), due_date: Some(due), ..DebtorPatch::default() };
                drop(store.update_debtor(id, patch, at(4), audit()).await);
            }
            4 => {
                let (rows, update) = (self.rows(), self.rng.random());
                import(self.bench, &[&rows, &self.rows()], update).await;
            }
            _ => {
                let rows = self.rows();
                let (import, _) = import(self.bench, &[&rows], true).await;
                assert_summed_up(self.bench, id).await;
                assert_eq!(store.undo_import(import, at(5), audit()).await.unwrap(), Ok(()));
                assert_eq!(store.debtor(id).await.unwrap().unwrap().details, before, "as if it had not been");
            }
        }
    }
}
