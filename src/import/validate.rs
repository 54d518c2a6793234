//! One row of a spreadsheet: a debtor, or the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    CommitPlan, DateOrder, Field, Mapping,
    report::{Reason, ReportRow},
    sheet::Row,
};
use crate::domain::{
    debtor::DebtorDetails,
    money::Money,
    phone::{Phone, PhoneError},
    text::words,
};

/// What the rows are.
#[derive(Debug, Default)]
pub struct Checked {
    /// One per phone, in the order of the file.
    pub debtors: Vec<DebtorDetails>,
    /// Rows that were rejected or have the phone of an earlier row.
    pub problems: Vec<ReportRow>,
    pub duplicates: u64,
    pub rejected: u64,
}

/// Checks rows against a plan; `headers` names the columns in the report.
pub fn check(rows: &[Row], headers: &BTreeMap<usize, String>, plan: &CommitPlan) -> Checked {
    let mut checked = Checked::default();
    let mut seen = BTreeSet::new();
    for row in rows {
        match debtor(row, plan) {
            Ok(debtor) if seen.insert(debtor.phone.clone()) => checked.debtors.push(debtor),
            Ok(_) => {
                checked.duplicates += 1;
                checked.problems.push(problem(row, headers, plan, Reason::DuplicateInFile, Some(Field::Phone)));
            }
            Err((reason, field)) => {
                checked.rejected += 1;
                checked.problems.push(problem(row, headers, plan, reason, Some(field)));
            }
        }
    }
    checked
}

fn problem(
    row: &Row,
    headers: &BTreeMap<usize, String>,
    plan: &CommitPlan,
    reason: Reason,
    field: Option<Field>,
) -> ReportRow {
    let index = field.and_then(|field| column(plan, field)).map(|mapping| mapping.index);
    ReportRow {
        row: row.number,
        reason,
        column: index.and_then(|index| headers.get(&index).cloned()),
        value: index.map(|index| row.cell(index).to_owned()).filter(|value| !value.is_empty()),
    }
}

fn column(plan: &CommitPlan, field: Field) -> Option<&Mapping> {
    plan.mapping.iter().find(|mapping| mapping.field == field)
}

/// The value of a field; none where it has no column or the cell is empty.
fn value<'row>(row: &'row Row, plan: &CommitPlan, field: Field) -> Option<&'row str> {
    let value = row.cell(column(plan, field)?.index);
    (!value.is_empty()).then_some(value)
}

fn debtor(row: &Row, plan: &CommitPlan) -> Result<DebtorDetails, (Reason, Field)> {
    let phone = value(row, plan, Field::Phone).unwrap_or_default();
    let phone = Phone::parse(phone, Some(plan.country)).map_err(|error| match error {
        PhoneError::Empty => (Reason::PhoneMissing, Field::Phone),
        PhoneError::Invalid => (Reason::PhoneInvalid, Field::Phone),
    })?;
    let name = value(row, plan, Field::Name).ok_or((Reason::NameMissing, Field::Name))?;
    let currency = match value(row, plan, Field::Currency) {
        Some(text) => text.parse().map_err(|_| (Reason::CurrencyInvalid, Field::Currency))?,
        None => plan.currency,
    };
    let amount = |text| Money::parse(text, currency, plan.decimal).map_err(|_| (Reason::AmountInvalid, Field::Amount));
    let due = |text| date(text, plan.date_order).ok_or((Reason::DueDateInvalid, Field::DueDate));
    let tags =
        value(row, plan, Field::Tags).unwrap_or_default().split([',', ';', '|']).map(|tag| tag.trim().to_lowercase());
    Ok(DebtorDetails {
        phone,
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        reference: value(row, plan, Field::Reference).map(str::to_owned),
        debt: value(row, plan, Field::Amount).map(amount).transpose()?,
        due_date: value(row, plan, Field::DueDate).map(due).transpose()?,
        tags: tags.filter(|tag| !tag.is_empty()).chain(plan.tags.iter().cloned()).collect(),
        fields: custom(row, plan),
    })
}

fn custom(row: &Row, plan: &CommitPlan) -> BTreeMap<String, String> {
    let columns = plan.mapping.iter().filter(|mapping| mapping.field == Field::Custom);
    let named = columns
        .filter_map(|mapping| Some((variable(mapping.variable.as_deref()?), row.cell(mapping.index).to_owned())));
    named.filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect()
}

/// A column's name as a template can write it: `Días de mora` → `dias_de_mora`, `30 días` → `_30_dias`.
fn variable(name: &str) -> String {
    let name = words(name).replace(' ', "_");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The three numbers of a date like 31/12/2026, in the order they are written.
pub(super) fn date_parts(text: &str) -> Option<[u32; 3]> {
    let text = text.split([' ', 'T']).next()?;
    let parts: Vec<u32> = text.split(['/', '-', '.']).map(str::parse).collect::<Result<_, _>>().ok()?;
    parts.try_into().ok()
}

/// A date; one that begins with a year is read as such whatever the order.
fn date(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let [first, second, third] = date_parts(text)?;
    let (year, month, day) = match order {
        _ if first > 31 => (first, second, third),
        DateOrder::Ymd => (first, second, third),
        DateOrder::Dmy => (third, second, first),
        DateOrder::Mdy => (third, first, second),
    };
    let year = if year < 100 { year + 2000 } else { year };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|_| (1950..=2150).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> CommitPlan {
        let fields = [Field::Name, Field::Phone, Field::Amount, Field::DueDate, Field::Tags, Field::Custom];
        let mapping = fields.into_iter().enumerate().map(|(index, field)| Mapping {
            index,
            field,
            variable: (field == Field::Custom).then(|| "Días de mora".to_owned()),
        });
        CommitPlan {
            mapping: mapping.collect(),
            country: "CO".parse().unwrap(),
            currency: "COP".parse().unwrap(),
            date_order: DateOrder::Dmy,
            decimal: crate::domain::money::Decimal::Auto,
            tags: ["noviembre".to_owned()].into(),
            update_existing: true,
        }
    }

    fn row(number: u64, cells: [&str; 6]) -> Row {
        Row { number, cells: cells.map(str::to_owned).to_vec() }
    }

    #[test]
    fn a_good_row_becomes_a_debtor() {
        let checked = check(
            &[row(2, ["  Ana  María ", "300 123 4567", "$ 1.500,00", "31/12/26", "VIP; Mora", "45"])],
            &BTreeMap::new(),
            &plan(),
        );
        let debtor = &checked.debtors[0];
        assert_eq!(debtor.name, "Ana María");
        assert_eq!(debtor.phone.as_str(), "+573001234567");
        assert_eq!(debtor.debt.unwrap().minor, 150_000);
        assert_eq!(debtor.due_date.unwrap().to_string(), "2026-12-31");
        assert_eq!(debtor.tags.iter().map(String::as_str).collect::<Vec<_>>(), ["mora", "noviembre", "vip"]);
        assert_eq!(debtor.fields["dias_de_mora"], "45");
    }

    #[test]
    fn every_bad_row_has_its_reason() {
        let headers = BTreeMap::from([(1, "Celular".to_owned())]);
        let rows = [
            row(2, ["Ana", "3001234567", "", "", "", ""]),
            row(3, ["Ana", "(300) 123-4567", "", "", "", ""]),
            row(4, ["Luis", "", "", "", "", ""]),
            row(5, ["Luis", "12", "", "", "", ""]),
            row(6, ["", "3001234568", "", "", "", ""]),
            row(7, ["Luis", "3001234568", "mucho", "", "", ""]),
            row(8, ["Luis", "3001234568", "", "31/02/2026", "", ""]),
        ];
        let checked = check(&rows, &headers, &plan());
        let reasons: Vec<(u64, Reason)> =
            checked.problems.iter().map(|problem| (problem.row, problem.reason)).collect();
        assert_eq!(
            reasons,
            [
                (3, Reason::DuplicateInFile),
                (4, Reason::PhoneMissing),
                (5, Reason::PhoneInvalid),
                (6, Reason::NameMissing),
                (7, Reason::AmountInvalid),
                (8, Reason::DueDateInvalid),
            ]
        );
        assert_eq!((checked.debtors.len(), checked.duplicates, checked.rejected), (1, 1, 5));
        assert_eq!(checked.problems[2].column.as_deref(), Some("Celular"));
        assert_eq!(checked.problems[2].value.as_deref(), Some("12"));
    }
}
