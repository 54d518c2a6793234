//! Who has the words that are sought: ids out of the full-text index.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::{Backend, Conn, db::on, error::StoreError, statement::Sql};

/// Words that are asked for by themselves in place of their beginning.
const TERMS: i64 = 16;

/// A query of the ids of `most` debtors who have words that begin with all of these, each of three letters or more: what is shorter, too
/// many begin with.
pub(super) async fn by_words(conn: &mut Conn, words: &[String], most: i64) -> Result<Sql, StoreError> {
    if conn.backend() == Backend::Postgres {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}':*")).collect();
        let found = Sql::new("SELECT found FROM debtors_with_words(").text(quoted.join(" & "));
        return Ok(found.sql(", ").number(most).sql(") AS found"));
    }
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        all.push(beginning(conn, word).await?);
    }
    let found = Sql::new("SELECT rowid FROM debtor_words WHERE debtor_words MATCH ").text(all.join(" AND "));
    Ok(found.sql(" LIMIT ").number(most))
}

/// What to ask FTS5 for a beginning: it gathers all that begin so before it gives the first, and goes five times as fast along the few words
/// of a language that do.
async fn beginning(conn: &mut Conn, word: &str) -> Result<String, StoreError> {
    let terms = Sql::new("SELECT term FROM debtor_terms WHERE term >= ").text(word).sql(" AND term < ");
    let terms = terms.text(format!("{word}\u{10ffff}")).sql(" LIMIT ").number(TERMS + 1).query::<Text>();
    let terms: Vec<String> = on!(conn, c => terms.load(c).await)?;
    if terms.is_empty() || terms.len() as i64 > TERMS {
        return Ok(format!("\"{word}\"*"));
    }
    let terms: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
    Ok(format!("({})", terms.join(" OR ")))
}
