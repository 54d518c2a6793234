//! An export as CSV in UTF-8, with the mark by which Excel knows that.

use std::borrow::Cow;

use super::{Cell, Export, ExportError, decimal};

/// How a cell begins that spreadsheets take for a formula (OWASP, "CSV Injection").
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// The text of an export, piece by piece.
pub struct Csv {
    export: Export,
    begun: bool,
}

impl Csv {
    pub fn of(export: Export) -> Self {
        Self { export, begun: false }
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ExportError> {
        if !self.begun {
            self.begun = true;
            let headers = self.export.headers().into_iter().map(Cell::Text).collect();
            let mut text = "\u{feff}".as_bytes().to_vec();
            text.extend(lines(vec![headers])?);
            return Ok(Some(text));
        }
        self.export.next().await?.map(lines).transpose()
    }
}

fn lines(rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, ExportError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(
            row.iter()
                .map(|cell| match cell {
                    Cell::Text(text) => harmless(text),
                    // A number is no formula, whatever its sign.
                    Cell::Amount(amount) => Cow::Owned(decimal(*amount)),
                })
                .map(Cow::into_owned),
        )?;
    }
    writer.into_inner().map_err(|error| ExportError::Io(error.into_error()))
}

/// The text so that no spreadsheet takes it for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_text() {
        for text in ["=1+1", "+573001234567", "-2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "Ana", "a=b", "3-2", "'=1"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn cells_keep_their_quotes_and_lines() {
        let cells = ["a,b", "say \"x\"", "two\nlines", "=1"].map(|text| Cell::Text(text.to_owned())).to_vec();
        let text = String::from_utf8(lines(vec![cells]).unwrap()).unwrap();
        assert_eq!(text, "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",'=1\n");
    }
}
