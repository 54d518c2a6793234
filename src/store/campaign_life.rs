//! The life of campaigns: launch, pause, end, and sending once more what has failed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::{
    IntoSql as _,
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::{
    Conn, Store,
    audit::write_audit,
    campaigns::{Row, audience, find, with_pools},
    db::on,
    error::StoreError,
    ledger::and_note,
    schema::{campaigns, debtors, messages, pool_members, templates},
    sql_types::{At, Instant, Json},
};
use crate::domain::{
    audit::AuditEntry,
    campaign::{Campaign, CampaignAction, CampaignStatus, Step, Steps},
    failure::Cause,
    id::{CampaignId, DebtorId, MediaId, MessageId, TemplateId},
    message::{Happening, MessageState},
};

/// A campaign that has begun.
#[derive(Debug, Clone)]
pub struct Launched {
    pub campaign: Campaign,
    /// How many messages its frozen audience has.
    pub planned: u64,
}

/// The campaign, kept from other changes until the transaction ends. SQLite has one writer anyway.
pub(super) async fn find_to_change(conn: &mut Conn, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
    let query = campaigns::table.find(id).filter(campaigns::hidden.eq(false));
    let row: Option<Row> = match conn {
        Conn::Pg(c) => query.for_no_key_update().first(&mut ***c).await,
        Conn::Lite(c) => query.first(&mut **c).await,
    }
    .optional()?;
    Ok(with_pools(conn, row.into_iter().collect()).await?.pop())
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
    /// Begins a draft: freezes its texts and its audience, one planned message each, in one transaction.
    pub async fn launch_campaign(
        &self,
        id: CampaignId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Launched, StoreError> {
        let mut tx = self.db.begin().await?;
        let draft = find_to_change(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        move_to(&mut tx, &draft, CampaignAction::Start, None).await?;
        let members = pool_members::table.filter(pool_members::pool_id.eq_any(draft.pools.clone()));
        let members: i64 = on!(tx, c => members.count().get_result(c).await)?;
        if members == 0 {
            return Err(StoreError::EmptyPool);
        }
        let (body, media) = content(&mut tx, draft.template_id).await?;
        let mut steps = draft.steps.clone();
        for step in &mut steps.0 {
            if let Step::FollowUp { template_id, body, media_id, .. } = step {
                let (text, media) = content(&mut tx, TemplateId(*template_id)).await?;
                (*body, *media_id) = (text, media.map(|id| id.0));
            }
        }
        let changes = (
            campaigns::body.eq(body),
            campaigns::media_id.eq(media),
            campaigns::follow_ups.eq(Json(json!(steps))),
            campaigns::started_at.eq(At(now)),
        );
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

    /// Schedules, pauses, resumes or cancels a campaign; `reason` is why, where it was not a person's doing. Cancelling also cancels
    /// every message that has not left.
    pub async fn transition_campaign(
        &self,
        id: CampaignId,
        action: CampaignAction,
        reason: Option<&str>,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Campaign, StoreError> {
        let mut tx = self.db.begin().await?;
        let before = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        let status = move_to(&mut tx, &before, action, reason).await?;
        if status == CampaignStatus::Cancelled {
            cancel_waiting(&mut tx, id, None, now).await?;
        }
        if status.is_over() {
            on!(tx, c => diesel::update(campaigns::table.find(id)).set(campaigns::ended_at.eq(At(now))).execute(c).await)?;
        }
        let campaign = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// The campaign's time is over: what waits is cancelled. What is on its way settles, and then it finishes.
    pub async fn end_campaign(&self, id: CampaignId, now: DateTime<Utc>) -> Result<Option<Campaign>, StoreError> {
        let mut tx = self.db.begin().await?;
        let Some(campaign) = find_to_change(&mut tx, id).await? else { return Ok(None) };
        if campaign.status == CampaignStatus::Paused {
            move_to(&mut tx, &campaign, CampaignAction::Resume, None).await?;
        } else if campaign.status != CampaignStatus::Running {
            return Ok(None);
        }
        cancel_waiting(&mut tx, id, Some("campaign_ended"), now).await?;
        write_audit(&mut tx, by_itself("campaign.end", id), now).await?;
        let campaign = find(&mut tx, id).await?;
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
        // Every receipt of a campaign that has finished asks.
        let open = running.is_some() && is_open(&mut tx, id).await?;
        let Some(running) = running.filter(|_| !open) else {
            tx.rollback().await?;
            return Ok(None);
        };
        move_to(&mut tx, &running, CampaignAction::Finish, None).await?;
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(campaigns::ended_at.eq(At(now))).execute(c).await)?;
        let campaign = find(&mut tx, id).await?;
        write_audit(&mut tx, by_itself("campaign.finish", id), now).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Plans once more, as new steps, every message that has failed and was not tried in such a step yet; gives how many. What failed
    /// for good, since the number is not on WhatsApp, stays as it is.
    pub async fn retry_failed(
        &self,
        id: CampaignId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<(Campaign, u64), StoreError> {
        let mut tx = self.db.begin().await?;
        let before = find_to_change(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        move_to(&mut tx, &before, CampaignAction::Retry, None).await?;
        let mut steps = before.steps.clone();
        let mut planned = 0;
        for of in 0..=before.steps.0.len() {
            let count = plan_retry(&mut tx, id, of, &steps, now).await?;
            if count > 0 {
                steps.0.push(Step::Retry { of });
                planned += count;
            }
        }
        if planned == 0 {
            return Err(StoreError::EmptyAudience);
        }
        let changes = (campaigns::follow_ups.eq(Json(json!(steps))), campaigns::ended_at.eq(None::<At>));
        on!(tx, c => diesel::update(campaigns::table.find(id)).set(changes).execute(c).await)?;
        let campaign = find(&mut tx, id).await?.ok_or(StoreError::NotFound)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok((campaign, planned))
    }
}

/// What the engine does of itself.
fn by_itself(action: &'static str, id: CampaignId) -> AuditEntry {
    AuditEntry { actor: None, action, subject: format!("campaign:{id}"), detail: Value::Null }
}

/// The template's text and file, as they are now.
async fn content(conn: &mut Conn, template: TemplateId) -> Result<(String, Option<MediaId>), StoreError> {
    let content = templates::table.find(template).select((templates::body, templates::media_id));
    let content: Option<(String, Option<MediaId>)> = on!(conn, c => content.first(c).await.optional())?;
    content.ok_or(StoreError::Foreign)
}

async fn cancel_waiting(
    conn: &mut Conn,
    id: CampaignId,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let waiting = messages::table
        .filter(messages::campaign_id.eq(id))
        .filter(messages::state.eq_any([MessageState::Planned, MessageState::Queued]));
    let reason = reason.map(str::to_owned);
    let changes = (
        messages::state.eq(MessageState::Cancelled),
        messages::reason.eq(reason.clone()),
        messages::updated_at.eq(At(now)),
        and_note(&Happening { reason, ..Happening::new(now, MessageState::Cancelled) }),
    );
    on!(conn, c => diesel::update(waiting).set(changes).execute(c).await)?;
    Ok(())
}

/// Changes the status, unless somebody else has changed it since `before` was read.
async fn move_to(
    conn: &mut Conn,
    before: &Campaign,
    action: CampaignAction,
    reason: Option<&str>,
) -> Result<CampaignStatus, StoreError> {
    let status = before.status.apply(action)?;
    let unchanged = campaigns::table.find(before.id).filter(campaigns::status.eq(before.status));
    let changes = (campaigns::status.eq(status), campaigns::pause_reason.eq(reason.map(str::to_owned)));
    let moved = on!(conn, c => diesel::update(unchanged).set(changes).execute(c).await)?;
    if moved == 0 {
        let now = find(conn, before.id).await?.ok_or(StoreError::NotFound)?;
        now.status.apply(action)?;
        return Err(StoreError::InUse("changed_meanwhile"));
    }
    Ok(status)
}

/// The columns of a message that is planned.
macro_rules! planned_columns {
    () => {
        (
            messages::campaign_id,
            messages::step,
            messages::debtor_id,
            messages::state,
            messages::attempts,
            messages::due_at,
            messages::updated_at,
        )
    };
}

/// Writes one planned message per active debtor of the audience, in one statement; gives how many.
async fn plan(conn: &mut Conn, campaign: &Campaign, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let wanted = audience(conn, &campaign.audience, now.date_naive()).await?;
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
        let audience = debtors::table.filter(wanted).select(row).order(debtors::id);
        diesel::insert_into(messages::table).values(audience).into_columns(planned_columns!()).execute(c).await
    })?;
    Ok(planned as u64)
}

/// Plans the failed messages of step `of` as the step after the last one of `steps`.
async fn plan_retry(
    conn: &mut Conn,
    campaign: CampaignId,
    of: usize,
    steps: &Steps,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let number = |step: usize| i64::try_from(step).unwrap_or(i64::MAX);
    let tried: Vec<i64> =
        (1..).zip(&steps.0).filter(|(_, step)| **step == Step::Retry { of }).map(|(at, _)| at).collect();
    let again = diesel::alias!(messages as again);
    let had = again
        .filter(again.field(messages::campaign_id).eq(campaign))
        .filter(again.field(messages::step).eq_any(tried))
        .select(again.field(messages::debtor_id));
    let planned = on!(conn, c => {
        let row = (
            campaign.into_sql::<BigInt>(),
            number(steps.0.len() + 1).into_sql::<BigInt>(),
            messages::debtor_id,
            MessageState::Planned.into_sql::<Text>(),
            0_i64.into_sql::<BigInt>(),
            At(now).into_sql::<Instant>(),
            At(now).into_sql::<Instant>(),
        );
        let failed = messages::table
            .filter(messages::campaign_id.eq(campaign))
            .filter(messages::step.eq(number(of)))
            .filter(messages::state.eq(MessageState::Failed))
            .filter(messages::reason.is_null().or(messages::reason.ne(Cause::NotOnWhatsApp.as_str())))
            .filter(messages::debtor_id.ne_all(had))
            .order(messages::id)
            .select(row);
        diesel::insert_into(messages::table).values(failed).into_columns(planned_columns!()).execute(c).await
    })?;
    Ok(planned as u64)
}

/// A message to plan after one that has left.
pub(super) struct FollowUp {
    pub campaign: CampaignId,
    pub step: usize,
    pub debtor: DebtorId,
    pub due_at: DateTime<Utc>,
}

/// Plans follow-ups, each once. A campaign that had finished goes on.
pub(super) async fn plan_follow_ups(
    conn: &mut Conn,
    planned: Vec<FollowUp>,
    now: DateTime<Utc>,
) -> Result<Vec<CampaignId>, StoreError> {
    let Some(campaigns) =
        (!planned.is_empty()).then(|| planned.iter().map(|row| row.campaign).collect::<BTreeSet<_>>())
    else {
        return Ok(Vec::new());
    };
    let row = move |FollowUp { campaign, step, debtor, due_at }: FollowUp| {
        (
            messages::campaign_id.eq(campaign),
            messages::step.eq(i64::try_from(step).unwrap_or(i64::MAX)),
            messages::debtor_id.eq(debtor),
            messages::state.eq(MessageState::Planned),
            messages::attempts.eq(0),
            messages::due_at.eq(At(due_at)),
            messages::updated_at.eq(At(now)),
        )
    };
    match conn {
        Conn::Pg(c) => {
            let rows: Vec<_> = planned.into_iter().map(row).collect();
            let insert = diesel::insert_into(messages::table).values(rows).on_conflict_do_nothing();
            insert.execute(&mut ***c).await?;
        }
        Conn::Lite(c) => {
            let each = move |c: &mut diesel::SqliteConnection| {
                for planned in planned {
                    let insert = diesel::insert_into(messages::table).values(row(planned)).on_conflict_do_nothing();
                    diesel::RunQueryDsl::execute(insert, c)?;
                }
                Ok(())
            };
            c.spawn_blocking(each).await?;
        }
    }
    let finished =
        campaigns::table.filter(campaigns::id.eq_any(campaigns)).filter(campaigns::status.eq(CampaignStatus::Finished));
    let running = (campaigns::status.eq(CampaignStatus::Running), campaigns::ended_at.eq(None::<At>));
    Ok(on!(conn, c => diesel::update(finished).set(running).returning(campaigns::id).get_results(c).await)?)
}
