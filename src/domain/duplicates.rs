//! What an import does with debtors who are known already: all get the new details or none do, but for rows that a person has looked at.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

/// A person's decision on rows of known debtors. Whether a debt is one more is no part of it: that is added in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Whether known debtors get the new details.
    pub update: bool,
    /// The rows, numbered as in the sheet, for which the opposite holds.
    pub except: BTreeSet<u64>,
    /// When the person was shown what would change. Whom somebody has changed since then is left as they are: what was agreed to was
    /// another change.
    pub seen_at: Option<DateTime<Utc>>,
}

impl Duplicates {
    /// The same for all rows.
    pub fn all(update: bool) -> Self {
        Self { update, ..Self::default() }
    }

    /// Whether a row's debtor, if known, gets the row's details.
    pub fn updates(&self, row: u64) -> bool {
        self.update != self.except.contains(&row)
    }

    /// Whether what was shown of somebody is out of date. `now` is the import's own instant, at which earlier rows of it may have changed
    /// them.
    pub fn out_of_date(&self, updated_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        updated_at != now && self.seen_at.is_some_and(|seen| updated_at > seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_the_opposite_of_what_holds_for_all() {
        let except: BTreeSet<u64> = [3].into();
        let updated = |update| {
            let duplicates = Duplicates { except: except.clone(), ..Duplicates::all(update) };
            [2, 3].map(|row| duplicates.updates(row))
        };
        assert_eq!((updated(true), updated(false)), ([true, false], [false, true]));
    }

    #[test]
    fn what_was_changed_after_somebody_looked_is_out_of_date() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let looked = Duplicates { seen_at: Some(at(5)), ..Duplicates::all(true) };
        assert_eq!([4, 5, 6, 9].map(|changed| looked.out_of_date(at(changed), at(9))), [false, false, true, false]);
        assert!(!Duplicates::all(true).out_of_date(at(6), at(9)), "nobody has looked at anything");
    }
}
