//! From bytes to text, in any of the encodings that spreadsheet programs write.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::ImportError;

/// A file that is partly of one and partly of the other, as when two were put together.
pub(super) const MIXED: &str = "UTF-8, windows-1252";
/// How the documents begin that are most often taken for a spreadsheet: PDF, web pages and XML, JSON, RTF.
const OTHERS: [&str; 4] = ["%PDF", "<", "{", "[{"];
/// Letters at the start that tell text from anything else.
const INSPECTED: usize = 4096;

/// Bytes read at once.
const BLOCK: u64 = 1 << 16;

/// A file's text, a piece at a time and with one kind of line ends: rows are counted as a person counts them.
pub(super) struct Text<R> {
    input: R,
    /// Of UTF-16; all else is read line by line.
    decoder: Option<Decoder>,
    /// What was read and is no whole line yet.
    pending: Vec<u8>,
    /// How many of the pending bytes hold no line end.
    searched: usize,
    /// The last piece ended between the two letters of a line end.
    half: bool,
    /// Some line is not plain ASCII and of UTF-8; some line is of no UTF-8.
    any_utf_8: bool,
    any_1252: bool,
}

impl<R: Read> Text<R> {
    /// Begins to read a file.
    pub fn open(mut input: R) -> io::Result<Self> {
        let mut start = Vec::new();
        input.by_ref().take(BLOCK).read_to_end(&mut start)?;
        let (marked, mark) = Encoding::for_bom(&start).unwrap_or((UTF_8, 0));
        let body = &start[mark..];
        let utf_16 = [(UTF_16LE, 1), (UTF_16BE, 0)].into_iter().find(|(encoding, zero_at)| {
            marked == *encoding || marked == UTF_8 && mark == 0 && looks_utf_16(body, *zero_at)
        });
        let decoder = utf_16.map(|(encoding, _)| encoding.new_decoder_without_bom_handling());
        let pending = body.to_vec();
        Ok(Self { input, decoder, pending, searched: 0, half: false, any_utf_8: false, any_1252: false })
    }

    /// Puts the next piece at the end of `text`; false once nothing is left. A line of more than `longest` bytes comes in parts.
    ///
    /// # Errors
    ///
    /// [`ImportError::Unsupported`] for UTF-16 that has half a letter, or a letter that is none: it is damaged.
    pub fn more(&mut self, longest: usize, text: &mut String) -> Result<bool, ImportError> {
        let known = self.pending.len();
        self.input.by_ref().take(BLOCK).read_to_end(&mut self.pending)?;
        let ended = self.pending.len() == known;
        let end = if self.decoder.is_some() || ended { Some(self.pending.len()) } else { self.line_end(longest) };
        let Some(end) = end else { return Ok(true) };
        let rest = self.pending.split_off(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        self.searched = 0;
        if std::mem::take(&mut self.half) {
            text.push('\r');
        }
        match &mut self.decoder {
            Some(decoder) => push(text, &utf_16(decoder, &bytes, ended)?),
            None => self.lines(&bytes, text),
        }
        if !ended && text.ends_with('\r') {
            text.pop();
            self.half = true;
        }
        Ok(!ended)
    }

    /// The end of the last whole line that is pending.
    fn line_end(&mut self, longest: usize) -> Option<usize> {
        let found = self.pending[self.searched..].iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        let end = found.map(|at| self.searched + at + 1);
        self.searched = self.pending.len();
        end.or_else(|| (self.pending.len() > longest).then_some(self.pending.len()))
    }

    /// Each line as UTF-8 if it can be, or else as Windows-1252, of which Latin-1 is a part and in which every byte is a letter.
    fn lines(&mut self, bytes: &[u8], text: &mut String) {
        if let Ok(all) = std::str::from_utf8(bytes) {
            self.any_utf_8 |= !all.is_ascii();
            return push(text, all);
        }
        for line in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            match std::str::from_utf8(line) {
                Ok(line) => {
                    self.any_utf_8 |= !line.is_ascii();
                    push(text, line);
                }
                Err(_) => {
                    self.any_1252 = true;
                    push(text, &WINDOWS_1252.decode_without_bom_handling(line).0);
                }
            }
        }
    }

    /// The name of the encoding, as far as the text was read.
    pub fn encoding(&self) -> &'static str {
        match (&self.decoder, self.any_1252, self.any_utf_8) {
            (Some(decoder), ..) => decoder.encoding().name(),
            (None, false, _) => UTF_8.name(),
            (None, true, true) => MIXED,
            (None, true, false) => WINDOWS_1252.name(),
        }
    }
}

/// Appends a text, with one letter for each line end.
fn push(text: &mut String, piece: &str) {
    if piece.starts_with('\n') && text.ends_with('\r') {
        text.pop();
    }
    if piece.contains("\r\n") { text.push_str(&piece.replace("\r\n", "\n")) } else { text.push_str(piece) }
}

fn utf_16(decoder: &mut Decoder, bytes: &[u8], last: bool) -> Result<String, ImportError> {
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).ok_or(ImportError::Unsupported)?;
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, last) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        _ => Err(ImportError::Unsupported),
    }
}

/// Whether every other byte is zero, as in UTF-16 of western languages.
fn looks_utf_16(bytes: &[u8], zero_at: usize) -> bool {
    let pairs = bytes.chunks_exact(2).take(64);
    pairs.len() >= 2
        && pairs.clone().filter(|pair| pair[zero_at] == 0 && pair[1 - zero_at] != 0).count() * 10 >= pairs.len() * 8
}

/// Whether what begins so is a program, a picture, an archive, or a document that is no table. A text may have a stray control character;
/// of random bytes more than one in eight is one.
pub(super) fn is_other(text: &str) -> bool {
    let start = text.trim_start();
    let (mut letters, mut controls) = (0, 0);
    for letter in text.chars().take(INSPECTED) {
        letters += 1;
        controls += usize::from(letter.is_control() && !"\r\n\t".contains(letter));
    }
    controls * 10 > letters || OTHERS.iter().any(|other| start.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<(String, &'static str), ImportError> {
        let mut reader = Text::open(bytes)?;
        let mut text = String::new();
        while reader.more(usize::MAX, &mut text)? {}
        if is_other(&text) { Err(ImportError::Unsupported) } else { Ok((text, reader.encoding())) }
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for bytes in [
            &b"\x7FELF\x02\x01\x01\x00\x00\x00\x00"[..],
            b"\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR",
            b"\xFF\xFEa\x00b",
            b" \n<html>",
            b"%PDF-1.4\n",
            b"{\"a\": 1}",
        ] {
            assert!(matches!(decode(bytes), Err(ImportError::Unsupported)), "{bytes:?}");
        }
    }

    #[test]
    fn each_line_is_read_as_what_it_is() {
        let (text, name) = decode(b"\xEF\xBB\xBFJos\xC3\xA9\r\nMar\xEDa\r\n").unwrap();
        assert_eq!((text.as_str(), name), ("José\nMaría\n", MIXED));
        assert_eq!(decode(b"Jos\xE9\nAna\n").unwrap(), ("José\nAna\n".to_owned(), "windows-1252"));
    }

    #[test]
    fn it_does_not_matter_where_a_block_ends() {
        for line in ["añ,😀\r\n", "x\r", "ñ\n", "ab\r\n"] {
            let plain = line.repeat(60_000);
            let expected = plain.replace("\r\n", "\n");
            let utf_16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for bytes in [plain.as_bytes(), &[b"\xFF\xFE", &utf_16[..]].concat()] {
                assert!(decode(bytes).unwrap().0 == expected, "{line:?}");
            }
            if let (mixed, _, false) = WINDOWS_1252.encode(&plain) {
                assert!(decode(&mixed).unwrap().0 == expected, "{line:?}");
            }
        }
    }
}
