//! What a person owes: a debt for each of their accounts.

use chrono::NaiveDate;

use super::money::Money;

/// What is owed on one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Debt {
    /// The creditor's own reference of the account, for example a loan number.
    pub reference: Option<String>,
    pub amount: Option<Money>,
    pub due_date: Option<NaiveDate>,
}

impl Debt {
    /// Whether nothing is known of it, so that it is none.
    pub const fn is_empty(&self) -> bool {
        self.reference.is_none() && self.amount.is_none() && self.due_date.is_none()
    }

    /// Which of its values are others in `other`.
    pub fn differs_in(&self, other: &Self) -> Vec<&'static str> {
        let values = [
            ("reference", self.reference != other.reference),
            ("amount", self.amount != other.amount),
            ("due_date", self.due_date != other.due_date),
        ];
        values.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }

    /// Days since it was due; 0 before that, none where nobody knows when that is.
    pub fn days_overdue(&self, today: NaiveDate) -> Option<u64> {
        self.due_date.map(|due| (today - due).num_days().max(0).unsigned_abs())
    }

    /// What is told of it over what is known.
    fn with(&self, told: &Self) -> Self {
        Self {
            reference: told.reference.clone().or_else(|| self.reference.clone()),
            amount: told.amount.or(self.amount),
            due_date: told.due_date.or(self.due_date),
        }
    }

    /// The order of debts: by when they are due, those without a date last. No two debts of a person are alike in it.
    pub fn age(&self) -> (bool, Option<NaiveDate>, Option<&str>) {
        (self.due_date.is_none(), self.due_date, self.reference.as_deref())
    }
}

/// All debts of a person, the oldest first. No two have the same reference, at most one has none, and none is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Debts(Vec<Debt>);

/// What became of a debt that somebody was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It is one more.
    Added,
    /// It was known and is as told now.
    Changed,
    /// It was known; nothing of it was different, or it was not to be changed.
    Unchanged,
}

/// A debt as it was and as it became; it was not there before, or is not any more, where there is none.
pub type Change<'debts> = (Option<&'debts Debt>, Option<&'debts Debt>);

impl Debts {
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Debt> {
        self.0.iter()
    }

    /// The one that is due first.
    pub fn oldest(&self) -> Option<&Debt> {
        self.0.first()
    }

    /// What they come to: none unless each has an amount and all are of one currency, since any sum would be wrong then.
    pub fn total(&self) -> Option<Money> {
        let (first, others) = self.0.split_first()?;
        others.iter().try_fold(first.amount?, |sum, debt| {
            let amount = debt.amount.filter(|amount| amount.currency == sum.currency)?;
            Some(Money { minor: sum.minor.checked_add(amount.minor)?, ..sum })
        })
    }

    /// The one of that reference, or without one.
    pub fn find(&self, reference: Option<&str>) -> Option<&Debt> {
        self.0.iter().find(|debt| debt.reference.as_deref() == reference)
    }

    /// Puts a debt in the place of that of its reference, or beside the others; one that is empty is left out.
    pub fn set(&mut self, debt: Debt) {
        self.remove(debt.reference.as_deref());
        if !debt.is_empty() {
            let place = self.0.partition_point(|other| other.age() < debt.age());
            self.0.insert(place, debt);
        }
    }

    /// Takes the one of that reference, or without one, away.
    pub fn remove(&mut self, reference: Option<&str>) -> Option<Debt> {
        let place = self.0.iter().position(|debt| debt.reference.as_deref() == reference)?;
        Some(self.0.remove(place))
    }

    /// Takes in what a spreadsheet says of a debt. `update` says whether one that is known becomes as it is told; what is not told of it
    /// stays.
    pub fn enter(&mut self, told: &Debt, update: bool) -> Entered {
        if told.is_empty() {
            return Entered::Unchanged;
        }
        let Some(known) = self.meant(told.reference.as_deref()) else {
            // Of which of several debts it speaks nobody knows, and to add it would count one of them twice.
            if told.reference.is_none() && !self.is_empty() {
                return Entered::Unchanged;
            }
            self.set(told.clone());
            return Entered::Added;
        };
        let merged = known.with(told);
        if !update || merged == *known {
            return Entered::Unchanged;
        }
        let reference = known.reference.clone();
        self.remove(reference.as_deref());
        self.set(merged);
        Entered::Changed
    }

    /// The debt that somebody means who names that reference or none. With one debt on either side whose reference is not known, it is
    /// the same.
    fn meant(&self, reference: Option<&str>) -> Option<&Debt> {
        self.find(reference).or(match self.0.as_slice() {
            [only] if reference.is_none() || only.reference.is_none() => Some(only),
            _ => None,
        })
    }

    /// What has to change for these to become those. One whose reference alone could not be the same is one that was renamed.
    pub fn changes<'debts>(&'debts self, after: &'debts Self) -> Vec<Change<'debts>> {
        let among = |debts: &'debts Self, debt: &Debt| debts.find(debt.reference.as_deref());
        let gone: Vec<&Debt> = self.iter().filter(|debt| among(after, debt).is_none()).collect();
        let new: Vec<&Debt> = after.iter().filter(|debt| among(self, debt).is_none()).collect();
        let stays = after.iter().filter_map(|debt| Some((Some(among(self, debt)?), Some(debt))));
        let mut changes: Vec<Change<'_>> = stays.filter(|(before, after)| before != after).collect();
        match (gone.as_slice(), new.as_slice()) {
            ([before], [after]) => changes.push((Some(before), Some(after))),
            _ => {
                changes.extend(gone.into_iter().map(|debt| (Some(debt), None)));
                changes.extend(new.into_iter().map(|debt| (None, Some(debt))));
            }
        }
        changes
    }
}

impl From<Debt> for Debts {
    fn from(debt: Debt) -> Self {
        Self::from_iter([debt])
    }
}

impl FromIterator<Debt> for Debts {
    fn from_iter<I: IntoIterator<Item = Debt>>(debts: I) -> Self {
        let mut all = Self::default();
        debts.into_iter().for_each(|debt| all.set(debt));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 11, day)
    }

    fn debt(reference: &str, minor: i64, currency: &str, due: u32) -> Debt {
        Debt {
            reference: (!reference.is_empty()).then(|| reference.to_owned()),
            amount: currency.parse().ok().map(|currency| Money { minor, currency }),
            due_date: day(due),
        }
    }

    fn references(debts: &Debts) -> Vec<&str> {
        debts.iter().map(|debt| debt.reference.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn the_oldest_is_first_and_one_without_a_date_last() {
        let debts: Debts =
            [debt("c", 1, "COP", 0), debt("b", 1, "COP", 9), debt("a", 1, "COP", 2)].into_iter().collect();
        assert_eq!(references(&debts), ["a", "b", "c"]);
        assert_eq!(debts.oldest(), debts.find(Some("a")));
        let overdue: Vec<_> = debts.iter().map(|debt| debt.days_overdue(day(5).unwrap())).collect();
        assert_eq!(overdue, [Some(3), Some(0), None]);
    }

    #[test]
    fn only_amounts_that_are_all_known_and_of_one_currency_have_a_sum() {
        let total = |others: &[Debt]| {
            others.iter().cloned().chain([debt("a", 100, "COP", 1)]).collect::<Debts>().total().map(|total| total.minor)
        };
        assert_eq!(total(&[]), Some(100));
        assert_eq!(total(&[debt("b", 50, "COP", 2)]), Some(150));
        assert_eq!(total(&[debt("b", 50, "USD", 2)]), None);
        assert_eq!(total(&[debt("b", 0, "", 2)]), None);
        assert_eq!(total(&[debt("b", i64::MAX, "COP", 2)]), None);
        assert_eq!(Debts::default().total(), None);
    }

    #[test]
    fn another_reference_is_another_debt() {
        let mut debts = Debts::from(debt("a", 100, "COP", 1));
        assert_eq!(debts.enter(&debt("b", 50, "COP", 2), false), Entered::Added);
        assert_eq!(debts.enter(&debt("b", 70, "COP", 2), false), Entered::Unchanged);
        assert_eq!(debts.enter(&debt("b", 70, "COP", 0), true), Entered::Changed);
        assert_eq!(debts.find(Some("b")), Some(&debt("b", 70, "COP", 2)), "what is not told stays");
        assert_eq!(debts.enter(&Debt::default(), true), Entered::Unchanged);
        assert_eq!(debts.enter(&debt("", 999, "COP", 3), true), Entered::Unchanged, "it may be any of them");
        assert_eq!(references(&debts), ["a", "b"]);
    }

    #[test]
    fn a_debt_without_a_reference_is_the_only_one_there_is() {
        let mut debts = Debts::default();
        assert_eq!(debts.enter(&debt("", 100, "COP", 1), true), Entered::Added);
        assert_eq!(debts.enter(&debt("a", 100, "COP", 1), true), Entered::Changed);
        assert_eq!(debts.enter(&debt("", 60, "COP", 0), true), Entered::Changed);
        assert_eq!(debts, Debts::from(debt("a", 60, "COP", 1)));
    }

    fn any_debts() -> impl Strategy<Value = Debts> {
        let one = ("[abc]?", 0..3_i64, prop::sample::select(vec!["COP", "USD", ""]), 0..4_u32);
        prop::collection::vec(one, 0..5)
            .prop_map(|all| all.iter().map(|(name, minor, currency, due)| debt(name, *minor, currency, *due)).collect())
    }

    proptest! {
        #[test]
        fn changes_lead_from_one_to_the_other(before in any_debts(), after in any_debts()) {
            let mut debts = before.clone();
            let changes = before.changes(&after);
            changes.iter().filter_map(|(before, _)| *before).for_each(|debt| {
                debts.remove(debt.reference.as_deref());
            });
            changes.iter().filter_map(|(_, after)| *after).for_each(|debt| debts.set(debt.clone()));
            prop_assert_eq!(debts, after.clone());
            prop_assert_eq!(before.changes(&after).is_empty(), before == after);
        }

        #[test]
        fn what_was_entered_is_known(mut debts in any_debts(), told in any_debts()) {
            for debt in told.iter() {
                let before = debts.len();
                let entered = debts.enter(debt, true);
                prop_assert_eq!(debts.len() > before, entered == Entered::Added);
                prop_assert_eq!(debts.clone().enter(debt, true), Entered::Unchanged);
                prop_assert!(debts.iter().zip(debts.iter().skip(1)).all(|(one, next)| one.age() < next.age()));
            }
        }
    }
}
