//! How fast a file of debtors comes in: a csv of a million rows, or of as many as ROWS says, and a workbook of a fifth of them, on both
//! databases, beside the bare load of the very same rows; and how fast the same files are read by SheetJS and by pandas. `make bench-import`.
//!
//! Each line is a process of its own, so that its peak of memory is its own. Ratios are of one run: machines are noisy.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends")]

#[path = "../tests/it/support/postgres.rs"]
mod postgres;

use std::{
    fs::{File, Permissions},
    io::{BufWriter, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use diesel::{Connection as _, RunQueryDsl as _, connection::SimpleConnection as _};
use nix::sys::resource::{UsageWho, getrusage};
use rust_xlsxwriter::Workbook;
use whatsmassive::{
    bus::Bus,
    domain::{audit::AuditEntry, clock::Clock, duplicates::Duplicates, money::Decimal, user::Role},
    import::{CommitPlan, DateOrder, Field, Importer, Mapping},
    store::{NewUser, Store},
};

const HEADERS: [&str; 6] = ["Nombre", "Celular", "Saldo", "Vencimiento", "Contrato", "Ciudad"];
const NAMES: [&str; 8] = ["Ana", "Luis", "José", "Carmen", "João", "Beatriz", "Íñigo", "Lucía"];
const SURNAMES: [&str; 7] = ["García", "Núñez", "Pérez", "Souza", "Quiñones", "Torres", "Conceição"];
const CITIES: [&str; 5] = ["Bogotá", "Cali", "Medellín", "Lima", "Quito"];

/// What an import writes of a debtor and of what they owe, table by table.
const TABLES: [(&str, &str); 2] = [
    (
        "debtors",
        "id, phone, name, reference, amount_minor, currency, due_date, status, fields, search, created_at, updated_at, import_id, debts",
    ),
    ("debts", "id, debtor_id, reference, amount_minor, currency, due_date, import_id, created_at, updated_at"),
];

/// As in the server.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What a process has measured of itself: seconds, and megabytes at the most.
#[derive(serde::Serialize, serde::Deserialize)]
struct Measured {
    seconds: f64,
    rows: u64,
    memory: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [kind, url, file] = arguments.as_slice() {
        let measured = match kind.as_str() {
            "load" => load(url, file),
            _ => tokio::runtime::Runtime::new().unwrap().block_on(import(kind, url, Path::new(file))),
        };
        return println!("{}", serde_json::to_string(&measured).unwrap());
    }
    let rows: u64 = std::env::var("ROWS").map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    // The database server, somebody else, writes and reads here too.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let files = [write_csv(folder.path(), rows), write_workbook(folder.path(), rows / 5)];
    stored(folder.path(), &files);
    read(folder.path(), &files);
}

/// A process that measures itself.
fn measure(program: &Path, arguments: &[&str]) -> Measured {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// From the confirmed file to the committed debtors.
fn stored(folder: &Path, files: &[PathBuf]) {
    println!("| database | file | rows | through | rows a second | of the bare load | peak memory, MB |");
    println!("|---|---|---:|---|---:|---:|---:|");
    let this = std::env::current_exe().unwrap();
    for database in ["SQLite", "PostgreSQL"] {
        for file in files {
            let kind = file.extension().unwrap().to_str().unwrap();
            let url = |name: &str| match database {
                "SQLite" => format!("sqlite:{}", folder.join(format!("{name}-{kind}.db")).display()),
                _ => postgres::Postgres::shared(true).fresh_database(),
            };
            let (url, empty) = (url("import"), url("load"));
            let imported = measure(&this, &["import", &url, file.to_str().unwrap()]);
            let loaded = measure(&this, &["load", &empty, &rows_of(folder, &url)]);
            assert_eq!(imported.rows, loaded.rows, "each loads the same rows");
            for (through, measured) in [("bare load", &loaded), ("the importer", &imported)] {
                let Measured { seconds, rows, memory } = measured;
                let (rate, ratio) = (*rows as f64 / seconds, loaded.seconds / seconds);
                println!("| {database} | {kind} | {rows} | {through} | {rate:.0} | {ratio:.2} | {memory} |");
            }
        }
    }
}

/// The rows of an import where they can be loaded from: SQLite reads them out of the other file, PostgreSQL out of a text of its own.
fn rows_of(folder: &Path, url: &str) -> String {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return path.to_owned();
    }
    let text = folder.join("rows").to_str().unwrap().to_owned();
    for (table, columns) in TABLES {
        postgres_runs(url, &format!("COPY (SELECT {columns} FROM {table} ORDER BY id) TO '{text}-{table}.tsv'"));
    }
    text
}

fn postgres_runs(url: &str, statement: &str) -> usize {
    let run = async {
        let mut conn =
            <diesel_async::AsyncPgConnection as diesel_async::AsyncConnection>::establish(url).await.unwrap();
        diesel_async::RunQueryDsl::execute(diesel::sql_query(statement), &mut conn).await.unwrap()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(run)
}

/// The same rows into the same tables with the same indexes, all at once, by the database alone.
fn load(url: &str, from: &str) -> Measured {
    let migrated = async { Store::open(url).await.unwrap().migrate().await.unwrap() };
    tokio::runtime::Runtime::new().unwrap().block_on(migrated);
    let begun;
    let rows = match url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut conn = diesel::SqliteConnection::establish(path).unwrap();
            // As the store's writer.
            conn.batch_execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA temp_store = MEMORY; PRAGMA cache_size = -12000; PRAGMA wal_autocheckpoint = 16000;",
            )
            .unwrap();
            conn.batch_execute(&format!("ATTACH '{from}' AS imported")).unwrap();
            begun = Instant::now();
            let load = |(table, columns): (&str, &str), conn: &mut diesel::SqliteConnection| {
                let all = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM imported.{table} ORDER BY id");
                diesel::sql_query(all).execute(conn).unwrap()
            };
            conn.transaction(|conn| Ok::<_, diesel::result::Error>(TABLES.map(|table| load(table, conn))[0])).unwrap()
        }
        None => {
            begun = Instant::now();
            TABLES.map(|(table, columns)| {
                postgres_runs(url, &format!("COPY {table} ({columns}) FROM '{from}-{table}.tsv'"))
            })[0]
        }
    };
    Measured { seconds: begun.elapsed().as_secs_f64(), rows: rows as u64, memory: peak_megabytes() }
}

/// A file through the importer: `import` measures from its confirmation to its commit, `read` what comes before, when it is read for the
/// first time to find out what is in it.
async fn import(kind: &str, url: &str, file: &Path) -> Measured {
    let store = Store::open(url).await.unwrap();
    store.migrate().await.unwrap();
    let (clock, audit) = (Clock::system(), |action| AuditEntry {
        actor: None,
        action,
        subject: "bench".to_owned(),
        detail: serde_json::Value::Null,
    });
    let user = NewUser {
        username: "bench".to_owned(),
        name: "Bench".to_owned(),
        role: Role::Admin,
        password_hash: "-".to_owned(),
    };
    let user = store.create_user(user, clock.now(), audit("user.create")).await.unwrap();
    let folder = tempfile::tempdir_in(file.parent().unwrap()).unwrap();
    let program = env!("CARGO_BIN_EXE_whatsmassive").into();
    let importer = Importer::new(store, Bus::new(), clock, folder.path().to_owned(), u64::MAX, program);
    let uploaded = folder.path().join("uploaded");
    std::fs::hard_link(file, &uploaded).unwrap();
    let mut begun = Instant::now();
    let mut import = importer.preview(file.file_name().unwrap().to_str().unwrap(), &uploaded, user.id).await.unwrap();
    if kind == "import" {
        let column = |column: &whatsmassive::import::Column| Mapping {
            index: column.index,
            field: column.detected.unwrap_or(Field::Custom),
            variable: column.detected.is_none().then(|| column.header.clone()),
        };
        let plan = CommitPlan {
            mapping: import.columns.iter().map(column).collect(),
            country: "CO".parse().unwrap(),
            currency: "COP".parse().unwrap(),
            date_order: DateOrder::Dmy,
            decimal: Decimal::Auto,
            tags: [].into(),
            duplicates: Duplicates::all(false),
            ask: false,
            corrections: [].into(),
        };
        begun = Instant::now();
        import = importer.commit(import.id, plan, audit("import.confirm")).await.unwrap();
        assert_eq!(import.report.unwrap().inserted, import.rows, "every row is a debtor");
    }
    Measured { seconds: begun.elapsed().as_secs_f64(), rows: import.rows, memory: peak_megabytes() }
}

/// How long it takes to read every row of a file, and to do nothing with it.
fn read(folder: &Path, files: &[PathBuf]) {
    println!("\n| file | rows | read by | seconds | times as long | peak memory, MB |");
    println!("|---|---:|---|---:|---:|---:|");
    let peer = |path: &str| format!("{}/benches/peers/{path}", env!("CARGO_MANIFEST_DIR"));
    let this = std::env::current_exe().unwrap();
    for file in files {
        let (kind, path) = (file.extension().unwrap().to_str().unwrap(), file.to_str().unwrap());
        let url = format!("sqlite:{}", folder.join(format!("read-{kind}.db")).display());
        let python = peer("pandas/.venv/bin/python3");
        let all = [
            ("the importer", measure(&this, &["read", &url, path])),
            ("SheetJS", measure(Path::new("node"), &["--max-old-space-size=8192", &peer("sheetjs/read.js"), path])),
            ("pandas", measure(Path::new(&python), &[&peer("pandas/read.py"), path])),
        ];
        for (by, Measured { seconds, rows, memory }) in &all {
            assert_eq!(*rows, all[0].1.rows, "each reads the same rows");
            println!("| {kind} | {rows} | {by} | {seconds:.2} | {:.1} | {memory} |", seconds / all[0].1.seconds);
        }
    }
}

/// The values of a row, as people write them.
fn row(number: u64) -> [String; 6] {
    let of = |list: &[&str], turn: u64| list[(turn % list.len() as u64) as usize].to_owned();
    let phone = match number % 3 {
        0 => format!("310{number:07}"),
        1 => format!("+57 310 {:03} {:04}", number / 10_000, number % 10_000),
        _ => format!("(310) {:03}-{:04}", number / 10_000, number % 10_000),
    };
    let amount = format!("{}.{:03},{:02}", 1 + number % 998, number % 1000, number % 100);
    let due = format!("{:02}/{:02}/2026", 1 + number % 28, 1 + number % 10);
    let name = format!("{} {} {}", of(&NAMES, number), of(&SURNAMES, number / 8), of(&SURNAMES, number / 56));
    [name, phone, amount, due, format!("CR-{number}"), of(&CITIES, number / 3)]
}

fn write_csv(folder: &Path, rows: u64) -> PathBuf {
    let path = folder.join("debtors.csv");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    writeln!(file, "{}", HEADERS.join(";")).unwrap();
    for number in 0..rows {
        writeln!(file, "{}", row(number).join(";")).unwrap();
    }
    file.flush().unwrap();
    path
}

fn write_workbook(folder: &Path, rows: u64) -> PathBuf {
    let path = folder.join("debtors.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory().unwrap();
    sheet.write_row(0, 0, HEADERS).unwrap();
    for number in 0..rows {
        sheet.write_row(number as u32 + 1, 0, row(number)).unwrap();
    }
    workbook.save(&path).unwrap();
    path
}

/// The most memory this process has had, and the largest of those that it has started, in megabytes.
fn peak_megabytes() -> u64 {
    let peak = |who| getrusage(who).unwrap().max_rss().unsigned_abs() / 1024;
    peak(UsageWho::RUSAGE_SELF) + peak(UsageWho::RUSAGE_CHILDREN)
}
