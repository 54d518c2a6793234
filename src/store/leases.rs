//! The lease of the engine: of all servers on a database, one at a time sends.
//!
//! Who takes the lease gets a token that is higher than all before. Every claim checks in its own transaction that its token is still the
//! one, so that a server which was asleep while another took over claims nothing any more.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{Conn, Store, db::on, error::StoreError, schema::leases, sql_types::At};

const ENGINE: &str = "engine";

/// A server's right to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token(pub i64);

impl Token {
    /// No right at all.
    pub const NONE: Self = Self(0);
}

/// Somebody else holds the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub holder: String,
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// Takes the lease for `term`, if it is free, expired, or `may_take_from` its holder.
    pub async fn take_lease(
        &self,
        holder: &str,
        term: TimeDelta,
        now: DateTime<Utc>,
        may_take_from: impl Fn(&str) -> bool + Send,
    ) -> Result<Result<Token, Held>, StoreError> {
        let mut tx = self.db.begin().await?;
        let first = (
            leases::name.eq(ENGINE),
            leases::holder.eq(holder.to_owned()),
            leases::token.eq(0),
            leases::expires_at.eq(At(DateTime::UNIX_EPOCH)),
        );
        on!(tx, c => diesel::insert_into(leases::table).values(first).on_conflict_do_nothing().execute(c).await)?;
        let query = leases::table.find(ENGINE).select((leases::holder, leases::token, leases::expires_at));
        let (before, token, expires_at): (String, i64, At) = match &mut *tx {
            Conn::Pg(c) => query.for_update().first(&mut ***c).await?,
            Conn::Lite(c) => query.first(&mut **c).await?,
        };
        if expires_at.0 > now && !may_take_from(&before) {
            return Ok(Err(Held { holder: before, expires_at: expires_at.0 }));
        }
        let changes =
            (leases::holder.eq(holder.to_owned()), leases::token.eq(token + 1), leases::expires_at.eq(At(now + term)));
        on!(tx, c => diesel::update(leases::table.find(ENGINE)).set(changes).execute(c).await)?;
        tx.commit().await?;
        Ok(Ok(Token(token + 1)))
    }

    /// Holds on to the lease for another `term`; `false` if somebody else has it now.
    pub async fn renew_lease(&self, token: Token, term: TimeDelta, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut conn = self.db.write().await?;
        let own = leases::table.find(ENGINE).filter(leases::token.eq(token.0));
        let until = leases::expires_at.eq(At(now + term));
        Ok(on!(conn, c => diesel::update(own).set(until).execute(c).await)? > 0)
    }

    /// Gives the lease back, so that the next server need not wait.
    pub async fn give_back_lease(&self, token: Token) -> Result<(), StoreError> {
        self.renew_lease(token, TimeDelta::zero(), DateTime::UNIX_EPOCH).await.map(drop)
    }
}

/// Checks that the token is still the one; until the transaction ends nobody can take the lease. On SQLite nobody could anyway.
pub(super) async fn check(conn: &mut Conn, token: Token) -> Result<(), StoreError> {
    let query = leases::table.find(ENGINE).select(leases::token);
    let current: Option<i64> = match conn {
        Conn::Pg(c) => query.for_share().first(&mut ***c).await.optional()?,
        Conn::Lite(c) => query.first(&mut **c).await.optional()?,
    };
    if current == Some(token.0) { Ok(()) } else { Err(StoreError::LeaseLost) }
}
