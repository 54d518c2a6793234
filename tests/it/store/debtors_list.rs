//! Lists of debtors: filters, orders, pages, and what they cost among many.

use chrono::{Days, NaiveDate};
use whatsmassive::{
    domain::{
        conversation::Inbound,
        debt::Debt,
        debtor::{DebtorDetails, DebtorStatus},
        debtor_filter::{Bounds, DebtorFilter, DebtorSort, FieldValue},
        id::ImportId,
        money::Money,
    },
    store::{DebtorList, DebtorPage, Page},
};

use super::{
    bench::{Bench, all, at, audit, details, phone, today},
    on_both,
};

fn list(filter: DebtorFilter) -> DebtorList {
    DebtorList { filter, sort: DebtorSort::Created, descending: false, today: today() }
}

fn sought(text: &str) -> DebtorFilter {
    DebtorFilter { search: Some(text.to_owned()), ..DebtorFilter::default() }
}

/// Numbers of the debtors of a page, by their phones.
fn numbers(page: &DebtorPage) -> Vec<usize> {
    let number = |text: &str| text["+573001".len()..].parse().unwrap();
    page.items.iter().map(|listed| number(listed.debtor.details.phone.as_str())).collect()
}

/// Every page of a list, a few rows at a time.
async fn pages(bench: &Bench, list: &DebtorList, limit: u32) -> Vec<usize> {
    let (mut seen, mut page) = (Vec::new(), Page { limit, cursor: None });
    loop {
        let found = bench.store.debtors(list, &page).await.unwrap();
        assert!(found.items.len() <= limit as usize);
        seen.extend(numbers(&found));
        let Some(next) = found.next_cursor else { return seen };
        page.cursor = Some(next);
    }
}

async fn found(bench: &Bench, filter: DebtorFilter) -> Vec<usize> {
    let list = list(filter);
    let page = bench.store.debtors(&list, &all()).await.unwrap();
    let numbers = numbers(&page);
    assert_eq!((page.total, page.exact), (numbers.len() as u64, true));
    assert_eq!(
        bench.store.count_debtors(&list.filter, today()).await.unwrap(),
        page.total,
        "what lists and what counts agree"
    );
    numbers
}

/// Debtor `number` of twelve: every other one has no amount and no due date.
fn one(number: usize) -> DebtorDetails {
    let mut one = details(number);
    one.name = ["Zoë Ávila", "ana Núñez", "Beto Ríos"][number % 3].to_owned();
    if number.is_multiple_of(2) {
        let amount = Some(Money { minor: 100 * (number as i64 % 4), currency: "COP".parse().unwrap() });
        let due_date = today().checked_sub_days(Days::new(10 * number as u64));
        one.debts = Debt { reference: Some(format!("CR-{number}")), amount, due_date }.into();
    }
    one.tags = [["a"], ["b"], ["c"]][number % 3].iter().map(|&tag| tag.to_owned()).collect();
    one.fields = [("city's \"name\"".to_owned(), format!("C{}", number % 4))].into();
    one
}

async fn twelve(bench: &Bench) {
    let rows: Vec<_> = (0..12).map(one).collect();
    bench.store.upsert_debtors(&rows[..6], false, Some(ImportId(7)), at(0), audit(), |_| {}).await.unwrap();
    bench.store.upsert_debtors(&rows[6..], false, None, at(0), audit(), |_| {}).await.unwrap();
}

on_both! {
    async fn pages_lead_through_all_and_search_knows_no_accents(bench: Bench) {
        for number in 0..25 {
            bench.debtor(number).await;
        }
        let newest = DebtorList { descending: true, ..list(DebtorFilter::default()) };
        assert_eq!(pages(&bench, &newest, 10).await, (0..25).rev().collect::<Vec<_>>());
        assert_eq!(bench.store.debtors(&newest, &all()).await.unwrap().total, 25);
        for (text, count) in [
            ("jose nunez 7", 1), ("NÚÑEZ", 25), ("cr-1", 11), ("573001000003", 1), ("+57 3001000003", 1), ("3001000003", 1),
            ("30010000", 25), ("nune", 25), ("unez", 0), ("100%", 0), ("_", 0), ("'\"*", 0), ("", 25),
        ] {
            assert_eq!(found(&bench, sought(text)).await.len(), count, "{text}");
        }
        assert_eq!(bench.store.debtor_tags().await.unwrap(), [("all".to_owned(), 25)]);
        assert_eq!(bench.store.custom_field_names().await.unwrap(), ["city"]);
        assert_eq!(bench.store.field_names(&DebtorFilter::default(), today()).await.unwrap(), ["city"]);
    }

    async fn a_search_follows_changes(bench: Bench) {
        let debtor = bench.debtor(1).await;
        let patch = whatsmassive::store::DebtorPatch { name: Some("Ángela".to_owned()), ..Default::default() };
        bench.store.update_debtor(debtor.id, patch, at(1), audit()).await.unwrap();
        assert_eq!(found(&bench, sought("angel")).await, [1]);
        assert_eq!(found(&bench, sought("nunez")).await, [] as [usize; 0]);
        bench.store.delete_debtor(debtor.id, at(2), audit()).await.unwrap();
        assert_eq!(found(&bench, sought("angel")).await, [] as [usize; 0]);
    }

    async fn a_search_finds_new_words_whoever_brings_them(bench: Bench) {
        let row = |number: usize, name: &str, reference: &str| {
            let debts = Debt { reference: Some(reference.to_owned()), ..Debt::default() }.into();
            DebtorDetails { name: name.to_owned(), debts, ..details(number) }
        };
        let store = async |rows: &[DebtorDetails]| {
            bench.store.upsert_debtors(rows, true, None, at(0), audit(), |_| {}).await.unwrap();
        };
        store(&[row(1, "Cramer", "X1"), row(2, "Ana", "CRA17"), row(3, "Crane", "X3")]).await;
        assert_eq!(found(&bench, sought("cra")).await, [1, 2, 3], "a word of letters, and one with digits");
        assert_eq!(found(&bench, sought("cram")).await, [1]);
        assert_eq!(found(&bench, sought("cra1")).await, [2]);
        assert_eq!(found(&bench, sought("xiom")).await, [] as [usize; 0]);
        store(&[row(3, "Xiomara", "X3"), row(4, "Xiomena", "X4")]).await;
        assert_eq!(found(&bench, sought("xiom")).await, [3, 4], "one changed and one new");
        assert_eq!(found(&bench, sought("cran")).await, [] as [usize; 0]);
    }

    async fn every_filter_says_what_it_means(bench: Bench) {
        twelve(&bench).await;
        let disputed = bench.store.debtor_by_phone(&phone(5)).await.unwrap().unwrap();
        bench.store.set_debtor_status(disputed.id, DebtorStatus::Disputed, at(1), audit()).await.unwrap();
        let session = bench.session("Number 1").await;
        let text = Inbound { from: phone(3), wire_id: "A".to_owned(), body: "Hola".to_owned(), media: None, at: at(1) };
        bench.store.record_inbound(session.id, &text, at(1)).await.unwrap().unwrap();
        let none = DebtorFilter::default;
        let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect();
        for (filter, numbers) in [
            (none(), (0..12).collect::<Vec<_>>()),
            (DebtorFilter { tags: tags(&["a"]), ..none() }, vec![0, 3, 6, 9]),
            (DebtorFilter { tags: tags(&["a", "c", "x"]), ..none() }, vec![0, 2, 3, 5, 6, 8, 9, 11]),
            (DebtorFilter { statuses: vec![DebtorStatus::Disputed, DebtorStatus::Paid], ..none() }, vec![5]),
            (DebtorFilter { statuses: vec![DebtorStatus::Active], tags: tags(&["c"]), ..none() }, vec![2, 8, 11]),
            (DebtorFilter { import: Some(7), ..none() }, vec![0, 1, 2, 3, 4, 5]),
            (DebtorFilter { amount: Bounds { from: Some(1), until: None }, ..none() }, vec![2, 6, 10]),
            (DebtorFilter { amount: Bounds { from: None, until: Some(100) }, ..none() }, vec![0, 4, 8]),
            (DebtorFilter { currency: Some("COP".to_owned()), ..none() }, vec![0, 2, 4, 6, 8, 10]),
            (DebtorFilter { currency: Some("USD".to_owned()), ..none() }, vec![]),
            (DebtorFilter { overdue: Bounds { from: Some(20), until: Some(40) }, ..none() }, vec![2, 4]),
            (DebtorFilter { overdue: Bounds { from: Some(41), until: None }, ..none() }, vec![6, 8, 10]),
            (DebtorFilter { overdue: Bounds { from: None, until: Some(0) }, ..none() }, vec![0]),
            (
                DebtorFilter {
                    field: Some(FieldValue { name: "city's \"name\"".to_owned(), value: "C3".to_owned() }),
                    ..none()
                },
                vec![3, 7, 11],
            ),
            (DebtorFilter { replied: Some(true), ..none() }, vec![3]),
            (DebtorFilter { replied: Some(false), import: Some(7), ..none() }, vec![0, 1, 2, 4, 5]),
            (DebtorFilter { search: Some("ana".to_owned()), tags: tags(&["b"]), import: Some(7), ..none() }, vec![1, 4]),
        ] {
            assert_eq!(found(&bench, filter.clone()).await, numbers, "{filter:?}");
        }
    }

    async fn the_last_contact_is_a_filter_and_an_order(bench: Bench) {
        let (campaign, session) = bench.running(4).await;
        bench.debtor(9).await;
        let day = 86_400;
        for seconds in [0, day, 2 * day] {
            assert_eq!(bench.claim(&campaign, &[session], seconds).await.claimed.len(), 1);
        }
        let first = today();
        let next = |days| first.checked_add_days(Days::new(days)).unwrap();
        let between = |from: Option<NaiveDate>, until| {
            DebtorFilter { last_contact: Bounds { from, until }, ..DebtorFilter::default() }
        };
        let contacted = |contacted| DebtorFilter { contacted: Some(contacted), ..DebtorFilter::default() };
        assert_eq!(found(&bench, contacted(true)).await, [0, 1, 2]);
        assert_eq!(found(&bench, contacted(false)).await, [3, 9]);
        assert_eq!(found(&bench, between(Some(next(1)), None)).await, [1, 2]);
        assert_eq!(found(&bench, between(None, Some(next(1)))).await, [0, 1]);
        assert_eq!(found(&bench, between(Some(next(1)), Some(next(1)))).await, [1]);
        let sorted = |filter, descending| DebtorList { filter, sort: DebtorSort::LastContact, descending, today: today() };
        assert_eq!(pages(&bench, &sorted(DebtorFilter::default(), true), 2).await, [2, 1, 0]);
        assert_eq!(pages(&bench, &sorted(DebtorFilter::default(), false), 1).await, [0, 1, 2]);
        assert_eq!(pages(&bench, &sorted(sought("jose nunez"), true), 1).await, [2, 1, 0]);
        assert_eq!(pages(&bench, &sorted(contacted(false), true), 1).await, [] as [usize; 0]);
        let page = bench.store.debtors(&sorted(DebtorFilter::default(), true), &all()).await.unwrap();
        assert_eq!(page.items[0].last_contact_at, Some(at(2 * day)));
        assert_eq!(page.total, 3);
        // A cursor of a list without bounds leads nobody past those of another.
        for (descending, filter, within) in [(true, between(None, Some(first)), 0), (false, between(Some(next(2)), None), 2)] {
            let everybody = sorted(DebtorFilter::default(), descending);
            let cursor = bench.store.debtors(&everybody, &Page { limit: 1, cursor: None }).await.unwrap().next_cursor;
            let page = bench.store.debtors(&sorted(filter, descending), &Page { limit: 50, cursor }).await.unwrap();
            assert_eq!(numbers(&page), [within]);
        }
    }

    async fn every_order_goes_through_all_in_pages(bench: Bench) {
        twelve(&bench).await;
        for (sort, up) in [
            (DebtorSort::Created, vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            (DebtorSort::Name, vec![1, 4, 7, 10, 2, 5, 8, 11, 0, 3, 6, 9]),
            (DebtorSort::Amount, vec![1, 3, 5, 7, 9, 11, 0, 4, 8, 2, 6, 10]),
            (DebtorSort::DueDate, vec![10, 8, 6, 4, 2, 0, 1, 3, 5, 7, 9, 11]),
        ] {
            for limit in [1, 5, 12] {
                let list = |descending| DebtorList { filter: DebtorFilter::default(), sort, descending, today: today() };
                assert_eq!(pages(&bench, &list(false), limit).await, up, "{sort}");
                let down: Vec<_> = up.iter().rev().copied().collect();
                assert_eq!(pages(&bench, &list(true), limit).await, down, "{sort} descending");
                let some = DebtorList { filter: sought("ana"), ..list(false) };
                let own: Vec<_> = up.iter().copied().filter(|number| number % 3 == 1).collect();
                assert_eq!(pages(&bench, &some, limit).await, own, "{sort} of some");
            }
        }
    }

    async fn a_cursor_of_another_order_starts_from_the_top(bench: Bench) {
        twelve(&bench).await;
        let name = DebtorList { sort: DebtorSort::Name, ..list(DebtorFilter::default()) };
        let cursor = bench.store.debtors(&name, &Page { limit: 3, cursor: None }).await.unwrap().next_cursor;
        let amount = DebtorList { sort: DebtorSort::Amount, ..list(DebtorFilter::default()) };
        let page = bench.store.debtors(&amount, &Page { limit: 1, cursor }).await.unwrap();
        assert_eq!(numbers(&page), [1]);
    }

    async fn a_search_among_very_many_finds_all_and_nobody_else(bench: Bench) {
        const MANY: usize = 12_000;
        let name = |number: usize| {
            let (first, last) = (["Ana", "Xiomara", "Zulma", "Zulema"][number % 4], ["García", "Garza", "Torres"][number / 4 % 3]);
            format!("{first} {last} {}", if number % 1_000 == 7 { "Único" } else { "Pérez" })
        };
        let rows: Vec<_> = (0..MANY)
            .map(|number| {
                let amount = Some(Money { minor: number as i64, currency: "COP".parse().unwrap() });
                let reference = Some(format!("CR-{number}"));
                DebtorDetails { name: name(number), debts: Debt { reference, amount, due_date: None }.into(), ..details(number) }
            })
            .collect();
        bench.store.upsert_debtors(&rows, false, None, at(0), audit(), |_| {}).await.unwrap();
        // Common words that few have together, beginnings of many words, and those that all have or nobody.
        for text in [
            "xio gar", "unico", "zul garza unico", "573 unico", "zu un", "qwerty", "3001 torres xiomara", "573 qwerty", "573001007 zulema",
            "cr 1007", "xiomara torres unico cr",
        ] {
            let has = |row: &&DebtorDetails| {
                let words = row.searched();
                text.split(' ').all(|sought| words.split(' ').any(|word| word.starts_with(sought)))
            };
            let mut expected: Vec<usize> = rows.iter().filter(has).map(|row| row.phone.as_str()[7..].parse().unwrap()).collect();
            for sort in [DebtorSort::Created, DebtorSort::Amount] {
                let ascending = DebtorList { sort, ..list(sought(text)) };
                assert_eq!(pages(&bench, &ascending, 200).await, expected, "{text}, {sort}");
            }
            expected.reverse();
            let descending = DebtorList { sort: DebtorSort::Amount, descending: true, ..list(sought(text)) };
            assert_eq!(pages(&bench, &descending, 200).await, expected, "{text}, descending");
        }
    }

    async fn among_very_many_pages_stay_short_and_nobody_is_lost(bench: Bench) {
        const MANY: usize = 25_000;
        let rows: Vec<_> = (0..MANY)
            .map(|number| {
                let mut one = details(number);
                // Everybody is of a tag and of a city; hardly any of both, and those are the last.
                one.tags = [if number < 12_500 { "early" } else { "late" }.to_owned()].into();
                let city = if number < 20_000 && number != 4 { "Cali" } else { "Pasto" };
                one.fields = [("city".to_owned(), city.to_owned())].into();
                let amount = Some(Money { minor: number as i64, currency: "COP".parse().unwrap() });
                one.debts = Debt { amount, ..Debt::default() }.into();
                one
            })
            .collect();
        bench.store.upsert_debtors(&rows, false, None, at(0), audit(), |_| {}).await.unwrap();
        let everybody = bench.store.debtors(&list(DebtorFilter::default()), &all()).await.unwrap();
        assert_eq!((everybody.total, everybody.exact), (25_000, false));
        let city = Some(FieldValue { name: "city".to_owned(), value: "Pasto".to_owned() });
        let rare = DebtorFilter { tags: vec!["early".to_owned()], field: city.clone(), ..DebtorFilter::default() };
        for sort in [DebtorSort::Created, DebtorSort::Name, DebtorSort::Amount] {
            for descending in [false, true] {
                let list = DebtorList { filter: rare.clone(), sort, descending, today: today() };
                assert_eq!(pages(&bench, &list, 50).await, [4], "{sort} {descending}");
            }
        }
        let page = bench.store.debtors(&DebtorList { descending: true, ..list(rare) }, &all()).await.unwrap();
        assert!(page.items.is_empty() && page.next_cursor.is_some(), "it ends where it was looked to, and goes on");
        let half = DebtorFilter { tags: vec!["late".to_owned()], ..DebtorFilter::default() };
        let page = bench.store.debtors(&DebtorList { descending: true, ..list(half) }, &all()).await.unwrap();
        assert_eq!(page.items.len(), 200);
        assert!(!page.exact && (12_000..=13_000).contains(&page.total), "{}", page.total);
        let few = DebtorFilter { amount: Bounds { from: Some(24_000), until: None }, field: city, ..DebtorFilter::default() };
        let page = bench.store.debtors(&list(few), &all()).await.unwrap();
        assert_eq!((page.total, page.exact), (1_000, true), "an index leaves few: they are counted");
    }
}
