//! Who has the words that are sought: ids out of the full-text index.
//!
//! Asked for a beginning, both databases gather all that begin so before they give the first; asked for whole words, they go along these
//! five times as fast. So they are asked for the few words of a language that begin as is sought, which a table has by themselves.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::{Backend, Conn, db::on, error::StoreError, statement::Sql};

/// Words that are asked for by themselves in place of their beginning.
const TERMS: i64 = 16;

/// A query of the ids of `most` debtors who have words that begin with all of these, each of three letters or more: what is shorter, too
/// many begin with.
pub(super) async fn by_words(conn: &mut Conn, words: &[String], most: i64) -> Result<Sql, StoreError> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        all.push(alternatives(word, &beginning_with(conn, word).await?, conn.backend()));
    }
    Ok(match conn.backend() {
        Backend::Postgres => {
            let found = Sql::new("SELECT found FROM debtors_with_words(").text(all.join(" & "));
            found.sql(", ").number(most).sql(") AS found")
        }
        Backend::Sqlite => {
            let found = Sql::new("SELECT rowid FROM debtor_words WHERE debtor_words MATCH ").text(all.join(" AND "));
            found.sql(" LIMIT ").number(most)
        }
    })
}

/// The terms that begin with a word, or one more than [`TERMS`] of them.
async fn beginning_with(conn: &mut Conn, word: &str) -> Result<Vec<String>, StoreError> {
    let end = format!("{word}\u{10ffff}");
    let terms = match conn.backend() {
        Backend::Postgres => {
            let terms = Sql::new("SELECT DISTINCT term FROM debtor_terms WHERE term >= ").text(word);
            terms.sql(" AND term < ").text(end).sql(" LIMIT ").number(TERMS + 1)
        }
        // From the first row of a term to the first of the next: there is a row for each debtor who has it.
        Backend::Sqlite => {
            let first = "WITH RECURSIVE terms (term) AS (SELECT (SELECT term FROM debtor_terms WHERE term >= ";
            let next = " LIMIT 1) UNION ALL SELECT (SELECT debtor_terms.term FROM debtor_terms \
                        WHERE debtor_terms.term >= terms.term || char(1) LIMIT 1) FROM terms WHERE terms.term < ";
            let terms = Sql::new(first).text(word).sql(next).text(end.clone());
            terms.sql(") SELECT term FROM terms WHERE term < ").text(end).sql(" LIMIT ").number(TERMS + 1)
        }
    };
    let terms = terms.query::<Text>();
    Ok(on!(conn, c => terms.load(c).await)?)
}

/// What to ask the index for in place of a beginning; for the beginning itself where too many words have it, or where not all that do are
/// known: of words with digits PostgreSQL's table has only that there are some.
fn alternatives(word: &str, terms: &[String], backend: Backend) -> String {
    let unknown = backend == Backend::Postgres && (has_digit(word) || terms.iter().any(|term| has_digit(term)));
    let whole = !terms.is_empty() && terms.len() as i64 <= TERMS && !unknown;
    match backend {
        Backend::Postgres if whole => {
            let terms: Vec<String> = terms.iter().map(|term| format!("'{term}'")).collect();
            format!("({})", terms.join(" | "))
        }
        Backend::Postgres => format!("'{word}':*"),
        Backend::Sqlite if whole => {
            let terms: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
            format!("({})", terms.join(" OR "))
        }
        Backend::Sqlite => format!("\"{word}\"*"),
    }
}

pub(super) fn has_digit(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_asked_for_where_all_that_begin_so_are_known() {
        let some = ["garcia".to_owned(), "garcilaso".to_owned()];
        assert_eq!(alternatives("garc", &some, Backend::Sqlite), "(\"garcia\" OR \"garcilaso\")");
        assert_eq!(alternatives("garc", &some, Backend::Postgres), "('garcia' | 'garcilaso')");
        let numbered = ["cra".to_owned(), "cra0".to_owned()];
        assert_eq!(alternatives("cra", &numbered, Backend::Postgres), "'cra':*");
        assert_eq!(alternatives("cra1", &[], Backend::Postgres), "'cra1':*");
        let many: Vec<String> = (0..17).map(|number| format!("a{}", "b".repeat(number))).collect();
        assert_eq!(alternatives("a", &many, Backend::Postgres), "'a':*");
        assert_eq!(alternatives("a", &many, Backend::Sqlite), "\"a\"*");
    }
}
