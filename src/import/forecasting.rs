//! What would become of a file: its rows are checked, and the good ones looked at beside the debtors who are known. Nothing is written.

use std::{collections::BTreeMap, ops::ControlFlow};

use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    CommitPlan, Forecast, ImportError, Importer,
    committing::WAITING_CHUNKS,
    report::{Correction, Reason},
    storing::{CHUNK, Chunk, Source, send},
    table,
    validate::{Check, Good},
};
use crate::{
    domain::{id::ImportId, phone_slip::Slip},
    store::{FileRow, Foreseen},
};

/// Rows that a forecast looks at unless it is asked for all: they tell which kinds of slips a file has.
const FORECAST_ROWS: u64 = 20_000;
/// Rows that a forecast names, and phones that it shows of each kind of slip.
const EXAMPLES: usize = 20;
const EXAMPLE_PHONES: usize = 3;
/// Rows that differ from what is known, of which a person can decide one by one.
const DIFFERING: usize = 200;

impl Importer {
    /// What would become of a previewed import's rows, of the first ones or of all; stores nothing.
    pub async fn forecast(&self, id: ImportId, plan: CommitPlan, whole: bool) -> Result<Forecast, ImportError> {
        plan.check()?;
        let (_, summary) = self.waiting(id).await?;
        // Who is changed while we look may be looked at before: better to take that for a change too many.
        let seen_at = self.clock.now();
        let (program, path) = (self.program.clone(), self.file(id));
        let (sender, chunks) = mpsc::channel(WAITING_CHUNKS);
        let checking = spawn_blocking(move || {
            let source = Source { program: &program, path: &path, sheet: summary.sheet.as_deref() };
            forecast(&source, &plan, if whole { u64::MAX } else { FORECAST_ROWS }, &sender)
        });
        let foreseen = self.foresee(chunks).await;
        let forecast = checking.await?;
        let foreseen = foreseen?;
        Ok(Forecast { known: foreseen, seen_at, ..forecast? })
    }

    /// Asks the database of each chunk; whoever reads the file goes no further ahead than the channel is long.
    async fn foresee(&self, mut chunks: mpsc::Receiver<Chunk>) -> Result<Foreseen, ImportError> {
        let mut foreseen = Foreseen::default();
        while let Some((rows, _)) = chunks.recv().await {
            let free = DIFFERING.saturating_sub(foreseen.examples.len());
            foreseen += self.store.foresee(&rows, free).await?;
        }
        Ok(foreseen)
    }
}

/// What would become of the first `rows` rows of a file by itself; the good ones go to `chunks`.
fn forecast(
    source: &Source<'_>,
    plan: &CommitPlan,
    rows: u64,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<Forecast, ImportError> {
    let mut forecast = Forecast { complete: true, ..Forecast::default() };
    let mut slips = BTreeMap::new();
    let mut check = None;
    let mut chunk = Vec::with_capacity(CHUNK);
    table::read(source.program, source.path, source.sheet, &mut |layout, row| {
        if forecast.rows == rows {
            forecast.complete = false;
            return Ok(ControlFlow::Break(()));
        }
        let check = check.get_or_insert_with(|| Check::new(plan, layout.headers()));
        forecast.rows += 1;
        let told = match check.row(&row) {
            Ok(Good { debtor, another, warnings, corrected }) => {
                forecast.good += 1;
                forecast.warnings += u64::from(!warnings.is_empty());
                if let Some(proposal) = corrected {
                    let phone = check.phone_of(&row).unwrap_or_default();
                    note(&mut slips, proposal.slip, phone, proposal.phone.as_str());
                }
                chunk.push(FileRow { number: row.number, another, details: debtor });
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
        if chunk.len() < CHUNK {
            return Ok(ControlFlow::Continue(()));
        }
        Ok(send(chunks, std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)), forecast.rows))
    })?;
    let _whole = send(chunks, chunk, forecast.rows);
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
