//! Campaigns: their life, and the freezing of an audience at launch.

use chrono::{DateTime, Utc};
use diesel::{
    IntoSql as _,
    dsl::exists,
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    ledger,
    page::{Page, Paged},
    schema::{campaigns, debtor_tags, debtors, messages, pool_members, templates},
    sql_types::{At, Instant, Json},
};
use crate::domain::{
    audit::AuditEntry,
    campaign::{Audience, Campaign, CampaignAction, CampaignStatus},
    debtor::DebtorStatus,
    id::{CampaignId, MessageId, PoolId, TemplateId, UserId},
    message::{Happening, MessageState},
};

/// A campaign to add, as a draft.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Unique.
    pub name: String,
    pub pool_id: PoolId,
    pub template_id: TemplateId,
    pub audience: Audience,
    pub created_by: UserId,
}

/// A campaign that has begun.
#[derive(Debug, Clone)]
pub struct Launched {
    pub campaign: Campaign,
    /// How many messages its frozen audience has.
    pub planned: u64,
}

type Row = (CampaignId, String, PoolId, TemplateId, String, Json, CampaignStatus, UserId, At, Option<At>, Option<At>);

fn campaign(row: Row) -> Campaign {
    let (id, name, pool_id, template_id, body, audience, status, created_by, created_at, started_at, ended_at) = row;
    let tags = audience.0["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let tags = tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    Campaign {
        id,
        name,
        pool_id,
        template_id,
        body,
        audience: Audience { tags },
        status,
        created_by,
        created_at: created_at.0,
        started_at: started_at.map(|at| at.0),
        ended_at: ended_at.map(|at| at.0),
    }
}

/// The active debtors of an audience, as a boxed query.
macro_rules! audience {
    ($tags:expr) => {{
        let query = debtors::table.filter(debtors::status.eq(DebtorStatus::Active)).into_boxed();
        if $tags.is_empty() {
            query
        } else {
            let tagged = debtor_tags::table
                .filter(debtor_tags::debtor_id.eq(debtors::id))
                .filter(debtor_tags::tag.eq_any($tags.clone()));
            query.filter(exists(tagged))
        }
    }};
}

async fn find(conn: &mut Conn, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
    let row: Option<Row> = on!(conn, c => campaigns::table.find(id).first(c).await.optional())?;
    Ok(row.map(campaign))
}

/// The same, kept from other changes until the transaction ends. SQLite has one writer anyway.
async fn find_to_change(conn: &mut Conn, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
    let query = campaigns::table.find(id);
    let row: Option<Row> = match conn {
        Conn::Pg(c) => query.for_no_key_update().first(&mut ***c).await,
        Conn::Lite(c) => query.first(&mut **c).await,
    }
    .optional()?;
    Ok(row.map(campaign))
}

/// Whether the campaign has a message that is still to be sent or settled.
async fn is_open(conn: &mut Conn, id: CampaignId) -> Result<bool, StoreError> {
    let open = messages::table.filter(messages::campaign_id.eq(id)).filter(messages::state.eq_any([
        MessageState::Planned,
        MessageState::Queued,
        MessageState::Sending,
    ]));
    let one: Option<MessageId> = on!(conn, c => open.select(messages::id).first(c).await.optional())?;
    Ok(one.is_some())
}

impl Store {
    /// Campaigns, newest first.
    pub async fn campaigns(&self, status: Option<CampaignStatus>, page: Page) -> Result<Paged<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        let after = CampaignId(page.after().unwrap_or(i64::MAX));
        let rows: Vec<Row> = on!(conn, c => {
            let mut query = campaigns::table.filter(campaigns::id.lt(after)).into_boxed();
            if let Some(status) = status {
                query = query.filter(campaigns::status.eq(status));
            }
            query.order(campaigns::id.desc()).limit(page.probe()).load(c).await
        })?;
        Ok(page.of(rows.into_iter().map(campaign).collect(), None, |campaign| campaign.id.0))
    }

    /// The campaign with that id.
    pub async fn campaign(&self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        find(&mut conn, id).await
    }

    /// Campaigns that are sending.
    pub async fn running_campaigns(&self) -> Result<Vec<Campaign>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = campaigns::table.filter(campaigns::status.eq(CampaignStatus::Running)).order(campaigns::id);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(campaign).collect())
    }

    /// How many active debtors the audience has now.
    pub async fn audience_count(&self, audience: &Audience) -> Result<u64, StoreError> {
        let mut conn = self.db.read().await?;
        let count: i64 = on!(conn, c => audience!(audience.tags).count().get_result(c).await)?;
        Ok(count.cast_unsigned())
    }

    /// Adds a draft; [`StoreError::Foreign`] when its pool or template does not exist.
    pub async fn create_campaign(
        &self,
        new: NewCampaign,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Campaign, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            campaigns::name.eq(new.name),
            campaigns::pool_id.eq(new.pool_id),
            campaigns::template_id.eq(new.template_id),
            campaigns::body.eq(""),
            campaigns::audience.eq(Json(json!({ "tags": new.audience.tags }))),
            campaigns::status.eq(CampaignStatus::Draft),
            campaigns::created_by.eq(new.created_by),
            campaigns::created_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(campaigns::table).values(row).returning(campaigns::all_columns).get_result(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(campaign(row))
    }

    /// Begins a draft: freezes its text and its audience, one planned message each, in one transaction.
    pub async fn launch_campaign(
        &self,
        id: CampaignId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Launched, StoreError> {
        let mut tx = self.db.begin().await?;
        let draft = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        move_to(&mut tx, &draft, CampaignAction::Start).await?;
        let members = pool_members::table.filter(pool_members::pool_id.eq(draft.pool_id));
        let members: i64 = on!(tx, c => members.count().get_result(c).await)?;
        if members == 0 {
            return Err(StoreError::EmptyPool);
        }
        let text = templates::table.find(draft.template_id).select(templates::body);
        let body: String = on!(tx, c => text.first(c).await)?;
        let changes = (campaigns::body.eq(body), campaigns::started_at.eq(At(now)));
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(changes).execute(c).await)?;
        let planned = plan(&mut tx, &draft, now).await?;
        if planned == 0 {
            return Err(StoreError::EmptyAudience);
        }
        let campaign = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Launched { campaign, planned })
    }

    /// Pauses, resumes or cancels a campaign. Cancelling also cancels every message that has not left.
    pub async fn transition_campaign(
        &self,
        id: CampaignId,
        action: CampaignAction,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Campaign, StoreError> {
        let mut tx = self.db.begin().await?;
        let before = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        let status = move_to(&mut tx, &before, action).await?;
        if status == CampaignStatus::Cancelled {
            let open = messages::table
                .filter(messages::campaign_id.eq(id))
                .filter(messages::state.eq_any([MessageState::Planned, MessageState::Queued]));
            let note = ledger::and_note(&Happening::new(now, MessageState::Cancelled));
            let changes = (messages::state.eq(MessageState::Cancelled), messages::updated_at.eq(At(now)), note);
            on!(tx, c => diesel::update(open).set(changes).execute(c).await)?;
        }
        if status.is_over() {
            on!(tx, c => diesel::update(campaigns::table.find(id)).set(campaigns::ended_at.eq(At(now))).execute(c).await)?;
        }
        let campaign = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Finishes a running campaign that has no open message; none when there was nothing to finish.
    pub async fn finish_if_settled(&self, id: CampaignId, now: DateTime<Utc>) -> Result<Option<Campaign>, StoreError> {
        // Nearly always there is something open, and a look costs no transaction.
        if is_open(&mut self.db.read().await?, id).await? {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        // Locked before the count: who puts a message back has either committed and is counted, or waits and finds it finished.
        let running = find_to_change(&mut tx, id).await?.filter(|campaign| campaign.status == CampaignStatus::Running);
        let Some(running) = running else { return Ok(None) };
        if is_open(&mut tx, id).await? {
            return Ok(None);
        }
        move_to(&mut tx, &running, CampaignAction::Finish).await?;
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(campaigns::ended_at.eq(At(now))).execute(c).await)?;
        let campaign = find(&mut tx, id).await?;
        let entry = AuditEntry {
            actor: None,
            action: "campaign.finish",
            subject: format!("campaign:{id}"),
            detail: serde_json::Value::Null,
        };
        write_audit(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(campaign)
    }
}

/// Changes the status, unless somebody else has changed it since `before` was read.
async fn move_to(conn: &mut Conn, before: &Campaign, action: CampaignAction) -> Result<CampaignStatus, StoreError> {
    let status = before.status.apply(action)?;
    let unchanged = campaigns::table.find(before.id).filter(campaigns::status.eq(before.status));
    let moved = on!(conn, c => diesel::update(unchanged).set(campaigns::status.eq(status)).execute(c).await)?;
    if moved == 0 {
        let now = find(conn, before.id).await?.ok_or(StoreError::NotFound)?;
        now.status.apply(action)?;
        return Err(StoreError::InUse("changed_meanwhile"));
    }
    Ok(status)
}

/// Writes one planned message per active debtor of the audience, in one statement; gives how many.
async fn plan(conn: &mut Conn, campaign: &Campaign, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let columns = (
        messages::campaign_id,
        messages::step,
        messages::debtor_id,
        messages::state,
        messages::attempts,
        messages::due_at,
        messages::updated_at,
    );
    let planned = on!(conn, c => {
        let row = (
            campaign.id.into_sql::<BigInt>(),
            0_i64.into_sql::<BigInt>(),
            debtors::id,
            MessageState::Planned.into_sql::<Text>(),
            0_i64.into_sql::<BigInt>(),
            At(now).into_sql::<Instant>(),
            At(now).into_sql::<Instant>(),
        );
        let audience = audience!(campaign.audience.tags).select(row).order(debtors::id);
        diesel::insert_into(messages::table).values(audience).into_columns(columns).execute(c).await
    })?;
    Ok(planned as u64)
}
