//! A debtor: who owes what, how to reach them, and whether they may be written to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    id::{DebtorId, ImportId},
    money::Money,
    phone::Phone,
    text::words,
    text_enum,
};

text_enum! {
    /// Whether a debtor may be written to; every status but `active` stops all sequences at once.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
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

impl DebtorStatus {
    /// Whether it is of the number rather than of the debt, and so holds when the debtor is deleted: whoever imports them again must not
    /// write to them.
    pub const fn outlives_debtor(self) -> bool {
        match self {
            Self::OptedOut | Self::AttorneyRepresented | Self::CeaseAndDesist | Self::Deceased | Self::WrongNumber => {
                true
            }
            Self::Active | Self::Disputed | Self::Paid => false,
        }
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
    /// The import that brought them; none where a person added them.
    pub import: Option<ImportId>,
    /// When they last wrote to one of our sessions.
    pub last_heard_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The longest part of a name or a reference that is sought, in characters: what an index holds is limited.
const SOUGHT: usize = 150;

impl DebtorDetails {
    /// What a search looks through: the words of the name, then the phone with and without its country code, then the reference's words;
    /// in lower case, without accents and punctuation, a space before each. In the order of these texts debtors are in that of their names.
    pub fn searched(&self) -> String {
        let cut = |text: &str| words(&text.chars().take(SOUGHT).collect::<String>());
        let reference = cut(self.reference.as_deref().unwrap_or_default());
        let parts =
            [cut(&self.name), self.phone.digits().to_owned(), national(self.phone.digits()).to_owned(), reference];
        parts.iter().flat_map(|part| part.split_whitespace()).flat_map(|word| [" ", word]).collect()
    }
}

/// The digits of a number without its country code. Codes of one and two digits are few and fixed (ITU-T E.164, list of assigned codes);
/// all others have three.
fn national(digits: &str) -> &str {
    let code = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.get(code..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_looks_through_name_phone_and_reference() {
        let details = DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "José  Núñez (padre)".to_owned(),
            reference: Some("CR-1/a".to_owned()),
            debt: None,
            due_date: None,
            tags: BTreeSet::new(),
            fields: BTreeMap::new(),
        };
        assert_eq!(details.searched(), " jose nunez padre 573001234567 3001234567 cr 1 a");
    }

    #[test]
    fn a_number_is_known_without_its_country_code() {
        for (digits, own) in [
            ("12025550123", "2025550123"),
            ("5511987654321", "11987654321"),
            ("34600111222", "600111222"),
            ("50255551234", "55551234"),
        ] {
            assert_eq!(national(digits), own);
        }
    }
}
