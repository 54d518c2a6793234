//! Two databases behind one face: pools, connections, transactions, and the macros that run one query on either.

use std::{ops::DerefMut, path::PathBuf, str::FromStr, time::Duration};

use diesel::{
    QueryResult, SqliteConnection,
    connection::{AnsiTransactionManager as SyncTransactions, TransactionManager as _},
    query_dsl::methods::LoadQuery,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, bb8},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use futures::FutureExt as _;

use super::{error::StoreError, workers::Workers};

/// A SQLite connection, through which the store works without blocking the runtime.
pub(super) type Lite = SyncConnectionWrapper<SqliteConnection, Workers>;

/// How long to wait for a connection, and on SQLite for another process's write, before giving up.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL, or readers on SQLite.
const CONNECTIONS: u32 = 10;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:path/to/file`.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database`, with the options of tokio-postgres. The connection is not encrypted: use a
    /// local server, a private network or a tunnel.
    Postgres(String),
}

/// A URL of neither database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a database URL starts with sqlite: or postgres://")]
pub struct DatabaseUrlError;

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").ok_or(DatabaseUrlError)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') {
            return Err(DatabaseUrlError);
        }
        Ok(Self::Sqlite(path.into()))
    }
}

/// Which database is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The pools of one database.
#[derive(Clone)]
pub(super) enum Db {
    Pg(bb8::Pool<AsyncPgConnection>),
    /// SQLite has one writer at a time. Queueing for a single connection is fair, and no write ever meets "database is locked".
    Lite {
        write: bb8::Pool<Lite>,
        read: bb8::Pool<Lite>,
    },
}

/// A connection out of a pool.
pub(super) enum Conn {
    Pg(Box<bb8::PooledConnection<'static, AsyncPgConnection>>),
    Lite(bb8::PooledConnection<'static, Lite>),
}

/// Runs one query on whichever connection this is: `on!(conn, c => query.execute(c).await)`.
///
/// The body is type-checked once for each database.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.as_mut() {
            $crate::store::db::Conn::Pg(conn) => {
                let $c = &mut ***conn;
                $body
            }
            $crate::store::db::Conn::Lite(conn) => {
                let $c = &mut **conn;
                $body
            }
        }
    };
}

/// Executes an insert of many rows. On SQLite this goes through the synchronous connection, since the asynchronous one lacks it;
/// the statement owns its rows therefore.
macro_rules! bulk {
    ($conn:expr, $statement:expr) => {
        match $conn.as_mut() {
            $crate::store::db::Conn::Pg(conn) => diesel_async::RunQueryDsl::execute($statement, &mut ***conn).await,
            $crate::store::db::Conn::Lite(conn) => {
                let statement = $statement;
                conn.spawn_blocking(move |c| diesel::RunQueryDsl::execute(statement, c)).await
            }
        }
    };
}

/// Loads rows: `rows!(conn, query)`, where many come at once or often. See [`lite_rows`].
macro_rules! rows {
    ($conn:expr, $query:expr) => {
        match $conn.as_mut() {
            $crate::store::db::Conn::Pg(conn) => diesel_async::RunQueryDsl::load($query, &mut ***conn).await,
            $crate::store::db::Conn::Lite(conn) => $crate::store::db::lite_rows(conn, $query).await,
        }
    };
}

pub(super) use {bulk, on, rows};

/// Loads rows through the synchronous connection: the asynchronous one makes the text of the query each time, and copies every value
/// twice. The query owns its values therefore.
pub(super) async fn lite_rows<Q, R>(conn: &mut Lite, query: Q) -> QueryResult<Vec<R>>
where
    Q: LoadQuery<'static, SqliteConnection, R> + Send + 'static,
    R: Send + 'static,
{
    conn.spawn_blocking(move |conn| diesel::RunQueryDsl::load(query, conn)).await
}

impl Db {
    /// Opens the pools, and on SQLite makes the file and its folder.
    pub(super) async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Postgres(url) => Ok(Self::Pg(pool(CONNECTIONS, pg_manager(url)).await?)),
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
                }
                let path = path.to_string_lossy();
                // The writer first: it makes the file and turns the write-ahead log on.
                let write = pool(1, lite_manager(&path, WRITER)).await?;
                drop(write.get().await.map_err(pool_error)?);
                let read = pool(CONNECTIONS, lite_manager(&path, READER)).await?;
                Ok(Self::Lite { write, read })
            }
        }
    }

    /// A connection for queries that change nothing.
    pub(super) async fn read(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Pg(pool) => Ok(Conn::Pg(Box::new(pool.get_owned().await.map_err(pool_error)?))),
            Self::Lite { read, .. } => Ok(Conn::Lite(read.get_owned().await.map_err(pool_error)?)),
        }
    }

    /// A connection for a single statement that changes something, which is its own transaction.
    pub(super) async fn write(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Pg(_) => self.read().await,
            Self::Lite { write, .. } => Ok(Conn::Lite(write.get_owned().await.map_err(pool_error)?)),
        }
    }

    /// Begins a transaction that may write.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        let mut conn = self.write().await?;
        match &mut conn {
            Conn::Pg(c) => AnsiTransactionManager::begin_transaction(&mut ***c).await?,
            // The lock is taken at once: a transaction that begins as a reader and then writes may be refused.
            Conn::Lite(c) => {
                c.spawn_blocking(|c| SyncTransactions::begin_transaction_sql(c, "BEGIN IMMEDIATE")).await?;
            }
        }
        Ok(Tx(conn))
    }
}

/// A transaction. Dropped without [`Tx::commit`], its connection is closed rather than given back to the pool, and the database
/// rolls it back; so an early `?` or a cancelled request leaves nothing behind.
pub(super) struct Tx(Conn);

impl Tx {
    /// Makes the changes last.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            Conn::Pg(c) => AnsiTransactionManager::commit_transaction(&mut ***c).await?,
            Conn::Lite(c) => c.spawn_blocking(SyncTransactions::commit_transaction).await?,
        }
        Ok(())
    }

    /// Leaves everything as it was. A transaction that is dropped ends when the database notices that its connection is closed: until then
    /// PostgreSQL keeps its locks, and SQLite's only writer has to be opened anew.
    pub(super) async fn rollback(mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            Conn::Pg(c) => AnsiTransactionManager::rollback_transaction(&mut ***c).await?,
            Conn::Lite(c) => c.spawn_blocking(SyncTransactions::rollback_transaction).await?,
        }
        Ok(())
    }
}

impl Conn {
    /// Which database this is a connection to.
    pub(super) const fn backend(&self) -> Backend {
        match self {
            Self::Pg(_) => Backend::Postgres,
            Self::Lite(_) => Backend::Sqlite,
        }
    }
}

impl AsMut<Self> for Conn {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl AsMut<Conn> for Tx {
    fn as_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl std::ops::Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// Every commit reaches the disk (`FULL`): the message ledger relies on it. What a statement notes to undo itself stays in memory. 12 MB
/// of pages are kept, and the log goes into the file once it has 64 MB: a message has its places in a dozen indexes far apart, and a page
/// that is written again meanwhile goes there once.
const WRITER: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -12000; \
                      PRAGMA wal_autocheckpoint = 16000;";
/// Readers keep 1 MB of pages each; there may be ten of them.
const READER: &str = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA cache_size = -1000;";

/// Statements here read a bounded number of rows, however many the planner expects: to compile one takes longer than to run it.
const SESSION: &str = "SET jit = off";

/// Makes PostgreSQL connections.
fn pg_manager(url: &str) -> AsyncDieselConnectionManager<AsyncPgConnection> {
    let mut config = ManagerConfig::<AsyncPgConnection>::default();
    config.custom_setup = Box::new(|url| {
        async move {
            let mut conn = AsyncPgConnection::establish(url).await?;
            conn.batch_execute(SESSION).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    AsyncDieselConnectionManager::new_with_config(url, config)
}

/// Makes SQLite connections and sets each up with `pragmas`.
fn lite_manager(path: &str, pragmas: &'static str) -> AsyncDieselConnectionManager<Lite> {
    let mut config = ManagerConfig::<Lite>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        async move {
            let mut conn = Lite::establish(path).await?;
            conn.batch_execute(pragmas).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    AsyncDieselConnectionManager::new_with_config(path, config)
}

/// A pool of at most `size` connections. The one used last is used first: it has its statements prepared and its pages at hand.
async fn pool<C>(size: u32, manager: AsyncDieselConnectionManager<C>) -> Result<bb8::Pool<C>, StoreError>
where
    C: AsyncConnection + 'static,
    AsyncDieselConnectionManager<C>: ::bb8::ManageConnection<Error = diesel_async::pooled_connection::PoolError>,
{
    ::bb8::Pool::builder()
        .max_size(size)
        .queue_strategy(::bb8::QueueStrategy::Lifo)
        .connection_timeout(PATIENCE)
        .build(manager)
        .await
        .map_err(|error| StoreError::Pool(error.to_string()))
}

/// Words the pool's errors; they name the host at most.
fn pool_error(error: bb8::RunError) -> StoreError {
    StoreError::Pool(error.to_string())
}
