//! The check of a file: each row a debtor, or the reason why not.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map::Entry},
    hash::{BuildHasher as _, RandomState},
};

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
    /// One for each debt, in the order of the file.
    pub debtors: Vec<DebtorDetails>,
    /// Rows that were rejected or repeat an earlier row.
    pub problems: Vec<ReportRow>,
    /// What was left out of debtors.
    pub warnings: Vec<ReportRow>,
    /// Those of the debtors who are in an earlier row, with another debt.
    pub debts_added: u64,
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
                checked.debts_added += u64::from(good.another);
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
    /// Whether it is another debt of somebody who is in an earlier row.
    pub another: bool,
    /// What was left out, or may be wrong.
    pub warnings: Vec<ReportRow>,
    /// How the phone was corrected.
    pub corrected: Option<Proposal>,
}

/// Checks one row after the other.
pub struct Check<'plan> {
    plan: &'plan CommitPlan,
    headers: BTreeMap<usize, String>,
    seen: Seen,
}

/// The phones and references of earlier rows.
#[derive(Default)]
struct Seen {
    /// Phones have at most 15 digits, so that each is a number of its own. Beside it is the reference that it first came with, of which
    /// only eight bytes are kept: none is 0.
    first: HashMap<u64, u64>,
    /// What else these phones came with, which is little in most files.
    more: HashSet<(u64, u64)>,
    hasher: RandomState,
}

/// What a row is beside those before it.
enum Sighting {
    /// Somebody else.
    First,
    /// Another debt of somebody who is in an earlier row.
    Another,
    /// What an earlier row says; or it may be, since one of the two has no reference.
    Again,
}

impl Seen {
    fn see(&mut self, debtor: &DebtorDetails) -> Sighting {
        let Ok(phone) = debtor.phone.digits().parse() else { return Sighting::Again };
        let reference = debtor.debts.oldest().and_then(|debt| debt.reference.as_ref());
        let reference = reference.map_or(0, |reference| self.hasher.hash_one(reference).max(1));
        match self.first.entry(phone) {
            Entry::Vacant(entry) => {
                entry.insert(reference);
                Sighting::First
            }
            Entry::Occupied(first) => {
                let known = *first.get();
                let new = known != 0 && reference != 0 && known != reference;
                if new && self.more.insert((phone, reference)) { Sighting::Another } else { Sighting::Again }
            }
        }
    }
}

impl<'plan> Check<'plan> {
    /// A check of a whole file; `headers` names the columns in the report.
    pub fn new(plan: &'plan CommitPlan, headers: BTreeMap<usize, String>) -> Self {
        Self { plan, headers, seen: Seen::default() }
    }

    /// The debtor in a row, or why there is none.
    pub fn row(&mut self, row: &Row) -> Result<Good, ReportRow> {
        let mut cells = Cells::new(row, self.plan);
        let told = |told: Told| self.report(row, told);
        let debtor = cells.debtor().map_err(told)?;
        let (warnings, corrected) = (cells.warnings, cells.corrected);
        let another = match self.seen.see(&debtor) {
            Sighting::First => false,
            Sighting::Another => true,
            Sighting::Again => return Err(self.report(row, Told::new(Reason::DuplicateInFile, Field::Phone))),
        };
        let warnings = warnings.into_iter().map(|told| self.report(row, told)).collect();
        Ok(Good { debtor, another, warnings, corrected })
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
        domain::{clocks, duplicates::Duplicates, money::Decimal, phone_slip::Slip},
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
            duplicates: Duplicates::all(true),
            ask: false,
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
        let debt = debtor.debts.oldest().unwrap();
        assert_eq!((debt.amount.unwrap().minor, debt.due_date.unwrap().to_string().as_str()), (150_000, "2026-12-31"));
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
        let debt = debtor.debts.oldest().unwrap();
        assert_eq!((debt.amount.unwrap().minor, debt.due_date.unwrap().to_string().as_str()), (150_013, "2026-12-31"));
    }

    #[test]
    fn an_amount_that_contradicts_the_currency_column_is_refused() {
        let mapping = [Field::Name, Field::Phone, Field::Amount, Field::Currency].into_iter().enumerate();
        let mapping = mapping.map(|(index, field)| Mapping { index, field, variable: None }).collect();
        let plan = CommitPlan { mapping, ..plan() };
        let cells = |amount, currency| row(2, ["Ana", "3001234567", amount, currency, "", ""]);
        let debt = |row| check(&[row], &BTreeMap::new(), &plan).debtors.first().and_then(|debtor| debtor.debts.total());
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
        assert_eq!(Field::TimeZone.as_str(), clocks::FIELD, "where the contact policy looks for it");
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
    fn another_reference_is_another_debt_of_the_same_person() {
        let mapping = [Field::Name, Field::Phone, Field::Amount, Field::Reference].into_iter().enumerate();
        let mapping = mapping.map(|(index, field)| Mapping { index, field, variable: None }).collect();
        let plan = CommitPlan { mapping, ..plan() };
        let told = |rows: &[(&str, &str)]| {
            let mut check = Check::new(&plan, BTreeMap::new());
            let row = |(phone, reference): &(&str, &str)| row(2, ["Ana", phone, "5", reference, "", ""]);
            let sight = |cells| match check.row(&row(cells)) {
                Ok(good) => {
                    if good.another {
                        "another"
                    } else {
                        "first"
                    }
                }
                Err(problem) => problem.reason.as_str(),
            };
            rows.iter().map(sight).collect::<Vec<_>>()
        };
        let [one, two] = ["3001234567", "3001234568"];
        assert_eq!(
            told(&[(one, "a"), (one, "b"), (two, "a"), (one, "a"), (one, "b"), (one, "c"), (two, "a")]),
            ["first", "another", "first", "duplicate_in_file", "duplicate_in_file", "another", "duplicate_in_file"]
        );
        // Without a reference nobody can tell that it is another one.
        assert_eq!(told(&[(one, "a"), (one, "")]), ["first", "duplicate_in_file"]);
        assert_eq!(told(&[(one, ""), (one, "a")]), ["first", "duplicate_in_file"]);
        assert_eq!(told(&[(one, ""), (one, "")]), ["first", "duplicate_in_file"]);
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
                (5, Reason::PhoneTooShort),
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
