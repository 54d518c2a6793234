//! From the file to the check: what a whole file comes to. Rows pass through; what is kept of them does not grow with the file, but for
//! eight bytes of each phone and of each reference.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

use tokio::sync::mpsc;

use super::{
    CommitPlan, ImportError,
    rejects::Rejects,
    report::{Correction, Forecast, Reason, Report, ReportRow},
    table,
    validate::{Check, Good},
};
use crate::domain::{debtor::DebtorDetails, phone_slip::Slip};

/// Debtors that go to the store at once.
pub(super) const CHUNK: usize = 1000;
/// Rows that the report names at the most, and warnings; all are counted, and all are in the file of rejected rows.
const REPORTED_ROWS: usize = 500;
/// Rows that a forecast looks at: they tell which kinds of slips a file has.
const FORECAST_ROWS: u64 = 20_000;
/// Rows that a forecast names, and phones that it shows of each kind of slip.
const EXAMPLES: usize = 20;
const EXAMPLE_PHONES: usize = 3;

/// A file to be read: its path, the sheet, and this program, which reads workbooks.
pub(super) struct Source<'source> {
    pub program: &'source Path,
    pub path: &'source Path,
    pub sheet: Option<&'source str>,
}

/// Debtors, and how many rows were read until then.
pub(super) type Chunk = (Vec<DebtorDetails>, u64);

/// Checks all rows of a file. Debtors go to `chunks` by the thousand, as long as somebody takes them; rows that there is something to
/// say of go to `rejects`. What the store makes of the debtors is not in the report yet.
pub(super) fn check_all(
    source: &Source<'_>,
    plan: &CommitPlan,
    mut rejects: Rejects,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut check = None;
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut read = 0;
    let table = table::read(source.program, source.path, source.sheet, &mut |layout, row| {
        // A file may have few good rows: who has gone is not noticed by sending them alone.
        if chunks.is_closed() {
            return Ok(ControlFlow::Break(()));
        }
        let check = check.get_or_insert_with(|| Check::new(plan, layout.headers()));
        read += 1;
        match check.row(&row) {
            Ok(Good { debtor, warnings, corrected, .. }) => {
                chunk.push(debtor);
                report.corrected += u64::from(corrected.is_some());
                report.warnings += u64::from(!warnings.is_empty());
                name(&mut report.warned, &warnings);
                rejects.put(row, warnings)?;
            }
            Err(problem) => {
                *count(&mut report, problem.reason) += 1;
                name(&mut report.rows, std::slice::from_ref(&problem));
                rejects.put(row, vec![problem])?;
            }
        }
        if chunk.len() < CHUNK {
            return Ok(ControlFlow::Continue(()));
        }
        Ok(send(chunks, std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)), read))
    })?;
    rejects.finish()?;
    let _whole = send(chunks, chunk, table.rows);
    Ok(report)
}

/// Goes on unless nobody takes debtors any more: the store has failed, or a person wants an end.
fn send(chunks: &mpsc::Sender<Chunk>, debtors: Vec<DebtorDetails>, read: u64) -> ControlFlow<()> {
    match chunks.blocking_send((debtors, read)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

fn name(named: &mut Vec<ReportRow>, rows: &[ReportRow]) {
    let free = REPORTED_ROWS.saturating_sub(named.len());
    named.extend(rows.iter().take(free).cloned());
}

fn count(report: &mut Report, reason: Reason) -> &mut u64 {
    if reason == Reason::DuplicateInFile { &mut report.duplicates } else { &mut report.rejected }
}

/// What would become of the first rows of a file.
pub(super) fn forecast(source: &Source<'_>, plan: &CommitPlan) -> Result<Forecast, ImportError> {
    let mut forecast = Forecast { complete: true, ..Forecast::default() };
    let mut slips = BTreeMap::new();
    let mut check = None;
    table::read(source.program, source.path, source.sheet, &mut |layout, row| {
        if forecast.rows == FORECAST_ROWS {
            forecast.complete = false;
            return Ok(ControlFlow::Break(()));
        }
        let check = check.get_or_insert_with(|| Check::new(plan, layout.headers()));
        forecast.rows += 1;
        let told = match check.row(&row) {
            Ok(Good { another, warnings, corrected, .. }) => {
                forecast.good += 1;
                forecast.debts_added += u64::from(another);
                forecast.warnings += u64::from(!warnings.is_empty());
                if let Some(proposal) = corrected {
                    let phone = check.phone_of(&row).unwrap_or_default();
                    note(&mut slips, proposal.slip, phone, proposal.phone.as_str());
                }
                warnings
            }
            Err(problem) => {
                let duplicate = problem.reason == Reason::DuplicateInFile;
                *(if duplicate { &mut forecast.duplicates } else { &mut forecast.rejected }) += 1;
                vec![problem]
            }
        };
        for row in &told {
            if let Some(proposal) = &row.proposal
                && let Ok(slip) = proposal.slip.parse()
            {
                note(&mut slips, slip, row.value.as_deref().unwrap_or_default(), &proposal.phone);
            }
        }
        let free = EXAMPLES.saturating_sub(forecast.examples.len());
        forecast.examples.extend(told.into_iter().take(free));
        Ok(ControlFlow::Continue(()))
    })?;
    forecast.corrections = slips.into_values().collect();
    Ok(forecast)
}

fn note(slips: &mut BTreeMap<Slip, Correction>, slip: Slip, written: &str, meant: &str) {
    let correction = slips.entry(slip).or_insert_with(|| Correction { slip, rows: 0, examples: Vec::new() });
    correction.rows += 1;
    if correction.examples.len() < EXAMPLE_PHONES {
        correction.examples.push((written.to_owned(), meant.to_owned()));
    }
}
