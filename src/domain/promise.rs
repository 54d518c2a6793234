//! A promise to pay: what a debtor said they would do, and what became of it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    id::{DebtorId, PromiseId, UserId},
    money::Money,
    text_enum,
};

text_enum! {
    /// What became of a promise.
    pub enum PromiseStatus {
        /// Nothing yet.
        Open = "open",
        /// It was paid.
        Kept = "kept",
        /// It was not paid.
        Broken = "broken",
        /// It does not hold any more, by agreement or because it was noted by mistake.
        Withdrawn = "withdrawn",
    }
}

/// A promise that is closed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a promise that is {0} stays so")]
pub struct PromiseClosed(pub PromiseStatus);

impl PromiseStatus {
    /// The status after somebody has found out that it is `next`. Only an open promise changes.
    pub fn closed_as(self, next: Self) -> Result<Self, PromiseClosed> {
        match self {
            Self::Open => Ok(next),
            closed => Err(PromiseClosed(closed)),
        }
    }
}

/// A promise to note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPromise {
    pub debtor_id: DebtorId,
    /// None where no amount was named.
    pub amount: Option<Money>,
    /// The day by which they will have paid.
    pub due_date: NaiveDate,
}

/// A promise as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    pub id: PromiseId,
    pub debtor_id: DebtorId,
    pub amount: Option<Money>,
    pub due_date: NaiveDate,
    pub status: PromiseStatus,
    /// Who noted it.
    pub created_by: (UserId, String),
    pub created_at: DateTime<Utc>,
    /// When it was found to be kept, broken or withdrawn.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Promise {
    /// Whether its day has passed and nobody has said what became of it.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        self.status == PromiseStatus::Open && self.due_date < today
    }
}

/// What of a promise decides whether its debtor is still reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised {
    pub status: PromiseStatus,
    pub due_date: NaiveDate,
    pub closed_at: Option<DateTime<Utc>>,
}

impl Promised {
    /// The last day on which nothing at all is sent to its debtor: its own, as long as it is open. "Promise to pay (until its date)" is a
    /// stop flag in our contact policies; once somebody has said what became of it, it stops nothing more.
    pub fn holds_until(self) -> Option<NaiveDate> {
        (self.status == PromiseStatus::Open).then_some(self.due_date)
    }

    /// Whether it spares its debtor, on that day, the reminders of a campaign that began at `began`: while it is open and its day has not
    /// passed, whenever it was made; and once it was kept, if that was found since the campaign began. One that was broken, withdrawn or
    /// left to pass spares nobody, nor does one that was kept before: the campaign is about what is still owed. Product policy.
    pub fn spares(self, began: Option<DateTime<Utc>>, today: NaiveDate) -> bool {
        match self.status {
            PromiseStatus::Open => today <= self.due_date,
            PromiseStatus::Kept => self.closed_at.zip(began).is_some_and(|(closed, began)| closed > began),
            PromiseStatus::Broken | PromiseStatus::Withdrawn => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PromiseStatus::{Broken, Kept, Open, Withdrawn};
    use super::*;

    #[test]
    fn only_an_open_promise_changes() {
        for next in [Kept, Broken, Withdrawn] {
            assert_eq!(Open.closed_as(next), Ok(next));
            for closed in [Kept, Broken, Withdrawn] {
                assert_eq!(closed.closed_as(next), Err(PromiseClosed(closed)));
            }
        }
    }

    #[test]
    fn a_debtor_is_spared_until_the_day_has_passed_and_after_having_paid() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let noon = |of| day(of).and_hms_opt(12, 0, 0).unwrap().and_utc();
        let promised =
            |status, closed: Option<u32>| Promised { status, due_date: day(20), closed_at: closed.map(noon) };
        let spares = |promised: Promised, today| promised.spares(Some(noon(15)), day(today));
        assert_eq!([19, 20, 21].map(|today| spares(promised(Open, None), today)), [true, true, false]);
        assert_eq!([14, 15, 16].map(|closed| spares(promised(Kept, Some(closed)), 25)), [false, false, true]);
        assert_eq!([Broken, Withdrawn].map(|status| spares(promised(status, Some(16)), 17)), [false, false]);
        for (status, until) in [(Open, Some(day(20))), (Kept, None), (Broken, None), (Withdrawn, None)] {
            assert_eq!(promised(status, None).holds_until(), until, "{status}");
        }
        assert!(promised(Open, None).spares(None, day(20)) && !promised(Kept, Some(16)).spares(None, day(20)));
    }
}
