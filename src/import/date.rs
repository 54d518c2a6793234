//! Dates as people and spreadsheets write them.

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use super::DateOrder;
use crate::domain::text::fold;

/// Years that a date of a debt can be in; anything else is a slip of the finger.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2150;

/// The months in Spanish, Portuguese and English, folded; the first three letters or more may stand for each.
const MONTHS: [&[&str]; 12] = [
    &["enero", "janeiro", "january"],
    &["febrero", "fevereiro", "february"],
    &["marzo", "marco", "march"],
    &["abril", "april"],
    &["mayo", "maio", "may"],
    &["junio", "junho", "june"],
    &["julio", "julho", "july"],
    &["agosto", "august"],
    &["septiembre", "setiembre", "setembro", "september"],
    &["octubre", "outubro", "october"],
    &["noviembre", "novembro", "november"],
    &["diciembre", "dezembro", "december"],
];
/// What may stand between the parts of a date in words.
const FILLERS: [&str; 4] = ["de", "del", "of", "the"];
/// What may follow a day.
const ORDINALS: [&str; 8] = ["", "º", "ª", "o", "st", "nd", "rd", "th"];

/// The three numbers of a date like 31/12/2026, in the order they are written.
pub(super) fn parts(text: &str) -> Option<[u32; 3]> {
    let parts: Vec<u32> = numbers(text)?.map(str::parse).collect::<Result<_, _>>().ok()?;
    parts.try_into().ok()
}

fn numbers(text: &str) -> Option<impl Iterator<Item = &str>> {
    Some(text.split([' ', 'T']).next()?.split(['/', '-', '.']))
}

/// A date; one that begins with a year is read as such whatever the order, and so is one that names its month.
pub(super) fn read(text: &str, order: DateOrder) -> Option<NaiveDate> {
    in_numbers(text, order).or_else(|| compact(text)).or_else(|| in_words(text))
}

/// A date that a workbook shows as a plain number: days since the end of 1899 (ECMA-376 18.17.4.1).
pub(super) fn serial(text: &str) -> Option<NaiveDate> {
    let days: i64 = text.split('.').next()?.parse().ok()?;
    sensible(NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(TimeDelta::try_days(days)?)?)
}

fn in_numbers(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let [first, second, third] = parts(text)?;
    let (year, month, day) = match order {
        _ if first > 31 => (first, second, third),
        DateOrder::Ymd => (first, second, third),
        DateOrder::Dmy => (third, second, first),
        DateOrder::Mdy => (third, first, second),
    };
    // "0001" is what a program writes for no date, and not 2001.
    let short = numbers(text)?.all(|number| number.len() <= 2);
    date(if short { year + 2000 } else { year }, month, day)
}

/// `20261231`
fn compact(text: &str) -> Option<NaiveDate> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    date(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)
}

/// `31 de diciembre de 2026`, `31-dic-26`, `Dec 31, 2026`
fn in_words(text: &str) -> Option<NaiveDate> {
    let folded = fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let (mut months, mut numbers) = (Vec::new(), Vec::new());
    for word in words.filter(|word| !FILLERS.contains(word)) {
        let digits = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        if digits.is_empty() {
            months.push(month(word)?);
        } else if ORDINALS.contains(&&word[digits.len()..]) {
            numbers.push((digits.len(), digits.parse().ok()?));
        } else {
            return None;
        }
    }
    let (&[month], &[first, second]) = (&months[..], &numbers[..]) else { return None };
    let ((_, day), (digits, year)) = if first.0 == 4 { (second, first) } else { (first, second) };
    date(if digits <= 2 { year + 2000 } else { year }, month, day)
}

fn month(word: &str) -> Option<u32> {
    let is_month = |names: &&[&str]| names.iter().any(|name| name.starts_with(word));
    let at = MONTHS.iter().position(is_month).filter(|_| word.len() >= 3)?;
    u32::try_from(at + 1).ok()
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    sensible(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?)
}

fn sensible(date: NaiveDate) -> Option<NaiveDate> {
    Some(date).filter(|date| YEARS.contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Option<String> {
        read(text, DateOrder::Dmy).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for written in [
            "31/12/2026",
            "31.12.26",
            "2026-12-31T00:00:00Z",
            "20261231",
            "31 de diciembre de 2026",
            "31-DIC-26",
            "dic. 31, 2026",
            "2026 dezembro 31",
            "31st of December 2026",
        ] {
            assert_eq!(text(written).as_deref(), Some("2026-12-31"), "{written}");
        }
        assert_eq!(text("1º de março de 2026").as_deref(), Some("2026-03-01"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for written in ["", "31/02/2026", "12/2026", "01/01/0001", "31 xyz 2026", "ma 3 2026", "1 2 3 mar", "99991231"]
        {
            assert_eq!(text(written), None, "{written}");
        }
    }

    proptest! {
        #[test]
        fn every_day_is_read_in_every_form(days in 18_263..91_676_i32) {
            let day = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap() + TimeDelta::days(days.into());
            for (format, order) in [
                ("%d/%m/%Y", DateOrder::Dmy), ("%m/%d/%Y", DateOrder::Mdy), ("%Y/%m/%d", DateOrder::Ymd), ("%Y-%m-%d", DateOrder::Dmy),
                ("%Y%m%d", DateOrder::Mdy), ("%d-%b-%Y", DateOrder::Mdy), ("%B %d, %Y", DateOrder::Ymd),
            ] {
                let text = day.format(format).to_string();
                prop_assert_eq!(read(&text, order), Some(day), "{}", text);
            }
            prop_assert_eq!(serial(&days.to_string()), Some(day));
        }

        #[test]
        fn no_text_panics(text in "[0-9º-]{0,3}[ /.-]?([a-zÁ-ú]{1,5}|[0-9]{1,9})?[ /.-]?[0-9T:]{0,9}") {
            for order in [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd] {
                let _date = read(&text, order);
            }
        }
    }
}
