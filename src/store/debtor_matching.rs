//! What a filter of debtors says, in SQL: the condition that decides, and indexes that give all whom a part of it can be true of.

use chrono::NaiveDate;

use super::{Backend, sql_types::At, statement::Sql};
use crate::domain::{
    debtor::DebtorStatus,
    debtor_filter::{Bounds, DebtorFilter},
};

/// What a debtor owes, in the words of the index `debtors_by_amount`: those whose amount is not known have the least.
pub(super) const AMOUNT: &str = "coalesce(debtors.amount_minor, -1)";

/// The due date in the words of the index `debtors_by_due_date`: those who have none have the last.
pub(super) const fn due_date(backend: Backend) -> &'static str {
    match backend {
        Backend::Postgres => "coalesce(debtors.due_date, DATE '9999-12-31')",
        Backend::Sqlite => "coalesce(debtors.due_date, '9999-12-31')",
    }
}

/// When a debtor last got a message, by the index `messages_by_debtor`.
const LAST_CONTACT: &str = "(SELECT max(messages.claimed_at) FROM messages WHERE messages.debtor_id = debtors.id)";

/// The condition of a filter on the table `debtors`; true of everybody where the filter says nothing.
pub(super) fn matching(filter: &DebtorFilter, backend: Backend, today: NaiveDate) -> Sql {
    let mut all = Conditions::default();
    for word in filter.words() {
        all.and(has_word(&word, backend));
    }
    let sought = filter.search.as_deref().unwrap_or_default();
    // Nothing but punctuation is in no name.
    if !sought.trim().is_empty() && filter.words().is_empty() {
        all.and(Sql::new("1 = 0"));
    }
    if !filter.statuses.is_empty() {
        all.and(Sql::new("debtors.status IN ").texts(filter.statuses.iter().map(|status| status.as_str())));
    }
    if !filter.tags.is_empty() {
        let tagged =
            "EXISTS (SELECT 1 FROM debtor_tags WHERE debtor_tags.debtor_id = debtors.id AND debtor_tags.tag IN ";
        all.and(Sql::new(tagged).texts(filter.tags.iter().map(String::as_str)).sql(")"));
    }
    if let Some(import) = filter.import {
        all.and(of_import(import));
    }
    if let Some(currency) = &filter.currency {
        all.and(Sql::new("debtors.currency = ").text(currency));
    }
    if let Some(amount) = amounts(filter) {
        all.and(amount);
    }
    if let Some(due) = due_dates(filter, backend, today) {
        all.and(due);
    }
    if let Some(field) = &filter.field {
        all.and(match backend {
            Backend::Postgres => Sql::new("debtors.fields ->> ").text(&field.name).sql(" = ").text(&field.value),
            Backend::Sqlite => Sql::new("EXISTS (SELECT 1 FROM json_each(debtors.fields) AS field WHERE field.key = ")
                .text(&field.name)
                .sql(" AND field.value = ")
                .text(&field.value)
                .sql(")"),
        });
    }
    contacts(filter, &mut all);
    all.0.unwrap_or_else(|| Sql::new("1 = 1"))
}

/// The condition that an import added or changed a debtor. A subquery of one value is asked of a row alone, by the index
/// `import_changes_by_debtor`; of `EXISTS`, PostgreSQL may make a table of all that a large import has changed, for each page.
fn of_import(import: i64) -> Sql {
    Sql::new("(debtors.import_id = ")
        .number(import)
        .sql(
            " OR (SELECT changes.import_id FROM import_changes AS changes \
             WHERE changes.debtor_id = debtors.id AND changes.import_id = ",
        )
        .number(import)
        .sql(" LIMIT 1) IS NOT NULL)")
}

/// The condition of one word that is sought.
pub(super) fn has_word(word: &str, backend: Backend) -> Sql {
    let found = match backend {
        Backend::Postgres => "strpos(debtors.search, ",
        Backend::Sqlite => "instr(debtors.search, ",
    };
    Sql::new(found).text(format!(" {word}")).sql(") > 0")
}

fn contacts(filter: &DebtorFilter, all: &mut Conditions) {
    match filter.contacted {
        Some(true) => all.and(Sql::new(LAST_CONTACT).sql(" IS NOT NULL")),
        Some(false) => all.and(Sql::new(LAST_CONTACT).sql(" IS NULL")),
        None => {}
    }
    if let Some(last_contact) = last_contacts(LAST_CONTACT, filter.last_contact) {
        all.and(last_contact);
    }
    match filter.replied {
        Some(true) => all.and(Sql::new("debtors.last_heard_at IS NOT NULL")),
        Some(false) => all.and(Sql::new("debtors.last_heard_at IS NULL")),
        None => {}
    }
}

fn begin(day: NaiveDate) -> At {
    At(day.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// The condition on the last contact alone, which is this; none if there is none.
pub(super) fn last_contacts(last_contact: &'static str, within: Bounds<NaiveDate>) -> Option<Sql> {
    let mut all = Conditions::default();
    if let Some(from) = within.from {
        all.and(Sql::new(last_contact).sql(" >= ").at(begin(from)));
    }
    if let Some(next) = within.until.and_then(|until| until.succ_opt()) {
        all.and(Sql::new(last_contact).sql(" < ").at(begin(next)));
    }
    all.0
}

/// The condition on the amount alone, which its index serves; none if there is none.
pub(super) fn amounts(filter: &DebtorFilter) -> Option<Sql> {
    if filter.amount.is_open() {
        return None;
    }
    // Who owes nothing known is not within any bounds.
    let sql = Sql::new(AMOUNT).sql(" >= ").number(filter.amount.from.unwrap_or(0).max(0));
    Some(match filter.amount.until {
        Some(until) => sql.sql(" AND ").sql(AMOUNT).sql(" <= ").number(until),
        None => sql,
    })
}

/// The condition on the due date alone, which its index serves; none if there is none.
pub(super) fn due_dates(filter: &DebtorFilter, backend: Backend, today: NaiveDate) -> Option<Sql> {
    if filter.overdue.is_open() {
        return None;
    }
    let column = due_date(backend);
    let Bounds { from, until } = filter.due_dates(today);
    // Who has no due date is not within any bounds: the last day that one can have is the day before theirs.
    let last = NaiveDate::from_ymd_opt(9999, 12, 30).unwrap_or(NaiveDate::MAX);
    let sql = Sql::new(column).sql(" <= ").day(until.unwrap_or(last).min(last));
    Some(match from {
        Some(from) => sql.sql(" AND ").sql(column).sql(" >= ").day(from),
        None => sql,
    })
}

/// Queries of ids, by one index each but that of words: everybody whom the filter is true of is among the answers of each, unless there are more than `most`.
pub(super) fn candidates(filter: &DebtorFilter, backend: Backend, today: NaiveDate, most: i64) -> Vec<Sql> {
    let mut all = Vec::new();
    if filter.replied == Some(true) {
        all.push(Sql::new("SELECT debtors.id FROM debtors WHERE debtors.last_heard_at IS NOT NULL"));
    }
    if let Some(import) = filter.import {
        let added = Sql::new("SELECT debtors.id FROM debtors WHERE debtors.import_id = ").number(import);
        let changed =
            " UNION ALL SELECT import_changes.debtor_id FROM import_changes WHERE import_changes.import_id = ";
        all.push(added.sql(changed).number(import));
    }
    if !filter.tags.is_empty() {
        let tagged = Sql::new("SELECT debtor_tags.debtor_id FROM debtor_tags WHERE debtor_tags.tag IN ");
        all.push(tagged.texts(filter.tags.iter().map(String::as_str)));
    }
    if let Some(from) = filter.last_contact.from {
        let claimed =
            "SELECT messages.debtor_id FROM messages WHERE messages.claimed_at IS NOT NULL AND messages.claimed_at >= ";
        all.push(Sql::new(claimed).at(begin(from)));
    }
    if !filter.statuses.is_empty() && !filter.statuses.contains(&DebtorStatus::Active) {
        let status = Sql::new("SELECT debtors.id FROM debtors WHERE debtors.status IN ");
        all.push(status.texts(filter.statuses.iter().map(|status| status.as_str())));
    }
    let ranges = [amounts(filter), due_dates(filter, backend, today)];
    for range in ranges.into_iter().flatten() {
        all.push(Sql::new("SELECT debtors.id FROM debtors WHERE ").then(&range));
    }
    all.into_iter().map(|query| query.sql(" LIMIT ").number(most)).collect()
}

/// Those debtors, as a condition.
pub(super) fn these(ids: &[i64], backend: Backend) -> Sql {
    let joined = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    match backend {
        Backend::Postgres => Sql::new("debtors.id = ANY(").text(format!("{{{joined}}}")).sql("::bigint[])"),
        Backend::Sqlite => {
            Sql::new("debtors.id IN (SELECT value FROM json_each(").text(format!("[{joined}]")).sql("))")
        }
    }
}

/// Conditions of which all have to hold.
#[derive(Default)]
struct Conditions(Option<Sql>);

impl Conditions {
    fn and(&mut self, condition: Sql) {
        self.0 = Some(match self.0.take() {
            Some(before) => before.sql(" AND ").then(&condition),
            None => condition,
        });
    }
}
