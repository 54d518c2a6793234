//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::{
    app::{App, demo},
    config::Config,
    domain::{
        audit::AuditEntry,
        clock::Clock,
        user::{NewPassword, Role},
    },
    http, import, lifecycle,
    simulator::{Simulator, SimulatorConfig},
    store::{NewUser, Store},
    telemetry,
};

/// A fleet of WhatsApp numbers for collections teams.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    /// A settings file; see config/production.example.toml.
    #[arg(long, global = true, value_name = "FILE", env = "WHATSMASSIVE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve,
    /// Bring the database up to date and say what was done.
    Migrate,
    /// Start a WhatsApp Web to practise on, with phones to scan codes with at /phone.
    Simulate(SimulateArgs),
    /// Start the server against the simulator, with a user, three numbers, a template and a sample workbook.
    Demo(SimulateArgs),
    /// Manage the people who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the rows of a workbook, one line of JSON each; the server runs this for every upload.
    #[command(name = import::READ_COMMAND, hide = true)]
    ReadWorkbook {
        path: PathBuf,
        /// The sheet to read; the first with phones where it is not given.
        #[arg(long)]
        sheet: Option<String>,
    },
}

#[derive(Args)]
struct SimulateArgs {
    /// Where the simulator listens.
    #[arg(long, default_value = "127.0.0.1:9100", value_name = "ADDRESS")]
    listen: SocketAddr,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a user; the password is read from standard input.
    Add {
        /// What the person signs in with.
        username: String,
        /// What others see; the username where it is not given.
        #[arg(long)]
        name: Option<String>,
        /// admin, supervisor or agent.
        #[arg(long, default_value = "agent")]
        role: Role,
    },
}

/// Does what the command line says.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match &cli.command {
        Command::Openapi => {
            print!("{}", http::openapi_json());
            return Ok(());
        }
        Command::ReadWorkbook { path, sheet } => return Ok(import::read_workbook(path, sheet.as_deref())?),
        _ => {}
    }
    let config = Config::load(cli.config.as_deref())?;
    telemetry::start(&config.log).context("log.filter is not a filter")?;
    match cli.command {
        Command::Serve => serve(config).await,
        Command::Migrate => migrate(&config).await,
        Command::Simulate(args) => simulate(args).await,
        Command::Demo(args) => demo::run(config, args.listen).await,
        Command::User(UserCommand::Add { username, name, role }) => add_user(&config, username, name, role).await,
        Command::Openapi | Command::ReadWorkbook { .. } => Ok(()),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let stop = lifecycle::stop_on_signal()?;
    let app = App::start(config, None).await?;
    let replaced = tokio::select! {
        () = stop.cancelled() => false,
        () = app.engine.replaced() => true,
    };
    app.shutdown().await;
    anyhow::ensure!(!replaced, "another server has taken over this database");
    Ok(())
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let store = Store::open(&config.database_url()).await?;
    for name in store.migrate().await? {
        println!("applied {name}");
    }
    println!("the database is up to date");
    Ok(())
}

async fn simulate(args: SimulateArgs) -> anyhow::Result<()> {
    let stop = lifecycle::stop_on_signal()?;
    let simulator = Simulator::start(SimulatorConfig { listen: args.listen, ..SimulatorConfig::default() }).await?;
    println!("WhatsApp Web simulator at {0}, its phones at {0}phone", simulator.url());
    stop.cancelled().await;
    simulator.stop().await;
    Ok(())
}

async fn add_user(config: &Config, username: String, name: Option<String>, role: Role) -> anyhow::Result<()> {
    eprintln!("Password (at least {} characters):", NewPassword::MIN);
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("the password could not be read")?;
    let password = NewPassword::new(line.trim_end_matches(['\r', '\n']))?;
    let password_hash = http::hash_password(&password).await?;
    let store = Store::open(&config.database_url()).await?;
    store.migrate().await?;
    let audit = AuditEntry {
        actor: None,
        action: "user.add",
        subject: format!("user:{username}"),
        detail: serde_json::json!({ "role": role.as_str() }),
    };
    let name = name.unwrap_or_else(|| username.clone());
    let user = store.create_user(NewUser { username, name, role, password_hash }, Clock::system().now(), audit).await?;
    println!("added {} ({})", user.username, user.role);
    Ok(())
}
