//! A debtor: who owes what, how to reach them, and whether they may be written to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{id::DebtorId, money::Money, phone::Phone, text_enum};

text_enum! {
    /// Whether a debtor may be written to; every status but `active` stops all sequences at once.
    pub enum DebtorStatus {
        Active = "active",
        OptedOut = "opted_out",
        Disputed = "disputed",
        AttorneyRepresented = "attorney_represented",
        CeaseAndDesist = "cease_and_desist",
        Deceased = "deceased",
        Paid = "paid",
        WrongNumber = "wrong_number",
    }
}

/// What a person or a spreadsheet says of a debtor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtorDetails {
    /// Unique over all debtors.
    pub phone: Phone,
    pub name: String,
    /// The creditor's own reference, for example a loan number.
    pub reference: Option<String>,
    pub debt: Option<Money>,
    pub due_date: Option<NaiveDate>,
    /// Lower-case words to group debtors by.
    pub tags: BTreeSet<String>,
    /// Further columns of the spreadsheet, by variable name; templates can use them.
    pub fields: BTreeMap<String, String>,
}

/// A debtor as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debtor {
    pub id: DebtorId,
    pub details: DebtorDetails,
    pub status: DebtorStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
