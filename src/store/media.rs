//! Files that messages carry: kept once, however many messages carry them; and those that debtors have sent, to be fetched.

use chrono::{DateTime, Utc};
use diesel::{dsl::sql, expression::SqlLiteral, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;
use sha2::{Digest as _, Sha256};

use super::{
    Conn, Store,
    audit::write_audit,
    db::on,
    error::StoreError,
    schema::{conversation_messages, conversations, inbound_media, media},
    sql_types::At,
};
use crate::domain::{
    audit::AuditEntry,
    id::{MediaId, SessionId},
    media::{Fetched, InboundMedia, Media, MediaFile, MediaKind},
    phone::Phone,
};

/// Files of one session that are fetched one after the other before the rest is asked for.
const AT_ONCE: i64 = 100;

/// A file's columns but for its content.
pub(super) const COLUMNS: Columns =
    (media::id, media::kind, media::mime_type, media::file_name, media::size_bytes, media::created_at);
type Columns = (media::id, media::kind, media::mime_type, media::file_name, media::size_bytes, media::created_at);
pub(super) type Row = (MediaId, MediaKind, String, String, i64, At);

pub(super) fn described((id, kind, mime_type, file_name, size, at): Row) -> Media {
    Media { id, kind, mime_type, file_name, size: size.cast_unsigned(), created_at: at.0 }
}

/// A file that somebody has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundFile {
    pub kind: MediaKind,
    pub state: Fetched,
    /// There once it was fetched.
    pub media: Option<Media>,
}

/// A file that somebody has sent and that is still to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub message: i64,
    pub media: InboundMedia,
    /// How often it was tried.
    pub attempts: u32,
}

impl Store {
    /// Keeps a file; one that is there already stays the one it is.
    pub async fn add_media(
        &self,
        file: &MediaFile,
        now: DateTime<Utc>,
        audit: AuditEntry,
    ) -> Result<Media, StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = keep(&mut tx, file, now).await?;
        write_audit(&mut tx, audit, now).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// The file with that id, without its content.
    pub async fn media(&self, id: MediaId) -> Result<Option<Media>, StoreError> {
        let mut conn = self.db.read().await?;
        find(&mut conn, id).await
    }

    /// The file with that id.
    pub async fn media_file(&self, id: MediaId) -> Result<Option<MediaFile>, StoreError> {
        type Row = (MediaKind, String, String, Vec<u8>);
        let mut conn = self.db.read().await?;
        let query = media::table.find(id).select((media::kind, media::mime_type, media::file_name, media::content));
        let row: Option<Row> = on!(conn, c => query.first(c).await.optional())?;
        Ok(row.map(|(kind, mime_type, file_name, content)| MediaFile {
            kind,
            mime_type,
            file_name,
            content: content.into(),
        }))
    }

    /// Files that came to the session and are still to be fetched, oldest first; a hundred at the most.
    pub async fn expected_media(&self, session: SessionId) -> Result<Vec<Expected>, StoreError> {
        type Row = (i64, String, MediaKind, String, i64);
        let mut conn = self.db.read().await?;
        let query = inbound_media::table
            .inner_join(conversation_messages::table.inner_join(conversations::table))
            .filter(waiting())
            .filter(conversations::session_id.eq(session))
            .order(inbound_media::message_id)
            .limit(AT_ONCE)
            .select((
                inbound_media::message_id,
                inbound_media::wire_key,
                inbound_media::kind,
                inbound_media::file_name,
                inbound_media::attempts,
            ));
        let rows: Vec<Row> = on!(conn, c => query.load(c).await)?;
        let expected = |(message, wire_key, kind, file_name, attempts): Row| Expected {
            message,
            media: InboundMedia { wire_key, kind, file_name },
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        };
        Ok(rows.into_iter().map(expected).collect())
    }

    /// Files that a person has sent to any of our sessions, oldest first; a hundred at the most.
    pub async fn inbound_files(&self, from: &Phone) -> Result<Vec<InboundFile>, StoreError> {
        type Found = (MediaKind, Fetched, Option<Row>);
        let mut conn = self.db.read().await?;
        let query = inbound_media::table
            .inner_join(conversation_messages::table.inner_join(conversations::table))
            .left_join(media::table)
            .filter(conversations::phone.eq(from.clone()))
            .order(inbound_media::message_id)
            .limit(AT_ONCE)
            .select((inbound_media::kind, inbound_media::state, COLUMNS.nullable()));
        let rows: Vec<Found> = on!(conn, c => query.load(c).await)?;
        let file = |(kind, state, file): Found| InboundFile { kind, state, media: file.map(described) };
        Ok(rows.into_iter().map(file).collect())
    }

    /// Keeps a file that was fetched.
    pub async fn keep_inbound_media(
        &self,
        message: i64,
        file: &MediaFile,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = keep(&mut tx, file, now).await?;
        let changes = (inbound_media::state.eq(Fetched::Kept), inbound_media::media_id.eq(kept.id));
        let expected = inbound_media::table.find(message);
        on!(tx, c => diesel::update(expected).set(changes).execute(c).await)?;
        tx.commit().await
    }

    /// A file could not be fetched; `state` says whether it will be tried again.
    pub async fn miss_inbound_media(&self, message: i64, state: Fetched) -> Result<(), StoreError> {
        let mut conn = self.db.write().await?;
        let changes = (inbound_media::state.eq(state), inbound_media::attempts.eq(inbound_media::attempts + 1));
        let expected = inbound_media::table.find(message);
        on!(conn, c => diesel::update(expected).set(changes).execute(c).await)?;
        Ok(())
    }
}

/// Notes that a file came with a text.
pub(super) async fn expect(conn: &mut Conn, message: i64, expected: &InboundMedia) -> Result<(), StoreError> {
    let row = (
        inbound_media::message_id.eq(message),
        inbound_media::wire_key.eq(expected.wire_key.clone()),
        inbound_media::kind.eq(expected.kind),
        inbound_media::file_name.eq(expected.file_name.clone()),
        inbound_media::state.eq(Fetched::Waiting),
        inbound_media::attempts.eq(0_i64),
    );
    on!(conn, c => diesel::insert_into(inbound_media::table).values(row).execute(c).await)?;
    Ok(())
}

pub(super) async fn find(conn: &mut Conn, id: MediaId) -> Result<Option<Media>, StoreError> {
    let row: Option<Row> = on!(conn, c => media::table.find(id).select(COLUMNS).first(c).await.optional())?;
    Ok(row.map(described))
}

async fn keep(conn: &mut Conn, file: &MediaFile, now: DateTime<Utc>) -> Result<Media, StoreError> {
    let sha256: String = Sha256::digest(&file.content).iter().map(|byte| format!("{byte:02x}")).collect();
    let row = (
        media::kind.eq(file.kind),
        media::mime_type.eq(file.mime_type.clone()),
        media::file_name.eq(file.file_name.clone()),
        media::size_bytes.eq(i64::try_from(file.content.len()).unwrap_or(i64::MAX)),
        media::sha256.eq(sha256.clone()),
        media::created_at.eq(At(now)),
        media::content.eq(file.content.to_vec()),
    );
    on!(conn, c => diesel::insert_into(media::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    let same = media::table
        .filter(media::sha256.eq(sha256))
        .filter(media::file_name.eq(file.file_name.clone()))
        .filter(media::kind.eq(file.kind))
        .select(COLUMNS);
    let row: Row = on!(conn, c => same.first(c).await)?;
    Ok(described(row))
}

/// The very words of the index `inbound_media_waiting`: neither database uses a partial index for a condition on parameters.
fn waiting() -> SqlLiteral<Bool> {
    sql("inbound_media.state = 'waiting'")
}
