//! Many rows of the ledger changed at once: one statement on PostgreSQL, and on SQLite, whose statements cost no journey, one prepared
//! statement over and over in a single visit to its thread.
//!
//! Each function sets the columns that its kind of change has to do with and no others: an index over columns that stay is left alone.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, SqliteConnection,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Nullable, Text},
    sqlite::Sqlite,
};

use super::{
    Conn,
    db::Lite,
    error::StoreError,
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

/// A statement with places for values. Diesel's own UPDATE is parsed again for every row; this one is prepared once.
struct Statement {
    /// The text before, between and after the values.
    text: &'static [&'static str],
    values: Vec<Value>,
}

enum Value {
    Integer(i64),
    Text(String),
    Flag(bool),
    Instant(Option<At>),
}

impl QueryId for Statement {
    type QueryId = ();
    // Known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sqlite> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        for (index, text) in self.text.iter().enumerate() {
            out.push_sql(text);
            match self.values.get(index) {
                Some(Value::Integer(value)) => out.push_bind_param::<BigInt, _>(value)?,
                Some(Value::Text(value)) => out.push_bind_param::<Text, _>(value)?,
                Some(Value::Flag(value)) => out.push_bind_param::<Bool, _>(value)?,
                Some(Value::Instant(value)) => out.push_bind_param::<Nullable<Instant>, _>(value)?,
                None => {}
            }
        }
        Ok(())
    }
}

impl diesel::RunQueryDsl<SqliteConnection> for Statement {}

/// Runs the same statement for each of some rows.
async fn for_each<Row: Send + 'static>(
    conn: &mut Lite,
    text: &'static [&'static str],
    rows: Vec<Row>,
    values: impl Fn(Row) -> Vec<Value> + Send + 'static,
) -> Result<(), StoreError> {
    let run = move |conn: &mut SqliteConnection| {
        for row in rows {
            diesel::RunQueryDsl::execute(Statement { text, values: values(row) }, conn)?;
        }
        Ok(())
    };
    Ok(conn.spawn_blocking(run).await?)
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
            let text = &[
                "UPDATE messages SET state = 'sending', reason = NULL, body = ",
                ", session_id = ",
                ", wire_id = ",
                ", attempts = ",
                ", new_chat = ",
                ", claimed_at = ",
                ", updated_at = ",
                ", history = history || ",
                " WHERE id = ",
            ];
            let values = move |row: Taken| {
                let line = note(&row).line();
                vec![
                    Value::Text(row.body),
                    Value::Integer(row.session.0),
                    Value::Text(row.wire_id.0),
                    Value::Integer(row.attempts),
                    Value::Flag(row.new_chat),
                    Value::Instant(Some(At(now))),
                    Value::Instant(Some(At(now))),
                    Value::Text(line),
                    Value::Integer(row.id.0),
                ]
            };
            for_each(c, text, rows, values).await?;
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
            let text = &[
                "UPDATE messages SET state = ",
                ", reason = ",
                ", due_at = ",
                ", updated_at = ",
                ", history = history || ",
                " WHERE id = ",
            ];
            let values = move |row: Held| {
                let line = note(&row).line();
                vec![
                    Value::Text(row.state.as_str().to_owned()),
                    Value::Text(row.reason),
                    Value::Instant(Some(At(row.due_at))),
                    Value::Instant(Some(At(now))),
                    Value::Text(line),
                    Value::Integer(row.id.0),
                ]
            };
            for_each(c, text, rows, values).await?;
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
            let text = &["UPDATE messages SET wire_key = ", " WHERE id = "];
            let values = |(id, key): (MessageId, String)| vec![Value::Text(key), Value::Integer(id.0)];
            for_each(c, text, rows, values).await?;
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
            let text = &[
                "UPDATE messages SET state = ",
                ", reason = NULL, sent_at = ",
                ", delivered_at = ",
                ", read_at = ",
                ", updated_at = ",
                ", history = history || ",
                " WHERE id = ",
            ];
            let values = move |Advanced { id, delivery, notes }: Advanced| {
                vec![
                    Value::Text(delivery.state.as_str().to_owned()),
                    Value::Instant(delivery.sent_at.map(At)),
                    Value::Instant(delivery.delivered_at.map(At)),
                    Value::Instant(delivery.read_at.map(At)),
                    Value::Instant(Some(At(now))),
                    Value::Text(notes),
                    Value::Integer(id.0),
                ]
            };
            for_each(c, text, rows, values).await?;
        }
    }
    Ok(())
}
