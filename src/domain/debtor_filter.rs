//! Which debtors are meant: the filter of a list, of a segment, and of what is done to many at once.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{debtor::DebtorStatus, text::words, text_enum};

/// Debtors of whom all of this is true; what is none or empty says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DebtorFilter {
    /// Beginnings of words of the name, the reference or the phone (with or without its country code), without regard to case and
    /// accents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Any of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<DebtorStatus>,
    /// The import that added or changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<i64>,
    /// The ISO 4217 code of what they owe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What they owe, in minor units.
    #[serde(skip_serializing_if = "Bounds::is_open")]
    pub amount: Bounds<i64>,
    /// For how many days it has been due; below zero it is not due yet.
    #[serde(skip_serializing_if = "Bounds::is_open")]
    pub overdue: Bounds<i64>,
    /// A further field that has this value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldValue>,
    /// Whether a message was ever tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacted: Option<bool>,
    /// The day of the last message, in UTC; who never got one is not among them.
    #[serde(skip_serializing_if = "Bounds::is_open")]
    pub last_contact: Bounds<NaiveDate>,
    /// Whether they have ever written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replied: Option<bool>,
}

/// From one value to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<T>,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self { from: None, until: None }
    }
}

impl<T> Bounds<T> {
    /// Whether every value is within.
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }
}

impl<T: PartialOrd> Bounds<T> {
    /// Whether no value is within.
    pub fn is_reversed(&self) -> bool {
        self.from.as_ref().zip(self.until.as_ref()).is_some_and(|(from, until)| from > until)
    }
}

/// A further field and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldValue {
    pub name: String,
    pub value: String,
}

text_enum! {
    /// The order of a list of debtors; those that are equal are in the order in which they were added.
    #[derive(Default)]
    pub enum DebtorSort {
        /// When they were added.
        #[default]
        Created = "created",
        Name = "name",
        /// What they owe; who owes nothing known has the least.
        Amount = "amount",
        /// Who has none has the last.
        DueDate = "due_date",
        /// When they last got a message; only those who ever did.
        LastContact = "last_contact",
    }
}

impl DebtorFilter {
    /// Whether it is true of everybody.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// The words sought.
    pub fn words(&self) -> Vec<String> {
        let words = words(self.search.as_deref().unwrap_or_default());
        words.split_whitespace().map(str::to_owned).collect()
    }

    /// The due dates of those who are overdue for so many days.
    pub fn due_dates(&self, today: NaiveDate) -> Bounds<NaiveDate> {
        // Beyond what a calendar has, every date is within.
        let before = |days: i64| match u64::try_from(days) {
            Ok(days) => today.checked_sub_days(Days::new(days)),
            Err(_) => today.checked_add_days(Days::new(days.unsigned_abs())),
        };
        Bounds { from: self.overdue.until.and_then(before), until: self.overdue.from.and_then(before) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_filter_reads_as_it_was_written_and_says_only_what_it_means() {
        let filter = DebtorFilter {
            tags: vec!["mora".to_owned()],
            statuses: vec![DebtorStatus::Active],
            overdue: Bounds { from: Some(30), until: None },
            field: Some(FieldValue { name: "city".to_owned(), value: "Cali".to_owned() }),
            ..DebtorFilter::default()
        };
        let text = serde_json::to_string(&filter).unwrap();
        assert_eq!(
            text,
            r#"{"tags":["mora"],"statuses":["active"],"overdue":{"from":30},"field":{"name":"city","value":"Cali"}}"#
        );
        assert_eq!(serde_json::from_str::<DebtorFilter>(&text).unwrap(), filter);
        assert!(serde_json::from_str::<DebtorFilter>("{}").unwrap().is_open());
    }

    #[test]
    fn days_overdue_are_dates_before_today() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let dates = |from, until| {
            let filter = DebtorFilter { overdue: Bounds { from, until }, ..DebtorFilter::default() };
            let dates = filter.due_dates(day("2026-03-01"));
            (dates.from, dates.until)
        };
        assert_eq!(dates(Some(1), Some(31)), (Some(day("2026-01-29")), Some(day("2026-02-28"))));
        assert_eq!(dates(Some(-5), None), (None, Some(day("2026-03-06"))));
        assert_eq!(dates(None, Some(i64::MAX)), (None, None));
        assert!(Bounds { from: Some(2), until: Some(1) }.is_reversed());
    }

    #[test]
    fn what_is_sought_are_words() {
        let filter = DebtorFilter { search: Some(" José  NÚÑEZ CR-1 ".to_owned()), ..DebtorFilter::default() };
        assert_eq!(filter.words(), ["jose", "nunez", "cr", "1"]);
    }
}
