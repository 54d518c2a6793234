//! The product without WhatsApp: the server against the built-in simulator, with everything a newcomer needs to try it.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;

use super::App;
use crate::{
    config::Config,
    domain::{
        audit::AuditEntry,
        clock::Clock,
        pacing::{Caps, DelayRange},
        policy::ContactPolicy,
        session::{ChannelKind, DesiredState},
        user::{NewPassword, Role},
    },
    http, import, lifecycle,
    simulator::{Simulator, SimulatorConfig},
    store::{NewSession, NewTemplate, NewUser, Store},
};

const USERNAME: &str = "demo";
const PASSWORD: &str = "demo-password";
/// Numbers from the range that Colombia's numbering plan gives to no one.
const PHONES: [&str; 3] = ["573000000001", "573000000002", "573000000003"];
const TEMPLATE: &str = "Hola {{ first_name | default(name) }}, le recordamos que tiene un saldo pendiente de {{ amount }} \
con vencimiento el {{ due_date }}. Responda a este mensaje para acordar el pago. Si no desea más mensajes, responda BAJA.";

/// Runs the demo until a signal. Everything it stores is in `demo` in the data folder, so that it never meets real data.
pub async fn run(mut config: Config, listen: SocketAddr) -> anyhow::Result<()> {
    let stop = lifecycle::stop_on_signal()?;
    config.data.dir = config.data.dir.join("demo");
    std::fs::create_dir_all(&config.data.dir)
        .with_context(|| format!("the data folder {} cannot be created", config.data.dir.display()))?;
    let simulator = Simulator::start(SimulatorConfig {
        listen,
        phones: PHONES.map(str::to_owned).to_vec(),
        state: Some(config.data.dir.join("simulator.json")),
    })
    .await?;
    config.web.url = simulator.url();
    let workbook = prepare(&config).await?;
    let demo = http::Demo {
        username: USERNAME.to_owned(),
        password: PASSWORD.to_owned(),
        phone_url: format!("{}phone", simulator.url()),
        workbook_url: "/api/debtors/imports/sample.xlsx".to_owned(),
    };
    let phone_url = demo.phone_url.clone();
    let app = App::start(config, Some(demo)).await?;
    println!("\n  Command center   http://{}   sign in as {USERNAME} with {PASSWORD}", app.addr());
    println!("  Simulated phone  {phone_url}");
    println!("  Sample workbook  {}\n", workbook.display());
    stop.cancelled().await;
    app.shutdown().await;
    simulator.stop().await;
    Ok(())
}

/// Fills an empty demo database; gives the path of the sample workbook.
async fn prepare(config: &Config) -> anyhow::Result<PathBuf> {
    let store = Store::open(&config.database_url()).await.context("the demo's database cannot be opened")?;
    store.migrate().await?;
    let workbook = config.data.dir.join("sample-debtors.xlsx");
    std::fs::write(&workbook, import::sample_workbook("es")?).context("the sample workbook cannot be written")?;
    if store.count_users().await? > 0 {
        return Ok(workbook);
    }
    let now = Clock::system().now();
    let audit = |subject: &str| AuditEntry {
        actor: None,
        action: "demo.prepare",
        subject: subject.to_owned(),
        detail: serde_json::Value::Null,
    };
    let password_hash = http::hash_password(&NewPassword::new(PASSWORD)?).await?;
    let user = NewUser { username: USERNAME.to_owned(), name: "Demo".to_owned(), role: Role::Admin, password_hash };
    store.create_user(user, now, audit("user:demo")).await?;
    for number in 1..=PHONES.len() {
        let session = NewSession {
            name: format!("Cobranzas {number}"),
            channel: ChannelKind::Web,
            desired: DesiredState::Running,
            // Brisk, so that the demo is over in a minute or two.
            delay: DelayRange::new(400, 1200)?,
            caps: Caps::default(),
        };
        store.create_session(session, now, audit("session")).await?;
    }
    // Its debtors do not exist, so they can be written to at any hour.
    store.set_contact_policy(&ContactPolicy::NONE, now, audit("settings:contact_policy")).await?;
    let template = NewTemplate { name: "Recordatorio de pago".to_owned(), body: TEMPLATE.to_owned(), media_id: None };
    store.create_template(template, now, audit("template")).await?;
    Ok(workbook)
}
