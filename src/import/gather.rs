//! The cells of a workbook, whoever reads it, put together to rows: as a person would type them, and no longer than can be kept.

use std::{
    fmt::{Display, Write as _},
    io,
    ops::ControlFlow,
};

use calamine::{Data, DataRef, ExcelDateTime};

use super::{
    line::{Kind, Line},
    sheet::{MAX_COLUMNS, MAX_LETTERS, clean},
    workbook::{Failure, Refusal},
};

/// Takes rows, until it has enough of them.
pub(super) type Take<'take> = dyn FnMut(&Line) -> io::Result<ControlFlow<()>> + 'take;

/// Puts cells together to rows.
pub(super) struct Rows<'rows, 'take> {
    take: &'rows mut Take<'take>,
    current: Line,
    /// The last number as text.
    number: String,
}

/// Bytes of the texts in the longest row; cells refer to texts, so that a small file may have the longest text in each of many.
const LONGEST_ROW: usize = 4 << 20;

impl<'rows, 'take> Rows<'rows, 'take> {
    pub fn new(take: &'rows mut Take<'take>) -> Self {
        Self { take, current: Line::default(), number: String::new() }
    }

    /// Gives the last row on, unless there are enough.
    pub fn end(&mut self, ended: ControlFlow<()>) -> Result<(), Failure> {
        if ended.is_continue() { self.flush().map(drop) } else { Ok(()) }
    }

    pub fn put_all(&mut self, range: &calamine::Range<Data>) -> Result<ControlFlow<()>, Failure> {
        let (first, left) = range.start().unwrap_or_default();
        for (row, cells) in (first..).zip(range.rows()) {
            for (column, data) in (left..).zip(cells) {
                if self.put_data((row, column), data)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub fn put(&mut self, position: (u32, u32), value: &DataRef<'_>) -> Result<ControlFlow<()>, Failure> {
        match value {
            DataRef::String(text) => self.place(position, Kind::Text, &clean(text)),
            DataRef::SharedString(text) => self.place(position, Kind::Text, &clean(text)),
            other => self.put_data(position, &Data::from(other.clone())),
        }
    }

    /// A cell as a person would type it: numbers without an exponent, dates in ISO 8601, and the errors of formulas by their names.
    pub fn put_data(&mut self, position: (u32, u32), data: &Data) -> Result<ControlFlow<()>, Failure> {
        match data {
            Data::Empty => self.place(position, Kind::Text, ""),
            Data::String(text) => self.place(position, Kind::Text, &clean(text)),
            Data::Float(number) => self.place_number(position, number),
            Data::Int(number) => self.place_number(position, number),
            Data::DateTime(date) if date.is_datetime() => self.place(position, Kind::Text, &moment(date)),
            Data::DateTimeIso(date) => self.place(position, Kind::Text, &clean(date.split('T').next().unwrap_or(date))),
            other => self.place(position, Kind::Text, &clean(&other.to_string())),
        }
    }

    fn place_number(&mut self, position: (u32, u32), number: &impl Display) -> Result<ControlFlow<()>, Failure> {
        let mut text = std::mem::take(&mut self.number);
        text.clear();
        write!(text, "{number}").map_err(io::Error::other)?;
        let placed = self.place(position, Kind::Number, &text);
        self.number = text;
        placed
    }

    /// Rows and columns from 0.
    pub fn place(&mut self, (row, column): (u32, u32), kind: Kind, text: &str) -> Result<ControlFlow<()>, Failure> {
        let row = u64::from(row) + 1;
        if row != self.current.number() {
            if self.flush()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.current.begin(row);
        }
        if text.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if text.len() > MAX_LETTERS && text.chars().count() > MAX_LETTERS {
            return Err(Refusal::CellTooLong { row }.into());
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            return Err(Refusal::TooWide { row }.into());
        }
        if self.current.bytes() + text.len() > LONGEST_ROW {
            return Err(Refusal::Bomb.into());
        }
        self.current.put(column, kind, text);
        Ok(ControlFlow::Continue(()))
    }

    fn flush(&mut self) -> Result<ControlFlow<()>, Failure> {
        if self.current.is_blank() { Ok(ControlFlow::Continue(())) } else { Ok((self.take)(&self.current)?) }
    }
}

fn moment(date: &ExcelDateTime) -> String {
    match date.as_datetime() {
        // Less than a day is a time.
        Some(moment) if date.as_f64() < 1.0 => moment.time().to_string(),
        Some(moment) => moment.date().to_string(),
        None => date.as_f64().to_string(),
    }
}
