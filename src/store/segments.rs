//! Segments: filters of debtors with names.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    schema::segments,
    sql_types::{At, Json},
};
use crate::domain::{
    audit::AuditEntry,
    campaign::CampaignStatus,
    debtor_filter::DebtorFilter,
    id::{SegmentId, UserId},
    segment::Segment,
};

type Row = (SegmentId, String, Json, UserId, At, At);

fn segment((id, name, filter, created_by, created_at, updated_at): Row) -> Result<Segment, StoreError> {
    let filter =
        serde_json::from_value(filter.0).map_err(|_| StoreError::Corrupt(format!("the filter of segment {id}")))?;
    Ok(Segment { id, name, filter, created_by, created_at: created_at.0, updated_at: updated_at.0 })
}

pub(super) async fn find(conn: &mut Conn, id: SegmentId) -> Result<Option<Segment>, StoreError> {
    let row: Option<Row> = on!(conn, c => segments::table.find(id).first(c).await.optional())?;
    row.map(segment).transpose()
}

impl Store {
    /// Every segment, in alphabetical order.
    pub async fn segments(&self) -> Result<Vec<Segment>, StoreError> {
        let mut conn = self.db.read().await?;
        let rows: Vec<Row> = on!(conn, c => segments::table.order((segments::name, segments::id)).load(c).await)?;
        rows.into_iter().map(segment).collect()
    }

    /// The segment with that id.
    pub async fn segment(&self, id: SegmentId) -> Result<Option<Segment>, StoreError> {
        find(&mut self.db.read().await?, id).await
    }

    /// Gives a filter a name.
    pub async fn create_segment(
        &self,
        name: &str,
        filter: &DebtorFilter,
        by: UserId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Segment, StoreError> {
        let mut tx = self.db.begin().await?;
        let row = (
            segments::name.eq(name.to_owned()),
            segments::filter.eq(Json(json!(filter))),
            segments::created_by.eq(by),
            segments::created_at.eq(At(now)),
            segments::updated_at.eq(At(now)),
        );
        let row: Row = on!(tx, c => diesel::insert_into(segments::table).values(row)
            .returning(segments::all_columns).get_result(c).await)?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        segment(row)
    }

    /// Gives a segment another name and another filter; none if there is no such segment. Campaigns that have begun keep their audience.
    pub async fn change_segment(
        &self,
        id: SegmentId,
        name: &str,
        filter: &DebtorFilter,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Option<Segment>, StoreError> {
        let mut tx = self.db.begin().await?;
        let changes = (
            segments::name.eq(name.to_owned()),
            segments::filter.eq(Json(json!(filter))),
            segments::updated_at.eq(At(now)),
        );
        let row: Option<Row> = on!(tx, c => diesel::update(segments::table.find(id)).set(changes)
            .returning(segments::all_columns).get_result(c).await.optional())?;
        let Some(row) = row else { return Ok(None) };
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(Some(segment(row)?))
    }

    /// Deletes a segment, and says whether there was one; [`StoreError::InUse`] while a campaign that has not begun has it for its audience.
    pub async fn delete_segment(
        &self,
        id: SegmentId,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        let waiting = self.campaigns_that_are(&[CampaignStatus::Draft, CampaignStatus::Scheduled]).await?;
        if waiting.iter().any(|campaign| campaign.audience.segment == Some(id)) {
            return Err(StoreError::InUse("audience_of_a_campaign"));
        }
        let mut tx = self.db.begin().await?;
        let gone = on!(tx, c => diesel::delete(segments::table.find(id)).execute(c).await)?;
        if gone == 0 {
            return Ok(false);
        }
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
