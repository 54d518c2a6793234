//! What would become of an import, as clients see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    debtors::Amount,
    enums::{ChangedValue, PhoneSlip},
    import_view::RejectedRow,
    language::Language,
};
use crate::{
    domain::revision::{Change, Value},
    import,
    store::Differing,
};

/// Letters of a value that are shown.
const SHOWN: usize = 200;

/// What would become of the rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportForecast {
    /// How many rows were looked at.
    rows: u64,
    /// Whether these are all that there are.
    complete: bool,
    /// Those that can be stored. Each is one of the four that follow, if debtors who are known are updated.
    good: u64,
    /// Of somebody who is not known.
    inserted: u64,
    /// Of somebody who is known with other details.
    updated: u64,
    /// With another debt of somebody who is known or in an earlier row.
    debts_added: u64,
    /// They say what is known.
    unchanged: u64,
    /// Rows that change something of what is known if debtors are updated and nothing of it if they are not.
    differing: u64,
    /// The first 200 of these.
    differences: Vec<DifferingRow>,
    /// When the debtors were looked at; to be told with decisions on `differences`.
    seen_at: DateTime<Utc>,
    duplicates: u64,
    rejected: u64,
    warnings: u64,
    /// Phones that look mistyped, by what seems to have gone wrong; among them those whose correction the plan agrees to.
    corrections: Vec<PhoneCorrection>,
    /// The first rows that would be rejected, are duplicates, or would be warned of.
    examples: Vec<RejectedRow>,
}

/// A row that says otherwise than is known of a debtor.
#[derive(Debug, Serialize, ToSchema)]
struct DifferingRow {
    /// From 1, as in the sheet.
    row: u64,
    debtor_id: i64,
    /// In E.164.
    phone: String,
    /// As it is known.
    name: String,
    changes: Vec<ValueChange>,
}

/// A value that would become another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ValueChange {
    what: ChangedValue,
    /// The variable, for `custom`; of a debt its reference, if it has one.
    #[schema(required)]
    of: Option<String>,
    /// Null where there is none. Amounts are written as in the request's language, dates as YYYY-MM-DD, long texts cut.
    #[schema(required)]
    before: Option<String>,
    /// The same; of tags those that would be added.
    #[schema(required)]
    after: Option<String>,
}

/// Phones that look mistyped in the same way.
#[derive(Debug, Serialize, ToSchema)]
struct PhoneCorrection {
    slip: PhoneSlip,
    rows: u64,
    /// Up to three of them.
    examples: Vec<CorrectedPhone>,
}

/// A phone that looks mistyped.
#[derive(Debug, Serialize, ToSchema)]
struct CorrectedPhone {
    written: String,
    /// In E.164.
    meant: String,
}

impl ImportForecast {
    pub(super) fn new(forecast: import::Forecast, language: Language) -> Self {
        let known = forecast.known;
        Self {
            rows: forecast.rows,
            complete: forecast.complete,
            good: forecast.good,
            inserted: known.upserted.inserted,
            updated: known.upserted.updated,
            debts_added: known.upserted.debts_added,
            unchanged: known.upserted.unchanged,
            differing: known.differing,
            differences: known.examples.into_iter().map(|row| DifferingRow::new(row, language)).collect(),
            seen_at: forecast.seen_at,
            duplicates: forecast.duplicates,
            rejected: forecast.rejected,
            warnings: forecast.warnings,
            corrections: forecast.corrections.into_iter().map(PhoneCorrection::from).collect(),
            examples: forecast.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl DifferingRow {
    fn new(row: Differing, language: Language) -> Self {
        Self {
            row: row.row,
            debtor_id: row.debtor.0,
            phone: row.phone.as_str().to_owned(),
            name: row.name,
            changes: row.changes.into_iter().map(|change| ValueChange::new(change, language)).collect(),
        }
    }
}

impl ValueChange {
    pub fn new(change: Change, language: Language) -> Self {
        let text = |value| match value {
            Value::Text(text) => cut(text),
            Value::Money(money) => Amount::new(money, language).text,
            Value::Day(day) => day.to_string(),
        };
        Self { what: change.what.into(), of: change.of, before: change.before.map(text), after: change.after.map(text) }
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl From<import::Correction> for PhoneCorrection {
    fn from(correction: import::Correction) -> Self {
        let examples = correction.examples.into_iter().map(|(written, meant)| CorrectedPhone { written, meant });
        Self { slip: correction.slip.into(), rows: correction.rows, examples: examples.collect() }
    }
}
