//! How to read a spreadsheet, as clients say it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    enums::{DateOrder, ImportField, PhoneSlip},
    extract::{Checks, NAME_LIMIT},
    problem::Problem,
};
use crate::{
    domain::{duplicates::Duplicates, money},
    import::{CommitPlan, Mapping},
};

/// Rows that may be decided on one by one.
const EXCEPTIONS: usize = 1_000;

/// What separates the decimals of an amount.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decimal {
    #[default]
    Auto,
    Comma,
    Point,
}

/// How to read the spreadsheet.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CommitIn {
    /// What each column holds; those not named are ignored.
    mapping: Vec<MappingIn>,
    /// ISO 3166 code of the country of phones without a country code.
    #[schema(example = "CO")]
    country: String,
    /// ISO 4217 code of amounts without one.
    #[schema(example = "COP")]
    currency: String,
    date_order: DateOrder,
    #[serde(default)]
    #[schema(required = false)]
    decimal: Decimal,
    /// Added to every row.
    tags: Option<Vec<String>>,
    /// Whether debtors with a known phone get the new details; true if absent. Their status stays as it is in any case.
    update_existing: Option<bool>,
    /// The rows, numbered as in the sheet, for whose debtors the opposite of `update_existing` holds: up to 1000.
    except_rows: Option<Vec<u64>>,
    /// The forecast's `seen_at`, if a person has decided on what it showed: rows of debtors whom somebody has changed since then change
    /// nothing, and the report counts them.
    seen_at: Option<DateTime<Utc>>,
    /// Whether a person decides on rows of known debtors one by one; kept for the next file of the same shape, and else without effect.
    ask: Option<bool>,
    /// The kinds of slips in phones that are corrected as proposed; none if absent.
    corrections: Option<Vec<PhoneSlip>>,
}

/// What one column holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct MappingIn {
    /// From 0.
    index: usize,
    field: ImportField,
    /// The variable's name, for `custom`.
    variable: Option<String>,
}

impl CommitIn {
    /// The plan, if it makes sense on its own; the importer checks it against the file.
    pub(super) fn check(self) -> Result<CommitPlan, Problem> {
        let mut checks = Checks::default();
        let currency = checks.keep("/currency", "invalid_currency", self.currency.parse());
        let country = checks.keep("/country", "invalid", self.country.parse());
        let mut mapping = Vec::with_capacity(self.mapping.len());
        for (row, column) in self.mapping.iter().enumerate() {
            let variable = column.variable.as_deref().map(str::trim).filter(|name| !name.is_empty());
            if matches!(column.field, ImportField::Custom) && variable.is_none() {
                checks.reject(format!("/mapping/{row}/variable"), "required", "");
            }
            mapping.push(Mapping {
                index: column.index,
                field: column.field.into(),
                variable: variable.map(str::to_owned),
            });
        }
        let tags: BTreeSet<_> = self.tags.unwrap_or_default().iter().map(|tag| tag.trim().to_lowercase()).collect();
        if tags.iter().any(|tag| tag.is_empty() || tag.chars().count() > NAME_LIMIT) {
            checks.reject("/tags", "invalid", "");
        }
        let except: BTreeSet<u64> = self.except_rows.unwrap_or_default().into_iter().collect();
        if except.len() > EXCEPTIONS {
            checks.reject("/except_rows", "out_of_range", format!("0–{EXCEPTIONS}"));
        }
        let (Some(currency), Some(country)) = (currency, country) else {
            return Err(checks.into_problem());
        };
        checks.finish()?;
        Ok(CommitPlan {
            mapping,
            country,
            currency,
            date_order: self.date_order.into(),
            decimal: self.decimal.into(),
            tags,
            duplicates: Duplicates { update: self.update_existing.unwrap_or(true), except, seen_at: self.seen_at },
            ask: self.ask.unwrap_or_default(),
            corrections: self.corrections.unwrap_or_default().into_iter().map(Into::into).collect(),
        })
    }
}

impl From<Decimal> for money::Decimal {
    fn from(decimal: Decimal) -> Self {
        match decimal {
            Decimal::Auto => Self::Auto,
            Decimal::Comma => Self::Comma,
            Decimal::Point => Self::Point,
        }
    }
}

impl From<money::Decimal> for Decimal {
    fn from(decimal: money::Decimal) -> Self {
        match decimal {
            money::Decimal::Auto => Self::Auto,
            money::Decimal::Comma => Self::Comma,
            money::Decimal::Point => Self::Point,
        }
    }
}

impl From<CommitPlan> for CommitIn {
    fn from(plan: CommitPlan) -> Self {
        let mapping = |Mapping { index, field, variable }| MappingIn { index, field: field.into(), variable };
        Self {
            mapping: plan.mapping.into_iter().map(mapping).collect(),
            country: plan.country.as_str().to_owned(),
            currency: plan.currency.as_str().to_owned(),
            date_order: plan.date_order.into(),
            decimal: plan.decimal.into(),
            tags: Some(plan.tags.into_iter().collect()),
            update_existing: Some(plan.duplicates.update),
            except_rows: Some(plan.duplicates.except.into_iter().collect()),
            seen_at: plan.duplicates.seen_at,
            ask: Some(plan.ask),
            corrections: Some(plan.corrections.into_iter().map(Into::into).collect()),
        }
    }
}
