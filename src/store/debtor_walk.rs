//! A list's order, gone along from where a page begins: a stretch after the other, until the page is full or enough rows were looked at.

use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    db::on,
    debtor_order::{Key, Place},
    debtors_list::Question,
    error::StoreError,
    statement::Sql,
};

/// Rows of the first stretch, and of the shortest that is worth a question of its own.
const SHORTEST: i64 = 500;
/// Rows that are looked at for one page at the most, however quick the machine.
const LONGEST: i64 = 10_000;
/// How long a page may take until the end of its way, with whatever was asked before. A row costs between 2 and 20 µs: it depends on the
/// machine, on the database, on the filter and on how far apart the rows lie.
const PATIENCE: Duration = Duration::from_millis(25);

/// What was found on the way.
pub(super) struct Walk {
    pub found: Vec<Place>,
    /// Where it has got to; none where the list ends, or the page is full.
    pub reached: Option<Place>,
    /// Rows looked at.
    looked_at: i64,
    /// How long it took to look at them.
    walked: Duration,
}

impl Walk {
    /// Goes on until the page is full, or has taken as long as it may since it was `begun`.
    pub async fn along(conn: &mut Conn, question: &Question, begun: Instant) -> Result<Self, StoreError> {
        let mut walk = Self { found: Vec::new(), reached: None, looked_at: 0, walked: Duration::ZERO };
        walk.stretch(conn, question, question.after.clone(), SHORTEST).await?;
        loop {
            // Not all of the time at once: those farther on may take longer, as where nobody has looked at them lately.
            let time = PATIENCE.saturating_sub(begun.elapsed()) / 2;
            let rows = walk.rows_to_fill(question.most).min(walk.rows_in(time));
            if rows < SHORTEST {
                return Ok(walk);
            }
            let Some(place) = walk.reached.take() else { return Ok(walk) };
            walk.stretch(conn, question, Some(place), rows).await?;
        }
    }

    /// Rows that can be looked at in a time, if they take as long as those before.
    fn rows_in(&self, time: Duration) -> i64 {
        let rows = self.looked_at as f64 * time.as_secs_f64() / self.walked.as_secs_f64();
        (rows as i64).min(LONGEST - self.looked_at)
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
        let begun = Instant::now();
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
        self.walked += begun.elapsed();
        Ok(())
    }
}

async fn places(conn: &mut Conn, query: Sql) -> Result<Vec<Place>, StoreError> {
    let query = query.query::<(BigInt, BigInt, Text)>();
    let rows: Vec<(i64, i64, String)> = on!(conn, c => query.load(c).await)?;
    Ok(rows.into_iter().map(|(id, tie, key)| Place { id, tie, key: Key(key) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(found: usize) -> Walk {
        let place = Place { id: 1, tie: 1, key: Key("1".to_owned()) };
        let walked = Duration::from_millis(4);
        Walk { found: vec![place; found], reached: None, looked_at: 1_000, walked }
    }

    #[test]
    fn the_rarer_they_are_the_farther_it_goes() {
        let rows = |found| walk(found).rows_to_fill(51);
        assert_eq!([rows(40), rows(10), rows(5)], [SHORTEST, 5_125, 11_500]);
        assert_eq!(rows(0), i64::MAX);
    }

    #[test]
    fn the_longer_rows_take_the_fewer_are_looked_at() {
        let rows = |time| walk(0).rows_in(Duration::from_millis(time));
        assert_eq!([rows(0), rows(2), rows(12), rows(1_000)], [0, 500, 3_000, LONGEST - 1_000]);
    }
}
