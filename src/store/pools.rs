//! Pools, their members in order, and whose turn it is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    schema::{pool_members, pools},
    sql_types::{At, Json},
};
use crate::domain::{
    audit::AuditEntry,
    id::{PoolId, SessionId},
    pool::{Grace, Membership, Pool, Strategy, TurnSize, Weight},
};

/// A pool to add.
#[derive(Debug, Clone)]
pub struct NewPool {
    /// Unique.
    pub name: String,
    pub strategy: Strategy,
    pub turn_size: TurnSize,
    pub grace: Grace,
    pub sticky: bool,
    /// In the order of their turns, without repeats.
    pub members: Vec<Membership>,
}

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct PoolPatch {
    pub name: Option<String>,
    pub strategy: Option<Strategy>,
    pub turn_size: Option<TurnSize>,
    pub grace: Option<Grace>,
    pub sticky: Option<bool>,
    pub members: Option<Vec<Membership>>,
}

type Row = (PoolId, String, Strategy, i64, Option<Json>, At, At, bool, i64);

fn pool(row: Row, members: &mut HashMap<PoolId, Vec<Membership>>) -> Result<Pool, StoreError> {
    let (id, name, strategy, turn_size, _, created_at, updated_at, sticky, grace) = row;
    let turn_size = TurnSize::new(turn_size).map_err(|_| StoreError::Corrupt(format!("the turn of pool {id}")))?;
    let grace = Grace::new(grace).map_err(|_| StoreError::Corrupt(format!("the grace time of pool {id}")))?;
    let members = members.remove(&id).unwrap_or_default();
    Ok(Pool {
        id,
        name,
        strategy,
        turn_size,
        grace,
        sticky,
        members,
        created_at: created_at.0,
        updated_at: updated_at.0,
    })
}

/// The members of some pools, in order.
async fn members(conn: &mut Conn, ids: Vec<PoolId>) -> Result<HashMap<PoolId, Vec<Membership>>, StoreError> {
    let query = pool_members::table
        .filter(pool_members::pool_id.eq_any(ids))
        .order((pool_members::pool_id, pool_members::position))
        .select((pool_members::pool_id, pool_members::session_id, pool_members::weight));
    let rows: Vec<(PoolId, SessionId, i64)> = on!(conn, c => query.load(c).await)?;
    let mut members = HashMap::<PoolId, Vec<Membership>>::new();
    for (pool, session, weight) in rows {
        let weight = Weight::new(weight).map_err(|_| StoreError::Corrupt(format!("a weight in pool {pool}")))?;
        members.entry(pool).or_default().push(Membership { session, weight });
    }
    Ok(members)
}

async fn set_members(conn: &mut Conn, id: PoolId, members: &[Membership]) -> Result<(), StoreError> {
    on!(conn, c => diesel::delete(pool_members::table.filter(pool_members::pool_id.eq(id))).execute(c).await)?;
    for (position, member) in (0_i64..).zip(members) {
        let row = (
            pool_members::pool_id.eq(id),
            pool_members::session_id.eq(member.session),
            pool_members::position.eq(position),
            pool_members::weight.eq(i64::from(member.weight.get())),
        );
        on!(conn, c => diesel::insert_into(pool_members::table).values(row).execute(c).await)?;
    }
    Ok(())
}

impl Store {
    /// All pools, by name.
    pub async fn pools(&self) -> Result<Vec<Pool>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<Row> = on!(conn, c => pools::table.order((pools::name, pools::id)).load(c).await)?;
        let mut members = members(&mut conn, rows.iter().map(|row| row.0).collect()).await?;
        rows.into_iter().map(|row| pool(row, &mut members)).collect()
    }

    /// The pool with that id.
    pub async fn pool(&self, id: PoolId) -> Result<Option<Pool>, StoreError> {
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => pools::table.find(id).first(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        let mut members = members(&mut conn, vec![id]).await?;
        pool(row, &mut members).map(Some)
    }

    /// The pools that the session is a member of.
    pub async fn pools_of_session(&self, session: SessionId) -> Result<Vec<Pool>, StoreError> {
        let mut pools = self.pools().await?;
        pools.retain(|pool| pool.sessions().any(|member| member == session));
        Ok(pools)
    }

    /// Adds a pool; [`StoreError::Foreign`] when a member does not exist.
    pub async fn create_pool(&self, new: NewPool, now: DateTime<Utc>, audit: AuditEntry) -> Result<Pool, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            pools::name.eq(new.name),
            pools::strategy.eq(new.strategy),
            pools::turn_size.eq(i64::from(new.turn_size.get())),
            pools::grace.eq(i64::from(new.grace.seconds())),
            pools::sticky.eq(new.sticky),
            pools::created_at.eq(At(now)),
            pools::updated_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(pools::table).values(row).returning(pools::all_columns).get_result(c).await)?;
        set_members(&mut tx, row.0, &new.members).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        let mut members = HashMap::from([(row.0, new.members)]);
        pool(row, &mut members)
    }

    /// Changes a pool. Running campaigns follow at their next message; a round that has begun goes on.
    pub async fn update_pool(
        &self,
        id: PoolId,
        patch: PoolPatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Pool>, StoreError> {
        #[derive(AsChangeset)]
        #[diesel(table_name = pools)]
        struct Changes {
            name: Option<String>,
            strategy: Option<Strategy>,
            turn_size: Option<i64>,
            grace: Option<i64>,
            sticky: Option<bool>,
            updated_at: At,
        }
        let changes = Changes {
            name: patch.name,
            strategy: patch.strategy,
            turn_size: patch.turn_size.map(|size| size.get().into()),
            grace: patch.grace.map(|grace| grace.seconds().into()),
            sticky: patch.sticky,
            updated_at: At(now),
        };
        let mut tx = self.db.begin().await?;
        let row: Option<Row> = on!(tx, c => diesel::update(pools::table.find(id)).set(changes)
            .returning(pools::all_columns).get_result(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        if let Some(members) = patch.members {
            set_members(&mut tx, id, &members).await?;
        }
        let mut members = members(&mut tx, vec![id]).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        pool(row, &mut members).map(Some)
    }

    /// Deletes a pool, and says whether there was one; [`StoreError::Foreign`] when a campaign uses it.
    pub async fn delete_pool(&self, id: PoolId, now: DateTime<Utc>, audit: AuditEntry) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let deleted = on!(tx, c => diesel::delete(pools::table.find(id)).execute(c).await)?;
        if deleted == 0 {
            return Ok(false);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        self.rearranged();
        Ok(true)
    }

    /// Whose turn it is, as the last claim left it.
    pub async fn routing_state(&self, id: PoolId) -> Result<Option<serde_json::Value>, StoreError> {
        let mut conn = self.db.read().await?;
        let state: Option<Option<Json>> =
            on!(conn, c => pools::table.find(id).select(pools::routing_state).first(c).await.optional())?;
        Ok(state.flatten().map(|state| state.0))
    }
}

/// Stores whose turn it is; part of the claim's transaction.
pub(super) async fn save_routing_state(
    conn: &mut Conn,
    id: PoolId,
    state: &serde_json::Value,
) -> Result<(), StoreError> {
    let change = pools::routing_state.eq(Json(state.clone()));
    on!(conn, c => diesel::update(pools::table.find(id)).set(change).execute(c).await)?;
    Ok(())
}
