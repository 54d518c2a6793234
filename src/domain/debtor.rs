//! A debtor: who owes what, how to reach them, and whether they may be written to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    debt::Debts,
    id::{DebtorId, ImportId},
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
    /// Whether the law or a person's own word stops messages, rather than how the debt stands.
    pub const fn is_legal_stop(self) -> bool {
        match self {
            Self::OptedOut | Self::Disputed | Self::AttorneyRepresented | Self::CeaseAndDesist | Self::Deceased => true,
            Self::Active | Self::Paid | Self::WrongNumber => false,
        }
    }

    /// Whether a person has to say why somebody with this status gets that one; the reason goes on record.
    pub fn needs_reason_for(self, status: Self) -> bool {
        self.is_legal_stop() && self != status
    }

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
    /// A row of a spreadsheet tells of one at the most.
    pub debts: Debts,
    /// Lower-case words to group debtors by.
    pub tags: BTreeSet<String>,
    /// Further columns of the spreadsheet, by variable name; templates can use them.
    pub fields: BTreeMap<String, String>,
}

/// The field that has another number of theirs, which a person can put in the place of the first.
pub const SECOND_PHONE: &str = "second_phone";

impl DebtorDetails {
    /// Puts the second phone in the place of the first and keeps the first as the second; `false` where there is none, or it is no number.
    pub fn swap_phones(&mut self) -> bool {
        let second = self.fields.get(SECOND_PHONE).and_then(|text| Phone::parse(text, None).ok());
        let Some(second) = second.filter(|second| *second != self.phone) else { return false };
        let first = std::mem::replace(&mut self.phone, second);
        self.fields.insert(SECOND_PHONE.to_owned(), first.as_str().to_owned());
        true
    }
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
/// The longest text that a search looks through, in bytes: a row of an index on PostgreSQL has 2,704 at the most. The references of more
/// than a hundred accounts fit in.
const SEARCHED: usize = 2_000;

impl DebtorDetails {
    /// What a search looks through: the words of the name, then the phone with and without its country code, then those of the references;
    /// in lower case, without accents and punctuation, a space before each. In the order of these texts debtors are in that of their names.
    pub fn searched(&self) -> String {
        let cut = |text: &str| {
            let end = text.char_indices().nth(SOUGHT).map_or(text.len(), |(end, _)| end);
            words(text.get(..end).unwrap_or_default())
        };
        let (phone, national) = (self.phone.digits().to_owned(), national(self.phone.digits()).to_owned());
        let references = self.debts.iter().filter_map(|debt| debt.reference.as_deref());
        let mut searched = String::new();
        for part in [cut(&self.name), phone, national].into_iter().chain(references.map(cut)) {
            for word in part.split_whitespace() {
                if searched.len() + word.len() < SEARCHED {
                    searched.push(' ');
                    searched.push_str(word);
                }
            }
        }
        searched
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
    use crate::domain::debt::Debt;

    #[test]
    fn a_search_looks_through_name_phone_and_reference() {
        let details = DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "José  Núñez (padre)".to_owned(),
            debts: Debts::default(),
            tags: BTreeSet::new(),
            fields: BTreeMap::new(),
        };
        let owing = |references: Vec<String>| {
            let debt = |reference| Debt { reference: Some(reference), ..Debt::default() };
            DebtorDetails { debts: references.into_iter().map(debt).collect(), ..details.clone() }.searched()
        };
        assert_eq!(owing(vec![]), " jose nunez padre 573001234567 3001234567");
        assert_eq!(
            owing(vec!["CR-1/a".to_owned(), "L2".to_owned()]),
            " jose nunez padre 573001234567 3001234567 cr 1 a l2"
        );
        let many = owing((0..1_000).map(|number| format!("CR{number:08}")).collect());
        assert!(many.len() <= SEARCHED && many.contains(" cr00000150"), "{}", many.len());
    }

    #[test]
    fn the_second_phone_takes_the_place_of_the_first() {
        let mut details = DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "Ana".to_owned(),
            debts: Debts::default(),
            tags: BTreeSet::new(),
            fields: BTreeMap::new(),
        };
        assert!(!details.swap_phones(), "there is none");
        for text in ["call her mother", "+573001234567"] {
            details.fields.insert(SECOND_PHONE.to_owned(), text.to_owned());
            assert!(!details.swap_phones(), "{text}");
        }
        details.fields.insert(SECOND_PHONE.to_owned(), "+57 300 765 4321".to_owned());
        assert!(details.swap_phones());
        assert_eq!((details.phone.as_str(), details.fields[SECOND_PHONE].as_str()), ("+573007654321", "+573001234567"));
    }

    #[test]
    fn a_legal_stop_ends_for_a_reason_only() {
        use DebtorStatus::{
            Active, AttorneyRepresented, CeaseAndDesist, Deceased, Disputed, OptedOut, Paid, WrongNumber,
        };
        for stop in [OptedOut, Disputed, AttorneyRepresented, CeaseAndDesist, Deceased] {
            for &status in DebtorStatus::ALL {
                assert_eq!(stop.needs_reason_for(status), status != stop, "{stop} to {status}");
            }
        }
        for status in [Active, Paid, WrongNumber] {
            assert!(DebtorStatus::ALL.iter().all(|other| !status.needs_reason_for(*other)));
        }
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
