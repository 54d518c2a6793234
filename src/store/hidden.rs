//! People whose numbers WhatsApp hides: whose an id is, and what waits until that is known.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Conn, Store,
    db::on,
    error::StoreError,
    schema::{hidden_texts, lids},
    sql_types::At,
};
use crate::domain::{
    conversation::{HiddenInbound, Lid},
    id::SessionId,
    media::{InboundMedia, MediaKind},
    phone::Phone,
};

/// A text that waits until somebody knows whose number it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenText {
    pub id: i64,
    /// None once the session was deleted.
    pub session_id: Option<SessionId>,
    pub inbound: HiddenInbound,
}

impl Store {
    /// Whose id that is, as far as WhatsApp has told.
    pub async fn phone_of_lid(&self, lid: &Lid) -> Result<Option<Phone>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = lids::table.find(lid.as_str().to_owned()).select(lids::phone);
        Ok(on!(conn, c => query.first(c).await.optional())?)
    }

    /// Keeps what somebody wrote whose number is not known; once, however often it is told.
    pub async fn keep_hidden(&self, session: SessionId, hidden: &HiddenInbound) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let media = hidden.media.as_ref();
        let row = (
            hidden_texts::session_id.eq(session),
            hidden_texts::lid.eq(hidden.lid.as_str().to_owned()),
            hidden_texts::wire_id.eq(hidden.wire_id.clone()),
            hidden_texts::body.eq(hidden.body.clone()),
            hidden_texts::media_key.eq(media.map(|media| media.wire_key.clone())),
            hidden_texts::media_kind.eq(media.map(|media| media.kind)),
            hidden_texts::media_name.eq(media.map(|media| media.file_name.clone())),
            hidden_texts::sent_at.eq(At(hidden.at)),
        );
        on!(conn, c => diesel::insert_into(hidden_texts::table).values(row).on_conflict_do_nothing()
            .execute(c).await)?;
        Ok(())
    }

    /// The ids from which something waits.
    pub async fn hidden_lids(&self) -> Result<Vec<Lid>, StoreError> {
        let mut conn = self.db.read().await?;
        let query = hidden_texts::table.select(hidden_texts::lid).distinct();
        let rows: Vec<String> = on!(conn, c => query.load(c).await)?;
        Ok(rows.iter().filter_map(|lid| Lid::from_chat(lid)).collect())
    }

    /// What waits from that id, oldest first.
    pub async fn hidden_texts(&self, lid: &Lid) -> Result<Vec<HiddenText>, StoreError> {
        let mut conn = self.db.read().await?;
        let query =
            hidden_texts::table.filter(hidden_texts::lid.eq(lid.as_str().to_owned())).order(hidden_texts::id).select((
                hidden_texts::id,
                hidden_texts::session_id,
                hidden_texts::wire_id,
                hidden_texts::body,
                (hidden_texts::media_key, hidden_texts::media_kind, hidden_texts::media_name),
                hidden_texts::sent_at,
            ));
        type Media = (Option<String>, Option<MediaKind>, Option<String>);
        type Row = (i64, Option<SessionId>, String, String, Media, At);
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        let text = |(id, session_id, wire_id, body, (key, kind, name), at): Row| {
            let media = key.zip(kind).map(|(wire_key, kind)| InboundMedia {
                wire_key,
                kind,
                file_name: name.unwrap_or_default(),
            });
            let inbound = HiddenInbound { lid: lid.clone(), wire_id, body, media, at: at.0 };
            HiddenText { id, session_id, inbound }
        };
        Ok(rows.into_iter().map(text).collect())
    }

    /// A text that has waited is stored as its sender's.
    pub async fn drop_hidden(&self, id: i64) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        on!(conn, c => diesel::delete(hidden_texts::table.find(id)).execute(c).await)?;
        Ok(())
    }
}

/// Notes whose ids those are. Nearly all are known already: those cost a look.
pub(super) async fn learn(conn: &mut Conn, told: BTreeMap<Lid, Phone>) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    let asked: Vec<String> = told.keys().map(|lid| lid.as_str().to_owned()).collect();
    let query = lids::table.filter(lids::lid.eq_any(asked)).select((lids::lid, lids::phone));
    let known: Vec<(String, Phone)> = on!(conn, c => query.load(c).await)?;
    let known: HashMap<String, Phone> = known.into_iter().collect();
    for (lid, phone) in told {
        if known.get(lid.as_str()) == Some(&phone) {
            continue;
        }
        // Somebody may have another number by now, and keeps the id.
        let row = (lids::lid.eq(lid.as_str().to_owned()), lids::phone.eq(phone.clone()));
        let news = lids::phone.eq(phone);
        on!(conn, c => diesel::insert_into(lids::table).values(row).on_conflict(lids::lid).do_update().set(news)
            .execute(c).await)?;
    }
    Ok(())
}
