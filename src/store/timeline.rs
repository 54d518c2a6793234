//! What happened to a campaign over time, from its ledger.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use diesel_async::RunQueryDsl;

use super::{Conn, Store, db::on, error::StoreError};
use crate::domain::id::CampaignId;

/// Equal spans of time, from the first that something happened in to the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The length of a span, in seconds: as short as it can be with at most 60 of them.
    pub width: i64,
    pub spans: Vec<Span>,
}

/// What happened in one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub at: DateTime<Utc>,
    pub sent: u64,
    pub delivered: u64,
    pub read: u64,
    pub failed: u64,
}

/// The lengths that people know, in seconds: from ten seconds to a week.
const WIDTHS: [i64; 10] = [10, 60, 300, 900, 3600, 10_800, 21_600, 86_400, 172_800, 604_800];

/// The most spans; a campaign of more than 60 weeks has longer ones.
const SPANS: i64 = 60;

/// When something happened, as a condition and a column.
const KINDS: [(&str, &str); 4] = [
    ("sent_at IS NOT NULL", "sent_at"),
    ("delivered_at IS NOT NULL", "delivered_at"),
    ("read_at IS NOT NULL", "read_at"),
    ("state = 'failed'", "updated_at"),
];

#[derive(QueryableByName)]
struct Extent {
    #[diesel(sql_type = Nullable<BigInt>)]
    first: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    span: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The seconds of a column since 1970, which each database says in its own way.
fn seconds(conn: &Conn, column: &str) -> String {
    match conn {
        Conn::Pg(_) => format!("floor(extract(epoch FROM {column}))::bigint"),
        Conn::Lite(_) => format!("CAST(strftime('%s', {column}) AS INTEGER)"),
    }
}

impl Store {
    /// What happened to a campaign's messages over time; nothing as long as none was sent and none has failed.
    pub async fn timeline(&self, campaign: CampaignId) -> Result<Timeline, StoreError> {
        let mut conn = self.db.read().await?;
        let mut extents = Vec::new();
        for (condition, column) in KINDS {
            let query = format!(
                "SELECT {} AS first, {} AS last FROM messages WHERE campaign_id = {campaign} AND {condition}",
                seconds(&conn, &format!("min({column})")),
                seconds(&conn, &format!("max({column})")),
            );
            let extent: Extent = on!(conn, c => diesel::sql_query(query.as_str()).get_result(c).await)?;
            extents.extend(extent.first.zip(extent.last));
        }
        let first = extents.iter().map(|(first, _)| *first).min();
        let last = extents.iter().map(|(_, last)| *last).max();
        let Some((first, last)) = first.zip(last) else { return Ok(Timeline::default()) };
        let width = width(first, last);
        let begin = first - first.rem_euclid(width);
        let mut counts = Vec::new();
        for (condition, column) in KINDS {
            let query = format!(
                "SELECT ({} - {begin}) / {width} AS span, count(*) AS count FROM messages \
                 WHERE campaign_id = {campaign} AND {condition} GROUP BY 1",
                seconds(&conn, column),
            );
            let rows: Vec<Count> = on!(conn, c => diesel::sql_query(query.as_str()).load(c).await)?;
            let of_kind: BTreeMap<i64, u64> =
                rows.into_iter().map(|row| (row.span, row.count.cast_unsigned())).collect();
            counts.push(of_kind);
        }
        let span = |number: i64| {
            let count = |kind: usize| counts[kind].get(&number).copied().unwrap_or_default();
            let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(begin + number * width);
            Span { at, sent: count(0), delivered: count(1), read: count(2), failed: count(3) }
        };
        Ok(Timeline { width, spans: (0..=(last - begin) / width).map(span).collect() })
    }
}

/// The length of the spans between two instants, in seconds.
fn width(first: i64, last: i64) -> i64 {
    let fits = |width: i64| last.div_euclid(width) - first.div_euclid(width) < SPANS;
    WIDTHS.into_iter().find(|width| fits(*width)).unwrap_or_else(|| (last - first) / (SPANS - 1) + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_are_never_too_many_spans(first in 0..4_000_000_000_i64, length in 0..400_000_000_i64) {
            let width = width(first, first + length);
            let begin = first - first.rem_euclid(width);
            prop_assert!((first + length - begin) / width <= SPANS, "{width}");
        }
    }
}
