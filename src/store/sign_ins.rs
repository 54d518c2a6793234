//! Who is signed in. Only the hash of a token is kept, so that a copy of the database signs nobody in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Store,
    db::on,
    error::StoreError,
    schema::{sign_ins, users},
    sql_types::At,
    users::{COLUMNS, UserTuple, user},
};
use crate::domain::{id::UserId, user::User};

impl Store {
    /// Signs a user in until `expires_at`.
    pub async fn create_sign_in(
        &self,
        token_hash: &[u8],
        user_id: UserId,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let row = (
            sign_ins::token_hash.eq(token_hash.to_vec()),
            sign_ins::user_id.eq(user_id),
            sign_ins::expires_at.eq(At(expires_at)),
            sign_ins::created_at.eq(At(now)),
        );
        on!(conn, c => diesel::insert_into(sign_ins::table).values(row).execute(c).await)?;
        Ok(())
    }

    /// Who signed in with the token, unless that has expired.
    pub async fn sign_in_user(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<User>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = sign_ins::table
            .inner_join(users::table)
            .filter(sign_ins::token_hash.eq(token_hash.to_vec()))
            .filter(sign_ins::expires_at.gt(At(now)))
            .select(COLUMNS);
        let row: Option<UserTuple> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(user))
    }

    /// Signs out.
    pub async fn delete_sign_in(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::delete(sign_ins::table.filter(sign_ins::token_hash.eq(token_hash.to_vec())));
        on!(conn, c => query.execute(c).await)?;
        Ok(())
    }

    /// Forgets what has expired.
    pub async fn delete_expired_sign_ins(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let query = diesel::delete(sign_ins::table.filter(sign_ins::expires_at.le(At(now))));
        on!(conn, c => query.execute(c).await)?;
        Ok(())
    }
}
