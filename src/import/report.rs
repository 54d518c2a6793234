//! What became of a spreadsheet's rows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    domain::{
        phone_slip::{Proposal, Slip},
        text_enum,
    },
    store::Foreseen,
};

text_enum! {
    /// Why a row was not stored as it stands, or not all of it.
    pub enum Reason {
        PhoneMissing = "phone_missing",
        PhoneInvalid = "phone_invalid",
        /// Fewer digits than any number of its country has.
        PhoneTooShort = "phone_too_short",
        /// More digits than any number of its country has.
        PhoneTooLong = "phone_too_long",
        PhoneLetters = "phone_letters",
        /// The spreadsheet has kept the first digits only: `5.73001E+11`.
        PhoneRounded = "phone_rounded",
        /// It is no number, but looks like another one; that was not agreed to.
        PhoneMistyped = "phone_mistyped",
        NameMissing = "name_missing",
        AmountInvalid = "amount_invalid",
        DueDateInvalid = "due_date_invalid",
        CurrencyInvalid = "currency_invalid",
        /// The cell says which country the phone is of, in words that are not understood.
        CountryUnknown = "country_unknown",
        /// An earlier row of the file has the phone and the reference, or one of the two has no reference; that one counts.
        DuplicateInFile = "duplicate_in_file",
        /// Stored as it stands, but it may rather be another number.
        PhoneDoubtful = "phone_doubtful",
        /// These were left out of what was stored.
        SecondPhoneInvalid = "second_phone_invalid",
        PhonesLeftOut = "phones_left_out",
        LanguageUnknown = "language_unknown",
        TimeZoneUnknown = "time_zone_unknown",
        /// A formula has failed in a cell where any text may be.
        FormulaFailed = "formula_failed",
    }
}

impl Reason {
    /// Whether the row was stored all the same.
    pub const fn is_warning(self) -> bool {
        matches!(
            self,
            Self::PhoneDoubtful
                | Self::SecondPhoneInvalid
                | Self::PhonesLeftOut
                | Self::LanguageUnknown
                | Self::TimeZoneUnknown
                | Self::FormulaFailed
        )
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A row that was not stored as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    /// From 1, as in the spreadsheet.
    pub row: u64,
    pub reason: Reason,
    /// The column's header.
    pub column: Option<String>,
    pub value: Option<String>,
    #[serde(default)]
    pub proposal: Option<Proposed>,
}

/// What a phone may have been meant to be, as it is kept in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// A [`Slip`].
    pub slip: String,
    /// In E.164.
    pub phone: String,
}

impl From<&Proposal> for Proposed {
    fn from(proposal: &Proposal) -> Self {
        Self { slip: proposal.slip.as_str().to_owned(), phone: proposal.phone.as_str().to_owned() }
    }
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub inserted: u64,
    pub updated: u64,
    /// Rows with another debt of somebody who was known or is in an earlier row.
    #[serde(default)]
    pub debts_added: u64,
    /// Known already, and not to be changed or not different; or it is not said of which of several debts the row speaks.
    #[serde(default)]
    pub unchanged: u64,
    pub duplicates: u64,
    pub rejected: u64,
    /// Rows that were stored, but not with all that they say.
    #[serde(default)]
    pub warnings: u64,
    /// Rows whose phone was corrected, as was agreed to.
    #[serde(default)]
    pub corrected: u64,
    /// Rows that changed nothing, since somebody else has changed their debtors after a person decided on them.
    #[serde(default)]
    pub changed_meanwhile: u64,
    /// The first of these, from 1 as in the spreadsheet.
    #[serde(default)]
    pub changed_rows: Vec<u64>,
    /// The first rows that were rejected or are duplicates.
    pub rows: Vec<ReportRow>,
    /// The first warnings.
    #[serde(default)]
    pub warned: Vec<ReportRow>,
}

impl Report {
    /// How many rows became what.
    pub const fn counts(&self) -> Counts {
        let Self { inserted, updated, debts_added, unchanged, duplicates, rejected, warnings, corrected, .. } = *self;
        Counts { inserted, updated, debts_added, unchanged, duplicates, rejected, warnings, corrected }
    }
}

/// The numbers of a [`Report`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub inserted: u64,
    pub updated: u64,
    pub debts_added: u64,
    pub unchanged: u64,
    pub duplicates: u64,
    pub rejected: u64,
    pub warnings: u64,
    pub corrected: u64,
}

/// What would become of the rows, and which corrections to decide on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// How many rows were looked at.
    pub rows: u64,
    /// Whether these are all.
    pub complete: bool,
    pub good: u64,
    /// What they would be if known debtors are updated.
    pub known: Foreseen,
    /// When the database was asked.
    pub seen_at: DateTime<Utc>,
    pub duplicates: u64,
    pub rejected: u64,
    pub warnings: u64,
    pub corrections: Vec<Correction>,
    /// The first rows that would be rejected or warned of.
    pub examples: Vec<ReportRow>,
}

/// Phones that look mistyped in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub slip: Slip,
    pub rows: u64,
    /// Some of them: as they are written, and in E.164 as they may be meant.
    pub examples: Vec<(String, String)>,
}
