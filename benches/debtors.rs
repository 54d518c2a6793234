//! How long lists of debtors take among a million, or as many as DEBTORS says: for each question the median and the 99th percentile of 200
//! answers, page after page, on both databases. `make bench-debtors`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/it/support/postgres.rs"]
mod postgres;

use std::time::{Duration, Instant};

use chrono::{Days, TimeDelta};
use diesel::connection::SimpleConnection as _;
use whatsmassive::{
    domain::{
        audit::AuditEntry,
        campaign::{Audience, Plan, Steps},
        clock::Clock,
        debt::Debt,
        debtor::{DebtorDetails, DebtorStatus},
        debtor_filter::{Bounds, DebtorFilter, DebtorSort, FieldValue},
        id::ImportId,
        money::Money,
        phone::Phone,
        pool::{Grace, Strategy, TurnSize},
        user::Role,
    },
    store::{DebtorList, NewCampaign, NewPool, NewTemplate, NewUser, Page, Store},
};

/// Answers that are timed of each question.
const ANSWERS: usize = 200;
/// Debtors of one import.
const IMPORT: usize = 10_000;
/// Of so many debtors one has been written to, twice.
const CONTACTED: usize = 5;

const NAMES: [&str; 16] = [
    "Ana", "Luis", "José", "Carmen", "João", "Beatriz", "Miguel", "Sofía", "Íñigo", "Lucía", "Pedro", "Thaís", "María",
    "Juan", "Rosa", "Xiomara",
];
const SURNAMES: [&str; 12] = [
    "García",
    "Rodríguez",
    "Núñez",
    "Pérez",
    "Silva",
    "Souza",
    "Muñoz",
    "Quiñones",
    "Torres",
    "Conceição",
    "Ávila",
    "Zuluaga",
];
const CITIES: [&str; 8] = ["Bogotá", "Cali", "Medellín", "Lima", "Quito", "São Paulo", "Santiago", "Ciudad de México"];

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() {
    let debtors: usize = std::env::var("DEBTORS").map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    println!("{debtors} debtors, {} messages, {ANSWERS} answers to each question.\n", debtors / CONTACTED * 2);
    println!("| database | question | matches | rows of a page | p50, ms | p99, ms | slowest, ms |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    for database in ["SQLite", "PostgreSQL"] {
        let url = match database {
            "SQLite" => format!("sqlite:{}", folder.path().join("debtors.db").display()),
            _ => postgres::Postgres::shared(true).fresh_database(),
        };
        let begun = Instant::now();
        let store = prepare(&url, debtors).await;
        eprintln!("{database}: loaded in {:.0} s", begun.elapsed().as_secs_f64());
        for (name, list) in questions(debtors).into_iter().chain(nasty()) {
            ask(&store, database, name, &list).await;
        }
    }
}

/// What people ask.
fn questions(debtors: usize) -> Vec<(&'static str, DebtorList)> {
    let today = Clock::system().now().date_naive();
    let list = |filter, sort, descending| DebtorList { filter, sort, descending, today };
    let newest = |filter| list(filter, DebtorSort::Created, true);
    let none = DebtorFilter::default;
    let sought = |text: &str| DebtorFilter { search: Some(text.to_owned()), ..none() };
    let tag = |tag: &str| DebtorFilter { tags: vec![tag.to_owned()], ..none() };
    let field = |value: &str| Some(FieldValue { name: "city".to_owned(), value: value.to_owned() });
    let amount = |from| Bounds { from: Some(from), until: None };
    let overdue = |from| Bounds { from: Some(from), until: None };
    vec![
        ("everybody, newest first", newest(none())),
        ("everybody by name", list(none(), DebtorSort::Name, false)),
        ("everybody by amount, largest first", list(none(), DebtorSort::Amount, true)),
        ("everybody by due date", list(none(), DebtorSort::DueDate, false)),
        ("by last contact, newest first", list(none(), DebtorSort::LastContact, true)),
        ("search: a common name", newest(sought("garcia"))),
        ("search: name and surname, by amount", list(sought("xiomara zulu"), DebtorSort::Amount, true)),
        ("search: a phone without its country code", newest(sought("3100000777"))),
        ("search: a reference", newest(sought(&format!("CR{}", debtors / 2)))),
        ("search: nobody", newest(sought("qwertyuiop"))),
        ("a tag of a third", newest(tag("third"))),
        ("a tag of one in ten thousand", newest(tag("rare"))),
        ("an import, by name", list(DebtorFilter { import: Some(3), ..none() }, DebtorSort::Name, false)),
        ("disputed or paid, by amount", {
            let statuses = vec![DebtorStatus::Disputed, DebtorStatus::Paid];
            list(DebtorFilter { statuses, ..none() }, DebtorSort::Amount, true)
        }),
        ("owe 9,000.00 or more, 90 days overdue, by due date", {
            let filter = DebtorFilter { amount: amount(900_000), overdue: overdue(90), ..none() };
            list(filter, DebtorSort::DueDate, false)
        }),
        ("a city and a tag of a third", newest(DebtorFilter { field: field("Cali"), ..tag("third") })),
        ("a field that one in 100,000 has", newest(DebtorFilter { field: field("Nowhere"), ..none() })),
        ("active, overdue, never contacted, by amount", {
            let statuses = vec![DebtorStatus::Active];
            let filter = DebtorFilter { statuses, overdue: overdue(1), contacted: Some(false), ..none() };
            list(filter, DebtorSort::Amount, true)
        }),
        ("contacted within a week, never replied", {
            let last_contact = Bounds { from: today.checked_sub_days(Days::new(7)), until: None };
            newest(DebtorFilter { last_contact, replied: Some(false), ..none() })
        }),
        ("replied, by name", list(DebtorFilter { replied: Some(true), ..none() }, DebtorSort::Name, false)),
    ]
}

/// What is hard to answer: many have each part of it and hardly anybody all of them, or nobody; in orders that have nothing to do with it.
fn nasty() -> Vec<(&'static str, DebtorList)> {
    use DebtorSort::{Amount, Created, DueDate, LastContact, Name};
    let today = Clock::system().now().date_naive();
    let list = |filter, sort, descending| DebtorList { filter, sort, descending, today };
    let none = DebtorFilter::default;
    let sought = |text: &str| DebtorFilter { search: Some(text.to_owned()), ..none() };
    let nowhere = Some(FieldValue { name: "city".to_owned(), value: "Nowhere".to_owned() });
    let third = || DebtorFilter { tags: vec!["third".to_owned()], field: nowhere.clone(), ..none() };
    let long_ago = Bounds { from: None, until: today.checked_sub_days(Days::new(58)) };
    let lately = Bounds { from: today.checked_sub_days(Days::new(7)), until: None };
    vec![
        ("search: three letters, newest first", list(sought("xio"), Created, true)),
        ("search: three letters, by name", list(sought("xio"), Name, false)),
        ("search: three letters, by amount", list(sought("xio"), Amount, true)),
        ("search: three letters, by due date", list(sought("xio"), DueDate, false)),
        ("search: three letters, by last contact", list(sought("xio"), LastContact, true)),
        ("search: three words that few have together, by amount", list(sought("xiomara zuluaga torres"), Amount, true)),
        ("search: the same and how references begin", list(sought("cr1 xiomara zuluaga torres"), Created, true)),
        ("search: how all phones begin, and nobody", list(sought("573 qwertyuiop"), Created, true)),
        ("search: twice two letters, nobody, by name", list(sought("zu qw"), Name, false)),
        ("search: how all phones begin, and a rare field, by amount", {
            list(DebtorFilter { field: nowhere.clone(), ..sought("573") }, Amount, true)
        }),
        ("a tag of a third and a rare field, by name", list(third(), Name, false)),
        ("a tag of a third and a rare field, by amount", list(third(), Amount, true)),
        ("a tag of a third and a rare field, by due date", list(third(), DueDate, false)),
        ("a tag of a third and a rare field, by last contact", list(third(), LastContact, true)),
        ("an import and a rare field, by name", list(DebtorFilter { import: Some(3), ..third() }, Name, false)),
        ("last contacted long ago, never replied, by name", {
            list(DebtorFilter { last_contact: long_ago, replied: Some(false), ..none() }, Name, false)
        }),
        (
            "last contacted long ago, by last contact",
            list(DebtorFilter { last_contact: long_ago, ..none() }, LastContact, true),
        ),
        ("contacted within a week, and a rare field, by last contact", {
            list(DebtorFilter { last_contact: lately, field: nowhere.clone(), ..none() }, LastContact, true)
        }),
        ("replied, and a rare field, by last contact", {
            list(DebtorFilter { replied: Some(true), field: nowhere.clone(), ..none() }, LastContact, true)
        }),
        ("disputed, overdue, never contacted, in a rare city, by name", {
            let (statuses, overdue) = (vec![DebtorStatus::Disputed], Bounds { from: Some(30), until: None });
            list(DebtorFilter { statuses, overdue, contacted: Some(false), ..third() }, Name, false)
        }),
    ]
}

/// Asks for one page after the other, and from the top again after the last.
async fn ask(store: &Store, database: &str, question: &str, list: &DebtorList) {
    let (mut times, mut rows) = (Vec::with_capacity(ANSWERS), 0);
    let mut page = Page { limit: 50, cursor: None };
    let mut total = String::new();
    for answer in 0..ANSWERS {
        let begun = Instant::now();
        let found = store.debtors(list, &page).await.unwrap();
        times.push(begun.elapsed());
        rows += found.items.len();
        if answer == 0 {
            total = format!("{}{}", if found.exact { "" } else { "about " }, found.total);
        }
        page.cursor = found.next_cursor;
    }
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let (p50, p99, slowest) = (times[ANSWERS / 2], times[ANSWERS * 99 / 100 - 1], times[ANSWERS - 1]);
    let rows = rows as f64 / ANSWERS as f64;
    println!(
        "| {database} | {question} | {total} | {rows:.0} | {:.1} | {:.1} | {:.1} |",
        ms(p50),
        ms(p99),
        ms(slowest)
    );
}

fn audit() -> AuditEntry {
    AuditEntry { actor: None, action: "bench", subject: "bench".to_owned(), detail: serde_json::Value::Null }
}

/// A number that looks random and is always the same.
fn draw(number: usize, salt: usize) -> usize {
    let mixed = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03)).rotate_left(31);
    mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
}

fn debtor(number: usize, today: chrono::NaiveDate) -> DebtorDetails {
    let of = |list: &[&str], salt| list[draw(number, salt) % list.len()].to_owned();
    let city = if number % 100_000 == 7 { "Nowhere".to_owned() } else { of(&CITIES, 5) };
    let mut tags = vec![["first", "second", "third"][number % 3]];
    if number % 10_000 == 11 {
        tags.push("rare");
    }
    DebtorDetails {
        phone: Phone::from_e164(&format!("57310{number:07}")).unwrap(),
        name: format!("{} {} {}", of(&NAMES, 1), of(&SURNAMES, 2), of(&SURNAMES, 3)),
        debts: Debt {
            reference: Some(format!("CR{number}")),
            amount: (!draw(number, 4).is_multiple_of(10))
                .then(|| Money { minor: draw(number, 6) as i64 % 1_000_000, currency: "COP".parse().unwrap() }),
            due_date: today.checked_sub_days(Days::new(draw(number, 7) as u64 % 400)),
        }
        .into(),
        tags: tags.into_iter().map(str::to_owned).collect(),
        fields: [("city".to_owned(), city), ("plan".to_owned(), format!("P{}", draw(number, 8) % 1000))].into(),
    }
}

async fn prepare(url: &str, debtors: usize) -> Store {
    let now = Clock::system().now();
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();
    for first in (0..debtors).step_by(IMPORT) {
        let rows: Vec<_> =
            (first..(first + IMPORT).min(debtors)).map(|number| debtor(number, now.date_naive())).collect();
        let import = Some(ImportId((first / IMPORT) as i64));
        store.upsert_debtors(&rows, false, import, now, audit(), |_| {}).await.unwrap();
    }
    let user = NewUser {
        username: "bench".to_owned(),
        name: "Bench".to_owned(),
        role: Role::Admin,
        password_hash: "-".to_owned(),
    };
    let user = store.create_user(user, now, audit()).await.unwrap();
    let pool = NewPool {
        name: "Pool".to_owned(),
        strategy: Strategy::Competitive,
        turn_size: TurnSize::ONE,
        grace: Grace::default(),
        sticky: false,
        members: Vec::new(),
    };
    let pool = store.create_pool(pool, now, audit()).await.unwrap();
    let template = NewTemplate { name: "Template".to_owned(), body: "Hola".to_owned(), media_id: None };
    let template = store.create_template(template, now, audit()).await.unwrap();
    let campaign = NewCampaign {
        name: "Campaign".to_owned(),
        pools: vec![pool.id],
        template_id: template.id,
        audience: Audience::default(),
        plan: Plan::default(),
        steps: Steps::default(),
        created_by: user.id,
    };
    store.create_campaign(campaign, now, audit()).await.unwrap();
    fill(url, &history(url, now)).await;
    store
}

/// What a while of work leaves behind: messages over the last two months, statuses and replies.
fn history(url: &str, now: chrono::DateTime<chrono::Utc>) -> Vec<String> {
    let begin = (now - TimeDelta::days(60)).format("%Y-%m-%dT%H:%M:%S");
    let sqlite = url.starts_with("sqlite:");
    // A minute of the two months for each, as if drawn.
    let minute = |salt: usize| format!("((id * {salt}) % 86400)");
    let instant = |salt| {
        if sqlite {
            format!("strftime('%Y-%m-%dT%H:%M:%S.000000Z', '{begin}', '+' || {} || ' minutes')", minute(salt))
        } else {
            format!("'{begin}Z'::timestamptz + {} * INTERVAL '1 minute'", minute(salt))
        }
    };
    let message = |step: usize, salt| {
        format!(
            "INSERT INTO messages (campaign_id, step, debtor_id, state, attempts, due_at, updated_at, claimed_at) \
             SELECT 1, {step}, id, 'read', 1, {at}, {at}, {at} FROM debtors WHERE id % {CONTACTED} = 0 ORDER BY id",
            at = instant(salt)
        )
    };
    let mut statements = vec![
        message(0, 7919),
        message(1, 104_729),
        "UPDATE debtors SET status = 'disputed' WHERE id % 50 = 1".to_owned(),
        "UPDATE debtors SET status = 'paid' WHERE id % 20 = 3".to_owned(),
        format!("UPDATE debtors SET last_heard_at = {} WHERE id % 40 = 0", instant(15_485_863)),
    ];
    // PostgreSQL does this by itself in time.
    if !sqlite {
        statements.push("VACUUM ANALYZE".to_owned());
    }
    statements
}

async fn fill(url: &str, statements: &[String]) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut conn = <diesel::SqliteConnection as diesel::Connection>::establish(path).unwrap();
        for statement in statements {
            conn.batch_execute(statement).unwrap();
        }
        return;
    }
    let mut conn = <diesel_async::AsyncPgConnection as diesel_async::AsyncConnection>::establish(url).await.unwrap();
    for statement in statements {
        diesel_async::SimpleAsyncConnection::batch_execute(&mut conn, statement).await.unwrap();
    }
}
