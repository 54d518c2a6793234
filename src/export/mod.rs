//! Debtors as a file: all that a filter is true of, read a thousand at a time, so that memory does not grow with them.
//!
//! There is a row for each debt, and for each debtor without one: imported again, each row finds its own debt. A row for each debtor would
//! put the sum of several into one of them.

mod csv;
mod workbook;

use chrono::NaiveDate;

pub use self::{
    csv::Csv,
    workbook::{Workbook, WrittenFile},
};
use crate::{
    domain::{debt::Debt, debtor::DebtorDetails, debtor_filter::DebtorFilter, id::DebtorId, money::Money},
    store::{ListedDebtor, Store, StoreError},
};

/// Debtors read at once.
const BATCH: i64 = 1_000;

/// The columns that every debtor has; their further fields come after them. The import knows these names.
const COLUMNS: [&str; 11] = [
    "name",
    "phone",
    "reference",
    "amount",
    "currency",
    "due_date",
    "status",
    "tags",
    "last_contact_at",
    "last_heard_at",
    "created_at",
];

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file cannot be written")]
    Io(#[from] std::io::Error),
    #[error("the text cannot be written")]
    Csv(#[from] ::csv::Error),
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("the writer ended early")]
    Ended(#[from] tokio::task::JoinError),
}

/// A value in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Text(String),
    Amount(Money),
}

/// The rows of an export, a batch at a time.
pub struct Export {
    store: Store,
    filter: DebtorFilter,
    today: NaiveDate,
    /// The further fields that any of the debtors has.
    fields: Vec<String>,
    after: Option<DebtorId>,
}

impl Export {
    /// What a filter is true of; days overdue are counted to `today`.
    pub async fn begin(store: Store, filter: DebtorFilter, today: NaiveDate) -> Result<Self, ExportError> {
        let fields = store.field_names(&filter, today).await?;
        Ok(Self { store, filter, today, fields, after: None })
    }

    fn headers(&self) -> Vec<String> {
        COLUMNS.iter().map(|&name| name.to_owned()).chain(self.fields.iter().cloned()).collect()
    }

    /// The next rows; none at the end. Each is a query of its own: nothing is held open while a browser takes its time.
    async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, ExportError> {
        let debtors = self.store.debtors_after(&self.filter, self.today, self.after, BATCH).await?;
        let Some(last) = debtors.last() else { return Ok(None) };
        self.after = Some(last.debtor.id);
        Ok(Some(debtors.iter().flat_map(|listed| self.rows(listed)).collect()))
    }

    fn rows(&self, listed: &ListedDebtor) -> Vec<Vec<Cell>> {
        let debts = &listed.debtor.details.debts;
        if debts.is_empty() {
            return vec![self.row(listed, &Debt::default())];
        }
        debts.iter().map(|debt| self.row(listed, debt)).collect()
    }

    fn row(&self, listed: &ListedDebtor, debt: &Debt) -> Vec<Cell> {
        let ListedDebtor { debtor, last_contact_at } = listed;
        let DebtorDetails { name, phone, tags, fields, .. } = &debtor.details;
        let instant =
            |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string());
        let text = |text: Option<String>| Cell::Text(text.unwrap_or_default());
        let mut row = vec![
            Cell::Text(name.clone()),
            Cell::Text(phone.as_str().to_owned()),
            text(debt.reference.clone()),
            debt.amount.map_or(Cell::Text(String::new()), Cell::Amount),
            text(debt.amount.map(|amount| amount.currency.as_str().to_owned())),
            text(debt.due_date.map(|date| date.to_string())),
            Cell::Text(debtor.status.as_str().to_owned()),
            Cell::Text(tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")),
            text(instant(*last_contact_at)),
            text(instant(debtor.last_heard_at)),
            text(instant(Some(debtor.created_at))),
        ];
        row.extend(self.fields.iter().map(|name| text(fields.get(name).cloned())));
        row
    }
}

/// An amount as every program reads it: without groups, with a point.
fn decimal(amount: Money) -> String {
    let digits = amount.currency.decimals() as usize;
    let text = format!("{:0width$}", amount.minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    let sign = if amount.minor < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimals() {
        for (minor, currency, text) in [
            (150_050, "USD", "1500.50"),
            (5, "USD", "0.05"),
            (1500, "CLP", "1500"),
            (0, "COP", "0.00"),
            (-5, "USD", "-0.05"),
        ] {
            let amount = Money { minor, currency: currency.parse().unwrap() };
            assert_eq!(decimal(amount), text);
        }
    }
}
