//! How files of one shape are mapped: kept when an import is confirmed, suggested for the next file with the same headers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Column, CommitPlan, Field, Mapping};
use crate::{
    domain::{duplicates::Duplicates, money::Decimal, text::words},
    store::{ImportProfile, ImportRow},
};

/// What was done with the last file of the same shape, or with this one before it was cut short.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// That file's name.
    pub file_name: String,
    pub used_at: DateTime<Utc>,
    /// Whether it is of this very import, as a person has confirmed it.
    pub confirmed: bool,
    pub plan: CommitPlan,
}

/// A mapping that is kept, for a person to look through.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Tells files of the same headers.
    pub fingerprint: String,
    /// The last file's name.
    pub file_name: String,
    pub used_at: DateTime<Utc>,
    /// The words of each header, and what the column becomes.
    pub columns: Vec<(String, Field, Option<String>)>,
}

/// A column by its header, since the next file may have them in another order: the header's words, and which of those with the same.
type Name = (String, usize);

#[derive(Serialize, Deserialize)]
struct Remembered {
    header: Name,
    field: String,
    variable: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Settings {
    country: String,
    currency: String,
    date_order: String,
    decimal: String,
    tags: BTreeSet<String>,
    update_existing: bool,
    #[serde(default)]
    ask: bool,
    corrections: Vec<String>,
}

fn names(columns: &[Column]) -> Vec<Name> {
    let mut seen = BTreeMap::new();
    let number = |header: String| {
        let nth = seen.entry(header.clone()).and_modify(|nth| *nth += 1).or_insert(0_usize);
        (header, *nth)
    };
    columns.iter().map(|column| words(&column.header)).map(number).collect()
}

/// Tells files of the same headers, in whatever order.
pub(super) fn fingerprint(columns: &[Column]) -> String {
    let mut names = names(columns);
    names.sort_unstable();
    let mut hash = Sha256::new();
    for (header, _) in names {
        hash.update(header);
        hash.update("\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is kept of an import.
pub(super) fn remember(file_name: &str, columns: &[Column], plan: &CommitPlan, now: DateTime<Utc>) -> ImportProfile {
    let of = |index| plan.mapping.iter().find(|mapping| mapping.index == index);
    let mapping = columns.iter().zip(names(columns)).map(|(column, header)| {
        let mapping = of(column.index);
        let field = mapping.map_or(Field::Ignore, |mapping| mapping.field).as_str().to_owned();
        Remembered { header, field, variable: mapping.and_then(|mapping| mapping.variable.clone()) }
    });
    let settings = Settings {
        country: plan.country.as_str().to_owned(),
        currency: plan.currency.as_str().to_owned(),
        date_order: plan.date_order.as_str().to_owned(),
        decimal: match plan.decimal {
            Decimal::Auto => "auto",
            Decimal::Comma => "comma",
            Decimal::Point => "point",
        }
        .to_owned(),
        tags: plan.tags.clone(),
        update_existing: plan.duplicates.update,
        ask: plan.ask,
        corrections: plan.corrections.iter().map(|slip| slip.as_str().to_owned()).collect(),
    };
    ImportProfile {
        fingerprint: fingerprint(columns),
        name: file_name.to_owned(),
        mapping: serde_json::json!(mapping.collect::<Vec<_>>()),
        settings: serde_json::json!(settings),
        last_used_at: now,
    }
}

/// What was kept, for the columns of another file of the shape; none if a later version of this program has kept it.
pub(super) fn suggest(profile: ImportProfile, columns: &[Column]) -> Option<Suggestion> {
    let remembered: Vec<Remembered> = serde_json::from_value(profile.mapping).ok()?;
    let mut known: BTreeMap<Name, (String, Option<String>)> =
        remembered.into_iter().map(|column| (column.header, (column.field, column.variable))).collect();
    let mut mapping = Vec::with_capacity(columns.len());
    for (column, name) in columns.iter().zip(names(columns)) {
        let (field, variable) = known.remove(&name)?;
        mapping.push(Mapping { index: column.index, field: field.parse().ok()?, variable });
    }
    let plan = plan(mapping, profile.settings)?;
    Some(Suggestion { file_name: profile.name, used_at: profile.last_used_at, confirmed: false, plan })
}

/// A plan as its own import keeps it. What was decided of single rows was decided on what they said then, and is not kept.
#[derive(Serialize, Deserialize)]
struct Confirmed {
    mapping: Value,
    settings: Value,
}

/// What an import keeps of the plan that it is confirmed with.
pub(super) fn confirmed(columns: &[Column], plan: &CommitPlan) -> Value {
    let ImportProfile { mapping, settings, .. } = remember("", columns, plan, DateTime::UNIX_EPOCH);
    serde_json::json!(Confirmed { mapping, settings })
}

/// How an import was confirmed before, for the columns of the sheet that is read now; none if they are others.
pub(super) fn again(row: &ImportRow, columns: &[Column]) -> Option<Suggestion> {
    let Confirmed { mapping, settings } = serde_json::from_value(row.plan.clone()?).ok()?;
    let (name, last_used_at) = (row.file_name.clone(), row.updated_at);
    let kept = ImportProfile { fingerprint: fingerprint(columns), name, mapping, settings, last_used_at };
    Some(Suggestion { confirmed: true, ..suggest(kept, columns)? })
}

/// What is kept, to be listed; none if a later version of this program has kept it.
pub(super) fn listed(profile: ImportProfile) -> Option<Profile> {
    let remembered: Vec<Remembered> = serde_json::from_value(profile.mapping).ok()?;
    let column = |column: Remembered| Some((column.header.0, column.field.parse().ok()?, column.variable));
    Some(Profile {
        fingerprint: profile.fingerprint,
        file_name: profile.name,
        used_at: profile.last_used_at,
        columns: remembered.into_iter().map(column).collect::<Option<_>>()?,
    })
}

fn plan(mapping: Vec<Mapping>, settings: Value) -> Option<CommitPlan> {
    let settings: Settings = serde_json::from_value(settings).ok()?;
    Some(CommitPlan {
        mapping,
        country: settings.country.parse().ok()?,
        currency: settings.currency.parse().ok()?,
        date_order: settings.date_order.parse().ok()?,
        decimal: match settings.decimal.as_str() {
            "comma" => Decimal::Comma,
            "point" => Decimal::Point,
            _ => Decimal::Auto,
        },
        tags: settings.tags,
        duplicates: Duplicates::all(settings.update_existing),
        ask: settings.ask,
        corrections: settings.corrections.iter().map(|slip| slip.parse()).collect::<Result<_, _>>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::phone_slip::Slip, import::DateOrder};

    fn columns(headers: &[&str]) -> Vec<Column> {
        let column = |(index, header): (usize, &&str)| Column {
            index,
            header: (*header).to_owned(),
            samples: Vec::new(),
            detected: None,
            confidence: 0,
        };
        headers.iter().enumerate().map(column).collect()
    }

    #[test]
    fn a_mapping_is_suggested_for_the_same_headers_in_whatever_order() {
        let first = columns(&["Nombre", "Celular", "Nota", "Nota"]);
        let fields = [Field::Name, Field::Phone, Field::Custom, Field::Ignore].into_iter().enumerate();
        let variable = |field| (field == Field::Custom).then(|| "nota".to_owned());
        let plan = CommitPlan {
            mapping: fields.map(|(index, field)| Mapping { index, field, variable: variable(field) }).collect(),
            country: "MX".parse().unwrap(),
            currency: "MXN".parse().unwrap(),
            date_order: DateOrder::Mdy,
            decimal: Decimal::Point,
            tags: ["nov".to_owned()].into(),
            duplicates: Duplicates { except: [3].into(), ..Duplicates::all(false) },
            ask: true,
            corrections: [Slip::TrunkPrefix].into(),
        };
        let kept = remember("cobranza.xlsx", &first, &plan, DateTime::UNIX_EPOCH);
        let columns_of: Vec<_> =
            listed(kept.clone()).unwrap().columns.into_iter().map(|(header, field, _)| (header, field)).collect();
        assert_eq!(columns_of[..2], [("nombre".to_owned(), Field::Name), ("celular".to_owned(), Field::Phone)]);
        let second = columns(&["CELULAR", "nombre:", "Nota", "Nota"]);
        assert_eq!(kept.fingerprint, fingerprint(&second));
        let suggestion = suggest(kept.clone(), &second).unwrap();
        let fields: Vec<Field> = suggestion.plan.mapping.iter().map(|mapping| mapping.field).collect();
        assert_eq!(fields, [Field::Phone, Field::Name, Field::Custom, Field::Ignore]);
        let settings = (suggestion.plan.country, suggestion.plan.date_order, suggestion.plan.decimal);
        assert_eq!(settings, (plan.country, DateOrder::Mdy, Decimal::Point));
        assert_eq!((suggestion.plan.corrections, suggestion.plan.tags), (plan.corrections, plan.tags));
        assert_eq!(
            (suggestion.plan.duplicates, suggestion.plan.ask),
            (Duplicates::all(false), true),
            "rows are of one file"
        );
        assert_eq!(suggestion.file_name, "cobranza.xlsx");
        assert_ne!(kept.fingerprint, fingerprint(&columns(&["Nombre", "Celular", "Nota"])));
    }
}
