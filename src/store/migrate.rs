//! Brings the tables up to date. The migrations are in the binary; both folders have the same names.

use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    Store,
    db::{Conn, Db},
    error::StoreError,
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

impl Store {
    /// Applies what is missing and gives its names, oldest first.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        match &self.db {
            Db::Lite { .. } => {
                let Conn::Lite(mut conn) = self.db.write().await? else {
                    return Ok(Vec::new());
                };
                conn.spawn_blocking(|c| Ok(run(c, SQLITE))).await?
            }
            Db::Pg(pool) => {
                let conn =
                    pool.dedicated_connection().await.map_err(|error| StoreError::Migration(error.to_string()))?;
                tokio::task::spawn_blocking(move || on_postgres(conn))
                    .await
                    .map_err(|error| StoreError::Migration(error.to_string()))?
            }
        }
    }
}

fn on_postgres(conn: AsyncPgConnection) -> Result<Vec<String>, StoreError> {
    let mut harness = AsyncMigrationHarness::new(conn);
    run(&mut harness, POSTGRES)
}

fn run<DB: diesel::backend::Backend>(
    harness: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let applied =
        harness.run_pending_migrations(migrations).map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}
