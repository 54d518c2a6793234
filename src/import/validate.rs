//! The check of a file: each row a debtor, or the reason why not.

use std::collections::{BTreeMap, HashSet};

use super::{
    CommitPlan, Field,
    cells::{Cells, Told, column},
    report::{Proposed, Reason, ReportRow},
    sheet::Row,
};
use crate::domain::{debtor::DebtorDetails, phone_slip::Proposal};

/// What the rows of a small table are.
#[derive(Debug, Default)]
pub struct Checked {
    /// One per phone, in the order of the file.
    pub debtors: Vec<DebtorDetails>,
    /// Rows that were rejected or have the phone of an earlier row.
    pub problems: Vec<ReportRow>,
    /// What was left out of debtors.
    pub warnings: Vec<ReportRow>,
    pub duplicates: u64,
    pub rejected: u64,
}

/// Checks rows against a plan; `headers` names the columns in the report.
pub fn check(rows: &[Row], headers: &BTreeMap<usize, String>, plan: &CommitPlan) -> Checked {
    let mut checked = Checked::default();
    let mut check = Check::new(plan, headers.clone());
    for row in rows {
        match check.row(row) {
            Ok(good) => {
                checked.debtors.push(good.debtor);
                checked.warnings.extend(good.warnings);
            }
            Err(problem) => {
                *(if problem.reason == Reason::DuplicateInFile {
                    &mut checked.duplicates
                } else {
                    &mut checked.rejected
                }) += 1;
                checked.problems.push(problem);
            }
        }
    }
    checked
}

/// A row that can be stored.
#[derive(Debug)]
pub struct Good {
    pub debtor: DebtorDetails,
    /// What was left out, or may be wrong.
    pub warnings: Vec<ReportRow>,
    /// How the phone was corrected.
    pub corrected: Option<Proposal>,
}

/// Checks one row after the other.
pub struct Check<'plan> {
    plan: &'plan CommitPlan,
    headers: BTreeMap<usize, String>,
    /// The phones of earlier rows: at most 15 digits, so that each is a number of its own.
    seen: HashSet<u64>,
}

impl<'plan> Check<'plan> {
    /// A check of a whole file; `headers` names the columns in the report.
    pub fn new(plan: &'plan CommitPlan, headers: BTreeMap<usize, String>) -> Self {
        Self { plan, headers, seen: HashSet::new() }
    }

    /// The debtor in a row, or why there is none.
    pub fn row(&mut self, row: &Row) -> Result<Good, ReportRow> {
        let mut cells = Cells::new(row, self.plan);
        let told = |told: Told| self.report(row, told);
        let debtor = cells.debtor().map_err(told)?;
        let (warnings, corrected) = (cells.warnings, cells.corrected);
        let is_new = debtor.phone.digits().parse().is_ok_and(|digits| self.seen.insert(digits));
        if !is_new {
            return Err(self.report(row, Told::new(Reason::DuplicateInFile, Field::Phone)));
        }
        let warnings = warnings.into_iter().map(|told| self.report(row, told)).collect();
        Ok(Good { debtor, warnings, corrected })
    }

    /// The phone as it stands in a row.
    pub fn phone_of<'row>(&self, row: &'row Row) -> Option<&'row str> {
        column(self.plan, Field::Phone).map(|mapping| row.cell(mapping.index))
    }

    fn report(&self, row: &Row, told: Told) -> ReportRow {
        let index = told.index.or_else(|| column(self.plan, told.field).map(|mapping| mapping.index));
        ReportRow {
            row: row.number,
            reason: told.reason,
            column: index.and_then(|index| self.headers.get(&index).cloned()),
            value: index.map(|index| row.cell(index).to_owned()).filter(|value| !value.is_empty()),
            proposal: told.proposal.as_ref().map(Proposed::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{money::Decimal, phone_slip::Slip},
        import::{Cell, DateOrder, Mapping},
    };

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
            decimal: Decimal::Auto,
            tags: ["noviembre".to_owned()].into(),
            update_existing: true,
            corrections: [].into(),
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
    fn further_cells_are_kept_in_one_form_or_told_and_left_out() {
        use Field::{Company, Country, Language, Name, Phone, SecondPhone, TimeZone};
        let fields = [Name, Phone, SecondPhone, Language, TimeZone, Company, Country].into_iter().enumerate();
        let mapping = fields.map(|(index, field)| Mapping { index, field, variable: None }).collect();
        let plan = CommitPlan { mapping, ..plan() };
        let row = |cells: [&str; 7]| Row { number: 2, cells: cells.map(Cell::text).to_vec() };
        let headers = BTreeMap::from([(2, "Tel. 2".to_owned())]);
        let of = |cells| check(&[row(cells)], &headers, &plan);
        let good = of(["Ana", "55 1234 5678", "55 8765 4321", "Español", "Monterrey", " Banco  Uno ", "México"]);
        assert_eq!(good.warnings, []);
        let fields: Vec<(&str, &str)> =
            good.debtors[0].fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("company", "Banco Uno"),
            ("language", "es"),
            ("second_phone", "+525587654321"),
            ("time_zone", "America/Monterrey"),
        ];
        assert_eq!((good.debtors[0].phone.as_str(), &fields[..]), ("+525512345678", &expected[..]));
        let odd = of(["Ana", "3001234567", "12", "klingon", "CST", "#N/A", ""]);
        let mut reasons: Vec<&str> = odd.warnings.iter().map(|warning| warning.reason.as_str()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons, ["formula_failed", "language_unknown", "second_phone_invalid", "time_zone_unknown"]);
        assert!(odd.debtors[0].fields.is_empty());
        assert!(
            odd.warnings
                .iter()
                .any(|warning| warning.column.as_deref() == Some("Tel. 2") && warning.value.as_deref() == Some("12"))
        );
        let nowhere = of(["Ana", "3001234567", "", "", "", "", "Narnia"]);
        assert_eq!(nowhere.problems[0].reason, Reason::CountryUnknown);
        assert_eq!(of(["Ana", "+57 3001234567", "", "", "", "", "Narnia"]).debtors.len(), 1);
    }

    #[test]
    fn phones_are_corrected_only_where_that_was_agreed_to() {
        let row = row(2, ["Ana", "57573001234567", "", "", "", ""]);
        let refused = check(std::slice::from_ref(&row), &BTreeMap::new(), &plan());
        assert_eq!(refused.problems[0].reason, Reason::PhoneMistyped);
        let proposal = refused.problems[0].proposal.as_ref().unwrap();
        assert_eq!((proposal.slip.as_str(), proposal.phone.as_str()), ("doubled_country_code", "+573001234567"));
        let plan = CommitPlan { corrections: [Slip::DoubledCountryCode].into(), ..plan() };
        let good = Check::new(&plan, BTreeMap::new()).row(&row).unwrap();
        assert_eq!((good.debtor.phone.as_str(), good.corrected.is_some()), ("+573001234567", true));
    }

    #[test]
    fn several_columns_of_tags_all_count() {
        let mapping = [Field::Name, Field::Phone, Field::Tags, Field::Tags].into_iter().enumerate();
        let mapping = mapping.map(|(index, field)| Mapping { index, field, variable: None }).collect();
        let plan = CommitPlan { mapping, ..plan() };
        let checked = check(&[row(2, ["Ana", "3001234567", "a; b", "c", "", ""])], &BTreeMap::new(), &plan);
        assert_eq!(checked.debtors[0].tags.len(), 4);
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
