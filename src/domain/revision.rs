//! What an import changed of a debtor who was there before, and how that is taken back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{debtor::DebtorDetails, money::Money};

/// Each value that became another one: as it was, and as it became. The phone is by whom a debtor is known: it never does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Revision {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<(Option<String>, Option<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    debt: Option<(Option<Amount>, Option<Amount>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// Those that were added; an import takes none away.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, (Option<String>, Option<String>)>,
}

/// Minor units and the currency's code.
type Amount = (i64, String);

fn amount(debt: Option<Money>) -> Option<Amount> {
    debt.map(|debt| (debt.minor, debt.currency.as_str().to_owned()))
}

fn money(amount: Option<Amount>) -> Option<Money> {
    amount.and_then(|(minor, currency)| Some(Money { minor, currency: currency.parse().ok()? }))
}

impl Revision {
    /// What was changed between the two.
    pub fn between(before: &DebtorDetails, after: &DebtorDetails) -> Self {
        let names: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
        let field = |name: &String| {
            let change = changed(before.fields.get(name).cloned(), after.fields.get(name).cloned())?;
            Some((name.clone(), change))
        };
        Self {
            name: changed(before.name.clone(), after.name.clone()),
            reference: changed(before.reference.clone(), after.reference.clone()),
            debt: changed(amount(before.debt), amount(after.debt)),
            due_date: changed(before.due_date, after.due_date),
            tags: after.tags.difference(&before.tags).cloned().collect(),
            fields: names.into_iter().filter_map(field).collect(),
        }
    }

    /// The details with the former values in the place of those that are still as they became: what somebody changed since stays.
    #[must_use]
    pub fn undone(self, now: &DebtorDetails) -> DebtorDetails {
        let mut details = now.clone();
        details.name = former(self.name, details.name);
        details.reference = former(self.reference, details.reference);
        details.debt = money(former(self.debt, amount(details.debt)));
        details.due_date = former(self.due_date, details.due_date);
        details.tags.retain(|tag| !self.tags.contains(tag));
        for (name, change) in self.fields {
            let value = details.fields.remove(&name);
            if let Some(value) = former(Some(change), value) {
                details.fields.insert(name, value);
            }
        }
        details
    }
}

fn changed<T: PartialEq>(before: T, after: T) -> Option<(T, T)> {
    (before != after).then_some((before, after))
}

fn former<T: PartialEq>(change: Option<(T, T)>, now: T) -> T {
    match change {
        Some((before, after)) if after == now => before,
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phone::Phone;

    fn details() -> DebtorDetails {
        DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "Ana".to_owned(),
            reference: None,
            debt: Some(Money { minor: 500, currency: "COP".parse().unwrap() }),
            due_date: None,
            tags: ["old".to_owned()].into(),
            fields: [("city".to_owned(), "Cali".to_owned())].into(),
        }
    }

    fn imported() -> DebtorDetails {
        DebtorDetails {
            name: "Ana Ruiz".to_owned(),
            reference: Some("L-1".to_owned()),
            debt: Some(Money { minor: 700, currency: "USD".parse().unwrap() }),
            due_date: NaiveDate::from_ymd_opt(2026, 12, 1),
            tags: ["old".to_owned(), "new".to_owned()].into(),
            fields: [("city".to_owned(), "Bogotá".to_owned()), ("zone".to_owned(), "3".to_owned())].into(),
            ..details()
        }
    }

    /// As the database keeps it.
    fn kept(revision: &Revision) -> Revision {
        serde_json::from_value(serde_json::to_value(revision).unwrap()).unwrap()
    }

    #[test]
    fn former_values_come_back() {
        let revision = Revision::between(&details(), &imported());
        assert_eq!(kept(&revision), revision);
        assert_eq!(revision.undone(&imported()), details());
    }

    #[test]
    fn what_somebody_changed_since_stays() {
        let mut now = imported();
        now.name = "Ana María Ruiz".to_owned();
        now.debt = None;
        now.tags.insert("vip".to_owned());
        now.fields.insert("zone".to_owned(), "4".to_owned());
        let undone = Revision::between(&details(), &imported()).undone(&now);
        assert_eq!((undone.name.as_str(), undone.debt, undone.reference), ("Ana María Ruiz", None, None));
        assert_eq!(undone.tags, ["old".to_owned(), "vip".to_owned()].into());
        let fields = [("city".to_owned(), "Cali".to_owned()), ("zone".to_owned(), "4".to_owned())];
        assert_eq!(undone.fields, fields.into());
    }

    #[test]
    fn what_was_not_changed_is_not_kept() {
        let revision = Revision::between(&details(), &details());
        assert_eq!(serde_json::to_value(&revision).unwrap(), serde_json::json!({}));
        assert_eq!(revision.undone(&imported()), imported());
    }
}
