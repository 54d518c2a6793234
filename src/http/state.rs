//! What handlers work with.

use std::sync::Arc;

use rand::RngExt as _;

use crate::{
    bus::Bus,
    domain::{audit::AuditEntry, clock::Clock, user::User},
    engine::Engine,
    fleet::Fleet,
    import::Importer,
    realtime::Realtime,
    store::{Store, StoreError},
};

/// How the server behaves towards browsers.
#[derive(Clone)]
pub struct HttpSettings {
    /// Marks the sign-in cookie `Secure` whatever the request came by; for servers behind a proxy that ends TLS.
    pub secure_cookies: bool,
    /// The largest spreadsheet, in bytes.
    pub max_upload: u64,
    /// Lets whoever sends it read the metrics; none: admins only.
    pub metrics_token: Option<String>,
    /// What a demo tells newcomers; none in a real installation.
    pub demo: Option<Demo>,
}

/// What a newcomer to the demo needs.
#[derive(Debug, Clone)]
pub struct Demo {
    pub username: String,
    pub password: String,
    pub phone_url: String,
    pub workbook_url: String,
}

/// Everything that handlers reach for; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the [`AppState`].
pub struct Parts {
    pub store: Store,
    pub fleet: Fleet,
    pub engine: Engine,
    pub importer: Importer,
    pub bus: Bus,
    pub clock: Clock,
    pub settings: HttpSettings,
    pub realtime: Realtime,
    /// Proves that whoever sets the server up can read its log.
    pub(super) setup_code: String,
}

impl std::ops::Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl AppState {
    /// The state of a server; the setup code is drawn anew each time.
    pub fn new(
        store: Store,
        fleet: Fleet,
        engine: Engine,
        importer: Importer,
        bus: Bus,
        clock: Clock,
        settings: HttpSettings,
    ) -> Self {
        let realtime = Realtime::new(store.clone(), fleet.clone());
        let setup_code = random_code();
        Self(Arc::new(Parts { store, fleet, engine, importer, bus, clock, settings, realtime, setup_code }))
    }

    /// The code that the first user has to enter; none once there is a user.
    pub async fn setup_code(&self) -> Result<Option<String>, StoreError> {
        Ok((self.store.count_users().await? == 0).then(|| self.setup_code.clone()))
    }
}

/// An audit entry for what `user` does to `subject`, for example `session:3`.
pub(super) fn audit(user: &User, action: &'static str, subject: impl Into<String>) -> AuditEntry {
    AuditEntry { actor: Some(user.id), action, subject: subject.into(), detail: serde_json::Value::Null }
}

/// Eight characters that cannot be mistaken for one another: 40 bits, behind a rate limit.
fn random_code() -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut rng = rand::rng();
    let mut half = || (0..4).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect::<String>();
    format!("{}-{}", half(), half())
}
