//! The ledger, to read.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Store,
    db::on,
    debtors::pattern,
    error::StoreError,
    ledger::{Row, message},
    media,
    page::{Page, Paged},
    schema::{debtors, media as files, messages, sessions},
};
use crate::domain::{
    id::{CampaignId, MessageId},
    media::Media,
    message::{Message, MessageCounts, MessageState},
    phone::Phone,
};

/// Which messages to list.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    pub state: Option<MessageState>,
    /// Only those of which nobody knew, for a while at least, whether they had left.
    pub doubted: bool,
    /// Part of the debtor's name, phone or reference.
    pub search: Option<String>,
}

/// A message with the names of those it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub message: Message,
    pub debtor_name: String,
    pub debtor_phone: Phone,
    pub session_name: Option<String>,
    /// The file it carries.
    pub media: Option<Media>,
}

impl Store {
    /// How many of the campaign's messages are in each state.
    pub async fn message_counts(&self, campaign: CampaignId) -> Result<MessageCounts, StoreError> {
        let mut conn = self.db.read().await?;
        let query = messages::table
            .filter(messages::campaign_id.eq(campaign))
            .group_by(messages::state)
            .select((messages::state, diesel::dsl::count_star()));
        let rows: Vec<(MessageState, i64)> = on!(conn, c => query.load(c).await)?;
        Ok(rows.into_iter().map(|(state, count)| (state, count.cast_unsigned())).collect())
    }

    /// The campaign's messages, in the order of the frozen audience.
    pub async fn messages(
        &self,
        campaign: CampaignId,
        filter: MessageFilter,
        page: Page,
    ) -> Result<Paged<MessageRow>, StoreError> {
        type Found = (Row, String, Phone, Option<String>, Option<media::Row>);
        let mut conn = self.db.read().await?;
        let after = MessageId(page.after().unwrap_or(0));
        let rows: Vec<Found> = on!(conn, c => {
            let mut query = messages::table
                .inner_join(debtors::table)
                .left_join(sessions::table)
                .left_join(files::table)
                .filter(messages::campaign_id.eq(campaign))
                .filter(messages::id.gt(after))
                .into_boxed();
            if let Some(state) = filter.state {
                query = query.filter(messages::state.eq(state));
            }
            if filter.doubted {
                query = query.filter(messages::history.like(format!("%\t{}\t%", MessageState::Uncertain)));
            }
            if let Some(search) = &filter.search {
                query = query.filter(debtors::search.like(pattern(search)).escape('\\'));
            }
            query
                .order(messages::id)
                .limit(page.probe())
                .select((messages::all_columns, debtors::name, debtors::phone, sessions::name.nullable(), media::COLUMNS.nullable()))
                .load(c)
                .await
        })?;
        let row = |(row, debtor_name, debtor_phone, session_name, file): Found| MessageRow {
            message: message(row),
            debtor_name,
            debtor_phone,
            session_name,
            media: file.map(media::described),
        };
        Ok(page.of(rows.into_iter().map(row).collect(), None, |row| row.message.id.0))
    }
}
