//! Many rows of the ledger changed at once: one statement, over arrays on PostgreSQL and over JSON on SQLite.
//!
//! Each function sets the columns that its kind of change has to do with and no others: an index over columns that stay is left alone.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, SqliteConnection,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Nullable, Text},
    sqlite::Sqlite,
};
use serde_json::{Value as Json, json};

use super::{
    Conn,
    db::Lite,
    error::StoreError,
    sql_types::{At, Instant},
};
use crate::domain::{
    id::{MediaId, MessageId, SessionId},
    message::{Delivery, Happening, MessageState, WireId},
};

/// A message that a session takes.
pub(super) struct Taken {
    pub id: MessageId,
    pub session: SessionId,
    pub wire_id: WireId,
    pub body: String,
    pub media: Option<MediaId>,
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

/// Sets columns of many rows on SQLite: `rows` are arrays whose first value is an id and whose others are what `set` takes out of `new`.
///
/// A statement for each row costs more than what it does: the columns refer to other tables, and for that SQLite prepares each statement,
/// not each row, to be undone half-way. Measured with `make bench`, this is a twentieth of all the work. And `new` is made once: a value of
/// `json_each` itself is written out anew wherever it is looked at, which takes 2 µs more a row.
async fn set(conn: &mut Lite, set: &'static str, rows: Vec<Json>) -> Result<(), StoreError> {
    let rows = Json::from(rows).to_string();
    let change = Change { set, rows };
    let run = move |conn: &mut SqliteConnection| diesel::RunQueryDsl::execute(change, conn);
    conn.spawn_blocking(run).await?;
    Ok(())
}

/// The statement of [`set`], which each connection prepares once for each kind of change.
struct Change {
    set: &'static str,
    rows: String,
}

impl QueryFragment<Sqlite> for Change {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("WITH new (value) AS MATERIALIZED (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.rows)?;
        out.push_sql(")) UPDATE messages SET ");
        out.push_sql(self.set);
        out.push_sql(" FROM new WHERE messages.id = new.value ->> 0");
        Ok(())
    }
}

impl QueryId for Change {
    type QueryId = Self;
    // Which of them it is, its text says.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> diesel::RunQueryDsl<Conn> for Change {}

/// An instant as SQLite keeps it.
fn text(at: DateTime<Utc>) -> String {
    At(at).to_text()
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
                 wire_id = new.wire_id, attempts = new.attempts, new_chat = new.new_chat, media_id = new.media, \
                 claimed_at = $9, updated_at = $9, history = history || new.note \
                 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
                 AS new (id, session, wire_id, body, attempts, new_chat, media, note) \
                 WHERE messages.id = new.id",
            )
            .bind::<Array<BigInt>, _>(column!(rows, row => row.id))
            .bind::<Array<BigInt>, _>(column!(rows, row => row.session))
            .bind::<Array<Text>, _>(column!(rows, row => row.wire_id.clone()))
            .bind::<Array<Text>, _>(column!(rows, row => row.body.clone()))
            .bind::<Array<BigInt>, _>(column!(rows, row => row.attempts))
            .bind::<Array<Bool>, _>(column!(rows, row => row.new_chat))
            .bind::<Array<Nullable<BigInt>>, _>(column!(rows, row => row.media))
            .bind::<Array<Text>, _>(column!(rows, row => note(row).line()))
            .bind::<Instant, _>(At(now));
            diesel_async::RunQueryDsl::execute(statement, &mut ***c).await?;
        }
        Conn::Lite(c) => {
            let row = |row: &Taken| {
                let Taken { id, session, wire_id, body, attempts, new_chat, media } = row;
                let media = media.map(|media| media.0);
                json!([id.0, body, session.0, wire_id.0, attempts, new_chat, media, note(row).line(), text(now)])
            };
            let columns = "state = 'sending', reason = NULL, body = new.value ->> 1, session_id = new.value ->> 2, \
                           wire_id = new.value ->> 3, attempts = new.value ->> 4, new_chat = new.value ->> 5, \
                           media_id = new.value ->> 6, history = history || (new.value ->> 7), \
                           claimed_at = new.value ->> 8, updated_at = new.value ->> 8";
            set(c, columns, rows.iter().map(row).collect()).await?;
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
            let row = |row: &Held| {
                json!([row.id.0, row.state.as_str(), row.reason, text(row.due_at), note(row).line(), text(now)])
            };
            let columns = "state = new.value ->> 1, reason = new.value ->> 2, due_at = new.value ->> 3, \
                           history = history || (new.value ->> 4), updated_at = new.value ->> 5";
            set(c, columns, rows.iter().map(row).collect()).await?;
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
            let rows = rows.iter().map(|(id, key)| json!([id.0, key])).collect();
            set(c, "wire_key = new.value ->> 1", rows).await?;
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
            let row = |Advanced { id, delivery, notes }: &Advanced| {
                let Delivery { state, sent_at, delivered_at, read_at } = *delivery;
                let [sent_at, delivered_at, read_at] = [sent_at, delivered_at, read_at].map(|at| at.map(text));
                json!([id.0, state.as_str(), sent_at, delivered_at, read_at, notes, text(now)])
            };
            let columns = "state = new.value ->> 1, reason = NULL, sent_at = new.value ->> 2, \
                           delivered_at = new.value ->> 3, read_at = new.value ->> 4, \
                           history = history || (new.value ->> 5), updated_at = new.value ->> 6";
            set(c, columns, rows.iter().map(row).collect()).await?;
        }
    }
    Ok(())
}
