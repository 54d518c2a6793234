//! Conversations: what people wrote to our sessions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Store,
    db::on,
    error::StoreError,
    media,
    schema::{conversation_messages, conversations, debtors},
    sql_types::At,
};
use crate::domain::{
    conversation::{Conversation, Inbound},
    id::{ConversationId, DebtorId, SessionId},
    phone::Phone,
};

type Row = (ConversationId, Option<SessionId>, Phone, Option<DebtorId>, At);

impl Store {
    /// Stores what somebody wrote to a session; none when it is stored already.
    pub async fn record_inbound(
        &self,
        session: SessionId,
        inbound: &Inbound,
        now: DateTime<Utc>,
    ) -> Result<Option<ConversationId>, StoreError> {
        let mut tx = self.db.begin().await?;
        let debtor = debtors::table.filter(debtors::phone.eq(inbound.from.clone())).select(debtors::id);
        let debtor: Option<DebtorId> = on!(tx, c => debtor.first(c).await.optional())?;
        let row = (
            conversations::session_id.eq(session),
            conversations::phone.eq(inbound.from.clone()),
            conversations::debtor_id.eq(debtor),
            conversations::last_message_at.eq(At(now)),
        );
        let pair = (conversations::session_id, conversations::phone);
        let news = (conversations::debtor_id.eq(debtor), conversations::last_message_at.eq(At(now)));
        let id: ConversationId = on!(tx, c => diesel::insert_into(conversations::table).values(row)
            .on_conflict(pair).do_update().set(news).returning(conversations::id).get_result(c).await)?;
        let text = (
            conversation_messages::conversation_id.eq(id),
            conversation_messages::wire_id.eq(inbound.wire_id.clone()),
            conversation_messages::body.eq(inbound.body.clone()),
            conversation_messages::sent_at.eq(At(inbound.at)),
            conversation_messages::received_at.eq(At(now)),
        );
        let added: Option<i64> = on!(tx, c => diesel::insert_into(conversation_messages::table).values(text)
            .on_conflict_do_nothing().returning(conversation_messages::id).get_result(c).await.optional())?;
        let Some(added) = added else {
            tx.rollback().await?;
            return Ok(None);
        };
        if let Some(expected) = &inbound.media {
            media::expect(&mut tx, added, expected).await?;
        }
        if let Some(debtor) = debtor {
            let heard = debtors::last_heard_at.eq(At(now));
            on!(tx, c => diesel::update(debtors::table.find(debtor)).set(heard).execute(c).await)?;
        }
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Whether what somebody wrote to a session is stored.
    pub async fn knows_inbound(&self, session: SessionId, inbound: &Inbound) -> Result<bool, StoreError> {
        let mut conn = self.db.read().await?;
        let query = conversation_messages::table
            .inner_join(conversations::table)
            .filter(conversations::session_id.eq(session))
            .filter(conversations::phone.eq(inbound.from.clone()))
            .filter(conversation_messages::wire_id.eq(inbound.wire_id.clone()))
            .select(conversation_messages::id);
        let known: Option<i64> = on!(conn, c => query.first(c).await.optional())?;
        Ok(known.is_some())
    }

    /// The conversation with that id.
    pub async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        let mut conn = self.db.read().await?;
        let row: Option<Row> = on!(conn, c => conversations::table.find(id).first(c).await.optional())?;
        Ok(row.map(|(id, session_id, phone, debtor_id, at)| Conversation {
            id,
            session_id,
            phone,
            debtor_id,
            last_message_at: at.0,
        }))
    }

    /// What was written in a conversation, oldest first.
    pub async fn conversation_texts(&self, id: ConversationId) -> Result<Vec<String>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = conversation_messages::table
            .filter(conversation_messages::conversation_id.eq(id))
            .order(conversation_messages::id)
            .select(conversation_messages::body);
        Ok(on!(conn, c => query.load(c).await)?)
    }
}
