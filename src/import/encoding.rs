//! From bytes to text, in any of the encodings that spreadsheet programs write.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::ImportError;

/// A file that is partly of one and partly of the other, as when two were put together.
const MIXED: &str = "UTF-8, windows-1252";
/// How the documents begin that are most often taken for a spreadsheet: PDF, web pages and XML, JSON, RTF.
const OTHERS: [&str; 4] = ["%PDF", "<", "{", "[{"];
/// Letters at the start that tell text from anything else.
const INSPECTED: usize = 4096;

/// The text with one kind of line ends, and the name of its encoding.
///
/// # Errors
///
/// [`ImportError::Unsupported`] for what is no text, or no table.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, &'static str), ImportError> {
    let (marked, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let body = &bytes[mark..];
    let (text, name) = if marked != UTF_8 {
        (utf_16(body, marked)?, marked.name())
    } else if looks_utf_16(body, 1) {
        (utf_16(body, UTF_16LE)?, UTF_16LE.name())
    } else if looks_utf_16(body, 0) {
        (utf_16(body, UTF_16BE)?, UTF_16BE.name())
    } else if let Ok(text) = std::str::from_utf8(body) {
        (text.to_owned(), UTF_8.name())
    } else {
        line_by_line(body)
    };
    if is_other(&text) {
        return Err(ImportError::Unsupported);
    }
    // Rows are counted as a person counts them.
    Ok((if text.contains("\r\n") { text.replace("\r\n", "\n") } else { text }, name))
}

fn utf_16(bytes: &[u8], encoding: &'static Encoding) -> Result<String, ImportError> {
    // Half a letter at the end, or a letter that is none, is a damaged file.
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map_or(Err(ImportError::Unsupported), |text| Ok(text.into_owned()))
}

/// Each line as UTF-8 if it can be, or else as Windows-1252, of which Latin-1 is a part and in which every byte is a letter.
fn line_by_line(bytes: &[u8]) -> (String, &'static str) {
    let mut text = String::with_capacity(bytes.len());
    let mut any_utf_8 = false;
    for line in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        match std::str::from_utf8(line) {
            Ok(line) => {
                any_utf_8 |= !line.is_ascii();
                text.push_str(line);
            }
            Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(line).0),
        }
    }
    (text, if any_utf_8 { MIXED } else { WINDOWS_1252.name() })
}

/// Whether every other byte is zero, as in UTF-16 of western languages.
fn looks_utf_16(bytes: &[u8], zero_at: usize) -> bool {
    let pairs = bytes.chunks_exact(2).take(64);
    pairs.len() >= 2
        && pairs.clone().filter(|pair| pair[zero_at] == 0 && pair[1 - zero_at] != 0).count() * 10 >= pairs.len() * 8
}

/// Whether it is a program, a picture, an archive, or a document that is no table. A text may have a stray control character; of
/// random bytes more than one in eight is one.
fn is_other(text: &str) -> bool {
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
}
