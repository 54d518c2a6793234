//! What an import changed of a debtor who was there before, and how that is taken back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    debt::{Debt, Debts},
    debtor::DebtorDetails,
    money::{Currency, Money},
    text_enum,
};

/// Each value that became another one: as it was, and as it became. The phone is by whom a debtor is known: it never does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Revision {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<(String, String)>,
    /// None before those that were added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    debts: Vec<(Option<Owed>, Option<Owed>)>,
    /// Those that were added; an import takes none away.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, (Option<String>, Option<String>)>,
}

/// A debt as it is kept: its reference, minor units and the currency's code, and the day on which it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owed(Option<String>, Option<(i64, String)>, Option<NaiveDate>);

impl From<&Debt> for Owed {
    fn from(debt: &Debt) -> Self {
        let amount = debt.amount.map(|amount| (amount.minor, amount.currency.as_str().to_owned()));
        Self(debt.reference.clone(), amount, debt.due_date)
    }
}

impl From<Owed> for Debt {
    fn from(Owed(reference, amount, due_date): Owed) -> Self {
        let money =
            |(minor, currency): (i64, String)| Some(Money { minor, currency: Currency::stored(&currency).ok()? });
        Self { reference, amount: amount.and_then(money), due_date }
    }
}

text_enum! {
    /// What one value is of.
    pub enum Changed {
        Name = "name",
        Reference = "reference",
        Amount = "amount",
        DueDate = "due_date",
        Tags = "tags",
        Custom = "custom",
    }
}

/// One value that became another, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub what: Changed,
    /// The variable, for [`Changed::Custom`]; of a debt its reference, if it has one.
    pub of: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// A value, as it was or as it became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Money(Money),
    Day(NaiveDate),
}

impl Revision {
    /// Each value that became another.
    pub fn changes(&self) -> Vec<Change> {
        let text = |text: &String| Value::Text(text.clone());
        let mut changes = Vec::new();
        let mut tell = |what, of: Option<&String>, before: Option<Value>, after: Option<Value>| {
            if before != after {
                changes.push(Change { what, of: of.cloned(), before, after });
            }
        };
        if let Some((before, after)) = &self.name {
            tell(Changed::Name, None, Some(text(before)), Some(text(after)));
        }
        for (before, after) in &self.debts {
            let debts = [before, after].map(|owed| owed.clone().map(Debt::from).unwrap_or_default());
            let [before, after] = &debts;
            let of = before.reference.as_ref().or(after.reference.as_ref());
            let money = |debt: &Debt| debt.amount.map(Value::Money);
            let day = |debt: &Debt| debt.due_date.map(Value::Day);
            tell(Changed::Reference, None, before.reference.as_ref().map(text), after.reference.as_ref().map(text));
            tell(Changed::Amount, of, money(before), money(after));
            tell(Changed::DueDate, of, day(before), day(after));
        }
        if !self.tags.is_empty() {
            let added = self.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            tell(Changed::Tags, None, None, Some(Value::Text(added)));
        }
        for (name, (before, after)) in &self.fields {
            tell(Changed::Custom, Some(name), before.as_ref().map(text), after.as_ref().map(text));
        }
        changes
    }

    /// What was changed between the two.
    pub fn between(before: &DebtorDetails, after: &DebtorDetails) -> Self {
        let names: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
        let field = |name: &String| {
            let change = changed(before.fields.get(name).cloned(), after.fields.get(name).cloned())?;
            Some((name.clone(), change))
        };
        Self {
            name: changed(before.name.clone(), after.name.clone()),
            debts: (before.debts.changes(&after.debts).into_iter())
                .map(|(before, after)| (before.map(Owed::from), after.map(Owed::from)))
                .collect(),
            tags: after.tags.difference(&before.tags).cloned().collect(),
            fields: names.into_iter().filter_map(field).collect(),
        }
    }

    /// The details with the former values in the place of those that are still as they became: what somebody changed since stays.
    #[must_use]
    pub fn undone(self, now: &DebtorDetails) -> DebtorDetails {
        let mut details = now.clone();
        details.name = former(self.name, details.name);
        for (before, after) in self.debts {
            undo(&mut details.debts, before.map(Debt::from), after.map(Debt::from));
        }
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

/// Takes back what one debt became.
fn undo(debts: &mut Debts, before: Option<Debt>, after: Option<Debt>) {
    let is_there = |debts: &Debts, debt: &Debt| debts.find(debt.reference.as_deref()).is_some();
    match (before, after) {
        (None, None) => {}
        (Some(before), None) => {
            if !is_there(debts, &before) {
                debts.set(before);
            }
        }
        (None, Some(after)) => {
            // What somebody has changed since is theirs by now.
            if debts.find(after.reference.as_deref()) == Some(&after) {
                debts.remove(after.reference.as_deref());
            }
        }
        (Some(before), Some(after)) => {
            let Some(now) = debts.remove(after.reference.as_deref()) else { return };
            let reference = if is_there(debts, &before) { now.reference } else { before.reference };
            debts.set(Debt {
                reference,
                amount: former(Some((before.amount, after.amount)), now.amount),
                due_date: former(Some((before.due_date, after.due_date)), now.due_date),
            });
        }
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

    fn debt(reference: Option<&str>, minor: i64, currency: &str) -> Debt {
        let amount = Some(Money { minor, currency: currency.parse().unwrap() });
        Debt { reference: reference.map(str::to_owned), amount, due_date: None }
    }

    fn details() -> DebtorDetails {
        DebtorDetails {
            phone: Phone::from_e164("573001234567").unwrap(),
            name: "Ana".to_owned(),
            debts: debt(None, 500, "COP").into(),
            tags: ["old".to_owned()].into(),
            fields: [("city".to_owned(), "Cali".to_owned())].into(),
        }
    }

    fn imported() -> DebtorDetails {
        DebtorDetails {
            name: "Ana Ruiz".to_owned(),
            debts: Debt { due_date: NaiveDate::from_ymd_opt(2026, 12, 1), ..debt(Some("L-1"), 700, "USD") }.into(),
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
    fn each_value_is_told_as_it_was_and_as_it_became() {
        let changes = Revision::between(&details(), &imported()).changes();
        let text = |value: &Option<Value>| match value {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Money(money)) => format!("{} {}", money.currency.as_str(), money.minor),
            Some(Value::Day(day)) => day.to_string(),
            None => "-".to_owned(),
        };
        let told: Vec<String> = (changes.iter())
            .map(|change| {
                let of = change.of.as_deref().unwrap_or_default();
                format!("{} {of}: {} → {}", change.what, text(&change.before), text(&change.after))
            })
            .collect();
        assert_eq!(
            told,
            [
                "name : Ana → Ana Ruiz",
                "reference : - → L-1",
                "amount L-1: COP 500 → USD 700",
                "due_date L-1: - → 2026-12-01",
                "tags : - → new",
                "custom city: Cali → Bogotá",
                "custom zone: - → 3",
            ]
        );
    }

    #[test]
    fn what_somebody_changed_since_stays() {
        let mut now = imported();
        now.name = "Ana María Ruiz".to_owned();
        let own = Debt { due_date: NaiveDate::from_ymd_opt(2026, 12, 1), ..debt(Some("L-1"), 900, "USD") };
        now.debts.set(own);
        now.tags.insert("vip".to_owned());
        now.fields.insert("zone".to_owned(), "4".to_owned());
        let undone = Revision::between(&details(), &imported()).undone(&now);
        assert_eq!((undone.name.as_str(), undone.debts), ("Ana María Ruiz", debt(None, 900, "USD").into()));
        assert_eq!(undone.tags, ["old".to_owned(), "vip".to_owned()].into());
        let fields = [("city".to_owned(), "Cali".to_owned()), ("zone".to_owned(), "4".to_owned())];
        assert_eq!(undone.fields, fields.into());
    }

    #[test]
    fn debts_that_were_added_go_unless_somebody_changed_them_since() {
        let mut after = details();
        after.debts.set(debt(Some("L-2"), 1, "COP"));
        after.debts.set(debt(Some("L-3"), 2, "COP"));
        let revision = Revision::between(&details(), &after);
        assert_eq!(kept(&revision).undone(&after), details());
        after.debts.set(debt(Some("L-3"), 3, "COP"));
        after.debts.set(debt(Some("L-4"), 4, "COP"));
        let left: Debts =
            [debt(None, 500, "COP"), debt(Some("L-3"), 3, "COP"), debt(Some("L-4"), 4, "COP")].into_iter().collect();
        assert_eq!(revision.undone(&after).debts, left);
    }

    #[test]
    fn a_debt_that_somebody_took_away_since_stays_away() {
        let mut now = imported();
        now.debts.remove(Some("L-1"));
        assert_eq!(Revision::between(&details(), &imported()).undone(&now).debts, Debts::default());
    }

    #[test]
    fn what_was_not_changed_is_not_kept() {
        let revision = Revision::between(&details(), &details());
        assert_eq!(serde_json::to_value(&revision).unwrap(), serde_json::json!({}));
        assert_eq!(revision.undone(&imported()), imported());
    }
}
