//! Reads every file of `tests/fixtures/imports` and compares with what a person would read in it, which stands in the JSON file
//! beside it. The folder's README explains how to add one.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use whatsmassive::{
    domain::{debtor::DebtorDetails, duplicates::Duplicates, money::Decimal},
    import::{self, CommitPlan, Field, Layout, Mapping, ReportRow, Sheet},
};

/// The least number of files that cover what spreadsheets come with.
const LEAST: usize = 60;

/// What a file is expected to be read as. What is left out is expected to be absent.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Reading {
    /// Why the file is here.
    about: String,
    /// What a person sets in the wizard; what they leave alone is as detected, or else Colombia, its peso, and day before month.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    plan: BTreeMap<String, String>,
    /// Why the whole file is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheets: Option<Vec<String>>,
    /// The one that is read, where it is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    /// From 1; 0 where the file has none.
    header_row: u64,
    /// Rows below the header.
    rows: usize,
    /// `Header: field` for each column, the field left out where it is none of ours.
    columns: Vec<String>,
    /// Country, currency and order of dates that the values show.
    detected: Vec<String>,
    /// `phone | name | 1500.50 COP | 2026-12-31 | ref A-1 | #tag | variable=value`
    debtors: Vec<String>,
    /// How many of them are another debt of somebody in an earlier row.
    #[serde(skip_serializing_if = "is_zero")]
    debts_added: u64,
    /// `row: reason (column: value) → proposed phone`
    rejected: Vec<String>,
    /// The same of rows that are read all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[test]
fn every_file_is_read_as_a_person_would() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/imports");
    let files = files(&folder);
    assert!(files.len() >= LEAST, "only {} files", files.len());
    let mut wrong = String::new();
    for (name, file, expected) in &files {
        let text = std::fs::read_to_string(expected).unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
        let expected: Reading = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = reading(file, &expected);
        if read != expected {
            let json = |reading| serde_json::to_string_pretty(reading).unwrap();
            write!(wrong, "\n{name}\nexpected {}\nread {}\n", json(&expected), json(&read)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each file's name, its path and the path of what is expected.
fn files(folder: &Path) -> Vec<(String, PathBuf, PathBuf)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end != "json" && end != "md"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path.clone(), json_beside(&path)))
        .collect();
    files.sort();
    files
}

/// `a.csv` → `a.csv.json`
fn json_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

fn reading(file: &Path, expected: &Reading) -> Reading {
    let known = Reading { about: expected.about.clone(), plan: expected.plan.clone(), ..Reading::default() };
    let program = Path::new(env!("CARGO_BIN_EXE_whatsmassive"));
    let sheet = match expected.plan.get("sheet") {
        Some(name) => import::read_sheet(program, file, name),
        None => import::read(program, file),
    };
    let Sheet { rows, source } = match sheet {
        Ok(sheet) => sheet,
        Err(error) => return Reading { refused: Some(error.to_string()), ..known },
    };
    let layout = match Layout::of(&rows) {
        Ok(layout) => layout,
        Err(error) => return Reading { refused: Some(error.to_string()), ..known },
    };
    let plan = plan(&layout, &expected.plan);
    if let Err(error) = plan.check() {
        return Reading { refused: Some(error.to_string()), ..known };
    }
    let checked = import::check(layout.body(&rows), &layout.headers(), &plan);
    let detected = &layout.detected;
    let order = detected.date_order.map(|order| order.as_str().to_owned());
    let column = |column: &import::Column| match column.detected {
        Some(field) => format!("{}: {}", column.header, field.as_str()),
        None => column.header.clone(),
    };
    Reading {
        delimiter: source.delimiter,
        encoding: source.encoding.map(str::to_owned),
        sheet: source
            .sheet
            .filter(|sheet| source.sheets.iter().flatten().next().is_some_and(|first| first.name != *sheet)),
        sheets: source.sheets.map(|sheets| sheets.into_iter().map(|sheet| sheet.name).collect()),
        header_row: layout.header_row(&rows),
        rows: layout.body(&rows).len(),
        columns: layout.columns.iter().map(column).collect(),
        detected: [detected.country.clone(), detected.currency.clone(), order].into_iter().flatten().collect(),
        debtors: checked.debtors.iter().map(debtor).collect(),
        debts_added: checked.debts_added,
        rejected: checked.problems.iter().map(problem).collect(),
        warnings: checked.warnings.iter().map(problem).collect(),
        ..known
    }
}

/// What the wizard proposes, changed by what `set` says.
fn plan(layout: &Layout, set: &BTreeMap<String, String>) -> CommitPlan {
    let detected = &layout.detected;
    let setting = |key: &str, detected: Option<String>, or: &str| {
        set.get(key).cloned().or(detected).unwrap_or_else(|| or.to_owned())
    };
    let mapping = layout.columns.iter().map(|column| {
        // A person says which column the phones are in, where nothing tells.
        let phone = set.get("phone").filter(|header| **header == column.header).map(|_| Field::Phone);
        let field = phone.or(column.detected).unwrap_or(Field::Custom);
        Mapping { index: column.index, field, variable: (field == Field::Custom).then(|| column.header.clone()) }
    });
    CommitPlan {
        mapping: mapping.collect(),
        country: setting("country", detected.country.clone(), "CO").parse().unwrap(),
        currency: setting("currency", detected.currency.clone(), "COP").parse().unwrap(),
        date_order: setting("date_order", detected.date_order.map(|order| order.as_str().to_owned()), "dmy")
            .parse()
            .unwrap(),
        decimal: match setting("decimal", None, "auto").as_str() {
            "comma" => Decimal::Comma,
            "point" => Decimal::Point,
            _ => Decimal::Auto,
        },
        tags: [].into(),
        duplicates: Duplicates::all(true),
        ask: false,
        corrections: set
            .get("corrections")
            .into_iter()
            .flat_map(|slips| slips.split(' '))
            .map(|slip| slip.parse().unwrap())
            .collect(),
    }
}

fn debtor(debtor: &DebtorDetails) -> String {
    let mut parts = vec![debtor.phone.as_str().to_owned(), debtor.name.clone()];
    let debt = debtor.debts.oldest();
    parts.extend(debt.and_then(|debt| debt.amount).map(|debt| {
        let scale = 10_i64.pow(debt.currency.decimals());
        let (whole, fraction, width) = (debt.minor / scale, debt.minor % scale, debt.currency.decimals() as usize);
        let cents = if width == 0 { String::new() } else { format!(".{fraction:0width$}") };
        format!("{whole}{cents} {}", debt.currency.as_str())
    }));
    parts.extend(debt.and_then(|debt| debt.due_date).map(|date| date.to_string()));
    parts.extend(debt.and_then(|debt| debt.reference.as_ref()).map(|reference| format!("ref {reference}")));
    parts.extend(debtor.tags.iter().map(|tag| format!("#{tag}")));
    parts.extend(debtor.fields.iter().map(|(name, value)| format!("{name}={value}")));
    parts.join(" | ")
}

fn problem(problem: &ReportRow) -> String {
    let about = match (&problem.column, &problem.value) {
        (None, _) => String::new(),
        (Some(column), None) => format!(" ({column})"),
        (Some(column), Some(value)) => format!(" ({column}: {value})"),
    };
    let proposal = problem.proposal.as_ref().map_or_else(String::new, |proposed| format!(" → {}", proposed.phone));
    format!("{}: {}{about}{proposal}", problem.row, problem.reason.as_str())
}
