//! A spreadsheet of debtors, row after row: only the rows that tell where the header is are in memory together.

use std::{ops::ControlFlow, path::Path};

use super::{
    ImportError, Layout,
    header::{self, TELLING_ROWS},
    sheet::{self, Row, Source},
};

/// What a table is, apart from its rows.
#[derive(Debug)]
pub(super) struct Table {
    pub source: Source,
    pub layout: Layout,
    /// From 1, as in the sheet; 0 where there is no header.
    pub header_row: u64,
    /// Rows below the header, as far as it was read.
    pub rows: u64,
}

/// Takes the rows below the header, until it has enough.
pub(super) type TakeBody<'take> = dyn FnMut(&Layout, Row) -> Result<ControlFlow<()>, ImportError> + 'take;

/// Gives each row below the header to `take`; the rest as [`sheet::stream`].
pub(super) fn read(
    program: &Path,
    path: &Path,
    sheet: Option<&str>,
    take: &mut TakeBody<'_>,
) -> Result<Table, ImportError> {
    let mut body = Body { head: Vec::new(), found: None, rows: 0, take };
    let source = sheet::stream(program, path, sheet, &mut |row| body.put(row))?;
    if body.found.is_none() {
        // The table is shorter than what is looked at.
        let _ended = body.begin()?;
    }
    let (layout, header_row) = body.found.ok_or(ImportError::Empty)?;
    Ok(Table { source, layout, header_row, rows: body.rows })
}

/// The rows on their way to `take`.
struct Body<'body, 'take> {
    /// The first rows, until the header is found.
    head: Vec<Row>,
    found: Option<(Layout, u64)>,
    rows: u64,
    take: &'body mut TakeBody<'take>,
}

impl Body<'_, '_> {
    fn put(&mut self, row: Row) -> Result<ControlFlow<()>, ImportError> {
        if self.found.is_some() {
            return self.give(row);
        }
        self.head.push(row);
        if self.head.len() < TELLING_ROWS { Ok(ControlFlow::Continue(())) } else { self.begin() }
    }

    fn begin(&mut self) -> Result<ControlFlow<()>, ImportError> {
        let rows = std::mem::take(&mut self.head);
        let layout = header::find(&rows);
        let above = layout.header.map_or(0, |header| header + 1);
        self.found = Some((layout.clone(), layout.header_row(&rows)));
        for row in rows.into_iter().skip(above) {
            if self.give(row)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn give(&mut self, row: Row) -> Result<ControlFlow<()>, ImportError> {
        let Some((layout, _)) = &self.found else { return Ok(ControlFlow::Continue(())) };
        self.rows += 1;
        (self.take)(layout, row)
    }
}
