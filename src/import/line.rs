//! A row while a workbook is read: its texts one after the other in one piece of memory, which the next row takes over.

use super::sheet::{Cell, Row};

/// What a cell holds; see [`Cell`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
}

/// A row that is being put together.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// From 1, as a person sees it in the spreadsheet.
    number: u64,
    texts: String,
    /// Of each column up to the last with a value: what it holds, and where in `texts` it begins and ends.
    cells: Vec<(Kind, usize, usize)>,
}

impl Line {
    /// Begins another row.
    pub fn begin(&mut self, number: u64) {
        self.number = number;
        self.texts.clear();
        self.cells.clear();
    }

    /// Puts a value into a column, from 0; the later one counts where a file has two.
    pub fn put(&mut self, column: usize, kind: Kind, text: &str) {
        let start = self.texts.len();
        self.texts.push_str(text);
        let cell = (kind, start, self.texts.len());
        if column >= self.cells.len() {
            self.cells.resize(column, (Kind::Text, 0, 0));
            self.cells.push(cell);
        } else {
            self.cells[column] = cell;
        }
    }

    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Of all texts together.
    pub fn bytes(&self) -> usize {
        self.texts.len()
    }

    pub fn is_blank(&self) -> bool {
        self.cells.is_empty()
    }

    pub fn cells(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.cells.iter().map(|(kind, start, end)| (*kind, &self.texts[*start..*end]))
    }
}

impl From<&Line> for Row {
    fn from(line: &Line) -> Self {
        let cell = |(kind, text): (Kind, &str)| match kind {
            Kind::Text => Cell::Text(text.to_owned()),
            Kind::Number => Cell::Number(text.to_owned()),
        };
        Self { number: line.number, cells: line.cells().map(cell).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_come_in_any_order_and_more_than_once() {
        let mut line = Line::default();
        line.begin(1);
        line.put(0, Kind::Text, "before");
        line.begin(2);
        assert!(line.is_blank());
        for (column, text) in [(3, "d"), (1, "first"), (1, "b")] {
            line.put(column, Kind::Text, text);
        }
        line.put(0, Kind::Number, "1");
        let text = |text: &str| Cell::Text(text.to_owned());
        let cells = vec![Cell::Number("1".to_owned()), text("b"), text(""), text("d")];
        assert_eq!(Row::from(&line), Row { number: 2, cells });
    }
}
