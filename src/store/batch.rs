//! Many rows of the ledger changed at once: one statement on PostgreSQL, and on SQLite, whose statements cost no journey, one prepared
//! statement over and over in a single visit to its thread.
//!
//! Each function sets the columns that its kind of change has to do with and no others: an index over columns that stay is left alone.

use chrono::{DateTime, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Bool, Nullable, Text},
};

use super::{
    Conn,
    error::StoreError,
    ledger::and_note,
    schema::messages,
    sql_types::{At, Instant},
};
use crate::domain::{
    id::{MessageId, SessionId},
    message::{Delivery, Happening, MessageState, WireId},
};

/// A message that a session takes.
pub(super) struct Taken {
    pub id: MessageId,
    pub session: SessionId,
    pub wire_id: WireId,
    pub body: String,
    pub attempts: i64,
    pub new_chat: bool,
}

/// A message that a claim leaves where it is, or puts aside.
pub(super) struct Held {
    pub id: MessageId,
    pub state: MessageState,
    pub reason: String,
    pub due_at: DateTime<Utc>,
}

/// A message that is further on its way to the debtor.
pub(super) struct Advanced {
    pub id: MessageId,
    pub delivery: Delivery,
    /// Lines for its history.
    pub notes: String,
}

/// One column of some rows, as PostgreSQL takes it.
macro_rules! column {
    ($rows:expr, $row:ident => $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

/// Messages go to their sessions, with the text and the id that they leave with.
pub(super) async fn take(conn: &mut Conn, rows: Vec<Taken>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let note =
        move |row: &Taken| Happening { session_id: Some(row.session), ..Happening::new(now, MessageState::Sending) };
    match conn {
        _ if rows.is_empty() => {}
        Conn::Pg(c) => {
            let statement = diesel::sql_query(
                "UPDATE messages SET state = 'sending', reason = NULL, body = new.body, session_id = new.session, \
                 wire_id = new.wire_id, attempts = new.attempts, new_chat = new.new_chat, \
                 claimed_at = $8, updated_at = $8, history = history || new.note \
                 FROM unnest($1, $2, $3, $4, $5, $6, $7) AS new (id, session, wire_id, body, attempts, new_chat, note) \
                 WHERE messages.id = new.id",
            )
            .bind::<Array<BigInt>, _>(column!(rows, row => row.id))
            .bind::<Array<BigInt>, _>(column!(rows, row => row.session))
            .bind::<Array<Text>, _>(column!(rows, row => row.wire_id.clone()))
            .bind::<Array<Text>, _>(column!(rows, row => row.body.clone()))
            .bind::<Array<BigInt>, _>(column!(rows, row => row.attempts))
            .bind::<Array<Bool>, _>(column!(rows, row => row.new_chat))
            .bind::<Array<Text>, _>(column!(rows, row => note(row).line()))
            .bind::<Instant, _>(At(now));
            diesel_async::RunQueryDsl::execute(statement, &mut ***c).await?;
        }
        Conn::Lite(c) => {
            let each = move |c: &mut SqliteConnection| {
                for row in rows {
                    let happening = and_note(&note(&row));
                    let changes = (
                        messages::state.eq(MessageState::Sending),
                        messages::reason.eq(None::<String>),
                        messages::body.eq(row.body),
                        messages::session_id.eq(row.session),
                        messages::wire_id.eq(row.wire_id),
                        messages::attempts.eq(row.attempts),
                        messages::new_chat.eq(row.new_chat),
                        messages::claimed_at.eq(At(now)),
                        messages::updated_at.eq(At(now)),
                        happening,
                    );
                    diesel::update(messages::table.find(row.id)).set(changes).execute(c)?;
                }
                Ok(())
            };
            c.spawn_blocking(each).await?;
        }
    }
    Ok(())
}

/// Messages wait longer, or are never sent.
pub(super) async fn hold(conn: &mut Conn, rows: Vec<Held>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let note = move |row: &Held| Happening { reason: Some(row.reason.clone()), ..Happening::new(now, row.state) };
    match conn {
        _ if rows.is_empty() => {}
        Conn::Pg(c) => {
            let statement = diesel::sql_query(
                "UPDATE messages SET state = new.state, reason = new.reason, due_at = new.due_at, updated_at = $6, \
                 history = history || new.note \
                 FROM unnest($1, $2, $3, $4, $5) AS new (id, state, reason, due_at, note) WHERE messages.id = new.id",
            )
            .bind::<Array<BigInt>, _>(column!(rows, row => row.id))
            .bind::<Array<Text>, _>(column!(rows, row => row.state))
            .bind::<Array<Text>, _>(column!(rows, row => row.reason.clone()))
            .bind::<Array<Instant>, _>(column!(rows, row => At(row.due_at)))
            .bind::<Array<Text>, _>(column!(rows, row => note(row).line()))
            .bind::<Instant, _>(At(now));
            diesel_async::RunQueryDsl::execute(statement, &mut ***c).await?;
        }
        Conn::Lite(c) => {
            let each = move |c: &mut SqliteConnection| {
                for row in rows {
                    let happening = and_note(&note(&row));
                    let changes = (
                        messages::state.eq(row.state),
                        messages::reason.eq(row.reason),
                        messages::due_at.eq(At(row.due_at)),
                        messages::updated_at.eq(At(now)),
                        happening,
                    );
                    diesel::update(messages::table.find(row.id)).set(changes).execute(c)?;
                }
                Ok(())
            };
            c.spawn_blocking(each).await?;
        }
    }
    Ok(())
}

/// Messages get the full keys that they will have on WhatsApp.
pub(super) async fn set_keys(conn: &mut Conn, rows: Vec<(MessageId, String)>) -> Result<(), StoreError> {
    match conn {
        _ if rows.is_empty() => {}
        Conn::Pg(c) => {
            let statement = diesel::sql_query(
                "UPDATE messages SET wire_key = new.wire_key FROM unnest($1, $2) AS new (id, wire_key) \
                 WHERE messages.id = new.id",
            )
            .bind::<Array<BigInt>, _>(column!(rows, row => row.0))
            .bind::<Array<Text>, _>(column!(rows, row => row.1.clone()));
            diesel_async::RunQueryDsl::execute(statement, &mut ***c).await?;
        }
        Conn::Lite(c) => {
            let each = move |c: &mut SqliteConnection| {
                for (id, key) in rows {
                    diesel::update(messages::table.find(id)).set(messages::wire_key.eq(key)).execute(c)?;
                }
                Ok(())
            };
            c.spawn_blocking(each).await?;
        }
    }
    Ok(())
}

/// Messages have left, arrived or been read.
pub(super) async fn advance(conn: &mut Conn, rows: Vec<Advanced>, now: DateTime<Utc>) -> Result<(), StoreError> {
    match conn {
        _ if rows.is_empty() => {}
        Conn::Pg(c) => {
            let statement = diesel::sql_query(
                "UPDATE messages SET state = new.state, reason = NULL, sent_at = new.sent_at, \
                 delivered_at = new.delivered_at, read_at = new.read_at, updated_at = $7, \
                 history = history || new.notes \
                 FROM unnest($1, $2, $3, $4, $5, $6) AS new (id, state, sent_at, delivered_at, read_at, notes) \
                 WHERE messages.id = new.id",
            )
            .bind::<Array<BigInt>, _>(column!(rows, row => row.id))
            .bind::<Array<Text>, _>(column!(rows, row => row.delivery.state))
            .bind::<Array<Nullable<Instant>>, _>(column!(rows, row => row.delivery.sent_at.map(At)))
            .bind::<Array<Nullable<Instant>>, _>(column!(rows, row => row.delivery.delivered_at.map(At)))
            .bind::<Array<Nullable<Instant>>, _>(column!(rows, row => row.delivery.read_at.map(At)))
            .bind::<Array<Text>, _>(column!(rows, row => row.notes.clone()))
            .bind::<Instant, _>(At(now));
            diesel_async::RunQueryDsl::execute(statement, &mut ***c).await?;
        }
        Conn::Lite(c) => {
            let each = move |c: &mut SqliteConnection| {
                for Advanced { id, delivery, notes } in rows {
                    let changes = (
                        messages::state.eq(delivery.state),
                        messages::reason.eq(None::<String>),
                        messages::sent_at.eq(delivery.sent_at.map(At)),
                        messages::delivered_at.eq(delivery.delivered_at.map(At)),
                        messages::read_at.eq(delivery.read_at.map(At)),
                        messages::updated_at.eq(At(now)),
                        messages::history.eq(messages::history.concat(notes)),
                    );
                    diesel::update(messages::table.find(id)).set(changes).execute(c)?;
                }
                Ok(())
            };
            c.spawn_blocking(each).await?;
        }
    }
    Ok(())
}
