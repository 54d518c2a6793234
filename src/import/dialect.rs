//! What separates the columns of a text, and whether its quotation marks can be trusted.

use csv::{ReaderBuilder, StringRecord};

/// Those that are tried; of equals the first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How many rows tell the delimiter.
const SNIFFED_ROWS: usize = 20;
/// In how much of the text they are looked for, in bytes.
pub(super) const SNIFFED_BYTES: usize = 1 << 16;
/// Digits of a phone; fewer may as well be an amount.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// How a text is parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delimiter: u8,
    /// What stands around values with a delimiter or a line end in them.
    pub quote: u8,
    /// Columns of most rows.
    pub width: usize,
    /// Columns of the widest of the first rows, of those on one line.
    pub widest: usize,
}

/// Parts a line `sep=;`, by which a file tells Excel its delimiter, from the text; Excel does not show it.
pub(super) fn named(text: &str) -> (Option<u8>, &str) {
    let line = text.lines().next().unwrap_or_default();
    match line.to_ascii_lowercase().strip_prefix("sep=").map(str::as_bytes) {
        Some(&[delimiter]) if !delimiter.is_ascii_alphanumeric() => {
            (Some(delimiter), text[line.len()..].trim_start_matches('\r').strip_prefix('\n').unwrap_or_default())
        }
        _ => (None, text),
    }
}

impl Dialect {
    /// The dialect in which most of the first rows have the same number of columns, above one; `named` leaves no choice.
    pub fn of(text: &str, named: Option<u8>) -> Self {
        let start = &text[..text.floor_char_boundary(SNIFFED_BYTES)];
        // Half a row would have a mark without its partner.
        let start = start.rfind('\n').filter(|_| start.len() < text.len()).map_or(start, |end| &start[..=end]);
        let best = |delimiters: &[u8]| {
            delimiters.iter().rev().map(|delimiter| sniff(start, *delimiter)).max_by_key(|(score, _)| *score)
        };
        let best = named.map_or_else(|| best(&DELIMITERS), |delimiter| best(&[delimiter]));
        let one = Self { delimiter: named.unwrap_or(b','), quote: b'"', width: 1, widest: 1 };
        best.filter(|(_, dialect)| dialect.width > 1).map_or(one, |(_, dialect)| dialect)
    }

    /// A reader of rows of any length.
    pub fn reader<'text>(&self, text: &'text str) -> csv::Reader<&'text [u8]> {
        let mut reader = ReaderBuilder::new();
        reader
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .quote(self.quote)
            .from_reader(text.as_bytes())
    }

    /// Whether a row, as it stands in the file, may hold several that a stray quotation mark has made one: the mark has no partner,
    /// or its partner stands in a later line before more of a value, or what lies between them reads as rows, or makes the row of
    /// several lines wider than any other. `cells` is how many the row has. Of an apostrophe the partner has to end the value: in
    /// `'D'Angelo'` the reader would take the second for it.
    pub fn is_doubtful(&self, row: &str, cells: usize) -> bool {
        let whole = |line: &&str| line.split(char::from(self.delimiter)).count() == self.width;
        // A line of prose may well have one comma, and be taken for a row of two columns.
        let several = || self.width > 2 && row.lines().filter(whole).count() > 1;
        let wider = || cells > self.widest && row.contains('\n');
        row.contains(char::from(self.quote)) && (self.has_stray_mark(row.as_bytes()) || several() || wider())
    }

    fn has_stray_mark(&self, row: &[u8]) -> bool {
        let mut at = 0;
        loop {
            if row.get(at) == Some(&self.quote) {
                let Some(end) = closing(row, at + 1, self.quote) else { return true };
                let ends = row.get(end + 1).is_none_or(|next| [self.delimiter, b'\n', b'\r'].contains(next));
                let value = &row[at + 1..end];
                if value.contains(&b'\n') && (!ends || self.has_phones_of_rows(value)) || !ends && self.quote == b'\'' {
                    return true;
                }
                at = end + 1;
            }
            match row[at..].iter().position(|byte| *byte == self.delimiter) {
                Some(next) => at += next + 1,
                None => return false,
            }
        }
    }

    /// Whether a value of several lines has a phone in a column of its own, or where there are no columns in a line of its own.
    fn has_phones_of_rows(&self, value: &[u8]) -> bool {
        let pieces = value.split(|byte| [self.delimiter, b'\n'].contains(byte));
        let phones = pieces.filter(|piece| is_phone(piece)).count();
        if self.width > 1 { phones > 0 && value.contains(&self.delimiter) } else { phones > 1 }
    }
}

fn is_phone(piece: &[u8]) -> bool {
    PHONE_DIGITS.contains(&piece.iter().filter(|byte| byte.is_ascii_digit()).count())
        && !piece.iter().any(|byte| byte.is_ascii_alphabetic() || *byte > 127)
}

/// The place of the mark that ends a quoted value, of which the doubled ones are part.
fn closing(row: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        at += row.get(at..)?.iter().position(|byte| *byte == quote)?;
        if row.get(at + 1) != Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether apostrophes stand around values: some are between two of them, and no value begins with one that has no partner before the
/// next delimiter, as those do by which people tell Excel that a value is a text; nor with a quotation mark.
fn has_apostrophes_for_quotes(text: &[u8], delimiter: u8) -> bool {
    let ends = |byte: &u8| [delimiter, b'\n', b'\r'].contains(byte);
    let (mut at, mut quoted) = (0, 0);
    loop {
        match text.get(at) {
            Some(b'"') => return false,
            Some(b'\'') => match closing(text, at + 1, b'\'') {
                Some(end) if text.get(end + 1).is_none_or(ends) => {
                    at = end + 1;
                    quoted += 1;
                }
                _ => return false,
            },
            _ => {}
        }
        match text[at..].iter().position(ends) {
            Some(next) => at += next + 1,
            None => return quoted > 1,
        }
    }
}

/// How well a delimiter parts the text: how many in a thousand rows have the most common width, and that width.
fn sniff(text: &str, delimiter: u8) -> ((usize, usize), Dialect) {
    let quote = if has_apostrophes_for_quotes(text.as_bytes(), delimiter) { b'\'' } else { b'"' };
    let mut reader = Dialect { delimiter, quote, width: 1, widest: 1 }.reader(text);
    let mut record = StringRecord::new();
    let (mut widths, mut widest) = (Vec::with_capacity(SNIFFED_ROWS), 1);
    while widths.len() < SNIFFED_ROWS && reader.read_record(&mut record).unwrap_or(false) {
        if record.len() > 1 || record.iter().any(|cell| !cell.trim().is_empty()) {
            widths.push(record.len());
            if !record.as_slice().contains('\n') {
                widest = widest.max(record.len());
            }
        }
    }
    let alike = |width: &usize| widths.iter().filter(|other| *other == width).count();
    // Of equals the first, which is more often a header.
    let width = widths.iter().rev().filter(|width| **width > 1).max_by_key(|width| alike(width)).copied();
    let share = width.map_or(0, |width| alike(&width) * 1000 / widths.len());
    let width = width.unwrap_or(1);
    // Where every row has several lines, they tell.
    ((share, width), Dialect { delimiter, quote, width, widest: if widest == 1 { width } else { widest } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_lines_within_quotes_do_not_tell_the_delimiter() {
        let titles = "Cartera, noviembre, 2026\nBanco\n\nNombre;Celular\nAna;1,5\n";
        let dialect = |delimiter, width| Dialect { delimiter, quote: b'"', width, widest: width };
        assert_eq!(Dialect::of(titles, None), dialect(b';', 2));
        let lines = "a;b\nx;\"1, 2\n3, 4\n5, 6\n7, 8\"\n";
        assert_eq!(Dialect::of(lines, None), dialect(b';', 2));
        assert_eq!(Dialect::of("300\n301\n", None), dialect(b',', 1));
    }

    #[test]
    fn apostrophes_are_quotes_where_they_stand_around_values() {
        let quote = |text| char::from(Dialect::of(text, None).quote);
        for text in [
            "'Nombre','Celular'\n'Pérez, Ana','300'\n",
            "Nombre,Celular\n'Pérez, Ana',300\n'D''Angelo, Luis',301\n",
            "Nombre;Celular\r\n'Ana\nMaría';'300'\r\nD'Angelo;301",
        ] {
            assert_eq!(quote(text), '\'', "{text}");
        }
        for text in [
            "Nombre,Celular\nD'Angelo,300\nO'Higgins,301\n",
            "Nombre,Celular\n'Ana,'300\n'Luis,'301\n",
            "Nombre,Celular\n'D'Angelo','300'\n",
            "Nombre,Celular\n\"Ana\",'300'\n\"Luis\",'301'\n",
            "Nombre,Celular\n'Chepe' Ruiz,300\n'Pepe' Ruiz,301\n",
            "Nombre,Celular\n'Ana',300\n",
        ] {
            assert_eq!(quote(text), '"', "{text}");
        }
        let dialect = Dialect { delimiter: b',', quote: b'\'', width: 2, widest: 2 };
        for row in ["'D'Angelo',3", "'Ana,3", "'Ana\nLuis,3'x,4"] {
            assert!(dialect.is_doubtful(row, 2), "{row}");
        }
        for row in ["D'Angelo,3", "'D''Angelo','3'", "'Ana\nMaría',3", "\"Ana,3"] {
            assert!(!dialect.is_doubtful(row, 2), "{row}");
        }
    }

    #[test]
    fn a_named_delimiter_counts() {
        assert_eq!(named("SEP=|\r\na|b\n"), (Some(b'|'), "a|b\n"));
        assert_eq!(named("sep=x\na\n"), (None, "sep=x\na\n"));
        assert_eq!(named("sep=;"), (Some(b';'), ""));
    }

    #[test]
    fn stray_quotation_marks_are_told_from_values_of_several_lines() {
        let dialect = Dialect { delimiter: b',', quote: b'"', width: 2, widest: 2 };
        for row in ["\"Ana,3001234567", "\"Ana,3001234567\n\"Luis\",3", "\"Ana,3001234567\nLuis\",3001234568"] {
            assert!(dialect.is_doubtful(row, 2), "{row}");
        }
        let one_column = Dialect { width: 1, ..dialect };
        assert!(one_column.is_doubtful("\"3001234567\n3001234568\"", 1));
        assert!(!one_column.is_doubtful("\"300 123\n4567\"", 1));
        let short = Dialect { width: 3, ..dialect };
        assert!(short.is_doubtful("\"Ana,3001234567\nLuis\",3001234568,5", 3));
        assert!(!short.is_doubtful("3001234567,\"Calle 1, Apto 2\nTel. 3007654321\",1012345678", 1));
        assert!(dialect.is_doubtful("Ana,\"300\nLuis\",301", 3));
        for row in ["\"Ana\" Gómez,3", "3001234567,\"Hola, Ana\nsí, claro\"", "a \"b\",\"c \"\"d\"\"\ne\"", "x,\"\""]
        {
            assert!(!dialect.is_doubtful(row, 2), "{row}");
        }
    }
}
