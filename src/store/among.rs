//! `column IN (these)` as one prepared statement, however many there are: an array on PostgreSQL, JSON on SQLite. Diesel's own `eq_any`
//! writes a statement of another length for each number of values on SQLite, which has to be parsed each time.

use diesel::{
    QueryResult,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Array, Bool, SingleValue, SqlType, Text},
    sqlite::Sqlite,
};
use serde_json::Value;

use crate::domain::{
    id::{DebtorId, MessageId, SessionId},
    message::WireId,
    phone::Phone,
};

/// See [`among`].
#[derive(Debug, Clone)]
pub(super) struct Among<C, T> {
    column: C,
    values: Vec<T>,
    json: String,
}

/// Whether the column, which is not null, has one of the values.
pub(super) fn among<C, T: Clone + Into<Key>>(column: C, values: Vec<T>) -> Among<C, T> {
    let json: Vec<Value> = values.iter().cloned().map(|value| value.into().0).collect();
    Among { column, json: Value::from(json).to_string(), values }
}

/// A value as SQLite reads it out of JSON.
pub(super) struct Key(Value);

macro_rules! keys {
    ($($type:ident: $value:expr;)+) => {$(
        impl From<$type> for Key {
            fn from(key: $type) -> Self {
                let value: fn($type) -> Value = $value;
                Self(value(key))
            }
        }
    )+};
}

keys! {
    DebtorId: |id| id.0.into();
    MessageId: |id| id.0.into();
    SessionId: |id| id.0.into();
    Phone: |phone| phone.as_str().into();
    WireId: |id| id.0.into();
}

impl<C: Expression, T> Expression for Among<C, T> {
    type SqlType = Bool;
}

impl<C, T, Source> AppearsOnTable<Source> for Among<C, T>
where
    C: AppearsOnTable<Source>,
    Self: Expression,
{
}

impl<C, T, Source> SelectableExpression<Source> for Among<C, T>
where
    C: SelectableExpression<Source>,
    Self: AppearsOnTable<Source>,
{
}

impl<C, T, By> ValidGrouping<By> for Among<C, T> {
    type IsAggregate = is_aggregate::No;
}

impl<C: QueryId, T: 'static> QueryId for Among<C, T> {
    type QueryId = Among<C::QueryId, T>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C, T> QueryFragment<Pg> for Among<C, T>
where
    C: Expression + QueryFragment<Pg>,
    C::SqlType: SqlType + SingleValue,
    Vec<T>: ToSql<Array<C::SqlType>, Pg>,
    Pg: diesel::sql_types::HasSqlType<C::SqlType>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<C::SqlType>, _>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<C, T> QueryFragment<Sqlite> for Among<C, T>
where
    C: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}
