//! An xlsx workbook as Excel, LibreOffice and the usual libraries write it, read in place: several times as fast as by a reader of all that
//! the format allows. Where a workbook has anything else, this says so ([`Odd`]), and calamine has to read it.

use std::{
    collections::HashMap,
    io::{self, Cursor, Read as _},
    sync::Arc,
};

use calamine::{Data, ExcelDateTime, ExcelDateTimeType};
use zip::ZipArchive;

use super::{
    plain_format::{Format, format},
    sheet::clean,
    xml::{Odd, Tags, unescape},
};

/// A file in memory that is cheap to open once more.
pub(super) type Bytes = Cursor<Arc<[u8]>>;

/// Bytes of the largest part that is held in memory: the table of texts, with which the limit of memory is kept by far.
const LARGEST_PART: u64 = 128 << 20;

/// A workbook.
pub(super) struct Plain {
    archive: ZipArchive<Bytes>,
    pub sheets: Vec<PlainSheet>,
    values: Values,
}

/// One of its sheets.
pub(super) struct PlainSheet {
    pub name: String,
    /// Whether it is in sight, and has cells and not a chart.
    pub is_readable: bool,
    path: String,
}

/// What cells refer to.
#[derive(Default)]
pub(super) struct Values {
    /// All texts one after the other, and where each ends.
    texts: String,
    ends: Vec<usize>,
    formats: Vec<Format>,
    /// Whether days are counted from 1904 and not from 1900.
    from_1904: bool,
}

impl Plain {
    pub fn open(file: Bytes) -> Result<Self, Odd> {
        let mut archive = ZipArchive::new(file).map_err(|_| Odd)?;
        let relations = part(&mut archive, "xl/_rels/workbook.xml.rels")?.ok_or(Odd)?;
        let workbook = part(&mut archive, "xl/workbook.xml")?.ok_or(Odd)?;
        let mut values = Values { from_1904: from_1904(&workbook)?, ..Values::default() };
        let sheets = sheets(&workbook, &paths(&relations)?)?;
        if let Some(styles) = part(&mut archive, "xl/styles.xml")? {
            values.read_formats(&styles)?;
        }
        if let Some(texts) = part(&mut archive, "xl/sharedStrings.xml")? {
            values.read_texts(&texts)?;
        }
        Ok(Self { archive, sheets, values })
    }

    /// The XML of a sheet, and what its cells refer to.
    pub fn sheet(&mut self, name: &str) -> Result<(impl io::Read, &Values), Odd> {
        let sheet = self.sheets.iter().find(|sheet| sheet.name == name).ok_or(Odd)?;
        Ok((self.archive.by_name(&sheet.path).map_err(|_| Odd)?, &self.values))
    }
}

/// A part as text; none where there is no such part.
fn part(archive: &mut ZipArchive<Bytes>, path: &str) -> Result<Option<String>, Odd> {
    let part = match archive.by_name(path) {
        Ok(part) => part,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(_) => return Err(Odd),
    };
    let mut text = String::new();
    let read = part.take(LARGEST_PART).read_to_string(&mut text).map_err(|_| Odd)?;
    if read as u64 == LARGEST_PART { Err(Odd) } else { Ok(Some(text)) }
}

/// The worksheets' paths by their ids.
fn paths(xml: &str) -> Result<HashMap<&str, String>, Odd> {
    let mut paths = HashMap::new();
    let mut tags = Tags::of_file(xml)?;
    while let Some((_, tag)) = tags.next()? {
        if tag.name != "Relationship" {
            continue;
        }
        let [Some(id), Some(kind), Some(target)] = tag.attributes(["Id", "Type", "Target"])? else { return Err(Odd) };
        // As in an absolute path, or beside the workbook.
        let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
        let expected = match kind.rsplit('/').next() {
            Some("worksheet") => None,
            Some("sharedStrings") => Some("xl/sharedStrings.xml"),
            Some("styles") => Some("xl/styles.xml"),
            _ => continue,
        };
        match expected {
            None => drop(paths.insert(id, path)),
            Some(expected) if path == expected => {}
            Some(_) => return Err(Odd),
        }
    }
    Ok(paths)
}

fn sheets(xml: &str, paths: &HashMap<&str, String>) -> Result<Vec<PlainSheet>, Odd> {
    let mut sheets = Vec::new();
    let mut tags = Tags::of_file(xml)?;
    while let Some((_, tag)) = tags.next()? {
        if tag.name == "sheet" {
            let [Some(name), Some(id), state] = tag.attributes(["name", "r:id", "state"])? else { return Err(Odd) };
            let path = paths.get(id);
            let in_sight = match state {
                None | Some("visible") => true,
                Some("hidden" | "veryHidden") => false,
                Some(_) => return Err(Odd),
            };
            sheets.push(PlainSheet {
                name: unescape(name)?.into_owned(),
                is_readable: in_sight && path.is_some(),
                path: path.cloned().unwrap_or_default(),
            });
        }
    }
    if sheets.is_empty() { Err(Odd) } else { Ok(sheets) }
}

fn from_1904(xml: &str) -> Result<bool, Odd> {
    let mut tags = Tags::of_file(xml)?;
    while let Some((_, tag)) = tags.next()? {
        if tag.name == "workbookPr" {
            return match tag.attributes(["date1904"])? {
                [None | Some("0" | "false")] => Ok(false),
                [Some("1" | "true")] => Ok(true),
                _ => Err(Odd),
            };
        }
    }
    Ok(false)
}

impl Values {
    fn read_formats(&mut self, xml: &str) -> Result<(), Odd> {
        let mut custom = HashMap::new();
        let mut tags = Tags::of_file(xml)?;
        let mut of_cells = false;
        while let Some((_, tag)) = tags.next()? {
            match tag.name {
                "numFmt" => {
                    if let [Some(id), Some(code)] = tag.attributes(["numFmtId", "formatCode"])? {
                        custom.insert(id, unescape(code)?);
                    }
                }
                "cellXfs" => of_cells = !tag.is_empty,
                "/cellXfs" => of_cells = false,
                "xf" if of_cells => {
                    let [id] = tag.attributes(["numFmtId"])?;
                    self.formats.push(id.map_or(Format::Number, |id| format(id, custom.get(id).map(AsRef::as_ref))));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_texts(&mut self, xml: &str) -> Result<(), Odd> {
        let mut tags = Tags::of_file(xml)?;
        let mut text = String::new();
        while let Some((_, tag)) = tags.next()? {
            if tag.name == "si" {
                text.clear();
                read_text(&mut tags, tag.is_empty, "/si", &mut text)?;
                self.texts.push_str(&clean(&text));
                self.ends.push(self.texts.len());
            }
        }
        Ok(())
    }

    /// A text that cells refer to.
    pub fn text(&self, index: &str) -> Result<&str, Odd> {
        let index: usize = index.parse().map_err(|_| Odd)?;
        let end = *self.ends.get(index).ok_or(Odd)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok(&self.texts[start..end])
    }

    /// A number in a style, as it is meant.
    pub fn number(&self, number: f64, style: Option<&str>) -> Result<Data, Odd> {
        let format = match style {
            None => Format::Number,
            Some(style) => *self.formats.get(style.parse::<usize>().map_err(|_| Odd)?).ok_or(Odd)?,
        };
        let kind = match format {
            Format::Number => return Ok(Data::Float(number)),
            Format::Moment => ExcelDateTimeType::DateTime,
            Format::Duration => ExcelDateTimeType::TimeDelta,
        };
        Ok(Data::DateTime(ExcelDateTime::new(number, kind, self.from_1904)))
    }

    /// Whether numbers in a style are numbers, and no dates.
    pub fn is_number(&self, style: Option<&str>) -> bool {
        matches!(self.number(0.0, style), Ok(Data::Float(_)))
    }
}

/// The text of an element, in one piece or in several of a format each.
pub(super) fn read_text(tags: &mut Tags<'_>, is_empty: bool, end: &str, text: &mut String) -> Result<(), Odd> {
    if is_empty {
        return Ok(());
    }
    loop {
        let (_, tag) = tags.tag()?;
        match tag.name {
            "t" => {
                // Spaces around a piece count only where it says so.
                let [space] = tag.attributes(["xml:space"])?;
                let piece = tags.text(tag)?;
                let piece = if space == Some("preserve") { piece } else { piece.trim_matches([' ', '\t', '\r', '\n']) };
                text.push_str(&unescape(piece)?);
            }
            "r" | "/r" => {}
            "rPr" => tags.skip(tag)?,
            // How it is pronounced.
            "rPh" | "phoneticPr" => tags.skip(tag)?,
            name if name == end => return Ok(()),
            _ => return Err(Odd),
        }
    }
}
