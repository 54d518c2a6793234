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
}
