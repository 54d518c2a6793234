//! Many rows of the ledger changed at once: one statement, over arrays on PostgreSQL and over a list of values on SQLite.
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

/// The most rows in one statement on SQLite: a multiple of what a claim or a settlement has, and far below the 32,766 values that SQLite takes.
const ROWS: usize = 256;

/// A value of a row on SQLite.
enum Value {
    Number(i64),
    Text(String),
    Null,
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Number(is.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Sets columns of many rows on SQLite: `rows` are values whose first is an id, and whose others are what `set` calls `new.column2` and so
/// on; `dates` are the same in all of them.
///
/// A statement for each row costs twice as much: the columns refer to other tables, and for that SQLite prepares each statement, not each
/// row, to be undone half-way. Rows in JSON, which one statement can take however many there are, cost half as much again, since each value
/// is looked for in its text. So the rows are values of the statement, and there are statements for 1, 2, 4, … [`ROWS`] rows, each prepared
/// once: what a batch has fewer are rows without an id, which change nothing.
async fn set<const N: usize>(
    conn: &mut Lite,
    set: &'static str,
    dates: &[(&'static str, At)],
    rows: Vec<[Value; N]>,
) -> Result<(), StoreError> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let rows: Vec<[Value; N]> = rows.by_ref().take(ROWS).collect();
        let change = Change { set, dates: dates.to_vec(), rows };
        let run = move |conn: &mut SqliteConnection| diesel::RunQueryDsl::execute(change, conn);
        conn.spawn_blocking(run).await?;
    }
    Ok(())
}

/// A statement of [`set`].
struct Change<const N: usize> {
    set: &'static str,
    dates: Vec<(&'static str, At)>,
    rows: Vec<[Value; N]>,
}

impl<const N: usize> QueryFragment<Sqlite> for Change<N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        const NOTHING: Value = Value::Null;
        out.push_sql("UPDATE messages SET ");
        for (column, date) in &self.dates {
            out.push_sql(column);
            out.push_sql(" = ");
            out.push_bind_param::<Instant, _>(date)?;
            out.push_sql(", ");
        }
        out.push_sql(self.set);
        out.push_sql(" FROM (VALUES ");
        let nobody = std::iter::repeat(&[NOTHING; N]);
        for (row, values) in self.rows.iter().chain(nobody).take(self.rows.len().next_power_of_two()).enumerate() {
            out.push_sql(if row == 0 { "(" } else { ", (" });
            for (column, value) in values.iter().enumerate() {
                if column > 0 {
                    out.push_sql(", ");
                }
                match value {
                    Value::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                    Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                    Value::Null => out.push_bind_param::<Nullable<Text>, _>(&None::<String>)?,
                }
            }
            out.push_sql(")");
        }
        out.push_sql(") AS new WHERE messages.id = new.column1");
        Ok(())
    }
}

impl<const N: usize> QueryId for Change<N> {
    type QueryId = Self;
    // Which of them it is, its text says.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn, const N: usize> diesel::RunQueryDsl<Conn> for Change<N> {}

/// An instant as SQLite keeps it.
fn text(at: DateTime<Utc>) -> Value {
    At(at).to_text().into()
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
                let (body, wire_id) = (body.as_str().into(), wire_id.0.as_str().into());
                let (media, note) = (media.map(|media| media.0).into(), note(row).line().into());
                let (attempts, new_chat) = ((*attempts).into(), (*new_chat).into());
                [id.0.into(), body, session.0.into(), wire_id, attempts, new_chat, media, note]
            };
            let columns = "state = 'sending', reason = NULL, body = new.column2, session_id = new.column3, \
                           wire_id = new.column4, attempts = new.column5, new_chat = new.column6, \
                           media_id = new.column7, history = history || new.column8";
            set(c, columns, &[("claimed_at", At(now)), ("updated_at", At(now))], rows.iter().map(row).collect())
                .await?;
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
                let (reason, note) = (row.reason.as_str().into(), note(row).line().into());
                [row.id.0.into(), row.state.as_str().into(), reason, text(row.due_at), note]
            };
            let columns = "state = new.column2, reason = new.column3, due_at = new.column4, \
                           history = history || new.column5";
            set(c, columns, &[("updated_at", At(now))], rows.iter().map(row).collect()).await?;
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
            let rows = rows.into_iter().map(|(id, key)| [id.0.into(), key.into()]).collect();
            set(c, "wire_key = new.column2", &[], rows).await?;
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
                let [sent_at, delivered_at, read_at] =
                    [sent_at, delivered_at, read_at].map(|at| at.map_or(Value::Null, text));
                [id.0.into(), state.as_str().into(), sent_at, delivered_at, read_at, notes.as_str().into()]
            };
            let columns = "state = new.column2, reason = NULL, sent_at = new.column3, delivered_at = new.column4, \
                           read_at = new.column5, history = history || new.column6";
            set(c, columns, &[("updated_at", At(now))], rows.iter().map(row).collect()).await?;
        }
    }
    Ok(())
}
