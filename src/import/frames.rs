//! How rows travel from the process that reads a workbook: as bytes with their lengths before them, for a million cells of JSON would take
//! as long to write and to read as the workbook itself.
//!
//! A frame is the length of its content (four bytes), one byte that says what it is, and the content: of a row its number (eight bytes) and
//! its cells, each a byte that says what it is, the length of its text (four bytes) and the text; of the end, JSON. Numbers are
//! little-endian.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    line::{Kind, Line},
    sheet::{Cell, Row},
};

/// The first byte of a frame.
const ROW: u8 = b'r';
const END: u8 = b'e';
/// The first byte of a cell.
const TEXT: u8 = b't';
const NUMBER: u8 = b'n';
/// Bytes of the longest frame: a row is shorter, whatever is in it ([`workbook`](super::workbook) sees to that).
const LONGEST: usize = 16 << 20;

/// What comes out of the pipe.
pub(super) enum Frame<E> {
    Row(Row),
    End(E),
}

/// Writes frames.
pub(super) struct Writer<W> {
    out: W,
    frame: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub fn new(out: W) -> Self {
        Self { out, frame: Vec::new() }
    }

    pub fn row(&mut self, line: &Line) -> io::Result<()> {
        self.begin(ROW);
        self.frame.extend(line.number().to_le_bytes());
        for (kind, text) in line.cells() {
            self.frame.push(if kind == Kind::Text { TEXT } else { NUMBER });
            self.frame.extend(length(text.len())?);
            self.frame.extend(text.as_bytes());
        }
        self.send()
    }

    /// Writes the last frame.
    pub fn end(&mut self, end: &impl Serialize) -> io::Result<()> {
        self.begin(END);
        serde_json::to_writer(&mut self.frame, end)?;
        self.send()?;
        self.out.flush()
    }

    fn begin(&mut self, kind: u8) {
        self.frame.clear();
        // Room for the length.
        self.frame.extend([0, 0, 0, 0, kind]);
    }

    fn send(&mut self) -> io::Result<()> {
        let content = length(self.frame.len() - 4)?;
        self.frame[..4].copy_from_slice(&content);
        self.out.write_all(&self.frame)
    }
}

fn length(bytes: usize) -> io::Result<[u8; 4]> {
    if bytes > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    u32::try_from(bytes).map(u32::to_le_bytes).map_err(io::Error::other)
}

/// Reads frames.
pub(super) struct Reader<R> {
    input: R,
    frame: Vec<u8>,
}

impl<R: Read> Reader<R> {
    pub fn new(input: R) -> Self {
        Self { input, frame: Vec::new() }
    }

    /// What the frames are read from.
    pub fn get_ref(&self) -> &R {
        &self.input
    }

    /// The next frame.
    ///
    /// # Errors
    ///
    /// The input ends, or is not made of frames.
    pub fn next<E: DeserializeOwned>(&mut self) -> io::Result<Frame<E>> {
        let mut bytes = [0; 4];
        self.input.read_exact(&mut bytes)?;
        let content = u32::from_le_bytes(bytes) as usize;
        if content > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.frame.resize(content, 0);
        self.input.read_exact(&mut self.frame)?;
        match self.frame.split_first() {
            Some((&ROW, mut rest)) => row(&mut rest).map(Frame::Row).ok_or(io::ErrorKind::InvalidData.into()),
            Some((&END, rest)) => Ok(Frame::End(serde_json::from_slice(rest)?)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn row(rest: &mut &[u8]) -> Option<Row> {
    let number = u64::from_le_bytes(*rest.split_off(..8)?.as_array()?);
    let mut cells = Vec::with_capacity(8);
    while let Some(kind) = rest.split_off_first() {
        let length = u32::from_le_bytes(*rest.split_off(..4)?.as_array()?) as usize;
        let text = str::from_utf8(rest.split_off(..length)?).ok()?.to_owned();
        cells.push(match *kind {
            TEXT => Cell::Text(text),
            NUMBER => Cell::Number(text),
            _ => return None,
        });
    }
    Some(Row { number, cells })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_and_the_end_arrive_as_they_were_written() {
        let mut line = Line::default();
        let (mut bytes, mut rows) = (Vec::new(), Vec::new());
        let mut writer = Writer::new(&mut bytes);
        for number in [3, u64::MAX] {
            line.begin(number);
            line.put(0, Kind::Text, "Íñigo");
            line.put(2, Kind::Number, "12.5");
            writer.row(&line).unwrap();
            rows.push(Row::from(&line));
        }
        writer.end(&"all").unwrap();
        let mut reader = Reader::new(bytes.as_slice());
        for row in rows {
            assert!(matches!(reader.next::<String>().unwrap(), Frame::Row(read) if read == row));
        }
        assert!(matches!(reader.next::<String>().unwrap(), Frame::End(end) if end == "all"));
        assert!(reader.next::<String>().is_err(), "nothing follows");
        for end in 0..bytes.len() {
            let mut reader = Reader::new(&bytes[..end]);
            let ended = (0..3).find_map(|_| reader.next::<String>().err());
            assert!(ended.is_some(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut bytes in proptest::collection::vec(any::<u8>(), 1..60)) {
            bytes[0] = if bytes[0] % 2 == 0 { ROW } else { END };
            let mut framed = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
            framed.extend(bytes);
            let _frame = Reader::new(framed.as_slice()).next::<String>();
        }
    }
}
