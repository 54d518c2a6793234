//! What the values of columns show: phones, and how a file writes them, its amounts and its dates.

use std::collections::BTreeMap;

use super::{Column, DateOrder, Detected, Field, date, header::SAMPLED_ROWS, sheet::Row};
use crate::domain::phone::Phone;

/// What the values show of how they are to be read.
pub(super) fn settings(columns: &[Column], rows: &[Row]) -> Detected {
    Detected { country: country(columns, rows), currency: currency(columns), date_order: date_order(columns, rows) }
}

pub(super) fn values(rows: &[Row], index: usize) -> impl Iterator<Item = &str> {
    rows.iter().take(SAMPLED_ROWS).map(move |row| row.cell(index)).filter(|value| !value.is_empty())
}

/// Whether most of a column's values are like that.
pub(super) fn most(rows: &[Row], index: usize, is_like: fn(&str) -> bool) -> bool {
    let (all, alike) =
        values(rows, index).fold((0, 0), |(all, alike), value| (all + 1, alike + usize::from(is_like(value))));
    all > 0 && alike * 10 >= all * 6
}

/// Whether a value is hardly anything but a phone number. Eight digits may as well be a date, an amount or the number of a contract.
pub(super) fn looks_like_phone(value: &str) -> bool {
    has_digits_of_phone(value, 9)
}

/// Whether a value may be a phone number, also one of Central America, Bolivia or Uruguay without its country code. Which country these
/// are of is not known before a person has said so.
pub(super) fn may_be_phone(value: &str) -> bool {
    has_digits_of_phone(value, 8)
}

fn has_digits_of_phone(value: &str, least: usize) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let plain = value.chars().all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    let thousands = value.contains('.') && value.split('.').skip(1).all(|group| group.len() == 3);
    plain && (least..=15).contains(&digits) && !thousands || digits >= least && Phone::parse(value, None).is_ok()
}

/// The country that most of the phones written with a country code are from.
fn country(columns: &[Column], rows: &[Row]) -> Option<String> {
    let phones = columns.iter().find(|column| column.detected == Some(Field::Phone))?;
    let mut counts = BTreeMap::new();
    for value in values(rows, phones.index).filter(|value| value.starts_with('+') || value.starts_with("00")) {
        if let Some(country) = Phone::parse(value, None).ok().and_then(|phone| phone.country()) {
            *counts.entry(country).or_insert(0) += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(country, _)| country)
}

/// The currency, if the amounts' column names one.
fn currency(columns: &[Column]) -> Option<String> {
    let amounts = columns.iter().find(|column| column.detected == Some(Field::Amount))?;
    let text = format!("{} {}", amounts.header, amounts.samples.join(" ")).to_uppercase();
    let known = [("R$", "BRL"), ("US$", "USD"), ("S/", "PEN"), ("€", "EUR")];
    let codes = ["COP", "MXN", "BRL", "PEN", "CLP", "ARS", "USD", "EUR"];
    let by_symbol = known.iter().find(|(symbol, _)| text.contains(symbol)).map(|(_, code)| *code);
    by_symbol.or_else(|| codes.into_iter().find(|code| text.contains(code))).map(str::to_owned)
}

/// The order of dates, if a value shows it: only a day can be above twelve.
fn date_order(columns: &[Column], rows: &[Row]) -> Option<DateOrder> {
    let dates = columns.iter().find(|column| column.detected == Some(Field::DueDate))?;
    let mut shown = values(rows, dates.index).filter_map(|value| match date::parts(value)? {
        [first, _, _] if first > 31 => Some(DateOrder::Ymd),
        [first, second, _] if first > 12 && second <= 12 => Some(DateOrder::Dmy),
        [first, second, _] if second > 12 && first <= 12 => Some(DateOrder::Mdy),
        _ => None,
    });
    // A date that begins with its year, as a workbook's dates do, is read in any order and says nothing of the others.
    let first = shown.next()?;
    if first == DateOrder::Ymd { shown.find(|order| *order != first).or(Some(first)) } else { Some(first) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Cell;

    #[test]
    fn dates_show_their_order() {
        let columns = [Column {
            index: 0,
            header: "Vencimiento".to_owned(),
            samples: Vec::new(),
            detected: Some(Field::DueDate),
            confidence: 0,
        }];
        let order = |date: &str| date_order(&columns, &[Row { number: 2, cells: vec![Cell::text(date)] }]);
        assert_eq!(order("31/12/2026"), Some(DateOrder::Dmy));
        assert_eq!(order("12/31/2026"), Some(DateOrder::Mdy));
        assert_eq!(order("2026-12-31"), Some(DateOrder::Ymd));
        assert_eq!(order("03/04/2026"), None);
    }

    #[test]
    fn eight_digits_may_be_a_phone_and_nine_hardly_anything_else() {
        for (value, may, does) in [
            ("8312 3456", true, false),
            ("83123456", true, false),
            ("3001234567", true, true),
            ("+57 300 123 4567", true, true),
            ("123-4567", false, false),
            ("12.345.678", false, false),
            ("31/12/2026", false, false),
            ("8312345a", false, false),
        ] {
            assert_eq!((may_be_phone(value), looks_like_phone(value)), (may, does), "{value}");
        }
    }
}
