//! The orders of lists of debtors: how to go along one from any place in it, a bounded number of rows at a time.
//!
//! All statements here are over a source called `debtors` with two columns more: `walk_key`, by which it is ordered, and `walk_tie`, which
//! decides between equals.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Backend,
    debtor_matching::{AMOUNT, amounts, due_date, due_dates, last_contacts},
    sql_types::At,
    statement::Sql,
};
use crate::domain::debtor_filter::{Bounds, DebtorFilter, DebtorSort};

/// Where a debtor is in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub id: i64,
    pub tie: i64,
    pub key: Key,
}

/// What the list is ordered by, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key(pub String);

/// An order, on one of the databases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub sort: DebtorSort,
    pub descending: bool,
    pub backend: Backend,
}

impl Order {
    /// The column, or what the order's index calls it.
    fn key(self) -> &'static str {
        match (self.sort, self.backend) {
            (DebtorSort::Created, _) => "debtors.id",
            (DebtorSort::Name, Backend::Postgres) => "debtors.search COLLATE \"C\"",
            (DebtorSort::Name, Backend::Sqlite) => "debtors.search",
            (DebtorSort::Amount, _) => AMOUNT,
            (DebtorSort::DueDate, backend) => due_date(backend),
            (DebtorSort::LastContact, _) => "newest.claimed_at",
        }
    }

    /// A key as text, as a cursor has it.
    fn as_text(self, key: &'static str) -> Sql {
        match (self.sort, self.backend) {
            (DebtorSort::LastContact, Backend::Postgres) => {
                let zone = r#" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#;
                Sql::new("to_char(").sql(key).sql(zone)
            }
            _ => Sql::new("CAST(").sql(key).sql(" AS TEXT)"),
        }
    }

    fn direction(self) -> &'static str {
        if self.descending { " DESC" } else { " ASC" }
    }

    /// What comes after, compared with what was seen.
    fn beyond(self) -> &'static str {
        if self.descending { " < " } else { " > " }
    }

    /// Whether a place is one of a list in this order.
    pub fn understands(self, place: &Place) -> bool {
        self.value(Sql::default(), place).is_some()
    }

    /// Adds the place's key as a value.
    fn value(self, sql: Sql, place: &Place) -> Option<Sql> {
        let text = &place.key.0;
        Some(match self.sort {
            DebtorSort::Created | DebtorSort::Amount => sql.number(text.parse().ok()?),
            DebtorSort::Name => sql.text(text),
            DebtorSort::DueDate => sql.day(text.parse::<NaiveDate>().ok()?),
            DebtorSort::LastContact => sql.at(At(text.parse::<DateTime<Utc>>().ok()?)),
        })
    }

    fn with_value(self, sql: Sql, place: &Place) -> Sql {
        self.value(sql.clone(), place).unwrap_or(sql)
    }

    /// What comes next, as ranges of an index one after the other: of all debtors, or of those whom a part of the filter leaves that the
    /// order's own index serves.
    pub fn ranges(self, filter: &DebtorFilter, today: NaiveDate, after: Option<&Place>) -> Vec<Range> {
        let within = match self.sort {
            DebtorSort::Amount => amounts(filter),
            DebtorSort::DueDate => due_dates(filter, self.backend, today),
            _ => None,
        };
        let range = |wanted, of_one_key| Range { order: self, wanted, of_one_key };
        let beyond = |sql: &'static str, place: &Place| Sql::new(sql).sql(self.beyond()).number(place.tie);
        match (self.sort, after) {
            (DebtorSort::LastContact, after) => vec![range(Some(self.contacts(filter, after)), false)],
            (DebtorSort::Created, after) => vec![range(after.map(|place| beyond("debtors.id", place)), true)],
            (_, None) => vec![range(within, false)],
            (_, Some(place)) => {
                // First what is equal to the place's key.
                let same = self.with_value(Sql::new(self.key()).sql(" = "), place).sql(" AND ");
                let same = same.then(&beyond("debtors.id", place));
                let next = self.with_value(Sql::new(self.key()).sql(self.beyond()), place);
                let next = within.iter().fold(next, |next, within| next.sql(" AND ").then(within));
                vec![range(Some(same), true), range(Some(next), false)]
            }
        }
    }

    /// Along the messages: somebody comes up once for each they got; [`newest`](Self::newest) keeps one of them. Each bound is said once:
    /// PostgreSQL takes what is said twice for two conditions of which hardly any row has both, and then sorts all in place of the first.
    fn contacts(self, filter: &DebtorFilter, after: Option<&Place>) -> Sql {
        let Bounds { from, until } = filter.last_contact;
        // A place that has been reached within them is one of the two; a cursor may be of another list.
        let reached = after.and_then(|place| place.key.0.parse::<DateTime<Utc>>().ok()).map(|at| at.date_naive());
        let ahead = Bounds {
            from: from.filter(|from| self.descending || reached.is_none_or(|day| day < *from)),
            until: until.filter(|until| !self.descending || reached.is_none_or(|day| day > *until)),
        };
        let newest = Sql::new("messages.claimed_at IS NOT NULL");
        let within = last_contacts("messages.claimed_at", ahead);
        let newest = within.iter().fold(newest, |newest, within| newest.sql(" AND ").then(within));
        let Some(place) = after else { return newest };
        let sql = newest.sql(" AND (messages.claimed_at, messages.id)").sql(self.beyond()).sql("(");
        self.with_value(sql, place).sql(", ").number(place.tie).sql(")")
    }

    /// Some debtors, with the columns of this order.
    pub fn among(self, those: &Sql) -> Sql {
        let sql = Sql::new("SELECT debtors.*, ").sql(self.key()).sql(" AS walk_key, ");
        let sql = match (self.sort, self.backend) {
            (DebtorSort::LastContact, Backend::Postgres) => sql.sql(
                "newest.id AS walk_tie FROM debtors CROSS JOIN LATERAL (SELECT id, claimed_at FROM messages \
                 WHERE debtor_id = debtors.id AND claimed_at IS NOT NULL ORDER BY claimed_at DESC, id DESC LIMIT 1) AS newest",
            ),
            (DebtorSort::LastContact, Backend::Sqlite) => sql.sql(
                "newest.id AS walk_tie FROM debtors CROSS JOIN messages AS newest ON newest.id = (SELECT one.id \
                 FROM messages AS one WHERE one.debtor_id = debtors.id AND one.claimed_at IS NOT NULL \
                 ORDER BY one.claimed_at DESC, one.id DESC LIMIT 1)",
            ),
            _ => sql.sql("debtors.id AS walk_tie FROM debtors"),
        };
        sql.sql(" WHERE ").then(those)
    }

    /// The condition of what comes after a place.
    pub fn after(self, place: Option<&Place>) -> Sql {
        let Some(place) = place else { return Sql::new("1 = 1") };
        let sql = self.with_value(Sql::new("(walk_key").sql(self.beyond()), place);
        let sql = self.with_value(sql.sql(" OR (walk_key = "), place);
        sql.sql(" AND walk_tie").sql(self.beyond()).number(place.tie).sql("))")
    }

    /// Of those who come up for each of their messages, who is wanted once.
    fn newest(self, wanted: &Sql) -> Sql {
        if self.sort != DebtorSort::LastContact {
            return wanted.clone();
        }
        let newest = " AND NOT EXISTS (SELECT 1 FROM messages AS later WHERE later.debtor_id = debtors.id AND \
                      (later.claimed_at > walk_key OR (later.claimed_at = walk_key AND later.id > walk_tie)))";
        wanted.clone().sql(newest)
    }

    /// All of a source who are wanted, and of each whether it comes after a place.
    pub fn pick_all(self, source: &Sql, wanted: &Sql, after: Option<&Place>) -> Sql {
        let sql = self.columns().sql(", ").then(&self.after(after)).sql(" AS is_after FROM (").then(source);
        self.ordered(sql.sql(") AS debtors WHERE ").then(wanted))
    }

    fn columns(self) -> Sql {
        let sql = Sql::new("SELECT debtors.id, walk_tie, ").then(&self.as_text("walk_key"));
        // Under a name of its own: PostgreSQL would call it `walk_key`, and order by that text.
        sql.sql(" AS key_as_text")
    }

    fn ordered(self, sql: Sql) -> Sql {
        sql.sql(" ORDER BY walk_key").sql(self.direction()).sql(", walk_tie").sql(self.direction())
    }
}

/// A range of the order's index.
pub(super) struct Range {
    order: Order,
    /// Which debtors are in it, or for lists by the last contact which messages.
    wanted: Option<Sql>,
    /// Whether it is in the order of ids.
    of_one_key: bool,
}

impl Range {
    /// Where the range is read from, and in its order.
    fn way(&self) -> Sql {
        let order = self.order;
        let (from, key, tie) = match order.sort {
            DebtorSort::LastContact => (" FROM messages", "messages.claimed_at", "messages.id"),
            _ => (" FROM debtors", order.key(), "debtors.id"),
        };
        let sql = self.wanted.iter().fold(Sql::new(from), |sql, wanted| sql.sql(" WHERE ").then(wanted));
        let sql = sql.sql(" ORDER BY ");
        let sql = if self.of_one_key { sql } else { sql.sql(key).sql(order.direction()).sql(", ") };
        sql.sql(tie).sql(order.direction()).sql(" LIMIT ")
    }

    /// Its first `rows`, with the columns of the order.
    fn rows(&self, rows: i64) -> Sql {
        let order = self.order;
        if order.sort != DebtorSort::LastContact {
            let sql = Sql::new("SELECT debtors.*, ").sql(order.key()).sql(" AS walk_key, debtors.id AS walk_tie");
            return sql.then(&self.way()).number(rows);
        }
        let sql = Sql::new("SELECT debtors.*, newest.claimed_at AS walk_key, newest.id AS walk_tie FROM (")
            .sql("SELECT messages.debtor_id, messages.claimed_at, messages.id");
        // In this order of the two: the other way round, all debtors would be read.
        sql.then(&self.way()).number(rows).sql(match order.backend {
            Backend::Postgres => {
                ") AS newest CROSS JOIN LATERAL (SELECT * FROM debtors WHERE debtors.id = newest.debtor_id OFFSET 0) AS debtors"
            }
            Backend::Sqlite => ") AS newest CROSS JOIN debtors ON debtors.id = newest.debtor_id",
        })
    }

    /// Of its first `rows` those who are wanted, each once, `room` at the most.
    pub fn matches(&self, rows: i64, wanted: &Sql, room: i64) -> Sql {
        let sql = self.order.columns().sql(" FROM (").then(&self.rows(rows)).sql(") AS debtors WHERE ");
        self.order.ordered(sql.then(&self.order.newest(wanted))).sql(" LIMIT ").number(room)
    }

    /// The last of its first `rows`; nothing if it has fewer. The others are passed over in the index alone, as far as
    /// the database can.
    pub fn last(&self, rows: i64) -> Sql {
        let columns = match self.order.sort {
            DebtorSort::LastContact => {
                Sql::new("SELECT messages.debtor_id, messages.id, ").then(&self.order.as_text("messages.claimed_at"))
            }
            _ => Sql::new("SELECT debtors.id, debtors.id, ").then(&self.order.as_text(self.order.key())),
        };
        columns.sql(" AS key_as_text").then(&self.way()).sql("1 OFFSET ").number(rows - 1)
    }
}
