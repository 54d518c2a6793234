//! The database, in the words of the domain: one file per noun, the same code on SQLite and PostgreSQL.
//!
//! Every change that a person makes takes an [`AuditEntry`](crate::domain::audit::AuditEntry) and writes it in the same transaction.
//! Lookups return `Option`; the caller decides what absence means. No transaction is held across anything but queries.

mod among;
mod audit;
mod batch;
mod campaign_forecast;
mod campaign_life;
mod campaigns;
mod claim;
mod claim_round;
mod contacts;
mod conversations;
mod db;
mod debtor_matching;
mod debtor_order;
mod debtor_sample;
mod debtor_timeline;
mod debtor_walk;
mod debtor_words;
mod debtors;
mod debtors_at_once;
mod debtors_bulk;
mod debtors_list;
mod debts;
mod diagnoses;
mod error;
mod hidden;
mod import_forecast;
mod import_profiles;
mod import_rows;
mod import_undo;
mod imports;
mod leases;
mod ledger;
mod media;
mod messages;
mod migrate;
mod page;
mod pools;
mod promises;
mod queue;
mod record;
mod schema;
mod segments;
mod sessions;
mod settings;
mod sign_ins;
mod sql_types;
mod statement;
mod statistics;
mod suppressions;
mod templates;
mod timeline;
mod users;
mod workers;

pub use self::{
    audit::AuditRow,
    campaign_forecast::Passage,
    campaign_life::Launched,
    campaigns::{CAMPAIGN_HAS_BEGUN, CampaignPatch, NewCampaign},
    claim::{Candidate, Claim, Claimed, Order, Verdict},
    contacts::Person,
    db::{Backend, DatabaseUrl, DatabaseUrlError},
    debtor_timeline::{DebtChange, DebtorEvent, Happened, SentMessage},
    debtors::{DebtorPatch, NO_SECOND_PHONE, REASON_REQUIRED},
    debtors_at_once::{DebtorsChange, DebtorsChanged, Whom},
    debtors_bulk::Upserted,
    debtors_list::{DebtorList, DebtorPage, ListedDebtor},
    debts::{DebtPatch, EMPTY_DEBT, SEVERAL_DEBTS, StoredDebt},
    error::StoreError,
    hidden::HiddenText,
    import_forecast::{Differing, Foreseen},
    import_profiles::ImportProfile,
    import_rows::{FileRow, ImportRows},
    import_undo::UndoRefused,
    imports::{ImportRow, ImportStatus, ListedImport, NewImport},
    leases::{Held, Token},
    media::{Expected, InboundFile},
    messages::{MessageFilter, MessageRow},
    page::{Page, Paged},
    pools::{NewPool, PoolPatch},
    queue::HeldBack,
    record::{Entry, Moved, Recorded},
    sessions::{Linked, NewSession, SessionPatch},
    statistics::{HourCount, SessionShare, Statistics},
    suppressions::Suppression,
    templates::{NewTemplate, TemplatePatch},
    timeline::{Span, Timeline},
    users::NewUser,
};

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use self::db::{Conn, Db};

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: Db,
    /// Counts the changes to sessions and pools.
    arrangement: Arc<AtomicU64>,
    /// On SQLite one claim at a time: from what it reads until it has committed.
    claims: Arc<tokio::sync::Mutex<()>>,
}

impl Store {
    /// Opens the database that the URL names; SQLite's file and folder are made where they are missing.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let url: DatabaseUrl = url.parse()?;
        Ok(Self { db: Db::open(&url).await?, arrangement: Arc::default(), claims: Arc::default() })
    }

    /// Another number whenever this server has changed a session or a pool: what was read of them before is out of date.
    pub fn arrangement(&self) -> u64 {
        self.arrangement.load(Ordering::Acquire)
    }

    /// A session or a pool has changed; called once that is committed.
    fn rearranged(&self) {
        self.arrangement.fetch_add(1, Ordering::AcqRel);
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        match self.db {
            Db::Pg(_) => Backend::Postgres,
            Db::Lite { .. } => Backend::Sqlite,
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut conn = self.db.read().await?;
        db::on!(conn, c => diesel_async::SimpleAsyncConnection::batch_execute(c, "SELECT 1").await)?;
        Ok(())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.backend()).finish()
    }
}
