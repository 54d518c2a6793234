//! The cells of a sheet of a [`Plain`](super::plain::Plain) workbook, a piece of some hundred rows after the other.

use std::{borrow::Cow, io::Read, ops::ControlFlow};

use calamine::{CellErrorType, Data};
use memchr::memmem;

use super::{
    gather::Rows,
    line::Kind,
    plain::{Values, read_text},
    sheet::clean,
    workbook::Failure,
    xml::{Odd, Tag, Tags, unescape},
};

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;
/// Bytes of the longest row: as many as one of the longest texts takes in each of its columns, and their tags.
const LONGEST: usize = 16 << 20;
const END_OF_ROW: &[u8] = b"</row>";

/// How reading a sheet may end before its end.
pub(super) enum Stop {
    Odd,
    Failed(Failure),
}

impl From<Odd> for Stop {
    fn from(_: Odd) -> Self {
        Self::Odd
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Puts the cells of a sheet into `rows`, until it has enough.
pub(super) fn read(mut input: impl Read, values: &Values, rows: &mut Rows<'_, '_>) -> Result<ControlFlow<()>, Stop> {
    let mut cells = Cells { values, rows, row: 0, is_within: false };
    let mut piece = Vec::new();
    loop {
        let before = piece.len();
        let more = input.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(|_| Odd)? > 0;
        // What was looked through before has no end of a row.
        let from = before.saturating_sub(END_OF_ROW.len());
        let end = match memmem::rfind(&piece[from..], END_OF_ROW) {
            Some(at) => from + at + END_OF_ROW.len(),
            None if more && piece.len() < LONGEST => continue,
            None if more => return Err(Stop::Odd),
            None => piece.len(),
        };
        match cells.read(str::from_utf8(&piece[..end]).map_err(|_| Odd)?)? {
            Step::More if more => drop(piece.drain(..end)),
            Step::More => return Err(Stop::Odd),
            Step::Enough => return Ok(ControlFlow::Break(())),
            Step::End => return Ok(ControlFlow::Continue(())),
        }
    }
}

/// What there is to do after a piece.
enum Step {
    More,
    Enough,
    /// The sheet has no more cells.
    End,
}

struct Cells<'cells, 'rows, 'take> {
    values: &'cells Values,
    rows: &'cells mut Rows<'rows, 'take>,
    /// From 1, as in the sheet.
    row: u32,
    /// Whether it is among the rows, and not before them.
    is_within: bool,
}

impl Cells<'_, '_, '_> {
    fn read(&mut self, piece: &str) -> Result<Step, Stop> {
        let mut tags = Tags::of_file(piece)?;
        let mut column = 0;
        while let Some((_, tag)) = tags.next()? {
            match tag.name {
                "c" if self.is_within => match self.cell(&mut tags, tag, &mut column)? {
                    ControlFlow::Break(()) => return Ok(Step::Enough),
                    ControlFlow::Continue(()) => {}
                },
                "row" if self.is_within => {
                    let [number] = tag.attributes(["r"])?;
                    let number = number.map_or(Ok(self.row + 1), |number| number.parse().map_err(|_| Odd))?;
                    if number <= self.row {
                        return Err(Stop::Odd);
                    }
                    (self.row, column) = (number, 0);
                }
                "/row" => {}
                "sheetData" if tag.is_empty => return Ok(Step::End),
                "sheetData" => self.is_within = true,
                "/sheetData" => return Ok(Step::End),
                _ if self.is_within => return Err(Stop::Odd),
                _ => {}
            }
        }
        Ok(Step::More)
    }

    /// A cell after its opening tag; `column` is that of the cell if it does not say which it is.
    fn cell(&mut self, tags: &mut Tags<'_>, tag: Tag<'_>, column: &mut u32) -> Result<ControlFlow<()>, Stop> {
        let [place, style, kind] = tag.attributes(["r", "s", "t"])?;
        if let Some(place) = place {
            *column = self.column(place)?;
        }
        let position = (self.row.checked_sub(1).ok_or(Odd)?, *column);
        *column += 1;
        Ok(match (content(tags, tag)?, kind) {
            (Content::Nothing, _) => self.rows.place(position, Kind::Text, "")?,
            (Content::Text(text), _) => self.rows.place(position, Kind::Text, &clean(&text))?,
            (Content::Value(value), Some("s")) => self.rows.place(position, Kind::Text, self.values.text(value)?)?,
            (Content::Value(value), Some("str")) => self.rows.place(position, Kind::Text, &clean(&unescape(value)?))?,
            (Content::Value(value), None | Some("n")) if is_whole(value) && self.values.is_number(style) => {
                self.rows.place(position, Kind::Number, value)?
            }
            (Content::Value(value), kind) => self.rows.put_data(position, &self.data(value, kind, style)?)?,
        })
    }

    /// The column of a place such as `AB12`, from 0.
    fn column(&self, place: &str) -> Result<u32, Odd> {
        let letters = place.bytes().take_while(u8::is_ascii_uppercase).count();
        let row: u32 = place[letters..].parse().map_err(|_| Odd)?;
        if !(1..=3).contains(&letters) || row != self.row {
            return Err(Odd);
        }
        let column = place[..letters].bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
        Ok(column - 1)
    }

    fn data(&self, value: &str, kind: Option<&str>, style: Option<&str>) -> Result<Data, Odd> {
        match (kind, value) {
            (None | Some("n"), _) => {
                // Neither signs nor words that other programs take for numbers.
                let plain = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
                let number = value.parse().ok().filter(|number: &f64| plain && number.is_finite());
                self.values.number(number.ok_or(Odd)?, style)
            }
            (Some("b"), "0" | "1") => Ok(Data::Bool(value == "1")),
            (Some("e"), _) => Ok(Data::Error(value.parse::<CellErrorType>().map_err(|_| Odd)?)),
            _ => Err(Odd),
        }
    }
}

/// What is in a cell.
enum Content<'xml> {
    Nothing,
    /// What the cell's kind gives a meaning to.
    Value(&'xml str),
    /// A text of its own.
    Text(Cow<'xml, str>),
}

/// What is in a cell, after its opening tag.
fn content<'xml>(tags: &mut Tags<'xml>, cell: Tag<'_>) -> Result<Content<'xml>, Odd> {
    let mut content = Content::Nothing;
    if cell.is_empty {
        return Ok(content);
    }
    // Nearly all are one of these two.
    if let Some(value) = tags.text_between("<v>", "</v></c>") {
        return Ok(if value.is_empty() { content } else { Content::Value(value) });
    }
    if let Some(text) = tags.text_between("<is><t>", "</t></is></c>") {
        return Ok(Content::Text(unescape(text)?));
    }
    loop {
        let (_, part) = tags.tag()?;
        match (part.name, &content) {
            ("/c", _) => return Ok(content),
            ("f", Content::Nothing) => drop(tags.text(part)?),
            ("v", Content::Nothing) => {
                let value = tags.text(part)?;
                if !value.is_empty() {
                    content = Content::Value(value);
                }
            }
            ("is", Content::Nothing) => {
                let mut text = String::new();
                read_text(tags, part.is_empty, "/is", &mut text)?;
                content = Content::Text(text.into());
            }
            _ => return Err(Odd),
        }
    }
}

/// Whether a number is written as it is shown: a whole one of which every digit counts.
fn is_whole(value: &str) -> bool {
    value.len() <= 15 && !value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit())
}
