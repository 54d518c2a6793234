//! What some debtors tell of all, where all are too many to be looked at: how many there are of whom a filter is true, and how common each
//! of the words is that are sought.

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use super::{
    Conn,
    db::on,
    debtor_matching::{has_word, these},
    debtors_list::Question,
    error::StoreError,
    statement::Sql,
};

/// Debtors who are looked at, spread over the ids.
const SIZE: i64 = 1_000;
/// As many debtors are looked at one and all.
const ALL: i64 = 10_000;

/// The ids there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    first: i64,
    last: i64,
}

impl Span {
    pub async fn of_all(conn: &mut Conn) -> Result<Self, StoreError> {
        let ends =
            Sql::new("SELECT coalesce((SELECT min(id) FROM debtors), 1), coalesce((SELECT max(id) FROM debtors), 0)");
        let ends = ends.query::<(BigInt, BigInt)>();
        let (first, last): (i64, i64) = on!(conn, c => ends.get_result(c).await)?;
        Ok(Self { first, last })
    }

    /// How many there are at the most.
    pub const fn size(self) -> i64 {
        self.last - self.first + 1
    }

    /// So many of the ids: one of each of as many equal parts, and not the first of each, since what repeats in the order of a file (every
    /// fifth was written to) would be found always or never. The same ones each time.
    fn spread(self, size: i64) -> Vec<i64> {
        let part = self.size() / size;
        let within = |step: i64| (i64::from((step as u32).wrapping_mul(GOLDEN) >> 8) * part) >> 24;
        (0..size).map(|step| self.first + step * self.size() / size + within(step)).collect()
    }
}

/// 2³² divided by the golden ratio: multiples of it, modulo 2³², are spread evenly and repeat nothing (Knuth, The Art of Computer Programming,
/// volume 3, 6.4).
const GOLDEN: u32 = 0x9E37_79B9;

/// A sample of a filter's debtors.
pub(super) struct Sample {
    span: Span,
    /// Debtors who were looked at.
    size: i64,
    words: Vec<String>,
    /// How many there are of each kind. A kind has a `1` where the filter is true, and one for each word sought that was found.
    kinds: Vec<(i64, String)>,
}

impl Sample {
    /// None where there are so few debtors that they can be counted.
    pub async fn take(conn: &mut Conn, question: &Question, span: Span) -> Result<Option<Self>, StoreError> {
        if span.size() <= ALL {
            return Ok(None);
        }
        let backend = question.order.backend;
        let flag = |sql: Sql, condition: &Sql| sql.sql("CASE WHEN ").then(condition).sql(" THEN '1' ELSE '0' END");
        let words = question.filter.words();
        let kind = flag(Sql::default(), &question.matching());
        let kind = words.iter().fold(kind, |kind, word| flag(kind.sql(" || "), &has_word(word, backend)));
        let size = question.affords(SIZE);
        let ids = span.spread(size);
        let seen = Sql::new("SELECT ").then(&kind).sql(" AS kind FROM debtors WHERE ").then(&these(&ids, backend));
        let query = Sql::new("SELECT count(*), kind FROM (").then(&seen).sql(") AS seen GROUP BY kind");
        let query = query.query::<(BigInt, Text)>();
        Ok(Some(Self { span, size, words, kinds: on!(conn, c => query.load(c).await)? }))
    }

    fn count(&self, is_meant: impl Fn(&[u8]) -> bool) -> i64 {
        self.kinds.iter().filter(|(_, kind)| is_meant(kind.as_bytes())).map(|(count, _)| count).sum()
    }

    /// As many debtors as so many of the sample stand for.
    const fn debtors(&self, count: i64) -> u64 {
        (self.span.size() * count / self.size).cast_unsigned()
    }

    /// How many debtors the filter is true of: a sample does not know more than two digits.
    pub fn total(&self) -> u64 {
        let found = self.count(|kind| kind[0] == b'1');
        rounded(self.debtors(found))
    }

    /// As few of the words as leave `few` debtors at the most, if the sample tells: the rarest, and those with digits last, which are many
    /// terms of an index for each beginning. None if it is all but certain that more have them all.
    pub fn telling_words(&self, few: u64) -> Vec<String> {
        let has = |kind: &[u8], word: usize| kind[word + 1] == b'1';
        let have = |words: &[usize]| self.count(|kind| words.iter().all(|word| has(kind, *word)));
        let is_long = |word: &usize| self.words[*word].chars().count() > 2;
        let mut words: Vec<usize> = (0..self.words.len()).filter(is_long).collect();
        words.sort_by_key(|word| (self.words[*word].contains(|letter: char| letter.is_ascii_digit()), have(&[*word])));
        let mut telling = Vec::new();
        for word in words {
            // What all of them have tells nobody apart.
            if self.debtors(have(&telling)) > few / 2 || telling.is_empty() {
                telling.push(word);
            }
        }
        let certainly_more = self.debtors(have(&telling)) > 2 * few;
        telling.into_iter().filter(|_| !certainly_more).map(|word| self.words[word].clone()).collect()
    }
}

/// To two digits.
fn rounded(number: u64) -> u64 {
    let unit = 10_u64.pow(number.checked_ilog10().unwrap_or_default().saturating_sub(1));
    (number + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_two_digits() {
        for (number, about) in [(0, 0), (7, 7), (42, 42), (149, 150), (12_345, 12_000), (999_999, 1_000_000)] {
            assert_eq!(rounded(number), about);
        }
    }

    #[test]
    fn a_sample_is_of_all_parts_and_of_no_rhythm() {
        let ids = Span { first: 101, last: 1_000_100 }.spread(1_000);
        assert!(ids.iter().zip(0..).all(|(id, part)| (id - 101) / 1_000 == part), "one of each thousand");
        for rhythm in [2, 3, 5, 7, 10, 50, 100] {
            let hits = ids.iter().filter(|id| **id % rhythm == 0).count() as i64;
            let expected = 1_000 / rhythm;
            assert!((hits - expected).abs() <= expected / 2, "{hits} of 1,000 ids are multiples of {rhythm}");
        }
    }

    #[test]
    fn as_few_words_tell_as_leave_few_debtors() {
        let sample = |kinds: &[(i64, &str)]| Sample {
            span: Span { first: 1, last: 1_000_000 },
            size: 2_000,
            words: vec!["573".to_owned(), "garcia".to_owned(), "torres".to_owned()],
            kinds: kinds.iter().map(|(count, kind)| (*count, (*kind).to_owned())).collect(),
        };
        // Numbers of the sample who have them, and of 500 debtors each.
        let rare = sample(&[(1_400, "0100"), (300, "0110"), (299, "0111"), (1, "1111")]);
        assert_eq!(rare.telling_words(2_000), [] as [&str; 0], "all three are in 150,000");
        assert_eq!(rare.total(), 500);
        let pair = sample(&[(1_400, "0100"), (300, "0110"), (298, "0101"), (2, "1111")]);
        assert_eq!(pair.telling_words(2_000), ["torres", "garcia"], "and all have the number");
        assert_eq!(sample(&[(2_000, "0100")]).telling_words(2_000), ["garcia"], "one that nobody has is enough");
        assert_eq!(sample(&[(2_000, "1111")]).telling_words(2_000), [] as [&str; 0], "all of them are everywhere");
    }
}
