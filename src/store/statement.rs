//! Statements put together out of parts, where what is asked decides on their shape. Texts are ours; what comes from outside is always a
//! value of its own.

use std::marker::PhantomData;

use chrono::NaiveDate;
use diesel::{
    QueryResult,
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, Bool, Date, HasSqlType, Text},
};

use super::sql_types::{At, Instant};

/// A part of a statement.
#[derive(Debug, Clone)]
enum Part {
    Sql(&'static str),
    Text(String),
    Number(i64),
    Day(NaiveDate),
    At(At),
}

/// Some SQL with its values.
#[derive(Debug, Clone, Default)]
pub(super) struct Sql(Vec<Part>);

impl Sql {
    pub fn new(sql: &'static str) -> Self {
        Self(vec![Part::Sql(sql)])
    }

    pub fn sql(mut self, sql: &'static str) -> Self {
        self.0.push(Part::Sql(sql));
        self
    }

    pub fn text(mut self, value: impl Into<String>) -> Self {
        self.0.push(Part::Text(value.into()));
        self
    }

    pub fn number(mut self, value: i64) -> Self {
        self.0.push(Part::Number(value));
        self
    }

    pub fn day(mut self, value: NaiveDate) -> Self {
        self.0.push(Part::Day(value));
        self
    }

    pub fn at(mut self, value: At) -> Self {
        self.0.push(Part::At(value));
        self
    }

    pub fn then(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// `(one, two, …)`.
    pub fn texts<'a>(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        for (index, value) in values.into_iter().enumerate() {
            self = self.sql(if index == 0 { "(" } else { ", " }).text(value);
        }
        self.sql(")")
    }

    /// As a query whose rows are `ST`, or as a command.
    pub fn query<ST>(self) -> Statement<ST> {
        Statement(self, PhantomData)
    }

    /// As a condition.
    pub fn condition(self) -> Condition {
        Condition(self)
    }
}

impl<DB> QueryFragment<DB> for Sql
where
    DB: Backend + HasSqlType<Instant>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    NaiveDate: ToSql<Date, DB>,
    At: ToSql<Instant, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The values decide on the plan: one that was made for others may be a bad one.
        out.unsafe_to_cache_prepared();
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Day(value) => out.push_bind_param::<Date, _>(value)?,
                Part::At(value) => out.push_bind_param::<Instant, _>(value)?,
            }
        }
        Ok(())
    }
}

/// See [`Sql::query`].
#[derive(Debug)]
pub(super) struct Statement<ST>(Sql, PhantomData<fn() -> ST>);

impl<ST> Query for Statement<ST> {
    type SqlType = ST;
}

impl<ST: 'static> QueryId for Statement<ST> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB: Backend> QueryFragment<DB> for Statement<ST>
where
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

/// See [`Sql::condition`].
#[derive(Debug, Clone)]
pub(super) struct Condition(Sql);

impl Expression for Condition {
    type SqlType = Bool;
}

impl<Source> AppearsOnTable<Source> for Condition {}

impl<Source> SelectableExpression<Source> for Condition {}

impl<By> ValidGrouping<By> for Condition {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Condition {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Condition
where
    Sql: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
