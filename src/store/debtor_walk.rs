//! A list's order, gone along from where a page begins: a stretch after the other, until the page is full or enough rows were looked at.

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use super::{
    Backend, Conn,
    db::on,
    debtor_order::{Key, Place},
    debtors_list::Question,
    error::StoreError,
    statement::Sql,
};
use crate::domain::debtor_filter::DebtorSort;

/// Rows of the shortest stretch that is worth a question of its own.
const SHORTEST: i64 = 1_000;

/// What was found on the way.
pub(super) struct Walk {
    pub found: Vec<Place>,
    /// Where it has got to; none where the list ends, or the page is full.
    pub reached: Option<Place>,
    /// Rows looked at.
    looked_at: i64,
}

impl Walk {
    /// Goes the first `rows` of the way.
    pub async fn begin(conn: &mut Conn, question: &Question, rows: i64) -> Result<Self, StoreError> {
        let mut walk = Self { found: Vec::new(), reached: None, looked_at: 0 };
        walk.stretch(conn, question, question.after.clone(), rows).await?;
        Ok(walk)
    }

    /// Goes on until the page is full, or as many rows were looked at as one page is worth.
    pub async fn go_on(&mut self, conn: &mut Conn, question: &Question) -> Result<(), StoreError> {
        let most = longest(question);
        while self.looked_at < most
            && let Some(place) = self.reached.take()
        {
            let rows = self.rows_to_fill(question.most).min(most - self.looked_at);
            self.stretch(conn, question, Some(place), rows).await?;
        }
        Ok(())
    }

    /// Rows among which the rest of a page of `most` is likely to be, as far as those that were looked at tell: a quarter more than would
    /// do if all were spread evenly.
    fn rows_to_fill(&self, most: i64) -> i64 {
        let found = self.found.len() as i64;
        if found == 0 {
            return i64::MAX;
        }
        (self.looked_at * (most - found) / found * 5 / 4).max(SHORTEST)
    }

    /// Those wanted among the next `rows` of each range of the order's index; and where that ended, if the list does not end there.
    async fn stretch(
        &mut self,
        conn: &mut Conn,
        question: &Question,
        after: Option<Place>,
        rows: i64,
    ) -> Result<(), StoreError> {
        let Question { filter, order, today, most, .. } = question;
        self.looked_at += rows;
        let wanted = question.matching_on_the_way();
        for range in order.ranges(filter, *today, after.as_ref()) {
            let room = most - self.found.len() as i64;
            self.found.extend(places(conn, range.matches(rows, &wanted, room)).await?);
            if self.found.len() as i64 >= *most {
                break;
            }
            self.reached = places(conn, range.last(rows)).await?.pop();
            if self.reached.is_some() {
                break;
            }
        }
        Ok(())
    }
}

/// Rows that are looked at for one page at the most: as many as either database reads in some 20 ms. PostgreSQL takes longer where they
/// lie apart, which they do in every order but that in which they were added.
fn longest(question: &Question) -> i64 {
    let rows = match (question.order.backend, question.order.sort) {
        (Backend::Sqlite, _) | (_, DebtorSort::Created) => 10_000,
        (Backend::Postgres, _) => 6_000,
    };
    if question.reads_ledger() { rows / 2 } else { rows }
}

async fn places(conn: &mut Conn, query: Sql) -> Result<Vec<Place>, StoreError> {
    let query = query.query::<(BigInt, BigInt, Text)>();
    let rows: Vec<(i64, i64, String)> = on!(conn, c => query.load(c).await)?;
    Ok(rows.into_iter().map(|(id, tie, key)| Place { id, tie, key: Key(key) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarer_they_are_the_farther_it_goes() {
        let place = Place { id: 1, tie: 1, key: Key("1".to_owned()) };
        let rows =
            |found: usize| Walk { found: vec![place.clone(); found], reached: None, looked_at: 1_000 }.rows_to_fill(51);
        assert_eq!([rows(40), rows(10), rows(5)], [SHORTEST, 5_125, 11_500]);
        assert_eq!(rows(0), i64::MAX);
    }
}
