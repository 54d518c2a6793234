//! From the file to the check: what a whole file comes to. Rows pass through; what is kept of them does not grow with the file, but for
//! eight bytes of each phone and of each reference.

use std::{ops::ControlFlow, path::Path};

use tokio::sync::mpsc;

use super::{
    CommitPlan, ImportError,
    rejects::Rejects,
    report::{Reason, Report, ReportRow},
    table,
    validate::{Check, Good},
};
use crate::store::FileRow;

/// Debtors that go to the store at once: as many as it gives SQLite in one statement.
pub(super) const CHUNK: usize = 4000;
/// Rows that the report names at the most, and warnings; all are counted, and all are in the file of rejected rows.
const REPORTED_ROWS: usize = 500;

/// A file to be read: its path, the sheet, and this program, which reads workbooks.
pub(super) struct Source<'source> {
    pub program: &'source Path,
    pub path: &'source Path,
    pub sheet: Option<&'source str>,
}

/// Good rows, and how many rows were read until then.
pub(super) type Chunk = (Vec<FileRow>, u64);

/// Checks all rows of a file. Debtors go to `chunks` a few thousand at a time, as long as somebody takes them; rows that there is something
/// to say of go to `rejects`. What the store makes of the debtors is not in the report yet.
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
            Ok(Good { debtor, another, warnings, corrected }) => {
                chunk.push(FileRow { number: row.number, another, details: debtor });
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
pub(super) fn send(chunks: &mpsc::Sender<Chunk>, rows: Vec<FileRow>, read: u64) -> ControlFlow<()> {
    match chunks.blocking_send((rows, read)) {
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
