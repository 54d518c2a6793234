//! A segment: a filter of debtors that somebody has given a name, so that campaigns can have it for their audience.

use chrono::{DateTime, Utc};

use super::{
    debtor_filter::DebtorFilter,
    id::{SegmentId, UserId},
};

/// A segment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub id: SegmentId,
    /// Unique, chosen by a person.
    pub name: String,
    pub filter: DebtorFilter,
    pub created_by: UserId,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
