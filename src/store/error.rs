//! What can go wrong in the store, in words that other layers can act on.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::db::DatabaseUrlError;
use crate::domain::campaign::IllegalAction;

/// Why the store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another row has this value already; the constraint is the table and the column, for example `sessions_name`.
    #[error("another row has this value already ({constraint})")]
    Unique { constraint: &'static str },
    /// The row refers to one that does not exist, or others refer to the row that was to be deleted.
    #[error("a row that is referred to is missing, or the row is still referred to")]
    Foreign,
    /// The row is in use in a way that forbids the change; a stable code such as `running_campaign` says how.
    #[error("the row is in use: {0}")]
    InUse(&'static str),
    /// Another server sends on this database now.
    #[error("another server works on this database now")]
    LeaseLost,
    /// Another server sends on this database; its process and its machine.
    #[error("another server ({}) works on this database: stop it first", named(.0))]
    Held(String),
    /// The server is stopping: nothing is written any more.
    #[error("the server is stopping")]
    Stopped,
    /// There is no such row.
    #[error("there is no such row")]
    NotFound,
    /// The campaign's status does not allow it.
    #[error(transparent)]
    IllegalAction(#[from] IllegalAction),
    /// No active debtor is in the campaign's audience.
    #[error("nobody is in the audience")]
    EmptyAudience,
    /// The campaign's pool has no member.
    #[error("the pool has no member")]
    EmptyPool,
    /// The database's URL is of neither kind.
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    /// No connection was to be had in time.
    #[error("no connection to the database: {0}")]
    Pool(String),
    /// The database refused or broke.
    #[error("the database answered with an error")]
    Database(#[source] DieselError),
    /// A row holds what no version of this program writes.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The tables could not be brought up to date.
    #[error("the migrations failed: {0}")]
    Migration(String),
    /// The database's folder could not be made.
    #[error("the database's folder could not be made")]
    Folder(#[source] std::io::Error),
}

/// A holder of the lease, as people know it: its process and its machine.
fn named(holder: &str) -> String {
    let mut words = holder.split(' ');
    let (process, machine) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("process {process} on {machine}")
}

/// The constraints that people can run into: the name, and how SQLite, which does not tell the name, describes it.
const UNIQUE: &[(&str, &str)] = &[
    ("users_username", "users.username_key"),
    ("sessions_name", "sessions.name"),
    ("pools_name", "pools.name"),
    ("debtors_phone", "debtors.phone"),
    ("debts_reference", "index 'debts_reference'"),
    ("templates_name", "templates.name"),
    ("campaigns_name", "campaigns.name"),
    ("segments_name", "segments.name"),
    ("messages_once", "messages.campaign_id, messages.step, messages.debtor_id"),
    ("messages_wire_id", "messages.wire_id"),
];

/// The constraint that a violation is about, if it is one of [`UNIQUE`].
fn unique_constraint(info: &dyn DatabaseErrorInformation) -> Option<&'static str> {
    let columns = info.message().strip_prefix("UNIQUE constraint failed: ");
    UNIQUE
        .iter()
        .find(|(name, lite)| info.constraint_name() == Some(name) || columns == Some(lite))
        .map(|(name, _)| *name)
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                match unique_constraint(info.as_ref()) {
                    Some(constraint) => Self::Unique { constraint },
                    None => Self::Database(error),
                }
            }
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Self::Foreign,
            DieselError::DeserializationError(source) => Self::Corrupt(source.to_string()),
            _ => Self::Database(error),
        }
    }
}
