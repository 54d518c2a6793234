//! One row of a spreadsheet: a debtor, or the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    CommitPlan, Field, Mapping, date,
    report::{Reason, ReportRow},
    sheet::Row,
};
use crate::domain::{
    debtor::DebtorDetails,
    money::{Currency, Decimal, Money},
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
    // A failed formula is invalid where a phone, an amount or a date should be, and nothing where any text may be.
    let text = |field| value(row, plan, field).filter(|value| !is_error(value));
    let name = text(Field::Name).ok_or((Reason::NameMissing, Field::Name))?;
    let column_currency: Option<Currency> = value(row, plan, Field::Currency)
        .map(|text| text.parse().map_err(|_| (Reason::CurrencyInvalid, Field::Currency)))
        .transpose()?;
    let currency = column_currency.unwrap_or(plan.currency);
    let is_number = |field| column(plan, field).is_some_and(|mapping| row.is_number(mapping.index));
    // A workbook's own numbers have a decimal point whatever its language.
    let decimal = if is_number(Field::Amount) { Decimal::Point } else { plan.decimal };
    let amount = |text| Money::parse(text, currency, decimal).map_err(|_| (Reason::AmountInvalid, Field::Amount));
    let due = |text| {
        let date = if is_number(Field::DueDate) { date::serial(text) } else { date::read(text, plan.date_order) };
        date.ok_or((Reason::DueDateInvalid, Field::DueDate))
    };
    let tags = text(Field::Tags).unwrap_or_default().split([',', ';', '|']).map(|tag| tag.trim().to_lowercase());
    let debt = value(row, plan, Field::Amount).map(amount).transpose()?;
    if column_currency.is_some() && debt.is_some_and(|debt| debt.currency != currency) {
        return Err((Reason::CurrencyInvalid, Field::Amount));
    }
    Ok(DebtorDetails {
        phone,
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        reference: text(Field::Reference).map(str::to_owned),
        debt,
        due_date: value(row, plan, Field::DueDate).map(due).transpose()?,
        tags: tags.filter(|tag| !tag.is_empty()).chain(plan.tags.iter().cloned()).collect(),
        fields: custom(row, plan),
    })
}

fn custom(row: &Row, plan: &CommitPlan) -> BTreeMap<String, String> {
    let columns = plan.mapping.iter().filter(|mapping| mapping.field == Field::Custom);
    let named = columns
        .filter_map(|mapping| Some((variable(mapping.variable.as_deref()?), row.cell(mapping.index).to_owned())));
    named.filter(|(name, value)| !name.is_empty() && !value.is_empty() && !is_error(value)).collect()
}

/// A column's name as a template can write it: `Días de mora` → `dias_de_mora`, `30 días` → `_30_dias`.
fn variable(name: &str) -> String {
    let name = words(name).replace(' ', "_");
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// Whether a spreadsheet shows the text where a formula has failed, in whatever language: `#N/A`, `#¡DIV/0!`, `#NOME?`.
fn is_error(text: &str) -> bool {
    let Some(name) = text.strip_prefix('#') else { return false };
    let shouted = |letter: char| letter.is_uppercase() || letter.is_ascii_digit() || "/!?¡¿".contains(letter);
    (name.ends_with(['!', '?']) || matches!(name, "N/A" | "N/D")) && name.chars().all(shouted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Cell, DateOrder};

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
        Row { number, cells: cells.map(Cell::text).to_vec() }
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
    fn numbers_of_a_workbook_are_read_as_numbers() {
        let mut row = row(2, ["Ana", "", "", "", "", ""]);
        for (index, number) in [(1, "573001234567"), (2, "1500.125"), (3, "46387")] {
            row.cells[index] = Cell::Number(number.to_owned());
        }
        let plan = CommitPlan { decimal: Decimal::Comma, ..plan() };
        let checked = check(&[row], &BTreeMap::new(), &plan);
        assert_eq!(checked.problems, []);
        let debtor = &checked.debtors[0];
        assert_eq!(debtor.debt.unwrap().minor, 150_013);
        assert_eq!(debtor.due_date.unwrap().to_string(), "2026-12-31");
    }

    #[test]
    fn an_amount_that_contradicts_the_currency_column_is_refused() {
        let mapping = [Field::Name, Field::Phone, Field::Amount, Field::Currency].into_iter().enumerate();
        let mapping = mapping.map(|(index, field)| Mapping { index, field, variable: None }).collect();
        let plan = CommitPlan { mapping, ..plan() };
        let cells = |amount, currency| row(2, ["Ana", "3001234567", amount, currency, "", ""]);
        let debt = |row| check(&[row], &BTreeMap::new(), &plan).debtors.first().and_then(|debtor| debtor.debt);
        assert_eq!(debt(cells("USD 5", "")).map(|debt| debt.currency.as_str().to_owned()).as_deref(), Some("USD"));
        assert_eq!(debt(cells("USD 5", "usd")).map(|debt| debt.minor), Some(500));
        assert_eq!(debt(cells("USD 5", "COP")), None);
    }

    #[test]
    fn failed_formulas_are_told_from_names() {
        for text in ["#N/A", "#N/D", "#¡DIV/0!", "#REF!", "#¿NOMBRE?", "#NOME?"] {
            assert!(is_error(text), "{text}");
        }
        for text in ["#1", "# 12-34", "#vip", "#VIP", "#VENDIDO YA!", "N/A", ""] {
            assert!(!is_error(text), "{text}");
        }
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
