//! How domain types are kept in columns, the same way on both databases.
//!
//! Enums, phones and the like are TEXT in the words of the domain; ids are 64-bit integers; instants and JSON are what each
//! database keeps best, behind one SQL type of ours each.

use std::{collections::BTreeMap, io::Write as _};

use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Jsonb, SqlType, Text, Timestamptz},
    sqlite::Sqlite,
};

use crate::domain::{
    campaign::CampaignStatus,
    debtor::DebtorStatus,
    id::{
        CampaignId, ConversationId, DebtId, DebtorId, ImportId, MediaId, MessageId, PoolId, PromiseId, SegmentId,
        SessionId, TemplateId, UserId,
    },
    media::{Fetched, MediaKind},
    message::{MessageState, WireId},
    money::Currency,
    phone::Phone,
    pool::Strategy,
    promise::PromiseStatus,
    session::{ChannelKind, DesiredState, SessionStatus},
    user::Role,
};

use super::imports::ImportStatus;

/// An instant: `TIMESTAMPTZ`, or on SQLite TEXT in RFC 3339 whose order is the order in time.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Instant;

impl diesel::sql_types::SqlOrd for Instant {}

/// JSON: `JSONB`, or TEXT on SQLite, whose own JSONB older command-line tools cannot read.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807))]
#[diesel(sqlite_type(name = "Text"))]
pub struct JsonText;

/// An instant in a column, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub(super) struct At(pub(super) DateTime<Utc>);

impl At {
    /// As SQLite keeps it.
    pub(super) fn to_text(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

/// JSON in a column.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = JsonText)]
pub(super) struct Json(pub(super) serde_json::Value);

/// The further fields of a debtor, on their way into a column of JSON.
#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = JsonText)]
pub(super) struct Fields<'value>(pub(super) &'value BTreeMap<String, String>);

impl Fields<'_> {
    /// As SQLite keeps them.
    pub(super) fn to_text(self) -> serde_json::Result<String> {
        serde_json::to_string(self.0)
    }
}

impl FromSql<Instant, Pg> for At {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<Timestamptz, Pg>>::from_sql(value).map(Self)
    }
}

impl ToSql<Instant, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.trunc_subsecs(6);
        <DateTime<Utc> as ToSql<Timestamptz, Pg>>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<Instant, Sqlite> for At {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(DateTime::parse_from_rfc3339(&text)?.to_utc()))
    }
}

impl ToSql<Instant, Sqlite> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_text());
        Ok(IsNull::No)
    }
}

impl FromSql<JsonText, Pg> for Json {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value).map(Self)
    }
}

impl ToSql<JsonText, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<JsonText, Sqlite> for Json {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl ToSql<JsonText, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<JsonText, Pg> for Fields<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // The version of the format that follows, the only one there is: `jsonb_recv` of PostgreSQL.
        out.write_all(&[1])?;
        serde_json::to_writer(out, self.0)?;
        Ok(IsNull::No)
    }
}

impl ToSql<JsonText, Sqlite> for Fields<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_text()?);
        Ok(IsNull::No)
    }
}

/// Lets types of the domain be TEXT columns: how to read one and how to write one.
macro_rules! text_columns {
    ($($type:ident: $read:expr, $write:expr;)+) => {$(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive)]
            #[diesel(sql_type = Text)]
            #[expect(dead_code, reason = "only tells the derive which type it is for")]
            struct Proxy($type);
        };

        impl<DB: Backend> FromSql<Text, DB> for $type
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let read: fn(&str) -> Result<Self, _> = $read;
                Ok(read(&String::from_sql(value)?)?)
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $type
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                let write: fn(&'b Self) -> &'b str = $write;
                write(self).to_sql(out)
            }
        }
    )+};
}

text_columns! {
    CampaignStatus: str::parse, |v| v.as_str();
    ChannelKind: str::parse, |v| v.as_str();
    Currency: Currency::stored, |v| v.as_str();
    DebtorStatus: str::parse, |v| v.as_str();
    DesiredState: str::parse, |v| v.as_str();
    Fetched: str::parse, |v| v.as_str();
    ImportStatus: str::parse, |v| v.as_str();
    MediaKind: str::parse, |v| v.as_str();
    MessageState: str::parse, |v| v.as_str();
    Phone: Phone::from_e164, |v| v.as_str();
    PromiseStatus: str::parse, |v| v.as_str();
    Role: str::parse, |v| v.as_str();
    SessionStatus: str::parse, |v| v.as_str();
    Strategy: str::parse, |v| v.as_str();
    WireId: |text| Ok::<_, std::convert::Infallible>(WireId(text.to_owned())), |v| &v.0;
}

/// Lets row ids be 64-bit integer columns.
macro_rules! id_columns {
    ($($type:ident)+) => {$(
        const _: () = {
            #[derive(AsExpression, FromSqlRow)]
            #[diesel(foreign_derive)]
            #[diesel(sql_type = BigInt)]
            #[expect(dead_code, reason = "only tells the derive which type it is for")]
            struct Proxy($type);
        };

        impl<DB: Backend> FromSql<BigInt, DB> for $type
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(value).map(Self)
            }
        }

        impl<DB: Backend> ToSql<BigInt, DB> for $type
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }
    )+};
}

id_columns! {
    UserId SessionId PoolId DebtorId DebtId TemplateId CampaignId MessageId ConversationId ImportId MediaId PromiseId SegmentId
}

diesel::define_sql_function! {
    /// The first that is not null.
    fn coalesce(first: diesel::sql_types::Nullable<Instant>, second: diesel::sql_types::Nullable<Instant>) -> diesel::sql_types::Nullable<Instant>;
}
