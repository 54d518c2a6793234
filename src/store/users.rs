//! People who sign in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Store, audit::write_audit, db::on, error::StoreError, schema::users, sql_types::At};
use crate::domain::{
    audit::AuditEntry,
    id::UserId,
    user::{Role, User},
};

/// A user to add.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What the person signs in with; unique without regard to case.
    pub username: String,
    pub name: String,
    pub role: Role,
    /// A password hash in PHC format, never the password.
    pub password_hash: String,
}

pub(super) type UserColumns = (users::id, users::username, users::name, users::role, users::created_at);
pub(super) type UserTuple = (UserId, String, String, Role, At);

pub(super) const COLUMNS: UserColumns = (users::id, users::username, users::name, users::role, users::created_at);

pub(super) fn user((id, username, name, role, created_at): UserTuple) -> User {
    User { id, username, name, role, created_at: created_at.0 }
}

impl Store {
    /// How many users there are.
    pub async fn count_users(&self) -> Result<u64, StoreError> {
        let mut conn = self.db.read().await?;
        let count: i64 = on!(conn, c => users::table.count().get_result(c).await)?;
        Ok(count.cast_unsigned())
    }

    /// Adds a user.
    pub async fn create_user(&self, new: NewUser, now: DateTime<Utc>, audit: AuditEntry) -> Result<User, StoreError> {
        let mut tx = self.db.begin().await?;
        let user = insert(&mut tx, new, now).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Adds the first user, or none when there is one already, however many ask at once.
    pub async fn create_first_user(
        &self,
        new: NewUser,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<User>, StoreError> {
        let mut tx = self.db.begin().await?;
        // SQLite has one writer; on PostgreSQL the lock makes the second one wait and then see the first.
        if let Conn::Pg(c) = &mut *tx {
            diesel::sql_query("LOCK TABLE users IN EXCLUSIVE MODE").execute(&mut ***c).await?;
        }
        let count: i64 = on!(tx, c => users::table.count().get_result(c).await)?;
        if count > 0 {
            return Ok(None);
        }
        let user = insert(&mut tx, new, now).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(user))
    }

    /// The user and their password hash, by the name they sign in with.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<(User, String)>, StoreError> {
        let mut conn = self.db.read().await?;
        let key = username.to_lowercase();
        let query = users::table.filter(users::username_key.eq(key)).select((COLUMNS, users::password_hash));
        let row: Option<(UserTuple, String)> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(|(row, hash)| (user(row), hash)))
    }

    /// The user with that id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = users::table.filter(users::id.eq(id)).select(COLUMNS);
        let row: Option<UserTuple> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(user))
    }
}

async fn insert(conn: &mut Conn, new: NewUser, now: DateTime<Utc>) -> Result<User, StoreError> {
    let row = (
        users::username_key.eq(new.username.to_lowercase()),
        users::username.eq(new.username),
        users::name.eq(new.name),
        users::role.eq(new.role),
        users::password_hash.eq(new.password_hash),
        users::created_at.eq(At(now)),
    );
    let row: UserTuple =
        on!(conn, c => diesel::insert_into(users::table).values(row).returning(COLUMNS).get_result(c).await)?;
    Ok(user(row))
}
