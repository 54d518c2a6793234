//! A private PostgreSQL: one cluster per test process, in a temporary folder, on a free port, gone when the process is.
//!
//! `initdb` and the server refuse to run as root, so they run as `postgres` then. A guardian shell holds the read end of a pipe from this
//! process: at its end, however it comes, the guardian stops the server and removes the folder.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// How long the server may take to start on a machine under load.
const START: Duration = Duration::from_secs(60);

pub struct Postgres {
    binaries: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Postgres {
    /// The cluster of this process, made by whoever asks first. Without `fsync` a commit does not wait for the disk: for tests, which ask
    /// nothing of a machine that loses its power.
    pub fn shared(fsync: bool) -> &'static Self {
        static CLUSTER: OnceLock<Postgres> = OnceLock::new();
        CLUSTER.get_or_init(|| Self::start(fsync))
    }

    /// The URL of a new, empty database.
    pub fn fresh_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        run(as_postgres(&self.binaries.join("createdb")).args([
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            "postgres",
            // Nobody can be connected to this one, which would forbid to copy it.
            "-T",
            "template0",
            &name,
        ]));
        format!("postgres://postgres@127.0.0.1:{port}/{name}")
    }

    fn start(fsync: bool) -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new().prefix("whatsmassive-postgres-").tempdir().unwrap().keep();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        run(as_postgres(&binaries.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D"])
            .arg(&data));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        guard(&binaries, &folder, &data, port, fsync);
        let limit = Instant::now() + START;
        // It listens before it is ready.
        while !is_ready(&binaries, port) {
            assert!(Instant::now() < limit, "PostgreSQL did not start; see {}", folder.join("log").display());
        }
        Self { binaries, port, databases: AtomicU32::new(0) }
    }
}

/// Starts the server, and the guardian that ends it.
fn guard(binaries: &Path, folder: &Path, data: &Path, port: u16, fsync: bool) {
    const SCRIPT: &str = r#"
        "$1/postgres" -D "$2" -p "$3" -h 127.0.0.1 -k "$4" -c "fsync=$5" -c max_connections=400 >"$4/log" 2>&1 &
        server=$!
        while read -r _; do :; done
        kill -QUIT "$server"; wait "$server"
        rm -rf "$4"
    "#;
    let mut guardian = as_postgres(Path::new("sh"));
    guardian.args(["-c", SCRIPT, "guardian"]).arg(binaries).arg(data).arg(port.to_string()).arg(folder);
    guardian.arg(if fsync { "on" } else { "off" });
    let guardian = guardian.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Never closed by us: the kernel closes it when this process ends.
    std::mem::forget(guardian);
}

/// Whether the server takes connections; waits up to a second for an answer.
fn is_ready(binaries: &Path, port: u16) -> bool {
    let mut question = Command::new(binaries.join("pg_isready"));
    question.args(["-q", "-t", "1", "-h", "127.0.0.1", "-p", &port.to_string()]);
    question.status().unwrap().success()
}

/// Debian's newest PostgreSQL.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max();
    let newest = newest.expect("PostgreSQL is missing: apt-get install postgresql");
    PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin"))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn as_postgres(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
