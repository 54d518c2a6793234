//! Campaigns: to read, to make and to change. How they live is in [`campaign_life`](super::campaign_life).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Conn, Store,
    audit::write_audit,
    db::{on, rows},
    debtor_matching::matching,
    error::StoreError,
    page::{Page, Paged},
    schema::{campaign_pools, campaigns, debtors},
    segments,
    sql_types::{At, Json},
    statement::Condition,
};
use crate::domain::{
    audit::AuditEntry,
    campaign::{Audience, Campaign, CampaignStatus, Plan, Steps},
    debtor::DebtorStatus,
    debtor_filter::DebtorFilter,
    id::{CampaignId, MediaId, PoolId, SegmentId, TemplateId, UserId},
};

/// Why a campaign, or a part of it, cannot be changed.
pub const CAMPAIGN_HAS_BEGUN: &str = "campaign_has_begun";

/// A campaign to add, as a draft.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Unique.
    pub name: String,
    /// In the order in which they are shown, without repeats; at least one.
    pub pools: Vec<PoolId>,
    pub template_id: TemplateId,
    pub audience: Audience,
    pub plan: Plan,
    pub steps: Steps,
    pub created_by: UserId,
}

/// What to change; what is none stays. In a campaign that has begun only its name, its plan and its pools can change.
#[derive(Debug, Clone, Default)]
pub struct CampaignPatch {
    pub name: Option<String>,
    pub pools: Option<Vec<PoolId>>,
    pub plan: Option<Plan>,
    pub template_id: Option<TemplateId>,
    pub audience: Option<Audience>,
    pub steps: Option<Steps>,
}

impl CampaignPatch {
    /// Whether it changes what a launch has frozen.
    fn thaws(&self) -> bool {
        self.template_id.is_some() || self.audience.is_some() || self.steps.is_some()
    }
}

pub(super) type Row = (
    CampaignId,
    String,
    PoolId,
    TemplateId,
    String,
    Json,
    CampaignStatus,
    UserId,
    At,
    Option<At>,
    Option<At>,
    Json,
    Json,
    Option<String>,
    bool,
    Option<MediaId>,
);

/// Makes campaigns of rows, with their pools.
pub(super) async fn with_pools(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Campaign>, StoreError> {
    let ids: Vec<CampaignId> = rows.iter().map(|row| row.0).collect();
    let query = campaign_pools::table
        .filter(campaign_pools::campaign_id.eq_any(ids))
        .order((campaign_pools::campaign_id, campaign_pools::position))
        .select((campaign_pools::campaign_id, campaign_pools::pool_id));
    let pairs: Vec<(CampaignId, PoolId)> = rows!(conn, query)?;
    let mut pools = HashMap::<CampaignId, Vec<PoolId>>::new();
    for (campaign, pool) in pairs {
        pools.entry(campaign).or_default().push(pool);
    }
    rows.into_iter().map(|row| campaign(row, &mut pools)).collect()
}

fn campaign(row: Row, pools: &mut HashMap<CampaignId, Vec<PoolId>>) -> Result<Campaign, StoreError> {
    let (
        id,
        name,
        pool,
        template_id,
        body,
        audience,
        status,
        created_by,
        created_at,
        started,
        ended,
        plan,
        steps,
        pause_reason,
        _,
        media_id,
    ) = row;
    let tags = audience.0["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let tags = tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    let segment = audience.0["segment"].as_i64().map(SegmentId);
    let plan = serde_json::from_value(plan.0).map_err(|_| StoreError::Corrupt(format!("the plan of campaign {id}")))?;
    let steps =
        serde_json::from_value(steps.0).map_err(|_| StoreError::Corrupt(format!("the steps of campaign {id}")))?;
    Ok(Campaign {
        id,
        name,
        pools: pools.remove(&id).unwrap_or_else(|| vec![pool]),
        template_id,
        body,
        media_id,
        audience: Audience { tags, segment },
        plan,
        steps,
        status,
        pause_reason,
        created_by,
        created_at: created_at.0,
        started_at: started.map(|at| at.0),
        ended_at: ended.map(|at| at.0),
    })
}

/// The active debtors of an audience, as a condition on `debtors`; [`StoreError::Foreign`] if its segment was deleted.
pub(super) async fn audience(conn: &mut Conn, audience: &Audience, today: NaiveDate) -> Result<Condition, StoreError> {
    let backend = conn.backend();
    let active = vec![DebtorStatus::Active];
    let filter = DebtorFilter { statuses: active, tags: audience.tags.clone(), ..DebtorFilter::default() };
    let mut wanted = matching(&filter, backend, today);
    if let Some(id) = audience.segment {
        let segment = segments::find(conn, id).await?.ok_or(StoreError::Foreign)?;
        wanted = wanted.sql(" AND ").then(&matching(&segment.filter, backend, today));
    }
    Ok(wanted.condition())
}

/// An audience as it is stored.
fn audience_json(audience: &Audience) -> Json {
    Json(json!({ "tags": audience.tags, "segment": audience.segment.map(|id| id.0) }))
}

pub(super) async fn find(conn: &mut Conn, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
    let row: Option<Row> =
        on!(conn, c => campaigns::table.find(id).filter(campaigns::hidden.eq(false)).first(c).await.optional())?;
    Ok(with_pools(conn, row.into_iter().collect()).await?.pop())
}

impl Store {
    /// Campaigns, newest first.
    pub async fn campaigns(&self, status: Option<CampaignStatus>, page: Page) -> Result<Paged<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        let after = CampaignId(page.after().unwrap_or(i64::MAX));
        let rows: Vec<Row> = on!(conn, c => {
            let shown = campaigns::hidden.eq(false);
            let mut query = campaigns::table.filter(campaigns::id.lt(after)).filter(shown).into_boxed();
            if let Some(status) = status {
                query = query.filter(campaigns::status.eq(status));
            }
            query.order(campaigns::id.desc()).limit(page.probe()).load(c).await
        })?;
        Ok(page.of(with_pools(&mut conn, rows).await?, None, |campaign| campaign.id.0))
    }

    /// The campaign with that id.
    pub async fn campaign(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        find(&mut conn, id).await
    }

    /// Every campaign in one of the statuses, oldest first.
    pub async fn campaigns_that_are(&self, statuses: &[CampaignStatus]) -> Result<Vec<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = campaigns::table.filter(campaigns::status.eq_any(statuses.to_vec())).order(campaigns::id);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        with_pools(&mut conn, rows).await
    }

    /// How many active debtors the audience has now.
    pub async fn audience_count(&self, audience: &Audience, today: NaiveDate) -> Result<u64, StoreError> {
        let mut conn = self.db.read().await?;
        let wanted = self::audience(&mut conn, audience, today).await?;
        let count: i64 = on!(conn, c => debtors::table.filter(wanted).count().get_result(c).await)?;
        Ok(count.cast_unsigned())
    }

    /// Adds a draft; [`StoreError::Foreign`] when its pool or template does not exist.
    pub async fn create_campaign(
        &self,
        new: NewCampaign,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Campaign, StoreError> {
        let first = *new.pools.as_slice().first().ok_or(StoreError::EmptyPool)?;
        let mut tx = self.db.begin().await?;
        let row = (
            campaigns::name.eq(new.name),
            campaigns::pool_id.eq(first),
            campaigns::template_id.eq(new.template_id),
            campaigns::body.eq(""),
            campaigns::audience.eq(audience_json(&new.audience)),
            campaigns::plan.eq(Json(json!(new.plan))),
            campaigns::follow_ups.eq(Json(json!(new.steps))),
            campaigns::status.eq(CampaignStatus::Draft),
            campaigns::created_by.eq(new.created_by),
            campaigns::created_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(campaigns::table).values(row).returning(campaigns::all_columns).get_result(c).await)?;
        let id = row.0;
        set_pools(&mut tx, id, &new.pools).await?;
        write_audit(&mut tx, audit, now).await?;
        let made = with_pools(&mut tx, vec![row]).await?.pop().ok_or(StoreError::NotFound)?;
        tx.commit().await?;
        Ok(made)
    }

    /// Changes a draft, or of a paused campaign what its launch has not frozen; [`StoreError::InUse`]
    /// with [`CAMPAIGN_HAS_BEGUN`] otherwise.
    pub async fn update_campaign(
        &self,
        id: CampaignId,
        patch: CampaignPatch,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Campaign, StoreError> {
        #[derive(AsChangeset)]
        #[diesel(table_name = campaigns)]
        struct Changes {
            name: Option<String>,
            pool_id: Option<PoolId>,
            template_id: Option<TemplateId>,
            audience: Option<Json>,
            plan: Option<Json>,
            follow_ups: Option<Json>,
            /// Always there, so that there is something to set.
            status: CampaignStatus,
        }
        let mut tx = self.db.begin().await?;
        let before = super::campaign_life::find_to_change(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        match before.status {
            CampaignStatus::Draft => {}
            CampaignStatus::Paused if !patch.thaws() => {}
            _ => return Err(StoreError::InUse(CAMPAIGN_HAS_BEGUN)),
        }
        let changes = Changes {
            name: patch.name,
            pool_id: patch.pools.as_ref().and_then(|pools| pools.as_slice().first().copied()),
            template_id: patch.template_id,
            audience: patch.audience.as_ref().map(audience_json),
            plan: patch.plan.map(|plan| Json(json!(plan))),
            follow_ups: patch.steps.map(|steps| Json(json!(steps))),
            status: before.status,
        };
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(changes).execute(c).await)?;
        if let Some(pools) = patch.pools.filter(|pools| !pools.is_empty()) {
            set_pools(&mut tx, id, &pools).await?;
        }
        let changed = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Puts a campaign that is over, or a draft, out of sight; its ledger stays. `false` if there is none.
    pub async fn hide_campaign(
        &self,
        id: CampaignId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(campaign) = super::campaign_life::find_to_change(&mut tx, id).await? else { return Ok(false) };
        if !campaign.status.is_over() && campaign.status != CampaignStatus::Draft {
            return Err(StoreError::InUse("campaign_is_not_over"));
        }
        // Its name is free for another one. Nothing of it goes out any more, whatever becomes of what is in doubt: nobody could stop it.
        let hidden = (
            campaigns::hidden.eq(true),
            campaigns::name.eq(format!("{} #{id}", campaign.name)),
            campaigns::status.eq(CampaignStatus::Cancelled),
        );
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(hidden).execute(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn set_pools(conn: &mut Conn, id: CampaignId, pools: &[PoolId]) -> Result<(), StoreError> {
    let old = campaign_pools::table.filter(campaign_pools::campaign_id.eq(id));
    on!(conn, c => diesel::delete(old).execute(c).await)?;
    for (position, pool) in (0_i64..).zip(pools) {
        let row = (
            campaign_pools::campaign_id.eq(id),
            campaign_pools::pool_id.eq(*pool),
            campaign_pools::position.eq(position),
        );
        on!(conn, c => diesel::insert_into(campaign_pools::table).values(row).execute(c).await)?;
    }
    Ok(())
}
