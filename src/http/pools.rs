//! Pools: numbers that share the sending of campaigns.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    enums::{SessionStatus, Strategy},
    extract::{Checks, Json, Path},
    page::Items,
    problem::Problem,
    sign_in::{SignedIn, Supervisor},
    state::{AppState, audit},
};
use crate::{
    domain::{
        id::{PoolId, SessionId},
        pool::{Grace, Membership, Pool, TurnSize, Weight},
        session::Session,
    },
    store::{NewPool, PoolPatch},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change, remove))
}

/// A pool.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pool)]
pub struct PoolView {
    id: i64,
    name: String,
    strategy: Strategy,
    /// How many messages a member sends in one turn.
    turn_size: u16,
    /// How long a turn waits for a member that lost its connection before it passes on, in seconds.
    grace_seconds: u16,
    /// Whether a debtor stays with the member that has written to them or heard from them, out of turn if need be.
    sticky: bool,
    /// In the order of their turns.
    members: Vec<Member>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A member of a pool.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PoolMember)]
struct Member {
    session_id: i64,
    /// How many times as long as the pool's its turns are.
    weight: u16,
    name: String,
    status: SessionStatus,
    #[schema(required)]
    phone: Option<String>,
}

/// A member to be.
#[derive(Deserialize, ToSchema)]
#[schema(as = PoolMemberIn)]
struct MemberIn {
    session_id: i64,
    /// How many times as long as the pool's its turns are, 1 to 10; 1 if absent.
    weight: Option<i64>,
}

/// A pool to make.
#[derive(Deserialize, ToSchema)]
struct PoolIn {
    /// Unique, up to 100 characters.
    name: String,
    strategy: Strategy,
    /// 1 to 1000; 1 if absent.
    turn_size: Option<i64>,
    /// 0 to 3600; 60 if absent.
    grace_seconds: Option<i64>,
    /// Whether a debtor stays with the member that holds their chat; false if absent.
    sticky: Option<bool>,
    /// In the order of their turns, without repeats.
    members: Vec<MemberIn>,
}

/// What to change of a pool.
#[derive(Deserialize, ToSchema)]
struct PoolPatchIn {
    name: Option<String>,
    strategy: Option<Strategy>,
    turn_size: Option<i64>,
    grace_seconds: Option<i64>,
    sticky: Option<bool>,
    members: Option<Vec<MemberIn>>,
}

/// Every pool.
#[utoipa::path(get, path = "/pools", tag = "pools", responses((status = OK, body = Items<PoolView>)))]
async fn list(_: SignedIn, State(state): State<AppState>) -> Result<axum::Json<Items<PoolView>>, Problem> {
    let sessions = sessions(&state).await?;
    let pools = state.store.pools().await?;
    Ok(axum::Json(pools.into_iter().map(|pool| PoolView::new(pool, &sessions)).collect()))
}

/// Makes a pool.
#[utoipa::path(post, path = "/pools", tag = "pools", request_body = PoolIn, responses((status = CREATED, body = PoolView)))]
async fn create(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Json(input): Json<PoolIn>,
) -> Result<(StatusCode, axum::Json<PoolView>), Problem> {
    let sessions = sessions(&state).await?;
    let mut checks = Checks::default();
    let name = checks.name(&input.name);
    let turn_size = turn_size(&mut checks, input.turn_size.unwrap_or(1));
    let grace = input.grace_seconds.map_or_else(|| Some(Grace::default()), |seconds| grace(&mut checks, seconds));
    let members = members(&mut checks, &input.members, &sessions);
    let (Some(name), Some(turn_size), Some(grace), Some(members)) = (name, turn_size, grace, members) else {
        return Err(checks.into_problem());
    };
    let sticky = input.sticky.unwrap_or(false);
    let pool = NewPool { name, strategy: input.strategy.into(), turn_size, grace, sticky, members };
    let pool = state.store.create_pool(pool, state.clock.now(), audit(&user, "pool.create", "pool")).await?;
    Ok((StatusCode::CREATED, axum::Json(PoolView::new(pool, &sessions))))
}

/// A pool.
#[utoipa::path(get, path = "/pools/{id}", tag = "pools", params(("id" = i64, Path)), responses((status = OK, body = PoolView)))]
async fn read(
    _: SignedIn,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<axum::Json<PoolView>, Problem> {
    let pool = state.store.pool(PoolId(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(axum::Json(PoolView::new(pool, &sessions(&state).await?)))
}

/// Changes a pool; running campaigns follow at their next message.
#[utoipa::path(patch, path = "/pools/{id}", tag = "pools", params(("id" = i64, Path)), request_body = PoolPatchIn,
    responses((status = OK, body = PoolView)))]
async fn change(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(input): Json<PoolPatchIn>,
) -> Result<axum::Json<PoolView>, Problem> {
    let sessions = sessions(&state).await?;
    let mut checks = Checks::default();
    let patch = PoolPatch {
        name: input.name.as_deref().and_then(|name| checks.name(name)),
        strategy: input.strategy.map(Into::into),
        turn_size: input.turn_size.and_then(|size| turn_size(&mut checks, size)),
        grace: input.grace_seconds.and_then(|seconds| grace(&mut checks, seconds)),
        sticky: input.sticky,
        members: input.members.as_deref().and_then(|wanted| members(&mut checks, wanted, &sessions)),
    };
    checks.finish()?;
    let entry = audit(&user, "pool.change", format!("pool:{id}"));
    let pool = state.store.update_pool(PoolId(id), patch, state.clock.now(), entry).await?;
    Ok(axum::Json(PoolView::new(pool.ok_or_else(Problem::not_found)?, &sessions)))
}

/// Deletes a pool that no campaign uses.
#[utoipa::path(delete, path = "/pools/{id}", tag = "pools", params(("id" = i64, Path)), responses((status = NO_CONTENT)))]
async fn remove(
    Supervisor(user): Supervisor,
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let entry = audit(&user, "pool.delete", format!("pool:{id}"));
    let deleted = state.store.delete_pool(PoolId(id), state.clock.now(), entry).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

type Sessions = HashMap<SessionId, Session>;

async fn sessions(state: &AppState) -> Result<Sessions, Problem> {
    Ok(state.store.sessions().await?.into_iter().map(|session| (session.id, session)).collect())
}

fn turn_size(checks: &mut Checks, size: i64) -> Option<TurnSize> {
    let size = TurnSize::new(size);
    if size.is_err() {
        checks.reject("/turn_size", "out_of_range", format!("1–{}", TurnSize::MAX));
    }
    size.ok()
}

fn grace(checks: &mut Checks, seconds: i64) -> Option<Grace> {
    let grace = Grace::new(seconds);
    if grace.is_err() {
        checks.reject("/grace_seconds", "out_of_range", format!("0–{}", Grace::MAX));
    }
    grace.ok()
}

/// The members, each of which exists and is named once.
fn members(checks: &mut Checks, wanted: &[MemberIn], sessions: &Sessions) -> Option<Vec<Membership>> {
    let mut members = Vec::<Membership>::with_capacity(wanted.len());
    for (index, one) in wanted.iter().enumerate() {
        let (session, weight) = (SessionId(one.session_id), Weight::new(one.weight.unwrap_or(1)));
        if members.iter().any(|member| member.session == session) {
            checks.reject(format!("/members/{index}/session_id"), "duplicate", "");
        } else if !sessions.contains_key(&session) {
            checks.reject(format!("/members/{index}/session_id"), "unknown", "");
        } else if let Ok(weight) = weight {
            members.push(Membership { session, weight });
        } else {
            checks.reject(format!("/members/{index}/weight"), "out_of_range", format!("1–{}", Weight::MAX));
        }
    }
    (members.len() == wanted.len()).then_some(members)
}

impl PoolView {
    fn new(pool: Pool, sessions: &Sessions) -> Self {
        let known = pool.members.iter().filter_map(|member| Some((member.weight, sessions.get(&member.session)?)));
        let members = known.map(|(weight, session)| Member {
            session_id: session.id.0,
            weight: weight.get(),
            name: session.name.clone(),
            status: session.status.into(),
            phone: session.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        });
        Self {
            id: pool.id.0,
            name: pool.name,
            strategy: pool.strategy.into(),
            turn_size: pool.turn_size.get(),
            grace_seconds: pool.grace.seconds(),
            sticky: pool.sticky,
            members: members.collect(),
            created_at: pool.created_at,
            updated_at: pool.updated_at,
        }
    }
}
